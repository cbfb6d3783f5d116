"""One unit's record and the card made of it: items asked, marks, total and what the total may become."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from analytics.policy import Policy
from analytics.records import Channel, Decision, Observation
from analytics.rubric import AllOrNothing, Item, Rubric
from analytics.scoring.case import ZERO, Case, Figures, Peers, order_of
from analytics.scoring.combination import Combined, at_extremes, bonus, combine, outside, total_of
from analytics.scoring.effects import bars, effects
from analytics.scoring.figure_rules import settled
from analytics.scoring.marking import class_mean, mark_item
from analytics.scoring.scorecard import Adjustment, Loss, Mark, PartScore, Scorecard, Span
from analytics.units import Unit

Marked = tuple[tuple[Mark, ...], tuple[str, ...]]
"""A unit's marks, and what had to be assumed for them."""


def in_force(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The decisions without those that another about the same unit withdraws (撤销), and without the withdrawals.

    A withdrawal that is withdrawn itself withdraws nothing.
    """
    kept = tuple(decisions)
    withdrawals: dict[tuple[str, str], list[Decision]] = defaultdict(list)
    for decision in kept:
        if decision.kind == "withdraw":
            withdrawals[decision.unit, decision.matter].append(decision)

    def stands(decision: Decision, asked: frozenset[str] = frozenset()) -> bool:
        by = withdrawals.get((decision.unit, decision.id), ())
        return not any(w.id not in asked and stands(w, asked | {decision.id}) for w in by if w is not decision)

    return tuple(decision for decision in kept if decision.kind != "withdraw" and stands(decision))


@dataclass(frozen=True)
class UnitRecord:
    """All that was seen and decided about one unit in a year."""

    unit: Unit
    rubric: Rubric
    observations: tuple[Observation, ...]
    decisions: tuple[Decision, ...]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What the unit is asked: its form's items, with a substitute (改考) where one was decided."""
        chosen = {d.item: d.clause for d in sorted(self.decisions, key=lambda d: d.turn) if d.kind == "substitute"}
        return tuple(
            next((s for s in self.rubric.substitutes(item.id, self.unit.id) if s.no == chosen.get(item.id)), item)
            for item in self.rubric.items_for(self.unit.id)
        )

    @cached_property
    def figures(self) -> Figures:
        """The figures that may count: checked by the office or from the statistics, never the unit's own."""
        checked = (o for o in self.observations if o.measure and o.channel is not Channel.SELF)
        return {o.measure: o for o in sorted(checked, key=order_of) if o.value is not None}

    @cached_property
    def findings(self) -> Mapping[str, list[Observation]]:
        """Item → what inspections recorded under it."""
        found: dict[str, list[Observation]] = defaultdict(list)
        for seen in self.observations:
            if seen.channel is not Channel.SELF and seen.item:
                found[seen.item].append(seen)
        return found

    @cached_property
    def own(self) -> Mapping[str, Observation]:
        """Item → the unit's self-mark, the first one written."""
        own: dict[str, Observation] = {}
        for seen in sorted((o for o in self.observations if o.channel is Channel.SELF and o.item), key=order_of):
            own.setdefault(seen.item, seen)
        return own

    @property
    def own_total(self) -> Decimal | None:
        """What the unit gave itself, scaled up for items that do not concern it; None while a mark is open.

        A mark that the form left open and a decision (补定分数) settled counts; an item replaced by another (改考) and
        left open on the form does not.
        """
        points, asked = ZERO, ZERO
        form, replaced = self.rubric.items_for(self.unit.id), {item.substitute_for for item in self.items}
        for item in form:
            ruled = [d.points for d in self.about(item) if d.kind == "mark"]
            own = self.own.get(item.id)
            mark = own.value if own and own.value is not None else next(iter(ruled), None)
            if not self.concerns(item) or (mark is None and item.id in replaced):
                continue
            if mark is None:
                return None
            points, asked = points + mark, asked + item.full_marks
        full = sum((item.full_marks for item in form), ZERO)
        return settled(Fraction(points) * Fraction(full) / Fraction(asked)) if asked else None

    def about(self, item: Item) -> list[Decision]:
        return [decision for decision in self.decisions if decision.item == item.id]

    def concerns(self, item: Item) -> bool:
        """Whether nobody decided that the item is not applicable."""
        return not any(decision.kind == "not_applicable" for decision in self.about(item))

    def case(self, item: Item, peers: Peers) -> Case:
        """All that bears on one item."""
        findings = self.findings.get(item.id, [])
        return Case(self.rubric, item, self.unit.id, findings, self.figures, self.about(item), peers)

    def linked(self) -> Mapping[str, list[Loss]]:
        """Item → all its marks, lost because a rule of another item takes them along (连带)."""
        taken: dict[str, list[Loss]] = defaultdict(list)
        asked = {item.id: item for item in self.items}
        for item in self.items:
            for rule in item.rules:
                if not isinstance(rule, AllOrNothing) or not rule.also or not self.concerns(item):
                    continue
                case = self.case(item, Peers())
                seen = case.seen(rule)
                for other in (asked[name] for name in rule.also if name in asked and seen):
                    loss = case.loss(rule, other.full_marks, f"{seen[0].text or rule.on}（第{item.no}项连带）", seen)
                    taken[other.id].append(
                        Loss(other.id, loss.points, loss.rule, loss.clause, loss.because, loss.channel, loss.readings,
                             "", loss.evidence)
                    )  # fmt: skip
        return taken


def mark_class(records: Sequence[UnitRecord], policy: Policy) -> dict[str, Marked]:
    """Every unit's marks. Some rules look at the whole class: its ranks, its best, its mean."""
    asked: dict[str, set[str]] = defaultdict(set)
    for record in records:
        for item in record.items:
            if record.concerns(item):
                asked[item.id].add(record.unit.id)
    peers = Peers({record.unit.id: record.figures for record in records}, asked)
    marked: dict[str, Marked] = {}
    for record in records:
        linked = record.linked()
        results = [
            mark_item(record.case(item, peers), policy, record.own.get(item.id), linked.get(item.id, ()))
            for item in record.items
        ]
        marked[record.unit.id] = (
            tuple(mark for mark, _ in results),
            tuple(text for _, assumed in results for text in assumed),
        )
    return {record.unit.id: _with_means(record, marked) for record in records}


def _with_means(record: UnitRecord, marked: Mapping[str, Marked]) -> Marked:
    """The unit's marks with the mean of its class where an item that is not applicable gets it."""
    marks, assumed = marked[record.unit.id]
    by_mean = {item.id for item in record.items if item.not_applicable == "class_mean"}
    if not by_mean:
        return marks, assumed
    others = [peer for unit, (peers, _) in marked.items() if unit != record.unit.id for peer in peers]
    items = {item.id: item for item in record.items}
    return tuple(
        class_mean(mark, [peer for peer in others if peer.item == mark.item], items[mark.item], record.rubric)
        if mark.status == "not_applicable" and mark.item in by_mean
        else mark
        for mark in marks
    ), assumed


def card_of(record: UnitRecord, policy: Policy, marks: tuple[Mark, ...], assumed: tuple[str, ...]) -> Scorecard:
    """The unit's card, without grade and rank, which depend on its class."""
    rubric, figures, decisions = record.rubric, record.figures, record.decisions
    beside = (*bonus(rubric, policy, decisions), *outside(rubric, policy, figures, decisions))
    combined = combine(marks, rubric, policy, figures, decisions)
    own = record.own_total if any(clause.self_total is not None for clause in rubric.prerequisites) else None
    barred, open_ = bars(rubric, figures, own, decisions)
    total, limit = None, None
    if combined.points is not None and not barred:
        total, limit = total_of(combined, beside, policy)
    span = None if barred else _span(record, policy, marks, beside, total, certain=not open_)
    return Scorecard(
        unit=record.unit.id,
        year=rubric.year,
        kind=record.unit.kind,
        rubric=rubric.id,
        rubric_sha256=rubric.sha256,
        marks=marks,
        adjustments=(*combined.steps, *beside, *((limit,) if limit else ())),
        effects=(*barred, *effects(rubric, figures, decisions)),
        total=None if open_ else total,
        grade=None,
        grade_by_points=None,
        rank=None,
        ranked=0,
        assumptions=_assumptions(marks, assumed),
        scale=combined.scale,
        parts=_named_parts(combined),
        span=span,
        open_questions=(*open_, *combined.waiting),
        cautions=_cautions(record),
    )


def _named_parts(combined: Combined) -> tuple[PartScore, ...]:
    """The parts of a total that has several; a total of the items alone has none to speak of."""
    plain = len(combined.parts) == 1 and combined.parts[0].weight == combined.parts[0].full == combined.scale
    return () if plain else combined.parts


def _span(
    record: UnitRecord,
    policy: Policy,
    marks: Sequence[Mark],
    beside: Sequence[Adjustment],
    total: Decimal | None,
    *,
    certain: bool,
) -> Span | None:
    """What the total may become; None for one that is known."""
    if total is not None:
        return None if certain else Span.of(total)
    ends = []
    for extreme in at_extremes(marks):
        combined = combine(extreme, record.rubric, policy, record.figures, record.decisions)
        ends.append(total_of(combined, beside, policy)[0] if combined.points is not None else None)
    if ends[0] is None or ends[1] is None:  # a part that is scored elsewhere waits: anything between none and all
        return Span(ZERO, policy.total_cap.value)
    return Span(ends[0], ends[1])


def _assumptions(marks: Sequence[Mark], special: Sequence[str]) -> tuple[str, ...]:
    unverified = [mark for mark in marks if mark.status == "self_only"]
    if not unverified:
        return tuple(special)
    points = sum((mark.full_marks for mark in unverified), ZERO)
    return (f"{len(unverified)}项共{points:f}分未经核查，按自评分计", *special)


def _cautions(record: UnitRecord) -> tuple[str, ...]:
    """The unit's own part in the assessment, and decisions about it by a person who is named with it."""
    unit = record.unit
    cautions = [f"利益关联：{unit.interest}"] if unit.interest else []
    names = (unit.name, unit.official, *unit.aliases)
    ruled = sorted(record.decisions, key=lambda d: d.turn)
    own = [d.id for d in ruled if any(name in d.person for name in names)]
    if own:
        cautions.append(f"利益关联：裁定{'、'.join(own)}的裁定人写明属于本单位，建议回避并由他人复核")
    return tuple(cautions)
