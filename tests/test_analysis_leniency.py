from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from score_frames import NAMES, PREFIX, made_up
from test_figures import IMPRINT, assert_nothing_is_cut, boxes, figures_of

from analytics.analysis.agreement import (
    NoEstimate,
    NotIdentifiable,
    design,
    intraclass,
    joint_needed,
    residual_variance,
    severity,
    variance_components,
)
from analytics.analysis.leniency import Leniency, leniency
from analytics.figures.leniency import visits_chart
from analytics.problems import Refused
from analytics.store import ScoreTables

PUBLISHED = Path(__file__).with_name("cases") / "published" / "shrout_fleiss_1979.csv"
EXPECTED = yaml.safe_load(PUBLISHED.with_suffix(".yaml").read_text(encoding="utf-8"))
FIRST, SECOND, THIRD = "第一组", "第二组", "第三组"
YEARS = (2018, 2019, 2020)
Plan = Mapping[tuple[int, int], Sequence[str]]
APART: Plan = {(unit, year): [FIRST if unit % 2 else SECOND] for unit in range(1, 11) for year in YEARS}


def shrout_fleiss_1979() -> pd.DataFrame:
    table = pd.read_csv(PUBLISHED, dtype={"target": str})
    return table.melt("target", var_name="judge", value_name="rating")


def taken_apart() -> pd.DataFrame:
    """Each pair of judges with its own half of the targets, as two inspection groups with their own streets."""
    ratings = shrout_fleiss_1979()
    early = ratings["target"].isin(["1", "2", "3"])
    return ratings[early == ratings["judge"].isin(["judge 1", "judge 2"])]


def made_up_ratings(targets: int, apart: float, seed: int, judges: Iterable[str] = "AB") -> pd.DataFrame:
    """Every target rated by every judge, each judge ``apart`` points above the one before."""
    draw = np.random.default_rng(seed)
    rows = []
    for target in range(targets):
        level = draw.normal(60, 12)
        rows += [(f"T{target}", judge, level + n * apart + draw.normal(0, 5)) for n, judge in enumerate(judges)]
    return pd.DataFrame(rows, columns=["target", "judge", "rating"])


def inspected(
    plan: Plan,
    stricter: float = 0.0,
    kind: str = "street_town",
    seed: int = 0,
    items: int = 24,
    campaigns: Iterable[int] = (),
    strict: str = SECOND,
) -> ScoreTables:
    """Score tables whose findings come from the visits in ``plan``: unit number and year → groups.

    Units have problems on 30 to 60 % of the items; the ``strict`` group reports one on a ``stricter`` share more.
    """
    draw = np.random.default_rng(seed)
    levels = {number: draw.uniform(0.3, 0.6) for number in range(1, len(NAMES[kind]) + 1)}
    visited = [(unit, year, "onsite", group) for (unit, year), groups in plan.items() for group in groups]
    visited += [(unit, year, "special", "专项督查") for (unit, year) in plan if unit in set(campaigns)]
    rows = []
    for unit, year, channel, group in visited:
        found = draw.random(items) < levels[unit] + stricter * (group == strict)
        who = {"unit": f"{PREFIX[kind]}{unit:02d}", "unit_name": NAMES[kind][unit - 1], "kind": kind, "year": year}
        rows += [
            who | {"item": f"i{n}", "channel": channel, "group": group, "rule": "1" if problem else ""}
            for n, problem in enumerate(found)
        ]
    return replace(made_up((kind,)), findings=pd.DataFrame(rows))


def joint(units: Iterable[int], year: int = 2020) -> Plan:
    return {**APART, **{(unit, year): [FIRST, SECOND] for unit in units}}


def signed_difference(found: Leniency) -> tuple[float, float, float]:
    """How much more the second group finds than the first, with the interval."""
    row = found.estimates[0].differences.iloc[0]
    turned = -1 if row["judge"] == FIRST else 1
    low, high = sorted((turned * row["low"], turned * row["high"]))
    return turned * row["difference"], low, high


# ---- published


def test_shrout_fleiss_1979_judges_minus_the_grand_mean() -> None:
    assert severity(shrout_fleiss_1979()).effects.to_list() == pytest.approx(
        EXPECTED["judge_minus_grand_mean"], abs=5e-5
    )


