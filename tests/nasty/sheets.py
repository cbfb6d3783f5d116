"""More than one sheet in a file, and what the sheets are called."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from openpyxl import Workbook
from workbooks import (
    assessment,
    form_on_a_hidden_sheet,
    form_sheet,
    twelve_faults,
    two_units_in_one_file,
    with_hidden_draft,
)

from nasty.case import Case, accepted, rejected


def cases() -> Iterator[Case]:
    """Every case of this family."""
    yield rejected("sheets of two units", two_units_in_one_file, "forms-several A1")
    yield rejected("sheet hidden", form_on_a_hidden_sheet, "form-hidden A1")
    yield accepted("sheet with a hidden draft beside", with_hidden_draft, "sheet-hidden A1")
    yield accepted("sheet with a hidden form of other marks", partial(_second, "hidden"), "sheet-hidden A1")
    yield accepted("sheet with a very hidden form", partial(_second, "veryHidden"), "sheet-hidden A1")
    yield rejected("sheet with a second form of other marks", partial(_second, "visible"), "forms-several A1")
    yield rejected("sheet with a draft first", partial(_second, "visible", first=True), "forms-several A1")
    yield accepted("sheet with a cover before", _cover, "sheet-extra A1")
    yield accepted("sheet with notes beside", partial(_beside, "填表说明"), "sheet-extra A1")
    yield accepted("sheet called Sheet1", partial(_called, "Sheet1"))
    yield accepted("sheet called after last year", partial(_called, "2019年自评表"), "sheet-names-other-year A1")
    yield accepted("sheet called after another unit", partial(_called, "石泉路街道"), "sheet-names-other-unit A1")
    yield accepted("sheet called in signs", partial(_called, "自评 & <表> 'x'"))
    yield accepted(
        "sheet with twelve faults at once", twelve_faults, "date-unreadable F2", "full-marks-differ C7",
        "heading-left-out A4",
        "heading-unknown H4", "item-number-missing A11", "item-text-edited B6", "mark-above-full F6", "rows-hidden A11",
        "sheet-extra A1", "sheet-hidden A1", "value-error F10", "value-not-calculated F11", "cells-unread J2",
        marks="? ? ? ?",
    )  # fmt: skip
    yield rejected("sheet of another list", _contacts, "form-unknown A1")


def _second(state: str, first: bool = False) -> Workbook:
    book = assessment()
    other = book.create_sheet("草稿", 0 if first else None)
    for row in form_sheet(assessment(marks={"1": 1, "2": 1, "3": 1, "4": 1})).iter_rows():
        for its in row:
            if its.value is not None:
                other[its.coordinate] = its.value
    other.sheet_state = state
    if first:
        book.active = 0
    return book


def _cover() -> Workbook:
    book = assessment()
    cover = book.create_sheet("封面", 0)
    cover["A1"], cover["A3"] = "2020年度普陀区安全生产和消防工作巡查考核自评表", "甘泉路街道"
    return book


def _beside(text: str) -> Workbook:
    book = assessment()
    book.create_sheet("说明")["A1"] = text
    return book


def _called(name: str) -> Workbook:
    book = assessment()
    form_sheet(book).title = name
    return book


def _contacts() -> Workbook:
    book = Workbook()
    form_sheet(book)["A1"] = "通讯录"
    return book
