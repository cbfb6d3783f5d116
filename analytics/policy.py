"""What the notice leaves open, as data: each setting with its value, its source and the sentence that is printed."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analytics.problems import Problem, Refused
from analytics.rubric import Points, Rubric
from analytics.units import UnitKind, UnitRegistry, read_yaml, schema_problems, with_folder
from analytics.workspace import Workspace

T = TypeVar("T")


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Setting(_Data, Generic[T]):
    """A value, its source (``notice 2020-13 §…`` or ``assumed``) and how the outputs say it in Chinese."""

    value: T
    source: Annotated[str, Field(pattern=r"^(assumed|notice .+)$")]
    says: str

    @property
    def assumed(self) -> bool:
        return self.source == "assumed"


class GradeBand(_Data):
    """A grade and its lower bound, which belongs to it."""

    name: str
    least: Points


class VerifiedElseSelf(_Data):
    """An item's mark is the verified one where there is one, else the self-mark, marked 未核."""

    kind: Literal["verified_else_self"]


class Weighted(_Data):
    """A total is the weighted mean of component totals; a missing one's weight goes to the others in proportion."""

    kind: Literal["weighted"]
    weights: dict[str, Decimal]


Combination = Annotated[VerifiedElseSelf | Weighted, Field(discriminator="kind")]


class Submission(_Data):
    """When reports were due, and what a day costs. Recorded by intake; deducted only by a Decision."""

    deadline: datetime.date
    points_per_day: Points
    most: Points
    weekend_moves_to_monday: bool


class Rounding(_Data):
    decimals: Annotated[int, Field(ge=0, le=4)]
    mode: Literal["half_up"]


class Ranking(_Data):
    """``competition``: 1-2-2-4."""

    within: Literal["class"]
    ties: Literal["competition"]


class Policy(_Data):
    """Every setting of a year. Grade bands are listed from the best down; the last one starts at 0."""

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
    sha256: str = ""

    @model_validator(mode="after")
    def _bands_descend_to_zero(self) -> Policy:
        bounds = [band.least for band in self.grades.value]
        if bounds != sorted(set(bounds), reverse=True) or bounds[-1:] != [0]:
            raise ValueError("grade bands must descend from the best grade to one that starts at 0")
        return self

    @classmethod
    def load(cls, path: Path) -> Policy:
        """Read ``policy.yaml``. Refused, with file and place, when a setting is missing or malformed."""
        try:
            return cls.model_validate(read_yaml(path) | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
        except ValidationError as error:
            raise Refused(schema_problems(error, with_folder(path))) from None

    def grade(self, total: Decimal) -> str:
        """The grade of an exact total; a lower bound belongs to its grade."""
        return next(band.name for band in self.grades.value if total >= band.least)

    def rounded(self, points: Decimal) -> Decimal:
        """``points`` as they are printed: rounded half up, once, at the end."""
        return points.quantize(Decimal(1).scaleb(-self.rounding.value.decimals), ROUND_HALF_UP)

    def settings(self) -> tuple[Setting[object], ...]:
        """Every setting, in the order of the file, for the page of assumptions."""
        return tuple(value for name in type(self).model_fields if isinstance(value := getattr(self, name), Setting))


class YearRules(_Data):
    """The policy of a year and its rubrics."""

    year: int
    policy: Policy
    rubrics: tuple[Rubric, ...]

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
        return cls(year=year, policy=policy, rubrics=rubrics)

    def rubric(self, kind: UnitKind) -> Rubric:
        return next(rubric for rubric in self.rubrics if kind in rubric.applies_to)


def _mismatches(year: int, policy: Policy, rubrics: Iterable[Rubric]) -> Iterator[Problem]:
    """A file copied from another year and not dated anew, and a veto that names a grade the policy does not have."""
    for file, found in (("policy.yaml", policy.year), *((f"{rubric.id}.yaml", rubric.year) for rubric in rubrics)):
        if found != year:
            facts = {"found": str(found), "expected": str(year)}
            yield Problem("rubric-year-wrong", "stop", file=f"{year}/{file}", facts=facts)
    grades = [band.name for band in policy.grades.value]
    for rubric in rubrics:
        for veto in rubric.vetoes:
            if veto.grade not in grades:
                facts = {"place": veto.id, "found": veto.grade, "expected": "、".join(grades)}
                yield Problem("rubric-grade-unknown", "stop", file=f"{year}/{rubric.id}.yaml", facts=facts)
