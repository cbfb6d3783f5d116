"""Charts on how much to make of a ranking: what separates the units, and how sure each rank is."""

from __future__ import annotations

from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analytics.analysis.ranks import RankCertainty, interval
from analytics.analysis.weights import Weights
from analytics.analysis.wording import percent
from analytics.figures.theme import ACCENT, GREY, GRID, INK, LIGHT, PALE, Chart, Frame, Imprint, drawn, themed

WIDTH = 160.0
ROW = 6.2
LEFT, RIGHT = 29.0, 40.0  # of the chart of intervals
THEME_ROW = 10.5
GROUP = "#f1f1f1"


def weights_chart(weights: Weights, imprint: Imprint) -> Chart:
    """Each theme's share of the points (open bar) above its share of the spread of totals (full bar)."""
    themes = weights.themes
    title = f"{weights.year}年度{weights.kind.label()}：分值占比和实际拉开的差距（%）"
    with themed():
        height = 30 + THEME_ROW * max(1, len(themes))
        fig, (ax,) = Frame(WIDTH, height, 34, 24, top=15, bottom=15).figure()
        _rows(ax, themes["theme_name"].to_list())
        nominal, effective = 100 * themes["nominal"], 100 * themes["effective"]
        places = range(len(themes))
        ax.barh([p - 0.19 for p in places], nominal, height=0.34, color="white", edgecolor=INK, linewidth=0.7)
        ax.barh([p + 0.19 for p in places], effective, height=0.34, color=ACCENT, edgecolor=ACCENT, linewidth=0.7)
        for place, row in enumerate(themes.to_dict("records")):
            for value, at, word in ((row["nominal"], -0.19, "分值"), (row["effective"], 0.19, "差距")):
                # Beside the bar, or beside zero when the bar goes to the left.
                ax.annotate(
                    f"{word} {percent(value)}", (max(0.0, 100 * value), place + at), (3, 0), "data",
                    "offset points", va="center", fontsize=8,
                )  # fmt: skip
        low, high = min(0.0, effective.min()), max(5.0, nominal.max(), effective.max())
        ax.set_xlim(low * 1.1, high * 1.01)
        ax.axvline(0, color=GREY, linewidth=0.6)
        said = "空心：分值占比；实心：总分差距中由它解释的占比" + _left_out(weights.left_out)
        ax.set_title(said, loc="left", x=-0.3, fontsize=8, color=GREY)
        return drawn(fig, f"weights-{weights.kind}", title, f"{title}。{weights.sentence}", imprint)


def rank_intervals(certainty: RankCertainty, imprint: Imprint) -> Chart:
    """Each unit's official rank (dot) in the interval of its drawn ranks (bar); a shaded block is one group."""
    units = certainty.units
    title = f"{certainty.year}年度{certainty.kind.label()}名次有多大把握"
    with themed():
        fig, (ax,) = Frame(WIDTH, 30 + ROW * max(1, len(units)), LEFT, RIGHT, top=15, bottom=15).figure()
        _rows(ax, units["unit_name"].to_list())
        ax.set_xlim(0.4, max(2, len(units)) + 0.6)
        _groups(ax, units["group"].to_list())
        for place, row in enumerate(units.to_dict("records")):
            ax.plot(
                [row["low"], row["high"]], [place, place], color=LIGHT, linewidth=5, solid_capstyle="round", zorder=2
            )
            ax.plot(row["rank"], place, "o", color=ACCENT, markersize=5.5, zorder=3)
            said = f"第{row['rank']}名（区间{interval(row['low'], row['high'])}）"
            ax.annotate(said, (1, place), (4, 0), ax.get_yaxis_transform(), "offset points", va="center", fontsize=8)
        said = "圆点：正式名次；横条：抽样名次的第5至第95百分位；灰线隔开的组分得开"
        said += _left_out(certainty.left_out)
        ax.set_title(said, loc="left", x=(2 - LEFT) / (WIDTH - LEFT - RIGHT), fontsize=8, color=GREY)
        return drawn(fig, f"rank_intervals-{certainty.kind}", title, f"{title}。{certainty.sentence}", imprint)


def _rows(ax: Axes, names: list[str]) -> None:
    """One row a name, the first at the top."""
    ax.set_ylim(max(1, len(names)) - 0.5, -0.5)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))


def _groups(ax: Axes, groups: list[int]) -> None:
    """A shaded block behind the units of one group, and a line after each group."""
    start = 0
    for _, members in groupby(groups):
        size = len(list(members))
        if size > 1:
            ax.axhspan(start - 0.44, start + size - 0.56, color=GROUP, zorder=0)
        start += size
        if start < len(groups):
            ax.axhline(start - 0.5, color=PALE, linewidth=0.8, zorder=1)
    ax.grid(axis="x", color=GRID, zorder=1)


def _left_out(names: tuple[str, ...]) -> str:
    if len(names) > 1:
        return f"；待裁定的{len(names)}个单位未列"
    return f"；{names[0]}待裁定，未列" if names else ""