def test_shrout_fleiss_1979_variances_and_predictions_of_lme4() -> None:
    found = variance_components(shrout_fleiss_1979())
    assert {n: getattr(found, n) for n in EXPECTED["variances"]} == pytest.approx(EXPECTED["variances"], abs=1e-5)
    assert found.criterion == pytest.approx(EXPECTED["criterion"], abs=5e-5)
    assert found.judges.to_list() == pytest.approx(EXPECTED["judge_blups"], abs=1e-4)
    assert found.targets.to_list() == pytest.approx(EXPECTED["target_blups"], abs=1e-4)


def test_shrout_fleiss_1979_six_intraclass_correlations() -> None:
    assert intraclass(shrout_fleiss_1979()).to_dict() == pytest.approx(EXPECTED["intraclass"], abs=5e-5)


def test_shrout_fleiss_1979_taken_apart_is_refused_although_lme4_prints_predictions() -> None:
    found = design(taken_apart())
    numbers = {"components": len(found.components), "rank": found.rank, "full_rank": found.full_rank}
    assert numbers == EXPECTED["taken_apart"]
    assert found.comparable == (("judge 1", "judge 2"), ("judge 3", "judge 4"))
    for model in (severity, variance_components):
        with pytest.raises(NotIdentifiable, match=r"judge 1\+judge 2; judge 3\+judge 4 \(rank 8 of 9\)"):
            model(taken_apart())


def test_one_shared_target_joins_what_was_taken_apart() -> None:
    link = pd.DataFrame([("1", "judge 3", 5)], columns=["target", "judge", "rating"])
    found = design(pd.concat([taken_apart(), link]))
    assert (len(found.components), found.rank, found.identifiable) == (1, 9, True)


# ---- the design


pairs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=14)


@given(pairs)
@settings(deadline=None)
def test_the_rank_is_targets_and_judges_less_the_islands(rated: list[tuple[int, int]]) -> None:
    ratings = pd.DataFrame(rated, columns=["target", "judge"]).astype(str).assign(rating=1.0)
    found = design(ratings)
    islands = len(found.components)
    assert found.rank == ratings["target"].nunique() + ratings["judge"].nunique() - islands
    assert sorted(found.comparable) == sorted(tuple(part.judges) for part in found.components)


@given(pairs)
@settings(deadline=None)
def test_the_rank_is_that_of_the_written_out_design_with_years(rated: list[tuple[int, int]]) -> None:
    ratings = pd.DataFrame(rated, columns=["target", "judge"]).astype(str).assign(rating=1.0)
    ratings["year"] = [2018 + n % 3 for n in range(len(ratings))]
    written_out = pd.get_dummies(ratings[["target", "judge", "year"]].astype(str), dtype=float)
    assert design(ratings, ["year"]).rank == np.linalg.matrix_rank(written_out.to_numpy())


def test_judges_who_change_places_only_with_the_year_cannot_be_told_from_it() -> None:
    rows = [(f"T{n}", "A" if year == 2018 else "B", year, 1.0) for n in range(5) for year in (2018, 2019)]
    ratings = pd.DataFrame(rows, columns=["target", "judge", "year", "rating"])
    assert design(ratings).identifiable
    assert not design(ratings, ["year"]).identifiable


# ---- differences


@pytest.mark.parametrize("seed", range(3))
def test_for_two_judges_the_interval_is_that_of_the_paired_t_test(seed: int) -> None:
    ratings = made_up_ratings(8, 6, seed)
    table = ratings.pivot_table(index="target", columns="judge", values="rating")
    row = severity(ratings).differences.iloc[0]
    expected = stats.ttest_rel(table[row["judge"]], table[row["other"]]).confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx(tuple(expected), rel=1e-3)


def test_the_interval_covers_the_true_difference_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(60):
        row = severity(made_up_ratings(6, 6, seed)).differences.iloc[0]
        low, high = (row["low"], row["high"]) if row["judge"] == "B" else (-row["high"], -row["low"])
        covered += low <= 6 <= high
    assert 53 <= covered <= 60


def test_targets_of_a_single_judge_tell_nothing_of_the_difference() -> None:
    ratings = made_up_ratings(6, 6, seed=1)
    more = pd.DataFrame([("X", "A", 5.0), ("Y", "B", 95.0)], columns=ratings.columns)
    pd.testing.assert_frame_equal(severity(pd.concat([ratings, more])).differences, severity(ratings).differences)


