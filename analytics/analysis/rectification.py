"""The rectification ledger (整改台账): every problem that inspections found, with its deadline, state and re-check."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.comparability import relation_frame
from analytics.analysis.problem_state import INSPECTED, STATE_LABELS, STATES, is_overdue
from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, listed
from analytics.listing import Listing
from analytics.records import Rectification as Todo
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

COUNTS = ("found", *STATES, "left", "overdue", "again")
_READ = (
    "unit", "unit_name", "year", "item", "rule", "text", "channel", "group", "date", "deadline", "person",
    "action", "said", "closed", "rechecked", "passed", "cell",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rectification:
    """The problems of a class (``kind`` None: of all classes) in one year, a record each, as the records have them.

    problems: unit, unit_name, kind, item, no, item_text, rule, text, channel, group (inspection group or campaign),
    date (found), deadline, person, action, said, rechecked, passed (None where the record does not say), cell, state
    (``STATES``; by ``records.Rectification.state``), overdue, again (whether the unit had a problem on the same item
    the year before, and both years ask the same there), before (how many), before_left (of these, not closed),
    recurs (whether it has one the year after; None without a later year, or where that asks something else).
    units: unit, unit_name, kind, ``COUNTS``, latest (the latest deadline of what is open, ``""`` without one); most
    open first, units without a problem are left out. found = closed + open + unknown, and left = open + unknown, since
    what the record does not call closed is not closed; overdue are some of left, again some of found.
    as_of: the day up to which overdue is told; None when the records name no day, and then nothing is overdue.
    """

    year: int
    kind: UnitKind | None
    as_of: datetime.date | None
    problems: pd.DataFrame
    units: pd.DataFrame
    sentence: Sentence

    @property
    def label(self) -> str:
        """The class, or that it is all of them."""
        return self.kind.label() if self.kind else "各类单位"

    def count(self, state: str) -> int:
        """How many problems are in this state."""
        return int((self.problems["state"] == state).sum())

    @property
    def totals(self) -> dict[str, int]:
        """``COUNTS`` over all units."""
        return {name: int(self.units[name].sum()) for name in COUNTS}

    @property
    def deadlines(self) -> tuple[str, ...]:
        """The deadlines of what is recorded as open, earliest first, as they are printed."""
        dates = self.problems.loc[self.problems["state"] == "open", "deadline"].dropna()
        return tuple(sorted(str(date)[:10] for date in dates))

    @property
    def overdue(self) -> Listing:
        """What is overdue as it is printed, longest overdue first."""
        late = self.problems[self.problems["overdue"]]
        late = late.assign(due=late["deadline"].astype(str).str[:10]).sort_values(["due", "unit", "item"])
        rows = (
            (row["unit_name"], f"{row['no']}（{row['rule']}）", row["text"], row["due"], row["person"] or "—",
             STATE_LABELS[row["state"]], "" if pd.isna(row["passed"]) else "通过" if row["passed"] else "未通过")
            for row in late.to_dict("records")
        )  # fmt: skip
        header = ("单位", "条款", "问题", "整改期限", "责任人", "状态", "复查")
        return Listing.of(header, rows, notes=[self.overdue_sentence], empty=str(self.overdue_sentence))

    @property
    def overdue_sentence(self) -> Sentence:
        """How many are overdue, and as of which day."""
        if self.as_of is None:
            return Sentence("检查记录没有写日期，看不出逾期。")
        left, late = self.totals["left"], self.totals["overdue"]
        said = f"截至{self.as_of.isoformat()}（记录中最晚的检查或复查日期），未销号的{left}个问题中"
        if not left:
            said = f"截至{self.as_of.isoformat()}（记录中最晚的检查或复查日期），没有未销号的问题"
        return Sentence(said + (f"有{late}个已过整改期限。" if late else "没有已过整改期限的。" if left else "。"))


def rectification(
    tables: ScoreTables, year: int, kind: str | None = None, as_of: datetime.date | None = None
) -> Rectification:
    """The ledger of a class, or of all classes. Refused without cards of the class in ``year``.

    as_of: the day up to which overdue is told; by default the latest on which the year's records say that an inspector
    looked or looked again (``problem_state.latest_record``), of whichever class. What counts as a problem, and what
    does not, is said in ``problem_state``. Source: notice 2020-13 asks for problems to be put right (落实整改); words,
    deadlines and persons are the records' own.
    """
    cards = class_cards(tables, year, kind) if kind else tables.cards[tables.cards["year"] == year]
    day = as_of or latest_day(tables.findings, year)
    found = problems_found(tables.findings, tables.cards)
    problems = found[(found["year"] == year) & found["unit"].isin(cards["unit"])].reset_index(drop=True)
    problems = _with_repeats(problems, found, tables.items, year)
    late = zip(problems["state"], map(_date, problems["deadline"]), strict=True)
    problems = problems.assign(overdue=[is_overdue(state, deadline, day) for state, deadline in late])
    problems = problems.astype({"overdue": bool}).merge(_items(tables.items, year), on=["kind", "item"], how="left")
    units = _units(problems)
    chosen = UnitKind(kind) if kind else None
    return Rectification(year, chosen, day, problems, units, _sentence(problems, units, chosen))


def problems_found(findings: pd.DataFrame, cards: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``ScoreTables.findings`` that are problems of a unit with a card in that year, in their order.

    With ``kind``, as the card has it, and ``state``; columns that ``findings`` lacks are empty.
    """
    known = findings.reindex(columns=list(_READ))
    named = known["channel"].isin(INSPECTED) & (known["rule"].fillna("") != "") & (known["item"].fillna("") != "")
    types = {"unit": "str", "item": "str", "rule": "str", "closed": "boolean", "passed": "boolean", "year": int}
    found = known[named].astype(types).merge(cards[["unit", "year", "kind"]], on=["unit", "year"])
    words = zip(map(_answer, found["closed"]), map(_answer, found["passed"]), strict=True)
    states = [Todo(closed=closed, passed=passed).state for closed, passed in words]
    return found.assign(kind=found["kind"].astype("str"), state=pd.Series(states, index=found.index, dtype="str"))


