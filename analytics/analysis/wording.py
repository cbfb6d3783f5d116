"""How numbers and names are said in Chinese sentences computed from data."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


class Sentence(str):
    """Text computed from the data; a notebook shows it as a paragraph.

    >>> Sentence(f"共扣{amount(12.50)}分。")
    '共扣12.5分。'
    """

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)


def points(value: float | Decimal) -> str:
    """A score with two decimals, rounded half up on the decimal number, not on its binary neighbour: 94.305 → 94.31."""
    return str(_rounded(value, "0.01"))


def amount(value: float | Decimal) -> str:
    """Points as they are spoken, at most two decimals and no idle zeros: 5, 0.5, 12.25.

    >>> amount(0.125), amount(5.0)
    ('0.13', '5')
    """
    text = format(_rounded(value, "0.01"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(value: Decimal, least: int = 0) -> str:
    """Points to four decimals (no rubric has finer ones), without idle zeros after ``least``: 5, 0.125, 0.3333.

    >>> exact(Decimal("0.5")), exact(Decimal("99.5"), 2)
    ('0.5', '99.50')
    """
    whole, _, part = format(_rounded(value, "0.0001"), "f").partition(".")
    part = part.rstrip("0").ljust(least, "0")
    text = f"{whole}.{part}" if part else whole
    return text.removeprefix("-") if not text.strip("-0.") else text


def percent(rate: float | Decimal) -> str:
    """A score rate with one decimal: 0.9346 → 93.5%."""
    size = _rounded(_exact(rate) * 100, "0.1")
    return f"{abs(size) if size == 0 else size}%"


def moved(change: float | Decimal, unit: str = "分") -> str:
    """A change in words: 上升1.20分, 下降0.35分, 持平."""
    size = _rounded(change, "0.01")
    if size == 0:
        return "持平"
    return f"{'上升' if size > 0 else '下降'}{abs(size)}{unit}"


def signed(change: float | Decimal) -> str:
    """A change with its sign and two decimals: +1.20, -0.35, 0.00."""
    size = _rounded(change, "0.01")
    return f"+{size}" if size > 0 else str(abs(size) if size == 0 else size)


def difference(after: float | Decimal, before: float | Decimal) -> Decimal:
    """The difference of two scores as they are printed, so that a reader who subtracts gets the same."""
    return _rounded(after, "0.01") - _rounded(before, "0.01")


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names in a row, the rest counted: 甲、乙、丙等5个. An empty row is 无."""
    if not names:
        return "无"
    shown = "、".join(names[:most])
    return shown if len(names) <= most else f"{shown}等{len(names)}个"


def shortened(text: str, most: int) -> str:
    """``text`` cut to ``most`` characters, the last one an ellipsis when something is missing."""
    return text if len(text) <= most else text[: most - 1] + "…"


def item_label(number: str, text: str, most: int = 14) -> str:
    """An item by its printed number and the start of its text: units with other duties may share the number."""
    return f"第{number}项“{shortened(text, most)}”"


def _exact(value: float | Decimal) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(float(value)))


def _rounded(value: float | Decimal, step: str) -> Decimal:
    return _exact(value).quantize(Decimal(step), ROUND_HALF_UP)
