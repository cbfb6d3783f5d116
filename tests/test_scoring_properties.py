"""What must hold whatever the rubric, the policy, the records and the decisions.

Two thousand random classes each, ten thousand with ``--thorough``.
"""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from decimal import Decimal

import made_up
from hypothesis import given, settings
from hypothesis import strategies as st
from random_class import FOUND, MEASURED_KINDS, RandomClass

from analytics import rubric as kinds
from analytics.records import Channel
from analytics.rubric import Rubric
from analytics.scoring import Scorecard, explain, score
from analytics.scoring.steps import steps_of

thorough = settings.get_profile("properties")
seeds = given(st.integers(0, 2**40))
LOSING = (kinds.PerOccurrence, kinds.AllOrNothing, kinds.Escalation, kinds.BySeverity, kinds.Lateness)


def test_random_classes_cover_everything() -> None:
    seen: Counter[str] = Counter()
    for seed in range(1500):
        made = RandomClass.of(seed)
        cards = made.scored()
        seen.update(rule.kind for item in made.rubric.items for rule in item.rules)
        seen.update(f"裁定{decision.kind}" for decision in made.decisions)
        seen.update(mark.status for card in cards for mark in card.marks)
        seen.update(step.kind for card in cards for step in card.adjustments)
        seen.update(effect.kind for card in cards for effect in card.effects)
        seen.update(["parts"] * bool(cards[0].parts), quota=int(made.policy.quota is not None))
        seen["graded though capped"] += sum(card.grade not in (None, card.grade_by_points) for card in cards)
        seen["open though known"] += sum(card.total is not None and card.grade is None for card in cards)
    decisions = (
        "discretionary",
        "not_applicable",
        "double",
        "review",
        "mark",
        "bonus",
        "outside",
        "lateness",
        "withdraw",
    )
    for wanted in (
        *FOUND, *MEASURED_KINDS, *(f"裁定{kind}" for kind in decisions),
        "verified", "self_only", "class_mean", "not_applicable", "awaiting_decision",
        "bonus", "outside", "reweight", "part", "limit", "cap", "force", "bar",
        "parts", "quota", "graded though capped", "open though known",
    ):  # fmt: skip
        assert seen[wanted] >= 5, wanted


@thorough
@seeds
def test_marks_totals_and_lines_stay_in_bounds_and_add_up_whatever_the_order_of_records(seed: int) -> None:
    made = RandomClass.of(seed)
    cards = made.scored()
    made.draw.shuffle(made.observations)
    made.draw.shuffle(made.decisions)
    assert made.scored() == cards
    for card in cards:
        for mark in card.marks:
            if mark.awarded is not None:
                assert 0 <= mark.awarded <= mark.full_marks
                assert mark.awarded + sum(loss.points for loss in mark.losses) == mark.full_marks
            if mark.span:
                assert 0 <= mark.span.least <= mark.span.most <= mark.full_marks
        if card.total is not None:
            assert 0 <= card.total <= made.policy.total_cap.value
            assert card.scale + sum(step.change for step in steps_of(card)) == card.total
            assert explain(card, made.rubric, made.policy)[-1].running == card.total
        if card.span:
            assert 0 <= card.span.least <= card.span.most <= made.policy.total_cap.value


def no_better(after: Scorecard, before: Scorecard, made: RandomClass) -> None:
    """The unit is not better off: not in its total, not in its grade, not in its place."""
    order = [band.name for band in made.policy.grades.value]
    if after.total is not None and before.total is not None:
        assert after.total <= before.total
        if after.grade and before.grade:
            assert order.index(after.grade) >= order.index(before.grade)
        if after.rank and before.rank and not any(i.not_applicable == "class_mean" for i in made.rubric.items):
            assert after.rank >= before.rank
    elif after.span and before.span:
        assert after.span.least <= before.span.least
        assert after.span.most <= before.span.most


def lower(made: RandomClass) -> str:
    """Lower one own mark; the unit whose it is, empty when there is none."""
    own = [n for n, o in enumerate(made.observations) if o.channel is Channel.SELF and o.value]
    if not own:
        return ""
    place = made.draw.choice(own)
    old = made.observations[place]
    made.observations[place] = dataclasses.replace(old, value=made.part_of(old.value))
    return old.unit


def deduct(made: RandomClass) -> str:
    """One more finding by a channel that has looked at the item already; a first one would make it count at all."""
    looked = [
        (o, rule)
        for o in made.observations
        if o.item and o.channel is not Channel.SELF
        for rule in made.rubric.item(o.item).rules
        if isinstance(rule, LOSING)
    ]
    if not looked:
        return ""
    like, rule = made.draw.choice(looked)
    made.observations.append(made.finding(like.unit, like.item, rule, made.draw.randint(1, 3), like.channel))
    return like.unit


