"""Any file becomes a grid of typed cells, or a refusal that says what to do."""

from __future__ import annotations

import datetime
import io
import re
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import workbooks
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from analytics.intake.cells import Cell, CellKind, Sheet, address, place, shortest
from analytics.intake.files import child, guarded, second_reader
from analytics.intake.files.grid import read_grid
from analytics.intake.files.guarded import GuardedReader
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
    with GuardedReader() as shared:
        yield shared


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
    with GuardedReader(seconds=0.2) as reader, pytest.raises(Refused) as refused:
        reader.read(slow, "表.xlsx", "0" * 64)
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


# Cells as programs write them


SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def raw(xml: str, strings: str = "") -> bytes:
    """A workbook whose one sheet holds these rows, with shared strings of its own."""
    data = workbooks.with_part(
        TIDY, workbooks.SHEET, lambda _: f'<worksheet xmlns="{SPACE}"><sheetData>{xml}</sheetData></worksheet>'.encode()
    )
    relation = f'<Relationship Id="rId77" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    data = workbooks.with_part(
        data, "xl/_rels/workbook.xml.rels", lambda rels: rels.replace(b"</Relationships>", relation.encode())
    )
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SPACE}">{strings}</sst>')
    return stream.getvalue()


def only_raw(cell: str, strings: str = "") -> tuple[str, str]:
    """Kind and text of A1, written as ``cell`` in the file."""
    found = read_grid(raw(f'<row r="1">{cell}<c r="B1"><v>1</v></c></row>', strings), "表.xlsx").sheets[0].at(1, 1)
    return found.kind.value, found.raw


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        ('<c r="A1"><v>1E+2</v></c>', "number", "100"),
        ('<c r="A1"><v>-0</v></c>', "number", "0"),
        ('<c r="A1"><v>0.30000000000000004</v></c>', "number", "0.30000000000000004"),
        ('<c r="A1"><v>4.4999999999999996</v></c>', "number", "4.5"),
        ('<c r="A1"><v>NaN</v></c>', "error", "nan"),
        ('<c r="A1"><v>1e999</v></c>', "error", "inf"),
        ('<c r="A1" t="str"><v>5</v></c>', "text", "5"),
        ('<c r="A1" t="str"><f>A2</f><v></v></c>', "blank", ""),
        ('<c r="A1" t="b"><v>1</v></c>', "boolean", "TRUE"),
        ('<c r="A1" t="e"><v>#N/A</v></c>', "error", "#N/A"),
        ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "error", "#DIV/0!"),
        ('<c r="A1" t="d"><v>2020-10-20</v></c>', "date", "2020-10-20"),
        ('<c r="A1" t="d"><v>2020-10-20T09:30:00</v></c>', "date", "2020-10-20T09:30:00"),
        ('<c r="A1"><f>1+1</f></c>', "uncalculated", ""),
        ('<c r="A1"><f>1+1</f><v></v></c>', "uncalculated", ""),
        ('<c r="A1"><f>1+1</f><v/></c>', "uncalculated", ""),
        ('<c r="A1"><f t="shared" si="0"/></c>', "uncalculated", ""),
        ('<c r="A1" t="str"><f>A2</f></c>', "uncalculated", ""),
        ('<c r="A1" t="inlineStr"><is><t xml:space="preserve"> 5 </t></is></c>', "text", " 5 "),
        ('<c r="A1" t="inlineStr"><is><t>  </t></is></c>', "blank", ""),
        ('<c r="A1" t="inlineStr"><is><t>a_x0007_b</t></is></c>', "text", "a\x07b"),
        ('<c r="A1" t="inlineStr"><is><t>_x005F_x0007_</t></is></c>', "text", "_x0007_"),
        ('<c r="A1" t="inlineStr"><is><t>_xD83D__xDE00_</t></is></c>', "text", "😀"),
        ('<c r="A1" t="inlineStr"><is><t>5_xD83D_</t></is></c>', "text", "5\ufffd"),
        ('<c r="A1" t="s"><v>0</v></c>', "text", "5"),
        ('<c r="A1" t="s"><v>1</v></c>', "text", "10"),
        ('<c r="A1" t="s"/>', "blank", ""),
        ('<c r="A1" s="9"><v>5</v></c>', "number", "5"),
    ],
)
def test_a_cell_is_read_as_it_is_written_in_the_file(cell: str, kind: str, text: str) -> None:
    strings = '<si><t>5</t><rPh sb="0" eb="1"><t>wu</t></rPh><phoneticPr/></si><si><r><t>1</t></r><r><t>0</t></r></si>'
    assert only_raw(cell, strings) == (kind, text)


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1"><v>5分</v></c>',
        '<c r="A1"><v>５</v></c>',
        '<c r="A1"><v>1_0</v></c>',
        '<c r="A1"><v>0x10</v></c>',
        '<c r="A1" t="s"><v>-1</v></c>',
        '<c r="A1" t="s"><v>9</v></c>',
        '<c r="A1" t="q"><v>5</v></c>',
        '<c r="A9"><v>5</v></c>',
        '<c r="A1"><v>5</v></c><c r="A1"><v>6</v></c>',
        '<c r="A1" t="inlineStr"><is><t>&#7;</t></is></c>',
        '<c r="1A"><v>5</v></c>',
        '<c r="AAAA1"><v>5</v></c>',
        '<c r="A1" s="x"><v>5</v></c>',
        "<c" * 200,
        "<a>" * 200 + "</a>" * 200,
    ],
)
def test_what_no_program_writes_is_damage_with_the_part_named(cell: str) -> None:
    with pytest.raises(Refused) as refused:
        read_grid(raw(f'<row r="1">{cell}</row>'), "表.xlsx")
    (problem,) = refused.value.problems
    assert problem.code == "workbook-damaged"
    assert "xl/worksheets/sheet1.xml" in problem.facts["found"]


