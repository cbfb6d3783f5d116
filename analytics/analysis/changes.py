"""From one year to another: totals as they are printed, and rates like for like over the items that ask the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from analytics.analysis.comparability import comparable_through
from analytics.analysis.panel import Floats, Panel, scaled

CHANGES = (
    "unit", "unit_name", "kind", "from_year", "to_year", "before", "after", "change", "rank_before", "rank_after",
    "items", "like_before", "like_after", "like_change",
)  # fmt: skip


def yearly_changes(
    units: pd.DataFrame, panels: Sequence[Panel], relations: pd.DataFrame, years: Sequence[int]
) -> pd.DataFrame:
    """Each year against the one before it, as ``CHANGES``, for the units that have a card in both.

    units: ``Trend.units``; relations: see ``comparability``.
    """
    pairs = [changes_between(units, panels, relations, pair) for pair in pairwise(years)]
    if not pairs:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in CHANGES})
    return pd.concat(pairs, ignore_index=True)


def changes_between(
    units: pd.DataFrame, panels: Sequence[Panel], relations: pd.DataFrame, years: Sequence[int]
) -> pd.DataFrame:
    """The last of ``years`` against the first, as ``CHANGES``; items must have stayed comparable over all of them."""
    first, last = years[0], years[-1]
    before, after = (units[units["year"] == year] for year in (first, last))
    pair = after.merge(before, on=["unit", "unit_name", "kind"], suffixes=("_after", "_before"))
    like = pd.concat(
        [like_for_like(panel, first, last, comparable_through(relations, panel.kind, years)) for panel in panels],
        ignore_index=True,
    )
    pair = pair.merge(like, on="unit", how="left").rename(columns={"total_before": "before", "total_after": "after"})
    return pair.assign(
        from_year=first,
        to_year=last,
        change=printed_change(pair["after"], pair["before"]),
        like_change=pair["like_after"] - pair["like_before"],
        items=pair["items"].fillna(0).astype(int),
    )[list(CHANGES)]


def like_for_like(panel: Panel, earlier: int, later: int, comparable: Sequence[str]) -> pd.DataFrame:
    """unit, items, like_before, like_after: rates over the comparable items that have a mark in both years.

    Both years with the later year's weights; units without such an item are left out.
    """
    both = scaled(panel, earlier, later, panel.comparable(comparable))
    full, items = both.full.sum(axis=1), (both.full > 0).sum(axis=1)
    some = items > 0
    return pd.DataFrame(
        {
            "unit": panel.units[some],
            "items": items[some],
            "like_before": both.before.sum(axis=1)[some] / full[some],
            "like_after": both.after.sum(axis=1)[some] / full[some],
        }
    )


def printed_change(after: pd.Series, before: pd.Series) -> Floats:
    """``wording.difference`` for whole columns; NaN where either is."""
    change: Floats = (_printed(after) - _printed(before)) / 100
    return change


def _printed(points: pd.Series) -> Floats:
    """Hundredths of a point, rounded half up on the decimal number: binary noise begins after nine decimals."""
    hundredths = np.round(points.to_numpy(float) * 100, 9)
    rounded: Floats = np.sign(hundredths) * np.floor(np.abs(hundredths) + 0.5)
    return rounded
