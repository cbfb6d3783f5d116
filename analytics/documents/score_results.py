"""The sheets of scores.xlsx on results: each unit's total, grade and rank or what they may become, and the parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from analytics.documents.labels import Say, listed
from analytics.documents.standing import ClassStanding, Standing
from analytics.documents.unit_result import counted_of, worth_of
from analytics.documents.workbooks import Column, Sheet, Value
from analytics.problems import Language

if TYPE_CHECKING:
    from analytics.store import ScoredYear

ZERO = Decimal(0)
Row = tuple[Value, ...]


def result_sheets(
    scored: ScoredYear, classes: Sequence[ClassStanding], say: Say, language: Language
) -> tuple[Sheet, ...]:
    """Totals in the order of rank; then, where totals are made of parts, what each part brought."""
    parts = (_parts(scored.year, classes, say, language),) if any(card.parts for card in scored.cards) else ()
    return (_totals(scored.year, classes, say, language), *parts)


def titled(
    year: int, say: Say, name: tuple[str, str], columns: Iterable[Column], rows: Iterable[Row], kept: int, note: str
) -> Sheet:
    """A sheet with the year in its title; one without rows says so."""
    kept_rows = tuple(rows)
    title = say(f"{year}年度{name[0]}", f"{name[1]}, {year}")
    return Sheet(say(*name), title, tuple(columns), kept_rows, note if kept_rows else say("无。", "None."), kept)


def _totals(year: int, classes: Sequence[ClassStanding], say: Say, language: Language) -> Sheet:
    columns = (
        Column(say("类别", "Class"), 14),
        Column(say("名次", "Rank"), 7, "whole"),
        Column(say("单位", "Unit"), 18),
        Column(say("总分", "Total"), 9, "points"),
        Column(say("等级", "Grade"), 9),
        Column(say("裁定后可能", "May become"), 24),
        Column(say("按分数的等级", "Grade by points"), 10),
        Column(say("比上年", "Change"), 9, "change"),
        Column(say("自评合计", "Self total"), 10, "points"),
        Column(say("状态", "Status"), 24),
        Column(say("提示", "Caution"), 24),
        Column(say("未核项数", "Items not verified"), 10, "whole"),
        Column(say("未核分值", "Points not verified"), 10, "points"),
    )
    note = say(
        "名次在同类有总分的单位之间排列，同分同名次；待裁定的总分不列数，列出裁定后的范围；"
        "“按分数的等级”只在一票否优、一票否决或名额改变等级时列出。",
        "Ranks are among the units of a class that have a total; an open total shows its range instead of a number; "
        "the grade by points is given where a cap, a veto or a quota changed it.",
    )
    if any(members.comparable is False for members in classes):
        note += say(
            "两年细则不同，“比上年”仅供参照。",
            " The rubrics of the two years differ: the change is for orientation only.",
        )
    rows = (_total(row, say, language) for members in classes for row in members.rows)
    return titled(year, say, ("总表", "Totals"), columns, rows, 3, note)


def _total(row: Standing, say: Say, language: Language) -> Row:
    result = row.result
    return (
        row.card.kind.label(language),
        row.card.rank,
        row.unit.name,
        row.total,
        result.said_grade(say),
        result.said_open(say) or None,
        row.card.grade_by_points if row.capped else None,
        row.change,
        row.self_total,
        _status(row, say),
        say("；", "; ").join(row.card.cautions) or None,
        row.unverified,
        sum((mark.full_marks for mark in row.card.marks if mark.status == "self_only"), ZERO),
    )


def _status(row: Standing, say: Say) -> str:
    said, card = [], row.card
    if card.barred:
        said.append(say("不予参评", "not admitted"))
    if row.waiting:
        numbers = listed(say, row.waiting)
        said.append(say(f"待裁定：第{numbers}项", f"awaiting a decision: items {numbers}"))
    said += card.open_questions
    if row.result.by_quota:
        said.append(say("等级受名额限制", "grade by quota"))
    if row.result.unranked:
        said.append(say("不参加排名", "not ranked"))
    return say("；", "; ").join(said) or say("已定", "decided")


def _parts(year: int, classes: Sequence[ClassStanding], say: Say, language: Language) -> Sheet:
    """What each total is made of, where it is made of parts."""
    columns = (
        Column(say("类别", "Class"), 14),
        Column(say("单位", "Unit"), 18),
        Column(say("部分", "Part"), 24),
        Column(say("满分", "Full marks"), 9, "points"),
        Column(say("得分", "Awarded"), 10, "points"),
        Column(say("规定权重", "Weight"), 10, "points"),
        Column(say("在总分中占", "Worth"), 10, "points"),
        Column(say("计入总分", "Counts"), 10, "points"),
        Column(say("状态", "Status"), 30),
    )
    note = say(
        "缺少的部分不计0分，其权重按比例分给其余部分；计入总分＝得分÷满分×在总分中占的分。",
        "A missing part is never 0: its weight goes to the others. Counts = awarded ÷ full marks × worth.",
    )
    rows = _part_rows(classes, say, language)
    return titled(year, say, ("总分组成", "Parts"), columns, rows, 2, note)


def _part_rows(classes: Sequence[ClassStanding], say: Say, language: Language) -> Iterator[Row]:
    gone, waits = say("没有成绩，权重分给其余部分", "none, its weight goes to the others"), say("待定", "open")
    for row in (row for members in classes for row in members.rows):
        card = row.card
        for part in card.parts:
            worth, counts = worth_of(card, part), counted_of(card, part)
            state = gone if part.missing else waits if part.value is None else say("已定", "decided")
            kind = card.kind.label(language)
            yield kind, row.unit.name, part.name, part.full, part.value, part.weight, worth, counts, state
