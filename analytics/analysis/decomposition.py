"""The totals of a class taken apart: full marks, less what each item cost each unit, and what came from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.analysis.scores import class_cards, waiting_for_total
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

EXACT = 6  # decimals to which totals are compared: far finer than any point, far coarser than binary noise
BLOCK = 1_000_000  # totals that are ranked in one go
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The units of one class that are ranked. For each, total = full marks + the sum of ``parts`` + ``outside``.

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
    units = cards[cards["total"].notna() & cards["rank"].notna()].sort_values(["rank", "unit"]).set_index("unit")
    units = units[["unit_name", "total", "rank", "grade_by_points"]].astype({"rank": int})
    marks = tables.marks
    marks = marks[(marks["year"] == year) & (marks["kind"] == kind)]
    row = units.index.get_indexer(marks["unit"])
    marks, row = marks[row >= 0], row[row >= 0]
    full = _summed(marks["full_marks"], row, len(units))
    asked = (marks["status"] != "not_applicable").to_numpy()
    counted = _summed(marks["full_marks"][asked], row[asked], len(units))
    scale = np.divide(full, counted, out=np.ones_like(full), where=counted > 0)
    items = _items(tables, year, kind, marks[asked])
    place = row[asked], items.index.get_indexer(marks["item"][asked])
    lost = (marks["awarded"] - marks["full_marks"])[asked].to_numpy(float)
    parts = _spread_out(lost * scale[place[0]], place, units.index, items.index).fillna(0.0)
    rates = _spread_out(marks["rate"][asked].to_numpy(float), place, units.index, items.index)
    outside = (units["total"] - full - parts.sum(axis=1)).round(EXACT)
    left_out = tuple(cards.loc[waiting_for_total(cards), "unit_name"])
    nominal = marks.groupby("theme", sort=False)["full_marks"].sum() / marks["full_marks"].sum()
    whole = float(full.max()) if len(full) else 0.0
    return Decomposition(year, UnitKind(kind), whole, units, items, nominal, parts, rates, outside, left_out)


def _summed(values: pd.Series, row: Places, units: int) -> Floats:
    """The sum of the values that belong to each row."""
    return np.bincount(row, values, units).astype(float)  # without any value numpy counts in integers


def _spread_out(values: Floats, place: tuple[Places, Places], units: pd.Index, items: pd.Index) -> pd.DataFrame:
    """unit × item with each value at its place, (row, column), and NaN elsewhere."""
    table = np.full((len(units), len(items)), np.nan)
    table[place] = values
    return pd.DataFrame(table, index=units, columns=items)


def _items(tables: ScoreTables, year: int, kind: str, asked: pd.DataFrame) -> pd.DataFrame:
    items = tables.items
    items = items[(items["year"] == year) & (items["kind"] == kind)]
    items = items.set_index("item").rename(columns={"text": "item_text"})
    items = items[["no", "item_text", "theme", "theme_name", "full_marks"]]
    units = asked["item"].value_counts().reindex(items.index)
    return items.assign(units=units)[units.notna()].astype({"units": int})


def places(totals: Floats) -> npt.NDArray[np.int32]:
    """Competition ranks along the last axis, highest first, ties as 1-2-2-4; any axes before it are separate rankings.

    Totals that agree to ``EXACT`` decimals tie; none may be NaN. The same rule as ``scoring.competition_ranks``, for
    many rankings at once.
    """
    units = totals.shape[-1]
    rankings = totals.reshape(-1, units) if units else totals.reshape(0, 0)
    ranks = np.empty(rankings.shape, dtype=np.int32)
    # A block at a time: sorting needs several arrays of its size, and a thousand rankings of 40,000 units are large.
    step = max(1, BLOCK // max(1, units))
    for start in range(0, len(rankings), step):
        block = -rankings[start : start + step].round(EXACT)
        order = block.argsort(axis=1)
        block = np.take_along_axis(block, order, axis=1)
        first = np.broadcast_to(np.arange(1, units + 1, dtype=np.int32), block.shape).copy()
        first[:, 1:][block[:, 1:] == block[:, :-1]] = 0
        np.put_along_axis(ranks[start : start + step], order, np.maximum.accumulate(first, axis=1), axis=1)
    return ranks.reshape(totals.shape)


def ranks_without(parts: pd.DataFrame, totals: pd.Series) -> pd.DataFrame:
    """Each unit's rank when one part is left out of the totals: unit × part."""
    rest = totals.to_numpy(float)[:, None] - parts.to_numpy(float)
    return pd.DataFrame(places(rest.T).T, index=parts.index, columns=parts.columns)


def moves(ranks: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """For each column of ``ranks_without``: moved (units whose rank changes), unit_name, rank and rank_without of the
    unit that moves furthest, of several the best ranked. A part that moves nobody has a blank name."""
    before, after = units["rank"].to_numpy(int), ranks.to_numpy(int)
    change = np.abs(after - before[:, None])
    moved = (change > 0).sum(axis=0)
    furthest = change.argmax(axis=0) if len(units) else moved
    rows = [
        (count, units["unit_name"].iloc[row], before[row], after[row, part]) if count else (0, "", 0, 0)
        for part, (count, row) in enumerate(zip(moved, furthest, strict=True))
    ]
    return pd.DataFrame(rows, index=ranks.columns, columns=["moved", "unit_name", "rank", "rank_without"])
