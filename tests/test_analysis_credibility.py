from __future__ import annotations

import time

import pytest
from score_frames import NAMES, made_up, with_claims

from analytics.analysis.credibility import LOOKS, Credibility, credibility
from analytics.policy import YearRules
from analytics.store import ScoreTables
from analytics.units import UnitRegistry
from analytics.workspace import REPOSITORY, Workspace

WORKSPACE = Workspace.open(REPOSITORY)
RULES = YearRules.load(WORKSPACE, UnitRegistry.load(WORKSPACE.units), 2020)
COPIED = "六月班子调整后联络员名册晚了一周才报街道办，2019年3月补齐"


def credible(tables: ScoreTables, kind: str = "street_town") -> Credibility:
    return credibility(tables, 2020, kind, RULES)


def told() -> Credibility:
    tables = made_up(years=(2020,))
    marks, cards = tables.marks, tables.cards
    marks["self_mark"] = marks["verified_mark"] = marks["full_marks"].astype(float)
    marks.loc[marks["unit_name"] != "长征镇", "self_mark"] -= 0.1
    cards["total"] = [90.2 if name == "桃浦镇" else 70.0 for name in cards["unit_name"]]
    return credible(with_claims(tables, {"reason": COPIED}, {"reason": COPIED, "unit_name": "桃浦镇"}))


def test_each_kind_of_finding_is_counted_at_its_unit() -> None:
    found = told().by_unit.set_index("unit_name")
    assert found.loc["长征镇", list(LOOKS)].to_list() == [0, 1, 0, 0, 0, 0, 0]
    assert found.loc["桃浦镇", list(LOOKS)].to_list() == [0, 0, 0, 0, 1, 1, 1]
    assert found.loc["曹杨新村街道", list(LOOKS)].to_list() == [0, 0, 0, 0, 1, 1, 0]
    assert found.loc["长寿路街道", list(LOOKS)].sum() == 0


def test_units_stand_in_the_order_of_the_list_and_nobody_is_called_false() -> None:
    found = told()
    assert [row[0] for row in found.shown.rows] == list(NAMES["street_town"])
    assert "不说明谁虚报，不影响得分；单位按名单排列" in found.sentence
    assert "可疑" not in found.sentence


def test_the_counts_agree_with_the_parts() -> None:
    found = credible(made_up())
    assert found.by_unit["higher"].sum() == found.largest.over
    assert found.by_unit["above"].sum() == len(found.bunching.above)


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("years", [(2020,), (2018, 2019, 2020)])
def test_any_class_answers_with_one_year_an_undecided_unit_and_one_that_handed_in_nothing(
    kind: str, years: tuple[int, ...]
) -> None:
    tables = made_up((kind,), years, undecided=NAMES[kind][0])
    silent = (tables.marks["unit_name"] == NAMES[kind][1]) & (tables.marks["year"] == 2020)
    tables.marks.loc[silent, "self_mark"] = float("nan")
    found = credible(tables, kind)
    assert len(found.by_unit) == len(NAMES[kind])
    assert f"{NAMES[kind][1]}没有自评分" in found.sentence
    assert found.shown.rows[1][0] == f"{NAMES[kind][1]}（没有自评分）"


def test_nothing_to_look_at_is_said() -> None:
    tables = made_up(("industry_department",), (2020,))
    tables.marks["self_mark"] = tables.marks["verified_mark"] = tables.marks["full_marks"] - 0.1
    tables.cards["total"] = 70.0
    assert "4个行业主管部门中，没有发现值得再看的地方" in credible(tables, "industry_department").sentence


def test_thirty_units_of_three_years_take_less_than_the_time_of_a_glance() -> None:
    tables = with_claims(
        made_up(NAMES), *({"reason": f"{COPIED}{'一二三四五'[n % 5] * n}", "year": 2018 + n % 3} for n in range(60))
    )
    credible(tables)  # scipy and rapidfuzz are imported once
    start = time.perf_counter()
    credible(tables)
    assert time.perf_counter() - start < 2.0  # 0.1 s on an idle machine
