from __future__ import annotations

from decimal import Decimal, localcontext

import made_up
from hypothesis import given
from hypothesis import strategies as st

from analytics.analysis.one_unit import ThemeRate, course, descent, theme_sentence
from analytics.analysis.wording import amount, listed, moved, percent, points, signed
from analytics.rubric import Rubric
from analytics.scoring import Scorecard, explain, score


def cards(*losses: int, waiting: bool = False) -> tuple[Scorecard, ...]:
    """One street with items of 20 points, each with so many occurrences of half a point."""
    rules = [{"id": "1", "kind": "per_occurrence", "on": "每次", "points": "0.5"}]
    rubric = made_up.rubric([{"full_marks": 20, "rules": rules}] * 5)
    seen = [made_up.finding("1", count, item=f"item.{n}") for n, count in enumerate(losses, 1)]
    rest = range(len(losses) + 1, 5 if waiting else 6)
    seen += [made_up.finding("", item=f"item.{n}") for n in rest]
    return score(rubric, made_up.policy(), [made_up.STREET], seen, [])


RUBRIC = made_up.rubric([{"full_marks": 20, "rules": [{"id": "1", "kind": "all_or_nothing", "on": "有"}]}] * 5)


@given(st.lists(st.integers(1, 60), min_size=0, max_size=5), st.integers(1, 6))
def test_the_steps_add_up_to_the_total(losses: list[int], largest: int) -> None:
    (card,) = cards(*losses)
    found = descent(card, RUBRIC, made_up.policy(), largest)
    assert found.steps[-1].running == card.total
    assert Decimal(100) + sum(step.change for step in found.steps) == card.total


PARTS = [
    {"id": "safety", "name": "安全生产", "weight": 63, "themes": ["t1"]},
    {"id": "fire", "name": "消防", "weight": 27, "themes": ["t2"]},
    {"id": "daily", "name": "日常监管", "weight": 10, "measure": "drills_held", "full": 30},
]
CONVERTED = made_up.policy(parts=PARTS, scale=100)


def converted_rubric() -> Rubric:
    """Two themes of 60 and 35 points, which count 63 and 27 of 100."""
    rules = [{"id": "1", "kind": "per_occurrence", "on": "每次", "points": "0.35"}]
    items = [
        {"full_marks": full, "rules": rules, "theme": theme} for full, theme in ((35, "t1"), (25, "t1"), (35, "t2"))
    ]
    themes = [{"id": "t1", "name": "责任", "points": 60}, {"id": "t2", "name": "消防", "points": 35}]
    bonus = [{"id": "b", "no": "1", "on": "表彰", "levels": {"区级": 1}}]
    return made_up.rubric(items, themes=themes, bonus=bonus)


@given(
    st.lists(st.integers(0, 60), min_size=3, max_size=3),
    st.none() | st.integers(0, 30),
    st.sets(st.sampled_from((1, 2, 3)), max_size=2),
    st.booleans(),
    st.integers(1, 4),
)
def test_the_steps_of_converted_parts_add_up_exactly_and_are_those_of_the_explanation(
    losses: list[int], daily: int | None, out: set[int], praised: bool, largest: int
) -> None:
    rubric = converted_rubric()
    seen = [made_up.finding("1" if count else "", count, f"item.{n}") for n, count in enumerate(losses, 1)]
    seen += [] if daily is None else [made_up.figure("drills_held", daily)]
    decided = [made_up.decision("not_applicable", item=f"item.{n}", id=f"D{n}") for n in out]
    decided += [made_up.decision("bonus", 1, clause="1", id="D9", matter="表彰")] if praised else []
    (card,) = score(rubric, CONVERTED, [made_up.STREET], seen, decided)
    assert card.total is not None
    with localcontext(prec=60):
        steps = descent(card, rubric, CONVERTED, largest).steps
        assert card.scale + sum(step.change for step in steps) == card.total
        assert steps[-1].running == card.total
        explained = explain(card, rubric, CONVERTED)
        assert card.scale + sum(line.change or Decimal(0) for line in explained) == card.total
    labels = {step.label for step in steps}
    assert ("其他部分" in labels) == (daily not in (None, 30))


def test_a_unit_that_is_not_scored_ends_in_no_number() -> None:
    rubric = made_up.rubric(
        [{"full_marks": 100, "rules": []}],
        prerequisites=[{"id": "p", "no": "1", "on": "自评不低于60分", "self_total": 60}],
    )
    (card,) = score(rubric, made_up.policy(), [made_up.STREET], [made_up.self_mark(50)], [])
    found = descent(card, rubric, made_up.policy())
    assert found.steps[-1].label == "不予参评"
    assert found.sentence == "不予参评，没有总分。"


def test_the_total_is_printed_as_documents_print_it() -> None:
    rubric = made_up.rubric([{"full_marks": 100, "rules": []}])
    (card,) = score(rubric, made_up.policy(), [made_up.STREET], [made_up.self_mark("89.996")], [])
    assert descent(card, rubric, made_up.policy()).printed == "89.996"


def test_the_largest_losses_come_first_and_the_rest_together() -> None:
    (card,) = cards(1, 2, 3, 4, 5)
    labels = [step.label for step in descent(card, RUBRIC, made_up.policy(), 2).steps]
    assert labels == ["满分", "第5项“事项5”", "第4项“事项4”", "其余3项", "总分"]


def test_a_rest_of_one_is_named() -> None:
    (card,) = cards(1, 2, 3)
    assert [step.label for step in descent(card, RUBRIC, made_up.policy(), 2).steps][-2] == "第1项“事项1”"


def test_while_an_item_waits_there_is_no_total() -> None:
    (card,) = cards(2, waiting=True)
    found = descent(card, RUBRIC, made_up.policy())
    assert found.total is None
    assert found.steps[-1].label == "1项待裁定"
    assert found.sentence == (
        "满分100分，已定扣分后为99分，1项待裁定，暂无总分，裁定后在79.00—99.00分之间，可能为优秀或良好或合格。"
    )


def test_a_mean_of_fewer_than_three_units_is_not_said() -> None:
    (card,) = cards(2)
    (point,) = course([[card]], "ST01").points
    assert point.mean is None
    assert course([[card]], "ST99").points == ()


def test_the_theme_furthest_under_the_mean_is_named() -> None:
    rates = [
        ThemeRate("甲", Decimal("0.9"), Decimal("0.8"), Decimal(1)),
        ThemeRate("乙", Decimal("0.95"), Decimal("0.99"), Decimal(1)),
        ThemeRate("丙", None, Decimal("0.9"), Decimal(1)),
    ]
    assert theme_sentence(rates) == (
        "得分率最低的一级指标是“甲”（90.0%）；2个一级指标中1个低于本类平均，低得最多的是“乙”，低4.0个百分点；"
        "1个一级指标有条目待裁定，未计。"
    )


def test_numbers_are_rounded_half_up_as_they_are_written() -> None:
    assert points(94.305) == "94.31"
    assert amount(5.0) == "5"
    assert amount(Decimal("12.250")) == "12.25"
    assert percent(0.93455) == "93.5%"
    assert (signed(-0.001), signed(1.2), signed(-0.35)) == ("0.00", "+1.20", "-0.35")
    assert (moved(0.004), moved(-1.5), moved(2.345, "个百分点")) == ("持平", "下降1.50分", "上升2.35个百分点")
    assert (listed([]), listed(["甲", "乙"]), listed(["甲", "乙", "丙", "丁"])) == ("无", "甲、乙", "甲、乙、丙等4个")
