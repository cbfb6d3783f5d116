"""The warm engine gives what a fresh kernel gives, cell by cell; our notebooks are compared in test_notebooks."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from itertools import groupby
from pathlib import Path
from typing import Any

import hard_cells
import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import papermill_engines

from analytics.batch.warm.entry import FreshEngine, WarmEngine
from analytics.batch.warm.link import OutputTooLarge
from analytics.batch.warm.manager import zygote_folder
from analytics.batch.warm.processes import descendants
from analytics.workspace import REPOSITORY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere warm is a fresh kernel")

# What no two kernels share: addresses and random ids, the number in a cell's made-up file name, and a clock.
PASSING = re.compile(r"0x[0-9a-f]{6,}|[0-9a-f]{32}|ipykernel_\d+/\d+\.py|<dc:date>[^<]*")
GROUPS = {
    "shown": hard_cells.SHOWN,
    "drawn": {"frames": "import pandas as pd", **hard_cells.DRAWN},
    "chart_of_ours": hard_cells.CHART_OF_OURS,
}
KERNEL = {"name": "python3", "language": "python", "display_name": "Python 3"}
SECONDS = 3


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    papermill_engines.register("warm", WarmEngine)
    papermill_engines.register("fresh", FreshEngine)
    folder = tmp_path_factory.mktemp("难 的 单元格")
    settings = {
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONHASHSEED": "0",
        "HARD_CELL": "是",
        "IPYTHONDIR": str(folder / "i"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield folder


def run(sources: list[str], folder: Path, engine: str, going_on: bool = False, **options: Any) -> Any:
    """The notebook as far as it came. ``going_on``: past cells that fail."""
    tags = {"tags": ["raises-exception"]} if going_on else {}
    cells = [nbformat.v4.new_code_cell(source, metadata=tags) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    folder.mkdir(parents=True, exist_ok=True)
    witness: list[Any] = []
    given = {"kernel_name": "python3", "language": "python", "progress_bar": False, "cwd": folder, "witness": witness}
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("PYTEST_CURRENT_TEST")  # seeing it, ipykernel does not take what other programs write
            papermill.execute_notebook(notebook, None, {}, engine_name=engine, **given, **options)
    except papermill.PapermillExecutionError:
        pass
    except (DeadKernelError, CellTimeoutError, OutputTooLarge) as error:
        witness[0].nb.metadata["ended"] = type(error).__name__
    return witness[0].nb


def told(notebook: Any) -> list[str]:
    """What each cell shows. Of neighbouring stdout and stderr only what each says: when they are sent is a clock's."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            outputs: list[Any] = []
            for kind, group in groupby(cell.outputs, key=lambda output: output.output_type):
                if kind == "stream":
                    pieces = [(output.name, output.text) for output in group]
                    outputs.append({name: "".join(t for n, t in pieces if n == name) for name, _ in sorted(pieces)})
                else:
                    outputs += group
            text = json.dumps([outputs, cell.execution_count], ensure_ascii=False, sort_keys=True)
            found.append(PASSING.sub("#", text))
    return found


def widget_states(notebook: Any) -> list[str]:
    held = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {"state": {}})
    return sorted(PASSING.sub("#", json.dumps(state, sort_keys=True)) for state in held["state"].values())


@pytest.mark.parametrize("group", GROUPS)
def test_hard_cells_show_what_they_show_in_a_fresh_kernel(group: str, place: Path) -> None:
    sources = list(GROUPS[group].values())
    warm, fresh = (run(sources, place / engine / group, engine, going_on=True) for engine in ("warm", "fresh"))
    for name, here, there in zip(GROUPS[group], told(warm), told(fresh), strict=True):
        assert here == there, name
    assert widget_states(warm) == widget_states(fresh)
    assert warm.metadata.language_info == fresh.metadata.language_info


@pytest.mark.parametrize(
    ("name", "ended", "shown"),
    [
        ("killed", "DeadKernelError", "last words"),
        ("leaves", "DeadKernelError", ""),
        ("segfault", "DeadKernelError", ""),
        ("aborts", "DeadKernelError", ""),
        ("first_error_stops", "", "ZeroDivisionError"),
        ("exit", "", "after"),
        ("too_slow", "CellTimeoutError", "start"),
        ("too_slow_and_deaf", "CellTimeoutError", ""),
    ],
)
def test_a_notebook_that_ends_early_ends_as_in_a_fresh_kernel(name: str, ended: str, shown: str, place: Path) -> None:
    """Compared once by hand with a fresh kernel, whose death takes seconds to be noticed."""
    began = time.monotonic()
    done = run([hard_cells.ENDING[name], "print('after')"], place, "warm", execution_timeout=SECONDS)
    assert done.metadata.get("ended", "") == ended
    assert shown in json.dumps(told(done))
    assert ("after" in told(done)[1]) == (name == "exit")
    assert time.monotonic() - began < 60


def test_a_death_is_told_with_its_cause(place: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(hard_cells.ENDING["segfault"])])
    with pytest.raises(DeadKernelError, match=r"signal 11"):
        papermill.execute_notebook(notebook, None, {}, engine_name="warm", kernel_name="python3", language="python",
                                   progress_bar=False)  # fmt: skip


def test_too_much_output_is_stopped_while_it_comes(place: Path) -> None:
    source = "for i in range(200):\n    print('x' * 10**6, flush=True)"
    assert run([source], place, "warm", most_bytes=5 * 10**6).metadata["ended"] == "OutputTooLarge"


def test_memory_is_limited(place: Path) -> None:
    done = run(["len(bytearray(2**30))"], place, "warm", limits={"RLIMIT_DATA": 2**29})
    assert "MemoryError" in told(done)[0]


def test_notebooks_share_nothing_and_leave_nothing_behind(place: Path) -> None:
    source = (
        "import os, random, numpy, subprocess, sys, matplotlib\n"
        "seen = 'mine' in globals() or 'MINE' in os.environ or matplotlib.rcParams['font.size'] != 10\n"
        "mine = os.environ['MINE'] = 'yes'\nmatplotlib.rcParams['font.size'] = 3\n"
        "subprocess.Popen(['sleep', '300'], start_new_session=True)\n"
        "open('left_open.txt', 'w').write('whole')\n"
        "print(seen, random.random(), numpy.random.rand(), os.getsid(0) == os.getpid(), os.path.basename(os.getcwd()))"
    )
    first, second = (run([source], place / name, "warm") for name in ("one", "two"))
    texts = [done.cells[0].outputs[0].text.split() for done in (first, second)]
    assert [text[0] for text in texts] == ["False", "False"]
    assert texts[0][1:3] != texts[1][1:3]
    assert [text[3:] for text in texts] == [["True", "one"], ["True", "two"]]
    assert (place / "one" / "left_open.txt").read_text(encoding="utf-8") == "whole"
    deadline = time.monotonic() + 10
    while sleeping := [pid for pid in descendants(os.getpid()) if _name(pid) == "sleep"]:
        assert time.monotonic() < deadline, sleeping
        time.sleep(0.05)


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def test_nobody_else_may_talk_to_the_process_that_is_forked(place: Path) -> None:
    assert zygote_folder().stat().st_mode & 0o077 == 0
