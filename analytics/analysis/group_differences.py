"""How far apart inspection groups are: what can be estimated, on which basis, and what each basis supposes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import pandas as pd

from analytics.analysis.agreement import CONFIDENCE, NoEstimate, NotIdentifiable, design, severity
from analytics.analysis.visits import Visits

Basis = Literal["joint", "exchange", "campaigns"]
# Name, what is counted, what is supposed.
BASES: dict[Basis, tuple[str, str, str]] = {
    "joint": ("同年共同巡查", "次", "各组都照实记录了没有发现问题的条目"),
    "exchange": ("换组巡查", "个单位", "单位的水平各年度不变，只有共同的年度变化"),
    "campaigns": ("以专项督查为参照", "个单位", "专项督查对各单位一样严，且巡查前后情况没有变"),
}
LEAST_UNITS = 2  # of each group that special inspections must have checked too
NOTHING = pd.DataFrame(columns=["judge", "other", "difference", "low", "high"])


@dataclass(frozen=True, slots=True)
class Estimate:
    """Differences between groups on one basis; ``BASES`` has its name and what it supposes.

    groups: who is compared. differences: judge, other, difference (finding rate of judge minus other in percentage
    points, never negative), low, high (95 % interval). units: the units, or units and years, that link the groups.
    residual: variance of a visit's finding rate (joint visits). trouble: why there is no difference.
    """

    basis: Basis
    groups: tuple[str, ...]
    differences: pd.DataFrame
    units: int
    residual: float = float("nan")
    trouble: str = ""


def estimates(by_unit: pd.DataFrame, joint: pd.DataFrame) -> tuple[Estimate, ...]:
    """From joint visits; from units that changed groups only when there are none, since that supposes more."""
    if len(joint):
        return tuple(_estimate(joint, "joint", judges) for judges in _sets(joint, ()))
    changed = by_unit[by_unit.groupby("target")["judge"].transform("nunique") > 1]
    return tuple(_estimate(changed, "exchange", judges) for judges in _sets(changed, ("year",)))


def _sets(ratings: pd.DataFrame, besides: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The sets of two and more groups that can be compared."""
    return (judges for judges in design(ratings, besides).comparable if len(judges) > 1)


def _estimate(ratings: pd.DataFrame, basis: Basis, judges: tuple[str, ...]) -> Estimate:
    rated = ratings[ratings["judge"].isin(judges)]
    try:
        found = severity(rated, ("year",) if basis == "exchange" else ())
    except NoEstimate as why:
        return Estimate(basis, judges, NOTHING, rated["target"].nunique(), trouble=str(why))
    except NotIdentifiable:  # without the other groups' visits the years are no longer known
        return Estimate(basis, judges, NOTHING, rated["target"].nunique(), trouble="换组和年度变化分不开")
    return Estimate(basis, judges, found.differences, found.targets, found.residual)


def beside_campaigns(seen: Visits) -> Estimate | None:
    """The groups apart, each measured by special inspections on its own units; None when too few units allow it.

    One value a unit, and Welch's interval: the groups' units are independent samples, not equally many or equally even.
    """
    rated = seen.beside_campaigns
    sets = {group: rated.loc[rated["judge"] == group, "rating"] for group in seen.groups}
    sets = {group: values for group, values in sets.items() if len(values) >= LEAST_UNITS}
    if len(sets) < 2:
        return None
    units = sum(map(len, sets.values()))
    if any(values.round(6).nunique() < 2 for values in sets.values()):
        return Estimate("campaigns", tuple(sets), NOTHING, units, trouble="各单位的差别相同，估计不稳定")
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    rows = []
    for a, b in combinations(sets, 2):
        high, low = (a, b) if sets[a].mean() >= sets[b].mean() else (b, a)
        compared = CompareMeans(DescrStatsW(sets[high]), DescrStatsW(sets[low]))
        least, most = compared.tconfint_diff(alpha=1 - CONFIDENCE, usevar="unequal")
        rows.append((high, low, sets[high].mean() - sets[low].mean(), least, most))
    return Estimate("campaigns", tuple(sets), pd.DataFrame(rows, columns=NOTHING.columns), units)
