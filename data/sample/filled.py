"""The year's forms filled in from the plans: tidy workbooks, as careful people would hand them in."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from analytics.documents import blank_forms
from analytics.documents.form_layout import fit_rows, workbook_bytes
from analytics.intake.headings import Headings
from analytics.rubric import Item, Rubric
from analytics.units import UnitRegistry
from data.sample import stories
from data.sample.plan import Finding, Ruling, UnitYear

_EVIDENCE = (
    "会议纪要、签到表",
    "责任书扫描件",
    "检查记录复印件",
    "台账截图",
    "影像资料",
    "文件原件",
    "统计表",
    "工作总结",
)


@dataclass(slots=True)
class Draft:
    """A workbook being filled in. ``cached`` holds what Excel would have computed for its formulas."""

    workbook: Workbook
    headings: Headings
    cached: dict[str, Decimal] = field(default_factory=dict)
    header: int = field(init=False)  # the row of the column headings
    _letters: dict[str, str] = field(init=False)

    @property
    def sheet(self) -> Worksheet:
        return self.workbook.worksheets[0]

    def __post_init__(self) -> None:
        wanted = set(self.headings.columns.values())
        rows = self.sheet.iter_rows()
        cells = next(row for row in rows if len(wanted & {cell.value for cell in row}) > len(wanted) / 2)
        self.header = cells[0].row
        self._letters = {str(cell.value): str(cell.column_letter) for cell in cells}

    def letter(self, name: str) -> str:
        """The letter of our column ``name``."""
        return self._letters[self.headings.columns[name]]

    def write(self, name: str, row: int, value: object) -> str:
        """Put ``value`` into our column ``name``, where the year's form has it. Returns the address."""
        if name not in self.headings.columns:
            return ""
        address = f"{self.letter(name)}{row}"
        self.sheet[address] = plain(value)
        return address

    def label(self, text: str, value: object) -> str:
        """Write beside a label of row 2."""
        cell = next(cell for cell in self.sheet[2] if cell.value == text)
        beside = self.sheet.cell(2, cell.column + 1)
        beside.value = plain(value)
        return str(beside.coordinate)

    def rows(self, column: str = "number") -> dict[str, list[int]]:
        """Item number → the rows that carry it, below the headings."""
        found: dict[str, list[int]] = {}
        letter = self.letter(column)
        for row in range(self.header + 1, self.sheet.max_row + 1):
            value = self.sheet[f"{letter}{row}"].value
            if isinstance(value, int):
                found.setdefault(str(value), []).append(row)
        return found

    def bytes(self) -> bytes:
        fit_rows(self.sheet)
        return workbook_bytes(self.workbook, self.cached)


def plain(value: object) -> object:
    """Decimals as the number Excel would hold."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _opened(workbook: Workbook, headings: Headings) -> Draft:
    draft = Draft(workbook, headings)
    draft.sheet["A3"] = f"{stories.NOTE}。{headings.year}年，由程序生成；人名、事项、文号均为虚构。"
    return draft


def self_assessment(registry: UnitRegistry, headings: Headings, plan: UnitYear, rubric: Rubric | None = None) -> Draft:
    """The unit's self-assessment; with another ``rubric``, the form of a class it does not belong to."""
    draft = _opened(blank_forms.self_assessment_form(registry, plan.unit, rubric or plan.rubric, headings), headings)
    rng = random.Random(f"self {plan.unit.id} {headings.year}")
    draft.label("联系人", f"{rng.choice(stories.PERSONS)}（示例）")
    draft.label("填报日期", plan.handed_in)
    rows = draft.rows()
    for item in (rubric or plan.rubric).items_for(plan.unit.id):
        row = rows[item.no][0]
        draft.write("self_mark", row, plan.self_marks.get(item.id, item.full_marks))
        draft.write("reason", row, plan.reasons.get(item.id))
        if rng.random() < 0.7:
            draft.write("evidence", row, f"{rng.choice(_EVIDENCE)}{rng.randint(1, 9)}份")
    _claim_bonus(draft, plan)
    compute_sums(draft)
    return draft


