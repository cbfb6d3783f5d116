"""Who visited whom and, only where that allows it, how far the inspection groups are apart."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from analytics.analysis.leniency import Leniency, basis_said, between, tenths
from analytics.analysis.wording import shortened
from analytics.figures.theme import ACCENT, GREY, INK, LIGHT, PALE, Chart, Frame, Imprint, drawn, themed

WIDTH = 160.0
ROW = 6.2
TEXTS = 2.6  # rows of the grid that one difference with its two lines of text takes
LETTER = 3.0  # mm that a character takes at 8 points, with a little air
Look = tuple[str, str]  # fill, hatch
LOOKS: tuple[Look, ...] = (
    (ACCENT, ""), ("white", ""), (LIGHT, ""), ("white", "////"), (LIGHT, "xxxx"), ("white", "...."),
)  # fmt: skip
APART = 0.9  # rows between two islands
SMALL: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.5, "color": GREY}


def visits_chart(found: Leniency, imprint: Imprint) -> Chart:
    """A grid of units and years, each field filled for the group that visited, the islands of the design apart.

    A second panel shows the differences between groups with their intervals when there are any, and only then.
    """
    apart = found.differences
    title = f"{found.span}{found.kind.label()}：哪个巡查组去了哪个单位" + ("，查出率相差多少" if len(apart) else "")
    islands = [(units, "上下两片没有一个共同的单位") for units in found.islands]
    if islands and found.unvisited:
        islands.append((found.unvisited, "以下单位没有写明巡查组的记录"))
    tall = sum(len(units) for units, _ in islands) + APART * max(0, len(islands) - 1)
    looks = {group: LOOKS[n % len(LOOKS)] for n, group in enumerate(found.groups)}
    with themed():
        height = 35 + ROW * max(2.0, tall, TEXTS * len(apart))
        fig, axes = Frame(WIDTH, height, 29, 4, top=20, bottom=15).figure((1, 1.2) if len(apart) else (1,), gap=5)
        _legend(fig, height, looks)
        _grid(axes[0], found, islands, looks)
        if len(apart):
            _differences(axes[1], found, tall)
        return drawn(fig, f"inspection_groups-{found.kind}", title, f"{title}。{found.sentence}", imprint)


def _grid(ax: Axes, found: Leniency, islands: list[tuple[tuple[str, ...], str]], looks: dict[str, Look]) -> None:
    """One row a unit, one column a year."""
    groups = found.visits.groupby(["unit_name", "year"], sort=False)["group"].agg(list).to_dict()
    blank = set(zip(found.unnamed["unit_name"], found.unnamed["year"], strict=True))
    places: dict[str, float] = {}
    for n, (units, said) in enumerate(islands):
        if n:
            gap = len(places) + APART * (n - 0.5) - 0.5
            ax.text(0.5, gap, f"— {said} —", transform=ax.get_yaxis_transform(), **SMALL)
        places |= {name: len(places) + k + APART * n for k, name in enumerate(units)}
    for name, place in places.items():
        for column, year in enumerate(found.years):
            if here := groups.get((name, year), []):
                _field(ax, column, place, {group: looks[group] for group in here}, len(found.years))
            else:
                ax.text(column, place, "未写组名" if (name, year) in blank else "—", **SMALL)
    ax.set_xlim(-0.5, len(found.years) - 0.5)
    ax.set_ylim(max([*places.values(), 1.0]) + 0.5, -0.5)
    ax.set_yticks(list(places.values()), list(places))
    ax.set_xticks(range(len(found.years)), [f"{year}年" for year in found.years])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    if not places:
        ax.set_xticks([])
        ax.text(0.5, 0.5, "没有巡查组现场巡查的记录", transform=ax.transAxes, **SMALL)


def _field(ax: Axes, column: int, place: float, here: dict[str, Look], columns: int) -> None:
    """One visit: a part for each group, with the group's name where there is room for it."""
    wide = 0.92 / len(here)
    room = ax.get_position().width * WIDTH * wide / columns
    for part, (group, (face, hatch)) in enumerate(here.items()):
        left = column - 0.46 + wide * part
        ax.add_patch(
            Rectangle((left, place - 0.4), wide, 0.8, facecolor=face, hatch=hatch, edgecolor=INK, linewidth=0.7)
        )
        if not hatch and LETTER * len(group) < room:
            ink = "white" if face == ACCENT else INK
            ax.text(left + wide / 2, place, group, ha="center", va="center", fontsize=8, color=ink)


def _legend(fig: Figure, height: float, looks: dict[str, Look]) -> None:
    """The groups' fills in one row under the title."""
    most = max(2, int(WIDTH / LETTER / max(1, len(looks))) - 4)
    keys = [
        Patch(facecolor=face, hatch=hatch, edgecolor=INK, linewidth=0.7, label=shortened(group, most))
        for group, (face, hatch) in looks.items()
    ]
    if keys:
        fig.legend(
            handles=keys, loc="upper left", bbox_to_anchor=(0.005, 1 - 7.5 / height), ncols=len(keys), frameon=False,
            borderpad=0.2, fontsize=8, handlelength=1.4, columnspacing=1.2,
        )  # fmt: skip


def _differences(ax: Axes, found: Leniency, tall: float) -> None:
    """Each difference as a dot in its interval, with zero as a line: an interval across it shows no difference."""
    rows = found.differences.to_dict("records")
    ax.axvline(0, color=INK, linewidth=0.8)
    for place, row in enumerate(rows):
        ax.plot([row["low"], row["high"]], [place, place], color=LIGHT, linewidth=5, solid_capstyle="butt")
        ax.plot(row["difference"], place, "o", color=ACCENT, markersize=5.5)
        who = f"{shortened(row['judge'], 6)}比{shortened(row['other'], 6)}"
        said = f"{who}高{tenths(row['difference'])}（{between(row)}）\n{basis_said(row)}"
        ax.annotate(
            said, (0, place), (2, 7), ax.get_yaxis_transform(), "offset points", va="bottom", fontsize=8,
            linespacing=1.35, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )  # fmt: skip
    ax.set_ylim(max(len(rows), tall / TEXTS) - 0.6, -0.9)
    least, most = min(0.0, *(row["low"] for row in rows)), max(0.0, *(row["high"] for row in rows))
    room = 0.05 * (most - least)
    ax.set_xlim(least - room, most + room)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_color(PALE)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.tick_params(axis="x", labelsize=8)
    ax.set_title("查出率相差（百分点）和95%区间", loc="left", fontsize=8, color=GREY)
