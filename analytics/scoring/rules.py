"""From the kind of a rule to the function that applies it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from analytics import rubric as kinds
from analytics.rubric import Rule
from analytics.scoring import figure_rules, finding_rules
from analytics.scoring.case import Case, Verdict

_APPLY: Mapping[type, Callable[[Any, Case], Verdict]] = {
    kinds.PerOccurrence: finding_rules.lose_per_occurrence,
    kinds.AllOrNothing: finding_rules.lose_all,
    kinds.Escalation: finding_rules.lose_by_escalation,
    kinds.BySeverity: finding_rules.lose_by_severity,
    kinds.Lateness: finding_rules.lose_by_lateness,
    kinds.Discretionary: finding_rules.lose_at_discretion,
    kinds.AwardOnRecord: finding_rules.lose_unrecorded,
    kinds.Ratio: figure_rules.lose_by_ratio,
    kinds.RatioRange: figure_rules.lose_in_range,
    kinds.Slope: figure_rules.lose_by_slope,
    kinds.Threshold: figure_rules.lose_outside_threshold,
    kinds.Award: figure_rules.lose_unearned,
    kinds.Comparison: figure_rules.lose_by_comparison,
    kinds.ByRank: figure_rules.lose_by_rank,
    kinds.ShareOfBest: figure_rules.lose_share_of_best,
}


def apply_rule(rule: Rule, case: Case) -> Verdict:
    """What ``rule`` takes in ``case``, before the limits of its part and its item."""
    return _APPLY[type(rule)](rule, case)
