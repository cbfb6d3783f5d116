"""Scoring: rubric + policy + observations + decisions → the scorecards of a class, one Loss for each deduction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from analytics.policy import Policy, YearRules
from analytics.records import Decision, Observation
from analytics.rubric import Rubric
from analytics.scoring.explanation import Line, explain
from analytics.scoring.ranking import competition_ranks, place_cards
from analytics.scoring.scorecard import Adjustment, Effect, Loss, Mark, PartScore, Scorecard, Span
from analytics.scoring.unit_card import UnitRecord, card_of, in_force, mark_class
from analytics.units import Unit, UnitKind, UnitRegistry

__all__ = [
    "Adjustment", "Effect", "Line", "Loss", "Mark", "PartScore", "Scorecard", "Span", "competition_ranks", "explain",
    "score", "score_year",
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
    Exact in Decimal; nothing is rounded here, but that a share that never ends is kept to 24 decimals and a total of
    such to 18. The order of observations and decisions does not matter.
    """
    seen: dict[str, list[Observation]] = defaultdict(list)
    decided: dict[str, list[Decision]] = defaultdict(list)
    for observation in observations:
        seen[observation.unit].append(observation)
    for decision in in_force(decisions):
        decided[decision.unit].append(decision)
    records = [UnitRecord(unit, rubric, tuple(seen[unit.id]), tuple(decided[unit.id])) for unit in units]
    marked = mark_class(records, policy)
    cards = [card_of(record, policy, *marked[record.unit.id]) for record in records]
    return place_cards(rubric, policy, cards, decided)


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
