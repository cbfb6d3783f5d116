"""The settings of a year: grades, rounding, and every assumption said aloud."""

from __future__ import annotations

import copy
import datetime
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analytics.policy import Policy, YearRules
from analytics.problems import Refused
from analytics.units import UnitKind, UnitRegistry, read_yaml
from analytics.workspace import Workspace

WORKSPACE = Workspace()
REGISTRY = UnitRegistry.load(WORKSPACE.units)
YEARS = (2018, 2019, 2020)
RULES = {year: YearRules.load(WORKSPACE, REGISTRY, year) for year in YEARS}
POLICY = RULES[2020].policy
GOOD = read_yaml(WORKSPACE.rubrics(2020) / "policy.yaml")
demonstration = pytest.mark.skipif(
    any(rubric.status != "demonstration" for rules in RULES.values() for rubric in rules.rubrics),
    reason="states settings of the demonstration",
)
every_year = pytest.mark.parametrize("year", YEARS)


def workspace_with(folder: Path, year: int = 2020) -> tuple[Workspace, Path]:
    """A workspace in ``folder`` with the rubrics of 2020 under ``year``, and the path of that year's rules."""
    rules = folder / "data" / "rubrics" / str(year)
    shutil.copytree(WORKSPACE.rubrics(2020), rules)
    return Workspace(folder), rules


def write(path: Path, data: object) -> None:
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


def refused(workspace: Workspace, year: int = 2020) -> Refused:
    with pytest.raises(Refused) as caught:
        YearRules.load(workspace, REGISTRY, year)
    assert str(caught.value)
    return caught.value


@demonstration
@every_year
@pytest.mark.parametrize(
    ("total", "grade"),
    [
        ("100", "优秀"), ("90.01", "优秀"), ("90", "优秀"), ("89.99", "良好"),
        ("80.01", "良好"), ("80", "良好"), ("79.99", "合格"),
        ("60.01", "合格"), ("60", "合格"), ("59.99", "不合格"), ("0", "不合格"),
    ],
)  # fmt: skip
def test_a_lower_bound_belongs_to_its_grade(year: int, total: str, grade: str) -> None:
    assert RULES[year].policy.grade(Decimal(total)) == grade


@demonstration
def test_the_exact_total_decides_and_not_the_printed_one() -> None:
    total = Decimal("89.996")
    assert str(POLICY.rounded(total)) == "90.00"
    assert POLICY.grade(total) == "良好"


@given(st.decimals(min_value=0, max_value=100, allow_nan=False, places=4))
def test_every_total_has_a_grade_and_more_points_never_a_worse_one(total: Decimal) -> None:
    names = [band.name for band in POLICY.grades.value]
    more = min(total + Decimal("0.0001"), Decimal(100))
    assert names.index(POLICY.grade(more)) <= names.index(POLICY.grade(total))


@demonstration
@pytest.mark.parametrize(
    ("exact", "printed"),
    [
        ("94.305", "94.31"), ("2.675", "2.68"), ("0.125", "0.13"), ("92.936", "92.94"), ("94.3049", "94.30"),
        ("7", "7.00"), ("-0.005", "-0.01"),
    ],
)  # fmt: skip
def test_points_are_rounded_half_up_once(exact: str, printed: str) -> None:
    assert str(POLICY.rounded(Decimal(exact))) == printed


@every_year
def test_every_setting_says_itself_in_chinese_with_its_source(year: int) -> None:
    settings = RULES[year].policy.settings()
    assert len(settings) == 10
    for setting in settings:
        assert setting.says.endswith("。")
        assert not setting.says.isascii()


@demonstration
def test_only_what_the_notice_fixes_is_called_its_own() -> None:
    assert [s.source for s in POLICY.settings() if not s.assumed] == ["notice 2020-13 §三（五）"]
    for year in (2018, 2019):
        assert all(setting.assumed for setting in RULES[year].policy.settings())


@demonstration
@every_year
def test_the_sentences_say_the_numbers_that_count(year: int) -> None:
    policy = RULES[year].policy
    due = policy.submission.value
    day = due.deadline
    for part in (f"{day.year}年{day.month}月{day.day}日", f"扣{due.points_per_day}分", f"最多扣{due.most}分"):
        assert part in policy.submission.says
    for band in policy.grades.value[:-1]:
        assert f"{band.least}分以上为{band.name}" in policy.grades.says
    assert f"最多加{policy.bonus_cap.value}分" in policy.bonus_cap.says
    assert f"最高{policy.total_cap.value}分" in policy.total_cap.says
    assert f"{policy.rounding.value.decimals}位小数" in policy.rounding.says


@demonstration
@every_year
def test_the_class_sizes_in_the_ranking_sentence_are_those_of_the_units(year: int) -> None:
    for kind in UnitKind:
        assert f"{kind.label()}{len(REGISTRY.of_kind(kind, year))}个" in RULES[year].policy.ranking.says


@demonstration
@every_year
def test_a_late_day_costs_the_same_in_the_policy_and_in_the_rubric(year: int) -> None:
    due = RULES[year].policy.submission.value
    for rubric in RULES[year].rubrics:
        late = next(clause for clause in rubric.outside if clause.id == "outside.late")
        assert (late.points, late.cap) == (due.points_per_day, due.most)


