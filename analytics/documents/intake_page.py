"""What the page of the intake report says: every file and unit on a line, who is missing, what has to be mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from analytics.documents.intake_workbook import days_late
from analytics.documents.labels import FORMS, OUTCOMES, SEVERITIES, Say, banner, speaker
from analytics.policy import YearRules
from analytics.problems import Language, Problem, shown
from analytics.records import FormName, Submission
from analytics.units import Unit, UnitRegistry

if TYPE_CHECKING:
    from analytics.intake import Intake

RETURNS = "returns"
_OF_A_UNIT: tuple[FormName, ...] = ("self_assessment", "pledge_report")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, where it leads (relative and percent-encoded, or ``""``), and how it is drawn."""

    text: str
    href: str = ""
    look: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A headed table; ``note`` is said below it."""

    id: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[tuple[Cell, ...], ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class IntakePage:
    language: Language
    title: str
    banner: str
    lead: str
    counts: tuple[tuple[str, int], ...]
    tables: tuple[Table, ...]
    links: tuple[Cell, ...]


def compose_intake_page(
    intake: Intake, rules: YearRules, registry: UnitRegistry, folder: Path, language: Language = "zh"
) -> IntakePage:
    """The page for ``folder``, the year's built output. Only files that lie there now are linked."""
    writer = _Writer(intake, registry, folder, speaker(language), language)
    status = "demonstration" if any(r.status == "demonstration" for r in rules.rubrics) else "in_force"
    return IntakePage(
        language,
        writer.say(f"{intake.year}年度收件报告", f"Files received, {intake.year}"),
        banner(writer.say, synthetic=intake.synthetic, status=status),
        writer.lead(),
        writer.counts(),
        (writer.missing(), writer.units(), writer.files(), writer.to_mend()),
        tuple(writer.links()),
    )


def returned_files(folder: Path, unit: Unit) -> tuple[str, ...]:
    """Names of the return copies of a unit that lie in the year's folder."""
    return tuple(sorted(path.name for path in (folder / RETURNS).glob(f"{unit.id}-*.xlsx")))


