"""How the totals of a class are printed side by side: never alike where their ranks differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal

MOST_PLACES = 24  # a total that never ends is kept to fewer


def told_apart(
    totals: Mapping[str, Decimal], printed: Callable[[Decimal], Decimal], grade: Callable[[Decimal], str]
) -> dict[str, Decimal]:
    """Each total of a class as it is printed beside the others: as ``printed`` says, with as many decimals more as it
    takes to tell it from another one that is not the same, without showing another ``grade``.

    Equal totals stay alike, so that a tie can be seen.

    >>> two = {"甲": Decimal("94.308"), "乙": Decimal("94.31")}
    >>> told_apart(two, lambda total: round(total, 2), lambda total: "优秀")
    {'甲': Decimal('94.308'), '乙': Decimal('94.310')}
    """
    shown = {name: printed(total) for name, total in totals.items()}
    apart = {}
    for name, total in totals.items():
        near = [t for other, t in totals.items() if t != total and shown_alike(shown[name], shown[other])]
        apart[name] = _apart(total, near, _places(shown[name]), grade) if near else shown[name]
    return apart


def shown_alike(one: Decimal, other: Decimal) -> bool:
    """Whether two printed totals read alike, the one perhaps with more decimals than the other."""
    step = Decimal(1).scaleb(-min(_places(one), _places(other)))
    return one.quantize(step, ROUND_HALF_UP) == other.quantize(step, ROUND_HALF_UP)


def _apart(total: Decimal, near: list[Decimal], places: int, grade: Callable[[Decimal], str]) -> Decimal:
    for more in range(places + 1, MOST_PLACES):
        step = Decimal(1).scaleb(-more)
        rounded = total.quantize(step, ROUND_HALF_UP)
        if grade(rounded) == grade(total) and all(rounded != other.quantize(step, ROUND_HALF_UP) for other in near):
            return rounded
    return total


def _places(shown: Decimal) -> int:
    exponent = shown.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
