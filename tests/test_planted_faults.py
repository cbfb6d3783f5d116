"""A fault planted in the package or in the independent recomputation makes the two disagree."""

from __future__ import annotations

import dataclasses
import math
import shutil
import types
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import recompute
import yaml
from sample_years import REGISTRY, WORKSPACE, YEARS, sample
from test_recompute import SOURCE, decimal

from analytics import scoring
from analytics.policy import YearRules
from analytics.scoring import case, combination, figure_rules, finding_rules, marking, rules, unit_card
from analytics.scoring.case import Verdict
from analytics.units import read_yaml
from analytics.workspace import Workspace

TIGHT = "2020 with tighter rules"
"""The sample seldom reaches a cap; with dearer findings and lower caps it does."""
Totals = dict[str, Decimal | None]


@dataclasses.dataclass(frozen=True)
class Judged:
    """A year's records, the rules they are judged by, and what the recomputation makes of them."""

    year: int
    rules: YearRules
    rubrics: Path
    totals: Totals

    @classmethod
    def by(cls, year: int, workspace: Workspace) -> Judged:
        rules, rubrics = YearRules.load(workspace, REGISTRY, year), workspace.rubrics(year)
        return cls(year, rules, rubrics, recomputed_by(recompute, year, rubrics))

    def scored(self) -> Totals:
        contents = sample(self.year).intake
        cards = scoring.score_year(self.rules, REGISTRY, contents.observations, contents.decisions)
        return {card.unit: card.total for card in cards}


def recomputed_by(module: Any, year: int, rubrics: Path) -> Totals:
    totals = module.totals(WORKSPACE.sample(year), rubrics, WORKSPACE.units)
    return {unit: decimal(total) for unit, total in totals.items()}


def tightened(folder: Path) -> Workspace:
    """The rules of 2020 with dearer findings (in every other item one empties it), and with lower caps."""
    rules = folder / "data" / "rubrics" / "2020"
    shutil.copytree(WORKSPACE.rubrics(2020), rules)
    for path in rules.glob("*.yaml"):
        data = read_yaml(path)
        if path.stem == "policy":
            data["bonus_cap"]["value"] = "0.5"
        for n, item in enumerate(data.get("items", [])):
            for rule in item["rules"]:
                if rule["kind"] in ("per_occurrence", "lateness"):
                    points, cap = Decimal(str(rule["points"])), Decimal(str(rule.pop("cap", 4)))
                    rule |= (
                        {"points": str(4 * points), "cap": str(cap / 2)} if n % 2 else {"points": item["full_marks"]}
                    )
        for clause in data.get("outside", []):
            if "measure" in clause:
                clause |= {"measure": "fires", "points": "0.5", "cap": "1"}
        path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return Workspace(folder)


@pytest.fixture(scope="module", autouse=True)
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    """All is computed once before a fault is planted, or it would be in what it is compared with."""
    found = {TIGHT: Judged.by(2020, tightened(tmp_path_factory.mktemp("tight")))}
    return found | {str(year): Judged.by(year, WORKSPACE) for year in YEARS if sample(year).cards}


def as_kind(monkeypatch: pytest.MonkeyPatch, kind: str, judge: Callable[..., Verdict]) -> None:
    """Rules of the kind judged otherwise."""
    table = {k: judge if k.__name__ == kind else f for k, f in rules._APPLY.items()}
    monkeypatch.setattr(rules, "_APPLY", table)


# ---- faults in the package ----


