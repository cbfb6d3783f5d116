"""The files of rules that a year is computed by, as bytes: a run keeps them, so that it can be computed again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from analytics.problems import Problem, Refused
from analytics.workspace import Workspace

RULES = ("forms", "lookups", "context")  # folders under data/ that hold for every year


def rule_files(workspace: Workspace, year: int) -> Mapping[str, bytes]:
    """Path under ``data/``, with ``/`` → bytes: units, the year's rubrics and policy, forms, lookups, context."""
    found = [workspace.units, *workspace.rubrics(year).glob("*.yaml")]
    for folder in RULES:
        found += (path for path in (workspace.data / folder).rglob("*") if not path.name.startswith("."))
    files = (path for path in found if path.is_file())
    return {name: path.read_bytes() for name, path in sorted((_name(path, workspace), path) for path in files)}


def refuse_changed(read: Mapping[str, bytes], workspace: Workspace, year: int) -> None:
    """Refused, naming each file, when the rules are no longer those that were read: a run keeps what it rests on."""
    now = rule_files(workspace, year)
    names = sorted(name for name in {*read, *now} if read.get(name) != now.get(name))
    if names:
        raise Refused(Problem("file-changed-meanwhile", "stop", file=f"data/{name}") for name in names)


def _name(path: Path, workspace: Workspace) -> str:
    return path.relative_to(workspace.data).as_posix()
