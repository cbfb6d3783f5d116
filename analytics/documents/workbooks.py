"""What a workbook says, before it is drawn: frozen sheets of typed columns and rows."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Value = str | int | Decimal | datetime.date | None
Kind = Literal["text", "points", "change", "whole", "percent", "date"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``width`` is in characters of the body font, a Chinese character counting two.

    ``points`` have two decimals, or as many as the value needs; ``change`` has its sign; ``percent`` is a share of 1.
    """

    heading: str
    width: float
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A titled table; None is an empty cell. The first ``kept`` columns stay in view when it is scrolled sideways."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook. ``banner`` stands over every sheet and on every printed page (合成示例数据, 示范细则)."""

    title: str
    banner: str
    sheets: tuple[Sheet, ...]
