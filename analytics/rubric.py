"""The year's rules as data: rubric, items, rule kinds. Loaded from YAML and checked; nothing is scored here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analytics.problems import Problem, Refused
from analytics.units import Unit, UnitKind, UnitRegistry, read_yaml, schema_problems, with_folder

Points = Annotated[Decimal, Field(ge=0, le=200, max_digits=7, decimal_places=4)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]*$")]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Rule(_Data):
    """``id`` is printed as the clause, ``on`` is the condition in the words of the rubric."""

    id: Annotated[str, Field(pattern=r"^\d{1,2}$")]
    on: str
    source: str = ""


class PerOccurrence(_Rule):
    """So many points for each occurrence, at most ``cap`` in all; without a cap, at most the item's marks."""

    kind: Literal["per_occurrence"]
    points: Points
    cap: Points | None = None


class AllOrNothing(_Rule):
    """``points`` (by default the item's full marks) are lost once, however often it occurred."""

    kind: Literal["all_or_nothing"]
    points: Points | None = None


class BySeverity(_Rule):
    """Points by a word on the record, for each occurrence: 迟报 1, 谎报 2, 漏报 3, 瞒报 4."""

    kind: Literal["by_severity"]
    levels: Annotated[dict[str, Points], Field(min_length=1)]
    cap: Points | None = None


class Ratio(_Rule):
    """``points`` for each ``step`` (or part of one) by which numerator / denominator stays under ``target``."""

    kind: Literal["ratio"]
    numerator: Identifier
    denominator: Identifier
    target: Decimal = Decimal(1)
    step: Annotated[Decimal, Field(gt=0)] = Decimal("0.01")
    points: Points
    cap: Points | None = None


class Threshold(_Rule):
    """``points`` are lost when the measure is under ``at_least``."""

    kind: Literal["threshold"]
    measure: Identifier
    at_least: Decimal
    points: Points


class Award(_Rule):
    """The marks are earned: ``points`` for each unit of the measure, up to ``cap``. What is not earned is lost."""

    kind: Literal["award"]
    measure: Identifier
    points: Points
    cap: Points


class Comparison(_Rule):
    """``points`` for each unit by which the measure exceeds its ``baseline`` (last year's figure)."""

    kind: Literal["comparison"]
    measure: Identifier
    baseline: Identifier
    points: Points
    cap: Points | None = None


class Discretionary(_Rule):
    """Between ``least`` and ``most`` points, as a named person decides (酌情)."""

    kind: Literal["discretionary"]
    least: Points
    most: Points


class Lateness(_Rule):
    """``points`` for each calendar day late, at most ``cap``."""

    kind: Literal["lateness"]
    points: Points
    cap: Points | None = None


Rule = Annotated[
    PerOccurrence | AllOrNothing | BySeverity | Ratio | Threshold | Award | Comparison | Discretionary | Lateness,
    Field(discriminator="kind"),
]
MEASURED = (Ratio, Threshold, Award, Comparison)


def terms(rule: Rule) -> str:
    """What a rule takes, in the words that follow its condition: ``扣0.5分，最多扣1分``."""
    match rule:
        case AllOrNothing(points=points):
            return "，本项不得分" if points is None else f"，扣{_plain(points)}分"
        case Threshold(points=points):
            return f"，扣{_plain(points)}分"
        case Award(points=points, cap=most):
            return f"，每计1次得{_plain(points)}分，最多得{_plain(most)}分"
        case Discretionary(least=least, most=most):
            return f"，酌情扣{_plain(least)}—{_plain(most)}分"
        case BySeverity(levels=levels, cap=cap):
            return _capped("：" + "、".join(f"{word}扣{_plain(points)}分" for word, points in levels.items()), cap)
        case Ratio(step=step, points=points, cap=cap):
            return _capped(f"，每低{_plain(step * 100)}个百分点（不足的按1档计）扣{_plain(points)}分", cap)
        case PerOccurrence() | Comparison() | Lateness():
            return _capped(f"扣{_plain(rule.points)}分", rule.cap)


def _capped(taken: str, cap: Decimal | None) -> str:
    return taken if cap is None else f"{taken}，最多扣{_plain(cap)}分"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


class Theme(_Data):
    """A first-level indicator (一级指标) of the notice and its points."""

    id: Identifier
    name: str
    points: Points


