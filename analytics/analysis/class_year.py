"""A class in one year with every answer side by side: what the leaders' charts, slides and notice are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.accident_totals import AccidentTotals, accident_totals
from analytics.analysis.comparison import Comparison, compare
from analytics.analysis.ranks import RankCertainty, assumed_factors, rank_certainty
from analytics.analysis.rectification import Rectification, rectification
from analytics.analysis.trend import Trend, trend
from analytics.analysis.weights import Weights, weights
from analytics.policy import YearRules
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables


@dataclass(frozen=True, slots=True)
class ClassYear:
    """The answers about one class; each is computed once. ``trend`` ends with ``year``.

    means: mean total by year over the units that have a total in every year; empty when there are none.
    unverified: marks that count as the unit wrote them, because nobody verified them.
    """

    year: int
    kind: UnitKind
    compared: Comparison
    weights: Weights
    certainty: RankCertainty
    trend: Trend
    problems: Rectification
    accidents: AccidentTotals
    means: pd.Series
    unverified: int

    @property
    def lost(self) -> float:
        """Points that the class lost on items, by unit."""
        return float(self.compared.deductions["points"].sum()) / max(1, len(self.compared.table.rows))


def class_years(tables: ScoreTables, year: int, rules: YearRules) -> tuple[ClassYear, ...]:
    """Every class that has cards in ``year``, in the order of the classes."""
    kinds = set(tables.cards.loc[tables.cards["year"] == year, "kind"])
    return tuple(_class_year(tables, year, kind, rules) for kind in UnitKind if kind in kinds)


def _class_year(tables: ScoreTables, year: int, kind: UnitKind, rules: YearRules) -> ClassYear:
    bands, rubric, marks = rules.policy.grades.value, rules.rubric(kind), tables.marks
    own = (marks["year"] == year) & (marks["kind"] == kind) & (marks["status"] == "self_only")
    over_years = trend(tables, kind, until=year)
    return ClassYear(
        year=year,
        kind=kind,
        compared=compare(tables, year, kind, bands),
        weights=weights(tables, year, kind),
        certainty=rank_certainty(tables, year, kind, bands, assumed_factors(tables, year, kind, rubric)),
        trend=over_years,
        problems=rectification(tables, year, kind),
        accidents=accident_totals(tables, year, kind, rubric.measures),
        means=steady_means(over_years),
        unverified=int(own.sum()),
    )


def steady_means(over_years: Trend) -> pd.Series:
    """Mean total by year over the units that have a total in every year of the trend; empty when there are none."""
    totals = over_years.units.pivot_table(index="unit", columns="year", values="total", dropna=False)
    steady = totals.reindex(columns=list(over_years.years)).dropna()
    return steady.mean() if len(steady) else pd.Series(dtype=float)
