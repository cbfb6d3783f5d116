"""One unit's year as its brief needs it: its card, its class as aggregates, last year, what was seen. No wording."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from analytics.analysis.comparability import relate
from analytics.analysis.problem_state import finding_overdue, is_problem, latest_record, state_of
from analytics.documents.unit_result import UnitResult
from analytics.policy import Policy
from analytics.records import Channel, Decision, Observation
from analytics.rubric import Item, Measure, Rubric, Theme
from analytics.scoring.scorecard import Loss, Mark, Scorecard
from analytics.units import Unit

if TYPE_CHECKING:
    from analytics.store import ScoredYear
    from analytics.store.scored_year import ScoredItem

ZERO = Decimal(0)
FEWEST_FOR_AGGREGATES = 3  # with two units, a mean gives the other unit's score away


@dataclass(frozen=True, slots=True)
class ThemeStanding:
    """One theme of one unit. ``points`` are those of the items that concern the unit; rates are shares of them.

    ``awarded`` and ``rate`` are None while an item awaits a decision, ``mean_rate`` and ``best_rate`` when fewer than
    three units of the class have a rate.
    """

    theme: Theme
    points: Decimal
    awarded: Decimal | None
    rate: Decimal | None
    mean_rate: Decimal | None
    best_rate: Decimal | None
    unverified: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """This year against last. ``alike``: both years asked the same items for the same points.

    ``shared`` items stand in both years with a mark; the rates are shares of their points this year, so that only what
    was achieved moves the rate.
    """

    before: Scorecard
    alike: bool
    shared: int
    shared_points: Decimal
    rate: Decimal | None
    rate_before: Decimal | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A problem of this year as the rectification ledger has it; ``again``: last year had one on the same item."""

    finding: Observation
    state: str
    overdue: bool
    again: bool


@dataclass(frozen=True, slots=True)
class Leftover:
    """A finding of last year that its record does not close. ``item`` (None: no longer asked), ``lost``: this year."""

    finding: Observation
    item: Item | None
    lost: Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """An accident figure of this year and last. ``restated``: last year's own statistics gave another number."""

    measure: Measure
    value: Decimal | None
    before: Decimal | None
    restated: Decimal | None = None


