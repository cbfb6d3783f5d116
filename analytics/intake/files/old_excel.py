"""Workbooks of Excel before 2007 and of WPS (.xls, .et), with what a plain table reader loses of them."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import xlrd
from xlrd.book import Book
from xlrd.compdoc import CompDocError
from xlrd.formula import FormulaError
from xlrd.sheet import Sheet as OldSheet

from analytics.intake.cells import Area, CellKind, Sheet, SheetState
from analytics.intake.files.cell_styles import Style, number, shown_as
from analytics.intake.files.protection import PasswordNeeded
from analytics.intake.files.sheet_draft import Damaged, SheetDraft

_STATES: dict[int, SheetState] = {0: "visible", 1: "hidden", 2: "very_hidden"}
_PASSWORD_NEEDED = "encrypted"
# What the library raises over a spoilt file: it checks little before it takes the bytes apart.
_FLAWS = (
    xlrd.XLRDError, CompDocError, FormulaError, Damaged, struct.error, AssertionError, LookupError, ValueError,
    TypeError, AttributeError, ArithmeticError, NotImplementedError, RecursionError,
)  # fmt: skip


def read_sheets(data: bytes, file: str, sha256: str) -> tuple[Sheet, ...]:
    """Every worksheet, in the order of the tabs. Refused when one is larger than any form.

    Raises PasswordNeeded when the file is encrypted and Damaged when it is unsound. Which cells hold
    formulas is not known here.
    """
    try:
        # The library prints its doubts; they go nowhere.
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
        styles = list(_styles(book))
        return tuple(_sheet(book, sheet, styles, file, sha256) for sheet in book.sheets())
    except _FLAWS as error:
        if isinstance(error, xlrd.XLRDError) and _PASSWORD_NEEDED in str(error):
            raise PasswordNeeded from None
        raise Damaged(str(error)) from None


def is_ancient(data: bytes) -> bool:
    """Whether it is a bare stream of records, as Excel wrote it before version 5."""
    return data[:1] == b"\x09"


def _styles(book: Book) -> Iterator[Style]:
    for style in book.xf_list:
        written = book.format_map[style.format_key].format_str if style.format_key in book.format_map else ""
        code = written if written and written != "General" else None
        struck = style.font_index < len(book.font_list) and bool(book.font_list[style.font_index].struck_out)
        yield Style(shown_as(style.format_key, code), struck, code or "")


def _sheet(book: Book, source: OldSheet, styles: list[Style], file: str, sha256: str) -> Sheet:
    draft = SheetDraft(file, sha256, source.name, _STATES.get(source.visibility, "visible"))
    draft.hidden_rows.update(row + 1 for row, about in source.rowinfo_map.items() if about.hidden)
    draft.hidden_columns.update(column + 1 for column, about in source.colinfo_map.items() if about.hidden)
    draft.comments = bool(source.cell_note_map)
    for row in range(source.nrows):
        for column in range(source.row_len(row)):
            cell = source.cell(row, column)
            if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                continue
            style = styles[cell.xf_index] if cell.xf_index is not None else Style()
            kind, raw = _content(cell.ctype, cell.value, style, bool(book.datemode))
            struck = style.struck or _run_struck(book, source, row, column)
            draft.put(row + 1, column + 1, kind, raw, struck=struck, number_format=style.code)
    for top, bottom, left, right in source.merged_cells:
        draft.merge(Area(top + 1, left + 1, bottom, right))
    return draft.sheet()


def _content(written: int, value: str | float, style: Style, since_1904: bool) -> tuple[CellKind, str]:
    if written == xlrd.XL_CELL_ERROR:
        return CellKind.ERROR, xlrd.error_text_from_code.get(int(value), f"#{value}")
    if written == xlrd.XL_CELL_BOOLEAN:
        return CellKind.BOOLEAN, "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return (CellKind.TEXT if value.strip() else CellKind.BLANK), value
    return number(value, style.shown, since_1904)


def _run_struck(book: Book, source: OldSheet, row: int, column: int) -> bool:
    """Whether a part of the cell's text has a font that crosses it out."""
    runs = source.rich_text_runlist_map.get((row, column), ())
    return any(bool(book.font_list[font].struck_out) for _, font in runs if font < len(book.font_list))
