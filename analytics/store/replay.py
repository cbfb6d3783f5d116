"""A past run computed again from what the store kept of its day: inputs, rules, and the other years as they stood."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path, PurePosixPath

from analytics.policy import YearRules
from analytics.problems import Problem, Refused
from analytics.store import disk
from analytics.store.code_version import code_version
from analytics.store.heads import Head, write_heads
from analytics.store.manifest import Manifest
from analytics.store.run_folder import content_sha256, extract_sha256
from analytics.store.score_store import ScoreStore
from analytics.store.scored_year import ScoredYear, score_received
from analytics.units import UnitRegistry
from analytics.workspace import Inbox, Workspace


@dataclass(frozen=True, slots=True)
class Difference:
    """A unit of which the replay says something else than the run did; its totals then and now, None: undecided."""

    unit: str
    name: str
    stored: Decimal | None
    replayed: Decimal | None

    def __str__(self) -> str:
        was, now = ("待裁定" if total is None else f"{total:f}" for total in (self.stored, self.replayed))
        return f"{self.name}{was}→{now}" if was != now else f"{self.name}总分相同但记录不同"


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of computing a run again. ``same``: every record is equal, so all totals are."""

    run_id: str
    year: int
    same: bool
    totals: int
    differences: tuple[Difference, ...]
    code_then: str
    code_now: str

    @property
    def lines(self) -> tuple[str, ...]:
        """In one line whether it agrees, and what differs; then, when the code is another, which."""
        if self.same:
            said = f"重放一致：{self.year}年度批次{self.run_id}，{self.totals}个单位的总分和全部记录相同"
        else:
            units = "；".join(map(str, self.differences)) or "各单位记录相同，收件记录或细则文字不同"
            said = f"重放不一致：{self.year}年度批次{self.run_id}：{units}"
        if self.code_then == self.code_now:
            return (said,)
        return said, f"程序版本不同：当时 {self.code_then}，现在 {self.code_now}"


def rebuild(store: ScoreStore, year: int, run: str, root: Path) -> Workspace:
    """Fill an empty folder with the workspace as it was at a run: rules, inbox, and the store up to that run.

    The year's chain ends at the run, the other years' at the heads that stood beside it. Refused when the folder holds
    anything, the run is unknown or kept no rules, or something it rests on is missing.
    """
    manifest = store.manifest(year, run)
    if not manifest.rules:
        file = store.shown(store.year_folder(year) / manifest.run_id)
        raise Refused([Problem("store-run-without-rules", "stop", file=file)])
    if root.is_dir() and any(root.iterdir()):
        raise Refused([Problem("replay-folder-not-empty", "stop", file=str(root))])
    workspace = Workspace(root)
    chains = {year: _chain(store, year, manifest.sha256)}
    chains |= {int(other): _chain(store, int(other), sha256) for other, sha256 in manifest.beside.items()}
    scored = store.at(year, manifest.run_id)
    with disk.refusing(root):
        for name, sha256 in _rules(manifest, chains).items():
            _write(workspace.data, name, store.kept(sha256))
        inbox = workspace.sample(year) if scored.synthetic else workspace.incoming(year)
        inbox.mkdir(parents=True)
        for name, sha256 in _loose_files(scored):
            _write(inbox, name, store.received(sha256))
        _copy_store(store, chains, ScoreStore(workspace.store))
    return Workspace.open(root)


def compute_again(workspace: Workspace, year: int) -> Replay:
    """Receive and score the year of a rebuilt workspace, and compare with the run at the end of its chain.

    Files that were never read (links, litter, names in no encoding) left no bytes; their records are taken over.
    """
    from analytics.intake import receive

    store = ScoreStore(workspace.store)
    stored = store.latest(year)
    registry = UnitRegistry.load(workspace.units)
    rules = YearRules.load(workspace, registry, year)
    folder = workspace.sample(year) if stored.synthetic else workspace.incoming(year)
    again = score_received(rules, registry, receive(workspace, registry, rules, Inbox(folder, stored.synthetic)))
    unread = [submission for submission in stored.submissions if not submission.source.sha256]
    read = [submission for submission in again.submissions if submission.source.sha256]
    again = replace(again, submissions=tuple(sorted([*read, *unread], key=lambda s: s.source)))
    return Replay(
        run_id=stored.run_id,
        year=year,
        same=content_sha256(again) == content_sha256(stored),
        totals=sum(card.total is not None for card in stored.cards),
        differences=tuple(_differences(stored, again)),
        code_then=stored.code_version,
        code_now=code_version(),
    )


def _differences(stored: ScoredYear, again: ScoredYear) -> Iterator[Difference]:
    names = {named.unit: named.name for named in (*again.units, *stored.units)}
    for unit in sorted(names):
        if extract_sha256(stored, unit) != extract_sha256(again, unit):
            was, now = (next((card.total for card in y.cards if card.unit == unit), None) for y in (stored, again))
            yield Difference(unit, names[unit], was, now)


def _chain(store: ScoreStore, year: int, sha256: str) -> list[Manifest]:
    """The year's runs up to the one with this hash. Refused when it is not there, or one before it was altered."""
    chain = []
    for folder in store.run_folders(year):
        chain.append(store.manifest(year, folder.name))
        if chain[-1].sha256 == sha256:
            return chain
    facts = {"found": sha256[:12], "year": str(year), "expected": "、".join(found.run_id for found in chain) or "—"}
    raise Refused([Problem("store-run-unknown", "stop", facts=facts)])


def _rules(manifest: Manifest, chains: Mapping[int, list[Manifest]]) -> dict[str, str]:
    """The run's rules, and the rubrics of the years beside it."""
    rules = dict(manifest.rules)
    for year, chain in chains.items():
        rules |= {n: sha256 for n, sha256 in chain[-1].rules.items() if n.startswith(f"rubrics/{year}/")}
    return rules


def _loose_files(scored: ScoredYear) -> Iterator[tuple[str, str]]:
    """Name and hash of each received file with bytes; not those that lay in an archive, which brings them along."""
    names = {source.name for source in scored.sources}
    for source in scored.sources:
        archived = any(parent.as_posix() in names for parent in PurePosixPath(source.name).parents)
        if source.sha256 and not archived:
            yield source.name, source.sha256


def _write(folder: Path, name: str, content: bytes) -> None:
    path = folder.joinpath(*PurePosixPath(name).parts)
    if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute():  # no writer of ours makes such a name
        raise Refused([Problem("store-file-unknown", "stop", file=name)])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _copy_store(store: ScoreStore, chains: Mapping[int, list[Manifest]], copy: ScoreStore) -> None:
    """The runs of the chains, what they rest on, and the heads as they were."""
    for year, chain in chains.items():
        for manifest in chain:
            folder = store.year_folder(year) / manifest.run_id
            shutil.copytree(folder, copy.year_folder(year) / manifest.run_id)
            for sha256 in manifest.received.values():
                copy.keep(store.received(sha256))
            for sha256 in manifest.rules.values():
                _write(copy.folder, copy.shown(copy.blob("kept", sha256)), store.kept(sha256))
    heads = {year: Head(chain[-1].run_id, chain[-1].sha256) for year, chain in chains.items()}
    write_heads(copy.folder / "scored", heads)
