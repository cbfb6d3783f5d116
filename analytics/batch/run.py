"""Run tasks: skip what is done, run the rest on any executor, publish each result whole, and write it down."""

from __future__ import annotations

import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field
from pathlib import Path

from analytics.batch.ledger import Ledger
from analytics.batch.notebook import APART, ASIDE, run_notebook
from analytics.batch.plan import Task
from analytics.batch.worker import Start, local_workers
from analytics.problems import Problem
from analytics.store import disk

Work = Callable[[Task, Path], Problem | None]
FAILED = "failed"  # where, in a year's reports, notebooks of tasks that failed are kept for looking at
AHEAD = 2  # tasks handed out for each job: the next is there when one ends, and few folders are prepared


@dataclass(frozen=True, slots=True)
class Done:
    """A task whose files are in place. ``skipped``: they were before; ``seconds`` is the time since the batch began."""

    task: Task
    skipped: bool
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that left nothing new behind, why, and where its notebook was kept as far as it came."""

    task: Task
    problem: Problem
    kept: Path | None = None


Result = Done | Failed


@dataclass(slots=True)
class _Batch:
    """What the steps of a running batch share."""

    reports: Path
    ledger: Ledger
    start: Start
    work: Work
    on_start: Callable[[Task], None]
    on_done: Callable[[Result], None]
    began: float = field(default_factory=time.monotonic)
    results: dict[str, Result] = field(default_factory=dict)

    def note(self, result: Result) -> None:
        self.results[result.task.id] = result
        self.on_done(result)


def run_tasks(
    tasks: Sequence[Task],
    reports: Path,
    jobs: int = 1,
    on_done: Callable[[Result], None] = lambda result: None,
    start: Start = local_workers,
    work: Work = run_notebook,
    on_start: Callable[[Task], None] = lambda task: None,
) -> tuple[Result, ...]:
    """Bring every task's files into ``reports``, and say for each how it went, in the order of ``tasks``.

    A task fails alone. ``start(jobs)`` gives the executor; ``work`` runs there and must be importable by its processes.
    ``on_start`` hears of a task when it is handed out, ``on_done`` of each result as it comes. Refused when another
    batch is at work in the folder, or the disk says no.
    """
    with disk.refusing(reports), disk.sole_writer(reports):
        batch = _Batch(reports, Ledger(reports), start, work, on_start, on_done)
        waiting = []
        for task in tasks:
            if batch.ledger.state(task) == "done":
                batch.note(Done(task, skipped=True))
            else:
                waiting.append(task)
        for folder in {(reports / task.target).parent for task in tasks}:
            disk.clear_leftovers(folder)
        unfinished = _run(batch, waiting, jobs)
        # A worker that dies takes its executor along, whoever was at fault; alone, only the culprit fails.
        for task in unfinished:
            if _run(batch, [task], 1):
                batch.note(Failed(task, _task_problem(task, "worker-died")))
    return tuple(batch.results[task.id] for task in tasks)


def _run(batch: _Batch, tasks: Sequence[Task], jobs: int) -> list[Task]:
    """Run tasks on one executor. Returns those that it did not finish because it broke."""
    if not tasks:
        return []
    waiting, unfinished = deque(tasks), []
    running: dict[Future[Problem | None], tuple[Task, Path]] = {}
    jobs = min(jobs, len(tasks))
    try:
        with batch.start(jobs) as executor:
            while waiting or running:
                while waiting and len(running) < AHEAD * jobs:
                    task = waiting.popleft()
                    scratch = disk.scratch_beside(batch.reports / task.target)
                    batch.on_start(task)
                    try:
                        running[executor.submit(batch.work, task, scratch)] = (task, scratch)
                    except BrokenExecutor:
                        shutil.rmtree(scratch, ignore_errors=True)
                        unfinished += [task, *waiting]
                        waiting.clear()
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    task, scratch = running[future]
                    if _finish(batch, task, scratch, future):
                        unfinished.append(task)
                    del running[future]
                    shutil.rmtree(scratch, ignore_errors=True)
    finally:
        for _, scratch in running.values():
            shutil.rmtree(scratch, ignore_errors=True)
    return unfinished


def _finish(batch: _Batch, task: Task, scratch: Path, future: Future[Problem | None]) -> bool:
    """Publish what came of a task, or say why not. True when its executor broke under it."""
    error = future.exception()
    if isinstance(error, BrokenExecutor):
        return True
    problem = _said_of(task, error, batch.reports) if error else future.result()
    kept = _set_aside(task, scratch, batch.reports) if problem else None
    problem = problem or _publish(task, scratch, batch)
    batch.note(Failed(task, problem, kept) if problem else Done(task, False, time.monotonic() - batch.began))
    return False


def _publish(task: Task, scratch: Path, batch: _Batch) -> Problem | None:
    """Give a finished result its place, whole, and then write it down. The Problem when the disk refuses."""
    final = batch.reports / task.target
    try:
        if task.files:
            for left in scratch.glob(f"{APART}*"):  # by a worker that was lost
                shutil.rmtree(left, ignore_errors=True)
            disk.put_folder(scratch, final)
        else:
            for name in task.made:
                disk.put_file(batch.reports / name, (scratch / Path(name).name).read_bytes())
        batch.ledger.add(task)
    except OSError as error:
        return disk.disk_problem(error, final)
    shutil.rmtree(_place_aside(task, batch.reports), ignore_errors=True)
    return None


def _set_aside(task: Task, scratch: Path, reports: Path) -> Path | None:
    """Keep the notebook of a task that failed where someone may look at it; None when there is none, or no room."""
    kept = _place_aside(task, reports) / task.record
    try:
        disk.put_file(kept, (scratch / ASIDE).read_bytes())
    except OSError:
        return None
    return kept


def _place_aside(task: Task, reports: Path) -> Path:
    return reports / FAILED / task.target / Path(task.record).stem


def _said_of(task: Task, error: BaseException, reports: Path) -> Problem:
    """An error of a worker in words. A disk's refusal names the result, not the passing file that met it."""
    if isinstance(error, OSError) and error.errno:
        return disk.disk_problem(OSError(error.errno, error.strerror), reports / task.target)
    return _task_problem(task, "task-failed", repr(error))


def _task_problem(task: Task, code: str, found: str = "") -> Problem:
    return Problem(code, "stop", file=task.notebook.name, facts={"name": task.name, "found": found})


def failures(results: Iterable[Result]) -> tuple[Failed, ...]:
    """The tasks that failed."""
    return tuple(result for result in results if isinstance(result, Failed))
