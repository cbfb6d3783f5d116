"""Charts over the years: how far each unit moved since the first, and what became of the problems found."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from analytics.analysis.falls import Falls
from analytics.analysis.followup import Followup
from analytics.analysis.problem_state import STATE_LABELS, STATES
from analytics.analysis.wording import listed, signed
from analytics.figures.theme import ACCENT, GREY, GRID, INK, PALE, Chart, Frame, Imprint, drawn, themed

WIDTH = 160.0
ROW = 6.2
NAMES = 29.0  # mm: seven characters at 9 points and a little air
LOOKS: dict[str, dict[str, Any]] = {
    "closed": {"facecolor": ACCENT, "edgecolor": ACCENT},
    "open": {"facecolor": "white", "edgecolor": INK, "hatch": "////"},
    "unknown": {"facecolor": PALE, "edgecolor": GREY},
}


def fall_chart(falls: Falls, imprint: Imprint) -> Chart:
    """Each unit's change since the first year: of the total (diamond), and over comparable items alone (dot)."""
    units, (first, last) = falls.units, (falls.years[0], falls.years[-1])
    span = f"{first}年度到{last}年度" if first != last else f"{last}年度"
    title = f"{span}{falls.kind.label()}得分的变化（分）"
    worst = falls.items.dropna(subset=["change"]).drop_duplicates("unit").set_index("unit")
    with themed():
        height = 37 + ROW * max(1, len(units))
        fig, (ax,) = Frame(WIDTH, height, NAMES, 47, top=21, bottom=16).figure()
        _rows(ax, units["unit_name"].to_list())
        ax.set_xlim(*_around_zero([*units["change"], *units["like_points"].dropna()]))
        for place, row in enumerate(units.to_dict("records")):
            said = signed(row["change"])
            if row["items"]:
                ax.plot([row["change"], row["like_points"]], [place, place], color=PALE, linewidth=2.5, zorder=1)
                ax.plot(row["like_points"], place, "o", color=ACCENT, markersize=6)
                low = worst.loc[row["unit"]]
                said += f"／{signed(row['like_points'])}"
                said += f"，第{low['no']}项 {signed(low['change'])}" if low["change"] < 0 else ""
            ax.plot(row["change"], place, "D", markerfacecolor="none", markeredgecolor=INK, markersize=5.5)
            ax.annotate(said, (1, place), (4, 0), ax.get_yaxis_transform(), "offset points", va="center", fontsize=8)
        if units.empty:
            ax.set_axis_off()
            ax.text(0, 0.5, "没有两年都有总分的单位，无从比较。", va="center", transform=ax.transAxes, color=GREY)
        else:
            ax.axvline(0, color=INK, linewidth=0.8)
            _legend(
                ax,
                Line2D([], [], color="none", marker="D", markeredgecolor=INK, markersize=5.5, label="总分"),
                Line2D([], [], color=ACCENT, marker="o", linestyle="", markersize=6, label="只看一直可比的条目"),
            )
            said = f"右侧：总分／可比条目，降得最多的条目{_left_out(falls)}"
            fig.text(2 / WIDTH, 1 - 8.5 / height, said, fontsize=8, color=GREY, va="top")
        return drawn(fig, f"falls-{falls.kind}", title, f"{title}。{falls.sentence}", imprint)


def followup_chart(followup: Followup, imprint: Imprint) -> Chart:
    """The problems found in each unit by year, as the record has them: closed, open, not said."""
    title = f"{followup.kind.label()}检查发现的问题和整改情况"
    last = followup.units.drop_duplicates("unit", keep="last")
    last = last.sort_values(["year", "open", "found", "unit"], ascending=[False, False, False, True])
    order = {unit: place for place, unit in enumerate(last["unit"])}
    used = [state for state in STATES if followup.units[state].any()]
    high = max(1, int(followup.units["found"].max()))
    with themed():
        height = 38 + ROW * len(order)
        fig, panels = Frame(WIDTH, height, NAMES, 3, top=22, bottom=16).figure([1] * len(followup.years), gap=3)
        for ax, year in zip(panels, followup.years, strict=True):
            _rows(ax, last["unit_name"].to_list() if ax is panels[0] else [""] * len(order))
            ax.set_xlim(0, high * (1 + 0.16 * len(panels)))
            ax.xaxis.set_major_locator(MaxNLocator(3, integer=True))
            _bars(ax, followup.units[followup.units["year"] == year], order, used)
            ax.set_title(f"{year}年度", loc="left", fontsize=9)
        handles = [Patch(linewidth=0.6, label=STATE_LABELS[state], **LOOKS[state]) for state in used]
        if handles:
            fig.legend(
                handles=handles, loc="upper left", bbox_to_anchor=(0, 1 - 8 / height), ncols=len(handles) + 1,
                frameon=False, borderpad=0.2, fontsize=8, handlelength=1.6, columnspacing=1.2,
            )  # fmt: skip
        fig.text(
            1 - 3 / WIDTH,
            1 - 9 / height,
            "数字：未销号的／发现的",
            fontsize=8,
            color=GREY,
            va="top",
            ha="right",
        )
        alt = f"{title}。{followup.sentence}"
        return drawn(fig, f"followup-{followup.kind}", title, alt, imprint)


def _bars(ax: Axes, rows: pd.DataFrame, order: dict[str, int], states: list[str]) -> None:
    places = rows["unit"].map(order)
    start = pd.Series(0, index=rows.index)
    for state in states:
        ax.barh(places, rows[state], left=start, height=0.62, linewidth=0.6, **LOOKS[state])
        start += rows[state]
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        said = f"{row['found'] - row['closed']}／{row['found']}" if row["recorded"] else "没有记录"
        ax.annotate(said, (row["found"], place), (2, 0), "data", "offset points", va="center", fontsize=8)


def _rows(ax: Axes, names: list[str]) -> None:
    """One row a name, the first at the top."""
    ax.set_ylim(max(1, len(names)) - 0.4, -0.6)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color=GRID)
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))


def _legend(ax: Axes, *handles: Line2D) -> None:
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(handles), frameon=False, borderpad=0.2,
        fontsize=8, handletextpad=0.2,
    )  # fmt: skip


def _around_zero(changes: list[float]) -> tuple[float, float]:
    """Limits with air on both sides of the marks, and zero inside."""
    low, high = min([0.0, *changes]), max([0.0, *changes])
    room = max(0.4, (high - low) * 0.06)
    return low - room, high + room


def _left_out(falls: Falls) -> str:
    names = [*falls.undecided, *falls.absent]
    return f"；{listed(names)}没有两年的总分，未列" if names else ""