def test_cells_and_rows_without_addresses_follow_each_other() -> None:
    xml = '<row><c><v>1</v></c><c r="C1"><v>3</v></c><c><v>4</v></c></row><row><c><v>5</v></c></row>'
    sheet = read_grid(raw(xml), "表.xlsx").sheets[0]
    assert {cell.ref.address: cell.raw for cell in sheet.cells.values()} == {"A1": "1", "C1": "3", "D1": "4", "A2": "5"}


def test_rows_and_cells_may_stand_in_any_order() -> None:
    xml = '<row r="3"><c r="C3"><v>3</v></c><c r="A3"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    sheet = read_grid(raw(xml), "表.xlsx").sheets[0]
    assert {cell.ref.address: cell.raw for cell in sheet.cells.values()} == {"C3": "3", "A3": "1", "A2": "2"}


def test_a_cell_keeps_its_formula_and_its_number_format() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"], sheet["A3"] = "=SUM(B1:B9)", 0.05, 5
    sheet["A2"].number_format, sheet["A3"].number_format = "0.0%", '0"分"'
    with GuardedReader() as own:
        read = own.read(workbooks.saved(book), "表.xlsx", "0" * 64).sheets[0]
    assert read.at(1, 1).formula == "=SUM(B1:B9)"
    assert [read.at(row, 1).number_format for row in (2, 3)] == ["0.0%", '0"分"']
    assert read.at(3, 1).formula == ""


def test_the_dimension_a_sheet_claims_is_not_believed() -> None:
    for claim in (b"A1:A1", b"A1:XFD1048576", b"Z9:A1"):
        data = workbooks.with_part(
            TIDY,
            workbooks.SHEET,
            lambda xml, claim=claim: re.sub(rb'ref="A1:[A-Z0-9]+"', b'ref="%s"' % claim, xml, count=1),
        )
        assert read_grid(data, "表.xlsx").sheets[0].cells.keys() == read_grid(TIDY, "表.xlsx").sheets[0].cells.keys()


