from __future__ import annotations

import pandas as pd
import pytest
from score_frames import BANDS, NAMES, made_up

from analytics.analysis.comparison import compare
from analytics.analysis.strengths import MOST, strengths
from analytics.store import ScoreTables


def alike(kind: str = "industry_department") -> ScoreTables:
    """A class whose units have full marks everywhere."""
    tables = made_up((kind,), (2020,))
    tables.marks["awarded"] = tables.marks["full_marks"]
    tables.marks["rate"] = 1.0
    tables.cards["total"], tables.cards["rank"] = 100.0, 1.0
    return ScoreTables(**(vars(tables) | {"losses": tables.losses.head(0)}))


def test_a_comparison_shows_itself_with_rates_by_theme_and_the_class_mean_last() -> None:
    compared = compare(made_up(undecided="长寿路街道"), 2020, "street_town", BANDS)
    text = compared._repr_mimebundle_()["text/plain"].splitlines()
    assert text[1].split("\t")[:5] == ["名次", "单位", "总分", "等级", "明确责任落实（%）"]
    waiting = next(line for line in text if "长寿路街道" in line).split("\t")
    assert waiting[:6] == ["", "长寿路街道", "", "待裁定", "93.2", "待裁定"]
    assert "\n".join(text).count("本类平均") == 1


def test_strengths_are_distances_to_the_class_mean_in_points() -> None:
    found = strengths(made_up(), 2020, "street_town")
    item = found.items[found.items["item"] == "duty.study"].set_index("unit_name")
    assert item["points"].sum() == pytest.approx(0, abs=1e-5)
    assert item["points"].to_dict() == pytest.approx(((item["rate"] - item["rate"].mean()) * 12).to_dict(), abs=1e-6)
    assert item["ahead"].min() == 0


def test_a_unit_has_at_most_three_strengths_and_none_that_is_no_distance() -> None:
    found = strengths(made_up(), 2020, "street_town")
    assert found.strong.groupby("unit").size().max() == MOST == found.weak.groupby("unit").size().max()
    assert found.strong["points"].min() > 0 > found.weak["points"].max()
    for _, rows in found.weak.groupby("unit"):
        assert rows["points"].is_monotonic_increasing  # furthest first


def test_the_sentence_names_the_furthest_above_and_below() -> None:
    found = strengths(made_up(), 2020, "street_town")
    best, worst = found.items.loc[found.items["points"].idxmax()], found.items.loc[found.items["points"].idxmin()]
    assert f"高于平均最多的是{best['unit_name']}的第{best['no']}项" in found.sentence
    assert f"低于平均最多的是{worst['unit_name']}的第{worst['no']}项" in found.sentence


def test_a_class_whose_members_all_agree_has_no_strengths_and_says_so() -> None:
    found = strengths(alike(), 2020, "industry_department")
    assert found.sentence == "各行业主管部门在可比的8项上得分率都相同，分不出强项弱项。"
    assert {row[1:] for row in found.shown.rows} == {("—", "—")}


def test_an_undecided_item_is_left_out_and_its_unit_named() -> None:
    found = strengths(made_up(undecided="长寿路街道"), 2020, "street_town")
    own = found.items[found.items["unit_name"] == "长寿路街道"]
    assert len(own) == 7
    assert found.waiting == ("长寿路街道",)
    assert "长寿路街道有条目待裁定，只比较了其余条目" in found.sentence
    assert found.units[-1] == "长寿路街道"


def test_an_item_of_two_units_is_not_compared() -> None:
    tables = made_up(("industry_department",), (2020,))
    here = (tables.marks["item"] == "base.drills") & tables.marks["unit_name"].isin(["区教育局", "区民政局"])
    tables.marks.loc[here, ["status", "awarded", "rate"]] = ["not_applicable", float("nan"), float("nan")]
    found = strengths(tables, 2020, "industry_department")
    assert (found.rare, "base.drills" in set(found.items["item"])) == (1, False)
    assert "1项有得分的单位不到3个，未比较" in found.sentence


@pytest.mark.parametrize("kind", NAMES)
def test_one_year_with_an_undecided_unit_is_enough(kind: str) -> None:
    tables = made_up((kind,), (2020,), NAMES[kind][0])
    assert len(strengths(tables, 2020, kind).shown.rows) == len(NAMES[kind])
    assert compare(tables, 2020, kind).shown.rows


def test_a_class_of_which_nothing_is_decided_has_no_strengths() -> None:
    tables = alike()
    tables.cards[["total", "rank"]] = float("nan")
    tables.marks[["awarded", "rate"]] = float("nan")
    tables.marks["status"] = "awaiting_decision"
    found = strengths(tables, 2020, "industry_department")
    assert found.sentence.startswith("没有3个以上行业主管部门都有得分的条目，无从比较强项弱项")
    assert isinstance(found.items, pd.DataFrame)
    assert found.items.empty
