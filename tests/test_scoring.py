"""From marks to totals, grades, ranks and the explanation."""

import dataclasses
import datetime
import operator
import random
from decimal import Decimal
from functools import reduce

import made_up
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.policy import Weighted
from analytics.records import Channel, Observation
from analytics.scoring import Span, competition_ranks, explain, score
from analytics.scoring.combination import weigh
from analytics.scoring.scorecard import printed_total

EACH = {"id": "1", "kind": "per_occurrence", "on": "每缺一项", "points": "0.5"}
NESTED = {"id": "2", "kind": "per_occurrence", "on": "每少一次", "points": "0.3", "cap": "0.9"}
ONCE = {"id": "3", "kind": "all_or_nothing", "on": "未建台账", "points": "2"}
RUBRIC = made_up.rubric([{"full_marks": 50, "rules": [EACH, NESTED, ONCE]}, {"full_marks": 50, "rules": [EACH]}])
POLICY = made_up.policy()

findings = st.lists(
    st.builds(
        made_up.finding,
        rule=st.sampled_from(["1", "2", "3"]),
        count=st.integers(1, 60),
        row=st.integers(5, 40),
    ),
    max_size=12,
    unique_by=lambda finding: finding.reading.cell.address,  # one cell holds one finding
)


def one(observations: list[Observation], decisions: tuple = (), rubric=RUBRIC, policy=POLICY):
    both = [*observations, made_up.self_mark(50, "item.2")]
    return score(rubric, policy, [made_up.STREET], both, decisions)[0]


@given(findings)
def test_awarded_and_losses_add_up_to_full_marks(seen: list[Observation]) -> None:
    for mark in one([*seen, made_up.self_mark(48)]).marks:
        assert mark.awarded + sum(loss.points for loss in mark.losses) == mark.full_marks
        assert 0 <= mark.awarded <= mark.full_marks


@given(findings, st.integers(0, 2**32))
def test_the_order_of_observations_does_not_matter(seen: list[Observation], seed: int) -> None:
    shuffled = random.Random(seed).sample(seen, len(seen))
    assert one([*seen, made_up.self_mark(48)]) == one([made_up.self_mark(48), *shuffled])


@given(findings.filter(bool), st.integers(1, 9))
def test_a_further_deduction_never_raises_the_total(seen: list[Observation], count: int) -> None:
    more = [*seen, made_up.finding("1", count, row=99)]
    assert one(more).total <= one(seen).total


@given(findings, st.lists(st.integers(1, 8), max_size=3), st.lists(st.integers(1, 90), max_size=3))
def test_the_lines_from_a_hundred_sum_to_the_score(seen, bonus: list[int], outside: list[int]) -> None:
    rubric = RUBRIC.model_validate(
        RUBRIC.model_dump()
        | {
            "bonus": [{"id": "praised", "no": "1", "on": "获上级表彰", "levels": {"市级": 1}}],
            "outside": [{"id": "criticised", "no": "1", "on": "被上级通报批评", "points": 2}],
        }
    )
    decisions = [
        *(made_up.decision("bonus", p, clause="1", id=f"B{n}", matter=f"事{n}") for n, p in enumerate(bonus)),
        *(made_up.decision("outside", p, clause="1", id=f"O{n}") for n, p in enumerate(outside)),
    ]
    card = one([*seen, made_up.self_mark(48)], decisions, rubric)
    lines = explain(card, rubric, POLICY)
    assert rubric.full_marks + sum(line.change or 0 for line in lines) == card.total
    assert lines[-1].running == card.total
    assert 0 <= card.total <= 100


@settings(max_examples=300)
@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=20))
def test_ranks_agree_with_sorting(totals: list[Decimal]) -> None:
    ranks = competition_ranks({str(n): total for n, total in enumerate(totals)})
    ordered = sorted(totals, reverse=True)
    assert all(ranks[str(n)] == ordered.index(total) + 1 for n, total in enumerate(totals))


def test_ties_are_ranked_1_2_2_4_5() -> None:
    totals = dict(zip("abcde", map(Decimal, (90, 85, 85, 70, 60)), strict=True))
    assert list(competition_ranks(totals).values()) == [1, 2, 2, 4, 5]


def test_nineteen_tenths_that_add_up_to_ninety_are_excellent() -> None:
    """Binary floats put 23 % of such sums below 90 and cost the unit its grade."""
    parts = ["4.7"] * 18 + ["5.4"]
    rubric = made_up.rubric([{"full_marks": "5.4", "rules": [EACH]} for _ in parts], full_marks=100)
    seen = [made_up.self_mark(part, f"item.{n}") for n, part in enumerate(parts, 1)]
    (card,) = score(rubric, POLICY, [made_up.STREET], seen, [])
    assert reduce(operator.add, map(float, parts)) != 90  # one by one: sum() itself compensates since Python 3.12
    assert (sum(mark.awarded for mark in card.marks), POLICY.grade(Decimal(90))) == (90, "优秀")


def test_a_unit_that_handed_in_nothing_has_a_card_without_total_or_rank() -> None:
    other = [made_up.self_mark(50, i, "ST02") for i in ("item.1", "item.2")]
    missing, present = score(RUBRIC, POLICY, [made_up.STREET, made_up.street(2)], other, [])
    assert (missing.total, missing.grade, missing.rank) == (None, None, None)
    assert len(missing.waiting) == 2
    assert (present.rank, present.ranked) == (1, 1)
    assert explain(missing, RUBRIC, POLICY)[-1].label == (
        "总分待裁定后确定，裁定后在0.00—100.00分之间，可能为优秀或良好或合格或不合格"
    )
    assert (missing.span, present.rank_span) == (Span(Decimal(0), Decimal(100)), (1, 1))


