"""What is wrong with a rubric, so that it is refused, and what is only printed oddly, so that it is reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from analytics.problems import Problem
from analytics.rubric.kinds import (
    ByRank,
    BySeverity,
    Discretionary,
    PerOccurrence,
    RatioRange,
    Rule,
    measures_of,
    most_of,
)
from analytics.rubric.table import Item, OutsideClause, Prerequisite, Rubric, VetoClause
from analytics.rubric.wording import plain
from analytics.units import Unit, UnitRegistry

Fault = tuple[str, str, str, str]
"""Code, place in the file, what was found, what was expected."""


def faults(rubric: Rubric, registry: UnitRegistry, file: str) -> tuple[Problem, ...]:
    """Everything for which the rubric in ``file`` cannot be scored by: all at once."""
    units = [unit for kind in rubric.applies_to for unit in registry.of_kind(kind, rubric.year)]
    measures = {measure.id for measure in rubric.measures}
    found = [*_repeats(rubric), *_sum_faults(rubric, units), *_item_faults(rubric, {unit.id for unit in units})]
    for item in rubric.items:
        found += _rule_faults(item, rubric, measures)
        found += _part_faults(item)
        found += _substitute_faults(item, rubric)
    beside: list[OutsideClause | VetoClause | Prerequisite] = [*rubric.outside, *rubric.vetoes, *rubric.prerequisites]
    found += [
        ("rubric-measure-unknown", clause.id, clause.measure, "measures")
        for clause in beside
        if clause.measure and clause.measure not in measures
    ]
    return tuple(
        Problem(code, "stop", file=file, facts={"place": place, "found": stands, "expected": expected})
        for code, place, stands, expected in found
    )


def _repeats(rubric: Rubric) -> Iterator[Fault]:
    clauses = (rubric.bonus, rubric.outside, rubric.vetoes, rubric.prerequisites)
    for place, ids in {
        "themes": [theme.id for theme in rubric.themes],
        "measures": [measure.id for measure in rubric.measures],
        "items": [item.id for item in rubric.items],
        "clauses": [clause.id for some in clauses for clause in some],
    }.items():
        for twice in sorted({i for i in ids if ids.count(i) > 1}):
            yield "rubric-id-twice", place, twice, "1"
    for item in rubric.items:
        names = [part.id for part in item.parts]
        for twice in sorted({i for i in names if names.count(i) > 1}):
            yield "rubric-id-twice", f"items.{item.id}.parts", twice, "1"
    for place, numbers in {
        "bonus": [clause.no for clause in rubric.bonus],
        "outside": [clause.no for clause in rubric.outside],
        "vetoes": [clause.no for clause in rubric.vetoes],
        "prerequisites": [clause.no for clause in rubric.prerequisites],
    }.items():
        for twice in sorted({n for n in numbers if numbers.count(n) > 1}):
            yield "rubric-number-twice", place, twice, "1"


def _sum_faults(rubric: Rubric, units: Iterable[Unit]) -> Iterator[Fault]:
    for unit in units:
        items = rubric.items_for(unit.id)
        if (total := sum(item.full_marks for item in items)) != rubric.full_marks:
            yield "rubric-total-wrong", unit.name, str(total), str(rubric.full_marks)
        numbers = [item.no for item in rubric.items_known(unit.id)]
        for twice in sorted({n for n in numbers if numbers.count(n) > 1}):
            yield "rubric-number-twice", unit.name, twice, "1"
        for theme in rubric.themes:
            if (points := sum(item.full_marks for item in items if item.theme == theme.id)) != theme.points:
                yield "rubric-theme-wrong", f"{theme.name}／{unit.name}", str(points), str(theme.points)
        if rubric.parts:
            common = sum(item.full_marks for item in items if not item.units)
            if common != rubric.parts.common:
                yield "rubric-part-wrong", f"共性／{unit.name}", str(common), str(rubric.parts.common)
            if (duty := total - common) != rubric.parts.duty:
                yield "rubric-part-wrong", f"个性／{unit.name}", str(duty), str(rubric.parts.duty)


def _item_faults(rubric: Rubric, units: set[str]) -> Iterator[Fault]:
    themes = {theme.id for theme in rubric.themes}
    classes = "、".join(kind.label() for kind in rubric.applies_to)
    for item in rubric.items:
        if item.theme not in themes:
            yield "rubric-theme-unknown", f"items.{item.id}", item.theme, "、".join(sorted(themes))
        for unit_id in sorted(set(item.units) - units):
            yield "rubric-unit-unknown", f"items.{item.id}", unit_id, classes


def _rule_faults(item: Item, rubric: Rubric, measures: set[str]) -> Iterator[Fault]:
    numbers = [rule.id for rule in item.rules]
    if len(set(numbers)) < len(numbers):
        yield "rubric-rule-twice", f"items.{item.id}", "、".join(numbers), "1"
    for rule in item.rules:
        place = f"items.{item.id}.rules.{rule.id}"
        if isinstance(rule, Discretionary | RatioRange) and rule.most is not None and rule.least > rule.most:
            yield "rubric-range-reversed", place, f"{rule.least}–{rule.most}", "least ≤ most"
        for used in measures_of(rule):
            if used not in measures:
                yield "rubric-measure-unknown", place, used, "measures"
        if rule.part and rule.part not in {part.id for part in item.parts}:
            yield "rubric-item-part-unknown", place, rule.part, "、".join(part.id for part in item.parts) or "parts"
        linked = set(getattr(rule, "also", ()))
        for gone in sorted(linked - {other.id for other in rubric.items}):
            yield "rubric-item-unknown", place, gone, "items"


def _part_faults(item: Item) -> Iterator[Fault]:
    if item.parts and (points := sum(part.points for part in item.parts)) != item.full_marks:
        yield "rubric-item-parts-wrong", f"items.{item.id}.parts", str(points), str(item.full_marks)


def _substitute_faults(item: Item, rubric: Rubric) -> Iterator[Fault]:
    """A substitute stands for an item of the form, with the same points in the same theme: else nothing adds up."""
    if item.substitute_for is None:
        return
    place = f"items.{item.id}.substitute_for"
    asked = next((other for other in rubric.items if other.id == item.substitute_for), None)
    if asked is None or asked.substitute_for is not None:
        yield "rubric-item-unknown", place, item.substitute_for, "items"
    elif (asked.full_marks, asked.theme) != (item.full_marks, item.theme):
        yield (
            "rubric-substitute-differs",
            place,
            f"{item.full_marks}／{item.theme}",
            f"{asked.full_marks}／{asked.theme}",
        )


@dataclass(frozen=True, slots=True)
class Slip:
    """Something in a printed rubric that looks like a slip. It is scored as printed, and said wherever it is used."""

    place: str
    says: str


def slips(rubric: Rubric, scales: Iterable[tuple[str, ...]] = ()) -> tuple[Slip, ...]:
    """What looks like a slip: a rule over its item's points, or a scale that takes less for the graver.

    ``scales`` are words from the lighter to the graver (未竣工, 未开工), from ``data/lookups/severity_scales.csv``.
    """
    found: list[Slip] = []
    for item in rubric.items:
        for rule in item.rules:
            found += _over_item(item, rule)
            if isinstance(rule, BySeverity):
                found += _reversed(item, f"第（{rule.id}）款", rule.levels, scales)
            if isinstance(rule, ByRank):
                found += _rising(item, rule)
        each = {rule.on: rule.points for rule in item.rules if isinstance(rule, PerOccurrence)}
        found += _reversed(item, "各款", each, scales)
    return tuple(found)


def _over_item(item: Item, rule: Rule) -> Iterator[Slip]:
    holds = item.room(rule)
    if (most := most_of(rule, holds)) > holds:
        says = f"细则第{item.no}项第（{rule.id}）款写的{plain(most)}分超过本项（评分点）的{plain(holds)}分"
        yield Slip(f"items.{item.id}.rules.{rule.id}", f"{says}：照原文录入，计分以{plain(holds)}分为限，请核对原件。")


def _rising(item: Item, rule: ByRank) -> Iterator[Slip]:
    """A place that gets more points than the one before it."""
    for place, (before, after) in enumerate(pairwise([*rule.points, rule.after]), 1):
        if after > before:
            says = f"细则第{item.no}项第（{rule.id}）款第{place}名得{plain(before)}分，其后一名却得{plain(after)}分"
            yield Slip(f"items.{item.id}.rules.{rule.id}", f"{says}，名次好像颠倒：照原文计分，请核对原件。")


def _reversed(
    item: Item, where: str, points: Mapping[str, Decimal], scales: Iterable[tuple[str, ...]]
) -> Iterator[Slip]:
    """Two conditions that differ only in a word of a scale, of which the graver one costs less."""
    for scale in scales:
        for lighter, graver in pairwise(scale):
            for on, light in points.items():
                other = on.replace(lighter, graver)
                if lighter in on and other in points and points[other] < light:
                    says = f"细则第{item.no}项{where}“{on}”扣{light}分，“{other}”却只扣{points[other]}分"
                    yield Slip(f"items.{item.id}", f"{says}，轻重好像颠倒：照原文计分，请核对原件。")
