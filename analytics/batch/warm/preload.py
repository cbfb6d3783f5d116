"""What the notebooks of a batch would import, read and draw first; done once, in the process that is forked."""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ALWAYS = ("asyncio", "ipykernel.comm", "IPython.core.completer")
USUAL = ("analytics.documents.desk", "analytics.documents.dossier")  # for whoever does not say
BRIEF = "analytics.documents.dossier"


@dataclass(frozen=True, slots=True)
class Warmth:
    """What is to be ready: modules of ours that notebooks import, and, for a year, its record and rules.

    ``workspace`` is a folder; without a year nothing is read.
    """

    modules: tuple[str, ...] = USUAL
    workspace: str = ""
    year: int = 0

    @classmethod
    def of(cls, notebooks: Iterable[Path], workspace: str = "", year: int = 0) -> Warmth:
        """What these notebooks import of ours."""
        return cls(tuple(sorted({name for path in notebooks for name in _imported(path)})), workspace, year)

    def written(self) -> str:
        """As one argument of a command, for ``read``."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, written: str) -> Warmth:
        found = json.loads(written)
        return cls(tuple(found["modules"]), found["workspace"], found["year"])


def preload(warmth: Warmth) -> None:
    """Import, warm the fonts, read and draw a brief. No pyplot figure, no thread.

    What cannot be had is nobody's failure here: the notebook that wants it says so.
    """
    for name in ALWAYS:
        importlib.import_module(name)
    for name in warmth.modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    from analytics.documents import warmth as first_use

    first_use.warm_up()
    if warmth.year:
        with contextlib.suppress(Exception):
            first_use.read(warmth.workspace, warmth.year, draw=BRIEF in warmth.modules)
    for module in list(sys.modules.values()):  # a warning given here would be given no more in any child
        if isinstance(module, types.ModuleType):
            vars(module).pop("__warningregistry__", None)


def _imported(notebook: Path) -> Iterator[str]:
    """The modules of this package that the notebook's cells import, as far as they can be read."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        for cell in json.loads(notebook.read_bytes())["cells"]:
            with contextlib.suppress(SyntaxError):  # a magic; or an error that the notebook itself will tell
                for node in ast.walk(ast.parse("".join(cell["source"]) if cell["cell_type"] == "code" else "")):
                    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else names
                    yield from (name for name in names if name.split(".")[0] == __name__.split(".")[0])
