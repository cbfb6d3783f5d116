"""What programs that are not ours see in one cell of a file: openpyxl, calamine, or the standard library.

Nothing here is shared with ``analytics``, neither code nor ideas of what a cell means.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from zipfile import BadZipFile

import openpyxl
from lxml import etree
from lxml import html as lxml_html
from openpyxl.cell.cell import MergedCell
from python_calamine import CalamineError, CalamineWorkbook

Look = Callable[[str, str], object]
NO_ANSWER = object()  # what a program sees that finds no such sheet, or drops the cell when it opens the file
_EXCEL_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def readers_of(data: bytes) -> Iterator[tuple[str, Look]]:
    """Name and eyes of every program that can open the file: sheet and address → what it sees there."""
    if data.startswith(b"PK") and (look := _by_openpyxl(data)):
        yield "openpyxl", look
    if data.startswith((b"PK", b"\xd0\xcf")):
        if look := _by_calamine(data):
            yield "calamine", look
    elif look := _by_text(data):
        yield "text", look


def as_written(value: object) -> str:
    """A value as the shortest text: 5, not 5.0; characters that cannot be seen are kept, white space is not."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return f"{Decimal(repr(value)).normalize():f}" if value == value and abs(value) < 1e300 else "?"
    return " ".join(_EXCEL_ESCAPE.sub(lambda m: chr(int(m[1], 16)), str(value)).split())


def as_mark(value: object, full: Decimal | None) -> Decimal | None:
    """The number that a clerk would read there; None where a clerk would ask."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return Decimal(f"{value:.15g}") if value == value and abs(value) < 1e300 else None
    text = "".join(unicodedata.normalize("NFKC", as_written(value)).split())
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc"))
    if text in ("满分", "得满分"):
        return full
    if text in ("无", "未发现", "未发现问题", "没有", "零"):
        return Decimal(0)
    found = re.fullmatch(r"([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)[^0-9.,]{0,3}", text)
    return Decimal(found[1].replace(",", "")) if found else None


def _by_openpyxl(data: bytes) -> Look | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, SyntaxError, BadZipFile):
            return None
        except (OverflowError, AssertionError, EOFError, NotImplementedError, RuntimeError):
            return None

    # Of a sheet in a namespace that it does not know openpyxl says that it is blank.
    known = {sheet.title for sheet in book.worksheets if sheet.dimensions != "A1:A1"}

    def look(sheet: str, address: str) -> object:
        if sheet not in known:
            return NO_ANSWER
        cell = book[sheet][address]
        if isinstance(cell, MergedCell):  # emptied by openpyxl, while calamine and Excel's SUM go on counting it
            merges = (area for area in book[sheet].merged_cells.ranges if cell.coordinate in area)
            return NO_ANSWER if all(area.min_row == area.max_row for area in merges) else None
        return cell.value

    return look


def _by_calamine(data: bytes) -> Look | None:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = set(book.sheet_names)
        tables = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except (CalamineError, OSError, ValueError):
        return None
    return partial(_in_tables, tables)


def _by_text(data: bytes) -> Look | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.lstrip().startswith("<"):
        try:
            rows = list(csv.reader(io.StringIO(text, newline="")))
        except csv.Error:
            return None
        return lambda _, address: _in_rows(rows, address)
    if "<?xml" in text[:100] or re.search(
        r"<[^a-z/!]|rowspan|colspan|<table.*<table|<!--|</t[dhr]>\s*[^<\s]", text, re.DOTALL | re.IGNORECASE
    ):
        return None  # where a cell stands is then a question of its own; a < alone undoes libxml2
    try:
        root = lxml_html.fromstring(text)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    if any(cell.getparent().tag != "tr" for cell in root.iter("td", "th")) or text.count("<tr>") != text.count("</tr>"):
        return None
    found = [["".join(cell.itertext()) for cell in row.xpath("./td|./th")] for row in root.iter("tr")]
    return lambda _, address: _in_rows(found, address)


def _in_tables(tables: dict[str, list[list[object]]], sheet: str, address: str) -> object:
    return _in_rows(tables[sheet], address) if sheet in tables else NO_ANSWER


def _in_rows(rows: list[list[object]], address: str) -> object:
    letters, digits = re.fullmatch(r"([A-Z]+)([0-9]+)", address).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    row = rows[int(digits) - 1] if int(digits) <= len(rows) else []
    return row[column - 1] if column <= len(row) else ""
