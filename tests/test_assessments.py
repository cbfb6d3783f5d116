"""The self-assessment: what is read of it, and what is said when something is wrong."""

from __future__ import annotations

import datetime
import hashlib
from decimal import Decimal

import pytest
import workbooks
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from readings import MARKS, REGISTRY, Read
from workbooks import assessment, saved, with_cell

from analytics.intake.files.grid import read_grid


def test_a_tidy_form_is_read_without_a_word() -> None:
    read = Read(assessment())
    assert (read.marks, read.codes) == (MARKS, [])
    assert (read.contents.unit, read.contents.date) == ("ST04", datetime.date(2020, 10, 28))
    assert read.contents.printed_total == Decimal("18.5")
    assert read.form.unread() == ()


def test_every_mark_says_where_it_was_read() -> None:
    data = saved(assessment())
    for observation in Read(data).contents.observations:
        cell = observation.reading.cell
        assert cell.sha256 == hashlib.sha256(data).hexdigest()
        assert Decimal(observation.reading.raw) == observation.value
        assert read_grid(data).sheets[0].cells[int(cell.address[1:]), 6].raw == observation.reading.raw


def test_no_contact_is_kept_anywhere() -> None:
    read = Read(assessment())
    assert "13800000000" not in repr((read.contents, read.problems, read.form.unread()))


@pytest.mark.parametrize(
    "written", ["甘泉路街道", "甘泉街道", "上海市普陀区人民政府甘泉路街道办事处", "甘 泉路街道", "“甘泉路街道”", "ST04"]
)
def test_an_alias_in_place_of_the_name_changes_nothing(written: str) -> None:
    read = Read(assessment(written))
    assert (read.contents.unit, read.marks, read.codes) == ("ST04", MARKS, [])


def test_a_near_name_is_offered_and_never_applied() -> None:
    read = Read(assessment("甘石路街道"))
    assert (read.contents.unit, read.stops) == ("", ["unit-unknown"])
    assert "甘泉路街道" in read.problem("unit-unknown").message()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4), st.sampled_from("石甘真长宜曹风寿万里路街道镇"), st.booleans())
def test_one_wrong_character_never_makes_another_unit(place: int, sign: str, insert: bool) -> None:
    name = "甘泉路街道"
    written = name[:place] + sign + name[place + (not insert) :]
    unit = REGISTRY.match(written, 2020).unit
    assert unit is None or unit.id == "ST04" or written == unit.name


def test_an_expired_name_is_accepted_for_one_year_with_a_note() -> None:
    read = Read(assessment("区环保局", items=workbooks.DEPARTMENT_ITEMS))
    assert (read.contents.unit, read.codes) == ("SR05", ["unit-name-outdated"])


def test_rows_in_another_order_give_the_same_record() -> None:
    shuffled = workbooks.rows_swapped(assessment(), 6, 11)
    assert Read(shuffled).marks == MARKS
    assert list(Read(shuffled).marks) == ["1", "2", "3", "4"]


@settings(max_examples=25, deadline=None)
@given(st.permutations([6, 7, 10, 11]))
def test_any_order_of_rows_gives_the_same_marks(order: list[int]) -> None:
    book = assessment()
    sheet = workbooks.form_sheet(book)
    rows = {row: [cell.value for cell in sheet[row]] for row in order}
    for target, source in zip((6, 7, 10, 11), order, strict=True):
        for column, value in enumerate(rows[source], start=1):
            sheet.cell(target, column, value)
    read = Read(book)
    assert (read.marks, read.stops) == (MARKS, [])


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({no: st.one_of(st.decimals(-1, 9, places=2), st.text(max_size=4)) for no in "1234"}))
def test_no_form_ever_gives_a_mark_outside_its_item(marks: dict[str, object]) -> None:
    marks = {no: float(mark) if isinstance(mark, Decimal) else _typed(str(mark)) for no, mark in marks.items()}
    read = Read(assessment(marks=marks))
    full = {no: Decimal(points) for no, _, points in workbooks.STREET_ITEMS}
    for no, value in read.marks.items():
        assert value is None or 0 <= value <= full[no]
    undecided = [no for no, value in read.marks.items() if value is None]
    assert len([problem for problem in read.problems if problem.severity == "skip"]) == len(undecided)


