"""The accident and fire statistics: one figure for each unit and column, with a line of sums to check against."""

from __future__ import annotations

from decimal import Decimal

from analytics.intake.basis import Basis
from analytics.intake.cells import Cell, CellKind
from analytics.intake.forms import Contents, FilledForm, match_unit
from analytics.intake.values import format_note, read_figure
from analytics.intake.words import folded, one_of
from analytics.problems import Problem
from analytics.records import Channel, Observation


def read_accidents(form: FilledForm, basis: Basis) -> Contents:
    """Every unit's figures. A unit without a row, with two rows, or with a bad cell lacks figures and has a Problem.

    A column whose sum is not what the table prints is told with both numbers; the rows are what counts.
    """
    if not form.this_year or "unit" not in form.columns:
        return Contents()
    measures = [name for name in basis.headings["accidents"].columns if name not in ("unit", "note")]
    rows: dict[str, list[int]] = {}
    sums: int | None = None
    for row in form.rows():
        cell = form.look(row, "unit")
        if basis.words.meaning("sum", cell.raw) == "total":
            form.mark_row(row)
            sums = row
        elif folded(cell.raw) == folded(form.look(form.header_row, "unit").raw):
            form.mark_row(row)
        elif any(not form.look(row, name).blank for name in measures):
            for name in ("unit", *measures, "note"):
                form.take(row, name)
            if cell.blank:
                form.tell("unit-blank", "skip", cell)
            elif unit := match_unit(form, cell, basis, "skip"):
                rows.setdefault(unit.id, []).append(row)
    form.read_through = True
    _tell_rows(form, rows, basis)
    found = {
        (unit, name): figure
        for unit, places in rows.items()
        for name in measures
        if len(places) == 1 and (figure := _figure(form, places[0], name, unit, basis))
    }
    if sums is not None:
        _check_sums(form, sums, measures, rows, found, basis)
    return Contents(observations=tuple(found[key] for key in sorted(found)))


def _tell_rows(form: FilledForm, rows: dict[str, list[int]], basis: Basis) -> None:
    for unit, places in rows.items():
        if len(places) > 1:
            addresses = one_of(form.look(row, "unit").ref.address for row in places)
            name = basis.registry[unit].name
            form.tell("unit-row-twice", "skip", form.look(places[1], "unit"), found=addresses, unit=name)
    missing = [unit.name for unit in basis.registry.in_year(basis.year) if unit.id not in rows]
    if missing:
        form.tell(
            "unit-rows-missing",
            "skip",
            form.look(form.header_row, "unit"),
            found=str(len(rows)),
            expected=one_of(missing),
        )


def _figure(form: FilledForm, row: int, name: str, unit: str, basis: Basis) -> Observation | None:
    cell = form.look(row, name)
    if name not in form.columns:
        return None
    what = f"{basis.registry[unit].name}{basis.headings['accidents'].columns[name]}"
    if cell.row != row:
        form.tell("value-merged", "skip", cell, what=what, found=cell.raw)
        return None
    figure = read_figure(cell, basis.words, what, whole=True)
    if isinstance(figure, Problem):
        form.keep(figure)
        return None
    if note := format_note(cell, what):
        form.keep(note)
    return Observation(unit, basis.year, Channel.ACCIDENT, cell.reading, measure=name, value=figure)


def _check_sums(
    form: FilledForm,
    row: int,
    measures: list[str],
    rows: dict[str, list[int]],
    found: dict[tuple[str, str], Observation],
    basis: Basis,
) -> None:
    for name in measures:
        cell: Cell = form.look(row, name)
        values = [observation.value for (_, column), observation in found.items() if column == name]
        if cell.kind in (CellKind.BLANK, CellKind.UNCALCULATED) or len(values) < len(rows):
            continue
        printed = read_figure(cell, basis.words, cell.ref.address)
        total = sum((value for value in values if value is not None), Decimal(0))
        if printed != total:
            heading = basis.headings["accidents"].columns[name]
            form.tell("sum-differs", "note", cell, what=heading, found=cell.raw, expected=f"{total:f}")
