"""What a worker does with a task: run its notebook by an engine, check what came of it, and put it into a folder."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from analytics.batch.parameters import FOLDER, declared_parameters
from analytics.batch.plan import Task
from analytics.batch.product import product_fault
from analytics.batch.worker import MEMORY_BYTES
from analytics.problems import Problem

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from papermill.exceptions import PapermillExecutionError

Engine = Literal["warm", "fresh"]
START_SECONDS = 60
LONGEST_SOCKET_FOLDER = 80  # a socket's whole path may have about a hundred bytes
APART = ".apart-"  # how the folder of a worker on a cluster begins, in the task's scratch folder
ASIDE = "failed.ipynb"  # the notebook of a task that failed, as far as it came, in the task's scratch folder


@dataclass(frozen=True, slots=True)
class Limits:
    """What one notebook may cost: seconds a cell and in all, bytes of its record, bytes of memory (on Linux)."""

    cell_seconds: float = 120
    notebook_seconds: float = 600
    record_bytes: int = 64 * 2**20
    memory_bytes: int = MEMORY_BYTES


USUAL = Limits()


class Execution:
    """One run of a task's notebook: its deadline, and how far it came."""

    def __init__(self, task: Task, scratch: Path, limits: Limits, engine: Engine) -> None:
        self.task, self.scratch, self.limits, self.engine = task, scratch, limits, engine
        self.deadline = time.monotonic() + limits.notebook_seconds
        self.witness: list[Any] = []  # papermill's manager of the notebook; the notebook of a kernel that dies is there

    def seconds_left(self, _cell: object = None) -> float:
        """What the next cell may take."""
        return max(1.0, min(self.limits.cell_seconds, self.deadline - time.monotonic()))

    @property
    def cell(self) -> str:
        """The number of the code cell that was begun last."""
        begun = [c for c in self.notebook.cells if c.cell_type == "code" and _began(c)] if self.notebook else []
        return str(len(begun) or 1)

    @property
    def notebook(self) -> NotebookNode | None:
        return self.witness[0].nb if self.witness else None

    def run(self) -> NotebookNode:
        """The executed notebook. Raises what papermill and nbclient do."""
        from analytics.batch import papermill_import  # noqa: F401  # isort: skip
        import papermill
        from papermill.engines import papermill_engines
        from traitlets.config import Config

        from analytics.batch.warm.entry import FreshEngine, WarmEngine

        papermill_engines.register("warm", WarmEngine)  # where the package was not registered in its environment
        papermill_engines.register("fresh", FreshEngine)
        with tempfile.TemporaryDirectory(prefix="nb-", ignore_cleanup_errors=True) as connection:
            manager: dict[str, Any] = {"connection_file": str(Path(connection) / "k.json")}
            if os.name != "nt" and len(os.fsencode(connection)) < LONGEST_SOCKET_FOLDER:
                manager["transport"] = "ipc"
            os.environ["IPYTHONDIR"] = connection
            executed: NotebookNode = papermill.execute_notebook(
                _unformatted(self.task.notebook),
                None,
                self._given(),
                engine_name=self.engine,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                log_output=False,
                request_save_on_cell_execute=False,
                start_timeout=START_SECONDS,
                timeout_func=self.seconds_left,
                resources={"metadata": {"path": str(self.task.notebook.parent)}},
                shutdown_kernel="immediate",
                config=Config(KernelManager=manager),
                witness=self.witness,
                limits={"RLIMIT_DATA": self.limits.memory_bytes},
                most_bytes=2 * self.limits.record_bytes,
            )
        return executed

    def _given(self) -> dict[str, Any]:
        given = dict(self.task.parameters)
        if FOLDER in declared_parameters(self.task.notebook):
            given[FOLDER] = self.scratch.as_posix()
        return given


def run_notebook(task: Task, scratch: Path, limits: Limits = USUAL, engine: Engine = "warm") -> Problem | None:
    """Run the task's notebook; its files, record and page go into ``scratch``. Returns the Problem when it fails.

    Then ``scratch`` holds the notebook as far as it came, as ``ASIDE``, when it began at all.
    """
    execution = Execution(task, scratch, limits, engine)
    problem = _attempt(execution)
    if problem and execution.notebook is not None:
        with contextlib.suppress(OSError, ValueError, TypeError):  # looking at it later is a service, not the result
            _keep_aside(execution.notebook, task, scratch)
    return problem


def _attempt(execution: Execution) -> Problem | None:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from analytics.batch.warm.link import OutputTooLarge

    task, limits = execution.task, execution.limits
    try:
        notebook = execution.run()
    except CellTimeoutError:
        if time.monotonic() < execution.deadline:
            return _problem(task, "notebook-timeout", expected=f"{limits.cell_seconds:g}", place=execution.cell)
        return _problem(task, "notebook-too-slow", expected=f"{limits.notebook_seconds:g}", place=execution.cell)
    except DeadKernelError as error:
        said = re.search(r"\((.+)\)", str(error))
        return _problem(task, "notebook-kernel-died", place=execution.cell, found=said[1] if said else "—")
    except OutputTooLarge:
        return _problem(task, "notebook-too-large", expected=_megabytes(limits.record_bytes))
    except PapermillExecutionError as error:
        return _problem(task, "notebook-cell-failed", found=_said(error), place=str(error.exec_count))
    except (RuntimeError, ConnectionError) as error:
        if execution.notebook is None or any(map(_counted, execution.notebook.cells)):
            raise
        return _problem(task, "notebook-not-started", found=str(error)[-200:])
    if not _ran_to_the_end(notebook):
        return _problem(task, "notebook-incomplete")
    return _write(task, notebook, execution.scratch, limits)


def _began(cell: NotebookNode) -> bool:
    return bool(cell.source.strip()) and bool(cell.metadata.get("papermill", {}).get("start_time"))


def _counted(cell: NotebookNode) -> bool:
    return cell.get("execution_count") is not None


def _megabytes(count: int) -> str:
    return f"{count // 2**20} MB"


def _said(error: PapermillExecutionError) -> str:
    """The last line of an error in a cell; a refusal is already in the user's language."""
    last = [line for line in str(error.evalue).splitlines() if line.strip()][-1:]
    return last[0] if last and error.ename == "Refused" else ": ".join([error.ename, *last])


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
    text = _record(notebook, task)
    if len(text.encode()) > limits.record_bytes:
        return _problem(task, "notebook-too-large", expected=_megabytes(limits.record_bytes))
    (scratch / task.record).write_text(text, encoding="utf-8", newline="\n")
    if not task.files:
        from analytics.batch.page import render_page

        page = render_page(notebook, _title(notebook, task.name), task.language)
        (scratch / task.page).write_text(page, encoding="utf-8", newline="\n")
    names = [Path(name).name for name in task.made]
    missing = [name for name in names if not (scratch / name).is_file() or not (scratch / name).stat().st_size]
    if missing:
        return _problem(task, "notebook-output-missing", found="、".join(missing))
    name, fault = product_fault(task, scratch)
    return _problem(task, "notebook-output-wrong", place=name, found=fault) if fault else None


def _record(notebook: NotebookNode, task: Task) -> str:
    import nbformat

    _forget_the_day(notebook, _as_recorded(task))
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text


def _keep_aside(notebook: NotebookNode, task: Task, scratch: Path) -> None:
    (scratch / ASIDE).write_text(_record(notebook, task), encoding="utf-8", newline="\n")


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
