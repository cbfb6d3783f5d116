"""Corners of the scoring core where something was once lost, counted twice or left open for ever."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import made_up
import pytest
import yaml

from analytics.policy import Policy, _part_faults
from analytics.problems import Refused
from analytics.records import Channel, Observation
from analytics.rubric import slips
from analytics.rubric.checks import _repeats
from analytics.scoring import Scorecard, Span, score

EACH = {"id": "1", "kind": "per_occurrence", "on": "每缺一项", "points": "1"}
CHOICE = {"id": "2", "kind": "discretionary", "on": "酌情", "least": 1, "most": 4}
BY_CHANNEL = {"kind": "weighted", "weights": {"onsite": 40, "special": 40, "desk": 20}}


def seen(channel: Channel, rule: str, count: object = 1, item: str = "item.1", row: int = 5) -> Observation:
    return dataclasses.replace(made_up.finding(rule, count, item, row=row), channel=channel)


def one(
    items: list[dict[str, Any]],
    observations: list[Observation],
    decisions: tuple = (),
    policy: object = None,
    **more: Any,
) -> Scorecard:
    rubric = made_up.rubric(items, **more)
    return score(rubric, policy or made_up.policy(), [made_up.STREET], observations, decisions)[0]


def test_a_discretionary_decision_counts_in_the_channel_that_saw_its_finding() -> None:
    """Counted in the channels that saw nothing, it would make them count as if they had looked."""
    found = [seen(Channel.ONSITE, "1", 2, row=5), seen(Channel.ONSITE, "2", 1, row=6)]
    ruled = made_up.decision("discretionary", 3, "item.1", "2")
    policy = made_up.policy(combination=BY_CHANNEL)
    card = one([{"full_marks": 10, "rules": [EACH, CHOICE]}], found, (ruled,), policy)
    assert card.total == 5


def test_a_discretionary_decision_without_a_finding_counts_in_every_channel_that_looked() -> None:
    found = [seen(Channel.ONSITE, "1", 2, row=5), seen(Channel.SPECIAL, "1", 4, row=6)]
    ruled = made_up.decision("discretionary", 3, "item.1", "2")
    card = one([{"full_marks": 10, "rules": [EACH, CHOICE]}], found, (ruled,), made_up.policy(combination=BY_CHANNEL))
    assert card.total == 4


def test_what_a_rule_takes_from_another_item_is_taken_when_channels_are_weighed_too() -> None:
    none = {"id": "1", "kind": "all_or_nothing", "on": "无方案", "also": ["item.2"]}
    items = [{"full_marks": 2, "rules": [none]}, {"full_marks": 3, "rules": [EACH]}]
    card = one(items, [seen(Channel.ONSITE, "1")], (), made_up.policy(combination=BY_CHANNEL))
    assert [mark.awarded for mark in card.marks] == [0, 0]


def test_an_item_that_does_not_apply_takes_no_other_along() -> None:
    none = {"id": "1", "kind": "all_or_nothing", "on": "无方案", "also": ["item.2"]}
    items = [{"full_marks": 2, "rules": [none]}, {"full_marks": 3, "rules": [EACH]}]
    found = [made_up.finding("1"), made_up.self_mark(3, "item.2")]
    card = one(items, found, (made_up.decision("not_applicable", None, "item.1"),))
    assert card.mark("item.2").awarded == 3


def test_shares_of_losses_never_take_more_than_the_item_holds() -> None:
    """Six times two thirds, each rounded up, is more than four."""
    policy = made_up.policy(combination={"kind": "weighted", "weights": {"self": 1, "verified": 2}})
    found = [made_up.self_mark(0), *(made_up.finding("1", row=row) for row in range(5, 11))]
    card = one([{"full_marks": 6, "rules": [EACH]}], found, (), policy)
    assert card.marks[0].awarded == 0
    assert sum(loss.points for loss in card.marks[0].losses) == 6


def test_a_source_that_the_policy_does_not_weigh_is_told() -> None:
    policy = made_up.policy(combination={"kind": "weighted", "weights": {"self": 30, "onsite": 70}})
    found = [made_up.self_mark(9), seen(Channel.DESK, "1", 5)]
    card = one([{"full_marks": 10, "rules": [EACH]}], found, (), policy)
    assert (card.total, card.marks[0].status) == (9, "self_only")
    assert card.assumptions[-1] == "第1项有资料核查的记录，政策没有给它权重，未计入"


def test_what_remains_to_be_decided_takes_no_more_than_its_part_holds() -> None:
    """Two points are gone of a part of two: whatever is decided under the same part takes nothing more."""
    rules = [
        EACH | {"part": "staff"},
        CHOICE | {"part": "staff"},
    ]
    parts = [{"id": "staff", "name": "队伍", "points": 2}, {"id": "funds", "name": "经费", "points": 8}]
    found = [made_up.finding("1", 2, row=5), made_up.finding("2", row=6)]
    items = [{"full_marks": 10, "rules": rules, "parts": parts}]
    assert one(items, found).marks[0].span == Span(Decimal(8), Decimal(8))
    assert one(items, found, (made_up.decision("discretionary", 1, "item.1", "2"),)).total == 8


@pytest.mark.parametrize(
    ("rule", "observation", "awarded"),
    [
        ({"kind": "award_on_record", "points": 2, "cap": 7}, made_up.finding("1"), 9),
        ({"kind": "award", "measure": "drills_held", "points": 2, "cap": 7}, made_up.figure("drills_held", 1), 9),
        ({"kind": "share_of_best", "measure": "drills_held"}, made_up.figure("drills_held", 4), 10),
    ],
)
def test_an_award_for_a_part_of_an_item_gives_at_most_the_part(
    rule: dict[str, Any], observation: Observation, awarded: int
) -> None:
    parts = [{"id": "own", "name": "自创", "points": 3}, {"id": "rest", "name": "其他", "points": 7}]
    items = [{"full_marks": 10, "rules": [{"id": "1", "on": "每1项", "part": "own", **rule}], "parts": parts}]
    assert one(items, [observation]).marks[0].awarded == awarded


def test_a_share_of_the_best_in_a_part_is_a_share_of_the_part() -> None:
    parts = [{"id": "own", "name": "自创", "points": 5}, {"id": "rest", "name": "其他", "points": 5}]
    rule = {"id": "1", "kind": "share_of_best", "on": "按比例", "measure": "drills_held", "part": "own"}
    rubric = made_up.rubric([{"full_marks": 10, "rules": [rule], "parts": parts}])
    figures = [made_up.figure("drills_held", 8), made_up.figure("drills_held", 10, "ST02")]
    cards = score(rubric, made_up.policy(), [made_up.STREET, made_up.street(2)], figures, [])
    assert [card.total for card in cards] == [9, 10]


def test_decisions_are_in_the_order_of_their_numbers_and_not_of_their_letters() -> None:
    """D-10 is later than D-9."""
    both = (
        made_up.decision("review", 3, "item.1", id="D-9"),
        made_up.decision("review", 4, "item.1", id="D-10"),
    )
    assert one([{"full_marks": 10, "rules": [EACH]}], [made_up.self_mark(9)], both).total == 4


def test_a_withdrawn_withdrawal_puts_the_decision_back_in_force() -> None:
    acts = (
        made_up.decision("review", 3, "item.1", id="D1"),
        made_up.decision("withdraw", id="D2", matter="D1"),
        made_up.decision("withdraw", id="D3", matter="D2"),
    )
    items = [{"full_marks": 10, "rules": [EACH]}]
    assert one(items, [made_up.self_mark(9)], acts[:2]).total == 9
    assert one(items, [made_up.self_mark(9)], acts).total == 3


def test_a_withdrawal_about_one_unit_leaves_the_decisions_about_another() -> None:
    acts = (
        made_up.decision("review", 3, "item.1", id="D1"),
        made_up.decision("withdraw", id="D2", matter="D1", unit="ST02"),
    )
    assert one([{"full_marks": 10, "rules": [EACH]}], [made_up.self_mark(9)], acts).total == 3


def test_an_own_total_is_known_once_what_was_left_open_is_decided() -> None:
    """Else a unit with one blank mark would never have a total, whatever is decided."""
    needs = {"prerequisites": [{"id": "own", "no": "1", "on": "自评合格", "self_total": 6}]}
    items = [{"full_marks": 5, "rules": [EACH]}, {"full_marks": 5, "rules": [EACH]}]
    own = [made_up.self_mark(4), made_up.self_mark(None, "item.2")]
    assert one(items, own, **needs).total is None
    assert one(items, own, (made_up.decision("mark", 3, "item.2"),), **needs).total == 7
    assert one(items, own, (made_up.decision("not_applicable", None, "item.2"),), **needs).total == 8
    assert one(items, own, (made_up.decision("mark", 1, "item.2"),), **needs).barred


def test_a_veto_by_the_total_alone_holds_for_a_unit_that_is_not_ranked_too() -> None:
    veto = {"id": "low", "no": "1", "on": "得分低于80", "effect": "force", "grade": "不合格", "below": 80}
    policy = made_up.policy(ranking={"within": "class", "ties": "competition", "unranked": ["ST01"]})
    card = one([{"full_marks": 100, "rules": [EACH]}], [made_up.self_mark(70)], (), policy, vetoes=[veto])
    assert (card.rank, card.grade_by_points, card.grade) == (None, "合格", "不合格")


def test_a_unit_that_may_not_be_admitted_leaves_the_others_their_better_places_open() -> None:
    needs = [{"id": "index", "no": "1", "on": "死亡人数不超指标", "measure": "deaths", "at_most": 2}]
    rubric = made_up.rubric([{"full_marks": 100, "rules": [EACH]}], prerequisites=needs)
    marks = [
        made_up.self_mark(95, unit="ST01"),
        made_up.self_mark(90, unit="ST02"),
        made_up.figure("deaths", 0, "ST02"),
    ]
    first, second = score(rubric, made_up.policy(), [made_up.STREET, made_up.street(2)], marks, [])
    assert (first.total, second.rank_span) == (None, (1, 2))


@pytest.mark.parametrize("order", [1, -1])
def test_which_of_two_figures_counts_does_not_depend_on_the_order_of_files(order: int) -> None:
    fewer = {"id": "1", "kind": "threshold", "on": "演练少于2次", "measure": "drills_held", "at_least": 2, "points": 1}
    two = [dataclasses.replace(made_up.figure("drills_held", n), reading=made_up.reading(n, str(n))) for n in (1, 3)]
    assert one([{"full_marks": 5, "rules": [fewer]}], two[::order]).total == 5


def test_the_records_of_an_award_are_named_in_one_order_whatever_the_order_of_files() -> None:
    earned = {"id": "1", "kind": "award_on_record", "on": "每1项", "points": 1, "cap": 5}
    two = [seen(Channel.ONSITE, "1", 1, row=5), seen(Channel.DESK, "1", 1, row=6)]
    items = [{"full_marks": 5, "rules": [earned]}]
    assert one(items, two).marks == one(items, two[::-1]).marks


def test_half_an_occurrence_is_the_first_step_and_not_the_last() -> None:
    steps = {"id": "1", "kind": "escalation", "on": "脱岗", "steps": ["0.5", None]}
    assert one([{"full_marks": 5, "rules": [steps]}], [made_up.finding("1", "0.5")]).total == Decimal("4.5")


# ---- policies that would score otherwise than they seem to say ----


def load(folder: Path, **changed: object) -> Policy:
    data = made_up.policy(**changed).model_dump(mode="json", exclude_none=True, exclude={"sha256"})
    (folder / "policy.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return Policy.load(folder / "policy.yaml")


@pytest.mark.parametrize(
    "weights",
    [{"self": 30, "on_site": 70}, {"self": 0, "verified": 0}, {"verified": 50, "onsite": 50}],
    ids=["a-source-that-there-is-not", "nothing-weighs-anything", "verified-beside-its-own-channels"],
)
def test_weights_that_cannot_be_meant_are_refused(weights: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        load(tmp_path, combination={"kind": "weighted", "weights": weights})
    assert [problem.code for problem in caught.value.problems] == ["policy-weights-wrong"]


def test_weights_by_channel_are_loaded(tmp_path: Path) -> None:
    assert load(tmp_path, combination=BY_CHANNEL).combination.value.weights["onsite"] == 40


def test_a_total_cap_under_what_the_items_add_up_to_is_refused() -> None:
    rubric = made_up.rubric([{"full_marks": 200, "rules": [EACH]}])
    assert [code for code, _, _ in _part_faults(made_up.policy(), rubric)] == ["policy-cap-below-scale"]
    assert list(_part_faults(made_up.policy(scale=100), rubric)) == []


def test_places_that_get_more_than_the_one_before_are_reported_as_printed() -> None:
    places = {"id": "1", "kind": "by_rank", "on": "按名次", "measure": "drills_held", "points": [48, 51], "after": 45}
    (slip,) = slips(made_up.rubric([{"full_marks": 60, "rules": [places]}]))
    assert "第1名得48分，其后一名却得51分" in slip.says


def test_two_parts_of_an_item_with_one_id_are_refused() -> None:
    parts = [{"id": "a", "name": "甲", "points": 5}, {"id": "a", "name": "乙", "points": 5}]
    rubric = made_up.rubric([{"full_marks": 10, "rules": [EACH], "parts": parts}])
    assert [(code, place) for code, place, _, _ in _repeats(rubric)] == [("rubric-id-twice", "items.item.1.parts")]


def test_two_reports_late_cost_no_more_together_than_the_policy_allows() -> None:
    late = {"id": "late", "no": "1", "on": "逾期报送，每天扣1分", "points": 1}
    both = (made_up.decision("lateness", 3, clause="1"), made_up.decision("lateness", 4, clause="1", id="D2"))
    card = one([{"full_marks": 100, "rules": [EACH]}], [made_up.self_mark(100)], both, outside=[late])
    assert [step.points for step in card.adjustments] == [-3, -2]
    assert card.total == 95


def test_a_figure_above_its_scale_waits_and_earns_nothing_beyond_it() -> None:
    parts = [
        {"id": "items", "name": "细则", "weight": 80, "themes": ["t1"]},
        {"id": "half", "name": "半年考核", "weight": 20, "measure": "drills_held"},
    ]
    figures = [made_up.self_mark(100), made_up.figure("drills_held", 105)]
    card = one([{"full_marks": 100, "rules": [EACH]}], figures, policy=made_up.policy(parts=parts))
    assert card.total is None
    assert card.open_questions == ("半年考核：drills_held的核定数105不在0—100之内，待更正",)
