"""How a form is laid out in a workbook: headings, bands, fill-in cells, print set-up. What it says is the caller's."""

from __future__ import annotations

import datetime
import io
import math
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | Decimal | datetime.date | None
_THIN = Side(style="thin", color="FF7F7F7F")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_FILLS = {"fill_in": PatternFill("solid", fgColor="FFFFFBE6"), "heading": PatternFill("solid", fgColor="FFEDEDED")}
_LIST_LIMIT = 255  # Excel refuses a longer list written inside a validation
_BESIDE = 30.0  # characters: room for a title that the table alone would be too narrow for
_TALLEST = 409.0  # points; Excel's own limit
_FIXED = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: our name, its printed heading, its width in characters of the body font, how its cells stand."""

    name: str
    heading: str
    width: float
    align: Literal["left", "center"] = "center"
    number_format: str = "General"


@dataclass(frozen=True, slots=True)
class Label:
    """A label in row 2 under the column ``at``; its value fills the columns after it up to ``until``."""

    text: str
    at: str
    until: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks. ``ground``: ``fill_in`` cells are tinted and unlocked, ``heading`` cells are shaded."""

    align: Literal["left", "center"] = "center"
    bold: bool = False
    size: int = 10
    boxed: bool = True
    ground: Literal["", "fill_in", "heading"] = ""
    number_format: str = "General"
    top: bool = False


