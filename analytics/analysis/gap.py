"""Do units mark themselves higher than they are found to be: self-assessed minus verified marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.claims import cells_by_sheet, class_claims, legible
from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, amount, item_label, listed, percent, shortened, signed
from analytics.listing import Listing
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

EXACT = 6  # decimals: far finer than any point, far coarser than binary noise
MOST_CELLS = 15


@dataclass(frozen=True, slots=True)
class Gap:
    """Self minus verified over the items that have both marks; positive means that the unit marked itself higher.

    units: unit, unit_name, items (compared), full_marks, self_mark, verified_mark, gap (points), higher (items on
    which the unit marked itself higher), self_rate, verified_rate; largest gap first. Units without such an item are
    in ``not_verified`` instead.
    items: item, no, item_text, units (compared), higher (units that marked themselves higher), gap (points, over all
    units); largest first.
    marks: unit, unit_name, item, no, item_text, full_marks, self_mark, verified_mark, gap; one row for each mark that
    was compared, in the order of the cards and the rubric.
    """

    year: int
    kind: UnitKind
    units: pd.DataFrame
    items: pd.DataFrame
    marks: pd.DataFrame
    not_verified: tuple[str, ...]
    sentence: Sentence

    @property
    def matrix(self) -> pd.DataFrame:
        """gap by item (in the order of ``items``) and unit_name (in the order of ``units``); NaN: not compared."""
        table = self.marks.pivot_table(index="item", columns="unit_name", values="gap", dropna=False)
        return table.reindex(index=self.items["item"].to_list(), columns=self.units["unit_name"].to_list())

    @property
    def shown(self) -> Listing:
        """The units as they are printed."""
        rows = (
            (
                row["unit_name"],
                row["items"],
                amount(row["self_mark"]),
                amount(row["verified_mark"]),
                signed(row["gap"]),
                row["higher"],
                percent(row["self_rate"]),
                percent(row["verified_rate"]),
            )
            for row in self.units.to_dict("records")
        )
        header = "单位 比较的条目 自评合计 核定合计 自评减核定 自评偏高的条目 自评得分率 核定得分率"
        return Listing.of(header.split(), rows)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown._repr_mimebundle_(include, exclude)


@dataclass(frozen=True, slots=True)
class LargestGaps:
    """The marks that were over-claimed most, with the cells to open.

    rows: as ``Gap.marks``, with claimed_at (the cell of the self-mark), found_at and because (the cells and reasons of
    the verified deductions; blank where none was recorded). ``over`` counts all marks that were over-claimed.
    """

    rows: pd.DataFrame
    over: int
    sentence: Sentence

    @property
    def shown(self) -> Listing:
        """The rows as they are printed."""
        rows = (
            (
                row["unit_name"] + item_label(row["no"], row["item_text"]),
                amount(row["self_mark"]),
                amount(row["verified_mark"]),
                signed(row["gap"]),
                shortened(legible(row["because"]), 60),
                row["claimed_at"],
                row["found_at"],
            )
            for row in self.rows.to_dict("records")
        )
        return Listing.of(("单位和条目", "自评", "核定", "相差", "核定的理由", "自评的单元格", "核定的单元格"), rows)


def gap(tables: ScoreTables, year: int, kind: str) -> Gap:
    """Difference between self-assessed and verified marks of a class. Refused when the class has no cards in ``year``.

    Source: notice 2020-13, the self-assessment is verified on site, by special inspection and at the desk.
    """
    cards = class_cards(tables, year, kind)
    marks = tables.marks[(tables.marks["year"] == year) & (tables.marks["kind"] == kind)]
    both = marks[marks["self_mark"].notna() & marks["verified_mark"].notna()]
    both = both.assign(gap=(both["self_mark"] - both["verified_mark"]).round(EXACT))
    both = both.assign(higher=both["gap"] > 0)
    units = both.groupby(["unit", "unit_name"], as_index=False).agg(
        items=("item", "size"),
        full_marks=("full_marks", "sum"),
        self_mark=("self_mark", "sum"),
        verified_mark=("verified_mark", "sum"),
        gap=("gap", "sum"),
        higher=("higher", "sum"),
    )
    units = units.assign(
        gap=units["gap"].round(EXACT),
        self_rate=units["self_mark"] / units["full_marks"],
        verified_rate=units["verified_mark"] / units["full_marks"],
    ).sort_values(["gap", "unit"], ascending=[False, True], ignore_index=True)
    items = both.groupby(["item", "no", "item_text"], as_index=False).agg(
        units=("unit", "nunique"), higher=("higher", "sum"), gap=("gap", "sum")
    )
    items = items.assign(gap=items["gap"].round(EXACT)).sort_values(
        ["gap", "item"], ascending=[False, True], ignore_index=True
    )
    columns = ["unit", "unit_name", "item", "no", "item_text", "full_marks", "self_mark", "verified_mark", "gap"]
    without = tuple(cards.loc[~cards["unit"].isin(units["unit"]), "unit_name"])
    said = _sentence(units, items, without, UnitKind(kind))
    return Gap(year, UnitKind(kind), units, items, both[columns].reset_index(drop=True), without, said)


def largest_gaps(tables: ScoreTables, found: Gap, most: int = MOST_CELLS) -> LargestGaps:
    """The ``most`` marks with the largest gaps, with the cells in the self-assessment and in the records."""
    over = found.marks[found.marks["gap"] > 0]
    # Only what can be among the first is sorted: in a large class the names would take longer than all the rest.
    rows = over[over["gap"] >= over["gap"].nlargest(most).min()]
    rows = rows.sort_values(["gap", "unit", "item"], ascending=[False, True, True], ignore_index=True).head(most)
    claims = class_claims(tables, found.year, found.kind)
    claimed = claims.drop_duplicates(["unit", "item"]).set_index(["unit", "item"])["cell"].to_dict()
    losses = tables.losses
    losses = losses[(losses["year"] == found.year) & (losses["channel"] != "self") & (losses["points"] > 0)]
    losses = rows[["unit", "item"]].merge(losses, on=["unit", "item"])
    places = list(zip(rows["unit"], rows["item"], strict=True))
    named = {
        name: losses.groupby(["unit", "item"])[column].agg(said).to_dict() if len(losses) else {}
        for name, column, said in (("because", "because", _joined), ("found_at", "cell", cells_by_sheet))
    }
    rows = rows.assign(
        claimed_at=[claimed.get(place, "") for place in places],
        **{name: [texts.get(place, "") for place in places] for name, texts in named.items()},
    )
    return LargestGaps(rows, len(over), _largest_sentence(rows, len(over)))


def _joined(texts: pd.Series) -> str:
    return "；".join(dict.fromkeys(text for text in texts.fillna("") if text))


def _largest_sentence(rows: pd.DataFrame, over: int) -> Sentence:
    if rows.empty:
        return Sentence("没有自评高于核定的条目。")
    top = rows.iloc[0]
    said = f"自评高于核定的有{over}处"
    said += f"，列出相差最大的{len(rows)}处" if over > len(rows) else ""
    said += f"；最大的是{top['unit_name']}{item_label(top['no'], top['item_text'])}，多{amount(top['gap'])}分"
    return Sentence(
        f"{said}。值得看一看，因为核定时发现了单位没有写的问题：可能是没有看到，可能是对条款理解不同，也可能是漏填了扣分。"
    )


def _sentence(units: pd.DataFrame, items: pd.DataFrame, without: tuple[str, ...], kind: UnitKind) -> Sentence:
    if units.empty:
        return Sentence(f"没有一个{kind.label()}既有自评分又有核定分的条目，无从比较自评与核定。")
    higher, lower = units[units["gap"] > 0], units[units["gap"] < 0]
    said = f"有核定分的{len(units)}个{kind.label()}中，自评高于核定的{len(higher)}个，低于核定的{len(lower)}个"
    if len(higher):
        top = units.iloc[0]
        said += f"；差得最多的是{top['unit_name']}，{top['items']}项自评比核定多{amount(top['gap'])}分"
        item = items.iloc[0]
        said += f"；自评偏高最集中的是{item_label(item['no'], item['item_text'])}，"
        said += f"{item['higher']}个单位合计多{amount(item['gap'])}分"
    if without:
        said += f"；{listed(without)}没有核定条目，未比较"
    return Sentence(said + "。")
