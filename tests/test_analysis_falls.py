from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_frames import NAMES, made_up

from analytics.analysis.falls import Falls, falls
from analytics.problems import Refused
from analytics.store import ScoreTables

Mark = tuple[int, str, str, float, float | None]  # year, unit, item, full marks, awarded
FORMS = {
    2018: (("a", 4.0, ""), ("b", 6.0, ""), ("c", 2.0, ""), ("d", 3.0, "")),
    2019: (("a", 4.0, ""), ("b", 6.0, ""), ("c", 2.0, "d"), ("e", 3.0, "")),
    2020: (("a", 8.0, ""), ("b", 2.0, ""), ("c", 2.0, ""), ("e", 3.0, "")),
}
NUMBERS = {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}


def tables(marks: Iterable[Mark]) -> ScoreTables:
    """A class of departments on ``FORMS``; a total is the sum of the marks, undecided where one is None."""
    found = pd.DataFrame(marks, columns=["year", "unit", "item", "full_marks", "awarded"]).astype({"awarded": float})
    found = found.assign(kind="industry_department", unit_name="区" + found["unit"] + "局", status="verified")
    totals = found.groupby(["unit", "unit_name", "kind", "year"], as_index=False)["awarded"].sum(min_count=1)
    open_ = found[found["awarded"].isna()].groupby(["unit", "year"]).size().rename("open")
    cards = totals.rename(columns={"awarded": "total"}).join(open_, on=["unit", "year"])
    cards = cards.assign(total=cards["total"].where(cards["open"].isna()), grade="良好")
    cards["rank"] = cards.groupby("year")["total"].rank(method="min", ascending=False)
    rows = [
        {"year": year, "rubric": "r", "kind": "industry_department", "item": item, "no": NUMBERS[item],
         "text": f"事项{item}", "theme": "t", "theme_name": "主题", "full_marks": full, "formerly": formerly}
        for year, form in FORMS.items() if year in set(found["year"]) for item, full, formerly in form
    ]  # fmt: skip
    none = pd.DataFrame()
    return ScoreTables(cards, found, losses=none, items=pd.DataFrame(rows), figures=none, claims=none, findings=none)


HAND = (
    # 甲: a 4/4 → 5/8, b 3/6 → 2/2. Like for like, in points of 2020: a 8 → 5, b 1 → 2: 9 of 10 becomes 7 of 10.
    (2018, "甲", "a", 4.0, 4.0), (2018, "甲", "b", 6.0, 3.0), (2018, "甲", "c", 2.0, 2.0), (2018, "甲", "d", 3.0, 3.0),
    (2020, "甲", "a", 8.0, 5.0), (2020, "甲", "b", 2.0, 2.0), (2020, "甲", "c", 2.0, 1.0), (2020, "甲", "e", 3.0, 3.0),
    # 乙: nothing moved but c, which took in d in 2019 and cannot be compared, though its id is the same at both ends.
    (2018, "乙", "a", 4.0, 4.0), (2018, "乙", "b", 6.0, 6.0), (2018, "乙", "c", 2.0, 2.0), (2018, "乙", "d", 3.0, 3.0),
    (2020, "乙", "a", 8.0, 8.0), (2020, "乙", "b", 2.0, 2.0), (2020, "乙", "c", 2.0, 0.0), (2020, "乙", "e", 3.0, 1.5),
)  # fmt: skip
BETWEEN = tuple((2019, unit, item, full, full) for unit in "甲乙" for item, full, _ in FORMS[2019])
BY_HAND = (*HAND, *BETWEEN)


def by_hand(marks: Iterable[Mark] = BY_HAND) -> Falls:
    return falls(tables(marks), "industry_department")


def test_the_example_by_hand_like_for_like() -> None:
    found = by_hand().units.set_index("unit").loc["甲"]
    assert (found["before"], found["after"], found["change"]) == (12.0, 11.0, -1.0)
    assert found["items"] == 2
    assert (found["like_before"], found["like_after"]) == pytest.approx((0.9, 0.7))
    assert found["like_points"] == -2.0


def test_the_example_by_hand_item_by_item() -> None:
    rows = by_hand().items_of("区甲局").set_index("item")
    assert list(rows.index) == ["a", "b", "c", "e"]
    assert rows.loc[["a", "b"], "change"].to_list() == [-3.0, 1.0]
    assert rows.loc[["c", "e"], "comparable"].to_list() == [False, False]
    assert rows.loc[["c", "e"], "says"].to_list() == ["2019年度合并", "2019年度新增"]
    assert rows["lost"].to_list() == [3.0, 0.0, 1.0, 0.0]


def test_an_item_that_took_in_another_on_the_way_is_not_compared_though_its_id_stayed() -> None:
    assert not by_hand().items.set_index(["unit", "item"]).loc[("乙", "c"), "comparable"]


def test_the_sentence_names_both_units_when_the_two_ways_differ() -> None:
    assert by_hand().sentence == (
        "2018年度到2020年度，2个行业主管部门中，总分下降最多的是区乙局（由15.00分到11.50分，下降3.50分）；"
        "只看一直可比的条目，下降最多的是区甲局（2项，得分率由90.0%到70.0%，下降20.00个百分点），与按总分看的不同，"
        "两者请一并看。"
        "区乙局的可比条目没有一项下降；不可比的条目中2020年度扣分最多的是第3项“事项c”（2019年度合并，扣2分）。"
        "区甲局的可比条目降在第1项“事项a”（下降3.00分）；不可比的条目中2020年度扣分最多的是第3项“事项c”"
        "（2019年度合并，扣1分）。总分的变化含细则修订，不全是工作的变化。"
    )