def test_a_fit_that_does_not_settle_gives_no_difference_and_no_warning() -> None:
    rows = [(f"T{n}", judge, 50.0 + shift) for n in range(4) for judge, shift in (("A", 0), ("B", 5))]
    with pytest.raises(NoEstimate, match="不稳定"):
        severity(pd.DataFrame(rows, columns=["target", "judge", "rating"]))


def test_two_shared_targets_are_too_few_for_an_interval() -> None:
    with pytest.raises(NoEstimate, match="只有2个"):
        severity(made_up_ratings(2, 6, seed=1))


def test_the_residual_variance_of_a_design_that_falls_apart_is_known_even_so() -> None:
    rows = [(f"T{n}", "A" if n % 2 else "B", year, 50.0 + n + year) for n in range(60) for year in YEARS]
    ratings = pd.DataFrame(rows, columns=["target", "judge", "year", "rating"])
    assert residual_variance(ratings, ["year"]) == (pytest.approx(0.0, abs=1e-9), 180 - 60 - 2)
    ratings["rating"] += np.random.default_rng(1).normal(0, 4, len(ratings))
    assert residual_variance(ratings, ["year"])[0] == pytest.approx(16, rel=0.3)


def test_as_many_joint_visits_as_the_half_width_needs_and_no_more() -> None:
    """Paired t interval: t(n - 1) * sqrt(2 * variance / n)."""
    count = joint_needed(100.0, 10.0)
    halves = [stats.t.ppf(0.975, n - 1) * np.sqrt(200 / n) for n in (count - 1, count)]
    assert halves[1] <= 10.0 < halves[0]


# ---- the office's groups


def test_groups_with_units_of_their_own_are_not_compared_and_the_islands_are_named() -> None:
    found = leniency(inspected(APART), 2020, "street_town")
    assert found.sentence.startswith(
        "2018—2020年度街道镇的巡查组有第一组、第二组，分成互不相连的2片：第一组只去曹杨新村街道、"
    )
    assert "所以不能比较，也不给出组间数字" in found.sentence
    assert found.sentence.endswith("不改变任何得分、名次和等级。")
    assert [(row[1], row[2]) for row in found.shown.rows] == [(FIRST, "5"), (SECOND, "5")]
    assert found.shown_differences.rows == ()
    assert (len(found.differences), found.estimates, found.campaigns) == (0, (), None)


def test_when_not_identifiable_nothing_depends_on_what_a_group_found() -> None:
    """So nothing that could be held against the other group can be in the result."""
    mild, harsh = (leniency(inspected(APART, more), 2020, "street_town") for more in (0.0, 0.4))
    for name in ("sentence", "shown", "shown_differences", "campaigns_sentence", "design"):
        assert getattr(mild, name) == getattr(harsh, name), name
    pd.testing.assert_frame_equal(mild.visits, harsh.visits)
    assert list(mild.visits) == ["unit", "unit_name", "year", "group"]
    assert visits_chart(mild, IMPRINT).svg == visits_chart(harsh, IMPRINT).svg


def test_it_says_how_many_joint_visits_would_do() -> None:
    found = leniency(inspected(APART), 2020, "street_town")
    needed = found.needed.set_index("half_width")["units"]
    assert needed.is_monotonic_increasing
    assert found.needed_sentence.startswith(
        "至少安排1个单位由不同的组在同一年都去巡查，各组才连得起来；要算得出区间，至少3个。"
    )
    assert (
        f"±10个百分点（约合总分±{found.needed['points'][1]:.1f}分），两组都要去的单位约需{needed[10.0]}个"
        in found.needed_sentence
    )
    assert needed.max() > 10
    assert found.needed_sentence.endswith(
        "被巡查的单位只有10个，一年凑不够的，几年的共同巡查可以累计（每个单位每年算一个）。"
    )


def test_one_year_is_enough_to_refuse_but_not_to_say_how_many_visits_a_precision_takes() -> None:
    found = leniency(inspected(APART), 2018, "street_town")
    assert found.sentence.startswith("2018年度街道镇的巡查组有")
    assert len(found.visits) == 10
    assert found.needed.empty
    assert "估计不出一次巡查自身的波动" in found.needed_sentence


