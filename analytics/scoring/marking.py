"""One item of one unit: rules and decisions put together into a Mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from analytics.policy import Policy, Weighted
from analytics.records import Channel, Decision, Observation
from analytics.rubric import MEASURED, Item, Rubric
from analytics.scoring.rules import ZERO, Case, apply_rule
from analytics.scoring.scorecard import Loss, Mark, MarkStatus


def mark_item(
    item: Item, rubric: Rubric, policy: Policy, observations: Sequence[Observation], decisions: Sequence[Decision]
) -> tuple[Mark, tuple[str, ...]]:
    """The unit's mark for ``item``, and what had to be assumed. ``observations`` and ``decisions`` are one unit's.

    An item is verified when a finding (even 未发现问题), a checked figure or a decision bears on it; a verified mark
    takes the place of the self-mark unless the policy weighs the two.
    """
    about = [d for d in decisions if d.item == item.id]
    own = next((o for o in observations if o.channel is Channel.SELF and o.item == item.id), None)
    self_mark = own.value if own else None
    case = Case(
        rubric,
        item,
        [o for o in observations if o.channel is not Channel.SELF and o.item == item.id],
        {o.measure: o for o in observations if o.channel is not Channel.SELF and o.measure and o.value is not None},
        about,
    )
    verdicts = [apply_rule(rule, case) for rule in item.rules]
    blind = [v.missing for v in verdicts if v.missing]
    measured = any(isinstance(r, MEASURED) and not v.missing for r, v in zip(item.rules, verdicts, strict=True))
    losses = _within([loss for verdict in verdicts for loss in verdict.losses], item.full_marks)
    waiting = "；".join([*(v.waiting_for for v in verdicts if v.waiting_for), *_uncounted(case)])
    verified = bool(case.findings or measured or losses)
    verified_mark = item.full_marks - sum((x.points for x in losses), ZERO) if verified and not waiting else None
    assumed: tuple[str, ...] = ()
    if blind and verified:
        assumed = (f"第{item.no}项缺少{'、'.join(x for labels in blind for x in labels)}的核定数，相应条款未计算",)

    if any(d.kind == "not_applicable" for d in about):
        return Mark(item.id, item.full_marks, self_mark, verified_mark, None, (), "not_applicable"), assumed
    status: MarkStatus = "verified" if verified or _first(about, "review") else "self_only"
    if not verified and own is not None and own.value is not None:
        losses = _own_loss(item, rubric, own)
    elif not verified and (ruling := _first(about, "mark")):
        losses = (_ruled(item, rubric, item.full_marks - (ruling.points or ZERO), ruling, "补定分数"),)
        status = "verified"
    elif not verified:
        waiting = waiting or f"第{item.no}项自评分未能认定，又无核查结果，待裁定"
    elif isinstance(weights := policy.combination.value, Weighted) and own is not None and own.value is not None:
        losses = _weighed(losses, _own_loss(item, rubric, own), weights)
    losses = _after_decisions(item, rubric, losses, about)
    if waiting and not _first(about, "review"):
        return Mark(item.id, item.full_marks, self_mark, None, None, losses, "awaiting_decision", waiting), assumed
    awarded = item.full_marks - sum((loss.points for loss in losses), ZERO)
    return Mark(item.id, item.full_marks, self_mark, verified_mark, awarded, losses, status), assumed


def _uncounted(case: Case) -> list[str]:
    """What a review has to settle: findings that could not be counted. Left out, they would raise the mark."""
    cells = sorted(str(finding.reading.cell) for finding in case.findings if finding.rule and finding.value is None)
    return [f"第{case.item.no}项的核查记录未能认定（{cell}），待复核" for cell in cells]


def _first(decisions: Sequence[Decision], kind: str) -> Decision | None:
    """The decision of that kind which counts: the last by its number, since a later one replaces an earlier."""
    return max((d for d in decisions if d.kind == kind), key=lambda d: d.id, default=None)


def _within(losses: Sequence[Loss], full: Decimal) -> tuple[Loss, ...]:
    """The same losses, cut so that the item never falls below 0 (每一项扣完分数即止，不计负分)."""
    left, kept = full, []
    for loss in losses:
        taken = min(loss.points, left)
        left -= taken
        kept.append(replace(loss, points=taken))
    return tuple(kept)


def _own_loss(item: Item, rubric: Rubric, own: Observation) -> tuple[Loss, ...]:
    points = item.full_marks - (own.value or ZERO)
    if not points:
        return ()
    because = own.text or "单位自评扣分，未写原因"
    clause = rubric.clause(item, "")
    return (Loss(item.id, points, "", clause, because, Channel.SELF, (own.reading,), "", own.evidence),)


def _ruled(item: Item, rubric: Rubric, points: Decimal, ruling: Decision, label: str) -> Loss:
    because = f"{label}：{ruling.reason}（{ruling.person}，{ruling.date.isoformat()}）"
    return Loss(item.id, points, "", rubric.clause(item, ""), because, Channel.DESK, (ruling.reading,), ruling.id)


def _weighed(verified: tuple[Loss, ...], own: tuple[Loss, ...], weights: Weighted) -> tuple[Loss, ...]:
    shares = weights.weights
    whole = shares["verified"] + shares["self"]
    return (
        *(replace(loss, points=loss.points * shares["verified"] / whole) for loss in verified),
        *(replace(loss, points=loss.points * shares["self"] / whole) for loss in own),
    )


def _after_decisions(
    item: Item, rubric: Rubric, losses: tuple[Loss, ...], decisions: Sequence[Decision]
) -> tuple[Loss, ...]:
    """Doubling for a false report, then a review. A review that raises a mark is a negative loss: both can be seen."""
    lost = sum((loss.points for loss in losses), ZERO)
    if (double := _first(decisions, "double")) and lost:
        losses = (*losses, _ruled(item, rubric, min(lost, item.full_marks - lost), double, "虚报加倍扣分"))
    if (review := _first(decisions, "review")) and review.points is not None:
        lost = sum((loss.points for loss in losses), ZERO)
        if change := item.full_marks - review.points - lost:
            losses = (*losses, _ruled(item, rubric, change, review, f"复核核定为{review.points:f}分"))
    return losses
