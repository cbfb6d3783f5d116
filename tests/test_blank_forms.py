"""The year's blank workbooks."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from analytics.documents import blank_forms
from analytics.documents.form_layout import lines, workbook_bytes
from analytics.intake.headings import Headings
from analytics.policy import Policy, YearRules
from analytics.problems import Refused
from analytics.rubric import Rubric
from analytics.units import UnitRegistry
from analytics.workspace import REPOSITORY, Workspace

FORMS = REPOSITORY / "data" / "forms"
TINY = {
    "year": 2020,
    "id": "tiny",
    "title": "测试评分细则（街道镇）",
    "applies_to": ["street_town"],
    "status": "demonstration",
    "reference": "《测试评分细则》",
    "themes": [{"id": "t1", "name": "责任", "points": "60"}, {"id": "t2", "name": "治理", "points": "40"}],
    "measures": [
        {"id": "hazards_found", "label": "发现隐患数", "counted_in": "处", "form": "pledge_report"},
        {"id": "deaths", "label": "死亡人数", "counted_in": "人", "form": "accidents"},
    ],
    "items": [
        {
            "id": "meetings", "no": "1", "theme": "t1", "text": "党政领导班子定期研究安全生产工作。" * 6,
            "full_marks": "60",
            "methods": ["查阅资料"],
            "rules": [{"kind": "per_occurrence", "id": "1", "on": "每少一次扣0.5分", "points": "0.5"}],
        },
        {
            "id": "reporting", "no": "2", "theme": "t2", "text": "信息报送", "full_marks": "40",
            "rules": [
                {"kind": "by_severity", "id": "1", "on": "迟报漏报", "levels": {"迟报": "1", "漏报": "3"}},
                {"kind": "discretionary", "id": "2", "on": "台账不全酌情扣分", "least": "1", "most": "4"},
            ],
        },
    ],
    "bonus": [{"id": "award", "no": "1", "on": "表彰", "levels": {"市级": "1", "区级": "0.5"}}],
}  # fmt: skip
UNIT = {"id": "ST01", "name": "东风街道", "kind": "street_town", "official": "测试区东风街道办事处"}


@pytest.fixture
def registry() -> UnitRegistry:
    return UnitRegistry.from_data({"area": "测试区", "units": [UNIT]}, "units.yaml")


@pytest.fixture
def rubric() -> Rubric:
    return Rubric.model_validate(TINY)


@pytest.fixture
def self_assessment(registry: UnitRegistry, rubric: Rubric) -> Workbook:
    headings = Headings.load(FORMS, "self_assessment", 2020)
    return blank_forms.self_assessment_form(registry, registry["ST01"], rubric, headings)


def cells(workbook: Workbook) -> dict[str, object]:
    return {
        cell.coordinate: cell.value
        for row in workbook.worksheets[0].iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_self_assessment_prints_year_form_class_and_unit(self_assessment: Workbook) -> None:
    sheet = self_assessment.worksheets[0]
    assert sheet["A1"].value == "2020年度测试区安全生产和消防工作巡查考核自评表（街道镇）"
    assert (sheet["A2"].value, sheet["B2"].value) == ("单位", "东风街道")
    assert str(sheet["A3"].value).startswith("示范细则（非正式文件）")
    assert [cell.value for cell in sheet[4]] == [
        "序号", "考核内容", "分值", "评分标准", "考评方式", "自评分", "扣分原因", "佐证材料",
    ]  # fmt: skip


def test_items_stand_under_their_theme_with_sums(self_assessment: Workbook) -> None:
    sheet = self_assessment.worksheets[0]
    first = [sheet.cell(row, 1).value for row in range(5, 13)]
    assert first == ["一、责任（60分）", 1, "小计", "二、治理（40分）", 2, "小计", "合计", "加分申报"]
    assert sheet["F7"].value == "=SUM(F6:F6)"
    assert sheet["F11"].value == "=F7+F10"
    assert sheet["C11"].value == 100


def test_only_fill_in_cells_are_unlocked_and_there_is_no_password(self_assessment: Workbook) -> None:
    sheet = self_assessment.worksheets[0]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    unlocked = {
        cell.coordinate for row in sheet.iter_rows(min_row=5, max_row=11) for cell in row if not cell.protection.locked
    }
    assert unlocked == {"F6", "G6", "H6", "F9", "G9", "H9"}


def test_self_mark_must_lie_between_zero_and_full_marks(self_assessment: Workbook) -> None:
    checks = {str(check.sqref): check for check in self_assessment.worksheets[0].data_validations.dataValidation}
    assert (checks["F6"].type, checks["F6"].formula1, checks["F6"].formula2) == ("decimal", "0", "60")


def test_rows_are_high_enough_for_their_text(self_assessment: Workbook) -> None:
    sheet = self_assessment.worksheets[0]
    text = str(sheet["B6"].value)
    needed = lines(text, sheet.column_dimensions["B"].width) * 10 * 1.3
    assert sheet.row_dimensions[6].height >= needed


def test_print_set_up_repeats_the_heading_and_numbers_pages(self_assessment: Workbook) -> None:
    sheet = self_assessment.worksheets[0]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$4:$4"
    assert "&P" in sheet.oddFooter.center.text
    assert sheet.freeze_panes == "A5"


def test_form_of_2018_has_no_evidence_column(registry: UnitRegistry, rubric: Rubric) -> None:
    headings = Headings.load(FORMS, "self_assessment", 2018)
    form = blank_forms.self_assessment_form(registry, registry["ST01"], rubric, headings)
    assert [cell.value for cell in form.worksheets[0][4]][-1] == "扣分说明"


def test_pledge_report_asks_for_the_rubrics_figures_only(registry: UnitRegistry, rubric: Rubric) -> None:
    headings = Headings.load(FORMS, "pledge_report", 2020)
    form = blank_forms.pledge_report_form(registry, registry["ST01"], rubric, headings)
    values = list(cells(form).values())
    assert "发现隐患数" in values
    assert "死亡人数" not in values
    assert values.index("一、年度承诺事项") < values.index("指标名称")


def test_onsite_record_has_rows_for_each_item_and_lists_its_clauses(registry: UnitRegistry, rubric: Rubric) -> None:
    headings = Headings.load(FORMS, "onsite_record", 2020)
    form = blank_forms.onsite_form(registry, registry["ST01"], rubric, headings, {"reporting": 3})
    sheet = form.worksheets[0]
    assert [sheet.cell(row, 1).value for row in range(5, 10)] == [1, 1, 2, 2, 2]
    lists = {str(check.sqref): check.formula1 for check in sheet.data_validations.dataValidation}
    assert lists["F7 F8 F9"] == '"（1）,（2）"'
    assert lists["H7 H8 H9"] == '"迟报,漏报"'
    assert lists["D2"] == '"第一组,第二组"'
    assert sheet["F7"].number_format == "@"


def test_registers_offer_the_listed_words(registry: UnitRegistry, rubric: Rubric) -> None:
    kinds = blank_forms.decision_kinds(REPOSITORY / "data" / "lookups")
    form = blank_forms.decisions_form(registry, kinds, Headings.load(FORMS, "decisions", 2020), lines=3)
    lists = [check.formula1 for check in form.worksheets[0].data_validations.dataValidation if check.type == "list"]
    assert '"东风街道"' in lists
    assert any(words.startswith('"酌情扣分,') for words in lists)


def test_accident_statistics_have_a_row_for_each_unit_and_sums(registry: UnitRegistry, rubric: Rubric) -> None:
    form = blank_forms.accidents_form(registry, [rubric], Headings.load(FORMS, "accidents", 2020))
    sheet = form.worksheets[0]
    assert [sheet["A5"].value, sheet["A6"].value, sheet["B6"].value] == ["东风街道", "合计", "=SUM(B5:B5)"]


def test_forms_have_the_same_bytes_each_time_and_name_no_person(
    registry: UnitRegistry, rubric: Rubric, tmp_path: Path
) -> None:
    headings = Headings.load(FORMS, "pledge_report", 2020)
    twice = [workbook_bytes(blank_forms.pledge_report_form(registry, registry["ST01"], rubric, headings)) for _ in "12"]
    assert twice[0] == twice[1]
    path = tmp_path / "form.xlsx"
    path.write_bytes(twice[0])
    properties = openpyxl.load_workbook(path).properties
    assert properties.creator == "安全生产委员会办公室"
    assert properties.lastModifiedBy is None


@pytest.fixture
def rules(rubric: Rubric) -> YearRules:
    policy = Policy.load(REPOSITORY / "data" / "rubrics" / "2020" / "policy.yaml")
    return YearRules(year=2020, policy=policy, rubrics=(rubric,))


def test_all_forms_of_a_year_are_written_once_and_again_without_change(
    registry: UnitRegistry, rules: YearRules, tmp_path: Path
) -> None:
    first = blank_forms.write_forms(Workspace.open(), registry, rules, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in first] == [
        "自评表/ST01_东风街道_自评表.xlsx",
        "履职践诺报告书/ST01_东风街道_履职践诺报告书.xlsx",
        "现场巡查/ST01_东风街道_现场巡查记录.xlsx",
        "专项督查/2020年专项督查问题清单.xlsx",
        "统计/2020年事故和火灾统计表.xlsx",
        "登记/2020年裁定登记表.xlsx",
        "登记/2020年收件登记表.xlsx",
    ]
    assert blank_forms.write_forms(Workspace.open(), registry, rules, tmp_path) == first


def test_a_form_that_somebody_filled_in_is_not_overwritten(
    registry: UnitRegistry, rules: YearRules, tmp_path: Path
) -> None:
    first, *_ = blank_forms.write_forms(Workspace.open(), registry, rules, tmp_path)
    first.write_bytes(b"filled in")
    with pytest.raises(Refused, match="没有覆盖"):
        blank_forms.write_forms(Workspace.open(), registry, rules, tmp_path)
    assert first.read_bytes() == b"filled in"