def test_a_spread_known_from_too_few_visits_is_not_used() -> None:
    few: Plan = {(unit, year): [FIRST if unit % 2 else SECOND] for unit in range(1, 5) for year in (2019, 2020)}
    assert leniency(inspected(few), 2020, "street_town").needed.empty  # 8 visits less 4 units and 1 year: 3


def test_points_are_what_a_finding_rate_has_cost_on_site() -> None:
    tables = inspected(APART)
    found = tables.findings.assign(problem=tables.findings["rule"] != "")
    rates = 100 * found.groupby(["unit", "year"])["problem"].mean()
    needed = leniency(tables, 2020, "street_town").needed
    expected = needed["half_width"] * tables.losses["points"].sum() / rates.sum()
    assert needed["points"].to_list() == pytest.approx(expected.to_list())


def test_joint_visits_give_a_difference_that_covers_the_true_one() -> None:
    plan = {(unit, year): [FIRST, SECOND] for unit in range(1, 11) for year in YEARS}
    for seed in range(3):
        found = leniency(inspected(plan, 0.2, seed=seed), 2020, "street_town")
        difference, low, high = signed_difference(found)
        assert low <= 20 <= high
        assert 0 < low < difference < high < 40
        assert f"第二组的查出率比第一组高{difference:.1f}个百分点" in found.sentence
        assert "第一组较宽" in found.sentence
        assert found.estimates[0].units == 30


def test_groups_that_are_alike_are_not_called_lenient() -> None:
    found = leniency(inspected(joint(range(1, 9))), 2020, "street_town")
    assert "区间包含0，不能说哪个组较宽" in found.sentence


def test_only_items_that_both_groups_checked_are_held_against_each_other() -> None:
    tables = inspected(joint(range(1, 9)), 0.2)
    more = tables.findings[(tables.findings["group"] == FIRST) & (tables.findings["year"] == 2020)]
    easy = more.assign(item="only the first group's " + more["item"], rule="")
    both = replace(tables, findings=pd.concat([tables.findings, easy], ignore_index=True))
    one, other = (leniency(t, 2020, "street_town").estimates for t in (tables, both))
    pd.testing.assert_frame_equal(one[0].differences, other[0].differences)


def test_a_single_joint_visit_connects_and_still_gives_no_difference() -> None:
    found = leniency(inspected(joint([3])), 2020, "street_town")
    assert len(found.design.components) == 1
    assert found.differences.empty
    assert "有联系（同年共同巡查），但共同评过的只有1个，太少，不给出差异" in found.sentence


def test_exchanged_units_are_used_with_their_assumption() -> None:
    plan = {**APART, **{(unit, 2019): [SECOND if unit % 2 else FIRST] for unit in range(1, 11)}}
    found = leniency(inspected(plan, 0.25), 2020, "street_town")
    _, low, high = signed_difference(found)
    assert found.estimates[0].basis == "exchange"
    assert low <= 25 <= high
    assert "按换组巡查的10个单位（假定单位的水平各年度不变，只有共同的年度变化）" in found.sentence


def test_groups_that_all_changed_in_one_year_are_not_compared() -> None:
    plan = {(unit, year): [FIRST if year < 2020 else SECOND] for unit in range(1, 11) for year in YEARS}
    found = leniency(inspected(plan, 0.3), 2020, "street_town")
    assert found.differences.empty
    assert "换组和年度变化分不开，所以不能比较" in found.sentence


def test_of_three_groups_only_the_two_that_share_units_are_compared() -> None:
    plan = {(unit, year): [THIRD] if unit > 7 else [FIRST, SECOND] for unit in range(1, 11) for year in YEARS}
    found = leniency(inspected(plan, 0.2), 2020, "street_town")
    assert found.differences[["judge", "other"]].to_numpy().tolist() == [[SECOND, FIRST]]
    assert f"{THIRD}与其他组没有联系，不能比较" in found.sentence


def test_special_inspections_are_a_yardstick_of_their_own_and_say_what_they_suppose() -> None:
    found = leniency(inspected(APART, 0.25, campaigns=range(1, 9)), 2020, "street_town")
    assert found.estimates == ()
    assert found.campaigns is not None
    row = found.campaigns.differences.iloc[0]
    assert (row["judge"], row["other"]) == (SECOND, FIRST)
    assert row["low"] <= 25 <= row["high"]
    assert "假定专项督查对各单位一样严" in found.campaigns_sentence
    assert "借专项督查作参照的估计另列，只在其假定成立时可信" in found.sentence


