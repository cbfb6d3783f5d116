"""One item of one unit: rules and decisions put together into a Mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from analytics.policy import Policy, Weighted
from analytics.records import Channel, Decision, Observation
from analytics.rubric import Item, Rubric
from analytics.scoring.case import ZERO, Case, Verdict
from analytics.scoring.figure_rules import settled
from analytics.scoring.rules import apply_rule
from analytics.scoring.scorecard import Loss, Mark, MarkStatus, Span

SELF, VERIFIED = "self", "verified"  # sources that a policy may weigh, beside single channels of verification


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the rules of an item say together. ``verified``: there was something to judge by.

    While ``waiting`` says that something must be settled, between ``least`` and ``most`` more points will be lost.
    """

    losses: tuple[Loss, ...]
    verified: bool
    waiting: tuple[str, ...] = ()
    least: Decimal = ZERO
    most: Decimal = ZERO
    missing: tuple[str, ...] = ()

    @property
    def lost(self) -> Decimal:
        return sum((loss.points for loss in self.losses), ZERO)


def mark_item(
    case: Case, policy: Policy, own: Observation | None, linked: Sequence[Loss] = ()
) -> tuple[Mark, tuple[str, ...]]:
    """The unit's mark for an item, and what had to be assumed. ``own`` is its self-mark, ``linked`` what rules of
    other items take from this one.

    An item is verified when a finding (even 未发现问题), a checked figure or a decision bears on it; a verified mark
    takes the place of the self-mark unless the policy weighs the two.
    """
    item, about = case.item, case.decisions
    self_mark = own.value if own else None
    verified = hear(case, linked)
    verified_mark = item.full_marks - verified.lost if verified.verified and not verified.waiting else None
    mark = Mark(item.id, item.full_marks, self_mark, verified_mark, None, (), "not_applicable")
    assumed: tuple[str, ...] = ()
    if verified.missing and verified.verified:
        assumed = (f"第{item.no}项缺少{'、'.join(verified.missing)}的核定数，相应条款未计算",)
    if any(decision.kind == "not_applicable" for decision in about):
        return mark, assumed

    assumed = (*assumed, *_unweighed(case, policy))
    heard, status = _weighed(case, policy, own, verified, linked)
    if status == "awaiting_decision" and (ruling := _last(about, "mark")):
        points = item.full_marks - (ruling.points or ZERO)
        heard, status = Hearing((_ruled(case, points, ruling, "补定分数"),), True), "verified"
    losses = _after_decisions(case, heard.losses)
    mark = replace(mark, losses=losses, status=status)
    if _last(about, "review"):
        mark = replace(mark, status="verified")
    elif heard.waiting:
        waiting = "；".join(heard.waiting)
        return replace(mark, status="awaiting_decision", waiting_for=waiting, span=_span(case, heard)), assumed
    return replace(mark, awarded=item.full_marks - sum((loss.points for loss in losses), ZERO)), assumed


def hear(case: Case, linked: Sequence[Loss] = ()) -> Hearing:
    """Every rule of the item, each up to the points of its part, all together up to the item's."""
    full, verdicts = case.item.full_marks, [apply_rule(rule, case) for rule in case.item.rules]
    uncounted, by_rule = _uncounted(case), _by_part(case.item, verdicts)
    losses = _within([*linked, *(loss for some in by_rule for loss in some)], full)
    left = full - sum((loss.points for loss in losses), ZERO)
    least = _left_open(case.item, by_rule, [verdict.least for verdict in verdicts])
    most = _left_open(case.item, by_rule, [verdict.most for verdict in verdicts])
    waiting = (*(verdict.waiting_for for verdict in verdicts if verdict.waiting_for), *uncounted)
    return Hearing(
        losses=losses,
        verified=bool(case.findings or losses or any(verdict.judged or verdict.waiting_for for verdict in verdicts)),
        waiting=waiting,
        least=min(least, left),
        most=full if uncounted else min(most, left),
        missing=tuple(label for verdict in verdicts for label in verdict.missing),
    )


