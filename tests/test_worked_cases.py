"""Worked cases of rules, totals, classes and bands: what an official computes by hand is what the package computes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import worked
import yaml

from analytics.policy import GradeBand, Policy
from analytics.problems import Refused
from analytics.scoring import Scorecard, explain
from analytics.scoring.steps import steps_of

RULES, TOTALS, CLASSES, BANDS = (worked.cases(folder) for folder in ("rules", "totals", "classes", "bands"))


def decimals(written: list[Any]) -> list[Decimal | None]:
    return [worked.points(number) for number in written]


def check_marks(card: Scorecard, case: worked.Case) -> None:
    assert [mark.awarded for mark in card.marks] == decimals(case["awarded"])
    assert [[loss.points for loss in mark.losses] for mark in card.marks] == [decimals(x) for x in case["losses"]]


def check(card: Scorecard, case: worked.Case, policy: Policy) -> None:
    """What the case says of a card, each by the name that it has there."""
    if card.total is not None:
        assert card.scale + sum(step.change or 0 for step in steps_of(card)) == card.total
    said = {
        "total": card.total,
        "grade": card.grade,
        "by_points": card.grade_by_points,
        "rank": card.rank,
        "rank_span": list(card.rank_span),
        "possible": list(card.possible_grades),
        "span": [card.span.least, card.span.most] if card.span else None,
        "barred": str(card.barred).lower(),
        "shown": None if card.total is None else f"{policy.shown(card.total):f}",
        "steps": [step.change for step in steps_of(card)],
        "adjustments": [step.points for step in card.adjustments],
        "verdict": [f"{effect.kind} {effect.grade}".strip() for effect in card.effects if not effect.lifted],
        "waiting": len(card.waiting),
        "converted": None
        if card.total is None or card.grade is None
        else policy.converted(card.total, card.grade, card.scale),
    }
    numbers = ("total", "converted")
    for name, found in said.items():
        if name in case:
            wanted = case[name]
            if name in numbers:
                wanted = worked.points(wanted)
            elif name in ("steps", "adjustments", "span") and wanted is not None:
                wanted = decimals(wanted)
            assert (name, found) == (name, wanted)


@pytest.mark.parametrize("case", RULES)
def test_a_rule_takes_what_the_case_says(case: worked.Case) -> None:
    fields = ("full_marks", "rules", "parts", "not_applicable")
    peers = {f"街道{n}": {"figures": told} for n, told in enumerate(case.get("peers", []), 2)}
    whole = case | {"items": [{name: case[name] for name in fields if name in case}], "units": peers}
    own = case | {"self": [case["self"]]} if "self" in case else case
    cards = worked.scored(whole, {"甲街道": own, **peers})
    (mark,) = cards["甲街道"].marks
    assert mark.awarded == worked.points(case["awarded"])
    assert [loss.points for loss in mark.losses] == decimals(case["losses"])
    if "span" in case:
        assert [mark.span.least, mark.span.most] == decimals(case["span"])
    assert (mark.status == "awaiting_decision") == (case["awarded"] is None)


@pytest.mark.parametrize("case", TOTALS)
def test_marks_add_up_to_the_total_of_the_case(case: worked.Case) -> None:
    card = worked.scored(case, {"甲街道": case})["甲街道"]
    check_marks(card, case)
    check(card, case, worked.policy_of(case))
    assert "total" in case
    lines = explain(card, worked.rubric_of(case), worked.policy_of(case))
    for text in case.get("told", []):
        assert any(text in line.label for line in lines), text


@pytest.mark.parametrize("case", CLASSES)
def test_a_class_is_placed_as_in_the_case(case: worked.Case) -> None:
    cards = worked.scored(case, case["units"])
    for name, told in case["units"].items():
        assert {"total", "grade", "rank"} <= set(told)
        check(cards[name], told, worked.policy_of(case))
        if "awarded" in told:
            check_marks(cards[name], told)


@pytest.mark.parametrize("case", BANDS)
def test_bands_as_printed_grade_or_are_refused(case: worked.Case, tmp_path: Path) -> None:
    bands = [dict(zip(("name", "least", "most"), band, strict=False)) for band in case["bands"]]
    policy = worked.made_up.policy().model_dump(mode="json", exclude_none=True, exclude={"sha256"})
    policy["grades"]["value"] = bands
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(policy, allow_unicode=True), encoding="utf-8")
    if "holes" in case:
        with pytest.raises(Refused) as caught:
            Policy.load(path)
        assert [problem.code for problem in caught.value.problems] == ["policy-band-hole"] * len(case["holes"])
        assert [problem.facts["found"] for problem in caught.value.problems] == case["holes"]
        return
    loaded = Policy.load(path)
    for total, grade in case["grades"].items():
        assert (total, loaded.grade(Decimal(str(total)))) == (total, grade)
    for band, better in zip(bands[:-1], [None, *bands], strict=False):
        bound = GradeBand.model_validate(band).least
        hundredth = Decimal("0.01")
        assert [loaded.grade(bound), loaded.grade(bound + hundredth)] == [band["name"]] * 2
        assert loaded.grade(bound - hundredth) not in (band["name"], better and better["name"])


def test_every_rule_kind_has_a_worked_case() -> None:
    from analytics.scoring.rules import _APPLY

    kinds = {rule["kind"] for case in RULES for rule in case.values[0]["rules"]}
    assert kinds == {kind.model_fields["kind"].annotation.__args__[0] for kind in _APPLY}


def test_there_are_enough_worked_cases_and_each_says_where_it_is_from() -> None:
    every = [case.values[0] for case in (*RULES, *TOTALS, *CLASSES, *BANDS)]
    assert len(every) >= 80
    assert all(case["note"] and case["source"] for case in every)
    assert len({case["note"] for case in every}) == len(every)
