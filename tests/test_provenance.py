"""From a number of a scored year back to the cell that it was read in: the raw text stands there, every time."""

from __future__ import annotations

import datetime
import hashlib
import io
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from sample_years import WORKSPACE, YEARS, ReadYear, sample

from analytics.intake.report import Intake
from analytics.provenance import Reading
from analytics.store import ScoredYear, ScoreStore

NUMBERS = 1_000


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> list[ScoredYear]:
    """The sample years as they come back out of a store, that is, as every output sees them."""
    store = ScoreStore(tmp_path_factory.mktemp("store"))
    for year in YEARS:
        store.append(_scored(sample(year)))
    return [store.latest(year) for year in YEARS]


def _scored(read: ReadYear) -> ScoredYear:
    found: Intake = read.intake
    cards = read.cards.values()
    return ScoredYear.of(
        read.rules, found.registry, cards, found.observations, found.decisions, found.submissions, synthetic=True
    )


def readings(year: ScoredYear) -> Iterator[tuple[Reading, Decimal | None]]:
    """Every number of the year with the cell it rests on; None for a loss, whose points are worked out from it."""
    for observation in year.observations:
        if observation.value is not None:
            yield observation.reading, observation.value
    for card in year.cards:
        for mark in card.marks:
            for loss in mark.losses:
                yield from ((reading, None) for reading in loss.readings)


@cache
def files_by_hash() -> dict[str, Path]:
    paths = (path for year in YEARS for path in WORKSPACE.sample(year).rglob("*") if path.is_file())
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in paths}


@cache
def opened(sha256: str) -> Workbook:
    """The file with that content, by a reader that knows nothing of ours."""
    return openpyxl.load_workbook(io.BytesIO(files_by_hash()[sha256].read_bytes()), data_only=True)


def stands_there(reading: Reading) -> str:
    """What openpyxl finds in the cell, as text: dates in ISO form, 5 for 5.0."""
    value = opened(reading.cell.sha256)[reading.cell.sheet][reading.cell.address].value
    if isinstance(value, datetime.datetime):
        return value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, int | float):
        return f"{Decimal(repr(value)).normalize():f}"
    return "" if value is None else str(value)


def test_1000_numbers_are_found_again_in_their_cells(scored: list[ScoredYear]) -> None:
    chosen = random.Random(2020).sample([pair for year in scored for pair in readings(year)], NUMBERS)
    lost = [(str(reading), stands_there(reading)) for reading, _ in chosen if stands_there(reading) != reading.raw]
    assert lost == []
    assert sum(value is None for _, value in chosen) > NUMBERS / 20  # losses are among them


def test_the_raw_text_is_the_number_that_was_made_of_it(scored: list[ScoredYear]) -> None:
    chosen = random.Random(2019).sample([pair for year in scored for pair in readings(year)], NUMBERS)
    plain = [(r.raw, value) for r, value in chosen if value is not None and re.fullmatch(r"[0-9]+(\.[0-9]+)?", r.raw)]
    assert len(plain) > NUMBERS / 2
    assert [(raw, value) for raw, value in plain if Decimal(raw) != value] == []


def test_every_file_that_a_number_names_is_kept_by_its_content(scored: list[ScoredYear]) -> None:
    named = {reading.cell.sha256: reading.cell.file for year in scored for reading, _ in readings(year)}
    assert named.keys() <= files_by_hash().keys()
    assert all(str(files_by_hash()[sha256]).endswith(Path(file).name) for sha256, file in named.items())


def test_another_text_in_the_cell_would_be_noticed(scored: list[ScoredYear]) -> None:
    reading, _ = next(readings(scored[0]))
    assert stands_there(Reading(reading.cell, reading.raw)) == reading.raw
    below = re.sub(r"\d+$", lambda row: str(int(row[0]) + 500), reading.cell.address)
    moved = type(reading.cell)(reading.cell.file, reading.cell.sha256, reading.cell.sheet, below)
    assert stands_there(Reading(moved, reading.raw)) == ""
