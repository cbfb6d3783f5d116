"""Any file becomes a grid of typed cells, or a refusal that says what to do."""

from __future__ import annotations

import datetime
import io
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import workbooks
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from analytics.intake import second_reader
from analytics.intake.cells import Cell, CellKind, Sheet, address, place, shortest
from analytics.intake.grid import read_grid
from analytics.intake.guarded import GuardedReader
from analytics.problems import Refused


def sheet_of(book: Workbook) -> Sheet:
    return read_grid(workbooks.saved(book), "表.xlsx").sheets[0]


def only(value: object, number_format: str = "General") -> Cell:
    """The cell that a workbook with ``value`` in A1 is read as."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["B1"] = value, "在"
    sheet["A1"].number_format = number_format
    return sheet_of(book).at(1, 1)


def refusal(data: bytes, name: str = "表.xlsx") -> str:
    with pytest.raises(Refused) as refused:
        read_grid(data, name)
    return refused.value.problems[0].code


@pytest.mark.parametrize(
    ("value", "number_format", "kind", "raw"),
    [
        (5, "General", CellKind.NUMBER, "5"),
        (5.0, '0"分"', CellKind.NUMBER, "5"),
        (4.5, "0.00", CellKind.NUMBER, "4.5"),
        (0.1 + 0.2, "General", CellKind.NUMBER, "0.3"),  # openpyxl writes 15 figures
        (0, "General", CellKind.NUMBER, "0"),
        (1e15, "General", CellKind.NUMBER, "1000000000000000"),
        ("5", "General", CellKind.TEXT, "5"),
        (" ５分 ", "General", CellKind.TEXT, " ５分 "),
        (True, "General", CellKind.BOOLEAN, "TRUE"),
        (0.05, "0%", CellKind.PERCENT, "5%"),
        (datetime.datetime(2020, 10, 20), "yyyy-mm-dd", CellKind.DATE, "2020-10-20"),
        (44124, 'yyyy"年"m"月"d"日"', CellKind.DATE, "2020-10-20"),
        (datetime.datetime(2020, 10, 20, 9, 30), "yyyy-mm-dd hh:mm", CellKind.DATE, "2020-10-20T09:30:00"),
        (datetime.time(16, 30), "h:mm", CellKind.TIME, "16:30:00"),
        ("=SUM(1,2)", "General", CellKind.UNCALCULATED, ""),
        ("　 ", "General", CellKind.BLANK, ""),
    ],
)
def test_a_cell_keeps_its_kind_and_its_text(value: object, number_format: str, kind: CellKind, raw: str) -> None:
    cell = only(value, number_format)
    assert (cell.kind, cell.raw) == (kind, raw)


def test_an_error_cell_is_an_error_and_not_a_blank() -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = "#REF!"
    book.worksheets[0]["A1"].data_type = "e"
    cell = sheet_of(book).at(1, 1)
    assert (cell.kind, cell.raw) == (CellKind.ERROR, "#REF!")


def test_crossed_out_text_is_known() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"] = CellRichText(TextBlock(InlineFont(strike=True), "1"), "0")
    sheet["A2"], sheet["A2"].font = 5, Font(strike=True)
    sheet["A3"] = 5
    read = sheet_of(book)
    assert [read.at(row, 1).struck for row in (1, 2, 3)] == [True, True, False]


def test_dates_count_from_1904_when_the_workbook_says_so() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.worksheets[0]["A1"] = datetime.datetime(2020, 10, 20)
    assert sheet_of(book).at(1, 1).raw == "2020-10-20"


def test_a_merged_cell_is_its_first_cell_with_that_address() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["C3"] = "甘泉路街道", "界"
    sheet.merge_cells("A1:B2")
    read = sheet_of(book)
    assert {read.at(row, column).ref.address for row in (1, 2) for column in (1, 2)} == {"A1"}
    assert read.at(3, 1).blank


def test_hidden_rows_columns_and_sheets_are_known() -> None:
    book = workbooks.with_hidden_draft()
    sheet = workbooks.form_sheet(book)
    sheet.row_dimensions[7].hidden = True
    sheet.column_dimensions["G"].hidden = True
    first, second = read_grid(workbooks.saved(book)).sheets
    assert (7 in first.hidden_rows, 7 in first.hidden_columns) == (True, True)
    assert second.state == "hidden"


def test_a_pinyin_guide_is_no_part_of_the_text() -> None:
    runs = b'<is><t>5</t><rPh sb="0" eb="1"><t>wu</t></rPh></is>'
    data = workbooks.with_rows(
        workbooks.saved(workbooks.assessment()), b'<row r="90"><c r="A90" t="inlineStr">' + runs + b"</c></row>"
    )
    assert read_grid(data).sheets[0].at(90, 1).raw == "5"


@pytest.mark.parametrize("name", ["表.xls", "表.et", "表"])
def test_content_counts_and_the_suffix_is_only_noted(name: str) -> None:
    grid = read_grid(workbooks.saved(workbooks.assessment()), name)
    assert [problem.code for problem in grid.problems] == ["suffix-differs"]
    assert grid.sheets[0].at(2, 2).raw == "甘泉路街道"


def test_the_strict_edition_is_read() -> None:
    grid = read_grid(workbooks.strict_edition(workbooks.saved(workbooks.assessment())), "表.xlsx")
    assert grid.sheets[0].at(6, 6).raw == "5"


def test_an_open_document_is_read_with_a_word_of_caution() -> None:
    grid = read_grid(workbooks.open_document([["单位", "甘泉路街道"]]), "表.ods")
    assert grid.sheets[0].at(1, 2).raw == "甘泉路街道"
    assert [problem.code for problem in grid.problems] == ["workbook-old-format"]


TIDY = workbooks.saved(workbooks.assessment())
DOCTYPE = b'<!DOCTYPE worksheet [<!ENTITY five "5">]>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"\xef\xbb\xbf \r\n", "file-empty"),
        (b"<html><table><tr><td>5</td></tr></table></html>", "not-a-workbook"),
        ("单位\t得分\r\n甘泉路街道\t95\r\n".encode("gb18030"), "not-a-workbook"),
        (b"%PDF-1.7", "not-a-workbook"),
        (b"\xff\xd8\xff\xe0", "not-a-workbook"),
        (b"\x00\x01\x02\x03", "not-a-workbook"),
        (workbooks.locked(), "workbook-locked"),
        (TIDY[: len(TIDY) // 2], "workbook-damaged"),
        (workbooks.with_part_twice(TIDY), "workbook-parts-strange"),
        (
            workbooks.with_part(TIDY, workbooks.SHEET, lambda x: x.replace(b"<worksheet", DOCTYPE, 1)),
            "workbook-doctype",
        ),
        (workbooks.with_part(TIDY, workbooks.SHEET, lambda x: x[:-40]), "workbook-damaged"),
        (workbooks.with_rows(TIDY, b'<row r="9"><c r="A9"><v>five</v></c></row>'), "workbook-damaged"),
        (workbooks.with_rows(TIDY, b'<row r="6"><c r="F6"><v>1</v></c></row>'), "workbook-damaged"),
        (workbooks.with_rows(TIDY, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "workbook-too-large"),
        (workbooks.saved(Workbook()), "workbook-blank"),
    ],
)
def test_what_is_no_sound_workbook_is_refused_by_name(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_a_small_file_that_swells_is_refused_before_it_does() -> None:
    swollen = workbooks.with_rows(TIDY, b" " * (65 * 2**20))
    assert len(swollen) < 100_000
    assert refusal(swollen) == "workbook-too-large"


def test_blank_rows_without_end_are_no_content() -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (row, row) for row in range(60, 5000))
    assert read_grid(workbooks.with_rows(TIDY, rows)).sheets[0].rows[-1] < 60


def test_where_two_readers_disagree_the_file_is_refused_with_both_values() -> None:
    sheets = read_grid(TIDY, "表.xlsx").sheets
    cell = sheets[0].cells[6, 6]
    altered = replace(sheets[0], cells={**sheets[0].cells, (6, 6): replace(cell, raw="4")})
    (problem,) = second_reader.differences([altered], TIDY, "表.xlsx")
    assert (problem.code, problem.severity, problem.facts) == (
        "readers-disagree",
        "stop",
        {"found": "4", "expected": "5"},
    )
    assert "F6" in problem.message()


def test_two_readers_agree_on_every_shipped_workbook() -> None:
    files = sorted((Path(__file__).parent.parent / "data" / "sample" / "2020").rglob("*.xls*"))
    readable = [path for path in files if not path.name.startswith("~$")]
    assert len(readable) > 60
    for path in readable:
        assert read_grid(path).sheets  # a disagreement would be a refusal


@pytest.fixture(scope="module")
def reader() -> Iterator[GuardedReader]:
    with GuardedReader() as guarded:
        yield guarded


def test_the_child_reads_what_this_process_reads(reader: GuardedReader) -> None:
    here, there = read_grid(TIDY, "表.xls", "0" * 64), reader.read(TIDY, "表.xls", "0" * 64)
    assert (here.sheets, here.problems) == (there.sheets, there.problems)


def test_the_child_passes_a_refusal_on(reader: GuardedReader) -> None:
    with pytest.raises(Refused, match="PDF"):
        reader.read(b"%PDF-1.7", "表.xlsx", "0" * 64)


def test_a_child_that_dies_costs_one_file(reader: GuardedReader) -> None:
    assert reader._child is not None
    reader._child.kill()
    reader._child.wait()
    assert reader.read(TIDY, "表.xlsx", "0" * 64).sheets


def test_a_file_that_takes_too_long_is_stopped() -> None:
    slow = workbooks.with_rows(TIDY, b"".join(b'<row r="%d"/>' % row for row in range(60, 400_000)))
    began = time.monotonic()
    with GuardedReader(seconds=0.4) as guarded, pytest.raises(Refused) as refused:
        guarded.read(slow, "表.xlsx", "0" * 64)
    assert refused.value.problems[0].code == "workbook-too-slow"
    assert time.monotonic() - began < 5


def test_many_small_files_take_well_under_a_second_a_dozen(reader: GuardedReader) -> None:
    began = time.monotonic()
    for _ in range(50):
        reader.read(TIDY, "表.xlsx", "0" * 64)
    assert time.monotonic() - began < 4  # a tenth of it on a quiet machine


def test_addresses_and_places_are_each_other_s_inverse() -> None:
    for row, column in ((1, 1), (14, 6), (20_000, 26), (3, 27), (7, 702), (9, 703)):
        assert place(address(row, column)) == (row, column)


def test_the_shortest_decimal_gives_the_number_back() -> None:
    for number in (0.1, 0.1 + 0.2, 5.0, 1e22, 1e-7, 0.0, 93.95):
        assert float(shortest(number)) == number
        assert "e" not in shortest(number).lower()


def test_a_path_is_read_as_well_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(TIDY)
    assert read_grid(path).sheets == read_grid(io.BytesIO(TIDY).read(), "表.xlsx").sheets
