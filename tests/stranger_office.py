"""An office that no code knows (tests/files/stranger): its blank forms filled in as its units and inspectors would."""

from __future__ import annotations

import datetime
import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from analytics.cli import main
from analytics.intake.headings import Headings
from analytics.records import FormName

YEAR = 2031
FILES = Path(__file__).with_name("files") / "stranger"
DEPARTMENTS = ("BM01", "BM02", "BM03", "BM04", "BM05")
MARKS: Mapping[str, Mapping[str, object]] = {
    "BM01": {"1": 10, "2": 10, "3": "全得", "4": 20, "5": 20, "6": 20},
    "BM02": {"1": 10, "2": 10, "3": 20, "4": 20, "5": 20, "6": 20},
    "BM03": {"1": 10, "2": 10, "3": 20, "4": "不承担", "5": 20, "6": 20},
    "BM04": {"1": 10, "2": 10, "3": 20, "4": 19.4, "5": 20, "6": 20},
    "BM05": {"1": 10, "2": 10, "3": 20, "4": 20, "5": 20, "6": 20},
    "XZ01": {"1": 30, "2": 30, "3": 40},
    "XZ02": {"1": 30, "2": 30, "3": 40},
    "XZ03": {"1": 30, "2": 30, "3": 40},
}
# training, planned, done, sites, fixed, daily; what was not reported stays blank
FIGURES: Mapping[str, Sequence[object]] = {
    "BM01": (15, 10, 9, 30, 40, 88),
    "BM02": (25, 8, 8, 25, 50, None),
    "BM03": (20, 5, 5, 0, 10, 90),
    "BM04": (20, 5, 5, 0, 30, 90),
    "BM05": (30, 3, 3, 0, 20, 95.5),
    "XZ01": (12, 80),
    "XZ02": (10, 80),
    "XZ03": (10, 90),
    "XZ04": (5, None),
}
# item, what was found, clause, how often, how grave
VISITS: Mapping[str, Sequence[tuple[str, str, str, object, str]]] = {
    "BM01": (
        ("1", "两起事故没有报告", "1", 2, ""),
        ("3", "中心站通过验收", "1", 1, ""),
        ("3", "全年没有集中宣传", "2", 0, ""),
        ("6", "演练记录没有签到", "2", 1, "不完善"),
    ),
    "BM02": (("1", "合格", "", None, ""), ("3", "通过验收", "1", 1, ""), ("3", "宣传台账", "2", 6, "")),
    "BM03": (("3", "通过验收", "1", 1, ""), ("3", "宣传台账", "2", 3, ""), ("6", "古戏台没有整治", "1", 1, "")),
    "XZ01": (("1", "三季度没有研究", "1", 1, ""), ("3", "没有台账", "2", 1, "未建立")),
}
# unit, item, what, clause, count
CAMPAIGN = (("县气象局", 7, "两次预警晚于上级", "1", 2), ("县气象局", 4, "观测场没有责任人", "1", 1))
# number, unit, kind, item, clause, points, matter, reference
DECISIONS = (
    ("裁01", "县交通局", "酌定", 2, "2", 0.5, None, "临安〔2031〕1号"),
    ("裁02", "县文旅局", "不承担", 4, None, None, None, "临安〔2031〕2号"),
    ("裁03", "县气象局", "换考", 6, "7", None, None, "临安〔2031〕3号"),
    ("裁04", "县气象局", "加分", None, "1", 1, "预警创新", "市安〔2030〕5号"),
    ("裁05", "县住建局", "加分", None, "1", 1, "示范工地", "市安〔2031〕9号"),
)


@dataclass
class Form:
    """A blank form being filled in: cells by our column names and the row's first words."""

    path: Path
    form: FormName

    def __post_init__(self) -> None:
        self.workbook = openpyxl.load_workbook(self.path)
        self.sheet: Worksheet = self.workbook.worksheets[0]
        headings = Headings.load(FILES / "data" / "forms", self.form, YEAR)
        wanted = set(headings.columns.values())
        cells = max(self.sheet.iter_rows(), key=lambda row: len(wanted & {cell.value for cell in row}))
        self.header = cells[0].row
        names = {heading: name for name, heading in headings.columns.items()}
        self.columns = {names[cell.value]: cell.column for cell in cells if cell.value in names}

    def rows(self, name: str, value: object) -> list[int]:
        """The rows that hold ``value`` under our column ``name``."""
        below = range(self.header + 1, self.sheet.max_row + 1)
        return [row for row in below if self.sheet.cell(row, self.columns[name]).value == value]

    def write(self, row: int, **values: object) -> None:
        for name, value in values.items():
            if value not in (None, ""):
                cell = self.sheet.cell(row, self.columns[name])
                assert not cell.protection.locked, f"{self.path.name}!{cell.coordinate} is not to be written in"
                cell.value = value  # type: ignore[assignment]

    def label(self, text: str, value: object) -> None:
        cell = next(cell for cell in self.sheet[2] if cell.value == text)
        self.sheet.cell(2, cell.column + 1).value = value  # type: ignore[assignment]

    def save(self, folder: Path) -> None:
        stream = io.BytesIO()
        self.workbook.save(stream)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.path.name).write_bytes(stream.getvalue())


