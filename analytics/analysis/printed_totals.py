"""How the totals of a class are printed side by side: never alike where their ranks differ."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from analytics.policy import Policy

MOST_PLACES = 24  # a total that never ends is kept to fewer


def told_apart(totals: Mapping[str, Decimal], policy: Policy) -> dict[str, Decimal]:
    """Each total of a class as it is printed beside the others: as ``Policy.shown`` says, with as many decimals more as
    it takes to tell it from another one that is not the same (94.308 and 94.310). Equal totals stay alike: a tie.
    """
    shown = {name: policy.shown(total) for name, total in totals.items()}
    apart = {}
    for name, total in totals.items():
        near = [t for other, t in totals.items() if t != total and shown_alike(shown[name], shown[other])]
        apart[name] = _apart(total, near, _places(shown[name]), policy) if near else shown[name]
    return apart


def shown_alike(one: Decimal, other: Decimal) -> bool:
    """Whether two printed totals read alike, the one perhaps with more decimals than the other."""
    step = Decimal(1).scaleb(-min(_places(one), _places(other)))
    return one.quantize(step, ROUND_HALF_UP) == other.quantize(step, ROUND_HALF_UP)


def _apart(total: Decimal, near: list[Decimal], places: int, policy: Policy) -> Decimal:
    grade = policy.grade(total)
    for more in range(places + 1, MOST_PLACES):
        step = Decimal(1).scaleb(-more)
        rounded = total.quantize(step, ROUND_HALF_UP)
        if policy.grade(rounded) == grade and all(rounded != other.quantize(step, ROUND_HALF_UP) for other in near):
            return rounded
    return total


def _places(shown: Decimal) -> int:
    exponent = shown.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