class Item(_Data):
    """One 考核内容. ``id`` survives renumbering, so years can be joined; ``no`` is what this year's form prints.

    ``units`` is empty for an item common to all (共性); otherwise it lists the units by whose duty it is asked (个性).
    ``formerly`` names the items of earlier years that were merged into or split to make this one.
    """

    id: Identifier
    no: Annotated[str, Field(pattern=r"^\d{1,2}$")]
    theme: Identifier
    text: str
    standard: str = ""
    full_marks: Points
    methods: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    formerly: tuple[Identifier, ...] = ()
    rules: tuple[Rule, ...]

    def rule(self, rule_id: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    @property
    def printed_standard(self) -> str:
        """The standard as the form prints it: the rubric's own text, or each clause with its condition and points."""
        return self.standard or "；".join(f"（{rule.id}）{rule.on}{terms(rule)}" for rule in self.rules) + "。"


class Measure(_Data):
    """A figure that rules look at: from the pledge report (checked by the office) or from the accident statistics."""

    id: Identifier
    label: str
    counted_in: str
    form: Literal["pledge_report", "accidents"]

    def said(self, value: Decimal) -> str:
        """The figure in words: ``火灾起数21起``."""
        return f"{self.label}{value:f}{self.counted_in}"


class BonusClause(_Data):
    """Points above the items, by level; one matter counts once, at its highest level. Granted by a Decision only."""

    id: Identifier
    no: Annotated[str, Field(pattern=r"^\d{1,2}$")]
    on: str
    levels: dict[str, Points]


class OutsideClause(_Data):
    """A deduction outside the 100 points: by a measure of the accident statistics, or by a Decision."""

    id: Identifier
    no: Annotated[str, Field(pattern=r"^\d{1,2}$")]
    on: str
    points: Points
    cap: Points | None = None
    measure: Identifier | None = None


class VetoClause(_Data):
    """``cap``: no better than ``grade`` (一票否优). ``force``: exactly ``grade`` (一票否决).

    By a measure above ``more_than``, until a Decision lifts it; or by a Decision alone.
    """

    id: Identifier
    no: Annotated[str, Field(pattern=r"^\d{1,2}$")]
    on: str
    effect: Literal["cap", "force"]
    grade: str
    measure: Identifier | None = None
    more_than: Decimal = Decimal(0)


class Rubric(_Data):
    """One year's scoring table for one or more classes. ``full_marks`` is what the items of each unit add up to."""

    year: int
    id: Identifier
    title: str
    applies_to: tuple[UnitKind, ...]
    status: Literal["demonstration", "in_force"]
    reference: str
    full_marks: Points = Decimal(100)
    themes: tuple[Theme, ...]
    measures: tuple[Measure, ...] = ()
    items: tuple[Item, ...]
    bonus: tuple[BonusClause, ...] = ()
    outside: tuple[OutsideClause, ...] = ()
    vetoes: tuple[VetoClause, ...] = ()
    sha256: str = ""

    @classmethod
    def load(cls, path: Path, registry: UnitRegistry) -> Rubric:
        """Read and check a rubric. Refused, with file and place, when points do not add up, an id stands twice, a rule
        takes more than its item holds, or a rule names a measure that the rubric does not declare."""
        try:
            rubric = cls.model_validate(read_yaml(path) | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
        except ValidationError as error:
            raise Refused(schema_problems(error, with_folder(path))) from None
        problems = list(_faults(rubric, registry, with_folder(path)))
        if problems:
            raise Refused(problems)
        return rubric

    def items_for(self, unit_id: str) -> tuple[Item, ...]:
        """The items on this unit's form, in printed order."""
        return tuple(item for item in self.items if not item.units or unit_id in item.units)

    def item(self, item_id: str) -> Item:
        return next(item for item in self.items if item.id == item_id)

    def measure(self, measure_id: str) -> Measure:
        return next(measure for measure in self.measures if measure.id == measure_id)

    def clause(self, item: Item, rule_id: str) -> str:
        """The clause as it is quoted to a unit: ``《…评分细则》第3项第（1）款``."""
        return f"{self.reference}第{item.no}项" + (f"第（{rule_id}）款" if rule_id else "")


Fault = tuple[str, str, object, object]
"""Code, place in the file, what was found, what was expected."""


def _faults(rubric: Rubric, registry: UnitRegistry, file: str) -> Iterator[Problem]:
    units = [unit for kind in rubric.applies_to for unit in registry.of_kind(kind, rubric.year)]
    measures = {measure.id for measure in rubric.measures}
    faults = [*_repeats(rubric), *_sum_faults(rubric, units), *_item_faults(rubric, {unit.id for unit in units})]
    for item in rubric.items:
        faults += _rule_faults(item, measures)
    for place, used in [(c.id, c.measure) for c in rubric.outside] + [(c.id, c.measure) for c in rubric.vetoes]:
        if used and used not in measures:
            faults.append(("rubric-measure-unknown", place, used, "measures"))
    for code, place, found, expected in faults:
        facts = {"place": place, "found": str(found), "expected": str(expected)}
        yield Problem(code, "stop", file=file, facts=facts)


def _repeats(rubric: Rubric) -> Iterator[Fault]:
    for place, ids in {
        "themes": [theme.id for theme in rubric.themes],
        "measures": [measure.id for measure in rubric.measures],
        "items": [item.id for item in rubric.items],
        "clauses": [*(c.id for c in rubric.bonus), *(c.id for c in rubric.outside), *(c.id for c in rubric.vetoes)],
    }.items():
        for twice in sorted({i for i in ids if ids.count(i) > 1}):
            yield "rubric-id-twice", place, twice, "1"
    for place, numbers in {
        "bonus": [clause.no for clause in rubric.bonus],
        "outside": [clause.no for clause in rubric.outside],
        "vetoes": [clause.no for clause in rubric.vetoes],
    }.items():
        for twice in sorted({n for n in numbers if numbers.count(n) > 1}):
            yield "rubric-number-twice", place, twice, "1"


def _sum_faults(rubric: Rubric, units: Iterable[Unit]) -> Iterator[Fault]:
    for unit in units:
        items = rubric.items_for(unit.id)
        if (total := sum(item.full_marks for item in items)) != rubric.full_marks:
            yield "rubric-total-wrong", unit.name, total, rubric.full_marks
        numbers = [item.no for item in items]
        for twice in sorted({n for n in numbers if numbers.count(n) > 1}):
            yield "rubric-number-twice", unit.name, twice, "1"
        for theme in rubric.themes:
            if (points := sum(item.full_marks for item in items if item.theme == theme.id)) != theme.points:
                yield "rubric-theme-wrong", f"{theme.name}／{unit.name}", points, theme.points


def _item_faults(rubric: Rubric, units: set[str]) -> Iterator[Fault]:
    themes = {theme.id for theme in rubric.themes}
    classes = "、".join(kind.label() for kind in rubric.applies_to)
    for item in rubric.items:
        if item.theme not in themes:
            yield "rubric-theme-unknown", f"items.{item.id}", item.theme, "、".join(sorted(themes))
        for unit_id in sorted(set(item.units) - units):
            yield "rubric-unit-unknown", f"items.{item.id}", unit_id, classes


def _rule_faults(item: Item, measures: set[str]) -> Iterator[Fault]:
    numbers = [rule.id for rule in item.rules]
    if len(set(numbers)) < len(numbers):
        yield "rubric-rule-twice", f"items.{item.id}", "、".join(numbers), "1"
    for rule in item.rules:
        place = f"items.{item.id}.rules.{rule.id}"
        most = _most(rule, item)
        if most > item.full_marks:
            yield "rubric-rule-over-item", place, most, item.full_marks
        if isinstance(rule, Discretionary) and rule.least > rule.most:
            yield "rubric-range-reversed", place, f"{rule.least}–{rule.most}", "least ≤ most"
        for name in ("measure", "numerator", "denominator", "baseline"):
            if (used := getattr(rule, name, None)) and used not in measures:
                yield "rubric-measure-unknown", place, used, "measures"


def _most(rule: Rule, item: Item) -> Decimal:
    """The most that one rule can take from the item, as its own words say it."""
    if isinstance(rule, AllOrNothing):
        return item.full_marks if rule.points is None else rule.points
    if isinstance(rule, Discretionary):
        return rule.most
    if isinstance(rule, BySeverity):
        return rule.cap if rule.cap is not None else max(rule.levels.values(), default=Decimal(0))
    cap: Decimal | None = getattr(rule, "cap", None)
    return cap if cap is not None else rule.points
