"""The manifest of a year's reports: what they were made from, and the hash of every file. Only here stands a time."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analytics.batch.ledger import LEDGER
from analytics.batch.plan import lock_sha256
from analytics.batch.run import FAILED
from analytics.problems import Problem
from analytics.store import ScoreStore, disk
from analytics.store.code_version import code_version
from analytics.store.run_folder import file_sha256
from analytics.workspace import Workspace

MANIFEST = "manifest.json"


def write_manifest(workspace: Workspace, year: int, made: datetime.datetime) -> Path:
    """Write ``reports/<year>/manifest.json``, unless it says the same but for the time. Refused as the disk does."""
    folder = workspace.reports(year)
    content = _content(workspace, year, folder)
    with disk.refusing(folder), disk.sole_writer(folder):
        before = _read(folder)
        if before is None or {**before, "made": ""} != {**content, "made": ""}:
            text = json.dumps({"made": made.isoformat(timespec="seconds"), **content}, ensure_ascii=False, indent=1)
            disk.put_file(folder / MANIFEST, f"{text}\n".encode())
    return folder / MANIFEST


def published_years(workspace: Workspace) -> tuple[int, ...]:
    """Years with a folder of reports, oldest first."""
    folders = (workspace.root / "reports").glob("[12][0-9][0-9][0-9]")
    return tuple(sorted(int(folder.name) for folder in folders if any(_outputs(folder))))


def manifest_problems(workspace: Workspace, year: int) -> Iterator[Problem]:
    """What in a year's reports does not fit its manifest, and whether the store still holds the run it names."""
    folder = workspace.reports(year)
    manifest = _read(folder)
    if manifest is None:
        yield Problem("published-manifest-missing", "stop", file=f"reports/{year}", facts={"found": str(year)})
        return
    found = {path.relative_to(folder).as_posix(): path for path in _outputs(folder)}
    for name, sha256 in manifest["outputs"].items():
        if name not in found or file_sha256(found[name]) != sha256:
            yield Problem("published-file-altered", "stop", file=f"reports/{year}/{name}")
    for name in sorted(set(found) - set(manifest["outputs"])):
        yield Problem("published-file-unknown", "stop", file=f"reports/{year}/{name}")
    run = manifest.get("run")
    if run and not ScoreStore(workspace.store).holds(year, run["sha256"]):
        yield Problem("published-run-unknown", "stop", file=f"reports/{year}", facts={"found": run["run_id"]})


def _content(workspace: Workspace, year: int, folder: Path) -> dict[str, Any]:
    store = ScoreStore(workspace.store)
    scored = store.latest(year) if year in store.all_years() else None
    sources = scored.sources if scored else ()
    rules = [workspace.units, *workspace.rubrics(year).glob("*.yaml"), *workspace.lookups.glob("*")]
    return {
        "year": year,
        "synthetic": scored.synthetic if scored else None,
        "run": {"run_id": scored.run_id, "sha256": scored.sha256} if scored else None,
        "inputs": {source.name: source.sha256 for source in sources if source.sha256},
        "rules": _hashes(rules, workspace.root),
        "notebooks": _hashes(
            [*workspace.notebooks.glob("*.ipynb"), *workspace.params.glob("*.yaml")], workspace.notebooks.parent
        ),
        "lock": lock_sha256(),
        "code": code_version(),
        "outputs": _hashes(_outputs(folder), folder),
    }


def _hashes(paths: Iterator[Path] | list[Path], root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): file_sha256(path) for path in sorted(paths)}


def _outputs(folder: Path) -> Iterator[Path]:
    """Every published file; not the manifest and the ledger themselves, what failed, nor what a writer is busy with."""
    for path in folder.rglob("*") if folder.is_dir() else ():
        inside = path.relative_to(folder)
        if (
            path.is_file()
            and inside.as_posix() not in (MANIFEST, LEDGER)
            and inside.parts[0] != FAILED
            and not any(p.startswith(".") for p in inside.parts)
        ):
            yield path


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("outputs"), dict):
        return None
    run = found.get("run")
    sound = run is None or (isinstance(run, dict) and all(isinstance(run.get(k), str) for k in ("run_id", "sha256")))
    return found if sound else None
