"""Score rates (得分率: awarded / full marks over the items that have an awarded mark) by unit, theme and item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.analysis.comparability import breaks, comparable_through
from analytics.analysis.panel import Floats, Panel


def unit_rates(cards: pd.DataFrame, panels: Sequence[Panel], names: pd.Series) -> pd.DataFrame:
    """unit, unit_name, kind, year, total, grade, rank, rate, a row for each card. names: unit → its newest name."""
    rates = pd.concat([_unit_rates(panel) for panel in panels], ignore_index=True)
    units = cards[["unit", "kind", "year", "total", "grade", "rank"]].merge(rates, on=["unit", "year"], how="left")
    units.insert(1, "unit_name", names.reindex(units["unit"]).array)
    return units.sort_values(["unit", "year"], ignore_index=True)


def _unit_rates(panel: Panel) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([panel.years, panel.units], names=["year", "unit"])
    rate = ratio(panel.awarded.sum(axis=2), panel.full.sum(axis=2))
    return pd.DataFrame({"rate": rate.ravel()}, index=index).dropna().reset_index()


def item_rates(panels: Sequence[Panel], items: pd.DataFrame) -> pd.DataFrame:
    """kind, item, item_text (the newest), year, rate, no, full_marks, units (with a mark), theme, awarded, asked.

    awarded and asked are the points given to all units and those they could have had. items: ``ScoreTables.items``.
    """
    found = pd.concat([_item_rates(panel) for panel in panels], ignore_index=True)
    newest = found.merge(items[["kind", "item", "year", "text"]]).sort_values("year")
    newest = newest.drop_duplicates(["kind", "item"], keep="last")[["kind", "item", "text"]]
    found = found.merge(newest.rename(columns={"text": "item_text"}), on=["kind", "item"])
    found = found.merge(items[["kind", "item", "year", "no", "full_marks", "theme"]], on=["kind", "item", "year"])
    columns = ["kind", "item", "item_text", "year", "rate", "no", "full_marks", "units", "theme", "awarded", "asked"]
    return found[columns].sort_values(["kind", "item", "year"], ignore_index=True)


def _item_rates(panel: Panel) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([panel.years, panel.items], names=["year", "item"])
    awarded, asked, units = panel.awarded.sum(axis=1), panel.full.sum(axis=1), panel.known.sum(axis=1)
    frame = pd.DataFrame(
        {"rate": ratio(awarded, asked).ravel(), "units": units.ravel(), "awarded": awarded.ravel(),
         "asked": asked.ravel()},
        index=index,
    )  # fmt: skip
    return frame.dropna().reset_index().assign(kind=panel.kind)


def theme_rates(rates: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """kind, theme, theme_name (the newest), year, rate over all units. rates: ``item_rates``."""
    names = items.merge(rates[["kind", "item", "year"]]).sort_values("year")
    names = names.drop_duplicates(["kind", "theme"], keep="last")[["kind", "theme", "theme_name"]]
    summed = rates.groupby(["kind", "theme", "year"], as_index=False)[["awarded", "asked"]].sum()
    summed = summed.assign(rate=summed["awarded"] / summed["asked"]).drop(columns=["awarded", "asked"])
    return names.merge(summed, on=["kind", "theme"]).sort_values(["kind", "theme", "year"], ignore_index=True)


def item_changes(rates: pd.DataFrame, relations: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """What became of the class's rate on each item of the newest year, against the first.

    kind, item, no, item_text, a column for each year with its rate, change (last minus first), says (why it is not
    comparable; blank when it is). Largest change first, then the items without one, as the newest form orders them.
    """
    first, last = years[0], years[-1]
    newest = rates[rates["year"] == last].set_index(["kind", "item"])[["no", "item_text"]]
    by_year = rates.pivot_table(index=["kind", "item"], columns="year", values="rate")
    table = newest.join(by_year.reindex(columns=list(years)))
    comparable, says = [], []
    for kind, of_kind in table.groupby(level="kind", sort=False):
        items = of_kind.index.get_level_values("item")
        comparable.append(pd.Series(items.isin(comparable_through(relations, str(kind), years)), of_kind.index))
        says.append(pd.Series(breaks(relations, str(kind), years).reindex(items).fillna("").array, of_kind.index))
    kept = pd.concat(comparable) if comparable else pd.Series(dtype=bool)
    table = table.assign(
        change=(table[last] - table[first]).where(kept.reindex(table.index, fill_value=False)),
        says=pd.concat(says).reindex(table.index) if says else "",
    ).reset_index()
    order = table.assign(size=-table["change"].abs().round(9), form=_form_order(table["no"]))
    return table.loc[order.sort_values(["size", "form"], na_position="last").index].reset_index(drop=True)


def _form_order(numbers: pd.Series) -> pd.Series:
    """Printed item numbers by their value where they are numbers: 9 before 10."""
    return pd.to_numeric(numbers, errors="coerce")


def ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where there is no whole."""
    rates: Floats = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return rates
