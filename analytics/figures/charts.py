"""Charts of a whole class. Each takes an analysis result as it is and filters nothing."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib.colors as colors
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analytics.analysis.comparison import Comparison
from analytics.analysis.gap import Gap
from analytics.analysis.scores import UNDECIDED, ClassTable
from analytics.analysis.wording import amount, percent, shortened, signed
from analytics.figures.theme import (
    ACCENT,
    GREY,
    GRID,
    INK,
    LIGHT,
    MARKERS,
    PALE,
    Chart,
    Frame,
    Imprint,
    drawn,
    themed,
)

WIDTH = 160.0
ROW = 6.2
NAMES = 27.0  # mm: seven characters at 9 points and a little air
MOST_ITEMS = 12
DARKEST = "#7ba0c6"  # black figures are still easy to read on it, on paper too


def ranked_dots(table: ClassTable, imprint: Imprint) -> Chart:
    """Every unit's total, best first, with the grades' bounds; the marker's shape is the grade."""
    rows = table.rows
    title = f"{table.year}年度{table.kind.label()}总分和等级"
    with themed():
        fig, (ax,) = Frame(WIDTH, 30 + ROW * len(rows), NAMES, 56, top=15, bottom=15).figure()
        _unit_axis(ax, rows["unit_name"].to_list())
        shapes = dict(zip(table.grades["grade"], MARKERS * 3, strict=False))
        lowest = table.decided["total"].min() if len(table.decided) else 0.0
        ax.set_xlim(*_range(lowest, max(100.0, rows["total"].max() if len(table.decided) else 100.0)))
        _bounds(ax, table)
        printed = table.printed
        for place, row in enumerate(rows.to_dict("records")):
            if pd.isna(row["total"]):
                said = f"{UNDECIDED}（{row['waiting']}项）" if row["waiting"] else row["grade"]
            else:
                ax.plot(row["total"], place, shapes[row["grade"]], color=ACCENT, markersize=6)
                rank = "不排名" if pd.isna(row["rank"]) else f"第{int(row['rank'])}名"
                said = f"{printed[row['unit']]}  {row['grade']}  {rank}"
                if row["grade"] not in (row["grade_by_points"], UNDECIDED):
                    said += f"（按分{row['grade_by_points']}）"
            _at_right(ax, place, said)
        return drawn(fig, f"ranked_dots-{table.kind}", title, f"{title}。{table.sentence}", imprint)


def theme_heatmap(compared: Comparison, imprint: Imprint) -> Chart:
    """Score rate of each unit in each theme, printed in each field; units by rank, the class mean last."""
    # Only this chart needs it, and it takes two seconds to import.
    import seaborn as sns

    title = f"{compared.year}年度{compared.kind.label()}各一级指标得分率（%）"
    table = pd.concat([compared.matrix, compared.means.to_frame("本类平均").T])
    texts = table.map(lambda rate: "" if pd.isna(rate) else percent(rate).removesuffix("%"))
    low = min(0.9, float(table.min().min())) if table.notna().any(axis=None) else 0.9
    shades = colors.LinearSegmentedColormap.from_list("rate", [DARKEST, "#ffffff"])
    with themed():
        fig, (ax,) = Frame(WIDTH, 32 + ROW * len(table), NAMES, 3, top=19, bottom=13).figure()
        sns.heatmap(
            table, ax=ax, annot=texts, fmt="", annot_kws={"fontsize": 9, "color": INK},
            cmap=shades, vmin=low, vmax=1, cbar=False, linewidths=0.8, linecolor=GRID,
        )  # fmt: skip
        for y, x in zip(*table.isna().to_numpy().nonzero(), strict=True):
            ax.text(x + 0.5, y + 0.5, UNDECIDED, ha="center", va="center", fontsize=8, color=GREY)
        ax.axhline(len(table) - 1, color=INK, linewidth=1)
        ax.set(xlabel="", ylabel="")
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        ax.set_yticklabels(ax.get_yticklabels(), rotation=0)
        ax.set_xticklabels([textwrap.fill(name, 8) for name in table.columns], rotation=0)
        alt = f"{title}，单位按名次排列，颜色越深得分率越低。{compared.theme_sentence}"
        return drawn(fig, f"theme_heatmap-{compared.kind}", f"{title}，颜色越深越低", alt, imprint)


