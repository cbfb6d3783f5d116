"""What inspections found: the on-site record of one unit, and a special inspection's list over many units."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from analytics.intake.basis import Basis
from analytics.intake.cells import Cell
from analytics.intake.forms import Contents, FilledForm, find_date, find_unit, match_unit, tell_other_year
from analytics.intake.items import match_item, match_number
from analytics.intake.values import read_clause, read_count, read_date, read_recheck, read_rectified
from analytics.intake.words import folded, one_of
from analytics.problems import Problem
from analytics.records import Channel, Observation, Rectification
from analytics.rubric import MEASURED, AwardOnRecord, BySeverity, Item
from analytics.units import Unit

T = TypeVar("T")
UNREADABLE = "?"  # the clause of a finding whose clause could not be read
_ROW = (
    "row", "unit", "date", "number", "content", "method", "place", "fact", "rule", "count", "level", "proposed",
    "evidence", "deadline", "person", "action", "rectified", "rechecked", "passed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Visit:
    """Whose rubric a row is read against, through which channel, by whom and when."""

    unit: Unit
    items: Sequence[Item]
    channel: Channel
    group: str
    date: datetime.date | None


def read_onsite(form: FilledForm, basis: Basis) -> Contents:
    """One unit's on-site record: a finding or 未发现问题 for each filled row; empty rows were not inspected."""
    unit, date = find_unit(form, basis), find_date(form, basis.year)
    if unit is None or not form.this_year or "number" not in form.columns:
        return Contents(unit.id if unit else "", date)
    group = form.labels["@group"].text if "@group" in form.labels else ""
    visit = _Visit(unit, basis.rubric(unit).items_known(unit.id), Channel.ONSITE, group, date)
    observations = []
    for row in form.rows():
        if not _says_something(form, row, basis):
            continue
        item = _item(form, row, visit.items)
        if item:
            observations.append(_read_row(form, row, item, visit, basis))
    form.read_through = True
    _tell_contradictions(form, observations)
    order = [item.id for item in visit.items]
    observations.sort(key=lambda observation: order.index(observation.item))
    return Contents(unit.id, date, None, tuple(observations))


def read_special(form: FilledForm, basis: Basis) -> Contents:
    """A special inspection's rows, each for the unit it names; a row of an unknown unit is left out, with a Problem."""
    campaign = form.labels["@campaign"].text if "@campaign" in form.labels else ""
    if not campaign:
        form.tell("campaign-blank", "stop", form.labels.get("@campaign"))
    if not form.this_year or not {"unit", "number"} <= form.columns.keys():
        return Contents(campaign=campaign)
    observations = []
    for row in form.rows():
        if not _says_something(form, row, basis):
            continue
        if form.look(row, "unit").blank:
            form.tell("unit-blank", "skip", form.look(row, "unit"))
            continue
        unit = match_unit(form, form.look(row, "unit"), basis, "skip")
        if unit is None:
            continue
        visit = _Visit(
            unit, basis.rubric(unit).items_known(unit.id), Channel.SPECIAL, campaign, _date(form, row, basis)
        )
        item = _item(form, row, visit.items)
        if item:
            observations.append(_read_row(form, row, item, visit, basis))
    form.read_through = True
    return Contents(observations=tuple(observations), campaign=campaign)


def _says_something(form: FilledForm, row: int, basis: Basis) -> bool:
    """Whether the row reports anything; the form's own words in it, and a line to sign, are taken either way."""
    signed = [cell for cell in form.sheet.in_row(row) if basis.words.inside("signature", cell.raw)]
    number, fact = form.look(row, "number"), form.look(row, "fact")
    if signed and (number.blank or number is fact or number in signed):
        form.mark(*signed)
        return False
    header = folded(form.look(form.header_row, "number").raw)
    if folded(number.raw) == header:
        form.mark_row(row)
        return False
    written = [form.look(row, name) for name in ("fact", "rule", "count", "level", "proposed")]
    if all(cell.blank for cell in written) or number is fact:
        form.mark(*(form.look(row, name) for name in ("row", "number", "content", "method")))
        return False
    for name in _ROW:
        form.take(row, name)
    return True


def _item(form: FilledForm, row: int, items: Sequence[Item]) -> Item | None:
    number = form.look(row, "number")
    if "content" in form.columns:
        item, problem = match_item(number, form.look(row, "content"), items)
    else:
        item, problem = match_number(number, items)
    if problem:
        form.keep(problem)
    return item if problem is None or problem.severity == "note" else None


