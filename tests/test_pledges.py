"""The pledge report: figures as reported and as checked."""

from __future__ import annotations

from decimal import Decimal

import workbooks
from readings import Read

from analytics.records import Channel


def test_a_pledge_report_gives_reported_and_checked_figures() -> None:
    read = Read(workbooks.pledge())
    found = {(o.measure, o.channel): o.value for o in read.contents.observations}
    assert found == {
        ("found", Channel.SELF): 40, ("found", Channel.DESK): 40,
        ("fixed", Channel.SELF): 38, ("fixed", Channel.DESK): 37,
        ("spent", Channel.SELF): Decimal("12.5"), ("spent", Channel.DESK): Decimal("12.5"),
    }  # fmt: skip
    assert (read.codes, read.form.unread()) == ([], ())


def test_an_unchecked_figure_is_absent_and_not_zero() -> None:
    read = Read(workbooks.pledge(figures=((40, None), (None, 37), (1, 1))))
    found = {(o.measure, o.channel) for o in read.contents.observations}
    assert ("found", Channel.DESK) not in found
    assert ("fixed", Channel.SELF) not in found
    assert read.codes == ["value-blank"]


def test_a_measure_without_a_row_and_a_half_hazard_are_told() -> None:
    read = Read(workbooks.pledge(figures=((40.5, 40),)))
    assert read.codes == ["count-not-whole", "measure-missing", "measure-missing"]