def self_vs_verified(gap: Gap, imprint: Imprint) -> Chart:
    """Self-assessed and verified rate of each unit over the items that were verified, largest gap first."""
    title = f"{gap.year}年度{gap.kind.label()}自评与核定（同一批已核定条目的得分率）"
    with themed():
        fig, (ax,) = Frame(WIDTH, 32 + ROW * max(1, len(gap.units)), NAMES, 40, top=17, bottom=15).figure()
        _unit_axis(ax, gap.units["unit_name"].to_list())
        low = gap.units[["self_rate", "verified_rate"]].min().min() if len(gap.units) else 0.9
        ax.set_xlim(*_range(100 * low, 100))
        for place, row in enumerate(gap.units.to_dict("records")):
            verified, own = 100 * row["verified_rate"], 100 * row["self_rate"]
            ax.plot([verified, own], [place, place], color=PALE, linewidth=2.5, solid_capstyle="butt", zorder=1)
            ax.plot(own, place, "o", color="white", markeredgecolor=INK, markersize=6.5)
            ax.plot(verified, place, "o", color=ACCENT, markersize=6 if own != verified else 3)
            said = f"{signed(row['gap'])}分（{row['items']}项）"
            _at_right(ax, place, said)
        ax.plot([], [], "o", color="white", markeredgecolor=INK, markersize=6.5, label="自评")
        ax.plot([], [], "o", color=ACCENT, markersize=6, label="核定")
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderpad=0, handletextpad=0.2)
        ax.set_title("得分率（%）；右侧为自评减核定", loc="left", fontsize=8, color=GREY)
        return drawn(fig, f"self_vs_verified-{gap.kind}", title, f"{title}。{gap.sentence}", imprint)


def deduction_pareto(compared: Comparison, imprint: Imprint) -> Chart:
    """The items that cost the class most points, and how much of all lost points they add up to."""
    lost = compared.deductions.head(MOST_ITEMS)
    title = f"{compared.year}年度{compared.kind.label()}扣分集中在哪些条目"
    if len(compared.deductions) > len(lost):
        title += f"（前{len(lost)}项，共{len(compared.deductions)}项）"
    with themed():
        frame = Frame(WIDTH, 31 + ROW * max(1, len(lost)), 64, 16, top=16, bottom=15)
        fig, (ax, share) = frame.figure((3, 1.6), gap=26)
        labels = [f"{row['no']}．{shortened(row['item_text'], 18)}" for row in lost.to_dict("records")]
        _unit_axis(ax, labels)
        ax.tick_params(axis="y", labelsize=8)
        ax.barh(range(len(lost)), lost["points"], color=LIGHT, edgecolor=ACCENT, linewidth=0.6, height=0.68)
        for place, row in enumerate(lost.to_dict("records")):
            said = f"{amount(row['points'])}分，{row['units']}个单位"
            ax.annotate(said, (row["points"], place), (2, 0), "data", "offset points", va="center", fontsize=8)
        _unit_axis(share, [""] * len(lost))
        share.plot(100 * lost["cumulative"], range(len(lost)), "o-", color=ACCENT, markersize=3.5, linewidth=1)
        for place, value in enumerate(lost["cumulative"]):
            share.annotate(
                percent(value),
                (1, place),
                (4, 0),
                share.get_yaxis_transform(),
                "offset points",
                va="center",
                fontsize=8,
            )
        share.set_xlim(0, 104)
        share.set_xticks([0, 50, 100])
        share.axvline(50, color=GREY, linewidth=0.6, linestyle=(0, (4, 3)))
        ax.set_title("扣分和涉及的单位数", loc="left", fontsize=8, color=GREY)
        share.set_title("累计占比（%）", loc="left", fontsize=8, color=GREY)
        for panel in (ax, share):
            panel.tick_params(axis="x", labelsize=8)
        return drawn(
            fig, f"deduction_pareto-{compared.kind}", title, f"{title}。{compared.deduction_sentence}", imprint
        )


def _unit_axis(ax: Axes, names: list[str]) -> None:
    """One row a name, the first at the top."""
    ax.set_ylim(max(1, len(names)) - 0.4, -0.6)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True, steps=[1, 2, 5, 10]))


def _at_right(ax: Axes, place: float, said: str, **more: Any) -> None:
    """A text in the margin beside a row."""
    ax.annotate(said, (1, place), (4, 0), ax.get_yaxis_transform(), "offset points", va="center", **more)


def _range(low: float, high: float) -> tuple[float, float]:
    """Limits that leave air on both sides of the marks, on whole points."""
    room = max(1.0, (high - low) * 0.06)
    return float(int(low - room)), high + room / 2


def _bounds(ax: Axes, table: ClassTable) -> None:
    """A line at each grade's lower bound that lies in the picture, its name above."""
    left, right = ax.get_xlim()
    for band in table.bands:
        at = float(band.least)
        if left < at < right:
            ax.axvline(at, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
            ax.annotate(
                f"{band.name} {amount(at)}分起", (at, 1), (2, 2), ax.get_xaxis_transform(), "offset points", fontsize=8
            )
