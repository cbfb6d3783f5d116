from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial
from itertools import combinations, pairwise

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image
from score_frames import BANDS, NAMES, PREFIX, made_up

from analytics.analysis.accident_totals import accident_totals
from analytics.analysis.class_year import ClassYear, steady_means
from analytics.analysis.comparison import compare
from analytics.analysis.one_unit import Course, Descent, Step, ThemeRate, YearPoint
from analytics.analysis.ranks import Factors, rank_certainty
from analytics.analysis.rectification import rectification
from analytics.analysis.trend import trend
from analytics.analysis.weights import weights
from analytics.figures import Chart, Imprint, charts, leadership_charts, overview, theme
from analytics.figures.certainty import rank_intervals, weights_chart
from analytics.figures.slopes import slopes
from analytics.figures.theme import spread, themed
from analytics.figures.unit_charts import unit_themes, unit_waterfall, unit_years
from analytics.units import UnitKind

IMPRINT = Imprint(
    "来源：2020年度计分批次0001-0123456789ab，记录0123456789ab", "合成示例数据，非真实考核结果；示范细则（非正式文件）"
)
THEMES = [
    ThemeRate("明确责任落实", Decimal("0.905"), Decimal("0.88"), Decimal(1)),
    ThemeRate("深化专项治理", None, Decimal("0.91"), Decimal("0.96")),
    ThemeRate("完善体制机制", Decimal(0), None, None),
]
LONG = "第31项“党政主要负责人落实安全生产…”"
STEPS = (
    Step("满分", Decimal(0), Decimal(100), "start"),
    Step(LONG, Decimal("-2.5"), Decimal("97.5")),
    Step("加分", Decimal(1), Decimal("98.5")),
    Step("总分", Decimal(0), Decimal("98.5"), "end"),
)
YEARS = (
    YearPoint(2018, Decimal("88.25"), "良好", 7, 10, Decimal("89.9")),
    YearPoint(2019, None, None, None, 9, Decimal("90.2")),
    YearPoint(2020, Decimal("84.305"), "良好", 9, 10, Decimal("91.12")),
)


Drawing = tuple[Chart, Figure]


def class_charts(kind: str, undecided: str = "", years: tuple[int, ...] = (2018, 2019, 2020)) -> list[Chart]:
    tables = made_up((kind,), years, undecided)
    compared = compare(tables, 2020, kind, BANDS)
    return [
        charts.ranked_dots(compared.table, IMPRINT),
        charts.theme_heatmap(compared, IMPRINT),
        charts.self_vs_verified(compared.gap, IMPRINT),
        charts.deduction_pareto(compared, IMPRINT),
        slopes(trend(tables, kind), IMPRINT),
    ]


def certainty_charts(kind: str, undecided: str = "", outside: float = 0.0) -> list[Chart]:
    tables = made_up((kind,), (2020,), undecided)
    tables.cards.loc[1, "total"] += outside
    certainty = rank_certainty(tables, 2020, kind, BANDS, Factors(1000, draws=200))
    return [weights_chart(weights(tables, 2020, kind), IMPRINT), rank_intervals(certainty, IMPRINT)]


def unit_charts() -> list[Chart]:
    return [
        unit_themes(THEMES, IMPRINT),
        unit_waterfall(Descent(STEPS, Decimal("98.5"), 0), IMPRINT),
        unit_waterfall(Descent(STEPS[:1], None, 2), IMPRINT),
        unit_years(Course(YEARS), IMPRINT),
        unit_years(Course(YEARS[1:2]), IMPRINT),
    ]


def overview_charts() -> list[Chart]:
    classes = class_years(tuple(NAMES))
    return [
        overview.grade_counts([one.compared.table for one in classes], IMPRINT),
        overview.problem_states([one.problems for one in classes], IMPRINT),
        overview.class_means(classes, IMPRINT),
    ]


def figures_of(draw: Callable[[], Sequence[Chart]]) -> list[Drawing]:
    """The charts without their pictures, which take time, and the figures behind them."""
    figures: list[Figure] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theme, "as_svg", lambda fig: figures.append(fig) or b"")
        charts = draw()
        assert not any(chart.svg for chart in charts)  # asking for it is what gives us the figure
        return list(zip(charts, figures, strict=True))


