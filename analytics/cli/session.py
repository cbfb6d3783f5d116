"""What a command works with: the workspace and its parts, opened when first asked for, and two ways to speak."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console
    from rich.progress import Progress

    from analytics.policy import YearRules
    from analytics.problems import Problem
    from analytics.store import ScoreStore
    from analytics.units import Unit, UnitRegistry
    from analytics.workspace import Workspace

Language = Literal["zh", "en"]
WIDE = 160  # for output that goes to a file or another program


@dataclass(frozen=True)
class Session:
    """The common options, and what they open. Results go to stdout, everything else to stderr."""

    root: Path | None = None
    language: Language = "zh"
    debug: bool = False

    @cached_property
    def workspace(self) -> Workspace:
        from analytics.workspace import Workspace

        return Workspace.open(self.root)

    @cached_property
    def registry(self) -> UnitRegistry:
        from analytics.units import UnitRegistry

        return UnitRegistry.load(self.workspace.units)

    @cached_property
    def store(self) -> ScoreStore:
        from analytics.store import ScoreStore

        return ScoreStore(self.workspace.store)

    @cached_property
    def rules_read(self) -> dict[int, Mapping[str, bytes]]:
        """Year → the files of its rules as they were when this command first read them; a run keeps them."""
        return {}

    def rules(self, year: int) -> YearRules:
        """The year's policy and rubrics. Refused when there are none."""
        from analytics.policy import YearRules
        from analytics.store import rule_files

        if year not in self.rules_read:
            self.rules_read[year] = rule_files(self.workspace, year)
        return YearRules.load(self.workspace, self.registry, year)

    def year(self, chosen: int | None) -> int:
        """The chosen year, else the newest with own files, else of the sample. Refused without one or its rubric."""
        from analytics.problems import Problem, Refused

        if chosen is not None:
            return chosen
        years = self.workspace.years()
        rules = "、".join(map(str, self.workspace.years_with_rules())) or "—"
        newest = max(self.workspace.years_received(), default=0)
        if newest and newest not in years:  # nobody should take last year's results, or the sample's, for this year's
            raise Refused([Problem("year-unknown", "stop", facts={"found": str(newest), "expected": rules})])
        if not years:
            raise Refused([Problem("years-missing", "stop", file=str(self.workspace.data), facts={"expected": rules})])
        return newest or years[-1]

    def unit(self, written: str, year: int) -> Unit:
        """The unit that the user means. Refused, with the nearest names, when it is none of the year's."""
        from analytics.problems import Problem, Refused

        match = self.registry.match(written, year)
        if match.unit is None:
            near = "、".join(match.candidates) or "—"
            facts = {"found": written, "year": str(year), "expected": near}
            raise Refused([Problem("unit-not-found", "stop", facts=facts)])
        return match.unit

    def words(self, chinese: str, english: str) -> str:
        return chinese if self.language == "zh" else english

    def say(self, chinese: str, english: str) -> None:
        """One line of the result, on stdout."""
        typer.echo(self.words(chinese, english))

    def warn(self, problems: Iterable[Problem]) -> None:
        """Each problem's sentence on a line of stderr."""
        for problem in problems:
            typer.echo(problem.message(self.language), err=True)

    @cached_property
    def screen(self) -> Console:
        """Where tables are drawn. Text from files is never taken for markup."""
        from rich.console import Console

        console = Console(markup=False, highlight=False, emoji=False)
        return console if console.is_terminal else Console(markup=False, highlight=False, emoji=False, width=WIDE)

    def progress(self) -> Progress:
        """A bar on stderr that goes away when the work is done; nothing where stderr is no terminal."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        console = Console(stderr=True, markup=False, emoji=False)
        columns = (
            BarColumn(30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}", markup=False),
            TextColumn(self.words("已用", "elapsed")),
            TimeElapsedColumn(),
            TextColumn(self.words("剩余", "left")),
            TimeRemainingColumn(),
            TextColumn("{task.description}", markup=False),
        )
        return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
