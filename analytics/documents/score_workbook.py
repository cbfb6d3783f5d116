"""What scores.xlsx says: totals, themes, items, deductions, steps, decisions, and the rules they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from analytics.documents.labels import DECISIONS, STATUS, STEPS, Say, banner, setting_source, speaker
from analytics.documents.score_results import result_sheets, titled
from analytics.documents.standing import ClassStanding, Standing
from analytics.documents.workbooks import Book, Column, Sheet, Value
from analytics.policy import YearRules
from analytics.problems import Language
from analytics.provenance import Reading
from analytics.records import Decision
from analytics.rubric import Rubric
from analytics.scoring.scorecard import Adjustment, Effect, Loss, Mark

if TYPE_CHECKING:
    from analytics.store import ScoredYear

ZERO = Decimal(0)
Row = tuple[Value, ...]


def compose_scores(
    scored: ScoredYear, classes: Sequence[ClassStanding], rules: YearRules, ledger: Sheet, language: Language = "zh"
) -> Book:
    """The workbook of a scored year. Units stand in the order of ``classes``, items in that of the rubric.

    ``ledger`` is the sheet of ``rectification_ledger.compose_ledger``.
    """
    writer = _Scores(scored, tuple(classes), rules, speaker(language), language)
    sheets = (
        *result_sheets(scored, writer.classes, writer.say, language),
        writer.themes(),
        writer.items(),
        writer.losses(),
        writer.steps(),
        ledger,
        writer.decisions(),
        writer.assumptions(),
        writer.basis(),
    )
    title = writer.say(f"{scored.year}年度巡查考核得分", f"Assessment {scored.year}: scores")
    return Book(title, banner(writer.say, synthetic=scored.synthetic, status=scored.status), sheets)


@dataclass(frozen=True)
class _Scores:
    scored: ScoredYear
    classes: tuple[ClassStanding, ...]
    rules: YearRules
    say: Say
    language: Language

    @cached_property
    def _deciders(self) -> dict[tuple[str, str], Decision]:
        return {(d.unit, d.id): d for d in self.scored.decisions}

    @cached_property
    def _groups(self) -> dict[Reading, str]:
        return {o.reading: o.group for o in self.scored.observations if o.group}

    def _standings(self) -> Iterator[tuple[Standing, Rubric]]:
        for members in self.classes:
            for row in members.rows:
                yield row, self.rules.rubric(members.kind)

    def _sheet(
        self, name: tuple[str, str], columns: Iterable[Column], rows: Iterable[Row], kept: int, note: str = ""
    ) -> Sheet:
        return titled(self.scored.year, self.say, name, columns, rows, kept, note)

    def themes(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("类别", "Class"), 14),
            Column(say("单位", "Unit"), 18),
            Column(say("一级指标", "Theme"), 20),
            Column(say("分值", "Full marks"), 9, "points"),
            Column(say("得分", "Awarded"), 9, "points"),
            Column(say("得分率", "Rate"), 9, "percent"),
            Column(say("未核项数", "Items not verified"), 10, "whole"),
        )
        note = say(
            "分值不含不涉及的项；有待裁定的项时不列得分。加分、百分外扣分和折算见“加减分与否决”。",
            "Full marks leave out items that do not apply; nothing is awarded while an item awaits a decision. "
            "Bonus, outside deductions and re-weighting are on their own sheet.",
        )
        return self._sheet(("一级指标", "Themes"), columns, self._theme_rows(), 2, note)

    def _theme_rows(self) -> Iterator[Row]:
        for row, rubric in self._standings():
            for theme in rubric.themes:
                marks = [m for m in row.card.marks if rubric.item(m.item).theme == theme.id]
                asked = [m for m in marks if m.status != "not_applicable"]
                full = sum((m.full_marks for m in asked), ZERO)
                known = [m.awarded for m in asked if m.awarded is not None]
                awarded = sum(known, ZERO) if asked and len(known) == len(asked) else None
                rate = awarded / full if awarded is not None and full else None
                unverified = sum(m.status == "self_only" for m in asked)
                kind = row.card.kind.label(self.language)
                yield kind, row.unit.name, theme.name, full, awarded, rate, unverified

    def items(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("单位", "Unit"), 18),
            Column(say("项", "Item"), 6, "whole"),
            Column(say("一级指标", "Theme"), 16),
            Column(say("考核内容", "Content"), 44),
            Column(say("分值", "Full marks"), 8, "points"),
            Column(say("自评分", "Self"), 8, "points"),
            Column(say("核定分", "Verified"), 8, "points"),
            Column(say("得分", "Awarded"), 8, "points"),
            Column(say("状态", "Status"), 16),
            Column(say("待裁定的事", "To be decided"), 34),
        )
        return self._sheet(("逐项得分", "Items"), columns, self._item_rows(), 2)

    def _item_rows(self) -> Iterator[Row]:
        for row, rubric in self._standings():
            names = {theme.id: theme.name for theme in rubric.themes}
            for mark in row.card.marks:
                item = rubric.item(mark.item)
                yield (
                    row.unit.name, int(item.no), names[item.theme], item.text, mark.full_marks, mark.self_mark,
                    mark.verified_mark, mark.awarded, self.say(*STATUS[mark.status]), mark.waiting_for or None,
                )  # fmt: skip

    def losses(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("单位", "Unit"), 16),
            Column(say("项", "Item"), 6, "whole"),
            Column(say("扣分", "Points"), 8, "points"),
            Column(say("事实", "Because"), 42),
            Column(say("条款", "Clause"), 30),
            Column(say("来源", "Channel"), 18),
            Column(say("证据", "Evidence"), 12),
            *self._place_columns(),
        )
        note = say(
            "扣0分的行是已到扣分上限的情形；负数是复核调高。单元格为数据在来源文件中的位置。",
            "A row with 0 points is past its cap, a negative one a review that raised the mark.",
        )
        return self._sheet(("扣分明细", "Deductions"), columns, self._loss_rows(), 2, note)

    def _loss_rows(self) -> Iterator[Row]:
        for row, rubric in self._standings():
            for mark in row.card.marks:
                for loss in mark.losses:
                    yield self._loss(row, rubric, mark, loss)

    def _loss(self, row: Standing, rubric: Rubric, mark: Mark, loss: Loss) -> Row:
        channel = loss.channel.label(self.language)
        groups = dict.fromkeys(self._groups[r] for r in loss.readings if r in self._groups)
        if groups:
            channel += self.say(f"（{'、'.join(groups)}）", f" ({', '.join(groups)})")
        head = (row.unit.name, int(rubric.item(mark.item).no), loss.points, loss.because, loss.clause, channel)
        return (*head, loss.evidence or None, *self._place(row.unit.id, loss.readings, loss.decision))

    def steps(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("单位", "Unit"), 16),
            Column(say("类别", "Kind"), 12),
            Column(say("分值", "Points"), 9, "change"),
            Column(say("等级限制", "Grade"), 18),
            Column(say("事由", "Because"), 40),
            Column(say("条款", "Clause"), 38),
            *self._place_columns(),
        )
        return self._sheet(("加减分与否决", "Steps and vetoes"), columns, self._step_rows(), 2)

    def _step_rows(self) -> Iterator[Row]:
        for row, _ in self._standings():
            steps: tuple[Adjustment | Effect, ...] = (*row.card.adjustments, *row.card.effects)
            for step in steps:
                points = step.points if isinstance(step, Adjustment) else None
                grade = self._limit(step) if isinstance(step, Effect) else None
                kind = self.say(*STEPS[step.kind])
                place = self._place(row.unit.id, step.readings, step.decision)
                yield row.unit.name, kind, points, grade, step.because, step.clause, *place

    def _limit(self, effect: Effect) -> str:
        words = {
            "force": ("定为{}", "set to {}"),
            "cap": ("最高为{}", "at most {}"),
            "bar": ("不予参评", "not admitted"),
        }
        said = self.say(*words[effect.kind]).format(effect.grade)
        return said + self.say("（已解除）", " (lifted)") if effect.lifted else said

    def _place_columns(self) -> tuple[Column, ...]:
        say = self.say
        return (
            Column(say("来源文件", "Source file"), 26),
            Column(say("工作表", "Sheet"), 11),
            Column(say("单元格", "Cell"), 8),
            Column(say("裁定号", "Decision"), 12),
            Column(say("裁定人", "Decided by"), 12),
        )

    def _place(self, unit: str, readings: Sequence[Reading], decision: str) -> Row:
        """File, sheet and cells, a line for each sheet that was read; then the decision and who took it."""
        cells: dict[tuple[str, str], list[str]] = {}
        for reading in readings:
            cells.setdefault((reading.cell.file, reading.cell.sheet), []).append(reading.cell.address)
        taken = self._deciders.get((unit, decision))
        person = taken.person if taken else None
        lines = (
            "\n".join(file for file, _ in cells),
            "\n".join(sheet for _, sheet in cells),
            "\n".join(map("、".join, cells.values())),
        )
        return (*(line or None for line in lines), decision or None, person)

    def decisions(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("裁定号", "Decision"), 12),
            Column(say("单位", "Unit"), 16),
            Column(say("种类", "Kind"), 12),
            Column(say("项", "Item"), 6, "whole"),
            Column(say("条款", "Clause"), 8),
            Column(say("分值", "Points"), 8, "points"),
            Column(say("事项", "Matter"), 22),
            Column(say("理由", "Reason"), 44),
            Column(say("裁定人", "Decided by"), 14),
            Column(say("日期", "Date"), 12, "date"),
            Column(say("文号", "Reference"), 20),
            Column(say("提示", "Caution"), 18),
            Column(say("来源文件", "Source file"), 26),
            Column(say("工作表", "Sheet"), 14),
            Column(say("单元格", "Cell"), 9),
        )
        return self._sheet(("裁定", "Decisions"), columns, self._decision_rows(), 2)

    def _decision_rows(self) -> Iterator[Row]:
        standing = {row.unit.id: (row, rubric) for row, rubric in self._standings()}
        for d in sorted(self.scored.decisions, key=lambda d: (d.id, d.unit)):
            row, rubric = standing.get(d.unit, (None, None))
            number = next((int(item.no) for item in rubric.items if item.id == d.item), None) if rubric else None
            cell = d.reading.cell
            yield (
                d.id, row.unit.name if row else d.unit, self.say(*DECISIONS[d.kind]), number, d.clause or None,
                d.points, d.matter or None, d.reason, d.person, d.date, d.reference or None,
                self.say("；", "; ").join(row.card.cautions) or None if row else None,
                cell.file, cell.sheet, cell.address,
            )  # fmt: skip

    def assumptions(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("类别", "Class"), 20),
            Column(say("单位", "Unit"), 20),
            Column(say("计分时的假定", "Assumed in scoring"), 110),
        )
        rows = (
            (row.card.kind.label(self.language), row.unit.name, assumption)
            for row, _ in self._standings()
            for assumption in row.card.assumptions
        )
        return self._sheet(("计分假定", "Assumptions"), columns, rows, 2)

    def basis(self) -> Sheet:
        say = self.say
        columns = (
            Column(say("项目", "Subject"), 22),
            Column(say("内容", "What"), 90),
            Column(say("依据", "Source"), 36),
        )
        return self._sheet(("说明", "Basis"), columns, (*self._run_rows(), *self._rule_rows()), 0)

    def _run_rows(self) -> Iterator[Row]:
        say, scored = self.say, self.scored
        data = banner(say, synthetic=scored.synthetic, status="") or say("收件数据", "received files")
        yield say("年度", "Year"), str(scored.year), None
        yield say("数据", "Data"), data, None
        yield say("计分批次", "Run"), scored.run_id, None
        yield say("记录 SHA-256", "Record SHA-256"), scored.sha256, None
        yield say("上一批次", "Previous run"), scored.previous or say("无", "none"), None
        yield say("程序版本", "Code version"), scored.code_version, None

    def _rule_rows(self) -> Iterator[Row]:
        say = self.say
        for rubric in self.rules.rubrics:
            demonstration = rubric.status == "demonstration"
            status = say("示范细则（非正式文件）", "demonstration") if demonstration else say("正式施行", "in force")
            yield say("评分细则", "Rubric"), f"{rubric.title}\nSHA-256 {rubric.sha256}", f"{rubric.reference}\n{status}"
        for setting in self.scored.settings:
            yield say("计分口径", "Setting"), setting.says, setting_source(say, setting)