def two_sheets(change: Callable[[bytes], bytes], part: str = "xl/workbook.xml") -> bytes:
    book = Workbook()
    book.worksheets[0]["A1"], book.create_sheet("乙")["A1"] = 1, 2
    return workbooks.with_part(workbooks.saved(book), part, change)


def test_sheets_come_in_the_order_of_the_tabs_whatever_their_parts_are_called() -> None:
    swapped = two_sheets(
        lambda xml: re.sub(rb"(<sheet .*?/>)(<sheet .*?/>)", rb"\2\1", xml.replace(b"sheet xmlns", b"sheet  xmlns"))
    )
    assert [sheet.name for sheet in read_grid(swapped, "表.xlsx").sheets] == ["乙", "Sheet"]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/workbook.xml", b'r:id="rId2"', b'r:id="rId99"'),
        ("xl/_rels/workbook.xml.rels", b"sheet2.xml", b"sheet9.xml"),
        ("xl/workbook.xml", '"乙"'.encode(), b'"SHEET"'),
    ],
)
def test_a_tab_that_leads_nowhere_or_stands_twice_is_damage(part: str, old: bytes, new: bytes) -> None:
    damaged = two_sheets(lambda xml: xml.replace(old, new), part)
    assert damaged != two_sheets(lambda xml: xml, part)
    assert refusal(damaged) == "workbook-damaged"


def test_a_very_hidden_sheet_is_known() -> None:
    hidden = two_sheets(lambda xml: xml.replace('name="乙"'.encode(), 'name="乙" state="veryHidden"'.encode()))
    hidden = workbooks.with_part(hidden, "xl/workbook.xml", lambda xml: xml.replace(b' state="visible"', b""))
    assert [sheet.state for sheet in read_grid(hidden, "表.xlsx").sheets] == ["visible", "very_hidden"]


def test_merges_that_overlap_are_damage() -> None:
    merges = b'</sheetData><mergeCells count="2"><mergeCell ref="A1:B2"/><mergeCell ref="B2:C3"/></mergeCells>'
    data = workbooks.with_part(
        raw('<row r="1"><c r="A1"><v>1</v></c></row>'), workbooks.SHEET, lambda x: x.replace(b"</sheetData>", merges)
    )
    assert refusal(data) == "workbook-damaged"


# The child


def test_a_panic_of_the_second_reader_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """Called as the reader's own, which cannot be imported."""

    def panic(*_: object) -> None:
        raise PanicException("range end index 221 out of range")

    monkeypatch.setattr(second_reader, "CalamineWorkbook", SimpleNamespace(from_filelike=panic))
    assert refusal(TIDY) == "workbook-damaged"


def test_a_file_for_which_memory_does_not_suffice_is_too_large_and_ends_the_child(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def swell(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(child, "read_grid", swell)
    answer = child._answer(b"", {"name": "表.xlsx", "sha256": "", "passwords": []})
    assert (answer["sheets"], answer["spent"], answer["problems"][0]["code"]) == (None, True, "workbook-too-large")


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="this system does not count a process's work")
def test_work_is_counted_and_not_only_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "_PATIENCE", 1000.0)
    slow = workbooks.with_rows(TIDY, b"<row/>" * 6_000_000)
    with GuardedReader(seconds=0.1) as reader:
        with pytest.raises(Refused) as refused:
            reader.read(slow, "表.xlsx", "0" * 64)
        reader.seconds = 20
        assert reader.read(TIDY, "表.xlsx", "0" * 64).sheets
    assert refused.value.problems[0].code == "workbook-too-slow"


def test_what_only_an_old_child_dies_of_is_read_by_a_new_one(
    reader: GuardedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.read(TIDY, "表.xlsx", "0" * 64)
    asked: list[int] = []
    exchanged = guarded._exchanged

    def die_once(process: object, *rest: object) -> object:
        asked.append(id(process))
        return None if len(asked) == 1 else exchanged(process, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(guarded, "_exchanged", die_once)
    assert reader.read(TIDY, "表.xlsx", "0" * 64).sheets
    assert len(asked) == 2
