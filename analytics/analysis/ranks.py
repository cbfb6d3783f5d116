"""How sure is a rank: where it falls when weights and judgements move a little, and who cannot be told apart.

Nothing here changes a rank. The official one comes from the score cards; the intervals stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.analysis.decomposition import EXACT, Decomposition, decompose, moves, places, ranks_without
from analytics.analysis.wording import Sentence, amount, item_label, listed, points
from analytics.listing import Listing
from analytics.policy import GradeBand
from analytics.rubric import (
    AllOrNothing,
    ByRank,
    BySeverity,
    Discretionary,
    Escalation,
    Item,
    RatioRange,
    Rubric,
    Rule,
    ShareOfBest,
    Threshold,
    most_of,
)
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

LOW, HIGH = 0.05, 0.95
# Assumed, since no source measures them: 3 points stand for about 2.5 to 3.5, one mark in ten is a step off.
CONCENTRATION, MISJUDGED = 1000.0, 0.1
CHANCES = 1 << 16
LISTED = 10  # items in a table
OVERTAKES = 0.05  # a pair whose order turns in more of the draws than this cannot be told apart
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Factors:
    """What is uncertain, declared before the result is known, and how it is drawn.

    concentration: the items' points vary around the nominal ones as a Dirichlet distribution of this concentration, the
    same for all units; a share w has the standard deviation sqrt(w(1-w)/(concentration+1)). None: weights are sure.
    misjudged: probability that a unit's item was judged one step too high or too low, both alike. 0: marks are sure.
    steps: item → size of one step in points, needed with ``misjudged``; see ``smallest_steps``.
    """

    concentration: float | None = None
    misjudged: float = 0.0
    steps: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    draws: int = 10_000
    seed: int = 2020

    def __post_init__(self) -> None:
        if self.concentration is not None and not self.concentration > 0:
            raise ValueError(f"expected a concentration above 0, found {self.concentration}")
        if not 0 <= self.misjudged <= 1 or any(not step > 0 for step in self.steps.values()) or self.draws < 1:
            raise ValueError("expected 0 <= misjudged <= 1, steps above 0 and at least one draw")
        if bool(self.steps) != bool(self.misjudged):
            raise ValueError("steps and misjudged go together: one is declared and would not be used")

    @property
    def says(self) -> str:
        """The declaration as it is printed."""
        said = []
        if self.concentration is not None:
            points = 100 * float(np.sqrt(0.03 * 0.97 / (self.concentration + 1)))
            said.append(f"条目分值上下浮动（3分的条目标准差约{amount(points)}分）")
        if self.misjudged:
            said.append(f"每个条目有{amount(100 * self.misjudged)}%的可能高评或低评一档")
        if not said:
            return "未假定任何不确定因素"
        return f"假定{'、'.join(said)}，抽样{self.draws}次（随机种子{self.seed}）"


def smallest_steps(items: Iterable[Item]) -> dict[str, float]:
    """For each item the smallest amount that one of its rules takes at a time: its points, its lowest level, the least
    of a range (or, where that is 0, the most). An item without rules has no step of its own: its full marks."""
    found: dict[str, float] = {}
    for item in items:
        steps = []
        for rule in item.rules:
            steps += _steps_of(rule, item)
        found[item.id] = float(min((step for step in steps if step > 0), default=item.full_marks))
    return found


def _steps_of(rule: Rule, item: Item) -> list[Decimal]:
    """The amounts that a rule may take at a time."""
    match rule:
        case BySeverity(levels=levels):
            return list(levels.values())
        case Discretionary(least=least) | RatioRange(least=least):
            return [least or most_of(rule, item.full_marks)]
        case Escalation(steps=steps):
            return [item.full_marks if step is None else step for step in steps]
        case ByRank(points=points):
            return [better - worse for better, worse in pairwise(points)] or list(points)
        case AllOrNothing(points=points) | Threshold(points=points) | ShareOfBest(points=points):
            return [item.full_marks if points is None else points]
        case _:
            return [rule.points]


def assumed_factors(tables: ScoreTables, year: int, kind: str, rubric: Rubric) -> Factors:
    """The usual factors for a class: both kinds, with the rubric's smallest steps for the items that are asked."""
    asked = decompose(tables, year, kind).items.index
    steps = smallest_steps(item for item in rubric.items if item.id in asked)
    return Factors(CONCENTRATION, MISJUDGED if steps else 0.0, steps)


