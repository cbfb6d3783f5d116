"""The charts for the leadership: five of each class, the same ones the analysis notebooks show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.figures.theme import Chart, Imprint
from analytics.policy import GradeBand
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables


def leadership_charts(
    tables: ScoreTables, year: int, bands: Sequence[GradeBand] = (), imprint: Imprint | None = None
) -> tuple[Chart, ...]:
    """Ranked totals, themes, self and verified, and deductions of every class that has cards in ``year``.

    From the second scored year on also the years. ``bands`` are the policy's grades, whose bounds are drawn. Without an
    ``imprint`` the charts say only what the tables know: the year, and whether the data are synthetic.
    """
    from analytics.analysis.comparison import compare
    from analytics.analysis.trend import trend
    from analytics.figures import charts, slopes

    cards = tables.cards[tables.cards["year"] == year]
    banner = "合成示例数据，非真实考核结果" if cards["synthetic"].any() else ""
    told = imprint or Imprint(f"来源：{year}年度评分记录", banner)
    drawn: list[Chart] = []
    for kind in UnitKind:
        if (cards["kind"] == kind).any():
            compared = compare(tables, year, kind, bands)
            drawn += [
                charts.ranked_dots(compared.table, told),
                charts.theme_heatmap(compared, told),
                charts.self_vs_verified(compared.gap, told),
                charts.deduction_pareto(compared, told),
            ]
            over_years = trend(tables, kind, until=year)
            if len(over_years.years) > 1:
                drawn.append(slopes.slopes(over_years, told))
    return tuple(drawn)
