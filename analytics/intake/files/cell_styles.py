"""What a cell's style makes of the number in it: a plain number, a percentage, a date, or one that is crossed out."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from analytics.intake.cells import CellKind, shortest
from analytics.intake.files.xml_parts import Attributes, is_true, parse

Shown = Literal["plain", "percent", "date"]


@dataclass(frozen=True, slots=True)
class Style:
    shown: Shown = "plain"
    struck: bool = False
    code: str = ""
    unseen: bool = False


_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # ECMA-376 18.8.30, with the Chinese
_PERCENT_FORMATS = {9, 10}
_COMMON = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 14: "yyyy-mm-dd", 49: "@"}
_WHITE, _BLACK = "FFFFFF", "000000"
_LONGEST_CODE = 255  # that Excel takes
_YEAR_10000 = 2_957_003  # counted from 1904
_NOT_CODE = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def read_styles(parts: Mapping[str, bytes], names: list[str]) -> list[Style]:
    """What each cell style does to a number, by the style's index."""
    formats: dict[int, str] = {}
    struck: list[bool] = []
    letters: list[str] = []
    grounds: list[str] = []
    styles: list[Style] = []
    inside = ""

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal inside
        if tag in ("fonts", "cellXfs", "numFmts", "cellStyleXfs", "dxfs", "fills", "borders"):
            inside = tag
        elif inside == "numFmts" and tag == "numFmt":
            formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")[:_LONGEST_CODE]
        elif inside == "fonts" and tag == "font":
            struck.append(False)
            letters.append(_BLACK)
        elif inside == "fonts" and tag == "strike" and struck:
            struck[-1] = is_true(attributes.get("val", "1"))
        elif inside == "fonts" and tag == "color" and letters:
            letters[-1] = _colour(attributes)
        elif inside == "fills" and tag == "fill":
            grounds.append(_WHITE)
        elif inside == "fills" and tag == "fgColor" and grounds:
            grounds[-1] = _colour(attributes)
        elif inside == "cellXfs" and tag == "xf":
            number_format, font = int(attributes.get("numFmtId", "0")), int(attributes.get("fontId", "0"))
            crossed = font < len(struck) and struck[font]
            code, fill = formats.get(number_format), int(attributes.get("fillId", "0"))
            ground = grounds[fill] if fill < len(grounds) else _WHITE
            unseen = font < len(letters) and letters[font] == ground
            styles.append(Style(shown_as(number_format, code), crossed, code or _COMMON.get(number_format, ""), unseen))

    for name in names:
        parse(parts[name], start, lambda tag: None, lambda text: None)
    return styles


def _colour(attributes: Attributes) -> str:
    """A colour as six hexadecimal digits where the file or every program's own list says which it is."""
    if "rgb" in attributes:
        return attributes["rgb"][-6:].upper()
    if "theme" in attributes:
        known = {} if "tint" in attributes else {"0": _WHITE, "1": _BLACK}
        return known.get(attributes["theme"], f"theme {attributes}")
    return {"0": _BLACK, "1": _WHITE, "8": _BLACK, "9": _WHITE, "64": _BLACK, "65": _WHITE}.get(
        attributes.get("indexed", "64"), f"other {attributes}"
    )


def shown_as(number_format: int, code: str | None) -> Shown:
    """What the format with that number makes of a number; ``code`` is its own code, when the file gives one."""
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
