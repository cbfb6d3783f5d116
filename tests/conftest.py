"""Options shared by the tests."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

GOLDEN = Path(__file__).with_name("golden")


def pytest_configure(config: pytest.Config) -> None:
    examples = 10_000 if config.getoption("--thorough") else 2_000
    settings.register_profile("properties", max_examples=examples, deadline=None, database=None, derandomize=True)
    gc.set_threshold(50_000, 20, 50)  # as the command line does: a sixth of the time went into looking for garbage


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="ten thousand random classes a property, not two thousand")
    parser.addoption("--update-golden", action="store_true", help="write the texts under tests/golden anew, for review")


@pytest.fixture
def expect_golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with ``tests/golden/<name>``, or write it there when the run was asked to."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; if it should, run with --update-golden"

    return compare