@pytest.mark.parametrize(("checked", "said"), [((), "没有一个条目"), ((1, 2, 3), "的单位只有3个")])
def test_too_few_shared_items_are_no_yardstick(checked: tuple[int, ...], said: str) -> None:
    found = leniency(inspected(APART, campaigns=checked), 2020, "street_town")
    assert found.campaigns is None
    assert said in found.campaigns_sentence


def test_a_blank_group_is_said_and_not_guessed() -> None:
    plan = {**APART, (2, 2019): [" "], **{(10, year): [""] for year in YEARS}}
    found = leniency(inspected(plan), 2020, "street_town")
    assert found.groups == (FIRST, SECOND)
    assert found.unvisited == ("桃浦镇",)
    assert "桃浦镇没有写明巡查组的记录；长风新村街道、桃浦镇有96条巡查记录没有写组名，未计入" in found.sentence


def test_a_single_group_has_none_to_be_compared_with() -> None:
    found = leniency(inspected({(unit, 2020): [FIRST] for unit in range(1, 11)}), 2020, "street_town")
    assert "都由第一组巡查，没有可以比较的巡查组" in found.sentence
    assert found.needed.empty


@pytest.mark.parametrize("kind", ["special_regulator", "industry_department"])
def test_a_class_that_no_group_visits_is_told_so(kind: str) -> None:
    for tables in (made_up((kind,)), replace(inspected(APART), cards=made_up((kind,)).cards)):
        found = leniency(tables, 2020, kind)
        assert found.sentence.startswith(f"没有2018—2020年度{found.kind.label()}现场巡查的记录")
        assert visits_chart(found, IMPRINT).alt.endswith("。")


def test_the_order_of_findings_does_not_matter() -> None:
    tables = inspected(joint(range(1, 9)), 0.2)
    turned = replace(tables, findings=tables.findings.sample(frac=1, random_state=1))
    one, other = (leniency(t, 2020, "street_town") for t in (tables, turned))
    assert one.sentence == other.sentence


def test_a_class_that_was_not_scored_is_refused() -> None:
    with pytest.raises(Refused, match="已有的年度"):
        leniency(inspected(APART), 2017, "street_town")


def test_a_notebook_shows_the_islands() -> None:
    found = leniency(inspected(APART), 2020, "street_town")
    assert found._repr_mimebundle_() == found.shown._repr_mimebundle_()


# ---- the chart


def drawable() -> list[Leniency]:
    long = {FIRST: "第一巡查组（安委办、消防支队、外聘专家）", SECOND: "第二巡查组（建管委、市场监管局、外聘专家）"}
    everyone: Plan = {(unit, year): [FIRST, SECOND, THIRD] for unit in range(1, 17) for year in YEARS}
    four: Plan = {(unit, 2020): [FIRST if unit % 2 else SECOND] for unit in range(1, 5)}
    named = {key: [long.get(group, group) for group in groups] for key, groups in joint(range(1, 9)).items()}
    blank: Plan = {**APART, **{(10, year): [""] for year in YEARS}}
    given: list[tuple[ScoreTables, str]] = [
        (inspected(APART), "street_town"),
        (inspected(blank, campaigns=range(1, 9)), "street_town"),
        (inspected(named, 0.2, strict=long[SECOND]), "street_town"),
        (inspected(everyone, 0.2, kind="special_regulator"), "special_regulator"),
        (inspected(four, kind="industry_department"), "industry_department"),
        (made_up(("industry_department",)), "industry_department"),
    ]
    return [leniency(tables, 2020, kind) for tables, kind in given]


def test_no_text_of_the_chart_is_cut_or_stands_on_another() -> None:
    for found in drawable():
        ((chart, fig),) = figures_of(lambda found=found: [visits_chart(found, IMPRINT)])
        assert_nothing_is_cut(fig)
        for (one, a), (other, b) in combinations(boxes(fig), 2):
            apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
            assert apart, f"{chart.alt}: {one!r} and {other!r}"


def test_the_second_panel_is_there_only_when_there_is_something_to_compare() -> None:
    panels = [len(figures_of(lambda found=f: [visits_chart(found, IMPRINT)])[0][1].axes) for f in drawable()]
    assert panels == [1, 2, 2, 2, 1, 1]
