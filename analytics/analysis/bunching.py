"""Do totals crowd just above the bound of a grade: how many lie within half a point above it, how many below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, listed, percent, points, signed
from analytics.listing import Listing
from analytics.policy import GradeBand
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

EXACT = 6
WINDOW = 0.5
CONFIDENCE = 0.95
SERIES = {"total": "核定总分", "self_total": "自评总分"}
OWN_CLASS, ALL_CLASSES = "本类", "各类合计"


@dataclass(frozen=True, slots=True)
class Bunching:
    """Totals near the lower bound of a grade; the bound itself belongs to the grade and lies above.

    units: unit, unit_name, total, self_total (what the unit's own marks add up to, on the scale of the total; NaN when
    a mark is missing), and for each of the two: the nearest bound within ``WINDOW`` and the distance to it
    (total_bound, total_distance, self_total_bound, self_total_distance; else NaN); by total, highest first.
    counts: scope (本类, 各类合计), series, units (that have such a total), above, below, share (of above among both),
    low, high (exact 95 % interval of the share), p (two-sided binomial test against one half); NaN where none is near.
    ``needed`` is how many near totals it takes before even all of them above would be significant at 5 %.
    """

    year: int
    kind: UnitKind
    bands: tuple[GradeBand, ...]
    units: pd.DataFrame
    counts: pd.DataFrame
    needed: int
    left_out: tuple[str, ...]
    sentence: Sentence

    @property
    def above(self) -> pd.DataFrame:
        """The units whose total lies within the window above a bound, as ``units``."""
        return self.units[self.units["total_distance"] >= 0]

    @property
    def shown(self) -> Listing:
        """The counts as they are printed."""
        rows = (
            (
                row["scope"],
                row["series"],
                row["units"],
                row["above"],
                row["below"],
                "" if pd.isna(row["share"]) else percent(row["share"]),
                "" if pd.isna(row["low"]) else f"{percent(row['low'])}—{percent(row['high'])}",
                "" if pd.isna(row["p"]) else points(row["p"]),
            )
            for row in self.counts.to_dict("records")
        )
        near = f"线上{WINDOW}分内", f"线下{WINDOW}分内"
        return Listing.of(("范围", "总分", "有总分的单位", *near, "线上占比", "95%区间", "p值"), rows)


def bunching(tables: ScoreTables, year: int, kind: str, bands: Sequence[GradeBand]) -> Bunching:
    """Count the totals near each grade's bound. Refused when the class has no cards in ``year``.

    Interval: Clopper and Pearson 1934, by ``scipy.stats.binomtest``.
    """
    class_cards(tables, year, kind)
    bounds = [float(band.least) for band in bands if band.least > 0]
    totals = _totals(tables, year)
    for series in SERIES:
        near = _near(totals[series], bounds)
        totals = totals.assign(**{f"{series}_bound": near["bound"], f"{series}_distance": near["distance"]})
    own = totals[totals["kind"] == UnitKind(kind)]
    scopes = {OWN_CLASS: own, ALL_CLASSES: totals}
    rows = [_count(scope, series, frame) for scope, frame in scopes.items() for series in SERIES]
    counts = pd.DataFrame(rows)
    left_out = tuple(own.loc[own["total"].isna(), "unit_name"])
    own = own.sort_values(["total", "unit"], ascending=[False, True], ignore_index=True)
    needed = next(n for n in range(1, 100) if _test(n, 0)["p"] < 1 - CONFIDENCE)
    said = _sentence(own, counts, needed, left_out, UnitKind(kind))
    return Bunching(year, UnitKind(kind), tuple(bands), own, counts, needed, left_out, said)


def _totals(tables: ScoreTables, year: int) -> pd.DataFrame:
    """unit, unit_name, kind, total, self_total of all classes."""
    cards = tables.cards[tables.cards["year"] == year]
    marks = tables.marks[tables.marks["year"] == year]
    full = marks.groupby("unit")["full_marks"].sum()
    asked = marks[marks["status"] != "not_applicable"]
    asked = asked.assign(blank=asked["self_mark"].isna())
    own = asked.groupby("unit").agg(self_mark=("self_mark", "sum"), asked=("full_marks", "sum"), blank=("blank", "any"))
    # As for the official total: the points of items that do not apply are spread over the others.
    own = (own["self_mark"] / own["asked"] * full.reindex(own.index)).where(~own["blank"])
    return cards[["unit", "unit_name", "kind", "total"]].assign(self_total=cards["unit"].map(own).astype(float))


def _near(totals: pd.Series, bounds: Sequence[float]) -> pd.DataFrame:
    """The nearest bound within the window and the distance to it (0 and more: above), NaN where none is near."""
    near = pd.DataFrame({"bound": float("nan"), "distance": float("nan")}, index=totals.index)
    for bound in bounds:
        distance = (totals - bound).round(EXACT)
        here = (distance >= -WINDOW) & (distance < WINDOW) & ~(near["distance"].abs() <= distance.abs())
        near = near.assign(bound=near["bound"].mask(here, bound), distance=near["distance"].mask(here, distance))
    return near


def _count(scope: str, series: str, frame: pd.DataFrame) -> dict[str, object]:
    distance = frame[f"{series}_distance"]
    above, below = int((distance >= 0).sum()), int((distance < 0).sum())
    whole = int(frame[series].notna().sum())
    return {"scope": scope, "series": SERIES[series], "units": whole, "above": above, "below": below} | _test(
        above, below
    )


def _test(above: int, below: int) -> dict[str, float]:
    """Share above, its exact interval and p against one half; NaN without a total near a bound."""
    # It takes a second to import; only this question needs it.
    from scipy.stats import binomtest

    if not above + below:
        return dict.fromkeys(("share", "low", "high", "p"), float("nan"))
    found = binomtest(above, above + below, 0.5)
    interval = found.proportion_ci(CONFIDENCE, method="exact")
    return {"share": above / (above + below), "low": interval.low, "high": interval.high, "p": found.pvalue}


def _sentence(
    units: pd.DataFrame, counts: pd.DataFrame, needed: int, left_out: tuple[str, ...], kind: UnitKind
) -> Sentence:
    own = counts.iloc[0]
    said = f"有总分的{own['units']}个{kind.label()}中，"
    said += f"等级线上{WINDOW}分内{own['above']}个，线下{WINDOW}分内{own['below']}个"
    above = units[units["total_distance"] >= 0]
    if len(above):
        named = [f"{row['unit_name']}（{signed(row['total_distance'])}）" for row in above.to_dict("records")]
        said += f"；{listed(named)}值得看一看，因为刚过线，一处扣分就能改变等级"
    below = units[units["total_distance"] < 0]
    if len(below):
        named = [f"{row['unit_name']}（{signed(row['total_distance'])}）" for row in below.to_dict("records")]
        said += f"；{listed(named)}差一点没有过线"
    near = own["above"] + own["below"]
    if not near:
        said += "；线附近没有总分，谈不上扎堆"
    elif near < needed:
        said += f"；线附近只有{near}个总分，至少要有{needed}个全在线上才谈得上异常，这点数量什么也证明不了"
    else:
        said += f"；线上占{percent(own['share'])}，95%区间{percent(own['low'])}—{percent(own['high'])}，"
        odd = own["p"] < 1 - CONFIDENCE and own["above"] > own["below"]
        said += "多得不像偶然，但十来个单位的结论仍不牢靠" if odd else "与各占一半没有可分辨的差别"
    mine = counts.iloc[1]
    said += f"；自评总分在线上{WINDOW}分内的{mine['above']}个，线下{WINDOW}分内的{mine['below']}个"
    partly = units.loc[units["self_total"].isna(), "unit_name"].to_list()
    said += f"；{listed(partly)}有条目没有自评分，自评总分未计" if partly else ""
    said += f"；{listed(left_out)}待裁定，未计入核定总分" if left_out else ""
    return Sentence(said + "。")