def _claim_bonus(draft: Draft, plan: UnitYear) -> None:
    """What the unit asks a bonus for, in the block under the total."""
    claims = [event for event in stories.EVENTS.get((draft.headings.year, plan.unit.id), ()) if event.kind == "加分"]
    start = next(row[0].row for row in draft.sheet.iter_rows() if row[0].value == "事项")
    for row, event in enumerate(claims, start=start + 1):
        clause = next(c for c in plan.rubric.bonus if c.id == event.clause)
        level = next((name for name, points in clause.levels.items() if points == event.points), "")
        draft.sheet[f"A{row}"] = event.matter
        draft.sheet[f"{draft.letter('full_marks')}{row}"] = level
        draft.sheet[f"{draft.letter('standard')}{row}"] = f"示例〔{draft.headings.year}〕{row}号"


def compute_sums(draft: Draft) -> Decimal:
    """Give the sums of a self-assessment the values Excel would compute, and return the total."""
    letter, sheet = draft.letter("self_mark"), draft.sheet
    draft.cached.clear()
    part = whole = Decimal(0)
    for row in range(draft.header + 1, sheet.max_row + 1):
        value, first = sheet[f"{letter}{row}"].value, sheet[f"A{row}"].value
        if first == "小计":
            draft.cached[f"{letter}{row}"] = part
            whole, part = whole + part, Decimal(0)
        elif first == "合计":
            draft.cached[f"{letter}{row}"] = whole
            return whole
        elif isinstance(value, int | float):
            part += Decimal(str(value))
    raise ValueError("no total on the form")


def pledge_report(registry: UnitRegistry, headings: Headings, plan: UnitYear) -> Draft:
    """The unit's report on its pledge, with the figures the office checked."""
    draft = _opened(blank_forms.pledge_report_form(registry, plan.unit, plan.rubric, headings), headings)
    rng = random.Random(f"pledge {plan.unit.id} {headings.year}")
    draft.label("主要负责人", f"{rng.choice(stories.PERSONS)}（示例）")
    draft.label("填报日期", plan.handed_in)
    paragraphs = _paragraphs(rng, plan)
    for row in range(4, draft.header):
        if str(draft.sheet[f"A{row}"].value or "").startswith(("一、", "二、", "三、", "四、")):
            draft.sheet[f"A{row + 1}"] = paragraphs.pop(0)
    for measure, rows in zip(blank_forms.pledge_measures(plan.rubric), draft.rows().values(), strict=True):
        reported, checked = plan.reported[measure.id], plan.checked[measure.id]
        draft.write("reported", rows[0], reported)
        draft.write("checked", rows[0], checked)
        if checked is not None and checked != reported:
            draft.write("note", rows[0], "核对台账后调整")
    return draft


def _paragraphs(rng: random.Random, plan: UnitYear) -> list[str]:
    weak = [f"第{finding.item.no}项：{finding.fact}" for finding in plan.findings if finding.rule][:3]
    year, name = plan.rubric.year, plan.unit.name
    return [
        f"{name}承诺：落实党政同责、一岗双责，{year}年完成年度检查计划，隐患按期整改，不发生有影响的事故。",
        f"召开专题会议{rng.randint(4, 12)}次，签订责任书{rng.randint(20, 260)}份，"
        f"班子成员带队检查，{rng.choice(('逐级传导压力', '定期通报进展', '按季评估成效'))}。",
        "；".join(weak) or "日常监管的精细化程度还不够。",
        f"{rng.choice(('对照清单逐项销号', '约谈责任单位', '纳入月度督办'))}，{year + 1}年一季度开展“回头看”。",
    ]


def onsite_record(registry: UnitRegistry, headings: Headings, plan: UnitYear) -> Draft:
    """The inspection group's record of its day at the unit."""
    found: dict[str, list[Finding]] = {}
    for finding in plan.findings:
        if finding.campaign is None:
            found.setdefault(finding.item.id, []).append(finding)
    lines = {item.id: max(1, len(found.get(item.id, []))) for item in plan.items}
    draft = _opened(blank_forms.onsite_form(registry, plan.unit, plan.rubric, headings, lines), headings)
    draft.label("组别", plan.group)
    draft.label("巡查日期", plan.visit)
    rows = draft.rows()
    for item in plan.items:
        for row, finding in zip(rows[item.no], found.get(item.id, []), strict=False):
            _write_finding(draft, row, finding)
            draft.write("place", row, finding.place)
    return draft


