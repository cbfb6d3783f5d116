"""The chart of Sobol indices: what each declared uncertainty explains, alone and together with the others."""

from __future__ import annotations

from matplotlib.axes import Axes

from analytics.analysis.sensitivity import OUTCOMES, Sensitivity
from analytics.analysis.wording import percent
from analytics.figures.theme import ACCENT, GREY, INK, Chart, Frame, Imprint, drawn, themed

WIDTH = 160.0
ROW = 9.5
LEFT, RIGHT = 42.0, 40.0
ALONE, TOGETHER = -0.2, 0.2  # where in its row each bar stands


def sobol_bars(found: Sensitivity, imprint: Imprint) -> Chart:
    """First-order index (open bar) above total index (full bar) of each factor, the largest first; lines: 95 %."""
    rows = found.rows
    label = OUTCOMES[found.outcome].partition("（")[0]
    title = f"{found.year}年度{found.kind.label()}{label}：哪个不确定因素影响大（占方差%）"
    with themed():
        height = 30 + ROW * max(2, len(rows))
        fig, (ax,) = Frame(WIDTH, height, LEFT, RIGHT, top=15, bottom=15).figure()
        if rows.empty:
            _nothing(ax)
        else:
            _bars(ax, found)
        said = "" if rows.empty else "空心：单独解释；实心：连同与其他因素的交互；横线：95%区间"
        if len(found.left_out):
            said += f"；待裁定的{len(found.left_out)}个单位未计入"
        ax.set_title(said, loc="left", x=(2 - LEFT) / (WIDTH - LEFT - RIGHT), fontsize=8, color=GREY)
        return drawn(fig, f"sobol_{found.outcome}-{found.kind}", title, f"{title}。{found.sentence}", imprint)


def _bars(ax: Axes, found: Sensitivity) -> None:
    rows = found.rows
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), rows["label"].to_list())
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    for order, at, colour in (("first", ALONE, "white"), ("total", TOGETHER, ACCENT)):
        places = [place + at for place in range(len(rows))]
        value, low, high = (100 * rows[f"{order}{end}"] for end in ("", "_low", "_high"))
        edge = INK if order == "first" else ACCENT
        ax.barh(places, value, height=0.34, color=colour, edgecolor=edge, linewidth=0.7)
        # On the dark bar the left half of the line would not be seen: white there, dark beyond.
        ax.hlines(places, low, high, color=INK, linewidth=1.1, zorder=3)
        if order == "total":
            ax.hlines(places, low, value, color="white", linewidth=1.1, zorder=4)
    ax.axvline(0, color=GREY, linewidth=0.6)
    for place, row in enumerate(rows.to_dict("records")):
        said = f"单独{percent(row['first'])}，连同{percent(row['total'])}"
        ax.annotate(said, (1, place), (4, 0), ax.get_yaxis_transform(), "offset points", va="center", fontsize=8)
    ax.set_xlim(min(0.0, 100 * rows["first_low"].min()) * 1.05, 100 * rows["total_high"].max() * 1.03)


def _nothing(ax: Axes) -> None:
    ax.set_axis_off()
    ax.text(0, 0.5, "在声明的范围内没有变动，无从分解", transform=ax.transAxes, va="center", fontsize=9)
