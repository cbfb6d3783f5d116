"""Scores, explains and reports a district's yearly work-safety and fire-safety assessment."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Problem": "analytics.problems",
    "Refused": "analytics.problems",
    "Workspace": "analytics.workspace",
    "UnitKind": "analytics.units",
    "UnitRegistry": "analytics.units",
    "Rubric": "analytics.rubric",
    "Policy": "analytics.policy",
    "YearRules": "analytics.policy",
    "receive": "analytics.intake",
    "score_year": "analytics.scoring",
    "explain": "analytics.scoring",
    "ScoreStore": "analytics.store",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first used, so that ``import analytics`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
