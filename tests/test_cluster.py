"""The same tasks on a dask cluster whose workers share a folder with us: the same bytes, also when a worker is lost."""

from __future__ import annotations

import os
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import batch_faults as faults
import pytest

from analytics.batch import Done, run_tasks
from analytics.batch.cluster import cluster_workers, run_apart
from analytics.batch.notebook import run_notebook
from analytics.problems import Refused
from analytics.workspace import REPOSITORY

pytestmark = pytest.mark.filterwarnings("default")  # dask's own are not ours to mend


def test_a_cluster_without_dask_or_without_an_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Refused, match="pip install"), cluster_workers("tcp://127.0.0.1:9", 1):
        pass


def made(base: Path, **options: Any) -> dict[str, bytes]:
    results = run_tasks(faults.tasks_in(base), base / "reports", 2, **options)
    assert all(isinstance(result, Done) for result in results), results
    briefs = base / "reports" / "briefs"
    return {p.relative_to(briefs).as_posix(): p.read_bytes() for p in sorted(briefs.rglob("*")) if p.is_file()}


def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed", reason="dask is not installed: pip install distributed")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")]))
    here = made(faults.prepare(tmp_path / "here"))
    there = faults.prepare(tmp_path / "there")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        threading.Thread(target=kill_one, args=(cluster, there / "reports"), daemon=True).start()
        found = made(there, start=partial(cluster_workers, cluster.scheduler_address), work=run_apart)
    assert killed
    assert found == here
    assert run_notebook is not run_apart


killed: list[int] = []


def kill_one(cluster: Any, reports: Path) -> None:
    """Kill -9 of a worker once the first notebook is being run."""
    while not list(reports.rglob(".new-*/*")):
        time.sleep(0.02)
    worker = next(iter(cluster.workers.values()))
    pid = worker.process.pid if hasattr(worker, "process") else worker.pid
    killed.append(pid)
    os.kill(pid, 9)
