"""The same tasks on a dask.distributed cluster, whose workers share a folder with us and nothing else.

The extra ``cluster`` in pyproject.toml brings dask; nothing imports it before ``--scheduler`` is given.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import uuid
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

from analytics.batch.notebook import APART, ASIDE, USUAL, Engine, Limits, run_notebook
from analytics.batch.plan import Task
from analytics.batch.worker import kernel_environment
from analytics.problems import Problem, Refused

RETRIES = 3  # of a task whose worker was lost
CONNECT_SECONDS = 30


@contextlib.contextmanager
def cluster_workers(address: str, jobs: int) -> Iterator[Executor]:
    """The cluster whose scheduler is at ``address``. ``jobs`` bounds how many tasks are handed out at a time.

    Refused when dask is not installed or the scheduler does not answer. A task whose worker is lost runs again
    elsewhere, ``RETRIES`` times. When the block ends early, what waits there is cancelled.
    """
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise Refused([Problem("cluster-missing", "stop", facts={"found": address})]) from None
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        facts = {"found": address, "place": str(error)[:100]}
        raise Refused([Problem("cluster-silent", "stop", facts=facts)]) from None
    executor = client.get_executor(pure=False, retries=RETRIES)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False)  # which also cancels
        client.close()


def run_apart(task: Task, scratch: Path, limits: Limits = USUAL, engine: Engine = "warm") -> Problem | None:
    """``run_notebook`` in a folder of its own, whose files then move to ``scratch``: a worker that was given up for
    lost may still be writing while another does the task again. Both write the same bytes. What a killed one leaves
    is not published.
    """
    os.environ.update(kernel_environment())
    own = scratch / f"{APART}{uuid.uuid4().hex}"
    own.mkdir()
    try:
        problem = run_notebook(task, own, limits, engine)
        names = [ASIDE] if problem else [Path(name).name for name in task.made]
        for name in names:
            if (own / name).is_file():
                (own / name).replace(scratch / name)
    finally:
        shutil.rmtree(own, ignore_errors=True)
    return problem
