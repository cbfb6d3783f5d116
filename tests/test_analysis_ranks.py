from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_frames import BANDS, NAMES, made_up

from analytics.analysis.decomposition import Decomposition, decompose, places
from analytics.analysis.ranks import Factors, RankCertainty, drawn_totals, rank_certainty, smallest_steps
from analytics.policy import YearRules
from analytics.problems import Refused
from analytics.rubric import PerOccurrence
from analytics.store import ScoreTables
from analytics.units import UnitKind, UnitRegistry
from analytics.workspace import Workspace

STEPS = dict.fromkeys(
    ("duty.study", "duty.leaders", "campaign.plan", "campaign.hazards", "system.running", "base.lectures",
     "base.drills", "accident.deaths"), 0.5,
)  # fmt: skip
SURE = Factors(draws=50)
BOTH = Factors(1000, 0.1, STEPS, draws=2000)


def certainty(factors: Factors = BOTH, kind: str = "street_town", undecided: str = "") -> RankCertainty:
    return rank_certainty(made_up((kind,), (2020,), undecided), 2020, kind, BANDS, factors)


def with_totals(*totals: float) -> ScoreTables:
    """Four departments whose items all have full marks; the totals differ only by what is outside the items."""
    tables = made_up(("industry_department",), (2020,))
    tables.marks["awarded"], tables.marks["rate"] = tables.marks["full_marks"], 1.0
    tables.cards["total"] = totals
    tables.cards["rank"] = tables.cards["total"].rank(method="min", ascending=False)
    return tables


@pytest.mark.parametrize("kind", NAMES)
def test_without_uncertainty_the_interval_is_the_official_rank(kind: str) -> None:
    units = certainty(SURE, kind).units
    assert units["low"].to_list() == units["high"].to_list() == units["rank"].to_list()


def test_ties_stay_ties_and_are_never_told_apart() -> None:
    found = rank_certainty(with_totals(90, 85, 85, 70), 2020, "industry_department", BANDS, SURE)
    assert found.units["rank"].to_list() == found.units["low"].to_list() == [1, 2, 2, 4]
    assert found.units["group"].to_list() == [1, 2, 2, 3]
    assert found.groups[1] == ("区民政局", "区文旅局")


def test_units_with_the_same_marks_tie_in_every_draw_of_the_weights() -> None:
    found = rank_certainty(with_totals(90, 85, 85, 70), 2020, "industry_department", BANDS, Factors(100, draws=200))
    assert found.units["high"].to_list() == [1, 2, 2, 4]


