"""How a workbook looks: one table a sheet, header in view, fit for printing. Text is never a formula."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analytics.documents.form_layout import fit_rows, workbook_bytes
from analytics.documents.render import printable
from analytics.documents.workbooks import Book, Column, Kind, Sheet, Value

_TITLE = Font(name="黑体", size=14)
_BANNER = Font(name="黑体", size=10, color="FF9C0006")
_NOTE = Font(name="宋体", size=9, color="FF595959")
_HEAD = Font(name="黑体", size=10)
_BODY = Font(name="宋体", size=10)
_LINE = Side(style="thin", color="FFBFBFBF")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_SHADED = PatternFill("solid", fgColor="FFEDEDED")
_FORMATS: dict[Kind, str] = {
    "text": "@", "points": "0.00", "change": "+0.00;-0.00;0.00", "whole": "0", "percent": "0.0%", "date": "yyyy-mm-dd",
}  # fmt: skip
_MOST_CHARACTERS = 32767  # Excel's limit for one cell
_HEADER_ROW = 4
_ENDLESS = 12  # more decimals than any printed total needs
_NO_CLOCK = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def render_xlsx(book: Book) -> bytes:
    """The workbook as .xlsx, the same bytes for the same book: no author, no clock, no hidden sheet."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for sheet in printable(book).sheets:
        _draw(workbook.create_sheet(sheet.name), sheet, book.banner)
    properties = workbook.properties
    properties.title, properties.creator, properties.lastModifiedBy = book.title, None, None
    properties.created = properties.modified = _NO_CLOCK
    return workbook_bytes(workbook)


def _draw(page: Worksheet, sheet: Sheet, banner: str) -> None:
    last = len(sheet.columns)
    for row, (text, font) in enumerate([(sheet.title, _TITLE), (banner, _BANNER), (sheet.note, _NOTE)], start=1):
        cell = _put(page, row, 1, text or None, font)
        cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True)
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=last)
    for place, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(place)].width = column.width
        cell = _put(page, _HEADER_ROW, place, column.heading, _HEAD)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.fill, cell.border = _SHADED, _BOX
    for row, values in enumerate(sheet.rows, start=_HEADER_ROW + 1):
        for place, (column, value) in enumerate(zip(sheet.columns, values, strict=True), start=1):
            _body(_put(page, row, place, value, _BODY), column, value)
    _set_view(page, sheet)
    _set_page(page)
    fit_rows(page)
    page.row_dimensions[1].height = 26
    for row, text in ((2, banner), (3, sheet.note)):
        page.row_dimensions[row].hidden = False
        if not text:
            page.row_dimensions[row].height = 4


def _body(cell: Cell, column: Column, value: Value) -> None:
    cell.border = _BOX
    numeric = column.kind != "text"
    cell.alignment = Alignment(
        horizontal="right" if column.kind in ("points", "change", "percent") else "center" if numeric else "left",
        vertical="center",
        wrap_text=not numeric,
        indent=1 if column.kind in ("points", "change", "percent") else 0,
    )
    cell.number_format = _number_format(column.kind, value)


def _number_format(kind: Kind, value: Value) -> str:
    """The column's format, with more decimals for points that were given more: they decide the grade.

    A share that never ends has 4; the cell keeps what it holds.
    """
    if kind == "points" and isinstance(value, Decimal):
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and exponent < -2:
            return "0." + "0" * (-exponent if -exponent <= _ENDLESS else 4)
    return _FORMATS[kind]


def _put(page: Worksheet, row: int, place: int, value: Value, font: Font) -> Cell:
    cell: Cell = page.cell(row, place)
    cell.font = font
    if isinstance(value, str):
        cell.value = as_text(value)
        # openpyxl takes "=…" for a formula and "#N/A" for an error; the prefix keeps Excel from it on a later edit.
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@")
    else:
        cell.value = value
    return cell


def as_text(text: str) -> str:
    """A text as a cell may hold it: no longer than Excel allows, and with nothing that Excel would decode."""
    # Excel decodes _x0041_ in a cell as "A"; the underscore is written that way itself to stay an underscore.
    kept = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return kept if len(kept) <= _MOST_CHARACTERS else kept[: _MOST_CHARACTERS - 1] + "…"


def _set_view(page: Worksheet, sheet: Sheet) -> None:
    last = get_column_letter(len(sheet.columns))
    page.freeze_panes = f"{get_column_letter(sheet.kept + 1)}{_HEADER_ROW + 1}"
    page.auto_filter.ref = f"A{_HEADER_ROW}:{last}{_HEADER_ROW + max(len(sheet.rows), 1)}"
    page.sheet_view.showGridLines = False


def _set_page(page: Worksheet) -> None:
    """A4 across, one page wide; title, banner and header on every page, page number in the footer."""
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.orientation = page.ORIENTATION_LANDSCAPE
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    margins = page.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom = 0.5, 0.7
    margins.header = margins.footer = 0.3
    page.print_title_rows = f"1:{_HEADER_ROW}"
    page.oddFooter.center.text = "&A　&P / &N"
    page.oddFooter.center.size = 9
