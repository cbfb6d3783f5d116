"""A workspace with the shipped rules and the sample's files of a few units: small enough to score again and again."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import openpyxl

from analytics.provenance import CellRef
from analytics.records import Channel
from analytics.rubric import PerOccurrence
from analytics.store import ScoredYear
from analytics.workspace import REPOSITORY, Workspace

YEAR = 2020
UNITS = ("长寿路街道", "长风新村街道", "曹杨新村街道")
COMMON = ("登记", "统计")  # registers and accident statistics


def small_office(root: Path, year: int = YEAR) -> Workspace:
    """Copy the rules, all files that speak of the three streets, the registers, and a note that is no form."""
    data = REPOSITORY / "data"
    for name in ("units.yaml", "rubrics", "forms", "lookups", "context"):
        source, target = data / name, root / "data" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, dirs_exist_ok=True) if source.is_dir() else shutil.copy(source, target)
    workspace = Workspace(root)
    sample = data / "sample" / str(year)
    for path in sorted(path for path in sample.rglob("*") if path.is_file()):
        inside = path.relative_to(sample)
        if len(inside.parts) == 1 or inside.parts[0] in COMMON or any(unit in path.name for unit in UNITS):
            target = workspace.sample(year) / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return workspace


def change_cell(workspace: Workspace, cell: CellRef, value: object) -> None:
    """Write a value into one cell of a received workbook."""
    path = workspace.sample(YEAR) / cell.file
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    book[cell.sheet][cell.address] = value
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(content.getvalue())


def one_more_occurrence(scored: ScoredYear, workspace: Workspace) -> tuple[str, str, CellRef, int]:
    """Unit, item, cell and new count of an on-site finding that costs points when it occurs once more."""
    from analytics.policy import YearRules
    from analytics.units import UnitRegistry

    rules = YearRules.load(workspace, UnitRegistry.load(workspace.units), YEAR)
    for card in scored.cards:
        for loss in (loss for mark in card.marks for loss in mark.losses if loss.channel is Channel.ONSITE):
            mark, rule = card.mark(loss.item), rules.rubric(card.kind).item(loss.item).rule(loss.rule)
            if isinstance(rule, PerOccurrence) and mark.awarded and mark.awarded >= rule.points:
                taken = sum(other.points for other in mark.losses if other.rule == rule.id)
                if taken + rule.points <= (rule.cap or mark.full_marks):
                    cell = loss.readings[0].cell
                    return card.unit, loss.item, cell, int(loss.readings[0].raw) + 1
    raise LookupError("no such finding")
