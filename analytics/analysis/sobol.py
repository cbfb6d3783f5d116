"""Sobol indices of declared factors: how much of an outcome's variance each one explains, alone and with the others.

Sampling, estimators and intervals are scipy's (Saltelli et al. 2010); here factors get names and are seen to be used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Model = Callable[[Mapping[str, Floats]], Floats]
CONFIDENCE, RESAMPLES = 0.95, 200
WIDE = 0.2  # an interval wider than a fifth of the whole variance says too little to rank factors by


@dataclass(frozen=True, slots=True)
class Factor:
    """One uncertain factor, declared before the result is known: uniform between ``low`` and ``high``.

    ``label`` is its name in print, ``says`` what it stands for and how far it goes. ValueError unless low < high.
    """

    name: str
    label: str
    says: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"factor {self.name}: expected low < high, found {self.low} and {self.high}")


@dataclass(frozen=True, slots=True)
class SobolIndices:
    """What ``sobol`` found.

    rows: factor, label, first, first_low, first_high, total, total_low, total_high, in the order declared. ``first`` is
    the share of the variance that the factor explains alone, ``total`` with all its interactions; low and high bound
    the 95 % bootstrap interval. NaN when the outcome never varies. mean, variance: of the outcome over all draws.
    """

    rows: pd.DataFrame
    mean: float
    variance: float

    @property
    def widest(self) -> float:
        """The width of the widest interval; NaN when nothing varies."""
        rows = self.rows
        widths = [(rows[f"{order}_high"] - rows[f"{order}_low"]).max() for order in ("first", "total")]
        return float(max(widths))

    @property
    def stable(self) -> bool:
        """Whether there were draws enough for every interval to be narrower than ``WIDE``."""
        return not self.widest > WIDE


class _Drawn(Mapping[str, Floats]):
    """The drawn values of each factor by name; remembers which were read."""

    def __init__(self, names: Sequence[str], values: Floats) -> None:
        self._values: dict[str, Floats] = dict(zip(names, values, strict=True))
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Floats:
        self.read.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def sobol(model: Model, factors: Sequence[Factor], draws: int, seed: int) -> SobolIndices:
    """First-order and total Sobol indices of ``model`` over the declared ``factors``.

    model: from the factors' drawn values by name, arrays of one length, to the outcome of each draw. It is asked
    draws × (factors + 2) times; ``draws`` must be a power of 2. ValueError for fewer than two factors, a name declared
    twice, or a factor that the model never reads: it was declared and not used.

    >>> from math import pi
    >>> x = [Factor(name, name, "", -pi, pi) for name in ("a", "b")]
    >>> sobol(lambda drawn: drawn["a"] + 0 * drawn["b"], x, 64, 1).rows["first"].round(1).to_list()
    [1.0, 0.0]
    """
    from scipy import stats  # takes a second to load, and most notebooks do not need it

    names = [factor.name for factor in factors]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"expected at least two factors of different names, found {names}")
    outcomes: list[Floats] = []

    def asked(values: Floats) -> Floats:
        drawn = _Drawn(names, values)
        outcomes.append(np.asarray(model(drawn), dtype=float))
        if unused := sorted(set(names) - drawn.read):
            raise ValueError(f"declared and not used: {', '.join(unused)}")
        return outcomes[-1].copy()

    spread = [stats.uniform(factor.low, factor.high - factor.low) for factor in factors]
    found = stats.sobol_indices(func=asked, n=draws, dists=spread, rng=np.random.default_rng(seed))
    whole = np.concatenate(outcomes)
    columns = {"first": found.first_order, "total": found.total_order}
    if np.ptp(whole) == 0:
        shares = {f"{order}{end}": np.full(len(names), np.nan) for order in columns for end in ("", "_low", "_high")}
    else:
        low, high = _intervals(outcomes, len(names), seed)
        shares = {}
        for place, (order, values) in enumerate(columns.items()):
            shares |= {order: values, f"{order}_low": low[place], f"{order}_high": high[place]}
    rows = pd.DataFrame({"factor": names, "label": [factor.label for factor in factors], **shares})
    return SobolIndices(rows, float(whole.mean()), float(whole.var()))


def _intervals(outcomes: Sequence[Floats], factors: int, seed: int) -> tuple[Floats, Floats]:
    """Low and high ends, (first, total) × factor. The result's own ``bootstrap`` takes no seed, and its jackknife
    needs memory for draws squared; so scipy's bootstrap resamples scipy's estimator here."""
    from scipy import stats  # takes a second to load, and most notebooks do not need it

    of_a, of_b, of_ab = outcomes
    draws = len(of_a)
    of_ab = of_ab.reshape(draws, factors).T[:, None, :]

    def indices(picked: npt.NDArray[np.int64]) -> Floats:
        values = {"f_A": of_a[None, picked], "f_B": of_b[None, picked], "f_AB": of_ab[..., picked]}
        found = stats.sobol_indices(func=values, n=draws)
        return np.array([found.first_order, found.total_order])

    interval = stats.bootstrap(
        (np.arange(draws),), indices, n_resamples=RESAMPLES, confidence_level=CONFIDENCE, vectorized=False,
        method="percentile", rng=np.random.default_rng(seed),
    ).confidence_interval  # fmt: skip
    return np.asarray(interval.low), np.asarray(interval.high)
