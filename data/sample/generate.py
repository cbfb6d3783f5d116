"""Write the shipped sample again: ``python -m data.sample.generate`` in the repository. The same bytes every time."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from analytics.documents.blank_forms import FOLDERS, decision_kinds
from analytics.intake.headings import Headings
from analytics.policy import YearRules
from analytics.records import FormName
from analytics.units import UnitKind, UnitRegistry
from analytics.workspace import Workspace
from data.sample import filled, stories, untidiness
from data.sample.draw import plan_unit
from data.sample.filled import Draft
from data.sample.messes import MESSES
from data.sample.plan import UnitYear
from data.sample.readme import Listed, compose_readme


@dataclass(slots=True)
class Year:
    """One year's inbox being put together: files by name, when they came in, and what is untidy about them."""

    workspace: Workspace
    registry: UnitRegistry
    rules: YearRules
    plans: dict[str, UnitYear] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    received: dict[str, datetime.datetime] = field(default_factory=dict)
    listed: list[Listed] = field(default_factory=list)

    @property
    def year(self) -> int:
        return self.rules.year

    def headings(self, form: FormName) -> Headings:
        return Headings.load(self.workspace.forms, form, self.year)

    def add(self, name: str, draft: Draft, day: datetime.date | None = None) -> None:
        """A file of the inbox; with a ``day`` it is in the register of receipts, in the afternoon of that day."""
        self.files[name] = draft.bytes()
        if day:
            minute = len(self.received) * 7
            self.received[name] = datetime.datetime(day.year, day.month, day.day, 13 + minute // 60 % 4, minute % 60)

    def tell(self, kind: str, file: str, where: str, expected: str) -> None:
        self.listed.append(Listed(self.year, kind, file, where, expected))

    def spoil(self, draft: Draft, unit: str, form: FormName, name: str) -> None:
        for mess in MESSES:
            if (mess.year, mess.unit, mess.form) == (self.year, unit, form):
                self.tell(mess.kind, name, mess.spoil(draft, self.plans[unit]), mess.expected)


def build_year(workspace: Workspace, registry: UnitRegistry, year: int) -> Year:
    """All files of one year, in memory."""
    rules = YearRules.load(workspace, registry, year)
    deadline = rules.policy.submission.value.deadline
    inbox = Year(workspace, registry, rules)
    for unit in registry.in_year(year):
        inbox.plans[unit.id] = plan_unit(unit, rules.rubric(unit.kind), deadline)
    for plan in inbox.plans.values():
        _add_self_assessment(inbox, plan)
        _add_pledge_report(inbox, plan)
        if plan.visit:
            _add_onsite_record(inbox, plan)
    _add_office_files(inbox)
    _tell_odd_marks(inbox)
    _add_litter(inbox)
    return inbox


# (year, unit) → how the unit names its file; {} is the unit's name. Everyone else: 长寿路街道自评表.xlsx
_NAMES: dict[tuple[int, str], tuple[str, str]] = {
    (2020, "SR08"): ("{}自评表最终版.xlsx", "文件名带“最终版”"),
    (2020, "SR09"): ("{}自评表（盖章）.xlsx", "文件名有全角括号"),
    (2020, "SR15"): ("{}自评表 (1).xlsx", "文件名带“(1)”"),
    (2020, "SR11"): ("{}自评表.xls", "后缀写错：.xlsx存成.xls"),
    (2019, "SR03"): ("{}自评表.et", "后缀写错：.xlsx存成.et"),
    (2019, "ID03"): ("附件2 {}自评表.xlsx", "文件名带“附件2”和空格"),
    (2018, "SR08"): ("{}自评表（最终版）(2).xlsx", "文件名带“（最终版）(2)”"),
}
_TWO_VERSIONS = {(2018, "ST09"), (2019, "ST03"), (2020, "ST04")}
_REJECTED = {(2019, "ST06"), (2020, "SR10")}
_WRONG_CLASS = {(2020, "ID02")}
_COPIED = {(2020, "SR12")}


def _add_self_assessment(inbox: Year, plan: UnitYear) -> None:
    unit, key = plan.unit, (inbox.year, plan.unit.id)
    headings, folder = inbox.headings("self_assessment"), FOLDERS["self_assessment"]
    name = f"{folder}/{unit.name}自评表.xlsx"
    if key in _NAMES:
        pattern, kind = _NAMES[key]
        name = f"{folder}/{pattern.format(unit.name)}"
        inbox.tell(kind, name, "文件名", "按内容认，照常读入")
    earlier = plan.handed_in - datetime.timedelta(2)
    if key in _TWO_VERSIONS:
        _add_first_version(inbox, plan, name, earlier)
        name = f"{folder}/{unit.name}自评表（修改）.xlsx"
    if key in _REJECTED:
        draft = filled.self_assessment(inbox.registry, headings, plan)
        where = untidiness.too_high_and_cut(draft, plan)
        inbox.add(name, draft, earlier)
        inbox.tell("分数超过分值，且缺条目", name, where, "整表退回；后来的一份有效")
        name = f"{folder}/{unit.name}自评表（更正）.xlsx"
    if key in _WRONG_CLASS:
        streets = inbox.rules.rubric(UnitKind.STREET_TOWN)
        inbox.add(name, filled.self_assessment(inbox.registry, headings, plan, streets), earlier)
        inbox.tell("部门用了街道镇的表", name, "A1", "整表退回；后来的一份有效")
        name = f"{folder}/{unit.name}自评表（重报）.xlsx"
    draft = filled.self_assessment(inbox.registry, headings, plan)
    inbox.spoil(draft, unit.id, "self_assessment", name)
    inbox.add(name, draft, plan.handed_in)
    if key in stories.LATE:
        inbox.tell("逾期报送", name, "收件登记表", f"记逾期{stories.LATE[key]}日；登记表中有“逾期扣分”")
    if key in _COPIED:
        copy = f"{folder}/复件 {unit.name}自评表.xlsx"
        inbox.files[copy], inbox.received[copy] = inbox.files[name], inbox.received[name]
        inbox.tell("同一文件换名又报一次", copy, "整个文件", "内容相同，只计一份")


def _add_first_version(inbox: Year, plan: UnitYear, name: str, day: datetime.date) -> None:
    """An earlier version, with half a point more taken off one item."""
    draft = filled.self_assessment(inbox.registry, inbox.headings("self_assessment"), plan)
    draft.label("填报日期", day)
    item = next(i for i in plan.items if plan.self_marks[i.id] == i.full_marks)
    draft.write("self_mark", draft.rows()[item.no][0], item.full_marks - Decimal("0.5"))
    draft.write("reason", draft.rows()[item.no][0], "有一次会议没有形成纪要，自扣0.5分")
    filled.compute_sums(draft)
    inbox.add(name, draft, day)
    inbox.tell("同一单位先后报两份", name, "整个文件", "以后来的一份为准，这一份留存备查")


def _add_pledge_report(inbox: Year, plan: UnitYear) -> None:
    draft = filled.pledge_report(inbox.registry, inbox.headings("pledge_report"), plan)
    name = f"{FOLDERS['pledge_report']}/{plan.unit.name}履职践诺报告书.xlsx"
    inbox.spoil(draft, plan.unit.id, "pledge_report", name)
    inbox.add(name, draft, plan.handed_in)
    if measure := stories.UNCHECKED.get((inbox.year, plan.unit.id)):
        label = plan.rubric.measure(measure).label
        inbox.tell("核定数没有填", name, f"“{label}”一行", "有关条款不计算，列为假定")


def _add_onsite_record(inbox: Year, plan: UnitYear) -> None:
    draft = filled.onsite_record(inbox.registry, inbox.headings("onsite_record"), plan)
    name = f"{FOLDERS['onsite_record']}/{plan.group}_{plan.unit.name}现场巡查记录.xlsx"
    inbox.spoil(draft, plan.unit.id, "onsite_record", name)
    inbox.add(name, draft)


def _add_office_files(inbox: Year) -> None:
    """What the office itself keeps: special inspections, statistics, the two registers."""
    registry, rubrics, plans, year = inbox.registry, inbox.rules.rubrics, list(inbox.plans.values()), inbox.year
    for number, campaign in enumerate(stories.campaigns(year)):
        draft = filled.special_findings(registry, inbox.headings("special_findings"), rubrics, plans, number)
        name = f"{FOLDERS['special_findings']}/{campaign.name}问题清单.xlsx"
        if year == 2020 and number == 1:
            _spoil_special(inbox, draft, name)
        inbox.add(name, draft)
    draft = filled.accidents(registry, inbox.headings("accidents"), rubrics, plans)
    name = f"{FOLDERS['accidents']}/{year}年事故和火灾统计表.xlsx"
    if year == 2020:
        _spoil_accidents(inbox, draft, name)
    inbox.add(name, draft)
    rulings = sorted(
        (r for p in plans for r in p.rulings), key=lambda r: (r.date, r.unit.id, r.number, r.kind, r.points or 0)
    )
    kinds = decision_kinds(inbox.workspace.lookups)
    draft = filled.decisions(registry, inbox.headings("decisions"), kinds, rulings)
    name = f"{FOLDERS['decisions']}/{year}年裁定登记表.xlsx"
    if year == 2020:
        where = draft.write("date", draft.header + 1, f"{rulings[0].date:%Y.%m.%d}")
        inbox.tell("裁定日期用点分隔", name, where, "读作同一日期")
    inbox.add(name, draft)
    arrivals = sorted(inbox.received.items(), key=lambda pair: (pair[1], pair[0]))
    inbox.add(
        f"{FOLDERS['receipts']}/{year}年收件登记表.xlsx",
        filled.receipts(registry, inbox.headings("receipts"), arrivals),
    )


def _spoil_special(inbox: Year, draft: Draft, name: str) -> None:
    letter, numbers, dates = draft.letter("unit"), draft.letter("number"), draft.letter("date")
    by_name = {unit.name: unit for unit in inbox.registry.units}
    row = draft.header + 1
    while not by_name[str(draft.sheet[f"{letter}{row}"].value)].aliases:
        row += 1
    alias = by_name[str(draft.sheet[f"{letter}{row}"].value)].aliases[0]
    inbox.tell("清单里单位写别名", name, draft.write("unit", row, alias), "认作同一单位")
    number = draft.sheet[f"{numbers}{row + 1}"].value
    inbox.tell("条目序号存成文本", name, draft.write("number", row + 1, f" {number}"), "认作同一条目")
    day = draft.sheet[f"{dates}{row + 2}"].value
    where = draft.write("date", row + 2, f"{day.year}/{day.month}/{day.day}")
    inbox.tell("督查日期用斜线分隔", name, where, "读作同一日期")


def _spoil_accidents(inbox: Year, draft: Draft, name: str) -> None:
    """Two zeros written as 无, one unit by its alias."""
    letter = draft.letter("deaths")
    rows = [r for r in range(draft.header + 1, draft.header + 31) if draft.sheet[f"{letter}{r}"].value == 0]
    where = [draft.write(column, row, "无") for column, row in (("deaths", rows[0]), ("fire_deaths", rows[4]))]
    inbox.tell("没有发生写作“无”", name, "、".join(where), "读作0")
    row = draft.header + 6
    inbox.tell("统计表里单位写别名", name, draft.write("unit", row, "宜川街道"), "认作同一单位")


def _tell_odd_marks(inbox: Year) -> None:
    """The marks that the plans themselves left undecidable."""
    for plan in inbox.plans.values():
        name = next(
            n for n in reversed(inbox.files) if n.startswith("自评表/") and plan.unit.name in n and "复件" not in n
        )
        seen = {f.item.id for f in plan.findings}
        for item in plan.items:
            written = plan.self_marks[item.id]
            if isinstance(written, Decimal):
                continue
            if written == "不涉及":
                kind, expected = "自评分写“不涉及”", "不能认定；登记表中有“不涉及”，其分值按比例分摊"
            elif written:
                kind, expected = "自评分是一个范围", "不能认定，待裁定；登记表中有“补定分数”"
            elif item.id in seen:
                kind, expected = "自评分空白，但有核查结果", "按核定分计，提示空白"
            else:
                kind, expected = "自评分空白，又无核查结果", "不当作0分，待裁定；登记表中有“补定分数”"
            inbox.tell(kind, name, f"第{item.no}项", expected)


def _add_litter(inbox: Year) -> None:
    if inbox.year != 2020:
        return
    litter = {
        "自评表/~$长寿路街道自评表.xlsx": "\x06示例用户".encode().ljust(165, b" "),
        "自评表/Thumbs.db": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504),
        ".DS_Store": bytes.fromhex("0000000142756431") + bytes(120),
        "README.txt": "合成示例数据，非真实考核结果。请各单位把表放到对应文件夹。\r\n".encode("gb18030"),
    }
    for name, content in litter.items():
        inbox.files[name] = content
        inbox.tell("不是报表的文件", name, "整个文件", "忽略，并列出")


def write_year(inbox: Year, folder: Path) -> None:
    for name, content in sorted(inbox.files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def years(workspace: Workspace) -> Iterator[Year]:
    registry = UnitRegistry.load(workspace.units)
    for year in stories.YEARS:
        yield build_year(workspace, registry, year)


def main(folder: Path) -> None:
    """Write every year and the README into ``folder``."""
    built = list(years(Workspace.open()))
    for inbox in built:
        write_year(inbox, folder / str(inbox.year))
    listed = [line for inbox in reversed(built) for line in inbox.listed]
    text = compose_readme(listed, {inbox.year: inbox.plans for inbox in built})
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
