"""From workbooks to scorecards: a cell moves its own unit, a reason's cell says what was read, order is free."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import io
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from sample_years import REGISTRY, WORKSPACE, YEARS, ReadYear, read, sample

from analytics.documents.brief import compose_brief
from analytics.documents.content import Brief
from analytics.provenance import CellRef, Reading
from analytics.records import Channel
from analytics.rubric import PerOccurrence, Threshold
from analytics.scoring import Scorecard, explain
from analytics.store import ScoredYear
from analytics.units import UnitKind
from analytics.workspace import Inbox

YEAR = 2020


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A copy of the year's files that a test may change."""
    return Path(shutil.copytree(WORKSPACE.sample(YEAR), tmp_path / "inbox"))


def cards_in(inbox: Path) -> dict[str, Scorecard]:
    return read(YEAR, Inbox(inbox, synthetic=True)).cards


def rewrite(path: Path, change: Callable[[openpyxl.Workbook], None]) -> None:
    """Change a workbook in place, whatever its suffix says it is."""
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    change(book)
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(content.getvalue())


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder with the time of its last change, and its content."""
    paths = [folder, *folder.rglob("*")]
    return {str(p): (p.stat().st_mtime_ns, p.read_bytes() if p.is_file() else b"") for p in paths}


def without_files(thing: object) -> object:
    """A card, or a part of one, as if all its cells stood in one file without name or content."""
    if isinstance(thing, CellRef):
        return thing.sheet, thing.address
    if isinstance(thing, tuple):
        return tuple(map(without_files, thing))
    if dataclasses.is_dataclass(thing):
        return {field.name: without_files(getattr(thing, field.name)) for field in dataclasses.fields(thing)}
    return thing


def ranks(totals: Mapping[str, Decimal | None]) -> dict[str, int]:
    """Ranks inside each class by the plain definition: one more than the number of better units."""
    return {
        unit: 1 + sum(other > total for rival, other in totals.items() if rival[:2] == unit[:2])
        for unit, total in totals.items()
    }


# One cell each: whose, where, what is to stand in it, and how many points that is worth.
Change = tuple[str, CellRef, object, Decimal]


def one_more_occurrence() -> Change:
    """A finding of the on-site inspection occurred once more, and the clause's cap leaves room for it."""
    card = sample(YEAR).cards["ST03"]
    rubric = sample(YEAR).rules.rubric(card.kind)
    for loss in (loss for mark in card.marks for loss in mark.losses if loss.channel is Channel.ONSITE):
        mark, rule = card.mark(loss.item), rubric.item(loss.item).rule(loss.rule)
        if isinstance(rule, PerOccurrence) and mark.awarded >= rule.points:
            taken = sum(other.points for other in mark.losses if other.rule == rule.id)
            if taken + rule.points <= (rule.cap or mark.full_marks):
                return card.unit, loss.readings[0].cell, int(loss.readings[0].raw) + 1, -rule.points
    raise LookupError(card.unit)


def half_a_point_less_by_itself() -> Change:
    """A unit takes half a point off an item that nobody has checked."""
    year = sample(YEAR)
    card = year.cards["SR15"]
    mark = next(mark for mark in card.marks if mark.status == "self_only" and not mark.losses)
    own = next(o for o in year.intake.observations if o.unit == card.unit and o.item == mark.item)
    return card.unit, own.reading.cell, float(mark.full_marks) - 0.5, Decimal("-0.5")


def too_few_drills() -> Change:
    """The office finds fewer drills than the rubric asks for."""
    year = sample(YEAR)
    card = year.cards["ID01"]
    for item in year.rules.rubric(card.kind).items_for(card.unit):
        for rule in item.rules:
            if isinstance(rule, Threshold) and rule.measure == "drills_held":
                mine = (o for o in year.intake.observations if o.unit == card.unit and o.measure == rule.measure)
                checked = next(o for o in mine if o.channel is Channel.DESK)
                assert checked.value >= rule.at_least
                return card.unit, checked.reading.cell, int(rule.at_least) - 1, -rule.points
    raise LookupError(card.unit)