@dataclass(frozen=True, slots=True)
class _Writer:
    intake: Intake
    registry: UnitRegistry
    folder: Path
    say: Say
    language: Language

    def counts(self) -> tuple[tuple[str, int], ...]:
        submissions = self.intake.submissions
        return tuple((self.say(*label), sum(s.outcome == o for s in submissions)) for o, label in OUTCOMES.items())

    def lead(self) -> str:
        total, counts = len(self.intake.submissions), self.counts()
        parts = self.say("，", ", ").join(f"{name} {number}" for name, number in counts)
        summed = " + ".join(str(number) for _, number in counts)
        missing = len(self.intake.missing)
        return self.say(
            f"收到{total}个文件：{parts}（{summed} = {total}）；{missing}个单位没有可以计分的自评表。",
            f"{total} files: {parts} ({summed} = {total}); {missing} units without a self-assessment that counts.",
        )

    def missing(self) -> Table:
        rows = tuple(
            ((Cell(unit.name),), (Cell(unit.kind.label(self.language)),), self._rejected(unit))
            for unit in self.intake.missing
        )
        headings = (("单位", "Unit"), ("类别", "Class"), ("退回的文件", "Rejected files"))
        return self._table("missing", ("还没有交的单位", "Who has not handed in"), headings, rows)

    def units(self) -> Table:
        rows = tuple(map(self._unit_row, self.registry.in_year(self.intake.year)))
        headings = (
            ("单位", "Unit"),
            ("自评表", "Self-assessment"),
            ("履职践诺报告书", "Pledge report"),
            ("退回件", "Return copy"),
        )
        return self._table("units", ("各单位", "Units"), headings, rows)

    def files(self) -> Table:
        headings = (
            ("文件", "File"), ("处理结果", "Outcome"), ("表种", "Form"), ("单位", "Unit"), ("收件时间", "Received"),
            ("问题数", "Problems"), ("规范化", "Repairs"),
        )  # fmt: skip
        rows = tuple(map(self._file_row, sorted(self.intake.submissions, key=lambda s: s.source)))
        unmatched = len(self.intake.unmatched)
        note = self.say(
            f"对照表（data/lookups）中有{unmatched}条没有对上本年度的任何单元格，见 intake.xlsx。",
            f"{unmatched} lines of data/lookups matched nothing this year; see intake.xlsx.",
        )
        return self._table("files", ("各文件", "Files"), headings, rows, note if unmatched else "")

    def to_mend(self) -> Table:
        """Everything that refuses a file or leaves a value out; notes stand in the workbook."""
        rows = tuple(
            (
                (Cell(shown(problem.place or submission.source.name, _LONGEST_NAME)),),
                (Cell(self.say(*SEVERITIES[problem.severity]), look=problem.severity),),
                (Cell(Problem(problem.code, problem.severity, facts=problem.facts).message(self.language)),),
            )
            for submission in sorted(self.intake.submissions, key=lambda s: s.source)
            if not submission.superseded_by
            for problem in submission.problems
            if problem.severity != "note"
        )
        headings = (("位置", "Place"), ("后果", "Severity"), ("说明和处理办法", "What is wrong and what to do"))
        return self._table("mend", ("需要改正的", "To be mended"), headings, rows)

    def links(self) -> Iterator[Cell]:
        if (self.folder / "intake.xlsx").is_file():
            yield Cell(self.say("收件报告（Excel）", "Intake report (Excel)"), "intake.xlsx")
        copies = len(list((self.folder / RETURNS).glob("*.xlsx")))
        if copies:
            yield Cell(self.say(f"退回件文件夹（{copies}份）", f"Return copies ({copies})"), f"{RETURNS}/")

    def _table(
        self,
        id_: str,
        title: tuple[str, str],
        headings: tuple[tuple[str, str], ...],
        rows: tuple[tuple[tuple[Cell, ...], ...], ...],
        note: str = "",
    ) -> Table:
        counted = self.say(f"{title[0]}（{len(rows)}）", f"{title[1]} ({len(rows)})")
        return Table(id_, counted, tuple(self.say(*heading) for heading in headings), rows, note)

    def _unit_row(self, unit: Unit) -> tuple[tuple[Cell, ...], ...]:
        copies = tuple(Cell(name, quote(f"{RETURNS}/{name}")) for name in returned_files(self.folder, unit))
        return ((Cell(unit.name),), *(self._handed_in(unit, form) for form in _OF_A_UNIT), copies)

    def _handed_in(self, unit: Unit, form: FormName) -> tuple[Cell, ...]:
        """The file that counts, else those that were refused, else that there is none."""
        own = [s for s in self.intake.submissions if (s.unit, s.form) == (unit.id, form)]
        found = [s for s in own if s.counts] or [s for s in own if s.outcome == "rejected"]
        return tuple(map(self._state, found)) or (Cell(self.say("没有收到", "none"), look="stop"),)

    def _state(self, submission: Submission) -> Cell:
        text = self.say(*OUTCOMES[submission.outcome])
        if days := days_late(submission):
            text += self.say(f"，逾期{days}天", f", {days} days late")
        return Cell(f"{shown(submission.source.name, _LONGEST_NAME)} · {text}", look=submission.outcome)

    def _rejected(self, unit: Unit) -> tuple[Cell, ...]:
        files = [s.source.name for s in self.intake.submissions if s.unit == unit.id and s.outcome == "rejected"]
        return tuple(Cell(shown(name, _LONGEST_NAME)) for name in files)

    def _file_row(self, submission: Submission) -> tuple[tuple[Cell, ...], ...]:
        say, unit = self.say, submission.unit
        outcome = say(*OUTCOMES[submission.outcome])
        if submission.superseded_by:
            by = shown(submission.superseded_by, _LONGEST_NAME)
            outcome += say(f"，不作数（以“{by}”为准）", f", does not count (“{by}” does)")
        return (
            (Cell(shown(submission.source.name, _LONGEST_NAME)),),
            (Cell(outcome, look=submission.outcome),),
            (Cell(say(*FORMS[submission.form]) if submission.form else ""),),
            (Cell(self.registry[unit].name if unit in self.registry else ""),),
            (Cell(submission.source.received.replace("T", " ")[:16]),),
            (Cell(str(len(submission.problems) or ""), look="number"),),
            (Cell(str(len(submission.repairs) or ""), look="number"),),
        )
