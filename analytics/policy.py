"""What the notice leaves open, as data: each setting with its value, its source and the sentence that is printed."""

from __future__ import annotations

import csv
import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from analytics.problems import Problem, Refused
from analytics.rubric import Data, Identifier, Points, Rubric, plain, slips
from analytics.units import UnitKind, UnitRegistry, read_yaml, schema_problems, with_folder
from analytics.workspace import Workspace

T = TypeVar("T")


class Setting(Data, Generic[T]):
    """A value, its source (``notice 2020-13 §…`` or ``assumed``) and how the outputs say it in Chinese."""

    value: T
    source: Annotated[str, Field(pattern=r"^(assumed|notice .+)$")]
    says: str

    @property
    def assumed(self) -> bool:
        return self.source == "assumed"


class GradeBand(Data):
    """A grade and its lower bound, which belongs to it. ``most`` is an upper bound as some texts print it (90-94分)."""

    name: str
    least: Points
    most: Points | None = None


class VerifiedElseSelf(Data):
    """An item's mark is the verified one where there is one, else the self-mark, marked 未核."""

    kind: Literal["verified_else_self"]


class Weighted(Data):
    """A mark (or total) is the weighted mean of its sources; a missing one's weight goes to the others in proportion.

    For an item the sources are ``self`` and ``verified``, or the channels of verification one by one: ``onsite``,
    ``special``, ``desk``, ``accident``.
    """

    kind: Literal["weighted"]
    weights: Annotated[dict[str, Annotated[Decimal, Field(ge=0)]], Field(min_length=1)]


SOURCES = ("self", "verified", "onsite", "special", "desk", "accident")  # of an item's mark, as a policy may weigh them
Combination = Annotated[VerifiedElseSelf | Weighted, Field(discriminator="kind")]


class TotalPart(Data):
    """A part of the total and how many of its points it counts (``weight``): 安全生产70、消防30.

    Either the items of ``themes``, or a score given elsewhere, the figure ``measure`` out of ``full`` (半年考核、日常
    监管). Without it the part's weight goes to the others (``reweight``), or the total waits (``wait``).
    """

    id: Identifier
    name: str
    weight: Annotated[Decimal, Field(gt=0, le=200)]
    themes: tuple[Identifier, ...] = ()
    measure: Identifier | None = None
    full: Annotated[Decimal, Field(gt=0)] = Decimal(100)
    missing: Literal["reweight", "wait"] = "reweight"

    @model_validator(mode="after")
    def _one_source(self) -> TotalPart:
        if bool(self.themes) == bool(self.measure):
            raise ValueError("either themes or a measure")
        return self


class Quota(Data):
    """At most ``shares[grade]`` of a class, from the highest total down, get that grade or a better one; the others get
    the next grade, whatever their points.

    The places are rounded down. Units tied over the last place all get the next grade, or all get the place.
    """

    shares: dict[str, Annotated[Decimal, Field(gt=0, le=1)]]
    ties: Literal["out", "in"] = "out"


class Conversion(Data):
    """The points a result counts in the yearly performance: in proportion to the total, or by grade."""

    points: Points | None = None
    by_grade: dict[str, Points] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Conversion:
        if (self.points is None) == (not self.by_grade):
            raise ValueError("either points or by_grade")
        return self


class Submission(Data):
    """When reports were due, and what a day costs. Recorded by intake; deducted only by a Decision."""

    deadline: datetime.date
    points_per_day: Points
    most: Points
    weekend_moves_to_monday: bool


class Rounding(Data):
    decimals: Annotated[int, Field(ge=0, le=4)]
    mode: Literal["half_up"]


class Ranking(Data):
    """``competition``: 1-2-2-4. ``unranked``: ids of units that are scored and graded, and take no place."""

    within: Literal["class"]
    ties: Literal["competition"]
    unranked: tuple[str, ...] = ()


