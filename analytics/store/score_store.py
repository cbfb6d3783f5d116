"""ScoreStore: received bytes by hash, and scored years that are only ever added to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from analytics.problems import Problem, Refused
from analytics.store import disk, integrity
from analytics.store.heads import HEADS, Head, read_heads, write_heads
from analytics.store.manifest import NO_CORRECTION, Correction, Manifest, intact_manifest, read_manifest
from analytics.store.run_folder import content_sha256, extract_sha256, read_run, run_problems, write_run
from analytics.store.scored_year import ScoredYear
from analytics.store.tables import ScoreTables, load_tables

_RUN = re.compile(r"(\d{4,})-[0-9a-f]{12}")


class ScoreStore:
    """The folder ``data/store``: ``scored/<year>/<run_id>`` holds the runs, ``scored/heads.json`` names the newest of
    each year, ``received/<aa>/<sha256>`` keeps the files that came, ``kept/<aa>/<sha256>`` the rules of the day.

    There is no way to change or delete: a correction is a new run of its year. Each run's hash covers the one before,
    so a change of the past shows in ``verify``; a cut-off end shows against the heads and the hashes in the briefs.

    >>> store = ScoreStore(Workspace.open().store)
    >>> store.latest(2020).card("ST03").year
    2020
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes) -> str:
        """Keep a received file's bytes; the same bytes are kept once. Returns their hash."""
        with disk.refusing(self.folder), disk.sole_writer(self.folder):
            return self._keep("received", content)

    def received(self, sha256: str) -> bytes:
        """The bytes of a received file. Refused when they are not here."""
        return self._bytes("received", sha256)

    def kept(self, sha256: str) -> bytes:
        """The bytes of a file of rules as it was at some run. Refused when they are not here."""
        return self._bytes("kept", sha256)

    def append(
        self,
        scored: ScoredYear,
        correction: Correction | None = None,
        rules: Mapping[str, bytes] | None = None,
    ) -> ScoredYear:
        """Add a run to its year and return it with its place in the chain.

        ``correction`` says why it takes the place of the run before. ``rules`` are the files it was computed by, path
        under ``data/`` → bytes; without them the run cannot be replayed.
        When the newest run of the year says the same, nothing is added and that run is returned. Refused when the
        year's chain is broken or does not reach its head, its newest run was altered, another process is writing, or
        the disk says no; then the store is as before, or has the new run whole.
        """
        content = content_sha256(scored)
        with disk.refusing(self.folder), disk.sole_writer(self.folder):
            self._refuse_broken(scored.year)
            runs = self.run_folders(scored.year)
            newest = read_manifest(runs[-1]) if runs else None
            self._clear_leftovers(scored.year)
            self._write_heads()
            if newest and newest.content == content:
                return self._read(runs[-1])
            manifest = self._manifest_after(newest, scored, content, correction, rules or {})
            with disk.whole_folder(self.year_folder(scored.year) / manifest.run_id) as scratch:
                manifest = write_run(scratch, scored, manifest)
            self._write_heads()
        return replace(
            scored,
            run_id=manifest.run_id,
            previous=manifest.previous,
            sha256=manifest.sha256,
            supersedes=manifest.supersedes,
            correction=manifest.correction,
            standing_since=self._standing_since(manifest),
        )

    def latest(self, year: int) -> ScoredYear:
        """The newest run of a year. Refused when there is none, it was altered, or the heads name a newer one."""
        self._refuse_cut_off((year,))
        return self._read(self._some_runs(year)[-1])

    def at(self, year: int, run: str) -> ScoredYear:
        """A run of the year by its number, its id or how that begins. Refused when it is not one run, or altered."""
        return self._read(self.year_folder(year) / self.manifest(year, run).run_id)

    def manifest(self, year: int, run: str) -> Manifest:
        """The manifest of a run of the year, named as in ``at``. Refused when it is not one run, or altered."""
        folders = self._some_runs(year)
        found = [folder for folder in folders if run.isdecimal() and run_number(folder) == int(run)]
        found = found or [folder for folder in folders if run and folder.name.startswith(run)]
        if len(found) != 1:
            facts = {"found": run, "year": str(year), "expected": "、".join(folder.name for folder in folders)}
            raise Refused([Problem("store-run-unknown", "stop", facts=facts)])
        manifest = intact_manifest(found[0])
        if manifest is None:
            raise Refused(run_problems(found[0], self.shown(found[0])))
        return manifest

    def heads(self) -> dict[int, str]:
        """Year → the hash of its newest run: what everything made from the store depends on."""
        return {year: read_manifest(self.run_folders(year)[-1]).sha256 for year in self.years()}

    def holds(self, year: int, sha256: str) -> bool:
        """Whether a run with this hash is in the year's chain."""
        return any(manifest.sha256 == sha256 for manifest in self._intact(year))

    def holds_extract(self, year: int, unit: str, printed: str) -> bool:
        """Whether a run of the year says of the unit what has this hash, or one that begins so: its brief prints it."""
        found = (manifest.extracts.get(unit, "") for manifest in self._intact(year))
        return bool(printed) and any(sha256.startswith(printed) for sha256 in found)

    def years(self) -> tuple[int, ...]:
        """Years that may be compared, oldest first: once one is real, those of the made-up sample are left out."""
        manifests = {year: intact_manifest(self.run_folders(year)[-1]) for year in self.all_years()}
        real = tuple(year for year, manifest in manifests.items() if manifest is None or not manifest.synthetic)
        return real or tuple(manifests)

    def all_years(self) -> tuple[int, ...]:
        """Years with a run, oldest first."""
        folders = (self.folder / "scored").glob("[12][0-9][0-9][0-9]")
        return tuple(sorted(int(folder.name) for folder in folders if self.run_folders(int(folder.name))))

    def tables(self) -> ScoreTables:
        """The newest run of every year as frames of floats, for analysis. Refused as ``latest`` is."""
        self._refuse_cut_off()
        newest = [self.run_folders(year)[-1] for year in self.years()]
        if altered := [problem for run in newest for problem in run_problems(run, self.shown(run))]:
            raise Refused(altered)
        return load_tables({run: read_manifest(run) for run in newest})

    def verify(self) -> tuple[Problem, ...]:
        """What was altered, is missing, does not follow or does not belong here: heads, chains, tables, kept bytes."""
        problems: list[Problem] = []
        for problem in integrity.store_problems(self):
            if problem not in problems:
                problems.append(problem)
        return tuple(problems)

    def run_folders(self, year: int) -> list[Path]:
        """The folders of the year's runs, oldest first, as they stand."""
        folder = self.year_folder(year)
        found = [path for path in folder.iterdir() if _RUN.fullmatch(path.name)] if folder.is_dir() else []
        return sorted(found, key=lambda path: (run_number(path), path.name))

    def year_folder(self, year: int) -> Path:
        return self.folder / "scored" / str(year)

    def blob(self, kind: str, sha256: str) -> Path:
        """Where bytes are kept by their hash; ``kind`` is ``received`` or ``kept``."""
        return self.folder / kind / sha256[:2] / sha256

    def shown(self, path: Path) -> str:
        """A path as problems name it."""
        return path.relative_to(self.folder).as_posix()

    def _some_runs(self, year: int) -> list[Path]:
        if runs := self.run_folders(year):
            return runs
        scored = "、".join(map(str, self.all_years())) or "—"
        raise Refused([Problem("store-year-missing", "stop", facts={"found": str(year), "expected": scored})])

    def _read(self, run: Path) -> ScoredYear:
        if altered := run_problems(run, self.shown(run)):
            raise Refused(altered)
        manifest = read_manifest(run)
        return replace(read_run(run, manifest), standing_since=self._standing_since(manifest))

    def _standing_since(self, manifest: Manifest) -> dict[str, Head]:
        """Unit → the run since which what the record says of it is the same, up to the run of ``manifest``.

        Printed in the unit's brief it anchors the chain up to there, and stays as it is while only others change.
        """
        since = {unit: Head(manifest.run_id, manifest.sha256) for unit in manifest.extracts}
        unchanged = set(since)
        for earlier in reversed(self._intact(manifest.year)):
            if run_number(Path(earlier.run_id)) >= run_number(Path(manifest.run_id)):
                continue
            unchanged = {unit for unit in unchanged if earlier.extracts.get(unit) == manifest.extracts[unit]}
            since |= {unit: Head(earlier.run_id, earlier.sha256) for unit in unchanged}
            if not unchanged:
                break
        return since

    def _intact(self, year: int) -> list[Manifest]:
        found = (intact_manifest(run) for run in self.run_folders(year))
        return [manifest for manifest in found if manifest is not None]

    def _newest(self) -> dict[int, Manifest]:
        """Year → the manifest of its newest run, of every year whose newest run has one."""
        found = {year: intact_manifest(self.run_folders(year)[-1]) for year in self.all_years()}
        return {year: manifest for year, manifest in found.items() if manifest is not None}

    def _refuse_broken(self, year: int) -> None:
        """Refused when a run of this year cannot be followed by another."""
        if broken := tuple(integrity.chain_problems(self, year)):
            raise Refused(broken)
        self._refuse_cut_off((year,))
        runs = self.run_folders(year)
        if runs and (altered := run_problems(runs[-1], self.shown(runs[-1]))):
            raise Refused(altered)

    def _refuse_cut_off(self, years: tuple[int, ...] | None = None) -> None:
        """Refused when the newest run on disk of one of the years, or of any, is not the newest there has been."""
        found = integrity.heads_problems(self, years)
        if stops := [problem for problem in found if problem.severity == "stop"]:
            raise Refused(stops)

    def _manifest_after(
        self,
        newest: Manifest | None,
        scored: ScoredYear,
        content: str,
        correction: Correction | None,
        rules: Mapping[str, bytes],
    ) -> Manifest:
        """What the manifest of the next run says before its tables are written. Keeps the bytes of the rules."""
        number = int(newest.run_id.partition("-")[0]) + 1 if newest else 1
        return Manifest(
            run_id=f"{number:04d}-{content[:12]}",
            year=scored.year,
            previous=newest.sha256 if newest else "",
            content=content,
            synthetic=scored.synthetic,
            status=scored.status,
            code_version=scored.code_version,
            files={},
            supersedes=newest.run_id if newest else "",
            correction=correction or NO_CORRECTION,
            received={source.name: source.sha256 for source in scored.sources if source.sha256},
            rules={name: self._keep("kept", data) for name, data in sorted(rules.items())},
            beside={str(year): found.sha256 for year, found in self._newest().items() if year != scored.year},
            extracts={card.unit: extract_sha256(scored, card.unit) for card in scored.cards},
        )

    def _write_heads(self) -> None:
        """Bring the heads up to the runs. Where a chain does not reach its head, the head stays: it is the evidence."""
        scored = self.folder / "scored"
        known = (read_heads(scored) or {}) if (scored / HEADS).is_file() else {}
        newest = {year: Head(manifest.run_id, manifest.sha256) for year, manifest in self._newest().items()}
        lost = {year: head for year, head in known.items() if not self.holds(year, head.sha256)}
        write_heads(scored, newest | lost)

    def _clear_leftovers(self, year: int) -> None:
        """Delete what killed writers left behind. Call it only while holding the lock."""
        for folder in (self.folder / "scored", self.year_folder(year)):
            folder.mkdir(parents=True, exist_ok=True)
            disk.clear_leftovers(folder)
        for kind in ("received", "kept"):
            for folder in (self.folder / kind).glob("??"):
                disk.clear_leftovers(folder)

    def _keep(self, kind: str, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.blob(kind, sha256)
        if not path.is_file() or path.stat().st_size != len(content):
            disk.put_file(path, content)
        return sha256

    def _bytes(self, kind: str, sha256: str) -> bytes:
        path = self.blob(kind, sha256)
        try:
            return path.read_bytes()
        except OSError:
            facts = {"found": sha256[:12], "place": kind}
            raise Refused([Problem("store-kept-missing", "stop", file=self.shown(path), facts=facts)]) from None


def run_number(run: Path) -> int:
    return int(run.name.partition("-")[0])