def test_the_same_seed_draws_the_same_and_another_one_does_not() -> None:
    assert certainty().units.equals(certainty().units)
    apart = decompose(made_up(), 2020, "street_town")
    one, other = (drawn_totals(apart, Factors(1000, draws=20, seed=seed)) for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_draws_and_seed_are_recorded_with_the_result() -> None:
    found = certainty()
    assert found.factors == BOTH
    assert "抽样2000次（随机种子2020）" in found.sentence
    assert "每个条目有10%的可能高评或低评一档" in found.sentence
    assert found.sentence.endswith("正式名次不因此改变。")


@settings(max_examples=25, deadline=None)
@given(st.floats(10, 5000), st.floats(0.01, 1), st.integers(0, 99))
def test_drawn_ranks_are_ranks_and_intervals_are_in_order(concentration: float, misjudged: float, seed: int) -> None:
    units = certainty(Factors(concentration, misjudged, STEPS, draws=100, seed=seed)).units
    assert (units["low"] <= units["high"]).all()
    assert units["low"].min() == 1
    assert units["high"].max() <= len(units)
    assert all(b - a in (0, 1) for a, b in pairwise(units["group"]))


def test_a_misjudged_mark_stays_between_nothing_and_full() -> None:
    apart = decompose(with_totals(100, 100, 100, 100), 2020, "industry_department")
    totals = drawn_totals(apart, Factors(None, 1.0, dict.fromkeys(apart.items.index, 1000.0), draws=500))
    assert totals.min() >= 0
    assert totals.max() <= 100


def test_a_step_moves_a_total_by_the_step() -> None:
    apart = decompose(with_totals(100, 100, 100, 100), 2020, "industry_department")
    totals = drawn_totals(apart, Factors(None, 0.2, dict.fromkeys(apart.items.index, 0.5), draws=500))
    assert set(np.unique(totals.round(6) * 2 % 1)) == {0.0}
    assert 100 - totals.mean() == pytest.approx(8 * 0.1 * 0.5, abs=0.05)  # eight items, each down in a tenth of draws


def test_weights_vary_around_the_nominal_ones_as_declared() -> None:
    tables = with_totals(100, 100, 100, 100)
    here = (tables.marks["unit"] == "ID01") & (tables.marks["item"] == "duty.study")
    tables.marks.loc[here, ["awarded", "rate"]] = 0.0
    tables.cards.loc[0, "total"] = 88.0
    apart = decompose(tables, 2020, "industry_department")
    weight = 1 - drawn_totals(apart, Factors(1000, draws=20_000))[:, list(apart.units.index).index("ID01")] / 100
    assert weight.mean() == pytest.approx(0.12, abs=0.001)
    assert weight.std() == pytest.approx((0.12 * 0.88 / 1001) ** 0.5, rel=0.03)


def test_units_of_different_groups_keep_their_order_in_95_percent_of_draws() -> None:
    tables = made_up()
    units = rank_certainty(tables, 2020, "street_town", BANDS, BOTH).units
    totals = drawn_totals(decompose(tables, 2020, "street_town"), BOTH)
    group = units["group"].to_numpy()
    assert group[-1] > 1
    for a, b in zip(*np.nonzero(group[:, None] < group), strict=True):
        assert (totals[:, b] > totals[:, a]).mean() <= 0.05


@pytest.mark.parametrize("seed", range(6))
def test_a_group_ends_exactly_where_every_pair_across_keeps_its_order(seed: int) -> None:
    tables = made_up(("special_regulator",), (2020,), seed=seed)
    factors = Factors(2000, 0.05, STEPS, draws=400)
    units = rank_certainty(tables, 2020, "special_regulator", BANDS, factors).units
    totals = drawn_totals(decompose(tables, 2020, "special_regulator"), factors).round(6)
    total, expected = units["total"].to_numpy(), [1]
    for end in range(len(units) - 1):
        pairs = [(a, b) for a in range(end + 1) for b in range(end + 1, len(units))]
        apart = all((totals[:, b] > totals[:, a]).mean() <= 0.05 and total[a] != total[b] for a, b in pairs)
        expected.append(expected[-1] + apart)
    assert units["group"].to_list() == expected


def test_misjudgement_is_as_frequent_as_declared() -> None:
    apart = decompose(with_totals(100, 100, 100, 100), 2020, "industry_department")
    totals = drawn_totals(apart, Factors(None, 0.02, dict.fromkeys(apart.items.index, 0.5), draws=20_000))
    assert (100 - totals).mean() == pytest.approx(8 * 0.01 * 0.5, rel=0.05)


def test_only_the_items_that_move_most_are_listed_and_the_rest_counted() -> None:
    found = certainty(kind="special_regulator")
    moving = int((found.items["moved"] > 0).sum())
    assert len(found.shown_items.rows) == min(moving, 10)
    assert f"8个条目中，有{moving}个去掉后会有单位名次变动" in found.item_sentence
    assert f"变动最多，{found.items['moved'].max()}个单位变动" in found.item_sentence
    assert found._repr_mimebundle_()["text/html"].count("<tr>") == 17


def test_an_item_that_moves_nobody_is_not_listed() -> None:
    found = rank_certainty(with_totals(90, 85, 80, 70), 2020, "industry_department", BANDS, SURE)
    assert found.shown_items.rows == ()
    assert found.item_sentence == "8个条目不论去掉哪一个，行业主管部门的名次都不变。"


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"steps": STEPS}, "go together"),
        ({"misjudged": 0.1}, "go together"),
        ({"concentration": 0}, "above 0"),
        ({"misjudged": 1.5, "steps": STEPS}, "misjudged"),
        ({"misjudged": 0.1, "steps": {"a": 0}}, "steps above 0"),
        ({"draws": 0}, "one draw"),
    ],
)
def test_a_factor_that_makes_no_sense_or_would_not_be_used_is_an_error(given_: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Factors(**given_)  # type: ignore[arg-type]


def test_a_step_for_an_item_that_nobody_is_asked_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"differ: no\.such"):
        certainty(Factors(None, 0.1, STEPS | {"no.such": 1.0}))
    with pytest.raises(ValueError, match=r"differ: duty\.study"):
        certainty(Factors(None, 0.1, {k: v for k, v in STEPS.items() if k != "duty.study"}))


