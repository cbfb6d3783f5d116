"""Charts on self-assessments: where units marked themselves higher, and which totals stand close to a grade's bound."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from analytics.analysis.bunching import WINDOW, Bunching
from analytics.analysis.gap import Gap
from analytics.analysis.wording import amount, points, shortened, signed
from analytics.figures.theme import ACCENT, GREY, GRID, INK, PALE, Chart, Frame, Imprint, drawn, themed

WIDTH = 160.0
ROW = 6.2
LABELS = 56.0  # mm: an item's number and fifteen characters at 8 points
NAMES = 27.0
MOST_ITEMS = 12
WIDE_ENOUGH = 20.0  # mm: a unit's name fits across its column
SHADES = LinearSegmentedColormap.from_list("gap", ["#ffffff", "#7ba0c6"])  # black figures stay readable on the darkest
BAND = "#ececec"


def over_claimed(gap: Gap, imprint: Imprint) -> Chart:
    """The items on which a class marked itself higher most, by unit: points above the verified mark."""
    items = gap.items[gap.items["gap"] > 0].head(MOST_ITEMS)
    units = gap.units["unit_name"].to_list()
    title = f"{gap.year}年度{gap.kind.label()}自评比核定高出最多的条目（分）"
    with themed():
        across = (WIDTH - LABELS - 16) / max(1, len(units))
        heads = 16 if across >= WIDE_ENOUGH else 11 + 2.85 * max(map(len, units), default=1)
        fig, (ax,) = Frame(WIDTH, heads + 17 + ROW * max(1, len(items)), LABELS, 16, top=heads, bottom=15).figure()
        labels = [f"{row['no']}．{shortened(row['item_text'], 15)}" for row in items.to_dict("records")]
        _fields(ax, gap, items["item"].to_list())
        ax.set_ylim(max(1, len(labels)), 0)
        ax.set_yticks([place + 0.5 for place in range(len(labels))], labels, fontsize=8)
        names = units if across >= WIDE_ENOUGH else ["\n".join(name) for name in units]
        ax.set_xlim(0, max(1, len(units)))
        ax.set_xticks([place + 0.5 for place in range(len(units))], names, fontsize=8, linespacing=0.95)
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        for place, row in enumerate(items.to_dict("records")):
            _at_right(ax, place + 0.5, signed(row["gap"]))
        if len(items):
            ax.annotate("合计", (1, 1), (4, 5), "axes fraction", "offset points", fontsize=8, color=GREY)
        else:
            ax.text(0.5, 0.5, "没有自评高于核定的条目", ha="center", va="center", transform=ax.transAxes, color=GREY)
        alt = f"{title}，斜线格没有核定或没有自评，空格为相符。{gap.sentence}"
        return drawn(fig, f"over_claimed-{gap.kind}", f"{title}，斜线：没有核定或自评", alt, imprint)


def near_bounds(found: Bunching, imprint: Imprint) -> Chart:
    """Each unit's total beside what its own marks add up to; half a point on both sides of a bound is shaded."""
    units = found.units
    title = f"{found.year}年度{found.kind.label()}总分离等级线有多近"
    with themed():
        height = 34 + ROW * max(1, len(units))
        fig, (ax,) = Frame(WIDTH, height, NAMES, 34, top=19, bottom=15).figure()
        ax.set_ylim(max(1, len(units)) - 0.4, -0.6)
        ax.set_yticks(range(len(units)), units["unit_name"].to_list())
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.grid(axis="y", color=GRID)
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))
        ax.set_xlim(_left(found), 100.6)
        _strips(ax, found)
        for place, row in enumerate(units.to_dict("records")):
            ax.plot(row["self_total"], place, "o", color="white", markeredgecolor=INK, markersize=6.5)
            ax.plot(row["total"], place, "o", color=ACCENT, markersize=5)
            _at_right(ax, place, _remark(row))
        ax.plot([], [], "o", color="white", markeredgecolor=INK, markersize=6.5, label="自评总分")
        ax.plot([], [], "o", color=ACCENT, markersize=5, label="核定总分")
        # Above the bounds' names, wherever these stand.
        ax.legend(
            loc="upper right", bbox_to_anchor=(0.985, 1 - 9 / height), bbox_transform=fig.transFigure, ncols=2,
            frameon=False, borderpad=0, handletextpad=0.2,
        )  # fmt: skip
        said = f"底纹：等级线上下各{WINDOW}分"
        said += "；没有空心点的自评有空白" if units["self_total"].isna().any() else ""
        ax.set_title(said, loc="left", x=-0.252, pad=15, fontsize=8, color=GREY)
        return drawn(fig, f"near_bounds-{found.kind}", title, f"{title}。{found.sentence}", imprint)


def _fields(ax: Axes, gap: Gap, items: list[str]) -> None:
    """A field for each item and unit: the gap where there is one, hatched where nothing was compared."""
    matrix = gap.matrix.reindex(index=items)
    most = max(1.0, float(matrix.max().max())) if len(items) else 1.0
    for y, row in enumerate(matrix.to_numpy(float)):
        for x, value in enumerate(row):
            blank = value != value
            colour = "white" if blank or value <= 0 else SHADES(value / most)
            hatch = "/////" if blank else None
            field = Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=PALE, linewidth=0.5, hatch=hatch, clip_on=False)
            ax.add_patch(field)
            if not blank and value:
                ax.text(x + 0.5, y + 0.5, amount(value), ha="center", va="center", fontsize=7)


def _at_right(ax: Axes, place: float, said: str) -> None:
    """A text in the margin beside a row."""
    ax.annotate(said, (1, place), (4, 0), ax.get_yaxis_transform(), "offset points", va="center", fontsize=8)


def _left(found: Bunching) -> int:
    """Where the axis begins: left of every total, and of a bound, so that there is always one to be near to."""
    lowest = float(found.units[["total", "self_total"]].min().min())
    low = min(100.0, lowest) if lowest == lowest else 100.0
    bounds = [float(band.least) for band in found.bands]
    if not any(low < bound <= 100 for bound in bounds):
        low = max((bound for bound in bounds if 0 < bound <= low), default=low)
    return int(low - 1.5)


def _strips(ax: Axes, found: Bunching) -> None:
    """The strip around each bound that lies in the picture, the bound as a line, its name above."""
    left, right = ax.get_xlim()
    for band in found.bands:
        at = float(band.least)
        if left < at < right:
            ax.axvspan(at - WINDOW, at + WINDOW, color=BAND, zorder=0)
            ax.axvline(at, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
            ax.annotate(band.name, (at, 1), (2, 2), ax.get_xaxis_transform(), "offset points", fontsize=8)


def _remark(row: dict[str, float]) -> str:
    """What stands beside a unit: its total, and the distance to a bound that is near."""
    if row["total"] != row["total"]:
        return "待裁定"
    said = points(row["total"])
    if row["total_distance"] == row["total_distance"]:
        side = "线上" if row["total_distance"] >= 0 else "线下"
        said += f"  {side}{points(abs(row['total_distance']))}"
    return said
