"""Ranks inside a class (ties as 1-2-2-4), and grades: by points, caps, the unit's standing, and quotas."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from analytics.policy import Policy
from analytics.records import Decision
from analytics.rubric import Rubric
from analytics.scoring.effects import ADMISSION, effects_of_standing, grade_after
from analytics.scoring.scorecard import Effect, Scorecard, Span


def competition_ranks(totals: Mapping[str, Decimal | None]) -> dict[str, int | None]:
    """Standard competition ranks on the exact totals, highest first; a unit without a total has no rank.

    90, 85, 85, 70, 60 → 1, 2, 2, 4, 5.
    """
    known = [total for total in totals.values() if total is not None]
    return {
        name: None if total is None else 1 + sum(other > total for other in known) for name, total in totals.items()
    }


def rank_spans(spans: Mapping[str, Span], doubtful: Collection[str] = ()) -> dict[str, tuple[int, int]]:
    """The best and the worst place that each unit may end in, whatever is decided inside the ``spans``.

    ``doubtful`` units may yet not be admitted at all, and then stand before nobody.
    """
    return {
        unit: (
            1 + sum(o.least > own.most for name, o in spans.items() if name != unit and name not in doubtful),
            1 + sum(other.most > own.least for name, other in spans.items() if name != unit),
        )
        for unit, own in spans.items()
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """A class's totals, as they are or as they may become, and what they make of each unit's grade."""

    rubric: Rubric
    policy: Policy
    cards: Mapping[str, Scorecard]
    decisions: Mapping[str, Sequence[Decision]]

    def effects(self, totals: Mapping[str, Decimal], unit: str) -> tuple[Effect, ...]:
        """The unit's caps and forces, those by its standing among ``totals`` included."""
        placed = {name: total for name, total in totals.items() if self.takes_a_place(name)}
        decided = self.decisions.get(unit, ())
        return (*self.cards[unit].effects, *effects_of_standing(self.rubric, unit, totals[unit], placed, decided))

    def grades(self, totals: Mapping[str, Decimal]) -> dict[str, str]:
        """The grade of every unit in ``totals``."""
        found = {
            unit: grade_after(self.policy.grade(total), self.policy, self.effects(totals, unit))
            for unit, total in totals.items()
        }
        return found if self.policy.quota is None else self._within_quota(found, totals)

    def _within_quota(self, grades: dict[str, str], totals: Mapping[str, Decimal]) -> dict[str, str]:
        """The grades once each quota is filled from the highest total down; units without a place take none."""
        assert self.policy.quota is not None
        quota, order = self.policy.quota.value, [band.name for band in self.policy.grades.value]
        placed = [unit for unit in self.cards if self.takes_a_place(unit)]
        for level, grade in enumerate(order[:-1]):
            if grade not in quota.shares:
                continue
            places = math.floor(Fraction(quota.shares[grade]) * len(placed))
            asked = [unit for unit in placed if unit in grades and order.index(grades[unit]) <= level]
            ranks = competition_ranks({unit: totals[unit] for unit in asked})
            for unit in asked:
                tied = sum(ranks[other] == ranks[unit] for other in asked)
                last = (ranks[unit] or 0) + (tied - 1 if quota.ties == "out" else 0)
                if last > places:
                    grades[unit] = order[level + 1]
        return grades

    def takes_a_place(self, unit: str) -> bool:
        """Whether the unit is ranked at all."""
        return unit not in self.policy.ranking.value.unranked and not self.cards[unit].barred


def place_cards(
    rubric: Rubric, policy: Policy, cards: Sequence[Scorecard], decisions: Mapping[str, Sequence[Decision]]
) -> tuple[Scorecard, ...]:
    """The cards with their grades, ranks and, while something in the class is open, what these may become."""
    standing = Standing(rubric, policy, {card.unit: card for card in cards}, decisions)
    spans = {card.unit: span for card in cards if (span := _span_of(card))}
    least, most = ({unit: getattr(span, end) for unit, span in spans.items()} for end in ("least", "most"))
    placed = {unit: span for unit, span in spans.items() if standing.takes_a_place(unit)}
    ranks = competition_ranks({card.unit: card.total for card in cards if card.unit in placed})
    ranked = sum(rank is not None for rank in ranks.values())
    doubtful = {card.unit for card in cards if any(asked.startswith(ADMISSION) for asked in card.open_questions)}
    ends = rank_spans(placed, doubtful)
    known = {card.unit: card.total for card in cards if card.total is not None}
    result = []
    for card in cards:
        if card.unit not in spans:
            result.append(replace(card, ranked=ranked))
            continue
        worst = standing.grades(most | {card.unit: least[card.unit]})[card.unit]
        best = standing.grades(least | {card.unit: most[card.unit]})[card.unit]
        graded = _graded(card, standing, best, worst, known)
        result.append(replace(graded, rank=ranks.get(card.unit), ranked=ranked, rank_span=ends.get(card.unit, ())))
    return tuple(result)


def _span_of(card: Scorecard) -> Span | None:
    """What the total may become: itself, once it is known."""
    return card.span if card.total is None else Span.of(card.total)


def _graded(card: Scorecard, standing: Standing, best: str, worst: str, totals: Mapping[str, Decimal]) -> Scorecard:
    """The card with its grade, when nothing that is open in the class can change it."""
    order = [band.name for band in standing.policy.grades.value]
    possible = tuple(order[order.index(best) : order.index(worst) + 1])
    if card.total is None:
        return replace(card, possible_grades=possible)
    effects = standing.effects(totals, card.unit)
    by_points = standing.policy.grade(card.total)
    if best == worst:
        return replace(card, effects=effects, grade=best, grade_by_points=by_points)
    asked = "本类还有单位待裁定，本单位等级取决于名次，待其裁定后确定"
    return replace(card, effects=effects, grade_by_points=by_points, possible_grades=possible, open_questions=(asked,))
