"""Which deductions come again: items on which a unit loses points year after year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.analysis.comparability import comparable_through
from analytics.analysis.panel import Panel
from analytics.analysis.wording import Sentence, item_label, listed

COLUMNS = ("unit", "unit_name", "kind", "item", "no", "item_text", "years", "points", "lost_in")
LEAST = 1e-9  # marks are floats here


def recurring_losses(
    panels: Sequence[Panel], relations: pd.DataFrame, names: pd.Series, items: pd.DataFrame
) -> pd.DataFrame:
    """Items lost in the newest year and in the years right before it, while they asked the same, as ``COLUMNS``.

    relations: see ``comparability``; names: unit → name; items: ``ScoreTables.items``. ``years`` is a tuple in the
    frame, ``points`` is what the newest of them cost, ``lost_in`` their number. Longest first, then dearest.
    """
    found = pd.concat([_of_class(panel, relations, names, items) for panel in panels], ignore_index=True)
    # Each class is in order of unit and item already, and a stable sort keeps that among equals.
    order = np.lexsort((-found["points"].to_numpy(), -found["lost_in"].to_numpy()))
    return found.iloc[order].reset_index(drop=True)


def _of_class(panel: Panel, relations: pd.DataFrame, names: pd.Series, items: pd.DataFrame) -> pd.DataFrame:
    years = panel.years
    lost = panel.full - panel.awarded
    run = (lost[-1] > LEAST).astype(np.int8)
    for place in range(len(years) - 2, -1, -1):
        asked_again = panel.comparable(comparable_through(relations, panel.kind, years[place : place + 2]))
        goes_on = (run == len(years) - 1 - place) & (lost[place] > LEAST) & asked_again
        run += goes_on.astype(np.int8)
    unit, item = np.nonzero(run > 1)
    lost_in = run[unit, item].astype(int)
    spans = np.empty(len(years) + 1, dtype=object)
    spans[:] = [years[len(years) - length :] for length in range(len(years) + 1)]
    newest = items[(items["kind"] == panel.kind) & (items["year"] == years[-1])].set_index("item")
    newest = newest[["no", "text"]].reindex(panel.items)
    return pd.DataFrame(
        {
            "unit": panel.units[unit],
            "unit_name": names.reindex(panel.units).array[unit],
            "kind": panel.kind,
            "item": panel.items[item],
            "no": newest["no"].array[item],
            "item_text": newest["text"].array[item],
            "years": spans[lost_in],
            "points": lost[-1][unit, item],
            "lost_in": lost_in,
        }
    )[list(COLUMNS)]


def recurrence_sentence(recurring: pd.DataFrame, years: Sequence[int]) -> Sentence:
    """How many deductions came again, and the one that most units share."""
    if len(years) < 2:
        return Sentence("只有一个年度，看不出重复扣分。")
    if recurring.empty:
        return Sentence("没有单位在同一条目上连续两年扣分。")
    key = ["item", "no", "item_text"]
    item, number, text = recurring.groupby(key).size().idxmax()
    shared = recurring.loc[recurring["item"] == item, "unit_name"]
    said = f"{recurring['unit'].nunique()}个单位共有{len(recurring)}处连年扣分；最集中的是{item_label(number, text)}，"
    return Sentence(said + f"{listed(shared.to_list())}到{years[-1]}年度已连续扣分。")
