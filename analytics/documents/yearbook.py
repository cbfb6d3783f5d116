"""A year as the analysis notebooks see it: its tables and those before it, the grades' bounds, and their source."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from analytics.analysis.comparison import Comparison, compare
from analytics.analysis.grades import GradesTwoWays, grades_two_ways
from analytics.analysis.ranks import RankCertainty, assumed_factors, rank_certainty
from analytics.analysis.scores import ClassTable, class_table
from analytics.analysis.trend import Trend, trend
from analytics.analysis.weights import Weights, weights
from analytics.analysis.wording import Sentence
from analytics.documents.colophon import closing, imprint_of
from analytics.figures.theme import Imprint
from analytics.policy import GradeBand, YearRules
from analytics.store import PrintedSetting, ScoreStore, ScoreTables
from analytics.units import UnitKind, UnitRegistry
from analytics.workspace import Workspace


@dataclass(frozen=True)
class Yearbook:
    """Open it with ``Yearbook.open``; ``tables`` hold no year after ``year``, so a report of 2019 stays one of 2019."""

    year: int
    tables: ScoreTables
    rules: YearRules
    imprint: Imprint
    settings: tuple[PrintedSetting, ...]

    @classmethod
    def open(cls, workspace: str, year: int) -> Yearbook:
        """The year in the workspace at this path (``""``: the repository). Refused when it has no score or no rules."""
        place = Workspace.open(Path(workspace) if workspace else None)
        store = ScoreStore(place.store)
        scored = store.latest(year)
        rules = YearRules.load(place, UnitRegistry.load(place.units), year)
        tables = store.tables()
        frames = {field.name: getattr(tables, field.name) for field in fields(tables)}
        until = ScoreTables(**{name: frame[frame["year"] <= year] for name, frame in frames.items()})
        return cls(year, until, rules, imprint_of(scored), scored.settings)

    @property
    def bands(self) -> tuple[GradeBand, ...]:
        """The policy's grades with their lower bounds, best first."""
        return self.rules.policy.grades.value

    def scores(self, kind: str) -> ClassTable:
        """The class from the first rank down."""
        return class_table(self.tables, self.year, kind, self.bands)

    def compared(self, kind: str) -> Comparison:
        """The units of the class beside each other."""
        return compare(self.tables, self.year, kind, self.bands)

    def weights(self, kind: str) -> Weights:
        """What really separates the units of the class."""
        return weights(self.tables, self.year, kind)

    def certainty(self, kind: str) -> RankCertainty:
        """How sure the ranks of the class are, under the usual factors."""
        factors = assumed_factors(self.tables, self.year, kind, self.rules.rubric(UnitKind(kind)))
        return rank_certainty(self.tables, self.year, kind, self.bands, factors)

    def grades_two_ways(self, kind: str) -> GradesTwoWays:
        """The class graded by the bounds, and with the best grade for a share of it."""
        return grades_two_ways(self.tables, self.year, kind, self.bands)

    def trend(self, kind: str) -> Trend:
        """The class over the years up to this one."""
        return trend(self.tables, kind, until=self.year)

    @property
    def sources(self) -> Sentence:
        """Where the numbers come from, and what was assumed in scoring them; for the end of a notebook."""
        return closing(self.imprint, self.settings)
