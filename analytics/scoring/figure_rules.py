"""Rules that look at figures, the unit's own or its whole class's: one function for each kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from analytics import rubric as kinds
from analytics.rubric import Rule
from analytics.scoring.case import ZERO, Case, Verdict, at_discretion

PLACES = Decimal(1).scaleb(-24)
"""Points that never end (a third) are kept to so many places; totals to fewer, so that three thirds are one again."""


def settled(points: Fraction) -> Decimal:
    """Points as a decimal: exact where they end, else to ``PLACES``."""
    numerator, denominator = Decimal(points.numerator), Decimal(points.denominator)
    scale = 10**24
    whole = points * scale
    if whole.denominator == 1:
        return Decimal(whole.numerator).scaleb(-24).normalize() + ZERO
    return (numerator / denominator).quantize(PLACES, ROUND_HALF_UP)


def _measured(rule: Rule, case: Case, names: Sequence[str], judge: Callable[..., tuple[Decimal, str]]) -> Verdict:
    """Apply ``judge`` to the figures; without all of them the rule is blind and says which it misses."""
    values = [case.figure(name) for name in names]
    missing = tuple(case.rubric.measure(n).label for n, v in zip(names, values, strict=True) if v is None)
    if missing:
        return Verdict(missing=missing)
    points, because = judge(*values)
    if points <= 0:
        return Verdict(judged=True)
    cap: Decimal | None = getattr(rule, "cap", None)
    points = min(points, case.item.full_marks if cap is None else cap)
    return Verdict((case.loss(rule, points, because, [case.figures[name] for name in names]),), judged=True)


def _steps(short: Fraction, step: Decimal, counted: str) -> Fraction:
    """How many steps something falls short: a begun step is a whole one, nothing, or its share."""
    steps = max(short, Fraction(0)) / Fraction(step)
    if counted == "share":
        return steps
    return Fraction(math.ceil(steps) if counted == "begun" else math.floor(steps))


def lose_by_ratio(rule: kinds.Ratio, case: Case) -> Verdict:
    """``points`` for each ``step`` under the target. A denominator of 0 loses nothing."""

    def judge(numerator: Decimal, denominator: Decimal) -> tuple[Decimal, str]:
        if not denominator:  # there was nothing to do
            return ZERO, ""
        steps = _steps(Fraction(rule.target) - Fraction(numerator) / Fraction(denominator), rule.step, rule.counted)
        return settled(Fraction(rule.points) * steps), _ratio_said(rule, case, numerator, denominator)

    return _measured(rule, case, [rule.numerator, rule.denominator], judge)


def _ratio_said(rule: kinds.Ratio | kinds.RatioRange, case: Case, numerator: Decimal, denominator: Decimal) -> str:
    ratio = Fraction(numerator) / Fraction(denominator)
    parts = case.said(rule.numerator, numerator), case.said(rule.denominator, denominator)
    return f"{'，'.join(parts)}，为{percent(ratio)}，目标{percent(Fraction(rule.target))}"


def lose_in_range(rule: kinds.RatioRange, case: Case) -> Verdict:
    """Under the target what a named person decided inside the range; without a decision it waits for one."""
    names = (rule.numerator, rule.denominator)
    values = [case.figure(name) for name in names]
    missing = tuple(case.rubric.measure(n).label for n, v in zip(names, values, strict=True) if v is None)
    if missing:
        return Verdict(missing=missing)
    numerator, denominator = (value or ZERO for value in values)
    if not denominator or Fraction(numerator) / Fraction(denominator) >= Fraction(rule.target):
        return Verdict(judged=True)
    said = _ratio_said(rule, case, numerator, denominator)
    figures = [case.figures[name] for name in names]
    return at_discretion(rule, case, rule.least, rule.most, figures, [said])


def lose_by_slope(rule: kinds.Slope, case: Case) -> Verdict:
    """``points`` for each ``step`` by which the figure stays under the least that is asked."""

    def judge(value: Decimal) -> tuple[Decimal, str]:
        steps = _steps(Fraction(rule.at_least) - Fraction(value), rule.step, rule.counted)
        return settled(Fraction(rule.points) * steps), f"{case.said(rule.measure, value)}，应不低于{rule.at_least:f}"

    return _measured(rule, case, [rule.measure], judge)


_BOUNDS: dict[str, tuple[Callable[[Decimal, Decimal], bool], str]] = {
    "at_least": (lambda value, bound: value < bound, "应不少于"),
    "more_than": (lambda value, bound: value <= bound, "应多于"),
    "at_most": (lambda value, bound: value > bound, "应不多于"),
    "less_than": (lambda value, bound: value >= bound, "应少于"),
}


def lose_outside_threshold(rule: kinds.Threshold, case: Case) -> Verdict:
    """All the points when the figure is on the wrong side of its bound."""
    ((name, bound),) = rule.bounds.items()
    outside, word = _BOUNDS[name]

    def judge(value: Decimal) -> tuple[Decimal, str]:
        points = case.item.room(rule) if rule.points is None else rule.points
        return (points if outside(value, bound) else ZERO), f"{case.said(rule.measure, value)}，{word}{bound:f}"

    return _measured(rule, case, [rule.measure], judge)


def lose_unearned(rule: kinds.Award, case: Case) -> Verdict:
    """What was not earned of the award (得分制)."""

    def judge(value: Decimal) -> tuple[Decimal, str]:
        most = min(rule.cap, case.item.room(rule))
        earned = min(most, rule.points * value)
        said = case.said(rule.measure, value)
        return most - earned, f"{said}，每次得{rule.points:f}分，得{earned:f}分，满{most:f}分"

    return _measured(rule, case, [rule.measure], judge)


def lose_by_comparison(rule: kinds.Comparison, case: Case) -> Verdict:
    """``points`` for each unit by which the figure exceeds last year's."""

    def judge(value: Decimal, baseline: Decimal) -> tuple[Decimal, str]:
        return rule.points * (value - baseline), f"{case.said(rule.measure, value)}，上年{baseline:f}"

    return _measured(rule, case, [rule.measure, rule.baseline], judge)


