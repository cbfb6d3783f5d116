"""The names an analyst imports from ``analytics``: each is there, says what it is, and its example runs as printed."""

from __future__ import annotations

import doctest
import subprocess
import sys
import types
from pathlib import Path

import pytest
from made_up_store import made_up_workspace

import analytics
from analytics.workspace import CHOSEN, REPOSITORY

NAMES = [name for name in analytics.__all__ if name != "__version__"]
WITHOUT_EXAMPLE = {"ACCENT"}  # a colour


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up_workspace(tmp_path_factory.mktemp("考核 工作区")).root


@pytest.mark.parametrize("name", NAMES)
def test_its_example_runs_as_printed(name: str, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOSEN, str(office))
    public = {other: getattr(analytics, other) for other in NAMES}
    if name in WITHOUT_EXAMPLE:
        return
    text = public[name].__doc__ or ""
    test = doctest.DocTestParser().get_doctest(text, public, name, None, None)
    runs = [example for example in test.examples if not example.options.get(doctest.SKIP)]
    assert runs, f"{name} has no example"
    said: list[str] = []
    assert not doctest.DocTestRunner().run(test, out=said.append).failed, "".join(said)


def test_a_name_is_loaded_only_when_it_is_used() -> None:
    code = "import sys, analytics; print(sorted(m for m in sys.modules if m.startswith('analytics')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['analytics']"


def test_a_name_is_what_it_is_at_home_and_never_a_module() -> None:
    for name in NAMES:
        assert not isinstance(getattr(analytics, name), types.ModuleType), name
    assert set(NAMES) <= set(dir(analytics))


def test_a_refusal_is_shown_in_a_notebook_as_its_sentence_alone() -> None:
    refused = analytics.Refused([analytics.Problem("store-empty", "stop")])
    assert refused._render_traceback_() == [str(refused)]
    assert "python run.py" in str(refused)


def test_the_head_of_the_package_tells_each_name() -> None:
    assert analytics.__doc__
    assert [name for name in NAMES if f"``{name}``" not in analytics.__doc__] == []
