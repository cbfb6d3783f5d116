from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_frames import NAMES, PREFIX, made_up
from test_figures import IMPRINT, assert_nothing_is_cut, boxes, figures_of

from analytics.analysis.exposure import AccidentRates, Exposures, accident_rates, poisson_interval
from analytics.figures.exposure import rates_chart
from analytics.problems import Refused
from analytics.rubric import Measure
from analytics.units import UnitRegistry
from analytics.workspace import REPOSITORY, Workspace

SHIPPED = Exposures.load(Workspace(REPOSITORY).context)
MEASURES = (
    Measure(id="accidents", label="生产安全事故起数", counted_in="起", form="accidents"),
    Measure(id="deaths", label="生产安全事故死亡人数", counted_in="人", form="accidents"),
    Measure(id="fires", label="火灾起数", counted_in="起", form="accidents"),
    Measure(id="fires_last_year", label="上年火灾起数", counted_in="起", form="accidents"),
)
FIRES = (16, 24, 21, 21, 24, 32, 23, 17, 32, 18)


def rates(
    kind: str = "street_town", fires: tuple[float, ...] = FIRES, exposures: Exposures = SHIPPED, synthetic: bool = True
) -> AccidentRates:
    """Accident rates of a class with these fires by unit id, two accidents and no death each; NaN: nothing stated."""
    tables = made_up((kind,), (2020,))
    tables.cards["synthetic"] = synthetic
    rows = [
        (f"{PREFIX[kind]}{number:02d}", name, kind, 2020, measure, channel, value)
        for number, (name, fire) in enumerate(zip(NAMES[kind], fires, strict=False), 1)
        for measure, channel, value in (
            ("accidents", "accident", 2.0),
            ("deaths", "accident", 0.0),
            ("fires", "accident", fire),
            ("fires_last_year", "accident", 99.0),
            ("fires", "self", 55.0),
        )
    ]
    columns = ["unit", "unit_name", "kind", "year", "measure", "channel", "value"]
    figures = pd.DataFrame(rows, columns=columns)
    return accident_rates(type(tables)(**(vars(tables) | {"figures": figures})), 2020, kind, MEASURES, exposures)


def of(found: AccidentRates, unit: str, measure: str) -> pd.Series:
    rows = found.rows
    return rows[(rows["unit_name"] == unit) & (rows["measure"] == measure)].iloc[0]


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0, 3.689), (1, 0.025, 5.572), (2, 0.242, 7.225), (10, 4.795, 18.390)]
)
def test_garwood_1936_limits_of_a_poisson_count(count: int, low: float, high: float) -> None:
    """Source: Garwood, Fiduciary Limits for the Poisson Distribution, Biometrika 28 (1936), 95 %."""
    found = poisson_interval(np.array([float(count)]))
    assert (found[0][0], found[1][0]) == pytest.approx((low, high), abs=5e-4)


@given(st.integers(0, 500))
def test_the_interval_holds_its_count_and_grows_with_it(count: int) -> None:
    low, high = poisson_interval(np.array([count, count + 1.0]))
    assert low[0] <= count <= high[0]
    assert low[0] < low[1]
    assert high[0] < high[1]


def test_a_rate_is_the_count_for_every_ten_thousand_employees() -> None:
    row = of(rates(), "宜川路街道", "fires")
    assert row["rate"] == pytest.approx(32 / 1.7)
    assert (row["low"], row["high"]) == pytest.approx((21.888 / 1.7, 45.174 / 1.7), abs=1e-3)
    assert row["beside"] == "above"


def test_two_cases_in_a_large_street_are_not_called_low() -> None:
    found = rates(fires=(*FIRES[:8], 2, 18))
    row = of(found, "长征镇", "fires")
    assert row["high"] < 1 < 3 < found.totals.set_index("measure").loc["fires", "rate"]
    assert row["beside"] == ""


def test_no_more_than_two_cases_are_never_compared() -> None:
    found = rates(fires=(0, 1, 2, 2, 2, 2, 3, 0, 0, 0))
    few = found.rows[found.rows["few"]]
    assert few["count"].max() == 2
    assert set(few["beside"]) == {""}
    assert "不超过2起的9个单位不作比较" in found.sentence
    assert "各单位都不超过2起，不作比较" in found.sentence  # of the accidents
    assert "只有0、1、2起（人）的共29处，标※" in found.caution
    assert found.shown.rows[0][2].startswith("2起※；0.91")


def test_units_stand_in_the_order_of_their_ids_and_have_no_rank() -> None:
    found = rates()
    assert [row[0] for row in found.shown.rows] == list(NAMES["street_town"])
    assert "rank" not in found.rows


def test_it_says_that_the_denominator_is_real_and_the_count_is_not() -> None:
    assert "分母是公开发表的真实数字，次数是合成示例数据" in rates().caution
    assert "不说明任何真实单位的安全状况，次数也与真实单位发生过什么无关" in rates().caution
    assert "合成" not in rates(synthetic=False).caution


def test_it_says_where_the_denominator_is_from_and_that_its_year_is_another() -> None:
    caution = rates().caution
    assert "2023年末的法人单位从业人员（不含金融业），来源：普陀区第五次全国经济普查公报" in caution
    assert "同2020年度的次数放在一起，是假定（assumed）各单位的规模变化不大" in caution


