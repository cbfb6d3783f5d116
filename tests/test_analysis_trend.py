from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_frames import NAMES, made_up

from analytics.analysis.changes import printed_change
from analytics.analysis.comparability import comparable_through, relate
from analytics.analysis.trend import Trend, trend
from analytics.analysis.wording import difference


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


def items(*rows: tuple[str, str, float, str]) -> list[dict[str, Any]]:
    names = ("item", "no", "full_marks", "formerly")
    return [dict(zip(names, row, strict=True)) | {"text": "事项"} for row in rows]


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


def test_only_items_that_were_comparable_at_every_step_are_so_over_all_years() -> None:
    found = trend(made_up()).relations
    assert comparable_through(found, "street_town", (2018, 2019, 2020)) == (
        "accident.deaths", "campaign.plan", "duty.study"
    )  # fmt: skip
    assert "system.running" in comparable_through(found, "street_town", (2019, 2020))


def test_item_rates_are_those_of_all_units_together() -> None:
    tables = made_up()
    marks = tables.marks[(tables.marks["item"] == "duty.study") & (tables.marks["year"] == 2019)]
    row = trend(tables).items.set_index(["item", "year"]).loc[("duty.study", 2019)]
    assert row["rate"] == pytest.approx(marks["awarded"].sum() / marks["full_marks"].sum())
    assert row["units"] == 10


def test_the_items_that_changed_most_come_first_and_those_without_a_first_year_are_listed_apart() -> None:
    found = trend(made_up())
    size = found.item_changes["change"].abs()
    known = size.dropna()
    assert known.is_monotonic_decreasing
    assert size.iloc[: len(known)].notna().all()
    assert len(found.shown_items.rows) == len(known) == 3
    apart = dict(zip(found.item_changes["item"], found.item_changes["says"], strict=True))
    assert apart["base.drills"] == "2020年度拆分"
    assert apart["system.running"] == "2019年度合并"
    assert apart["duty.study"] == ""
    assert len(found.shown_other_items.rows) == 5
    assert found.item_sentence.startswith("2018—2020年度一直可比的3项中")
    assert found.item_sentence.endswith("5项不能与2018年度相比。")


def test_a_unit_without_a_mark_does_not_pull_a_rate_down() -> None:
    tables = made_up()
    tables.marks.loc[tables.marks["unit"] == "ST01", "awarded"] = float("nan")
    found = trend(tables)
    assert (found.items["units"] == 9).all()
    assert found.units.loc[found.units["unit"] == "ST01", "rate"].isna().all()
    assert "ST01" not in set(found.recurring["unit"])


def test_a_unit_that_did_not_exist_in_a_year_is_blank_there_and_has_no_change() -> None:
    tables = made_up(("industry_department",))
    gone = (tables.cards["unit"] == "ID02") & (tables.cards["year"] < 2020)
    marks = tables.marks[(tables.marks["unit"] != "ID02") | (tables.marks["year"] == 2020)]
    found = trend(replace(tables, cards=tables.cards[~gone], marks=marks), "industry_department")
    row = next(row for row in found.shown.rows if row[0] == "区民政局")
    assert row[1:3] == ("", "")
    assert row[-2:] == ("", "")
    assert "ID02" not in set(found.changes["unit"])


def test_units_that_moved_alike_are_named_together() -> None:
    tables = made_up(("industry_department",), years=(2019, 2020))
    cards = tables.cards
    cards["total"] = cards["unit"].map({"ID01": 90.0, "ID02": 80.0, "ID03": 85.0, "ID04": 70.0})
    cards["total"] += cards["unit"].map({"ID01": 1, "ID02": 1, "ID03": -2, "ID04": -2}) * (cards["year"] == 2020)
    said = trend(tables, "industry_department").change_sentence
    assert "上升最多的是区教育局、区民政局（上升1.00分）" in said
    assert "下降最多的是区文旅局、区国资委（下降2.00分）" in said


def test_a_trend_shows_itself_as_totals_by_year_with_rank_and_change() -> None:
    found = trend(made_up(undecided="长寿路街道"), "street_town")
    shown = found._repr_mimebundle_()
    assert found.shown.header == ("单位", "2018年度", "2019年度", "2020年度", "名次", "比2019年度", "比2018年度")
    assert found.shown.rows[0][4] == "第1名"
    assert found.shown.rows[-1][0] == "长寿路街道"
    assert found.shown.rows[-1][3:] == ("", "", "", "")
    assert "街道镇历年总分" in shown["text/html"]
    assert found.sentence in shown["text/plain"]


@pytest.mark.parametrize("years", [(2020,), (2018, 2020)])
def test_with_one_year_or_a_gap_between_the_years_it_still_shows_itself(years: tuple[int, ...]) -> None:
    found = trend(made_up(years=years))
    assert len(found.shown.header) == 2 * len(years) + 1
    assert found.item_sentence


@given(st.lists(st.tuples(*[st.decimals(0, 110, places=3).map(float)] * 2), min_size=1, max_size=30))
def test_a_column_of_changes_is_what_subtracting_the_printed_scores_gives(pairs: list[tuple[float, float]]) -> None:
    after, before = (pd.Series(column) for column in zip(*pairs, strict=True))
    assert printed_change(after, before).tolist() == pytest.approx([float(difference(*pair)) for pair in pairs])


def assert_same(found: Trend, other: Trend) -> None:
    for name in ("units", "themes", "items", "relations", "changes", "recurring"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(other, name))


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([*NAMES, None]))
def test_the_order_of_rows_and_the_type_of_the_columns_do_not_matter(seed: int, kind: str | None) -> None:
    tables = made_up(tuple(NAMES), undecided="长寿路街道", seed=seed)
    marks = tables.marks.sample(frac=1, random_state=seed)
    texts = [name for name, dtype in marks.dtypes.items() if dtype == "str"]
    cards = tables.cards.sample(frac=1, random_state=seed).astype({"unit": "category", "kind": "category"})
    assert_same(trend(replace(tables, marks=marks.astype(dict.fromkeys(texts, "category"))), kind), trend(tables, kind))
    assert_same(trend(replace(tables, marks=marks, cards=cards), kind), trend(tables, kind))


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000))
def test_losses_recur_as_a_plain_walk_back_through_the_years_finds_them(seed: int) -> None:
    tables = made_up(tuple(NAMES), seed=seed)
    found = trend(tables)
    lost = tables.marks[tables.marks["full_marks"] - tables.marks["awarded"] > 0]
    seen = set(zip(lost["unit"], lost["item"], lost["year"], strict=True))
    same = found.relations[found.relations["comparable"]]
    joined = set(zip(same["kind"], same["item"], same["from_year"], strict=True))
    expected = {
        (
            unit,
            item,
            (2018, 2019, 2020) if (unit, item, 2018) in seen and (kind, item, 2018) in joined else (2019, 2020),
        )
        for unit, item, kind in zip(lost["unit"], lost["item"], lost["kind"], strict=True)
        if {(unit, item, 2019), (unit, item, 2020)} <= seen and (kind, item, 2019) in joined
    }
    assert set(zip(found.recurring["unit"], found.recurring["item"], found.recurring["years"], strict=True)) == expected
    assert len(found.recurring) == len(expected)
