from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from score_frames import NAMES, made_up

from analytics.analysis.decomposition import decompose, moves, places, ranks_without
from analytics.analysis.weights import effective_shares, weights
from analytics.intake.components import read_component_table
from analytics.problems import Refused
from analytics.scoring import competition_ranks
from analytics.store import ScoreTables
from analytics.workspace import REPOSITORY

KIND = "industry_department"
NANTONG = REPOSITORY / "data" / "published" / "nantong_2017_08" / "得分表.xlsx"


def test_nantong_2017_system_explains_nothing_and_on_site_three_quarters() -> None:
    """Source: 8月份南通市区城市长效综合管理考核通报, data/published/nantong_2017_08/source.yaml."""
    table = read_component_table(NANTONG)
    parts = {n: [float(row.components[n].value * w) for row in table.rows] for n, w in table.weights.items()}
    shares = effective_shares(pd.DataFrame(parts))
    assert shares.to_dict() == pytest.approx({"系统": 0.0, "现场": 0.75, "履职": 0.25}, abs=0.01)


@given(arrays(float, (5, 4), elements=st.floats(0, 20).map(lambda x: round(x, 2))))
def test_shares_add_to_one_and_a_constant_part_has_none(values: object) -> None:
    shares = effective_shares(pd.DataFrame(values).assign(constant=3.0))
    assert shares["constant"] == pytest.approx(0)
    assert shares.sum() == pytest.approx(1) or not shares.any()


def test_totals_that_do_not_differ_have_no_shares() -> None:
    assert not effective_shares(pd.DataFrame({"a": [0.1, 0.2], "b": [0.2, 0.1]})).any()
    assert not effective_shares(pd.DataFrame({"a": [1.0], "b": [2.0]})).any()
    assert not effective_shares(pd.DataFrame(columns=["a", "b"], dtype=float)).any()


def test_a_total_is_full_marks_and_its_parts_and_what_is_outside() -> None:
    tables = made_up()
    tables.cards.loc[tables.cards["year"] == 2020, "total"] += 1.5
    apart = decompose(tables, 2020, "street_town")
    assert (apart.outside == 1.5).all()
    assert (100 + apart.parts.sum(axis=1) + apart.outside).to_list() == pytest.approx(apart.units["total"].to_list())
    assert apart.nominal.sum() == pytest.approx(1)


def test_an_item_that_does_not_apply_costs_nothing_and_the_others_count_more() -> None:
    tables = made_up()
    marks = tables.marks
    here = (marks["year"] == 2020) & (marks["unit_name"] == "长征镇")
    gone = here & (marks["item"] == "duty.leaders")
    marks.loc[gone, ["status", "awarded", "rate"]] = ["not_applicable", float("nan"), float("nan")]
    rest = marks[here & ~gone]
    total = 100 * rest["awarded"].sum() / rest["full_marks"].sum()
    cards = tables.cards
    cards.loc[(cards["year"] == 2020) & (cards["unit_name"] == "长征镇"), "total"] = total
    apart = decompose(tables, 2020, "street_town")
    unit = apart.units.index[apart.units["unit_name"] == "长征镇"][0]
    assert apart.parts.loc[unit, "duty.leaders"] == 0
    assert 100 + apart.parts.loc[unit].sum() == pytest.approx(total)
    assert apart.items.loc["duty.leaders", "units"] == 9
    assert apart.nominal["t1"] == pytest.approx(0.22)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_many_rankings_at_once_tie_as_the_official_one(totals: list[int]) -> None:
    official = competition_ranks({str(n): Decimal(total) / 10 for n, total in enumerate(totals)})
    frame = pd.Series(totals, dtype=float).to_numpy() * 0.1
    assert places(frame).tolist() == list(official.values())


def test_many_units_and_several_leading_axes_are_ranked_like_one_by_one() -> None:
    totals = np.random.default_rng(2).integers(0, 300, (2, 3, 50)) / 10
    for one in np.ndindex(2, 3):
        assert places(totals)[one].tolist() == places(totals[one]).tolist()
    assert places(-np.arange(40_000.0)).tolist() == list(range(1, 40_001))
    assert places(np.empty((5, 0))).shape == (5, 0)


