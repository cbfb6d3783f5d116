"""The shipped rubrics add up and join between years; a broken one is refused with file and place."""

from __future__ import annotations

import copy
import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from analytics.policy import severity_scales
from analytics.problems import Refused
from analytics.rubric import Item, Rubric, slips, terms
from analytics.units import UnitRegistry, read_yaml
from analytics.workspace import Workspace

WORKSPACE = Workspace()
REGISTRY = UnitRegistry.load(WORKSPACE.units)
YEARS = (2018, 2019, 2020)
CLASSES = ("street_town", "department")
RUBRICS = {
    (year, name): Rubric.load(WORKSPACE.rubrics(year) / f"{name}.yaml", REGISTRY) for year in YEARS for name in CLASSES
}
KINDS = {
    "per_occurrence", "all_or_nothing", "by_severity", "ratio", "threshold", "award", "comparison", "discretionary",
    "lateness",
}  # fmt: skip
GOOD = read_yaml(WORKSPACE.rubrics(2020) / "street_town.yaml")
# What an office's own rubrics say is not for us to test; that they add up is.
demonstration = pytest.mark.skipif(
    any(rubric.status != "demonstration" for rubric in RUBRICS.values()), reason="states facts of the demonstration"
)
every_rubric = pytest.mark.parametrize(("year", "name"), RUBRICS, ids=lambda part: str(part))


def ids(year: int, name: str) -> set[str]:
    return {item.id for item in RUBRICS[year, name].items}


def item(year: int, name: str, item_id: str) -> Item:
    return RUBRICS[year, name].item(item_id)


# ---- the shipped rubrics ----


@every_rubric
def test_every_unit_is_asked_for_a_hundred_points_in_five_themes(year: int, name: str) -> None:
    rubric = RUBRICS[year, name]
    units = [unit for kind in rubric.applies_to for unit in REGISTRY.of_kind(kind, year)]
    assert units
    for unit in units:
        items = rubric.items_for(unit.id)
        assert sum(i.full_marks for i in items) == rubric.full_marks == 100
        assert [i.no for i in items] == [str(n) for n in range(1, len(items) + 1)]
        for theme in rubric.themes:
            assert sum(i.full_marks for i in items if i.theme == theme.id) == theme.points


@demonstration
def test_the_themes_of_2020_are_those_of_the_notice() -> None:
    notice = (WORKSPACE.data / "published" / "notice_2020_13.txt").read_text(encoding="utf-8")
    for name in CLASSES:
        assert all(f"）{theme.name}。" in notice for theme in RUBRICS[2020, name].themes)


@demonstration
@every_rubric
def test_every_rubric_says_that_it_is_a_demonstration(year: int, name: str) -> None:
    rubric = RUBRICS[year, name]
    assert rubric.status == "demonstration"
    assert "示范" in rubric.reference
    assert str(year) in rubric.reference
    assert str(year) in rubric.title
    head = (WORKSPACE.rubrics(year) / f"{name}.yaml").read_text(encoding="utf-8").split("\nyear:")[0]
    assert "演示" in head
    assert "Written for demonstration" in head


@demonstration
@every_rubric
def test_every_kind_of_rule_is_used(year: int, name: str) -> None:
    assert {rule.kind for i in RUBRICS[year, name].items for rule in i.rules} == KINDS


@demonstration
@every_rubric
def test_points_go_in_steps_of_a_twentieth(year: int, name: str) -> None:
    for i in RUBRICS[year, name].items:
        assert i.full_marks % 1 == 0
        for rule in i.rules:
            for part in ("points", "cap", "least", "most"):
                points = getattr(rule, part, None)
                assert points is None or points % Decimal("0.05") == 0, (i.id, rule.id, part)


@demonstration
@every_rubric
def test_caps_inside_an_item_nest(year: int, name: str) -> None:
    rules = item(year, name, "duty.leaders_study").rules
    assert sum(rule.cap for rule in rules) == item(year, name, "duty.leaders_study").full_marks == 4