@dataclass(frozen=True, slots=True)
class RankCertainty:
    """One class in one year. Units that await a decision have no rank and are in ``left_out``.

    units: unit, unit_name, total, rank (official), low, high (the ranks that 5 % and 95 % of the draws do not exceed;
    an item at full marks can only be misjudged downwards, so a rank may lie outside its interval), group (from 1),
    grade_by_points, to_better (points missing to the next better grade), to_lower (points that may still be lost before
    the next lower one); NaN where there is none. By rank.
    A group ends after a unit when every unit up to it keeps its order with every unit below in at least 95 % of the
    draws, and their totals differ: units of different groups can be told apart, pair by pair.
    items: item, no, item_text, moved, unit_name, rank, rank_without (who moves when the item is left out; see
    ``moves``), most units moved first.
    """

    year: int
    kind: UnitKind
    factors: Factors
    units: pd.DataFrame
    items: pd.DataFrame
    left_out: tuple[str, ...]
    sentence: Sentence

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The names of the units of each group, from the first rank down."""
        return tuple(tuple(rows["unit_name"]) for _, rows in self.units.groupby("group"))

    @property
    def shown(self) -> Listing:
        """The units as they are printed."""
        rows = (
            (
                row["rank"], row["unit_name"], interval(row["low"], row["high"]), row["group"], row["grade_by_points"],
                *("" if pd.isna(row[name]) else points(row[name]) for name in ("to_better", "to_lower")),
            )
            for row in self.units.to_dict("records")
        )  # fmt: skip
        header = ("名次", "单位", "名次区间", "组", "按分数的等级", "距上一等级还差（分）", "高出本等级下限（分）")
        return Listing.of(header, rows)

    @property
    def shown_items(self) -> Listing:
        """The items without which most ranks would change, as they are printed."""
        moving = self.items[self.items["moved"] > 0]
        rows = (
            (
                item_label(row["no"], row["item_text"], 24), row["moved"],
                f"{row['unit_name']}：第{row['rank']}名→第{row['rank_without']}名",
            )
            for row in moving.head(LISTED).to_dict("records")
        )  # fmt: skip
        more = f"只列变动最多的{LISTED}个，共有{len(moving)}个条目去掉后名次有变动。" if len(moving) > LISTED else ""
        ties = "并列的名次分开或并到一起，也算变动。" if len(moving) else ""
        return Listing.of(("不计的条目", "名次变动的单位数", "变动最多的"), rows, notes=[more + ties])

    @property
    def item_sentence(self) -> Sentence:
        """How many items a rank hangs on."""
        moving = int((self.items["moved"] > 0).sum())
        if len(self.units) < 2:
            return Sentence(f"有总分的{self.kind.label()}不到2个，谈不上名次变动。")
        if not moving:
            return Sentence(f"{len(self.items)}个条目不论去掉哪一个，{self.kind.label()}的名次都不变。")
        still = len(self.items) - moving
        said = f"{len(self.items)}个条目中，有{moving}个去掉后会有单位名次变动，其余{still}个去掉后名次不变"
        top = self.items.iloc[0]
        said += f"；去掉{item_label(top['no'], top['item_text'])}变动最多，{top['moved']}个单位变动，其中"
        return Sentence(f"{said}{top['unit_name']}由第{top['rank']}名变为第{top['rank_without']}名。")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return replace(self.shown, notes=(self.sentence,))._repr_mimebundle_()


def rank_certainty(
    tables: ScoreTables, year: int, kind: str, bands: Sequence[GradeBand], factors: Factors
) -> RankCertainty:
    """How sure the ranks of a class are under the declared ``factors``. Refused when it has no cards in ``year``.

    ValueError when a step is declared for an item that no unit is asked (it would not be used), or an item lacks one.
    """
    apart = decompose(tables, year, kind)
    if factors.misjudged and (odd := sorted(set(apart.items.index) ^ set(factors.steps))) and len(apart.units):
        raise ValueError(f"steps and items asked differ: {', '.join(odd)}")
    totals = drawn_totals(apart, factors)
    ranks = places(totals)
    low, high = np.quantile(ranks, [LOW, HIGH], axis=0, method="inverted_cdf") if len(apart.units) else ([], [])
    units = apart.units.assign(low=low, high=high, group=_groups(totals, apart.units["total"].to_numpy(float)))
    units = units.astype({"low": int, "high": int}).join(_distances(units["total"], bands)).reset_index()
    items = apart.items[["no", "item_text"]].join(moves(ranks_without(apart.parts, apart.units["total"]), apart.units))
    items = items.rename_axis("item").reset_index()
    items = items.sort_values("moved", ascending=False, kind="stable", ignore_index=True)
    said = _sentence(apart, units, items, factors)
    return RankCertainty(apart.year, apart.kind, factors, units, items, apart.left_out, said)


def drawn_totals(apart: Decomposition, factors: Factors) -> Floats:
    """Draws × units: each total with weights and marks drawn anew. What lies outside the items stays as it is.

    The weights of all items are drawn once a draw; a unit's are those of its items, made to add up to full marks. So
    units with the same items have the same weights in the same draw. Totals are doubles: equal ones must stay equal.
    """
    draw = np.random.default_rng(factors.seed)
    full = apart.items["full_marks"].to_numpy(float)
    steps = np.array([factors.steps.get(item, 0.0) for item in apart.items.index]) / full
    weights = np.broadcast_to(full, (factors.draws, len(full)))
    if factors.concentration is not None:
        # Gamma variates divided by their sum are a Dirichlet variate, also for any part of the items.
        weights = draw.standard_gamma(factors.concentration * full / apart.full_marks, weights.shape)
    totals = np.empty((factors.draws, len(apart.units)))
    # Unit by unit: the chances of all at once would be draws × units × items, 3 thousand million for a large class.
    for place, rates in enumerate(apart.rates.to_numpy(float)):
        asked = ~np.isnan(rates)
        of_unit = weights if asked.all() else weights[:, asked]
        rate = rates[asked]
        earned, whole = (of_unit @ np.column_stack([rate, np.ones_like(rate)])).T
        if factors.misjudged:
            earned = earned + _misjudged(of_unit, rate, steps[asked], factors.misjudged, draw)
        totals[:, place] = apart.full_marks * earned / whole + apart.outside.iloc[place]
    return totals


def _misjudged(weights: Floats, rate: Floats, step: Floats, share: float, draw: np.random.Generator) -> Floats:
    """What one unit gains or loses in each draw by marks a step too high or too low, between nothing and full marks."""
    # Sixteen random bits are enough for a chance, and three times faster than a double: this is most of the work.
    chance = draw.integers(0, CHANCES, weights.shape, dtype=np.uint16)
    hits = round(share / 2 * CHANCES)
    up, down = np.minimum(rate + step, 1) - rate, np.maximum(rate - step, 0) - rate
    found: Floats = (weights * (chance < hits)) @ up + (weights * (chance >= CHANCES - hits)) @ down
    return found


def interval(low: int, high: int) -> str:
    """A range of ranks as it is printed: 第2名, 第2—4名."""
    return f"第{low}名" if low == high else f"第{low}—{high}名"


def _groups(totals: Floats, official: Floats) -> npt.NDArray[np.signedinteger]:
    """The group of each unit, which stand by rank; see ``RankCertainty``."""
    totals, official = totals.round(EXACT), official.round(EXACT)
    # Most ends are ruled out by neighbours; for the others every pair across is looked at that could turn often enough.
    turned = (totals[:, 1:] > totals[:, :-1]).mean(axis=0)
    ends = (turned <= OVERTAKES) & (official[1:] != official[:-1])
    if ends.any():
        outer = [OVERTAKES / 2, 1 - OVERTAKES / 2]
        least, most = np.quantile(totals, outer, axis=0, method="inverted_cdf")
        lowest, highest = np.minimum.accumulate(least), np.maximum.accumulate(most[::-1])[::-1]
        for end in np.flatnonzero(ends):
            above = np.flatnonzero(least[: end + 1] < highest[end + 1])
            below = end + 1 + np.flatnonzero(most[end + 1 :] > lowest[end])
            ends[end] = not any(_overtaken(totals, unit, below) for unit in above[::-1])
    return np.concatenate([[1], 1 + ends.cumsum()])[: totals.shape[1]]


def _overtaken(totals: Floats, unit: int, below: npt.NDArray[np.int64]) -> bool:
    """Whether one of the units ``below`` is before ``unit`` in too many draws to be told apart from it."""
    return bool(((totals[:, below] > totals[:, unit, None]).mean(axis=0) > OVERTAKES).any())


def _distances(totals: pd.Series, bands: Sequence[GradeBand]) -> pd.DataFrame:
    """to_better and to_lower by unit, from the exact totals and the bands' lower bounds, best band first."""
    bounds = np.array([float(band.least) for band in bands])
    rows = []
    for total in totals.round(EXACT):
        above, below = bounds[bounds > total], bounds[(bounds <= total) & (bounds > 0)]
        rows.append((above.min() - total if len(above) else np.nan, total - below.max() if len(below) else np.nan))
    return pd.DataFrame(rows, index=totals.index, columns=["to_better", "to_lower"], dtype=float)


