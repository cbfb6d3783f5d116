"""How the totals of a class are printed side by side."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import made_up
from hypothesis import given
from hypothesis import strategies as st

from analytics.analysis.printed_totals import shown_alike, told_apart
from analytics.scoring import competition_ranks

POLICY = made_up.policy()
TOTALS = st.one_of(
    st.decimals("0", "100", places=4),
    st.sampled_from(("89.995", "89.9999996", "89.9992", "90", "94.308", "94.31", "94.3100001")).map(Decimal),
)


def printed(*totals: str) -> list[str]:
    exact = {str(place): Decimal(total) for place, total in enumerate(totals)}
    return [f"{total:f}" for total in told_apart(exact, POLICY.shown, POLICY.grade).values()]


def test_two_that_print_alike_and_rank_apart_get_the_decimals_that_tell_them_apart() -> None:
    """南通市 2017: two counties at 94.308 and 94.310, fifth and fourth, both printed as 94.31."""
    assert printed("94.308", "94.310", "95.2") == ["94.308", "94.310", "95.20"]


def test_a_tie_stays_a_tie() -> None:
    assert printed("94.308", "94.3080") == ["94.31", "94.31"]


@given(st.dictionaries(st.sampled_from("甲乙丙丁戊己"), TOTALS, min_size=1))
def test_printed_totals_rank_and_grade_as_the_exact_ones(totals: dict[str, Decimal]) -> None:
    shown = told_apart(totals, POLICY.shown, POLICY.grade)
    for one in totals:
        assert POLICY.grade(shown[one]) == POLICY.grade(totals[one])
        for other in totals:
            assert shown_alike(shown[one], shown[other]) == (totals[one] == totals[other])
    known: dict[str, Decimal | None] = dict(totals)
    told: dict[str, Decimal | None] = dict(shown)
    assert competition_ranks(told) == competition_ranks(known)


@given(TOTALS)
def test_a_total_beside_no_other_is_printed_as_the_policy_says(total: Decimal) -> None:
    (shown,) = told_apart({"甲": total}, POLICY.shown, POLICY.grade).values()
    assert shown == POLICY.shown(total)
    if POLICY.grade(POLICY.rounded(total)) == POLICY.grade(total):
        assert shown == total.quantize(Decimal("0.01"), ROUND_HALF_UP)
