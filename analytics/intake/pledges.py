"""The pledge report (履职践诺报告书), a workbook or a Word document: figures as the unit wrote them and as checked."""

from __future__ import annotations

from analytics.intake.basis import Basis
from analytics.intake.cells import Cell
from analytics.intake.forms import Contents, FilledForm, find_date, find_unit
from analytics.intake.pledge_parts import read_parts, tell_meetings, tell_parts
from analytics.intake.values import format_note, read_figure
from analytics.intake.words import folded, one_of
from analytics.problems import Problem
from analytics.records import Channel, Observation
from analytics.rubric import Measure
from analytics.units import Unit


def read_pledge(form: FilledForm, basis: Basis) -> Contents:
    """For each measure of the unit's rubric the reported figure (channel self) and the checked one (channel desk).

    A figure that cannot be read gives no observation but a Problem; a measure without a row likewise. Parts of the
    report that are missing or blank are named.
    """
    unit, date = find_unit(form, basis), find_date(form, basis.year)
    if unit is None or not form.this_year or "label" not in form.columns:
        return Contents(unit.id if unit else "", date)
    parts = read_parts(form, basis)
    measures = [measure for measure in basis.rubric(unit).measures if measure.form == "pledge_report"]
    by_label = {folded(measure.label): measure for measure in measures}
    seen: dict[str, Cell] = {}
    observations: list[Observation] = []
    for row in form.rows():
        label = form.look(row, "label")
        measure = by_label.get(folded(label.raw))
        if measure is None:
            if row not in parts.lines:
                _tell_strange_row(form, row, label, by_label, basis)
            continue
        if measure.id in seen:
            first = seen[measure.id].ref.address
            form.tell("measure-twice", "stop", label, what=measure.label, found=label.ref.address, expected=first)
            continue
        seen[measure.id] = label
        for name in ("number", "label", "counted_in", "reported", "checked", "note"):
            form.take(row, name)
        if not form.tell_struck(row, ("number", "label"), measure.label):
            observations.extend(_figures(form, row, measure, unit, basis))
    form.read_through = True
    tell_parts(form, parts, basis)
    tell_meetings(form, parts, {o.measure for o in observations}, measures)
    for measure in measures:
        if measure.id not in seen:
            form.tell("measure-missing", "skip", form.look(form.header_row, "label"), what=measure.label)
    return Contents(unit.id, date, None, tuple(sorted(observations, key=lambda o: (_order(o, measures), o.channel))))


def _figures(form: FilledForm, row: int, measure: Measure, unit: Unit, basis: Basis) -> list[Observation]:
    found = []
    whole = basis.words.meaning("counted_in", measure.counted_in) != "decimal"
    for name, channel in (("reported", Channel.SELF), ("checked", Channel.DESK)):
        cell = form.look(row, name)
        if name not in form.columns or (name == "checked" and cell.blank):
            continue
        what = f"{measure.label}{'填报数' if name == 'reported' else '核定数'}"
        if cell.row != row:
            form.tell("value-merged", "skip", cell, what=what, found=cell.raw)
            continue
        figure = read_figure(cell, basis.words, what, measure.counted_in, whole=whole)
        if isinstance(figure, Problem):
            form.keep(figure)
        else:
            if note := format_note(cell, what):
                form.keep(note)
            reading = cell.reading
            found.append(Observation(unit.id, basis.year, channel, reading, measure=measure.id, value=figure))
    return found


def _order(observation: Observation, measures: list[Measure]) -> int:
    return [measure.id for measure in measures].index(observation.measure)


def _tell_strange_row(form: FilledForm, row: int, label: Cell, by_label: dict[str, Measure], basis: Basis) -> None:
    signed = [cell for cell in form.sheet.in_row(row) if basis.words.inside("signature", cell.raw)]
    form.mark(*signed)
    figures = [cell for name in ("reported", "checked") if not (cell := form.look(row, name)).blank and cell != label]
    if not signed and not label.blank and figures:
        expected = one_of(measure.label for measure in by_label.values())
        form.tell("measure-unknown", "skip", label, found=label.text, expected=expected)