@every_rubric
def test_the_accident_measures_are_the_columns_of_the_accident_form(year: int, name: str) -> None:
    with (WORKSPACE.forms / "accidents.csv").open(encoding="utf-8-sig", newline="") as file:
        columns = {
            row["name"] for row in csv.DictReader(file) if not row["name"].startswith("@") and row[str(year)] != "-1"
        }
    measures = {m.id for m in RUBRICS[year, name].measures if m.form == "accidents"}
    assert measures == columns - {"unit", "note"}


@demonstration
@every_rubric
def test_every_figure_asked_of_a_unit_is_used_by_a_rule(year: int, name: str) -> None:
    used = {
        getattr(rule, part, None)
        for i in RUBRICS[year, name].items
        for rule in i.rules
        for part in ("measure", "numerator", "denominator", "baseline")
    }
    assert {m.id for m in RUBRICS[year, name].measures if m.form == "pledge_report"} <= used


@demonstration
@pytest.mark.parametrize("year", YEARS)
def test_items_by_duty_share_a_number_and_weigh_the_same(year: int) -> None:
    rubric = RUBRICS[year, "department"]
    by_number: dict[str, list[Item]] = {}
    for i in rubric.items:
        by_number.setdefault(i.no, []).append(i)
    departments = {unit.id for kind in rubric.applies_to for unit in REGISTRY.of_kind(kind, year)}
    shared = [items for items in by_number.values() if len(items) > 1]
    assert sorted(len(items) for items in shared) == [2, 4, 4, 4, 4]
    for items in shared:
        assert len({i.full_marks for i in items}) == 1
        assert sorted(u for i in items for u in i.units) == sorted(departments)


@demonstration
@pytest.mark.parametrize("year", YEARS)
def test_a_unit_without_the_special_task_is_asked_for_its_substitute(year: int) -> None:
    rubric = RUBRICS[year, "department"]
    for unit, asked in {
        "SR11": "campaign.hazmat",
        "SR06": "campaign.theme_activity",
        "ID01": "campaign.hazmat",
    }.items():
        both = {i.id for i in rubric.items_for(unit)} & {"campaign.hazmat", "campaign.theme_activity"}
        assert both == {asked}


@demonstration
def test_a_tenth_is_exactly_a_tenth() -> None:
    rule = item(2020, "street_town", "duty.letters").rule("2")
    assert rule is not None
    assert str(rule.points) == "0.1"
    assert sum([rule.points] * 10) == 1


@demonstration
def test_the_clause_is_quoted_as_to_a_unit() -> None:
    rubric = RUBRICS[2020, "street_town"]
    first = rubric.items[0]
    assert (
        rubric.clause(first, "2")
        == "《普陀区2020年安全生产和消防工作巡查考核评分细则（街道镇）》（示范）第1项第（2）款"
    )
    assert rubric.clause(first, "").endswith("第1项")


@demonstration
@pytest.mark.parametrize(
    ("item_id", "rule", "said"),
    [
        ("duty.leaders_study", "1", "扣0.5分，最多扣1分"),
        ("campaign.epidemic", "1", "扣0.2分"),
        ("duty.letters", "1", "，本项不得分"),
        ("duty.list", "1", "，扣1分"),
        ("duty.letters", "3", "，酌情扣0.2—1分"),
        ("duty.leaders_inspect", "1", "，扣1分"),
        ("campaign.two_lists", "3", "，每低5个百分点（不足的按1档计）扣0.2分，最多扣1分"),
        ("campaign.reports", "1", "，每计1次得0.5分，最多得2分"),
        ("base.duty_report", "1", "：迟报扣0.5分、谎报扣1分、漏报扣1.5分、瞒报扣2分，最多扣2分"),
        ("accident.deaths", "1", "扣1分，最多扣3分"),
        ("system.monthly_report", "1", "扣0.1分，最多扣1分"),
    ],
)
def test_the_printed_standard_says_the_points_of_each_rule(item_id: str, rule: str, said: str) -> None:
    asked = item(2020, "street_town", item_id)
    found = asked.rule(rule)
    assert found is not None
    assert terms(found) == said
    assert f"（{rule}）{found.on}{said}" in asked.printed_standard


