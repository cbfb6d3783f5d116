"""A table as a CSV file that Excel opens as it is: UTF-8 with its mark, and no cell that is taken for a formula."""

from __future__ import annotations

import csv
import datetime
import io
from decimal import Decimal

from analytics.documents.render import printable
from analytics.documents.workbooks import Sheet, Value

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # a Chinese Excel takes the wide ones too


def render_csv(sheet: Sheet, marking: str = "", heading: str = "") -> bytes:
    """One header line and the rows; ``marking`` (合成示例数据) fills a last column under ``heading``.

    Title and note are left out: a program that reads the file expects its header first. An empty value is an empty
    field. The same bytes for the same sheet.
    """
    kept, extra = printable(sheet), ([heading], [marking]) if marking else ([], [])
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([*(_field(column.heading) for column in kept.columns), *extra[0]])
    writer.writerows([*map(_field, row), *extra[1]] for row in kept.rows)
    return stream.getvalue().encode("utf-8-sig")


def _field(value: Value) -> str:
    """The value as text; a text that a spreadsheet would compute gets an apostrophe before it."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}"
        case datetime.date():
            return value.isoformat()
        case int():
            return str(value)
        case _:
            inert = value.replace("\n", " ")
            return f"'{inert}" if inert.lstrip().startswith(_FORMULA) or inert.startswith(_FORMULA) else inert