def _by_part(item: Item, verdicts: Sequence[Verdict]) -> list[tuple[Loss, ...]]:
    """The losses of each rule, those of each part (评分点) cut to its points."""
    losses = [verdict.losses for verdict in verdicts]
    for part in item.parts:
        places = [place for place, rule in enumerate(item.rules) if rule.part == part.id]
        kept = iter(_within([loss for place in places for loss in losses[place]], part.points))
        for place in places:
            losses[place] = tuple(next(kept) for _ in losses[place])
    return losses


def _left_open(item: Item, by_rule: Sequence[Sequence[Loss]], asked: Sequence[Decimal]) -> Decimal:
    """What the rules that wait may yet take, each ``asked`` so much, of what is left of their parts."""
    open_ = ZERO
    if not any(asked):
        return open_
    for part in ("", *(part.id for part in item.parts)):
        places = [place for place, rule in enumerate(item.rules) if rule.part == part]
        lost = sum((loss.points for place in places for loss in by_rule[place]), ZERO)
        room = item.room(item.rules[places[0]]) if places else ZERO
        open_ += min(sum((asked[place] for place in places), ZERO), max(room - lost, ZERO))
    return open_


def _within(losses: Sequence[Loss], full: Decimal) -> tuple[Loss, ...]:
    """The same losses, cut so that what holds them never falls below 0 (每一项扣完分数即止，不计负分)."""
    left, kept = full, []
    for loss in losses:
        taken = min(loss.points, left)
        left -= taken
        kept.append(loss if taken == loss.points else replace(loss, points=taken))
    return tuple(kept)


def _uncounted(case: Case) -> tuple[str, ...]:
    """What a review has to settle: findings that could not be counted. Left out, they would raise the mark."""
    cells = sorted(str(finding.reading.cell) for finding in case.findings if finding.rule and finding.value is None)
    return tuple(f"第{case.item.no}项的核查记录未能认定（{cell}），待复核" for cell in cells)


def _unweighed(case: Case, policy: Policy) -> tuple[str, ...]:
    """What the channels saw that the policy gives no weight."""
    weights = policy.combination.value
    if not isinstance(weights, Weighted) or VERIFIED in weights.weights:
        return ()
    left_out = "、".join(c.label() for c in Channel if c in case.looked_through and c not in weights.weights)
    return (f"第{case.item.no}项有{left_out}的记录，政策没有给它权重，未计入",) if left_out else ()


def _weighed(
    case: Case, policy: Policy, own: Observation | None, verified: Hearing, linked: Sequence[Loss]
) -> tuple[Hearing, MarkStatus]:
    """What counts by the policy: the verified mark, else the unit's own; or all sources there are, weighed."""
    weights = policy.combination.value
    if not isinstance(weights, Weighted):
        weights = Weighted(kind="weighted", weights={VERIFIED: Decimal(1)} if verified.verified else {SELF: Decimal(1)})
    heard: list[tuple[Decimal, Hearing]] = []
    unit = Hearing(_own_loss(case, own) if own and own.value is not None else (), True)
    for source, weight in weights.weights.items():
        if source == SELF and own is not None and own.value is not None:
            heard.append((weight, unit))
        elif source == VERIFIED and verified.verified:
            heard.append((weight, verified))
        elif source not in (SELF, VERIFIED):
            found = hear(case.through({source}), [loss for loss in linked if loss.channel == source])
            if found.verified:
                heard.append((weight, found))
    whole = sum((weight for weight, _ in heard), ZERO)
    if not whole:
        waiting = verified.waiting or (f"第{case.item.no}项自评分未能认定，又无核查结果，待裁定",)
        return Hearing((), False, waiting, most=case.item.full_marks), "awaiting_decision"
    looked = any(found is not unit for _, found in heard)
    status: MarkStatus = "verified" if looked else "self_only"
    return (heard[0][1] if len(heard) == 1 else _mixed(heard, whole)), status


