"""The small charts of one unit's brief. They take plain numbers, not frames, and name no other unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import offset_copy

from analytics.analysis.one_unit import ZERO, Course, Descent, Step, ThemeRate, theme_sentence
from analytics.analysis.wording import exact, percent, points
from analytics.figures.theme import ACCENT, GREY, INK, LIGHT, PALE, Chart, Frame, Imprint, drawn, themed

WIDTH = 160.0
ROW = 5.6


def unit_themes(themes: Sequence[ThemeRate], imprint: Imprint) -> Chart:
    """The unit's rate in each theme as a bar, the class mean as a stroke and the best as a diamond."""
    title = "各一级指标得分率（%）"
    with themed():
        fig, (ax,) = Frame(WIDTH, 29 + ROW * len(themes), 30, 16, top=13, bottom=15).figure()
        rates, means, bests = (_known([getattr(theme, name) for theme in themes]) for name in ("rate", "mean", "best"))
        ax.barh(*rates, color=LIGHT, edgecolor=ACCENT, linewidth=0.6, height=0.6)
        low, high = ([place + step for place in means[0]] for step in (-0.42, 0.42))
        ax.vlines(means[1], low, high, color=INK, linewidth=2, zorder=2)
        ax.plot(*reversed(bests), "D", color="white", markeredgecolor=INK, markersize=4.5)
        said = ["待裁定" if theme.rate is None else percent(theme.rate) for theme in themes]
        _rows(ax, [theme.name for theme in themes], said)
        ax.grid(axis="x")
        ax.set_xlim(0, 101.5)
        handles: list[Artist] = [Patch(facecolor=LIGHT, edgecolor=ACCENT, linewidth=0.6, label="本单位")]
        if any(theme.mean is not None for theme in themes):
            handles += [
                Line2D([], [], color=INK, marker="|", markersize=8, markeredgewidth=2, linestyle="", label="本类平均"),
                Line2D([], [], color="white", marker="D", markeredgecolor=INK, markersize=4.5, label="本类最高"),
            ]
        _legend(ax, handles)
        return drawn(fig, "unit_themes", title, f"{title}。{theme_sentence(themes)}", imprint)


def _known(shares: Sequence[Decimal | None]) -> tuple[list[int], list[float]]:
    """The rows whose share is known, and those shares as percentages."""
    known = [(place, 100 * float(share)) for place, share in enumerate(shares) if share is not None]
    return [place for place, _ in known], [share for _, share in known]


def _rows(ax: Axes, left: Sequence[str], right: Sequence[str], size: float = 9) -> None:
    """A row for each text, from the top: ``left`` of the axis as its label, ``right`` behind the axes' right edge.

    As texts, not ticks: a tick is five artists, and half of a chart's time would go into them.
    """
    ax.set_ylim(len(left) - 0.4, -0.6)
    ax.set_yticks([])
    for x, texts, points_away, align in ((0, left, -3.5, "right"), (1, right, 5, "left")):
        at = offset_copy(ax.get_yaxis_transform(), ax.get_figure(root=True), points_away, 0, "points")
        for place, text in enumerate(texts):
            ax.text(x, place, text, transform=at, ha=align, va="center_baseline", fontsize=size)


def unit_waterfall(descent: Descent, imprint: Imprint) -> Chart:
    """From full marks down to the total, the largest deductions one by one; says so where the axis starts above 0."""
    steps = descent.steps
    with themed():
        fig, (ax,) = Frame(WIDTH, 26 + ROW * len(steps), 62, 16, top=10, bottom=15).figure()
        low = min(float(step.running) for step in steps)
        high = max(float(step.running) for step in steps)
        left = max(0.0, low - max(1.0, (high - low) * 0.25))
        before = (steps[0].running, *(step.running for step in steps))
        starts = [Decimal(repr(left)) if step.kind != "change" else at for step, at in zip(steps, before, strict=False)]
        colours, hatches = zip(*(_bar(step.kind, step.change) for step in steps), strict=True)
        ax.barh(
            range(len(steps)), [float(step.running - start) for step, start in zip(steps, starts, strict=True)],
            left=list(map(float, starts)), color=colours, hatch=hatches, edgecolor=ACCENT, linewidth=0.6, height=0.62,
        )  # fmt: skip
        joints, rows = [float(step.running) for step in steps[:-1]], range(len(steps) - 1)
        ax.vlines(
            joints, [row + 0.31 for row in rows], [row + 0.69 for row in rows], color=GREY, linewidth=0.6, zorder=2
        )
        _rows(ax, [step.label for step in steps], [_said(step, descent) for step in steps], size=8)
        ax.grid(axis="x")
        ax.set_xlim(left, high + (high - left) * 0.02)
        title = f"从满分到总分{'（横轴不从0起）' if left else ''}"
        return drawn(fig, "unit_waterfall", title, descent.sentence, imprint)


def _said(step: Step, descent: Descent) -> str:
    """What stands behind a step: its change, or where it stands."""
    if step.kind == "change":
        return f"{'+' if step.change > 0 else ''}{exact(step.change)}"
    if step.kind == "end" and (descent.barred or descent.total is None):
        return "—" if descent.barred else "待裁定"
    return exact(step.running)


def _bar(kind: str, change: Decimal) -> tuple[str, str]:
    if kind != "change":
        return ACCENT, ""
    return (LIGHT, "") if change < 0 else ("white", "////")


def _legend(ax: Axes, handles: Sequence[Artist]) -> None:
    ax.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(handles), frameon=False, borderpad=0.2,
        fontsize=8, columnspacing=1.2,
    )  # fmt: skip


def unit_years(course: Course, imprint: Imprint) -> Chart:
    """The unit's totals over the years beside the class mean, with grade and rank."""
    title = "历年总分"
    known = [point for point in course.points if point.total is not None]
    means = [(point.year, float(point.mean)) for point in course.points if point.mean is not None]
    with themed():
        fig, (ax,) = Frame(WIDTH, 55, 12, 6, top=13, bottom=15).figure()
        years = [point.year for point in course.points]
        ax.plot([p.year for p in known], [float(p.total or 0) for p in known], "o-", color=ACCENT, linewidth=1.8)
        ax.plot(*zip(*means, strict=True) if means else ([], []), "s--", color=GREY, markersize=3.5, linewidth=1)
        for point in known:
            total, under = point.total or ZERO, point.mean is not None and (point.total or ZERO) < point.mean
            rank = f" {point.rank}/{point.ranked}" if point.rank else ""
            ax.annotate(
                f"{points(total)}  {point.grade}{rank}", (point.year, float(total)), (0, -6 if under else 6),
                "data", "offset points", ha="center", va="top" if under else "bottom", fontsize=8,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},  # a steep line would cross the words
            )  # fmt: skip
        handles: list[Artist] = [Line2D([], [], color=ACCENT, marker="o", linewidth=1.8, label="本单位")]
        if means:
            handles.append(Line2D([], [], color=GREY, marker="s", markersize=3.5, linestyle="--", label="本类平均"))
        _legend(ax, handles)
        ax.set_xlim(years[0] - 0.35, years[-1] + 0.35)
        ax.set_xticks(years, [f"{year}年度" for year in years])
        ax.margins(y=0.42)
        ax.grid(axis="y", color=PALE)
        return drawn(fig, "unit_years", title, f"{title}。{course.sentence}", imprint)
