"""Which units are most alike: whom to ask, since who loses points on the same items and yet did better knows how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.analysis.decomposition import EXACT, Decomposition, Floats, decompose
from analytics.analysis.normalisation import weighted_mean
from analytics.analysis.wording import Sentence, amount, item_label, listed, percent, points, signed
from analytics.listing import Listing
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

ROLES = ("nearest", "second", "better")
COLUMNS = ("unit", "unit_name", "role", "other_name", "distance", "common", "no", "item_text", "points")


@dataclass(frozen=True, slots=True)
class Peers:
    """The units of one class that have a total, each with those whose item rates are nearest. Others: ``left_out``.

    The distance of two units is the root of the mean square difference of their rates (in percentage points) over the
    items that both are asked, weighted by the items' points: 0 when they agree on every item, 10 when they differ by 10
    on each, or by more on a few. It says how alike two units are, not which is better.
    pairs: unit, unit_name, role, other_name, distance, common (items that both are asked), no, item_text, points
    (the item that separates the two most, and by how many points the unit is ahead there, below 0 behind). A unit has
    up to three rows: ``nearest`` and ``second``, and ``better``, the nearest of those with a higher total, with the
    item on which that one is furthest ahead; blank and 0 where no item separates them. Units by rank; of several
    equally near ones the better ranked is named.
    distances: unit_name × unit_name; NaN on the diagonal and for two units that have no item in common.
    """

    year: int
    kind: UnitKind
    units: tuple[str, ...]
    pairs: pd.DataFrame
    distances: pd.DataFrame
    left_out: tuple[str, ...]
    sentence: Sentence

    @property
    def shown(self) -> Listing:
        """The units as they are printed, a row each."""
        counted = len(set(self.pairs["common"])) > 1
        header = (
            "单位", "最像的单位（相差百分点，共同条目）" if counted else "最像的单位（相差百分点）",
            "与它差得最多的条目（分）", "第二像的", "总分更高的单位中最像的", "它多得分最多的条目（分）",
        )  # fmt: skip
        cells: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in self.units}
        for row in self.pairs.to_dict("records"):
            cells[row["unit_name"]][row["role"]] = _who(row, counted), _what(row)
        blank = ("—", "—")
        rows = []
        for name, of_unit in cells.items():
            (near, most), (second, _), (better, ahead) = (of_unit.get(role, blank) for role in ROLES)
            rows.append((name, near, most, second, better, ahead))
        return Listing.of(header, rows)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown._repr_mimebundle_(include, exclude)


def peers(tables: ScoreTables, year: int, kind: str) -> Peers:
    """Who is most alike in a class. Every pair is compared. Refused when the class has no cards in ``year``."""
    apart = decompose(tables, year, kind)
    distances = _distances(apart)
    totals = apart.units["total"].round(EXACT).to_numpy(float)
    pairs = []
    for unit, distance in enumerate(distances):
        order = distance.argsort(kind="stable")  # NaN last
        order = order[: np.count_nonzero(~np.isnan(distance))]
        higher = order[totals[order] > totals[unit]]
        for role, found in zip(ROLES, (order[:1], order[1:2], higher[:1]), strict=True):
            pairs += [_pair(apart, unit, role, other, distance[other]) for other in found]
    frame = pd.DataFrame(pairs, columns=COLUMNS)
    names = tuple(apart.units["unit_name"])
    said = _sentence(apart, frame, distances)
    table = pd.DataFrame(distances, index=names, columns=names)
    return Peers(apart.year, apart.kind, names, frame, table, apart.left_out, said)


def _distances(apart: Decomposition) -> Floats:
    """How far each unit is from each other one, in percentage points: units in the order of ``apart``."""
    rates = apart.rates
    rows = [weighted_mean((rates - rates.loc[unit]) ** 2, apart.items["full_marks"]) for unit in rates.index]
    squares = np.array(rows, dtype=float).reshape(len(rates), len(rates)).round(2 * EXACT)
    np.fill_diagonal(squares, np.nan)
    distances: Floats = 100 * np.sqrt(squares)
    return distances


def _pair(apart: Decomposition, unit: int, role: str, other: int, distance: float) -> tuple[object, ...]:
    rates, full = apart.rates.to_numpy(float), apart.items["full_marks"].to_numpy(float)
    ahead = (rates[unit] - rates[other]) * full
    item = int(np.nanargmin(ahead) if role == "better" else np.nanargmax(np.abs(ahead)))
    most = round(float(ahead[item]), EXACT)
    separates = most < 0 if role == "better" else most != 0
    texts = apart.items["no"].iloc[item], apart.items["item_text"].iloc[item]
    what = (*texts, most) if separates else ("", "", 0.0)
    units, names = apart.units.index, apart.units["unit_name"].to_numpy()
    common = int(np.count_nonzero(~np.isnan(ahead)))
    return (units[unit], names[unit], role, names[other], float(distance), common, *what)


def _who(row: dict[str, Any], counted: bool) -> str:
    common = f"，{row['common']}项" if counted else ""
    return f"{row['other_name']}（{_apart(row['distance'])}{common}）"


def _apart(distance: float) -> str:
    return percent(distance / 100).removesuffix("%")


def _what(row: dict[str, Any]) -> str:
    if not row["points"]:
        return "各条目都不落后" if row["role"] == "better" else "逐项相同"
    label = item_label(row["no"], row["item_text"])
    return f"{label} {points(-row['points']) if row['role'] == 'better' else signed(row['points'])}"


def _sentence(apart: Decomposition, pairs: pd.DataFrame, distances: Floats) -> Sentence:
    near = pairs[pairs["role"] == "nearest"]
    if near.empty:
        said = f"没有两个有总分而又有共同条目的{apart.kind.label()}，谈不上谁与谁相像"
    elif not np.nanmax(distances):
        said = f"{len(apart.units)}个{apart.kind.label()}逐项得分率完全相同，无所谓谁与谁更像"
    else:
        said = _closest(near.loc[near["distance"].idxmin()])
        said += f"；各对单位相差的中位数是{_apart(np.nanmedian(distances))}个百分点"
        said += _advice(pairs[pairs["role"] == "better"])
        low, high = pairs["common"].min(), pairs["common"].max()
        said += f"；比较只用两单位都适用的条目，{low}项" + (f"至{high}项" if high > low else "")
    if apart.left_out:
        said += f"；{listed(apart.left_out)}有条目待裁定，未比较"
    return Sentence(said + "。")


def _closest(row: pd.Series) -> str:
    said = f"最相像的是{row['unit_name']}和{row['other_name']}，共同的{row['common']}项得分率平均相差"
    said += f"{_apart(row['distance'])}个百分点（按分值加权的均方根）"
    return said + (f"，差得最多的是{item_label(row['no'], row['item_text'])}" if row["points"] else "")


def _advice(better: pd.DataFrame) -> str:
    """Whom the unit whose better peer is nearest may ask, and about what."""
    better = better[better["points"] < 0]
    if better.empty:
        return ""
    row = better.loc[better["distance"].idxmin()]
    said = f"；可以取经的例子：{row['unit_name']}问{row['other_name']}（总分更高而最像它），"
    return said + f"先问{item_label(row['no'], row['item_text'])}，那里多得{amount(-row['points'])}分"
