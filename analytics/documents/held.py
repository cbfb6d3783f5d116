"""What a process has read already and need not read again: each brief of a batch needs the same years and rules."""

from __future__ import annotations

import hashlib

from analytics.policy import YearRules
from analytics.store import ScoredYear, ScoreStore
from analytics.units import UnitRegistry
from analytics.workspace import Workspace

_years: dict[str, ScoredYear] = {}  # by the hash of their run
_rules: dict[str, tuple[UnitRegistry, YearRules]] = {}  # by the hash of their files


def hold(workspace: Workspace, year: int) -> ScoredYear:
    """Read the newest run of the year and of those before, and its rules, for this process and what it forks.

    Returns the year. Refused as ``ScoreStore.latest`` and ``YearRules.load`` are.
    """
    years = through(ScoreStore(workspace.store), year)
    _years.update({one.sha256: one for one in years})
    _rules[_fingerprint(workspace, year)] = rules_of(workspace, year)
    return years[-1]


def latest(store: ScoreStore, year: int) -> ScoredYear:
    """``store.latest``, without reading it again when the newest run of the year is one that is held."""
    head = store.heads().get(year, "") if _years else ""
    return _years.get(head) or store.latest(year)


def through(store: ScoreStore, year: int) -> tuple[ScoredYear, ...]:
    """The newest run of each year that may be compared with this one, from the first to this one, as ``latest``."""
    heads = store.heads()
    before = (_years.get(head) or store.latest(one) for one, head in heads.items() if one < year)
    return (*before, _years.get(heads.get(year, "")) or store.latest(year))


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
