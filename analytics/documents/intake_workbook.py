"""What intake.xlsx says: what became of every received file, every problem, what was not read, and who is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.documents.labels import FORMS, OUTCOMES, SEVERITIES, Say, banner, speaker
from analytics.documents.workbooks import Book, Column, Sheet, Value
from analytics.policy import YearRules
from analytics.problems import Language, Problem
from analytics.records import FormName, Submission
from analytics.units import UnitRegistry

if TYPE_CHECKING:
    from analytics.intake import Intake

Row = tuple[Value, ...]


def compose_intake(intake: Intake, rules: YearRules, registry: UnitRegistry, language: Language = "zh") -> Book:
    """The workbook of what came in. Files stand in the order of their names; each received file has exactly one row."""
    writer = _Intake(intake, registry, speaker(language), language)
    title = writer.say(f"{intake.year}年度收件情况", f"Files received, {intake.year}")
    status = "demonstration" if any(r.status == "demonstration" for r in rules.rubrics) else "in_force"
    sheets = (
        writer.files(), writer.units(), writer.problems(), writer.repairs(), writer.unread(), writer.missing(),
        writer.unmatched(),
    )  # fmt: skip
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

    def units(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("编号", "Id"), 8),
            Column(say("单位", "Unit"), 20),
            Column(say("类别", "Class"), 16),
            Column(say("自评表", "Self-assessment"), 40),
            Column(say("处理结果", "Outcome"), 14),
            Column(say("逾期天数", "Days late"), 9, "whole"),
            Column(say("履职践诺报告书", "Pledge report"), 40),
            Column(say("处理结果", "Outcome"), 14),
            Column(say("逾期天数", "Days late"), 9, "whole"),
        )
        rows = tuple(
            (
                unit.id, unit.name, unit.kind.label(self.language), *self._handed_in(unit.id, "self_assessment"),
                *self._handed_in(unit.id, "pledge_report"),
            )
            for unit in self.registry.in_year(self.intake.year)
        )  # fmt: skip
        note = say(
            "每个单位一行：计分所用的文件；没有的，列退回的文件。", "A line for each unit: the file that counts."
        )
        return Sheet(say("各单位", "Units"), self._title("各单位报送情况", "units"), columns, rows, note, 2)

    def _handed_in(self, unit: str, form: FormName) -> Row:
        own = [s for s in self._submissions() if (s.unit, s.form) == (unit, form)]
        found = [s for s in own if s.counts] or [s for s in own if s.outcome == "rejected"]
        if not found:
            return None, self.say("没有收到", "none"), None
        names = "\n".join(submission.source.name for submission in found)
        return names, self.say(*OUTCOMES[found[-1].outcome]), days_late(found[-1])

    def repairs(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("文件", "File"), 40),
            Column(say("工作表", "Sheet"), 16),
            Column(say("单元格", "Cell"), 9),
            Column(say("原文", "Written"), 24),
            Column(say("读作", "Read as"), 24),
            Column(say("规则", "Rule"), 60),
        )
        rows = tuple(
            (repair.cell.file, repair.cell.sheet, repair.cell.address, repair.before, repair.after, repair.rule)
            for submission in self._submissions()
            for repair in submission.repairs
        )
        note = say(
            "写法与读法不同的每一处；原文件没有改动。规则以“data/”开头的，可在该表中查到并修改。",
            "Everything that was read otherwise than it is written; the files themselves are unchanged.",
        )
        title = self._title("规范化记录", "repairs")
        return Sheet(say("规范化记录", "Repairs"), title, columns, rows, self._note(rows, note), 1)

    def unmatched(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("对照表", "Table"), 26),
            Column(say("归属", "Owner"), 20),
            Column(say("写法", "Written"), 26),
            Column(say("含义", "Meaning"), 20),
            Column(say("理由", "Reason"), 60),
        )
        rows = tuple((x.table, x.owner or None, x.written, x.meaning, x.reason) for x in self.intake.unmatched)
        note = say(
            f"data/lookups 中有{len(rows)}条没有对上本年度收到的任何单元格；多年都没有用到的可以删去。",
            f"{len(rows)} lines of data/lookups matched no cell this year; those unused for years may go.",
        )
        title = self._title("未用到的对照", "lookups without a match")
        return Sheet(say("未用到的对照", "Lookups unused"), title, columns, rows, self._note(rows, note), 1)

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
