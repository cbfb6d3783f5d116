"""What a rule is given to judge, and what it answers. Nothing here knows grades, totals or files."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from analytics.records import Channel, Decision, Observation
from analytics.rubric import Item, Rubric, Rule, measures_of
from analytics.scoring.scorecard import Loss

ZERO = Decimal(0)
Figures = Mapping[str, Observation]
"""Measure → the figure that counts: checked by the office or from the statistics."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The figures of a class: unit → its figures, and item → the units that it is asked of and concerns."""

    figures: Mapping[str, Figures] = field(default_factory=dict)
    asked: Mapping[str, Collection[str]] = field(default_factory=dict)

    def values(self, item: str, measure: str) -> dict[str, Decimal | None]:
        """The figure of every unit that the item is asked of; None where it is not known yet."""
        units = self.asked.get(item, ())
        return {unit: value_of(self.figures.get(unit, {}).get(measure)) for unit in units}


def value_of(figure: Observation | None) -> Decimal | None:
    return None if figure is None else figure.value


@dataclass(frozen=True, slots=True)
class Case:
    """All that bears on one item of one unit: findings by rule id, figures by measure, decisions, and its peers."""

    rubric: Rubric
    item: Item
    unit: str
    findings: Sequence[Observation]
    figures: Figures
    decisions: Sequence[Decision]
    peers: Peers = field(default_factory=Peers)

    def through(self, channels: Collection[str]) -> Case:
        """The case as these channels alone saw it, with the discretionary decisions about what they saw."""
        figures = {name: figure for name, figure in self.figures.items() if figure.channel in channels}
        theirs = replace(self, findings=[f for f in self.findings if f.channel in channels], figures=figures)
        return replace(theirs, decisions=[d for d in self.decisions if self._bears_on(d, theirs)])

    def _bears_on(self, decision: Decision, theirs: Case) -> bool:
        """Whether a decision is about what channels saw; one about no record at all bears on each that looked."""
        rule = self.item.rule(decision.clause)
        if decision.kind != "discretionary" or rule is None:
            return True
        if self._causes(rule):
            return theirs._causes(rule)
        return bool(theirs.looked_through or not self.looked_through)

    def _causes(self, rule: Rule) -> bool:
        return bool(self.seen(rule) or any(measure in self.figures for measure in measures_of(rule)))

    @property
    def looked_through(self) -> frozenset[Channel]:
        """The channels that saw anything of the item."""
        figures = [self.figures.get(measure) for rule in self.item.rules for measure in measures_of(rule)]
        return frozenset(seen.channel for seen in (*self.findings, *figures) if seen is not None)

    def seen(self, rule: Rule) -> list[Observation]:
        """The findings under ``rule``, in an order that does not depend on the order of files or rows."""
        return sorted((f for f in self.findings if f.rule == rule.id and f.value), key=order_of)

    def decided(self, rule: Rule) -> list[Decision]:
        """What was decided under a clause that leaves the points to a person, in the order of the register."""
        found = (
            d for d in self.decisions if d.kind == "discretionary" and d.clause == rule.id and d.points is not None
        )
        return sorted(found, key=lambda d: d.turn)

    def loss(
        self, rule: Rule, points: Decimal, because: str, source: Iterable[Observation], decision: Decision | None = None
    ) -> Loss:
        """A Loss under ``rule``, with the cells of all that caused it; a decision's own first: it holds the points."""
        seen = tuple(source)
        readings = tuple(observation.reading for observation in seen)
        return Loss(
            item=self.item.id,
            points=points,
            rule=rule.id,
            clause=self.rubric.clause(self.item, rule.id),
            because=because,
            channel=seen[0].channel if seen else Channel.DESK,
            readings=(decision.reading, *readings) if decision else readings,
            decision=decision.id if decision else "",
            evidence="、".join(dict.fromkeys(o.evidence for o in seen if o.evidence)),
        )

    def said(self, measure: str, value: Decimal) -> str:
        return self.rubric.measure(measure).said(value)

    def figure(self, measure: str) -> Decimal | None:
        return value_of(self.figures.get(measure))

    def named(self, rule: Rule) -> str:
        """The clause as it is spoken of inside the item: ``第3项第（1）款``."""
        return f"第{self.item.no}项第（{rule.id}）款"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of a case.

    ``waiting_for``: what a person must settle first; then between ``least`` and ``most`` points will be lost.
    ``missing``: labels of figures it lacks. ``judged``: a figure was there to judge by, also when nothing is lost.
    """

    losses: tuple[Loss, ...] = ()
    waiting_for: str = ""
    least: Decimal = ZERO
    most: Decimal = ZERO
    missing: tuple[str, ...] = ()
    judged: bool = False


def order_of(finding: Observation) -> tuple[str, datetime.date, str, str, str, int, str]:
    """By day and campaign before file, so that renaming a file does not move points from one finding to another."""
    cell = finding.reading.cell
    row = int(re.sub(r"\D", "", cell.address) or 0)
    day = finding.date or datetime.date.min
    return finding.channel.value, day, finding.group, cell.file, cell.sheet, row, cell.address


def each_finding(rule: Rule, case: Case, points: Callable[[Observation], Decimal], cap: Decimal | None) -> Verdict:
    """A Loss for each finding until ``cap`` is used up; findings past it are listed with 0 points."""
    left = case.item.full_marks if cap is None else min(cap, case.item.full_marks)
    losses = []
    for finding in case.seen(rule):
        taken = min(points(finding), left)
        left -= taken
        losses.append(case.loss(rule, taken, finding.text or rule.on, [finding]))
    return Verdict(tuple(losses))


def at_discretion(
    rule: Rule, case: Case, least: Decimal, most: Decimal, findings: Sequence[Observation], facts: Sequence[str]
) -> Verdict:
    """What a named person decided (酌情); ``findings`` without a decision wait for one."""
    decided = case.decided(rule)
    if not decided:
        if not findings:
            return Verdict()
        return Verdict(
            waiting_for=f"{case.named(rule)}酌情扣{least:f}–{most:f}分，待裁定",
            least=least,
            most=min(most, case.item.room(rule)),
        )
    left, losses = min(most, case.item.room(rule)), []
    for decision in decided:
        taken = min(decision.points or ZERO, left)
        left -= taken
        losses.append(case.loss(rule, taken, _joined([*facts, decision.reason]), findings, decision))
    return Verdict(tuple(losses))


def _joined(texts: Sequence[str]) -> str:
    """The texts in one, without those that a later one quotes, with or without the place in front (查阅资料：…)."""
    kept: list[str] = []
    for text in reversed(texts):
        fact = text.partition("：")[2] or text
        if not any(text in other or fact in other for other in kept):
            kept.insert(0, text)
    return "；".join(kept)