# ---- the years are joined by item ids ----


@demonstration
@pytest.mark.parametrize("name", CLASSES)
def test_most_items_of_2020_have_the_same_id_in_the_years_before(name: str) -> None:
    assert len(ids(2020, name) & ids(2019, name) & ids(2018, name)) >= 20


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("year", [2019, 2020])
def test_predecessors_are_items_of_the_year_before_that_ended(year: int, name: str) -> None:
    for i in RUBRICS[year, name].items:
        assert set(i.formerly) <= ids(year - 1, name), i.id
        assert not set(i.formerly) & ids(year, name), i.id


@pytest.mark.parametrize("name", CLASSES)
def test_the_first_year_has_no_predecessors(name: str) -> None:
    assert not any(i.formerly for i in RUBRICS[2018, name].items)


@demonstration
@pytest.mark.parametrize(
    ("year", "name", "merged", "of"),
    [
        (2019, "street_town", "base.staff", ("base.officers", "base.funds")),
        (2020, "street_town", "duty.committee", ("duty.safety_committee", "duty.fire_committee")),
        (2020, "street_town", "campaign.two_lists", ("campaign.problem_list", "system.measures_list")),
        (2019, "department", "duty.member_tasks", ("duty.member_meetings", "duty.member_orders")),
        (2020, "department", "campaign.two_lists", ("campaign.problem_list", "system.measures_list")),
    ],
)
def test_an_item_merged_of_two_names_both(year: int, name: str, merged: str, of: tuple[str, ...]) -> None:
    assert item(year, name, merged).formerly == of
    assert merged not in ids(year - 1, name)


@demonstration
@pytest.mark.parametrize(
    ("year", "name", "split", "into"),
    [
        (2019, "street_town", "hazards.rectified", {"hazards.fixed", "hazards.recheck"}),
        (2019, "street_town", "base.training_drills", {"base.training", "base.drills"}),
        (2019, "department", "accident.index", {"accident.count", "accident.deaths"}),
        (2020, "street_town", "campaign.residential_fire", {"campaign.high_rise", "campaign.ebike"}),
    ],
)
def test_both_halves_of_a_split_item_name_the_whole(year: int, name: str, split: str, into: set[str]) -> None:
    assert {i.id for i in RUBRICS[year, name].items if split in i.formerly} == into
    assert split in ids(year - 1, name)


@demonstration
@pytest.mark.parametrize("name", CLASSES)
def test_some_items_were_asked_in_some_years_only(name: str) -> None:
    assert {"campaign.three_year_plan", "campaign.epidemic", "system.plan145"} <= ids(2020, name) - ids(2019, name)
    assert "campaign.special_actions" in (ids(2018, name) & ids(2019, name)) - ids(2020, name)
    assert "duty.rectify_feedback" in ids(2019, name) - ids(2018, name)


@demonstration
@pytest.mark.parametrize("name", CLASSES)
def test_items_are_renumbered_and_weighed_anew_under_the_same_id(name: str) -> None:
    assert len({item(year, name, "campaign.expo").no for year in YEARS}) == 3
    assert len({item(year, name, "system.ledger").full_marks for year in YEARS}) == 2


# ---- a broken rubric is refused ----


def _item(data: dict[str, Any], item_id: str = "duty.letters") -> dict[str, Any]:
    return next(i for i in data["items"] if i["id"] == item_id)


def _set(item_id: str, rule: int | None, **change: object) -> Callable[[dict[str, Any]], None]:
    def act(data: dict[str, Any]) -> None:
        target = _item(data, item_id)
        (target if rule is None else target["rules"][rule - 1]).update(change)

    return act


