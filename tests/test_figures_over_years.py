from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from score_frames import NAMES, RUBRICS, made_up
from test_figures import IMPRINT, Drawing, assert_nothing_is_cut, boxes, figures_of

from analytics.analysis.falls import falls
from analytics.analysis.followup import followup
from analytics.figures.over_years import fall_chart, followup_chart
from analytics.store import ScoreTables

YEARS = ((2018, 2019, 2020), (2020,))


def tables(kind: str, years: tuple[int, ...], undecided: str = "") -> ScoreTables:
    """Made-up years; each unit has as many problems as its place in the class, closed, open and not said in turn."""
    made = made_up((kind,), years, undecided)
    cards = made.cards.iloc[1:]  # the first unit has no card in the first year
    rows = [
        {"unit": unit, "unit_name": name, "kind": kind, "year": year, "item": RUBRICS[year][0][0], "channel": "onsite",
         "rule": "1", "closed": (True, False, None)[number % 3]}
        for place, (unit, name, year) in enumerate(zip(cards["unit"], cards["unit_name"], cards["year"], strict=True))
        for number in range(3 * (place % 17))
    ]  # fmt: skip
    findings = pd.DataFrame(rows).astype({"closed": "boolean"})
    return ScoreTables(cards, made.marks, made.losses, made.items, made.figures, made.claims, findings)


def drawings() -> Iterator[Drawing]:
    longest = {kind: max(names, key=len) for kind, names in NAMES.items()}
    for made, kind in (
        *((tables(kind, YEARS[0], name), kind) for kind, name in longest.items()),
        (tables("industry_department", YEARS[1]), "industry_department"),
    ):
        found = falls(made, kind), followup(made, kind)
        yield from figures_of(lambda found=found: [fall_chart(found[0], IMPRINT), followup_chart(found[1], IMPRINT)])


def test_no_text_is_cut_or_stands_on_another_in_any_class_year_or_undecided_unit() -> None:
    for chart, fig in drawings():
        assert_nothing_is_cut(fig)
        for (one, a), (other, b) in combinations(boxes(fig), 2):
            apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
            assert apart, f"{chart.name}: {one!r} and {other!r}"


def test_the_fall_chart_names_each_units_item() -> None:
    made = tables("street_town", YEARS[0])
    found = falls(made, "street_town")
    ((chart, fig),) = figures_of(lambda: [fall_chart(found, IMPRINT)])
    said = [text for text, _ in boxes(fig)]
    worst = found.items_of(found.units["unit"].iloc[0]).iloc[0]
    assert any(f"第{worst['no']}项" in text for text in said)
    assert "右侧：总分／可比条目，降得最多的条目；曹杨新村街道没有两年的总分，未列" in said
    assert found.sentence in chart.alt


def test_the_bars_of_a_year_add_up_to_the_problems_found() -> None:
    made = tables("industry_department", YEARS[0])
    found = followup(made, "industry_department")
    ((_, fig),) = figures_of(lambda: [followup_chart(found, IMPRINT)])
    for ax, year in zip(fig.axes, found.years, strict=True):
        ends = {}
        for bar in ax.patches:
            assert isinstance(bar, Rectangle)
            row = round(bar.get_y() + bar.get_height() / 2)
            assert bar.get_x() == ends.get(row, 0)  # it begins where the one before it ends
            ends[row] = bar.get_x() + bar.get_width()
        assert sum(ends.values()) == found.units.loc[found.units["year"] == year, "found"].sum()


@pytest.mark.parametrize("years", YEARS)
def test_a_class_without_findings_or_falls_still_has_its_charts(years: tuple[int, ...]) -> None:
    made = made_up(("industry_department",), years)
    found = figures_of(lambda: [followup_chart(followup(made, "industry_department"), IMPRINT)])
    assert sum("没有记录" in text for text, _ in boxes(found[0][1])) == 4 * len(years)
