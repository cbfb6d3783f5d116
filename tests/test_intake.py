"""From an inbox to observations, decisions and problems."""

from __future__ import annotations

import datetime
import hashlib
import json
import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
import workbooks
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from workbooks import assessment, saved, with_cell

from analytics.intake import Intake, check_paths, receive
from analytics.intake.basis import Basis
from analytics.intake.forms import recognise
from analytics.intake.grid import read_grid
from analytics.intake.receive import _READERS
from analytics.policy import YearRules
from analytics.problems import Problem, Refused
from analytics.records import Channel, Observation, Submission
from analytics.units import UnitRegistry
from analytics.workspace import Inbox, Workspace

WORKSPACE = Workspace()
REGISTRY, RULES = workbooks.registry(), workbooks.rules()
BASIS = Basis.load(WORKSPACE, REGISTRY, RULES)
EMPTY_ROW = [None] * 5


class Read:
    """One workbook read in this process: observations by item or measure, problems by code."""

    def __init__(self, book: Workbook | bytes, name: str = "表.xlsx") -> None:
        data = book if isinstance(book, bytes) else saved(book)
        try:
            self.form = recognise(read_grid(data, name), BASIS)
        except Refused as refused:
            self.problems: list[Problem] = list(refused.problems)
            return
        self.contents = _READERS[self.form.form](self.form, BASIS)
        self.problems = self.form.problems

    @property
    def codes(self) -> list[str]:
        return sorted(problem.code for problem in self.problems)

    @property
    def stops(self) -> list[str]:
        return sorted(problem.code for problem in self.problems if problem.severity == "stop")

    @property
    def marks(self) -> Mapping[str, Decimal | None]:
        return {o.item.removeprefix("item."): o.value for o in self.contents.observations}

    def problem(self, code: str) -> Problem:
        (problem,) = [problem for problem in self.problems if problem.code == code]
        assert "{" not in problem.message() + problem.message("en")
        return problem


def received(tmp_path: Path, files: Mapping[str, Workbook | bytes], rules: YearRules = RULES) -> Intake:
    for name, book in files.items():
        path = tmp_path / "收件" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(book if isinstance(book, bytes) else saved(book))
    return receive(WORKSPACE, REGISTRY, rules, Inbox(tmp_path / "收件", synthetic=False))


def one(intake: Intake, name: str) -> Submission:
    (submission,) = [s for s in intake.submissions if s.source.name == name]
    return submission


MARKS = {"1": Decimal(5), "2": Decimal("3.5"), "3": Decimal(6), "4": Decimal(4)}


# The self-assessment


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


# The other forms


def test_a_pledge_report_gives_reported_and_checked_figures() -> None:
    read = Read(workbooks.pledge())
    found = {(o.measure, o.channel): o.value for o in read.contents.observations}
    assert found == {
        ("found", Channel.SELF): 40, ("found", Channel.DESK): 40,
        ("fixed", Channel.SELF): 38, ("fixed", Channel.DESK): 37,
        ("spent", Channel.SELF): Decimal("12.5"), ("spent", Channel.DESK): Decimal("12.5"),
    }  # fmt: skip
    assert (read.codes, read.form.unread()) == ([], ())


def test_an_unchecked_figure_is_absent_and_not_zero() -> None:
    read = Read(workbooks.pledge(figures=((40, None), (None, 37), (1, 1))))
    found = {(o.measure, o.channel) for o in read.contents.observations}
    assert ("found", Channel.DESK) not in found
    assert ("fixed", Channel.SELF) not in found
    assert read.codes == ["value-blank"]


def test_a_measure_without_a_row_and_a_half_hazard_are_told() -> None:
    read = Read(workbooks.pledge(figures=((40.5, 40),)))
    assert read.codes == ["count-not-whole", "measure-missing", "measure-missing"]


def test_an_onsite_record_gives_findings_and_clean_items() -> None:
    rows = [
        [1, "未发现问题", None, None],
        [2, "迟报1起", "（1）", 1, "迟报", "2020年11月30日", "赵六（示例）", "整改中"],
        [2, "台账缺页", "(2)", "2处"],
        [3, None, None, None],
    ]
    read = Read(workbooks.onsite(rows))
    clean, late, ledger = read.contents.observations
    assert (clean.item, clean.rule, clean.value, clean.group) == ("item.1", "", None, "第一组")
    assert (late.rule, late.value, late.level) == ("1", 1, "迟报")
    assert late.rectification is not None
    assert late.rectification.deadline == datetime.date(2020, 11, 30)
    assert (late.rectification.person, late.rectification.closed) == ("赵六（示例）", False)
    assert (ledger.rule, ledger.value, ledger.text) == ("2", 2, "示例小区：台账缺页")
    assert (read.codes, read.form.unread()) == ([], ())


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ([1, "缺1次会议记录", None, 1], "value-blank"),
        ([1, "缺1次会议记录", "（1）", None], "value-blank"),
        ([1, "缺1次会议记录", "（1）", 0], "count-zero"),
        ([1, "缺1次会议记录", "（7）", 1], "rule-unknown"),
        ([1, "缺1次会议记录", -1, 1], "clause-unreadable"),
        ([2, "迟报", "（1）", 1, "晚报"], "level-unknown"),
        ([2, "迟报", "（1）", 1], "level-unknown"),
        ([3, "整改率不足", "（1）", 1], "rule-measured"),
        ([1, "未发现问题", "（1）", 1], "finding-contradicts"),
    ],
)
def test_a_finding_that_no_rule_can_count_is_told_and_left_out(row: list[object], code: str) -> None:
    read = Read(workbooks.onsite([row]))
    assert read.contents.observations == ()
    assert read.problem(code).severity == "skip"


