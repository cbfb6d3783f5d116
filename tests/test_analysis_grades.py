from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from score_frames import BANDS, NAMES, made_up

from analytics.analysis.grades import SHARES, GradesByShares, GradesTwoWays, grades_by_shares, grades_two_ways
from analytics.store import ScoreTables


def with_totals(*totals: float) -> ScoreTables:
    tables = made_up(("industry_department",), (2020,))
    tables.cards["total"] = totals
    tables.cards["rank"] = tables.cards["total"].rank(method="min", ascending=False)
    names = [next(b.name for b in BANDS if total >= b.least) for total in totals]
    tables.cards["grade"] = tables.cards["grade_by_points"] = names
    return tables


def graded(share: str, *totals: float) -> GradesTwoWays:
    return grades_two_ways(with_totals(*totals), 2020, "industry_department", BANDS, Decimal(share))


def test_the_share_is_rounded_down_and_the_others_are_good_at_most() -> None:
    found = graded("0.3", 98, 97, 85, 50)
    assert found.places == 1
    assert found.rows["by_share"].to_list() == ["优秀", "良好", "良好", "不合格"]
    assert found.changed["unit_name"].to_list() == ["区民政局"]
    assert "改按比例，区民政局不再优秀" in found.sentence


def test_ties_at_the_border_go_in_together_and_it_is_said() -> None:
    found = graded("0.5", 98, 97, 97, 96)
    assert found.rows["by_share"].to_list() == ["优秀", "优秀", "优秀", "良好"]
    assert "可有2个，实为3个（末位并列的一并计入）" in found.sentence


def test_the_best_of_a_weak_class_are_excellent_by_share_only() -> None:
    found = graded("0.3", 82, 81, 70, 50)
    assert found.rows["by_share"].to_list() == ["优秀", "良好", "合格", "不合格"]
    assert "按分数线（90分起）优秀0个" in found.sentence
    assert "区教育局成为优秀" in found.sentence


def test_both_ways_may_agree() -> None:
    found = graded("0.3", 95, 85, 70, 50)
    assert found.changed.empty
    assert "两种办法结果相同" in found.sentence
    assert found.shown.rows[0] == ("1", "区教育局", "95.00", "优秀", "优秀", "")


@pytest.mark.parametrize("kind", NAMES)
def test_an_undecided_unit_takes_no_place(kind: str) -> None:
    name = NAMES[kind][0]
    found = grades_two_ways(made_up((kind,), (2020,), name), 2020, kind, BANDS)
    assert found.places == int((len(NAMES[kind]) - 1) * Decimal("0.3"))
    assert found.sentence.endswith(f"{name}有条目待裁定，未计入。")


def test_a_class_without_a_total_has_no_grades() -> None:
    tables = with_totals(95, 85, 70, 50)
    tables.cards[["total", "rank"]] = float("nan")
    tables.cards[["grade", "grade_by_points"]] = None
    found = grades_two_ways(tables, 2020, "industry_department", BANDS)
    assert found.rows.empty
    assert found.sentence.startswith("没有一个行业主管部门有总分")


def by_shares(kind: str = "street_town", undecided: str = "", shares: Sequence[Decimal] = SHARES) -> GradesByShares:
    return grades_by_shares(made_up((kind,), (2020,), undecided), 2020, kind, BANDS, shares)


@pytest.mark.parametrize("kind", NAMES)
def test_each_of_25_30_and_35_percent_gives_what_it_gives_alone(kind: str) -> None:
    found = by_shares(kind)
    assert [way.share for way in found.ways] == [Decimal("0.25"), Decimal("0.3"), Decimal("0.35")]
    for way in found.ways:
        alone = grades_two_ways(made_up((kind,), (2020,)), 2020, kind, BANDS, way.share)
        assert way.rows.equals(alone.rows)
    assert [way.places for way in found.ways] == [int(len(NAMES[kind]) * s) for s in (0.25, 0.3, 0.35)]


def test_who_would_change_is_said_for_each_share() -> None:
    found = grades_by_shares(with_totals(95, 92, 70, 50), 2020, "industry_department", BANDS)
    assert "按分数线（90分起）优秀2个；按前25%可有1个，实为1个，区民政局不再优秀；按前30%可有1个" in found.sentence
    assert found.shown.header[-3:] == ("前25%评优（1个）", "前30%评优（1个）", "前35%评优（1个）")
    assert found.shown.rows[1] == ("2", "区民政局", "92.00", "优秀", "良好（变）", "良好（变）", "良好（变）")
    assert found.shown.rows[2][-3:] == ("合格", "合格", "合格")


def test_shares_stand_from_the_smallest_up_and_none_is_an_error() -> None:
    half, tenth = Decimal("0.5"), Decimal("0.1")
    assert [way.share for way in by_shares(shares=(half, tenth)).ways] == [tenth, half]
    with pytest.raises(ValueError, match="at least one share"):
        by_shares(shares=())


def test_shares_leave_an_undecided_unit_out_and_say_so() -> None:
    name = NAMES["street_town"][0]
    assert f"{name}有条目待裁定，未计入" in by_shares("street_town", name).sentence


def test_shares_of_a_class_without_a_total_say_so() -> None:
    tables = with_totals(95, 85, 70, 50)
    tables.cards[["total", "rank"]] = float("nan")
    tables.cards[["grade", "grade_by_points"]] = None
    found = grades_by_shares(tables, 2020, "industry_department", BANDS)
    assert found.sentence.startswith("没有一个行业主管部门有总分")
    assert found._repr_mimebundle_()["text/plain"].startswith("（无）")


@pytest.mark.parametrize("share", ["0", "1.1", "-0.3"])
def test_a_share_that_is_none_is_an_error(share: str) -> None:
    with pytest.raises(ValueError, match="share above 0"):
        graded(share, 95, 85, 70, 50)