class Policy(Data):
    """Every setting of a year. Grade bands are listed from the best down; the last one starts at 0.

    ``parts``: what the total is made of, by default the items alone. ``scale``: what the total is out of, by default
    what the parts add up to (or the rubric's full marks). ``quota`` and ``conversion``: without them, none.
    """

    year: int
    grades: Setting[tuple[GradeBand, ...]]
    combination: Setting[Combination]
    missing_part: Setting[Literal["reweight"]]
    submission: Setting[Submission]
    versions: Setting[Literal["latest_before_deadline", "last_valid"]]
    false_report: Setting[Literal["by_decision"]]
    bonus_cap: Setting[Points]
    total_cap: Setting[Points]
    rounding: Setting[Rounding]
    ranking: Setting[Ranking]
    parts: Setting[Annotated[tuple[TotalPart, ...], Field(min_length=1)]] | None = None
    scale: Setting[Annotated[Decimal, Field(gt=0, le=200)]] | None = None
    quota: Setting[Quota] | None = None
    conversion: Setting[Conversion] | None = None
    sha256: str = ""

    @model_validator(mode="after")
    def _bands_descend_to_zero(self) -> Policy:
        bounds = [band.least for band in self.grades.value]
        if bounds != sorted(set(bounds), reverse=True) or bounds[-1:] != [0]:
            raise ValueError("grade bands must descend from the best grade to one that starts at 0")
        return self

    @classmethod
    def load(cls, path: Path) -> Policy:
        """Read ``policy.yaml``. Refused, with file and place, when a setting is missing or malformed, or when a score
        could have no grade because the printed bands leave a hole (90-94分、95分以上)."""
        try:
            policy = cls.model_validate(read_yaml(path) | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
        except ValidationError as error:
            raise Refused(schema_problems(error, with_folder(path))) from None
        if problems := [Problem(code, "stop", file=with_folder(path), facts=facts) for code, facts in policy._faults()]:
            raise Refused(problems)
        return policy

    def _faults(self) -> Iterator[tuple[str, dict[str, str]]]:
        for better, band in pairwise(self.grades.value):
            if band.most is not None and band.most < better.least:
                found = f"{plain(band.most)}—{plain(better.least)}"
                yield "policy-band-hole", {"found": found, "place": band.name, "expected": better.name}
        if isinstance(self.combination.value, Weighted) and (found := _unweighable(self.combination.value.weights)):
            yield "policy-weights-wrong", {"found": found, "expected": "、".join(SOURCES)}
        grades = [band.name for band in self.grades.value]
        named = [*(self.quota.value.shares if self.quota else ()), *self._converted]
        for grade in dict.fromkeys(name for name in named if name not in grades):
            yield "policy-grade-unknown", {"found": grade, "expected": "、".join(grades)}
        if self._converted and (left := [grade for grade in grades if grade not in self._converted]):
            yield "policy-grade-without-points", {"found": "、".join(left), "expected": "、".join(grades)}

    @property
    def _converted(self) -> dict[str, Decimal]:
        return self.conversion.value.by_grade if self.conversion else {}

    def grade(self, total: Decimal) -> str:
        """The grade of an exact total; a lower bound belongs to its grade."""
        return next(band.name for band in self.grades.value if total >= band.least)

    def rounded(self, points: Decimal) -> Decimal:
        """``points`` as they are printed: rounded half up, once, at the end."""
        return points.quantize(Decimal(1).scaleb(-self.rounding.value.decimals), ROUND_HALF_UP)

    def shown(self, total: Decimal) -> Decimal:
        """A total as it is printed: rounded, with as many decimals more as it takes to show the grade it has.

        89.995 is printed so, and not as 90.00, which would be another grade; a total that never ends is cut.
        """
        rounded, grade = self.rounded(total), self.grade(total)
        if self.grade(rounded) == grade:
            return rounded
        for places in range(self.rounding.value.decimals + 1, 28):
            cut = total.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
            if cut != rounded and self.grade(cut) == grade:
                return cut
        return total

    def converted(self, total: Decimal, grade: str, scale: Decimal) -> Decimal | None:
        """The points a result counts in the yearly performance, exact; None where the policy does not say."""
        if self.conversion is None:
            return None
        if (points := self.conversion.value.points) is not None:
            return total * points / scale
        return self.conversion.value.by_grade[grade]

    def settings(self) -> tuple[Setting[object], ...]:
        """Every setting there is, in the order of the model, for the page of assumptions."""
        return tuple(value for name in type(self).model_fields if isinstance(value := getattr(self, name), Setting))


def _unweighable(weights: Mapping[str, Decimal]) -> str:
    """What cannot be meant: a source there is not, weights that are all 0, a channel beside all of them together."""
    if unknown := sorted(set(weights) - set(SOURCES)):
        return "、".join(unknown)
    if not any(weights.values()):
        return "、".join(f"{source} {weight}" for source, weight in weights.items())
    twice = sorted(set(weights) - {"self", "verified"})
    return f"verified、{'、'.join(twice)}" if "verified" in weights and twice else ""


class YearRules(Data):
    """The policy of a year, its rubrics, and what in them looks like a slip of the printed text."""

    year: int
    policy: Policy
    rubrics: tuple[Rubric, ...]
    slips: tuple[str, ...] = ()

    @classmethod
    def load(cls, workspace: Workspace, registry: UnitRegistry, year: int) -> YearRules:
        """Read the year's folder under ``data/rubrics``. Refused without one, or when a class has no rubric or two."""
        folder = workspace.rubrics(year)
        if not folder.is_dir():
            years = "、".join(sorted(path.name for path in folder.parent.glob("[12][0-9][0-9][0-9]")))
            raise Refused([Problem("year-unknown", "stop", facts={"found": str(year), "expected": years})])
        policy = Policy.load(folder / "policy.yaml")
        rubrics = tuple(Rubric.load(p, registry) for p in sorted(folder.glob("*.yaml")) if p.name != "policy.yaml")
        for kind in UnitKind:
            owners = [rubric.id for rubric in rubrics if kind in rubric.applies_to]
            if len(owners) != 1 and registry.of_kind(kind, year):
                facts = {"found": "、".join(owners) or "0", "expected": "1", "place": kind.label()}
                raise Refused([Problem("rubric-class-unclear", "stop", file=str(folder.name), facts=facts)])
        problems = list(_mismatches(year, policy, rubrics))
        if problems:
            raise Refused(problems)
        scales = severity_scales(workspace.lookups)
        told = tuple(f"{rubric.title}：{slip.says}" for rubric in rubrics for slip in slips(rubric, scales))
        return cls(year=year, policy=policy, rubrics=rubrics, slips=told)

    def rubric(self, kind: UnitKind) -> Rubric:
        return next(rubric for rubric in self.rubrics if kind in rubric.applies_to)


def severity_scales(lookups: Path) -> tuple[tuple[str, ...], ...]:
    """The scales of ``severity_scales.csv``: words from the lighter to the graver. None when there is no such file."""
    path = lookups / "severity_scales.csv"
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(tuple(row["words"].split()) for row in csv.DictReader(file))


def _mismatches(year: int, policy: Policy, rubrics: Iterable[Rubric]) -> Iterator[Problem]:
    """A file copied from another year and not dated anew, and a veto that names a grade the policy does not have."""
    for file, dated in (("policy.yaml", policy.year), *((f"{rubric.id}.yaml", rubric.year) for rubric in rubrics)):
        if dated != year:
            facts = {"found": str(dated), "expected": str(year)}
            yield Problem("rubric-year-wrong", "stop", file=f"{year}/{file}", facts=facts)
    grades = [band.name for band in policy.grades.value]
    for rubric in rubrics:
        for veto in rubric.vetoes:
            if veto.grade not in grades:
                facts = {"place": veto.id, "found": veto.grade, "expected": "、".join(grades)}
                yield Problem("rubric-grade-unknown", "stop", file=f"{year}/{rubric.id}.yaml", facts=facts)
        for code, found, expected in _part_faults(policy, rubric):
            facts = {"place": rubric.id, "found": found, "expected": expected}
            yield Problem(code, "stop", file=f"{year}/policy.yaml", facts=facts)


def _part_faults(policy: Policy, rubric: Rubric) -> Iterator[tuple[str, str, str]]:
    """A part of the total that the rubric does not have, themes that are in no part or in two, and a cap that takes
    points from a unit that lost none."""
    parts = policy.parts.value if policy.parts else ()
    scale = (
        policy.scale.value if policy.scale else sum((part.weight for part in parts), Decimal(0)) or rubric.full_marks
    )
    if policy.total_cap.value < scale:
        yield "policy-cap-below-scale", plain(policy.total_cap.value), plain(scale)
    if policy.parts is None:
        return
    themes = [theme.id for theme in rubric.themes]
    used = [theme for part in policy.parts.value for theme in part.themes]
    measures = {measure.id for measure in rubric.measures}
    if sorted(used) != sorted(themes):
        yield "policy-part-themes", "、".join(used) or "—", "、".join(themes)
    for part in policy.parts.value:
        if part.measure and part.measure not in measures:
            yield "policy-part-measure", part.measure, "measures"
