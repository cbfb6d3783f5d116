"""Reading made-up workbooks: one in this process, or an inbox of them as the package does."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import workbooks
from openpyxl import Workbook
from workbooks import saved

from analytics.intake import Intake, receive
from analytics.intake.basis import Basis
from analytics.intake.files.grid import read_grid
from analytics.intake.forms import recognise
from analytics.intake.receive import _READERS
from analytics.policy import YearRules
from analytics.problems import Problem, Refused
from analytics.records import Submission
from analytics.workspace import Inbox, Workspace

WORKSPACE = Workspace()
REGISTRY, RULES = workbooks.registry(), workbooks.rules()
BASIS = Basis.load(WORKSPACE, REGISTRY, RULES)


MARKS = {"1": Decimal(5), "2": Decimal("3.5"), "3": Decimal(6), "4": Decimal(4)}


class Read:
    """One workbook read in this process: observations by item or measure, problems by code."""

    def __init__(self, book: Workbook | bytes, name: str = "表.xlsx") -> None:
        data = book if isinstance(book, bytes) else saved(book)
        try:
            self.form = recognise(read_grid(data, name), BASIS)
        except Refused as refused:
            self.problems: list[Problem] = list(refused.problems)
            return
        self.contents = _READERS[self.form.form](self.form, BASIS)
        self.problems = self.form.problems

    @property
    def codes(self) -> list[str]:
        return sorted(problem.code for problem in self.problems)

    @property
    def stops(self) -> list[str]:
        return sorted(problem.code for problem in self.problems if problem.severity == "stop")

    @property
    def marks(self) -> Mapping[str, Decimal | None]:
        return {o.item.removeprefix("item."): o.value for o in self.contents.observations}

    def problem(self, code: str) -> Problem:
        (problem,) = [problem for problem in self.problems if problem.code == code]
        assert "{" not in problem.message() + problem.message("en")
        return problem


def received(tmp_path: Path, files: Mapping[str, Workbook | bytes], rules: YearRules = RULES) -> Intake:
    for name, book in files.items():
        path = tmp_path / "收件" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(book if isinstance(book, bytes) else saved(book))
    return receive(WORKSPACE, REGISTRY, rules, Inbox(tmp_path / "收件", synthetic=False))


def one(intake: Intake, name: str) -> Submission:
    (submission,) = [s for s in intake.submissions if s.source.name == name]
    return submission
