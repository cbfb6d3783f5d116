"""A module imports only from its left; the command line imports nothing heavy before a command needs it."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import analytics

PACKAGE = Path(analytics.__file__).parent
# Layers that share a place stand side by side and do not import each other.
LAYERS = (
    {"provenance"}, {"listing"}, {"problems"}, {"workspace"}, {"units"}, {"rubric"}, {"policy"}, {"records"},
    {"intake", "scoring"}, {"store"}, {"analysis"}, {"figures"}, {"documents"}, {"batch"}, {"cli"}, {"__main__"},
)  # fmt: skip
PLACE = {layer: place for place, layers in enumerate(LAYERS) for layer in layers}
# What a card looks like is data that every later layer reads; how a workbook is read is not.
FOR_DOCUMENTS = {"analytics.intake.headings"}
HEAVY = (
    "pandas", "numpy", "duckdb", "matplotlib", "seaborn", "papermill", "nbclient", "nbconvert", "pydantic", "yaml",
    "openpyxl", "python_calamine", "docx", "typst", "jinja2", "rich",
)  # fmt: skip


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def layer_of(module: str) -> str:
    return module.split(".")[1]


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Each of our modules that a module imports, anywhere in it, and whether only for the type checker."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "analytics":
            names = [f"analytics.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        else:
            continue
        yield from ((name, id(node) in for_types) for name in names if name.startswith("analytics."))


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_its_left(path: Path) -> None:
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    assert own in PLACE, f"{own} has no place among the layers"
    for module, for_types in imports(path):
        imported = layer_of(module)
        if imported == own or imported.startswith("__version__"):
            continue
        assert PLACE[imported] < PLACE[own], f"{path.name} imports {module}, which is not on its left"
        if own == "documents" and imported == "intake" and not for_types:
            assert module in FOR_DOCUMENTS, f"{path.name} imports {module}; documents may only read the headings"


def test_every_layer_exists() -> None:
    found = {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in modules()}
    assert found == set(PLACE)


def loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=PACKAGE.parent, env=os.environ | {"PYTHONUTF8": "1"}, capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_the_command_line_imports_nothing_heavy() -> None:
    assert loaded_by("import analytics.cli").isdisjoint(HEAVY)


def test_the_package_itself_imports_nothing() -> None:
    assert loaded_by("import analytics").isdisjoint({*HEAVY, "typer"})


def test_every_public_name_is_there() -> None:
    for name in analytics.__all__:
        assert getattr(analytics, name) is not None, name
    with pytest.raises(AttributeError, match="no attribute"):
        analytics.scroe  # noqa: B018
    assert "Workspace" in dir(analytics)


def test_the_version_is_that_of_the_project() -> None:
    project = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{analytics.__version__}"' in project