def a_higher_bonus() -> Change:
    """The decision grants half a point more; ST08 no longer ties with ST06."""
    card = sample(YEAR).cards["ST08"]
    bonus = next(step for step in card.adjustments if step.kind == "bonus")
    return card.unit, bonus.readings[0].cell, float(bonus.points) + 0.5, Decimal("0.5")


@pytest.mark.parametrize(
    "change",
    [one_more_occurrence, half_a_point_less_by_itself, too_few_drills, a_higher_bonus],
    ids=lambda c: c.__name__,
)
def test_one_cell_moves_one_unit_and_the_ranks_it_must(change: Callable[[], Change], inbox: Path) -> None:
    unit, cell, value, points = change()

    def write(book: openpyxl.Workbook) -> None:
        book[cell.sheet][cell.address] = value

    rewrite(inbox / cell.file, write)
    before, after = sample(YEAR).cards, cards_in(inbox)
    totals = {name: card.total for name, card in before.items()}
    assert after[unit].total == totals[unit] + points
    assert {name: card.rank for name, card in after.items()} == ranks(totals | {unit: totals[unit] + points})
    for name in before.keys() - {unit}:
        place = {"rank": before[name].rank, "rank_span": before[name].rank_span}
        assert without_files(dataclasses.replace(after[name], **place)) == without_files(before[name])
    marks = zip(before[unit].marks, after[unit].marks, strict=True)
    assert sum(without_files(old) != without_files(new) for old, new in marks) == (change is not a_higher_bonus)


@cache
def workbook(file: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO((WORKSPACE.sample(YEAR) / file).read_bytes()), data_only=True)


def written(cell: CellRef) -> str:
    """What openpyxl finds in the cell: dates as ISO text, numbers as the shortest decimal."""
    value = workbook(cell.file)[cell.sheet][cell.address].value
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, int | float):
        return f"{Decimal(repr(value)).normalize():f}"
    return value or ""


def reasons(card: Scorecard) -> Iterator[tuple[Reading, ...]]:
    """The readings of every step that changed the score or the grade; at least one for each."""
    yield from (loss.readings for mark in card.marks for loss in mark.losses)
    yield from (step.readings for step in card.adjustments if step.kind in ("bonus", "outside"))
    yield from (effect.readings for effect in card.effects)


@pytest.mark.parametrize("unit", [unit.id for unit in REGISTRY.in_year(YEAR)])
def test_cell_of_every_reason_says_what_was_read(unit: str) -> None:
    card = sample(YEAR).cards[unit]
    for readings in reasons(card):
        assert readings
        assert [written(reading.cell) for reading in readings] == [reading.raw for reading in readings]


def test_hash_of_every_reading_is_that_of_its_file() -> None:
    cells = {r.cell for card in sample(YEAR).cards.values() for readings in reasons(card) for r in readings}
    for file, sha256 in {(cell.file, cell.sha256) for cell in cells}:
        assert hashlib.sha256((WORKSPACE.sample(YEAR) / file).read_bytes()).hexdigest() == sha256


@pytest.mark.parametrize("year", YEARS)
def test_lines_of_the_explanation_add_up_to_the_score(year: int) -> None:
    rules = sample(year).rules
    for card in sample(year).cards.values():
        lines = explain(card, rules.rubric(card.kind), rules.policy)
        assert rules.rubric(card.kind).full_marks + sum(line.change or 0 for line in lines) == card.total
        assert lines[-1].running == card.total


