"""A workspace with the shipped rules and three scored years of made-up observations, to run notebooks on."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from analytics.policy import YearRules
from analytics.provenance import CellRef, Reading
from analytics.records import Channel, Observation
from analytics.rubric import Item, PerOccurrence, Rubric
from analytics.scoring import score_year
from analytics.store import ScoredYear, ScoreStore
from analytics.units import Unit, UnitRegistry
from analytics.workspace import REPOSITORY, Workspace

SILENT = "ST06"  # handed in nothing in the newest year: its marks await a decision


def made_up_workspace(
    root: Path, years: tuple[int, ...] = (2018, 2019, 2020), silent: tuple[str, ...] = (SILENT,)
) -> Workspace:
    """Copy the rules to ``root`` and score made-up years into its store; in the newest ``silent`` hand in nothing."""
    for name in ("units.yaml", "rubrics", "forms", "lookups"):
        source, target = REPOSITORY / "data" / name, root / "data" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    workspace = Workspace.open(root)
    registry = UnitRegistry.load(workspace.units)
    store = ScoreStore(workspace.store)
    for year in years:
        rules = YearRules.load(workspace, registry, year)
        draw = random.Random(year)
        seen = [
            observation
            for unit in registry.in_year(year)
            if unit.id not in silent or year != max(years)
            for observation in _seen(draw, unit, rules.rubric(unit.kind))
        ]
        cards = score_year(rules, registry, seen, ())
        store.append(ScoredYear.of(rules, registry, cards, seen, (), (), synthetic=True))
    return workspace


def _seen(draw: random.Random, unit: Unit, rubric: Rubric) -> Iterator[Observation]:
    for row, item in enumerate(rubric.items_for(unit.id), 5):
        lost = Decimal(draw.choice(("0", "0", "0", "0.25", "0.5")))
        mark = max(item.full_marks - lost, Decimal(0))
        cell = _reading("自评表", unit, row, mark)
        yield Observation(unit.id, rubric.year, Channel.SELF, cell, item.id, value=mark)
        if draw.random() < 0.7:
            yield _finding(draw, unit, rubric.year, item, row)
    for row, measure in enumerate(rubric.measures, 5):
        channel = Channel.ACCIDENT if measure.form == "accidents" else Channel.DESK
        value = Decimal(draw.choice((0, 0, 0, 1)) if channel is Channel.ACCIDENT else draw.randint(19, 20))
        cell = _reading("统计表", unit, row, value)
        yield Observation(unit.id, rubric.year, channel, cell, measure=measure.id, value=value)


def _finding(draw: random.Random, unit: Unit, year: int, item: Item, row: int) -> Observation:
    rules = [rule for rule in item.rules if isinstance(rule, PerOccurrence)]
    if not rules or draw.random() < 0.6:
        return Observation(unit.id, year, Channel.ONSITE, _reading("现场", unit, row, "未发现问题"), item.id)
    count = Decimal(draw.randint(1, 3))
    cell = _reading("现场", unit, row, count)
    return Observation(
        unit.id, year, Channel.ONSITE, cell, item.id, draw.choice(rules).id, value=count, text="抽查发现记录不全",
        evidence=f"A{row}", group="第一组",
    )  # fmt: skip


def _reading(sheet: str, unit: Unit, row: int, raw: object) -> Reading:
    return Reading(CellRef(f"{unit.name}{sheet}.xlsx", "0" * 64, sheet, f"F{row}"), str(raw))
