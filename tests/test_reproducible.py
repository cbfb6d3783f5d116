"""Two offices, years, zones, languages, folders and hash seeds apart, make the same store and the same briefs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_office import YEAR, small_office

from analytics.store import ScoreStore
from analytics.workspace import REPOSITORY, Workspace

UNITS = ("ST01", "ST03")
FIRST_SCORED = YEAR - 1  # the brief draws both years
HERE = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
THERE = {"TZ": "Asia/Shanghai", "LC_ALL": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8", "PYTHONHASHSEED": "77"}


def later() -> list[str]:
    """What puts a command into another year; skips the test where the tool for it is missing."""
    faketime = shutil.which("faketime")
    if faketime is None:
        pytest.skip("faketime is not installed")
    return [faketime, "-f", "+400d"]


def work(workspace: Workspace, before: list[str], environment: dict[str, str]) -> None:
    """Score both years and make the briefs, as an office does."""
    told = os.environ | environment | {"PYTHONUTF8": "1"}
    commands = [["score", "--year", str(FIRST_SCORED)], ["score", "--year", str(YEAR)]]
    commands.append(["brief", *UNITS, "--year", str(YEAR), "--jobs", "1"])
    for command in commands:
        line = [*before, sys.executable, "-m", "analytics", "--workspace", str(workspace.root), *command]
        done = subprocess.run(line, cwd=REPOSITORY, env=told, capture_output=True, check=False)
        assert done.returncode in (0, 1), done.stderr.decode()  # 1: the units without a form have no total


def outputs(workspace: Workspace) -> dict[str, bytes]:
    """The store and the documents; not the lock, nor what says when and where: the executed notebook, the manifest."""
    found = [path for path in workspace.store.rglob("*") if path.is_file() and path.name != ".lock"]
    found += (p for p in workspace.reports(YEAR).rglob("brief.*") if p.suffix in (".html", ".pdf", ".docx"))
    return {path.relative_to(workspace.root).as_posix(): path.read_bytes() for path in found}


def test_store_and_briefs_are_the_same_bytes_on_another_day_in_another_place(tmp_path: Path) -> None:
    before = later()
    here, there = (small_office(tmp_path / name) for name in ("here", "那里 的文件夹"))
    for workspace in (here, there):
        small_office(workspace.root, FIRST_SCORED)
    work(here, [], HERE)
    work(there, before, THERE)
    assert ScoreStore(here.store).all_years() == (FIRST_SCORED, YEAR)
    one, other = outputs(here), outputs(there)
    assert sum(name.startswith("reports/") for name in one) == 3 * len(UNITS)
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []
