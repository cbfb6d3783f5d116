"""How values of different size are made comparable, and how parts become one number: the named ways, one function each.

Every function takes a column of values, or a frame of which each column is treated for itself, and gives back the same
shape. What is not known (NaN) stays so and takes no part. Where a way says nothing, because the values do not differ or
are missing, its answer is NaN. Names and definitions: OECD, Handbook on Constructing Composite Indicators (2008).
"""

from __future__ import annotations

from typing import Literal, TypeVar

import numpy as np
import pandas as pd

Mean = Literal["arithmetic", "geometric", "harmonic"]
Values = TypeVar("Values", pd.Series, pd.DataFrame)


def z_scores(values: Values) -> Values:
    """Distance to the mean in standard deviations of the sample (divided by n - 1, as the Handbook does)."""
    spread = values.std(ddof=1)
    return (values - values.mean()) / _unless_zero(spread)


def min_max(values: Values) -> Values:
    """0 for the lowest value found, 1 for the highest: another unit in the class moves everybody."""
    return (values - values.min()) / _unless_zero(values.max() - values.min())


def between_goalposts(values: Values, low: float | pd.Series, high: float | pd.Series, capped: bool = True) -> Values:
    """0 at ``low`` and 1 at ``high``, which are fixed beforehand and do not depend on who is compared.

    ``capped``: what lies beyond a goalpost counts as the goalpost, as in the Technology Achievement Index.
    """
    found = (values - low) / (high - low)
    return found.clip(0, 1) if capped else found


def ratio_to_mean(values: Values) -> Values:
    """Value / mean of the class."""
    return values / _unless_zero(values.mean())


def ratio_to_best(values: Values) -> Values:
    """Value / highest value of the class."""
    return values / _unless_zero(values.max())


def percentile_rank(values: Values) -> Values:
    """Share of the *other* units that stand lower: 0 for the last, 1 for a first that nobody shares.

    Equal values share the lower place: of 1, 3, 3, 7 both 3 have one of three below them, 1/3.
    """
    return (values.rank(method="min") - 1) / _unless_zero(values.count() - 1)


def weighted_mean(values: pd.DataFrame, weights: pd.Series, how: Mean = "arithmetic") -> pd.Series:
    """One number a row: the mean of its parts (columns) with these ``weights`` (index: the columns).

    A row that lacks a part is weighed over the parts it has; one without any has NaN. Geometric and harmonic means
    forgive a low part less than the arithmetic one. ValueError when they meet a value that is not above 0.
    """
    if how != "arithmetic" and (values <= 0).any(axis=None):
        raise ValueError(f"expected values above 0 for a {how} mean")
    known = values.notna() * weights
    share = known.div(_unless_zero(known.sum(axis=1)), axis=0)
    if how == "arithmetic":
        found = (values * share).sum(axis=1)
    elif how == "geometric":
        found = np.exp((np.log(values) * share).sum(axis=1))
    else:
        found = 1 / (share / values).sum(axis=1)
    return found.where(known.sum(axis=1) > 0)


def _unless_zero(divisor: float | pd.Series) -> float | pd.Series:
    """NaN instead of 0, so that a way that says nothing gives NaN and not an infinite number."""
    return divisor.where(divisor != 0) if isinstance(divisor, pd.Series) else (divisor or np.nan)
