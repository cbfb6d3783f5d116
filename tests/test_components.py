"""The published table of Nantong, August 2017, read like any workbook."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import workbooks
from openpyxl import Workbook

from analytics.intake.components import read_component_table
from analytics.problems import Refused
from analytics.workspace import REPOSITORY

FOLDER = REPOSITORY / "data" / "published" / "nantong_2017_08"
TABLE = read_component_table(FOLDER / "得分表.xlsx")


def test_headings_in_two_widths_give_names_and_weights() -> None:
    assert TABLE.weights == {"系统": Decimal("0.4"), "现场": Decimal("0.4"), "履职": Decimal("0.2")}


def test_twenty_units_are_read_with_their_cells() -> None:
    assert len(TABLE.rows) == 20
    first = TABLE.rows[0]
    assert (first.unit, first.printed_total, first.printed_rank) == ("中兴街道", Decimal("94.91"), 1)
    assert first.components["履职"].value == Decimal("95.80")
    assert first.components["履职"].reading.cell.address == "D3"


def test_printed_totals_follow_from_the_parts_to_within_six_thousandths() -> None:
    for row in TABLE.rows:
        exact = sum(TABLE.weights[name] * part.value for name, part in row.components.items())
        assert row.printed_total is None or abs(exact - row.printed_total) <= Decimal("0.006")


def test_a_total_that_is_cut_off_is_left_out_and_told() -> None:
    last = TABLE.rows[-1]
    assert (last.unit, last.printed_total, last.total_reading.raw) == ("城东街道", None, "90.")
    assert [problem.code for problem in TABLE.problems] == ["total-cut-off"]


def test_the_source_line_is_a_note_and_no_unit() -> None:
    assert TABLE.notes[0].startswith("来源：")


def test_the_workbook_is_what_its_script_makes() -> None:
    from data.published.nantong_2017_08.make_workbook import WORKBOOK, workbook

    assert WORKBOOK.read_bytes() == workbook()


def test_a_table_without_such_headings_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["街道", "得分"])
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbooks.saved(book))
    with pytest.raises(Refused, match="表头"):
        read_component_table(path)