@pytest.fixture(scope="module")
def drawings() -> list[Drawing]:
    """Charts of 10, 16 and 4 units, each class with one undecided, and those of a unit."""
    made = figures_of(unit_charts) + figures_of(overview_charts)
    for kind, names in NAMES.items():
        made += figures_of(partial(class_charts, kind, max(names, key=len)))
        made += figures_of(partial(certainty_charts, kind, max(names, key=len)))
        made += figures_of(partial(certainty_charts, kind, outside=-9.0))
    return made


@cache
def boxes(fig: Figure) -> list[tuple[str, Bbox]]:
    """Every visible text and where it stands, in pixels."""
    with themed():
        fig.canvas.draw()
        renderer = fig.canvas.get_renderer()  # type: ignore[attr-defined]
        texts = [text for text in fig.findobj(Text) if text.get_visible() and text.get_text().strip()]
        beyond = {label for ax in fig.axes for axis in (ax.xaxis, ax.yaxis) for label in labels_beyond(axis)}
        # An annotation's own extent would take in its arrow.
        return [(text.get_text(), Text.get_window_extent(text, renderer)) for text in texts if text not in beyond]


def labels_beyond(axis: Axis) -> list[Text]:
    """Labels that exist but are never drawn: of ticks outside the axis, or of an axis that is not shown."""
    low, high = sorted(axis.get_view_interval())
    found = zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
    return [label for label, at in found if not axis.get_visible() or not low <= at <= high]


def assert_nothing_is_cut(fig: Figure) -> None:
    page = fig.bbox
    for said, box in boxes(fig):
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page.x1 and box.y1 <= page.y1
        assert inside, f"{said!r} at {box} leaves {page}"


def test_no_text_is_cut(drawings: list[Drawing]) -> None:
    for _, fig in drawings:
        assert_nothing_is_cut(fig)


def test_no_text_stands_on_another(drawings: list[Drawing]) -> None:
    for chart, fig in drawings:
        for (one, a), (other, b) in combinations(boxes(fig), 2):
            apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
            assert apart, f"{chart.name}: {one!r} and {other!r}"


def test_the_longest_remark_beside_a_dot_is_not_cut() -> None:
    tables = made_up(("special_regulator",), years=(2020,))
    tables.cards["grade"] = "不合格"
    table = compare(tables, 2020, "special_regulator", BANDS).table
    ((_, fig),) = figures_of(lambda: [charts.ranked_dots(table, IMPRINT)])
    assert_nothing_is_cut(fig)


def test_every_chart_says_where_it_is_from_and_what_it_is_not(drawings: list[Drawing]) -> None:
    for _, fig in drawings:
        said = "\n".join(text.get_text() for text in fig.texts)
        assert IMPRINT.source in said
        assert IMPRINT.banner in said


def test_every_chart_has_a_sentence_for_those_who_cannot_see_it(drawings: list[Drawing]) -> None:
    assert all(chart.alt.endswith("。") and len(chart.alt) > 10 for chart, _ in drawings)


@pytest.mark.parametrize("total", [90.0, float("nan")])
def test_a_class_without_a_spread_or_without_a_rank_still_has_its_charts(total: float) -> None:
    tables = made_up(("industry_department",), (2020,))
    tables.cards["total"], tables.cards["rank"] = total, total / 90
    certainty = rank_certainty(tables, 2020, "industry_department", BANDS, Factors(draws=1))
    alike = weights(tables, 2020, "industry_department")
    for _, fig in figures_of(lambda: [weights_chart(alike, IMPRINT), rank_intervals(certainty, IMPRINT)]):
        assert_nothing_is_cut(fig)


def test_one_year_and_four_units_are_enough() -> None:
    assert len(figures_of(lambda: class_charts("industry_department", years=(2020,)))) == 5


def test_the_same_data_give_the_same_bytes_whatever_the_users_settings_are() -> None:
    compared = compare(made_up(("industry_department",), years=(2020,)), 2020, "industry_department", BANDS)

    def draw() -> list[tuple[bytes, bytes]]:
        made = (
            charts.ranked_dots(compared.table, IMPRINT),
            charts.theme_heatmap(compared, IMPRINT),
            unit_themes(THEMES, IMPRINT),
        )
        return [(chart.svg, chart.png) for chart in made]

    first = draw()
    with mpl.rc_context({"font.size": 20, "savefig.bbox": "tight", "axes.grid": True, "svg.hashsalt": "x"}):
        assert draw() == first


def test_nothing_is_set_outside_the_theme() -> None:
    before = dict(mpl.rcParams)
    unit_charts()
    assert dict(mpl.rcParams) == before