def test_one_unit_taken_apart_adds_up_to_the_change_of_its_total() -> None:
    assert by_hand().item_sentence("甲") == (
        "区甲局总分下降1.00分：一直可比的2项合计下降2.00分，降在第1项“事项a”（下降3.00分）；"
        "其余上升1.00分，来自不可比的条目、分值调整、加减分和折算；"
        "不可比的条目中2020年度扣分最多的是第3项“事项c”（2019年度合并，扣1分）。"
    )


def test_units_that_fell_alike_are_named_together() -> None:
    twin = tuple((year, "丙", item, full, mark) for year, unit, item, full, mark in BY_HAND if unit == "乙")
    said = by_hand((*BY_HAND, *twin)).sentence
    assert "总分下降最多的是区丙局、区乙局并列（下降3.50分）" in said


def test_where_the_same_unit_fell_most_both_ways_it_is_said_so() -> None:
    only = tuple(mark for mark in BY_HAND if mark[1] == "甲")
    assert "下降最多的也是区甲局" in by_hand(only).sentence


def test_when_nobody_fell_nobody_is_named_as_falling() -> None:
    rose = tuple((year, unit, item, full, full) for year, unit, item, full, _ in BY_HAND if unit == "乙")
    rose = tuple((y, u, i, f, f - 1 if y == 2018 and i == "a" else m) for y, u, i, f, m in rose)
    found = by_hand(rose)
    assert found.by_total.empty
    assert found.like_for_like.empty
    assert (
        "总分没有一个下降，变化最小的是区乙局（上升1.00分）；只看一直可比的条目，没有一个得分率下降" in found.sentence
    )
    assert found.item_sentence() == "没有单位下降。"
    assert not found.shown_items().rows


def test_an_undecided_unit_is_not_compared_and_is_named() -> None:
    waiting = tuple((*m[:4], None) if m[:3] == (2020, "乙", "b") else m for m in BY_HAND)
    found = by_hand(waiting)
    assert found.undecided == ("区乙局",)
    assert found.units["unit"].to_list() == ["甲"]
    assert "区乙局有条目待裁定，未比较" in found.sentence
    assert found.item_sentence("区乙局").startswith("区乙局没有两年的总分，一直可比的1项合计持平，没有一项下降")


def test_a_unit_that_did_not_exist_in_the_first_year_is_not_compared_and_is_named() -> None:
    found = by_hand(tuple(m for m in BY_HAND if m[:2] != (2018, "乙")))
    assert found.absent == ("区乙局",)
    assert "区乙局只有一年的评分，未比较" in found.sentence
    assert found.item_sentence("乙").startswith("区乙局没有能与2018年度相比的条目；")


def test_an_item_without_a_mark_in_the_first_year_is_not_compared() -> None:
    found = by_hand(tuple(m for m in BY_HAND if m[:3] != (2018, "甲", "a"))).items.set_index(["unit", "item"])
    assert found.loc[("甲", "a"), "says"] == "2018年度没有得分"


@pytest.mark.parametrize("kind", NAMES)
def test_one_year_alone_is_said_to_be_no_comparison(kind: str) -> None:
    found = falls(made_up((kind,), years=(2020,)), kind)
    assert found.sentence == "只有2020年度一年的评分，无从比较变化。"
    assert found.item_sentence() == found.item_sentence(NAMES[kind][0]) == "只有一年的评分，无从比较。"
    assert not found.shown.rows
    assert not found.undecided


def test_since_moves_the_first_year() -> None:
    found = falls(made_up(), "street_town", since=2019)
    assert found.years == (2019, 2020)
    assert found.units["items"].max() == 5


def test_a_year_without_scores_is_refused() -> None:
    with pytest.raises(Refused, match="2017年度的评分记录"):
        falls(made_up(), "street_town", since=2017)


def test_a_unit_whose_marks_all_wait_is_known_though_there_is_nothing_to_say() -> None:
    found = by_hand(tuple((*m[:4], None) if m[:2] == (2020, "乙") else m for m in BY_HAND))
    assert found.item_sentence("区乙局") == "区乙局没有能与2018年度相比的条目。"
    assert not found.shown_items("乙").rows


def test_an_unknown_unit_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(Refused, match="区乙局、区甲局"):
        by_hand().shown_items("区丁局")


def test_the_printed_items_put_falls_first_then_what_nothing_compares_with_then_rises() -> None:
    rows = by_hand().shown_items("甲").rows
    assert [row[0] for row in rows] == ["1．事项a", "3．事项c", "2．事项b"]
    assert rows[0][1:6] == ("100.0%", "62.5%", "8", "-3.00", "3")
    assert by_hand().shown_items().header[0] == "单位"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(NAMES)))
def test_the_items_add_up_and_the_order_of_rows_does_not_matter(seed: int, kind: str) -> None:
    made = made_up((kind,), undecided=NAMES[kind][1], seed=seed)
    found = falls(made, kind)
    sums = found.items.groupby("unit")["change"].sum()
    assert found.units["like_points"].to_list() == pytest.approx(sums[found.units["unit"]].to_list(), abs=1e-5)
    assert found.units["change"].is_monotonic_increasing
    assert len(found.units) + len(found.undecided) == len(NAMES[kind])
    mixed = ScoreTables(
        made.cards.sample(frac=1, random_state=seed), made.marks.sample(frac=1, random_state=seed), made.losses,
        made.items, made.figures, made.claims, made.findings,
    )  # fmt: skip
    again = falls(mixed, kind)
    pd.testing.assert_frame_equal(again.units, found.units)
    pd.testing.assert_frame_equal(again.items, found.items)
    assert again.sentence == found.sentence


def test_it_shows_itself_as_a_chinese_table() -> None:
    shown = by_hand()._repr_mimebundle_()
    assert "区甲局" in shown["text/html"]
    assert "总分下降最多的是" in shown["text/plain"]
