"""What was wrong, where, and what to do about it. Wording lives in ``problems.yaml``, by code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from analytics.provenance import CellRef

Severity = Literal["stop", "skip", "note"]
Language = Literal["zh", "en"]


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Code → its wording, a template in Chinese and in English."""
    text = Path(__file__).with_name("problems.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a person has to know or mend.

    ``stop`` refuses the whole file (or rubric, or run), ``skip`` leaves one value undecided, ``note`` only tells.
    ``at`` is the cell, ``file`` the file when there is no single cell. ``facts`` fill the wording of ``code``;
    ``found`` and ``expected`` are the usual two.

    >>> Problem("kind-unknown", "stop", facts={"found": "村", "expected": "street_town"}).message()
    '没有“村”这个类别，应为street_town之一。请改正参数 kind。'
    """

    code: str
    severity: Severity
    at: CellRef | None = None
    file: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """File, or file, sheet and cell."""
        return str(self.at) if self.at else self.file

    def message(self, language: Language = "zh") -> str:
        """One sentence: place, what was found, what was expected, what to do. KeyError when the code is unknown."""
        facts = {name: shown(value) for name, value in self.facts.items()}
        sentence = catalogue()[self.code][language].format_map(facts)
        if not self.place:
            return sentence
        return f"{shown(self.place, 200)}{'：' if language == 'zh' else ': '}{sentence}"


def shown(text: str, most: int = 120) -> str:
    """``text`` on one line, shortened, control and bidirectional characters escaped: it came from a stranger's file."""
    line = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return line if len(line) <= most else line[: most - 1] + "…"


class Refused(Exception):
    """The work cannot go on: the problems say why. The command line prints them and exits with status 1.

    >>> try:
    ...     open_year(1999)
    ... except Refused as refused:
    ...     [problem.code for problem in refused.problems]
    ['store-year-missing']
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.message() for problem in self.problems))

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the sentences, not the way through our code."""
        return [str(self)]
