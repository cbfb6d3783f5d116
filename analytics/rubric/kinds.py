"""The kinds of scoring rules a rubric is made of. Each is data: what it looks at, and how many points it may take."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Points = Annotated[Decimal, Field(ge=0, le=200, max_digits=7, decimal_places=4)]
Step = Annotated[Decimal, Field(gt=0)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]*$")]
ONE_PERCENT = Decimal("0.01")


class Data(BaseModel):
    """A frozen record of the rules; a field it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Rule(Data):
    """``id`` is printed as the clause, ``on`` is the condition in the words of the rubric.

    ``part`` names the part of the item (评分点) whose points this rule shares with others; empty: the whole item.
    """

    id: Annotated[str, Field(pattern=r"^\d{1,2}$")]
    on: str
    source: str = ""
    part: str = ""


class PerOccurrence(_Rule):
    """So many points for each occurrence, at most ``cap`` in all; without a cap, at most the item's marks."""

    kind: Literal["per_occurrence"]
    points: Points
    cap: Points | None = None


class AllOrNothing(_Rule):
    """``points`` (by default the item's full marks) are lost once, however often it occurred.

    ``also`` names items that then lose all their marks too (连带): no plan at all costs the marks for its quality.
    """

    kind: Literal["all_or_nothing"]
    points: Points | None = None
    also: tuple[Identifier, ...] = ()


class Escalation(_Rule):
    """``steps[n-1]`` points are lost in all at the n-th occurrence, null meaning all; the last step holds for more.

    一次扣0.5分，两次及以上不得分 is ``steps: [0.5, null]``.
    """

    kind: Literal["escalation"]
    steps: Annotated[tuple[Points | None, ...], Field(min_length=1)]


class BySeverity(_Rule):
    """Points by a word on the record, for each occurrence: 迟报 1, 谎报 2, 漏报 3, 瞒报 4."""

    kind: Literal["by_severity"]
    levels: Annotated[dict[str, Points], Field(min_length=1)]
    cap: Points | None = None


class Ratio(_Rule):
    """``points`` for each ``step`` by which numerator / denominator stays under ``target``.

    ``counted``: a step that is only begun costs like a whole one, costs nothing, or costs its share.
    """

    kind: Literal["ratio"]
    numerator: Identifier
    denominator: Identifier
    target: Decimal = Decimal(1)
    step: Step = ONE_PERCENT
    points: Points
    cap: Points | None = None
    counted: Literal["begun", "whole", "share"] = "begun"


class RatioRange(_Rule):
    """Under ``target`` a named person decides between ``least`` and ``most`` points (完成率达不到100%扣0.1-1分)."""

    kind: Literal["ratio_range"]
    numerator: Identifier
    denominator: Identifier
    target: Decimal = Decimal(1)
    least: Points
    most: Points


class Slope(_Rule):
    """``points`` for each ``step`` by which the measure stays under ``at_least`` (不低于20%得1分，每低1%扣0.05分)."""

    kind: Literal["slope"]
    measure: Identifier
    at_least: Decimal
    step: Step = Decimal(1)
    points: Points
    cap: Points | None = None
    counted: Literal["begun", "whole", "share"] = "begun"


class Threshold(_Rule):
    """``points`` (by default all) are lost when the measure is outside its one bound: under ``at_least``, not above
    ``more_than`` (≤80%扣1分), above ``at_most``, or not under ``less_than``."""

    kind: Literal["threshold"]
    measure: Identifier
    at_least: Decimal | None = None
    more_than: Decimal | None = None
    at_most: Decimal | None = None
    less_than: Decimal | None = None
    points: Points | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Threshold:
        if len(self.bounds) != 1:
            raise ValueError("exactly one of at_least, more_than, at_most, less_than")
        return self

    @property
    def bounds(self) -> dict[str, Decimal]:
        """The bound by its name."""
        named = {name: getattr(self, name) for name in ("at_least", "more_than", "at_most", "less_than")}
        return {name: bound for name, bound in named.items() if bound is not None}


