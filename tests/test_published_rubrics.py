"""Every published fragment loads, has the slips of its print, and scores."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import made_up
import pytest
import yaml
from fragments import converted

from analytics.policy import severity_scales
from analytics.records import Decision, Observation
from analytics.rubric import BY_DECISION, MEASURED, BySeverity, Rubric, measures_of, most_of, slips
from analytics.scoring import score
from analytics.units import UnitRegistry, read_yaml
from analytics.workspace import Workspace

SOURCE = Path(__file__).parent / "cases" / "published" / "rubrics.yaml"
PUBLISHED = read_yaml(SOURCE)  # a plain YAML reader takes the key "on" for a truth value
FRAGMENTS = {fragment["id"]: fragment for kind in ("rubrics", "bonus_and_outside") for fragment in PUBLISHED[kind]}
for _named in FRAGMENTS.values():
    _named.setdefault("title", _named["id"])
REGISTRY = UnitRegistry.from_data(
    {"area": "某市", "units": [{"id": "ST01", "name": "甲街道", "official": "甲街道办事处", "kind": "street_town"}]},
    "units.yaml",
)
SLIPS = {
    "guangxi_fire_2006_2008": ["“消防站未竣工每个”扣4分，“消防站未开工每个”却只扣2分"],
    "safety_month_2021": ["写的7分超过本项（评分点）的3分", "写的5分超过本项（评分点）的2分"],
    "township_fire": ["写的14分超过本项（评分点）的12分"],
}
every_fragment = pytest.mark.parametrize("name", FRAGMENTS)


def loaded(name: str, folder: Path) -> Rubric:
    data, _ = converted(FRAGMENTS[name])
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return Rubric.load(path, REGISTRY)


def seen_once(rubric: Rubric) -> tuple[list[Observation], list[Decision]]:
    """One observation for each rule, and the decision that the rule may ask for."""
    observations: dict[str, Observation] = {}
    decisions = []
    asked = [(item, rule) for item in rubric.items for rule in item.rules]
    for row, (item, rule) in enumerate(asked, 5):
        if isinstance(rule, MEASURED):
            for n, measure in enumerate(measures_of(rule)):
                observations[measure] = made_up.figure(measure, 90 + 10 * n)
        else:
            level = next(iter(rule.levels)) if isinstance(rule, BySeverity) else ""
            observations[f"{row}"] = made_up.finding(rule.id, 1, item.id, row=row, level=level)
        if isinstance(rule, BY_DECISION):
            most = most_of(rule, item.room(rule))
            decisions.append(made_up.decision("discretionary", most, item.id, rule.id, id=f"D{row}"))
    return list(observations.values()), decisions


def test_no_fragment_is_left_out() -> None:
    assert len(FRAGMENTS) == 19
    assert SOURCE.read_text(encoding="utf-8").startswith("# Real scoring rubrics, transcribed from public fragments")


@every_fragment
def test_a_published_fragment_loads_with_the_slips_of_its_print(name: str, tmp_path: Path) -> None:
    told = [slip.says for slip in slips(loaded(name, tmp_path), severity_scales(Workspace().lookups))]
    assert len(told) == len(SLIPS.get(name, []))
    for said, slip in zip(SLIPS.get(name, []), told, strict=True):
        assert said in slip


@every_fragment
def test_a_published_fragment_scores_one_observation_for_each_rule(name: str, tmp_path: Path) -> None:
    rubric = loaded(name, tmp_path)
    observations, decisions = seen_once(rubric)
    policy = made_up.policy(total_cap=max(rubric.full_marks, Decimal(100)))
    (card,) = score(rubric, policy, [made_up.STREET], observations, decisions)
    assert card.total is not None
    assert 0 <= card.total <= rubric.full_marks
    for mark, item in zip(card.marks, rubric.items, strict=True):
        assert mark.status == "verified"
        assert 0 <= mark.awarded <= item.full_marks
        assert mark.awarded + sum(loss.points for loss in mark.losses) == item.full_marks
    assert sum(mark.awarded for mark in card.marks) == card.total


@every_fragment
def test_clauses_beside_the_items_take_effect(name: str, tmp_path: Path) -> None:
    rubric = loaded(name, tmp_path)
    item = made_up.self_mark(100)
    for clause in rubric.vetoes:
        act = made_up.decision("veto", clause=clause.no)
        (card,) = score(rubric, made_up.policy(total_cap=200), [made_up.STREET], [item], [act])
        assert [effect.grade for effect in card.effects] == ["不合格"]
    for clause in rubric.prerequisites:
        act = made_up.decision("not_admitted", clause=clause.no)
        (card,) = score(rubric, made_up.policy(total_cap=200), [made_up.STREET], [item], [act])
        assert (card.barred, card.total) == (True, None)


@pytest.mark.parametrize(
    ("name", "kind", "points"),
    [("zunyi_2010", "bonus", 5), ("zunyi_2010", "outside", -2), ("shuozhou", "bonus", 2)],
)
def test_bonus_and_outside_clauses_of_the_fragments_count(name: str, kind: str, points: int, tmp_path: Path) -> None:
    rubric = loaded(name, tmp_path)
    clause = "3" if kind == "outside" else "1"
    act: Any = made_up.decision(kind, abs(points), clause=clause, matter="事项", reference="〔2020〕1号")
    (card,) = score(rubric, made_up.policy(), [made_up.STREET], [made_up.self_mark(90)], [act])
    assert (card.total, [step.points for step in card.adjustments]) == (90 + points, [points])


def test_what_is_not_in_print_is_assumed_aloud() -> None:
    assumed = {name: converted(fragment)[1] for name, fragment in FRAGMENTS.items()}
    assert [name for name, told in assumed.items() if not told] == [
        "chengdu_town_2020", "county_party_gov_2018", "township_quant_2016", "guangxi_fire_2006_2008", "dept_emergency",
        "dept_grain",
    ]  # fmt: skip
    assert assumed["street_community"][0] == "“企业档案”没有印分值，按各款合计设2分"
