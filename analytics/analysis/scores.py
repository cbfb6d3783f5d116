"""How did a class do in one year: its units from the first rank down, and how many reached which grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.printed_totals import told_apart
from analytics.analysis.wording import Sentence, listed, points
from analytics.listing import Listing
from analytics.policy import GradeBand
from analytics.problems import Problem, Refused
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

UNDECIDED = "待裁定"
BARRED = "不予参评"


@dataclass(frozen=True, slots=True)
class ClassTable:
    """One class in one year.

    rows: unit, unit_name, total, grade, grade_by_points, rank, waiting (items that await a decision), limited (a cap or
    a veto is in force); by rank, units without a total last, with NaN for total and rank and 待裁定 or 不予参评 for the
    grades. A unit that takes no place has a total and no rank.
    grades: grade, units, names; every band of the policy, also those that no unit reached.
    """

    year: int
    kind: UnitKind
    rows: pd.DataFrame
    grades: pd.DataFrame
    bands: tuple[GradeBand, ...]
    sentence: Sentence

    @property
    def decided(self) -> pd.DataFrame:
        """The rows that have a total."""
        return self.rows[self.rows["total"].notna()]

    @property
    def printed(self) -> dict[str, str]:
        """Unit → its total as it is printed, so that two with different ranks do not read alike; ``""`` without one."""
        exact = {row.unit: Decimal(repr(float(row.total))) for row in self.decided.itertuples()}
        bounds = [band.least for band in self.bands]

        def level(total: Decimal) -> str:
            return str(sum(total >= bound for bound in bounds))

        told = told_apart(exact, lambda total: Decimal(points(total)), level)
        return {unit: f"{told[unit]:f}" if unit in told else "" for unit in self.rows["unit"]}

    @property
    def shown(self) -> Listing:
        """The rows as they are printed, blank where undecided."""
        printed = self.printed
        return Listing.of(
            ("名次", "单位", "总分", "等级", "按分数的等级"),
            (
                (
                    "" if pd.isna(row["rank"]) else int(row["rank"]),
                    row["unit_name"],
                    printed[row["unit"]],
                    row["grade"],
                    row["grade_by_points"],
                )
                for row in self.rows.to_dict("records")
            ),
        )


def class_table(tables: ScoreTables, year: int, kind: str, bands: Sequence[GradeBand] = ()) -> ClassTable:
    """The class ``kind`` in ``year``; ``bands`` (the policy's, best first) order the grades and give their bounds.

    Refused when the class has no cards in that year.
    """
    cards = class_cards(tables, year, kind)
    marks = tables.marks
    waiting = marks[(marks["year"] == year) & (marks["status"] == "awaiting_decision")].groupby("unit").size()
    barred = cards["barred"].astype(bool)
    rows = cards.assign(
        grade=cards["grade"].fillna(UNDECIDED).mask(barred, BARRED),
        grade_by_points=cards["grade_by_points"].fillna(UNDECIDED).mask(barred, BARRED),
        waiting=cards["unit"].map(waiting).fillna(0).astype(int),
    ).sort_values(["rank", "unit"], na_position="last")
    columns = ["unit", "unit_name", "total", "grade", "grade_by_points", "rank", "waiting", "limited"]
    rows = rows[columns].reset_index(drop=True)
    grades = _grades(rows, bands)
    return ClassTable(year, UnitKind(kind), rows, grades, tuple(bands), _sentence(rows, grades, year, UnitKind(kind)))


def class_cards(tables: ScoreTables, year: int, kind: str) -> pd.DataFrame:
    """The cards of one class in one year. Refused when there are none."""
    cards = tables.cards
    of_class = cards[(cards["year"] == year) & (cards["kind"] == kind)]
    if of_class.empty:
        years = sorted(set(cards.loc[cards["kind"] == kind, "year"].astype(int)))
        facts = {"found": str(year), "kind": UnitKind(kind).label(), "expected": "、".join(map(str, years)) or "无"}
        raise Refused([Problem("year-not-scored", "stop", facts=facts)])
    return of_class


def waiting_for_total(cards: pd.DataFrame) -> pd.Series:
    """Which of the cards have no total yet; one that is not scored at all (不予参评) does not wait for any."""
    return cards["total"].isna() & ~cards["barred"].astype(bool)


def _grades(rows: pd.DataFrame, bands: Sequence[GradeBand]) -> pd.DataFrame:
    # Without the policy's bands the totals tell the order: grades by points can only descend along them.
    found = [*rows.sort_values("total", ascending=False)["grade_by_points"], *rows["grade"]]
    names = dict.fromkeys([band.name for band in bands] or [name for name in found if name not in (UNDECIDED, BARRED)])
    names |= {name: None for name in (UNDECIDED, BARRED) if name in found}
    units = [rows.loc[rows["grade"] == name, "unit_name"].to_list() for name in names]
    return pd.DataFrame({"grade": list(names), "units": [len(u) for u in units], "names": units})


def _sentence(rows: pd.DataFrame, grades: pd.DataFrame, year: int, kind: UnitKind) -> Sentence:
    counted = "、".join(
        f"{grade}{units}个" for grade, units in zip(grades["grade"], grades["units"], strict=True) if units
    )
    said = f"{year}年度{len(rows)}个{kind.label()}中，{counted}"
    decided = rows[rows["total"].notna()]
    if len(decided) > 1:
        said += "；" + "，".join(f"{word}{_at(decided, total)}" for word, total in _ends(decided["total"]))
        said += f"，相差{points(decided['total'].max() - decided['total'].min())}分"
    settled = decided[decided["grade"] != UNDECIDED]
    changed = settled[settled["grade"] != settled["grade_by_points"]]
    by_effect = changed["limited"].astype(bool)
    for why, some in (("一票否决或一票否优", changed[by_effect]), ("名额限制", changed[~by_effect])):
        moved = some[["unit_name", "grade_by_points", "grade"]].itertuples(index=False)
        if len(some):
            said += f"；因{why}，{'、'.join(f'{name}由{before}定为{after}' for name, before, after in moved)}"
    waiting = rows[rows["total"].isna() & (rows["grade"] != BARRED)]
    if len(waiting):
        said += f"；{listed(waiting['unit_name'].to_list())}有条目待裁定，暂无总分和名次"
    if len(open_ := decided[decided["grade"] == UNDECIDED]):
        said += f"；{listed(open_['unit_name'].to_list())}等级待同类裁定后确定"
    if len(barred := rows[rows["grade"] == BARRED]):
        said += f"；{listed(barred['unit_name'].to_list())}不予参评"
    if len(unplaced := decided[decided["rank"].isna()]):
        said += f"；{listed(unplaced['unit_name'].to_list())}不参加排名"
    return Sentence(said + "。")


def _ends(totals: pd.Series) -> tuple[tuple[str, float], ...]:
    return ("最高", totals.max()), ("最低", totals.min())


def _at(rows: pd.DataFrame, total: float) -> str:
    return listed(rows.loc[rows["total"] == total, "unit_name"].to_list()) + f"{points(total)}分"
