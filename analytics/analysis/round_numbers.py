"""Are numbers rounder than they should be: points that units took off themselves, and rates of exactly 100 %."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, amount, listed, percent
from analytics.listing import Listing
from analytics.rubric import (
    AllOrNothing,
    Award,
    ByRank,
    BySeverity,
    Discretionary,
    Escalation,
    Item,
    Ratio,
    RatioRange,
    Rubric,
    Rule,
    ShareOfBest,
    Threshold,
)
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

HALF = Decimal("0.5")
EXACT = 6
LEAST_DEDUCTIONS = 3
UNLIKELY = 0.05
SMALLEST = 20  # below it a round number is too common, and easily counted
HUNDRED, TENS, FIFTIES = 100, 10, 50  # below a hundred the tens are round, from there on the fifties
RATE_COLUMNS = ("unit", "unit_name", "numerator", "denominator", "value", "checked", "lower", "confirmed", "round")


@dataclass(frozen=True, slots=True)
class RoundNumbers:
    """Round numbers in a class's self-assessments and pledge reports.

    units: unit, unit_name, deductions (items on which the unit took points off itself and whose clauses have steps
    finer than half a point), round (of these, whole or half points), expected (how many of them would be), chance (that
    all would be), worth_a_look (at least 3, all round, and chance below 5 %). Expected when every clause of the item is
    as likely as another, and in it every number of occurrences up to its cap.
    rates: unit, unit_name, numerator, denominator (labels), value (of both, as the unit reported them), checked (both
    as the office found them, 1049／1049; blank without), lower (the office found less than 100 %), confirmed (it found
    the same figures), round (as a figure), worth_a_look (lower, or round and not confirmed). These are rates that
    the rubric asks for, reported as exactly 100 % of ``SMALLEST`` or more. ``by_chance``: how many would be round.
    """

    year: int
    kind: UnitKind
    units: pd.DataFrame
    rates: pd.DataFrame
    by_chance: float
    deduction_sentence: Sentence
    rate_sentence: Sentence

    @property
    def shown_deductions(self) -> Listing:
        """The units that took points off where finer steps were open, as they are printed."""
        rows = (
            (
                row["unit_name"],
                row["deductions"],
                row["round"],
                amount(row["expected"]),
                percent(row["chance"]) if row["round"] == row["deductions"] else "",
                "值得看一看，因为全是整分或半分" if row["worth_a_look"] else "",
            )
            for row in self.units.to_dict("records")
        )
        header = ("单位", "可以扣得更细的自扣", "其中整分或半分", "按细则预期", "全部如此的机会", "因为")
        return Listing.of(header, rows)

    @property
    def shown_rates(self) -> Listing:
        """The rates that are worth a look or round, as they are printed."""
        rows = (
            (
                row["unit_name"],
                f"{row['numerator']}／{row['denominator']}",
                "／".join([amount(row["value"])] * 2),
                row["checked"] or "没有核定",
                _because(row["lower"], row["confirmed"]),
            )
            for row in self.rates[self.rates["round"] | self.rates["lower"]].to_dict("records")
        )
        return Listing.of(("单位", "比率", "自报", "核定", "因为"), rows)


def round_numbers(tables: ScoreTables, year: int, kind: str, rubric: Rubric) -> RoundNumbers:
    """Round numbers of a class, against what its rubric would let expect. Refused when the class has no cards."""
    class_cards(tables, year, kind)
    units = _deductions(tables, year, kind, {item.id: round_share(item) for item in rubric.items})
    rates = _whole_rates(tables, year, kind, rubric)
    by_chance = float(sum(1 / _roundness(value) for value in rates["value"]))
    said = _deduction_sentence(units), _rate_sentence(rates, by_chance)
    return RoundNumbers(year, UnitKind(kind), units, rates, by_chance, *said)


def round_share(item: Item) -> float:
    """The share of the deductions open to one clause of ``item`` that are whole or half points; 1 when all are.

    Each clause weighs the same, in it each number of occurrences up to its cap. Clauses that leave the points to a
    person (酌情) are not counted; an item that has no others has the share 1, since nothing finer can be expected.
    """
    open_to = [amounts for rule in item.rules if (amounts := deductions_of(rule, item))]
    shares = [sum(points % HALF == 0 for points in amounts) / len(amounts) for amounts in open_to]
    return sum(shares) / len(shares) if shares else 1.0


def deductions_of(rule: Rule, item: Item) -> tuple[Decimal, ...]:
    """Every deduction that one clause can cause, smallest first; empty where a person decides how much."""
    match rule:
        case Discretionary() | RatioRange() | ShareOfBest():  # a person, or the others' figures, say how much
            return ()
        case AllOrNothing(points=points):
            return (item.full_marks if points is None else points,)
        case Threshold(points=points):
            return (item.full_marks if points is None else points,)
        case Escalation(steps=steps):
            return tuple(sorted({item.full_marks if step is None else step for step in steps}))
        case ByRank(points=places):
            return tuple(sorted({places[0] - place for place in places if place < places[0]}))
        case BySeverity(levels=levels):
            return tuple(sorted({points for points in levels.values() if points}))
        case Award(points=points, cap=cap):
            return _steps(points, cap)
        case _:
            most = item.full_marks if rule.cap is None else rule.cap
            return _steps(rule.points, most)


def _steps(points: Decimal, most: Decimal) -> tuple[Decimal, ...]:
    if points <= 0:
        return ()
    return tuple(min(points * count, most) for count in range(1, math.ceil(most / points) + 1))


def _deductions(tables: ScoreTables, year: int, kind: str, shares: dict[str, float]) -> pd.DataFrame:
    marks = tables.marks[(tables.marks["year"] == year) & (tables.marks["kind"] == UnitKind(kind))]
    marks = marks.assign(
        lost=(marks["full_marks"] - marks["self_mark"]).round(EXACT), share=marks["item"].map(shares).fillna(1.0)
    )
    marks = marks[(marks["lost"] > 0) & (marks["share"] < 1)]
    marks = marks.assign(half=(marks["lost"] * 2).round(EXACT) % 1 == 0)
    units = marks.groupby(["unit", "unit_name"], as_index=False).agg(
        deductions=("item", "size"), round=("half", "sum"), expected=("share", "sum"), chance=("share", "prod")
    )
    all_round = (units["round"] == units["deductions"]) & (units["deductions"] >= LEAST_DEDUCTIONS)
    return units.assign(worth_a_look=all_round & (units["chance"] < UNLIKELY))


def _whole_rates(tables: ScoreTables, year: int, kind: str, rubric: Rubric) -> pd.DataFrame:
    """The rates of exactly 100 % that units reported on figures from 20 up, as ``RoundNumbers.rates``."""
    columns = ["unit", "unit_name", "measure", "channel", "value", "year", "kind"]
    figures = tables.figures.reindex(columns=columns)
    figures = figures[(figures["year"] == year) & (figures["kind"] == UnitKind(kind))]
    names = figures.drop_duplicates("unit").set_index("unit")["unit_name"].to_dict()
    known = figures.drop_duplicates(["unit", "measure", "channel"], keep="last").dropna(subset="value")
    values = known.set_index(["unit", "measure", "channel"])["value"].to_dict()
    pairs = sorted({(r.numerator, r.denominator) for item in rubric.items for r in item.rules if isinstance(r, Ratio)})
    rows = []
    for (unit, name), (part, whole) in product(names.items(), pairs):
        own = values.get((unit, whole, "self"), 0.0)
        if own < SMALLEST or values.get((unit, part, "self")) != own:
            continue
        found = values.get((unit, part, "desk")), values.get((unit, whole, "desk"))
        labels = rubric.measure(part).label, rubric.measure(whole).label
        checked = "" if None in found else "／".join(amount(value) for value in found if value is not None)
        lower = bool(checked) and found[0] < found[1]
        rows.append((unit, name, *labels, own, checked, lower, found == (own, own), own % _roundness(own) == 0))
    rates = pd.DataFrame(rows, columns=list(RATE_COLUMNS)).astype(dict.fromkeys(RATE_COLUMNS[-3:], bool))
    return rates.assign(worth_a_look=rates["lower"] | (rates["round"] & ~rates["confirmed"]))


def _roundness(value: float) -> int:
    return TENS if value < HUNDRED else FIFTIES


def _because(lower: bool, confirmed: bool) -> str:
    if lower:
        return "值得看一看，因为核定后不到100%"
    return "整数，但核定的数相同" if confirmed else "值得看一看，因为逐处清点的数很少正好取整"


def _deduction_sentence(units: pd.DataFrame) -> Sentence:
    if units.empty:
        return Sentence("没有单位在可以扣得更细的条目上给自己扣分，看不出取整。")
    total, whole, expected = units["deductions"].sum(), units["round"].sum(), units["expected"].sum()
    said = f"各单位在可以扣得比半分更细的条目上自扣{total}处，其中整分或半分{whole}处，"
    said += f"按细则各款的分值预期约{amount(round(expected, 1))}处"
    worth = units.loc[units["worth_a_look"], "unit_name"].to_list()
    if worth:
        said += f"；{listed(worth)}值得看一看，因为自扣全是整分或半分，照细则的分值很少会这样"
        said += f"（机会低于{percent(UNLIKELY)}；20个单位里也会偶然碰上1个）"
    else:
        said += f"；没有哪个单位自扣{LEAST_DEDUCTIONS}处以上而全是整分或半分，看不出取整"
    return Sentence(said + "。")


def _rate_sentence(rates: pd.DataFrame, by_chance: float) -> Sentence:
    if rates.empty:
        return Sentence(f"没有单位自报正好是100%的比率（分母在{SMALLEST}以上的才看）。")
    lower, whole = rates[rates["lower"]], rates[rates["round"]]
    said = f"自报正好是100%的比率有{len(rates)}处（分母在{SMALLEST}以上的才看）"
    if len(lower):
        named = list(dict.fromkeys(lower["unit_name"]))
        said += f"；{len(lower)}处值得看一看，因为核定后不到100%（{listed(named)}），可能是统计口径不同，也可能是算错"
    else:
        said += "；没有一处核定后不到100%"
    said += f"；数字是整十的（100以上为整五十）{len(whole)}处，照偶然预期约{amount(round(by_chance, 1))}处"
    open_ = int((whole["worth_a_look"] & ~whole["lower"]).sum())
    if open_:
        said += f"，其中{open_}处没有相同的核定数，值得看一看，因为逐处清点的数很少正好取整"
    elif len(whole):
        said += "，都有核定的数对过"
    return Sentence(said + "。")
