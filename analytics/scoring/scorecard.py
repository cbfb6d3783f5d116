"""The result of scoring: a card for each unit, a mark for each item, a loss for each deduction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from analytics.listing import Listing
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

    def shown(self, name: str = "", items: Mapping[str, str] | None = None) -> Listing:
        """The way from full marks to the total as it is printed, to two decimals.

        A card knows its unit and items by their ids; ``name`` and ``items`` (id → text) are what they are called.
        """
        head = f"{name or self.unit}（{self.kind.label()}）{self.year}年度：{self._result}"
        return Listing.of(("步骤", "增减", "余分", "条款"), self._steps(items or {}), head, self.assumptions)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown()._repr_mimebundle_()

    @property
    def _result(self) -> str:
        if self.total is None:
            return f"{len(self.waiting)}项待裁定，暂无总分"
        before = "" if self.grade == self.grade_by_points else f"（按分数为{self.grade_by_points}）"
        place = f"，本类{self.ranked}个有总分的单位中第{self.rank}名" if self.rank else ""
        return f"总分{printed(self.total)}分，{self.grade}{before}{place}"

    def _steps(self, items: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
        left = sum((mark.full_marks for mark in self.marks), Decimal(0))
        yield "满分", "", printed(left), ""
        for mark in self.marks:
            named = f"{items[mark.item]}：" if mark.item in items else ""
            if mark.status == "awaiting_decision":
                yield f"{named}{mark.waiting_for}", "待裁定", printed(left), ""
                continue
            for loss in mark.losses:
                left -= loss.points
                yield f"{named}{loss.because}", _signed(-loss.points), printed(left), loss.clause
        for step in self.adjustments:
            left += step.points
            yield step.because, _signed(step.points), printed(left), step.clause
        for effect in self.effects:
            word = "已解除" if effect.lifted else ("定为" if effect.kind == "force" else "最高为") + effect.grade
            yield f"{effect.because}：{word}", "", printed(left), effect.clause


def printed(points: Decimal) -> str:
    """Points with two decimals, rounded half up, for tables on a screen; documents follow the policy's rounding."""
    return f"{points.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"


def _signed(change: Decimal) -> str:
    return f"{'+' if change > 0 else ''}{printed(change if change else Decimal(0))}"