class FormSheet:
    """One form being drawn, from the top down. Cells are locked unless they are named as fill-in cells."""

    def __init__(self, sheet_name: str, columns: Sequence[Column], *, landscape: bool = True) -> None:
        self.workbook = Workbook()
        self.sheet: Worksheet = self.workbook.worksheets[0]
        self.sheet.title = sheet_name
        self.columns = tuple(columns)
        self._place = {column.name: place for place, column in enumerate(self.columns, start=1)}
        for place, column in enumerate(self.columns, start=1):
            self.sheet.column_dimensions[get_column_letter(place)].width = column.width
        self._row = 0
        self._styles: dict[Look, StyleArray] = {}
        _set_page(self.sheet, landscape)

    def __contains__(self, name: str) -> bool:
        return name in self._place

    def letter(self, name: str) -> str:
        """The letter of the column that we call ``name``."""
        return str(get_column_letter(self._place[name]))

    def head(self, title: str, labels: Iterable[Label], note: str) -> None:
        """Rows 1 to 3: title, labels with their values, a note. Labels whose columns a form lacks share its width."""
        places = self._label_places(tuple(labels))
        last = max(len(self.columns), *(end for _, (_, end) in places))
        for place in range(len(self.columns) + 1, last + 1):  # a table too narrow for its labels
            self.sheet.column_dimensions[get_column_letter(place)].width = _BESIDE
        self._merged(1, 1, last, title, Look(bold=True, size=16, boxed=False))
        self.sheet.row_dimensions[1].height = 30
        for label, (start, end) in places:
            self._draw(2, start, label.text, Look(bold=True))
            dated = "yyyy-mm-dd" if "日期" in label.text else "General"
            look = Look("left", ground="fill_in", number_format=dated)
            self._merged(2, start + 1, end, label.value, look)
        self._merged(3, 1, last, note, Look("left", size=9, boxed=False))
        self._row = 3

    def _label_places(self, labels: Sequence[Label]) -> list[tuple[Label, tuple[int, int]]]:
        """Each label with the first and last of its columns: where it asks to stand, else side by side."""
        if all(name in self for label in labels for name in (label.at, label.until)):
            return [(label, (self._place[label.at], self._place[label.until])) for label in labels]
        places, end = [], 0
        for number, label in enumerate(labels, start=1):
            start = end + 1
            end = max(start + 1, round(number * len(self.columns) / len(labels)))
            places.append((label, (start, end)))
        return places

    def after(self, name: str) -> str:
        """Our name of the column after ``name``."""
        return self.columns[self._place[name]].name

    def table_header(self, *, freeze: bool = True) -> None:
        """The column headings; with ``freeze`` they stay in view and are printed on every page."""
        self._row += 1
        for place, column in enumerate(self.columns, start=1):
            self._draw(self._row, place, column.heading, Look(bold=True, ground="heading"))
        if freeze:
            self.sheet.freeze_panes = f"A{self._row + 1}"
            self.sheet.print_title_rows = f"{self._row}:{self._row}"

    def band(self, text: str) -> int:
        """A shaded row merged over the whole width. Returns its number."""
        self._row += 1
        self._merged(self._row, 1, len(self.columns), text, Look("left", bold=True, ground="heading"))
        return self._row

    def signatures(self, text: str) -> None:
        """The line to sign on, under the table."""
        self._row += 1
        self._merged(self._row, 1, len(self.columns), text, Look("left", boxed=False))
        self.sheet.row_dimensions[self._row].height = 34

    def blank_text(self, height: float) -> int:
        """A merged row to write a paragraph in, ``height`` points high."""
        self._row += 1
        self._merged(self._row, 1, len(self.columns), None, Look("left", ground="fill_in", top=True))
        self.sheet.row_dimensions[self._row].height = height
        return self._row

    def row(self, values: Mapping[str, Value], *, fill_in: Iterable[str] = (), bold: bool = False) -> int:
        """A row of the table with ``values`` by column name; the ``fill_in`` columns are left to be written in."""
        self._row += 1
        opened = set(fill_in)
        for place, column in enumerate(self.columns, start=1):
            ground: Literal["", "fill_in"] = "fill_in" if column.name in opened else ""
            look = Look(column.align, bold=bold, ground=ground, number_format=column.number_format)
            self._draw(self._row, place, values.get(column.name), look)
        return self._row

    def span(self, first: str, last: str, row: int) -> None:
        """Merge the cells of ``row`` from column ``first`` to column ``last``; only the first may hold anything."""
        # merge_cells would draw every border a second time, a third of the time a form takes.
        self._merge(row, self._place[first], self._place[last])

    def _merge(self, row: int, first: int, last: int) -> None:
        self.sheet.merged_cells.add(f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}")

    def accept_number(self, name: str, rows: Sequence[int], least: Value, most: Value, *, whole: bool = False) -> None:
        """Only a number from ``least`` to ``most`` (None: no limit upward) may be typed."""
        self._validate(
            name,
            rows,
            DataValidation(
                type="whole" if whole else "decimal",
                operator="between" if most is not None else "greaterThanOrEqual",
                formula1=str(least),
                formula2=None if most is None else str(most),
                error=f"请填写{least}至{most}之间的数。" if most is not None else f"请填写不小于{least}的数。",
            ),
        )

    def accept_words(self, name: str, rows: Sequence[int], words: Sequence[str], *, others: bool = False) -> None:
        """Offer ``words`` as a list; with ``others`` other text is only warned about. A list too long is left out."""
        listed = ",".join(words)
        if words and rows and len(listed) <= _LIST_LIMIT:
            check = DataValidation(type="list", formula1=f'"{listed}"', error="请从下拉列表中选择。")
            check.errorStyle = "warning" if others else "stop"
            self._validate(name, rows, check)

    def accept_dates(self, name: str, rows: Sequence[int], year: int) -> None:
        """Only a date from the start of ``year`` to the end of the next may be typed."""
        first, last = (f"DATE({year},1,1)", f"DATE({year + 1},12,31)")
        check = DataValidation(type="date", operator="between", formula1=first, formula2=last)
        check.error = f"请填写{year}-01-01至{year + 1}-12-31之间的日期，如{year}-10-28。"
        self._validate(name, rows, check)

    def finished(self, title: str) -> Workbook:
        """The workbook, with row heights fitted, cells protected (no password) and properties that name no person."""
        fit_rows(self.sheet)
        protection = self.sheet.protection
        protection.sheet = True
        protection.formatColumns = protection.formatRows = False  # False: allowed
        properties = self.workbook.properties
        properties.title, properties.creator, properties.lastModifiedBy = title, "安全生产委员会办公室", None
        properties.created = properties.modified = _FIXED
        return self.workbook

    def _validate(self, name: str, rows: Sequence[int], check: DataValidation) -> None:
        if name not in self:  # a year's form may lack the column
            return
        check.allow_blank, check.showErrorMessage = True, True
        check.errorTitle = "填写有误"
        for row in rows:
            check.add(f"{self.letter(name)}{row}")
        self.sheet.add_data_validation(check)

    def _draw(self, row: int, place: int, value: Value, look: Look) -> None:
        cell: Cell = self.sheet.cell(row, place)
        cell.value = _plain(value)
        if look in self._styles:  # setting the parts of a style again for every cell takes most of the time
            cell._style = copy(self._styles[look])
            return
        cell.font = Font(name="黑体" if look.bold else "宋体", size=look.size)
        vertical = "top" if look.top else "center"
        cell.alignment = Alignment(horizontal=look.align, vertical=vertical, wrap_text=True)
        if look.boxed:
            cell.border = _BOX
        if look.ground:
            cell.fill = _FILLS[look.ground]
        if look.ground == "fill_in":
            cell.protection = Protection(locked=False)
        cell.number_format = look.number_format
        self._styles[look] = copy(cell._style)

    def _merged(self, row: int, first: int, last: int, value: Value, look: Look) -> None:
        self._draw(row, first, value, look)
        for place in range(first + 1, last + 1):
            self._draw(row, place, None, look)
        if last > first:
            self._merge(row, first, last)


