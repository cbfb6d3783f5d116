"""Some hundred spoiled workbooks: none breaks the reader, none is taken for something that others do not see in it.

The same with 20,000: ``python tests/benchmarks/fuzz.py``.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
import sound_files
import workbooks
from benchmarks import fuzz

from analytics.intake.cells import Cell
from analytics.intake.files.grid import read_grid
from analytics.problems import Refused
from analytics.provenance import CellRef, Reading, SourceFile
from analytics.records import Channel, Observation, Submission

COUNT, SEED = 300, 7


def test_spoiled_workbooks_are_read_right_or_refused(tmp_path: Path) -> None:
    origins = sound_files.of_every_kind(fuzz.YEAR, office=False)
    outcomes: Counter[str] = Counter()
    marks = 0
    for number in range(COUNT):
        verdict = fuzz.examined(fuzz.recipe(SEED, number, origins), origins, tmp_path)
        assert not verdict.failure, f"file {number} of seed {SEED}: {verdict.failure}"
        outcomes[verdict.outcome.partition(" ")[0]] += 1
        marks += verdict.marks
    assert outcomes["rejected"] > COUNT / 5, outcomes
    assert outcomes["accepted"] + outcomes["accepted_with_warning"] > COUNT / 5, outcomes
    assert marks > 10 * COUNT


def test_the_same_seed_makes_the_same_files() -> None:
    origins = sound_files.of_every_kind(fuzz.YEAR, office=False)
    one, other = ([fuzz.cooked(fuzz.recipe(3, n, origins), origins) for n in range(40)] for _ in range(2))
    assert one == other
    assert len(set(one)) > 35


def test_sound_files_are_all_accepted_before_they_are_spoiled(tmp_path: Path) -> None:
    for name, data in sound_files.of_every_kind(fuzz.YEAR, office=False).items():
        outcome, found, failure = fuzz.tried(data, name, tmp_path)
        assert not failure
        assert all(s.outcome.startswith("accepted") or s.outcome == "ignored" for s in found), (name, outcome)
        assert not fuzz.judged(data, found).failure, name


@pytest.mark.parametrize(("value", "failure"), [("3.5", ""), ("3.6", "other mark"), ("9", "impossible mark")])
def test_a_mark_that_others_see_otherwise_is_found(value: str, failure: str) -> None:
    data = workbooks.saved(workbooks.assessment())
    unit, item = "ST04", next(item for item in fuzz.basis().rules.rubrics[0].items if item.full_marks < 9)
    sheet = workbooks.form_sheet(workbooks.assessment()).title
    reading = Reading(CellRef("表.xlsx", "0" * 64, sheet, "F7"), value)
    mark = Observation(unit, fuzz.YEAR, Channel.SELF, reading, item.id, value=Decimal(value))
    source = SourceFile("表.xlsx", fuzz.hashlib.sha256(data).hexdigest(), len(data))
    verdict = fuzz.judged(data, [Submission(source, "accepted", fuzz.YEAR, unit=unit, observations=(mark,))])
    assert verdict.failure.startswith(failure)
    assert bool(verdict.failure) == bool(failure)


def test_a_value_that_a_merge_covers_is_not_read() -> None:
    merge = b'<mergeCell ref="F6:F7"/></mergeCells>'
    data = workbooks.with_part(
        workbooks.saved(workbooks.assessment()), workbooks.SHEET, lambda xml: xml.replace(b"</mergeCells>", merge)
    )
    covered: Cell = read_grid(data, "表.xlsx").sheets[0].at(7, 6)
    assert (covered.ref.address, covered.raw) == ("F6", "5")


def test_a_cell_with_two_values_is_damage() -> None:
    data = workbooks.with_part(
        workbooks.saved(workbooks.assessment()),
        workbooks.SHEET,
        lambda xml: xml.replace(b"<v>3.5</v>", b"<v>3.5</v><v>4</v>"),
    )
    with pytest.raises(Refused, match="F7: <v> ×2"):
        read_grid(data, "表.xlsx")
