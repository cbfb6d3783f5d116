"""Do units mark themselves higher than they are found to be: self-assessed minus verified marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, amount, item_label, listed
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables


@dataclass(frozen=True, slots=True)
class Gap:
    """Self minus verified over the items that have both marks; positive means that the unit marked itself higher.

    units: unit, unit_name, items (compared), full_marks, self_mark, verified_mark, gap (points), self_rate,
    verified_rate; largest gap first. Units without such an item are in ``not_verified`` instead.
    items: item, no, item_text, units (compared), higher (units that marked themselves higher), gap (points, over all
    units); largest first.
    """

    year: int
    kind: UnitKind
    units: pd.DataFrame
    items: pd.DataFrame
    not_verified: tuple[str, ...]
    sentence: Sentence


def gap(tables: ScoreTables, year: int, kind: str) -> Gap:
    """Difference between self-assessed and verified marks of a class. Refused when the class has no cards in ``year``.

    Source: notice 2020-13, the self-assessment is verified on site, by special inspection and at the desk.
    """
    cards = class_cards(tables, year, kind)
    marks = tables.marks[(tables.marks["year"] == year) & (tables.marks["kind"] == kind)]
    both = marks[marks["self_mark"].notna() & marks["verified_mark"].notna()]
    both = both.assign(gap=both["self_mark"] - both["verified_mark"])
    units = both.groupby(["unit", "unit_name"], as_index=False).agg(
        items=("item", "size"),
        full_marks=("full_marks", "sum"),
        self_mark=("self_mark", "sum"),
        verified_mark=("verified_mark", "sum"),
        gap=("gap", "sum"),
    )
    units = units.assign(
        gap=units["gap"].round(6),
        self_rate=units["self_mark"] / units["full_marks"],
        verified_rate=units["verified_mark"] / units["full_marks"],
    ).sort_values(["gap", "unit"], ascending=[False, True], ignore_index=True)
    both = both.assign(higher=both["gap"] > 0)
    items = both.groupby(["item", "no", "item_text"], as_index=False).agg(
        units=("unit", "nunique"), higher=("higher", "sum"), gap=("gap", "sum")
    )
    items = items.assign(gap=items["gap"].round(6)).sort_values(
        ["gap", "item"], ascending=[False, True], ignore_index=True
    )
    without = tuple(cards.loc[~cards["unit"].isin(units["unit"]), "unit_name"])
    return Gap(year, UnitKind(kind), units, items, without, _sentence(units, items, without, UnitKind(kind)))


def _sentence(units: pd.DataFrame, items: pd.DataFrame, without: tuple[str, ...], kind: UnitKind) -> Sentence:
    if units.empty:
        return Sentence(f"没有一个{kind.label()}既有自评分又有核定分的条目，无从比较自评与核定。")
    higher, lower = units[units["gap"] > 0], units[units["gap"] < 0]
    said = f"有核定分的{len(units)}个{kind.label()}中，自评高于核定的{len(higher)}个，低于核定的{len(lower)}个"
    if len(higher):
        top = units.iloc[0]
        said += f"；差得最多的是{top['unit_name']}，{top['items']}项自评比核定多{amount(top['gap'])}分"
        item = items.iloc[0]
        said += f"；多报最集中的是{item_label(item['no'], item['item_text'])}，"
        said += f"{item['higher']}个单位自评偏高，合计多{amount(item['gap'])}分"
    if without:
        said += f"；{listed(without)}没有核定条目，未比较"
    return Sentence(said + "。")
