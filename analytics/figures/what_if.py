"""The chart of a what-if: each unit's rank as it is and as it would be. It says on its face that it is no result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analytics.analysis.what_if import CAVEAT, WhatIf, said_of
from analytics.analysis.wording import points, shortened
from analytics.figures.theme import ACCENT, GREY, INK, PALE, Chart, Frame, Imprint, drawn, themed

WIDTH = 160.0
ROW = 6.2
LEFT, RIGHT, TOP = 29.0, 62.0, 19.0
LONGEST = 54  # characters of the assumption that fit on its line


def rank_moves(found: WhatIf, imprint: Imprint) -> Chart:
    """Each unit's rank in force (open dot) and assumed (full dot), totals and change in words at the right."""
    rows = found.rows[found.rows["total_after"].notna()]
    title = f"{CAVEAT}：{found.year}年度{found.kind.label()}名次会怎么变"
    with themed():
        fig, (ax,) = Frame(WIDTH, TOP + 15 + ROW * max(1, len(rows)), LEFT, RIGHT, top=TOP, bottom=15).figure()
        ax.set_ylim(max(1, len(rows)) - 0.5, -0.5)
        ax.set_yticks(range(len(rows)), rows["unit_name"].to_list())
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.grid(axis="x")
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))
        ax.set_xlim(0.4, max(2, len(rows)) + 0.6)
        for place, row in enumerate(rows.to_dict("records")):
            _row(ax, place, row)
        said = f"假设：{shortened(found.assumed, LONGEST)}\n空心：现名次；实心：推演名次；不变的两点重合"
        if len(found.left_out):
            said += f"；待裁定的{len(found.left_out)}个单位未列"
        ax.set_title(said, loc="left", x=(2 - LEFT) / (WIDTH - LEFT - RIGHT), fontsize=8, color=GREY, linespacing=1.4)
        below = replace(imprint, banner="；".join(filter(None, (CAVEAT, imprint.banner))))
        return drawn(fig, f"what_if-{found.kind}", title, f"{title}。{found.sentence}", below)


def _row(ax: Axes, place: int, row: Mapping[str, Any]) -> None:
    before, after = row["rank_before"], row["rank_after"]
    moved = before != after and pd.notna(before)
    if moved:
        ax.plot([before, after], [place, place], color=GREY, linewidth=1.6, zorder=2)
    ax.plot(after, place, "o", color=ACCENT if moved else PALE, markersize=6, zorder=3)
    if pd.notna(before):
        filled = "white" if moved else "none"
        ax.plot(before, place, "o", markerfacecolor=filled, markeredgecolor=INK, markersize=6, zorder=4)
    totals = f"{points(row['total_before'])}→{points(row['total_after'])}"
    said = said_of(row)
    ax.annotate(
        f"{totals}　{said}", (1, place), (4, 0), ax.get_yaxis_transform(), "offset points", va="center", fontsize=8,
        color=GREY if said.endswith("不变") else INK,
    )  # fmt: skip
