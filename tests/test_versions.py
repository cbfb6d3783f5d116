"""Several files of one unit: which counts by the rule or by a person's decision, and what is late."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import workbooks
from openpyxl import Workbook
from readings import REGISTRY, RULES, WORKSPACE, one, received
from workbooks import MARKS, assessment

from analytics.intake import Intake, check_paths, receive
from analytics.policy import YearRules
from analytics.workspace import Inbox

BY_DEADLINE = workbooks.rules(versions="latest_before_deadline")
BY_LAST = workbooks.rules(versions="last_valid")
NEWER = datetime.datetime(2020, 11, 2, 9)


def changed(mark: int = 4) -> Workbook:
    return assessment(marks={**MARKS, "1": mark})


def register(**days: str) -> Workbook:
    return workbooks.receipts([(f"{name}.xlsx", day, None) for name, day in days.items()])


def named(matter: str, unit: str = "甘泉路街道", day: str = "2020-11-09", number: str = "D-01") -> list[object]:
    return [number, unit, "采用版本", None, None, None, matter, "单位来函说明", "裁定人（示例）", day, "〔2020〕1号"]


def mark_of_item_1(intake: Intake) -> Decimal | None:
    (value,) = [o.value for o in intake.observations if o.item == "item.1"]
    return value


def codes(intake: Intake, name: str) -> list[str]:
    return [problem.code for problem in one(intake, name).problems]


@pytest.mark.parametrize(("rules", "counts"), [(BY_DEADLINE, "a.xlsx"), (BY_LAST, "b.xlsx")])
def test_after_the_deadline_the_rule_says_which_counts(tmp_path: Path, rules: YearRules, counts: str) -> None:
    files = {"a.xlsx": assessment(), "b.xlsx": changed(), "r.xlsx": register(a="2020-10-30", b="2020-11-02")}
    intake = received(tmp_path, files, rules)
    assert [s.source.name for s in intake.submissions if s.counts and s.form == "self_assessment"] == [counts]
    other = one(intake, "b.xlsx" if counts == "a.xlsx" else "a.xlsx")
    assert other.superseded_by == counts
    assert counts in "".join(problem.message() for problem in other.problems)
    assert ("version-after-deadline" in codes(intake, "b.xlsx")) == (counts == "a.xlsx")
    assert "received-late" in codes(intake, "b.xlsx")


def test_when_none_came_in_time_the_last_counts_and_is_late(tmp_path: Path) -> None:
    files = {"a.xlsx": assessment(), "b.xlsx": changed(), "r.xlsx": register(a="2020-11-02", b="2020-11-03")}
    intake = received(tmp_path, files, BY_DEADLINE)
    assert mark_of_item_1(intake) == 4
    assert codes(intake, "b.xlsx") == ["received-late"]


def test_of_several_in_time_the_last_counts(tmp_path: Path) -> None:
    files = {"a.xlsx": assessment(), "b.xlsx": changed(), "c.xlsx": changed(3),
             "r.xlsx": register(a="2020-10-20", b="2020-10-30", c="2020-11-30")}  # fmt: skip
    assert mark_of_item_1(received(tmp_path, files, BY_DEADLINE)) == 4


@pytest.mark.parametrize("written", ["b.xlsx", "收件\\b.xlsx", "sha"])
def test_a_decision_names_the_version(tmp_path: Path, written: str) -> None:
    files = {"a.xlsx": workbooks.saved(assessment()), "b.xlsx": workbooks.saved(changed()),
             "r.xlsx": register(a="2020-10-30", b="2020-11-02")}  # fmt: skip
    digits = one(received(tmp_path / "1", files, BY_DEADLINE), "b.xlsx").source.sha256[:10]
    decision = workbooks.decisions([named(digits if written == "sha" else written)])
    intake = received(tmp_path / "2", {**files, "裁定.xlsx": decision}, BY_DEADLINE)
    assert mark_of_item_1(intake) == 4
    assert one(intake, "a.xlsx").superseded_by == "b.xlsx"
    assert codes(intake, "a.xlsx") == ["version-not-named"]
    assert codes(intake, "b.xlsx") == ["version-named", "received-late"]
    assert codes(intake, "裁定.xlsx") == []


@pytest.mark.parametrize("matter", ["没有.xlsx", "石泉.xlsx", "坏.xlsx", "abc"])
def test_a_decision_about_a_file_that_is_no_valid_one_of_the_unit_has_no_effect(tmp_path: Path, matter: str) -> None:
    files = {
        "a.xlsx": assessment(),
        "b.xlsx": changed(),
        "石泉.xlsx": assessment("石泉路街道"),
        "坏.xlsx": workbooks.without_row(assessment(), 7),
        "r.xlsx": register(a="2020-10-30", b="2020-11-02"),
        "裁定.xlsx": workbooks.decisions([named(matter)]),
    }
    intake = received(tmp_path, files, BY_DEADLINE)
    assert one(intake, "b.xlsx").superseded_by == "a.xlsx"
    (problem,) = one(intake, "裁定.xlsx").problems
    assert (problem.code, problem.severity) == ("version-not-found", "skip")
    assert problem.at is not None


def test_of_two_decisions_the_later_counts(tmp_path: Path) -> None:
    rows = [named("b.xlsx", day="2020-11-10", number="D-01"), named("a.xlsx", day="2020-11-09", number="D-02")]
    files = {"a.xlsx": assessment(), "b.xlsx": changed(), "裁定.xlsx": workbooks.decisions(rows)}
    assert mark_of_item_1(received(tmp_path, files, BY_DEADLINE)) == 4


def test_a_decision_without_a_file_name_is_incomplete(tmp_path: Path) -> None:
    files = {"a.xlsx": assessment(), "裁定.xlsx": workbooks.decisions([named("")])}
    assert "decision-incomplete" in codes(received(tmp_path, files), "裁定.xlsx")


def test_every_version_is_kept_and_identical_files_count_once(tmp_path: Path) -> None:
    book = workbooks.saved(assessment())
    intake = received(tmp_path, {"a.xlsx": book, "b.xlsx": book, "c.xlsx": changed()}, BY_DEADLINE)
    assert len({source.sha256 for source in intake.sources}) == 2
    assert [s.outcome for s in intake.submissions].count("ignored") == 1
    assert sum(s.counts for s in intake.submissions) == 1


def test_without_a_register_the_moment_given_makes_files_late(tmp_path: Path) -> None:
    received(tmp_path, {"a.xlsx": assessment(date="2020-10-01"), "r.xlsx": register()})
    inbox = Inbox(tmp_path / "收件", synthetic=False)
    intake = receive(WORKSPACE, REGISTRY, RULES, inbox, NEWER)
    assert codes(intake, "a.xlsx") == ["received-late"]
    assert one(intake, "a.xlsx").source.received == "2020-11-02T09:00:00"
    assert codes(check_paths(WORKSPACE, REGISTRY, RULES, [tmp_path / "收件" / "a.xlsx"], NEWER), "a.xlsx") == [
        "received-late"
    ]
    assert codes(check_paths(WORKSPACE, REGISTRY, RULES, [tmp_path / "收件" / "a.xlsx"]), "a.xlsx") == []


def test_the_register_goes_before_the_moment_given(tmp_path: Path) -> None:
    received(tmp_path, {"a.xlsx": assessment(), "b.xlsx": workbooks.pledge(), "r.xlsx": register(a="2020-10-30")})
    intake = receive(WORKSPACE, REGISTRY, RULES, Inbox(tmp_path / "收件", synthetic=False), NEWER)
    assert codes(intake, "a.xlsx") == []
    assert codes(intake, "b.xlsx") == ["received-late"]


@pytest.mark.parametrize("claimed", ["2020-01-01", "2021-02-01", "十月下旬", None])
def test_the_date_on_the_form_makes_nothing_late_or_in_time(tmp_path: Path, claimed: str | None) -> None:
    intake = received(tmp_path, {"a.xlsx": assessment(date=claimed), "r.xlsx": register(a="2020-11-05")})
    (late,) = [p for p in one(intake, "a.xlsx").problems if p.code == "received-late"]
    assert late.facts["days"] == "5"
    unknown = received(tmp_path / "2", {"a.xlsx": assessment(date=claimed)})
    assert "received-late" not in codes(unknown, "a.xlsx")


def test_being_late_costs_nothing_without_a_decision(tmp_path: Path) -> None:
    on_time = received(tmp_path / "1", {"a.xlsx": assessment(), "r.xlsx": register(a="2020-10-30")})
    late = received(tmp_path / "2", {"a.xlsx": assessment(), "r.xlsx": register(a="2020-12-30")})
    assert [o.value for o in late.observations] == [o.value for o in on_time.observations]
    assert late.decisions == ()
