"""The shipped sample: complete, small, marked synthetic, untidy where it says so, and written again byte for byte."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from analytics import intake, scoring
from analytics.policy import YearRules
from analytics.units import UnitRegistry
from analytics.workspace import REPOSITORY, Inbox, Workspace
from data.sample import generate, stories
from data.sample.draw import STEP, plan_unit
from data.sample.plan import UnitYear

SAMPLE = REPOSITORY / "data" / "sample"
MAGIC = b"PK\x03\x04"


def workbooks(year: int) -> Iterator[Path]:
    for path in sorted((SAMPLE / str(year)).rglob("*")):
        if path.is_file() and path.read_bytes()[:4] == MAGIC:
            yield path


@cache
def plans(year: int) -> dict[str, UnitYear]:
    workspace = Workspace.open()
    registry = UnitRegistry.load(workspace.units)
    rules = YearRules.load(workspace, registry, year)
    deadline = rules.policy.submission.value.deadline
    return {unit.id: plan_unit(unit, rules.rubric(unit.kind), deadline) for unit in registry.in_year(year)}


def members(content: bytes) -> dict[str, tuple[tuple[int, ...], bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {member.filename: (member.date_time, archive.read(member)) for member in archive.infolist()}


@cache
def cell(file: str, address: str) -> object:
    path = SAMPLE / file
    sheet, _, place = address.rpartition("!")
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    return (book[sheet] if sheet else book.worksheets[0])[place].value


@pytest.mark.parametrize("year", stories.YEARS)
def test_every_year_has_every_form(year: int) -> None:
    folder = SAMPLE / str(year)
    counts = {
        name: sum(1 for path in workbooks(year) if path.parent.name == name)
        for name in ("自评表", "履职践诺报告书", "现场巡查", "专项督查", "统计", "登记")
    }
    assert counts["自评表"] >= 30
    assert counts == counts | {"履职践诺报告书": 30, "现场巡查": 10, "专项督查": 3, "统计": 1, "登记": 2}
    for plan in plans(year).values():
        assert list(folder.glob(f"自评表/*{plan.unit.name}*")), plan.unit.name
        assert list(folder.glob(f"履职践诺报告书/{plan.unit.name}*")), plan.unit.name


def test_sample_is_small() -> None:
    assert (
        sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.suffix != ".pyc" and path.is_file()) < 4_000_000
    )


@pytest.mark.parametrize("year", stories.YEARS)
def test_every_workbook_says_that_it_is_synthetic(year: int) -> None:
    escaped = "".join(f"&#{ord(c)};" for c in stories.NOTE).encode()
    for path in workbooks(year):
        content = members(path.read_bytes())["xl/worksheets/sheet1.xml"][1]
        third = content.partition(b'<row r="3"')[2].partition(b"</row>")[0]
        assert escaped in third or stories.NOTE.encode() in third, path.name


def test_invented_persons_are_marked() -> None:
    for plan in (plan for year in stories.YEARS for plan in plans(year).values()):
        assert all(finding.person.endswith("（示例）") for finding in plan.findings if finding.person)
        assert all(ruling.person.endswith("（示例）") for ruling in plan.rulings)


def test_one_year_is_written_again_with_the_same_bytes() -> None:
    """The members of each archive, their order and dates; the packed bytes too depend on the system's zlib."""
    workspace = Workspace.open()
    inbox = generate.build_year(workspace, UnitRegistry.load(workspace.units), 2018)
    folder = SAMPLE / "2018"
    assert sorted(inbox.files) == sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    for name, content in inbox.files.items():
        committed = (folder / name).read_bytes()
        assert content == committed or list(members(content).items()) == list(members(committed).items()), name


@pytest.mark.parametrize("year", stories.YEARS)
def test_plans_come_to_the_totals_of_their_story(year: int) -> None:
    for plan in plans(year).values():
        off = abs(plan.total - stories.total(plan.unit.id, year))
        reweighted = "不涉及" in plan.self_marks.values()
        assert off < STEP if reweighted else off == 0, plan.unit.name


@pytest.mark.parametrize("year", stories.YEARS)
def test_intake_and_scoring_come_to_the_planned_totals(year: int) -> None:
    """The plans work out each total by themselves, so this checks reading and scoring from end to end."""
    workspace = Workspace.open()
    registry = UnitRegistry.load(workspace.units)
    rules = YearRules.load(workspace, registry, year)
    received = intake.receive(workspace, registry, rules, Inbox(workspace.sample(year), synthetic=True))
    cards = scoring.score_year(rules, registry, received.observations, received.decisions)
    assert {card.unit: card.total for card in cards} == {unit: plan.total for unit, plan in plans(year).items()}
    assert {card.unit for card in cards if card.waiting} == set()
    rejected = [s for s in received.submissions if s.outcome == "rejected"]
    valid = {(s.unit, s.form) for s in received.submissions if s.counts}
    assert all((s.unit, s.form) in valid for s in rejected)


def test_last_years_accident_figures_are_those_of_last_years_workbook() -> None:
    for year in stories.YEARS[1:]:
        for unit, plan in plans(year).items():
            before = plans(year - 1)[unit].accidents
            for name in ("accidents", "deaths", "fires"):
                assert plan.accidents[f"{name}_last_year"] == before[name], (year, unit, name)


def test_deductions_recur_and_findings_stay_open() -> None:
    lost = {
        year: {
            (unit, finding.item.id) for unit, plan in plans(year).items() for finding in plan.findings if finding.rule
        }
        for year in stories.YEARS
    }
    assert len(lost[2019] & lost[2020]) > 40
    assert len(lost[2018] & lost[2019] & lost[2020]) > 10
    left = [finding for plan in plans(2020).values() for finding in plan.findings if finding.rectified == "未整改"]
    assert len(left) > 20


