from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd
import pytest
from score_frames import NAMES, made_up

from analytics.analysis.round_numbers import RoundNumbers, deductions_of, round_numbers, round_share
from analytics.rubric import (
    AllOrNothing,
    Award,
    BySeverity,
    Discretionary,
    Item,
    Measure,
    PerOccurrence,
    Ratio,
    Rubric,
    Rule,
    Threshold,
)
from analytics.store import ScoreTables
from analytics.units import UnitKind

Figure = tuple[str, str, str, float]  # unit_name, measure, channel, value
QUARTERS = PerOccurrence(id="1", kind="per_occurrence", on="缺1项", points=Decimal("0.25"), cap=Decimal(1))
FIFTHS = PerOccurrence(id="2", kind="per_occurrence", on="缺1次", points=Decimal("0.2"), cap=Decimal(1))
WHOLE = AllOrNothing(id="3", kind="all_or_nothing", on="未制定", points=Decimal(1))
FREE = Discretionary(id="4", kind="discretionary", on="不力", least=Decimal("0.1"), most=Decimal("0.5"))
FIXED = Ratio(
    id="5", kind="ratio", on="整改率", numerator="hazards_fixed", denominator="hazards_found", points=Decimal("0.1")
)


def item(*rules: Rule, name: str = "duty.study") -> Item:
    return Item(id=name, no="1", theme="t1", text="研究工作", full_marks=Decimal(4), rules=rules)


def rubric(*rules: Rule) -> Rubric:
    names = set(made_up(years=(2020,)).marks["item"])
    return Rubric(
        year=2020, id="street_town", title="", applies_to=(UnitKind.STREET_TOWN,), status="demonstration",
        reference="", themes=(), items=tuple(item(*rules, name=name) for name in sorted(names)),
        measures=tuple(
            Measure(id=name, label=label, counted_in="处", form="pledge_report")
            for name, label in (("hazards_found", "排查发现隐患数"), ("hazards_fixed", "已整改隐患数"))
        ),
    )  # fmt: skip


def taking_off(*points: float, name: str = "长征镇") -> ScoreTables:
    """Streets with full self-marks, but for one that took these points off its first items."""
    tables = made_up(years=(2020,))
    marks = tables.marks
    marks["self_mark"] = marks["full_marks"].astype(float)
    rows = marks.index[marks["unit_name"] == name][: len(points)]
    marks.loc[rows, "self_mark"] -= list(points)
    return tables


def reported(*figures: Figure) -> RoundNumbers:
    ids = {name: f"ST{n:02d}" for n, name in enumerate(NAMES["street_town"], 1)}
    rows = [
        {"unit": ids[n], "unit_name": n, "kind": "street_town", "year": 2020, "measure": m, "channel": c, "value": v}
        for n, m, c, v in figures
    ]
    tables = made_up(years=(2020,))
    tables = ScoreTables(**(vars(tables) | {"figures": pd.DataFrame(rows)}))
    return round_numbers(tables, 2020, "street_town", rubric(FIXED))


def rate(name: str, of: float, fixed: float | None = None, checked: Sequence[float] = ()) -> list[Figure]:
    own = [(name, "hazards_fixed", "self", of if fixed is None else fixed), (name, "hazards_found", "self", of)]
    measures = ("hazards_fixed", "hazards_found")
    return own + [(name, measure, "desk", value) for measure, value in zip(measures, checked, strict=False)]


@pytest.mark.parametrize(
    ("rule", "amounts"),
    [
        (QUARTERS, ["0.25", "0.50", "0.75", "1"]),
        (PerOccurrence(id="1", kind="per_occurrence", on="", points=Decimal(3)), ["3", "4"]),
        (WHOLE, ["1"]),
        (AllOrNothing(id="1", kind="all_or_nothing", on=""), ["4"]),
        (FREE, []),
        (Threshold(id="1", kind="threshold", on="", measure="m", at_least=Decimal(1), points=Decimal("0.3")), ["0.3"]),
        (Award(id="1", kind="award", on="", measure="m", points=Decimal("0.5"), cap=Decimal(1)), ["0.5", "1.0"]),
        (
            BySeverity(id="1", kind="by_severity", on="", levels={"迟报": Decimal(1), "瞒报": Decimal(4)}),
            ["1", "4"],
        ),
    ],
)
def test_what_a_clause_can_take_is_read_from_the_rubric(rule: Rule, amounts: list[str]) -> None:
    assert deductions_of(rule, item(rule)) == tuple(map(Decimal, amounts))


