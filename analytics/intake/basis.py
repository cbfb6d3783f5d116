"""What a year's files are read against: units, rules, headings and the meanings of words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from analytics.intake.headings import Headings
from analytics.intake.words import Words
from analytics.policy import YearRules
from analytics.records import FormName
from analytics.rubric import Rubric
from analytics.units import Unit, UnitRegistry
from analytics.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Basis:
    """All that the readers know before they open a file."""

    registry: UnitRegistry
    rules: YearRules
    headings: Mapping[FormName, Headings]
    words: Words

    @classmethod
    def load(cls, workspace: Workspace, registry: UnitRegistry, rules: YearRules) -> Basis:
        """The basis of the rules' year. Refused when a form has no headings for it."""
        forms: tuple[FormName, ...] = get_args(FormName)
        headings = {form: Headings.load(workspace.forms, form, rules.year) for form in forms}
        return cls(registry, rules, headings, Words.load(workspace.lookups))

    @property
    def year(self) -> int:
        return self.rules.year

    def rubric(self, unit: Unit) -> Rubric:
        return self.rules.rubric(unit.kind)
