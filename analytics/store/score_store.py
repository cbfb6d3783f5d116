"""ScoreStore: received bytes by hash, and scored years that are only ever added to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from analytics.problems import Problem, Refused
from analytics.store import disk
from analytics.store.run_folder import (
    Manifest,
    content_sha256,
    file_sha256,
    intact_manifest,
    read_manifest,
    read_run,
    run_problems,
    write_run,
)
from analytics.store.scored_year import ScoredYear
from analytics.store.tables import ScoreTables, load_tables

_RUN = re.compile(r"(\d{4,})-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ScoreStore:
    """The folder ``data/store``. ``scored/<year>/<run_id>`` holds the runs, ``received/<aa>/<sha256>`` the bytes.

    There is no way to change or delete: a correction is a new run of its year. Each run's hash covers the one before,
    so a change of the past shows in ``verify``, and a cut-off end shows against the hash printed in the briefs.

    >>> store = ScoreStore(Workspace.open().store)
    >>> store.latest(2020).card("ST03").year
    2020
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes) -> str:
        """Keep a received file's bytes; the same bytes are kept once. Returns their hash."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._received(sha256)
        if not path.is_file() or path.stat().st_size != len(content):
            with disk.refusing(path):
                disk.put_file(path, content)
        return sha256

    def received(self, sha256: str) -> bytes:
        """The bytes of a received file. Refused when they are not here."""
        try:
            return self._received(sha256).read_bytes()
        except OSError:
            raise Refused([Problem("store-received-missing", "stop", facts={"found": sha256[:12]})]) from None

    def append(self, scored: ScoredYear) -> ScoredYear:
        """Add a run to its year and return it with its place in the chain.

        When the newest run of the year says the same, nothing is written and that run is returned. Refused when the
        year's chain is broken, its newest run was altered, another process is writing, or the disk says no; then
        nothing is left behind.
        """
        content = content_sha256(scored)
        with disk.refusing(self.folder), disk.sole_writer(self.folder):
            if broken := tuple(self._chain_problems(scored.year)):
                raise Refused(broken)
            runs = self._runs(scored.year)
            if runs and (altered := run_problems(runs[-1], self._shown(runs[-1]))):
                raise Refused(altered)
            newest = read_manifest(runs[-1]) if runs else None
            if newest and newest.content == content:
                return read_run(runs[-1], newest)
            previous = newest.sha256 if newest else ""
            run_id = f"{_number(runs[-1]) + 1 if runs else 1:04d}-{content[:12]}"
            year = self._year(scored.year)
            year.mkdir(parents=True, exist_ok=True)
            disk.clear_leftovers(year)
            with disk.whole_folder(year / run_id) as scratch:
                manifest = write_run(scratch, scored, run_id, previous, content)
        return replace(scored, run_id=run_id, previous=previous, sha256=manifest.sha256)

    def latest(self, year: int) -> ScoredYear:
        """The newest run of a year. Refused when there is none, or it was altered on disk."""
        runs = self._runs(year)
        if not runs:
            scored = "、".join(map(str, self.all_years())) or "—"
            raise Refused([Problem("store-year-missing", "stop", facts={"found": str(year), "expected": scored})])
        if altered := run_problems(runs[-1], self._shown(runs[-1])):
            raise Refused(altered)
        return read_run(runs[-1], read_manifest(runs[-1]))

    def heads(self) -> dict[int, str]:
        """Year → the hash of its newest run: what everything made from the store depends on."""
        return {year: read_manifest(self._runs(year)[-1]).sha256 for year in self.years()}

    def holds(self, year: int, sha256: str) -> bool:
        """Whether a run with this hash is in the year's chain."""
        manifests = (intact_manifest(run) for run in self._runs(year))
        return any(manifest is not None and manifest.sha256 == sha256 for manifest in manifests)

    def years(self) -> tuple[int, ...]:
        """Years that may be compared, oldest first: once one is real, those of the made-up sample are left out."""
        manifests = {year: intact_manifest(self._runs(year)[-1]) for year in self.all_years()}
        real = tuple(year for year, manifest in manifests.items() if manifest is None or not manifest.synthetic)
        return real or tuple(manifests)

    def all_years(self) -> tuple[int, ...]:
        """Years with a run, oldest first."""
        folders = (self.folder / "scored").glob("[12][0-9][0-9][0-9]")
        return tuple(sorted(int(folder.name) for folder in folders if self._runs(int(folder.name))))

    def tables(self) -> ScoreTables:
        """The newest run of every year as frames of floats, for analysis. Refused when one was altered on disk."""
        newest = [self._runs(year)[-1] for year in self.years()]
        if altered := [problem for run in newest for problem in run_problems(run, self._shown(run))]:
            raise Refused(altered)
        return load_tables({run: read_manifest(run) for run in newest})

    def verify(self) -> tuple[Problem, ...]:
        """What was altered, is missing or does not follow: chains, tables, and the received bytes that they name."""
        problems: list[Problem] = []
        named: set[str] = set()
        for year in self.all_years():
            problems += (chain := tuple(self._chain_problems(year)))
            for run in self._runs(year):
                found = run_problems(run, self._shown(run))
                problems += [problem for problem in found if problem not in chain]
                if not found:
                    scored = read_run(run, read_manifest(run))
                    named |= {source.sha256 for source in scored.sources if source.sha256}
        return (*problems, *self._received_problems(named))

    def _chain_problems(self, year: int) -> Iterator[Problem]:
        """A run's number or ``previous`` does not follow from the run before, or its manifest does not fit its hash."""
        manifests: list[Manifest] = []
        for number, run in enumerate(self._runs(year), 1):
            manifest = intact_manifest(run)
            if manifest is None:
                yield Problem("store-manifest-altered", "stop", file=f"{self._shown(run)}/manifest.json")
                return
            manifests.append(manifest)
            if _number(run) != number:
                facts = {"found": str(_number(run)), "expected": str(number)}
                yield Problem("store-run-missing", "stop", file=self._shown(run), facts=facts)
                return
        if manifests and manifests[0].previous:
            yield Problem("store-chain-broken", "stop", file=self._shown(self._runs(year)[0]), facts={"expected": "—"})
        for before, after in pairwise(manifests):
            if after.previous != before.sha256:
                file = self._shown(self._year(year) / after.run_id)
                yield Problem("store-chain-broken", "stop", file=file, facts={"expected": before.run_id})

    def _received_problems(self, named: set[str]) -> Iterator[Problem]:
        """Received bytes that a run names and that are not here, and bytes that do not fit their name."""
        for sha256 in sorted(named):
            if not self._received(sha256).is_file():
                yield Problem("store-received-missing", "stop", facts={"found": sha256[:12]})
        for path in sorted((self.folder / "received").glob("??/*")):
            if _SHA256.fullmatch(path.name) and file_sha256(path) != path.name:
                yield Problem("store-received-altered", "stop", file=self._shown(path))

    def _runs(self, year: int) -> list[Path]:
        folder = self._year(year)
        found = [path for path in folder.iterdir() if _RUN.fullmatch(path.name)] if folder.is_dir() else []
        return sorted(found, key=lambda path: (_number(path), path.name))

    def _year(self, year: int) -> Path:
        return self.folder / "scored" / str(year)

    def _received(self, sha256: str) -> Path:
        return self.folder / "received" / sha256[:2] / sha256

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def _number(run: Path) -> int:
    return int(run.name.partition("-")[0])
