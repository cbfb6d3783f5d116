"""Scoring: rubric + policy + observations + decisions → the scorecards of a class, one Loss for each deduction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from analytics.policy import Policy, YearRules
from analytics.records import Decision, Observation
from analytics.rubric import Rubric
from analytics.scoring import combination
from analytics.scoring.explanation import Line, explain
from analytics.scoring.marking import mark_item
from analytics.scoring.ranking import competition_ranks
from analytics.scoring.scorecard import Adjustment, Effect, Loss, Mark, Scorecard
from analytics.units import Unit, UnitKind, UnitRegistry

__all__ = [
    "Adjustment", "Effect", "Line", "Loss", "Mark", "Scorecard", "competition_ranks", "explain", "score", "score_year",
]  # fmt: skip


def score(
    rubric: Rubric,
    policy: Policy,
    units: Sequence[Unit],
    observations: Iterable[Observation],
    decisions: Iterable[Decision],
) -> tuple[Scorecard, ...]:
    """The scorecards of one class, in the order of ``units``.

    All ``units`` get a card, also one that handed in nothing: its marks await a decision and it has no total or rank.
    Exact in Decimal; nothing is rounded here, but that a total re-weighted for items not applicable may never end and
    is kept to 28 digits. The order of observations and decisions does not matter.
    """
    seen: dict[str, list[Observation]] = defaultdict(list)
    decided: dict[str, list[Decision]] = defaultdict(list)
    for observation in observations:
        seen[observation.unit].append(observation)
    for decision in decisions:
        decided[decision.unit].append(decision)
    cards = [_card(rubric, policy, unit, seen[unit.id], decided[unit.id]) for unit in units]
    ranks = competition_ranks({card.unit: card.total for card in cards})
    ranked = sum(rank is not None for rank in ranks.values())
    return tuple(replace(card, rank=ranks[card.unit], ranked=ranked) for card in cards)


def score_year(
    rules: YearRules, registry: UnitRegistry, observations: Iterable[Observation], decisions: Iterable[Decision]
) -> tuple[Scorecard, ...]:
    """The scorecards of every class of the year; ranks are inside each class."""
    seen, decided = tuple(observations), tuple(decisions)
    cards: list[Scorecard] = []
    for kind in UnitKind:
        if units := registry.of_kind(kind, rules.year):
            cards += score(rules.rubric(kind), rules.policy, units, seen, decided)
    return tuple(cards)


def _card(
    rubric: Rubric, policy: Policy, unit: Unit, observations: Sequence[Observation], decisions: Sequence[Decision]
) -> Scorecard:
    results = [mark_item(item, rubric, policy, observations, decisions) for item in rubric.items_for(unit.id)]
    marks = tuple(mark for mark, _ in results)
    figures = combination.figures_of(observations)
    effects = combination.effects(rubric, figures, decisions)
    items_total, steps = combination.sum_marks(marks, rubric.full_marks, decisions)
    steps += combination.bonus(rubric, policy, decisions)
    steps += combination.outside(rubric, policy, figures, decisions)
    total: Decimal | None = None
    if items_total is not None:
        total = items_total + sum((s.points for s in steps if s.kind != "reweight"), Decimal(0))
        bound = combination.limit(total, policy.total_cap.value)
        steps += bound
        total += sum((s.points for s in bound), Decimal(0))
    by_points = None if total is None else policy.grade(total)
    return Scorecard(
        unit=unit.id,
        year=rubric.year,
        kind=unit.kind,
        rubric=rubric.id,
        rubric_sha256=rubric.sha256,
        marks=marks,
        adjustments=steps,
        effects=effects,
        total=total,
        grade=None if by_points is None else combination.grade_after(by_points, policy, effects),
        grade_by_points=by_points,
        rank=None,
        ranked=0,
        assumptions=_assumptions(marks, [a for _, assumed in results for a in assumed]),
    )


def _assumptions(marks: Sequence[Mark], special: Sequence[str]) -> tuple[str, ...]:
    unverified = [mark for mark in marks if mark.status == "self_only"]
    if not unverified:
        return tuple(special)
    points = sum((mark.full_marks for mark in unverified), Decimal(0))
    return (f"{len(unverified)}项共{points:f}分未经核查，按自评分计", *special)