def _read_row(form: FilledForm, row: int, item: Item, visit: _Visit, basis: Basis) -> Observation:
    """The finding in ``row``, or that nothing was found. One that cannot be counted is told, and kept without a value:
    to leave it out would raise the item's mark."""
    fact, rule_cell, count_cell = (form.look(row, name) for name in ("fact", "rule", "count"))
    clean = basis.words.meaning("fact", fact.raw.rstrip("。．.")) == "clean"
    if struck := form.tell_struck(row, ("number", "content", "fact", "level"), f"第{item.no}项"):
        return replace(_observation(form, row, item, visit, struck, basis), rule=UNREADABLE)
    if clean and rule_cell.blank and count_cell.blank:
        return _observation(form, row, item, visit, fact, basis)
    if clean:
        contradicted = rule_cell if count_cell.blank else count_cell
        form.tell("finding-contradicts", "skip", contradicted, found=fact.text)
        return replace(_observation(form, row, item, visit, contradicted, basis), rule=UNREADABLE)
    problems: list[Problem] = []
    what = f"第{item.no}项"
    clause = read_clause(rule_cell, f"{what}扣分情形")
    level = form.look(row, "level").text
    if isinstance(clause, Problem):
        problems.append(clause)
    else:
        problems.extend(_rule_problems(form, row, item, clause, level))
    earned = isinstance(clause, str) and isinstance(item.rule(clause), AwardOnRecord)  # 0: nothing was earned
    count = read_count(count_cell, basis.words, f"{what}数量", least=0 if earned else 1)
    if count_cell.row != row:
        facts = {"what": f"{what}数量", "found": count_cell.raw}
        count = Problem("value-merged", "skip", at=count_cell.ref, facts=facts)
    if isinstance(count, Problem):
        problems.append(count)
    for problem in problems:
        form.keep(problem)
    observation = _observation(form, row, item, visit, count_cell, basis)
    if isinstance(clause, Problem):
        return replace(observation, rule=UNREADABLE)
    if problems or isinstance(count, Problem):
        return replace(observation, rule=clause, level=level)
    return replace(observation, rule=clause, value=count, level=level)


def _rule_problems(form: FilledForm, row: int, item: Item, clause: str, level: str) -> list[Problem]:
    """Whether the rubric has such a rule, whether findings come under it, and whether it knows the severity word."""
    cell = form.look(row, "rule")
    rule = item.rule(clause)
    rules = one_of(f"（{rule.id}）" for rule in item.rules if not isinstance(rule, MEASURED))
    facts = {"item": item.no, "found": cell.text, "expected": rules or "—"}
    if rule is None:
        return [Problem("rule-unknown", "skip", at=cell.ref, facts=facts)]
    if isinstance(rule, MEASURED):
        return [Problem("rule-measured", "skip", at=cell.ref, facts=facts)]
    if isinstance(rule, BySeverity) and level not in rule.levels:
        facts = {"item": item.no, "found": level, "expected": one_of(rule.levels)}
        return [Problem("level-unknown", "skip", at=form.look(row, "level").ref, facts=facts)]
    return []


def _observation(form: FilledForm, row: int, item: Item, visit: _Visit, cell: Cell, basis: Basis) -> Observation:
    place, fact = form.look(row, "place").text, form.look(row, "fact").text
    return Observation(
        visit.unit.id,
        basis.year,
        visit.channel,
        cell.reading,
        item.id,
        text=fact if not place or place in fact else f"{place}：{fact}",
        evidence=form.look(row, "evidence").text,
        group=visit.group,
        date=visit.date,
        rectification=_rectification(form, row, visit.date, basis),
    )


def _rectification(form: FilledForm, row: int, seen: datetime.date | None, basis: Basis) -> Rectification | None:
    """What the row says of putting things right; None when it says nothing. ``seen``: the day of the inspection."""
    names = ("deadline", "person", "action", "rectified", "rechecked", "passed")
    cells = {name: form.look(row, name) for name in names}
    if all(cell.blank for cell in cells.values()):
        return None
    todo = Rectification(
        deadline=_known(form, _day(cells["deadline"], "整改期限")),
        person=cells["person"].text,
        closed=_known(form, read_rectified(cells["rectified"], basis.words, "整改情况")),
        action=cells["action"].text,
        said=cells["rectified"].text,
        rechecked=_known(form, _day(cells["rechecked"], "复查日期")),
        passed=_known(form, read_recheck(cells["passed"], basis.words, "复查结果")),
    )
    _tell_recheck(form, cells, todo, seen)
    return todo


def _day(cell: Cell, what: str) -> datetime.date | Problem | None:
    return None if cell.blank else read_date(cell, what, severity="note")


def _known(form: FilledForm, value: T | Problem | None) -> T | None:
    """``value``; one that could not be read is told and counts as not written."""
    if isinstance(value, Problem):
        form.keep(value)
        return None
    return value


def _tell_recheck(form: FilledForm, cells: Mapping[str, Cell], todo: Rectification, seen: datetime.date | None) -> None:
    """Notes where the re-check contradicts the rest of its row, or lacks its result."""
    if todo.passed and todo.closed is False:
        form.tell("recheck-contradicts", "note", cells["passed"], found=cells["passed"].text, other=todo.said)
    if todo.rechecked and cells["passed"].blank:
        form.tell("recheck-without-result", "note", cells["rechecked"], found=todo.rechecked.isoformat())
    if todo.rechecked and seen and todo.rechecked < seen:
        facts = {"found": todo.rechecked.isoformat(), "seen": seen.isoformat()}
        form.tell("recheck-too-early", "note", cells["rechecked"], **facts)


def _date(form: FilledForm, row: int, basis: Basis) -> datetime.date | None:
    cell = form.look(row, "date")
    if cell.blank:
        return None
    date = read_date(cell, "督查日期", basis.year, "note")
    if isinstance(date, Problem):
        form.keep(date)
        return None
    tell_other_year(form, cell, date, basis.year, "督查日期")
    return date


def _tell_contradictions(form: FilledForm, observations: Sequence[Observation]) -> None:
    """Name the items of which one row says that nothing was found and another that something was."""
    found = {o.item for o in observations if o.rule}
    for clean in observations:
        if not clean.rule and clean.item in found:
            form.keep(Problem("item-clean-and-found", "note", at=clean.reading.cell, facts={"found": clean.text}))
