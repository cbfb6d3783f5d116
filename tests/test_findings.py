"""On-site records and special inspections: findings, clean items, and rows that no rule can count."""

from __future__ import annotations

import datetime

import pytest
import workbooks
from readings import Read

from analytics.records import Rectification


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


DUE, AGAIN = datetime.date(2020, 10, 29), datetime.date(2020, 11, 12)


def rechecked(said: str | None, day: object, result: str | None, action: str | None = None) -> Read:
    row = [1, "缺1次会议记录", "（1）", 1, None, DUE, "赵六（示例）", said, day, result, action]
    return Read(workbooks.onsite([row]))


def test_a_re_check_and_the_measure_taken_are_kept_as_written() -> None:
    read = rechecked("已完成整改", "2020年11月12日", "复查合格", "补开会议并归档")
    (finding,) = read.contents.observations
    assert finding.rectification == Rectification(
        DUE, "赵六（示例）", closed=True, action="补开会议并归档", said="已完成整改", rechecked=AGAIN, passed=True
    )
    assert (read.codes, read.form.unread()) == ([], ())


@pytest.mark.parametrize(
    ("said", "result", "state"),
    [
        ("已整改", None, "closed"),
        ("整改中", None, "open"),
        (None, None, "unknown"),
        ("已整改", "通过", "closed"),
        (None, "通过", "closed"),
        ("已整改", "未通过", "open"),
        ("未整改", "未通过", "open"),
        (None, "未通过", "open"),
        ("未整改", "通过", "unknown"),
    ],
)
def test_a_failed_re_check_leaves_a_problem_open_and_a_contradiction_leaves_it_unknown(
    said: str | None, result: str | None, state: str
) -> None:
    read = rechecked(said, AGAIN if result else None, result)
    (finding,) = read.contents.observations
    assert finding.rectification is not None
    assert finding.rectification.state == state
    assert read.codes == (["recheck-contradicts"] if (said, result) == ("未整改", "通过") else [])


@pytest.mark.parametrize(
    ("day", "result", "codes"),
    [
        (AGAIN, None, ["recheck-without-result"]),
        (AGAIN, "基本可以", ["word-unknown"]),
        (None, "通过", []),
        (datetime.date(2020, 10, 20), "通过", ["recheck-too-early"]),
        ("11月12日", "通过", ["date-unreadable"]),
    ],
)
def test_a_re_check_that_is_half_written_is_told_and_changes_nothing(
    day: object, result: str | None, codes: list[str]
) -> None:
    read = rechecked("已整改", day, result)
    (finding,) = read.contents.observations
    assert finding.rectification is not None
    assert (read.codes, finding.rectification.state, finding.value) == (codes, "closed", 1)
    assert all(read.problem(code).severity == "note" for code in codes)


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
