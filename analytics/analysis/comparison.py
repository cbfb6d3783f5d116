"""Where do the units of a class differ: by theme, against the mean and the best, and by what they lost points on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.gap import Gap, gap
from analytics.analysis.scores import UNDECIDED, ClassTable, class_table
from analytics.analysis.wording import Sentence, amount, item_label, listed, percent, signed
from analytics.listing import Listing
from analytics.policy import GradeBand
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables


@dataclass(frozen=True, slots=True)
class Comparison:
    """A class in one year, unit by unit. Rates are awarded / full marks over the items that apply to the unit.

    themes: unit, unit_name, theme, theme_name, full_marks, awarded, rate, waiting (undecided items), mean, best (over
    the class), to_mean, to_best (rate minus mean, rate minus best); awarded and rate are NaN while an item waits.
    matrix: rate by unit_name (in rank order) and theme_name (in the rubric's order).
    deductions: item, no, item_text, theme_name, points, units, share, cumulative; most points first.
    """

    year: int
    kind: UnitKind
    table: ClassTable
    themes: pd.DataFrame
    matrix: pd.DataFrame
    deductions: pd.DataFrame
    gap: Gap
    theme_sentence: Sentence
    deduction_sentence: Sentence

    @property
    def means(self) -> pd.Series:
        """Class mean of each theme's rate, in the order of ``matrix``."""
        return self.themes.drop_duplicates("theme").set_index("theme_name")["mean"][list(self.matrix.columns)]

    @property
    def shown(self) -> Listing:
        """Each unit's rank, total and grade, and its score rate (%) in every theme, as they are printed."""
        rates = self.matrix.map(_rate).itertuples(index=False)
        header = (*self.table.shown.header[:4], *(f"{theme}（%）" for theme in self.matrix.columns))
        rows = [(*row[:4], *own) for row, own in zip(self.table.shown.rows, rates, strict=True)]
        means = [_rate(mean) for mean in self.means]
        caption = f"{self.year}年度{self.kind.label()}：总分、等级和各一级指标得分率"
        notes = (self.table.sentence, self.theme_sentence)
        return Listing.of(header, [*rows, ("", "本类平均", "", "", *means)], caption, notes)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown._repr_mimebundle_(include, exclude)

    @property
    def shown_distances(self) -> Listing:
        """Distance of each unit's rate to the class mean and to the best, in percentage points, as it is printed."""
        said = {
            (row["unit_name"], row["theme_name"]): _distance(row["to_mean"], row["to_best"])
            for row in self.themes.to_dict("records")
        }
        themes = list(self.matrix.columns)
        rows = ((unit, *(said.get((unit, theme), "") for theme in themes)) for unit in self.matrix.index)
        return Listing.of(("比平均／比最好（百分点）", *themes), rows)


def compare(tables: ScoreTables, year: int, kind: str, bands: Sequence[GradeBand] = ()) -> Comparison:
    """Compare the units of one class. Refused when the class has no cards in ``year``.

    >>> compare(open_year(2020).tables, 2020, "street_town").matrix.shape  # units by themes
    (10, 5)
    """
    table = class_table(tables, year, kind, bands)
    themes = theme_rates(tables, year, kind)
    matrix = themes.pivot_table(index="unit_name", columns="theme_name", values="rate", sort=False, dropna=False)
    matrix = matrix.reindex(index=table.rows["unit_name"].to_list(), columns=list(dict.fromkeys(themes["theme_name"])))
    lost = deductions(tables, year, kind)
    return Comparison(
        year=year,
        kind=UnitKind(kind),
        table=table,
        themes=themes,
        matrix=matrix,
        deductions=lost,
        gap=gap(tables, year, kind),
        theme_sentence=_theme_sentence(themes),
        deduction_sentence=_deduction_sentence(lost),
    )


def theme_rates(tables: ScoreTables, year: int, kind: str) -> pd.DataFrame:
    """The frame ``Comparison.themes``: every unit's rate in every theme beside the class mean and best."""
    marks = tables.marks[(tables.marks["year"] == year) & (tables.marks["kind"] == kind)]
    marks = marks[marks["status"] != "not_applicable"]
    marks = marks.assign(waiting=marks["awarded"].isna().astype(int))
    themes = marks.groupby(["unit", "unit_name", "theme", "theme_name"], as_index=False, sort=False).agg(
        full_marks=("full_marks", "sum"), awarded=("awarded", "sum"), waiting=("waiting", "sum")
    )
    themes = themes.assign(awarded=themes["awarded"].where(themes["waiting"] == 0))
    themes = themes.assign(rate=themes["awarded"] / themes["full_marks"])
    by_theme = themes.groupby("theme")["rate"]
    themes = themes.assign(mean=by_theme.transform("mean"), best=by_theme.transform("max"))
    themes = themes.assign(to_mean=themes["rate"] - themes["mean"], to_best=themes["rate"] - themes["best"])
    items = tables.items
    order = list(dict.fromkeys(items.loc[(items["year"] == year) & (items["kind"] == kind), "theme"]))
    return themes.sort_values(["theme", "unit"], key=_as_in(order), ignore_index=True)


def _as_in(order: Sequence[str]) -> Callable[[pd.Series], pd.Series]:
    """A sort key that puts themes in the rubric's order and leaves other columns alone."""
    places = {name: place for place, name in enumerate(order)}
    return lambda column: column.map(places) if column.name == "theme" else column


def deductions(tables: ScoreTables, year: int, kind: str) -> pd.DataFrame:
    """The frame ``Comparison.deductions``: points lost by all units of the class on each item."""
    losses = tables.losses[(tables.losses["year"] == year) & (tables.losses["kind"] == kind)]
    losses = losses[losses["points"] > 0]
    lost = losses.groupby(["item", "no", "item_text", "theme_name"], as_index=False).agg(
        points=("points", "sum"), units=("unit", "nunique")
    )
    lost = lost.sort_values(["points", "item"], ascending=[False, True], ignore_index=True)
    share = lost["points"] / lost["points"].sum()
    return lost.assign(share=share, cumulative=share.cumsum())


def _rate(rate: float) -> str:
    return UNDECIDED if pd.isna(rate) else percent(rate).removesuffix("%")


def _distance(to_mean: float, to_best: float) -> str:
    return "" if pd.isna(to_mean) else f"{signed(100 * to_mean)}／{signed(100 * to_best)}"


def _theme_sentence(themes: pd.DataFrame) -> Sentence:
    rated = themes[themes["rate"].notna()]
    if rated.empty:
        return Sentence("各项均待裁定，暂无一级指标得分率。")
    means = rated.drop_duplicates("theme").sort_values("mean")
    low, high = means.iloc[0], means.iloc[-1]
    said = f"平均得分率最低的一级指标是“{low['theme_name']}”（{percent(low['mean'])}），"
    said += f"最高的是“{high['theme_name']}”（{percent(high['mean'])}）"
    far = rated.sort_values("to_best").iloc[0]
    if far["to_best"] < 0:
        distance = percent(-far["to_best"]).removesuffix("%")
        said += f"；离本类最好水平最远的是{far['unit_name']}的“{far['theme_name']}”，低{distance}个百分点"
    if partly := sorted(set(themes.loc[themes["waiting"] > 0, "unit_name"])):
        said += f"；{listed(partly)}有条目待裁定，相应的一级指标未计"
    return Sentence(said + "。")


def _deduction_sentence(lost: pd.DataFrame) -> Sentence:
    if lost.empty:
        return Sentence("本类各单位没有扣分。")
    needed = int((lost["cumulative"] < 0.5 - 1e-9).sum()) + 1
    first, reached = lost.iloc[0], percent(lost["cumulative"].iloc[needed - 1])
    said = f"共扣{amount(lost['points'].sum())}分，涉及{len(lost)}项；其中{needed}项占去一半以上（{reached}）；"
    said += f"扣分最多的是{item_label(first['no'], first['item_text'])}，"
    return Sentence(said + f"{first['units']}个单位共扣{amount(first['points'])}分。")
