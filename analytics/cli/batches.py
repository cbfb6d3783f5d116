"""Running a batch from a command: its options, its bar, and its summary, also when it is stopped halfway."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.cli.session import Session

if TYPE_CHECKING:
    from rich.progress import Progress

    from analytics.batch import Failed, Task
    from analytics.batch.notebook import Engine
    from analytics.batch.run import Result, Work
    from analytics.batch.worker import Start

Jobs = Annotated[int | None, typer.Option(min=1, max=64, help="同时做几份 · how many at a time")]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="warm|fresh",
        help="warm：由预热好的进程分出（仅 Linux，其他系统自动用 fresh）；fresh：每份用新内核 · "
        "warm: forked from a prepared process, on Linux; fresh: a new kernel for each",
    ),
]
SchedulerOption = Annotated[
    str,
    typer.Option("--scheduler", metavar="ADDRESS", help="交给 dask 集群（tcp://…）· hand the briefs to a dask cluster"),
]
MOST_JOBS = 8  # each takes about 100 MB, or 300 MB with a fresh kernel


def usual_jobs() -> int:
    """One for each processor, within reason."""
    return min(os.cpu_count() or 1, MOST_JOBS)


def chosen_engine(engine: str) -> Engine:
    """The engine by its name. BadParameter for another."""
    if engine == "warm":
        return "warm"
    if engine == "fresh":
        return "fresh"
    raise typer.BadParameter(f"{engine}: warm | fresh", param_hint="--engine")


@dataclass(frozen=True, slots=True)
class Way:
    """Where tasks run, and what runs one."""

    start: Start
    work: Work


@contextmanager
def way(
    session: Session, year: int, notebooks: Iterable[Path], engine: str = "warm", scheduler: str = ""
) -> Iterator[Way]:
    """The way that was asked for. What it needs for these notebooks of the year starts now, while they are planned."""
    from analytics.batch import Warmth, fresh_workers, warming

    chosen = chosen_engine(engine)
    if scheduler:
        from analytics.batch.cluster import cluster_workers, run_apart

        yield Way(partial(cluster_workers, scheduler), partial(run_apart, engine=chosen))
        return
    warmth = Warmth.of(notebooks, session.workspace.root.as_posix(), year)
    with nullcontext(fresh_workers) if chosen == "fresh" else warming(warmth) as start:
        from analytics.batch.notebook import run_notebook  # only now: a second of imports, beside the warming

        yield Way(start, partial(run_notebook, engine=chosen))


def make(session: Session, year: int, tasks: Sequence[Task], jobs: int | None, by: Way) -> tuple[Result, ...]:
    """Run the tasks, with a bar that names those at work. When stopped, say how far it came, and stop."""
    from analytics.batch import run_tasks

    heard: list[Result] = []
    with session.progress() as progress:
        on_start, on_done = _bar(session, progress, len(tasks), heard)
        try:
            return run_tasks(
                tasks, session.workspace.reports(year), jobs or usual_jobs(), on_done, by.start, by.work, on_start
            )
        except KeyboardInterrupt:
            progress.stop()
            _tell_stopped(session, heard, len(tasks))
            raise


def _bar(
    session: Session, progress: Progress, total: int, heard: list[Result]
) -> tuple[Callable[[Task], None], Callable[[Result], None]]:
    """What to call when a task is handed out and when it has ended."""
    from analytics.batch import Failed
    from analytics.problems import shown

    bar, at_work, began = progress.add_task("", total=total, rate=""), dict[str, str](), time.monotonic()

    def show(last: str) -> None:
        busy = session.words("在做：", "at work: ") + "、".join(list(at_work.values())[:2]) if at_work else ""
        progress.update(bar, description="  ".join(filter(None, [last, busy])))

    def on_start(task: Task) -> None:
        at_work[task.id] = shown(task.name)
        show("")

    def on_done(result: Result) -> None:
        heard.append(result)
        at_work.pop(result.task.id, None)
        failed = isinstance(result, Failed)
        stage = session.words("未做成", "failed") if failed else session.words("已发布", "published")
        rate = len(heard) / max(time.monotonic() - began, 0.001) * 60
        progress.update(bar, advance=1, rate=session.words(f"{rate:.0f} 份/分", f"{rate:.0f}/min"))
        show(f"{stage} {shown(result.task.name)}")

    return on_start, on_done


def _tell_stopped(session: Session, heard: list[Result], total: int) -> None:
    """On stderr, since nothing was asked for that could be a result."""
    from analytics.batch import Done

    done = sum(isinstance(result, Done) for result in heard)
    left = total - done
    said = session.words(
        f"已停止：完成 {done} 份，未完成 {left} 份。再运行一次，只会补做未完成的。",
        f"stopped: {done} done, {left} not. Run again, only what is missing will be made.",
    )
    typer.echo(said, err=True)


def tell_results(session: Session, results: Iterable[Result]) -> tuple[Failed, ...]:
    """How many were made, unchanged or failed; returns those that failed, for the last lines."""
    from analytics.batch import Done, failures

    results = tuple(results)
    failed = failures(results)
    skipped = sum(isinstance(result, Done) and result.skipped for result in results)
    made = len(results) - len(failed) - skipped
    session.say(
        f"新做 {made} 份，未变 {skipped} 份，未做成 {len(failed)} 份",
        f"{made} made, {skipped} unchanged, {len(failed)} failed",
    )
    if kept := [failure.kept for failure in failed if failure.kept]:
        place = next(folder for folder in kept[0].parents if folder.name == "failed")
        session.say(f"未做成的笔记本留在 {place}，可打开查看", f"notebooks that failed are kept in {place}")
    return failed
