from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import decision, finding, policy, rubric, self_mark, street
from sample_years import REGISTRY, YEARS, sample
from score_frames import made_up
from test_figures import IMPRINT, assert_nothing_is_cut, boxes, figures_of

from analytics.analysis.what_if import CAVEAT, WhatIf, choices, telling_points, what_if
from analytics.figures.what_if import rank_moves
from analytics.policy import YearRules
from analytics.problems import Refused
from analytics.records import Decision, Observation
from analytics.scoring import Scorecard, score
from analytics.store import ScoredYear
from analytics.units import UnitKind, UnitRegistry

STREETS = UnitRegistry([street(n) for n in range(1, 5)])
EACH = {"kind": "per_occurrence", "id": "1", "on": "每发现一处"}
ITEMS = (
    {"full_marks": 40, "rules": [{**EACH, "points": 10}]},
    {"full_marks": 30, "rules": [{**EACH, "points": 3, "cap": 9}]},
    {"full_marks": 30, "rules": [{"kind": "discretionary", "id": "1", "on": "视情", "least": 1, "most": 20}]},
)
RULES = YearRules(year=2020, policy=policy(), rubrics=(rubric(ITEMS),))


def scored(
    observations: Iterable[Observation], decisions: Iterable[Decision] = (), rules: YearRules = RULES
) -> ScoredYear:
    seen, decided = tuple(observations), tuple(decisions)
    cards = score(rules.rubrics[0], rules.policy, STREETS.units, seen, decided)
    return ScoredYear.of(rules, STREETS, cards, seen, decided, (), synthetic=True)


def full_marks(*lost: tuple[str, str, object]) -> list[Observation]:
    """Four streets that gave themselves full marks but for (unit, item, mark)."""
    given_ = {(unit, item): mark for unit, item, mark in lost}
    return [
        self_mark(given_.get((unit.id, item.id), item.full_marks), item.id, unit.id)
        for unit in STREETS.units
        for item in RULES.rubrics[0].items
    ]


@cache
def sample_year(year: int) -> ScoredYear:
    read = sample(year)
    intake = read.intake
    cards = read.cards.values()
    return ScoredYear.of(read.rules, REGISTRY, cards, intake.observations, intake.decisions, (), synthetic=True)


def of_sample(year: int, kind: UnitKind, **changed: object) -> WhatIf:
    return what_if(sample_year(year), sample(year).rules, REGISTRY, kind, **changed)  # type: ignore[arg-type]


classes = pytest.mark.parametrize(("year", "kind"), [(year, kind) for year in YEARS for kind in UnitKind])


@classes
def test_with_nothing_changed_the_cards_are_the_stored_ones_and_no_one_moves(year: int, kind: UnitKind) -> None:
    found = of_sample(year, kind)
    assert found.after == found.before == tuple(card for card in sample_year(year).cards if card.kind is kind)
    assert found.moved.empty
    assert found.regraded.empty
    assert found.sentence.startswith(f"{CAVEAT}：没有改动任何设定。")


@classes
def test_a_value_that_is_already_in_force_changes_nothing(year: int, kind: UnitKind) -> None:
    item = sample(year).rules.rubric(kind).items[0]
    band = sample(year).rules.policy.grades.value[0]
    combination = {"kind": "verified_else_self"}
    found = of_sample(
        year, kind, points={item.id: str(item.full_marks)}, bounds={band.name: str(band.least)},
        policy={"combination": combination},
    )  # fmt: skip
    assert found.after == found.before
    assert found.changes == ()


def by_hand(card: Scorecard, item: str, times: Fraction) -> Fraction | None:
    """The total with an item's points multiplied, from the card alone; None where it is not so simple."""
    asked = [mark for mark in card.marks if mark.status != "not_applicable"]
    if card.total is None or any(step.kind == "limit" for step in card.adjustments):
        return None
    weight = {mark.item: times if mark.item == item else Fraction(1) for mark in asked}
    awarded = sum(Fraction(mark.awarded or 0) * weight[mark.item] for mark in asked)
    base = sum(Fraction(mark.full_marks) * weight[mark.item] for mark in asked)
    outside = sum(Fraction(step.points) for step in card.adjustments if step.kind != "reweight")
    total = awarded * 100 / base + outside
    return total if 0 <= total <= 100 else None


