"""Charts of all classes together: grades, mean totals over the years, and what became of the problems found."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analytics.analysis.class_year import ClassYear
from analytics.analysis.problem_state import STATE_LABELS, STATES
from analytics.analysis.rectification import Rectification
from analytics.analysis.scores import BARRED, UNDECIDED, ClassTable
from analytics.analysis.wording import points
from analytics.figures.theme import ACCENT, GREY, INK, LIGHT, MARKERS, Chart, Frame, Imprint, drawn, spread, themed

WIDTH = 160.0
ROW = 13.0
NARROW = 0.03
TOP, TALL, BOTTOM = 17.0, 50.0, 16.0
LINES = ("-", (0, (5, 2)), (0, (1, 1.5)))
# Fill and figure, told apart in grey; what is undecided has its own.
FILLS = ((ACCENT, "white"), (LIGHT, INK), ("white", INK), ("#3a3a3a", "white"))
OPEN = ("#dedede", INK)


def grade_counts(tables: Sequence[ClassTable], imprint: Imprint) -> Chart:
    """How many units of each class reached which grade; a grade that no unit reached has no field."""
    title = f"{tables[0].year}年度各类单位等级（个）"
    counts = pd.DataFrame({table.kind.label(): table.grades.set_index("grade")["units"] for table in tables}).T
    counts = counts[list(dict.fromkeys(grade for table in tables for grade in table.grades["grade"]))]
    alt = f"{title}。{''.join(table.sentence for table in tables)}"
    return _stacked(counts.fillna(0).astype(int), "grade_counts", title, alt, imprint)


def problem_states(found: Sequence[Rectification], imprint: Imprint) -> Chart:
    """How many of the problems found in each class are closed, open, or not said to be either."""
    title = f"{found[0].year}年度检查发现的问题整改情况（个）"
    counts = pd.DataFrame({one.label: {STATE_LABELS[state]: one.count(state) for state in STATES} for one in found}).T
    return _stacked(counts, "problem_states", title, f"{title}。{''.join(one.sentence for one in found)}", imprint)


def class_means(classes: Sequence[ClassYear], imprint: Imprint) -> Chart:
    """Mean total of each class by year, over the units that have a total in every year."""
    years = sorted({year for one in classes for year in one.means.index})
    title = f"{years[0]}—{years[-1]}年度各类单位平均总分"
    with themed():
        fig, (ax,) = Frame(WIDTH, TOP + TALL + BOTTOM, 12, 40, top=TOP, bottom=BOTTOM).figure()
        ax.set_xlim(years[0] - 0.12, years[-1] + 0.04)
        ax.set_xticks(years, [f"{year}年度" for year in years])
        ax.grid(axis="y")
        ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.margins(y=0.12)
        for one, marker, style in zip(classes, MARKERS, LINES, strict=False):
            ax.plot(one.means.index, one.means, marker=marker, linestyle=style, color=ACCENT, linewidth=1.4)
        _name_lines(ax, [one for one in classes if len(one.means)], years[-1])
        ax.set_title("各年都有总分的单位；细则逐年修订，总分的变化含规则变化", loc="left", fontsize=8, color=GREY)
        alt = f"{title}。{''.join(f'{one.kind.label()}：{one.trend.sentence}' for one in classes)}"
        return drawn(fig, "class_means", title, alt, imprint)


def _stacked(counts: pd.DataFrame, name: str, title: str, alt: str, imprint: Imprint) -> Chart:
    """One bar a row, one field a column, the figure in each field that is not 0."""
    with themed():
        fig, (ax,) = Frame(WIDTH, 34 + ROW * len(counts), 27, 28, top=19, bottom=15).figure()
        ax.set_ylim(len(counts) - 0.5, -0.5)
        ax.set_yticks(range(len(counts)), list(counts.index))
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_visible(False)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        widest = max(1, int(counts.sum(axis=1).max()))
        ax.set_xlim(0, widest)
        start = pd.Series(0, index=counts.index)
        said = {place: f"共{total}" for place, total in enumerate(counts.sum(axis=1))}
        for column, graded in zip(counts, FILLS * 2, strict=False):
            fill, ink = OPEN if column in (UNDECIDED, BARRED) else graded
            values = counts[column]
            if not values.any():
                continue
            places = range(len(counts))
            ax.barh(places, values, left=start, height=0.6, color=fill, edgecolor=INK, linewidth=0.6, label=column)
            for place, (value, left) in enumerate(zip(values, start, strict=True)):
                if value > NARROW * widest:
                    ax.text(left + value / 2, place, str(value), ha="center", va="center", color=ink)
                elif value:  # too narrow for its figure
                    said[place] += f"，{column}{value}"
            start = start + values
        for place, total in enumerate(start):
            ax.annotate(said[place], (total, place), (4, 0), "data", "offset points", va="center", fontsize=8)
        if start.any():  # nothing counted, nothing to explain
            ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=5, frameon=False, borderpad=0, handlelength=1.2)
        return drawn(fig, name, title, alt, imprint)


def _name_lines(ax: Axes, classes: Sequence[ClassYear], last: int) -> None:
    """Class and newest mean beside the end of each line, moved apart where they would overlap."""
    low, high = ax.get_ylim()
    ends = [(one, float(one.means.iloc[-1])) for one in classes]
    wanted = [(mean - low) / (high - low) for _, mean in ends]
    for (one, mean), place in zip(ends, spread(wanted, 5 / TALL), strict=True):
        said = f"{one.kind.label()} {points(mean)}"
        ax.annotate(said, (last, place), (6, 0), ax.get_xaxis_transform(), "offset points", va="center", fontsize=8)
