from __future__ import annotations

import pandas as pd
import pytest
from score_frames import BANDS, NAMES, made_up

from analytics.analysis.comparison import compare
from analytics.analysis.gap import gap
from analytics.analysis.scores import class_table
from analytics.problems import Refused

CLASSES = tuple(NAMES)


def test_units_stand_by_rank_and_those_without_a_total_last() -> None:
    table = class_table(made_up(undecided="长寿路街道"), 2020, "street_town", BANDS)
    ranks = table.rows["rank"].to_list()
    assert ranks[:-1] == sorted(ranks[:-1])
    assert table.rows["unit_name"].iloc[-1] == "长寿路街道"
    assert table.shown.rows[-1] == ("", "长寿路街道", "", "待裁定", "待裁定")
    assert "长寿路街道有条目待裁定，暂无总分和名次" in table.sentence


def test_every_band_is_counted_also_the_empty_one() -> None:
    table = class_table(made_up(), 2020, "street_town", BANDS)
    assert table.grades["grade"].to_list() == ["优秀", "良好", "合格", "不合格"]
    assert table.grades["units"].sum() == len(table.rows) == 10


def test_grades_descend_also_when_the_bands_are_not_given() -> None:
    table = class_table(made_up(undecided="长寿路街道"), 2020, "street_town")
    assert table.grades["grade"].to_list() == ["优秀", "良好", "待裁定"]


def test_a_grade_lowered_by_a_veto_is_said() -> None:
    tables = made_up()
    best = tables.cards[tables.cards["year"] == 2020]["total"].idxmax()
    tables.cards.loc[best, ["grade", "limited"]] = ["不合格", True]
    name, before = tables.cards.loc[best, ["unit_name", "grade_by_points"]]
    said = class_table(tables, 2020, "street_town", BANDS).sentence
    assert f"因一票否决或一票否优，{name}由{before}定为不合格" in said


def test_a_grade_lowered_by_the_number_of_places_is_not_blamed_on_a_veto() -> None:
    tables = made_up()
    best = tables.cards[tables.cards["year"] == 2020]["total"].idxmax()
    tables.cards.loc[best, "grade"] = "良好"
    name, before = tables.cards.loc[best, ["unit_name", "grade_by_points"]]
    said = class_table(tables, 2020, "street_town", BANDS).sentence
    assert f"因名额限制，{name}由{before}定为良好" in said


def test_a_unit_that_takes_no_place_keeps_its_total_and_one_that_is_barred_waits_for_nothing() -> None:
    tables = made_up()
    newest = tables.cards[tables.cards["year"] == 2020].index
    tables.cards.loc[newest[0], "rank"] = float("nan")
    tables.cards.loc[newest[1], ["total", "rank"]] = float("nan")
    tables.cards.loc[newest[1], ["grade", "grade_by_points", "barred"]] = [None, None, True]
    table = class_table(tables, 2020, "street_town", BANDS)
    unplaced, barred = tables.cards.loc[newest[:2], "unit_name"]
    assert f"{unplaced}不参加排名" in table.sentence
    assert f"{barred}不予参评" in table.sentence
    assert "待裁定" not in table.sentence
    assert dict(table.rows.set_index("unit_name")["grade"])[barred] == "不予参评"


def test_totals_that_print_alike_but_rank_apart_are_told_apart() -> None:
    tables = made_up()
    first, second, third = tables.cards[tables.cards["year"] == 2020].index[:3]
    tables.cards.loc[[first, second, third], "total"] = [94.308, 94.31, 80.5]
    table = class_table(tables, 2020, "street_town", BANDS)
    units = tables.cards.loc[[first, second, third], "unit"]
    assert [table.printed[unit] for unit in units] == ["94.308", "94.310", "80.50"]


def test_a_class_that_was_not_scored_is_refused_with_the_years_at_hand() -> None:
    with pytest.raises(Refused, match="已有的年度为：2018、2019、2020"):
        class_table(made_up(), 2017, "street_town")


def test_the_mean_and_best_of_a_theme_come_from_all_units_of_the_class() -> None:
    themes = compare(made_up(), 2020, "street_town").themes
    for _, rows in themes.groupby("theme"):
        assert rows["mean"].iloc[0] == pytest.approx(rows["rate"].mean())
        assert rows["to_best"].max() == 0


