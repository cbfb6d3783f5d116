"""The office's own register of reviews: a 裁定登记表 that ``review`` adds rows to and anybody may open in Excel."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from analytics.documents.blank_forms import decisions_form
from analytics.documents.form_layout import Value, workbook_bytes
from analytics.intake.headings import Headings
from analytics.problems import Problem, Refused
from analytics.units import UnitRegistry

OFFICE = "复核登记"  # told apart from the register in the inbox, beside which it counts


def with_row(
    register: bytes | None, row: Mapping[str, Value], registry: UnitRegistry, kinds: Sequence[str], headings: Headings
) -> bytes:
    """The register with one row more, under the rows it has; a new one when there is none yet.

    ``row``: our column name → value. Refused when the register's headings are not the year's (somebody changed it).
    """
    if register is None:
        book = decisions_form(registry, kinds, headings)
        sheet = book[headings.sheet]
        _label(sheet).value = OFFICE
    else:
        book = openpyxl.load_workbook(io.BytesIO(register))
        sheet = book.worksheets[0]
    columns, header = _columns(sheet, headings)
    line = header + 1
    while any(sheet.cell(line, column).value not in (None, "") for column in columns.values()):
        line += 1
    for name, value in row.items():
        cell = sheet.cell(line, columns[name])
        cell.value = value
        cell.data_type = "s" if isinstance(value, str) else cell.data_type  # a text that begins with = stays a text
    return workbook_bytes(book)


def _label(sheet: Worksheet) -> openpyxl.cell.Cell:
    """The cell beside 登记部门."""
    for cell in sheet[2]:
        if cell.value not in (None, ""):
            return sheet.cell(2, cell.column + 1)
    raise KeyError("登记部门")


def _columns(sheet: Worksheet, headings: Headings) -> tuple[dict[str, int], int]:
    """Our column name → its number on the sheet, and the number of the header row."""
    wanted = set(headings.columns.values())
    for row in sheet.iter_rows(max_row=20):
        found = {str(cell.value): cell.column for cell in row if cell.value is not None}
        if wanted <= found.keys():
            return {name: found[heading] for name, heading in headings.columns.items()}, row[0].row
    facts = {"expected": "、".join(headings.columns.values())}
    raise Refused([Problem("review-register-unreadable", "stop", file=headings.title, facts=facts)])
