from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_frames import BANDS, NAMES, made_up

from analytics.analysis.bunching import Bunching, bunching
from analytics.store import ScoreTables

ONE_YEAR = made_up(("street_town", "industry_department"), (2020,))


def with_totals(*totals: float) -> ScoreTables:
    tables = made_up(("industry_department",), (2020,))
    tables.cards["total"] = totals
    return tables


def near(*totals: float, kind: str = "industry_department") -> Bunching:
    cards = ONE_YEAR.cards[ONE_YEAR.cards["kind"] == kind].assign(total=totals)
    return bunching(ScoreTables(**(vars(ONE_YEAR) | {"cards": cards})), 2020, kind, BANDS)


def test_the_bound_belongs_to_the_grade_and_half_a_point_above_is_no_longer_near() -> None:
    found = near(90, 90.49, 90.5, 89.5)
    assert found.counts.loc[0, ["above", "below"]].to_list() == [2, 1]
    assert found.units["total_distance"].fillna(9).to_list() == [9, 0.49, 0, -0.5]


def test_a_total_that_binary_arithmetic_left_a_hair_below_the_bound_is_on_it() -> None:
    found = near(90 - 1e-9, 60.1, 70, 70)
    assert found.counts.loc[0, ["above", "below"]].to_list() == [2, 0]


def test_every_bound_counts_but_not_the_zero_of_the_worst_grade() -> None:
    assert near(90.1, 79.9, 60.2, 0.1).counts.loc[0, ["above", "below"]].to_list() == [2, 1]


def test_units_above_a_bound_are_worth_a_look_and_few_prove_nothing() -> None:
    found = near(90.15, 89.9, 70, 70)
    assert found.above["unit_name"].to_list() == ["区教育局"]
    assert "区教育局（+0.15）值得看一看，因为刚过线" in found.sentence
    assert "区民政局（-0.10）差一点没有过线" in found.sentence
    assert "线附近只有2个总分，至少要有6个全在线上才谈得上异常" in found.sentence


def test_six_of_six_above_are_the_fewest_that_can_be_told_from_chance() -> None:
    found = near(*[90.1] * 6, *[70.0] * 4, kind="street_town")
    assert found.needed == 6
    assert found.counts.loc[0, "p"] == pytest.approx(2 / 2**6)
    assert "多得不像偶然，但十来个单位的结论仍不牢靠" in found.sentence
    assert near(*[90.1] * 5, 89.9, *[70.0] * 4, kind="street_town").counts.loc[0, "p"] > 0.05


def test_the_interval_is_that_of_clopper_and_pearson() -> None:
    """All of n: the lower limit is the n-th root of 0.025 (Clopper and Pearson 1934)."""
    row = near(*[90.1] * 6, *[70.0] * 4, kind="street_town").counts.loc[0]
    assert row["low"] == pytest.approx(0.025 ** (1 / 6))
    assert row["high"] == 1


def test_the_self_assessed_total_spreads_items_that_do_not_apply() -> None:
    tables = with_totals(95, 94, 93, 92)
    marks = tables.marks
    marks["self_mark"] = marks["full_marks"] * 0.9
    here = (marks["unit_name"] == "区民政局") & (marks["item"] == "duty.study")
    marks.loc[here, ["status", "self_mark"]] = ["not_applicable", float("nan")]
    found = bunching(tables, 2020, "industry_department", BANDS)
    assert found.units["self_total"].to_list() == pytest.approx([90] * 4)
    assert found.counts.loc[1, ["series", "above"]].to_list() == ["自评总分", 4]


def test_a_blank_mark_leaves_the_self_assessed_total_open_and_is_named() -> None:
    tables = with_totals(95, 94, 93, 92)
    tables.marks.loc[tables.marks["unit_name"].eq("区文旅局").idxmax(), "self_mark"] = float("nan")
    found = bunching(tables, 2020, "industry_department", BANDS)
    assert found.counts.loc[1, "units"] == 3
    assert "区文旅局有条目没有自评分，自评总分未计" in found.sentence


def test_all_classes_are_counted_beside_the_own_one() -> None:
    found = bunching(ONE_YEAR, 2020, "industry_department", BANDS)
    assert found.counts["units"].to_list() == [4, 4, 14, 14]


@pytest.mark.parametrize("kind", NAMES)
def test_an_undecided_unit_is_left_out_by_name(kind: str) -> None:
    name = NAMES[kind][0]
    found = bunching(made_up((kind,), (2020,), name), 2020, kind, BANDS)
    assert found.left_out == (name,)
    assert found.sentence.endswith(f"{name}待裁定，未计入核定总分。")


def test_a_class_without_totals_or_without_grades_still_answers() -> None:
    found = near(*[float("nan")] * 4)
    assert "线附近没有总分，谈不上扎堆" in found.sentence
    assert bunching(ONE_YEAR, 2020, "industry_department", ()).counts["above"].sum() == 0


@given(st.lists(st.integers(8800, 9200), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_each_total_near_the_bound_is_on_exactly_one_side(hundredths: list[int]) -> None:
    found = near(*(value / 100 for value in hundredths))
    assert found.counts.loc[0, "above"] == sum(9000 <= value < 9050 for value in hundredths)
    assert found.counts.loc[0, "below"] == sum(8950 <= value < 9000 for value in hundredths)
