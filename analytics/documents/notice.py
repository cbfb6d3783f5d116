"""What the result notice (考核结果通报) says: grades by class, the year's figures, common problems, requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from analytics.analysis.scores import UNDECIDED
from analytics.analysis.wording import amount
from analytics.documents.labels import notice_place, setting_source, speaker
from analytics.documents.leaders import LeadersYear
from analytics.documents.official import Line, OfficialText
from analytics.policy import YearRules
from analytics.rubric import terms

if TYPE_CHECKING:
    import pandas as pd

    from analytics.analysis.class_year import ClassYear
    from analytics.store import ScoreTables

NUMERALS = "一二三四五六七八九十"
MOST_ITEMS = 3


def compose_notice(told: LeadersYear, tables: ScoreTables, rules: YearRules) -> OfficialText:
    """The notice of a scored year. Nothing in it is decided here: every sentence is counted from the record."""
    sections = (
        ("考核结果", tuple(_results(told))),
        ("年度主要数据", tuple(_figures(told))),
        ("存在的主要问题", tuple(_problems(told, tables, rules))),
        ("有关要求", tuple(_asked(told))),
    )
    lines = [Line(_basis(told, rules))]
    for number, (title, content) in zip(NUMERALS, (s for s in sections if s[1]), strict=False):
        lines += [Line(f"{number}、{title}", "heading"), *content]
    return OfficialText(
        title=f"关于{told.area}{told.year}年度\n安全生产和消防工作考核结果的通报",
        number="〔        〕    号",
        addressee="各被考核单位：",
        lines=tuple(lines),
        annex_title="计分口径与假定",
        annex=tuple(_annex(told)),
        signature="（印发单位）",
        date="        年    月    日",
        banner=told.imprint.banner,
    )


def _basis(told: LeadersYear, rules: YearRules) -> str:
    """The notice that the settings cite, and the rubrics, by the names that the files give them."""
    cited = [re.match(r"〔\d{4}〕\d+号", notice_place(setting.source)) for setting in told.scored.settings]
    notices = [f"{found[0]}通知" for found in dict.fromkeys(found for found in cited if found)]
    named = "、".join(dict.fromkeys([*notices, *(rubric.reference for rubric in rules.rubrics)]))
    units = sum(len(one.compared.table.rows) for one in told.classes)
    return f"根据{named}，对{units}个单位{told.year}年度安全生产和消防工作进行了考核。现将结果通报如下。"


def _results(told: LeadersYear) -> Iterator[Line]:
    for number, one in zip(NUMERALS, told.classes, strict=False):
        table = one.compared.table
        graded = table.decided[table.decided["grade"] != UNDECIDED]
        ranked = graded["rank"].notna().all() and len(graded) > 0
        yield Line(f"（{number}）{one.kind.label()}（{len(table.rows)}个）", "subheading")
        for grade, names in zip(table.grades["grade"], table.grades["names"], strict=True):
            if names:
                yield Line(f"{grade}（{len(names)}个）：{'、'.join(names)}。")
        for said in told.lowered(one):
            yield Line(said)
        yield Line("各等级内的单位按名次排列。" if ranked else "各等级内的单位不分先后。")


def _figures(told: LeadersYear) -> Iterator[Line]:
    for one in told.classes:
        yield Line(one.accidents.sentence)
    if len(told.classes) > 1:
        yield Line("同一起事故或火灾可能在不同类别分别统计，各类数据不相加。")


def _problems(told: LeadersYear, tables: ScoreTables, rules: YearRules) -> Iterator[Line]:
    shown = [one for one in told.classes if len(one.compared.deductions)]
    for number, one in zip(NUMERALS, shown, strict=False):
        yield Line(f"（{number}）{one.kind.label()}", "subheading")
        yield Line(f"{one.compared.deduction_sentence}{one.problems.sentence}")
        common = one.compared.deductions.sort_values(["units", "points"], ascending=False, kind="stable")
        yield Line(f"扣分单位最多的{min(MOST_ITEMS, len(common))}项是：")
        for place, row in enumerate(common.head(MOST_ITEMS).to_dict("records"), 1):
            said = f"{place}．第{row['no']}项“{row['item_text']}”，"
            said += f"{row['units']}个单位扣分，共扣{amount(row['points'])}分。"
            yield Line(said + _rule(told.year, one, row["item"], tables.losses, rules))


def _rule(year: int, one: ClassYear, item: str, losses: pd.DataFrame, rules: YearRules) -> str:
    """What the rubric says of the deduction that most units share on an item."""
    of_item = losses[(losses["year"] == year) & (losses["kind"] == one.kind) & (losses["item"] == item)]
    units = of_item[of_item["points"] > 0].groupby("rule")["unit"].nunique().drop("", errors="ignore")
    known = {rule.id: rule for rule in rules.rubric(one.kind).item(item).rules}
    units = units[units.index.isin(list(known))]
    if units.empty:
        return ""
    rule = known[str(units.idxmax())]
    return f"其中涉及单位最多的是第（{rule.id}）款（{units.max()}个）：{rule.on}{terms(rule)}。"


def _asked(told: LeadersYear) -> Iterator[Line]:
    for number, task in zip(NUMERALS, told.tasks, strict=False):
        yield Line(f"（{number}）{task.heading}", "subheading")
        yield Line(task.text)
        if task.kind == "rectify":
            yield Line(f"各单位未整改的问题数和其中最迟的整改期限：{_open_by_unit(told)}。")


def _open_by_unit(told: LeadersYear) -> str:
    rows = [row for one in told.classes for row in one.problems.units.to_dict("records") if row["open"]]
    latest = [told.day(row["latest"]) if row["latest"] else "没有写明期限" for row in rows]
    return "、".join(f"{row['unit_name']}{row['open']}个（{day}）" for row, day in zip(rows, latest, strict=True))


def _annex(told: LeadersYear) -> Iterator[Line]:
    say = speaker("zh")
    for place, setting in enumerate(told.scored.settings, 1):
        yield Line(f"{place}．{setting.says}依据：{setting_source(say, setting)}。")
    yield Line(f"{told.imprint.source}。", "note")
