"""A workbook as it is drawn: text stays text, numbers stay numbers, and it can be printed."""

from __future__ import annotations

import datetime
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from analytics.documents.render import printable
from analytics.documents.render.xlsx import render_xlsx
from analytics.documents.workbooks import Book, Column, Kind, Sheet, Value


def book(*cells: Value, kind: Kind = "text", note: str = "说明一行") -> Book:
    columns = (Column("单位", 18), Column("值", 12, kind))
    return Book(
        "得分", "合成示例数据", (Sheet("总表", "2020年度总表", columns, tuple(("甲街道", c) for c in cells), note, 1),)
    )


def drawn(content: Book) -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(content))).worksheets[0]


def values(content: Book) -> list[object]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(render_xlsx(content)))
    return [row[1] for row in workbook.get_sheet_by_index(0).to_python()[4:]]


@pytest.mark.parametrize("text", ["=1+1", "+86 21", "-", "-5分", "@SUM(A1)", "#N/A", '=HYPERLINK("http://x")'])
def test_text_is_never_a_formula_or_an_error(text: str) -> None:
    cell = drawn(book(text)).cell(5, 2)
    assert (cell.value, cell.data_type) == (text, "s")


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=20))
def test_any_text_reads_back_with_its_control_characters_made_visible(texts: list[str]) -> None:
    assert values(book(*texts)) == [printable(text) for text in texts]


def test_text_that_looks_like_an_escape_is_not_decoded() -> None:
    # openpyxl does not decode escapes when it reads, Excel and calamine do.
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(render_xlsx(book("_x0041_"))))
    assert workbook.get_sheet_by_index(0).to_python()[4][1] == "_x0041_"


def test_text_longer_than_a_cell_can_hold_is_cut_with_an_ellipsis() -> None:
    (value,) = values(book("长" * 40000))
    assert isinstance(value, str)
    assert (len(value), value[-1]) == (32767, "…")


def test_points_are_numbers_shown_with_two_decimals() -> None:
    cell = drawn(book(Decimal("94.5"), kind="points")).cell(5, 2)
    assert (cell.value, cell.data_type, cell.number_format) == (94.5, "n", "0.00")


def test_points_that_need_more_decimals_show_them() -> None:
    assert drawn(book(Decimal("89.996"), kind="points")).cell(5, 2).number_format == "0.000"


def test_a_change_shows_its_sign_a_rate_its_percent_and_a_date_its_day() -> None:
    assert drawn(book(Decimal("1.2"), kind="change")).cell(5, 2).number_format.startswith("+0.00;-0.00")
    assert drawn(book(Decimal("0.9346"), kind="percent")).cell(5, 2).number_format == "0.0%"
    cell = drawn(book(datetime.date(2020, 10, 28), kind="date")).cell(5, 2)
    assert (cell.value, cell.number_format) == (datetime.datetime(2020, 10, 28), "yyyy-mm-dd")


def test_nothing_is_an_empty_cell_not_a_zero() -> None:
    assert drawn(book(None, kind="points")).cell(5, 2).value is None


def test_the_header_stays_in_view_and_can_be_filtered() -> None:
    sheet = drawn(book("一", "二"))
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B5", "A4:B6")
    assert [cell.value for cell in sheet[4]] == ["单位", "值"]


def test_the_banner_and_the_header_stand_on_every_printed_page() -> None:
    sheet = drawn(book("一"))
    assert sheet.print_title_rows == "$1:$4"
    assert [sheet.cell(row, 1).value for row in (1, 2, 3)] == ["2020年度总表", "合成示例数据", "说明一行"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_a_row_is_high_enough_for_wrapped_text() -> None:
    sheet = drawn(book("抽查的两个小区电动自行车充电场所没有限时断电装置"))
    assert sheet.row_dimensions[5].height > 50


def test_nothing_is_hidden_and_no_person_is_named() -> None:
    data = render_xlsx(book("一"))
    assert [sheet.sheet_state for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets] == ["visible"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        core = archive.read("docProps/core.xml").decode()
    assert "creator" not in core
    assert "lastModifiedBy" not in core


def test_the_same_book_gives_the_same_bytes_with_no_clock_in_them() -> None:
    data = render_xlsx(book("一"))
    assert data == render_xlsx(book("一"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {2020}
        core = archive.read("docProps/core.xml").decode()
    assert str(datetime.datetime.now(tz=datetime.UTC).year) not in core