def test_departments_have_no_denominator_and_none_is_guessed() -> None:
    found = rates("industry_department", (3, 0, 1, 2))
    assert found.rated.empty
    assert found.sentence == "4个行业主管部门都没有从业人员数，次数照列，不能换算成每万人。"
    assert found.shown.header == ("单位", "生产安全事故起数", "生产安全事故死亡人数", "火灾起数")
    assert found.shown.rows[0] == ("区教育局", "2起※", "0人※", "3起")


def test_a_unit_without_a_denominator_is_named_and_left_out_of_the_sum() -> None:
    some = {unit: people for unit, people in SHIPPED.employees.items() if unit != "ST06"}
    found = rates(exposures=Exposures(some, SHIPPED.origin))
    assert "宜川路街道没有从业人员数，未换算" in found.sentence
    assert found.totals.set_index("measure").loc["fires", ["units", "count"]].to_list() == [9, sum(FIRES) - 32]


def test_a_workspace_without_the_folder_says_that_no_figures_are_at_hand(tmp_path: Path) -> None:
    found = rates(exposures=Exposures.load(tmp_path / "context"))
    assert found.sentence == ("手头没有从业人员数（工作区里没有data/context/employees.csv），街道镇的次数不能换算。")
    assert len(figures_of(lambda: [rates_chart(found, IMPRINT)])) == 1


def test_a_count_that_was_not_stated_is_no_zero() -> None:
    found = rates(fires=(*FIRES[:9], float("nan")))
    assert pd.isna(of(found, "桃浦镇", "fires")["rate"])
    assert not of(found, "桃浦镇", "fires")["few"]
    assert found.shown.rows[-1][-1] == "没有报来"
    assert "桃浦镇没有报来全部数字" in found.sentence


def test_without_any_statistics_nothing_is_said_about_rates() -> None:
    tables = made_up(("street_town",), (2020,))
    found = accident_rates(tables, 2020, "street_town", MEASURES, SHIPPED)
    assert found.sentence == "2020年度没有收到街道镇的事故统计。"
    assert found.rows["count"].isna().all()


def test_the_shipped_employees_are_those_of_the_streets_and_add_up_to_less_than_the_district() -> None:
    """Source: data/context/employees.yaml; the district's 524,969 include finance, the streets' figures do not."""
    registry = UnitRegistry.load(Workspace(REPOSITORY).units)
    streets = {unit.id: unit for unit in registry.in_year(2020) if unit.kind == "street_town"}
    assert set(SHIPPED.employees) == set(streets)
    assert sum(SHIPPED.employees.values()) == 512_000 < 524_969
    assert all(Decimal(people) % 1000 == 0 for people in SHIPPED.employees.values())


def test_the_printed_names_are_the_registrys() -> None:
    registry = UnitRegistry.load(Workspace(REPOSITORY).units)
    table = pd.read_csv(Workspace(REPOSITORY).context / "employees.csv")
    for unit, printed in zip(table["unit"], table["printed_as"], strict=True):
        assert registry.match(printed, 2020).unit == registry[unit], printed


@pytest.mark.parametrize(("row", "told"), [("ST01,甲,0", "大于0"), ("ST01,甲,两万", "大于0"), ("ST01,甲,", "大于0")])
def test_a_number_of_employees_that_is_none_is_refused(tmp_path: Path, row: str, told: str) -> None:
    (tmp_path / "employees.csv").write_text(f"unit,printed_as,employees\n{row}\n", encoding="utf-8")
    with pytest.raises(Refused, match=f"employees.csv.*“ST01”.*{told}"):
        Exposures.load(tmp_path)


def test_a_unit_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "employees.csv").write_text("unit,printed_as,employees\nST01,甲,5\nST01,甲,6\n", encoding="utf-8")
    with pytest.raises(Refused, match="每个单位只能有一行"):
        Exposures.load(tmp_path)


@pytest.mark.parametrize(
    "origin", [None, "what: 从业人员\nperiod: 2023年末\n", "what: 甲\nperiod: 乙\nsource: 丙\nodd: 1\n"]
)
def test_figures_that_do_not_say_where_they_are_from_are_refused(tmp_path: Path, origin: str | None) -> None:
    (tmp_path / "employees.csv").write_text("unit,printed_as,employees\nST01,甲,5\n", encoding="utf-8")
    if origin:
        (tmp_path / "employees.yaml").write_text(origin, encoding="utf-8")
    with pytest.raises(Refused, match=r"employees\.yaml"):
        Exposures.load(tmp_path)


def test_the_chart_names_the_source_of_the_denominators_and_cuts_nothing() -> None:
    for found in (rates(), rates("industry_department", (3, 0, 1, 2)), rates(fires=(0.0,) * 10)):
        ((chart, fig),) = figures_of(lambda found=found: [rates_chart(found, IMPRINT)])
        assert_nothing_is_cut(fig)
        said = "\n".join(text.get_text() for text in fig.texts)
        assert ("分母（真实数字）：普陀区第五次全国经济普查公报" in said) == (not found.rated.empty)
        assert IMPRINT.banner in said
        assert chart.alt.endswith("。")


def test_no_text_of_the_chart_stands_on_another() -> None:
    ((_, fig),) = figures_of(lambda: [rates_chart(rates(), IMPRINT)])
    for (one, a), (other, b) in combinations(boxes(fig), 2):
        apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
        assert apart, f"{one!r} and {other!r}"