def _drop(item_id: str, field: str) -> Callable[[dict[str, Any]], None]:
    return lambda data: _item(data, item_id).pop(field)


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], str, str]] = {
    "items-add-up-to-101": (_set("duty.letters", None, full_marks=4), "rubric-total-wrong", "101"),
    "theme-says-one-more": (lambda d: d["themes"][0].update(points=23), "rubric-theme-wrong", "明确责任落实"),
    "item-moved-to-another-theme": (_set("duty.letters", None, theme="t2"), "rubric-theme-wrong", "深化专项治理"),
    "theme-that-does-not-exist": (_set("duty.letters", None, theme="t9"), "rubric-theme-unknown", "duty.letters"),
    "item-id-twice": (_set("duty.letters", None, id="duty.list"), "rubric-id-twice", "duty.list"),
    "measure-id-twice": (lambda d: d["measures"].append(d["measures"][0]), "rubric-id-twice", "leader_inspections"),
    "clause-id-twice": (lambda d: d["bonus"][0].update(id="outside.late"), "rubric-id-twice", "outside.late"),
    "number-twice": (_set("duty.letters", None, no="3"), "rubric-number-twice", "曹杨新村街道"),
    "veto-number-twice": (lambda d: d["vetoes"][0].update(no="2"), "rubric-number-twice", "vetoes"),
    "rule-number-twice": (_set("duty.letters", 2, id="1"), "rubric-rule-twice", "duty.letters"),
    "parts-that-do-not-fill-the-item": (
        _set("duty.letters", None, parts=[{"id": "p1", "name": "签订", "points": 2}]), "rubric-item-parts-wrong", "2分",
    ),
    "rule-of-an-unknown-part": (_set("duty.letters", 2, part="p1"), "rubric-item-part-unknown", "p1"),
    "common-and-duty-do-not-add-up": (
        lambda d: d.update(parts={"common": 40, "duty": 60}), "rubric-part-wrong", "共性",
    ),
    "substitute-with-other-points": (
        lambda d: d["items"].append(_item(d) | {"id": "duty.other", "no": "99", "full_marks": 2,
                                                "substitute_for": "duty.letters"}),
        "rubric-substitute-differs", "duty.other",
    ),
    "substitute-for-nothing": (
        lambda d: d["items"].append(_item(d) | {"id": "duty.other", "no": "99", "substitute_for": "duty.lettres"}),
        "rubric-item-unknown", "duty.lettres",
    ),
    "linked-to-an-unknown-item": (
        _set("duty.letters", 1, also=["duty.lettres"]), "rubric-item-unknown", "duty.lettres",
    ),
    "prerequisite-of-an-unknown-measure": (
        lambda d: d.update(
            prerequisites=[{"id": "pre.index", "no": "1", "on": "死亡人数未超控制目标", "measure": "dead"}]
        ),
        "rubric-measure-unknown", "pre.index",
    ),
    "threshold-with-two-bounds": (_set("duty.leaders_inspect", 1, at_most=20), "data-file-invalid", "rules"),
    "range-reversed": (_set("duty.letters", 3, least="1.5"), "rubric-range-reversed", "1.5–1"),
    "rule-of-an-unknown-measure": (_set("base.drills", 1, measure="drill"), "rubric-measure-unknown", "drill"),
    "baseline-of-an-unknown-measure": (
        _set("fire.count", 1, baseline="fires_2019"), "rubric-measure-unknown", "fire.count.rules.1",
    ),
    "veto-of-an-unknown-measure": (
        lambda d: d["vetoes"][1].update(measure="dead"), "rubric-measure-unknown", "veto.deaths",
    ),
    "item-of-an-unknown-unit": (_set("duty.letters", None, units=["ST11"]), "rubric-unit-unknown", "ST11"),
    "item-of-a-unit-of-another-class": (_set("duty.letters", None, units=["SR01"]), "rubric-unit-unknown", "街道镇"),
    "unknown-kind-of-rule": (_set("duty.letters", 2, kind="per_case"), "data-file-invalid", "rules.1"),
    "rule-without-its-points": (lambda d: _item(d)["rules"][1].pop("points"), "data-file-invalid", "points"),
    "misspelt-field": (_set("duty.letters", 2, caps=1), "data-file-invalid", "caps"),
    "points-in-words": (_set("duty.letters", None, full_marks="三分"), "data-file-invalid", "三分"),
    "negative-points": (_set("duty.letters", 2, points="-0.1"), "data-file-invalid", "-0.1"),
    "item-without-text": (_drop("duty.letters", "text"), "data-file-invalid", "items.3.text"),
    "number-printed-as-1.2": (_set("duty.letters", None, no="1.2"), "data-file-invalid", "items.3.no"),
    "step-of-zero": (_set("hazards.fixed", 1, step="0"), "data-file-invalid", "step"),
    "severity-without-levels": (_set("base.duty_report", 1, levels={}), "data-file-invalid", "levels"),
    "unknown-class": (lambda d: d.update(applies_to=["village"]), "data-file-invalid", "applies_to"),
    "status-made-up": (lambda d: d.update(status="draft"), "data-file-invalid", "status"),
    "no-items": (lambda d: d.pop("items"), "data-file-invalid", "items"),
}  # fmt: skip


