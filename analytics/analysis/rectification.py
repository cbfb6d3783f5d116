"""What became of the problems that inspections found: closed, open with a deadline, or not said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, listed
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

INSPECTED = ("onsite", "special", "desk")
STATES = ("closed", "open", "unknown")
STATE_LABELS = {"closed": "已整改", "open": "未整改", "unknown": "未写明"}


@dataclass(frozen=True, slots=True)
class Rectification:
    """The problems of one class in one year, a record each.

    problems: unit, unit_name, item, date, text, deadline (None where the record names none), state (``STATES``).
    units: unit, unit_name, found, closed, open, unknown, latest (the latest deadline of what is open, ``""`` without
    one); most open first, units without a problem are left out.
    """

    year: int
    kind: UnitKind
    problems: pd.DataFrame
    units: pd.DataFrame
    sentence: Sentence

    def count(self, state: str) -> int:
        """How many problems are in this state."""
        return int((self.problems["state"] == state).sum())

    @property
    def deadlines(self) -> tuple[str, ...]:
        """The deadlines of what is recorded as open, earliest first, as they are printed."""
        dates = self.problems.loc[self.problems["state"] == "open", "deadline"].dropna()
        return tuple(sorted(str(date)[:10] for date in dates))


def rectification(tables: ScoreTables, year: int, kind: str) -> Rectification:
    """What the records of inspections say about the problems they name. Refused without cards in ``year``.

    A record without a clause says that nothing was found, and is not counted. Source: notice 2020-13 asks
    for problems to be put right (落实整改); the deadlines are the records' own.
    """
    cards = class_cards(tables, year, kind)
    found = tables.findings
    found = found[(found["year"] == year) & found["unit"].isin(cards["unit"]) & found["channel"].isin(INSPECTED)]
    found = found[(found["rule"].fillna("") != "") & (found["item"].fillna("") != "")]
    closed = found["closed"].astype("boolean")
    state = ["unknown" if pd.isna(done) else "closed" if done else "open" for done in closed]
    problems = found.assign(state=state)[["unit", "unit_name", "item", "date", "text", "deadline", "state"]]
    problems = problems.reset_index(drop=True)
    units = pd.crosstab([problems["unit"], problems["unit_name"]], problems["state"])
    units = units.reindex(columns=list(STATES), fill_value=0).reset_index()
    units.insert(2, "found", units[list(STATES)].sum(axis=1))
    latest = _latest(problems)
    units["latest"] = [latest.get(unit, "") for unit in units["unit"]]
    units = units.sort_values(["open", "found", "unit"], ascending=[False, False, True], ignore_index=True)
    return Rectification(year, UnitKind(kind), problems, units, _sentence(problems, units, UnitKind(kind)))


def _latest(problems: pd.DataFrame) -> dict[str, str]:
    """Unit → the latest deadline of its open problems, as it is printed."""
    dated = problems[(problems["state"] == "open") & problems["deadline"].notna()]
    return {str(unit): max(str(date)[:10] for date in dates) for unit, dates in dated.groupby("unit")["deadline"]}


def _sentence(problems: pd.DataFrame, units: pd.DataFrame, kind: UnitKind) -> Sentence:
    if problems.empty:
        return Sentence(f"检查记录没有写{kind.label()}的问题。")
    counts = problems["state"].value_counts()
    said = f"检查记录了{kind.label()}{len(problems)}个问题："
    said += "、".join(f"{STATE_LABELS[state]}{counts[state]}个" for state in STATES if state in counts)
    most = units[units["open"] > 0]
    if len(most):
        top = units.loc[units["open"] == units["open"].max(), "unit_name"].to_list()
        said += f"；未整改最多的是{listed(top)}（{'各' if len(top) > 1 else ''}{most.iloc[0]['open']}个）"
    return Sentence(said + "。")
