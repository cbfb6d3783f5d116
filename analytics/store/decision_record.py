"""The register of decisions only grows: what a run was scored by must still stand in the next one as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analytics.problems import Problem
from analytics.records import Decision
from analytics.store.scored_year import ScoredYear

_FIELDS = {
    "unit": "单位", "kind": "裁定类型", "item": "条目", "clause": "条款", "points": "分值", "matter": "事项",
    "reason": "理由", "person": "裁定人", "date": "日期", "reference": "文号",
}  # fmt: skip


def altered_decisions(before: ScoredYear, now: Iterable[Decision]) -> Iterator[Problem]:
    """A decision of the run ``before`` that is gone or reads otherwise. Where its row stands does not matter.

    A correction is a row more: one that withdraws it, or a later decision about the same item.
    """
    standing = {decision.id: decision for decision in now}
    for old in before.decisions:
        new = standing.get(old.id)
        if new is None:
            yield _problem(old, before, "没有这一条", old.reason)
            continue
        changed = [name for name in _FIELDS if getattr(new, name) != getattr(old, name)]
        if changed:
            first = changed[0]
            now_says = f"{_FIELDS[first]}为“{getattr(new, first)}”"
            yield _problem(old, before, now_says, str(getattr(old, first)))


def _problem(old: Decision, before: ScoredYear, what: str, was: str) -> Problem:
    facts = {"found": old.id, "place": before.run_id, "what": what, "expected": was}
    return Problem("decision-altered", "stop", at=old.reading.cell, facts=facts)
