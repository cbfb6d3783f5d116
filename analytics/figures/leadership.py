"""The charts for the leadership: three of all classes, seven of each, the same ones the analysis notebooks show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.figures.theme import Chart, Imprint

if TYPE_CHECKING:
    from analytics.analysis.class_year import ClassYear


def leadership_charts(classes: Sequence[ClassYear], imprint: Imprint) -> tuple[Chart, ...]:
    """Grades and problems of all classes; of each its totals, themes, self-marks, deductions, weights and rank
    intervals. From the second scored year on also the years."""
    from analytics.figures import certainty, charts, overview, slopes

    drawn: list[Chart] = []
    if classes:
        drawn.append(overview.grade_counts([one.compared.table for one in classes], imprint))
        drawn.append(overview.problem_states([one.problems for one in classes], imprint))
    if any(len(one.means) > 1 for one in classes):
        drawn.append(overview.class_means(classes, imprint))
    for one in classes:
        drawn += [
            charts.ranked_dots(one.compared.table, imprint),
            charts.theme_heatmap(one.compared, imprint),
            charts.self_vs_verified(one.compared.gap, imprint),
            charts.deduction_pareto(one.compared, imprint),
            certainty.weights_chart(one.weights, imprint),
            certainty.rank_intervals(one.certainty, imprint),
        ]
        if len(one.trend.years) > 1:
            drawn.append(slopes.slopes(one.trend, imprint))
    return tuple(drawn)