def _typed(text: str) -> str | None:
    return "".join(c for c in text if c.isprintable() and c != "=") or None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "value-blank"),
        ("不涉及", "value-not-applicable"),
        ("3~4", "value-range"),
        ("—", "value-unclear"),
        (4.5, "mark-above-full"),
        ("=SUM(1,2)", "value-not-calculated"),
    ],
)
def test_a_mark_that_cannot_be_read_leaves_its_item_undecided(value: object, code: str) -> None:
    read = Read(with_cell(assessment(), "F7", value))
    assert read.marks == {**MARKS, "2": None}
    assert "F7" in read.problem(code).message()
    assert read.stops == []


def test_a_mark_merged_over_two_items_belongs_to_neither() -> None:
    read = Read(workbooks.merged(assessment(), "F6:F7"))
    assert read.marks == {**MARKS, "2": None}
    assert "value-merged" in read.codes


def test_the_rubric_s_full_marks_count_and_not_the_form_s() -> None:
    read = Read(with_cell(with_cell(assessment(), "C7", 8), "F7", 7))
    assert read.marks["2"] is None
    assert read.problem("full-marks-differ").facts["expected"] == "4"


def test_number_and_content_must_mean_the_same_item() -> None:
    book = workbooks.rows_swapped(assessment(), 6, 7)
    sheet = workbooks.form_sheet(book)
    sheet["A6"], sheet["A7"] = 1, 2
    read = Read(book)
    assert read.stops == ["item-mismatch", "item-mismatch", "items-missing"]
    assert "A6" in read.problems[0].message()


def test_another_text_under_a_known_number_is_not_settled_in_silence() -> None:
    read = Read(with_cell(assessment(), "B7", "组织消防演练并做好记录"))
    assert read.stops == ["item-content-differs", "items-missing"]


@pytest.mark.parametrize(
    "text",
    ["落实24小时应急值守,及时准确报送突发事件信息。", "2.落实24小时应急值守，\n及时准确报送突发事件信息（4分）"],
)
def test_punctuation_and_line_breaks_make_no_other_item(text: str) -> None:
    assert Read(with_cell(assessment(), "B7", text)).codes == []


def test_a_slightly_edited_text_is_the_same_item_with_a_note() -> None:
    read = Read(with_cell(assessment(), "B7", "落实24小时应急值班值守，及时准确报送突发事件信息"))
    assert (read.marks, read.codes) == (MARKS, ["item-text-edited"])


def test_a_missing_number_is_made_up_for_by_the_content() -> None:
    read = Read(with_cell(assessment(), "A7", None))
    assert (read.marks, read.codes) == (MARKS, ["item-number-missing"])


def test_a_number_alone_does_not_settle_the_item() -> None:
    read = Read(with_cell(assessment(), "B7", None))
    assert (read.marks["2"], read.codes) == (None, ["item-content-blank"])


def test_a_missing_item_stops_the_form_and_is_named() -> None:
    read = Read(workbooks.without_row(assessment(), 7))
    assert read.stops == ["items-missing"]
    assert "第2项" in read.problem("items-missing").message()


def test_an_item_that_stands_twice_stops_the_form() -> None:
    book = assessment()
    sheet = workbooks.form_sheet(book)
    for column in (1, 2, 3, 6):
        sheet.cell(14, column).value = sheet.cell(7, column).value
    assert "item-twice" in Read(book).stops


def test_a_mark_in_a_row_without_an_item_is_not_lost() -> None:
    book = assessment()
    workbooks.form_sheet(book).insert_rows(8)
    workbooks.form_sheet(book)["F8"] = 2
    assert "mark-without-item" in Read(book).stops


def test_blank_rows_in_between_change_nothing() -> None:
    book = assessment()
    for area in list(workbooks.form_sheet(book).merged_cells.ranges):
        if area.min_row > 4:
            workbooks.form_sheet(book).merged_cells.remove(area)
    workbooks.form_sheet(book).insert_rows(7, amount=3)
    assert (Read(book).marks, Read(book).stops) == (MARKS, [])


