"""The unit's own workbook handed back: what is wrong is coloured and explained in place and listed in front."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from zipfile import BadZipFile

from lxml.etree import XMLSyntaxError

from analytics.intake.forms import RETURN_SHEET
from analytics.intake.inbox import read_again
from analytics.intake.report import Intake
from analytics.intake.returns.marked_copy import Mark, Unmarkable, list_alone, marked_copy
from analytics.intake.returns.package import Package
from analytics.intake.returns.painted_cells import FILLS
from analytics.intake.returns.return_list import Line, Listing
from analytics.problems import Problem, Refused
from analytics.records import FormName, Submission

_RETURNED: dict[FormName, str] = {
    "self_assessment": "自评表",
    "pledge_report": "履职践诺报告书",
    "onsite_record": "现场巡查记录",
}
_SEVERITIES = {"stop": "必须改正", "skip": "这一处没有采用，请改正或说明", "note": "请核对"}
_NOTHING_TO_MEND = {"bonus-claimed"}
_ADVICE = "有颜色的单元格旁有批注，点“位置”可以跳到该处。改好后直接报送本文件即可，本页不用删。"


def write_returns(intake: Intake, folder: Path) -> tuple[Path, ...]:
    """Write a return copy of every unit's workbook with a problem at a cell or with a reason to be refused.

    Superseded files and refused ones that a valid one replaced are left out. Copies are named after the unit, hold
    nothing of any other unit, and give the same bytes every time. Where the file itself cannot be marked, the list of
    problems goes out alone and says why. Refused when a copy is open in another program.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for submission in _to_return(intake):
        content, marked = marked_bytes(read_again(intake.folder, submission.source.name), submission)
        path = folder / _file_name(intake, submission, marked, written)
        write_copy(path, content)
        written.append(path)
    return tuple(written)


def marked_bytes(data: bytes, submission: Submission) -> tuple[bytes, bool]:
    """What goes back for the file in ``data``, and whether it is that file, marked, or only the list of problems."""
    problems = sorted(submission.problems, key=lambda problem: ("stop", "skip", "note").index(problem.severity))
    try:
        if hashlib.sha256(data).hexdigest() != submission.source.sha256:
            raise Unmarkable("文件在读取之后有改动")
        marks = [_mark(problem) for problem in problems if problem.at]
        return marked_copy(data, marks, _listing(submission, problems, _ADVICE)), True
    except Unmarkable as reason:
        return list_alone(_listing(submission, problems, f"{reason}；请按下列位置在原文件中改正。")), False


def is_return(path: Path) -> bool:
    """Whether the file there is a workbook with our list in it."""
    try:
        return any(name == RETURN_SHEET for name in Package.opened(path.read_bytes()).sheet_names())
    except (BadZipFile, KeyError, XMLSyntaxError):
        return False


def write_copy(path: Path, content: bytes) -> None:
    """Write a copy under its final name, whole or not at all. Refused when it is open in another program."""
    part = path.with_suffix(".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except PermissionError:
        raise Refused([Problem("output-open", "stop", file=str(path))]) from None


def _to_return(intake: Intake) -> Iterator[Submission]:
    still_open = set(map(id, intake.open_rejections))
    for submission in intake.submissions:
        if submission.form not in _RETURNED or not (submission.counts or id(submission) in still_open):
            continue
        if any((p.at or p.severity != "note") and p.code not in _NOTHING_TO_MEND for p in submission.problems):
            yield submission


def _file_name(intake: Intake, submission: Submission, marked: bool, taken: Sequence[Path]) -> str:
    """A name made of what we know, never of text in the file: ``ST03-长寿路街道-自评表-批注.xlsx``."""
    form = _RETURNED[submission.form or "self_assessment"]
    unit = f"{submission.unit}-{intake.registry[submission.unit].name}" if submission.unit else "单位不明"
    name = f"{unit}-{form}-{'批注' if marked else '问题清单'}"
    if f"{name}.xlsx" in {path.name for path in taken}:
        name = f"{name}-{submission.source.sha256[:8]}"
    return f"{name}.xlsx"


def _mark(problem: Problem) -> Mark:
    assert problem.at is not None
    text = problem.message().removeprefix(f"{problem.at}：")
    return Mark(problem.at.sheet, problem.at.address, FILLS[problem.severity], text)


def _listing(submission: Submission, problems: Sequence[Problem], advice: str) -> Listing:
    said = "退回，请改正后重新报送" if submission.outcome == "rejected" else "已收下，下列各处请核对"
    lines = [
        Line(
            problem.at.sheet if problem.at else "",
            problem.at.address if problem.at else "",
            _SEVERITIES[problem.severity],
            problem.message().removeprefix(f"{problem.place}："),
        )
        for problem in problems
    ]
    return Listing(f"{said}。{advice}", lines)
