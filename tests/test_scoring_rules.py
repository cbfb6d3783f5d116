"""What a loss says of itself; the points are in the worked cases."""

import dataclasses
from decimal import Decimal

import made_up

from analytics.scoring import score


def test_a_loss_names_clause_cell_and_words() -> None:
    rules = [{"id": "2", "kind": "per_occurrence", "on": "每缺一项", "points": "0.5"}]
    rubric = made_up.rubric([{"full_marks": 2, "rules": rules}])
    (card,) = score(rubric, made_up.policy(), [made_up.STREET], [made_up.finding("2", row=14)], [])
    (loss,) = card.marks[0].losses
    assert (loss.clause, loss.because, str(loss.readings[0].cell)) == (
        "《细则》第1项第（2）款",
        "每缺一项",
        "现场.xlsx › 表!G14",
    )


def test_a_percentage_is_cut_not_rounded_up_to_a_hundred() -> None:
    rules = [
        {
            "id": "1",
            "kind": "ratio",
            "on": "整改率",
            "numerator": "hazards_fixed",
            "denominator": "hazards_found",
            "points": "0.1",
        }
    ]
    rubric = made_up.rubric([{"full_marks": 2, "rules": rules}])
    seen = [made_up.figure("hazards_fixed", 99999), made_up.figure("hazards_found", 100000)]
    (card,) = score(rubric, made_up.policy(), [made_up.STREET], seen, [])
    assert "为99.99%，目标100%" in card.marks[0].losses[0].because
    assert card.total == Decimal("1.9")


def test_a_rule_without_its_figures_is_told_and_not_taken_as_zero() -> None:
    rules = [
        {"id": "1", "kind": "per_occurrence", "on": "每缺一项", "points": 1},
        {"id": "2", "kind": "threshold", "on": "演练少于2次", "measure": "drills_held", "at_least": 2, "points": 1},
    ]
    rubric = made_up.rubric([{"full_marks": 3, "rules": rules}])
    (card,) = score(rubric, made_up.policy(), [made_up.STREET], [made_up.finding("1")], [])
    assert card.total == 2
    assert card.assumptions == ("第1项缺少drills_held的核定数，相应条款未计算",)


def test_a_decision_that_quotes_the_finding_does_not_say_it_twice() -> None:
    rules = [{"id": "1", "kind": "discretionary", "on": "酌情扣0.1–0.5分", "least": "0.1", "most": "0.5"}]
    rubric = made_up.rubric([{"full_marks": 2, "rules": rules}])
    seen = [dataclasses.replace(made_up.finding("1"), text="查阅资料：方案照搬照抄")]
    ruled = made_up.decision("discretionary", "0.2", "item.1", "1", reason="方案照搬照抄，裁定扣0.2分")
    (card,) = score(rubric, made_up.policy(), [made_up.STREET], seen, [ruled])
    assert card.marks[0].losses[0].because == "方案照搬照抄，裁定扣0.2分"
