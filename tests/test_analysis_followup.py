from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_frames import NAMES, RUBRICS, made_up

from analytics.analysis.followup import COUNTS, Followup, followup
from analytics.analysis.rectification import rectification
from analytics.problems import Refused
from analytics.store import ScoreTables

KIND = "industry_department"
Row = tuple[int, str, str, str, bool | None]  # year, unit, item, rule, closed
COLUMNS = ["year", "unit", "item", "rule", "closed"]
NAME = {f"ID{number:02d}": name for number, name in enumerate(NAMES[KIND], 1)}
PAST = datetime(2018, 3, 1)


def with_findings(rows: list[Row], years: tuple[int, ...] = (2018, 2019, 2020)) -> ScoreTables:
    findings = pd.DataFrame(rows, columns=COLUMNS).astype({"closed": "boolean"})
    findings = findings.assign(
        unit_name=findings["unit"].map(NAME).astype("str"), kind=KIND, channel="onsite", deadline=PAST, date=PAST,
        text="抽查发现记录不全",
    )  # fmt: skip
    return replace(made_up((KIND,), years), findings=findings)


def found_in(rows: list[Row]) -> Followup:
    return followup(with_findings(rows), KIND)


def counts(found: Followup, unit: str, year: int) -> list[int]:
    return found.units.set_index(["unit", "year"]).loc[(unit, year), list(COUNTS)].astype(int).to_list()


def test_a_row_without_a_clause_is_no_problem_but_an_inspection() -> None:
    found = found_in([(2020, "ID01", "duty.study", "", None)])
    assert counts(found, "ID01", 2020) == [0, 0, 0, 0, 0]
    assert found.units.set_index(["unit", "year"]).loc[("ID01", 2020), "recorded"]
    assert not found.units.set_index(["unit", "year"]).loc[("ID02", 2020), "recorded"]
    assert "2018年度没有检查记录；2019年度没有检查记录；2020年度检查没有发现问题" in found.sentence
    assert "；区民政局、区文旅局、区国资委2020年度没有检查记录" in found.sentence


def test_what_the_record_does_not_say_is_neither_closed_nor_open_though_its_deadline_is_past() -> None:
    found = found_in([(2020, "ID01", "duty.study", "1", closed) for closed in (True, False, None, None)])
    assert counts(found, "ID01", 2020) == [4, 1, 1, 2, 0]
    assert "2020年度发现4个问题，已销号1个、未整改1个、未写明2个" in found.sentence
    assert "2020年度未整改最多的是区教育局（1个）" in found.sentence


def test_found_again_means_the_same_comparable_item_of_the_same_unit_in_the_year_before() -> None:
    found = found_in([
        (2019, "ID01", "duty.study", "1", True), (2019, "ID01", "duty.study", "2", False),
        (2020, "ID01", "duty.study", "1", True),
        (2019, "ID02", "duty.study", "1", True), (2020, "ID03", "duty.study", "1", True),
        (2018, "ID04", "duty.study", "1", True), (2020, "ID04", "duty.study", "1", True),
        (2018, "ID01", "system.meetings", "1", True), (2019, "ID01", "system.running", "1", True),
    ])  # fmt: skip
    (row,) = found.repeats.to_dict("records")
    assert (row["unit_name"], row["item"], row["no"]) == ("区教育局", "duty.study", "1")
    assert (row["before"], row["after"], row["left"]) == (2, 1, 1)
    assert counts(found, "ID01", 2020) == [1, 1, 0, 0, 1]
    assert found.again_sentence == (
        "1个单位的1处条目在2019、2020两年都查出问题，2020年度共1个；单位最多的是第1项“党政主要负责人定期专题研究…”（1个单位）；"
        "其中1处2019年度的问题没有销号。"
    )
    assert found.shown_repeats.rows[0][2:] == ("2", "1", "1")


