"""Targets rated by judges: which judges can be compared at all, how far apart they are, and how well they agree.

A ratings frame has one row for each judgement: target, judge, rating. Nothing here knows units or inspection groups.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

CONFIDENCE = 0.95
LEAST_FREEDOM = 2  # with a single degree of freedom the intervals of fits that settled covered 86 % instead of 95 %
LEAST_JOINT = LEAST_FREEDOM + 1  # targets that two judges must share to have that freedom


class NotIdentifiable(ValueError):
    """Judges were to be compared whom no chain of shared targets connects. ``design`` says which."""

    def __init__(self, design: Design) -> None:
        islands = "; ".join("+".join(part.judges) for part in design.components)
        super().__init__(f"judges that cannot be compared: {islands} (rank {design.rank} of {design.full_rank})")
        self.design = design


class NoEstimate(ValueError):
    """The design would allow an estimate, the data do not: too few judgements, or a fit that did not settle."""


@dataclass(frozen=True, slots=True)
class Component:
    """One island of the design: judges and targets that are connected by ratings, and with no others."""

    judges: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """Who rated what, as a graph and as a fixed-effect model rating ~ target + judge (+ what else differs).

    components: the islands of the bipartite graph of targets and judges. rank: of the model's design matrix;
    full_rank: what it would be if every target had been rated by every judge. comparable: the judges in sets; only the
    difference of two judges of one set can be estimated.
    """

    components: tuple[Component, ...]
    rank: int
    full_rank: int
    comparable: tuple[tuple[str, ...], ...]

    @property
    def identifiable(self) -> bool:
        """Any two judges can be compared, and there are two."""
        return len(self.comparable) == 1 and len(self.comparable[0]) > 1


def design(ratings: pd.DataFrame, besides: Sequence[str] = ()) -> Design:
    """The design of a ratings frame. ``besides`` names columns whose levels may also move a rating, as a year does.

    A judge who always comes with one level of such a column cannot be told apart from it.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    targets, target_names = pd.factorize(ratings["target"])
    judges, judge_names = pd.factorize(ratings["judge"])
    size = len(target_names) + len(judge_names)
    edges = coo_array((np.ones(len(ratings)), (targets, len(target_names) + judges)), shape=(size, size))
    count, label = connected_components(edges, directed=False)
    of_target, of_judge = label[: len(target_names)], label[len(target_names) :]
    components = tuple(
        Component(tuple(map(str, judge_names[of_judge == n])), tuple(map(str, target_names[of_target == n])))
        for n in range(count)
    )
    who, other = _within(ratings, ["judge"]), _within(ratings, besides)
    rows = np.hstack([who, other])
    rank = len(target_names) + _rank(rows)
    levels = sum(ratings[name].nunique() - 1 for name in besides)
    alike = np.eye(len(judge_names))
    for a, b in combinations(range(len(judge_names)), 2):
        contrast = np.zeros((1, rows.shape[1]))
        contrast[0, [a, b]] = 1, -1
        alike[a, b] = _rank(np.vstack([rows, contrast])) == _rank(rows)
    sets, of_set = connected_components(alike, directed=False)
    comparable = tuple(tuple(map(str, judge_names[of_set == n])) for n in range(sets))
    return Design(components, rank, max(0, size - 1) + levels, comparable)


