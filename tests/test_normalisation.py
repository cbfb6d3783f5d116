from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.analysis.normalisation import (
    between_goalposts,
    min_max,
    percentile_rank,
    ratio_to_best,
    ratio_to_mean,
    weighted_mean,
    z_scores,
)
from analytics.workspace import REPOSITORY

TAI = pd.read_csv(REPOSITORY / "tests" / "cases" / "published" / "tai_2008.csv", index_col="country")
PRINTED = {
    z_scores: (0.26, 1.52, 1.14, -0.06, 0.76, 1.46, -1.46, -1.58),
    min_max: (0.59, 1.00, 0.88, 0.49, 0.76, 0.98, 0.04, 0.00),
    ratio_to_mean: (1.04, 1.25, 1.19, 0.99, 1.13, 1.24, 0.76, 0.74),
    ratio_to_best: (0.83, 1.00, 0.95, 0.79, 0.90, 0.99, 0.61, 0.59),
}
COUNTRIES = ["Finland", "United States", "Sweden", "Japan", "Korea", "Norway", "Spain", "Singapore"]
VALUES = st.lists(st.integers(0, 20), min_size=2, max_size=12).map(lambda found: pd.Series(found, dtype=float))


@pytest.mark.parametrize("way", PRINTED, ids=lambda way: way.__name__)
def test_handbook_table_15_mean_years_of_schooling(way: object) -> None:
    """Source: OECD Handbook (2008), table 15; the eight countries whose numbers were transcribed."""
    assert way(TAI["schooling"])[COUNTRIES].round(2).to_list() == list(PRINTED[way])


def test_equal_values_share_the_lower_percentile() -> None:
    assert percentile_rank(pd.Series([1, 3, 3, 7])).to_list() == [0, 1 / 3, 1 / 3, 1]
    assert percentile_rank(TAI["schooling"])["Japan"] == 0.5  # the Handbook prints 52.2, by another rule for ties


@pytest.mark.parametrize(("how", "mean"), [("arithmetic", 2.25), ("geometric", 2.059767), ("harmonic", 1.846154)])
def test_means_of_1_2_3_with_weights_1_1_2(how: object, mean: float) -> None:
    found = weighted_mean(pd.DataFrame([[1, 2, 3]]), pd.Series([1, 1, 2]), how)
    assert found.to_list() == [pytest.approx(mean, abs=5e-7)]


def test_a_missing_part_is_left_out_of_the_mean_and_no_part_is_no_mean() -> None:
    found = weighted_mean(pd.DataFrame([[1, None, 3], [None, None, None]], dtype=float), pd.Series([1, 1, 2]))
    assert found[0] == pytest.approx(7 / 3)
    assert pd.isna(found[1])


@pytest.mark.parametrize("how", ["geometric", "harmonic"])
def test_a_mean_that_needs_values_above_0_says_so(how: object) -> None:
    with pytest.raises(ValueError, match=f"above 0 for a {how} mean"):
        weighted_mean(pd.DataFrame([[0.0, 1.0]]), pd.Series([1, 1]), how)


def test_beyond_a_goalpost_counts_as_the_goalpost() -> None:
    values = pd.Series([-1.0, 0, 5, 12, float("nan")])
    assert between_goalposts(values, 0, 10).to_list()[:4] == [0, 0, 0.5, 1]
    assert between_goalposts(values, 0, 10, capped=False).to_list()[:4] == [-0.1, 0, 0.5, 1.2]
    assert pd.isna(between_goalposts(values, 0, 10).iloc[-1])


@pytest.mark.parametrize("way", [z_scores, min_max, percentile_rank], ids=lambda way: way.__name__)
def test_what_is_not_known_takes_no_part(way: object) -> None:
    known = way(pd.Series([2.0, 4.0, 9.0]))
    found = way(pd.Series([2.0, float("nan"), 4.0, 9.0]))
    assert found.dropna().to_list() == known.to_list()
    assert pd.isna(found[1])


def test_values_that_do_not_differ_have_no_place_on_a_scale_of_differences() -> None:
    alike = pd.Series([3.0, 3.0, 3.0])
    assert z_scores(alike).isna().all()
    assert min_max(alike).isna().all()
    assert percentile_rank(pd.Series([3.0])).isna().all()


@given(VALUES, st.integers(1, 9), st.integers(-9, 9))
def test_scales_of_differences_do_not_depend_on_the_unit_of_measurement(
    values: pd.Series, times: int, more: int
) -> None:
    for way in (z_scores, min_max, percentile_rank):
        pd.testing.assert_series_equal(way(values * times + more), way(values), atol=1e-9)


@given(VALUES)
def test_a_frame_is_its_columns_one_by_one(values: pd.Series) -> None:
    frame = pd.DataFrame({"a": values, "b": values[::-1].to_numpy()})
    for way in (z_scores, min_max, percentile_rank, ratio_to_mean, ratio_to_best):
        pd.testing.assert_series_equal(way(frame)["b"], way(frame["b"]))
