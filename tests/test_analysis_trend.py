from __future__ import annotations

import pandas as pd
import pytest
from score_frames import NAMES, made_up

from analytics.analysis.comparability import relate
from analytics.analysis.trend import trend


def relations(later: int) -> dict[str, str]:
    found = trend(made_up()).relations
    rows = found[found["to_year"] == later]
    return dict(zip(rows["item"], rows["relation"], strict=True))


def test_an_item_keeps_its_id_through_renumbering_and_reweighting() -> None:
    found = relations(2020)
    assert found["duty.study"] == "same"
    assert found["campaign.plan"] == "reweighted"


def test_merged_split_new_and_dropped_items_are_not_compared() -> None:
    assert relations(2019)["system.running"] == "merged"
    assert relations(2019)["campaign.hazards"] == "new"
    assert relations(2020)["base.lectures"] == relations(2020)["base.drills"] == "split"
    assert relations(2020)["duty.letters"] == "dropped"


def test_an_item_that_lives_on_in_others_is_not_called_dropped() -> None:
    assert "system.meetings" not in relations(2019)
    assert "base.training" not in relations(2020)


def items(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["item", "no", "full_marks", "formerly"])
    return frame.assign(text="事项")


def test_an_item_that_took_in_another_one_is_merged_though_it_kept_its_id() -> None:
    (kept,) = relate(items(("a", "1", 3, ""), ("b", "2", 2, "")), items(("a", "1", 5, "b")))
    assert (kept.relation, kept.says) == ("merged", "由上年第1项、第2项合并而来，不逐项比较")


def test_a_part_taken_out_of_an_item_that_remains_is_split() -> None:
    found = relate(items(("a", "1", 5, "")), items(("a", "1", 3, ""), ("b", "2", 2, "a")))
    assert [r.relation for r in found] == ["reweighted", "split"]


def test_an_item_under_a_new_id_with_one_origin_is_rewritten() -> None:
    (found,) = relate(items(("a", "1", 5, "")), items(("b", "1", 5, "a")))
    assert found.relation == "rewritten"
    assert not found.comparable


def test_origins_of_an_earlier_year_do_not_count_again() -> None:
    (found,) = relate(items(("b", "1", 5, "a")), items(("b", "1", 5, "a")))
    assert found.relation == "same"


def test_the_like_for_like_rate_uses_the_later_years_weights() -> None:
    tables = made_up(years=(2019, 2020))
    change = trend(tables).latest_changes.set_index("unit_name").loc["长征镇"]
    marks = tables.marks[tables.marks["unit_name"] == "长征镇"].set_index(["year", "item"])
    shared = ["duty.study", "campaign.plan", "campaign.hazards", "system.running", "accident.deaths"]
    full = sum(marks.loc[(2020, item), "full_marks"] for item in shared)
    then = sum(marks.loc[(2019, item), "rate"] * marks.loc[(2020, item), "full_marks"] for item in shared)
    assert change["items"] == len(shared)
    assert change["like_before"] == pytest.approx(then / full)


def test_a_change_is_the_difference_of_the_printed_totals() -> None:
    tables = made_up(years=(2019, 2020))
    cards = tables.cards
    cards["total"] = cards["total"].where(cards["unit_name"] != "长征镇", cards["year"].map({2019: 91.5, 2020: 84.305}))
    change = trend(tables).latest_changes.set_index("unit_name").loc["长征镇", "change"]
    assert change == pytest.approx(-7.19)  # 84.31 − 91.50


def test_deductions_recur_only_through_comparable_items() -> None:
    found = trend(made_up())
    assert {"base.lectures", "duty.leaders"}.isdisjoint(found.recurring["item"])
    runs = found.recurring[found.recurring["item"] == "campaign.hazards"]["years"]
    assert set(runs) <= {(2019, 2020)}
    assert (found.recurring["points"] > 0).all()


def test_an_undecided_unit_has_no_change_and_comes_last() -> None:
    found = trend(made_up(undecided="长寿路街道"))
    assert pd.isna(found.latest_changes["change"].iloc[-1])
    assert found.shown_changes.rows[-1][:4] == ("长寿路街道", found.shown_changes.rows[-1][1], "", "")


def test_the_trend_of_an_earlier_year_does_not_know_the_later_ones() -> None:
    found = trend(made_up(), "street_town", until=2019)
    assert found.years == (2018, 2019)
    assert found.sentence.startswith("2018年度和2019年度")


def test_a_renamed_unit_goes_by_its_newest_name() -> None:
    tables = made_up()
    old = (tables.cards["unit"] == "ST03") & (tables.cards["year"] == 2018)
    tables.cards.loc[old, "unit_name"] = "长寿街道"
    assert set(trend(tables).units.loc[lambda rows: rows["unit"] == "ST03", "unit_name"]) == {"长寿路街道"}


@pytest.mark.parametrize("kind", [*NAMES, None])
def test_one_year_alone_is_said_to_be_no_trend(kind: str | None) -> None:
    found = trend(made_up((kind,) if kind else tuple(NAMES), years=(2020,)), kind)
    assert found.sentence == "只有2020年度一年的评分，无从比较变化。"
    assert found.changes.empty
    assert found.recurring.empty
    assert "只有一个年度" in found.recurrence_sentence + found.theme_sentence + found.comparability_sentence
    assert not found.shown_changes.rows


def test_all_classes_together_are_told_apart_in_words() -> None:
    said = trend(made_up(tuple(NAMES))).comparability_sentence
    assert all(f"{label}：" in said for label in ("街道镇", "专项监管部门", "行业主管部门"))