def _within(ratings: pd.DataFrame, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """One column for each level of ``names``, less its mean in the row's target: what the targets leave to explain.

    The rank of target + these columns is the number of targets + the rank of this, so no matrix is as wide as targets.
    """
    if not names:
        return np.empty((len(ratings), 0))
    columns = [pd.get_dummies(pd.Categorical(ratings[n], ratings[n].unique()), dtype=float) for n in names]
    levels = pd.concat(columns, axis=1)
    return np.asarray(levels - levels.groupby(ratings["target"].to_numpy()).transform("mean"), float)


def _rank(matrix: npt.NDArray[np.float64]) -> int:
    return int(np.linalg.matrix_rank(matrix)) if matrix.size else 0


@dataclass(frozen=True, slots=True)
class Severity:
    """How far apart judges are, from targets that two or more of them rated.

    effects: by judge, above or below the mean of the judges. differences: judge, other, difference (judge minus other,
    never negative), low, high (95 % interval). targets: how many were used. residual: variance of a judgement about
    what target and judge explain.
    """

    effects: pd.Series
    differences: pd.DataFrame
    targets: int
    residual: float


def severity(ratings: pd.DataFrame, besides: Sequence[str] = ()) -> Severity:
    """Compare the judges: a mixed model by REML, judges (and ``besides``) fixed, targets random.

    Only targets with two judges or more are used: the others tell of a judge only if targets were dealt out by lot.
    The interval takes a t value with the degrees of freedom of the same model with fixed targets; for two judges and
    no ``besides`` it is that of the paired t test. NotIdentifiable when any two judges cannot be compared, NoEstimate
    when no degree of freedom is left or the fit does not settle.
    """
    linked = ratings[ratings.groupby("target")["judge"].transform("nunique") > 1]
    found = design(linked, besides)
    if not found.identifiable or set(linked["judge"]) != set(ratings["judge"]):
        raise NotIdentifiable(design(ratings, besides))
    freedom = len(linked) - found.rank
    if freedom < LEAST_FREEDOM:
        raise NoEstimate(f"共同评过的只有{linked['target'].nunique()}个，太少")
    from scipy.special import stdtrit
    from statsmodels.regression.mixed_linear_model import MixedLM

    who = pd.get_dummies(linked["judge"], dtype=float)
    others = [pd.get_dummies(linked[name], drop_first=True, dtype=float) for name in besides]
    exog = pd.concat([who, *others], axis=1).to_numpy()
    fit = _settled(MixedLM(linked["rating"].to_numpy(float), exog, groups=linked["target"].to_numpy()))
    levels = pd.Series(fit.fe_params[: who.shape[1]], index=who.columns)
    spread = np.asarray(fit.cov_params())[: len(levels), : len(levels)]
    value = float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
    rows = []
    for a, b in combinations(range(len(levels)), 2):
        high, low = (a, b) if levels.iloc[a] >= levels.iloc[b] else (b, a)
        apart = levels.iloc[high] - levels.iloc[low]
        half = value * float(np.sqrt(spread[a, a] + spread[b, b] - 2 * spread[a, b]))
        rows.append((levels.index[high], levels.index[low], apart, apart - half, apart + half))
    differences = pd.DataFrame(rows, columns=["judge", "other", "difference", "low", "high"])
    return Severity(levels - levels.mean(), differences, linked["target"].nunique(), float(fit.scale))


def residual_variance(ratings: pd.DataFrame, besides: Sequence[str] = ()) -> tuple[float, int]:
    """The variance of ratings about what target, judge and ``besides`` explain (all fixed), and its degrees of freedom.

    It says nothing of one judge against another, so the design need not be connected. NaN without a degree of freedom.
    """
    rest = ratings["rating"] - ratings.groupby("target")["rating"].transform("mean")
    rows = _within(ratings, ["judge", *besides])
    freedom = len(ratings) - ratings["target"].nunique() - _rank(rows)
    if freedom < 1:
        return float("nan"), 0
    y = rest.to_numpy(float)
    left = y - rows @ np.linalg.lstsq(rows, y)[0]
    return float(left @ left) / freedom, freedom


def joint_needed(variance: float, half_width: float) -> int:
    """How many targets two judges must both rate for the 95 % interval of their difference to be ± ``half_width``.

    Paired t interval; ``variance`` is that of a single judgement (see ``residual_variance``), taken as known.
    """
    from scipy.special import stdtrit  # the t quantile without the second that importing scipy.stats takes

    count = LEAST_JOINT
    while stdtrit(count - 1, (1 + CONFIDENCE) / 2) * np.sqrt(2 * variance / count) > half_width:
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of targets, judges and the rest, with both targets and judges random, by REML.

    criterion: the REML criterion (−2 × restricted log-likelihood). targets, judges: their predicted effects (BLUPs).
    """

    target: float
    judge: float
    residual: float
    criterion: float
    targets: pd.Series
    judges: pd.Series


def variance_components(ratings: pd.DataFrame) -> Components:
    """Crossed random effects of targets and judges.

    NotIdentifiable when the design falls apart: a program would print predictions even then, but they rest on the
    supposition that the judges' targets are equally good. NoEstimate when the fit does not settle.
    """
    found = design(ratings)
    if not found.identifiable:
        raise NotIdentifiable(found)
    from statsmodels.regression.mixed_linear_model import MixedLM

    codes, names = {}, {}
    for part in ("target", "judge"):
        codes[part], names[part] = pd.factorize(ratings[part], sort=True)
    frame = pd.DataFrame({**codes, "rating": ratings["rating"].to_numpy(float), "whole": 1})
    parts = {part: f"0 + C({part})" for part in names}
    fit = _settled(MixedLM.from_formula("rating ~ 1", frame, groups="whole", re_formula="0", vc_formula=parts))
    variance = dict(zip(sorted(parts), fit.vcomp, strict=True))
    effects = {
        part: pd.Series([fit.random_effects[1][f"{part}[C({part})[{n}]]"] for n in range(len(levels))], index=levels)
        for part, levels in names.items()
    }
    return Components(
        float(variance["target"]), float(variance["judge"]), float(fit.scale), float(-2 * fit.llf),
        effects["target"], effects["judge"],
    )  # fmt: skip


def intraclass(ratings: pd.DataFrame, wanted: str = "123") -> pd.Series:
    """Intraclass correlations ICC(1,1) … ICC(3,k) of Shrout & Fleiss 1979, from variances estimated by REML.

    Only targets that every judge rated once count. Form 1 takes judges as interchangeable, form 2 as drawn from many
    (agreement), form 3 as the only ones (consistency); k is the mean of all judges. ``wanted`` names the forms. A form
    whose fit does not settle is NaN, and all are with fewer than 2 judges or 3 such targets.
    """
    table = ratings.pivot_table(index="target", columns="judge", values="rating").dropna()
    k = table.shape[1]
    forms: dict[str, tuple[float, float]] = {}
    if k > 1 and len(table) > 2:
        complete = table.reset_index().melt("target", value_name="rating")
        ways: Mapping[str, Callable[[pd.DataFrame], tuple[float, float]]] = {"1": _one_way, "2": _two_way, "3": _mixed}
        for form in wanted:
            try:
                forms[form] = ways[form](complete)
            except NoEstimate:
                continue
    values = {}
    for size, name in ((1, "1"), (k, "k")):
        for form in wanted:
            between, rest = forms.get(form, (np.nan, np.nan))
            values[f"ICC({form},{name})"] = between / (between + rest / size)
    return pd.Series(values, dtype=float)


def _one_way(complete: pd.DataFrame) -> tuple[float, float]:
    from statsmodels.regression.mixed_linear_model import MixedLM

    model = MixedLM(complete["rating"].to_numpy(float), np.ones((len(complete), 1)), groups=complete["target"])
    fit = _settled(model)
    return float(np.asarray(fit.cov_re)[0, 0]), float(fit.scale)


def _two_way(complete: pd.DataFrame) -> tuple[float, float]:
    parts = variance_components(complete)
    return parts.target, parts.judge + parts.residual


def _mixed(complete: pd.DataFrame) -> tuple[float, float]:
    from statsmodels.regression.mixed_linear_model import MixedLM

    exog = pd.get_dummies(complete["judge"], dtype=float).to_numpy()
    fit = _settled(MixedLM(complete["rating"].to_numpy(float), exog, groups=complete["target"]))
    return float(np.asarray(fit.cov_re)[0, 0]), float(fit.scale)


def _settled(model: Any) -> Any:
    """The REML fit. NoEstimate when it gives any warning: a variance on its bound, a search without an end."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            fit = model.fit(reml=True, method="bfgs", gtol=1e-7)
        except np.linalg.LinAlgError as singular:
            raise NoEstimate("估计不稳定") from singular
    if said:
        raise NoEstimate("估计不稳定")
    return fit
