"""Run tasks: skip what is done, run the rest on any executor, publish each result whole, and write it down."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from analytics.batch.ledger import Ledger
from analytics.batch.plan import Task
from analytics.batch.worker import local_workers, run_notebook
from analytics.problems import Problem
from analytics.store import disk

Start = Callable[[int], AbstractContextManager[Executor]]
Work = Callable[[Task, Path], Problem | None]


@dataclass(frozen=True, slots=True)
class Done:
    """A task whose files are in place. ``skipped``: they were before; ``seconds`` is the time since the batch began."""

    task: Task
    skipped: bool
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that left nothing new behind, and why."""

    task: Task
    problem: Problem


Result = Done | Failed


def run_tasks(
    tasks: Sequence[Task],
    reports: Path,
    jobs: int = 1,
    on_done: Callable[[Result], None] = lambda result: None,
    start: Start = local_workers,
    work: Work = run_notebook,
) -> tuple[Result, ...]:
    """Bring every task's files into ``reports``, and say for each how it went, in the order of ``tasks``.

    A task fails alone. ``start(jobs)`` gives the executor; ``work`` runs there and must be importable by its processes.
    ``on_done`` hears each result as it comes. Refused when another batch is at work in the folder, or the disk says no.
    """
    results: dict[str, Result] = {}
    began = time.monotonic()

    def note(result: Result) -> None:
        results[result.task.id] = result
        on_done(result)

    with disk.refusing(reports), disk.sole_writer(reports):
        ledger = Ledger(reports)
        waiting = []
        for task in tasks:
            disk.clear_leftovers((reports / task.target).parent)
            if ledger.state(task) == "done":
                note(Done(task, skipped=True))
            else:
                waiting.append(task)
        unfinished = _run(waiting, reports, ledger, jobs, start, work, note, began)
        # A worker that dies takes its executor along, whoever was at fault; alone, only the culprit fails.
        for task in unfinished:
            if _run([task], reports, ledger, 1, start, work, note, began):
                note(Failed(task, _task_problem(task, "worker-died")))
    return tuple(results[task.id] for task in tasks)


def _run(
    tasks: Sequence[Task],
    reports: Path,
    ledger: Ledger,
    jobs: int,
    start: Start,
    work: Work,
    note: Callable[[Result], None],
    began: float,
) -> list[Task]:
    """Run tasks on one executor. Returns those that it did not finish because it broke."""
    if not tasks:
        return []
    unfinished = []
    scratches: dict[Future[Problem | None], tuple[Task, Path]] = {}
    try:
        with start(min(jobs, len(tasks))) as executor:
            for task in tasks:
                scratch = disk.scratch_beside(reports / task.target)
                try:
                    scratches[executor.submit(work, task, scratch)] = (task, scratch)
                except BrokenExecutor:
                    unfinished.append(task)
            for future in as_completed(scratches):
                task, scratch = scratches[future]
                error = future.exception()
                if isinstance(error, BrokenExecutor):
                    unfinished.append(task)
                    continue
                problem = _said_of(task, error, reports) if error else future.result()
                problem = problem or _publish(task, scratch, reports, ledger)
                note(Failed(task, problem) if problem else Done(task, False, time.monotonic() - began))
    finally:
        for _, scratch in scratches.values():
            shutil.rmtree(scratch, ignore_errors=True)
    return unfinished


def _publish(task: Task, scratch: Path, reports: Path, ledger: Ledger) -> Problem | None:
    """Give a finished result its place, whole, and then write it down. The Problem when the disk refuses."""
    final = reports / task.target
    try:
        if task.files:
            disk.put_folder(scratch, final)
        else:
            for name in task.made:
                disk.put_file(reports / name, (scratch / Path(name).name).read_bytes())
        ledger.add(task)
    except OSError as error:
        return disk.disk_problem(error, final)
    return None


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
