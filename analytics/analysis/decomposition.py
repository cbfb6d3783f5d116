"""The totals of a class taken apart: full marks, less what each item cost each unit, and what came from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.analysis.scores import class_cards
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

EXACT = 6  # decimals to which totals are compared: far finer than any point, far coarser than binary noise


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The units of one class that have a total. For each, total = full marks + the sum of ``parts`` + ``outside``.

    units: index unit (by rank); unit_name, total, rank, grade_by_points.
    items: index item (in the rubric's order); no, item_text, theme, theme_name, full_marks, units (that it is asked
    of). parts: unit × item, points lost as 0 or less, on the scale of the total; an item that is not asked of a unit
    costs it nothing, so units with duties of their own remain comparable. nominal: by theme, its share of the full
    marks as the rubric has it, also for items that do not apply. rates: awarded / full marks, NaN where not
    asked. outside: by unit, bonus, outside deductions and limits. left_out: names of units without a total.
    """

    year: int
    kind: UnitKind
    full_marks: float
    units: pd.DataFrame
    items: pd.DataFrame
    nominal: pd.Series
    parts: pd.DataFrame
    rates: pd.DataFrame
    outside: pd.Series
    left_out: tuple[str, ...]

    @property
    def by_theme(self) -> pd.DataFrame:
        """``parts`` summed by theme: unit × theme, in the rubric's order."""
        return self.parts.T.groupby(self.items["theme"], sort=False).sum().T


def decompose(tables: ScoreTables, year: int, kind: str) -> Decomposition:
    """Take the totals of one class apart. Refused when the class has no cards in ``year``."""
    cards = class_cards(tables, year, kind)
    units = cards[cards["total"].notna()].sort_values(["rank", "unit"]).set_index("unit")
    units = units[["unit_name", "total", "rank", "grade_by_points"]].astype({"rank": int})
    marks = tables.marks
    marks = marks[(marks["year"] == year) & (marks["kind"] == kind) & marks["unit"].isin(units.index)]
    full = marks.groupby("unit")["full_marks"].sum()
    asked = marks[marks["status"] != "not_applicable"]
    scale = full / asked.groupby("unit")["full_marks"].sum()
    asked = asked.assign(part=(asked["awarded"] - asked["full_marks"]) * asked["unit"].map(scale))
    items = _items(tables, year, kind, asked)
    parts, rates = (
        asked.pivot_table(index="unit", columns="item", values=value, dropna=False).reindex(
            units.index, columns=items.index
        )
        for value in ("part", "rate")
    )
    parts = parts.fillna(0.0)
    outside = (units["total"] - full.reindex(units.index) - parts.sum(axis=1)).round(EXACT)
    left_out = tuple(cards.loc[cards["total"].isna(), "unit_name"])
    nominal = marks.groupby("theme", sort=False)["full_marks"].sum() / marks["full_marks"].sum()
    whole = float(full.max()) if len(full) else 0.0
    return Decomposition(year, UnitKind(kind), whole, units, items, nominal, parts, rates, outside, left_out)


def _items(tables: ScoreTables, year: int, kind: str, asked: pd.DataFrame) -> pd.DataFrame:
    items = tables.items
    items = items[(items["year"] == year) & (items["kind"] == kind) & items["item"].isin(asked["item"])]
    items = items.set_index("item").rename(columns={"text": "item_text"})
    items = items[["no", "item_text", "theme", "theme_name", "full_marks"]]
    return items.assign(units=asked.groupby("item")["unit"].nunique().reindex(items.index))


def places(totals: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
    """Competition ranks along the last axis, highest first, ties as 1-2-2-4; any axes before it are separate rankings.

    Totals that agree to ``EXACT`` decimals tie. The same rule as ``scoring.competition_ranks``, for many rankings.
    """
    rounded = totals.round(EXACT)
    ranks = np.ones(rounded.shape, dtype=np.int16)
    for other in range(rounded.shape[-1]):
        ranks += rounded[..., other, None] > rounded
    return ranks


def ranks_without(parts: pd.DataFrame, totals: pd.Series) -> pd.DataFrame:
    """Each unit's rank when one part is left out of the totals: unit × part."""
    rest = totals.to_numpy(float)[:, None] - parts.to_numpy(float)
    return pd.DataFrame(places(rest.T).T, index=parts.index, columns=parts.columns)


def moves(ranks: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """For each column of ``ranks_without``: moved (units whose rank changes), unit_name, rank and rank_without of the
    unit that moves furthest, of several the best ranked. A part that moves nobody has a blank name."""
    change = (ranks.sub(units["rank"], axis=0)).abs()
    rows = []
    for part in ranks.columns:
        moved = int((change[part] > 0).sum())
        unit = change[part].idxmax() if moved else None
        name, rank, without = (
            ("", 0, 0)
            if unit is None
            else (units.loc[unit, "unit_name"], int(units.loc[unit, "rank"]), int(ranks.loc[unit, part]))
        )
        rows.append((moved, name, rank, without))
    return pd.DataFrame(rows, index=ranks.columns, columns=["moved", "unit_name", "rank", "rank_without"])
