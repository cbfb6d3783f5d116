from __future__ import annotations

from decimal import Decimal
from functools import partial
from itertools import combinations

import pytest
from score_frames import BANDS, NAMES, made_up
from test_figures import IMPRINT, Drawing, assert_nothing_is_cut, boxes, figures_of

from analytics.analysis.bunching import bunching
from analytics.analysis.gap import gap
from analytics.figures import Chart
from analytics.figures.credibility import near_bounds, over_claimed
from analytics.policy import GradeBand
from analytics.store import ScoreTables


def drawn(tables: ScoreTables, kind: str) -> list[Chart]:
    return [
        over_claimed(gap(tables, 2020, kind), IMPRINT),
        near_bounds(bunching(tables, 2020, kind, BANDS), IMPRINT),
    ]


def without_marks(kind: str) -> ScoreTables:
    tables = made_up((kind,), (2020,))
    tables.marks["self_mark"] = float("nan")
    tables.cards["total"] = float("nan")
    return tables


@pytest.fixture(scope="module")
def drawings() -> list[Drawing]:
    """Charts of 10, 16 and 4 units, each with one undecided, with totals at each bound, and without a mark."""
    made: list[Drawing] = []
    for kind, names in NAMES.items():
        at_bounds = made_up((kind,), (2020,))
        at_bounds.cards["total"] = [(90.0, 79.55, 60.49, 97.0)[place % 4] for place in range(len(names))]
        for tables in (made_up((kind,), (2020,), names[0]), at_bounds, without_marks(kind)):
            made += figures_of(partial(drawn, tables, kind))
    high = (GradeBand(name="优秀", least=Decimal(97)), *BANDS[1:])
    made += figures_of(lambda: [near_bounds(bunching(at_bounds, 2020, kind, high), IMPRINT)])
    return made


def test_no_text_is_cut(drawings: list[Drawing]) -> None:
    for _, fig in drawings:
        assert_nothing_is_cut(fig)


def test_no_text_stands_on_another(drawings: list[Drawing]) -> None:
    for chart, fig in drawings:
        for (one, a), (other, b) in combinations(boxes(fig), 2):
            apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
            assert apart, f"{chart.name}: {one!r} and {other!r}"


def test_every_chart_says_what_it_shows_and_where_it_is_from(drawings: list[Drawing]) -> None:
    for chart, fig in drawings:
        assert chart.alt.endswith("。")
        assert IMPRINT.source in "\n".join(text.get_text() for text in fig.texts)


def test_a_mark_that_was_not_compared_is_hatched_and_one_that_agrees_is_not() -> None:
    tables = made_up(("industry_department",), (2020,))
    marks = tables.marks
    first = gap(tables, 2020, "industry_department").items["item"].iloc[0]
    marks.loc[marks.index[marks["item"] == first][0], "verified_mark"] = float("nan")
    found = gap(tables, 2020, "industry_department")
    ((_, fig),) = figures_of(lambda: [over_claimed(found, IMPRINT)])
    shown = found.matrix.loc[found.items[found.items["gap"] > 0]["item"].head(12)]
    hatched = [field for field in fig.axes[0].patches if field.get_hatch()]
    assert len(fig.axes[0].patches) == shown.size
    assert len(hatched) == shown.isna().sum().sum() == 1


def test_a_class_that_claims_nothing_too_much_says_so_in_the_picture() -> None:
    tables = made_up(("industry_department",), (2020,))
    tables.marks["self_mark"] = tables.marks["verified_mark"]
    ((_, fig),) = figures_of(lambda: [over_claimed(gap(tables, 2020, "industry_department"), IMPRINT)])
    assert "没有自评高于核定的条目" in {text.get_text() for text in fig.axes[0].texts}


def test_names_from_files_are_no_formulas() -> None:
    tables = made_up(("industry_department",), (2020,))
    tables.marks["item_text"] = "责任书$x_1$<b>" + tables.marks["item_text"]
    chart = over_claimed(gap(tables, 2020, "industry_department"), IMPRINT)
    assert chart.png
