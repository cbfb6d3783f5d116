"""The way from 100 to the final score, line by line: the sum of the lines is the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from analytics.policy import Policy
from analytics.provenance import Reading
from analytics.rubric import Rubric
from analytics.scoring.scorecard import Scorecard, outcome
from analytics.scoring.steps import Step, steps_of

_NOBODY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Line:
    """One step. ``change`` is None for a line that only tells (a loss past its cap has 0); ``running`` is exact.

    ``clause``, ``evidence``, the cells and the decision with its ``person`` say what the step rests on.
    """

    label: str
    change: Decimal | None
    running: Decimal
    clause: str = ""
    readings: tuple[Reading, ...] = ()
    decision: str = ""
    evidence: str = ""
    person: str = ""


def explain(card: Scorecard, rubric: Rubric, policy: Policy, people: Mapping[str, str] = _NOBODY) -> tuple[Line, ...]:
    """A Scorecard as lines from full marks down to the total, then its grade.

    ``people``: decision → who took it. While a mark awaits a decision the last lines say so, and what the total may
    become, instead of a score. Items not applicable cost nothing: the re-weighting is a line of its own.

    >>> book = open_year(2020)
    >>> lines = explain(book.scored.card("ST03"), book.rules.rubric(UnitKind("street_town")), book.rules.policy)
    >>> lines[0].label
    '满分'
    """
    lines = [Line("满分", None, card.scale, rubric.reference)]
    lines += [_line(step, rubric, people) for step in steps_of(card)]
    running = lines[-1].running
    for effect in card.effects:
        label = f"{effect.because}：{outcome(effect)}"
        lines.append(
            Line(label, None, running, effect.clause, effect.readings, effect.decision,
                 person=people.get(effect.decision, ""))
        )  # fmt: skip
    ends = lines[: len(lines) - len(card.effects)]
    told = lines[len(ends) :]
    if card.barred:
        return (*ends, *told, Line("不予参评，没有总分和等级", None, running))
    if card.total is None:
        questions = [Line(text, None, running) for text in card.open_questions]
        return (*ends, *told, *questions, Line(f"总分待裁定后确定{card.said_span}", None, running))
    total = Line(f"总分{policy.shown(card.total):f}分，按分数为{card.grade_by_points}", None, card.total)
    questions = [Line(text, None, card.total) for text in card.open_questions]
    rank = f"，本类{card.ranked}个单位中第{card.rank}名{card.said_rank_span}" if card.rank else ""
    grade = card.grade or f"待定（{'或'.join(card.possible_grades)}）"
    return (*ends, total, *told, *questions, Line(f"等级{grade}{rank}", None, card.total))


def _line(step: Step, rubric: Rubric, people: Mapping[str, str]) -> Line:
    label, clause = step.because, step.clause
    if step.item:
        item = rubric.item(step.item)
        unverified = "（未核，按自评）" if step.unverified else ""
        label = f"第{item.no}项{item.text}：{step.because}{unverified}"
        clause = clause or rubric.clause(item, "")
    person = people.get(step.decision, "")
    return Line(
        label, step.change, step.running, clause, step.readings, step.decision, step.evidence, person,
    )  # fmt: skip
