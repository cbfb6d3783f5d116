"""One function for each rule kind: what it sees → the losses it causes. Nothing here knows grades, totals or files."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from analytics import rubric as kinds
from analytics.records import Channel, Decision, Observation
from analytics.rubric import Item, Rubric, Rule
from analytics.scoring.scorecard import Loss

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Case:
    """All that bears on one item of one unit: findings by rule id, figures by measure, and decisions."""

    rubric: Rubric
    item: Item
    findings: Sequence[Observation]
    figures: Mapping[str, Observation]
    decisions: Sequence[Decision]

    def seen(self, rule: Rule) -> list[Observation]:
        """The findings under ``rule``, in an order that does not depend on the order of files or rows."""
        return sorted((f for f in self.findings if f.rule == rule.id and f.value), key=_order)

    def loss(
        self, rule: Rule, points: Decimal, because: str, source: Iterable[Observation], decision: str = ""
    ) -> Loss:
        """A Loss under ``rule``, with the cells of all that caused it."""
        seen = tuple(source)
        return Loss(
            item=self.item.id,
            points=points,
            rule=rule.id,
            clause=self.rubric.clause(self.item, rule.id),
            because=because,
            channel=seen[0].channel if seen else Channel.DESK,
            readings=tuple(observation.reading for observation in seen),
            decision=decision,
            evidence="、".join(dict.fromkeys(o.evidence for o in seen if o.evidence)),
        )

    def said(self, measure: str, value: Decimal) -> str:
        return self.rubric.measure(measure).said(value)

    def figure(self, measure: str) -> Decimal | None:
        return self.figures[measure].value if measure in self.figures else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of a case. ``waiting_for``: what a person must decide first. ``missing``: figures it lacks."""

    losses: tuple[Loss, ...] = ()
    waiting_for: str = ""
    missing: tuple[str, ...] = ()


def _order(finding: Observation) -> tuple[str, datetime.date, str, str, str, int, str]:
    """By day and campaign before file, so that renaming a file does not move points from one finding to another."""
    cell = finding.reading.cell
    row = int(re.sub(r"\D", "", cell.address) or 0)
    day = finding.date or datetime.date.min
    return finding.channel.value, day, finding.group, cell.file, cell.sheet, row, cell.address


def _each(rule: Rule, case: Case, points: Callable[[Observation], Decimal], cap: Decimal | None) -> Verdict:
    """A Loss for each finding until ``cap`` is used up; findings past it are listed with 0 points."""
    left = case.item.full_marks if cap is None else min(cap, case.item.full_marks)
    losses = []
    for finding in case.seen(rule):
        taken = min(points(finding), left)
        left -= taken
        losses.append(case.loss(rule, taken, finding.text or rule.on, [finding]))
    return Verdict(tuple(losses))


def lose_per_occurrence(rule: kinds.PerOccurrence, case: Case) -> Verdict:
    """``points`` for each occurrence, up to the cap (每…扣…，扣完为止)."""
    return _each(rule, case, lambda finding: rule.points * (finding.value or ZERO), rule.cap)


def lose_all(rule: kinds.AllOrNothing, case: Case) -> Verdict:
    """All the points at the first occurrence; the others are listed with 0."""
    points = case.item.full_marks if rule.points is None else rule.points
    return _each(rule, case, lambda finding: points, points)


def lose_by_severity(rule: kinds.BySeverity, case: Case) -> Verdict:
    """The points of the finding's severity word, for each occurrence. KeyError for a word the rule does not know."""
    return _each(rule, case, lambda finding: rule.levels[finding.level] * (finding.value or ZERO), rule.cap)


def lose_by_lateness(rule: kinds.Lateness, case: Case) -> Verdict:
    """``points`` for each calendar day; the finding's value is the number of days."""
    return _each(rule, case, lambda finding: rule.points * (finding.value or ZERO), rule.cap)


def lose_at_discretion(rule: kinds.Discretionary, case: Case) -> Verdict:
    """What a named person decided (酌情); a finding without a decision waits for one."""
    findings = case.seen(rule)
    decided = [d for d in case.decisions if d.kind == "discretionary" and d.clause == rule.id and d.points is not None]
    if not decided:
        wanted = f"第{case.item.no}项第（{rule.id}）款酌情扣{rule.least}–{rule.most}分，待裁定"
        return Verdict(waiting_for=wanted if findings else "")
    left, losses = min(rule.most, case.item.full_marks), []
    for decision in sorted(decided, key=lambda d: d.id):
        taken = min(decision.points or ZERO, left)
        left -= taken
        because = _joined([*(f.text for f in findings if f.text), decision.reason])
        loss = case.loss(rule, taken, because, findings, decision.id)
        losses.append(_read_also(loss, decision))
    return Verdict(tuple(losses))