@dataclass(frozen=True)
class UnitYear:
    """A unit in a scored year, with last year's record when there is one. KeyError when the unit has no card."""

    scored: ScoredYear
    previous: ScoredYear | None
    unit: Unit
    rubric: Rubric
    policy: Policy

    @cached_property
    def card(self) -> Scorecard:
        card = _card(self.scored, self.unit)
        if card is None:
            raise KeyError(self.unit.id)
        return card

    @cached_property
    def result(self) -> UnitResult:
        """The card's result as it is printed."""
        shown = None if self.card.total is None else self.policy.shown(self.card.total)
        return UnitResult(self.card, self.policy, shown)

    @cached_property
    def record(self) -> str:
        """The hash of what the record says of this unit: a printed brief can be held against the store by it."""
        from analytics.store import extract_sha256

        return extract_sha256(self.scored, self.unit.id)

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        return tuple(o for o in self.scored.observations if o.unit == self.unit.id)

    @cached_property
    def findings(self) -> tuple[Observation, ...]:
        """What inspectors found, in the order of the rubric; rows that say nothing was found are left out."""
        order = {item.id: place for place, item in enumerate(self.rubric.items)}
        found = [o for o in self.observations if is_problem(o)]
        return tuple(sorted(found, key=lambda o: (order.get(o.item, len(order)), o.rule, o.reading)))

    @cached_property
    def ledger(self) -> tuple[Entry, ...]:
        """The findings with their state; what is overdue is told as of ``as_of``."""
        return tuple(
            Entry(found, state_of(found), finding_overdue(found, self.as_of), found.item in self._found_before)
            for found in self.findings
        )

    @cached_property
    def as_of(self) -> datetime.date | None:
        """The latest day of an inspection or a re-check in the records of the whole year: one day for all briefs."""
        return latest_record(self.scored.observations)

    @cached_property
    def _found_before(self) -> frozenset[str]:
        """The items on which last year's inspections found a problem and which ask the same this year."""
        if self.previous is None:
            return frozenset()
        before, now = (
            [_record(item) for item in year.items if item.kind is self.card.kind]
            for year in (self.previous, self.scored)
        )
        alike = {relation.item for relation in relate(before, now) if relation.comparable}
        return frozenset(found.item for found in self.findings_before if found.item in alike)

    @cached_property
    def losses(self) -> tuple[tuple[Mark, Loss], ...]:
        """Every loss, largest first, then in the order of the rubric."""
        pairs = [(mark, loss) for mark in self.card.marks for loss in mark.losses]
        return tuple(sorted(pairs, key=lambda pair: -pair[1].points))

    def decision(self, number: str) -> Decision | None:
        """The decision with this number about this unit."""
        return next((d for d in self.scored.decisions if d.id == number and d.unit == self.unit.id), None)

    def shown_total(self, total: Decimal) -> tuple[str, bool]:
        """The total as printed, and whether it needed more decimals because rounding would show another grade."""
        shown = self.policy.shown(total)
        return f"{shown:f}", shown != self.policy.rounded(total)

    @cached_property
    def themes(self) -> tuple[ThemeStanding, ...]:
        """Each theme of the rubric, then (theme id ``total``) all items together."""
        whole = Theme(id="total", name="", points=self.rubric.full_marks)
        return tuple(self._standing(theme) for theme in (*self.rubric.themes, whole))

    def _standing(self, theme: Theme) -> ThemeStanding:
        own = self._marks(self.card, theme)
        awarded = _awarded(own)
        points = sum((mark.full_marks for mark in own), ZERO)
        mates = (self._marks(card, theme) for card in self.scored.cards if card.kind is self.card.kind)
        rates = [rate for marks in mates if (rate := _rate(marks)) is not None]
        enough = len(rates) >= FEWEST_FOR_AGGREGATES
        return ThemeStanding(
            theme=theme,
            points=points,
            awarded=awarded,
            rate=_rate(own),
            mean_rate=sum(rates, ZERO) / len(rates) if enough else None,
            best_rate=max(rates) if enough else None,
            unverified=sum(mark.status == "self_only" for mark in own),
        )

    def _marks(self, card: Scorecard, theme: Theme) -> list[Mark]:
        """The marks of a theme that concern the unit; ``total`` is every theme."""
        return [
            mark
            for mark in card.marks
            if mark.status != "not_applicable" and theme.id in ("total", self.rubric.item(mark.item).theme)
        ]

    @cached_property
    def comparison(self) -> Comparison | None:
        """None when there is no record of the unit last year."""
        before = _card(self.previous, self.unit) if self.previous else None
        if before is None:
            return None
        old = {mark.item: mark for mark in before.marks if mark.awarded is not None}
        shared = [mark for mark in self.card.marks if mark.awarded is not None and mark.item in old]
        return Comparison(
            before=before,
            alike=_asked(before) == _asked(self.card),
            shared=len(shared),
            shared_points=sum((mark.full_marks for mark in shared), ZERO),
            rate=_rate(shared),
            rate_before=_rate([_reweighted(old[mark.item], mark.full_marks) for mark in shared]),
        )

    @cached_property
    def findings_before(self) -> tuple[Observation, ...]:
        """Last year's findings, in the order of that record."""
        seen = self.previous.observations if self.previous else ()
        return tuple(o for o in seen if o.unit == self.unit.id and is_problem(o))

    @cached_property
    def leftovers(self) -> tuple[Leftover, ...]:
        """Last year's findings that its record does not close."""
        return tuple(self._leftover(finding) for finding in self.findings_before if state_of(finding) != "closed")

    def _leftover(self, finding: Observation) -> Leftover:
        heirs = [
            item
            for item in self.rubric.items_for(self.unit.id)
            if finding.item == item.id or finding.item in item.formerly
        ]
        lost = [
            loss.points for mark in self.card.marks for loss in mark.losses if mark.item in {item.id for item in heirs}
        ]
        return Leftover(finding, heirs[0] if heirs else None, sum(lost, ZERO))

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """The accident figures the rubric declares, each beside last year's; () when there are no statistics."""
        now = _accident_figures(self.observations)
        old = _accident_figures(self.previous.observations if self.previous else (), self.unit.id)
        declared = [m for m in self.rubric.measures if m.form == "accidents" and not m.id.endswith("_last_year")]
        return tuple(_figure(measure, now, old) for measure in declared) if now else ()

    def sources(self) -> Iterator[tuple[str, str]]:
        """File name and SHA-256 of every file something about this unit was read from, by name."""
        cells = [o.reading.cell for o in self.observations]
        cells += [d.reading.cell for d in self.scored.decisions if d.unit == self.unit.id]
        yield from sorted({(cell.file, cell.sha256) for cell in cells})


def _card(scored: ScoredYear, unit: Unit) -> Scorecard | None:
    return next((card for card in scored.cards if card.unit == unit.id), None)


def _record(item: ScoredItem) -> dict[str, object]:
    """The item as ``comparability.relate`` takes it."""
    return {
        "item": item.item, "no": item.no, "text": item.text, "full_marks": item.full_marks,
        "formerly": " ".join(item.formerly),
    }  # fmt: skip


def _awarded(marks: list[Mark]) -> Decimal | None:
    if not marks or any(mark.awarded is None for mark in marks):
        return None
    return sum((mark.awarded or ZERO for mark in marks), ZERO)


def _rate(marks: list[Mark]) -> Decimal | None:
    awarded, full = _awarded(marks), sum((mark.full_marks for mark in marks), ZERO)
    return awarded / full if awarded is not None and full else None


def _reweighted(mark: Mark, full_marks: Decimal) -> Mark:
    """The mark as it would be with these full marks. One out of 0 stays."""
    if mark.awarded is None or not mark.full_marks:
        return mark
    return replace(mark, full_marks=full_marks, awarded=mark.awarded * full_marks / mark.full_marks)


def _asked(card: Scorecard) -> dict[str, Decimal]:
    return {mark.item: mark.full_marks for mark in card.marks if mark.status != "not_applicable"}


def _accident_figures(observations: tuple[Observation, ...], unit: str = "") -> dict[str, Decimal]:
    return {
        o.measure: o.value
        for o in observations
        if o.channel is Channel.ACCIDENT and o.value is not None and (not unit or o.unit == unit)
    }


def _figure(measure: Measure, now: dict[str, Decimal], old: dict[str, Decimal]) -> Figure:
    stated, recorded = now.get(f"{measure.id}_last_year"), old.get(measure.id)
    before = recorded if stated is None else stated
    return Figure(measure, now.get(measure.id), before, recorded if recorded not in (None, before) else None)
