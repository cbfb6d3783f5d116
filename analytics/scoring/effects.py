"""Prerequisites, caps (一票否优) and forces (一票否决): what stands beside the points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from analytics.policy import Policy
from analytics.records import Decision, Observation
from analytics.rubric import Prerequisite, Rubric, VetoClause, plain
from analytics.scoring.case import ZERO, Figures
from analytics.scoring.scorecard import Effect


def effects(rubric: Rubric, figures: Figures, decisions: Sequence[Decision]) -> tuple[Effect, ...]:
    """Caps and forces by figures and decisions, and measured ones that a decision lifted."""
    found = []
    for clause in rubric.vetoes:
        figure = figures.get(clause.measure or "")
        if figure is not None and figure.value is not None and figure.value > clause.more_than:
            because = rubric.measure(figure.measure).said(figure.value)
            found.append(_unless_lifted(rubric, clause, because, decisions, figure))
        for decision in sorted(decisions, key=lambda d: d.id):
            if decision.kind == "veto" and decision.clause == clause.no:
                named, because = _named(rubric, clause), _ruled(decision)
                found.append(Effect(clause.effect, clause.grade, named, because, (decision.reading,), decision.id))
    return tuple(found)


def effects_of_standing(
    rubric: Rubric, unit: str, totals: Mapping[str, Decimal], decisions: Sequence[Decision]
) -> tuple[Effect, ...]:
    """Caps and forces for a unit among the last of its class, or under a total, unless a decision lifted them.

    A unit is among the last three when fewer than three units have a lower total, ties included.
    """
    found = []
    for clause in rubric.vetoes:
        if not clause.by_standing or unit not in totals:
            continue
        lower = sum(other < totals[unit] for other in totals.values())
        among_last = clause.last is None or lower < clause.last
        under = clause.below is None or totals[unit] < clause.below
        if among_last and under:
            said = [
                f"本类末{clause.last}名" if clause.last else "",
                f"总分低于{plain(clause.below)}分" if clause.below else "",
            ]
            found.append(_unless_lifted(rubric, clause, "，".join(filter(None, said)), decisions, None))
    return tuple(found)


def bars(
    rubric: Rubric, figures: Figures, own: Sequence[Decimal | None], decisions: Sequence[Decision]
) -> tuple[tuple[Effect, ...], tuple[str, ...]]:
    """The prerequisites that do not hold, and what is not known yet of those that may.

    ``own``: the unit's self-marks, None where it gave none.
    """
    found, open_ = [], []
    for clause in rubric.prerequisites:
        name = f"{rubric.reference}参评条件第{clause.no}条：{clause.on}"
        ruled = sorted((d for d in decisions if d.kind == "not_admitted" and d.clause == clause.no), key=lambda d: d.id)
        found += [Effect("bar", "", name, _ruled(d), (d.reading,), d.id) for d in ruled]
        fails, said, figure = _fails(clause, rubric, figures, own)
        if fails is None:
            open_.append(f"参评条件第{clause.no}条“{clause.on}”：{said}，待定")
        elif fails:
            readings = (figure.reading,) if figure else ()
            found.append(Effect("bar", "", name, said, readings))
    return tuple(found), tuple(open_)


def _fails(
    clause: Prerequisite, rubric: Rubric, figures: Figures, own: Sequence[Decimal | None]
) -> tuple[bool | None, str, Observation | None]:
    if clause.self_total is not None:
        total = sum((mark or ZERO for mark in own), ZERO)
        if total < clause.self_total and any(mark is None for mark in own):  # what is missing could only add to it
            return None, "自评分不全", None
        return total < clause.self_total, f"自评{plain(total)}分，应不低于{plain(clause.self_total)}分", None
    if clause.measure is not None:
        figure = figures.get(clause.measure)
        if figure is None or figure.value is None:
            return None, f"{rubric.measure(clause.measure).label}没有核定数", None
        said = f"{rubric.measure(clause.measure).said(figure.value)}，应不多于{plain(clause.at_most)}"
        return figure.value > clause.at_most, said, figure
    return False, "", None


def _unless_lifted(
    rubric: Rubric, clause: VetoClause, because: str, decisions: Sequence[Decision], figure: Observation | None
) -> Effect:
    lift = next((d for d in decisions if d.kind == "lift" and d.clause == clause.no), None)
    readings = (figure.reading,) if figure else ()
    name = _named(rubric, clause)
    if lift is None:
        return Effect(clause.effect, clause.grade, name, because, readings)
    because = f"{because}；{_ruled(lift)}"
    return Effect(clause.effect, clause.grade, name, because, (*readings, lift.reading), lift.id, True)


def _named(rubric: Rubric, clause: VetoClause) -> str:
    return f"{rubric.reference}否决第{clause.no}条：{clause.on}"


def _ruled(decision: Decision) -> str:
    return f"{decision.reason}（{decision.person}，{decision.date.isoformat()}）"


def grade_after(grade: str, policy: Policy, found: Iterable[Effect]) -> str:
    """The grade once caps and forces are applied; a force outweighs every cap, and of two the worse grade stands."""
    order = [band.name for band in policy.grades.value]
    active = [effect for effect in found if not effect.lifted and effect.kind != "bar"]
    forced = [effect.grade for effect in active if effect.kind == "force"]
    capped = [effect.grade for effect in active if effect.kind == "cap"]
    if forced:
        return max(forced, key=order.index)
    return max([grade, *capped], key=order.index)
