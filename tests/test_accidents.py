"""The accident and fire statistics."""

from __future__ import annotations

import workbooks
from readings import Read

NONE = [0, 0, 0, 0, 0, 0, 0, 0]


def test_accident_statistics_give_a_figure_for_each_unit_and_column() -> None:
    rows = {"甘泉街道": [1, 0, 1, "无", 2, 3, 0, 0], "石泉路街道": NONE, "区生态环境局": NONE}
    read = Read(workbooks.accidents(rows, [1, 0, 1, 0, 2, 3, 0, 0]))
    found = {(o.unit, o.measure): o.value for o in read.contents.observations}
    assert len(found) == 24
    assert (found["ST04", "deaths"], found["ST04", "deaths_last_year"]) == (1, 0)
    assert read.codes == []


def test_a_dash_in_the_statistics_is_not_taken_for_zero() -> None:
    rows = {"甘泉路街道": ["—", *NONE[1:]], "石泉路街道": NONE, "区生态环境局": NONE}
    read = Read(workbooks.accidents(rows))
    assert ("ST04", "accidents") not in {(o.unit, o.measure) for o in read.contents.observations}
    assert read.codes == ["value-unclear"]


def test_statistics_that_do_not_add_up_lack_a_unit_or_name_one_twice_are_told() -> None:
    book = workbooks.accidents({"甘泉路街道": [2, *NONE[1:]], "石泉路街道": NONE}, [3, *NONE[1:]])
    read = Read(book)
    assert read.codes == ["sum-differs", "unit-rows-missing"]
    assert "区生态环境局" in read.problem("unit-rows-missing").message()
    twice = Read(workbooks.accidents({"甘泉路街道": NONE, "甘泉街道": NONE, "石泉路街道": NONE, "区生态环境局": NONE}))
    assert twice.codes == ["unit-row-twice"]
    assert "ST04" not in {o.unit for o in twice.contents.observations}
