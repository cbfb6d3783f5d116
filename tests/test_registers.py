"""The register of decisions: acts that can be checked, and those without effect."""

from __future__ import annotations

import datetime

import pytest
import workbooks
from readings import Read

DAY = datetime.date(2020, 11, 9)


def ruling(*changed: tuple[int, object]) -> list[object]:
    act = ["酌情扣分", 2, "（2）", 1, None, "台账缺页"]
    row: list[object] = ["D-01", "甘泉路街道", *act, "裁定人（示例）", DAY, "〔2020〕1号"]
    for place, value in changed:
        row[place] = value
    return row


def test_a_decision_is_a_named_person_s_act() -> None:
    read = Read(workbooks.decisions([ruling()]))
    (decision,) = read.contents.decisions
    assert (decision.kind, decision.item, decision.clause, decision.points) == ("discretionary", "item.2", "2", 1)
    assert (decision.person, decision.date, decision.reading.cell.address) == ("裁定人（示例）", DAY, "F5")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ruling((8, None)), "decision-incomplete"),
        (ruling((7, None)), "decision-incomplete"),
        (ruling((9, None)), "value-blank"),
        (ruling((1, "甘果街道")), "unit-unknown"),
        (ruling((2, "罚款")), "decision-kind-unknown"),
        (ruling((3, 9)), "item-number-unknown"),
        (ruling((4, "（1）")), "clause-unknown"),
        (ruling((5, 3)), "decision-points-outside"),
        (ruling((5, None)), "value-blank"),
        (ruling((2, "补定分数"), (5, 4.5)), "decision-points-outside"),
        (ruling((2, "加分"), (4, "1"), (5, 1)), "decision-incomplete"),
        (ruling((2, "加分"), (4, "1"), (5, 3), (6, "表彰")), "decision-points-outside"),
        (ruling((2, "否决"), (4, "2")), "clause-unknown"),
    ],
)
def test_a_decision_that_cannot_be_checked_has_no_effect(row: list[object], code: str) -> None:
    read = Read(workbooks.decisions([row]))
    assert read.contents.decisions == ()
    assert code in read.codes


@pytest.mark.parametrize(
    "row",
    [
        ruling((2, "补定分数"), (4, None), (5, 4)),
        ruling((2, "不涉及"), (4, None), (5, None)),
        ruling((2, "复核"), (4, None), (5, 0)),
        ruling((2, "虚报加倍"), (4, None), (5, None)),
        ruling((2, "加分"), (3, None), (4, 1), (5, 2), (6, "先进集体")),
        ruling((2, "逾期扣分"), (3, None), (4, "1"), (5, 2)),
        ruling((2, "否决"), (3, None), (4, "1"), (5, None)),
        ruling((2, "解除"), (3, None), (4, "1"), (5, None)),
    ],
)
def test_each_kind_of_decision_is_known_by_its_word(row: list[object]) -> None:
    read = Read(workbooks.decisions([row]))
    assert (len(read.contents.decisions), read.codes) == (1, [])


def test_a_decision_number_is_used_once() -> None:
    read = Read(workbooks.decisions([ruling(), ruling((5, 2))]))
    assert ([d.points for d in read.contents.decisions], read.codes) == ([1], ["decision-twice"])


@pytest.mark.parametrize(("matter", "codes"), [("D-01", []), ("D-02", ["decision-withdraws-nothing"])])
def test_a_withdrawal_names_another_decision_about_the_same_unit(matter: str, codes: list[str]) -> None:
    act = ((0, "D-02"), (2, "撤销裁定"), (3, None), (4, None), (5, None), (6, matter))
    assert Read(workbooks.decisions([ruling(), ruling(*act)])).codes == codes
