"""The deck's own charts as numbers, for the kinds that a presentation can draw and edit itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from analytics.analysis.problem_state import STATE_LABELS, STATES
from analytics.analysis.rectification import Rectification
from analytics.analysis.scores import BARRED, UNDECIDED
from analytics.analysis.wording import amount, points, shortened
from analytics.documents.slides import Bars, Bound, Lines, NativeChart, Series, Tone

if TYPE_CHECKING:
    from analytics.analysis.class_year import ClassYear
    from analytics.analysis.comparison import Comparison
    from analytics.analysis.gap import Gap
    from analytics.analysis.scores import ClassTable

TONES: tuple[Tone, ...] = ("strong", "light", "white", "dark")
MOST_ITEMS = 10
LONGEST = 16


def figure(value: float, decimals: int) -> str:
    """A number as the charts print it."""
    return points(value) if decimals == 2 else amount(value) if decimals == 0 else f"{value:.{decimals}f}"


def grades(tables: Sequence[ClassTable]) -> Bars:
    """Units by class and grade."""
    names = list(dict.fromkeys(grade for table in tables for grade in table.grades["grade"]))
    counts = [dict(zip(table.grades["grade"], table.grades["units"], strict=True)) for table in tables]
    tones = _tones(names)
    series = tuple(
        Series(name, tuple(_some(count.get(name, 0)) for count in counts), tones[name])
        for name in names
        if any(count.get(name, 0) for count in counts)
    )
    labels = tuple(f"{table.kind.label()}（{len(table.rows)}个）" for table in tables)
    caption = "各类单位的等级（个）"
    return Bars(f"{caption}。{''.join(table.sentence for table in tables)}", caption, labels, series, 0, stacked=True)


def ranking(table: ClassTable) -> Bars:
    """Totals in the order of rank, one series a grade, so that the fill says the grade; undecided units without bar."""
    rows = table.rows.to_dict("records")
    names = [grade for grade, units in zip(table.grades["grade"], table.grades["units"], strict=True) if units]
    tones = _tones(table.grades["grade"])
    decided = table.decided
    series = tuple(
        Series(name, tuple(float(row["total"]) if row["grade"] == name else None for row in rows), tones[name])
        for name in names
        if (decided["grade"] == name).any()
    )
    labels = tuple(
        f"{int(row['rank'])}. {row['unit_name']}" if row["rank"] == row["rank"] else _unranked(row) for row in rows
    )
    caption = f"{table.kind.label()}总分和等级（分；虚线为等级下限）"
    alt = f"{table.year}年度{caption}。{table.sentence}"
    bounds = tuple(Bound(f"{band.name}{amount(band.least)}", float(band.least)) for band in table.bands if band.least)
    most = max(100.0, float(decided["total"].max()))
    return Bars(alt, caption, labels, series, _decimals(table), most=most, bounds=bounds)


def deductions(compared: Comparison) -> Bars:
    """The items that cost most."""
    lost = compared.deductions.head(MOST_ITEMS).to_dict("records")
    labels = tuple(f"{r['no']}. {shortened(r['item_text'], LONGEST)}（{r['units']}个单位）" for r in lost)
    caption = f"{compared.kind.label()}扣分最多的{len(lost)}项（分；共{len(compared.deductions)}项有扣分）"
    values = tuple(float(row["points"]) for row in lost)
    alt = f"{compared.year}年度{caption}。{compared.deduction_sentence}"
    return Bars(alt, caption, labels, (Series("扣分", values),), 2)


def self_marks(gap: Gap) -> Bars:
    """Self-assessed minus verified points by unit."""
    labels = tuple(f"{row['unit_name']}（{row['items']}项）" for row in gap.units.to_dict("records"))
    caption = f"{gap.kind.label()}自评减核定（分；同一批已核定的条目）"
    values = tuple(float(value) for value in gap.units["gap"])
    return Bars(f"{gap.year}年度{caption}。{gap.sentence}", caption, labels, (Series("自评减核定", values),), 2)


def problems(found: Sequence[Rectification]) -> Bars:
    """Problems by class and state."""
    kept = [one for one in found if len(one.problems)]
    series = tuple(
        Series(STATE_LABELS[state], tuple(_some(one.count(state)) for one in kept), tone)
        for state, tone in zip(STATES, TONES, strict=False)
        if any(one.count(state) for one in kept)
    )
    labels = tuple(f"{one.label}（{len(one.problems)}个）" for one in kept)
    caption = "检查发现的问题整改情况（个）"
    return Bars(f"{caption}。{''.join(one.sentence for one in kept)}", caption, labels, series, 0, stacked=True)


def years(classes: Sequence[ClassYear]) -> Lines:
    """Mean totals over the years, of classes that have units with a total in every year."""
    span = sorted({year for one in classes for year in one.means.index})
    series = tuple(
        Series(one.kind.label(), tuple(_known(one.means.get(year)) for year in span), tone)
        for one, tone in zip(classes, TONES, strict=False)
    )
    values = [value for one in series for value in one.values if value is not None]
    caption = "各类单位平均总分（分；各年都有总分的单位）"
    alt = f"{caption}。{''.join(f'{one.kind.label()}：{one.trend.sentence}' for one in classes)}"
    low, high = math.floor(min(values)) - 1.0, math.ceil(max(values)) + 1.0
    return Lines(alt, caption, tuple(f"{year}年度" for year in span), series, 2, low, high)


def spoken(chart: NativeChart) -> Iterator[str]:
    """The numbers of a chart in a line a category, for the notes."""
    yield f"图中数字：{chart.caption}。"
    for place, category in enumerate(chart.categories):
        known = [(one.name, value) for one in chart.series if (value := one.values[place]) is not None]
        said = "，".join(f"{name}{figure(value, chart.decimals)}" for name, value in known)
        yield f"{category}：{said or '没有数字'}。"


def _tones(grades: Iterable[str]) -> dict[str, Tone]:
    """The fill of each grade, best first; what is undecided has its own."""
    named = (grade for grade in grades if grade not in (UNDECIDED, BARRED))
    return dict(zip(named, TONES * 2, strict=False)) | {UNDECIDED: "pale", BARRED: "pale"}


def _unranked(row: dict[str, object]) -> str:
    waits = row["total"] != row["total"]  # NaN
    return f"{row['unit_name']}（{row['grade']}）" if waits else str(row["unit_name"])


def _decimals(table: ClassTable) -> int:
    """As many as the class's totals need beside each other; an editable chart prints all with the same."""
    return max((len(total.partition(".")[2]) for total in table.printed.values()), default=2)


def _some(count: int) -> float | None:
    return float(count) if count else None


def _known(mean: float | None) -> float | None:
    return None if mean is None or mean != mean else round(float(mean), 4)
