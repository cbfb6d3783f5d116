"""Which units gave themselves full marks on everything, this year and in the years before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, amount, listed
from analytics.listing import Listing
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

EXACT = 6


@dataclass(frozen=True, slots=True)
class FlatMarks:
    """How many of its own marks each unit of a class left at full marks.

    units: unit, unit_name, items (with a self-mark), blank (asked, without a self-mark), full (at full marks),
    self_lost (points it took off itself), lost (points that were taken off on the verified ones of these items, NaN
    when none was verified), verified (their number), flat (every self-mark is at full marks), years (consecutive years
    up to this one in which it was flat); in the order of the cards. Units without a single self-mark are in ``silent``.
    """

    year: int
    kind: UnitKind
    units: pd.DataFrame
    silent: tuple[str, ...]
    sentence: Sentence

    @property
    def flat(self) -> pd.DataFrame:
        """The units that gave themselves full marks on everything."""
        return self.units[self.units["flat"]]

    @property
    def shown(self) -> Listing:
        """The flat ones as they are printed."""
        rows = (
            (
                row["unit_name"],
                row["items"],
                row["blank"] or "",
                "未核定" if pd.isna(row["lost"]) else f"{row['verified']}项扣{amount(row['lost'])}分",
                f"连续{row['years']}年" if row["years"] > 1 else "",
            )
            for row in self.flat.to_dict("records")
        )
        header = ("单位", "自评都是满分的条目", "没有自评分的条目", "其中核定了的", "往年")
        return Listing.of(header, rows)


def flat_marks(tables: ScoreTables, year: int, kind: str) -> FlatMarks:
    """Who gave itself full marks throughout. Refused when the class has no cards in ``year``."""
    cards = class_cards(tables, year, kind)
    marks = tables.marks
    marks = marks[(marks["kind"] == UnitKind(kind)) & (marks["status"] != "not_applicable") & (marks["year"] <= year)]
    own = marks["self_mark"].notna()
    marks = marks.assign(
        own=own,
        self_lost=(marks["full_marks"] - marks["self_mark"]).round(EXACT),
        lost=(marks["full_marks"] - marks["verified_mark"]).where(own).round(EXACT),
    )
    marks = marks.assign(full=marks["self_lost"] == 0)
    by_unit = marks.groupby(["year", "unit"]).agg(
        asked=("item", "size"),
        items=("own", "sum"),
        full=("full", "sum"),
        self_lost=("self_lost", "sum"),
        verified=("lost", "count"),
        lost=("lost", "sum"),
    )
    by_unit = by_unit.assign(flat=(by_unit["items"] > 0) & (by_unit["full"] == by_unit["items"]))
    flat = by_unit["flat"].to_dict()
    by_unit = by_unit.reset_index()
    units = cards[["unit", "unit_name"]].merge(by_unit[by_unit["year"] == year], on="unit")
    units = units.assign(
        blank=units["asked"] - units["items"],
        lost=units["lost"].where(units["verified"] > 0),
        years=[_run(flat, unit, year) for unit in units["unit"]],
    )
    spoke = units["items"] > 0
    silent = tuple(name for name in cards["unit_name"] if name not in set(units.loc[spoke, "unit_name"]))
    columns = ["unit", "unit_name", "items", "blank", "full", "self_lost", "verified", "lost", "flat", "years"]
    units = units.loc[spoke, columns].reset_index(drop=True)
    return FlatMarks(year, UnitKind(kind), units, silent, _sentence(units, silent, UnitKind(kind)))


def _run(flat: dict[tuple[int, str], bool], unit: str, year: int) -> int:
    """In how many consecutive years up to ``year`` the unit was flat."""
    run = 0
    while flat.get((year - run, unit), False):
        run += 1
    return run


def _sentence(units: pd.DataFrame, silent: tuple[str, ...], kind: UnitKind) -> Sentence:
    if units.empty:
        return Sentence(f"没有一个{kind.label()}有自评分，看不出谁给自己都打满分。")
    flat = units[units["flat"]]
    said = f"有自评分的{len(units)}个{kind.label()}中，"
    if flat.empty:
        said += "没有一个给自己每项都打满分"
    else:
        said += f"{len(flat)}个给自己每项都打了满分：{listed(flat['unit_name'].to_list(), 5)}"
        lost = flat[flat["lost"] > 0].sort_values("lost", ascending=False)
        if len(lost):
            top = lost.iloc[0]
            said += f"；值得看一看，因为核定时{len(lost)}个扣了分，" if len(flat) > 1 else "；值得看一看，因为核定时"
            said += f"{top['unit_name']}扣了{amount(top['lost'])}分" + ("，扣得最多" if len(lost) > 1 else "")
        else:
            said += "；值得看一看，因为很少有单位一处也不用扣，但核定的条目确实都没有扣分"
        again = flat[flat["years"] > 1]["unit_name"].to_list()
        said += f"；{listed(again)}连年如此" if again else ""
    if silent:
        said += f"；{listed(silent)}没有自评分，未比较"
    return Sentence(said + "。")