def test_special_findings_are_read_for_the_unit_that_each_row_names() -> None:
    date = datetime.date(2020, 6, 12)
    rows = [
        ["甘泉街道", date, 1, "缺记录", "（1）", 2],
        ["区生态环境局", "2020/6/12", "4", "未发现问题", None, None],
        ["甘果路街道", date, 1, "缺记录", "（1）", 1],
        ["石泉路街道", date, 9, "缺记录", "（1）", 1],
    ]
    read = Read(workbooks.special(rows))
    first, second = read.contents.observations
    assert (first.unit, first.rule, first.value, first.group, first.date) == ("ST04", "1", 2, "汛期专项督查", date)
    assert (second.unit, second.item, second.rule, second.date) == ("SR05", "item.4", "", date)
    assert read.codes == ["item-number-unknown", "unit-unknown"]


NONE = [0, 0, 0, 0, 0, 0, 0, 0]


def test_accident_statistics_give_a_figure_for_each_unit_and_column() -> None:
    rows = {"甘泉街道": [1, 0, 1, "无", 2, 3, 0, 0], "石泉路街道": NONE, "区生态环境局": NONE}
    read = Read(workbooks.accidents(rows, [1, 0, 1, 0, 2, 3, 0, 0]))
    found = {(o.unit, o.measure): o.value for o in read.contents.observations}
    assert len(found) == 24
    assert (found["ST04", "deaths"], found["ST04", "deaths_last_year"]) == (1, 0)
    assert read.codes == []


def test_a_dash_in_the_statistics_is_not_taken_for_zero() -> None:
    rows = {"甘泉路街道": ["—", *NONE[1:]], "石泉路街道": NONE, "区生态环境局": NONE}
    read = Read(workbooks.accidents(rows))
    assert ("ST04", "accidents") not in {(o.unit, o.measure) for o in read.contents.observations}
    assert read.codes == ["value-unclear"]


def test_statistics_that_do_not_add_up_lack_a_unit_or_name_one_twice_are_told() -> None:
    book = workbooks.accidents({"甘泉路街道": [2, *NONE[1:]], "石泉路街道": NONE}, [3, *NONE[1:]])
    read = Read(book)
    assert read.codes == ["sum-differs", "unit-rows-missing"]
    assert "区生态环境局" in read.problem("unit-rows-missing").message()
    twice = Read(workbooks.accidents({"甘泉路街道": NONE, "甘泉街道": NONE, "石泉路街道": NONE, "区生态环境局": NONE}))
    assert twice.codes == ["unit-row-twice"]
    assert "ST04" not in {o.unit for o in twice.contents.observations}


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


# The inbox


def test_every_file_ends_in_exactly_one_outcome(tmp_path: Path) -> None:
    intake = received(
        tmp_path,
        {
            "自评/甘泉.xlsx": assessment(),
            "自评/石泉.xlsx": with_cell(assessment("石泉路街道"), "F7", None),
            "自评/环境.xlsx": assessment("区生态环境局"),
            "自评/甘泉（副本）.xlsx": assessment(),
            "~$甘泉.xlsx": b"x",
            "Thumbs.db": b"x",
            "README.txt": b"x",
            "扫描件.pdf": b"%PDF-1.4",
            "空.xlsx": b"",
        },
    )
    counts = intake.as_json()["counts"]
    assert counts == {"accepted": 1, "accepted_with_warning": 1, "rejected": 3, "ignored": 4}
    assert sum(counts.values()) == len(list((tmp_path / "收件").rglob("*.*")))
    assert {s.source.name for s in intake.open_rejections} == {"自评/环境.xlsx", "扫描件.pdf", "空.xlsx"}
    assert [unit.id for unit in intake.missing] == ["SR05"]
    assert "区生态环境局" in intake.problems[-4].message() + intake.problems[-3].message()


