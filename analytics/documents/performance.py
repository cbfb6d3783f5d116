"""The year-end export (年终绩效移交表): what the performance office takes over, one row a unit, nothing still open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.documents.labels import STEPS, Say, banner, setting_source, speaker
from analytics.documents.standing import ClassStanding, Standing
from analytics.documents.workbooks import Book, Column, Kind, Sheet, Value
from analytics.policy import YearRules
from analytics.problems import Language
from analytics.scoring.scorecard import Effect

if TYPE_CHECKING:
    from analytics.store import ScoredYear

Pair = tuple[str, str]
SETTINGS = ("grades", "rounding", "ranking", "quota", "conversion")  # those that the table's columns rest on


@dataclass(frozen=True, slots=True)
class _Field:
    """A column: heading, width, kind of value, and the value of a row."""

    heading: Pair
    width: float
    kind: Kind
    value: Callable[[Standing], Value]


def compose_performance(
    scored: ScoredYear, classes: Sequence[ClassStanding], rules: YearRules, language: Language = "zh"
) -> Book:
    """The table, and where it comes from. A number that a decision may still change is left empty, never 0.

    Converted points are there only where the policy says how results are converted.
    """
    export = _Export(scored, tuple(classes), rules, speaker(language), language)
    title = export.say(f"{scored.year}年度年终绩效移交表", f"Year-end performance export, {scored.year}")
    notice = banner(export.say, synthetic=scored.synthetic, status=scored.status)
    return Book(title, notice, (export.table(title), export.sources()))


def compose_performance_rows(
    scored: ScoredYear, classes: Sequence[ClassStanding], rules: YearRules, language: Language = "zh"
) -> Sheet:
    """The same table with its sources in every row: for a file that has neither title nor second sheet."""
    export = _Export(scored, tuple(classes), rules, speaker(language), language)
    return export.table("", with_sources=True)


@dataclass(frozen=True)
class _Export:
    scored: ScoredYear
    classes: tuple[ClassStanding, ...]
    rules: YearRules
    say: Say
    language: Language

    def table(self, title: str, *, with_sources: bool = False) -> Sheet:
        fields = (*self._fields(), *(self._source_fields() if with_sources else ()))
        rows = tuple(tuple(field.value(row) for field in fields) for row in self._standings())
        columns = tuple(Column(self.say(*field.heading), field.width, field.kind) for field in fields)
        return Sheet(self.say("移交表", "Export"), title, columns, rows, self._note(), 4)

    def sources(self) -> Sheet:
        """Which run of which rules the table was made from."""
        say, scored = self.say, self.scored
        rows: list[tuple[Value, ...]] = [
            (say("数据性质", "Data"), self._banner),
            (say("计分批次", "Run"), scored.run_id),
            (say("记录 SHA-256", "Record SHA-256"), scored.sha256),
            (say("计分办法 SHA-256", "Policy SHA-256"), self.rules.policy.sha256),
            *((f"{rubric.title} SHA-256", rubric.sha256) for rubric in self.rules.rubrics),
            (say("程序版本", "Code version"), scored.code_version),
        ]
        told = [setting for setting in scored.settings if setting.name in SETTINGS]
        rows += [(say("口径", "Setting"), f"{s.says}（{setting_source(say, s)}）") for s in told]
        columns = (Column(say("项目", "Subject"), 34), Column(say("内容", "What"), 90))
        return Sheet(say("来源", "Sources"), say("数据来源", "Sources"), columns, tuple(rows))

    def _standings(self) -> Iterator[Standing]:
        for members in self.classes:
            yield from members.rows

    @property
    def _banner(self) -> str:
        said = banner(self.say, synthetic=self.scored.synthetic, status=self.scored.status)
        return said or self.say("正式计分结果", "scored from received files")

    def _note(self) -> str:
        converted = (
            "" if self.rules.policy.conversion else self.say("政策未规定折算，不列折算分。", " No conversion is set.")
        )
        return converted + self.say(
            "“待裁定”为“是”的，还有事项没有裁定，未定的总分、等级、名次不列数，不是0分；名次按类别排列。",
            " Totals, grades and ranks that an open decision may change are empty, not 0. Ranks are by class.",
        )

    def _fields(self) -> Iterator[_Field]:
        yield _Field(("类别", "Class"), 13, "text", lambda row: row.card.kind.label(self.language))
        yield _Field(("编号", "Id"), 7, "text", lambda row: row.unit.id)
        yield _Field(("单位", "Unit"), 16, "text", lambda row: row.unit.name)
        yield _Field(("单位全称", "Official name"), 32, "text", lambda row: row.unit.official)
        yield _Field(("总分", "Total"), 9, "points", lambda row: row.total)
        yield _Field(("等级", "Grade"), 9, "text", lambda row: row.card.grade)
        yield _Field(("名次", "Rank"), 7, "whole", self._rank)
        yield _Field(("参评数", "Ranked units"), 8, "whole", lambda row: row.card.ranked)
        if self.rules.policy.conversion:
            yield _Field(("折算分", "Converted points"), 9, "points", self._converted)
        yield _Field(("否决、封顶等说明", "Vetoes, caps"), 34, "text", self._remarks)
        yield _Field(("待裁定", "Open"), 8, "text", self._open)
        yield _Field(("裁定后可能", "May become"), 26, "text", lambda row: row.result.said_open(self.say) or None)

    def _source_fields(self) -> Iterator[_Field]:
        yield _Field(("年度", "Year"), 8, "whole", lambda row: self.scored.year)
        yield _Field(("数据性质", "Data"), 20, "text", lambda row: self._banner)
        yield _Field(("计分批次", "Run"), 20, "text", lambda row: self.scored.run_id)
        yield _Field(("记录SHA-256", "Record SHA-256"), 20, "text", lambda row: self.scored.sha256)
        yield _Field(("细则SHA-256", "Rubric SHA-256"), 20, "text", lambda row: row.card.rubric_sha256)
        yield _Field(("计分办法SHA-256", "Policy SHA-256"), 20, "text", lambda row: self.rules.policy.sha256)

    def _rank(self, row: Standing) -> int | None:
        return None if row.result.open_rank else row.card.rank

    def _converted(self, row: Standing) -> Value:
        card, policy = row.card, self.rules.policy
        if card.total is None or card.grade is None:
            return None
        points = policy.converted(card.total, card.grade, card.scale)
        return None if points is None else policy.rounded(points)

    def _open(self, row: Standing) -> str:
        open_ = row.card.undecided or row.result.open_rank
        return self.say("是", "yes") if open_ else self.say("否", "no")

    def _remarks(self, row: Standing) -> str | None:
        say, result = self.say, row.result
        said = [self._effect(effect) for effect in row.card.effects]
        said += [result.said_why(say), say("不参加排名", "not ranked") if result.unranked else "", *row.card.cautions]
        return say("；", "; ").join(filter(None, said)) or None

    def _effect(self, effect: Effect) -> str:
        lifted = self.say("（已解除）", " (lifted)") if effect.lifted else ""
        grade = self.say(f"“{effect.grade}”", f' "{effect.grade}"') if effect.grade else ""
        return f"{self.say(*STEPS[effect.kind])}{grade}{lifted}：{effect.because}"
