"""Is one inspection group more lenient? Only what both groups judged can tell; where nothing is, it is said so.

Everything here is reported beside the scores and changes none of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.analysis.agreement import LEAST_JOINT, Design, design, intraclass, joint_needed, residual_variance
from analytics.analysis.group_differences import (
    BASES,
    LEAST_UNITS,
    NOTHING,
    Estimate,
    beside_campaigns,
    estimates,
)
from analytics.analysis.scores import class_cards
from analytics.analysis.visits import Visits, visits
from analytics.analysis.wording import Sentence, amount, listed, percent, points
from analytics.listing import Listing
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

HALF_WIDTHS = (15.0, 10.0, 5.0)  # percentage points of the finding rate
LEAST_FREEDOM = 5  # of the spread that the number of joint visits is computed from
AGREEMENT = "2"  # the form in which it counts that one group is stricter throughout
BESIDE = "这里的结果只与得分并列，不改变任何得分、名次和等级。"


@dataclass(frozen=True, slots=True)
class Leniency:
    """The inspection groups of one class over the years up to ``year``.

    visits: unit, unit_name, year, group; who went where. unnamed: unit, unit_name, year, records; on-site records
    without a group's name, which count for nobody. unvisited: names of units no group went to. design: of groups and
    units, with its islands. estimates: from joint visits or, failing these, exchanged units; empty when not
    identifiable, and then no number of one group stands here for another to be held against. campaigns: with special
    inspections as the yardstick, or None. agreement: ICC(2,1) and ICC(2,k) of joint visits, or empty.
    needed: half_width (percentage points), points (what this is in points of the total), units (both groups visit).
    """

    year: int
    kind: UnitKind
    years: tuple[int, ...]
    visits: pd.DataFrame
    unnamed: pd.DataFrame
    unvisited: tuple[str, ...]
    design: Design
    estimates: tuple[Estimate, ...]
    campaigns: Estimate | None
    agreement: pd.Series
    needed: pd.DataFrame
    sentence: Sentence
    needed_sentence: Sentence
    campaigns_sentence: Sentence

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups in the order of the units they visit."""
        return tuple(self.visits["group"].unique())

    @property
    def span(self) -> str:
        """The years as they are printed: 2020年度, 2018—2020年度."""
        return _span(self.years)

    @property
    def islands(self) -> tuple[tuple[str, ...], ...]:
        """The names of the units of each island."""
        names = _names(self.visits)
        return tuple(tuple(names[list(part.targets)]) for part in self.design.components)

    @property
    def shown(self) -> Listing:
        """The islands of the design as they are printed."""
        both = zip(self.design.components, self.islands, strict=True)
        rows = ((n, "、".join(part.judges), len(units), "、".join(units)) for n, (part, units) in enumerate(both, 1))
        return Listing(("片", "巡查组", "单位数", "去过的单位"), Listing.of((), rows).rows, "没有现场巡查的记录。")

    @property
    def differences(self) -> pd.DataFrame:
        """All that could be estimated: basis, units, and the columns of ``Estimate.differences``; empty if nothing."""
        found = [*self.estimates, *([self.campaigns] if self.campaigns else [])]
        parts = [e.differences.assign(basis=e.basis, units=e.units) for e in found if not e.trouble]
        return pd.concat(parts, ignore_index=True) if parts else NOTHING.assign(basis="", units=0)

    @property
    def shown_differences(self) -> Listing:
        """What could be estimated, as it is printed."""
        rows = (
            (basis_said(row), f"{row['judge']}比{row['other']}",
             f"高{tenths(row['difference'])}", between(row), BASES[row["basis"]][2])
            for row in self.differences.to_dict("records")
        )  # fmt: skip
        header = ("依据", "比较", "查出率相差（百分点）", "95%区间", "假定")
        return Listing(header, Listing.of((), rows).rows, "没有能估计的组间差异，不给出数字。")

    @property
    def shown_needed(self) -> Listing:
        """How many units both groups would have to visit, as it is printed."""
        rows = (
            (amount(row["half_width"]), "" if pd.isna(row["points"]) else amount(row["points"]),
             int(row["units"]))
            for row in self.needed.to_dict("records")
        )  # fmt: skip
        header = ("95%区间的半宽（百分点）", "约合总分（分）", "两组都要去的单位数")
        return Listing(header, Listing.of((), rows).rows, "算不出需要多少个单位。")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown._repr_mimebundle_()


