"""On-site records and special inspections: findings, clean items, and rows that no rule can count."""

from __future__ import annotations

import datetime

import pytest
import workbooks
from readings import Read


def test_an_onsite_record_gives_findings_and_clean_items() -> None:
    rows = [
        [1, "未发现问题", None, None],
        [2, "迟报1起", "（1）", 1, "迟报", "2020年11月30日", "赵六（示例）", "整改中"],
        [2, "台账缺页", "(2)", "2处"],
        [3, None, None, None],
    ]
    read = Read(workbooks.onsite(rows))
    clean, late, ledger = read.contents.observations
    assert (clean.item, clean.rule, clean.value, clean.group) == ("item.1", "", None, "第一组")
    assert (late.rule, late.value, late.level) == ("1", 1, "迟报")
    assert late.rectification is not None
    assert late.rectification.deadline == datetime.date(2020, 11, 30)
    assert (late.rectification.person, late.rectification.closed) == ("赵六（示例）", False)
    assert (ledger.rule, ledger.value, ledger.text) == ("2", 2, "示例小区：台账缺页")
    assert (read.codes, read.form.unread()) == ([], ())


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ([1, "缺1次会议记录", None, 1], "value-blank"),
        ([1, "缺1次会议记录", "（1）", None], "value-blank"),
        ([1, "缺1次会议记录", "（1）", 0], "count-zero"),
        ([1, "缺1次会议记录", "（7）", 1], "rule-unknown"),
        ([1, "缺1次会议记录", -1, 1], "clause-unreadable"),
        ([2, "迟报", "（1）", 1, "晚报"], "level-unknown"),
        ([2, "迟报", "（1）", 1], "level-unknown"),
        ([3, "整改率不足", "（1）", 1], "rule-measured"),
        ([1, "未发现问题", "（1）", 1], "finding-contradicts"),
    ],
)
def test_a_finding_that_no_rule_can_count_is_told_and_kept_without_a_value(row: list[object], code: str) -> None:
    read = Read(workbooks.onsite([row]))
    (finding,) = read.contents.observations
    assert (bool(finding.rule), finding.value) == (True, None)
    assert read.problem(code).severity == "skip"


def test_special_findings_are_read_for_the_unit_that_each_row_names() -> None:
    date = datetime.date(2020, 6, 12)
    rows = [
        ["甘泉街道", date, 1, "缺记录", "（1）", 2],
        ["区生态环境局", "2020/6/12", "4", "未发现问题", None, None],
        ["甘果路街道", date, 1, "缺记录", "（1）", 1],
        ["石泉路街道", date, 9, "缺记录", "（1）", 1],
    ]
    read = Read(workbooks.special(rows))
    first, second = read.contents.observations
    assert (first.unit, first.rule, first.value, first.group, first.date) == ("ST04", "1", 2, "汛期专项督查", date)
    assert (second.unit, second.item, second.rule, second.date) == ("SR05", "item.4", "", date)
    assert read.codes == ["item-number-unknown", "unit-unknown"]
