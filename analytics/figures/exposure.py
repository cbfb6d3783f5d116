"""A chart of accidents beside the number of employees: rates with their intervals, in no order of size."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analytics.analysis.exposure import FEW, MARK, AccidentRates
from analytics.analysis.wording import amount
from analytics.figures.theme import ACCENT, GREY, INK, LIGHT, Chart, Frame, Imprint, drawn, themed

WIDTH = 160.0
ROW = 6.2
COUNT = 9.0  # mm beside a panel, for the counts


def rates_chart(rates: AccidentRates, imprint: Imprint) -> Chart:
    """A panel a measure: each unit's rate (dot) in its interval (bar), the rate of all together as a broken line.

    Units by id, not by rate; few cases are a hollow dot. A class without denominators has a picture that says so.
    """
    title = f"{rates.year}年度{rates.kind.label()}每万从业人员的事故和火灾"
    name = f"accident_rates-{rates.kind}"
    alt = f"{title}。{rates.sentence}{rates.caution}"
    origin = rates.exposures.origin
    if origin and len(rates.rated):
        denominators = f"分母（真实数字）：{origin.source}，{origin.period}{origin.what}"
        imprint = Imprint("\n".join(filter(None, [imprint.source, denominators])), imprint.banner)
    with themed():
        panels = [(label, rows) for label, rows in rates.rated.groupby("label", sort=False)]
        if not panels:
            fig, (ax,) = Frame(WIDTH, 36, 3, 3, top=10, bottom=13).figure()
            ax.set_axis_off()
            ax.text(0, 0.5, "没有从业人员数，不能换算成每万人，图从略；次数见表。", va="center")
            return drawn(fig, name, title, alt, imprint)
        units = rates.rated.drop_duplicates("unit")["unit_name"].to_list()
        frame = Frame(WIDTH, 38 + ROW * len(units), 27, COUNT + 1, top=19, bottom=19)
        fig, axes = frame.figure((1,) * len(panels), gap=COUNT + 4)
        totals = rates.totals.set_index("label")["rate"]
        for place, (ax, (label, rows)) in enumerate(zip(axes, panels, strict=True)):
            _panel(ax, rows.set_index("unit_name").reindex(units), totals[label])
            ax.set_title(label, loc="left", fontsize=8.5, color=INK)
            ax.set_yticks(range(len(units)), units if place == 0 else [""] * len(units))
        said = f"横条：95%区间；虚线：合计率；空心和{MARK}：不超过{FEW}起（人），不作比较；右侧为次数"
        fig.text(2 / WIDTH, 1 - 8.5 / frame.height, said, ha="left", va="top", fontsize=8, color=GREY)
        return drawn(fig, name, title, alt, imprint)


def _panel(ax: Axes, rows: pd.DataFrame, together: float) -> None:
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.axvline(together, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    for place, row in enumerate(rows.to_dict("records")):
        if pd.isna(row["rate"]):
            continue
        ax.plot([row["low"], row["high"]], [place, place], color=LIGHT, linewidth=4, solid_capstyle="butt", zorder=2)
        fill = "white" if row["few"] else ACCENT
        ax.plot(row["rate"], place, "o", color=fill, markeredgecolor=ACCENT, markersize=5, zorder=3, clip_on=False)
        said = f"{amount(row['count'])}{MARK if row['few'] else ''}"
        ax.annotate(said, (1, place), (3, 0), ax.get_yaxis_transform(), "offset points", va="center", fontsize=8)
    ax.set_xlim(0, max(rows["high"].max(), together) * 1.03)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