def _joined(texts: Sequence[str]) -> str:
    """The texts in one, without those that a later one quotes, with or without the place in front (查阅资料：…)."""
    kept: list[str] = []
    for text in reversed(texts):
        fact = text.partition("：")[2] or text
        if not any(text in other or fact in other for other in kept):
            kept.insert(0, text)
    return "；".join(kept)


def _read_also(loss: Loss, decision: Decision) -> Loss:
    """The decision's cell first: it holds the points."""
    return Loss(
        loss.item, loss.points, loss.rule, loss.clause, loss.because, loss.channel,
        (decision.reading, *loss.readings), decision.id, loss.evidence,
    )  # fmt: skip


def _measured(rule: Rule, case: Case, names: Sequence[str], judge: Callable[..., tuple[Decimal, str]]) -> Verdict:
    """Apply ``judge`` to the figures; without all of them the rule is blind and says which it misses."""
    values = [case.figure(name) for name in names]
    missing = tuple(case.rubric.measure(n).label for n, v in zip(names, values, strict=True) if v is None)
    if missing:
        return Verdict(missing=missing)
    points, because = judge(*values)
    if points <= 0:
        return Verdict()
    cap: Decimal | None = getattr(rule, "cap", None)
    points = min(points, case.item.full_marks if cap is None else cap)
    return Verdict((case.loss(rule, points, because, [case.figures[name] for name in names]),))


def lose_by_ratio(rule: kinds.Ratio, case: Case) -> Verdict:
    """``points`` for each ``step``, or part of one, under the target. A denominator of 0 loses nothing."""

    def judge(numerator: Decimal, denominator: Decimal) -> tuple[Decimal, str]:
        if not denominator:  # there was nothing to do
            return ZERO, ""
        ratio = Fraction(numerator) / Fraction(denominator)
        steps = math.ceil((Fraction(rule.target) - ratio) / Fraction(rule.step))
        parts = case.said(rule.numerator, numerator), case.said(rule.denominator, denominator)
        return rule.points * steps, f"{'，'.join(parts)}，为{percent(ratio)}，目标{percent(Fraction(rule.target))}"

    return _measured(rule, case, [rule.numerator, rule.denominator], judge)


def lose_below_threshold(rule: kinds.Threshold, case: Case) -> Verdict:
    """All the points when the figure is under the threshold."""

    def judge(value: Decimal) -> tuple[Decimal, str]:
        because = f"{case.said(rule.measure, value)}，应不少于{rule.at_least:f}"
        return (rule.points if value < rule.at_least else ZERO), because

    return _measured(rule, case, [rule.measure], judge)


def lose_unearned(rule: kinds.Award, case: Case) -> Verdict:
    """What was not earned of the award (得分制)."""

    def judge(value: Decimal) -> tuple[Decimal, str]:
        earned = min(rule.cap, rule.points * value)
        said = case.said(rule.measure, value)
        return rule.cap - earned, f"{said}，每次得{rule.points:f}分，得{earned:f}分，满{rule.cap:f}分"

    return _measured(rule, case, [rule.measure], judge)


def lose_by_comparison(rule: kinds.Comparison, case: Case) -> Verdict:
    """``points`` for each unit by which the figure exceeds last year's."""

    def judge(value: Decimal, baseline: Decimal) -> tuple[Decimal, str]:
        return rule.points * (value - baseline), f"{case.said(rule.measure, value)}，上年{baseline:f}"

    return _measured(rule, case, [rule.measure, rule.baseline], judge)


def percent(ratio: Fraction) -> str:
    """A ratio as a percentage, cut (not rounded up) to two decimals: 99.999 % must not read as 100 %."""
    hundredths = math.floor(ratio * 10000)
    text = f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
    return f"{text}%"


_APPLY: Mapping[type, Callable[[Any, Case], Verdict]] = {
    kinds.PerOccurrence: lose_per_occurrence,
    kinds.AllOrNothing: lose_all,
    kinds.BySeverity: lose_by_severity,
    kinds.Lateness: lose_by_lateness,
    kinds.Discretionary: lose_at_discretion,
    kinds.Ratio: lose_by_ratio,
    kinds.Threshold: lose_below_threshold,
    kinds.Award: lose_unearned,
    kinds.Comparison: lose_by_comparison,
}


def apply_rule(rule: Rule, case: Case) -> Verdict:
    """What ``rule`` takes in ``case``, before the item's own limit."""
    return _APPLY[type(rule)](rule, case)
