"""The result of scoring: a card for each unit, a mark for each item, a loss for each deduction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

from analytics.listing import Listing
from analytics.provenance import Reading
from analytics.records import Channel
from analytics.units import UnitKind

MarkStatus = Literal["verified", "self_only", "class_mean", "not_applicable", "awaiting_decision"]


@dataclass(frozen=True, slots=True)
class Span:
    """From the least to the most that something may become, both included."""

    least: Decimal
    most: Decimal

    @classmethod
    def of(cls, points: Decimal) -> Span:
        """What is decided may become nothing else."""
        return cls(points, points)


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

    ``waiting_for`` says in words what has to be decided, and ``span`` what the mark may then become.
    """

    item: str
    full_marks: Decimal
    self_mark: Decimal | None
    verified_mark: Decimal | None
    awarded: Decimal | None
    losses: tuple[Loss, ...]
    status: MarkStatus
    waiting_for: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A step outside the items: bonus (+), deduction outside the 100 (−), re-weighting, what a part of the total that
    is scored elsewhere loses, or the total's limit."""

    kind: Literal["bonus", "outside", "reweight", "part", "limit"]
    points: Decimal
    clause: str
    because: str
    readings: tuple[Reading, ...] = ()
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """A cap (no better than ``grade``), a force (exactly ``grade``) or a bar (not scored at all, 不予参评).

    ``lifted``: listed, no longer applied.
    """

    kind: Literal["cap", "force", "bar"]
    grade: str
    clause: str
    because: str
    readings: tuple[Reading, ...] = ()
    decision: str = ""
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class PartScore:
    """A part of the total: ``value`` out of ``full``, which counts ``weight`` points of the whole.

    ``items`` are scored here; without them the value is a figure given elsewhere. ``value`` is None for a part that is
    missing, whose weight went to the others, or that still waits. For items not applicable ``value`` is scaled up.
    """

    part: str
    name: str
    weight: Decimal
    full: Decimal
    value: Decimal | None
    missing: bool
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One unit's year. Totals are exact; ``total`` and ``grade`` are None while a mark awaits a decision.

    ``grade_by_points`` is the grade before vetoes, caps and quotas. ``rank`` is among the ``ranked`` units of the class
    that have a total; ``rank_span`` is where it may end once all open decisions of the class are taken (empty without
    a place). ``scale`` is what the total is out of. ``span`` is what the total may become while it is open, and
    ``possible_grades`` the grades, best first. ``open_questions`` say why a grade is open though the total is not.
    ``cautions`` are facts a reader must know, such as a unit's part in the assessment itself.
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
    scale: Decimal = Decimal(100)
    parts: tuple[PartScore, ...] = ()
    span: Span | None = None
    possible_grades: tuple[str, ...] = ()
    rank_span: tuple[int, ...] = ()
    open_questions: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    def mark(self, item: str) -> Mark:
        return next(mark for mark in self.marks if mark.item == item)

    @property
    def waiting(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if mark.status == "awaiting_decision")

    @property
    def barred(self) -> bool:
        """Whether the unit is not scored at all (不予参评)."""
        return any(effect.kind == "bar" and not effect.lifted for effect in self.effects)

    @property
    def undecided(self) -> bool:
        """Whether somebody still has to decide something before the unit has its grade."""
        return self.grade is None and not self.barred

    def weight_of(self, item: str) -> Fraction:
        """How many points of the total one point of an item counts: 1, but in a part that is converted."""
        there = sum((Fraction(part.weight) for part in self.parts if not part.missing), Fraction(0))
        for part in self.parts:
            if item in part.items and there:
                return Fraction(part.weight) * Fraction(self.scale) / there / Fraction(part.full)
        return Fraction(1)

    def shown(self, name: str = "", items: Mapping[str, str] | None = None) -> Listing:
        """The way from full marks to the total as it is printed, to two decimals.

        A card knows its unit and items by their ids; ``name`` and ``items`` (id → text) are what they are called.
        """
        head = f"{name or self.unit}（{self.kind.label()}）{self.year}年度：{self._result}"
        notes = (*self.assumptions, *self.open_questions, *self.cautions)
        return Listing.of(("步骤", "增减", "余分", "条款"), self._steps(items or {}), head, notes)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown()._repr_mimebundle_()

    @property
    def _result(self) -> str:
        if self.barred:
            return "不予参评"
        if self.total is None:
            return f"{len(self.waiting)}项待裁定，暂无总分{self.said_span}"
        before = "" if self.grade == self.grade_by_points else f"（按分数为{self.grade_by_points}）"
        place = f"，本类{self.ranked}个有总分的单位中第{self.rank}名{self.said_rank_span}" if self.rank else ""
        return f"总分{printed_total(self.total)}分，{self.grade or '等级待定'}{before}{place}"

    @property
    def said_span(self) -> str:
        """What the total and the grade may become: ``，裁定后在85.30—91.30分之间，可能为优秀或良好``; else nothing."""
        if self.span is None:
            return ""
        grades = f"，可能为{'或'.join(self.possible_grades)}" if self.possible_grades else ""
        return f"，裁定后在{printed(self.span.least)}—{printed(self.span.most)}分之间{grades}"

    @property
    def said_rank_span(self) -> str:
        """Where the rank may end once the class is decided: ``（本类全部裁定后可能为第3—4名）``; else nothing."""
        if set(self.rank_span) <= {self.rank}:  # one that is certain may still not be the rank among those decided
            return ""
        best, worst = self.rank_span[0], self.rank_span[-1]
        return (
            f"（本类全部裁定后{'为' if best == worst else '可能为'}第{best if best == worst else f'{best}—{worst}'}名）"
        )

    def _steps(self, items: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
        from analytics.scoring.steps import steps_of

        yield "满分", "", printed(self.scale), ""
        for step in steps_of(self):
            named = f"{items[step.item]}：" if step.item in items else ""
            change = "待裁定" if step.change is None else _signed(step.change)
            yield f"{named}{step.because}", change, printed(step.running), step.clause
        for effect in self.effects:
            yield f"{effect.because}：{outcome(effect)}", "", printed(steps_left(self)), effect.clause


def steps_left(card: Scorecard) -> Decimal:
    """The points left after the last step."""
    from analytics.scoring.steps import steps_of

    steps = steps_of(card)
    return steps[-1].running if steps else card.scale


def outcome(effect: Effect) -> str:
    """What an effect does, in words: 最高为良好; 定为不合格; 不予参评; 已解除."""
    if effect.lifted:
        return "已解除"
    return {"cap": "最高为", "force": "定为", "bar": "不予参评"}[effect.kind] + effect.grade


def printed(points: Decimal) -> str:
    """Points with two decimals, rounded half up, for tables on a screen; documents follow the policy's rounding."""
    return f"{points.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"


def printed_total(total: Decimal) -> str:
    """A total on a screen, where the policy is not at hand: two decimals, three or four where it has no more, and never
    rounded up to a whole number, which may be the limit of a grade that it does not reach."""
    exponent = total.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -4 <= exponent <= -3:
        return f"{total.normalize():f}"
    rounded = total.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if rounded > total and rounded == rounded.to_integral_value():
        return f"{total.quantize(Decimal('0.0001'), ROUND_DOWN):f}"
    return f"{rounded:f}"


def _signed(change: Decimal) -> str:
    return f"{'+' if change > 0 else ''}{printed(change if change else Decimal(0))}"