def leniency(tables: ScoreTables, year: int, kind: str) -> Leniency:
    """Compare the inspection groups that visited a class, in all years up to ``year``, as far as the design allows.

    Refused when the class has no cards in ``year``. What is compared is the finding rate, see ``analysis.visits``.
    Source: notice 2020-13, part 3 (two groups, five streets each).

    >>> leniency(open_year(2020).tables, 2020, "street_town").year
    2020
    """
    of_class, cards = class_cards(tables, year, kind), tables.cards
    years = tuple(sorted({int(y) for y in cards.loc[(cards["kind"] == kind) & (cards["year"] <= year), "year"]}))
    seen = visits(tables, year, kind)
    by_unit, joint = seen.by_unit, seen.joint
    found = design(by_unit)
    estimated = estimates(by_unit, joint)
    campaigns = beside_campaigns(seen)
    agreement = intraclass(joint, AGREEMENT) if len(joint) else pd.Series(dtype=float)
    spread = _spread(by_unit, estimated)
    needed = _needed(spread[0], _points_each(tables, seen, kind)) if len(seen.groups) > 1 else _needed(np.nan, np.nan)
    unvisited = tuple(of_class.loc[~of_class["unit"].isin(seen.made["unit"]), "unit_name"])
    links = len(found.components) - 1 or int(not estimated)
    answer = _answer(_span(years) + UnitKind(kind).label(), seen, found, estimated, campaigns)
    return Leniency(
        year, UnitKind(kind), years, seen.made, seen.unnamed, unvisited, found, estimated, campaigns, agreement, needed,
        Sentence(f"{answer}{_agreement_said(agreement)}{_left_out(seen, unvisited)}。{BESIDE}"),
        Sentence(_needed_said(seen, links, needed, spread)),
        Sentence(_campaigns_said(seen, campaigns)),
    )  # fmt: skip


def _spread(by_unit: pd.DataFrame, estimated: tuple[Estimate, ...]) -> tuple[float, str]:
    """The variance of a single visit's finding rate and where it is from; NaN when too little is known of it."""
    for estimate in estimated:
        if estimate.basis == "joint" and not estimate.trouble:
            return estimate.residual, f"由{estimate.units}次共同巡查估计"
    variance, freedom = residual_variance(by_unit, ["year"])
    if freedom < LEAST_FREEDOM:
        return float("nan"), ""
    return variance, f"由{len(by_unit)}次巡查扣除单位和年度的差别后估计，自由度{freedom}"


def _points_each(tables: ScoreTables, seen: Visits, kind: str) -> float:
    """What one percentage point of the finding rate cost in points, over all visits of a single group; or NaN."""
    rated = seen.by_unit
    alone = rated[rated.groupby(["target", "year"])["judge"].transform("size") == 1]
    losses = tables.losses[(tables.losses["kind"] == kind) & (tables.losses["channel"] == "onsite")]
    lost = losses.merge(alone, left_on=["unit", "year"], right_on=["target", "year"])["points"].sum()
    return float(lost / alone["rating"].sum()) if alone["rating"].sum() > 0 and lost > 0 else float("nan")


def _needed(variance: float, points_each: float) -> pd.DataFrame:
    widths = () if np.isnan(variance) else HALF_WIDTHS
    rows = [(width, width * points_each, joint_needed(variance, width)) for width in widths]
    return pd.DataFrame(rows, columns=["half_width", "points", "units"])


def _answer(who: str, seen: Visits, found: Design, estimated: tuple[Estimate, ...], campaigns: Estimate | None) -> str:
    if len(seen.groups) < 2:
        said = f"{who}都由{seen.groups[0]}巡查" if seen.groups else f"没有{who}现场巡查的记录"
        return f"{said}，没有可以比较的巡查组"
    if not estimated:
        return f"{who}的巡查组有{listed(seen.groups, 5)}，{_islands(seen, found)}，" + (
            "借专项督查作参照的估计另列，只在其假定成立时可信" if campaigns else "也不给出组间数字"
        )
    said = "；".join(_estimate_said(estimate) for estimate in estimated)
    if rest := [group for group in seen.groups if not any(group in e.groups for e in estimated)]:
        said += f"；{listed(rest, 5)}与其他组没有联系，不能比较"
    return f"{who}：{said}"


def _islands(seen: Visits, found: Design) -> str:
    """Why groups cannot be compared: they share no unit, or they changed units only together with the year."""
    if len(found.components) == 1:
        return "各组只在年度间换过单位，换组和年度变化分不开，所以不能比较"
    names = _names(seen.made)
    parts = "，".join(
        f"{'、'.join(part.judges)}只去{listed(list(names[list(part.targets)]), 5)}" for part in found.components
    )
    said = f"分成互不相连的{len(found.components)}片：{parts}。片与片之间没有一个共同的单位，查出问题的多少"
    return said + "分不清是单位不同还是组的宽严不同，所以不能比较"


