"""Who fell most since the first year, and on which items: totals as they stand, and like for like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.analysis import fall_words
from analytics.analysis.changes import changes_between
from analytics.analysis.comparability import breaks, comparable_through, relation_frame
from analytics.analysis.decomposition import EXACT
from analytics.analysis.panel import Panel, Scaled, panels, scaled
from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, amount, percent, points, signed
from analytics.listing import Listing
from analytics.problems import Problem, Refused
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables


@dataclass(frozen=True, slots=True)
class Falls:
    """The newest year of a class against the first; ``years`` holds both and those in between.

    units: unit, unit_name, before, after, change (totals as printed), items (that stayed comparable over all the years
    and have a mark at both ends), like_before, like_after, like_change (rates over these, weighted by the newest year),
    like_points (like_change in points of the newest year). Largest fall of the total first. Units without a total in
    either year are in ``undecided`` instead, units without a card in one of them in ``absent``.
    items: unit, unit_name, item, no, item_text, comparable, before, after (rates), full_marks, change (points of the
    newest year, so that they add up to like_points), lost (points, newest year), says (why it is not comparable). All
    items with a mark in the newest year, also of undecided units; of each unit the largest fall first.
    names: unit → name of every unit with a card in the newest year.
    """

    kind: UnitKind
    years: tuple[int, ...]
    units: pd.DataFrame
    items: pd.DataFrame
    names: pd.Series
    undecided: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def by_total(self) -> pd.DataFrame:
        """The units whose total fell most; several when they fell alike, none when no total fell."""
        return _lowest(self.units, "change")

    @property
    def like_for_like(self) -> pd.DataFrame:
        """The units whose rate over comparable items fell most; none when no rate fell."""
        return _lowest(self.units, "like_change")

    @property
    def sentence(self) -> Sentence:
        """Who fell most, by both ways of counting, on which items, and what the change of a total includes."""
        return fall_words.of_class(self)

    def item_sentence(self, unit: str = "") -> Sentence:
        """The change of one unit taken apart; with a blank name, of each unit that fell most. See ``items_of``."""
        return fall_words.of_units(self, self._named(unit))

    def items_of(self, unit: str = "") -> pd.DataFrame:
        """``items`` of one unit by its name or id; with a blank name, of each unit that fell most by either way.

        Refused, with the names there are, for a unit without a card in the newest year.
        """
        return self.items[self.items["unit"].isin(self._named(unit))]

    @property
    def shown(self) -> Listing:
        """The units as they are printed."""
        first, last = self.years[0], self.years[-1]
        rows = (
            (
                row["unit_name"], points(row["before"]), points(row["after"]), signed(row["change"]),
                *([row["items"], percent(row["like_before"]), percent(row["like_after"]), signed(row["like_points"])]
                  if row["items"] else ["0", "", "", ""]),
            )
            for row in self.units.to_dict("records")
        )  # fmt: skip
        header = (
            "单位", f"{first}年度总分", f"{last}年度总分", "总分变化", "可比条目数", f"可比条目{first}年度得分率",
            f"可比条目{last}年度得分率", "可比条目变化（分）",
        )  # fmt: skip
        return Listing.of(header, rows)

    def shown_items(self, unit: str = "") -> Listing:
        """What a unit lost and won by item: largest fall first, then losses that nothing compares with, then rises.

        ``unit`` as in ``items_of``. What stayed as it was, or is not comparable and lost nothing, is not listed.
        """
        items = self.items_of(unit)
        fell, rose, new = items["change"] < 0, items["change"] > 0, ~items["comparable"] & (items["lost"] > 0)
        units = list(dict.fromkeys(items["unit"]))
        rows = [
            (
                row["unit_name"], f"{row['no']}．{row['item_text']}",
                "" if pd.isna(row["before"]) else percent(row["before"]), percent(row["after"]),
                amount(row["full_marks"]), "" if pd.isna(row["change"]) else signed(row["change"]),
                amount(row["lost"]), row["says"],
            )
            for one in units for part in (fell, new, rose)
            for row in items[part & (items["unit"] == one)].to_dict("records")
        ]  # fmt: skip
        first, last = self.years[0], self.years[-1]
        header = (
            "单位", "条目", f"{first}年度得分率", f"{last}年度得分率", f"{last}年度分值", "变化（分）",
            f"{last}年度扣分", "为何不可比",
        )  # fmt: skip
        # The unit is worth a column only where there are several.
        start = 1 if len(units) < 2 else 0
        return Listing.of(header[start:], (row[start:] for row in rows))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return replace(self.shown, notes=(self.sentence,))._repr_mimebundle_()

    def _named(self, unit: str) -> tuple[str, ...]:
        if not unit:
            return tuple(dict.fromkeys([*self.by_total["unit"], *self.like_for_like["unit"]]))
        found = self.names.index[(self.names == unit) | (self.names.index == unit)]
        if found.empty:
            facts = {"found": unit, "year": str(self.years[-1]), "expected": "、".join(self.names)}
            raise Refused([Problem("unit-not-scored", "stop", facts=facts)])
        return tuple(found)


def falls(tables: ScoreTables, kind: str, since: int | None = None, until: int | None = None) -> Falls:
    """Compare a class's year ``until`` (None: the newest) with ``since`` (None: the first that was scored).

    Refused when the class has no cards in one of the years that are named. An item counts as comparable only when it
    was at each step from year to year; see ``comparability``.
    """
    cards = tables.cards[tables.cards["kind"] == kind]
    scored = sorted({int(year) for year in cards["year"].unique()})
    first, last = since or min(scored, default=0), until or max(scored, default=0)
    before, after = class_cards(tables, first, kind), class_cards(tables, last, kind)
    years = tuple(year for year in scored if first <= year <= last)
    names = cards.sort_values("year").drop_duplicates("unit", keep="last").set_index("unit")["unit_name"]
    items = tables.items[(tables.items["kind"] == kind) & tables.items["year"].between(first, last)]
    relations = relation_frame(items)
    (panel,) = panels(tables.marks, [kind], years)
    cards = pd.concat([before, after]).drop_duplicates(["unit", "year"])
    changes = changes_between(cards.assign(unit_name=names.reindex(cards["unit"]).array), [panel], relations, years)
    compared = changes if len(years) > 1 else changes[:0]
    units = _units(compared, panel, relations)
    return Falls(
        kind=UnitKind(kind),
        years=years,
        units=units,
        items=_items(panel, relations, items[items["year"] == last], names, units["unit"]),
        names=names[sorted(after["unit"])],
        undecided=tuple(compared.loc[compared["change"].isna(), "unit_name"]),
        absent=tuple(names[sorted(set(before["unit"]) ^ set(after["unit"]))]),
    )


def _units(changes: pd.DataFrame, panel: Panel, relations: pd.DataFrame) -> pd.DataFrame:
    """The frame ``Falls.units``."""
    both = _like_for_like(panel, relations)
    like = pd.Series((both.after.sum(axis=1) - both.before.sum(axis=1)).round(EXACT), panel.units)
    units = changes[changes["change"].notna()]
    units = units.assign(like_points=like.reindex(units["unit"]).to_numpy()).sort_values(["change", "unit"])
    columns = ["unit", "unit_name", "before", "after", "change", "items", "like_before", "like_after", "like_change"]
    return units[[*columns, "like_points"]].reset_index(drop=True)


def _like_for_like(panel: Panel, relations: pd.DataFrame) -> Scaled:
    comparable = panel.comparable(comparable_through(relations, panel.kind, panel.years))
    return scaled(panel, panel.years[0], panel.years[-1], comparable)


def _items(
    panel: Panel, relations: pd.DataFrame, newest: pd.DataFrame, names: pd.Series, units: Iterable[str]
) -> pd.DataFrame:
    """The frame ``Falls.items``; newest: the newest year's items; units: in the order they are to follow."""
    both = _like_for_like(panel, relations)
    unit, item = np.nonzero(panel.known[-1])
    full, after, was = panel.full[-1][unit, item], panel.awarded[-1][unit, item], both.before[unit, item]
    comparable = both.full[unit, item] > 0
    form = newest.set_index("item").reindex(panel.items)
    broken = breaks(relations, panel.kind, panel.years).reindex(panel.items).fillna("")
    none = f"{panel.years[0]}年度没有得分" if len(panel.years) > 1 else ""
    says = np.where(broken.to_numpy(object)[item] == "", none, broken.to_numpy(object)[item])
    places = pd.Series({name: place for place, name in enumerate(units)}, dtype=float).reindex(panel.units)
    frame = pd.DataFrame(
        {
            "unit": panel.units[unit],
            "unit_name": names.reindex(panel.units).array[unit],
            "item": panel.items[item],
            "no": form["no"].array[item],
            "item_text": form["text"].array[item],
            "comparable": comparable,
            "before": np.where(comparable, was / full, np.nan),
            "after": after / full,
            "full_marks": full,
            "change": np.where(comparable, after - was, np.nan),
            "lost": full - after,
            "says": np.where(comparable, "", says),
        }
    )
    order = np.lexsort((item, -frame["lost"], frame["change"].fillna(np.inf), places.to_numpy()[unit]))
    return frame.iloc[order].reset_index(drop=True)


def _lowest(units: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows where ``column`` fell most, to the hundredth of a point or percentage point that is printed."""
    scale = 1 if column == "change" else 100
    printed = (units[column] * scale).round(EXACT).round(2)
    return units[(printed < 0) & (printed == printed.min())]