class Award(_Rule):
    """The marks are earned: ``points`` for each unit of the measure, up to ``cap``. What is not earned is lost."""

    kind: Literal["award"]
    measure: Identifier
    points: Points
    cap: Points


class AwardOnRecord(_Rule):
    """The marks are earned by what inspectors recorded (得分制): ``points`` for each, up to ``cap`` (by default once).

    Only an item with a record is judged by it, and then this clause needs one too: 0 says that nothing was earned.
    """

    kind: Literal["award_on_record"]
    points: Points
    cap: Points | None = None

    @property
    def most(self) -> Decimal:
        return self.points if self.cap is None else self.cap


class Comparison(_Rule):
    """``points`` for each unit by which the measure exceeds its ``baseline`` (last year's figure)."""

    kind: Literal["comparison"]
    measure: Identifier
    baseline: Identifier
    points: Points
    cap: Points | None = None


class ByRank(_Rule):
    """Points by the unit's rank in its class on a measure (第1–5名60、57、54、51、48), ties sharing the better place.

    ``points[0]`` is what the first gets and so what can be lost; ranks past the list get ``after``.
    """

    kind: Literal["by_rank"]
    measure: Identifier
    points: Annotated[tuple[Points, ...], Field(min_length=1)]
    after: Points = Decimal(0)
    best: Literal["highest", "lowest"] = "highest"


class ShareOfBest(_Rule):
    """The best of the class gets ``points`` (by default the item's), the others their share (第1名满分，其余按比例)."""

    kind: Literal["share_of_best"]
    measure: Identifier
    points: Points | None = None


class Discretionary(_Rule):
    """Between ``least`` and ``most`` points, as a named person decides (酌情); without ``most``, up to the item's."""

    kind: Literal["discretionary"]
    least: Points = Decimal(0)
    most: Points | None = None


class Lateness(_Rule):
    """``points`` for each calendar day (or hour) late, at most ``cap``."""

    kind: Literal["lateness"]
    points: Points
    cap: Points | None = None
    per: Literal["day", "hour"] = "day"


Rule = Annotated[
    PerOccurrence
    | AllOrNothing
    | Escalation
    | BySeverity
    | Ratio
    | RatioRange
    | Slope
    | Threshold
    | Award
    | AwardOnRecord
    | Comparison
    | ByRank
    | ShareOfBest
    | Discretionary
    | Lateness,
    Field(discriminator="kind"),
]
MEASURED = (Ratio, RatioRange, Slope, Threshold, Award, Comparison, ByRank, ShareOfBest)
RECORDED = (PerOccurrence, AllOrNothing, Escalation, BySeverity, AwardOnRecord, Discretionary, Lateness)
BY_DECISION = (Discretionary, RatioRange)
_MEASURES = ("measure", "numerator", "denominator", "baseline")
_LOOKS_AT = {kind: tuple(n for n in _MEASURES if n in kind.model_fields) for kind in (*MEASURED, *RECORDED)}


def measures_of(rule: Rule) -> tuple[str, ...]:
    """The figures that a rule looks at, none for a rule that looks at findings."""
    return tuple(getattr(rule, name) for name in _LOOKS_AT[type(rule)])


def most_of(rule: Rule, full_marks: Decimal) -> Decimal:
    """The most that one rule says it takes (or, for an award, gives) in an item of ``full_marks``."""
    match rule:
        case AllOrNothing(points=points) | Threshold(points=points) | ShareOfBest(points=points):
            return full_marks if points is None else points
        case Discretionary(most=most) | RatioRange(most=most) | AwardOnRecord(most=most):
            return full_marks if most is None else most
        case Escalation(steps=steps):
            return max(full_marks if step is None else step for step in steps)
        case ByRank(points=by_rank):
            return by_rank[0]
        case BySeverity(levels=levels, cap=cap):
            return max(levels.values()) if cap is None else cap
        case PerOccurrence() | Ratio() | Slope() | Award() | Comparison() | Lateness():
            return rule.points if rule.cap is None else rule.cap