def _span(years: tuple[int, ...]) -> str:
    return f"{years[0]}年度" if len(years) == 1 else f"{years[0]}—{years[-1]}年度"


def _names(made: pd.DataFrame) -> pd.Series:
    """The newest name of each unit."""
    return made.drop_duplicates("unit", keep="last").set_index("unit")["unit_name"]


def _estimate_said(estimate: Estimate) -> str:
    name, counter, supposed = BASES[estimate.basis]
    if estimate.trouble:
        return f"{'、'.join(estimate.groups)}有联系（{name}），但{estimate.trouble}，不给出差异"
    said = []
    for row in estimate.differences.to_dict("records"):
        text = f"{row['judge']}的查出率比{row['other']}高{tenths(row['difference'])}个百分点（95%区间{between(row)}）"
        unsure = row["low"] <= 0
        said.append(text + ("，区间包含0，不能说哪个组较宽" if unsure else f"，{row['other']}较宽"))
    return f"按{name}的{estimate.units}{counter}（假定{supposed}），{'；'.join(said)}"


def _agreement_said(agreement: pd.Series) -> str:
    if agreement.empty:
        return ""
    value = agreement["ICC(2,1)"]
    if pd.isna(value):
        return "；共同巡查太少或估计不稳定，各组的一致性（ICC）不给出"
    return f"；各组的一致性ICC(2,1)为{points(value)}（1为完全一致，次数少时只供参考）"


def _left_out(seen: Visits, unvisited: tuple[str, ...]) -> str:
    said = f"；{listed(unvisited)}没有写明巡查组的记录" if unvisited and len(seen.groups) else ""
    if len(seen.unnamed):
        names = list(dict.fromkeys(seen.unnamed["unit_name"]))
        said += f"；{listed(names)}有{seen.unnamed['records'].sum()}条巡查记录没有写组名，未计入"
    return said


def _needed_said(seen: Visits, links: int, needed: pd.DataFrame, spread: tuple[float, str]) -> str:
    if len(seen.groups) < 2:
        return "没有两个以上的巡查组，不需要安排共同巡查。"
    said = (
        f"至少安排{links}个单位由不同的组在同一年都去巡查，各组才连得起来；要算得出区间，至少{LEAST_JOINT}个。"
        if links
        else ""
    )
    if needed.empty:
        return said + "每个单位巡查的年数还少，估计不出一次巡查自身的波动，算不出要达到一定把握需要多少个单位。"
    variance, source = spread
    said += f"一次巡查的查出率（所查条目中查出问题的占比）自身约有{tenths(variance**0.5)}个百分点的标准差"
    said += f"（{source}，假定共同巡查时也这样波动）；"
    rows = needed.to_dict("records")
    wide, fine = rows[1], rows[-1]
    said += f"要使差异的95%区间不宽于±{amount(wide['half_width'])}个百分点"
    said += "" if pd.isna(wide["points"]) else f"（约合总分±{amount(round(wide['points'], 1))}分）"
    said += f"，两组都要去的单位约需{wide['units']}个，±{amount(fine['half_width'])}个百分点约需{fine['units']}个"
    if fine["units"] > (visited := seen.by_unit["target"].nunique()):
        said += f"；被巡查的单位只有{visited}个，一年凑不够的，几年的共同巡查可以累计（每个单位每年算一个）"
    return said + "。"


def _campaigns_said(seen: Visits, campaigns: Estimate | None) -> str:
    if campaigns:
        items = seen.beside_campaigns["items"].sum()
        return f"巡查组和专项督查同年都查过的有{items}项次，只作参照。{_estimate_said(campaigns)}。"
    rated = seen.beside_campaigns
    if rated.empty:
        return "没有一个条目在同一年里由巡查组和专项督查都查过，不能借专项督查来比较巡查组。"
    least = f"每组至少要{LEAST_UNITS}个，至少两个组"
    return f"巡查组和专项督查同年都查过的单位只有{rated['target'].nunique()}个（{least}），不能借专项督查来比较巡查组。"


def tenths(value: float) -> str:
    """Percentage points as they are printed, with one decimal."""
    return percent(value / 100).removesuffix("%")


def basis_said(row: Mapping[Hashable, Any]) -> str:
    """What a row of ``Leniency.differences`` rests on: 同年共同巡查7次."""
    name, counter, _ = BASES[row["basis"]]
    return f"{name}{row['units']}{counter}" + ("" if row["basis"] == "joint" else "（假定）")


def between(row: Mapping[Hashable, float]) -> str:
    """An interval as it is printed, in percentage points."""
    return f"{tenths(row['low'])}～{tenths(row['high'])}"