def opened_office(root: Path) -> Path:
    """The office's files at ``root``, with its blank forms made, filled in and laid into the inbox."""
    shutil.copytree(FILES / "data", root / "data")
    assert main(["--workspace", str(root), "forms", "--year", str(YEAR), "--out", str(root / "forms")]) == 0
    inbox = root / "data" / "incoming" / str(YEAR)
    for path in sorted((root / "forms").rglob("*.xlsx")):
        unit = path.name.partition("_")[0]
        folder = path.parent.name
        if folder == "自评表" and unit in MARKS:
            self_assessment(path, MARKS[unit]).save(inbox)
        elif folder == "履职践诺报告书":
            pledge(path, FIGURES[unit]).save(inbox)
        elif folder == "现场巡查" and unit in VISITS:
            visit(path, VISITS[unit]).save(inbox)
        elif folder == "专项督查":
            campaign(path).save(inbox)
        elif folder == "统计":
            accidents(path).save(inbox)
        elif folder == "登记" and "裁决" in path.name:
            decisions(path).save(inbox)
    return root


def self_assessment(path: Path, marks: Mapping[str, object]) -> Form:
    form = Form(path, "self_assessment")
    for number, mark in marks.items():
        (row,) = form.rows("number", int(number))
        reason = "本单位没有此项职责" if isinstance(mark, str) and mark == "不承担" else ""
        form.write(row, self_mark=mark, reason=reason)
    form.label("填报日期", datetime.date(YEAR, 12, 5))
    return form


def pledge(path: Path, figures: Sequence[object]) -> Form:
    form = Form(path, "pledge_report")
    rows = [row for row in range(form.header + 1, form.sheet.max_row + 1) if form.sheet.cell(row, 1).value]
    for row, figure in zip(rows, figures, strict=False):
        form.write(row, reported=figure, checked=figure)
    form.label("主要负责人", "何某（示例）")
    section = next(cell.row for (cell,) in form.sheet.iter_rows(max_col=1) if cell.value == "一、工作情况")
    form.sheet.cell(section + 1, 1).value = "全年工作按计划完成。"
    return form


def visit(path: Path, found: Sequence[tuple[str, str, str, object, str]]) -> Form:
    form = Form(path, "onsite_record")
    form.label("巡查日期", datetime.date(YEAR, 11, 20))
    form.label("组别", "第一组")
    free = {number: form.rows("number", int(number)) for number, *_ in found}
    for number, fact, rule, count, level in found:
        clause = f"（{rule}）" if rule else ""
        form.write(
            free[number].pop(0), fact=fact, rule=clause, count=count, level=level, evidence=rule and f"附{number}"
        )
    return form


def campaign(path: Path) -> Form:
    form = Form(path, "special_findings")
    form.label("督查名称", "冬季专项行动")
    for row, (unit, number, fact, rule, count) in enumerate(CAMPAIGN, start=form.header + 1):
        form.write(row, unit=unit, date=datetime.date(YEAR, 11, 3), number=number, fact=fact, rule=rule, count=count)
        form.write(row, rectified="改好")
    return form


def accidents(path: Path) -> Form:
    form = Form(path, "accidents")
    for row in range(form.header + 1, form.sheet.max_row):
        unit = form.sheet.cell(row, form.columns["unit"]).value
        form.write(row, major_accidents=1 if unit == "县农业农村局" else 0)
    return form


def decisions(path: Path) -> Form:
    form = Form(path, "decisions")
    form.label("登记部门", "县安委办")
    for row, (number, unit, kind, item, clause, points, matter, reference) in enumerate(DECISIONS, form.header + 1):
        form.write(
            row, id=number, unit=unit, kind=kind, number=item, clause=clause, points=points, matter=matter,
            reason="会议研究", person="何某（示例）", date=datetime.date(YEAR, 12, 15), reference=reference,
        )  # fmt: skip
    return form
