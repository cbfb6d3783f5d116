from __future__ import annotations

import pytest
from score_frames import NAMES, made_up

from analytics.analysis.flat_marks import flat_marks
from analytics.store import ScoreTables


def town(name: str = "长征镇", years: tuple[int, ...] = (2020,), lost: float = 0.0) -> ScoreTables:
    """Three years of streets of which one gave itself full marks in ``years``; every other took a point off."""
    tables = made_up()
    marks = tables.marks
    marks["self_mark"] = marks["full_marks"] - 1.0
    marks["verified_mark"] = marks["full_marks"] - lost
    flat = (marks["unit_name"] == name) & marks["year"].isin(years)
    marks.loc[flat, "self_mark"] = marks["full_marks"]
    return tables


def test_a_unit_with_full_marks_throughout_is_flat_and_what_was_taken_off_is_said() -> None:
    found = flat_marks(town(lost=0.5), 2020, "street_town")
    assert found.flat["unit_name"].to_list() == ["长征镇"]
    assert found.shown.rows == (("长征镇", "8", "", "8项扣4分", ""),)
    assert "值得看一看，因为核定时长征镇扣了4分" in found.sentence


def test_a_flat_unit_of_which_nothing_was_taken_off_has_its_due() -> None:
    assert "核定的条目确实都没有扣分" in flat_marks(town(), 2020, "street_town").sentence


def test_one_point_anywhere_is_not_flat() -> None:
    tables = town()
    tables.marks.loc[tables.marks["unit_name"].eq("长征镇").idxmax(), "self_mark"] -= 0.1  # 2018, not this year
    assert len(flat_marks(tables, 2020, "street_town").flat) == 1
    tables.marks.loc[tables.marks["unit_name"].eq("长征镇")[::-1].idxmax(), "self_mark"] -= 0.1
    found = flat_marks(tables, 2020, "street_town")
    assert found.flat.empty
    assert found.sentence == "有自评分的10个街道镇中，没有一个给自己每项都打满分。"


def test_years_are_counted_back_until_the_first_that_was_not_flat() -> None:
    found = flat_marks(town(years=(2018, 2020)), 2020, "street_town")
    assert found.flat["years"].to_list() == [1]
    found = flat_marks(town(years=(2019, 2020)), 2020, "street_town")
    assert found.flat["years"].to_list() == [2]
    assert "长征镇连年如此" in found.sentence


def test_blank_marks_are_no_full_marks_but_are_counted() -> None:
    tables = town()
    here = (tables.marks["unit_name"] == "长征镇") & (tables.marks["year"] == 2020)
    tables.marks.loc[tables.marks.index[here][:3], "self_mark"] = float("nan")
    found = flat_marks(tables, 2020, "street_town")
    assert found.flat[["items", "blank"]].to_numpy().tolist() == [[5, 3]]


def test_an_item_that_does_not_apply_is_neither_blank_nor_full() -> None:
    tables = town()
    here = (tables.marks["unit_name"] == "长征镇") & (tables.marks["year"] == 2020)
    tables.marks.loc[tables.marks.index[here][0], ["status", "self_mark"]] = ["not_applicable", float("nan")]
    found = flat_marks(tables, 2020, "street_town")
    assert found.flat[["items", "blank"]].to_numpy().tolist() == [[7, 0]]


@pytest.mark.parametrize("kind", NAMES)
def test_a_unit_that_handed_in_nothing_is_named_and_not_flat(kind: str) -> None:
    tables = made_up((kind,), (2020,))
    tables.marks.loc[tables.marks["unit_name"] == NAMES[kind][0], "self_mark"] = float("nan")
    found = flat_marks(tables, 2020, kind)
    assert found.silent == (NAMES[kind][0],)
    assert len(found.units) == len(NAMES[kind]) - 1
    assert found.sentence.endswith(f"{NAMES[kind][0]}没有自评分，未比较。")


def test_a_class_that_handed_in_nothing_has_its_sentence() -> None:
    tables = made_up(("industry_department",), (2020,))
    tables.marks["self_mark"] = float("nan")
    found = flat_marks(tables, 2020, "industry_department")
    assert found.silent == NAMES["industry_department"]
    assert found.sentence == "没有一个行业主管部门有自评分，看不出谁给自己都打满分。"
