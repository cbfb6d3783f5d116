"""Which of the declared uncertainties moves the ranks (or the grades) of a class most: Sobol indices of a few factors.

Nothing here changes a rank. The factors are assumed, and are printed with the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from analytics.analysis.decomposition import EXACT, Decomposition, decompose, places
from analytics.analysis.ranks import MISJUDGED
from analytics.analysis.sobol import WIDE, Factor, Floats, Model, SobolIndices, sobol
from analytics.analysis.wording import Sentence, amount, listed, percent
from analytics.listing import Listing
from analytics.policy import GradeBand
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

Outcome = Literal["ranks", "grades"]
OUTCOMES: Mapping[Outcome, str] = {"ranks": "名次平均变动（名）", "grades": "等级变动的单位数（个）"}
DRAWS, SEED = 2048, 2020
# Assumed, since no source measures them: a theme's points may be a fifth more or less, grade bounds a point.
WEIGHT_SPREAD, BOUND_SPREAD = 0.2, 1.0
SCENARIOS = 512  # ways, drawn beforehand, in which all marks of a theme may have been misjudged
WEIGHT, JUDGEMENT, BOUNDS = "weight", "judgement", "bounds"


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One class in one year. Units that await a decision are in ``left_out``.

    outcome: ranks, the mean number of places by which the units' ranks differ from the official ones; grades, the
    number of units whose grade by points differs. factors, draws, seed: as declared. indices: see ``SobolIndices``;
    None where fewer than two units have a total.
    """

    year: int
    kind: UnitKind
    outcome: Outcome
    factors: tuple[Factor, ...]
    draws: int
    seed: int
    indices: SobolIndices | None
    left_out: tuple[str, ...]
    sentence: Sentence

    @property
    def rows(self) -> pd.DataFrame:
        """The indices, the factor with the largest total first; empty when nothing can be said."""
        if self.indices is None or not self.indices.variance:
            return pd.DataFrame(columns=["factor", "label"])
        return self.indices.rows.sort_values("total", ascending=False, kind="stable", ignore_index=True)

    @property
    def shown(self) -> Listing:
        """The indices as they are printed, above what each factor was assumed to be."""
        rows = (
            (row["label"], *(_with_interval(row, order) for order in ("first", "total")))
            for row in self.rows.to_dict("records")
        )
        header = ("因素", "单独解释（95%区间）", "连同交互（95%区间）")
        return replace(Listing.of(header, rows, notes=[self.declared]), empty="（没有变动，无从分解。）")

    @property
    def declared(self) -> Sentence:
        """The declaration as it is printed."""
        if not self.factors:
            return Sentence("没有声明任何因素。")
        alike: dict[str, list[str]] = {}
        for factor in self.factors:
            alike.setdefault(factor.says, []).append(factor.label)
        said = "；".join(f"{'、'.join(labels)}（{says}）" for says, labels in alike.items())
        return Sentence(f"声明的因素有{len(self.factors)}个，均为假定：{said}。{_sampling(self)}。")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return replace(self.shown, notes=(self.sentence, self.declared))._repr_mimebundle_()


def assumed_uncertainty(tables: ScoreTables, year: int, kind: str, outcome: Outcome = "ranks") -> tuple[Factor, ...]:
    """The usual factors of a class: for each theme its weight and its judgement; for grades the bounds as well."""
    apart = decompose(tables, year, kind)
    themes = apart.items.drop_duplicates("theme").set_index("theme")["theme_name"]
    weight = f"分值上下浮动至多{amount(100 * WEIGHT_SPREAD)}%"
    judged = f"条目各有{amount(100 * MISJUDGED)}%的可能高评或低评一档，事先抽好{SCENARIOS}种情形，每次取1种"
    low, high = 1 - WEIGHT_SPREAD, 1 + WEIGHT_SPREAD
    factors = [Factor(f"{WEIGHT}:{theme}", f"“{name}”的分值", weight, low, high) for theme, name in themes.items()]
    factors += [Factor(f"{JUDGEMENT}:{theme}", f"“{name}”的评判", judged, 0.0, 1.0) for theme, name in themes.items()]
    if outcome == "grades":
        said = f"各等级分数线一同上下移动，至多{amount(BOUND_SPREAD)}分"
        factors.append(Factor(BOUNDS, "分数线", said, -BOUND_SPREAD, BOUND_SPREAD))
    return tuple(factors)


def sensitivity(
    tables: ScoreTables,
    year: int,
    kind: str,
    bands: Sequence[GradeBand],
    steps: Mapping[str, float],
    factors: Sequence[Factor],
    outcome: Outcome = "ranks",
    draws: int = DRAWS,
    seed: int = SEED,
) -> Sensitivity:
    """First-order and total Sobol indices of ``factors`` for what becomes of the class.

    factors are told apart by name: ``weight:<theme>`` multiplies the theme's points, ``judgement:<theme>`` chooses
    among drawn misjudgements of its marks, ``bounds`` shifts the grade bounds. What has no factor is sure. ValueError
    when one is declared and not used: no such theme, or bounds where ranks are asked. steps: item → size of a step of
    judgement in points; see ``smallest_steps``. Refused when the class has no cards in ``year``.
    Source: Saltelli et al. 2008, ch. 4; OECD Handbook 2008, step 7.
    """
    apart = decompose(tables, year, kind)
    found = None
    if len(apart.units) > 1:
        if lacking := sorted(set(apart.items.index) - set(steps)):
            raise ValueError(f"items without a step: {', '.join(lacking)}")
        model = _class_model(apart, bands, steps, {factor.name for factor in factors}, outcome, seed)
        found = sobol(model, factors, draws, seed)
    declared = tuple(factors)
    bare = Sensitivity(year, apart.kind, outcome, declared, draws, seed, found, apart.left_out, Sentence(""))
    return Sensitivity(year, apart.kind, outcome, declared, draws, seed, found, apart.left_out, _sentence(bare))


