from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_frames import NAMES, made_up

from analytics.analysis.peers import Peers, peers
from analytics.problems import Refused
from analytics.store import ScoreTables

KIND = "industry_department"


def with_rates(rates: dict[str, dict[str, float]]) -> ScoreTables:
    """The four departments in 2020 with full marks but for these rates, by unit and item."""
    tables = made_up((KIND,), (2020,))
    marks, cards = tables.marks, tables.cards
    marks["rate"] = 1.0
    for unit, items in rates.items():
        for item, rate in items.items():
            marks.loc[(marks["unit_name"] == unit) & (marks["item"] == item), "rate"] = rate
    marks["awarded"] = marks["rate"] * marks["full_marks"]
    cards["total"] = cards["unit"].map(marks.groupby("unit")["awarded"].sum())
    cards["rank"] = cards["total"].rank(ascending=False, method="min")
    return tables


def not_asked(tables: ScoreTables, unit: str, item: str) -> ScoreTables:
    here = (tables.marks["unit_name"] == unit) & (tables.marks["item"] == item)
    tables.marks.loc[here, ["status", "awarded", "rate"]] = ["not_applicable", float("nan"), float("nan")]
    return tables


def row(found: Peers, unit: str, role: str) -> pd.Series:
    chosen = found.pairs[(found.pairs["unit_name"] == unit) & (found.pairs["role"] == role)]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_the_distance_is_the_weighted_root_mean_square_of_the_rates_in_percentage_points() -> None:
    found = peers(with_rates({"区教育局": {"duty.study": 0.5, "base.drills": 0.8}}), 2020, KIND)
    expected = 100 * np.sqrt((12 * 0.5**2 + 10 * 0.2**2) / 100)
    assert found.distances.loc["区教育局", "区民政局"] == pytest.approx(expected)
    assert found.distances.loc["区民政局", "区文旅局"] == 0


def test_only_items_that_both_are_asked_count_and_their_number_is_said() -> None:
    tables = not_asked(with_rates({"区教育局": {"duty.study": 0.5, "base.drills": 0.8}}), "区民政局", "duty.study")
    found = peers(tables, 2020, KIND)
    assert found.distances.loc["区教育局", "区民政局"] == pytest.approx(100 * np.sqrt(10 * 0.2**2 / 88))
    assert row(found, "区教育局", "nearest")["common"] == 7
    assert "比较只用两单位都适用的条目，7项至8项" in found.sentence
    assert any("，7项）" in cell for cell in found.shown.rows[-1])


def test_the_peer_who_did_better_is_named_with_what_to_ask() -> None:
    found = peers(
        with_rates({"区教育局": {"duty.study": 0.5, "base.drills": 0.8}, "区文旅局": {"duty.study": 0.6}}), 2020, KIND
    )
    better = row(found, "区教育局", "better")
    assert (better["other_name"], better["no"], better["points"]) == ("区文旅局", "7", pytest.approx(-2))
    assert (
        "区教育局问区文旅局（总分更高而最像它），先问第7项“组织应急演练，微型消防站拉动”，那里多得2分" in found.sentence
    )


def test_what_to_ask_is_where_the_better_one_leads_and_not_where_it_lags() -> None:
    own = {"duty.study": 10 / 12, "base.drills": 0.75, "base.lectures": 10 / 12}
    far = {"campaign.plan": 8 / 18}
    tables = with_rates({"区教育局": own, "区文旅局": {"accident.deaths": 11 / 16}, "区民政局": far, "区国资委": far})
    found = peers(tables, 2020, KIND)
    nearest, better = row(found, "区教育局", "nearest"), row(found, "区教育局", "better")
    assert nearest["other_name"] == better["other_name"] == "区文旅局"
    assert (nearest["no"], nearest["points"]) == ("8", pytest.approx(5))
    assert (better["no"], better["points"]) == ("7", pytest.approx(-2.5))


def test_the_best_unit_has_nobody_to_ask() -> None:
    found = peers(with_rates({"区教育局": {"duty.study": 0.5}}), 2020, KIND)
    roles = found.pairs.groupby("unit_name")["role"].agg(list)
    assert roles["区教育局"] == ["nearest", "second", "better"]
    assert roles["区民政局"] == ["nearest", "second"]
    assert found.shown.rows[0][-2:] == ("—", "—")


def test_units_that_agree_on_everything_are_not_told_apart() -> None:
    found = peers(with_rates({}), 2020, KIND)
    assert found.sentence == "4个行业主管部门逐项得分率完全相同，无所谓谁与谁更像。"
    assert {cells[2] for cells in found.shown.rows} == {"逐项相同"}


def test_an_undecided_unit_is_left_out_and_named() -> None:
    found = peers(made_up((KIND,), (2020,), "区民政局"), 2020, KIND)
    assert "区民政局" not in found.distances
    assert found.left_out == ("区民政局",)
    assert found.sentence.endswith("区民政局有条目待裁定，未比较。")


def test_units_without_a_common_item_are_no_peers() -> None:
    tables = with_rates({})
    for item in set(tables.marks["item"]) - {"duty.study"}:
        not_asked(tables, "区教育局", item)
    not_asked(tables, "区民政局", "duty.study")
    found = peers(tables, 2020, KIND)
    assert np.isnan(found.distances.loc["区教育局", "区民政局"])
    assert "区民政局" not in set(found.pairs.loc[found.pairs["unit_name"] == "区教育局", "other_name"])


def test_a_class_with_a_single_total_has_no_peers() -> None:
    tables = with_rates({})
    others = tables.cards["unit_name"] != "区教育局"
    tables.cards.loc[others, ["total", "rank"]] = float("nan")
    found = peers(tables, 2020, KIND)
    assert found.sentence.startswith("没有两个有总分而又有共同条目的行业主管部门，谈不上谁与谁相像")
    assert found.shown.rows == (("区教育局", "—", "—", "—", "—", "—"),)


@pytest.mark.parametrize("kind", NAMES)
def test_every_unit_has_a_nearest_and_a_second_and_they_show_themselves(kind: str) -> None:
    found = peers(made_up((kind,)), 2020, kind)
    assert found.pairs.groupby("role").size()[["nearest", "second"]].to_list() == [len(NAMES[kind])] * 2
    assert found._repr_mimebundle_()["text/html"].count("<tr>") == len(NAMES[kind]) + 1


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_distances_are_symmetric_and_the_nearest_is_nearest(seed: int) -> None:
    found = peers(made_up(("street_town",), (2020,), seed=seed), 2020, "street_town")
    table = found.distances.to_numpy()
    assert np.allclose(table, table.T, equal_nan=True)
    near = found.pairs[found.pairs["role"] == "nearest"].set_index("unit_name")["distance"]
    assert near.to_dict() == pytest.approx(found.distances.min().to_dict())


def test_a_class_that_was_not_scored_is_refused() -> None:
    with pytest.raises(Refused, match="已有的年度"):
        peers(made_up(), 2017, "street_town")
