"""Problems opened and closed over the years: what was found, what is recorded as closed, what was found again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.comparability import relation_frame
from analytics.analysis.problem_state import INSPECTED, STATE_LABELS, STATES
from analytics.analysis.rectification import found_again, problems_found
from analytics.analysis.wording import Sentence, item_label, listed, percent
from analytics.listing import Listing
from analytics.problems import Problem, Refused
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

COUNTS = ("found", *STATES, "again")


@dataclass(frozen=True, slots=True)
class Followup:
    """The problems that inspections recorded, a record each; a record without a clause says that nothing was found.

    units: unit, unit_name, year, recorded (whether any inspection was recorded), found, closed, open, unknown, again; a
    row for each card, oldest year first. found = closed + open + unknown, by the record's own word and its re-check: a
    deadline that has passed closes and opens nothing. again: problems on an item on which the unit had one in the year
    before as well, and which asked the same in both years; 0 in the first year, which has none before it.
    repeats: unit, unit_name, item, no, item_text, from_year, to_year, before, after (problems found in either year),
    left (of the earlier ones, not closed); newest first, then most found.
    """

    kind: UnitKind
    years: tuple[int, ...]
    units: pd.DataFrame
    repeats: pd.DataFrame

    @property
    def by_year(self) -> pd.DataFrame:
        """year, recorded (units with an inspection), found, closed, open, unknown, again: the sums over the class."""
        return self.units.groupby("year", as_index=False)[["recorded", *COUNTS]].sum()

    @property
    def sentence(self) -> Sentence:
        """How many were found and closed by year, who has most left open in the newest, and what came again."""
        last = self.years[-1]
        now = self.units[self.units["year"] == last]
        said = "；".join(_year(row) for row in self.by_year.to_dict("records"))
        if now["open"].any():
            most = now[now["open"] == now["open"].max()]
            each = "各" if len(most) > 1 else ""
            said += f"；{last}年度未整改最多的是{listed(most['unit_name'].to_list())}（{each}{most['open'].iloc[0]}个）"
        missing = now.loc[~now["recorded"], "unit_name"].to_list()
        if missing and len(missing) < len(now):
            said += f"；{listed(missing)}{last}年度没有检查记录"
        return Sentence(f"{said}。是否整改以记录所写为准，不按期限推断。")

    @property
    def again_sentence(self) -> Sentence:
        """What was found again in the newest year on an item that had a problem the year before."""
        if len(self.years) < 2:
            return Sentence("只有一个年度的检查记录，看不出重复发现的问题。")
        before, last = self.years[-2:]
        newest = self.repeats[self.repeats["to_year"] == last]
        if newest.empty:
            return Sentence(f"没有单位在{before}、{last}两年的同一可比条目上都有问题。")
        top = newest.groupby(["item", "no", "item_text"]).size()
        items = [item_label(number, text) for _, number, text in top.index[top == top.max()]]
        said = f"{newest['unit'].nunique()}个单位的{len(newest)}处条目在{before}、{last}两年都查出问题，"
        said += f"{last}年度共{newest['after'].sum()}个；单位最多的是{listed(items)}"
        said += f"（{'各' if len(items) > 1 else ''}{top.max()}个单位）"
        left = newest[newest["left"] > 0]
        if len(left):
            said += f"；其中{len(left)}处{before}年度的问题没有销号"
        return Sentence(said + "。")

    @property
    def shown(self) -> Listing:
        """The class by year as it is printed."""
        rows = (
            (
                f"{row['year']}年度",
                *(row[name] for name in ("found", *STATES)),
                row["again"] if row["year"] > self.years[0] else "",
                percent(row["closed"] / row["found"]) if row["found"] else "",
            )
            for row in self.by_year.to_dict("records")
        )
        return Listing.of(("年度", *_HEADER, "已销号占比"), rows)

    @property
    def shown_units(self) -> Listing:
        """The units in the newest year as they are printed, most left open first."""
        now = self.units[self.units["year"] == self.years[-1]]
        now = now.sort_values(["recorded", "open", "found", "unit"], ascending=[False, False, False, True])
        counts = COUNTS if len(self.years) > 1 else ("found", *STATES)
        rows = (
            (row["unit_name"], *((row[name] for name in counts) if row["recorded"] else ["没有记录"] * len(counts)))
            for row in now.to_dict("records")
        )
        return Listing.of(("单位", *_HEADER[: len(counts)]), rows)

    @property
    def shown_repeats(self) -> Listing:
        """What was found again in the newest year, as it is printed."""
        last = self.years[-1]
        newest = self.repeats[self.repeats["to_year"] == last]
        rows = (
            (row["unit_name"], f"{row['no']}．{row['item_text']}", row["before"], row["left"], row["after"])
            for row in newest.to_dict("records")
        )
        return Listing.of(("单位", "条目", "上年发现", "其中未销号", "本年发现"), rows)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return replace(self.shown, notes=(self.sentence,))._repr_mimebundle_()


_HEADER = ("发现问题", *(STATE_LABELS[state] for state in STATES), "上年同一条目也有问题")


def followup(tables: ScoreTables, kind: str, until: int | None = None) -> Followup:
    """The problems of a class up to the year ``until`` (None: the newest). Refused when it has no cards until then."""
    cards, items = (_chosen(frame, kind, until) for frame in (tables.cards, tables.items))
    years = tuple(sorted({int(year) for year in cards["year"].unique()}))
    if not years:
        facts = {"found": str(until), "kind": UnitKind(kind).label(), "expected": "无"}
        raise Refused([Problem("year-not-scored", "stop", facts=facts)])
    names = cards.sort_values("year").drop_duplicates("unit", keep="last").set_index("unit")["unit_name"]
    problems = problems_found(tables.findings, cards)
    repeats = found_again(problems, relation_frame(items)).drop(columns="kind")
    counts = _counts(problems, repeats)
    units = cards[["unit", "year"]].merge(_recorded(tables.findings, cards), on=["unit", "year"], how="left")
    units = units.merge(counts, on=["unit", "year"], how="left")
    units = units.assign(
        recorded=units["recorded"].notna(), **{name: units[name].fillna(0).astype(int) for name in COUNTS}
    )
    units.insert(1, "unit_name", names.reindex(units["unit"]).array)
    repeats.insert(1, "unit_name", names.reindex(repeats["unit"]).array)
    newest = items.sort_values("year").drop_duplicates("item", keep="last").set_index("item")
    repeats.insert(3, "no", newest["no"].reindex(repeats["item"]).array)
    repeats.insert(4, "item_text", newest["text"].reindex(repeats["item"]).array)
    order = repeats.sort_values(["to_year", "after", "unit", "item"], ascending=[False, False, True, True])
    units = units.sort_values(["year", "unit"], ignore_index=True)
    return Followup(UnitKind(kind), years, units, order.reset_index(drop=True))


def _chosen(frame: pd.DataFrame, kind: str, until: int | None) -> pd.DataFrame:
    of_kind = frame[frame["kind"] == kind]
    return of_kind if until is None else of_kind[of_kind["year"] <= until]


def _recorded(findings: pd.DataFrame, cards: pd.DataFrame) -> pd.DataFrame:
    """unit, year, recorded (True) of every inspection."""
    known = findings.reindex(columns=["unit", "year", "channel"])
    known = known[known["channel"].isin(INSPECTED)].astype({"unit": "str", "year": int})
    return known[["unit", "year"]].drop_duplicates().merge(cards[["unit", "year"]]).assign(recorded=True)


def _counts(problems: pd.DataFrame, repeats: pd.DataFrame) -> pd.DataFrame:
    """unit, year and ``COUNTS``."""
    counted = {"found": 1, **{state: (problems["state"] == state).astype(int) for state in STATES}}
    counts = problems[["unit", "year"]].assign(**counted).groupby(["unit", "year"], as_index=False)[list(counted)].sum()
    again = repeats.rename(columns={"to_year": "year", "after": "again"}).groupby(["unit", "year"], as_index=False)
    return counts.merge(again["again"].sum(), on=["unit", "year"], how="left")


def _year(row: dict[str, int]) -> str:
    if not row["found"]:
        return f"{row['year']}年度" + ("检查没有发现问题" if row["recorded"] else "没有检查记录")
    states = "、".join(f"{STATE_LABELS[state]}{row[state]}个" for state in STATES if row[state])
    return f"{row['year']}年度发现{row['found']}个问题，{states}"