@demonstration
def test_the_deadline_of_2020_is_the_saturday_of_the_notice_and_does_not_move() -> None:
    due = POLICY.submission.value
    assert due.deadline == datetime.date(2020, 10, 31)
    assert due.deadline.isoweekday() == 6
    assert due.weekend_moves_to_monday is False
    assert "星期六" in POLICY.submission.says


@demonstration
@every_year
def test_each_class_has_one_rubric(year: int) -> None:
    rules = RULES[year]
    assert rules.rubric(UnitKind.STREET_TOWN).id == "street_town"
    assert rules.rubric(UnitKind.SPECIAL_REGULATOR) is rules.rubric(UnitKind.INDUSTRY_DEPARTMENT)


# ---- what is refused ----


def test_an_unknown_year_is_refused_with_the_years_there_are() -> None:
    error = refused(WORKSPACE, 2031)
    assert [problem.code for problem in error.problems] == ["year-unknown"]
    for year in (2018, 2019, 2020, 2031):
        assert str(year) in str(error)


def test_a_folder_copied_from_another_year_and_not_dated_anew_is_refused(tmp_path: Path) -> None:
    workspace, _ = workspace_with(tmp_path, 2021)
    error = refused(workspace, 2021)
    assert {(problem.code, problem.file) for problem in error.problems} == {
        ("rubric-year-wrong", "2021/policy.yaml"),
        ("rubric-year-wrong", "2021/street_town.yaml"),
        ("rubric-year-wrong", "2021/department.yaml"),
    }


def test_a_class_with_no_rubric_or_with_two_is_refused(tmp_path: Path) -> None:
    workspace, rules = workspace_with(tmp_path)
    shutil.copy(rules / "department.yaml", rules / "second.yaml")
    assert refused(workspace).problems[0].code == "rubric-class-unclear"
    (rules / "second.yaml").unlink()
    (rules / "department.yaml").unlink()
    error = refused(workspace)
    assert error.problems[0].code == "rubric-class-unclear"
    assert "专项监管部门" in str(error)


@demonstration
def test_a_veto_to_a_grade_that_the_policy_does_not_have_is_refused(tmp_path: Path) -> None:
    workspace, rules = workspace_with(tmp_path)
    data = read_yaml(rules / "street_town.yaml")
    data["vetoes"][1]["grade"] = "较好"
    write(rules / "street_town.yaml", data)
    error = refused(workspace)
    assert [problem.code for problem in error.problems] == ["rubric-grade-unknown"]
    assert "veto.deaths" in str(error)
    assert "较好" in str(error)


def test_a_year_without_policy_is_refused(tmp_path: Path) -> None:
    workspace, rules = workspace_with(tmp_path)
    (rules / "policy.yaml").unlink()
    assert refused(workspace).problems[0].code == "file-missing"


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "bands-in-rising-order": (lambda d: d["grades"]["value"].reverse(), "grade bands must descend"),
    "two-grades-from-the-same-bound": (lambda d: d["grades"]["value"][1].update(least=90), "grade bands must descend"),
    "no-grade-for-the-lowest-totals": (lambda d: d["grades"]["value"].pop(), "grade bands must descend"),
    "no-grades": (lambda d: d["grades"].update(value=[]), "grade bands must descend"),
    "a-setting-missing": (lambda d: d.pop("ranking"), "ranking"),
    "a-setting-nobody-knows": (lambda d: d.update(quota=d["ranking"]), "quota"),
    "a-setting-without-its-source": (lambda d: d["bonus_cap"].pop("source"), "bonus_cap.source"),
    "a-source-that-is-neither": (lambda d: d["bonus_cap"].update(source="guess"), "bonus_cap.source"),
    "a-setting-without-its-sentence": (lambda d: d["bonus_cap"].pop("says"), "bonus_cap.says"),
    "a-day-that-does-not-exist": (lambda d: d["submission"]["value"].update(deadline="2020-11-31"), "deadline"),
    "another-way-of-rounding": (lambda d: d["rounding"]["value"].update(mode="bankers"), "rounding.value.mode"),
    "nine-decimals": (lambda d: d["rounding"]["value"].update(decimals=9), "rounding.value.decimals"),
    "points-in-words": (lambda d: d["bonus_cap"].update(value="五"), "五"),
    "another-combination": (lambda d: d["combination"]["value"].update(kind="average"), "combination.value"),
}


@demonstration
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_policy_is_refused_with_file_and_place(name: str, tmp_path: Path) -> None:
    breaks, place = BROKEN[name]
    data = copy.deepcopy(GOOD)
    breaks(data)
    write(tmp_path / "policy.yaml", data)
    with pytest.raises(Refused, match=r"/policy\.yaml：") as caught:
        Policy.load(tmp_path / "policy.yaml")
    assert caught.value.problems[0].code == "data-file-invalid"
    assert place.replace("grade bands must descend", "grade bands must descend") in str(caught.value)


@demonstration
def test_what_a_setting_lacks_is_told_without_printing_the_whole_file(tmp_path: Path) -> None:
    data = copy.deepcopy(GOOD)
    del data["ranking"]
    write(tmp_path / "policy.yaml", data)
    with pytest.raises(Refused) as caught:
        Policy.load(tmp_path / "policy.yaml")
    assert [(p.facts["place"], p.facts["found"]) for p in caught.value.problems] == [("ranking", "—")]
