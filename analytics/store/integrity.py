"""What is wrong in a store: every file of it is looked at, and what was altered, is missing or strange is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.problems import Problem
from analytics.store import disk
from analytics.store.heads import HEADS, read_heads
from analytics.store.manifest import MANIFEST, Manifest, intact_manifest
from analytics.store.run_folder import is_intact, read_run, run_problems

if TYPE_CHECKING:
    from analytics.store.score_store import ScoreStore

_SHA256 = re.compile(r"[0-9a-f]{64}")
_RUN = re.compile(r"\d{4,}-[0-9a-f]{12}")
_YEAR = re.compile(r"[12]\d{3}")
KINDS = ("received", "kept")


def store_problems(store: ScoreStore) -> Iterator[Problem]:
    """Everything that ``ScoreStore.verify`` tells; a problem may come twice."""
    named: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for year in store.all_years():
        yield from chain_problems(store, year)
        for run in store.run_folders(year):
            found = run_problems(run, store.shown(run))
            yield from found
            manifest = intact_manifest(run)
            if manifest is not None:
                named["kept"] |= set(manifest.rules.values())
                named["received"] |= set(manifest.received.values())
                if manifest.format == 1 and not found:  # which names its inputs in its tables only
                    named["received"] |= {s.sha256 for s in read_run(run, manifest).sources if s.sha256}
    yield from heads_problems(store)
    for kind in KINDS:
        yield from _blob_problems(store, kind, named[kind])
    yield from _strangers(store)


def chain_problems(store: ScoreStore, year: int) -> Iterator[Problem]:
    """A run's number or ``previous`` does not follow from the run before, or its manifest does not fit its hash."""
    manifests: list[Manifest] = []
    for number, run in enumerate(store.run_folders(year), 1):
        manifest = intact_manifest(run)
        if manifest is None:
            yield Problem("store-manifest-altered", "stop", file=f"{store.shown(run)}/{MANIFEST}")
            return
        manifests.append(manifest)
        if int(run.name.partition("-")[0]) != number:
            facts = {"found": run.name.partition("-")[0], "expected": f"{number:04d}"}
            yield Problem("store-run-missing", "stop", file=store.shown(run), facts=facts)
            return
    if manifests and manifests[0].previous:
        file = store.shown(store.year_folder(year) / manifests[0].run_id)
        yield Problem("store-chain-broken", "stop", file=file, facts={"expected": "—"})
    for before, after in pairwise(manifests):
        if after.previous != before.sha256:
            file = store.shown(store.year_folder(year) / after.run_id)
            yield Problem("store-chain-broken", "stop", file=file, facts={"expected": before.run_id})


def heads_problems(store: ScoreStore, years: Iterable[int] | None = None) -> Iterator[Problem]:
    """Where the runs do not reach what ``heads.json`` names as the newest, of ``years`` or of all.

    A writer killed between a run and its head leaves one run more than the heads know: that is no problem.
    """
    file = f"scored/{HEADS}"
    runs = {year: [intact_manifest(run) for run in store.run_folders(year)] for year in store.all_years()}
    try:
        heads = read_heads(store.folder / "scored")
    except OSError:
        of_today = any(manifest and manifest.format > 1 for found in runs.values() for manifest in found)
        if of_today:
            yield Problem("store-heads-missing", "stop", file=file)
        elif runs:
            yield Problem("store-heads-older", "note", file=file)
        return
    if heads is None:
        yield Problem("store-heads-altered", "stop", file=file)
        return
    chosen = {*runs, *heads} if years is None else set(years)
    beyond: list[str] = []
    for year in sorted({*runs, *heads}):
        folder, found, head = store.year_folder(year), runs.get(year, []), heads.get(year)
        place = next((n for n, m in enumerate(found, 1) if head and m and m.run_id == head.run_id), 0)
        named = folder / head.run_id if head else None
        if year in chosen and head and named and not named.is_dir():
            yield Problem("store-head-missing", "stop", file=store.shown(named))
        elif year in chosen and head and place and (manifest := found[place - 1]) and manifest.sha256 != head.sha256:
            yield Problem("store-head-differs", "stop", file=store.shown(folder / manifest.run_id / MANIFEST))
        elif place or not head:
            beyond += [store.shown(run) for run in store.run_folders(year)[place:]]
    if len(beyond) > 1:
        yield from (Problem("store-head-behind", "stop", file=run) for run in beyond)


def _blob_problems(store: ScoreStore, kind: str, named: set[str]) -> Iterator[Problem]:
    """Bytes that a run names and that are not here, and bytes that do not fit their name."""
    for sha256 in sorted(named):
        if not (path := store.blob(kind, sha256)).is_file():
            facts = {"found": sha256[:12], "place": kind}
            yield Problem("store-kept-missing", "stop", file=store.shown(path), facts=facts)
    for path in sorted((store.folder / kind).glob("??/*")):
        if _SHA256.fullmatch(path.name) and path.is_file() and not is_intact(path, path.name):
            yield Problem("store-kept-altered", "stop", file=store.shown(path))


def _strangers(store: ScoreStore) -> Iterator[Problem]:
    """Files and folders that no writer of ours puts there; inside a run its manifest has spoken already."""
    for path in sorted(_unknown(store.folder)):
        yield Problem("store-file-unknown", "stop", file=store.shown(path))


def _unknown(folder: Path) -> Iterator[Path]:
    yield from _others(folder, lambda path: path.name in (disk.LOCK, "scored", *KINDS))
    yield from _others(folder / "scored", lambda path: path.name == HEADS or _is_folder(path, _YEAR))
    for year in (folder / "scored").glob("[12][0-9][0-9][0-9]"):
        yield from _others(year, lambda path: _is_folder(path, _RUN))
    for kind in KINDS:
        yield from _others(folder / kind, lambda path: _is_folder(path, re.compile(r"[0-9a-f]{2}")))
        for part in (folder / kind).glob("??"):
            yield from _others(part, _is_blob)


def _others(folder: Path, known: Callable[[Path], bool]) -> Iterator[Path]:
    """What lies in a folder beside what belongs there and what a killed writer left for the next one to clear."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if not disk.is_leftover(path.name) and not known(path):
            yield path


def _is_folder(path: Path, name: re.Pattern[str]) -> bool:
    return path.is_dir() and bool(name.fullmatch(path.name))


def _is_blob(path: Path) -> bool:
    return path.is_file() and bool(_SHA256.fullmatch(path.name)) and path.name.startswith(path.parent.name)
