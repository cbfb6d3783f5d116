"""What intake.xlsx says: what became of every received file, every problem, what was not read, and who is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.documents.labels import FORMS, OUTCOMES, SEVERITIES, Say, banner, speaker
from analytics.documents.workbooks import Book, Column, Sheet, Value
from analytics.policy import YearRules
from analytics.problems import Language, Problem
from analytics.records import Submission
from analytics.units import UnitRegistry

if TYPE_CHECKING:
    from analytics.intake import Intake

Row = tuple[Value, ...]


def compose_intake(intake: Intake, rules: YearRules, registry: UnitRegistry, language: Language = "zh") -> Book:
    """The workbook of what came in. Files stand in the order of their names; each received file has exactly one row."""
    writer = _Intake(intake, registry, speaker(language), language)
    title = writer.say(f"{intake.year}年度收件情况", f"Files received, {intake.year}")
    status = "demonstration" if any(r.status == "demonstration" for r in rules.rubrics) else "in_force"
    sheets = (writer.files(), writer.problems(), writer.unread(), writer.missing())
    return Book(title, banner(writer.say, synthetic=intake.synthetic, status=status), sheets)


def days_late(submission: Submission) -> int | None:
    """Calendar days after the deadline as intake noted them; None when in time or without a receipt."""
    return next((int(p.facts["days"]) for p in submission.problems if p.code == "received-late"), None)


@dataclass(frozen=True)
class _Intake:
    intake: Intake
    registry: UnitRegistry
    say: Say
    language: Language

    def _submissions(self) -> list[Submission]:
        return sorted(self.intake.submissions, key=lambda s: s.source)

    def _unit(self, submission: Submission) -> str | None:
        unit = submission.unit
        return self.registry[unit].name if unit in self.registry else unit or None

    def files(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("文件", "File"), 40),
            Column(say("处理结果", "Outcome"), 14),
            Column(say("表种", "Form"), 16),
            Column(say("单位", "Unit"), 16),
            Column(say("填报日期", "Date on the form"), 12, "date"),
            Column(say("收件时间", "Received"), 17),
            Column(say("逾期天数", "Days late"), 9, "whole"),
            Column(say("被此文件取代", "Superseded by"), 28),
            Column(say("表上总分", "Printed total"), 9, "points"),
            Column(say("读出条数", "Records read"), 9, "whole"),
            Column(say("问题数", "Problems"), 8, "whole"),
            Column(say("SHA-256 前12位", "SHA-256, first 12"), 16),
        )
        counts = [sum(s.outcome == outcome for s in self.intake.submissions) for outcome in OUTCOMES]
        parts = [f"{say(*label)} {n}" for label, n in zip(OUTCOMES.values(), counts, strict=True)]
        note = say(f"共{sum(counts)}个文件：", f"{sum(counts)} files: ") + say("，", ", ").join(parts) + say("。", ".")
        rows = tuple(map(self._file, self._submissions()))
        return Sheet(
            say("收件情况", "Files"),
            self._title("收件情况", "files received"),
            columns,
            rows,
            self._note(rows, note),
            1,
        )

    def _file(self, s: Submission) -> Row:
        received = s.source.received.replace("T", " ")[:16] or None
        form = self.say(*FORMS[s.form]) if s.form else None
        return (
            s.source.name, self.say(*OUTCOMES[s.outcome]), form, self._unit(s), s.date, received,
            days_late(s), s.superseded_by or None, s.printed_total, len(s.observations) + len(s.decisions),
            len(s.problems), s.source.sha256[:12],
        )  # fmt: skip

    def problems(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("文件", "File"), 36),
            Column(say("工作表", "Sheet"), 14),
            Column(say("单元格", "Cell"), 9),
            Column(say("后果", "Severity"), 14),
            Column(say("发现", "Found"), 20),
            Column(say("应为", "Expected"), 24),
            Column(say("说明和处理办法", "What is wrong and what to do"), 70),
            Column(say("代码", "Code"), 22),
        )
        note = say(
            "“退回整份文件”的须重新报送；“此值未采用”的须更正或裁定；“提示”不影响计分。",
            "A refused file has to be handed in again, an undecided value corrected or decided; notes cost nothing.",
        )
        rows = tuple(self._problem_rows())
        return Sheet(
            say("问题清单", "Problems"), self._title("问题清单", "problems"), columns, rows, self._note(rows, note), 1
        )

    def _problem_rows(self) -> Iterator[Row]:
        told: list[Problem] = []
        for submission in self._submissions():
            for problem in submission.problems:
                told.append(problem)
                yield self._problem(problem, submission.source.name)
        for problem in self.intake.problems:  # those of the inbox as a whole belong to no file
            if problem not in told:
                yield self._problem(problem, problem.file)

    def _problem(self, problem: Problem, file: str) -> Row:
        at = problem.at
        return (
            at.file if at else file or None,
            at.sheet if at else None,
            at.address if at else None,
            self.say(*SEVERITIES[problem.severity]),
            problem.facts.get("found") or None,
            problem.facts.get("expected") or None,
            Problem(problem.code, problem.severity, facts=problem.facts).message(self.language),
            problem.code,
        )

    def unread(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("文件", "File"), 60),
            Column(say("单位", "Unit"), 18),
            Column(say("工作表", "Sheet"), 24),
            Column(say("单元格", "Cell"), 12),
        )
        note = say("这些单元格有内容，但没有一种读法用到它们。", "These cells hold something that no reader took.")
        rows = tuple(
            (cell.file, self._unit(submission), cell.sheet, cell.address)
            for submission in self._submissions()
            for cell in submission.unread
        )
        return Sheet(
            say("未读单元格", "Unread cells"), self._title("未读单元格", "unread cells"), columns, rows, note, 1
        )

    def missing(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("编号", "Id"), 10),
            Column(say("单位", "Unit"), 22),
            Column(say("类别", "Class"), 20),
            Column(say("退回的文件", "Rejected files"), 80),
        )
        note = say("没有可以计分的自评表的单位。", "Units without a self-assessment that counts.")
        rows = tuple(
            (unit.id, unit.name, unit.kind.label(self.language), self._rejected(unit.id) or None)
            for unit in self.intake.missing
        )
        return Sheet(
            say("未交单位", "Missing units"),
            self._title("未交单位", "missing units"),
            columns,
            rows,
            self._note(rows, note),
            2,
        )

    def _rejected(self, unit: str) -> str:
        return "\n".join(s.source.name for s in self._submissions() if s.unit == unit and s.outcome == "rejected")

    def _note(self, rows: tuple[Row, ...], note: str) -> str:
        return note if rows else self.say("无。", "None.")

    def _title(self, zh: str, en: str) -> str:
        return self.say(f"{self.intake.year}年度{zh}", f"{self.intake.year}: {en}")