def test_a_rejected_file_leaves_nothing_behind(tmp_path: Path) -> None:
    with_both = received(
        tmp_path, {"好.xlsx": assessment(), "坏.xlsx": workbooks.without_row(assessment("石泉路街道"), 7)}
    )
    bad = one(with_both, "坏.xlsx")
    assert (bad.outcome, bad.unit, bad.observations, bad.printed_total) == ("rejected", "ST05", (), None)
    assert {observation.unit for observation in with_both.observations} == {"ST04"}
    (entry,) = [file for file in with_both.as_json()["files"] if file["file"] == "坏.xlsx"]
    assert (entry["imported"], entry["values"], entry["total"]) == (0, {}, None)


def test_the_inbox_is_never_written_to(tmp_path: Path) -> None:
    received(tmp_path, {"甘泉.xlsx": assessment(), "坏.xlsx": b"PK\x03\x04"})
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted((tmp_path / "收件").rglob("*"))}
    received(tmp_path, {})
    assert {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted((tmp_path / "收件").rglob("*"))
    } == before


def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "外面.xlsx"
    outside.write_bytes(saved(assessment()))
    (tmp_path / "收件").mkdir()
    (tmp_path / "收件" / "链接.xlsx").symlink_to(outside)
    (tmp_path / "收件" / "文件夹").symlink_to(tmp_path)
    intake = received(tmp_path, {})
    assert {s.outcome for s in intake.submissions} == {"ignored"}
    assert [s.problems[0].code for s in intake.submissions] == ["link-ignored", "link-ignored"]


def test_file_names_and_their_order_do_not_matter(tmp_path: Path) -> None:
    books = [assessment(), assessment("石泉路街道"), workbooks.pledge(), workbooks.decisions([ruling()])]
    records = set()
    for attempt in range(3):
        names = [f"{number}.xlsx" for number in range(4)]
        random.Random(attempt).shuffle(names)
        intake = received(tmp_path / str(attempt), dict(zip(names, books, strict=True)))
        facts = sorted((o.unit, o.channel, o.item, o.measure, o.value, o.reading.raw) for o in intake.observations)
        records.add(repr((facts, sorted(decision.id for decision in intake.decisions))))
    assert len(records) == 1


def test_of_two_versions_the_later_by_the_register_counts(tmp_path: Path) -> None:
    intake = received(
        tmp_path,
        {
            "b.xlsx": assessment(),
            "a.xlsx": with_cell(assessment(), "F6", 4),
            "登记.xlsx": workbooks.receipts([("b.xlsx", "2020.10.28", "9:00"), ("a.xlsx", "2020.10.28", "下午4:30")]),
        },
    )
    old, new = one(intake, "b.xlsx"), one(intake, "a.xlsx")
    assert (old.superseded_by, new.superseded_by) == ("a.xlsx", "")
    assert new.source.received == "2020-10-28T16:30:00"
    assert {o.value for o in intake.observations if o.item == "item.1"} == {Decimal(4)}
    assert "version-superseded" in [problem.code for problem in old.problems]


def test_a_rejected_later_version_does_not_count(tmp_path: Path) -> None:
    broken = workbooks.without_row(assessment(date=datetime.date(2020, 10, 30)), 7)
    intake = received(tmp_path, {"1.xlsx": assessment(), "2.xlsx": broken})
    assert one(intake, "1.xlsx").counts
    assert len(intake.observations) == 4


def test_a_rejection_is_closed_by_a_later_valid_version(tmp_path: Path) -> None:
    broken = workbooks.without_row(assessment(), 7)
    register = workbooks.receipts([("1.xlsx", "2020-10-27", None), ("2.xlsx", "2020-10-29", None)])
    assert received(tmp_path, {"1.xlsx": broken, "2.xlsx": assessment(), "r.xlsx": register}).open_rejections == ()


def test_two_versions_of_the_same_moment_are_told(tmp_path: Path) -> None:
    intake = received(tmp_path, {"1.xlsx": assessment(), "2.xlsx": with_cell(assessment(), "F6", 4)})
    assert "version-order-unclear" in [problem.code for problem in one(intake, "2.xlsx").problems]


def test_lateness_is_by_the_register_and_only_recorded(tmp_path: Path) -> None:
    files = {
        "甘泉.xlsx": assessment(date="2020-10-28"),
        "登记.xlsx": workbooks.receipts([("甘泉.xlsx", 20201102, None)]),
    }
    late = one(received(tmp_path, files), "甘泉.xlsx")
    (problem,) = late.problems
    assert (problem.code, problem.severity, problem.facts["days"]) == ("received-late", "note", "2")
    assert [o.value for o in late.observations] == list(MARKS.values())


