"""Inspectors' records, statistics, pledge reports, registers: what must not be counted, or must not be lost."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from workbooks import (
    DEPARTMENT_ITEMS,
    accidents,
    decisions,
    form_sheet,
    merged,
    onsite,
    pledge,
    special,
    with_cell,
    without_row,
)

from nasty.case import Case

_FINDING = (1, "例会少开1次", "（1）", 1)
_UNITS = {"SR05": "区生态环境局", "ST04": "甘泉路街道", "ST05": "石泉路街道"}
_MEASURES = ("accidents", "accidents_last_year", "deaths", "deaths_last_year", "fire_deaths", "fires",
"fires_last_year",
             "major_accidents")  # fmt: skip


def cases() -> Iterator[Case]:
    """Every case of this family."""
    yield from _onsite()
    yield from _special()
    yield from _accidents()
    yield from _decisions()
    yield from _pledges()
    yield from _crossed()


def _told(name: str, build: Any, seen: Sequence[str], *says: str, unit: str = "", note: str = "") -> Case:
    outcome = "accepted_with_warning" if says else "accepted"
    return Case(name, build, outcome, says, unit=unit, seen=tuple(seen), note=note)


def _onsite() -> Iterator[Case]:
    def row(name: str, finding: Sequence[object], seen: str, *says: str, note: str = "") -> Case:
        seen = f"ST04 {seen}" if seen else ""
        return _told(f"on-site {name}", partial(onsite, [finding]), [seen] if seen else [], *says, note=note)

    for written in ("（1）", "(1)", "1", 1, "１", "第1款", "第（1）款", " (1) "):
        yield row(f"clause {written!r}", (1, "少1次", written, 1), "item.1(1) 1")
    for written in (
        -1,
        "-1",
        "一",
        "1、2",
        "（1）（2）",
        "①",
        "每少1次",
        datetime.date(2020, 1, 1),
        "=1",
        "#REF!",
        True,
        1.5,
    ):
        yield row(f"clause {written!r}", (1, "少1次", written, 1), "item.1(?) None", "clause-unreadable F5",
                  note="kept without a clause: to leave the finding out would raise the mark")  # fmt: skip
    yield row("clause left blank", (1, "少1次", None, 1), "item.1(?) None", "value-blank F5")
    yield row("clause that is not there", (1, "少1次", "（2）", 1), "item.1(2) None", "rule-unknown F5")
    yield row("clause that is measured", (3, "整改慢", "（1）", 1), "item.3(1) None", "rule-measured F5")
    for written, value in ((2, "2"), ("2处", "2"), ("２", "2"), (" 2 ", "2"), ("3次", "3"), (2.0, "2"), (100, "100")):
        yield row(f"count {written!r}", (1, "少开", "（1）", written), f"item.1(1) {value}")
    for code, texts in {
        "value-blank": (None, " ", "\u200b"),
        "count-zero": (0, "0", "无", "0处"),
        "count-not-whole": (2.5, "2.5", "1.5处"),
        "value-negative": (-1, "-2"),
        "value-not-number": ("若干", "多处", "2处3处", "1 0", "约2", "两处", "2+1", True, "第2处"),
        "value-range": ("2-3", "2~3处"),
        "value-unclear": ("—", "/"),
        "value-error": ("#REF!",),
        "value-not-calculated": ("=1+1",),
        "value-became-date": (datetime.date(2020, 2, 3),),
    }.items():
        for written in texts:
            yield row(f"count {code}: {written!r}", (1, "少开", "（1）", written), "item.1(1) None", f"{code} G5")
    yield row("nothing found", (1, "未发现问题", None, None), "item.1() None")
    yield row("nothing found, with a full stop", (1, "未发现问题。", None, None), "item.1() None")
    yield row("nothing found but a count", (1, "未发现问题", "（1）", 1), "item.1(?) None", "finding-contradicts G5")
    yield row(
        "nothing found but a clause", (1, "未发现问题", "（1）", None), "item.1(?) None", "finding-contradicts F5"
    )
    yield row(
        "words and neither clause nor count",
        (1, "台账较乱", None, None),
        "item.1(?) None",
        "value-blank F5",
        "value-blank G5",
    )
    yield row("a dash as the fact", (1, "—", None, None), "item.1(?) None", "value-blank F5", "value-blank G5",
              note="whether it was looked at at all is not ours to guess")  # fmt: skip
    yield row("row that nobody filled", (1, None, None, None), "")
    yield row("level", (2, "迟报", "（1）", 1, "迟报"), "item.2(1) 1")
    yield row("level unknown", (2, "迟报", "（1）", 1, "较重"), "item.2(1) None", "level-unknown H5")
    yield row("level left blank", (2, "迟报", "（1）", 1), "item.2(1) None", "level-unknown H5")
    yield row("deadline in words", (*_FINDING, None, "月底前", "赵六", "整改中"), "item.1(1) 1", "date-unreadable K5")
    yield row("state in other words", (*_FINDING, None, None, None, "搞定了"), "item.1(1) 1", "word-unknown M5")
    yield row("item as text", ("1", "少开", "（1）", 1), "item.1(1) 1")
    both = [_FINDING, (1, "未发现问题", None, None)]
    yield _told("on-site found and not found", partial(onsite, both), ["ST04 item.1(1) 1", "ST04 item.1() None"],
                "item-clean-and-found E6")  # fmt: skip
    yield _told(
        "on-site count merged over two findings", lambda: merged(onsite([_FINDING, (1, "又少1次", "（1）", None)]),
        "G5:G6"),
        ["ST04 item.1(1) 1", "ST04 item.1(1) None"], "value-merged G5",
    )  # fmt: skip
    yield _told(
        "on-site item merged over two findings", lambda: _items_merged(), ["ST04 item.1(1) 1", "ST04 item.1(1) 2"],
        note="one item, several findings: what merging is for",
    )  # fmt: skip
    yield _told("on-site in another year", lambda: with_cell(onsite([_FINDING]), "F2", datetime.date(2019, 10, 22)),
                ["ST04 item.1(1) 1"], "date-outside-year F2")  # fmt: skip
    for name, change, says in (
        ("unit blank", ("B2", None), ("unit-blank B2",)),
        ("unit unknown", ("B2", "甘石路街道"), ("unit-unknown B2",)),
        ("year of another", ("A1", "2019年度现场巡查记录"), ("form-year-wrong A1",)),
        ("item of another class", ("B5", DEPARTMENT_ITEMS[0][1]), ("item-content-differs B5",)),
        ("number of another item", ("A5", 2), ("item-mismatch A5",)),
        ("heading of the counts gone", ("G4", None), ("heading-missing A4", "value-blank N5", "cells-unread G5")),
    ):
        unit = "" if "unit" in name else "ST04"
        yield Case(f"on-site {name}", partial(with_cell, onsite([_FINDING]), *change), "rejected", says, unit=unit)


def _items_merged() -> Workbook:
    book = merged(onsite([_FINDING, (None, "又少2次", "（1）", 2)]), "A5:A6")
    form_sheet(book)["B6"] = None
    return merged(book, "B5:B6")


def _special() -> Iterator[Case]:
    row = ("石泉路街道", "2020-07-01", 1, "少开", "（1）", 1)
    good = "ST05 item.1(1) 1"
    yield _told("special tidy", partial(special, [row]), [good])
    for name, column, written, code in (
        ("unit unknown", 0, "石泉街道办", "unit-unknown B6"), ("unit of another city", 0, "舟山市普陀区石泉路街道",
        "unit-unknown B6"),
        ("unit blank", 0, None, "unit-blank B6"), ("two units", 0, "石泉路街道、甘泉路街道", "unit-unknown B6"),
        ("item unknown", 2, 9, "item-number-unknown D6"), ("item blank", 2, None, "item-number-unknown D6"),
        ("item in words", 2, "第一项", "item-number-unknown D6"), ("two items", 2, "1、2", "item-number-unknown D6"),
    ):  # fmt: skip
        bad = [*row[:column], written, *row[column + 1 :]]
        yield _told(f"special {name}", partial(special, [row, bad]), [good], code)
    for name, written, code in (
        ("day of no calendar", "2020年2月30日", "date-unreadable"), ("in summer", "汛期", "date-unreadable"),
        ("last year's day", datetime.date(2019, 7, 1), "date-outside-year"), ("next year's day", "2022-07-01",
        "date-outside-year"),
    ):  # fmt: skip
        yield _told(f"special {name}", partial(special, [(row[0], written, *row[2:])]), [good], f"{code} C5")
    yield _told(
        "special unit merged over two rows", lambda: merged(special([row, (None, *row[1:])]), "B5:B6"), [good, good]
    )
    yield _told("special with a line to sign", lambda: with_cell(special([row]), "A9", "填表人：示例"), [good])
    yield Case("special without a campaign", partial(special, [row], ""), "rejected", ("campaign-blank B2",), unit="")


def _statistics(**changed: object) -> Mapping[str, Sequence[object]]:
    return {name: [0] * 8 for name in ("甘泉路街道", "石泉路街道", "区生态环境局")} | changed


def _figures(*left_out: str, **other: str) -> list[str]:
    found = [f"{unit} {measure}() {{}}" for unit in _UNITS for measure in _MEASURES]
    names = [f"{unit}.{measure}" for unit in _UNITS for measure in _MEASURES]
    return [
        text.format(other.get(name.replace(".", "_"), "0"))
        for name, text in zip(names, found, strict=True)
        if name not in left_out and name.partition(".")[0] not in left_out
    ]


def _accidents() -> Iterator[Case]:
    tidy = partial(accidents, _statistics(), [0] * 8)
    yield _told("accidents none", tidy, _figures())
    for written, value in ((2, "2"), ("2起", "2"), ("２", "2"), ("无", "0"), ("没有", "0"), (0, "0")):
        yield _told(f"accidents {written!r}", lambda written=written: with_cell(accidents(_statistics()), "B5",
            written),
                    _figures(ST04_accidents=value))  # fmt: skip
    for code, texts in {
        "value-blank": (None, " "),
        "value-unclear": ("—", "-", "/"),
        "value-not-applicable": ("不涉及",),
        "value-not-number": ("若干", "2（含1起较大）", "1 0", "两起", True),
        "value-negative": (-1,),
        "count-not-whole": (1.5, "0.5"),
        "value-error": ("#DIV/0!",),
        "value-not-calculated": ("=1+1",),
        "value-range": ("1-2",),
        "value-became-date": (datetime.date(2020, 1, 2),),
    }.items():
        for written in texts:
            yield _told(f"accidents {code}: {written!r}",
                        lambda written=written: with_cell(accidents(_statistics()), "B5", written),
                        _figures("ST04.accidents"), f"{code} B5")  # fmt: skip
    yield _told("accidents more last year", lambda: with_cell(tidy(), "C5", 7), _figures(ST04_accidents_last_year="7"),
                "sum-differs C8")  # fmt: skip
    yield _told("accidents wrong sum", lambda: with_cell(tidy(), "B8", 1), _figures(), "sum-differs B8")
    yield _told("accidents sum in words", lambda: with_cell(tidy(), "B8", "零"), _figures(), "sum-differs B8")
    yield _told("accidents sum never worked out", lambda: with_cell(tidy(), "B8", "=SUM(B5:B7)"), _figures())
    yield _told(
        "accidents unit missing",
        lambda: without_row(accidents(_statistics()), 5),
        _figures("ST04"),
        "unit-rows-missing A4",
    )
    yield _told("accidents unit twice", partial(_row_added, "甘泉街道"), _figures("ST04"), "unit-row-twice A8")
    yield _told(
        "accidents unit of another city", partial(_row_added, "舟山市普陀区甘泉路街道"), _figures(), "unit-unknown A8"
    )
    yield _told("accidents row without unit", partial(_row_added, None), _figures(), "unit-blank A8")
    yield _told("accidents figures merged over two", lambda: merged(accidents(_statistics()), "B5:B6"),
                _figures("ST05.accidents"), "value-merged B5")  # fmt: skip
    yield _told("accidents row hidden", _row_hidden, _figures(), "rows-hidden A5")


def _row_added(unit: str | None) -> Workbook:
    book = accidents(_statistics())
    form_sheet(book).append([unit, *[1] * 8])
    return book


def _row_hidden() -> Workbook:
    book = accidents(_statistics())
    form_sheet(book).row_dimensions[5].hidden = True
    return book


_DECISION: dict[str, object] = {
    "id": "裁1", "unit": "甘泉路街道", "kind": "酌情扣分", "number": 2, "clause": "（2）", "points": 1, "matter": None,
    "reason": "台账不全", "person": "王主任", "date": "2020-11-10", "paper": None,
}  # fmt: skip


def _decisions() -> Iterator[Case]:
    def act(name: str, *says: str, **changed: object) -> Case:
        row = list((_DECISION | changed).values())
        return _told(
            f"decision {name}", partial(decisions, [row]), [] if says else [str(changed.get("id", "裁1"))], *says
        )

    yield act("tidy")
    yield act("of two points", points=2)
    yield act("with points and unit", points="1分")
    for written in (3, 0.4, 0, "2.01"):
        yield act(f"of {written!r} points", "decision-points-outside F5", points=written)
    for written, code in ((None, "value-blank"), ("1-2", "value-range"), (-1, "value-negative"), ("酌情",
        "value-not-number"),
                          ("—", "value-unclear"), ("=1", "value-not-calculated"), (0.5000000001,
                          "value-too-fine")):  # fmt: skip
        yield act(f"of {written!r} points", f"{code} F5", points=written)
    for name, cell in (("person", "I5"), ("reason", "H5"), ("id", "A5")):
        yield act(f"without {name}", f"decision-incomplete {cell}", **{name: None})
    yield act("without unit", "decision-incomplete B5", unit=None)
    yield act("of an unknown unit", "unit-unknown B5", unit="甘石路街道")
    yield act("without date", "value-blank J5", date=None)
    yield act("with an odd date", "date-unreadable J5", date="十一月")
    yield act("of an unknown kind", "decision-kind-unknown C5", kind="扣一点")
    yield act("without kind", "decision-kind-unknown C5", kind=None)
    yield act("on an unknown item", "item-number-unknown D5", number=9)
    yield act("on another clause", "clause-unknown E5", clause="（1）")
    yield act("without clause", "value-blank E5", clause=None)
    yield act("on a clause made a number", "clause-unreadable E5", clause=-2)
    yield act("of a mark", kind="补定分数", clause=None, points=4)
    yield act("of a mark above full", "decision-points-outside F5", kind="补定分数", clause=None, points=4.5)
    yield act("of review above full", "decision-points-outside F5", kind="复核", clause=None, points=5)
    yield act("of bonus without matter", "decision-incomplete G5", kind="加分", number=None, clause="1", points=1)
    yield act(
        "of bonus above its level",
        "decision-points-outside F5",
        kind="加分",
        number=None,
        clause="1",
        points=3,
        matter="表彰",
    )
    yield act("beyond the cap", "decision-points-outside F5", kind="百分外扣分", number=None, clause="1", points=4)
    yield act("of a veto", kind="否决", number=None, clause="1", points=None)
    yield act("of a veto unknown", "clause-unknown E5", kind="否决", number=None, clause="9", points=None)
    two = [list(_DECISION.values()), list((_DECISION | {"id": "裁2", "points": None}).values())]
    yield _told(
        "decision points merged over two", lambda: merged(decisions(two), "F5:F6"), ["裁1"], "value-merged F5",
        note="the points belong to the first row; the second has none of its own",
    )  # fmt: skip
    act_of = partial(decisions, [list(_DECISION.values())])
    yield _told("decision points rounded", lambda: _formatted(act_of(), "F5", 1.5, "0"), ["裁1"],
                "value-shown-rounded F5")  # fmt: skip
    yield _told("decision points in words", lambda: _formatted(act_of(), "F5", 1, '"0.5分"'), [],
                "value-shown-otherwise F5")  # fmt: skip
    twice = [list(_DECISION.values())] * 2
    yield _told("decision twice", partial(decisions, twice), ["裁1"], "decision-twice A6")
    outside = list((_DECISION | {"date": "2017-11-10"}).values())
    yield _told("decision of another year", partial(decisions, [outside]), ["裁1"], "date-outside-year J5")


def _crossed() -> Iterator[Case]:
    """What somebody has crossed out is neither counted nor passed over."""
    record = partial(onsite, [(2, "迟报1次", "（1）", 1, "迟报")])
    for address, what in (("A5", "value-struck"), ("B5", "value-struck"), ("E5", "value-struck"), ("H5",
        "value-struck"),
                          ("F5", "clause-unreadable")):  # fmt: skip
        yield _told(f"crossed out on-site {address}", partial(_crossed_out, record, address), ["ST04 item.2(?) None"],
                    f"{what} {address}")  # fmt: skip
    yield _told(
        "crossed out on-site count", partial(_crossed_out, record, "G5"), ["ST04 item.2(1) None"], "value-struck G5"
    )
    clean = partial(onsite, [(1, "未发现问题", None, None)])
    yield _told("crossed out that nothing was found", partial(_crossed_out, clean, "E5"), ["ST04 item.1(?) None"],
                "value-struck E5")  # fmt: skip
    register = partial(decisions, [list((_DECISION | {"matter": "台账"}).values())])
    for column, code in zip("ABCDEFGHIJ", ("value-struck", "unit-unknown", *["value-struck"] * 2, "clause-unreadable",
                                           *["value-struck"] * 4, "date-unreadable"), strict=True):  # fmt: skip
        yield _told(
            f"crossed out decision {column}", partial(_crossed_out, register, f"{column}5"), [], f"{code} {column}5"
        )
    yield _told("crossed out statistics", partial(_crossed_out, partial(accidents, _statistics()), "B5"),
                _figures("ST04.accidents"), "value-struck B5")  # fmt: skip
    rest = [
        f"ST04 {name}() {value}" for name, value in (("fixed", 37), ("fixed", 38), ("spent", 12.5), ("spent", 12.5))
    ]
    yield _told("crossed out measure", partial(_crossed_out, pledge, "B8"), rest, "value-struck B8", unit="ST04")


def _pledges() -> Iterator[Case]:
    good = {"found": ("40", "40"), "fixed": ("38", "37"), "spent": ("12.5", "12.5")}

    def seen(**changed: tuple[str, ...]) -> list[str]:
        return [f"ST04 {name}() {value}" for name, values in (good | changed).items() for value in reversed(values)]

    def report(name: str, written: object, *says: str, found: tuple[str, ...] = ("40", "40")) -> Case:
        figures = ((written, 40), (38, 37), ("12.5万元", 12.5))
        return _told(f"pledge {name}", partial(pledge, figures=figures), seen(found=found), *says, unit="ST04")

    yield report("tidy", 40)
    for written in ("40处", "４０", "40 处", " 40 "):
        yield report(f"figure {written!r}", written)
    for written, code in ((None, "value-blank"), ("—", "value-unclear"), ("若干", "value-not-number"), (40.5,
        "count-not-whole"),
                          ("4 0", "value-not-number"), ("40余处", "value-not-number"), (-4, "value-negative"),
                          ("40万元", "value-not-number"), ("=8*5", "value-not-calculated"), ("38-40",
                          "value-range")):  # fmt: skip
        yield report(f"figure {written!r}", written, f"{code} D8", found=("40",))
    yield _told("pledge figure in another unit", partial(pledge, figures=((40, 40), (38, 37), ("125000元", 12.5))),
                seen(spent=("12.5",)), "value-not-number D10", unit="ST04")  # fmt: skip
    yield _told("pledge figure hidden", lambda: _formatted(pledge(), "D8", 40, ";;;"), seen(), "value-unseen D8",
                unit="ST04")  # fmt: skip
    yield _told("pledge row missing", lambda: without_row(pledge(), 9), [s for s in seen() if "fixed" not in s],
                "measure-missing B7", unit="ST04")  # fmt: skip
    yield _told("pledge row unknown", lambda: _line(pledge(), 12, ["", "新指标", "处", 3]), seen(),
        "measure-unknown B12",
                "cells-unread B12", unit="ST04")  # fmt: skip
    yield Case("pledge row twice", lambda: _line(pledge(), 12, [4, "排查发现隐患数", "处", 3]), "rejected",
               ("measure-twice B12", "cells-unread A12"))  # fmt: skip
    yield _told(
        "pledge section blank", lambda: with_cell(pledge(), "A5", None), seen(), "section-blank A5", unit="ST04"
    )


def _crossed_out(build: Callable[[], Workbook], address: str) -> Workbook:
    book = build()
    form_sheet(book)[address].font = Font(strike=True)
    return book


def _formatted(book: Workbook, address: str, value: object, code: str) -> Workbook:
    with_cell(book, address, value)
    form_sheet(book)[address].number_format = code
    return book


def _line(book: Workbook, row: int, values: Sequence[object]) -> Workbook:
    for column, value in enumerate(values, start=1):
        form_sheet(book).cell(row, column, value)
    return book
