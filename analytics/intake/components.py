"""A published table of component scores (系统40%、现场40%、履职20%、总分、排名), read through the same grid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from analytics.intake.cells import Cell, Sheet
from analytics.intake.files.grid import read_grid
from analytics.intake.words import folded, narrowed
from analytics.problems import Problem, Refused
from analytics.provenance import Reading

_COMPONENT = re.compile(r"(?P<name>[^()0-9]+)\(?(?P<share>[0-9]+(?:\.[0-9]+)?)%\)?")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_UNIT, _TOTAL, _RANK = ("街道", "单位", "乡镇"), "总分", "排名"


@dataclass(frozen=True, slots=True)
class Component:
    """One component's score of one unit."""

    value: Decimal
    reading: Reading


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """One unit. ``printed_total`` is None when it is cut off or blank; ``total_reading`` has what stands there."""

    unit: str
    reading: Reading
    components: Mapping[str, Component]
    printed_total: Decimal | None
    total_reading: Reading
    printed_rank: int | None


@dataclass(frozen=True, slots=True)
class ComponentTable:
    """The table: ``weights`` by component as the headings print them (0.4), rows in printed order, notes around it."""

    title: str
    weights: Mapping[str, Decimal]
    rows: tuple[ComponentRow, ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def read_component_table(path: Path) -> ComponentTable:
    """Read the first sheet of ``path``. Refused when there are no headings ``name (share%)`` or a score is unreadable.

    A total that is cut off is noted and left out; nothing is computed in its place.
    """
    grid = read_grid(path)
    sheet = grid.sheets[0]
    header, shares = _header(sheet)
    names = {folded(sheet.at(header, column).raw): column for column in range(1, sheet.width + 1)}
    unit_column = next((names[name] for name in _UNIT if name in names), None)
    if not shares or unit_column is None or _TOTAL not in names:
        expected = f"{_UNIT[0]}、名称(40%)、{_TOTAL}"
        raise Refused([Problem("header-missing", "stop", file=path.name, facts={"expected": expected})])
    problems = list(grid.problems)
    rows, notes = [], []
    for number in sheet.rows:
        unit = sheet.at(number, unit_column)
        if number <= header:
            continue
        if sheet.at(number, next(iter(shares.values()))[0]) is unit:
            notes.append(unit.text)
            continue
        components = {name: _component(sheet.at(number, column)) for name, (column, _) in shares.items()}
        total = sheet.at(number, names[_TOTAL])
        rank = sheet.at(number, names[_RANK]) if _RANK in names else None
        printed = _total(total, problems)
        place = int(rank.raw) if rank and narrowed(rank.raw).isdecimal() else None
        rows.append(ComponentRow(unit.text, unit.reading, components, printed, total.reading, place))
    weights = {name: share for name, (_, share) in shares.items()}
    title = sheet.at(sheet.rows[0], 1).text
    return ComponentTable(title, weights, tuple(rows), tuple(notes), tuple(problems))


def _header(sheet: Sheet) -> tuple[int, dict[str, tuple[int, Decimal]]]:
    """The row with most headings of components, and their columns and shares by name."""
    best: tuple[int, dict[str, tuple[int, Decimal]]] = (0, {})
    for row in sheet.rows:
        found = {}
        for column in range(1, sheet.width + 1):
            match = _COMPONENT.fullmatch(narrowed(sheet.at(row, column).raw))
            if match:
                found[match["name"]] = (column, Decimal(match["share"]) / 100)
        if len(found) >= max(2, len(best[1])):
            best = (row, found)
    return best


def _component(cell: Cell) -> Component:
    text = narrowed(cell.raw)
    if not _NUMBER.fullmatch(text) or cell.struck:
        facts = {"what": "分项得分", "found": cell.raw, "expected": "数字"}
        raise Refused([Problem("value-not-number", "stop", at=cell.ref, facts=facts)])
    return Component(Decimal(text), cell.reading)


def _total(cell: Cell, problems: list[Problem]) -> Decimal | None:
    text = narrowed(cell.raw)
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    problems.append(Problem("total-cut-off", "note", at=cell.ref, facts={"found": cell.raw}))
    return None
