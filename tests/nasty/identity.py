"""Whose form it is, and of which year: names as people write them, and names that only look alike."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from functools import partial

from openpyxl import Workbook
from workbooks import DEPARTMENT_ITEMS, assessment, form_sheet, with_cell

from nasty.case import Case, accepted, rejected, retyped, rows_of

_OURS = (
    "甘泉路街道", "甘泉街道", "上海市普陀区甘泉路街道", "普陀区甘泉路街道", "上海普陀甘泉路街道",
    "上海普陀区甘泉路街道",
    "上海市甘泉路街道", "上海市普陀区人民政府甘泉路街道办事处", "普陀区人民政府甘泉路街道办事处", " 甘泉路街道 ",
    "甘 泉 路 街 道",
    "甘泉路\n街道", "甘泉路　街道", "甘泉\u200b路街道", "\ufeff甘泉路街道", "甘泉路\u00ad街道", "“甘泉路街道”",
    '"甘泉路街道"',
    "《甘泉路街道》", "ST04", "st04", "ＳＴ０４", "甘泉路街道（盖章）", "甘泉路街道(公章)",
)  # fmt: skip
_NOT_OURS = (
    "甘石路街道", "甘泉路街", "甘泉路街到", "甘泉", "甘泉路街道路", "甘泉路街道办", "甘泉路街道、石泉路街道",
    "甘泉路街道石泉路街道",
    "甘泉路街道/石泉路街道", "甘泉路街道\n石泉路街道", "甘泉路街道及所属单位", "甘泉路街道安监所",
    "浙江省舟山市普陀区甘泉路街道",
    "舟山市普陀区甘泉路街道", "舟山普陀甘泉路街道", "上海市浦东新区甘泉路街道", "静安区甘泉路街道",
    "甘泉路街道人民政府",
    "甘泉\u202e路街道", "甘\u2066泉路街道", "廿泉路街道", "甘泉路街遒", "⽢泉路街道x", "甘泉路街道（石泉路街道代报）",
    "第一组", "张三",
    "区安委办", "ST99", "04", "街道镇", "上海市生态环境局", "上海市普陀区", "=甘泉路街道", "同上", "——",
)  # fmt: skip


def cases() -> Iterator[Case]:
    """Every case of this family."""
    yield from _names()
    yield from _heads()
    yield from _classes()
    yield from _years()
    yield from _dates()


def _name(written: str) -> Callable[[], Workbook]:
    def build() -> Workbook:
        book = assessment()
        cell = form_sheet(book)["B2"]
        cell.value, cell.data_type = written, "s"
        return book

    return build


def _names() -> Iterator[Case]:
    for written in _OURS:
        yield accepted(f"unit {written!r}", _name(written))
    for written in _NOT_OURS:
        yield rejected(f"unit {written!r}", _name(written), "unit-unknown B2", unit="")
    yield accepted("unit of the other street", _name("石泉路街道"), unit="ST05")
    yield rejected("unit as a number", partial(with_cell, assessment(), "B2", 4), "unit-unknown B2", unit="")
    yield rejected("unit as an error", partial(with_cell, assessment(), "B2", "#N/A"), "unit-unknown B2", unit="")
    yield rejected(
        "unit as a formula", partial(with_cell, assessment(), "B2", '="甘泉路"&"街道"'), "unit-unknown B2", unit=""
    )
    yield rejected("unit left blank", partial(with_cell, assessment(), "B2", None), "unit-blank B2", unit="")
    yield rejected(
        "unit of full-width spaces", partial(with_cell, assessment(), "B2", "　　"), "unit-blank B2", unit=""
    )


def _heads() -> Iterator[Case]:
    def head(*cells: object) -> Callable[[], Workbook]:
        def build() -> Workbook:
            rows = rows_of()
            rows[1] = [*cells, *[None] * (8 - len(cells))]
            return retyped(rows)

        return build

    date = datetime.date(2020, 10, 28)
    for written in ("单位名称", "填报单位", "单位（盖章）", "单位:", "自评单位", "考核单位", "被考核单位", "单 位"):
        yield accepted(f"label {written!r}", head(written, "甘泉路街道", "填报日期", date))
    yield accepted("label and name in a cell", head("单位：甘泉路街道", None, "填报日期", date))
    yield accepted(
        "label with seal and name in a cell", head("填报单位（盖章）：甘泉路街道", None, "填报日期：2020年10月28日")
    )
    yield accepted("label twice with the same unit", head("填报单位", "甘泉路街道", "考核单位", "甘泉路街道"))
    yield rejected(
        "label twice with two units", head("填报单位", "甘泉路街道", "考核单位", "石泉路街道"), "unit-twice D2"
    )
    yield rejected(
        "label of the assessing office beside", head("考核单位", "区安委办", "填报单位", "甘泉路街道"),
        "unit-twice D2", "unit-unknown B2", unit="", note="which label is meant for whom is not ours to guess",
    )  # fmt: skip
    yield rejected("label gone", head(None), "unit-blank A1", unit="")
    yield rejected(
        "unit in the file's name only", head("单位", None), "unit-blank B2", unit="", file="甘泉路街道自评表.xlsx"
    )
    yield rejected(
        "unit in the title only", partial(_titled, "甘泉路街道2020年度自评表", None), "unit-blank B2", unit=""
    )
    yield accepted("unit in the title too", partial(_titled, "甘泉路街道2020年度自评表"))
    yield rejected("another unit in the title", partial(_titled, "石泉路街道2020年度自评表"),
        "title-names-other-unit A1",
                   note="the title is part of the form: with two names on it, it is nobody's")  # fmt: skip
    yield accepted(
        "another unit in the file's name", assessment, "file-names-other-unit B2", file="石泉路街道自评表.xlsx"
    )


def _titled(title: str, unit: str | None = "甘泉路街道") -> Workbook:
    return with_cell(with_cell(assessment(), "A1", title), "B2", unit)


def _classes() -> Iterator[Case]:
    department = partial(assessment, "区生态环境局", items=DEPARTMENT_ITEMS)
    yield accepted("department on its own form", department, unit="SR05")
    yield accepted("department by last year's name", partial(assessment, "区环保局", items=DEPARTMENT_ITEMS),
                   "unit-name-outdated B2", unit="SR05")  # fmt: skip
    yield rejected(
        "department on the streets' form", partial(assessment, "区生态环境局"), "form-of-other-class A1", unit="SR05"
    )
    yield rejected(
        "street on the departments' form", partial(assessment, items=DEPARTMENT_ITEMS), "form-of-other-class A1"
    )
    items = [
        ("1", "安全生产责任制落实情况", "5"),
        ("2", "应急预案修订情况", "4"),
        ("3", "隐患排查治理情况", "6"),
        ("4", "宣传教育情况", "5"),
    ]
    yield rejected(
        "last year's items under this year's title", partial(assessment, items=items),
        *(f"item-content-differs B{row}" for row in (6, 7, 10, 11)), "items-missing A4",
    )  # fmt: skip


def _years() -> Iterator[Case]:
    rest = "普陀区安全生产和消防工作巡查考核自评表（街道镇）"
    for written in ("2020年度", "２０２０年度", "2020 年度", "2020年", "二〇二〇年度", "二○二○年度", "二零二零年度"):
        yield accepted(f"year {written!r}", partial(_titled, written + rest))
    yield accepted("year and the year of its edition", partial(_titled, f"2020年度{rest}（2019年修订）"))
    for written in ("2019年度", "2021年度", "二〇一九年度", "1920年度", "２０１９年度"):
        yield rejected(f"year {written!r}", partial(_titled, written + rest), "form-year-wrong A1")
    yield rejected(
        "last year with this year's edition", partial(_titled, f"2019年度{rest}（2020年修订）"), "form-year-wrong A1"
    )
    for written in ("", "年度", "20年度", "2O20年度", "202年度", "二十年度", "20200年度"):
        yield rejected(f"year {written!r}", partial(_titled, written + rest), "form-year-missing A1")
    for written in (
        "2019—2020年度",
        "2019-2020年度",
        "2019至2020年度",
        "2019年、2020年度",
        "2020年2021年",
        "2019、2020年",
    ):
        yield rejected(f"year {written!r}", partial(_titled, written + rest), "form-year-several A1")
    yield rejected(
        "year in two kinds of digits", partial(_titled, "2020年（二〇一九年）" + rest), "form-year-several A1"
    )


def _dates() -> Iterator[Case]:
    for name, written in (
        ("typed", "2020年10月28日"), ("with points", "2020.10.28"), ("with hyphens", "2020-10-28"), ("slashes",
        "2020/10/28"),
        ("eight digits", "20201028"), ("eight digits as a number", 20201028), ("a count of days", 44132),
        ("without year", "10月28日"), ("in Chinese", "二〇二〇年十月二十八日"), ("full-width",
        "２０２０年１０月２８日"),
        ("with a time", "2020年10月28日16:30"), ("left blank", None), ("after the new year", "2021年1月5日"),
    ):  # fmt: skip
        yield accepted(f"date {name}", partial(assessment, date=written))
    for name, written in (
        ("only a month", "2020年10月"), ("of no calendar", "2020年2月30日"), ("late in the month", "十月下旬"),
        ("reversed", "28/10/2020"), ("two digits", "20.10.28"), ("a small number", 28), ("two dates", "10月28日、29日"),
        ("a dash", "—"), ("true", True),
    ):  # fmt: skip
        yield accepted(f"date {name}", partial(assessment, date=written), "date-unreadable F2")
    yield accepted("date of last year", partial(assessment, date=datetime.date(2019, 10, 28)), "date-outside-year F2")
    yield accepted("date long past", partial(assessment, date="1999年1月1日"), "date-outside-year F2")
