"""How the answer to "who fell most, and on what" is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.decomposition import EXACT
from analytics.analysis.wording import Sentence, amount, difference, item_label, listed, moved, percent, points

if TYPE_CHECKING:
    from analytics.analysis.falls import Falls

PRINTED = 0.005  # what is nearer to 0 is printed as 0


def of_class(falls: Falls) -> Sentence:
    """Who fell most by total and like for like, on which items, and who is not compared."""
    first, last = falls.years[0], falls.years[-1]
    if first == last:
        return Sentence(f"只有{last}年度一年的评分，无从比较变化。")
    if falls.units.empty:
        said = f"没有{falls.kind.label()}在{first}年度和{last}年度都有总分，无从比较"
        return Sentence(f"{said}{_left_out(falls)}。")
    said = f"{first}年度到{last}年度，{len(falls.units)}个{falls.kind.label()}中，{_totals(falls)}；{_like(falls)}"
    named = tuple(dict.fromkeys([*falls.by_total["unit"], *falls.like_for_like["unit"]]))
    told = "".join(f"{_most(falls, unit)}。" for unit in named)
    return Sentence(f"{said}{_left_out(falls)}。{told}总分的变化含细则修订，不全是工作的变化。")


def of_units(falls: Falls, units: Sequence[str]) -> Sentence:
    """The change of each unit taken apart: comparable items, and the rest."""
    if len(falls.years) < 2:
        return Sentence("只有一年的评分，无从比较。")
    if not units:
        return Sentence("没有单位下降。")
    return Sentence("".join(f"{_apart(falls, unit)}。" for unit in units))


def _totals(falls: Falls) -> str:
    low = falls.by_total
    if low.empty:
        least = falls.units[falls.units["change"] == falls.units["change"].min()]
        return f"总分没有一个下降，变化最小的是{_names(least)}（{moved(least['change'].iloc[0])}）"
    said = f"总分下降最多的是{_names(low)}（"
    if len(low) == 1:
        said += f"由{points(low['before'].iloc[0])}分到{points(low['after'].iloc[0])}分，"
    return said + f"{moved(low['change'].iloc[0])}）"


def _like(falls: Falls) -> str:
    low, top = falls.like_for_like, falls.by_total
    if not falls.units["items"].any():
        return "没有一直可比的条目"
    if low.empty:
        return "只看一直可比的条目，没有一个得分率下降"
    row = low.iloc[0]
    fell = moved(100 * row["like_change"], "个百分点")
    if len(low) == 1:
        fell = f"{row['items']}项，得分率由{percent(row['like_before'])}到{percent(row['like_after'])}，{fell}"
    if set(low["unit"]) == set(top["unit"]):
        return f"只看一直可比的条目，下降最多的也是{_names(low)}（{fell}）"
    if top.empty:
        return f"只看一直可比的条目，得分率下降最多的是{_names(low)}（{fell}）"
    return f"只看一直可比的条目，下降最多的是{_names(low)}（{fell}），与按总分看的不同，两者请一并看"


def _most(falls: Falls, unit: str) -> str:
    """The items that a unit fell on, and the dearest new one."""
    items = falls.items[falls.items["unit"] == unit]
    comparable = items[items["comparable"]]
    return f"{falls.names[unit]}的可比条目{_on(comparable).removeprefix('，')}{_new(falls, items)}"


def _apart(falls: Falls, unit: str) -> str:
    items = falls.items[falls.items["unit"] == unit]
    name, first = falls.names[unit], falls.years[0]
    comparable = items[items["comparable"]]
    row = falls.units[falls.units["unit"] == unit]
    if row.empty and comparable.empty:
        return f"{name}没有能与{first}年度相比的条目{_new(falls, items)}"
    like = round(comparable["change"].sum(), EXACT)
    said = f"一直可比的{len(comparable)}项合计{moved(like)}{_on(comparable)}"
    if row.empty:
        return f"{name}没有两年的总分，{said}{_new(falls, items)}"
    change = row["change"].iloc[0]
    said = f"{name}总分{moved(change)}：{said}"
    said += f"；其余{moved(difference(change, like))}，来自不可比的条目、分值调整、加减分和折算"
    return said + _new(falls, items)


def _on(comparable: pd.DataFrame) -> str:
    fell = comparable[comparable["change"] <= -PRINTED]
    if fell.empty:
        return "，没有一项下降"
    told = [f"{_item(row)}（{moved(row['change'])}）" for row in fell.to_dict("records")]
    return f"，降在{listed(told)}" if len(told) <= 3 else f"，降了{len(told)}项，最多的是{'、'.join(told[:3])}"


def _new(falls: Falls, items: pd.DataFrame) -> str:
    """The dearest loss among the items that have nothing to be compared with."""
    lost = items[~items["comparable"] & (items["lost"] >= PRINTED)]
    if lost.empty:
        return ""
    dearest = lost.sort_values("lost", ascending=False, kind="stable").iloc[0]
    said = f"；不可比的条目中{falls.years[-1]}年度扣分最多的是{_item(dearest)}"
    return said + f"（{dearest['says']}，扣{amount(dearest['lost'])}分）"


def _left_out(falls: Falls) -> str:
    said = f"；{listed(falls.undecided)}有条目待裁定，未比较" if falls.undecided else ""
    return said + (f"；{listed(falls.absent)}只有一年的评分，未比较" if falls.absent else "")


def _names(rows: pd.DataFrame) -> str:
    names = listed(rows["unit_name"].to_list())
    return names if len(rows) == 1 else f"{names}并列"


def _item(row: pd.Series | dict[str, object]) -> str:
    return item_label(str(row["no"]), str(row["item_text"]))
