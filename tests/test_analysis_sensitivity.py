from __future__ import annotations

from itertools import combinations
from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from score_frames import BANDS, NAMES, made_up
from test_figures import IMPRINT, assert_nothing_is_cut, boxes, figures_of

from analytics.analysis.ranks import Factors, rank_certainty
from analytics.analysis.sensitivity import Outcome, Sensitivity, assumed_uncertainty, sensitivity
from analytics.analysis.sobol import Factor, SobolIndices, sobol
from analytics.figures.sensitivity import sobol_bars
from analytics.store import ScoreTables

XYZ = tuple(Factor(name, name, "", -pi, pi) for name in "xyz")
STEPS = dict.fromkeys(
    ("duty.study", "duty.leaders", "campaign.plan", "campaign.hazards", "system.running", "base.lectures",
     "base.drills", "accident.deaths"), 1.0,
)  # fmt: skip


def ishigami(drawn: dict[str, np.ndarray]) -> np.ndarray:
    x, y, z = drawn["x"], drawn["y"], drawn["z"]
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def found(
    outcome: Outcome = "ranks", kind: str = "street_town", undecided: str = "", draws: int = 128, seed: int = 2020
) -> Sensitivity:
    tables = made_up((kind,), (2020,), undecided)
    factors = assumed_uncertainty(tables, 2020, kind, outcome)
    return sensitivity(tables, 2020, kind, BANDS, STEPS, factors, outcome, draws, seed)


def all_equal() -> ScoreTables:
    tables = made_up(("industry_department",), (2020,))
    tables.marks["awarded"], tables.marks["rate"] = tables.marks["full_marks"] / 2, 0.5
    tables.cards[["total", "rank"]] = [50.0, 1.0]
    return tables


def test_ishigami_with_a_7_and_b_01_has_the_indices_of_saltelli_2008() -> None:
    rows = sobol(ishigami, XYZ, 4096, 1).rows
    assert rows["first"].to_list() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.005)
    assert rows["total"].to_list() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.005)


def test_ishigami_has_its_known_mean_and_variance() -> None:
    indices = sobol(ishigami, XYZ, 4096, 1)
    assert indices.mean == pytest.approx(3.5, abs=0.01)
    assert indices.variance == pytest.approx(49 / 8 + 0.1 * pi**4 / 5 + 0.01 * pi**8 / 18 + 1 / 2, rel=0.01)


def test_the_95_percent_intervals_hold_the_indices_of_ishigami() -> None:
    rows = sobol(ishigami, XYZ, 1024, 3).rows
    for order, known in (("first", [0.3139, 0.4424, 0.0]), ("total", [0.5576, 0.4424, 0.2437])):
        assert (rows[f"{order}_low"] < known).all()
        assert (rows[f"{order}_high"] > known).all()


def test_they_are_the_indices_that_scipy_gives() -> None:
    spread = [stats.uniform(-pi, 2 * pi)] * 3
    scipys = stats.sobol_indices(
        func=lambda x: ishigami(dict(zip("xyz", x, strict=True))), n=256, dists=spread, rng=np.random.default_rng(5)
    )
    rows = sobol(ishigami, XYZ, 256, 5).rows
    assert rows["first"].to_numpy() == pytest.approx(scipys.first_order)
    assert rows["total"].to_numpy() == pytest.approx(scipys.total_order)


def test_more_draws_make_narrower_intervals_and_few_are_called_unstable() -> None:
    few, many = sobol(ishigami, XYZ, 64, 1), sobol(ishigami, XYZ, 2048, 1)
    assert not few.stable
    assert many.stable
    assert many.widest < few.widest / 3


def test_the_same_seed_gives_the_same_indices_and_another_one_others() -> None:
    assert sobol(ishigami, XYZ, 64, 1).rows.equals(sobol(ishigami, XYZ, 64, 1).rows)
    assert not sobol(ishigami, XYZ, 64, 1).rows.equals(sobol(ishigami, XYZ, 64, 2).rows)
    assert found().rows.equals(found().rows)


def test_a_factor_declared_and_not_used_is_an_error() -> None:
    with pytest.raises(ValueError, match="declared and not used: y, z"):
        sobol(lambda drawn: drawn["x"], XYZ, 64, 1)


def test_bounds_declared_where_ranks_are_asked_are_an_error() -> None:
    tables = made_up(years=(2020,))
    factors = assumed_uncertainty(tables, 2020, "street_town", "grades")
    with pytest.raises(ValueError, match="declared and not used: bounds"):
        sensitivity(tables, 2020, "street_town", BANDS, STEPS, factors, "ranks", 64)


def test_a_theme_that_is_not_there_is_an_error() -> None:
    factors = [Factor("weight:t1", "", "", 0.8, 1.2), Factor("weight:t9", "", "", 0.8, 1.2)]
    with pytest.raises(ValueError, match="declared and not used: weight:t9"):
        sensitivity(made_up(years=(2020,)), 2020, "street_town", BANDS, STEPS, factors, "ranks", 64)


def test_an_item_without_a_step_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"without a step: accident\.deaths"):
        sensitivity(
            made_up(), 2020, "street_town", BANDS, {k: 1.0 for k in STEPS if k != "accident.deaths"}, XYZ, "ranks", 64
        )


@pytest.mark.parametrize("factors", [XYZ[:1], (XYZ[0], XYZ[0])])
def test_one_factor_or_a_name_twice_is_an_error(factors: tuple[Factor, ...]) -> None:
    with pytest.raises(ValueError, match="at least two factors of different names"):
        sobol(ishigami, factors, 64, 1)


