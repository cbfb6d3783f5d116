"""What really separates the units: how much of the spread of totals each part explains, against its nominal weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.analysis.decomposition import EXACT, Decomposition, decompose, moves, ranks_without
from analytics.analysis.wording import Sentence, amount, item_label, listed, percent
from analytics.listing import Listing
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

OUTSIDE = "outside"
OUTSIDE_NAME = "加分、百分外扣分"
QUIET = 0.1  # assumed: an item that explains less than this part of its nominal weight is nearly silent


@dataclass(frozen=True, slots=True)
class Weights:
    """Nominal and effective weight of one class's themes and items. Units that await a decision are in ``left_out``.

    themes: theme, theme_name, nominal (points as a share of full marks), effective (share of the spread of totals, see
    ``effective_shares``), moved, unit_name, rank, rank_without (who moves when the theme is left out; see ``moves``).
    Bonus and deductions outside the items are a row of their own where any unit has them, with nominal 0.
    items: item, no, item_text, theme_name, full_marks, units, nominal, effective, silent (every unit that is asked has
    full marks), quiet (nearly silent: not silent, and explains less than ``quiet_below`` times its nominal weight, to
    either side). A quiet item may still cost points: where losses have nothing to do with the totals, they cancel out.
    without: each unit's rank when one theme is left out, index unit, a column for each row of ``themes``.
    ranking: unit, unit_name, rank, rank_without (when no silent and no quiet item counts), by rank.
    """

    year: int
    kind: UnitKind
    units: int
    themes: pd.DataFrame
    items: pd.DataFrame
    without: pd.DataFrame
    ranking: pd.DataFrame
    quiet_below: float
    left_out: tuple[str, ...]
    sentence: Sentence
    item_sentence: Sentence

    @property
    def silent(self) -> pd.DataFrame:
        """The items on which every unit has full marks: they separate nobody."""
        return self.items[self.items["silent"]]

    @property
    def quiet(self) -> pd.DataFrame:
        """The nearly silent items."""
        return self.items[self.items["quiet"]]

    @property
    def shown(self) -> Listing:
        """The themes as they are printed."""
        rows = (
            (
                row["theme_name"],
                percent(row["nominal"]),
                percent(row["effective"]),
                row["moved"],
                f"{row['unit_name']}：第{row['rank']}名→第{row['rank_without']}名" if row["moved"] else "",
            )
            for row in self.themes.to_dict("records")
        )
        header = ("一级指标", "分值占比", "解释的差距", "不计它时名次变动的单位数", "变动最多的")
        caption = f"{self.year}年度{self.kind.label()}：分值占比和实际拉开的差距"
        return Listing.of(header, rows, caption, (self.sentence, self.item_sentence))

    @property
    def shown_items(self) -> Listing:
        """The items as they are printed, those that explain most first."""
        rows = (
            (
                item_label(row["no"], row["item_text"]),
                row["theme_name"],
                row["units"],
                percent(row["nominal"]),
                percent(row["effective"]),
                "各单位都得满分" if row["silent"] else "几乎拉不开差距" if row["quiet"] else "",
            )
            for row in self.items.to_dict("records")
        )
        return Listing.of(("条目", "一级指标", "适用单位数", "分值占比", "解释的差距", "说明"), rows)

    @property
    def shown_ranking(self) -> Listing:
        """The official rank beside that without the silent and nearly silent items, as it is printed."""
        rows = (
            (row["unit_name"], row["rank"], row["rank_without"], _shift(row["rank"] - row["rank_without"]))
            for row in self.ranking.to_dict("records")
        )
        return Listing.of(("单位", "正式名次", "不计这些条目时的名次", "变动"), rows)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown._repr_mimebundle_(include, exclude)


def effective_shares(parts: pd.DataFrame) -> pd.Series:
    """The share of the variance of totals that each part explains: cov(part, total) / var(total).

    parts: unit × part, in points that count (component × weight); a unit's total is the sum of its row.
    The shares add to 1. A part in which all units are equal has 0; a part in which the better units do worse is
    negative. All are 0 when the totals do not differ, also for fewer than two units.
    """
    values = parts.to_numpy(float)
    total = values.sum(axis=1)
    if len(total) < 2 or np.ptp(total).round(EXACT) == 0:
        return pd.Series(0.0, index=parts.columns)
    apart = total - total.mean()
    return pd.Series((values - values.mean(axis=0)).T @ apart / (apart @ apart), index=parts.columns)


def weights(tables: ScoreTables, year: int, kind: str, quiet_below: float = QUIET) -> Weights:
    """Nominal and effective weights of a class. Refused when the class has no cards in ``year``.

    >>> weights(open_year(2020).tables, 2020, "special_regulator").units
    16
    """
    apart = decompose(tables, year, kind)
    by_theme = apart.by_theme
    if apart.outside.any():
        by_theme = by_theme.assign(**{OUTSIDE: apart.outside})
    without = ranks_without(by_theme, apart.units["total"])
    themes = pd.DataFrame({"effective": effective_shares(by_theme)}).join(moves(without, apart.units))
    names = apart.items.drop_duplicates("theme").set_index("theme")["theme_name"].to_dict() | {OUTSIDE: OUTSIDE_NAME}
    themes.insert(0, "theme_name", [names[theme] for theme in themes.index])
    themes.insert(1, "nominal", [apart.nominal.get(theme, 0.0) for theme in themes.index])
    themes = themes.rename_axis("theme").reset_index()
    items = _items(apart, quiet_below)
    ranking = _without_quiet(apart, items)
    said, of_items = _sentence(apart, themes), _item_sentence(items, ranking, quiet_below)
    return Weights(
        apart.year, apart.kind, len(apart.units), themes, items, without, ranking, quiet_below, apart.left_out, said,
        of_items,
    )  # fmt: skip


def _items(apart: Decomposition, quiet_below: float) -> pd.DataFrame:
    parts = apart.parts.assign(**{OUTSIDE: apart.outside})
    effective = effective_shares(parts)
    silent = (apart.parts.round(EXACT) == 0).all()
    nominal = apart.items["full_marks"] / apart.full_marks if len(apart.units) else 0.0
    items = apart.items.assign(nominal=nominal, effective=effective.drop(OUTSIDE), silent=silent)
    # Totals that do not differ are explained by nothing; that does not make every item quiet.
    quiet = ~silent & (items["effective"].abs() < quiet_below * items["nominal"]) & effective.any()
    items = items.assign(quiet=quiet).rename_axis("item").reset_index().drop(columns="theme")
    return items.sort_values(["effective", "item"], ascending=[False, True], ignore_index=True)


def _without_quiet(apart: Decomposition, items: pd.DataFrame) -> pd.DataFrame:
    """The frame ``Weights.ranking``."""
    left_out = items.loc[items["silent"] | items["quiet"], "item"]
    part = apart.parts[left_out].sum(axis=1).to_frame("rank_without")
    ranking = apart.units[["unit_name", "rank"]].join(ranks_without(part, apart.units["total"]))
    return ranking.rename_axis("unit").reset_index()


def _shift(up: int) -> str:
    return f"{'升' if up > 0 else '降'}{abs(up)}位" if up else "不变"


def _sentence(apart: Decomposition, themes: pd.DataFrame) -> Sentence:
    said = _shares(apart, themes)
    if len(apart.units) > 1 and len(themes):
        top = themes.sort_values("moved", ascending=False, kind="stable").iloc[0]
        if top["moved"]:
            said += f"；不计“{top['theme_name']}”时名次变动最多，{top['moved']}个单位变动，"
            said += f"{top['unit_name']}由第{top['rank']}名变为第{top['rank_without']}名"
        else:
            said += "；不计其中任何一个一级指标，名次都不变"
    if apart.left_out:
        said += f"；{listed(apart.left_out)}有条目待裁定，未计入"
    return Sentence(said + "。")


def _shares(apart: Decomposition, themes: pd.DataFrame) -> str:
    if len(apart.units) < 2:
        return f"有总分的{apart.kind.label()}不到2个，谈不上差距"
    if not themes["effective"].any():
        return f"{len(apart.units)}个{apart.kind.label()}总分相同，没有差距可以分解"
    over = themes["effective"] - themes["nominal"]
    top, low = themes.loc[themes["effective"].idxmax()], themes.loc[over.idxmin()]
    said = f"{len(apart.units)}个{apart.kind.label()}总分的差距，{percent(top['effective'])}来自"
    said += f"“{top['theme_name']}”（分值占{percent(top['nominal'])}）"
    if low["theme"] != top["theme"]:
        said += f"；“{low['theme_name']}”分值占{percent(low['nominal'])}，"
        little = low["effective"]
        said += f"只解释差距的{percent(little)}" if little >= 0 else f"反而抵消差距的{percent(-little)}"
    return said


def _item_sentence(items: pd.DataFrame, ranking: pd.DataFrame, quiet_below: float) -> Sentence:
    """How many items separate nobody or hardly anybody, and what the ranking would be without them."""
    silent, quiet = items[items["silent"]], items[items["quiet"]]
    if silent.empty:
        said = "没有各单位都得满分的条目"
    else:
        said = f"各单位都得满分的条目{len(silent)}项（{_worth(silent, items)}），"
        said += "拉不开差距，去掉后名次不变"
    bound = f"解释的差距不论正负都不到分值占比的{amount(100 * quiet_below)}%"
    if quiet.empty:
        return Sentence(f"{said}；没有几乎拉不开差距的条目（{bound}）。")
    said += f"；{'另有' if len(silent) else '有'}{len(quiet)}项（{_worth(quiet, items)}）"
    said += f"几乎拉不开差距（{bound}），把它们{'也' if len(silent) else ''}去掉，"
    up = ranking["rank"] - ranking["rank_without"]
    if not up.any():
        return Sentence(said + "名次还是不变。")
    row = ranking.loc[up.abs().idxmax()]
    said += f"{int((up != 0).sum())}个单位名次变动，变动最多的是{row['unit_name']}，由第{row['rank']}名变为"
    return Sentence(said + f"第{row['rank_without']}名：单项解释得少，不等于对名次没有影响。")


def _worth(some: pd.DataFrame, items: pd.DataFrame) -> str:
    """The full marks of ``some`` items, with a word when no unit has them all: not every item applies to every unit."""
    said = f"共{amount(some['full_marks'].sum())}分"
    return said + ("，有的只适用于部分单位" if (some["units"] < items["units"].max()).any() else "")