@demonstration
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rubric_is_refused_with_file_and_place(name: str, tmp_path: Path) -> None:
    breaks, code, place = BROKEN[name]
    data = copy.deepcopy(GOOD)
    breaks(data)
    path = tmp_path / "street_town.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        Rubric.load(path, REGISTRY)
    about = [problem for problem in caught.value.problems if problem.code == code]
    assert about, str(caught.value)
    assert all(
        problem.severity == "stop" and problem.file == f"{tmp_path.name}/street_town.yaml"
        for problem in caught.value.problems
    )
    assert any(place in problem.message() for problem in about), str(caught.value)


@demonstration
def test_the_unbroken_rubric_is_read_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "street_town.yaml"
    path.write_text(yaml.safe_dump(GOOD, allow_unicode=True, sort_keys=False), encoding="utf-8")
    again, shipped = Rubric.load(path, REGISTRY), RUBRICS[2020, "street_town"]
    assert again.model_copy(update={"sha256": shipped.sha256}) == shipped
    assert again.sha256 != shipped.sha256


@demonstration
def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    data = copy.deepcopy(GOOD)
    for act in ("rule-of-an-unknown-part", "rule-of-an-unknown-measure", "range-reversed"):
        BROKEN[act][0](data)
    path = tmp_path / "street_town.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        Rubric.load(path, REGISTRY)
    assert len(caught.value.problems) == 3


SLIPS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "cap-over-the-item": (_set("duty.letters", 2, cap="3.1"), "第4项第（2）款写的3.1分超过本项（评分点）的3分"),
    "one-occurrence-over-the-item": (_set("campaign.epidemic", 1, points="1.5"), "写的1.5分超过本项"),
    "one-level-over-the-item": (
        _set("accident.lessons", 1, cap=None, levels={"未落实": "3.5"}), "写的3.5分超过本项",
    ),
    "severity-reversed": (
        _set("base.duty_report", 1, levels={"迟报": "2", "谎报": "1", "漏报": "1.5", "瞒报": "2"}),
        "“迟报”扣2分，“谎报”却只扣1分",
    ),
}  # fmt: skip


@demonstration
@pytest.mark.parametrize("name", SLIPS)
def test_what_is_printed_oddly_is_loaded_as_printed_and_reported(name: str, tmp_path: Path) -> None:
    act, said = SLIPS[name]
    data = copy.deepcopy(GOOD)
    act(data)
    path = tmp_path / "street_town.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (slip,) = slips(Rubric.load(path, REGISTRY), severity_scales(WORKSPACE.lookups))
    assert said in slip.says


@demonstration
@every_rubric
def test_the_shipped_rubrics_have_no_slips(year: int, name: str) -> None:
    assert slips(RUBRICS[year, name], severity_scales(WORKSPACE.lookups)) == ()


@pytest.mark.parametrize(
    "text", ["", "- 1", "id: [", "id: a\nid: b\n"], ids=["empty", "list", "open-bracket", "key-twice"]
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "street_town.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=r"street_town\.yaml"):
        Rubric.load(path, REGISTRY)


@demonstration
def test_the_keys_no_and_on_stay_words() -> None:
    first = GOOD["items"][0]
    assert first["no"] == "1"
    assert first["rules"][0]["on"].startswith("党（工）委主要负责人")
