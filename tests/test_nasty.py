"""Nasty files end as a careful clerk would have them end: nothing guessed, nothing lost, every place named."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import pytest
from nasty import CATALOGUE
from nasty.case import Case
from nasty.inboxes import INBOXES, Inbox
from openpyxl import Workbook
from readings import REGISTRY, RULES, WORKSPACE, received
from workbooks import STREET_ITEMS, saved

from analytics.intake import check_paths
from analytics.intake.cells import Grid
from analytics.intake.files.grid import read_grid
from analytics.problems import shown
from analytics.records import Submission

OF_THE_WHOLE_FILE = {
    "archive-of-other-kind", "file-empty", "file-name-control", "not-a-workbook", "suffix-differs", "text-table",
    "workbook-damaged", "workbook-doctype", "workbook-locked", "workbook-old-format", "workbook-parts-strange",
}  # fmt: skip
Ended = tuple[dict[str, Any], Submission]


def _written(case: Case) -> bytes:
    built = case.build()
    if isinstance(built, Workbook):
        built.properties.title = case.name  # or two equal forms would be one file that came twice
        return saved(built)
    return built


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ended]:
    """What became of each case, all read in one go as the command does."""
    folder = tmp_path_factory.mktemp("收件")
    numbers = {f"{number:03}": name for number, name in enumerate(CATALOGUE)}
    for number, name in numbers.items():
        (folder / number).mkdir()
        (folder / number / CATALOGUE[name].file).write_bytes(_written(CATALOGUE[name]))
    intake = check_paths(WORKSPACE, REGISTRY, RULES, [folder])
    told = intake.as_json()["files"]
    return {
        numbers[submission.source.name.partition("/")[0]]: (entry, submission)
        for entry, submission in zip(told, intake.submissions, strict=True)
    }


def test_there_are_at_least_250_nasty_files() -> None:
    assert len(CATALOGUE) >= 250


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_nasty_file_ends_as_it_should(name: str, ended: Mapping[str, Ended]) -> None:
    case, (entry, submission) = CATALOGUE[name], ended[name]
    said = sorted(" ".join(filter(None, (problem["code"], problem["cell"]))) for problem in entry["problems"])
    assert (entry["outcome"], said) == (case.outcome, sorted(case.says))
    if case.seen is not None:
        seen = [f"{o.unit} {o.item or o.measure}({o.rule}) {o.value}" for o in submission.observations]
        assert tuple(seen + [decision.id for decision in submission.decisions]) == case.seen
    elif case.marks:
        marks = ["?" if mark is None else f"{Decimal(mark).normalize():f}" for mark in entry["values"].values()]
        assert " ".join(marks) == case.marks
        assert entry["unit"] == case.unit
        assert case.reason is None or entry["reasons"]["2"] == case.reason
    else:
        assert entry["imported"] == 0
        assert not any(entry["values"].values())
        assert (submission.observations, submission.decisions) == ((), ())


def test_every_message_names_file_and_cell(ended: Mapping[str, Ended]) -> None:
    for entry, submission in ended.values():
        for told, problem in zip(entry["problems"], submission.problems, strict=True):
            assert told["cell"] or problem.code in OF_THE_WHOLE_FILE, problem.code
            for message in (problem.message("zh"), problem.message("en")):
                assert message.isprintable()
                assert shown(entry["file"], 200)[:100] in message
                assert told["cell"] is None or f"{told['sheet']}!{told['cell']}" in message or "\\u" in message
                assert "Traceback" not in message


def test_nothing_of_a_rejected_file_counts(ended: Mapping[str, Ended]) -> None:
    for entry, submission in ended.values():
        if entry["outcome"] in ("rejected", "ignored"):
            assert not submission.counts
            assert (submission.observations, submission.decisions, entry["imported"]) == ((), (), 0)


def test_no_mark_is_ever_outside_its_item(ended: Mapping[str, Ended]) -> None:
    full = {no: Decimal(points) for no, _, points in STREET_ITEMS}
    for entry, _ in ended.values():
        if entry["form"] == "self_assessment":
            assert all(0 <= Decimal(mark) <= full[no] for no, mark in entry["values"].items() if mark is not None)
            assert (entry["total"] is None) == bool(entry["undecided"] or not entry["imported"])


class _NoChild:
    """Reads in this process: nothing in the small inboxes is hostile, and a child for each takes its time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, data: bytes, name: str, sha256: str) -> Grid:
        return read_grid(data, name, sha256)


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["analytics.intake.receive"], "GuardedReader", _NoChild)


@pytest.mark.usefixtures("no_child")
@pytest.mark.parametrize("inbox", INBOXES, ids=lambda inbox: inbox.name)
def test_of_several_files_the_right_one_counts(inbox: Inbox, tmp_path: Path) -> None:
    intake = received(tmp_path, {name: build() for name, build in inbox.files.items()})
    ends = {
        entry["file"]: " ".join([entry["outcome"], *(" ".join(filter(None, (problem["code"], problem["cell"])))
                                                    for problem in entry["problems"])])
        for entry in intake.as_json()["files"]
    }  # fmt: skip
    assert ends == inbox.ends
    if inbox.counting:
        assert tuple(f"{o.unit} {o.item or o.measure} {o.value}" for o in intake.observations) == inbox.counting
    left = [path for path in (tmp_path / "收件").rglob("*") if path.is_file()]
    assert len(left) == len(inbox.files)


@pytest.mark.usefixtures("no_child")
def test_a_rejected_file_leaves_no_trace_in_what_counts(tmp_path: Path) -> None:
    good = {"甲.xlsx": CATALOGUE["mark digits"].build()}
    before = received(tmp_path / "1", good)
    bad = {
        f"{number}.xlsx": _written(case) for number, case in enumerate(CATALOGUE.values()) if case.outcome == "rejected"
    }
    after = received(tmp_path / "2", good | dict(list(bad.items())[::10]))
    assert [o.value for o in after.observations] == [o.value for o in before.observations]
    assert (len(after.observations), after.decisions) == (len(before.observations), before.decisions)
