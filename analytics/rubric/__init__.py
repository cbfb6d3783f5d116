"""The year's rules as data: a scoring table of items, each with rules that say what they look at and may take."""

from analytics.rubric.checks import Slip, slips
from analytics.rubric.kinds import (
    BY_DECISION,
    MEASURED,
    AllOrNothing,
    Award,
    AwardOnRecord,
    ByRank,
    BySeverity,
    Comparison,
    Data,
    Discretionary,
    Escalation,
    Identifier,
    Lateness,
    PerOccurrence,
    Points,
    Ratio,
    RatioRange,
    Rule,
    ShareOfBest,
    Slope,
    Threshold,
    measures_of,
    most_of,
)
from analytics.rubric.table import (
    BonusClause,
    CommonAndDuty,
    Item,
    ItemPart,
    Measure,
    OutsideClause,
    Prerequisite,
    Rubric,
    Theme,
    VetoClause,
)
from analytics.rubric.wording import plain, terms

__all__ = [
    "BY_DECISION", "MEASURED", "AllOrNothing", "Award", "AwardOnRecord", "BonusClause", "ByRank", "BySeverity",
    "CommonAndDuty", "Comparison", "Data", "Discretionary", "Escalation", "Identifier", "Item", "ItemPart", "Lateness",
    "Measure", "OutsideClause", "PerOccurrence", "Points", "Prerequisite", "Ratio", "RatioRange", "Rubric", "Rule",
    "ShareOfBest", "Slip", "Slope", "Theme", "Threshold", "VetoClause", "measures_of", "most_of", "plain", "slips",
    "terms",
]  # fmt: skip
