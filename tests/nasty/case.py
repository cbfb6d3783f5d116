"""One nasty file: how it is built, and what a careful clerk would make of it. Functions that spoil a tidy form."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from workbooks import SHEET, assessment, form_sheet, saved, with_part

from analytics.records import Outcome

TIDY = "5 3.5 6 4"
Row = list[Any]


@dataclass(frozen=True)
class Case:
    """``says``: every problem as ``code CELL``, or ``code`` alone when it is about the whole file, and nothing else.

    ``marks``: what was read, item by item, ``?`` for undecided. ``seen``: for other forms every observation, as
    ``unit what(rule) value``, and every decision by its id. ``reason``: the text that must have been kept for the
    second item. ``note`` says why, where another outcome could be defended.
    """

    name: str
    build: Callable[[], Workbook | bytes]
    outcome: Outcome
    says: tuple[str, ...] = ()
    marks: str = ""
    unit: str = "ST04"
    seen: tuple[str, ...] | None = None
    file: str = "自评表.xlsx"
    reason: str | None = None
    note: str = ""


def accepted(name: str, build: Callable[[], Workbook | bytes], *says: str, **more: Any) -> Case:
    """A self-assessment that counts: with every mark of the tidy form unless ``marks`` says otherwise."""
    outcome: Outcome = "accepted_with_warning" if says else "accepted"
    return Case(name, build, outcome, says, more.pop("marks", TIDY), **more)


def rejected(name: str, build: Callable[[], Workbook | bytes], *says: str, **more: Any) -> Case:
    """A file that leaves nothing behind but its problems."""
    return Case(name, build, "rejected", says, **more)


def mark(value: object, address: str = "F7") -> Workbook:
    """The tidy form with another second mark, typed as a person would type it."""
    book = assessment()
    form_sheet(book)[address] = value
    return book


def as_text(value: str, address: str = "F7") -> Workbook:
    """The same, as text whatever it looks like."""
    book = assessment()
    cell = form_sheet(book)[address]
    cell.value, cell.data_type = value, "s"
    return book


def dressed(value: object, change: Callable[[Cell], None], address: str = "F7") -> Workbook:
    """The same, with something done to the cell's look."""
    book = mark(value, address)
    change(form_sheet(book)[address])
    return book


def shown_by(value: object, number_format: str) -> Workbook:
    """The second mark under a number format."""

    def change(cell: Cell) -> None:
        cell.number_format = number_format

    return dressed(value, change)


def with_xml(xml: str, address: str = "F7", book: Workbook | None = None) -> bytes:
    """The form as a file, with the raw XML of one cell in place of its own."""
    own = re.compile(rf'<c r="{address}"[^>]*?(/>|>.*?</c>)'.encode(), re.DOTALL)
    data = saved(book or assessment())
    return with_part(data, SHEET, lambda sheet: own.sub(lambda _: xml.encode(), sheet, count=1))


def calculated(formula: str, value: str, kind: str = "n", address: str = "F7") -> bytes:
    """A formula in the cell, with the value that some program worked out for it."""
    return with_xml(f'<c r="{address}" t="{kind}"><f>{formula}</f><v>{value}</v></c>', address)


def rows_of(book: Workbook | None = None) -> list[Row]:
    """The values of a form, row by row: what a person would retype."""
    return [list(row) for row in form_sheet(book or assessment()).iter_rows(values_only=True)]


def retyped(rows: Sequence[Sequence[Any]], *, down: int = 0, right: int = 0) -> Workbook:
    """A workbook with these values; a long line that stands alone is merged over the table's width."""
    book = Workbook()
    sheet = form_sheet(book)
    sheet.title = "自评表"
    width = max(len(row) for row in rows)
    for number, row in enumerate(rows, start=1 + down):
        for column, value in enumerate(row, start=1 + right):
            if value not in (None, ""):
                sheet.cell(number, column, value)
        filled = [value for value in row if value not in (None, "")]
        if len(filled) == 1 and filled[0] == row[0] and len(str(row[0])) > 6:
            sheet.merge_cells(start_row=number, end_row=number, start_column=1 + right, end_column=width + right)
    return book
