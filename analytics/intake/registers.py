"""The office's own registers: decisions, each a named person's act, and receipts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import cast, get_args

from analytics.intake.basis import Basis
from analytics.intake.forms import Contents, FilledForm, match_unit, tell_other_year
from analytics.intake.items import match_number
from analytics.intake.values import format_note, read_clause, read_date, read_figure, read_time
from analytics.intake.words import folded, one_of
from analytics.problems import Problem
from analytics.records import Decision, DecisionKind, Receipt
from analytics.rubric import BY_DECISION, Item, Rubric, most_of
from analytics.units import Unit

_ABOUT_AN_ITEM = ("discretionary", "mark", "not_applicable", "substitute", "review", "double")
_WITHOUT_POINTS = ("not_applicable", "substitute", "double", "veto", "lift", "not_admitted", "version", "withdraw")
_WITHOUT_CLAUSE = ("mark", "not_applicable", "review", "double", "version", "withdraw")
_ABOUT_A_MATTER = ("bonus", "version", "withdraw")
_DECISION = ("id", "unit", "kind", "number", "clause", "points", "matter", "reason", "person", "date", "reference")


def read_decisions(form: FilledForm, basis: Basis) -> Contents:
    """The register's rows. A row without unit, kind, reason, person or date, or beyond what its clause allows, is left
    out with a Problem: an act that cannot be checked has no effect."""
    office = form.labels["@office"].text if "@office" in form.labels else ""
    if not form.this_year or not {"id", "unit", "kind"} <= form.columns.keys():
        return Contents(campaign=office)
    decisions: dict[str, Decision] = {}
    for row in form.rows():
        if not _begun(form, row, "id", _DECISION):
            continue
        before = len(form.problems)
        decision = _decision(form, row, basis)
        if decision and decision.id in decisions:
            first = decisions[decision.id].reading.cell.address
            form.tell("decision-twice", "skip", form.look(row, "id"), found=decision.id, expected=first)
        elif decision and not any(problem.severity == "skip" for problem in form.problems[before:]):
            decisions[decision.id] = decision
    for decision in decisions.values():
        of_unit = [other.id for other in decisions.values() if other.unit == decision.unit and other is not decision]
        if decision.kind == "withdraw" and decision.matter not in of_unit:
            known = one_of(of_unit) or "—"
            form.keep(
                Problem("decision-withdraws-nothing", "note", at=decision.reading.cell,
                        facts={"found": decision.matter, "expected": known})
            )  # fmt: skip
    form.read_through = True
    return Contents(decisions=tuple(decisions.values()), campaign=office)


def read_receipts(form: FilledForm, basis: Basis) -> Contents:
    """Which file came in when. Without a time the file counts as received at the start of the day."""
    office = form.labels["@office"].text if "@office" in form.labels else ""
    if not form.this_year or not {"file", "date"} <= form.columns.keys():
        return Contents(campaign=office)
    receipts = []
    for row in form.rows():
        if not _begun(form, row, "file", ("row", "file", "date", "time", "person")):
            form.mark(form.look(row, "row"))
            continue
        if form.tell_struck(row, ("file",), "文件名"):
            continue
        date = read_date(form.look(row, "date"), "收件日期", basis.year)
        clock = form.look(row, "time")
        time = datetime.time() if clock.blank else read_time(clock, "收件时间")
        for problem in (date, time):
            if isinstance(problem, Problem):
                form.keep(problem)
        if not isinstance(date, Problem):
            moment = datetime.datetime.combine(date, datetime.time() if isinstance(time, Problem) else time)
            receipts.append(Receipt(form.look(row, "file").raw.strip(), moment, form.look(row, "date").reading))
    form.read_through = True
    return Contents(receipts=tuple(receipts), campaign=office)


def _begun(form: FilledForm, row: int, key: str, names: Sequence[str]) -> bool:
    """Whether somebody wrote into the row; then its cells are taken. A repeated header is taken and not read."""
    if folded(form.look(row, key).raw) == folded(form.look(form.header_row, key).raw):
        form.mark_row(row)
        return False
    cells = [form.look(row, name) for name in names if name != "row"]
    if all(cell.blank for cell in cells) or (len(cells) > 1 and cells[0] is cells[1]):
        return False
    for name in names:
        form.take(row, name)
    return True


def _decision(form: FilledForm, row: int, basis: Basis) -> Decision | None:
    """The act in ``row``; everything that is wrong with it is told, and then it may not be used."""
    form.tell_struck(row, ("id", "kind", "number", "matter", "reason", "person"), "裁定")
    cell = form.look(row, "unit")
    unit = None if cell.blank else match_unit(form, cell, basis, "skip")
    kind = _kind(form, row, basis)
    for name, label in (("id", "编号"), ("unit", "单位"), ("reason", "理由"), ("person", "裁定人")):
        if form.look(row, name).blank:
            form.tell("decision-incomplete", "skip", form.look(row, name), what=label)
    date = read_date(form.look(row, "date"), "裁定日期")
    if isinstance(date, Problem):
        form.keep(date)
    if unit is None or kind is None or isinstance(date, Problem):
        return None
    rubric = basis.rubric(unit)
    _tell_own_interest(form, row, unit)
    tell_other_year(form, form.look(row, "date"), date, basis.year, "裁定日期")
    item = _item(form, row, kind, rubric, unit)
    points = _points(form, row, kind, basis)
    clause = _clause(form, row, kind, rubric, item, points)
    if kind in ("mark", "review") and item and points is not None and points > item.full_marks:
        _tell_points(form, row, f"0–{item.full_marks.normalize():f}")
    if kind in _ABOUT_A_MATTER and form.look(row, "matter").blank:
        form.tell("decision-incomplete", "skip", form.look(row, "matter"), what="事项")
    return Decision(
        id=form.look(row, "id").text,
        unit=unit.id,
        kind=kind,
        reason=form.look(row, "reason").text,
        person=form.look(row, "person").text,
        date=date,
        reading=form.look(row, "kind" if points is None else "points").reading,
        item=item.id if item else "",
        clause=clause,
        points=points,
        matter=form.look(row, "matter").text,
        reference=form.look(row, "reference").text,
    )


def _kind(form: FilledForm, row: int, basis: Basis) -> DecisionKind | None:
    cell = form.look(row, "kind")
    written = basis.words.decision(cell.raw)
    if written in get_args(DecisionKind):
        return cast(DecisionKind, written)
    form.tell("decision-kind-unknown", "skip", cell, found=cell.text, expected=one_of(basis.words.decisions))
    return None


def _item(form: FilledForm, row: int, kind: DecisionKind, rubric: Rubric, unit: Unit) -> Item | None:
    if kind not in _ABOUT_AN_ITEM:
        return None
    item, problem = match_number(form.look(row, "number"), rubric.items_known(unit.id))
    if problem:
        form.keep(problem)
    return item


def _points(form: FilledForm, row: int, kind: DecisionKind, basis: Basis) -> Decimal | None:
    if kind in _WITHOUT_POINTS:
        return None
    cell = form.look(row, "points")
    if cell.row != row:
        form.tell("value-merged", "skip", cell, what="分值", found=cell.raw)
        return None
    points = read_figure(cell, basis.words, "分值", "分")
    if isinstance(points, Problem):
        form.keep(points)
        return None
    if note := format_note(cell, "分值"):
        form.keep(note)
    return points


def _clause(
    form: FilledForm, row: int, kind: DecisionKind, rubric: Rubric, item: Item | None, points: Decimal | None
) -> str:
    """The clause's number as the rubric prints it. Told: no such clause, or more points than it allows."""
    if kind in _WITHOUT_CLAUSE or (kind in _ABOUT_AN_ITEM and item is None):
        return ""
    cell = form.look(row, "clause")
    number = read_clause(cell, "条款")
    if isinstance(number, Problem):
        form.keep(number)
        return ""
    limits = _LIMITS[kind](rubric, item)
    levels = next((clause.levels.values() for clause in rubric.bonus if clause.no == number), ())
    if kind == "bonus" and points is not None and levels and points not in levels:
        _tell_points(form, row, one_of(f"{level.normalize():f}" for level in levels))
    if number not in limits:
        form.tell("clause-unknown", "skip", cell, found=cell.text, expected=one_of(limits) or "—")
    elif (limit := limits[number]) and points is not None and not limit[0] <= points <= limit[1]:
        _tell_points(form, row, f"{limit[0].normalize():f}–{limit[1].normalize():f}")
    return number