def _among_peers(
    rule: kinds.ByRank | kinds.ShareOfBest,
    case: Case,
    most: Decimal,
    judge: Callable[[Decimal, list[Decimal]], Verdict],
) -> Verdict:
    """Judge the unit's figure among its class's; while one of the others' is not known, the place is not either."""
    own = case.figure(rule.measure)
    if own is None:
        return Verdict(missing=(case.rubric.measure(rule.measure).label,))
    values = case.peers.values(case.item.id, rule.measure) | {case.unit: own}
    known = [value for value in values.values() if value is not None]
    if open_ := len(values) - len(known):
        label = case.rubric.measure(rule.measure).label
        return Verdict(waiting_for=f"{case.named(rule)}：本类还有{open_}个单位没有{label}的核定数，名次未定", most=most)
    return judge(own, known)


def lose_by_rank(rule: kinds.ByRank, case: Case) -> Verdict:
    """What the unit's place costs against the first place; ties share the better place."""

    def judge(own: Decimal, values: list[Decimal]) -> Verdict:
        ahead = sum(value > own if rule.best == "highest" else value < own for value in values)
        earned = rule.points[ahead] if ahead < len(rule.points) else rule.after
        said = f"{case.said(rule.measure, own)}，本类{len(values)}个单位中第{ahead + 1}名，得{earned:f}分"
        return _lost(rule, case, rule.points[0] - earned, said)

    return _among_peers(rule, case, min(rule.points[0], case.item.room(rule)), judge)


def lose_share_of_best(rule: kinds.ShareOfBest, case: Case) -> Verdict:
    """What the unit's share of the best figure costs; when nobody has any, nobody loses."""
    most = case.item.room(rule) if rule.points is None else rule.points

    def judge(own: Decimal, values: list[Decimal]) -> Verdict:
        best = max(values)
        if best <= 0:
            return Verdict(judged=True)
        share = max(Fraction(own), Fraction(0)) / Fraction(best)
        said = f"{case.said(rule.measure, own)}，本类最高{best:f}，为其{percent(share)}"
        return _lost(rule, case, settled(Fraction(most) * (1 - share)), said)

    return _among_peers(rule, case, min(most, case.item.room(rule)), judge)


def _lost(rule: kinds.ByRank | kinds.ShareOfBest, case: Case, points: Decimal, said: str) -> Verdict:
    if points <= 0:
        return Verdict(judged=True)
    loss = case.loss(rule, min(points, case.item.full_marks), said, [case.figures[rule.measure]])
    return Verdict((loss,), judged=True)


def percent(ratio: Fraction) -> str:
    """A ratio as a percentage, cut (not rounded up) to two decimals: 99.999 % must not read as 100 %."""
    hundredths = math.floor(ratio * 10000)
    text = f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
    return f"{text}%"
