"""What goes back to a unit: its own workbook, marked, and nothing else."""

from __future__ import annotations

import html
import io
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import workbooks
from lxml import etree
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from readings import one, received
from workbooks import SHEET, assessment, with_cell, with_part

from analytics.intake.files.ooxml import RETURN_AUTHOR
from analytics.intake.forms import RETURN_SHEET
from analytics.intake.returns import write_returns
from analytics.intake.returns.cell_comments import literal
from analytics.workspace import REPOSITORY

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ORDER = ["必须改正", "这一处没有采用，请改正或说明", "请核对"]
TOUCHED = {
    SHEET,
    "[Content_Types].xml",
    "xl/_rels/workbook.xml.rels",
    "xl/comments/comment1.xml",
    "xl/drawings/commentsDrawing1.vml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/worksheets/_rels/sheet1.xml.rels",
}


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
    faulty = with_cell(with_cell(with_cell(assessment(), "B7", "组织消防演练"), "F10", 9), "F8", 99)
    book = returned(tmp_path, faulty)
    sheet = book[RETURN_SHEET]
    assert book.sheetnames[0] == RETURN_SHEET
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert [row[0] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    assert ("自评表!B7", "必须改正") in {(row[1], row[2]) for row in rows}
    assert "自评表!F10" in {row[1] for row in rows}
    assert [row[2] for row in rows] == sorted((row[2] for row in rows), key=ORDER.index)
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


def furnished() -> bytes:
    """A form with all that a unit may have put into it: seal, chart, rules, names, a comment, results of formulas,
    text in two fonts, and a newer kind of validation that openpyxl drops."""
    book = with_cell(with_cell(assessment(), "F7", "不涉及"), "F10", 9)
    sheet = workbooks.form_sheet(book)
    sheet["F13"] = "=SUM(F6:F7,F10:F11)"
    sheet.add_image(Image(io.BytesIO((REPOSITORY / "data" / "pictures" / "brief.png").read_bytes())), "E18")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=6, min_row=6, max_row=11))
    sheet.add_chart(chart, "J2")
    check = DataValidation(type="decimal", operator="between", formula1="0", formula2="5")
    check.add("F6")
    sheet.add_data_validation(check)
    low = CellIsRule(operator="lessThan", formula=["4"], fill=PatternFill("solid", bgColor="FFFFFF00"))
    sheet.conditional_formatting.add("F6:F11", low)
    book.defined_names["得分"] = DefinedName("得分", attr_text="自评表!$F$6:$F$11")
    sheet.print_title_rows, sheet.print_area, sheet.freeze_panes = "4:4", "A1:H20", "A5"
    sheet.column_dimensions["B"].width = 41
    sheet["B6"].comment = Comment("单位自己的批注", "张三")
    data = workbooks.saved(book)
    data = with_part(
        data,
        SHEET,
        lambda xml: xml.replace(b"</f><v/>", b"</f><v>17.5</v>").replace(b"</f><v></v>", b"</f><v>17.5</v>"),
    )
    newer = (
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations count="0"/>'
        b"</ext></extLst></worksheet>"
    )
    data = with_part(data, SHEET, lambda xml: xml.replace(b"</worksheet>", newer))
    two_fonts = "<is><r><t>会</t></r><r><rPr><b/></rPr><t>议纪要</t></r></is>".encode()
    return with_part(data, SHEET, lambda xml: re.sub(rb"(?<=<c r=.H6. t=.inlineStr.>)<is>.*?</is>", two_fonts, xml))


def opened(path: Path, *, data_only: bool = False) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says which decorations it drops
        return openpyxl.load_workbook(path, data_only=data_only)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_nothing_but_the_marked_cells_is_changed(tmp_path: Path) -> None:
    original = furnished()
    (path,) = write_returns(received(tmp_path, {"甘泉.xlsx": original}), tmp_path / "退回")
    before, after = parts(original), parts(path.read_bytes())
    kept = before.keys() - TOUCHED
    assert any("media/" in name for name in kept)
    assert any("charts/" in name for name in kept)
    assert b"<rPr><b/>" in before[SHEET]
    assert {name for name in kept if after.get(name) != before[name]} == set()
    old, new = etree.fromstring(before[SHEET]), etree.fromstring(after[SHEET])
    marked = {"F7", "F10", "A1"}  # A1: the note on the comment
    styles = {"before": {}, "after": {}}
    for name, root in (("before", old), ("after", new)):
        for cell in root.iter(f"{MAIN}c"):
            if cell.get("r") in marked:
                styles[name][cell.get("r")] = int(cell.attrib.pop("s", "0"))
        for view in root.iter(f"{MAIN}sheetView"):
            view.attrib.pop("tabSelected", None)
    assert etree.tostring(new, method="c14n") == etree.tostring(old, method="c14n")
    assert b"x14:dataValidations" in after[SHEET]
    looks = [etree.fromstring(content["xl/styles.xml"]) for content in (before, after)]
    formats = [root.find(f"{MAIN}cellXfs") for root in looks]
    for first, second in zip(*formats, strict=False):
        assert dict(first.attrib) == dict(second.attrib)
    for address, number in styles["after"].items():
        one, other = formats[1][styles["before"][address]], formats[1][number]
        assert {n: v for n, v in one.items() if "ill" not in n} == {n: v for n, v in other.items() if "ill" not in n}
    assert opened(path, data_only=True)["自评表"]["F13"].value == 17.5
    assert opened(path)["自评表"]["B6"].comment.text == "单位自己的批注"


