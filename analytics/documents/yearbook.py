"""A year as the analysis notebooks see it: its tables and those before it, the grades' bounds, and their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from analytics.analysis.comparison import Comparison, compare
from analytics.analysis.credibility import Credibility, credibility
from analytics.analysis.exposure import AccidentRates, Exposures, accident_rates
from analytics.analysis.falls import Falls, falls
from analytics.analysis.followup import Followup, followup
from analytics.analysis.grades import GradesByShares, GradesTwoWays, grades_by_shares, grades_two_ways
from analytics.analysis.leniency import Leniency, leniency
from analytics.analysis.peers import Peers, peers
from analytics.analysis.policies import Value
from analytics.analysis.ranks import RankCertainty, assumed_factors, rank_certainty, smallest_steps
from analytics.analysis.rectification import Rectification, rectification
from analytics.analysis.scores import ClassTable, class_table
from analytics.analysis.sensitivity import Outcome, Sensitivity, assumed_uncertainty, sensitivity
from analytics.analysis.strengths import Strengths, strengths
from analytics.analysis.trend import Trend, trend
from analytics.analysis.weights import Weights, weights
from analytics.analysis.what_if import WhatIf, choices, telling_points, what_if
from analytics.analysis.wording import Sentence
from analytics.documents.colophon import closing, imprint_of
from analytics.figures.theme import Imprint
from analytics.listing import Listing
from analytics.policy import GradeBand, YearRules
from analytics.store import PrintedSetting, ScoredYear, ScoreStore, ScoreTables
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
    place: Workspace
    scored: ScoredYear
    registry: UnitRegistry

    @classmethod
    def open(cls, workspace: str, year: int) -> Yearbook:
        """The year in the workspace at this path (``""``: the repository). Refused when it has no score or no rules."""
        place = Workspace.open(Path(workspace) if workspace else None)
        store = ScoreStore(place.store)
        scored = store.latest(year)
        registry = UnitRegistry.load(place.units)
        rules = YearRules.load(place, registry, year)
        tables = store.tables()
        frames = {field.name: getattr(tables, field.name) for field in fields(tables)}
        until = ScoreTables(**{name: frame[frame["year"] <= year] for name, frame in frames.items()})
        return cls(year, until, rules, imprint_of(scored), scored.settings, place, scored, registry)

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

    def strengths(self, kind: str) -> Strengths:
        """On which items each unit stands furthest above and below the class."""
        return strengths(self.tables, self.year, kind)

    def peers(self, kind: str) -> Peers:
        """Which units of the class are most alike."""
        return peers(self.tables, self.year, kind)

    def accident_rates(self, kind: str) -> AccidentRates:
        """Accidents, deaths and fires of the class beside the number of employees, where that is at hand."""
        measures = self.rules.rubric(UnitKind(kind)).measures
        return accident_rates(self.tables, self.year, kind, measures, Exposures.load(self.place.context))

    def credibility(self, kind: str) -> Credibility:
        """What in the self-assessments of the class is worth a look."""
        return credibility(self.tables, self.year, kind, self.rules)

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

    def grades_by_shares(self, kind: str) -> GradesByShares:
        """The class graded by the bounds, and by each of the usual shares."""
        return grades_by_shares(self.tables, self.year, kind, self.bands)

    def sensitivity(self, kind: str, outcome: Outcome = "ranks") -> Sensitivity:
        """Which uncertainty moves the ranks (or the grades) of the class most, under the usual factors."""
        factors = assumed_uncertainty(self.tables, self.year, kind, outcome)
        steps = smallest_steps(self.rules.rubric(UnitKind(kind)).items)
        return sensitivity(self.tables, self.year, kind, self.bands, steps, factors, outcome)

    def what_if(
        self,
        kind: str,
        points: Mapping[str, Value] | None = None,
        bounds: Mapping[str, Value] | None = None,
        policy: Mapping[str, object] | None = None,
    ) -> WhatIf:
        """The class scored again with something assumed otherwise. Blank points or item: a telling one is found."""
        rubric = self.rules.rubric(UnitKind(kind))
        points = telling_points(self.tables, rubric, self.year, kind, points or {})
        return what_if(self.scored, self.rules, self.registry, kind, points=points, bounds=bounds, policy=policy)

    def choices(self, kind: str) -> Listing:
        """The items whose points ``what_if`` can change."""
        return choices(self.rules.rubric(UnitKind(kind)))

    def inspection_groups(self, kind: str) -> Leniency:
        """Whether one inspection group is more lenient, as far as who visited whom can tell."""
        return leniency(self.tables, self.year, kind)

    def trend(self, kind: str) -> Trend:
        """The class over the years up to this one."""
        return trend(self.tables, kind, until=self.year)

    def falls(self, kind: str) -> Falls:
        """Which units of the class fell most since the first year, and on which items."""
        return falls(self.tables, kind, until=self.year)

    def followup(self, kind: str) -> Followup:
        """The problems found in the class over the years, and what became of them."""
        return followup(self.tables, kind, until=self.year)

    def rectification(self, kind: str) -> Rectification:
        """The class's rectification ledger of the year."""
        return rectification(self.tables, self.year, kind)

    @property
    def sources(self) -> Sentence:
        """Where the numbers come from, and what was assumed in scoring them; for the end of a notebook."""
        return closing(self.imprint, self.settings)
