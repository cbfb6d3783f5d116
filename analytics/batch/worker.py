"""What a worker process does: run one notebook in a fresh kernel, and leave when the batch has gone."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.batch.plan import FOLDER, Task, declared_parameters
from analytics.problems import Problem
from analytics.workspace import REPOSITORY

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from nbformat import NotebookNode
    from papermill.exceptions import PapermillExecutionError

START_SECONDS = 60
MEMORY_BYTES = 2 * 2**30  # of writable memory of one process, on Linux
LONGEST_SOCKET_FOLDER = 80  # a socket's whole path may have about a hundred bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What one notebook may cost: seconds a cell, and bytes of its executed record."""

    cell_seconds: int = 120
    record_bytes: int = 64 * 2**20


@contextlib.contextmanager
def local_workers(jobs: int, memory_bytes: int = MEMORY_BYTES) -> Iterator[Executor]:
    """``jobs`` processes on this machine. When the block ends, however it ends, none of them is left.

    Each worker holds the reading end of a pipe whose writing end is here: an interrupted or killed batch closes it.
    """
    # Forked from a process that has papermill loaded, where a fork is harmless: importing it costs over a second.
    context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    context.set_forkserver_preload(["papermill.execute", "nbconvert", "analytics.batch.worker"])
    if sys.platform == "linux":
        # Its stderr is that of every worker: one that is interrupted before it has begun would print a traceback.
        with _stderr_closed():
            forkserver.ensure_running()
    watched, lifeline = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="nb-", ignore_cleanup_errors=True) as passing:
        executor = ProcessPoolExecutor(
            jobs, mp_context=context, initializer=begin_worker, initargs=(watched, passing, memory_bytes)
        )
        try:
            yield executor
        finally:
            lifeline.close()
            executor.shutdown(wait=True, cancel_futures=True)
            watched.close()


@contextlib.contextmanager
def _stderr_closed() -> Iterator[None]:
    """What is started meanwhile has nowhere to print to."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def begin_worker(watched: Connection, passing: str, memory_bytes: int) -> None:
    """Make this process and its kernels quiet, modest and mortal, with ``passing`` for their temporary files."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the batch decides
    threading.Thread(target=_leave_with, args=(watched,), daemon=True).start()
    os.environ.update(_environment() | {"TMPDIR": passing})
    tempfile.tempdir = passing
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    # Kernels write notes for programmers to stderr, such as the one about TCP without encryption.
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 2)
    os.close(quiet)


def _environment() -> dict[str, str]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    return threads | {
        "PYTHONPATH": path,
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        # As in JupyterLab, so that a notebook shows the same figures in both.
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "JUPYTER_PREFER_ENV_PATH": "1",  # our Python's kernel, not one the user has registered under the same name
    }


def _leave_with(watched: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        watched.poll(None)
    os._exit(1)  # our kernel notices within a second that its parent is gone


def run_notebook(task: Task, scratch: Path, limits: Limits = Limits()) -> Problem | None:
    """Run the task's notebook; its files, record and page go into ``scratch``. Returns the Problem when it fails."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    try:
        notebook = _execute(task, scratch, limits)
    except CellTimeoutError:
        return _problem(task, "notebook-timeout", expected=str(limits.cell_seconds))
    except DeadKernelError:
        return _problem(task, "notebook-kernel-died")
    except PapermillExecutionError as error:
        return _problem(task, "notebook-cell-failed", found=_said(error), place=str(error.exec_count))
    if not _ran_to_the_end(notebook):
        return _problem(task, "notebook-incomplete")
    return _write(task, notebook, scratch, limits)


def _said(error: PapermillExecutionError) -> str:
    """The last line of an error in a cell; a refusal is already in the user's language."""
    last = [line for line in str(error.evalue).splitlines() if line.strip()][-1:]
    return last[0] if last and error.ename == "Refused" else ": ".join([error.ename, *last])


def _execute(task: Task, scratch: Path, limits: Limits) -> NotebookNode:
    import papermill
    from traitlets.config import Config

    given = dict(task.parameters)
    if FOLDER in declared_parameters(task.notebook):
        given[FOLDER] = scratch.as_posix()
    with tempfile.TemporaryDirectory(prefix="nb-", ignore_cleanup_errors=True) as connection:
        manager: dict[str, Any] = {"connection_file": str(Path(connection) / "k.json")}
        if os.name != "nt" and len(os.fsencode(connection)) < LONGEST_SOCKET_FOLDER:
            manager["transport"] = "ipc"
        os.environ["IPYTHONDIR"] = connection
        executed: NotebookNode = papermill.execute_notebook(
            _unformatted(task.notebook),
            None,
            given,
            kernel_name="python3",
            language="python",
            cwd=str(task.notebook.parent),
            progress_bar=False,
            log_output=False,
            request_save_on_cell_execute=False,
            start_timeout=START_SECONDS,
            execution_timeout=limits.cell_seconds,
            shutdown_kernel="immediate",
            config=Config(KernelManager=manager),
        )
    return executed


def _unformatted(path: Path) -> str:
    """The path as papermill takes it, which fills in ``{…}`` with str.format."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _ran_to_the_end(notebook: NotebookNode) -> bool:
    """Every cell with code ran, in order, and none holds an error."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    counts = [cell.execution_count for cell in cells]
    errors = [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    return counts == list(range(1, len(cells) + 1)) and not errors


def _write(task: Task, notebook: NotebookNode, scratch: Path, limits: Limits) -> Problem | None:
    import nbformat

    _forget_the_day(notebook, _as_recorded(task))
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    if len(text.encode()) > limits.record_bytes:
        return _problem(task, "notebook-too-large", expected=f"{limits.record_bytes // 2**20} MB")
    (scratch / task.record).write_text(text, encoding="utf-8", newline="\n")
    if not task.files:
        from analytics.batch.page import render_page

        page = render_page(notebook, _title(notebook, task.name), task.language)
        (scratch / task.page).write_text(page, encoding="utf-8", newline="\n")
    names = [Path(name).name for name in task.made]
    missing = [name for name in names if not (scratch / name).is_file() or not (scratch / name).stat().st_size]
    return _problem(task, "notebook-output-missing", found="、".join(missing)) if missing else None


def _as_recorded(task: Task) -> str:
    """The source of the cell with the parameters, without the folders of this machine."""
    places = {FOLDER: task.target, "workspace": "."}
    given = {name: places.get(name, value) for name, value in task.parameters.items()}
    if FOLDER in declared_parameters(task.notebook):
        given[FOLDER] = task.target
    return "# Parameters\n" + "".join(f"{name} = {value!r}\n" for name, value in given.items())


def _forget_the_day(notebook: NotebookNode, parameters: str) -> None:
    """Take out what would differ tomorrow or elsewhere: times, random ids, and the folders of this machine."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            if "id" in cell:
                cell.id = "parameters-given"
            cell.source = parameters


def _title(notebook: NotebookNode, name: str) -> str:
    """The first heading, else the task's name."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = next((match for text in texts if (match := re.search(r"^# +(.+)$", text, re.MULTILINE))), None)
    return found[1].strip() if found else name


def _problem(task: Task, code: str, **facts: str) -> Problem:
    return Problem(code, "stop", file=task.notebook.name, facts={"name": task.name, **facts})