def test_a_theme_with_an_undecided_item_has_no_rate() -> None:
    compared = compare(made_up(undecided="长寿路街道"), 2020, "street_town")
    own = compared.themes[compared.themes["unit_name"] == "长寿路街道"].set_index("theme")
    assert pd.isna(own.loc["t2", "rate"])
    assert own.loc["t1", "rate"] > 0
    assert "长寿路街道有条目待裁定，相应的一级指标未计" in compared.theme_sentence


def test_an_item_that_does_not_apply_leaves_the_rate_alone() -> None:
    tables = made_up()
    before = compare(tables, 2020, "street_town").matrix.loc["长征镇", "明确责任落实"]
    marks = tables.marks
    here = (marks["year"] == 2020) & (marks["unit_name"] == "长征镇") & (marks["item"] == "duty.leaders")
    marks.loc[here, ["status", "awarded"]] = ["not_applicable", float("nan")]
    other = marks[(marks["year"] == 2020) & (marks["unit_name"] == "长征镇") & (marks["item"] == "duty.study")].iloc[0]
    after = compare(tables, 2020, "street_town").matrix.loc["长征镇", "明确责任落实"]
    assert after == pytest.approx(other["awarded"] / other["full_marks"])
    assert before > 0


def test_the_matrix_stands_in_rank_order_and_in_the_rubrics_order_of_themes() -> None:
    compared = compare(made_up(undecided="长征镇"), 2020, "street_town")
    assert list(compared.matrix.index) == compared.table.rows["unit_name"].to_list()
    assert list(compared.matrix.columns) == [
        "明确责任落实",
        "深化专项治理",
        "完善体制机制",
        "强化基础建设",
        "防范遏制事故",
    ]


def test_deductions_add_up_to_all_lost_points() -> None:
    tables = made_up(CLASSES)
    lost = compare(tables, 2020, "special_regulator").deductions
    own = tables.losses[(tables.losses["year"] == 2020) & (tables.losses["kind"] == "special_regulator")]
    assert lost["points"].sum() == pytest.approx(own["points"].sum())
    assert lost["cumulative"].iloc[-1] == pytest.approx(1)
    assert lost["points"].is_monotonic_decreasing


def test_a_class_without_a_deduction_says_so() -> None:
    tables = made_up()
    compared = compare(type(tables)(**(vars(tables) | {"losses": tables.losses.head(0)})), 2020, "street_town")
    assert compared.deduction_sentence == "本类各单位没有扣分。"


def test_the_gap_is_taken_only_over_items_with_both_marks() -> None:
    found = gap(made_up(), 2020, "street_town")
    assert set(found.units["items"]) == {6}  # two of the eight items were not verified
    assert (found.units["gap"] == found.units["self_mark"] - found.units["verified_mark"]).all()
    assert found.units["gap"].is_monotonic_decreasing


def test_units_without_a_verified_item_are_named_and_not_compared() -> None:
    tables = made_up(("industry_department",))
    tables.marks.loc[tables.marks["unit_name"] == "区民政局", "verified_mark"] = float("nan")
    found = gap(tables, 2020, "industry_department")
    assert found.not_verified == ("区民政局",)
    assert "区民政局没有核定条目，未比较" in found.sentence


@pytest.mark.parametrize("kind", CLASSES)
def test_one_year_of_one_class_is_enough(kind: str) -> None:
    compared = compare(made_up((kind,), years=(2020,), undecided=NAMES[kind][0]), 2020, kind, BANDS)
    assert len(compared.matrix) == len(NAMES[kind])
    assert compared.shown_distances.rows


def test_a_class_of_which_nothing_is_decided_still_has_its_table() -> None:
    tables = made_up(("industry_department",), years=(2020,))
    tables.cards[["total", "rank"]] = float("nan")
    tables.cards[["grade", "grade_by_points"]] = None
    tables.marks[["awarded", "verified_mark"]] = float("nan")
    tables.marks["status"] = "awaiting_decision"
    compared = compare(
        type(tables)(**(vars(tables) | {"losses": tables.losses.head(0)})), 2020, "industry_department", BANDS
    )
    assert compared.theme_sentence == "各项均待裁定，暂无一级指标得分率。"
    assert compared.gap.not_verified == NAMES["industry_department"]
