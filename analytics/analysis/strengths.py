"""What is each unit better and worse at than its class: the items on which it stands furthest from the mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.analysis.decomposition import EXACT
from analytics.analysis.normalisation import percentile_rank
from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, amount, item_label, listed, signed
from analytics.listing import Listing
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

FEWEST = 3  # the mean of two units only says what the other one has
MOST = 3
SEEN = 0.005  # points that would be printed as 0.00 are no distance


@dataclass(frozen=True, slots=True)
class Strengths:
    """A class in one year, item by item. A strength is not a merit: where all others lose points, full marks are one.

    items: unit, unit_name, item, no, item_text, theme_name, full_marks, rate, mean (of the units that are asked and
    decided), points (rate minus mean, in points of the item), ahead (share of the other units that stand lower; see
    ``percentile_rank``); units by rank, for each the most points first.
    strong, weak: of these the ``MOST`` furthest above and below the mean, furthest first.
    agreed: items on which all stand alike. rare: items that fewer than ``FEWEST`` units have a mark for, not compared.
    waiting: names of the units with an item that awaits a decision; their other items are compared.
    """

    year: int
    kind: UnitKind
    units: tuple[str, ...]
    items: pd.DataFrame
    agreed: int
    rare: int
    waiting: tuple[str, ...]
    sentence: Sentence

    @property
    def strong(self) -> pd.DataFrame:
        return self.items[self.items["points"] >= SEEN].groupby("unit", sort=False).head(MOST)

    @property
    def weak(self) -> pd.DataFrame:
        return self.items[self.items["points"] <= -SEEN].iloc[::-1].groupby("unit", sort=False).head(MOST)

    @property
    def shown(self) -> Listing:
        """Each unit's strengths and weaknesses with their distance to the mean in points, as they are printed."""
        strong, weak = _by_unit(self.strong), _by_unit(self.weak)
        rows = ((name, strong.get(name, "—"), weak.get(name, "—")) for name in self.units)
        return Listing.of(("单位", "高于本类平均最多的条目（分）", "低于本类平均最多的条目（分）"), rows)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown._repr_mimebundle_(include, exclude)


def strengths(tables: ScoreTables, year: int, kind: str) -> Strengths:
    """Strengths and weaknesses of the units of a class. Refused when the class has no cards in ``year``."""
    cards = class_cards(tables, year, kind).sort_values(["rank", "unit"], na_position="last")
    marks = tables.marks[(tables.marks["year"] == year) & (tables.marks["kind"] == kind)]
    waits = set(marks.loc[marks["status"] == "awaiting_decision", "unit_name"])
    known = marks[marks["rate"].notna()]
    by_item = known.groupby("item", sort=False)["rate"]
    common = by_item.transform("size") >= FEWEST
    known = known.assign(mean=by_item.transform("mean"), ahead=by_item.transform(percentile_rank))[common]
    known = known.assign(points=((known["rate"] - known["mean"]) * known["full_marks"]).round(EXACT))
    place = {unit: number for number, unit in enumerate(cards["unit"])}
    known = known.assign(place=known["unit"].map(place).astype(int)).sort_values(
        ["place", "points"], ascending=[True, False], kind="stable", ignore_index=True
    )
    columns = ["unit", "unit_name", "item", "no", "item_text", "theme_name", "full_marks", "rate", "mean", "points"]
    items = known[[*columns, "ahead"]]
    agreed = int((items["points"] == 0).groupby(items["item"]).all().sum())
    rare = marks.loc[marks["status"] != "not_applicable", "item"].nunique() - items["item"].nunique()
    waiting = tuple(name for name in cards["unit_name"] if name in waits)
    said = _sentence(items, agreed, rare, waiting, UnitKind(kind))
    return Strengths(year, UnitKind(kind), tuple(cards["unit_name"]), items, agreed, rare, waiting, said)


def _by_unit(chosen: pd.DataFrame) -> dict[str, str]:
    said = chosen.assign(said=[_label(row) for row in chosen.to_dict("records")])
    return {str(name): "；".join(rows) for name, rows in said.groupby("unit_name", sort=False)["said"]}


def _label(row: dict[str, Any]) -> str:
    return f"{item_label(row['no'], row['item_text'])} {signed(row['points'])}"


def _sentence(items: pd.DataFrame, agreed: int, rare: int, waiting: Iterable[str], kind: UnitKind) -> Sentence:
    asked = items["item"].nunique()
    if not asked:
        said = f"没有{FEWEST}个以上{kind.label()}都有得分的条目，无从比较强项弱项"
    elif agreed == asked:
        said = f"各{kind.label()}在可比的{asked}项上得分率都相同，分不出强项弱项"
    else:
        best, worst = items.loc[items["points"].idxmax()], items.loc[items["points"].idxmin()]
        said = f"高于平均最多的是{best['unit_name']}的{item_label(best['no'], best['item_text'])}，高"
        said += f"{amount(best['points'])}分；低于平均最多的是{worst['unit_name']}的"
        said += f"{item_label(worst['no'], worst['item_text'])}，低{amount(-worst['points'])}分"
        said += "，没有单位比它更低" if worst["ahead"] == 0 else ""
        said += f"；可比的{asked}项中有{agreed}项各单位得分率相同" if agreed else ""
    if rare:
        said += f"；{rare}项有得分的单位不到{FEWEST}个，未比较"
    if waiting := tuple(waiting):
        said += f"；{listed(waiting)}有条目待裁定，只比较了其余条目"
    return Sentence(said + "。")