@thorough
@seeds
def test_a_lower_own_mark_or_a_further_deduction_never_does_a_unit_good(seed: int) -> None:
    made = RandomClass.of(seed)
    before = made.scored()
    if unit := made.draw.choice([lower, deduct])(made):
        number = [one.id for one in made.units].index(unit)
        no_better(made.scored()[number], before[number], made)


def decide(made: RandomClass, card: Scorecard) -> None:
    """Settle at random whatever the card waits for."""
    unit = card.unit
    if any(part.value is None and not part.missing and not part.items for part in card.parts):
        made.observations.append(made.figure(unit, "daily", made.draw.randint(0, 10)))
    for mark in card.waiting:
        item = made.rubric.item(mark.item)
        if "取本类平均分" in mark.waiting_for:
            continue  # settled with the others
        if "未能认定（" in mark.waiting_for:
            made.decisions.append(made.act("review", unit, made.part_of(mark.span.most, mark.span.least), mark.item))
        elif "自评分未能认定" in mark.waiting_for:
            made.decisions.append(made.act("mark", unit, made.part_of(item.full_marks), mark.item))
        for rule in item.rules:
            if f"第（{rule.id}）款酌情" in mark.waiting_for:
                most = min(kinds.most_of(rule, item.room(rule)), item.full_marks)
                ruled = made.part_of(most, min(rule.least, most))
                made.decisions.append(made.act("discretionary", unit, ruled, mark.item, rule.id))
            elif f"第（{rule.id}）款“" in mark.waiting_for:
                about = [o for o in made.observations if o.unit == unit and o.item == mark.item]
                recorded = {o.channel for o in about if o.rule == rule.id}
                for channel in sorted({o.channel for o in about} - {Channel.SELF} - recorded):
                    made.observations.append(made.finding(unit, mark.item, rule, made.draw.randint(0, 3), channel))


@thorough
@seeds
def test_whatever_is_decided_lies_in_the_spans_that_were_told(seed: int) -> None:
    made = RandomClass.of(seed)
    before = made.scored()
    if not any(card.undecided for card in before):
        return
    for card in before:
        decide(made, card)
    after = made.scored()
    settled = all(card.barred or card.total is not None for card in after)  # a rank so far is no last word
    for told, card in zip(before, after, strict=True):
        if told.barred or card.barred or card.total is None:
            continue
        if told.span:
            assert told.span.least <= card.total <= told.span.most
        else:
            assert told.total == card.total
        if told.rank_span and settled:
            assert told.rank_span[0] <= card.rank <= told.rank_span[1]
        assert card.grade == told.grade if told.grade else card.grade in (*told.possible_grades, None)


# ---- limits of grades ----

EACH = [{"id": "1", "kind": "per_occurrence", "on": "每缺一项", "points": "0.5"}]
POLICY = made_up.policy()


def hundred(count: int) -> Rubric:
    """A rubric of 100 points in so many items of uneven tenths."""
    cuts = sorted(random.Random(count).sample(range(1, 1000), count - 1))
    sizes = [Decimal(b - a) / 10 for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]
    return made_up.rubric([{"full_marks": size, "rules": EACH} for size in sizes])


HUNDREDS = {count: hundred(count) for count in range(2, 20)}


def graded(draw: random.Random, rubric: Rubric, total: Decimal, step: Decimal) -> Scorecard:
    """A card of this total, its losses spread over the items at random in so small steps."""
    left, order = int((100 - total) / step), list(rubric.items)
    draw.shuffle(order)
    lost = {}
    for turn in ("at random", "the rest"):
        for item in order:
            room = int(item.full_marks / step) - lost.get(item.id, 0)
            more = min(room, left if turn == "the rest" else draw.randint(0, min(room, left)))
            lost[item.id] = lost.get(item.id, 0) + more
            left -= more
    marks = [made_up.self_mark(item.full_marks - lost[item.id] * step, item.id) for item in order]
    (card,) = score(rubric, POLICY, [made_up.STREET], marks, [])
    assert card.total == total
    return card


@thorough
@seeds
def test_a_hundredth_on_either_side_of_a_limit_decides_the_grade(seed: int) -> None:
    draw = random.Random(seed)
    place, cent, bands = draw.randrange(3), Decimal("0.01"), POLICY.grades.value
    change, wanted = draw.choice([(Decimal(0), place), (cent, place), (-cent, place + 1)])
    card = graded(draw, HUNDREDS[draw.randint(2, 8)], bands[place].least + change, cent)
    assert (card.grade, POLICY.shown(card.total)) == (bands[wanted].name, card.total)


@thorough
@seeds
def test_tenths_that_add_up_to_ninety_are_excellent_and_half_a_cent_less_is_not(seed: int) -> None:
    draw = random.Random(seed)
    rubric = HUNDREDS[draw.randint(10, 19)]
    total, step, grade, shown = draw.choice([("90", "0.1", "优秀", "90.00"), ("89.995", "0.005", "良好", "89.995")])
    card = graded(draw, rubric, Decimal(total), Decimal(step))
    assert (card.grade, f"{POLICY.shown(card.total):f}") == (grade, shown)