def test_a_factor_without_a_range_is_an_error() -> None:
    with pytest.raises(ValueError, match="low < high"):
        Factor("x", "", "", 1.0, 1.0)


def test_an_outcome_that_never_varies_has_no_indices() -> None:
    indices = sobol(lambda drawn: 0 * (drawn["x"] + drawn["y"] + drawn["z"]), XYZ, 64, 1)
    assert indices.rows[["first", "total"]].isna().all(axis=None)
    assert indices.variance == 0


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.1, 10), min_size=2, max_size=5), st.integers(0, 99))
def test_a_sum_of_factors_splits_by_their_variances(sizes: list[float], seed: int) -> None:
    factors = [Factor(str(n), "", "", 0.0, size) for n, size in enumerate(sizes)]
    rows = sobol(lambda drawn: sum(drawn.values()), factors, 1024, seed).rows
    shares = np.square(sizes) / np.square(sizes).sum()
    assert rows["first"].to_numpy() == pytest.approx(shares, abs=0.08)
    assert rows["total"].to_numpy() == pytest.approx(shares, abs=0.08)


@pytest.mark.parametrize("kind", NAMES)
def test_declared_factors_draws_and_seed_are_recorded_and_printed(kind: str) -> None:
    result = found("grades", kind)
    assert [factor.name for factor in result.factors] == [
        *(f"{what}:t{n}" for what in ("weight", "judgement") for n in range(1, 6)), "bounds",
    ]  # fmt: skip
    assert (result.draws, result.seed) == (128, 2020)
    assert "抽样128组，共推算1664次，随机种子2020" in result.declared
    assert "各等级分数线一同上下移动，至多1分" in result.declared
    assert result.sentence.endswith("正式名次和等级不因此改变。")


def test_without_misjudgement_and_with_equal_rates_weights_move_nobody() -> None:
    tables = all_equal()
    factors = [f for f in assumed_uncertainty(tables, 2020, "industry_department") if f.name.startswith("weight")]
    result = sensitivity(tables, 2020, "industry_department", BANDS, STEPS, factors, "ranks", 64)
    assert result.rows.empty
    assert "名次平均变动始终为0，没有哪个因素有影响" in result.sentence


def test_weights_alone_move_ranks_as_far_as_rank_certainty_says_they_can() -> None:
    tables = made_up(years=(2020,))
    factors = [f for f in assumed_uncertainty(tables, 2020, "street_town") if f.name.startswith("weight")]
    mean = sensitivity(tables, 2020, "street_town", BANDS, STEPS, factors, "ranks", 256).indices
    units = rank_certainty(tables, 2020, "street_town", BANDS, Factors(300, draws=500)).units
    assert mean is not None
    assert 0 < mean.mean < (units["high"] - units["low"]).mean()


def test_only_the_bounds_matter_when_totals_are_sure() -> None:
    tables = made_up(years=(2020,))
    here = [Factor("weight:t1", "权重", "", 0.999999, 1.000001), Factor("bounds", "分数线", "", -5.0, 5.0)]
    result = sensitivity(tables, 2020, "street_town", BANDS, STEPS, here, "grades", 256)
    assert result.rows["factor"].to_list() == ["bounds", "weight:t1"]
    assert result.rows["total"].to_list() == pytest.approx([1, 0], abs=0.02)


def test_too_few_draws_are_said_and_no_factor_is_named_first() -> None:
    assert "还分不清：95%区间最宽达" in found(draws=32).sentence
    assert "影响最大" in found(draws=2048).sentence


@pytest.mark.parametrize("kind", NAMES)
def test_an_undecided_unit_is_left_out_and_said(kind: str) -> None:
    name = NAMES[kind][0]
    result = found(kind=kind, undecided=name)
    assert result.left_out == (name,)
    assert f"{name}有条目待裁定，未列入" in result.sentence


@pytest.mark.parametrize("outcome", ["ranks", "grades"])
def test_a_class_without_totals_has_a_sentence_and_a_chart(outcome: Outcome) -> None:
    tables = all_equal()
    tables.cards[["total", "rank"]] = np.nan
    factors = assumed_uncertainty(tables, 2020, "industry_department", outcome)
    result = sensitivity(tables, 2020, "industry_department", BANDS, STEPS, factors, outcome)
    assert result.indices is None
    assert result.sentence.startswith("有总分的行业主管部门不到2个")
    ((_, fig),) = figures_of(lambda: [sobol_bars(result, IMPRINT)])
    assert_nothing_is_cut(fig)


@pytest.mark.parametrize("kind", NAMES)
def test_no_text_of_the_chart_is_cut_or_stands_on_another(kind: str) -> None:
    results = [found("grades", kind, max(NAMES[kind], key=len)), found("ranks", kind)]
    for chart, fig in figures_of(lambda: [sobol_bars(result, IMPRINT) for result in results]):
        assert_nothing_is_cut(fig)
        for (one, a), (other, b) in combinations(boxes(fig), 2):
            apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
            assert apart, f"{chart.name}: {one!r} and {other!r}"


def test_a_notebook_shows_it_as_a_table_with_its_sentence_and_declaration() -> None:
    result = found()
    page = result._repr_mimebundle_()["text/html"]
    assert "<th" in page
    assert "连同交互（95%区间）" in page
    assert str(result.declared) in page
    assert isinstance(result.indices, SobolIndices)
