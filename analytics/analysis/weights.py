"""What really separates the units: how much of the spread of totals each part explains, against its nominal weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.analysis.decomposition import EXACT, Decomposition, decompose, moves, ranks_without
from analytics.analysis.listing import Listing
from analytics.analysis.wording import Sentence, amount, listed, percent
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

OUTSIDE = "outside"
OUTSIDE_NAME = "加分、百分外扣分"


@dataclass(frozen=True, slots=True)
class Weights:
    """Nominal and effective weight of one class's themes and items. Units that await a decision are in ``left_out``.

    themes: theme, theme_name, nominal (points as a share of full marks), effective (share of the spread of totals, see
    ``effective_shares``), moved, unit_name, rank, rank_without (who moves when the theme is left out; see ``moves``).
    Bonus and deductions outside the items are a row of their own where any unit has them, with nominal 0.
    items: item, no, item_text, theme_name, full_marks, units, nominal, effective, silent (every unit that is asked has
    full marks). without: each unit's rank when one theme is left out, index unit, a column for each row of ``themes``.
    """

    year: int
    kind: UnitKind
    units: int
    themes: pd.DataFrame
    items: pd.DataFrame
    without: pd.DataFrame
    left_out: tuple[str, ...]
    sentence: Sentence

    @property
    def silent(self) -> pd.DataFrame:
        """The items on which every unit has full marks: they separate nobody."""
        return self.items[self.items["silent"]]

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
        return Listing.of(("一级指标", "分值占比", "解释的差距", "不计它时名次变动的单位数", "变动最多的"), rows)


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


def weights(tables: ScoreTables, year: int, kind: str) -> Weights:
    """Nominal and effective weights of a class. Refused when the class has no cards in ``year``."""
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
    items = _items(apart)
    said = _sentence(apart, themes, items)
    return Weights(apart.year, apart.kind, len(apart.units), themes, items, without, apart.left_out, said)


def _items(apart: Decomposition) -> pd.DataFrame:
    parts = apart.parts.assign(**{OUTSIDE: apart.outside})
    items = apart.items.assign(
        nominal=apart.items["full_marks"] / apart.full_marks if len(apart.units) else 0.0,
        effective=effective_shares(parts).drop(OUTSIDE),
        silent=(apart.parts.round(EXACT) == 0).all(),
    )
    items = items.rename_axis("item").reset_index().drop(columns="theme")
    return items.sort_values(["effective", "item"], ascending=[False, True], ignore_index=True)


def _sentence(apart: Decomposition, themes: pd.DataFrame, items: pd.DataFrame) -> Sentence:
    said = _shares(apart, themes) + _silence(items)
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


def _silence(items: pd.DataFrame) -> str:
    silent = items[items["silent"]]
    if silent.empty:
        return "；没有各单位都得满分的条目"
    points = amount(silent["full_marks"].sum())
    return f"；各单位都得满分的条目{len(silent)}项（共{points}分），拉不开差距，去掉后名次不变"
