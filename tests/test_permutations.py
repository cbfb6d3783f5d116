"""The same content in any shape gives the same record, and a name that is one sign off is nobody's."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from nasty.dressing import any_shape
from readings import MARKS, WORKSPACE, Read

from analytics.units import UnitRegistry, folded

CONFUSABLE = (
    "甘廿石泉宜川长征风寿真如桃浦万里曹杨扬街道镇路区局委办支队大教体育民政防文旅商建市场规资生态环境0Oo1l \u200b\u202e"
)
REAL = UnitRegistry.load(WORKSPACE.units)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_any_order_and_any_dress_give_the_same_record(seed: int) -> None:
    read = Read(any_shape(seed))
    assert (read.stops, read.marks) == ([], MARKS)
    assert (read.contents.unit, read.contents.date) == ("ST04", datetime.date(2020, 10, 28))
    assert read.contents.printed_total == Decimal("18.5")
    assert {problem.code for problem in read.problems} <= {"rows-hidden"}


def edited(name: str, chance: random.Random) -> str:
    """``name`` with one sign put in, left out or changed, or two neighbours in each other's place."""
    place, sign = chance.randrange(len(name)), chance.choice(CONFUSABLE)
    return chance.choice(
        (
            name[:place] + sign + name[place:],
            name[:place] + name[place + 1 :],
            name[:place] + sign + name[place + 1 :],
            name[:place] + name[place : place + 2][::-1] + name[place + 2 :],
        )
    )


def test_a_thousand_edits_of_the_real_names_are_never_given_to_another_unit() -> None:
    chance = random.Random(20201031)
    units = REAL.in_year(2020)
    assert len(units) == 30
    own = {unit.id: {folded(name, REAL.area) for name in (unit.name, unit.official, *unit.aliases)} for unit in units}
    wrong, unasked, read = [], [], 0
    for _ in range(1000):
        unit = chance.choice(units)
        written = edited(chance.choice((unit.name, unit.name, unit.official)), chance)
        found = REAL.match(written, 2020).unit
        read += found is not None
        if found is not None and folded(written, REAL.area) not in own[found.id]:
            unasked.append((written, found.name))  # a near name was applied
        elif found is not None and found is not unit and folded(written, REAL.area) not in own[found.id] - own[unit.id]:
            wrong.append((written, found.name))
    assert (wrong, unasked) == ([], [])
    assert read < 300  # most edits make no name at all


def test_no_unit_of_another_place_is_one_of_ours() -> None:
    units = REAL.in_year(2020)
    for unit in units:
        bare = folded(unit.official, REAL.area)
        for area in (
            "浙江省舟山市普陀区",
            "舟山市普陀区",
            "舟山普陀",
            "上海市浦东新区",
            "浦东新区",
            "上海市静安区",
            "北京市",
            "静安区",
        ):
            assert REAL.match(area + bare, 2020).unit is None, area + bare
            assert REAL.match(area + unit.name, 2020).unit is None, area + unit.name


def test_an_office_of_the_city_is_not_the_district_s() -> None:
    for name in (
        "上海市应急管理局",
        "上海市教育局",
        "上海市生态环境局",
        "市应急局",
        "上海市消防救援支队",
        "上海市民政局",
    ):
        assert REAL.match(name, 2020).unit is None, name
    for name in (
        "上海市普陀区应急管理局",
        "上海普陀区应急管理局",
        "普陀区应急管理局",
        "上海普陀应急管理局",
        "区应急局",
    ):
        assert REAL.match(name, 2020).unit is REAL["SR11"], name
    assert REAL.match("上海市长寿路街道", 2020).unit is REAL["ST03"]
