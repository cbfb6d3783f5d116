"""The rectification ledger (整改台账): one row a problem for scores.xlsx and CSV, and its counts for the index page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.analysis.problem_state import STATE_LABELS
from analytics.documents.labels import Say, speaker
from analytics.documents.standing import ClassStanding
from analytics.documents.workbooks import Column, Sheet, Value
from analytics.problems import Language
from analytics.records import Channel

if TYPE_CHECKING:
    from analytics.analysis.rectification import Rectification

LEDGER_CSV = "rectification.csv"
COUNTED = {
    "found": ("发现", "Found"), "closed": ("已销号", "Closed"), "left": ("未销号", "Not closed"),
    "open": ("其中未整改", "of these open"), "unknown": ("其中未写明", "of these not stated"),
    "overdue": ("逾期", "Overdue"), "again": ("上年同项也有", "Same item last year"),
}  # fmt: skip
MEASURE = ("整改措施", "Measure")
YEAR_AFTER = ("次年同项又有", "Again the year after")
STATES = {state: (label, state if state != "unknown" else "not stated") for state, label in STATE_LABELS.items()}


@dataclass(frozen=True, slots=True)
class LedgerTable:
    """The ledger in numbers, by unit and class. ``header`` names the counts of a row.

    ``groups``: of each class its rows (a unit with a problem and its counts) and its line of sums. ``href`` leads to
    the file with the problems themselves; ``""``: it is not there.
    """

    header: tuple[str, ...]
    groups: tuple[tuple[tuple[tuple[str, tuple[int, ...]], ...], tuple[str, tuple[int, ...]]], ...]
    total: tuple[str, tuple[int, ...]]
    note: str
    href: str


def count_ledger(
    found: Rectification, classes: Sequence[ClassStanding], folder: Path, language: Language = "zh"
) -> LedgerTable | None:
    """The counts of every unit with a problem, in the order of ``classes``; None when nobody has one."""
    if found.problems.empty:
        return None
    say = speaker(language)
    counts = {row["unit"]: tuple(int(row[name]) for name in COUNTED) for row in found.units.to_dict("records")}
    groups = []
    for members in classes:
        rows = tuple((row.unit.name, counts[row.unit.id]) for row in members.rows if row.unit.id in counts)
        if rows:
            label = members.kind.label(language)
            sums = tuple(map(sum, zip(*(numbers for _, numbers in rows), strict=True)))
            groups.append((rows, (say(f"{label}合计", f"{label}, all"), sums)))
    note = say(
        "发现＝已销号＋未销号；未销号含未整改和没有写明的，复查未通过的算未整改。没有列出的单位没有检查查出的问题。",
        "Found = closed + not closed; not closed are those open or not stated, and those that failed a re-check. "
        "Units that are not listed have no problem on record.",
    )
    if found.as_of:
        note += say(
            f"逾期：截至{found.as_of}（记录中最晚的检查或复查日期）未销号且已过整改期限。",
            f" Overdue: not closed and past the deadline as of {found.as_of}, the latest inspection or re-check.",
        )
    header = tuple(say(*words) for words in COUNTED.values())
    total = say("合计", "All"), tuple(found.totals[name] for name in COUNTED)
    href = LEDGER_CSV if (folder / LEDGER_CSV).is_file() else ""
    return LedgerTable(header, tuple(groups), total, note, href)


def compose_ledger(found: Rectification, classes: Sequence[ClassStanding], language: Language = "zh") -> Sheet:
    """Every problem of the year, by unit in the order of ``classes``, then as the records have them."""
    say = speaker(language)
    sparse = {say(*heading) for heading in (MEASURE, YEAR_AFTER)}
    columns, rows = _columns(say), tuple(_rows(found, classes, say, language))
    # A measure that no form asks for, and a year after that is not there yet, would be empty columns.
    kept = [
        n for n, column in enumerate(columns) if column.heading not in sparse or any(row[n] is not None for row in rows)
    ]
    columns, rows = tuple(columns[n] for n in kept), tuple(tuple(row[n] for n in kept) for row in rows)
    title = say(f"{found.year}年度整改台账", f"Rectification ledger, {found.year}")
    note = _note(found, say) if rows else say("无。", "None.")
    return Sheet(say("整改台账", "Rectification"), title, columns, rows, note, 3)


def _columns(say: Say) -> tuple[Column, ...]:
    return (
        Column(say("单位", "Unit"), 14),
        Column(say("类别", "Class"), 12),
        Column(say("条款", "Clause"), 8),
        Column(say("考核内容", "Item"), 28),
        Column(say("问题", "Problem"), 34),
        Column(say("来源", "Channel"), 9),
        Column(say("巡查组或督查", "Group or campaign"), 14),
        Column(say("发现日期", "Found on"), 11, "date"),
        Column(say("整改期限", "Deadline"), 11, "date"),
        Column(say("责任人", "Person"), 12),
        Column(say(*MEASURE), 14),
        Column(say("整改情况", "As written"), 9),
        Column(say("复查日期", "Re-checked on"), 11, "date"),
        Column(say("复查结果", "Re-check"), 9),
        Column(say("状态", "State"), 9),
        Column(say("逾期", "Overdue"), 6),
        Column(say("上年同项问题", "Same item last year"), 8, "whole"),
        Column(say("其中未销号", "of these not closed"), 8, "whole"),
        Column(say(*YEAR_AFTER), 8),
        Column(say("单元格", "Cell"), 34),
    )


def _note(found: Rectification, say: Say) -> str:
    t = found.totals
    counts = say(
        f"共{t['found']}个：已销号{t['closed']}个，未销号{t['left']}个（未整改{t['open']}个，未写明{t['unknown']}个）；",
        f"{t['found']} problems: {t['closed']} closed, {t['left']} not closed ({t['open']} open, {t['unknown']} not "
        "stated); ",
    )
    late = say("记录没有写日期，不判断逾期。", "the records name no day, so nothing is called overdue. ")
    if found.as_of:
        late = say(
            f"截至{found.as_of}（记录中最晚的检查或复查日期），逾期{t['overdue']}个。",
            f"{t['overdue']} overdue as of {found.as_of}, the latest inspection or re-check on record. ",
        )
    rule = say(
        "复查未通过的，不论整改情况怎么写都算未整改；复查通过、整改情况却写未整改的算未写明；未写明视同未销号。"
        "现场巡查、专项督查、资料核查中有扣分情形的每行算一个问题；事故和比率等数据扣分、单位自己扣分不在内，见“扣分明细”。",
        "A failed re-check leaves a problem open whatever the unit wrote; passed but called open is not stated. "
        "In: each on-site, special or desk finding under a clause. Not in: accidents and other figures that cost "
        "points, and what units took off themselves.",
    )
    return counts + late + rule


def _rows(
    found: Rectification, classes: Sequence[ClassStanding], say: Say, language: Language
) -> Iterator[tuple[Value, ...]]:
    import pandas as pd

    by_unit = {str(unit): rows for unit, rows in found.problems.groupby("unit", sort=False)}
    for members in classes:
        for standing in members.rows:
            for row in by_unit.get(standing.unit.id, pd.DataFrame()).to_dict("records"):
                yield _row(standing.unit.name, members.kind.label(language), row, say, language)


def _row(unit: str, kind: str, row: Mapping[Any, Any], say: Say, language: Language) -> tuple[Value, ...]:
    import pandas as pd

    known = {name: None if pd.isna(value) else value for name, value in row.items()}
    days = {n: known[n] and pd.Timestamp(known[n]).date() for n in ("date", "deadline", "rechecked")}
    answers = {True: say("通过", "passed"), False: say("未通过", "failed"), None: None}
    again = {True: say("是", "yes"), False: say("否", "no"), None: None}
    return (
        unit, kind, f"{known['no'] or known['item']}（{known['rule']}）", known["item_text"], known["text"] or None,
        Channel(row["channel"]).label(language), known["group"] or None, days["date"], days["deadline"],
        known["person"] or None, known["action"] or None, known["said"] or None, days["rechecked"],
        answers[known["passed"]], say(*STATES[row["state"]]), say("逾期", "overdue") if row["overdue"] else None,
        int(row["before"]) or None, int(row["before_left"]) if row["before"] else None, again[known["recurs"]],
        known["cell"],
    )  # fmt: skip