@classes
def test_an_items_points_changed_give_the_totals_that_the_cards_say(year: int, kind: UnitKind) -> None:
    checked = 0
    for item in sample(year).rules.rubric(kind).items[::7]:
        found = of_sample(year, kind, points={item.id: 3 * item.full_marks})
        for before, after in zip(found.before, found.after, strict=True):
            if (total := by_hand(before, item.id, Fraction(3))) is not None:
                assert float(after.total or 0) == pytest.approx(float(total), abs=1e-9)
                checked += 1
    assert checked > 10


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(YEARS), st.sampled_from(UnitKind), st.decimals("0.1", "20", places=1))
def test_all_items_in_the_same_proportion_change_no_total(year: int, kind: UnitKind, times: Decimal) -> None:
    items = sample(year).rules.rubric(kind).items
    found = of_sample(year, kind, points={item.id: item.full_marks * times for item in items})
    for before, after in zip(found.before, found.after, strict=True):
        assert (before.grade, before.rank) == (after.grade, after.rank)
        if before.total is not None and after.total is not None:
            assert abs(before.total - after.total) < Decimal("1e-11")


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_assumed_ranks_are_ranks_and_what_is_climbed_is_lost_by_others(data: st.DataObject) -> None:
    year, kind = data.draw(st.sampled_from(YEARS)), data.draw(st.sampled_from(UnitKind))
    item = data.draw(st.sampled_from(sample(year).rules.rubric(kind).items))
    found = of_sample(year, kind, points={item.id: data.draw(st.decimals(0, 50, places=2))})
    for card in found.after:
        if card.total is not None:
            above = sum(other.total > card.total for other in found.after if other.total is not None)
            assert card.rank == 1 + above
            assert 0 <= card.total <= 100


def test_an_item_without_points_is_left_out_of_the_total() -> None:
    year = scored(full_marks(("ST01", "item.1", 20), ("ST02", "item.2", 15)))
    found = what_if(year, RULES, STREETS, "street_town", points={"item.1": "0"})
    assert [card.total for card in found.after] == [100, 75, 100, 100]


def test_a_self_mark_a_finding_and_a_ruling_keep_their_rate() -> None:
    seen = [
        *(o for o in full_marks(("ST01", "item.1", 30)) if o.unit != "ST02" or o.item != "item.1"),
        self_mark(40, "item.1", "ST02"),
        finding("1", 2, "item.1", "ST02"),  # 20 of 40 lost
        finding("1", 1, "item.3", "ST03"),
    ]
    ruled = decision("discretionary", 15, "item.3", "1", unit="ST03")  # 15 of 30 lost
    year = scored(seen, [ruled])
    assert [card.total for card in year.cards] == [90, 80, 85, 100]
    found = what_if(year, RULES, STREETS, "street_town", points={"1": "140", "3": "30"})  # 200 in all
    assert [card.total for card in found.after] == [82.5, 65, 92.5, 100]
    found = what_if(year, RULES, STREETS, "street_town", points={"3": "130"})
    assert [card.total for card in found.after] == [95, 90, 67.5, 100]


def test_a_third_that_never_ends_breaks_no_tie() -> None:
    # 7/30 of 10 lost at once, and of 5 lost twice, differ in the 28th digit.
    seen = full_marks(("ST01", "item.2", 20), ("ST02", "item.2", 25), ("ST02", "item.3", 25))
    found = what_if(scored(seen), RULES, STREETS, "street_town", points={"item.2": "7", "item.3": "7"})
    totals = [card.total for card in found.after]
    assert totals[0] == totals[1]
    assert [card.rank for card in found.after] == [3, 3, 1, 1]


def test_the_step_that_rescales_is_not_called_an_item_that_does_not_apply() -> None:
    found = what_if(scored(full_marks(("ST01", "item.1", 30))), RULES, STREETS, "street_town", points={"1": "60"})
    (step,) = found.after[0].adjustments
    assert step.because == f"{CAVEAT}：该条目得分率不变，其余条目按比例折算，总分仍按100分制"
    assert found.before[0].adjustments == ()


