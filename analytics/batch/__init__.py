"""Notebooks in batch: what is to be made and from what, run warm or in fresh kernels, published whole, written down."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analytics.batch.ledger import Ledger
    from analytics.batch.manifest import manifest_problems, published_years, write_manifest
    from analytics.batch.plan import Task, plan_briefs, plan_notebooks
    from analytics.batch.run import Done, Failed, failures, run_tasks
    from analytics.batch.warm.preload import Warmth
    from analytics.batch.worker import fresh_workers, local_workers, warming

_HOMES = {
    "Ledger": "ledger",
    "manifest_problems": "manifest",
    "published_years": "manifest",
    "write_manifest": "manifest",
    "Task": "plan",
    "plan_briefs": "plan",
    "plan_notebooks": "plan",
    "Done": "run",
    "Failed": "run",
    "failures": "run",
    "run_tasks": "run",
    "Warmth": "warm.preload",
    "fresh_workers": "worker",
    "local_workers": "worker",
    "warming": "worker",
}
__all__ = [
    "Done", "Failed", "Ledger", "Task", "Warmth", "failures", "fresh_workers", "local_workers", "manifest_problems",
    "plan_briefs", "plan_notebooks", "published_years", "run_tasks", "warming", "write_manifest",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load a name when it is first used: papermill imports our engine, and with it this package, at every start."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"analytics.batch.{_HOMES[name]}"), name)