def test_names_and_order_of_files_do_not_matter_and_the_inbox_is_not_touched(inbox: Path) -> None:
    files = [source.name for source in sample(YEAR).intake.sources]
    numbers = random.Random(YEAR).sample(range(100, 1000), len(files))
    renamed = {file: f"{number}.xlsx" for file, number in zip(files, numbers, strict=True)}
    register = next(s.source.name for s in sample(YEAR).intake.submissions if s.form == "receipts")

    def write(book: openpyxl.Workbook) -> None:
        for row in book.worksheets[0].iter_rows():
            for cell in row:
                if cell.value in renamed:
                    cell.value = renamed[cell.value]

    rewrite(inbox / register, write)
    for file in random.Random(YEAR).sample(files, len(files)):
        (inbox / file).rename(inbox / renamed[file])
    before = snapshot(inbox)
    cards = cards_in(inbox)
    assert snapshot(inbox) == before
    for unit, card in sample(YEAR).cards.items():
        assert without_files(cards[unit]) == without_files(card), unit


def test_another_name_of_a_unit_changes_nothing(inbox: Path) -> None:
    chosen = [REGISTRY["ST04"], REGISTRY["SR12"], REGISTRY["ID03"]]
    other = {unit.name: unit.aliases[0] for unit in chosen}
    forms = ("special_findings", "accidents", "decisions")
    counting = [s for s in sample(YEAR).intake.submissions if s.counts]
    renamed = []

    def write(book: openpyxl.Workbook) -> None:
        for row in book.worksheets[0].iter_rows():
            for cell in row:
                if cell.value in other:
                    renamed.append(cell.value)
                    cell.value = other[cell.value]

    for submission in counting:
        if submission.form in forms or submission.unit in {unit.id for unit in chosen}:
            rewrite(inbox / submission.source.name, write)
    assert all(renamed.count(name) >= 3 for name in other)
    cards = cards_in(inbox)
    for unit, card in sample(YEAR).cards.items():
        assert without_files(cards[unit]) == without_files(card), unit


@pytest.mark.parametrize("year", YEARS)
def test_every_unit_of_every_year_has_a_total_a_grade_and_a_rank(year: int) -> None:
    cards = sample(year).cards
    assert set(cards) == {unit.id for unit in REGISTRY.in_year(year)}
    assert len(cards) == 30
    assert all(card.total is not None and card.grade and not card.waiting for card in cards.values())
    assert {unit: card.rank for unit, card in cards.items()} == ranks({u: card.total for u, card in cards.items()})
    for kind in UnitKind:
        assert min(card.rank for card in cards.values() if card.kind is kind) == 1


def briefs(year: ReadYear) -> dict[str, Brief]:
    """The brief of every unit, without pictures."""
    scored = ScoredYear.of(
        year.rules, REGISTRY, year.cards.values(), year.intake.observations, year.intake.decisions,
        year.intake.submissions, synthetic=True,
    )  # fmt: skip
    return {
        unit.id: compose_brief(scored, None, unit, year.rules.rubric(unit.kind), year.rules.policy, {})
        for unit in REGISTRY.in_year(YEAR)
    }


def test_one_cell_changes_that_units_brief_and_of_its_class_only_means_and_ranks(inbox: Path) -> None:
    unit, cell, value, _ = half_a_point_less_by_itself()
    rewrite(inbox / cell.file, lambda book: book[cell.sheet].__setitem__(cell.address, value))
    year = read(YEAR, Inbox(inbox, synthetic=True))
    before, after = briefs(sample(YEAR)), briefs(year)
    changed = {name for name in before if before[name] != after[name]}
    assert unit in changed
    assert {REGISTRY[name].kind for name in changed} == {REGISTRY[unit].kind}
    for other in changed - {unit}:
        sections = zip(before[other].sections, after[other].sections, strict=True)
        differing = {old.title for old, new in sections if old != new}
        moved = sample(YEAR).cards[other].rank != year.cards[other].rank
        assert differing <= {"二、一级指标得分"} | ({"一、结论", "八、计分依据与说明"} if moved else set())
        assert moved or before[other].footer == after[other].footer