def test_a_deadline_on_a_saturday_moves_only_when_the_policy_says_so(tmp_path: Path) -> None:
    moved = {"deadline": "2020-10-31", "points_per_day": 1, "most": 5, "weekend_moves_to_monday": True}
    files = {"甘泉.xlsx": assessment(), "登记.xlsx": workbooks.receipts([("甘泉.xlsx", "2020-11-02", "8:00")])}
    intake = received(tmp_path, files, workbooks.rules(submission=moved))
    assert one(intake, "甘泉.xlsx").problems == ()


def test_receipts_and_files_that_do_not_meet_are_told(tmp_path: Path) -> None:
    register = workbooks.receipts([("没有.xlsx", "2020-10-28", None), ("子\\甘泉.xlsx", "2020-10-28", None)])
    intake = received(
        tmp_path, {"子/甘泉.xlsx": assessment(), "石泉.xlsx": assessment("石泉路街道"), "登记.xlsx": register}
    )
    assert [problem.code for problem in one(intake, "登记.xlsx").problems] == ["receipt-without-file"]
    assert [problem.code for problem in one(intake, "石泉.xlsx").problems] == ["receipt-missing"]
    assert one(intake, "子/甘泉.xlsx").source.received == "2020-10-28T00:00:00"


def test_a_file_named_after_another_unit_is_told(tmp_path: Path) -> None:
    intake = received(tmp_path, {"石泉路街道自评表.xlsx": assessment(), "甘泉街道.xlsx": workbooks.pledge()})
    assert [problem.code for problem in one(intake, "石泉路街道自评表.xlsx").problems] == ["file-names-other-unit"]
    assert one(intake, "甘泉街道.xlsx").problems == ()


def test_two_campaigns_stand_side_by_side(tmp_path: Path) -> None:
    rows = [["甘泉路街道", "2020-06-12", 1, "缺记录", "（1）", 2]]
    intake = received(
        tmp_path, {"1.xlsx": workbooks.special(rows), "2.xlsx": workbooks.special(rows, "进博会专项督查")}
    )
    assert sorted(o.group for o in intake.observations) == ["汛期专项督查", "进博会专项督查"]


def test_json_has_what_was_agreed(tmp_path: Path) -> None:
    book = with_cell(with_cell(assessment(), "F7", "不涉及"), "G7", "无此职责")
    said = json.loads(json.dumps(received(tmp_path, {"甘泉.xlsx": book}).as_json(), ensure_ascii=False))
    assert (said["year"], said["counts"]["accepted_with_warning"]) == (2020, 1)
    (file,) = said["files"]
    assert (file["unit"], file["unit_name"], file["form"], file["date"]) == (
        "ST04", "甘泉路街道", "self_assessment", "2020-10-28",
    )  # fmt: skip
    assert file["values"] == {"1": "5", "2": None, "3": "6", "4": "4"}
    assert (file["undecided"], file["imported"], file["total"], file["reasons"]) == (["2"], 3, None, {"2": "无此职责"})
    problem = next(problem for problem in file["problems"] if problem["severity"] == "skip")
    assert (problem["code"], problem["cell"], problem["found"]) == ("value-not-applicable", "F7", "不涉及")
    assert set(problem) == {"code", "severity", "file", "sheet", "cell", "found", "expected", "message"}


def test_single_files_are_checked_where_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "甘泉.xlsx"
    path.write_bytes(saved(with_cell(assessment(), "F7", 9)))
    intake = check_paths(WORKSPACE, REGISTRY, RULES, [path, tmp_path / "没有.xlsx"])
    assert [s.outcome for s in intake.submissions] == ["accepted_with_warning", "rejected"]
    assert (intake.missing, intake.folder) == ((), tmp_path)
    assert one(intake, "甘泉.xlsx").source.name == "甘泉.xlsx"


def test_messages_show_strange_signs_escaped_and_on_one_line() -> None:
    read = Read(with_cell(assessment(), "F7", "\u202e5\n<b>" + "长" * 300))
    message = read.problem("value-not-number").message()
    assert "\\u202e" in message
    assert "\n" not in message
    assert len(message) < 400


def test_the_shipped_year_is_read_in_seconds_and_leaves_nothing_open() -> None:

    registry = UnitRegistry.load(WORKSPACE.units)
    rules = YearRules.load(WORKSPACE, registry, 2020)
    began = datetime.datetime.now(datetime.UTC)
    intake = receive(WORKSPACE, registry, rules, Inbox(WORKSPACE.sample(2020), synthetic=True))
    assert (datetime.datetime.now(datetime.UTC) - began).total_seconds() < 8
    assert (intake.missing, intake.open_rejections) == ((), ())
    assert intake.as_json()["counts"]["rejected"] == 2
    assert sum(1 for s in intake.submissions if s.superseded_by) == 1
    assert all(isinstance(o, Observation) and o.reading.raw for o in intake.observations if o.value is not None)
