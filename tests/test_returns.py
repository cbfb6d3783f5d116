"""What goes back to a unit: its own workbook, marked, and nothing else."""

from __future__ import annotations

import html
import io
import zipfile
from pathlib import Path

import openpyxl
import workbooks
from openpyxl import Workbook
from openpyxl.styles import Font
from readings import received
from workbooks import assessment, with_cell

from analytics.intake.forms import RETURN_SHEET
from analytics.intake.returns import write_returns


def returned(tmp_path: Path, book: Workbook | bytes, name: str = "甘泉.xlsx") -> openpyxl.Workbook:
    (path,) = write_returns(received(tmp_path, {name: book}), tmp_path / "退回")
    return openpyxl.load_workbook(path)


def test_the_bad_cell_is_coloured_and_explained_in_place(tmp_path: Path) -> None:
    book = returned(tmp_path, with_cell(assessment(), "F7", "不涉及"))
    cell = book["自评表"]["F7"]
    assert cell.value == "不涉及"
    assert cell.fill.fgColor.rgb == "FFFAD7A0"
    assert cell.comment is not None
    assert "安委办裁定" in cell.comment.text
    assert book["自评表"]["F6"].comment is None


def test_a_sheet_in_front_lists_everything(tmp_path: Path) -> None:
    book = returned(tmp_path, workbooks.without_row(with_cell(assessment(), "F10", 9), 7))
    sheet = book[RETURN_SHEET]
    assert book.sheetnames[0] == RETURN_SHEET
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert [row[1] for row in rows] == ["整个文件", "自评表!F9", "自评表!F7"]
    assert "第2项" in rows[0][3]
    assert "小计" in rows[2][3]
    assert "退回" in sheet["A1"].value


def test_copies_are_named_after_the_unit_and_never_after_the_file(tmp_path: Path) -> None:
    intake = received(tmp_path, {"%2e%2e%2fetc.xlsx": with_cell(assessment(), "F7", None)})
    (path,) = write_returns(intake, tmp_path / "退回")
    assert path == tmp_path / "退回" / "ST04-甘泉路街道-自评表-批注.xlsx"


def test_only_files_with_something_to_mend_go_back(tmp_path: Path) -> None:
    files = {
        "好.xlsx": assessment(),
        "旧.xlsx": with_cell(assessment("石泉路街道", date="2020-10-20"), "F7", None),
        "新.xlsx": assessment("石泉路街道", date="2020-10-29"),
        "裁定.xlsx": workbooks.decisions([["D-01"]]),
        "坏.xlsx": b"%PDF-1.4",
        "履职.xlsx": workbooks.pledge(figures=((None, 1), (1, 1), (1, 1))),
    }
    paths = write_returns(received(tmp_path, files), tmp_path / "退回")
    assert [path.name for path in paths] == ["ST04-甘泉路街道-履职践诺报告书-批注.xlsx"]


def test_a_copy_holds_nothing_of_another_unit(tmp_path: Path) -> None:
    files = {
        "甘泉.xlsx": with_cell(assessment(), "F7", None),
        "石泉.xlsx": with_cell(with_cell(assessment("石泉路街道"), "F7", None), "G7", "石泉的事"),
    }
    for path in write_returns(received(tmp_path, files), tmp_path / "退回"):
        with zipfile.ZipFile(path) as archive:
            text = html.unescape(b"".join(map(archive.read, archive.namelist())).decode("utf-8", "ignore"))
        assert ("石泉" in text) == path.name.startswith("ST05")


def test_typed_formulas_stay_text(tmp_path: Path) -> None:
    book = assessment()
    for address, text in {"F7": '=HYPERLINK("http://x","5")', "G6": "+1", "G7": "@cmd"}.items():
        with_cell(book, address, text)
        workbooks.form_sheet(book)[address].data_type = "s"
    copy = returned(tmp_path, book)
    cells = [copy["自评表"]["F7"], *(cell for row in copy[RETURN_SHEET].iter_rows() for cell in row)]
    assert all(cell.data_type != "f" for cell in cells)


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    intake = received(tmp_path, {"甘泉.xlsx": with_cell(assessment(), "F7", None)})
    (first,) = write_returns(intake, tmp_path / "一")
    (second,) = write_returns(intake, tmp_path / "二")
    assert first.read_bytes() == second.read_bytes()


def test_a_mended_copy_can_be_handed_in_as_it_is(tmp_path: Path) -> None:
    book = returned(tmp_path, with_cell(assessment(), "F7", None))
    book["自评表"]["F7"] = 3.5
    stream = io.BytesIO()
    book.save(stream)
    intake = received(tmp_path / "再次", {"甘泉.xlsx": stream.getvalue()})
    assert [submission.problems for submission in intake.submissions] == [()]


def test_the_unit_s_own_formats_survive(tmp_path: Path) -> None:
    book = with_cell(assessment(), "F7", None)
    workbooks.form_sheet(book)["B7"].font = Font(bold=True, name="仿宋")
    assert returned(tmp_path, book)["自评表"]["B7"].font.name == "仿宋"


def test_where_the_workbook_cannot_be_opened_the_list_goes_alone(tmp_path: Path) -> None:
    data = workbooks.strict_edition(workbooks.saved(with_cell(assessment(), "F7", None)))
    assert returned(tmp_path, data).sheetnames == [RETURN_SHEET]


def test_a_file_that_changed_after_reading_is_not_marked(tmp_path: Path) -> None:
    intake = received(tmp_path, {"甘泉.xlsx": with_cell(assessment(), "F7", None)})
    (intake.folder / "甘泉.xlsx").write_bytes(workbooks.saved(assessment("石泉路街道")))
    (path,) = write_returns(intake, tmp_path / "退回")
    assert openpyxl.load_workbook(path).sheetnames == [RETURN_SHEET]
