"""What the deck and the result notice both say of a year: lowered grades, what is undecided, what is to be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from analytics.analysis.class_year import ClassYear
from analytics.analysis.scores import UNDECIDED
from analytics.analysis.wording import listed
from analytics.documents.colophon import imprint_of
from analytics.documents.labels import SLIP, STEPS
from analytics.figures.theme import Imprint
from analytics.store import PrintedSetting, ScoredYear


@dataclass(frozen=True, slots=True)
class Task:
    """Something that the data say is still to be done: in a few characters, under a heading, and as a sentence."""

    kind: Literal["decide", "rectify", "record", "recur", "verify", "settle"]
    short: str
    heading: str
    text: str


@dataclass(frozen=True)
class LeadersYear:
    """A scored year, its classes with every answer, and the name of the area (普陀区)."""

    scored: ScoredYear
    classes: tuple[ClassYear, ...]
    area: str

    @property
    def year(self) -> int:
        return self.scored.year

    @cached_property
    def imprint(self) -> Imprint:
        return imprint_of(self.scored)

    @property
    def assumed(self) -> tuple[PrintedSetting, ...]:
        """The settings that no notice fixes."""
        return tuple(setting for setting in self.settings if setting.source == "assumed")

    @property
    def settings(self) -> tuple[PrintedSetting, ...]:
        """How the year was scored."""
        return tuple(setting for setting in self.scored.settings if setting.name != SLIP)

    @property
    def slips(self) -> tuple[PrintedSetting, ...]:
        """What looks like a slip in the printed rubrics; it was scored as printed."""
        return tuple(setting for setting in self.scored.settings if setting.name == SLIP)

    @cached_property
    def undecided(self) -> tuple[tuple[str, int], ...]:
        """Name and number of waiting items of each unit without a total."""
        rows = [one.compared.table.rows for one in self.classes]
        return tuple(
            (row["unit_name"], row["waiting"])
            for table in rows
            for row in table[table["grade"] == UNDECIDED].to_dict("records")
        )

    def day(self, date: str) -> str:
        """A date of the record as it is said: 12月14日, with the year when it is another one."""
        year, month, day = map(int, date.split("-"))
        return f"{month}月{day}日" if year == self.year else f"{year}年{month}月{day}日"

    def lowered(self, one: ClassYear) -> tuple[str, ...]:
        """A sentence for each unit of the class whose grade is not the one of its points, with the reason."""
        rows = one.compared.table.decided
        other = rows[(rows["grade"] != rows["grade_by_points"]) & (rows["grade"] != UNDECIDED)].to_dict("records")
        return tuple(
            f"{row['unit_name']}按得分为“{row['grade_by_points']}”，因{self._because(row['unit'])}，"
            f"定为“{row['grade']}”。"
            for row in other
        )

    def _because(self, unit: str) -> str:
        # A circular says why, not which official of the office decided it; that stands in the record and the brief.
        reasons = {decision.id: decision.reason for decision in self.scored.decisions if decision.unit == unit}
        said = [
            f"{reasons.get(effect.decision, effect.because)}（{STEPS[effect.kind][0]}）"
            for effect in self.scored.card(unit).effects
            if not effect.lifted
        ]
        return "、".join(dict.fromkeys(said)) or "名额限制"

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """What is left to do, computed from the record; nothing that the data do not say."""
        return (*self._decide(), *self._rectify(), *self._recurring(), *self._verify(), *self._settle())

    def _decide(self) -> Iterator[Task]:
        if self.undecided:
            names, waiting = listed([name for name, _ in self.undecided]), sum(n for _, n in self.undecided)
            said = f"{names}有{waiting}个条目待裁定，裁定后才有总分、等级和名次。"
            if not waiting:
                said = f"{names}有事项待裁定，裁定后才有等级。"
            yield Task("decide", f"裁定{len(self.undecided)}个单位", "作出裁定", said)

    def _rectify(self) -> Iterator[Task]:
        found = [one.problems for one in self.classes]
        open_, unknown = (sum(one.count(state) for one in found) for state in ("open", "unknown"))
        if open_:
            units = pd.concat([one.units for one in found if len(one.units)])
            most = units[units["open"] == units["open"].max()]
            each = "各" if len(most) > 1 else ""
            said = f"检查发现的问题中有{open_}个记录为未整改，涉及{int((units['open'] > 0).sum())}个单位，"
            said += f"最多的是{listed(most['unit_name'].to_list())}（{each}{most.iloc[0]['open']}个）"
            if dates := sorted(date for one in found for date in one.deadlines):
                first, last = map(self.day, (dates[0], dates[-1]))
                span = f"在{first}至{last}之间" if first != last else f"为{first}"
                said += f"；写明整改期限的{len(dates)}个，期限{span}"
            yield Task("rectify", f"整改{open_}个未整改问题", "落实整改", said + "。")
        if unknown:
            said = f"检查发现的问题中有{unknown}个没有写明是否整改，需要补记整改情况。"
            yield Task("record", f"补记{unknown}个问题的整改情况", "补记整改情况", said)

    def _recurring(self) -> Iterator[Task]:
        again = pd.concat([one.trend.recurring for one in self.classes]) if self.classes else pd.DataFrame()
        if len(again):
            longest = int(again["lost_in"].max())
            said = f"{again['unit'].nunique()}个单位有{len(again)}处在同一条目上连年扣分"
            if longest > 2:
                said += f"，其中连续{longest}年的{int((again['lost_in'] == longest).sum())}处"
            yield Task("recur", f"减少{len(again)}处连年扣分", "减少连年扣分", f"{said}；单位和条目见各单位简报。")

    def _verify(self) -> Iterator[Task]:
        counts = {one.kind.label(): one.unverified for one in self.classes if one.unverified}
        if counts:
            total = sum(counts.values())
            parts = "、".join(f"{label}{count}项次" for label, count in counts.items())
            said = f"有{total}项次没有核定、按自评计分（{parts}），可安排核查。"
            yield Task("verify", f"核查{total}项次自评分", "核查自评分", said)

    def _settle(self) -> Iterator[Task]:
        if self.assumed:
            count = len(self.assumed)
            all_ = len(self.settings)
            said = f"{all_}条计分口径" + ("都" if count == all_ else f"中有{count}条")
            said += "没有通知规定、按假定执行，需要确认或改定。"
            yield Task("settle", f"确认{count}条假定口径", "明确计分口径", said)
        if self.slips:
            count = len(self.slips)
            said = f"评分细则有{count}处疑似笔误，已照原文计分，需要核对原件（见计分口径）。"
            yield Task("settle", f"核对{count}处疑似笔误", "核对评分细则", said)