def test_self_marks_run_high() -> None:
    totals = [
        sum(float(mark) for mark in plan.self_marks.values() if mark is not None and not isinstance(mark, str))
        for plan in plans(2020).values()
    ]
    assert min(totals) > 94
    assert totals.count(100) >= 3


def test_every_kind_of_decision_is_used() -> None:
    kinds = {ruling.kind for year in stories.YEARS for plan in plans(year).values() for ruling in plan.rulings}
    assert kinds == {
        "酌情扣分", "补定分数", "不涉及", "复核", "虚报加倍", "百分外扣分", "逾期扣分", "加分", "否决", "解除",
    }  # fmt: skip


def untidy() -> list[tuple[str, str, str]]:
    """Kind, file and place of every line of the table in the README."""
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| 20")]
    return [(kind, f"{year}/{file}", where) for year, kind, file, where, _ in lines]


def test_readme_lists_every_untidiness_with_its_file() -> None:
    assert len({kind for kind, *_ in untidy()}) >= 18
    for _, file, _ in untidy():
        assert (SAMPLE / file).is_file(), file


# What stands in the cell that the README names, by kind of untidiness.
WRITTEN = {
    "分数用全角数字": "[０-９．]+",
    "分数带“分”字": "[0-9.]+分",
    "分数和“分”字之间有空格": "[0-9.]+ 分",
    "数字存成文本": "[0-9.]+",
    "分数写“满分”": "满分",
    "日期用年月日书写": "20[0-9]{2}年[0-9]+月[0-9]+日",
    "日期用点分隔": r"2020\.1[01]\.[0-9]+",
    "日期是8位数字的文本": "202011[0-9]{2}",
    "单位写俗称": "长寿街道",
    "单位名称中间有空格": " 真如镇　街道 ",
    "单位写公章全称": "上海市普陀区发展和改革委员会",
    "单位写旧名（已过期一年）": "区规土局",
    "单位写旧名（在用期内）": "区环保局|区安监局|区卫计委|区公安消防支队",
    "表头有空格和换行": r"[\s\S]*\s[\s\S]*",
    "多出一列“备注2”": "备注2",
    "部门用了街道镇的表": "2020年度普陀区安全生产和消防工作巡查考核自评表（街道镇）",
    "数字带单位": "[0-9]+次",
    "数字用全角数字": "[０-９]+",
    "条款括号用半角": r"\([1-9]\)",
    "整改期限写作中文日期": "202[01]年[0-9]+月[0-9]+日",
    "条目序号存成文本": " [0-9]+",
    "序号存成文本": "[0-9]+ ",
    "督查日期用斜线分隔": "2020/6/[0-9]+",
    "没有发生写作“无”": "无",
    "统计表里单位写别名": "宜川街道",
    "裁定日期用点分隔": r"2020\.11\.[0-9]{2}",
    "多出一张工作表“说明”": "本表由办公室汇总.*",
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_untidiness_is_where_the_readme_says(kind: str) -> None:
    places = [(file, address) for k, file, where in untidy() if k == kind for address in where.split("、")]
    assert places
    for file, address in places:
        written = cell(file, address)
        assert isinstance(written, str)
        assert re.fullmatch(WRITTEN[kind], written), (file, address, written)


def place(kind: str) -> tuple[Path, str]:
    return next((SAMPLE / file, where) for k, file, where in untidy() if k == kind and file.startswith("2020"))


def test_date_as_a_serial_number_is_a_bare_number() -> None:
    path, address = place("日期是Excel天数")
    serial = openpyxl.load_workbook(path).worksheets[0][address].value
    assert isinstance(serial, int)


def test_hidden_blank_and_merged_cells_are_there() -> None:
    path, hidden = place("隐藏行")
    _, blank = place("插入空行")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet.row_dimensions[int(hidden.strip("第行"))].hidden
    assert all(c.value is None for c in sheet[int(blank.strip("第行"))])
    path, area = place("佐证材料单元格合并")
    assert area in map(str, openpyxl.load_workbook(path).worksheets[0].merged_cells.ranges)


def test_sums_carry_the_values_excel_would_show_except_where_the_table_says() -> None:
    def total(file: str) -> object:
        book = openpyxl.load_workbook(SAMPLE / "2020/自评表" / file, data_only=True).worksheets[0]
        return next(book.cell(row, 6).value for row in range(5, book.max_row) if book.cell(row, 1).value == "合计")

    assert total("曹杨新村街道自评表.xlsx") is not None
    assert total("万里街道自评表.xlsx") is None


def test_rejected_workbooks_are_followed_by_a_valid_one() -> None:
    folder = SAMPLE / "2020/自评表"
    assert (folder / "区房管局自评表（更正）.xlsx").is_file()
    bad = openpyxl.load_workbook(folder / "区房管局自评表.xlsx").worksheets[0]
    numbers = [bad.cell(row, 1).value for row in range(5, bad.max_row)]
    assert [n for n in range(1, 35) if n not in numbers] == [30, 31, 32]
    assert bad["F6"].value > bad["C6"].value


def test_the_same_file_came_twice_under_two_names() -> None:
    folder = SAMPLE / "2020/自评表"
    assert (folder / "复件 区民防办自评表.xlsx").read_bytes() == (folder / "区民防办自评表.xlsx").read_bytes()