def test_an_item_that_took_in_another_one_is_not_found_again_though_its_id_stayed() -> None:
    rows: list[Row] = [(year, "ID01", "duty.study", "1", True) for year in (2019, 2020)]
    tables = with_findings(rows)
    assert len(followup(tables, KIND).repeats) == 1
    merged = (tables.items["item"] == "duty.study") & (tables.items["year"] == 2020)
    items = tables.items.assign(formerly=tables.items["formerly"].mask(merged, "duty.letters"))
    assert followup(replace(tables, items=items), KIND).repeats.empty


@pytest.mark.parametrize("findings", [pd.DataFrame(), with_findings([]).findings])
def test_without_findings_nothing_is_said_to_be_found(findings: pd.DataFrame) -> None:
    found = followup(replace(made_up((KIND,)), findings=findings), KIND)
    assert (found.units[list(COUNTS)] == 0).all(axis=None)
    assert "2020年度没有检查记录" in found.sentence
    assert found.shown_units.rows[0][1] == "没有记录"
    assert found.again_sentence.startswith("没有单位")


def test_one_year_alone_has_no_year_to_repeat() -> None:
    found = followup(with_findings([(2020, "ID01", "duty.study", "1", True)], (2020,)), KIND)
    assert found.again_sentence == "只有一个年度的检查记录，看不出重复发现的问题。"
    assert found.shown.rows == (("2020年度", "1", "1", "0", "0", "", "100.0%"),)
    assert len(found.shown_units.header) == 5


def test_a_unit_without_a_card_in_a_year_has_no_row_there() -> None:
    tables = with_findings([(2018, "ID02", "duty.study", "1", True)])
    cards = tables.cards[(tables.cards["unit"] != "ID02") | (tables.cards["year"] > 2018)]
    found = followup(replace(tables, cards=cards), KIND)
    assert ("ID02", 2018) not in set(zip(found.units["unit"], found.units["year"], strict=True))
    assert found.by_year["found"].to_list() == [0, 0, 0]


def test_a_class_without_cards_is_refused() -> None:
    with pytest.raises(Refused, match="街道镇"):
        followup(made_up((KIND,)), "street_town")


def test_later_years_are_not_known() -> None:
    rows: list[Row] = [(year, "ID01", "duty.study", "1", True) for year in (2018, 2019, 2020)]
    assert followup(with_findings(rows), KIND, until=2019).years == (2018, 2019)


def test_a_year_has_the_counts_that_the_answer_for_one_year_gives() -> None:
    tables = with_findings([
        (2020, unit, "duty.study", rule, closed)
        for unit in ("ID01", "ID03") for rule in ("", "1") for closed in (True, False, False, None)
    ])  # fmt: skip
    found = followup(tables, KIND).units.set_index(["year", "unit"]).loc[2020]
    one = rectification(tables, 2020, KIND).units.set_index("unit")
    columns = ["found", "closed", "open", "unknown"]
    assert found.loc[one.index, columns].to_numpy().tolist() == one[columns].to_numpy().tolist()
    assert one["found"].sum() == found["found"].sum() == 8


any_row = st.tuples(
    st.sampled_from([2018, 2019, 2020]),
    st.sampled_from(sorted(NAME)),
    st.sampled_from(sorted({item[0] for form in RUBRICS.values() for item in form})),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from([True, False, None]),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(any_row, max_size=40), st.integers(0, 99))
def test_the_counts_add_up_and_the_order_of_rows_does_not_matter(rows: list[Row], seed: int) -> None:
    tables = with_findings(rows)
    found = followup(tables, KIND)
    units = found.units
    assert (units["found"] == units["closed"] + units["open"] + units["unknown"]).all()
    assert (units["again"] <= units["found"]).all()
    assert units["found"].sum() == sum(bool(rule) for *_, rule, _ in rows)
    assert units["again"].sum() == found.repeats["after"].sum()
    assert (found.repeats["left"] <= found.repeats["before"]).all()
    mixed = followup(replace(tables, findings=tables.findings.sample(frac=1, random_state=seed)), KIND)
    pd.testing.assert_frame_equal(mixed.units, units)
    pd.testing.assert_frame_equal(mixed.repeats, found.repeats)
    assert mixed.sentence == found.sentence