def test_leaving_out_what_all_have_alike_moves_nobody() -> None:
    totals = pd.Series([9.0, 8.0, 8.0], index=list("xyz"))
    units = pd.DataFrame({"unit_name": ["甲", "乙", "丙"], "rank": [1, 2, 2]}, index=list("xyz"))
    parts = pd.DataFrame({"same": [-1.0, -1.0, -1.0], "other": [0.0, -3.0, -1.0]}, index=list("xyz"))
    found = moves(ranks_without(parts, totals), units)
    assert found.loc["same", "moved"] == 0
    assert found.loc["other"].to_list() == [2, "甲", 1, 2]  # 9, 11, 9


def test_items_with_full_marks_everywhere_are_counted_and_separate_nobody() -> None:
    tables = made_up()
    here = (tables.marks["year"] == 2020) & (tables.marks["item"] == "duty.leaders")
    lost = (tables.marks["full_marks"] - tables.marks["awarded"])[here]
    of_2020 = tables.cards["year"] == 2020
    tables.cards.loc[of_2020, "total"] += lost.to_numpy()
    tables.marks.loc[here, "awarded"] = tables.marks.loc[here, "full_marks"]
    found = weights(tables, 2020, "street_town")
    assert found.silent["item"].to_list() == ["duty.leaders"]
    assert found.silent["effective"].to_list() == pytest.approx([0])
    assert found.item_sentence.startswith("各单位都得满分的条目1项（共10分），拉不开差距，去掉后名次不变")


def four_units(**rates: tuple[float, float, float, float]) -> ScoreTables:
    """The departments with full marks in 2020 but for these rates, by item (a dot is written as __)."""
    tables = all_alike("industry_department")
    marks, cards = tables.marks, tables.cards
    for item, of_units in rates.items():
        here = marks["item"] == item.replace("__", ".")
        marks.loc[here, "rate"] = of_units
    marks["awarded"] = marks["rate"] * marks["full_marks"]
    cards["total"] = cards["unit"].map(marks.groupby("unit")["awarded"].sum())
    cards["rank"] = cards["total"].rank(ascending=False, method="min")
    return tables


def test_an_item_whose_losses_have_nothing_to_do_with_the_totals_is_nearly_silent_and_still_moves_units() -> None:
    tables = four_units(campaign__plan=(1, 17 / 18, 9 / 18, 12 / 18), base__drills=(0.8, 1, 1, 0.8))
    found = weights(tables, 2020, "industry_department")
    assert found.quiet["item"].to_list() == ["base.drills"]
    assert found.quiet["effective"].to_list() == pytest.approx([0])
    ranking = found.ranking.set_index("unit_name")
    assert ranking["rank"].to_dict() == {"区民政局": 1, "区教育局": 2, "区国资委": 3, "区文旅局": 4}
    assert ranking["rank_without"].to_dict() == {"区民政局": 2, "区教育局": 1, "区国资委": 3, "区文旅局": 4}
    assert "另有1项（共10分）几乎拉不开差距（解释的差距不论正负都不到分值占比的10%）" in found.item_sentence
    assert "2个单位名次变动，变动最多的是区民政局，由第1名变为第2名" in found.item_sentence
    assert [row[-1] for row in found.shown_ranking.rows] == ["降1位", "升1位", "不变", "不变"]
    assert [row[-1] for row in found.shown_items.rows].count("各单位都得满分") == 6


def test_an_item_that_works_against_the_totals_is_not_silent() -> None:
    items = weights(four_units(campaign__plan=(1, 0.8, 0.5, 0.4), base__drills=(0.8, 1, 1, 1)), 2020, KIND).items
    against = items.set_index("item").loc["base.drills"]
    assert against["effective"] < -0.1 * against["nominal"]
    assert not against["quiet"]


