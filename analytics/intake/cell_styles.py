"""What a cell's style makes of the number in it: a plain number, a percentage, a date, or one that is crossed out."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from analytics.intake.cells import CellKind, shortest
from analytics.intake.xml_parts import Attributes, is_true, parse

Shown = Literal["plain", "percent", "date"]


@dataclass(frozen=True, slots=True)
class Style:
    shown: Shown = "plain"
    struck: bool = False


_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # ECMA-376 18.8.30, with the Chinese
_PERCENT_FORMATS = {9, 10}
_YEAR_10000 = 2_957_003  # counted from 1904
_NOT_CODE = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def read_styles(parts: Mapping[str, bytes], names: list[str]) -> list[Style]:
    """What each cell style does to a number, by the style's index."""
    formats: dict[int, str] = {}
    struck: list[bool] = []
    styles: list[Style] = []
    inside = ""

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal inside
        if tag in ("fonts", "cellXfs", "numFmts", "cellStyleXfs", "dxfs", "fills", "borders"):
            inside = tag
        elif inside == "numFmts" and tag == "numFmt":
            formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif inside == "fonts" and tag == "font":
            struck.append(False)
        elif inside == "fonts" and tag == "strike" and struck:
            struck[-1] = is_true(attributes.get("val", "1"))
        elif inside == "cellXfs" and tag == "xf":
            number_format, font = int(attributes.get("numFmtId", "0")), int(attributes.get("fontId", "0"))
            crossed = font < len(struck) and struck[font]
            styles.append(Style(_shown(number_format, formats.get(number_format)), crossed))

    for name in names:
        parse(parts[name], start, lambda tag: None, lambda text: None)
    return styles


def _shown(number_format: int, code: str | None) -> Shown:
    if code is None:
        if number_format in _DATE_FORMATS:
            return "date"
        return "percent" if number_format in _PERCENT_FORMATS else "plain"
    letters = _NOT_CODE.sub("", code)
    if re.search(r"[ymdhs]", letters, re.IGNORECASE):
        return "date"
    return "percent" if "%" in letters else "plain"


def number(value: float, shown: Shown, since_1904: bool) -> tuple[CellKind, str]:
    """Kind and text of a stored number under its format; a date is stored as days since the start of 1900 or 1904."""
    if not math.isfinite(value):
        return CellKind.ERROR, str(value)
    if shown == "percent":
        return CellKind.PERCENT, shortest(float(f"{value * 100:.15g}")) + "%"
    if shown == "date":
        # Excel shows ##### for days before its first and after the year 9999.
        return _moment(value, since_1904) if 0 <= value < _YEAR_10000 else (CellKind.ERROR, shortest(value))
    return CellKind.NUMBER, shortest(value)


def _moment(days: float, since_1904: bool) -> tuple[CellKind, str]:
    if days < 1 and not since_1904:
        moment = datetime.datetime.min + datetime.timedelta(seconds=round(days * 86_400))
        return CellKind.TIME, moment.time().isoformat()
    # Excel believes that 1900 had a 29 February, so the count is one ahead from March on.
    start = datetime.datetime(1904, 1, 1) if since_1904 else datetime.datetime(1899, 12, 30 if days >= 60 else 31)
    moment = start + datetime.timedelta(seconds=round(days * 86_400))
    return CellKind.DATE, moment.date().isoformat() if moment.time() == datetime.time() else moment.isoformat()