def test_another_bound_changes_grades_and_no_rank() -> None:
    year = scored(full_marks(("ST01", "item.1", 31), ("ST02", "item.2", 15)))
    found = what_if(year, RULES, STREETS, "street_town", bounds={"优秀": "92"})
    assert found.regraded[["unit", "grade_before", "grade_after"]].to_numpy().tolist() == [["ST01", "优秀", "良好"]]
    assert found.moved.empty
    assert "优秀的分数线由90分改为92分。4个街道镇中，名次都不变；1个等级变动（街道1由优秀变为良好）" in found.sentence


def test_self_marks_may_count_by_a_share() -> None:
    seen = [*full_marks(), finding("1", 2, "item.1", "ST01")]
    weighted = {"kind": "weighted", "weights": {"verified": "0.7", "self": "0.3"}}
    found = what_if(scored(seen), RULES, STREETS, "street_town", policy={"combination": weighted})
    assert (found.before[0].total, found.after[0].total) == (80, 86)
    assert "按核定0.7、自评0.3加权" in found.sentence


def test_who_moves_is_said_with_places_and_points() -> None:
    seen = full_marks(("ST01", "item.1", 30), ("ST02", "item.2", 18))  # 90 and 88
    found = what_if(scored(seen), RULES, STREETS, "street_town", points={"1": "100"})
    assert found.moved[["unit", "climbed"]].to_numpy().tolist() == [["ST01", -1], ["ST02", 1]]
    assert found.changes == ("第1项“事项1”由40分改为100分",)
    assert "2个名次变动，变动最大的是街道1，由第3名降到第4名" in found.sentence
    assert "总分变化最大的是街道1（-5.62分）" in found.sentence  # 90 → 84.375, printed as 84.38
    assert found.sentence.endswith("已存的考核结果不变。")


def test_an_undecided_unit_stays_undecided_and_is_named() -> None:
    seen = [o for o in full_marks() if o.unit != "ST04"]
    found = what_if(scored(seen), RULES, STREETS, "street_town", points={"1": "10"})
    assert found.left_out == ("街道4",)
    assert found.shown.rows[-1] == ("街道4", "", "", "", "", "待裁定", "待裁定", "待裁定")
    assert "街道4有条目待裁定，未列入" in found.sentence


def test_a_class_that_awaits_decisions_has_no_one_to_move() -> None:
    found = what_if(scored([]), RULES, STREETS, "street_town", points={"1": "10"})
    assert "没有一个街道镇有总分" in found.sentence
    ((_, fig),) = figures_of(lambda: [rank_moves(found, IMPRINT)])
    assert_nothing_is_cut(fig)


def test_rules_that_no_longer_give_the_stored_cards_are_refused() -> None:
    year = scored([*full_marks(), finding("1", 1, "item.1", "ST01")])
    dearer = ({**ITEMS[0], "rules": [{**EACH, "points": 20}]}, *ITEMS[1:])
    changed = YearRules(year=2020, policy=policy(), rubrics=(rubric(dearer),))
    with pytest.raises(Refused, match="得不到已存的结果"):
        what_if(year, changed, STREETS, "street_town", points={"1": "10"})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"points": {"nope": "3"}}, "没有条目“nope”，应为item.1（第1项）、item.2"),
        ({"points": {"1": "abc"}}, "假设分值是“abc”，应为0—200之间的数"),
        ({"points": {"1": "NaN"}}, "假设分值是“NaN”"),
        ({"points": {"1": "-1"}}, "假设分值是“-1”"),
        ({"points": {"1": "0", "2": "0", "3": "0"}}, "分值合计为0"),
        ({"bounds": {"特优": "99"}}, "没有等级“特优”，应为优秀、良好、合格、不合格之一"),
        ({"bounds": {"优秀": "79"}}, "“等级”的假设值是“优秀79分、良好80分"),
        ({"bounds": {"优秀": "高"}}, "“等级”的假设值是“优秀高分"),
        ({"policy": {"colour": "red"}}, "没有设定“colour”，应为grades、combination"),
        ({"policy": {"bonus_cap": "-3"}}, "“加分上限”的假设值是“-3”，应为：0—200之间的分数"),
        ({"policy": {"combination": {"kind": "weighted", "weights": {"onsite": "1"}}}}, "verified、self 两个权重"),
        ({"policy": {"combination": {"kind": "weighted", "weights": {"verified": "-1", "self": "1"}}}}, "不为负"),
    ],
)  # fmt: skip
def test_what_cannot_be_assumed_is_refused_in_a_sentence(changed: dict[str, dict[str, object]], said: str) -> None:
    with pytest.raises(Refused) as refusal:
        what_if(scored(full_marks()), RULES, STREETS, "street_town", **changed)  # type: ignore[arg-type]
    assert said in str(refusal.value)
    assert str(refusal.value).endswith(("。", "2.5。"))