def _mixed(heard: Sequence[tuple[Decimal, Hearing]], whole: Decimal) -> Hearing:
    """Each source's losses by its share of the weights that are there.

    Shares that never end are settled in running sums, so that all together take neither more nor less than they should.
    """

    def share(points: Decimal, weight: Decimal) -> Fraction:
        return Fraction(points) * Fraction(weight) / Fraction(whole)

    exact, taken, losses = Fraction(0), ZERO, []
    for weight, found in heard:
        for loss in found.losses:
            exact += share(loss.points, weight)
            losses.append(replace(loss, points=settled(exact) - taken))
            taken = settled(exact)
    return Hearing(
        losses=tuple(losses),
        verified=True,
        waiting=tuple(dict.fromkeys(text for _, found in heard for text in found.waiting)),
        least=settled(sum((share(found.least, weight) for weight, found in heard), Fraction(0))),
        most=settled(sum((share(found.most, weight) for weight, found in heard), Fraction(0))),
    )


def _span(case: Case, heard: Hearing) -> Span:
    """What the mark may become, whatever is decided about what it waits for."""
    full = case.item.full_marks
    most_lost, least_lost = min(full, heard.lost + heard.most), min(full, heard.lost + heard.least)
    if _last(case.decisions, "double"):
        most_lost, least_lost = min(full, 2 * most_lost), min(full, 2 * least_lost)
    return Span(full - most_lost, full - least_lost)


def _own_loss(case: Case, own: Observation) -> tuple[Loss, ...]:
    points = case.item.full_marks - (own.value or ZERO)
    if not points:
        return ()
    because = own.text or "单位自评扣分，未写原因"
    clause = case.rubric.clause(case.item, "")
    return (Loss(case.item.id, points, "", clause, because, Channel.SELF, (own.reading,), "", own.evidence),)


def _ruled(case: Case, points: Decimal, ruling: Decision, label: str) -> Loss:
    because = f"{label}：{ruling.reason}（{ruling.person}，{ruling.date.isoformat()}）"
    clause = case.rubric.clause(case.item, "")
    return Loss(case.item.id, points, "", clause, because, Channel.DESK, (ruling.reading,), ruling.id)


def _last(decisions: Sequence[Decision], kind: str) -> Decision | None:
    """The decision of that kind which counts: the last by date and number, since a later one replaces an earlier."""
    return max((d for d in decisions if d.kind == kind), key=lambda d: (d.date, d.turn), default=None)


def _after_decisions(case: Case, losses: tuple[Loss, ...]) -> tuple[Loss, ...]:
    """Doubling for a false report, then a review. A review that raises a mark is a negative loss: both can be seen."""
    full = case.item.full_marks
    lost = sum((loss.points for loss in losses), ZERO)
    if (double := _last(case.decisions, "double")) and lost:
        losses = (*losses, _ruled(case, min(lost, full - lost), double, "虚报加倍扣分"))
    if (review := _last(case.decisions, "review")) and review.points is not None:
        lost = sum((loss.points for loss in losses), ZERO)
        if change := full - review.points - lost:
            losses = (*losses, _ruled(case, change, review, f"复核核定为{review.points:f}分"))
    return losses


def class_mean(mark: Mark, peers: Sequence[Mark], item: Item, rubric: Rubric) -> Mark:
    """The mark of a unit that the item does not concern, where the rubric gives it the mean of the class.

    It waits while one of the ``peers``' marks does. When the item concerns nobody it stays not applicable.
    """
    asked = [peer for peer in peers if peer.status != "not_applicable"]
    if not asked:
        return mark
    full = mark.full_marks
    if any(peer.awarded is None for peer in asked):
        spans = [peer.span or Span.of(peer.awarded or ZERO) for peer in asked]
        span = Span(_mean([s.least for s in spans]), _mean([s.most for s in spans]))
        waiting = f"第{item.no}项不涉及，取本类平均分；本类还有单位的该项待裁定"
        return replace(mark, status="awaiting_decision", waiting_for=waiting, span=span)
    mean = _mean([peer.awarded or ZERO for peer in asked])
    shown = mean.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize()
    because = f"不涉及本单位，取本类{len(asked)}个单位的平均分{shown:f}分"
    losses = (
        (Loss(item.id, full - mean, "", rubric.clause(item, ""), because, Channel.DESK, ()),) if full - mean else ()
    )
    return replace(mark, status="class_mean", awarded=full - sum((x.points for x in losses), ZERO), losses=losses)


def _mean(values: Sequence[Decimal]) -> Decimal:
    return settled(sum((Fraction(value) for value in values), Fraction(0)) / len(values))