def floors_steps(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(figure_rules, "math", types.SimpleNamespace(ceil=math.floor, floor=math.floor))


def ignores_caps(patch: pytest.MonkeyPatch) -> None:
    def uncapped(rule: Any, it: Any, points: Any, cap: Any) -> Verdict:
        losses = [it.loss(rule, points(seen), seen.text or rule.on, [seen]) for seen in it.seen(rule)]
        return Verdict(tuple(losses))

    patch.setattr(finding_rules, "each_finding", uncapped)


def takes_the_limit_for_a_fault(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(figure_rules._BOUNDS, "at_least", (lambda value, bound: value <= bound, "应不少于"))


def ignores_the_bonus_cap(patch: pytest.MonkeyPatch) -> None:
    def all_of_it(rubric: Any, policy: Any, decisions: Any) -> Any:
        value = policy.bonus_cap.model_copy(update={"value": Decimal(100)})
        return honest(rubric, policy.model_copy(update={"bonus_cap": value}), decisions)

    honest = unit_card.bonus
    patch.setattr(unit_card, "bonus", all_of_it)


def counts_a_matter_twice(patch: pytest.MonkeyPatch) -> None:
    def each_its_own(rubric: Any, policy: Any, decisions: Any) -> Any:
        return honest(rubric, policy, [dataclasses.replace(d, matter=d.id) for d in decisions])

    honest = unit_card.bonus
    patch.setattr(unit_card, "bonus", each_its_own)


def counts_what_does_not_apply_as_nothing(patch: pytest.MonkeyPatch) -> None:
    def as_zero(part: Any, rubric: Any, marks: Any, figures: Any) -> Any:
        whole = honest(part, rubric, marks, figures)
        awarded = [marks[item].awarded or Decimal(0) for item in whole.items]
        return dataclasses.replace(whole, value=sum(awarded, Decimal(0)))

    honest = combination._part_score
    patch.setattr(combination, "_part_score", as_zero)


def without(kind: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Decisions of the kind are forgotten."""

    def forget(patch: pytest.MonkeyPatch) -> None:
        honest = unit_card.in_force
        patch.setattr(scoring, "in_force", lambda decisions: tuple(d for d in honest(decisions) if d.kind != kind))

    return forget


def ignores_outside_caps(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(combination, "_take", lambda points, left: (points, left))


def takes_the_last_occurrence_only(patch: pytest.MonkeyPatch) -> None:
    honest = case.Case.seen
    patch.setattr(case.Case, "seen", lambda self, rule: honest(self, rule)[-1:])


def compares_the_wrong_way(patch: pytest.MonkeyPatch) -> None:
    def other_way(rule: Any, it: Any) -> Verdict:
        return honest(rule.model_copy(update={"measure": rule.baseline, "baseline": rule.measure}), it)

    honest = figure_rules.lose_by_comparison
    as_kind(patch, "Comparison", other_way)


def prefers_the_unit_s_own_mark(patch: pytest.MonkeyPatch) -> None:
    honest = marking.mark_item

    def own_first(it: Any, policy: Any, own: Any, linked: Any = ()) -> Any:
        known = own is not None and own.value is not None
        return honest(dataclasses.replace(it, findings=[], figures={}) if known else it, policy, own, linked)

    patch.setattr(unit_card, "mark_item", own_first)


def rounds_each_share(patch: pytest.MonkeyPatch) -> None:
    honest = combination.settled
    patch.setattr(combination, "settled", lambda points: honest(Fraction(round(points * 100), 100)))


def lets_an_item_fall_below_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(marking, "_within", lambda losses, full: tuple(losses))


PACKAGE = {
    "begun steps are dropped": floors_steps,
    "caps are ignored": ignores_caps,
    "the bound itself is a fault": takes_the_limit_for_a_fault,
    "the bonus cap is ignored": ignores_the_bonus_cap,
    "a matter counts twice": counts_a_matter_twice,
    "what does not apply counts as nothing": counts_what_does_not_apply_as_nothing,
    "a review is ignored": without("review"),
    "doubling is ignored": without("double"),
    "a lateness is ignored": without("lateness"),
    "outside caps are ignored": ignores_outside_caps,
    "only the last occurrence counts": takes_the_last_occurrence_only,
    "last year is compared with this one": compares_the_wrong_way,
    "the own mark goes first": prefers_the_unit_s_own_mark,
    "shares are rounded on the way": rounds_each_share,
    "an item may fall below nothing": lets_an_item_fall_below_nothing,
}


@pytest.mark.parametrize("fault", PACKAGE)
def test_a_fault_in_the_package_is_caught_by_the_recomputation(
    fault: str, judged: dict[str, Judged], monkeypatch: pytest.MonkeyPatch
) -> None:
    PACKAGE[fault](monkeypatch)
    assert any(one.scored() != one.totals for one in judged.values())


def test_without_a_fault_nothing_differs(judged: dict[str, Judged]) -> None:
    assert [name for name, one in judged.items() if one.scored() != one.totals] == []


# ---- faults in the recomputation ----

RECOMPUTED = {
    "begun steps are dropped": ("math.ceil(", "math.floor("),
    "the bound itself is a fault": ("points * (value < least)", "points * (value <= least)"),
    "doubling is ignored": ('if acts["虚报加倍"] else left', "if False else left"),
    "a review is ignored": ('if acts["复核"] else left', "if False else left"),
    "the bonus cap is ignored": ('number(policy["bonus_cap"]["value"])', "100"),
    "what does not apply counts as nothing": (
        "sum(marks.values()) * sum(full.values()) / sum(full[no] for no in marks)",
        "sum(marks.values())",
    ),
    "caps are ignored": ('number(rule.get("cap", full))', "full"),
    "the own mark goes first": ("    if rows or any(", "    if claimed is None or any("),
    "an outside deduction is forgotten": ('acts["百分外扣分"] + acts["逾期扣分"]', 'acts["百分外扣分"]'),
}  # fmt: skip


@pytest.mark.parametrize("fault", RECOMPUTED)
def test_a_fault_in_the_recomputation_is_caught_by_the_package(fault: str, judged: dict[str, Judged]) -> None:
    right, wrong = RECOMPUTED[fault]
    assert SOURCE.count(right) == 1
    module = types.ModuleType("faulty")
    exec(compile(SOURCE.replace(right, wrong), "faulty", "exec"), module.__dict__)
    for one in judged.values():
        if recomputed_by(module, one.year, one.rubrics) != one.scored():
            return
    pytest.fail(f"no unit of any year shows it: {fault}")
