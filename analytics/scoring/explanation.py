"""The way from 100 to the final score, line by line: the sum of the lines is the score."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from analytics.policy import Policy
from analytics.provenance import Reading
from analytics.rubric import Rubric
from analytics.scoring.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class Line:
    """One step. ``change`` is None for a line that only tells (a loss past its cap has 0); ``running`` is exact."""

    label: str
    change: Decimal | None
    running: Decimal
    clause: str = ""
    readings: tuple[Reading, ...] = ()
    decision: str = ""


def explain(card: Scorecard, rubric: Rubric, policy: Policy) -> tuple[Line, ...]:
    """A Scorecard as lines from full marks down to the total, then its grade.

    While a mark awaits a decision the last line says so instead of a score. Items not applicable cost nothing: the
    re-weighting is a line of its own.

    >>> book = open_year(2020)
    >>> lines = explain(book.scored.card("ST03"), book.rules.rubric(UnitKind("street_town")), book.rules.policy)
    >>> lines[0].label
    '满分'
    """
    running = rubric.full_marks
    lines = [Line("满分", None, running, rubric.reference)]
    for mark in card.marks:
        item = rubric.item(mark.item)
        if mark.status == "awaiting_decision":
            lines.append(Line(f"第{item.no}项{item.text}：{mark.waiting_for}", None, running, rubric.clause(item, "")))
            continue
        for loss in mark.losses:
            running -= loss.points
            unverified = "（未核，按自评）" if mark.status == "self_only" else ""
            label = f"第{item.no}项{item.text}：{loss.because}{unverified}"
            lines.append(Line(label, -loss.points, running, loss.clause, loss.readings, loss.decision))
    for step in card.adjustments:
        running += step.points
        lines.append(Line(step.because, step.points, running, step.clause, step.readings, step.decision))
    if card.total is None:
        return (*lines, Line("总分待裁定后确定", None, running))
    shown = policy.rounded(card.total)
    lines.append(Line(f"总分{shown:f}分，按分数为{card.grade_by_points}", None, card.total))
    for effect in card.effects:
        word = "已解除" if effect.lifted else ("定为" if effect.kind == "force" else "最高为") + effect.grade
        label = f"{effect.because}：{word}"
        lines.append(Line(label, None, card.total, effect.clause, effect.readings, effect.decision))
    rank = f"，本类{card.ranked}个单位中第{card.rank}名" if card.rank else ""
    return (*lines, Line(f"等级{card.grade}{rank}", None, card.total))
