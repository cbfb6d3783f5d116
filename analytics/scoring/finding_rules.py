"""Rules that look at what inspectors recorded: one function for each kind."""

from __future__ import annotations

import math
from decimal import Decimal

from analytics import rubric as kinds
from analytics.scoring.case import ZERO, Case, Verdict, at_discretion, each_finding, order_of


def lose_per_occurrence(rule: kinds.PerOccurrence, case: Case) -> Verdict:
    """``points`` for each occurrence, up to the cap (每…扣…，扣完为止)."""
    return each_finding(rule, case, lambda finding: rule.points * (finding.value or ZERO), rule.cap)


def lose_all(rule: kinds.AllOrNothing, case: Case) -> Verdict:
    """All the points at the first occurrence; the others are listed with 0."""
    points = case.item.room(rule) if rule.points is None else rule.points
    return each_finding(rule, case, lambda finding: points, points)


def lose_by_escalation(rule: kinds.Escalation, case: Case) -> Verdict:
    """What the number of occurrences so far costs in all (一次扣0.5分，两次及以上不得分)."""
    full = case.item.room(rule)
    steps = [full if step is None else step for step in rule.steps]
    losses, count, taken = [], ZERO, ZERO
    for finding in case.seen(rule):
        count += finding.value or ZERO
        whole = min(steps[min(math.ceil(count), len(steps)) - 1], full)
        points = max(whole - taken, ZERO)
        taken += points
        losses.append(case.loss(rule, points, finding.text or rule.on, [finding]))
    return Verdict(tuple(losses))


def lose_by_severity(rule: kinds.BySeverity, case: Case) -> Verdict:
    """The points of the finding's severity word, for each occurrence. KeyError for a word the rule does not know."""
    return each_finding(rule, case, lambda finding: rule.levels[finding.level] * (finding.value or ZERO), rule.cap)


def lose_by_lateness(rule: kinds.Lateness, case: Case) -> Verdict:
    """``points`` for each calendar day or hour; the finding's value is their number."""
    return each_finding(rule, case, lambda finding: rule.points * (finding.value or ZERO), rule.cap)


def lose_at_discretion(rule: kinds.Discretionary, case: Case) -> Verdict:
    """What a named person decided (酌情); a finding without a decision waits for one."""
    findings = case.seen(rule)
    most = case.item.room(rule) if rule.most is None else rule.most
    return at_discretion(rule, case, rule.least, most, findings, [f.text for f in findings if f.text])


def lose_unrecorded(rule: kinds.AwardOnRecord, case: Case) -> Verdict:
    """What was not earned of an award by record (得分制). Silent where nothing of the item is recorded.

    An item with other records and none under this clause waits: a missing record is not a missing achievement.
    """
    records = sorted((f for f in case.findings if f.rule == rule.id and f.value is not None), key=order_of)
    most = min(rule.most, case.item.room(rule))
    if not records:
        if not case.findings:
            return Verdict()
        return Verdict(waiting_for=f"{case.named(rule)}“{rule.on}”是否得分没有记录，待补记或复核", most=most)
    count = sum((f.value or ZERO for f in records), ZERO)
    earned = min(rule.points * count, most)
    if earned == most:
        return Verdict(judged=True)
    times = "" if count == 0 else f"{_plain(count)}次，"
    because = f"{rule.on}：{times}得{earned:f}分，满{most:f}分"
    return Verdict((case.loss(rule, most - earned, because, records),), judged=True)


def _plain(count: Decimal) -> str:
    return f"{count.normalize():f}"
