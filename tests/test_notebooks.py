from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from made_up_store import made_up_workspace

from analytics.batch.plan import declared_parameters, read_run_file
from analytics.workspace import REPOSITORY, Workspace

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
RUNS = sorted((REPOSITORY / "params").glob("*.yaml"))
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


@pytest.fixture
def execute(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a notebook in a fresh kernel; what it shows must be neither an error nor a warning."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))

    def run(path: Path, **given: object) -> Any:
        offered = {"workspace": workspace.root.as_posix(), "folder": (tmp_path / "out").as_posix(), **given}
        parameters = {name: value for name, value in offered.items() if name in declared_parameters(path)}
        done = papermill.execute_notebook(
            path, tmp_path / path.name, parameters, cwd=tmp_path, progress_bar=False, request_save_on_cell_execute=False
        )
        outputs = [output for cell in done.cells if cell.cell_type == "code" for output in cell.outputs]
        assert [o for o in outputs if o.output_type in ("error", "stream")] == []
        return done

    return run


def shown(notebook: Any, mime: str) -> list[str]:
    return [o.data[mime] for c in notebook.cells if c.cell_type == "code" for o in c.outputs if mime in o.data]


@named
def test_it_runs_on_a_made_up_store_and_says_what_it_shows(path: Path, execute: Any, tmp_path: Path) -> None:
    done = execute(path)
    said = "\n".join(shown(done, "text/markdown"))
    assert "合成示例数据" in said  # the banner, at the end
    assert "计分口径与假定" in said
    assert shown(done, "image/png")
    if "folder" in declared_parameters(path):
        assert {file.name for file in (tmp_path / "out").iterdir()} == {"brief.html", "brief.pdf", "brief.docx"}
