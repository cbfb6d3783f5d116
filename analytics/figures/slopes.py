"""The slope chart: each unit's total over the years, named at both ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import pandas as pd
from matplotlib.axes import Axes

from analytics.analysis.scores import UNDECIDED
from analytics.analysis.trend import Trend
from analytics.analysis.wording import listed, points, signed
from analytics.figures.theme import ACCENT, GREY, GRID, INK, MM, PALE, Chart, Frame, Imprint, drawn, spread, themed

WIDTH = 160.0
NAMES = 48.0  # mm on the right: total, name and change
LINE = 4.2  # mm from one name to the next
TOP, BOTTOM = 19.0, 15.0

Said = Callable[[pd.Series], str]


def slopes(trend: Trend, imprint: Imprint) -> Chart:
    """Each unit's total over the years; the largest rises (dots) and falls (squares, dashed) stand out."""
    first, last = trend.years[0], trend.years[-1]
    span = f"{first}—{last}" if first != last else str(last)
    title = f"{span}年度{trend.kind.label() if trend.kind else '各类单位'}总分"
    lines = {
        str(unit): of_unit.set_index("year", drop=False) for unit, of_unit in trend.units.groupby("unit", sort=False)
    }
    tall = max(48.0, 5.2 * len(lines))
    with themed():
        fig, (ax,) = Frame(WIDTH, TOP + tall + BOTTOM, NAMES - 4, NAMES, top=TOP, bottom=BOTTOM).figure()
        _years(ax, trend)
        styles = _styles(trend)
        for unit, style in styles.items():
            ax.plot(lines[unit].index, lines[unit]["total"], **style)
        changes = trend.latest_changes.set_index("unit")["change"].dropna()
        _name_ends(ax, lines, first, tall, "right", lambda row: f"{row['unit_name']} {points(row['total'])}")
        if first != last:
            _name_ends(ax, lines, last, tall, "left", lambda row: _with_change(row, changes))
            said = f"右侧：{last}年度总分，和比{trend.years[-2]}年度的变化"
            fig.text(2 / WIDTH, 1 - 8 / (TOP + tall + BOTTOM), said, ha="left", va="top", fontsize=8, color=GREY)
        fig.text(2 / WIDTH, (BOTTOM - 4) / (TOP + tall + BOTTOM), _legend(styles), ha="left", fontsize=8, color=GREY)
        open_ = trend.units[(trend.units["year"] == last) & trend.units["total"].isna()]["unit_name"]
        if len(open_):
            said = f"{last}年度{UNDECIDED}：{listed(open_.to_list())}"
            fig.text(1 - 2 / WIDTH, (BOTTOM - 4) / (TOP + tall + BOTTOM), said, ha="right", fontsize=8)
        alt = f"{title}的变化。{trend.sentence}{trend.change_sentence}"
        return drawn(fig, f"slopes-{trend.kind or 'all'}", title, alt, imprint)


def _years(ax: Axes, trend: Trend) -> None:
    first, last = trend.years[0], trend.years[-1]
    ax.set_xlim(first - 0.04, max(last, first + 1) + 0.04)
    ax.set_xticks(list(trend.years), [f"{year}年度" for year in trend.years])
    ax.xaxis.tick_top()
    ax.yaxis.set_visible(False)
    for side in ("left", "bottom", "top"):
        ax.spines[side].set_visible(False)
    ax.margins(y=0.04)
    for year in trend.years:
        ax.axvline(year, color=GRID, linewidth=0.8, zorder=0)


def _styles(trend: Trend) -> dict[str, dict[str, Any]]:
    """How each unit's line is drawn, in drawing order."""
    plain: dict[str, Any] = {"color": GREY, "linewidth": 0.8, "marker": "."}
    styles = dict.fromkeys(trend.units["unit"], plain)
    known = trend.latest_changes.dropna(subset=["change"])
    for most, grows, style in (
        (known["change"].max(), 1, {"color": ACCENT, "linewidth": 2, "marker": "o"}),
        (known["change"].min(), -1, {"color": INK, "linewidth": 2, "marker": "s", "linestyle": (0, (5, 2))}),
    ):
        if most * grows > 0:
            for unit in known.loc[known["change"] == most, "unit"]:
                del styles[unit]
                styles[unit] = style
    return styles


def _legend(styles: Mapping[str, Mapping[str, Any]]) -> str:
    """What the two lines that stand out mean, as far as they are drawn."""
    drawn_markers = {style["marker"] for style in styles.values()}
    meanings = {"o": "粗实线：比上年升幅最大", "s": "粗虚线：比上年降幅最大"}
    return "；".join(said for marker, said in meanings.items() if marker in drawn_markers)


def _with_change(row: pd.Series, changes: pd.Series) -> str:
    """Total, name, and the change when there is one."""
    change = f" {signed(changes[row['unit']])}" if row["unit"] in changes.index else ""
    return f"{points(row['total'])} {row['unit_name']}{change}"


def _name_ends(
    ax: Axes, lines: Mapping[str, pd.DataFrame], year: int, tall: float, align: Literal["left", "right"], said: Said
) -> None:
    """The names at one end of the lines, moved apart where they would overlap, each tied to its line."""
    there = [line.loc[year] for line in lines.values() if year in line.index and pd.notna(line.loc[year, "total"])]
    low, high = ax.get_ylim()
    wanted = [(row["total"] - low) / (high - low) for row in there]
    out, corner = (-5, 1) if align == "right" else (5, 0)
    tie = {"arrowstyle": "-", "color": PALE, "linewidth": 0.5, "shrinkA": 1, "shrinkB": 2, "relpos": (corner, 0.5)}
    for row, at, place in zip(there, wanted, spread(wanted, LINE / tall), strict=True):
        shift = (out * MM * 72, (place - at) * tall * MM * 72)
        ax.annotate(
            said(row), (year, at), shift, ax.get_xaxis_transform(), "offset points", ha=align, va="center", fontsize=8,
            arrowprops=tie,
        )  # fmt: skip