def test_distances_to_the_grades_on_both_sides() -> None:
    found = rank_certainty(with_totals(95, 90, 89.9, 12), 2020, "industry_department", BANDS, SURE)
    assert found.units["to_better"].to_list() == pytest.approx([np.nan, np.nan, 0.1, 48], nan_ok=True)
    assert found.units["to_lower"].to_list() == pytest.approx([5, 0, 9.9, np.nan], nan_ok=True)
    assert "离上一等级最近的是区文旅局，差0.1分" in found.sentence
    assert found.shown.rows[1][-2:] == ("", "0.00")


@pytest.mark.parametrize("kind", NAMES)
def test_an_undecided_unit_is_left_out_and_said(kind: str) -> None:
    name = NAMES[kind][0]
    found = certainty(undecided=name, kind=kind)
    assert found.left_out == (name,)
    assert name not in found.units["unit_name"].to_list()
    assert f"{name}有条目待裁定，没有名次，未列入" in found.sentence


def test_one_unit_or_none_has_no_order() -> None:
    tables = made_up(("industry_department",), (2020,))
    tables.cards.loc[1:, ["total", "rank"]] = np.nan
    tables.cards.loc[0, "rank"] = 1.0
    one = rank_certainty(tables, 2020, "industry_department", BANDS, BOTH)
    assert one.units[["rank", "low", "high", "group"]].to_numpy().tolist() == [[1, 1, 1, 1]]
    assert one.sentence.startswith("有总分的行业主管部门不到2个，谈不上名次")
    assert one.item_sentence == "有总分的行业主管部门不到2个，谈不上名次变动。"
    tables.cards[["total", "rank"]] = np.nan
    assert rank_certainty(tables, 2020, "industry_department", BANDS, SURE).units.empty


def test_an_item_left_out_moves_whom_the_totals_say() -> None:
    found = certainty()
    apart = decompose(made_up(years=(2020,)), 2020, "street_town")
    top = found.items.iloc[0]
    without = places((apart.units["total"] - apart.parts[top["item"]]).to_numpy())
    assert top["moved"] == (without != apart.units["rank"]).sum()
    assert found.items["moved"].is_monotonic_decreasing


def test_a_class_that_was_not_scored_is_refused() -> None:
    with pytest.raises(Refused, match="已有的年度"):
        rank_certainty(made_up(), 2017, "street_town", BANDS, SURE)


def test_the_smallest_step_of_an_item_is_the_least_that_a_rule_takes() -> None:
    workspace = Workspace.open(None)
    rubric = YearRules.load(workspace, UnitRegistry.load(workspace.units), 2020).rubric(UnitKind.STREET_TOWN)
    steps = smallest_steps(rubric.items)
    assert steps["duty.leaders_study"] == 0.25
    for item in rubric.items:
        assert 0 < steps[item.id] <= item.full_marks
        assert all(float(rule.points) >= steps[item.id] for rule in item.rules if isinstance(rule, PerOccurrence))


def test_thirty_units_and_forty_items_take_a_moment() -> None:
    draw = np.random.default_rng(1)
    units, items = [f"u{n}" for n in range(30)], [f"i{n}" for n in range(40)]
    rates = pd.DataFrame(draw.uniform(0.5, 1, (30, 40)), index=units, columns=items)
    asked = pd.DataFrame({"full_marks": 2.5}, index=items)
    nothing = pd.DataFrame()
    apart = Decomposition(
        2020, UnitKind.STREET_TOWN, 100.0, pd.DataFrame(index=units), asked, pd.Series(), nothing, rates,
        pd.Series(0.0, index=units), (),
    )  # fmt: skip
    started = time.process_time()
    ranks = places(drawn_totals(apart, Factors(1000, 0.1, dict.fromkeys(items, 0.5))))
    assert ranks.shape == (10_000, 30)
    assert time.process_time() - started < 1  # about 0.15 s; the bound only catches a loop over the draws
