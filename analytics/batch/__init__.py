"""Notebooks in batch: what is to be made and from what, run warm or in fresh kernels, published whole, and written down."""

from analytics.batch.ledger import Ledger
from analytics.batch.manifest import manifest_problems, published_years, write_manifest
from analytics.batch.plan import Task, plan_briefs, plan_notebooks
from analytics.batch.run import Done, Failed, failures, run_tasks
from analytics.batch.worker import fresh_workers, local_workers

__all__ = [
    "Done", "Failed", "Ledger", "Task", "failures", "fresh_workers", "local_workers", "manifest_problems", "plan_briefs",
    "plan_notebooks", "published_years", "run_tasks", "write_manifest",
]  # fmt: skip