def test_a_department_on_the_streets_form_is_told_once() -> None:
    read = Read(assessment("区生态环境局"))
    assert read.codes == ["form-of-other-class"]
    assert "专项监管部门" in read.problem("form-of-other-class").message()


def test_a_form_of_another_year_is_refused_in_one_sentence() -> None:
    read = Read(assessment(year=2019))
    assert read.codes == ["form-year-wrong"]
    assert read.contents.unit == "ST04"


def test_a_printed_total_that_does_not_add_up_is_told_with_both_numbers() -> None:
    read = Read(with_cell(assessment(), "F13", 19.5))
    assert read.problem("total-differs").facts == {"found": "19.5", "expected": "18.5"}
    assert read.marks == MARKS


def test_a_total_that_was_never_calculated_is_not_compared() -> None:
    assert Read(with_cell(assessment(), "F13", "=SUM(F6:F11)")).codes == []


def test_bonus_claims_are_noted_and_have_no_effect() -> None:
    book = assessment()
    for address, value in {"A16": "119消防先进集体", "C16": "市级", "D16": "示例〔2020〕1号"}.items():
        with_cell(book, address, value)
    read = Read(book)
    assert read.problem("bonus-claimed").facts["level"] == "市级"
    assert (read.marks, read.form.unread()) == (MARKS, ())


def test_what_nobody_read_is_listed() -> None:
    book = with_cell(with_cell(assessment(), "I4", "备注2"), "I6", "请关注")
    read = Read(book)
    assert [cell.address for cell in read.form.unread()] == ["I6"]
    assert "heading-unknown" in read.codes


@pytest.mark.parametrize("heading", ["自 评 分", "自评\n分", "自评分（分）", "自评得分", "*自评分：", "　自评分"])
def test_a_heading_in_another_shape_is_the_same_heading(heading: str) -> None:
    assert Read(with_cell(assessment(), "F4", heading)).marks == MARKS


def test_an_unknown_heading_is_told_with_its_nearest() -> None:
    read = Read(with_cell(assessment(), "F4", "自评分情况"))
    assert read.stops == ["heading-missing"]
    assert "自评分情况" in read.problem("heading-missing").message()


def test_a_header_of_two_rows_is_read() -> None:
    assert Read(workbooks.header_of_two_rows()).marks == MARKS


def test_hidden_rows_count_and_hidden_sheets_do_not() -> None:
    assert Read(workbooks.row_hidden(assessment(), 7)).marks == MARKS
    assert Read(workbooks.row_hidden(assessment(), 7)).codes == ["rows-hidden"]
    assert (Read(workbooks.with_hidden_draft()).marks, Read(workbooks.with_hidden_draft()).codes) == (
        MARKS,
        ["sheet-hidden"],
    )
    assert Read(workbooks.form_on_a_hidden_sheet()).stops == ["form-hidden"]


def test_two_units_in_one_file_are_refused() -> None:
    assert Read(workbooks.two_units_in_one_file()).stops == ["forms-several"]


def test_an_ordinary_workbook_is_no_form() -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = "通讯录"
    assert Read(book).stops == ["form-unknown"]


def test_a_form_without_a_header_still_says_whose_it_is() -> None:
    book = assessment()
    workbooks.form_sheet(book).delete_rows(4, 30)
    read = Read(book)
    assert read.stops == ["header-missing"]
    assert read.contents.unit == "ST04"


def test_twelve_faults_give_twelve_messages_at_once() -> None:
    read = Read(workbooks.twelve_faults())
    assert read.codes == sorted(
        [
            "mark-above-full", "full-marks-differ", "value-error", "value-not-calculated", "date-unreadable",
            "heading-unknown", "heading-left-out", "item-text-edited", "item-number-missing", "rows-hidden",
            "sheet-extra", "sheet-hidden",
        ]
    )  # fmt: skip
    for problem in read.problems:
        assert "表.xlsx" in problem.message()
        assert all(word not in problem.message() for word in ("Traceback", "Error", "{"))
    assert "J2" in [cell.address for cell in read.form.unread()]