def test_files_hold_no_date_and_no_program() -> None:
    chart = unit_themes(THEMES, IMPRINT)
    assert b"dc:date" not in chart.svg
    assert b"<text" not in chart.svg  # letters are paths: no reader needs the font
    assert not Image.open(io.BytesIO(chart.png)).info.keys() - {"dpi"}


def test_a_character_without_a_glyph_is_an_error_and_not_a_box() -> None:
    strange = [ThemeRate("\ue123", Decimal(1), None, None)]
    with pytest.raises(UserWarning, match="missing from"):
        _ = unit_themes(strange, IMPRINT).png


def test_a_dollar_sign_is_a_dollar_sign() -> None:
    assert unit_themes([ThemeRate("$\\frac{1}$", Decimal(1), None, None)], IMPRINT).png


def test_the_alternative_text_says_what_the_data_say() -> None:
    chart = unit_themes(THEMES, IMPRINT)
    assert chart.alt.startswith("各一级指标得分率（%）。得分率最低的一级指标是“完善体制机制”（0.0%）")


def test_a_notebook_shows_the_picture_with_its_alternative_text() -> None:
    chart = unit_themes(THEMES, IMPRINT)
    data, metadata = chart._repr_mimebundle_()
    assert data["image/png"].startswith("iVBOR")
    assert metadata["image/png"]["alt"] == data["text/plain"] == chart.alt


def class_years(kinds: Sequence[str], years: Sequence[int] = (2018, 2019, 2020)) -> list[ClassYear]:
    """The classes in the last of ``years``, with a problem each whose state is not recorded."""
    tables, year = made_up(kinds, years), years[-1]
    found = {"year": year, "unit": [f"{PREFIX[kind]}01" for kind in kinds], "channel": "onsite", "rule": "1"}
    more = {"unit_name": "甲", "item": "duty.study", "date": None, "text": "记录不全", "deadline": None, "closed": None}
    stated = pd.DataFrame(columns=["year", "unit", "measure", "channel", "value"])
    tables = replace(tables, findings=pd.DataFrame(found | more), figures=stated)
    return [
        ClassYear(
            year,
            UnitKind(kind),
            compare(tables, year, kind, BANDS),
            weights(tables, year, kind),
            rank_certainty(tables, year, kind, BANDS, Factors(concentration=1000.0, draws=100)),
            over_years := trend(tables, kind, until=year),
            rectification(tables, year, kind),
            accident_totals(tables, year, kind, ()),
            steady_means(over_years),
            unverified=0,
        )
        for kind in kinds
    ]


def test_the_leadership_gets_three_charts_of_all_and_seven_of_each_class_under_their_own_names() -> None:
    classes = class_years(tuple(NAMES))
    names = [chart.name for chart, _ in figures_of(lambda: leadership_charts(classes, IMPRINT))]
    assert len(set(names)) == len(names) == 3 + 3 * 7
    assert all(name.isascii() for name in names)


def test_the_first_year_has_no_chart_over_the_years() -> None:
    found = figures_of(lambda: leadership_charts(class_years(("industry_department",), (2018,)), IMPRINT))
    assert [chart.name.partition("-")[0] for chart, _ in found] == [
        "grade_counts", "problem_states", "ranked_dots", "theme_heatmap", "self_vs_verified", "deduction_pareto",
        "weights", "rank_intervals",
    ]  # fmt: skip


def test_every_chart_of_the_leadership_says_that_the_data_are_made_up() -> None:
    found = figures_of(lambda: leadership_charts(class_years(("industry_department",), (2020,)), IMPRINT))
    assert all(any("合成示例数据" in text.get_text() for text in fig.texts) for _, fig in found)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0.001, 0.05))
def test_labels_keep_their_distance_their_order_and_the_page(wanted: list[float], least: float) -> None:
    places = spread(wanted, least)
    ordered = sorted(range(len(wanted)), key=lambda i: wanted[i])
    gaps = [places[b] - places[a] for a, b in pairwise(ordered)]
    assert all(gap >= least - 1e-9 for gap in gaps)
    assert all(-1e-9 <= place <= 1 + 1e-9 for place in places)


def test_labels_that_do_not_touch_stay_where_they_are() -> None:
    assert spread([0.1, 0.9, 0.5], 0.05) == pytest.approx([0.1, 0.9, 0.5])