def test_names_of_areas_go_on_meaning_the_same_sheet(tmp_path: Path) -> None:
    (path,) = write_returns(received(tmp_path, {"甘泉.xlsx": furnished()}), tmp_path / "退回")
    book = opened(path)
    assert book["自评表"].print_area == "'自评表'!$A$1:$H$20"
    assert book["自评表"].print_title_rows == "$4:$4"
    assert book[RETURN_SHEET].print_area in ("", None)
    assert [bool(sheet.sheet_view.tabSelected) for sheet in book.worksheets] == [True, False]


def test_every_line_of_the_list_leads_to_its_cell_and_nowhere_else(tmp_path: Path) -> None:
    book = returned(tmp_path, with_cell(with_cell(assessment(), "F7", "不涉及"), "F10", 9))
    links = [cell.hyperlink for row in book[RETURN_SHEET].iter_rows() for cell in row if cell.hyperlink]
    assert [link.location for link in links] == ["'自评表'!F7", "'自评表'!F10"]
    assert all(link.target is None for link in links)


def test_what_somebody_wrote_at_a_bad_cell_stays_and_ours_follows(tmp_path: Path) -> None:
    book = with_cell(assessment(), "F7", "不涉及")
    workbooks.form_sheet(book)["F7"].comment = Comment("本单位无此职责", "张三")
    text = returned(tmp_path, book)["自评表"]["F7"].comment.text
    assert text.startswith("本单位无此职责")
    assert f"{RETURN_AUTHOR}：“第2项自评分”" in text


def test_a_second_return_shows_only_what_is_wrong_now(tmp_path: Path) -> None:
    (first,) = write_returns(
        received(tmp_path, {"甘泉.xlsx": with_cell(with_cell(assessment(), "F7", None), "F10", 9)}), tmp_path / "退回"
    )
    book = openpyxl.load_workbook(first)
    book["自评表"]["F7"] = 3.5
    again = received(tmp_path / "再次", {"甘泉.xlsx": workbooks.saved(book)})
    (second,) = write_returns(again, tmp_path / "再退")
    copy = openpyxl.load_workbook(second)
    assert copy.sheetnames == [RETURN_SHEET, "自评表"]
    assert [copy[RETURN_SHEET].cell(row, 2).value for row in (3, 4)] == ["自评表!F10", None]
    assert copy["自评表"]["F7"].comment is None
    assert copy["自评表"]["F7"].fill.fgColor.rgb != "FFFAD7A0"
    assert copy["自评表"]["F10"].comment is not None


def with_new_part(data: bytes, name: str, content: bytes) -> bytes:
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: with_new_part(data, "xl/vbaProject.bin", b"x"), "宏"),
        (lambda data: with_new_part(data, "xl/externalLinks/externalLink1.xml", b"<externalLink/>"), "外部链接"),
        (lambda data: with_new_part(data, "_xmlsignatures/sig1.xml", b"<x/>"), "数字签名"),
        (
            lambda data: with_part(
                data, SHEET, lambda xml: xml.replace(b"<f>1+1</f>", b'<f>HYPERLINK("http://x","5")</f>')
            ),
            "文件以外的内容",
        ),
    ],
)
def test_what_is_not_to_be_handed_on_goes_back_as_a_list(
    tmp_path: Path, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    book = with_cell(with_cell(assessment(), "F7", None), "G6", "=1+1")
    intake = received(tmp_path, {"甘泉.xlsx": spoil(workbooks.saved(book))})
    assert one(intake, "甘泉.xlsx").outcome == "accepted_with_warning"
    (path,) = write_returns(intake, tmp_path / "退回")
    assert path.name == "ST04-甘泉路街道-自评表-问题清单.xlsx"
    copy = openpyxl.load_workbook(path)
    assert copy.sheetnames == [RETURN_SHEET]
    assert reason in copy[RETURN_SHEET]["A1"].value


def test_links_to_places_outside_are_cut_and_the_words_stay(tmp_path: Path) -> None:
    book = with_cell(assessment(), "F7", None)
    workbooks.form_sheet(book)["H7"].hyperlink = "http://example.invalid/x"
    workbooks.form_sheet(book)["H7"] = "见网页"
    (path,) = write_returns(received(tmp_path, {"甘泉.xlsx": book}), tmp_path / "退回")
    assert not any(b"example.invalid" in content for content in parts(path.read_bytes()).values())
    assert openpyxl.load_workbook(path)["自评表"]["H7"].value == "见网页"


def test_strange_signs_are_shown_escaped_in_a_copy(tmp_path: Path) -> None:
    book = returned(tmp_path, with_cell(assessment(), "F7", "\u202e5<b>"))
    said = book[RETURN_SHEET]["D3"].value
    assert "\\u202e5<b>" in said
    assert "\u202e" not in said
    assert literal("_x0041_ x_y") == "_x005F_x0041_ x_y"
