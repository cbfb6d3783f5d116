from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from made_up_store import SILENT, made_up_workspace
from papermill.engines import papermill_engines
from traitlets.config import Config

from analytics.batch.plan import declared_parameters, read_run_file
from analytics.batch.warm.entry import WarmEngine
from analytics.workspace import REPOSITORY, Workspace

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
RUNS = sorted((REPOSITORY / "params").glob("*.yaml"))
PASSING = re.compile(r"[0-9a-f]{32}")  # the random id of a widget
named = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path, kind: str = "") -> list[Any]:
    return [c for c in nbformat.read(path, as_version=4).cells if kind in ("", c.cell_type)]


def code(path: Path) -> ast.Module:
    return ast.parse("\n".join(cell.source for cell in cells(path, "code")))


@named
def test_no_output_and_no_count_is_committed(path: Path) -> None:
    for cell in cells(path, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None
    assert nbformat.read(path, as_version=4).metadata.kernelspec.name == "python3"


@named
def test_it_begins_with_its_question_and_every_heading_is_one(path: Path) -> None:
    titles = [line for cell in cells(path, "markdown") for line in cell.source.splitlines() if line.startswith("#")]
    assert cells(path)[0].source.startswith("# ")
    assert titles[0].startswith("# ")
    assert all(title.startswith("## ") for title in titles[1:])
    assert all(title.endswith("？") for title in titles), titles


@named
def test_the_second_cell_alone_holds_the_parameters_each_explained(path: Path) -> None:
    tagged = [n for n, cell in enumerate(cells(path)) if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == [1]
    source = cells(path)[1].source
    for line, statement in zip(source.splitlines(), ast.parse(source).body, strict=True):
        assert isinstance(statement, ast.Assign)
        ast.literal_eval(statement.value)
        assert re.search(r"  # \S", line), line


@named
def test_it_defines_nothing_and_imports_only_the_package(path: Path) -> None:
    for node in ast.walk(code(path)):
        assert not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
        if isinstance(node, ast.Import):
            assert all(name.name.split(".")[0] == "analytics" for name in node.names)
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] == "analytics"


@named
def test_each_cell_is_a_sentence(path: Path) -> None:
    for cell in cells(path, "code")[1:]:
        statements = [node for node in ast.parse(cell.source).body if not isinstance(node, ast.ImportFrom)]
        assert len(statements) <= 3, cell.source


def test_the_linter_has_nothing_to_say() -> None:
    for command in (["check"], ["format", "--check"]):
        found = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *map(str, NOTEBOOKS)],
            cwd=REPOSITORY, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_a_run_file_names_a_notebook_and_parameters_that_it_has(path: Path) -> None:
    run = read_run_file(path, REPOSITORY / "notebooks")
    assert run.name == path.stem
    assert set(run.parameters) <= set(declared_parameters(run.notebook)) - {"year", "workspace"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made_up_workspace(tmp_path_factory.mktemp("工作区 一"))


@pytest.fixture(scope="module")
def one_year(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Nothing to compare the year with, and in the smallest class a unit that awaits decisions."""
    return made_up_workspace(tmp_path_factory.mktemp("一年"), (2020,), silent=(SILENT, "ID02"))


Outputs = list[list[dict[str, Any]]]  # of each code cell, each output by its MIME types


@pytest.fixture
def execute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a notebook in a fresh kernel, or warm; what it shows must be neither an error nor a warning."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    papermill_engines.register("warm", WarmEngine)

    def run(path: Path, engine: str = "nbclient", **given: object) -> Outputs:
        done = papermill.execute_notebook(
            path,
            tmp_path / path.name,
            declared(path, given),
            engine_name=engine,
            cwd=tmp_path,
            progress_bar=False,
            request_save_on_cell_execute=False,
        )
        outputs = [cell.outputs for cell in done.cells if cell.cell_type == "code"]
        assert [o for of_cell in outputs for o in of_cell if o.output_type in ("error", "stream")] == []
        return [[dict(o.data, metadata=o.metadata) for o in of_cell if "data" in o] for of_cell in outputs]

    return run


class Results(DisplayHook):
    """Keeps what a cell's last line shows instead of writing it to the terminal."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.kept: list[dict[str, Any]] = []

    def write_output_prompt(self) -> None:
        """Nothing."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: object = None) -> None:
        self.kept.append(format_dict)


class Shell(InteractiveShell):
    displayhook_class = Results


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    config = Config({"HistoryManager": {"enabled": False}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # the shell puts its own there, and empties it
        yield Shell.instance(config=config)
        Shell.clear_instance()


@pytest.fixture
def execute_here(shell: Shell) -> Any:
    """Run a notebook's cells in this process, in a namespace of its own: no kernel to start, nothing to import again.

    The cells, the display of their results and pytest's view of warnings are the real ones.
    """

    def run(path: Path, **given: object) -> Outputs:
        shell.reset(new_session=False)
        outputs: Outputs = []
        for number, cell in enumerate(cells(path, "code")):
            source = cell.source if number else "\n".join([cell.source, *assigned(declared(path, given))])
            shell.displayhook.kept = []
            with capture_output() as captured:
                result = shell.run_cell(source)
            result.raise_error()
            assert (captured.stdout, captured.stderr) == ("", ""), source
            outputs.append([*(output.data for output in captured.outputs), *shell.displayhook.kept])
        return outputs

    return run


def declared(path: Path, given: dict[str, object]) -> dict[str, object]:
    """Those of the given parameters that the notebook has; where it chooses a unit by itself, it does."""
    chooses = 'unit = ""' in cells(path)[1].source
    known = set(declared_parameters(path)) - ({"unit"} if chooses else set())
    return {name: value for name, value in given.items() if name in known}


def assigned(parameters: dict[str, object]) -> Iterator[str]:
    yield from (f"{name} = {value!r}" for name, value in parameters.items())


def shown(outputs: Outputs, mime: str) -> list[str]:
    return [output[mime] for of_cell in outputs for output in of_cell if mime in output]


def assert_it_argues(outputs: Outputs) -> None:
    """There are figures, each followed by a sentence; at the end stand source, banner and assumptions."""
    assert shown(outputs, "image/png")
    kinds = ["figure" if "image/png" in o else "text" for of_cell in outputs for o in of_cell]
    flat = [output for of_cell in outputs for output in of_cell]
    for number, kind in enumerate(kinds):
        if kind == "figure":
            assert "text/markdown" in flat[number + 1], f"no sentence after {flat[number]['text/plain']}"
    end = flat[-1]["text/markdown"]
    assert "来源：" in end
    assert "合成示例数据" in end
    assert "计分口径与假定" in end


@named
def test_it_runs_in_a_fresh_kernel_and_argues_and_warm_it_shows_the_same(
    path: Path, execute: Any, workspace: Workspace, tmp_path: Path
) -> None:
    shown_by, written = {}, {}
    for engine in ("nbclient", "warm"):
        given = {"workspace": workspace.root.as_posix(), "folder": (tmp_path / engine).as_posix()}
        shown_by[engine] = execute(path, engine, **given)
        if "folder" in declared_parameters(path):
            written[engine] = {file.name: file.read_bytes() for file in (tmp_path / engine).iterdir()}
            assert set(written[engine]) == {"brief.html", "brief.pdf", "brief.docx"}
    assert_it_argues(shown_by["nbclient"])
    assert len(shown_by["warm"]) == len(shown_by["nbclient"])
    for number, cells_shown in enumerate(zip(shown_by["warm"], shown_by["nbclient"], strict=True)):
        warm, fresh = (PASSING.sub("#", repr(shown_in_cell)) for shown_in_cell in cells_shown)
        assert warm == fresh, f"cell {number}"
    assert written.get("warm") == written.get("nbclient")


@named
@pytest.mark.parametrize(
    ("year", "kind", "unit"), [(2018, "special_regulator", "SR05"), (2019, "industry_department", "ID04")]
)
def test_it_runs_for_earlier_years_and_other_classes(
    path: Path, year: int, kind: str, unit: str, execute_here: Any, workspace: Workspace
) -> None:
    assert_it_argues(execute_here(path, workspace=str(workspace.root), year=year, kind=kind, unit=unit))


@named
def test_it_runs_for_four_units_one_undecided_and_one_year_alone(
    path: Path, execute_here: Any, one_year: Workspace
) -> None:
    given = {"workspace": str(one_year.root), "year": 2020, "kind": "industry_department", "unit": "ID02"}
    assert_it_argues(execute_here(path, **given))


def test_the_start_page_of_an_empty_store_says_what_to_do(
    execute_here: Any, one_year: Workspace, tmp_path: Path
) -> None:
    office = shutil.copytree(one_year.root, tmp_path / "office", ignore=shutil.ignore_patterns("store"))
    outputs = execute_here(REPOSITORY / "notebooks" / "00_start.ipynb", workspace=str(office))
    assert "python run.py" in outputs[1][0]["text/markdown"]
    assert any("60_unit_brief.ipynb" in said for said in shown(outputs, "text/markdown"))