def _tell_points(form: FilledForm, row: int, expected: str) -> None:
    cell = form.look(row, "points")
    form.tell("decision-points-outside", "skip", cell, found=cell.text, expected=expected)


def _tell_own_interest(form: FilledForm, row: int, unit: Unit) -> None:
    """Tell when the person who decides is named with the unit that is decided about."""
    person = form.look(row, "person")
    if any(name in person.text for name in (unit.name, unit.official, *unit.aliases)):
        form.tell("decision-own-interest", "note", person, found=person.text, expected=unit.name)


_Limits = dict[str, tuple[Decimal, Decimal] | None]


def _discretion(_: Rubric, item: Item | None) -> _Limits:
    if item is None:
        return {}
    rules = [rule for rule in item.rules if isinstance(rule, BY_DECISION)]
    return {rule.id: (rule.least, most_of(rule, item.room(rule))) for rule in rules}


def _substitutes(rubric: Rubric, item: Item | None) -> _Limits:
    return {other.no: None for other in rubric.items if item and other.substitute_for == item.id}


def _bonuses(rubric: Rubric, _: Item | None) -> _Limits:
    return {clause.no: None for clause in rubric.bonus}


def _outsides(rubric: Rubric, _: Item | None) -> _Limits:
    return {clause.no: None if clause.cap is None else (Decimal(0), clause.cap) for clause in rubric.outside}


def _vetoes(rubric: Rubric, _: Item | None) -> _Limits:
    return {clause.no: None for clause in rubric.vetoes}


def _prerequisites(rubric: Rubric, _: Item | None) -> _Limits:
    return {clause.no: None for clause in rubric.prerequisites}


# By kind of decision: the clauses it may name, each with the fewest and the most points, or None for no limit.
_LIMITS: dict[str, Callable[[Rubric, Item | None], _Limits]] = {
    "discretionary": _discretion,
    "substitute": _substitutes,
    "bonus": _bonuses,
    "outside": _outsides,
    "lateness": _outsides,
    "veto": _vetoes,
    "lift": _vetoes,
    "not_admitted": _prerequisites,
}