def found_again(problems: pd.DataFrame, relations: pd.DataFrame) -> pd.DataFrame:
    """Where a unit has problems on an item in two consecutive years that ask the same there.

    problems: see ``problems_found``; relations: see ``comparability``. Columns: kind, unit, item, from_year, to_year,
    before, after (problems in either year), left (of the earlier ones, not closed).
    """
    keys = ["kind", "unit", "item"]
    counts = problems.assign(found=1, left=(problems["state"] != "closed").astype(int))
    counts = counts.groupby([*keys, "year"], as_index=False)[["found", "left"]].sum()
    steps = relations.loc[relations["comparable"], ["kind", "item", "from_year", "to_year"]].astype(
        {"kind": "str", "item": "str"}
    )
    later = counts.drop(columns="left").rename(columns={"year": "to_year", "found": "after"})
    earlier = counts.rename(columns={"year": "from_year", "found": "before"})
    pairs = later.merge(steps, on=["kind", "item", "to_year"]).merge(earlier, on=[*keys, "from_year"])
    return pairs[[*keys, "from_year", "to_year", "before", "after", "left"]]


def latest_day(findings: pd.DataFrame, year: int) -> datetime.date | None:
    """See ``problem_state.latest_record``."""
    known = findings.reindex(columns=["year", "channel", "date", "rechecked"])
    known = known[(known["year"] == year) & known["channel"].isin(INSPECTED)]
    days = [day for name in ("date", "rechecked") for day in map(_date, known[name]) if day]
    return max(days, default=None)


def _date(day: object) -> datetime.date | None:
    return None if pd.isna(day) else pd.Timestamp(day).date()


def _answer(word: object) -> bool | None:
    return None if pd.isna(word) else bool(word)


def _items(items: pd.DataFrame, year: int) -> pd.DataFrame:
    columns = {"kind": "kind", "item": "item", "no": "no", "text": "item_text"}
    known = items.reindex(columns=["year", *columns])
    known = known[known["year"] == year].drop_duplicates(["kind", "item"])
    return known[list(columns)].rename(columns=columns).astype({"kind": "str", "item": "str"})


def _with_repeats(problems: pd.DataFrame, found: pd.DataFrame, items: pd.DataFrame, year: int) -> pd.DataFrame:
    """``problems`` of ``year`` with again, before, before_left and recurs."""
    relations = relation_frame(items) if len(items) else relation_frame(pd.DataFrame(columns=["kind", "year"]))
    pairs, keys = found_again(found, relations), ["kind", "unit", "item"]
    earlier = pairs.loc[pairs["to_year"] == year, [*keys, "before", "left"]].rename(columns={"left": "before_left"})
    later = pairs.loc[pairs["from_year"] == year, [*keys, "after"]]
    asked = relations[relations["comparable"] & (relations["from_year"] == year)]
    asked_again = set(zip(asked["kind"].astype(str), asked["item"].astype(str), strict=True))
    known = problems.merge(earlier, on=keys, how="left").merge(later, on=keys, how="left")
    counts = {name: known[name].fillna(0).astype(int) for name in ("before", "before_left")}
    recurs = [
        after > 0 if after == after else False if key in asked_again else None
        for after, key in zip(known["after"], zip(known["kind"], known["item"], strict=True), strict=True)
    ]
    told = known.drop(columns="after").assign(**counts, recurs=pd.array(recurs, dtype="boolean"))
    return told.assign(again=told["before"] > 0)


def _units(problems: pd.DataFrame) -> pd.DataFrame:
    """unit, unit_name, kind, ``COUNTS``, latest; see ``Rectification.units``."""
    flags = {state: problems["state"] == state for state in STATES}
    flags |= {"left": problems["state"] != "closed", "overdue": problems["overdue"], "again": problems["again"]}
    counted = problems[["unit", "unit_name", "kind"]].assign(found=1, **{n: f.astype(int) for n, f in flags.items()})
    units = counted.groupby(["unit", "unit_name", "kind"], as_index=False)[list(COUNTS)].sum()
    latest = _latest(problems)
    units["latest"] = [latest.get(unit, "") for unit in units["unit"]]
    return units.sort_values(["open", "found", "unit"], ascending=[False, False, True], ignore_index=True)


def _latest(problems: pd.DataFrame) -> dict[str, str]:
    """Unit → the latest deadline of its open problems, as it is printed."""
    dated = problems[(problems["state"] == "open") & problems["deadline"].notna()]
    return {str(unit): max(str(date)[:10] for date in dates) for unit, dates in dated.groupby("unit")["deadline"]}


def _sentence(problems: pd.DataFrame, units: pd.DataFrame, kind: UnitKind | None) -> Sentence:
    of = kind.label() if kind else "各类单位"
    if problems.empty:
        return Sentence(f"检查记录没有写{of}的问题。")
    counts = problems["state"].value_counts()
    said = f"检查记录了{of}{len(problems)}个问题："
    said += "、".join(f"{STATE_LABELS[state]}{counts[state]}个" for state in STATES if state in counts)
    most = units[units["open"] > 0]
    if len(most):
        top = units.loc[units["open"] == units["open"].max(), "unit_name"].to_list()
        said += f"；未整改最多的是{listed(top)}（{'各' if len(top) > 1 else ''}{most.iloc[0]['open']}个）"
    return Sentence(said + "。")