def test_an_item_that_does_not_apply_is_scaled_away_and_never_zero() -> None:
    card = one([], (made_up.decision("not_applicable", None, "item.1"),))
    assert card.total == 100
    half = score(
        RUBRIC, POLICY, [made_up.STREET], [made_up.self_mark(45, "item.2")],
        [made_up.decision("not_applicable", None, "item.1")],
    )[0]  # fmt: skip
    assert half.total == 90
    lines = explain(half, RUBRIC, POLICY)
    assert RUBRIC.full_marks + sum(line.change or 0 for line in lines) == 90


def test_of_one_matter_only_the_highest_bonus_counts_and_the_cap_holds() -> None:
    rubric = RUBRIC.model_copy(update={"bonus": ()})
    decisions = [
        made_up.decision("bonus", 1, clause="1", id="B1", matter="微型消防站经验"),
        made_up.decision("bonus", 3, clause="1", id="B2", matter="微型消防站经验"),
        made_up.decision("bonus", 4, clause="1", id="B3", matter="电动自行车治理"),
    ]
    card = one([made_up.self_mark(40)], decisions, rubric)
    assert [(step.decision, step.points) for step in card.adjustments] == [("B3", 4), ("B2", 1), ("B1", 0)]
    assert card.total == 95


def test_a_cap_holds_the_grade_until_a_decision_lifts_it() -> None:
    veto = {"id": "fatal", "no": "1", "on": "发生亡人事故", "effect": "cap", "grade": "良好", "measure": "deaths"}
    rubric = RUBRIC.model_validate(RUBRIC.model_dump() | {"vetoes": [veto]})
    seen = [made_up.self_mark(50), made_up.figure("deaths", 1, channel=Channel.ACCIDENT)]
    capped = one(seen, (), rubric)
    assert (capped.grade_by_points, capped.grade, capped.total) == ("优秀", "良好", 100)
    lifted = one(seen, (made_up.decision("lift", clause="1"),), rubric)
    assert (lifted.grade, lifted.effects[0].lifted) == ("优秀", True)


def test_concealment_fails_whatever_the_points() -> None:
    veto = {"id": "concealed", "no": "2", "on": "瞒报事故", "effect": "force", "grade": "不合格"}
    rubric = RUBRIC.model_validate(RUBRIC.model_dump() | {"vetoes": [veto]})
    card = one([made_up.self_mark(50)], (made_up.decision("veto", clause="2"),), rubric)
    assert (card.grade_by_points, card.grade) == ("优秀", "不合格")


def test_lateness_costs_only_by_decision_and_at_most_five() -> None:
    late = {"id": "late", "no": "1", "on": "逾期报送，每天扣1分", "points": 1, "cap": 10}
    rubric = RUBRIC.model_validate(RUBRIC.model_dump() | {"outside": [late]})
    assert one([made_up.self_mark(50)], (), rubric).total == 100
    assert one([made_up.self_mark(50)], (made_up.decision("lateness", 9, clause="1"),), rubric).total == 95


def test_a_missing_part_gives_its_weight_to_the_others() -> None:
    weights = Weighted(kind="weighted", weights={"system": Decimal(40), "onsite": Decimal(40), "duty": Decimal(20)})
    parts = {"system": Decimal(96), "onsite": None, "duty": Decimal(90)}
    assert weigh(parts, weights) == Decimal(94)
    assert weigh(dict.fromkeys(parts), weights) is None


def test_a_weighted_policy_mixes_self_and_verified_marks() -> None:
    policy = made_up.policy(combination={"kind": "weighted", "weights": {"self": 30, "verified": 70}})
    card = one([made_up.self_mark(50), made_up.finding("1", 20)], (), policy=policy)
    assert card.marks[0].awarded == 50 - Decimal("0.7") * 10


def test_which_finding_takes_the_capped_points_does_not_depend_on_file_names() -> None:
    """The earlier visit takes them, whatever the office called the two files."""

    def seen(day: int, count: int, file: str) -> Observation:
        return dataclasses.replace(
            made_up.finding("2", count), date=datetime.date(2020, 10, day), reading=made_up.reading(5, str(count), file)
        )

    def points(first: str, second: str) -> list[Decimal]:
        return [loss.points for loss in one([seen(1, 1, first), seen(2, 3, second)]).marks[0].losses]

    assert points("甲.xlsx", "乙.xlsx") == points("乙.xlsx", "甲.xlsx") == [Decimal("0.3"), Decimal("0.6")]


def test_the_re_weighting_names_the_decision_behind_it() -> None:
    card = one([], (made_up.decision("not_applicable", None, "item.1"),))
    (step,) = card.adjustments
    assert (step.decision, step.readings[0].cell.file) == ("D1", "裁定.xlsx")
    assert "裁定人（示例）" in step.because


def test_a_finding_that_could_not_be_counted_makes_the_item_wait_for_a_review() -> None:
    """Left out, it would leave a clean row to give full marks."""
    seen = [made_up.finding("", None, row=5), made_up.finding("1", None, row=6)]
    assert one(seen).marks[0].waiting_for == "第1项的核查记录未能认定（现场.xlsx › 表!G6），待复核"
    settled = one(seen, (made_up.decision("review", 49, "item.1"),))
    assert (settled.marks[0].status, settled.total) == ("verified", 99)


@pytest.mark.parametrize(
    ("total", "shown"),
    [
        ("90", "90.00"),
        ("89.995", "89.995"),
        ("89.9951", "89.9951"),
        ("89.99999999", "89.9999"),
        ("93.8383838383", "93.84"),
    ],
)
def test_a_total_on_a_screen_is_never_rounded_up_to_a_limit(total: str, shown: str) -> None:
    assert printed_total(Decimal(total)) == shown
