"""The pledge report: figures as reported and as checked."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
import workbooks
from docx import Document
from openpyxl import load_workbook
from readings import Read, one, received
from workbooks import with_cell, with_part

from analytics.intake.cells import place
from analytics.intake.returns import write_returns
from analytics.records import Channel
from analytics.workspace import REPOSITORY

SECTIONS = {
    "一、年度承诺事项": "已落实。",
    "二、履职情况（对照责任落实）": "召开安全生产会议12次。",
    "三、存在的问题和原因": "台账不够细。",
    "四、下一步措施": "继续。",
}
FIGURES = ((40, 40), (38, 37), ("12.5万元", 12.5))
BODY = "word/document.xml"


def report(
    figures: object = FIGURES, sections: object = SECTIONS, signed: str = "王五", unit: str = "甘泉路街道"
) -> bytes:
    """A pledge report as a Word document: title, labels on one line, sections, the table, the line to sign."""
    document = Document()
    document.add_heading("2020年度普陀区安全生产责任履职践诺报告书（街道镇）", 1)
    document.add_paragraph(f"单位：{unit}　　主要负责人：王五　　填报日期：2020年10月28日")
    for heading, body in dict(sections).items():
        document.add_paragraph(heading)
        if body:
            document.add_paragraph(body)
    document.add_paragraph("五、主要数据")
    table = document.add_table(rows=1, cols=6)
    rows = [("排查发现隐患数", "处"), ("已整改隐患数", "处"), ("投入经费", "万元")]
    lines = [(number, *row, *values) for number, (row, values) in enumerate(zip(rows, figures, strict=False), start=1)]
    for line in (("序号", "指标名称", "计量单位", "填报数", "核定数", "备注"), *lines):
        cells = table.rows[0].cells if line[0] == "序号" else table.add_row().cells
        for cell, value in zip(cells, line, strict=False):
            cell.text = str(value)
    document.add_paragraph(f"单位主要负责人（签字）：{signed}　　（盖章）　　年　月　日")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_a_pledge_report_gives_reported_and_checked_figures() -> None:
    read = Read(workbooks.pledge())
    found = {(o.measure, o.channel): o.value for o in read.contents.observations}
    assert found == {
        ("found", Channel.SELF): 40, ("found", Channel.DESK): 40,
        ("fixed", Channel.SELF): 38, ("fixed", Channel.DESK): 37,
        ("spent", Channel.SELF): Decimal("12.5"), ("spent", Channel.DESK): Decimal("12.5"),
    }  # fmt: skip
    assert (read.codes, read.form.unread()) == ([], ())


def test_an_unchecked_figure_is_absent_and_not_zero() -> None:
    read = Read(workbooks.pledge(figures=((40, None), (None, 37), (1, 1))))
    found = {(o.measure, o.channel) for o in read.contents.observations}
    assert ("found", Channel.DESK) not in found
    assert ("fixed", Channel.SELF) not in found
    assert read.codes == ["value-blank"]


def test_a_measure_without_a_row_and_a_half_hazard_are_told() -> None:
    read = Read(workbooks.pledge(figures=((40.5, 40),)))
    assert read.codes == ["count-not-whole", "measure-missing", "measure-missing"]


def test_a_word_report_gives_the_same_figures_as_a_workbook() -> None:
    of_word, of_excel = Read(report(), "报告书.docx"), Read(workbooks.pledge())
    figures = [{(o.measure, o.channel): o.value for o in read.contents.observations} for read in (of_word, of_excel)]
    assert figures[0] == figures[1]
    assert (of_word.contents.unit, str(of_word.contents.date)) == ("ST04", "2020-10-28")
    assert (of_word.codes, of_word.form.unread()) == (["meetings-in-text"], ())


def test_a_figure_of_a_word_report_is_found_again_where_it_is_said_to_stand() -> None:
    data = report()
    for observation in Read(data, "报告书.docx").contents.observations:
        cell = observation.reading.cell
        row, column = place(cell.address)
        table = Document(io.BytesIO(data)).tables[int(cell.sheet.removeprefix("表")) - 1]
        assert table.cell(row - 1, column - 1).text == observation.reading.raw


def test_what_is_wrong_in_a_word_report_is_named_with_table_and_cell() -> None:
    read = Read(report(figures=((40.5, 40), ("", 37), ("10~12", 1))), "报告书.docx")
    places = {problem.code: problem.place for problem in read.problems if problem.severity == "skip"}
    assert places == {
        "count-not-whole": "报告书.docx › 表1!D2",
        "value-blank": "报告书.docx › 表1!D3",
        "value-range": "报告书.docx › 表1!D4",
    }


def test_missing_and_blank_parts_are_named() -> None:
    sections = {"一、年度承诺事项": "", "二、履职情况": "见附件。", "四、下一步措施": "继续。"}
    read = Read(report(sections=sections), "报告书.docx")
    assert read.problem("section-missing").facts["expected"] == "存在的问题和原因"
    assert read.problem("section-blank").facts["found"] == "一、年度承诺事项"


def test_sections_numbered_by_word_itself_are_known_by_their_words() -> None:
    sections = {heading.partition("、")[2]: body for heading, body in SECTIONS.items()}
    assert "section-missing" not in Read(report(sections=sections), "报告书.docx").codes


def test_a_signature_is_a_name_or_a_picture_and_never_guessed() -> None:
    assert "signature-missing" in Read(report(signed=""), "报告书.docx").codes
    document = Document(io.BytesIO(report(signed="")))
    picture = io.BytesIO((REPOSITORY / "data" / "pictures" / "brief.png").read_bytes())
    document.paragraphs[-1].add_run().add_picture(picture)
    stream = io.BytesIO()
    document.save(stream)
    assert "signature-missing" not in Read(stream.getvalue(), "报告书.docx").codes
    named_at_the_top = with_cell(workbooks.pledge(), "A11", "主要负责人（签字）：")
    assert "signature-missing" not in Read(named_at_the_top).codes
    assert "signature-missing" in Read(with_cell(named_at_the_top, "D2", None)).codes


def test_a_number_of_meetings_in_running_text_is_offered_and_not_taken() -> None:
    read = Read(report(), "报告书.docx")
    assert read.problem("meetings-in-text").facts["found"] == "会议12次"
    assert 12 not in [observation.value for observation in read.contents.observations]


def test_deleted_words_are_not_read_and_struck_figures_do_not_count() -> None:
    deleted = with_part(report(), BODY, lambda xml: xml.replace(b"<w:t>38</w:t>", b"<w:delText>38</w:delText>"))
    assert "value-blank" in Read(deleted, "报告书.docx").codes
    struck = with_part(
        report(), BODY, lambda xml: xml.replace(b"<w:r><w:t>38</w:t>", b"<w:r><w:rPr><w:strike/></w:rPr><w:t>38</w:t>")
    )
    assert "value-struck" in Read(struck, "报告书.docx").codes


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda xml: xml.replace(b"<w:document", b"<!DOCTYPE x [<!ENTITY e 'x'>]><w:document", 1), "workbook-doctype"),
        (lambda xml: xml[:-40], "workbook-damaged"),
        (lambda xml: xml.replace(b"<w:body>", b"<w:body>" + b"<w:sdt>" * 200, 1), "workbook-damaged"),
    ],
)
def test_a_spoilt_document_is_refused(tmp_path: Path, spoil: object, code: str) -> None:
    intake = received(tmp_path, {"报告书.docx": with_part(report(), BODY, spoil)})
    assert [(s.outcome, s.problems[0].code) for s in intake.submissions] == [("rejected", code)]


def test_a_document_that_is_no_pledge_report_is_refused(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("2020年度自评表")
    stream = io.BytesIO()
    document.save(stream)
    (submission,) = received(tmp_path, {"自评表.docx": stream.getvalue()}).submissions
    assert (submission.outcome, submission.problems[0].code) == ("rejected", "not-a-workbook")
    assert submission.observations == ()


def test_a_word_report_goes_through_the_guarded_child_and_back_as_a_list(tmp_path: Path) -> None:
    intake = received(tmp_path, {"报告书.docx": report(figures=((40.5, 40), (38, 37), (1, 1)))})
    submission = one(intake, "报告书.docx")
    assert (submission.outcome, submission.unit, submission.form) == ("accepted_with_warning", "ST04", "pledge_report")
    (path,) = write_returns(intake, tmp_path / "退回")
    assert path.name == "ST04-甘泉路街道-履职践诺报告书-问题清单.xlsx"
    rows = [row[1].value for row in load_workbook(path).worksheets[0].iter_rows(min_row=3)]
    assert rows == ["表1!D2", "正文!A6"]


def test_a_document_of_a_million_words_costs_seconds_and_not_the_others(tmp_path: Path) -> None:
    paragraph = "<w:p><w:r><w:t>落实</w:t></w:r></w:p>".encode()
    bomb = with_part(report(), BODY, lambda xml: xml.replace(b"<w:body>", b"<w:body>" + paragraph * 400_000, 1))
    intake = received(tmp_path, {"大.docx": bomb, "小.docx": report()})
    assert [s.outcome for s in intake.submissions] == ["rejected", "accepted_with_warning"]
    assert zipfile.is_zipfile(tmp_path / "收件" / "大.docx")
