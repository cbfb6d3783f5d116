"""Made-up figures: what units count in their reports, and the district's accidents and fires over the years."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analytics.rubric import Award, Comparison, Item, Ratio, Rubric, Rule, Threshold
from analytics.units import Unit, UnitKind
from data.sample import stories

ZERO = Decimal(0)
_RANGES = {
    "hazards_found": (180, 1400),
    "inspections_planned": (60, 320),
    "list_items": (12, 40),
    "charging_planned": (10, 40),
    "tips_received": (8, 60),
}
_WITH_ACCIDENTS = ("SR02", "SR04", "SR09", "SR10", "SR13", "SR15")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Checked figures by measure, and what they cost by item."""

    checked: Mapping[str, int]
    losses: Mapping[str, Decimal]


def names(rule: Rule) -> tuple[str, ...]:
    """The measures a measured rule looks at."""
    if isinstance(rule, Ratio):
        return (rule.numerator, rule.denominator)
    if isinstance(rule, Comparison):
        return (rule.measure, rule.baseline)
    return (rule.measure,) if isinstance(rule, Threshold | Award) else ()


def draw(
    rng: random.Random,
    items: Sequence[Item],
    rubric: Rubric,
    accidents: Mapping[str, int],
    aim: Decimal,
    unchecked: str = "",
) -> Drawn:
    """Figures for the unit's pledge report; a unit that ends lower has worse ones.

    Rules that need the ``unchecked`` measure are blind and cost nothing.
    """
    slack = min(1.0, max(0.05, float(100 - aim) / 12))
    checked: dict[str, int] = {}
    rules = [(item, rule) for item in items for rule in item.rules]
    for _, rule in rules:
        if isinstance(rule, Ratio):
            _draw_ratio(rng, rule, checked, slack)
    for _, rule in rules:
        if isinstance(rule, Threshold) and rule.measure not in checked:
            short = rng.random() < 0.10 * slack
            least = int(rule.at_least)
            checked[rule.measure] = max(0, least - rng.randint(1, 2)) if short else least + rng.randint(0, 9)
        if isinstance(rule, Award) and rule.measure not in checked:
            checked[rule.measure] = int(rule.cap / rule.points) - (1 if rng.random() < 0.25 * slack else 0)
    for measure in rubric.measures:
        if measure.form == "pledge_report" and measure.id not in checked:
            checked[measure.id] = rng.randint(*_RANGES.get(measure.id, (6, 60)))
    losses: dict[str, Decimal] = {}
    for item, rule in rules:
        if unchecked not in names(rule) and (cost := _cost(rule, {**checked, **accidents})):
            losses[item.id] = min(item.full_marks, losses.get(item.id, ZERO) + cost)
    return Drawn(checked, losses)


def _draw_ratio(rng: random.Random, rule: Ratio, checked: dict[str, int], slack: float) -> None:
    whole = checked.setdefault(rule.denominator, rng.randint(*_RANGES.get(rule.denominator, (20, 80))))
    steps = rng.choices((0, 1, 2, 3), (1, 0.5 * slack, 0.3 * slack, 0.15 * slack))[0]
    if steps:
        ratio = rule.target - rule.step * (steps - Decimal("0.5"))
        checked.setdefault(rule.numerator, math.floor(whole * ratio))
    else:
        checked.setdefault(
            rule.numerator, max(math.ceil(whole * rule.target), round(whole * (1 - rng.random() * 0.02)))
        )


def _cost(rule: Rule, values: Mapping[str, int]) -> Decimal:
    """What a measured rule takes, worked out here on its own so that the sample checks the scoring and not itself."""
    if isinstance(rule, Ratio):
        part, whole = values[rule.numerator], values[rule.denominator]
        short = rule.target - Decimal(part) / Decimal(whole) if whole else ZERO
        points = rule.points * math.ceil(short / rule.step) if short > 0 else ZERO
    elif isinstance(rule, Threshold):
        points = rule.points if values[rule.measure] < rule.at_least else ZERO
    elif isinstance(rule, Award):
        points = rule.cap - min(rule.cap, rule.points * values[rule.measure])
    elif isinstance(rule, Comparison):
        points = rule.points * max(0, values[rule.measure] - values[rule.baseline])
    else:
        return ZERO
    cap: Decimal | None = getattr(rule, "cap", None)
    return points if cap is None else min(points, cap)


def reported(rng: random.Random, rubric: Rubric, checked: Mapping[str, int], *, inflated: bool) -> dict[str, int]:
    """The figures as the unit wrote them: mostly the checked ones, now and then a little rosier."""
    written = {}
    for measure in rubric.measures:
        if measure.form == "pledge_report":
            value = checked[measure.id]
            rosier = rng.random() < (0.5 if inflated else 0.08)
            written[measure.id] = value + max(1, round(value * rng.uniform(0.01, 0.05))) if rosier else value
    for rule in (rule for item in rubric.items for rule in item.rules):
        if isinstance(rule, Ratio):  # nobody claims to have mended more than was found
            written[rule.numerator] = min(written[rule.numerator], written[rule.denominator])
    return written


def accidents(unit: Unit, year: int) -> dict[str, int]:
    """The unit's row in the accident statistics of ``year``; last year's figures are those of last year's workbook."""
    now, before = _accident_years(unit)[year], _accident_years(unit)[year - 1]
    return {
        "accidents": now["accidents"],
        "accidents_last_year": before["accidents"],
        "deaths": now["deaths"],
        "deaths_last_year": before["deaths"],
        "fires": now["fires"],
        "fires_last_year": before["fires"],
        "fire_deaths": 0,
        "major_accidents": 0,
    }


def _accident_years(unit: Unit) -> dict[int, dict[str, int]]:
    rng = random.Random(f"accidents {unit.id}")
    street = unit.kind is UnitKind.STREET_TOWN
    prone = street or unit.id in _WITH_ACCIDENTS
    now = {
        "accidents": rng.randint(1, 3) if prone else 0,
        "deaths": 0,
        "fires": rng.randint(16, 34) if street else rng.randint(0, 4),
    }
    years = {stories.YEARS[0] - 1: dict(now)}
    for year in stories.YEARS:
        if prone:
            now["accidents"] = max(0, now["accidents"] + rng.choice((-1, 0, 0, 0, 1)))
        now["fires"] = max(0, now["fires"] + (rng.randint(-4, 2) if street else rng.choice((-1, 0, 0, 0, 1))))
        now["deaths"] = 0
        now |= stories.ACCIDENTS.get((year, unit.id), {})
        years[year] = dict(now)
    return years