def _write_finding(draft: Draft, row: int, finding: Finding) -> None:
    draft.write("fact", row, finding.fact)
    if finding.rule:
        draft.write("rule", row, f"（{finding.rule}）")
        draft.write("count", row, finding.count)
        draft.write("level", row, finding.level or None)
        draft.write("proposed", row, finding.points)
        draft.write("deadline", row, finding.deadline)
        draft.write("person", row, finding.person)
        draft.write("rectified", row, finding.rectified)
        draft.write("rechecked", row, finding.rechecked)
        draft.write("passed", row, finding.passed or None)
        draft.write("evidence", row, finding.evidence)


def special_findings(
    registry: UnitRegistry, headings: Headings, rubrics: Sequence[Rubric], plans: Sequence[UnitYear], number: int
) -> Draft:
    """The list of the year's ``number``-th special inspection, over all units it went to."""
    campaign = stories.campaigns(headings.year)[number]
    found = [(plan, f) for plan in plans for f in plan.findings if f.campaign == campaign]
    found.sort(key=lambda pair: (pair[0].unit.id, pair[1].date or datetime.date.min, int(pair[1].item.no)))
    draft = _opened(blank_forms.special_form(registry, rubrics, headings, len(found)), headings)
    draft.label("督查名称", campaign.name)
    draft.label("牵头部门", campaign.lead)
    draft.label("起止日期", f"{campaign.first:%Y-%m-%d}至{campaign.last:%Y-%m-%d}")
    for row, (plan, finding) in enumerate(found, start=draft.header + 1):
        draft.write("unit", row, plan.unit.name)
        draft.write("date", row, finding.date)
        draft.write("number", row, int(finding.item.no))
        _write_finding(draft, row, finding)
    return draft


def accidents(
    registry: UnitRegistry, headings: Headings, rubrics: Sequence[Rubric], plans: Sequence[UnitYear]
) -> Draft:
    """The year's accidents and fires, with the sums computed."""
    draft = _opened(blank_forms.accidents_form(registry, rubrics, headings), headings)
    draft.label("统计口径", "生产安全事故按行业主管或属地统计；火灾按扑救统计")
    draft.label("统计截止", datetime.date(headings.year, 10, 31))
    first = draft.header + 1
    for row, plan in enumerate(plans, start=first):
        for name, value in plan.accidents.items():
            draft.write(name, row, value)
    for name in plans[0].accidents:
        draft.cached[f"{draft.letter(name)}{first + len(plans)}"] = Decimal(sum(p.accidents[name] for p in plans))
    return draft


def decisions(registry: UnitRegistry, headings: Headings, kinds: Sequence[str], rulings: Sequence[Ruling]) -> Draft:
    """The year's register of decisions, by date."""
    draft = _opened(blank_forms.decisions_form(registry, kinds, headings, len(rulings)), headings)
    draft.label("登记部门", "区安委办")
    for number, ruling in enumerate(rulings, start=1):
        values: Mapping[str, object] = {
            "id": f"裁{headings.year}-{number:03d}",
            "unit": ruling.unit.name,
            "kind": ruling.kind,
            "number": int(ruling.number) if ruling.number else None,
            "clause": ruling.clause or None,
            "points": ruling.points,
            "matter": ruling.matter or None,
            "reason": ruling.reason,
            "person": ruling.person,
            "date": ruling.date,
            "reference": f"示例安委办裁〔{headings.year}〕{number}号",
        }
        for name, value in values.items():
            draft.write(name, draft.header + number, value)
    return draft


def receipts(registry: UnitRegistry, headings: Headings, received: Sequence[tuple[str, datetime.datetime]]) -> Draft:
    """The register of received files, in the order they came in."""
    draft = _opened(blank_forms.receipts_form(registry, headings, len(received)), headings)
    draft.label("登记部门", "区安委办")
    for row, (name, moment) in enumerate(received, start=draft.header + 1):
        draft.write("file", row, name)
        draft.write("date", row, moment.date())
        draft.write("time", row, moment.time())
        draft.write("person", row, stories.DECIDERS[1])
    return draft


def item_row(draft: Draft, item: Item) -> int:
    """The (first) row of ``item`` on a form."""
    return draft.rows()[item.no][0]
