"""From marks to a total and a grade: re-weighting, bonus, outside deductions, limits, vetoes and caps; each a step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from analytics.policy import Policy, Weighted
from analytics.records import Channel, Decision, Observation
from analytics.rubric import Rubric
from analytics.scoring.rules import ZERO
from analytics.scoring.scorecard import Adjustment, Effect, Mark


def weigh(parts: Mapping[str, Decimal | None], weights: Weighted) -> Decimal | None:
    """The weighted mean of the parts there are; a missing part's weight goes to the others in proportion, never as 0.

    None when every part is missing. KeyError when a part has no weight.
    """
    there = {name: value for name, value in parts.items() if value is not None}
    whole = sum((weights.weights[name] for name in there), ZERO)
    if not whole:
        return None
    return sum((weights.weights[name] * value for name, value in there.items()), ZERO) / whole


def sum_marks(
    marks: Sequence[Mark], full_marks: Decimal, decisions: Sequence[Decision] = ()
) -> tuple[Decimal | None, tuple[Adjustment, ...]]:
    """The items' total on the scale of ``full_marks``; items not applicable are taken out and the rest scaled up.

    ``decisions`` are the unit's; those that took the items out are named in the step.

    None while a mark awaits a decision, or when no item applies at all.
    """
    asked = [mark for mark in marks if mark.status != "not_applicable"]
    if not asked or any(mark.awarded is None for mark in asked):
        return None, ()
    awarded = sum((mark.awarded or ZERO for mark in asked), ZERO)
    base = sum((mark.full_marks for mark in asked), ZERO)
    if base == full_marks:
        return awarded, ()
    total = awarded * full_marks / base
    without = full_marks - base
    ruled = sorted((d for d in decisions if d.kind == "not_applicable"), key=lambda d: d.id)
    why = "；".join(f"{d.reason}（{d.person}，{d.date.isoformat()}）" for d in ruled)
    because = f"不涉及项共{without:f}分，其余{base:f}分得{awarded:f}分，按比例折算为{full_marks:f}分制：{why}"
    change = total - (full_marks - (base - awarded))
    readings = tuple(d.reading for d in ruled)
    return total, (Adjustment("reweight", change, "缺项折算", because, readings, "、".join(d.id for d in ruled)),)


def bonus(rubric: Rubric, policy: Policy, decisions: Sequence[Decision]) -> tuple[Adjustment, ...]:
    """Points granted by decision: of one matter only the highest, and no more in all than the policy's cap."""
    best: dict[str, Decision] = {}
    granted = [d for d in decisions if d.kind == "bonus" and d.points]
    granted.sort(key=lambda d: (-(d.points or ZERO), d.id))
    for decision in granted:
        best.setdefault(decision.matter or decision.id, decision)
    left, steps = policy.bonus_cap.value, []
    for decision in granted:
        counts = best[decision.matter or decision.id] is decision
        points = min(decision.points or ZERO, left) if counts else ZERO
        left -= points
        note = "" if counts else "（同一事项只按最高一级计一次）"
        clause = next((c.on for c in rubric.bonus if c.no == decision.clause), "")
        steps.append(
            Adjustment("bonus", points, f"{rubric.reference}加分第{decision.clause}条：{clause}",
                       f"{decision.matter}，{decision.reason}{note}", (decision.reading,), decision.id)
        )  # fmt: skip
    return tuple(steps)


def outside(
    rubric: Rubric, policy: Policy, figures: Mapping[str, Observation], decisions: Sequence[Decision]
) -> tuple[Adjustment, ...]:
    """Deductions outside the 100 (百分外扣分), measured or decided, each clause up to its cap; points are negative."""
    steps = []
    for clause in rubric.outside:
        name = f"{rubric.reference}百分外扣分第{clause.no}条：{clause.on}"
        left = clause.cap
        figure = figures.get(clause.measure or "")
        if figure is not None and figure.value:
            points, left = _take(clause.points * figure.value, left)
            because = rubric.measure(figure.measure).said(figure.value)
            steps.append(Adjustment("outside", -points, name, because, (figure.reading,)))
        for decision in sorted(decisions, key=lambda d: d.id):
            if decision.kind not in ("outside", "lateness") or decision.clause != clause.no:
                continue
            asked = decision.points or ZERO
            if decision.kind == "lateness":
                asked = min(asked, policy.submission.value.most)
            points, left = _take(asked, left)
            because = f"{decision.reason}（{decision.person}，{decision.date.isoformat()}）"
            steps.append(Adjustment("outside", -points, name, because, (decision.reading,), decision.id))
    return tuple(steps)


def _take(points: Decimal, left: Decimal | None) -> tuple[Decimal, Decimal | None]:
    if left is None:
        return points, None
    taken = min(points, left)
    return taken, left - taken


def limit(total: Decimal, cap: Decimal) -> tuple[Adjustment, ...]:
    """The step that keeps a total between 0 and ``cap``, when one is needed."""
    kept = min(max(total, ZERO), cap)
    if kept == total:
        return ()
    return (Adjustment("limit", kept - total, "总分上下限", f"总分不低于0分、不高于{cap:f}分"),)


def effects(rubric: Rubric, figures: Mapping[str, Observation], decisions: Sequence[Decision]) -> tuple[Effect, ...]:
    """Caps (一票否优) and forces (一票否决) in effect, and measured ones that a decision lifted."""
    found = []
    for clause in rubric.vetoes:
        name = f"{rubric.reference}否决第{clause.no}条：{clause.on}"
        lift = next((d for d in decisions if d.kind == "lift" and d.clause == clause.no), None)
        figure = figures.get(clause.measure or "")
        if figure is not None and figure.value is not None and figure.value > clause.more_than:
            because = rubric.measure(figure.measure).said(figure.value)
            if lift:
                because += f"；{lift.reason}（{lift.person}，{lift.date.isoformat()}）"
            readings = (figure.reading, lift.reading) if lift else (figure.reading,)
            decided = lift.id if lift else ""
            found.append(Effect(clause.effect, clause.grade, name, because, readings, decided, lift is not None))
        for decision in sorted(decisions, key=lambda d: d.id):
            if decision.kind == "veto" and decision.clause == clause.no:
                because = f"{decision.reason}（{decision.person}，{decision.date.isoformat()}）"
                found.append(Effect(clause.effect, clause.grade, name, because, (decision.reading,), decision.id))
    return tuple(found)


def grade_after(grade: str, policy: Policy, found: Iterable[Effect]) -> str:
    """The grade once caps and forces are applied; a force outweighs every cap, and of two the worse grade stands."""
    order = [band.name for band in policy.grades.value]
    active = [effect for effect in found if not effect.lifted]
    forced = [effect.grade for effect in active if effect.kind == "force"]
    capped = [effect.grade for effect in active if effect.kind == "cap"]
    if forced:
        return max(forced, key=order.index)
    return max([grade, *capped], key=order.index)


def figures_of(observations: Sequence[Observation]) -> dict[str, Observation]:
    """The figures that may count: checked by the office or from the statistics, never the unit's own."""
    return {o.measure: o for o in observations if o.measure and o.channel is not Channel.SELF and o.value is not None}
