"""What the processes of a batch have ready, and that none is left when nothing comes of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics.batch import Warmth, warming
from analytics.batch.warm.manager import WarmParent
from analytics.workspace import REPOSITORY, Workspace

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


def notebook(path: Path, *cells: str) -> Path:
    made = [{"cell_type": "code", "source": [cell]} for cell in cells]
    path.write_text(json.dumps({"cells": made}), encoding="utf-8")
    return path


def test_what_a_notebook_imports_of_ours_is_to_be_ready() -> None:
    brief = Workspace.open().notebooks / "60_unit_brief.ipynb"
    assert Warmth.of([brief], "/w", 2020) == Warmth(("analytics.documents.dossier",), "/w", 2020)


def test_a_notebook_is_read_as_far_as_it_can_be(tmp_path: Path) -> None:
    imports = "import analytics.units, json\nfrom analytics.workspace import Workspace\nfrom . import nothing"
    written = notebook(tmp_path / "a.ipynb", "%matplotlib inline", "def (", imports)
    (tmp_path / "b.ipynb").write_text("{", encoding="utf-8")
    found = Warmth.of([written, tmp_path / "b.ipynb", tmp_path / "none.ipynb"])
    assert found.modules == ("analytics.units", "analytics.workspace")
    assert Warmth.read(found.written()) == found


@linux
def test_a_batch_that_has_nothing_to_do_does_not_wait_for_the_warming() -> None:
    began = time.monotonic()
    with warming(Warmth.of([], "/nowhere", 2020)):
        pass
    assert time.monotonic() - began < 1.5


@linux
def test_what_cannot_be_had_keeps_nobody_from_being_forked(tmp_path: Path) -> None:
    parent = WarmParent(Warmth(("analytics.no_such_module",), str(tmp_path), 1999))
    try:
        parent.wait_until_listening()
        assert parent.alive()
    finally:
        parent.close()
    assert not parent.alive()


def test_papermill_comes_without_the_grammar_of_addresses_and_whoever_wants_it_gets_it() -> None:
    code = (
        "import sys, importlib.util\nimport analytics.batch.papermill_import\n"
        "assert 'papermill.execute' in sys.modules and 'rfc3987_syntax' not in sys.modules\n"
        "there = importlib.util.find_spec('rfc3987_syntax')\n"
        "assert there is None or __import__('rfc3987_syntax').is_valid_syntax('iri', 'http://例子.cn/')"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)
