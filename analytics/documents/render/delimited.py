"""How a table looks as CSV: UTF-8 with a byte order mark, as Excel wants it, and no text that Excel would run."""

from __future__ import annotations

import csv
import datetime
import io
from decimal import Decimal

from analytics.documents.render import printable
from analytics.documents.workbooks import Sheet, Value

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # the wide ones too: a Chinese Excel takes them for the narrow


def render_csv(sheet: Sheet, marking: str = "", heading: str = "") -> bytes:
    """One header line and the rows; ``marking`` (合成示例数据) fills a last column under ``heading``.

    Title and note are left out: a program that reads the file expects its header first. A text that a spreadsheet
    would take for a formula gets an apostrophe in front, the one way that survives in CSV.
    """
    sheet, extra = printable(sheet), ([heading], [marking]) if marking else ([], [])
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*(column.heading for column in sheet.columns), *extra[0]])
    writer.writerows([*map(_text, row), *extra[1]] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def _text(value: Value) -> str:
    if isinstance(value, str):
        inert = value.replace("\n", " ")
        return f"'{inert}" if inert.lstrip().startswith(_FORMULA) else inert
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
