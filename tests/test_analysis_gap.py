from __future__ import annotations

import pandas as pd
import pytest
from score_frames import NAMES, made_up, with_claims

from analytics.analysis.gap import gap, largest_gaps
from analytics.store import ScoreTables


def departments(**self_marks: float) -> ScoreTables:
    """Four departments whose marks were all verified as full but for 区民政局, who was found with 8 of 12 points."""
    tables = made_up(("industry_department",), (2020,))
    marks = tables.marks
    marks["self_mark"] = marks["verified_mark"] = marks["awarded"] = marks["full_marks"].astype(float)
    studied = marks["item"] == "duty.study"
    marks.loc[studied & (marks["unit_name"] == "区民政局"), "verified_mark"] = 8.0
    for name, mark in self_marks.items():
        marks.loc[studied & (marks["unit_name"] == name), "self_mark"] = mark
    return ScoreTables(**(vars(tables) | {"losses": tables.losses.head(0)}))


def test_items_and_units_count_where_a_unit_marked_itself_higher() -> None:
    found = gap(departments(区文旅局=11.5), 2020, "industry_department")
    assert found.units.set_index("unit_name")["higher"].to_dict() == {
        "区民政局": 1, "区教育局": 0, "区国资委": 0, "区文旅局": 0,
    }  # fmt: skip
    assert found.items.iloc[0][["item", "higher", "gap"]].to_list() == ["duty.study", 1, 3.5]
    assert found.units["gap"].iloc[-1] == -0.5  # 区文旅局 marked itself lower


def test_the_matrix_stands_as_items_and_units_do_and_has_a_hole_where_nothing_was_compared() -> None:
    tables = departments()
    first = tables.marks.index[(tables.marks["unit_name"] == "区国资委") & (tables.marks["item"] == "duty.study")]
    tables.marks.loc[first, "verified_mark"] = float("nan")
    found = gap(tables, 2020, "industry_department")
    assert list(found.matrix.index) == found.items["item"].to_list()
    assert list(found.matrix.columns) == found.units["unit_name"].to_list()
    assert found.matrix.loc["duty.study", "区民政局"] == 4
    assert pd.isna(found.matrix.loc["duty.study", "区国资委"])
    assert found.matrix.sum().sum() == found.units["gap"].sum()


def test_the_largest_gap_names_the_cells_to_open_each_sheet_once() -> None:
    claim = {
        "unit_name": "区民政局",
        "kind": "industry_department",
        "item": "duty.study",
        "cell": "区民政局.xlsx › 自评表!F6",
    }
    tables = with_claims(departments(), claim)
    lost = dict.fromkeys(tables.losses.columns, "") | {
        "unit": "ID02", "kind": "industry_department", "year": 2020, "item": "duty.study", "channel": "onsite",
    }  # fmt: skip
    rows = [
        lost | {"points": 2.0, "because": "缺记录", "cell": "现场.xlsx › 表!F5；现场.xlsx › 表!F6"},
        lost | {"points": 2.0, "because": "缺记录", "cell": "现场.xlsx › 表!F9"},
        lost | {"points": 1.0, "because": "自扣1分", "cell": "区民政局.xlsx › 自评表!F6", "channel": "self"},
    ]
    tables = ScoreTables(**(vars(tables) | {"losses": pd.DataFrame(rows)}))
    found = largest_gaps(tables, gap(tables, 2020, "industry_department"))
    assert found.over == 1
    assert found.shown.rows[0][4:] == ("缺记录", "区民政局.xlsx › 自评表!F6", "现场.xlsx › 表!F5、F6、F9")
    assert "值得看一看，因为" in found.sentence


def test_only_as_many_as_asked_are_listed_and_the_rest_is_counted() -> None:
    tables = made_up()
    found = gap(tables, 2020, "street_town")
    largest = largest_gaps(tables, found, most=3)
    assert len(largest.rows) == 3
    assert largest.over == (found.marks["gap"] > 0).sum() > 3
    assert largest.rows["gap"].min() == found.marks["gap"].nlargest(3).min()
    assert f"有{largest.over}处，列出相差最大的3处" in largest.sentence


@pytest.mark.parametrize("kind", NAMES)
def test_without_claims_and_with_an_undecided_unit_the_cells_are_blank(kind: str) -> None:
    tables = made_up((kind,), (2020,), NAMES[kind][0])
    assert set(largest_gaps(tables, gap(tables, 2020, kind)).rows["claimed_at"]) == {""}


def test_a_class_that_claims_nothing_too_much_has_nothing_to_open() -> None:
    tables = departments()
    tables.marks["verified_mark"] = tables.marks["full_marks"]
    found = largest_gaps(tables, gap(tables, 2020, "industry_department"))
    assert found.sentence == "没有自评高于核定的条目。"
    assert found.shown.rows == ()


def test_a_gap_shows_itself_as_a_table_with_its_text_escaped() -> None:
    tables = departments()
    tables.marks["unit_name"] = tables.marks["unit_name"].replace("区民政局", "<b>民政</b>")
    shown = gap(tables, 2020, "industry_department")._repr_mimebundle_()["text/html"]
    assert "自评减核定" in shown
    assert "&lt;b&gt;民政&lt;/b&gt;" in shown
    assert "+4.00" in shown


def test_when_no_mark_was_verified_there_is_no_gap() -> None:
    tables = departments()
    tables.marks["verified_mark"] = float("nan")
    found = gap(tables, 2020, "industry_department")
    assert found.units.empty
    assert found.matrix.empty
    assert largest_gaps(tables, found).over == 0