def _sentence(apart: Decomposition, units: pd.DataFrame, items: pd.DataFrame, factors: Factors) -> Sentence:
    if len(units) < 2:
        said = f"有总分的{apart.kind.label()}不到2个，谈不上名次"
    else:
        said = f"{factors.says}：{_grouping(units, apart.kind)}"
        top = items.iloc[0]
        if top["moved"]:
            said += f"；不计{item_label(top['no'], top['item_text'])}时名次变动的单位最多，有{top['moved']}个"
    near = units[units["to_better"].notna()].sort_values("to_better", kind="stable")
    if len(near):
        said += f"；离上一等级最近的是{near.iloc[0]['unit_name']}，差{amount(near.iloc[0]['to_better'])}分"
    if apart.left_out:
        said += f"；{listed(apart.left_out)}有条目待裁定，没有名次，未列入"
    return Sentence(said + "。正式名次不因此改变。")


def _grouping(units: pd.DataFrame, kind: UnitKind) -> str:
    sizes = units.groupby("group")["unit_name"].agg(list)
    together = [names for names in sizes if len(names) > 1]
    if not together:
        return f"{len(units)}个{kind.label()}两两分得出先后"
    if len(sizes) == 1:
        return f"{len(units)}个{kind.label()}连成一片，分不出可靠的先后档次"
    said = f"{len(units)}个{kind.label()}能可靠分开的只有{len(sizes)}组，组内连成一片，分不出可靠的档次："
    return said + "；".join(f"第{number}组{listed(names, 4)}" for number, names in sizes.items())
