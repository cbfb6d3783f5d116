"""The unit's own workbook handed back: what is wrong is coloured and explained in place and listed in front."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from analytics.intake.cells import place
from analytics.intake.forms import RETURN_SHEET
from analytics.intake.ooxml import RETURN_AUTHOR
from analytics.intake.report import Intake
from analytics.problems import Problem, Refused
from analytics.records import FormName, Submission

_RETURNED: dict[FormName, str] = {
    "self_assessment": "自评表",
    "pledge_report": "履职践诺报告书",
    "onsite_record": "现场巡查记录",
}
_SEVERITIES = {"stop": "必须改正", "skip": "这一处没有采用，请改正或说明", "note": "请核对"}
_FILLS = {"stop": "FFF4B6B6", "skip": "FFFAD7A0", "note": "FFFFF2CC"}
_NOTHING_TO_MEND = {"bonus-claimed"}
_MOST_BYTES = 4 * 2**20  # unpacked; openpyxl needs seconds for more
_HEAD = ("序号", "位置", "要做什么", "说明")
_WIDTHS = (6, 22, 24, 80)


def write_returns(intake: Intake, folder: Path) -> tuple[Path, ...]:
    """Write a return copy of every unit's workbook with a problem at a cell or with a reason to be refused.

    Superseded files and refused ones that a valid one replaced are left out. Copies are named after the unit, hold
    nothing of any other unit, and give the same bytes every time. Where the workbook itself cannot be opened for
    writing, the list of problems goes out alone. Refused when a copy is open in another program.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for submission in _to_return(intake):
        path = folder / _file_name(intake, submission, written)
        part = path.with_suffix(".part")
        try:
            part.write_bytes(_bytes(_marked(intake.folder / submission.source.name, submission)))
            part.replace(path)
        except PermissionError:
            raise Refused([Problem("output-open", "stop", file=str(path))]) from None
        written.append(path)
    return tuple(written)


def _to_return(intake: Intake) -> Iterator[Submission]:
    still_open = set(map(id, intake.open_rejections))
    for submission in intake.submissions:
        if submission.form not in _RETURNED or not (submission.counts or id(submission) in still_open):
            continue
        if any((p.at or p.severity != "note") and p.code not in _NOTHING_TO_MEND for p in submission.problems):
            yield submission


def _file_name(intake: Intake, submission: Submission, taken: Sequence[Path]) -> str:
    """A name made of what we know, never of text in the file: ``ST03-长寿路街道-自评表-批注.xlsx``."""
    form = _RETURNED[submission.form or "self_assessment"]
    unit = f"{submission.unit}-{intake.registry[submission.unit].name}" if submission.unit else "单位不明"
    name = f"{unit}-{form}-批注.xlsx"
    return (
        name if name not in {path.name for path in taken} else f"{unit}-{form}-批注-{submission.source.sha256[:8]}.xlsx"
    )


def _marked(path: Path, submission: Submission) -> Workbook:
    workbook = _opened(path, submission.source.sha256)
    problems = sorted(submission.problems, key=lambda problem: ("stop", "skip", "note").index(problem.severity))
    for problem in problems:
        if problem.at and problem.at.sheet in workbook.sheetnames:
            _mark(workbook[problem.at.sheet], problem)
    if RETURN_SHEET in workbook.sheetnames:
        del workbook[RETURN_SHEET]
    _list_problems(workbook.create_sheet(RETURN_SHEET, 0), submission, problems)
    workbook.active = 0
    return workbook


def _opened(path: Path, sha256: str) -> Workbook:
    """The workbook as it was read, without links to other files; an empty one when it is not to be had."""
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() == sha256 and _is_small(data):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of decorations that openpyxl will not keep
                return load_workbook(io.BytesIO(data), keep_links=False)
        except (InvalidFileException, KeyError, IndexError, ValueError, TypeError, AttributeError):
            pass  # openpyxl stumbles over workbooks that our reader and Excel take
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    return workbook


def _is_small(data: bytes) -> bool:
    if not data.startswith(b"PK\x03\x04"):
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(member.file_size for member in archive.infolist()) <= _MOST_BYTES


def _mark(sheet: Worksheet, problem: Problem) -> None:
    if problem.at is None:
        return
    cell = sheet.cell(*place(problem.at.address))
    if isinstance(cell, MergedCell):
        return
    text = problem.message().removeprefix(f"{problem.at}：")
    if cell.comment is not None and cell.comment.author == RETURN_AUTHOR:
        text = f"{cell.comment.text}\n{text}"
    else:
        cell.fill = PatternFill("solid", fgColor=_FILLS[problem.severity])
    cell.comment = Comment(text, RETURN_AUTHOR, height=140, width=320)


def _list_problems(sheet: Worksheet, submission: Submission, problems: Sequence[Problem]) -> None:
    said = "退回，请改正后重新报送" if submission.outcome == "rejected" else "已收下，下列各处请核对"
    rows: list[tuple[str, ...]] = [(f"{said}。有颜色的单元格旁有批注。改好后直接报送本文件即可，本页不用删。",), _HEAD]
    for number, problem in enumerate(problems, start=1):
        where = f"{problem.at.sheet}!{problem.at.address}" if problem.at else "整个文件"
        message = problem.message().removeprefix(f"{problem.place}：")
        rows.append((str(number), where, _SEVERITIES[problem.severity], message))
    for row, values in enumerate(rows, start=1):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row, column)
            _write_text(cell, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=row <= 2)
    for letter, width in zip("ABCD", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.merge_cells("A1:D1")
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0


def _write_text(cell: Cell, text: str) -> None:
    """Put ``text`` in as data: a formula that somebody typed into a form stays the characters that it is."""
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = text[:1] in tuple("=+-@\t\r")


def _bytes(workbook: Workbook) -> bytes:
    """The .xlsx file, the same bytes every time: no clock in it."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    workbook.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>2020-01-01T00:00:00Z", content)
            member = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            member.create_system = 3  # the same on Windows
            target.writestr(member, content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
