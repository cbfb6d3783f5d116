"""What a process was given instead of having to read it: each brief of a batch needs the same years and rules."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable

from analytics.policy import YearRules
from analytics.store import ScoredYear, ScoreStore
from analytics.units import UnitRegistry
from analytics.workspace import Workspace

_years: dict[str, ScoredYear] = {}  # by the hash of their run
_rules: dict[str, tuple[UnitRegistry, YearRules]] = {}  # by the hash of their files
_taken: list[tuple[Workspace, int, ScoredYear]] = []
_to_give: list[tuple[Workspace, int, tuple[ScoredYear, ...]]] = []


def remember(workspace: Workspace, year: int, years: Iterable[ScoredYear]) -> None:
    """Keep this for ``given``, in place of what was kept before. Nothing in this process reads less for it."""
    _to_give[:] = [(workspace, year, tuple(years))]


def given() -> bytes:
    """What was remembered, as bytes for ``take`` in another process of the same code."""
    return pickle.dumps(_to_give[0], protocol=pickle.HIGHEST_PROTOCOL) if _to_give else b""


def take(content: bytes) -> None:
    """Hold what another process of ours has ``given``. Never for bytes from elsewhere: a pickle can run code."""
    workspace, year, years = pickle.loads(content)
    _years.update({one.sha256: one for one in years})
    _taken[:] = [(workspace, year, years[-1])]
    fingerprint = _fingerprint(workspace, year)
    _rules[fingerprint] = rules_of(workspace, year)


def first_unit() -> tuple[Workspace, int, str] | None:
    """A unit that what was taken is about; None when nothing was."""
    for workspace, year, scored in _taken:
        for card in scored.cards:
            return workspace, year, card.unit
    return None


def latest(store: ScoreStore, year: int) -> ScoredYear:
    """``store.latest``, without reading it again when the newest run of the year is one that is held."""
    head = store.heads().get(year, "") if _years else ""
    return _years.get(head) or store.latest(year)


def rules_of(workspace: Workspace, year: int) -> tuple[UnitRegistry, YearRules]:
    """The units and the year's rules, read anew only when a file says something else than what is held."""
    found = _rules.get(_fingerprint(workspace, year)) if _rules else None
    if found is None:
        registry = UnitRegistry.load(workspace.units)
        found = registry, YearRules.load(workspace, registry, year)
    return found


def _fingerprint(workspace: Workspace, year: int) -> str:
    digest = hashlib.sha256(str(year).encode())
    scales = workspace.lookups / "severity_scales.csv"
    for path in (workspace.units, scales, *sorted(workspace.rubrics(year).glob("*"))):
        if path.is_file():
            digest.update(f"\n{path.name}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
