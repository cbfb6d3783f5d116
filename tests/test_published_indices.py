"""A published index, end to end through our own functions: values between goalposts, weighted mean, ranks.

Source: OECD, Handbook on Constructing Composite Indicators (2008), Technology Achievement Index, 23 countries;
tests/cases/published/tai_2008.yaml.
"""

from __future__ import annotations

import math

import pandas as pd
import pytest
import yaml

from analytics.analysis.decomposition import places
from analytics.analysis.normalisation import between_goalposts, min_max, weighted_mean
from analytics.workspace import REPOSITORY

FOLDER = REPOSITORY / "tests" / "cases" / "published"
TABLE = pd.read_csv(FOLDER / "tai_2008.csv", index_col="country")
SOURCE = yaml.safe_load((FOLDER / "tai_2008.yaml").read_text(encoding="utf-8"))
INDICATORS = list(SOURCE["goalposts"])
VALUES = TABLE[INDICATORS]


def bound(place: int) -> pd.Series:
    posts = {name: str(pair[place]) for name, pair in SOURCE["goalposts"].items()}
    return pd.Series(
        {n: math.log10(float(v.removeprefix("log10 "))) if "log10" in v else float(v) for n, v in posts.items()}
    )


def scores(method: str, capped: bool = True) -> pd.Series:
    weights = pd.Series(SOURCE["weights"][method], INDICATORS, dtype=float)
    return weighted_mean(between_goalposts(VALUES, bound(0), bound(1), capped), weights)


def shifts(found: pd.Series, method: str) -> pd.Series:
    """How far each country's rank is from the printed one."""
    return abs(places(found.to_numpy()) - TABLE[method])


@pytest.mark.parametrize(
    ("method", "right", "furthest"), [("EW", 23, 0), ("BAP", 23, 0), ("FA", 19, 1), ("AHP", 20, 2)]
)
def test_tai_ranks_are_reproduced_as_far_as_the_printed_weights_allow(method: str, right: int, furthest: int) -> None:
    off = shifts(scores(method), method)
    assert ((off == 0).sum(), off.max()) == (right, furthest)


def test_tai_scores_are_reproduced_to_the_fourth_decimal() -> None:
    assert scores("EW").round(4).to_list() == TABLE["EW_score"].to_list()


def test_tai_without_the_cap_has_five_wrong_ranks() -> None:
    assert (shifts(scores("EW", capped=False), "EW") == 0).sum() == 18


def test_tai_scaled_by_the_23_countries_instead_of_goalposts_has_twelve_wrong_ranks() -> None:
    found = weighted_mean(min_max(VALUES), pd.Series(1.0, INDICATORS))
    assert (shifts(found, "EW") == 0).sum() == 11
