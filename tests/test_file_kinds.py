"""Every kind of file that offices send: the same form out of each, or a sentence that says why not."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import workbooks
from readings import Read
from workbooks import FILES, assessment, delimited, saved, shown_rows, table, xml_of_2003

from analytics.intake.cells import CellKind, Sheet
from analytics.intake.files.grid import read_grid
from analytics.intake.files.guarded import GuardedReader
from analytics.intake.files.protection import PASSWORDS
from analytics.problems import Refused

ROWS = shown_rows(assessment())
MARKS = {"1": "5", "2": "3.5", "3": "6", "4": "4"}


def sheet_of(data: bytes, name: str = "表.xls") -> Sheet:
    return read_grid(data, name).sheets[0]


def codes(data: bytes, name: str = "表.xls") -> list[str]:
    """The problems of a file, whether it was read or refused."""
    try:
        return [problem.code for problem in read_grid(data, name).problems]
    except Refused as refused:
        return [problem.code for problem in refused.problems]


def kinds(sheet: Sheet) -> dict[str, tuple[str, str]]:
    return {cell.ref.address: (cell.kind.value, cell.raw) for cell in sheet.cells.values()}


AS_TEXT = {
    "csv-utf8": delimited(ROWS).encode(),
    "csv-utf8-bom": delimited(ROWS).encode("utf-8-sig"),
    "csv-gbk": delimited(ROWS).encode("gb18030"),
    "csv-semicolons": delimited(ROWS, ";").encode(),
    "csv-utf16": delimited(ROWS, "\t").encode("utf-16"),
    "csv-utf16-be": b"\xfe\xff" + delimited(ROWS, "\t").encode("utf-16-be"),
    "tsv-gbk-named-xls": delimited(ROWS, "\t").encode("gb18030"),
    "html-utf8": table(ROWS).encode(),
    "html-gbk": table(ROWS, "<meta charset=gb2312>").encode("gb18030"),
    "html-declares-wrongly": table(ROWS, "<meta charset=gb2312>").encode(),
    "xml-2003": xml_of_2003(ROWS).encode(),
}


@pytest.mark.parametrize("kind", AS_TEXT)
def test_a_form_saved_as_text_gives_the_same_marks_with_a_word_of_caution(kind: str) -> None:
    grid = read_grid(AS_TEXT[kind], "自评表.xls")
    assert [problem.code for problem in grid.problems] == ["text-table"]
    assert grid.sheets[0].name == "自评表"
    assert grid.sheets[0].at(7, 6).ref.address == "F7"
    read = Read(AS_TEXT[kind], "自评表.xls")
    assert read.stops == []
    assert {item: str(mark) for item, mark in read.marks.items()} == MARKS


def test_numbers_in_a_text_are_as_they_were_typed() -> None:
    sheet = sheet_of("项目,得分,率\n一,05.50,95%\n二,=1+1,１０\n".encode(), "表.csv")
    assert [sheet.at(row, column).raw for row in (2, 3) for column in (2, 3)] == ["05.50", "95%", "=1+1", "１０"]
    assert {sheet.at(2, 2).kind, sheet.at(3, 2).kind} == {CellKind.TEXT}


def test_the_name_of_an_error_in_a_text_is_an_error() -> None:
    sheet = sheet_of(b"a,b,c\n#REF!,#DIV/0!,####\n", "表.csv")
    assert {sheet.at(2, column).kind for column in (1, 2, 3)} == {CellKind.ERROR}


def test_fields_keep_their_line_breaks_quotes_and_separators() -> None:
    rows = [["单位", "说明"], ["甘泉", '第一行\n第二行，"引号",逗号'], ["", ""], ["末", "行"]]
    sheet = sheet_of(delimited(rows).encode("gb18030"), "表.csv")
    assert sheet.at(2, 2).raw == rows[1][1]
    assert sheet.at(4, 1).raw == "末"


def test_a_separator_that_the_first_line_names_is_taken() -> None:
    assert sheet_of("sep=;\r\n单位;得分,小计\r\n甘泉;5\r\n".encode(), "表.csv").at(1, 2).raw == "得分,小计"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('单位,得分\n"甘泉,5\n石泉,4\n', "2"),  # an open quote would swallow all that follows
        ('单位,得分\n"甘"泉,5\n', "2"),
        ("单位,说明,得分\n甘泉,一,5\n石泉,按期,完成,4\n曹杨,二,3\n", "D3"),  # a comma that nobody quoted
        ("<table><tr><td>单位<td>5</tr>", "</table>"),  # cut off
        ("<table><tr><td>单位<td><table><tr><td>5</table></table>", "<table>"),
        ("<table><tr><td>a<td rowspan=2>b<tr><td colspan=2>c</table>", "B1:B2"),
    ],
)
def test_a_text_in_which_columns_cannot_be_told_is_refused_with_the_place(text: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        read_grid(text.encode(), "表.csv")
    (problem,) = refused.value.problems
    assert problem.code == "text-table-unclear"
    assert place in problem.facts["found"]


def test_spans_of_a_page_are_merges_and_push_cells_aside() -> None:
    page = (
        "<h1>2020年度自评表</h1><p>单位：甘泉</p><table><tr><td rowspan=2>序号<td colspan='2'>自评<td>备注</tr>"
        "<tr><th>分<th>由<td>无</tr><tr><td>1<td>5<br>分<td>&nbsp;<td>a &amp; b</table>"
    )
    sheet = sheet_of(page.encode())
    assert {address: raw for address, (_, raw) in kinds(sheet).items()} == {
        "A1": "2020年度自评表", "A2": "单位：甘泉", "A3": "序号", "B3": "自评", "D3": "备注", "B4": "分", "C4": "由",
        "D4": "无", "A5": "1", "B5": "5\n分", "D5": "a & b",
    }  # fmt: skip
    assert (sheet.at(4, 1).raw, sheet.at(3, 3).raw) == ("序号", "自评")


def test_two_tables_stand_one_under_the_other() -> None:
    page = "<table><tr><td>一<td rowspan=9>甲</table>间<table><tr><td>二<td>乙</table>"
    assert kinds(sheet_of(page.encode())).keys() == {"A1", "B1", "A2", "A3", "B3"}


def test_what_a_page_hides_or_crosses_out_is_known() -> None:
    page = (
        "<table><tr style='display: none'><td>藏<tr><td><s>1</s>0<td style='text-decoration:line-through'>5"
        "<td><del></del>4<td x:fmla='=B1'>3</table><script>document.write('<td>9')</script>"
    )
    sheet = sheet_of(page.encode())
    assert sheet.hidden_rows == {1}
    assert [sheet.at(2, column).struck for column in (1, 2, 3)] == [True, True, False]
    assert sheet.at(2, 4).formula == "=B1"
    assert len(sheet.cells) == 5


def test_nothing_in_a_page_is_expanded() -> None:
    page = '<!DOCTYPE x [<!ENTITY five "5">]><table><tr><td>&five;<td>1</table>'
    assert codes(page.encode()) == ["workbook-doctype"]
    assert sheet_of(b"<!DOCTYPE html><table><tr><td>&five;<td>1</table>").at(1, 1).raw == "&five;"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html><body>404 Not Found</body></html>", "not-a-workbook"),
        ("只有一段话，没有表格。\n第二行".encode(), "not-a-workbook"),
        (b"a,b\n\x00\x01,2\n", "not-a-workbook"),
        (b"\xff\xfe\x81\xff,\xff\xff\n", "not-a-workbook"),
        (b"Rar!\x1a\x07\x01\x00", "archive-of-other-kind"),
        (b"7z\xbc\xaf\x27\x1c\x00", "archive-of-other-kind"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "not-a-workbook"),
        (b"{\\rtf1 a,b\n1,2}", "not-a-workbook"),
        ("\ufeff \n".encode("utf-16-le"), "file-empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "workbook-damaged"),
        (b"\x09\x08\x10\x00", "workbook-damaged"),
        (xml_of_2003(ROWS)[:-60].encode(), "workbook-damaged"),
    ],
)
def test_what_is_no_table_is_refused_by_name(data: bytes, code: str) -> None:
    assert codes(data) == [code]


def test_types_of_an_xml_workbook_are_kept() -> None:
    cells = (
        '<Row ss:Index="3" ss:Hidden="1"><Cell ss:Index="2" ss:StyleID="s1"><Data ss:Type="Number">0.95</Data></Cell>'
        '<Cell ss:Formula="=A1"/><Cell><Data ss:Type="Error">#REF!</Data></Cell>'
        '<Cell ss:MergeAcross="1"><Data ss:Type="Boolean">1</Data><Comment><Data>9</Data></Comment></Cell>'
        '<Cell><Data ss:Type="DateTime">2020-10-20T00:00:00.000</Data></Cell></Row>'
    )
    sheet = sheet_of(xml_of_2003([["x"]]).replace("</Table>", cells + "</Table>").encode())
    assert kinds(sheet) == {
        "A1": ("text", "x"), "B3": ("percent", "95%"), "C3": ("uncalculated", ""), "D3": ("error", "#REF!"),
        "E3": ("boolean", "TRUE"), "G3": ("date", "2020-10-20"),
    }  # fmt: skip
    assert (sheet.at(3, 2).struck, sheet.comments, sheet.hidden_rows) == (True, True, {3})
    assert sheet.at(3, 6).raw == "TRUE"


KINDS = {
    "B1": ("number", "5"), "B2": ("number", "4.5"), "B3": ("percent", "95%"), "B4": ("error", "#DIV/0!"),
    "B7": ("date", "2020-10-20"), "B8": ("time", "16:30:00"), "B9": ("boolean", "TRUE"), "B10": ("number", "2"),
    "B11": ("text", " 5 "), "B12": ("text", "一\n二"), "B13": ("date", "2020-10-20T09:30:00"),
    "B14": ("number", "-0.5"), "B17": ("text", "5分"), "C1": ("text", "合并"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "name"), [("kinds.xls", "表.xls"), ("kinds.xls", "表.et"), ("kinds.ods", "表.ods")])
def test_old_and_open_workbooks_keep_what_a_plain_reader_loses(file: str, name: str) -> None:
    grid = read_grid((FILES / file).read_bytes(), name)
    sheet, hidden = grid.sheets
    assert KINDS.items() <= kinds(sheet).items()
    assert [sheet.at(row, 2).struck for row in (1, 5, 6)] == [False, True, True]
    assert sheet.at(3, 4).raw == "合并"
    assert (sheet.hidden_rows, sheet.hidden_columns & {5, 6}, sheet.comments) == ({2}, {6}, True)
    assert (hidden.name, hidden.state) == ("藏起", "hidden")
    assert [problem.code for problem in grid.problems] == ["workbook-old-format"]


def test_a_workbook_from_before_excel_5_is_read() -> None:
    sheet = sheet_of(workbooks.before_excel_5())
    assert kinds(sheet) == {"A1": ("text", "甘"), "B1": ("number", "5")}


def test_an_old_workbook_cut_short_or_spoilt_is_damaged() -> None:
    data = (FILES / "kinds.xls").read_bytes()
    for cut in (9, 300, 600, 2048, len(data) // 2):
        assert codes(data[:cut]) == ["workbook-damaged"]


def test_an_open_document_with_a_row_without_end_is_no_larger_than_its_content() -> None:
    data = workbooks.with_part(
        workbooks.open_document([["单位", "甘泉"]]),
        "content.xml",
        lambda xml: xml.replace(
            b"</table:table>",
            b'<table:table-row table:number-rows-repeated="1048000"><table:table-cell'
            b' table:number-columns-repeated="16384"/></table:table-row></table:table>',
        ),
    )
    assert len(sheet_of(data).cells) == 2
    assert codes(data, "表.ods") == ["workbook-old-format"]


def test_the_suffix_is_noted_where_the_content_is_another_kind() -> None:
    assert codes((FILES / "kinds.ods").read_bytes(), "表.xls") == ["suffix-differs", "workbook-old-format"]
    assert codes((FILES / "kinds.xls").read_bytes(), "表.xlsx") == ["suffix-differs", "workbook-old-format"]


@pytest.mark.parametrize("data", [(FILES / "locked.xlsx").read_bytes(), workbooks.old_with_password()])
def test_a_workbook_with_a_password_says_so(data: bytes) -> None:
    with pytest.raises(Refused, match="打开密码"):
        read_grid(data, "表.xlsx")


def test_an_encrypted_open_document_says_so() -> None:
    data = workbooks.with_part(
        workbooks.open_document([["x", "y"]]), "META-INF/manifest.xml", lambda _: b"<m:encryption-data/>"
    )
    assert codes(data, "表.ods") == ["workbook-locked"]


@pytest.mark.skipif(importlib.util.find_spec("msoffcrypto") is None, reason="the extra `encrypted` is not installed")
def test_a_known_password_opens_a_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = tmp_path / "密码.txt"
    passwords.write_text("错的\n普陀2020\n", encoding="utf-8-sig")
    monkeypatch.setenv(PASSWORDS, str(passwords))
    data = (FILES / "locked.xlsx").read_bytes()
    with GuardedReader() as reader:
        grid = reader.read(data, "表.xlsx", "0" * 64)
    assert grid.sheets[0].at(6, 6).raw == "5"
    assert [problem.code for problem in grid.problems] == ["workbook-unlocked"]


def test_a_file_of_passwords_that_is_not_there_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORDS, "/没有/密码.txt")
    with pytest.raises(Refused, match=PASSWORDS):
        GuardedReader()


def test_an_xml_workbook_gives_the_same_cells_as_the_form_itself() -> None:
    tidy = read_grid(saved(assessment()), "表.xlsx").sheets[0]
    again = read_grid(xml_of_2003(ROWS).encode(), "表.xml").sheets[0]
    assert {at: cell.raw for at, cell in tidy.cells.items()} == {at: cell.raw for at, cell in again.cells.items()}
