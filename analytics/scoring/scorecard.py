"""The result of scoring: a card for each unit, a mark for each item, a loss for each deduction."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from analytics.provenance import Reading
from analytics.records import Channel
from analytics.units import UnitKind

MarkStatus = Literal["verified", "self_only", "not_applicable", "awaiting_decision"]


@dataclass(frozen=True, slots=True)
class Loss:
    """One deduction: how many points, by which clause, because of what, read where, and decided by whom.

    ``points`` is 0 for an occurrence past its cap: it is still listed. ``rule`` is ``""`` for a unit's own deduction.
    """

    item: str
    points: Decimal
    rule: str
    clause: str
    because: str
    channel: Channel
    readings: tuple[Reading, ...]
    decision: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One item of one unit. ``awarded + sum of losses = full_marks``; None while it waits or does not apply.

    ``waiting_for`` says in words what has to be decided.
    """

    item: str
    full_marks: Decimal
    self_mark: Decimal | None
    verified_mark: Decimal | None
    awarded: Decimal | None
    losses: tuple[Loss, ...]
    status: MarkStatus
    waiting_for: str = ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A step outside the items: bonus (+), deduction outside the 100 (−), re-weighting, or the total's limit."""

    kind: Literal["bonus", "outside", "reweight", "limit"]
    points: Decimal
    clause: str
    because: str
    readings: tuple[Reading, ...] = ()
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """A cap (no better than ``grade``) or a force (exactly ``grade``). ``lifted``: listed, no longer applied."""

    kind: Literal["cap", "force"]
    grade: str
    clause: str
    because: str
    readings: tuple[Reading, ...] = ()
    decision: str = ""
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One unit's year. Totals are exact; ``total`` and ``grade`` are None while a mark awaits a decision.

    ``grade_by_points`` is the grade before vetoes and caps. ``rank`` is among ``ranked`` units of the class.
    """

    unit: str
    year: int
    kind: UnitKind
    rubric: str
    rubric_sha256: str
    marks: tuple[Mark, ...]
    adjustments: tuple[Adjustment, ...]
    effects: tuple[Effect, ...]
    total: Decimal | None
    grade: str | None
    grade_by_points: str | None
    rank: int | None
    ranked: int
    assumptions: tuple[str, ...]

    def mark(self, item: str) -> Mark:
        return next(mark for mark in self.marks if mark.item == item)

    @property
    def waiting(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if mark.status == "awaiting_decision")