def _plain(value: Value) -> str | int | float | datetime.date | None:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _set_page(sheet: Worksheet, landscape: bool) -> None:
    """A4, one page wide, the page number in the footer."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE if landscape else sheet.ORIENTATION_PORTRAIT
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    margins = sheet.page_margins
    margins.left = margins.right = 0.47
    margins.top, margins.bottom = 0.6, 0.7
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    sheet.oddFooter.center.size = 9


def fit_rows(sheet: Worksheet) -> None:
    """Make every row high enough for its wrapped text. Heights that are already set are only ever raised."""
    merged = {str(area).split(":")[0]: area for area in sheet.merged_cells.ranges}
    for row in sheet.iter_rows(min_row=2):
        _raise_row(sheet, row[0].row, 18)
        for cell in row:
            if not isinstance(cell.value, str) or cell.value.startswith("="):
                continue
            area = merged.get(cell.coordinate)
            last, rows = (area.max_col, range(area.min_row, area.max_row + 1)) if area else (cell.column, [cell.row])
            width = sum(
                float(sheet.column_dimensions[get_column_letter(p)].width) for p in range(cell.column, last + 1)
            )
            size = float(cell.font.size or 10)
            height = lines(cell.value, width * 10 / size) * size * 1.4 + 5
            for number in rows:
                _raise_row(sheet, number, height / len(rows))


def _raise_row(sheet: Worksheet, number: int, height: float) -> None:
    dimension = sheet.row_dimensions[number]
    dimension.height = min(_TALLEST, max(dimension.height or 0, math.ceil(height)))


def lines(text: str, width: float) -> int:
    """Lines that ``text`` takes in a cell ``width`` characters wide: a Chinese character takes two, the margins one."""
    room = max(width - 1.5, 2)
    return sum(max(1, math.ceil(_units(line) / room)) for line in text.split("\n"))


def _units(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def workbook_bytes(workbook: Workbook, cached: Mapping[str, Decimal] | None = None) -> bytes:
    """The .xlsx file, the same bytes every time: no clock in it.

    ``cached`` gives formula cells of the first sheet the value that Excel would have kept beside the formula.
    """
    raw = io.BytesIO()
    workbook.save(raw)
    fixed = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2020-01-01T00:00:00Z", content)
            if name == "xl/worksheets/sheet1.xml":
                for address, value in (cached or {}).items():
                    content = _with_cached_value(content, address, value)
            member = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            member.create_system = 3  # the same on Windows
            target.writestr(member, content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def _with_cached_value(sheet: bytes, address: str, value: Decimal) -> bytes:
    pattern = (
        rb'(<c r="'
        + address.encode()
        + rb'"[^>]*><f>[^<]*</f>)<v\s*/>|(<c r="'
        + address.encode()
        + rb'"[^>]*><f>[^<]*</f>)<v></v>'
    )
    changed, count = re.subn(pattern, lambda m: (m[1] or m[2]) + f"<v>{value}</v>".encode(), sheet)
    if count != 1:
        raise ValueError(f"no formula in {address}")
    return changed
