"""Where each unit stands in its class, as the year's table prints it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from analytics.documents.unit_result import UnitResult, unit_results
from analytics.policy import YearRules
from analytics.scoring.scorecard import Scorecard
from analytics.units import Unit, UnitKind, UnitRegistry

if TYPE_CHECKING:
    import pandas as pd

    from analytics.store import ScoredYear, ScoreTables


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of a class table.

    ``result`` holds the total as it is printed, with more decimals when two would show another grade or hide which of
    two units is before the other; ``change`` is the difference of this year's and last year's rounded totals, None
    without either. ``self_total`` is None while a self-mark is missing. ``waiting`` are the printed numbers of items
    that await a decision, ``unverified`` is a count.
    """

    card: Scorecard
    unit: Unit
    result: UnitResult
    change: Decimal | None
    self_total: Decimal | None
    waiting: tuple[str, ...]
    unverified: int

    @property
    def total(self) -> Decimal | None:
        """The total as it is printed."""
        return self.result.total

    @property
    def capped(self) -> bool:
        """Whether a cap, a veto or a quota changed the grade."""
        return self.card.grade is not None and self.card.grade != self.card.grade_by_points


@dataclass(frozen=True, slots=True)
class ClassStanding:
    """A class from the first rank down, units without a total last.

    ``comparable``: last year asked the class for the same items at the same points; None when last year is not at hand.
    """

    kind: UnitKind
    rows: tuple[Standing, ...]
    comparable: bool | None


def class_standings(
    scored: ScoredYear, tables: ScoreTables, rules: YearRules, registry: UnitRegistry
) -> tuple[ClassStanding, ...]:
    """Every class that has cards, in the order of the classes."""
    before = _last_totals(tables.cards, scored.year - 1)
    found = []
    for kind in UnitKind:
        cards = [card for card in scored.cards if card.kind is kind]
        if cards:
            results = unit_results(cards, rules.policy)
            rows = [_standing(results[card.unit], rules, registry[card.unit], before.get(card.unit)) for card in cards]
            rows.sort(key=lambda row: (row.card.rank is None, row.card.rank or 0, row.unit.id))
            found.append(ClassStanding(kind, tuple(rows), _comparable(tables.items, scored.year, kind)))
    return tuple(found)


def _standing(result: UnitResult, rules: YearRules, unit: Unit, before: Decimal | None) -> Standing:
    card, policy = result.card, rules.policy
    rubric, change = rules.rubric(card.kind), None
    if card.total is not None and before is not None:
        change = policy.rounded(card.total) - policy.rounded(before)
    own = [mark.self_mark for mark in card.marks if mark.status not in ("not_applicable", "class_mean")]
    known = [mark for mark in own if mark is not None]
    return Standing(
        card=card,
        unit=unit,
        result=result,
        change=change,
        self_total=sum(known, Decimal(0)) if own and len(known) == len(own) else None,
        waiting=tuple(rubric.item(mark.item).no for mark in card.waiting),
        unverified=sum(mark.status == "self_only" for mark in card.marks),
    )


def _last_totals(cards: pd.DataFrame, year: int) -> dict[str, Decimal]:
    """Unit → its total in ``year``; units without one are left out."""
    known = cards[(cards["year"] == year) & cards["total"].notna()]
    return {str(u): Decimal(repr(float(t))) for u, t in zip(known["unit"], known["total"], strict=True)}


def _comparable(items: pd.DataFrame, year: int, kind: UnitKind) -> bool | None:
    of_class = items[items["kind"] == kind.value]
    now, then = (set(_asked(of_class[of_class["year"] == y])) for y in (year, year - 1))
    return now == then if then else None


def _asked(items: pd.DataFrame) -> Iterator[tuple[str, float]]:
    yield from zip(items["item"].astype(str), items["full_marks"].astype(float), strict=True)