def test_equal_totals_make_no_item_nearly_silent() -> None:
    found = weights(four_units(duty__study=(0.5, 1, 0.5, 1), base__lectures=(1, 0.5, 1, 0.5)), 2020, KIND)
    assert found.sentence.startswith("4个行业主管部门总分相同")
    assert len(found.silent) == 6
    assert found.quiet.empty


def test_without_the_silent_items_no_rank_changes() -> None:
    found = weights(four_units(campaign__plan=(1, 0.9, 0.5, 0.6)), 2020, "industry_department")
    assert len(found.silent) == 7
    assert (found.ranking["rank"] == found.ranking["rank_without"]).all()
    assert found.item_sentence.endswith("没有几乎拉不开差距的条目（解释的差距不论正负都不到分值占比的10%）。")


def test_the_bound_below_which_an_item_is_nearly_silent_is_declared() -> None:
    found = weights(made_up(), 2020, "street_town", quiet_below=1.0)
    explained = found.quiet["effective"].abs() < found.quiet["nominal"]
    assert explained.all()
    assert len(found.quiet)
    assert "解释的差距不论正负都不到分值占比的100%" in found.item_sentence
    assert weights(made_up(), 2020, "street_town", quiet_below=0.0).quiet.empty


def test_weights_show_themselves_with_their_sentences() -> None:
    found = weights(made_up(), 2020, "street_town")
    text = found._repr_mimebundle_()["text/plain"]
    assert text.startswith("2020年度街道镇：分值占比和实际拉开的差距")
    assert found.sentence in text
    assert found.item_sentence in text


def test_themes_and_items_each_add_to_the_whole() -> None:
    found = weights(made_up(), 2020, "street_town")
    assert found.themes["theme"].to_list() == ["t1", "t2", "t3", "t4", "t5"]
    assert found.themes["nominal"].sum() == pytest.approx(1) == found.items["nominal"].sum()
    assert found.themes["effective"].sum() == pytest.approx(1) == found.items["effective"].sum()
    assert len(found.shown.rows) == 5


def test_bonus_and_outside_deductions_are_a_row_of_their_own() -> None:
    tables = made_up()
    tables.cards.loc[tables.cards["year"].eq(2020).idxmax(), "total"] -= 3
    themes = weights(tables, 2020, "street_town").themes
    assert themes[["theme", "nominal"]].iloc[-1].to_list() == ["outside", 0]
    assert themes["effective"].sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", NAMES)
def test_one_year_with_an_undecided_unit_is_enough(kind: str) -> None:
    undecided = NAMES[kind][0]
    found = weights(made_up((kind,), (2020,), undecided), 2020, kind)
    assert found.left_out == (undecided,)
    assert f"{undecided}有条目待裁定，未计入。" in found.sentence
    assert found.units == len(NAMES[kind]) - 1


def all_alike(kind: str) -> ScoreTables:
    tables = made_up((kind,), (2020,))
    tables.marks["awarded"] = tables.marks["full_marks"]
    tables.marks["rate"] = 1.0
    tables.cards["total"], tables.cards["rank"] = 100.0, 1.0
    return tables


def test_equal_totals_are_said_in_words() -> None:
    found = weights(all_alike("industry_department"), 2020, "industry_department")
    assert found.sentence.startswith("4个行业主管部门总分相同，没有差距可以分解")
    assert not found.themes["effective"].any()
    assert found.quiet.empty


def test_a_class_without_a_single_total_says_so() -> None:
    tables = all_alike("industry_department")
    tables.cards[["total", "rank"]] = float("nan")
    tables.marks["awarded"] = tables.marks["rate"] = float("nan")
    found = weights(tables, 2020, "industry_department")
    assert found.sentence.startswith("有总分的行业主管部门不到2个，谈不上差距")


def test_a_class_that_was_not_scored_is_refused() -> None:
    with pytest.raises(Refused, match="已有的年度"):
        weights(made_up(), 2017, "street_town")