def test_a_grade_that_a_veto_names_has_to_stay() -> None:
    veto = {"id": "veto.1", "no": "1", "on": "瞒报", "effect": "force", "grade": "不合格"}
    rules = YearRules(year=2020, policy=policy(), rubrics=(rubric(ITEMS, vetoes=[veto]),))
    grades = {"grades": [{"name": "甲", "least": 0}]}
    with pytest.raises(Refused, match="“不合格”须保留"):
        what_if(scored(full_marks(), rules=rules), rules, STREETS, "street_town", policy=grades)


def test_a_number_that_two_items_bear_is_refused_and_both_are_named() -> None:
    own = [{**ITEMS[0], "no": "1", "units": ["ST01", "ST02"]}, {**ITEMS[0], "no": "1", "units": ["ST03", "ST04"]}]
    rules = YearRules(year=2020, policy=policy(), rubrics=(rubric([*own, *ITEMS[1:]], full_marks=100),))
    with pytest.raises(Refused, match=r"不止一个：item\.1（第1项）、item\.2（第1项）"):
        what_if(scored(full_marks(), rules=rules), rules, STREETS, "street_town", points={"1": "3"})


def test_blanks_are_filled_with_a_telling_item_at_twice_its_points() -> None:
    rules = sample(2020).rules.rubric(UnitKind.STREET_TOWN)
    tables = made_up(years=(2020,))
    filled = telling_points(tables, rules, 2020, "street_town", {"3": "", "duty.letters": "7"})
    assert filled == {"3": 2 * rules.item("duty.list").full_marks, "duty.letters": "7"}
    tables.cards["total"] = float("nan")
    assert list(telling_points(tables, rules, 2020, "street_town", {"": "1"})) == [rules.items[0].id]


def test_every_item_can_be_chosen() -> None:
    items = RULES.rubrics[0].items
    assert choices(RULES.rubrics[0]).rows == tuple((i.no, i.id, i.text, f"{i.full_marks:f}") for i in items)


def test_every_output_says_that_it_is_no_result() -> None:
    found = what_if(scored(full_marks()), RULES, STREETS, "street_town", points={"1": "10"})
    assert found.sentence.startswith(CAVEAT)
    assert CAVEAT in found._repr_mimebundle_()["text/html"]
    assert CAVEAT in found._repr_mimebundle_()["text/plain"]
    ((chart, fig),) = figures_of(lambda: [rank_moves(found, IMPRINT)])
    said = "\n".join(text.get_text() for text in fig.texts)
    assert said.count(CAVEAT) == 2  # title and foot
    assert IMPRINT.banner in said
    assert chart.alt.startswith(CAVEAT)


@pytest.mark.parametrize("kind", UnitKind)
def test_no_text_of_the_chart_is_cut_or_stands_on_another(kind: UnitKind) -> None:
    found = [
        of_sample(2020, kind, points={sample(2020).rules.rubric(kind).items[4].id: "90"}),
        of_sample(2020, kind, bounds={"优秀": "99", "良好": "97", "合格": "96.5"}),
    ]
    for chart, fig in figures_of(lambda: [rank_moves(one, IMPRINT) for one in found]):
        assert_nothing_is_cut(fig)
        for (one, a), (other, b) in combinations(boxes(fig), 2):
            apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
            assert apart, f"{chart.name}: {one!r} and {other!r}"
