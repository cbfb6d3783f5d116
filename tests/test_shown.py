"""What a cell's look makes of its number, and which formulas count themselves in."""

from __future__ import annotations

import pytest

from analytics.intake.cells import Cell, CellKind
from analytics.intake.shown import as_shown, refers_to_itself
from analytics.provenance import CellRef

AT = CellRef("表.xlsx", "0" * 64, "表", "F7")


def number(raw: str, code: str) -> Cell:
    return Cell(AT, 7, 6, CellKind.NUMBER, raw, number_format=code)


@pytest.mark.parametrize(
    ("raw", "code", "shown"),
    [
        ("3.5", "", "same"),
        ("3.5", "0.0", "same"),
        ("3.5", "0.00", "same"),
        ("3.5", "G/通用格式", "same"),
        ("3.5", '[红色]0.0"分"', "same"),
        ("3.5", '0.0"万m2"', "same"),
        ("3500", "#,##0", "same"),
        ("3.5000000000000004", "0.0", "same"),
        ("3.5", "0", "rounded"),
        ("3.25", "0.0", "rounded"),
        ("3.5", "# ?/?", "rounded"),
        ("3.5", ";;;", "unseen"),
        ("0", "0.0;-0.0;", "unseen"),
        ("3.5", '" "', "unseen"),
        ("3.5", '"4"', "otherwise"),
        ("3.5", '"优秀"', "otherwise"),
        ("3.5", "\\4", "otherwise"),
        ("3500", "0.0,", "otherwise"),
        ("3.5", '[>3]"满分";0.0', "otherwise"),
        ("-3.5", '0.0;"4"', "otherwise"),
    ],
)
def test_a_format_may_round_hide_or_replace_a_number(raw: str, code: str, shown: str) -> None:
    assert as_shown(number(raw, code)) == shown


def test_a_format_changes_nothing_but_numbers() -> None:
    assert as_shown(Cell(AT, 7, 6, CellKind.TEXT, "3.5", number_format='"4"')) == "same"
    assert as_shown(Cell(AT, 7, 6, CellKind.TEXT, "3.5", unseen=True)) == "unseen"


@pytest.mark.parametrize(
    ("formula", "circular"),
    [
        ("=F7", True),
        ("=$F$7+1", True),
        ("=SUM(F6:F8)", True),
        ("=SUM(A1:H20)", True),
        ("=sum(f6:f8)", True),
        ("=F6+F8", False),
        ("=SUM(F6:F6,F8:F9)", False),
        ("=表2!F7", False),
        ('="F7"', False),
        ("=AF7", False),
        ("=F70", False),
        ("=LOG10(5)", False),
        ("", False),
        ("=", False),
    ],
)
def test_a_formula_that_counts_its_own_cell_is_known(formula: str, circular: bool) -> None:
    assert refers_to_itself(Cell(AT, 7, 6, CellKind.NUMBER, "0", formula=formula)) is circular