def _class_model(
    apart: Decomposition,
    bands: Sequence[GradeBand],
    steps: Mapping[str, float],
    declared: set[str],
    outcome: Outcome,
    seed: int,
) -> Model:
    """From drawn factors to the outcome. Everything is summed by theme beforehand, so a draw costs units × themes."""
    full = apart.items["full_marks"].to_numpy(float)
    rates = apart.rates.to_numpy(float)
    asked, earned = np.where(np.isnan(rates), 0.0, full), np.nan_to_num(rates) * full
    step = np.array([steps[item] for item in apart.items.index]) / full
    of_theme = {str(theme): (apart.items["theme"] == theme).to_numpy() for theme in apart.items["theme"].unique()}
    misjudged = {
        theme: _scenarios(rates[:, here], step[here], full[here], np.random.default_rng([seed, place]))
        for place, (theme, here) in enumerate(of_theme.items())
        if f"{JUDGEMENT}:{theme}" in declared
    }
    ranks = apart.units["rank"].to_numpy(int)
    bounds = np.array([float(band.least) for band in bands if band.least])
    grades = _grades(apart.units["total"].to_numpy(float), bounds, np.zeros(1))

    def outcome_of(drawn: Mapping[str, Floats]) -> Floats:
        length = len(next(iter(drawn.values())))
        got, whole = np.zeros((length, len(rates))), np.zeros((length, len(rates)))
        for theme, here in of_theme.items():
            points = np.broadcast_to(earned[:, here].sum(axis=1), got.shape)
            if theme in misjudged:
                picked = np.minimum((drawn[f"{JUDGEMENT}:{theme}"] * SCENARIOS).astype(int), SCENARIOS - 1)
                points = points + misjudged[theme][picked]
            weight = drawn[f"{WEIGHT}:{theme}"][:, None] if f"{WEIGHT}:{theme}" in declared else 1.0
            got += weight * points
            whole += weight * asked[:, here].sum(axis=1)
        totals = apart.full_marks * got / whole + apart.outside.to_numpy(float)
        if outcome == "ranks":
            return np.asarray(np.abs(places(totals).astype(int) - ranks).mean(axis=1))
        shift = drawn[BOUNDS] if BOUNDS in declared else np.zeros(length)
        return np.asarray((_grades(totals, bounds, shift) != grades).sum(axis=1), dtype=float)

    return outcome_of


def _scenarios(rates: Floats, step: Floats, full: Floats, draw: np.random.Generator) -> Floats:
    """Scenario × unit: the points by which a theme was misjudged; marks stay between nothing and full."""
    chance = draw.random((SCENARIOS, *rates.shape))
    up, down = np.minimum(rates + step, 1) - rates, np.maximum(rates - step, 0) - rates
    change = np.where(chance < MISJUDGED / 2, up, np.where(chance >= 1 - MISJUDGED / 2, down, 0.0))
    return np.asarray(np.nan_to_num(change) @ full)


def _grades(totals: Floats, bounds: Floats, shift: Floats) -> np.ndarray:
    """How many of the shifted ``bounds`` each total reaches."""
    moved = (bounds + shift[:, None])[:, None, :]
    return np.asarray((totals.round(EXACT)[..., None] >= moved.round(EXACT)).sum(axis=-1))


def _with_interval(row: Mapping[str, float], order: str) -> str:
    return f"{percent(row[order])}（{percent(row[f'{order}_low'])}至{percent(row[f'{order}_high'])}）"


def _sampling(found: Sensitivity) -> str:
    asked = found.draws * (len(found.factors) + 2)
    return f"抽样{found.draws}组，共推算{asked}次，随机种子{found.seed}"


def _sentence(found: Sensitivity) -> Sentence:
    label, indices = OUTCOMES[found.outcome].partition("（")[0], found.indices
    if indices is None:
        said = f"有总分的{found.kind.label()}不到2个，谈不上名次和等级的变动"
    elif not indices.variance:
        said = f"在声明的{len(found.factors)}个因素的范围内，{found.kind.label()}的{label}始终为0，没有哪个因素有影响"
    elif not indices.stable:
        said = f"{found.kind.label()}的{label}（平均{amount(indices.mean)}{_counted(found)}）受哪个因素影响大还分不清："
        said += f"95%区间最宽达{percent(indices.widest)}，超过{percent(WIDE)}，抽样偏少或变动太少。{_sampling(found)}"
    else:
        said = _ordered(found, indices, label)
    if found.left_out:
        said += f"；{listed(found.left_out)}有条目待裁定，未列入"
    return Sentence(said + "。正式名次和等级不因此改变。")


def _ordered(found: Sensitivity, indices: SobolIndices, label: str) -> str:
    rows = found.rows
    top = rows.iloc[0]
    said = f"在声明的{len(rows)}个因素里，{found.kind.label()}的{label}（平均{amount(indices.mean)}{_counted(found)}）"
    said += f"受{top['label']}影响最大，连同交互解释其方差的{_with_interval(top, 'total')}"
    said += f"；其次是{rows.iloc[1]['label']}（{percent(rows.iloc[1]['total'])}）"
    alone = indices.rows["first"].clip(lower=0).sum()
    said += f"；各因素单独解释的合计{percent(min(alone, 1.0))}，其余来自因素之间的交互"
    return f"{said}。{_sampling(found)}"


def _counted(found: Sensitivity) -> str:
    """What the outcome is counted in: 名 or 个."""
    return OUTCOMES[found.outcome][-2]