def test_what_to_expect_weighs_each_clause_the_same() -> None:
    assert round_share(item(QUARTERS)) == 0.5
    assert round_share(item(FIFTHS)) == 0.2
    assert round_share(item(QUARTERS, FIFTHS, WHOLE)) == pytest.approx((0.5 + 0.2 + 1) / 3)
    assert round_share(item(FREE)) == 1


def test_only_round_deductions_where_the_rubric_takes_fifths_are_worth_a_look() -> None:
    found = round_numbers(taking_off(0.5, 1, 0.5), 2020, "street_town", rubric(FIFTHS))
    row = found.units.iloc[0]
    assert (row["deductions"], row["round"], row["worth_a_look"]) == (3, 3, True)
    assert row["expected"] == pytest.approx(0.6)
    assert row["chance"] == pytest.approx(0.2**3)
    assert "长征镇值得看一看，因为自扣全是整分或半分" in found.deduction_sentence


@pytest.mark.parametrize(
    ("points", "rules"),
    [
        ((0.5, 1, 0.2), (FIFTHS,)),  # one is not round
        ((0.5, 1), (FIFTHS,)),  # too few
        ((0.5, 1, 0.5), (QUARTERS,)),  # one chance in eight
        ((0.5, 1, 0.5), (WHOLE,)),  # nothing finer was open
    ],
)
def test_otherwise_they_are_not(points: tuple[float, ...], rules: tuple[Rule, ...]) -> None:
    found = round_numbers(taking_off(*points), 2020, "street_town", rubric(*rules))
    assert not found.units["worth_a_look"].any()
    assert "值得看一看" not in found.deduction_sentence


def test_deductions_where_nothing_finer_was_open_are_not_counted() -> None:
    assert round_numbers(taking_off(0.5, 1, 0.5), 2020, "street_town", rubric(WHOLE)).units.empty


def test_a_blank_mark_is_no_deduction() -> None:
    found = round_numbers(taking_off(float("nan"), float("nan"), float("nan")), 2020, "street_town", rubric(FIFTHS))
    assert found.units.empty
    assert "没有单位在可以扣得更细的条目上给自己扣分" in found.deduction_sentence


def test_a_whole_rate_that_was_found_lower_is_worth_a_look() -> None:
    found = reported(*rate("长征镇", 1083, checked=(1077, 1083)), *rate("桃浦镇", 542, checked=(542, 542)))
    assert found.rates["worth_a_look"].to_list() == [True, False]
    assert found.shown_rates.rows == (
        ("长征镇", "已整改隐患数／排查发现隐患数", "1083／1083", "1077／1083", "值得看一看，因为核定后不到100%"),
    )
    assert "1处值得看一看，因为核定后不到100%（长征镇）" in found.rate_sentence


def test_a_round_whole_rate_is_worth_a_look_unless_the_office_counted_the_same() -> None:
    found = reported(*rate("长征镇", 100), *rate("桃浦镇", 100, checked=(100, 100)), *rate("万里街道", 130))
    assert found.rates.set_index("unit_name")["worth_a_look"].to_dict() == {
        "长征镇": True, "桃浦镇": False, "万里街道": False,
    }  # fmt: skip
    assert found.by_chance == pytest.approx(3 / 50)
    assert "值得看一看，因为逐处清点的数很少正好取整" in found.rate_sentence


def test_small_figures_and_rates_below_100_are_left_alone() -> None:
    assert reported(*rate("长征镇", 10), *rate("桃浦镇", 100, fixed=99)).rates.empty


def test_a_figure_that_was_not_filled_in_is_no_zero() -> None:
    nothing = float("nan")
    found = reported(*rate("长征镇", 100, checked=(nothing, 100)), *rate("桃浦镇", nothing))
    assert found.rates[["unit_name", "checked", "lower"]].to_numpy().tolist() == [["长征镇", "", False]]


@pytest.mark.parametrize("kind", NAMES)
def test_a_class_without_figures_and_with_an_undecided_unit_has_its_sentences(kind: str) -> None:
    found = round_numbers(made_up((kind,), (2020,), NAMES[kind][0]), 2020, kind, rubric(QUARTERS, FIFTHS))
    assert found.rate_sentence == "没有单位自报正好是100%的比率（分母在20以上的才看）。"
    assert found.deduction_sentence.endswith("。")
