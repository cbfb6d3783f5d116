"""From marks to a total: parts and their weights, re-weighting, bonus, outside deductions, limits; each a step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from analytics.policy import Policy, TotalPart, Weighted
from analytics.records import Decision
from analytics.rubric import Rubric
from analytics.scoring.case import ZERO, Figures
from analytics.scoring.figure_rules import settled
from analytics.scoring.scorecard import Adjustment, Mark, PartScore
from analytics.scoring.steps import ROOMY, TOTAL_PLACES


def weigh(parts: Mapping[str, Decimal | None], weights: Weighted) -> Decimal | None:
    """The weighted mean of the parts there are; a missing part's weight goes to the others in proportion, never as 0.

    None when every part is missing. KeyError when a part has no weight.
    """
    there = {name: value for name, value in parts.items() if value is not None}
    whole = sum((Fraction(weights.weights[name]) for name in there), Fraction(0))
    if not whole:
        return None
    return settled(sum((Fraction(weights.weights[n]) * Fraction(v) for n, v in there.items()), Fraction(0)) / whole)


@dataclass(frozen=True, slots=True)
class Combined:
    """The parts put together: ``points`` of ``scale``, None while a part waits, with the steps that are no losses."""

    points: Decimal | None
    scale: Decimal
    parts: tuple[PartScore, ...]
    steps: tuple[Adjustment, ...]
    waiting: tuple[str, ...] = ()


def combine(
    marks: Sequence[Mark], rubric: Rubric, policy: Policy, figures: Figures, decisions: Sequence[Decision] = ()
) -> Combined:
    """The points of the items and of what is scored elsewhere, on the policy's scale.

    Items not applicable are taken out and the rest of their part scaled up; a part that is missing gives its weight to
    the others; neither is ever 0. ``decisions`` are the unit's; those that took items out are named in the step.
    """
    plan = policy.parts.value if policy.parts else (_whole(rubric),)
    scale = policy.scale.value if policy.scale else sum((part.weight for part in plan), ZERO)
    by_item = {mark.item: mark for mark in marks}
    parts = tuple(_part_score(part, rubric, by_item, figures) for part in plan)
    there = [part for part in parts if not part.missing]
    waiting = tuple(
        f"{part.name}：{_lacks(part, source.measure, rubric, figures)}"
        for part, source in zip(parts, plan, strict=True)
        if source.measure and not part.missing and part.value is None
    )
    whole = sum((Fraction(part.weight) for part in there), Fraction(0))
    if not whole:
        return Combined(None, scale, parts, (), waiting)
    worth = {part.part: Fraction(part.weight) * Fraction(scale) / whole for part in there}
    steps: list[Adjustment] = [*_missing_parts(parts, plan, rubric, scale)]
    for part, source in zip(parts, plan, strict=True):
        if part.value is None:
            continue
        if source.measure:
            steps += _scored_elsewhere(part, source, worth[part.part], rubric, figures)
        else:
            steps += _scaled_up(part, worth[part.part], [by_item[item] for item in part.items], decisions)
    if any(part.value is None for part in there):
        return Combined(None, scale, parts, tuple(steps), waiting)
    points = sum((worth[p.part] * Fraction(p.value or 0) / Fraction(p.full) for p in there), Fraction(0))
    return Combined(_total(settled(points)), scale, parts, tuple(steps), waiting)


def _whole(rubric: Rubric) -> TotalPart:
    themes = tuple(theme.id for theme in rubric.themes)
    return TotalPart.model_construct(
        id="all", name="", weight=rubric.full_marks, themes=themes, measure=None, full=rubric.full_marks
    )


def _part_score(part: TotalPart, rubric: Rubric, marks: Mapping[str, Mark], figures: Figures) -> PartScore:
    if part.measure:
        figure = figures.get(part.measure)
        value = None if figure is None else figure.value
        if value is not None and not 0 <= value <= part.full:  # a slip of the pen or another scale: a person says which
            return PartScore(part.id, part.name, part.weight, part.full, None, False)
        gone = value is None and part.missing == "reweight"
        return PartScore(part.id, part.name, part.weight, part.full, value, gone)
    full = sum((theme.points for theme in rubric.themes if theme.id in part.themes), ZERO)
    items = tuple(item for item in marks if rubric.item(item).theme in part.themes)
    asked = [marks[item] for item in items if marks[item].status != "not_applicable"]
    base = sum((mark.full_marks for mark in asked), ZERO)
    if not base:
        return PartScore(part.id, part.name, part.weight, full, None, True, items)
    if any(mark.awarded is None for mark in asked):
        return PartScore(part.id, part.name, part.weight, full, None, False, items)
    awarded = sum((mark.awarded or ZERO for mark in asked), ZERO)
    value = awarded if base == full else settled(Fraction(awarded) * Fraction(full) / Fraction(base))
    return PartScore(part.id, part.name, part.weight, full, value, False, items)


def _lacks(part: PartScore, measure: str, rubric: Rubric, figures: Figures) -> str:
    label, figure = rubric.measure(measure).label, figures.get(measure)
    if figure is None or figure.value is None:
        return f"{label}没有核定数，待补"
    return f"{label}的核定数{figure.value:f}不在0—{part.full:f}之内，待更正"


def _missing_parts(
    parts: Sequence[PartScore], plan: Sequence[TotalPart], rubric: Rubric, scale: Decimal
) -> list[Adjustment]:
    """A line that costs nothing for each part that is not there: its weight went to the others.

    The losses of its items, of which none applies, are none.
    """
    if len(plan) < 2 or all(part.missing for part in parts):
        return []
    told = [
        f"“{part.name}”没有成绩，不计0分，其{part.weight.normalize():f}分的权重按比例分给其余部分"
        for part in parts
        if part.missing
    ]
    return [Adjustment("reweight", ZERO, f"{rubric.reference}缺项折算", text) for text in told]


def _scored_elsewhere(
    part: PartScore, source: TotalPart, worth: Fraction, rubric: Rubric, figures: Figures
) -> list[Adjustment]:
    value, figure = part.value or ZERO, figures[source.measure or ""]
    counted = worth * Fraction(value) / Fraction(part.full)
    said = rubric.measure(figure.measure).said(value)
    shown = (f"{_rounded(settled(points))}" for points in (worth, counted))
    because = "{}：{}（满{}分），占{}分，计{}分".format(part.name, said, _rounded(part.full), *shown)
    return [Adjustment("part", -settled(worth - counted), part.name, because, (figure.reading,))]


def _scaled_up(
    part: PartScore, worth: Fraction, marks: Sequence[Mark], decisions: Sequence[Decision]
) -> list[Adjustment]:
    """The step that keeps an item not applicable from counting 0; none when all items apply."""
    asked = [mark for mark in marks if mark.status != "not_applicable"]
    base = sum((mark.full_marks for mark in asked), ZERO)
    if base == part.full:
        return []
    awarded = sum((mark.awarded or ZERO for mark in asked), ZERO)
    full, without = part.full, part.full - base
    change = Fraction(awarded) * Fraction(full) / Fraction(base) - Fraction(full - (base - awarded))
    out = {mark.item for mark in marks if mark.status == "not_applicable"}
    ruled = sorted((d for d in decisions if d.kind == "not_applicable" and d.item in out), key=lambda d: d.turn)
    why = "；".join(f"{d.reason}（{d.person}，{d.date.isoformat()}）" for d in ruled)
    because = f"不涉及项共{without:f}分，其余{base:f}分得{awarded:f}分，按比例折算为{full:f}分制：{why}"
    readings = tuple(d.reading for d in ruled)
    points = settled(change * worth / Fraction(full))
    return [Adjustment("reweight", points, "缺项折算", because, readings, "、".join(d.id for d in ruled))]


def _total(points: Decimal) -> Decimal:
    """``points`` without the last places, in which a third that was cut would show: 3 × ⅓ is 1 again."""
    exponent = points.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -18:
        with localcontext(ROOMY):
            return points.quantize(TOTAL_PLACES, ROUND_HALF_UP).normalize() + ZERO
    return points


def _rounded(points: Decimal) -> str:
    """Points in a sentence: to four decimals, without trailing zeros."""
    return f"{points.quantize(Decimal('0.0001'), ROUND_HALF_UP).normalize():f}"


def total_of(
    combined: Combined, adjustments: Sequence[Adjustment], policy: Policy
) -> tuple[Decimal, Adjustment | None]:
    """The total after bonus and outside deductions, and the step that keeps it between 0 and the policy's cap.

    ``combined.points`` must be there.
    """
    assert combined.points is not None
    with localcontext(ROOMY):
        total = combined.points + sum((step.points for step in adjustments), ZERO)
        cap = policy.total_cap.value
        kept = min(max(total, ZERO), cap)
        if kept == total:
            return total, None
        because = f"总分不低于0分、不高于{cap:f}分"
        return kept, Adjustment("limit", kept - total, "总分上下限", because)


def bonus(rubric: Rubric, policy: Policy, decisions: Sequence[Decision]) -> tuple[Adjustment, ...]:
    """Points granted by decision: of one matter only the highest, and no more in all than the policy's cap.

    A clause may ask for a document of the year; a decision whose reference names none counts nothing, and says so.
    """
    clauses = {clause.no: clause for clause in rubric.bonus}
    granted = [d for d in decisions if d.kind == "bonus" and d.points]
    granted.sort(key=lambda d: (-(d.points or ZERO), d.turn))
    proved = [d for d in granted if _proved(d, rubric)]
    best: dict[str, Decision] = {}
    for decision in proved:
        best.setdefault(decision.matter or decision.id, decision)
    left, steps = policy.bonus_cap.value, []
    for decision in granted:
        counts = best.get(decision.matter or decision.id) is decision
        points = min(decision.points or ZERO, left) if counts else ZERO
        left -= points
        note = "" if counts else "（同一事项只按最高一级计一次）"
        if decision not in proved:
            note = f"（证明文件不是{rubric.year}年度的，不计分）"
        clause = clauses[decision.clause].on if decision.clause in clauses else ""
        steps.append(
            Adjustment("bonus", points, f"{rubric.reference}加分第{decision.clause}条：{clause}",
                       f"{decision.matter}，{decision.reason}{note}", (decision.reading,), decision.id)
        )  # fmt: skip
    return tuple(steps)


def _proved(decision: Decision, rubric: Rubric) -> bool:
    clause = next((c for c in rubric.bonus if c.no == decision.clause), None)
    if clause is None or not clause.document_of_year:
        return True
    return re.search(rf"[〔\[（(【]\s*{rubric.year}\s*[〕\]）)】]", decision.reference) is not None


def outside(rubric: Rubric, policy: Policy, figures: Figures, decisions: Sequence[Decision]) -> tuple[Adjustment, ...]:
    """Deductions outside the 100 (百分外扣分), measured or decided, each clause up to its cap; points are negative."""
    steps, late = [], policy.submission.value.most  # for all reports of a unit together
    for clause in rubric.outside:
        name = f"{rubric.reference}百分外扣分第{clause.no}条：{clause.on}"
        left = clause.cap
        figure = figures.get(clause.measure or "")
        if figure is not None and figure.value:
            points, left = _take(clause.points * figure.value, left)
            because = rubric.measure(figure.measure).said(figure.value)
            steps.append(Adjustment("outside", -points, name, because, (figure.reading,)))
        for decision in sorted(decisions, key=lambda d: d.turn):
            if decision.kind not in ("outside", "lateness") or decision.clause != clause.no:
                continue
            asked = decision.points or ZERO
            if decision.kind == "lateness":
                asked = min(asked, late)
            points, left = _take(asked, left)
            if decision.kind == "lateness":
                late -= points
            because = f"{decision.reason}（{decision.person}，{decision.date.isoformat()}）"
            steps.append(Adjustment("outside", -points, name, because, (decision.reading,), decision.id))
    return tuple(steps)


def _take(points: Decimal, left: Decimal | None) -> tuple[Decimal, Decimal | None]:
    if left is None:
        return points, None
    taken = min(points, left)
    return taken, left - taken


def at_extremes(marks: Sequence[Mark]) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """The marks with everything that waits decided at the least, and at the most."""
    return tuple(_settle(m, most=False) for m in marks), tuple(_settle(m, most=True) for m in marks)


def _settle(mark: Mark, *, most: bool) -> Mark:
    if mark.status != "awaiting_decision" or mark.span is None:
        return mark
    awarded = mark.span.most if most else mark.span.least
    return replace(mark, awarded=awarded, status="verified", losses=())
