"""A batch survives: writes that fail at any step, and a few faults in processes; all of them: benchmarks/faults.py."""

from __future__ import annotations

import io
import itertools
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import batch_faults as faults
import pytest
from test_batch import bring, published_files, task

from analytics.batch import Done, Failed
from analytics.problems import Refused

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the faults are those of Linux processes")


class Nth:
    """Lets ``call`` through but for the n-th time, and counts."""

    def __init__(self, call: Callable[..., Any], n: int) -> None:
        self.call, self.n, self.count = call, n, 0

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.count += 1
        if self.count == self.n:
            raise OSError(28, "No space left on device", str(arguments[0]) if arguments else "")
        return self.call(*arguments, **named)


STEPS = {
    "fsync": (os, "fsync"),
    "rename": (os, "rename"),
    "mkdir": (os, "mkdir"),
    "open": (os, "open"),
    "write": (io, "open"),
}


def failing(step: str) -> Iterator[Nth]:
    """The first call fails, then the second, and so on until none was left to fail."""
    place, name = STEPS[step]
    original = getattr(place, name)
    for n in itertools.count(1):
        nth = Nth(original, n)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(place, name, nth)
            yield nth
        if nth.count < n:
            return


@pytest.mark.parametrize("step", STEPS)
def test_a_write_that_fails_at_any_step_leaves_results_whole_or_as_they_were(step: str, tmp_path: Path) -> None:
    before, after = [task(n, key="old") for n in (1, 2)], [task(n, key="new") for n in (1, 2)]
    tried = 0
    for number, nth in enumerate(failing(step)):
        reports = tmp_path / str(number)
        nth.n, n = 0, nth.n
        bring(before, reports, jobs=1)
        old = published_files(reports)
        nth.count, nth.n = 0, n
        said = "空间"
        try:
            results = bring(after, reports, jobs=1)
        except Refused as refused:
            results, said = (), str(refused)
        nth.n, told = 0, nth.count
        assert "空间" in said
        found = published_files(reports)
        for one in after:
            files = {name: found.get(name) for name in one.made}
            new = {name: f"{one.name} new".encode() for name in one.made}
            assert files in (new, {name: old[name] for name in one.made}), (number, step)
        for result in results:
            if isinstance(result, Failed):
                assert "空间" in result.problem.message() or "No space" in result.problem.message()
        again = bring(after, reports, jobs=1)
        assert all(isinstance(result, Done) for result in again)
        assert not list(reports.rglob(".new-*")) + list(reports.rglob(".old-*"))
        nth.count, tried = told, tried + 1
    assert tried > 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return faults.whole_briefs(tmp_path_factory.mktemp("故障") / "clean")


@LINUX
@pytest.mark.parametrize("name", ["another total"])
def test_a_fault_in_one_unit_is_named_and_stays_there(name: str, whole: dict[str, bytes], tmp_path: Path) -> None:
    assert faults.play_cell(tmp_path / "x", whole, name) == []


@LINUX
@pytest.mark.parametrize(("how", "to"), [(signal.SIGHUP, "batch"), (signal.SIGKILL, "zygote")])
def test_a_batch_that_is_ended_is_finished_by_a_plain_rerun(
    how: signal.Signals, to: str, whole: dict[str, bytes], tmp_path: Path
) -> None:
    assert faults.play_signal(tmp_path / "x", whole, how, to, random.Random(7)) == []
