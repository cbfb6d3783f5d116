"""Cells become values, or a Problem that says why not; nothing is guessed."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.intake.cells import Cell, CellKind, shortest
from analytics.intake.values import (
    read_clause,
    read_count,
    read_date,
    read_figure,
    read_mark,
    read_rectified,
    read_time,
)
from analytics.intake.words import Words, folded, narrowed
from analytics.problems import Problem
from analytics.provenance import CellRef
from analytics.workspace import REPOSITORY

WORDS = Words.load(REPOSITORY / "data" / "lookups")
FIVE = Decimal(5)


def cell(raw: str, kind: CellKind | None = None, *, struck: bool = False) -> Cell:
    """A cell at F14; text unless a kind is given, blank when there is nothing in it."""
    kind = kind or (CellKind.TEXT if raw.strip() else CellKind.BLANK)
    return Cell(CellRef("表.xlsx", "0" * 64, "表", "F14"), 14, 6, kind, raw, struck)


def code(value: object) -> str:
    assert isinstance(value, Problem), value
    assert value.at is not None
    assert "F14" in value.message()
    assert "{" not in value.message() + value.message("en")
    return value.code


def mark(raw: str, kind: CellKind | None = None, *, struck: bool = False) -> Decimal | Problem:
    return read_mark(cell(raw, kind, struck=struck), FIVE, WORDS, "第3项自评分")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("5", "5"),
        ("4.5", "4.5"),
        ("５", "5"),
        ("４．５", "4.5"),
        ("5分", "5"),
        ("4.5 分", "4.5"),
        ("　3　", "3"),
        ("05", "5"),
        ("0", "0"),
        ("0.25", "0.25"),
        ("满分", "5"),
        (" 满 分", "5"),
    ],
)
def test_marks_as_people_write_them(raw: str, value: str) -> None:
    assert mark(raw) == Decimal(value)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", "value-blank"),
        ("　", "value-blank"),
        ("无", "value-unclear"),
        ("-", "value-unclear"),
        ("—", "value-unclear"),
        ("——", "value-unclear"),
        ("／", "value-unclear"),
        ("/", "value-unclear"),
        ("不涉及", "value-not-applicable"),
        ("不 涉及", "value-not-applicable"),
        ("n/a", "value-not-applicable"),
        ("3~4", "value-range"),
        ("3－4分", "value-range"),
        ("3至4", "value-range"),
        ("6", "mark-above-full"),
        ("5.01", "mark-above-full"),
        ("-1", "value-negative"),
        ("－１", "value-negative"),
        ("扣1分", "value-not-number"),
        ("4/5", "value-not-number"),
        ("90.", "value-not-number"),
        (".5", "value-not-number"),
        ("1e0", "value-not-number"),
        ("4,5", "value-not-number"),
        ("5²", "value-not-number"),  # NFKC would make 52 of it
        ("⑤", "value-not-number"),
        ("½", "value-not-number"),
        ("٥", "value-not-number"),  # a digit to Python, not to this office
        ("五", "value-not-number"),
        ("合格", "value-not-number"),
        ("√", "value-not-number"),
    ],
)
def test_an_undecided_mark_is_neither_zero_nor_full(raw: str, expected: str) -> None:
    assert code(mark(raw)) == expected


@pytest.mark.parametrize(
    ("raw", "kind", "expected"),
    [
        ("#REF!", CellKind.ERROR, "value-error"),
        ("", CellKind.UNCALCULATED, "value-not-calculated"),
        ("5%", CellKind.PERCENT, "value-percent"),
        ("2020-04-05", CellKind.DATE, "value-became-date"),
        ("04:05:00", CellKind.TIME, "value-became-date"),
        ("TRUE", CellKind.BOOLEAN, "value-not-number"),
        ("4.333333333333333", CellKind.NUMBER, "value-too-fine"),
        ("-0.5", CellKind.NUMBER, "value-negative"),
    ],
)
def test_what_is_no_plain_number_is_no_mark(raw: str, kind: CellKind, expected: str) -> None:
    assert code(mark(raw, kind)) == expected


def test_a_crossed_out_mark_is_undecided() -> None:
    assert code(mark("5", struck=True)) == "value-struck"
    assert code(mark("满分", struck=True)) == "value-struck"


def test_a_sum_of_tenths_is_the_number_that_excel_shows() -> None:
    assert mark(shortest(0.1 + 0.2), CellKind.NUMBER) == Decimal("0.3")
    assert mark(shortest(4.4 - 0.1), CellKind.NUMBER) == Decimal("4.3")


@given(st.text(max_size=8), st.sampled_from(CellKind), st.decimals(0, 20, places=2))
def test_whatever_stands_there_a_mark_lies_between_0_and_full(raw: str, kind: CellKind, full: Decimal) -> None:
    raw = "" if kind in (CellKind.BLANK, CellKind.UNCALCULATED) else raw
    kind = CellKind.TEXT if kind is CellKind.NUMBER else kind
    value = read_mark(cell(raw, kind), full, WORDS, "自评分")
    assert isinstance(value, Problem) or 0 <= value <= full


@given(st.decimals(0, 20, places=2), st.decimals(0, 20, places=2))
def test_a_number_is_read_exactly_or_refused_as_too_high(written: Decimal, full: Decimal) -> None:
    value = read_mark(cell(shortest(float(written)), CellKind.NUMBER), full, WORDS, "自评分")
    assert value == written if written <= full else code(value) == "mark-above-full"


@pytest.mark.parametrize(
    ("raw", "counted_in", "value"),
    [
        ("12", "处", "12"),
        ("１２处", "处", "12"),
        ("1,234", "次", "1234"),
        ("无", "人", "0"),
        ("12.5万元", "万元", "12.5"),
    ],
)
def test_figures_with_their_units(raw: str, counted_in: str, value: str) -> None:
    assert read_figure(cell(raw), WORDS, "数", counted_in) == Decimal(value)


def test_a_count_is_a_whole_number_from_1_on() -> None:
    assert read_count(cell("3处"), WORDS, "数量") == 3
    assert code(read_count(cell("0"), WORDS, "数量")) == "count-zero"
    assert code(read_count(cell("1.5"), WORDS, "数量")) == "count-not-whole"
    assert code(read_count(cell(""), WORDS, "数量")) == "value-blank"
    assert code(read_count(cell("—"), WORDS, "数量")) == "value-unclear"


@pytest.mark.parametrize("raw", ["1", "（1）", "(1)", "（１）", "1.", "1、", "第1款", "第（1）款", " 1 "])
def test_clauses_as_people_write_them(raw: str) -> None:
    assert read_clause(cell(raw), "扣分情形") == "1"


@pytest.mark.parametrize("raw", ["-1", "（1）（2）", "1、2", "一", "其他", "1.5", "100"])
def test_a_clause_that_could_be_another_is_refused(raw: str) -> None:
    assert code(read_clause(cell(raw), "扣分情形")) == "clause-unreadable"


OCTOBER = datetime.date(2020, 10, 20)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("2020年10月20日", CellKind.TEXT),
        ("2020.10.20", CellKind.TEXT),
        ("2020-10-20", CellKind.TEXT),
        ("2020/10/20", CellKind.TEXT),
        ("２０２０－１０－２０", CellKind.TEXT),
        ("2020 年 10 月 20 日", CellKind.TEXT),
        ("2020/10/20 上午", CellKind.TEXT),
        ("2020-10-20 16:30:05", CellKind.TEXT),
        ("20201020", CellKind.TEXT),
        ("20201020", CellKind.NUMBER),
        ("44124", CellKind.NUMBER),
        ("2020-10-20", CellKind.DATE),
        ("2020-10-20T16:30:00", CellKind.DATE),
        ("二〇二〇年十月二十日", CellKind.TEXT),
        ("二○二○年一〇月二〇日", CellKind.TEXT),
        ("10月20日", CellKind.TEXT),
    ],
)
def test_dates_as_people_write_them(raw: str, kind: CellKind) -> None:
    assert read_date(cell(raw, kind), "日期", 2020) == OCTOBER


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("5", CellKind.NUMBER),
        ("29999", CellKind.NUMBER),
        ("44124.5", CellKind.NUMBER),
        ("44124", CellKind.TEXT),
        ("2020年10月", CellKind.TEXT),
        ("2020-02-30", CellKind.TEXT),
        ("20.10.20", CellKind.TEXT),
        ("2020.10.20-10.30", CellKind.TEXT),
        ("10月20日前", CellKind.TEXT),
        ("十月下旬", CellKind.TEXT),
        ("已整改", CellKind.TEXT),
        ("20201320", CellKind.NUMBER),
    ],
)
def test_what_is_no_day_for_certain_is_refused(raw: str, kind: CellKind) -> None:
    assert code(read_date(cell(raw, kind), "日期", 2020)) == "date-unreadable"


def test_a_day_without_a_year_needs_one_to_be_given() -> None:
    assert code(read_date(cell("10月20日"), "整改期限")) == "date-unreadable"


@pytest.mark.parametrize(
    ("raw", "kind", "time"),
    [
        ("16:30", CellKind.TEXT, (16, 30)),
        ("16：30", CellKind.TEXT, (16, 30)),
        ("16:30:00", CellKind.TIME, (16, 30)),
        ("下午4:30", CellKind.TEXT, (16, 30)),
        ("16时30分", CellKind.TEXT, (16, 30)),
        ("9时", CellKind.TEXT, (9, 0)),
    ],
)
def test_times_as_people_write_them(raw: str, kind: CellKind, time: tuple[int, int]) -> None:
    assert read_time(cell(raw, kind), "收件时间") == datetime.time(*time)


@pytest.mark.parametrize("raw", ["25:00", "16:61", "下午", "0.5"])
def test_what_is_no_time_is_refused(raw: str) -> None:
    assert code(read_time(cell(raw), "收件时间")) == "time-unreadable"


def test_rectified_knows_closed_open_and_silence() -> None:
    answers = [read_rectified(cell(raw), WORDS, "整改情况") for raw in ("已整改", "整改中", "未整改", "")]
    assert answers == [True, False, False, None]
    assert code(read_rectified(cell("部分"), WORDS, "整改情况")) == "word-unknown"


def test_only_full_width_signs_are_narrowed() -> None:
    assert narrowed("（５．５）　²①㈤") == "(5.5)²①㈤"
    assert folded("①　Ａ") == "1A"
