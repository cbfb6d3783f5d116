from __future__ import annotations

from decimal import Decimal

import pytest
from score_frames import BANDS, NAMES, made_up

from analytics.analysis.grades import GradesTwoWays, grades_two_ways
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


@pytest.mark.parametrize("share", ["0", "1.1", "-0.3"])
def test_a_share_that_is_none_is_an_error(share: str) -> None:
    with pytest.raises(ValueError, match="share above 0"):
        graded(share, 95, 85, 70, 50)
