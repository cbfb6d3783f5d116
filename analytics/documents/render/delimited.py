"""A table as a CSV file that Excel opens as it is: UTF-8 with its mark, and no cell that is taken for a formula."""

from __future__ import annotations

import csv
import datetime
import io
from decimal import Decimal

from analytics.documents.render import printable
from analytics.documents.workbooks import Sheet, Value

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def render_csv(sheet: Sheet) -> bytes:
    """Headings and rows; an empty value is an empty field. The same bytes for the same sheet."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    kept = printable(sheet)
    writer.writerow(_field(column.heading) for column in kept.columns)
    writer.writerows(map(_field, row) for row in kept.rows)
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
            return f"'{value}" if value.lstrip().startswith(_FORMULA) or value.startswith(_FORMULA) else value
