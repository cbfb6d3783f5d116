"""What happens to the table: columns moved and renamed, items moved and edited, more than one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from openpyxl import Workbook
from workbooks import (
    HEADINGS,
    STREET_ITEMS,
    assessment,
    form_sheet,
    header_of_two_rows,
    with_cell,
    without_row,
)

from nasty.case import Case, Row, accepted, as_text, calculated, rejected, retyped, rows_of

HEADER = 3  # of the rows as a list
ITEM = {"1": 5, "2": 6, "3": 9, "4": 10}
_SUMS = ("subtotal-differs F8", "total-differs F13")


def table(change: Callable[[list[Row]], object] = lambda rows: None, **more: int) -> Callable[[], Workbook]:
    """A builder of the tidy form retyped, after ``change`` was made to its rows."""

    def build() -> Workbook:
        rows = rows_of()
        change(rows)
        return retyped(rows, **more)

    return build


def in_each_row(change: Callable[[Row], Row], first: int = HEADER, last: int = 12) -> Callable[[list[Row]], None]:
    """The change made to each row of the table itself."""

    def made(rows: list[Row]) -> None:
        rows[first : last + 1] = [change(row) for row in rows[first : last + 1]]

    return made


def cell(row: int, column: int, value: object) -> Callable[[list[Row]], None]:
    """One cell of the list overwritten."""
    return lambda rows: rows[row].__setitem__(column, value)


def heading(written: str, column: int = 5) -> Callable[[], Workbook]:
    """Another heading over a column: over the marks, when nothing else is said."""
    return partial(with_cell, assessment(), f"{'ABCDEFGH'[column]}4", written)


def item_text(written: object, no: str = "2") -> Callable[[], Workbook]:
    """Another text of an item."""
    return table(cell(ITEM[no], 1, written))


def cases() -> Iterator[Case]:
    """Every case of this family."""
    yield from _places()
    yield from _headings()
    yield from _columns()
    yield from _items()
    yield from _texts()
    yield from _lines()


def _places() -> Iterator[Case]:
    yield accepted("table retyped without its merges", table())
    yield accepted("table three rows lower", table(down=3))
    yield accepted("table two columns to the right", table(right=2))
    yield accepted("table lower and to the right", table(down=5, right=3))
    yield accepted("table without the note above", table(lambda rows: rows.pop(2)))
    yield accepted("table with more lines above", table(_more_above))
    yield accepted("table with blank rows between", table(lambda rows: rows.__setitem__(slice(6, 6), [[None] * 8] * 4)))
    yield accepted("table with the header on two rows", header_of_two_rows)
    yield accepted("table with the header on two rows, unmerged", table(_two_rows_unmerged))
    yield rejected("table without its title", table(lambda rows: rows.pop(0)), "form-unknown A1")
    yield rejected("table without its header", table(lambda rows: rows.pop(HEADER)), "header-missing A1")
    yield rejected("table turned on its side", _turned, "header-missing A1")
    yield accepted("table with the header once more", table(_header_again))
    yield accepted("table with title and header once more", table(_page_break), "cells-unread A10",
                   note="the repeated title is nobody's mark: listed as unread")  # fmt: skip


def _two_rows_unmerged(rows: list[Row]) -> None:
    rows[HEADER][5], rows[HEADER][6] = "自评", None
    rows.insert(HEADER + 1, [None] * 5 + ["自评分", "扣分原因", None])


def _more_above(rows: list[Row]) -> None:
    rows[2:2] = [["填表说明：请如实填写各项内容，不得漏项。"] + [None] * 7, [None] * 8]


def _header_again(rows: list[Row]) -> None:
    rows.insert(8, list(HEADINGS))


def _page_break(rows: list[Row]) -> None:
    rows[9:9] = [[rows[0][0]] + [None] * 7, list(HEADINGS)]


def _turned() -> Workbook:
    rows = rows_of()
    turned = [list(column) for column in zip(*rows[HEADER:11], strict=True)]
    return retyped([*rows[:2], *turned])


def _headings() -> Iterator[Case]:
    for column, written in (
        (0, "编号"), (0, "序 号"), (0, "序\n号"), (1, "考评内容"), (1, "考核项目"), (2, "标准分"), (2, "标准分值"),
        (2, "基础分"),
        (2, "基本分"), (2, "应得分"), (2, "满分"), (2, "分值（分）"), (3, "扣分标准"), (3, "评分办法"), (4, "考核方式"),
        (5, "自测评分"), (5, "自查得分"), (5, "自评得分"), (5, "自 评 分"), (5, "自评分（分）"), (5, "*自评分"), (5,
        "自评分："),
        (5, "自评\u200b分"), (5, "自评分（2020年）"), (5, "2020年自评分"), (5,
        "2020年度自评分"),
        (5, "自我评分"), (5, "自评分数"), (5, "自查评分"), (6, "扣分说明"), (6, "扣分理由"), (6, "扣分原因及说明"),
        (7, "佐证材料名称"),
    ):  # fmt: skip
        yield accepted(f"heading {written!r}", heading(written, column))
    for written in (
        "自评分（扣分）",
        "自评得分（考评组填写）",
        "2019年自评分",
        "自评分（2019年）",
        "自评分（上年）",
        "上年自评分",
        "考评分",
        "评审得分",
        "实得分",
        "得分",
        "扣分分值",
        "自评情况",
        "X",
    ):
        yield rejected(
            f"heading {written!r} over the only marks", heading(written), "heading-missing A4", "heading-unknown F4",
            "cells-unread F6",
            note="another year's mark, another person's mark or a deduction is not this year's self-mark",
        )  # fmt: skip
    yield rejected("heading of the marks left blank", heading(""), "heading-missing A4", "cells-unread F6")
    yield rejected("heading of the numbers unknown", heading("代码", 0), "heading-missing A4", "heading-unknown A4")
    yield rejected(
        "heading of the contents unknown", heading("说明文字", 1), "heading-missing A4", "heading-unknown B4"
    )
    yield rejected("heading of the points unknown", heading("权重", 2), "heading-missing A4", "heading-unknown C4",
                   "cells-unread C6")  # fmt: skip
    yield rejected("heading drawn over two years", _two_years_under_one, "heading-wide F4", "cells-unread F7")


def _two_years_under_one() -> Workbook:
    rows = [[*row[:6], None, *row[6:]] for row in rows_of()]
    rows.insert(HEADER + 1, [None] * 5 + ["2019年", "2020年", None, None])
    for no, last_year in (("1", 5), ("2", 4), ("3", 5), ("4", 5)):
        row = rows[ITEM[no] + 1]
        row[5], row[6] = last_year, row[5]
    book = retyped(rows)
    form_sheet(book).merge_cells("F4:G4")
    for column in "ABCDEHI":
        form_sheet(book).merge_cells(f"{column}4:{column}5")
    return book


def _columns() -> Iterator[Case]:
    def order(*places: int) -> Callable[[], Workbook]:
        return table(in_each_row(lambda row: [row[place] for place in places]))

    yield accepted("columns in reverse", order(7, 6, 5, 4, 3, 2, 1, 0), note="labels above stay where they were")
    yield accepted("columns with the marks first", order(5, 0, 1, 2, 3, 4, 6, 7))
    yield accepted("columns with points and marks changed over", order(0, 1, 5, 3, 4, 2, 6, 7))

    def inserted(title: str, values: Callable[[Row], object], at: int) -> Callable[[], Workbook]:
        def change(row: Row) -> Row:
            new = title if row[0] == "序号" else values(row) if isinstance(row[0], int) else None
            return [*row[:at], new, *row[at:]]

        return table(in_each_row(change))

    yield accepted(
        "column of last year beside", inserted("上年自评分", lambda row: 4, 5), "heading-unknown F4", "cells-unread F6"
    )
    yield accepted(
        "column of 2019 beside", inserted("自评分（2019年）", lambda row: 4, 5), "heading-unknown F4", "cells-unread F6"
    )
    yield accepted(
        "column of the assessors beside", inserted("考评分", lambda row: 3, 6), "heading-unknown G4", "cells-unread G6"
    )
    yield accepted(
        "column of deductions beside", inserted("扣分分值", lambda row: 0.5, 6), "heading-unknown G4", "cells-unread G6"
    )
    yield accepted(
        "column of themes beside",
        inserted("考核项目", lambda row: "一级指标", 1),
        "heading-unknown B4",
        "cells-unread B6",
    )
    yield accepted("column without heading", inserted("", lambda row: "见附件", 8), "cells-unread I6")
    yield accepted("column inserted and left empty", inserted("", lambda row: None, 3))
    yield rejected("column of marks twice", inserted("自评分", lambda row: 4, 6), "heading-twice G4", "cells-unread F6")
    yield rejected("column of marks twice, by a synonym", inserted("自查得分", lambda row: 4, 6), "heading-twice G4",
                   "cells-unread F6")  # fmt: skip
    yield rejected("column of numbers twice", inserted("序号", lambda row: row[0], 1), "heading-twice B4")
    yield rejected("column of marks gone", table(in_each_row(lambda row: [*row[:5], *row[6:]])), "heading-missing A4")
    yield accepted("column of reasons gone", table(in_each_row(lambda row: [*row[:6], row[7]])), "heading-left-out A4")
    yield accepted("column of evidence gone", table(in_each_row(lambda row: row[:7])), "heading-left-out A4")


def _items() -> Iterator[Case]:
    def swapped(first: str, second: str, column: int | None = None) -> Callable[[], Workbook]:
        def change(rows: list[Row]) -> None:
            one, two = ITEM[first], ITEM[second]
            if column is None:
                rows[one], rows[two] = rows[two], rows[one]
            else:
                rows[one][column], rows[two][column] = rows[two][column], rows[one][column]

        return table(change)

    yield accepted("items in another order", swapped("1", "2"))
    yield accepted("items across themes", swapped("2", "3"), "subtotal-differs F8", "subtotal-differs F12")
    yield rejected(
        "items' texts swapped", swapped("1", "2", 1), "item-mismatch A6", "item-mismatch A7", "items-missing A4"
    )
    yield rejected(
        "items' numbers swapped", swapped("3", "4", 0), "item-mismatch A10", "item-mismatch A11", "items-missing A4"
    )
    yield accepted("items' marks swapped, which nobody can see", swapped("1", "4", 5), "subtotal-differs F8",
                   "subtotal-differs F12", marks="4 3.5 6 5")  # fmt: skip
    yield rejected("item missing", partial(without_row, assessment(), 7), "items-missing A4", "subtotal-differs F7")
    yield rejected("item added", table(lambda rows: rows.insert(11, [5, "加强宣传教育培训和应急演练", 3, "", "", 3,
        "", ""])),
                   "item-unknown A12")  # fmt: skip
    yield rejected("item twice", table(lambda rows: rows.insert(7, list(rows[6]))), "item-twice A8")
    renumbered = (("1", 2), ("2", 3), ("3", 4), ("4", 5))
    yield rejected(
        "items all renumbered by one", table(lambda rows: [cell(ITEM[no], 0, new)(rows) for no, new in renumbered]),
        "item-mismatch A6", "item-mismatch A7", "item-mismatch A10", "item-mismatch A11", "items-missing A4",
        note="texts agree, but number and text decide together: a person has to",
    )  # fmt: skip
    yield rejected("item renumbered", table(cell(ITEM["4"], 0, 14)), "item-mismatch A11", "items-missing A4")
    yield rejected(
        "items numbered anew in each theme", table(lambda rows: [cell(ITEM["3"], 0, 1)(rows), cell(ITEM["4"], 0,
        2)(rows)]),
        "item-mismatch A10", "item-mismatch A11", "items-missing A4",
    )  # fmt: skip
    for written in ("２", "2.", "2、", "（2）", "第2项", "02", " 2 ", "2"):
        yield accepted(f"item number {written!r}", table(cell(ITEM["2"], 0, written)))
    for written in ("二", "②", "1.2", "1-2", "2-1", "II", "2项3"):
        yield rejected(
            f"item number {written!r}", table(cell(ITEM["2"], 0, written)), "item-mismatch A7", "items-missing A4"
        )
    yield accepted("item without number", table(cell(ITEM["2"], 0, None)), "item-number-missing A7")
    yield accepted("item without text", item_text(None), "item-content-blank B7", marks="5 ? 6 4")
    yield rejected("item without number and text", table(lambda rows: [cell(ITEM["2"], 0, None)(rows), cell(ITEM["2"],
        1, None)(rows)]),
                   "mark-without-item F7", "items-missing A4", "cells-unread C7")  # fmt: skip
    yield accepted("item with other points", table(cell(ITEM["2"], 2, 5)), "full-marks-differ C7", marks="5 ? 6 4")
    yield accepted(
        "item with points in words", table(cell(ITEM["2"], 2, "四分")), "full-marks-differ C7", marks="5 ? 6 4"
    )
    yield accepted("item with points and unit", table(cell(ITEM["2"], 2, "4分")))
    yield accepted("item without points", table(cell(ITEM["2"], 2, None)), note="the rubric's full marks rule")
    yield accepted("item with higher points and mark", table(lambda rows: [cell(ITEM["2"], 2, 10)(rows),
        cell(ITEM["2"], 5, 9)(rows)]),
                   "full-marks-differ C7", marks="5 ? 6 4")  # fmt: skip
    yield accepted("item points merged over two", lambda: _merged("C6:C7"), "value-merged F7", marks="5 ? 6 4")
    yield rejected("item text merged over two", lambda: _merged("B6:B7"), "mark-without-item F7", "items-missing A4",
                   "cells-unread A7")  # fmt: skip


def _merged(area: str) -> Workbook:
    book = assessment()
    form_sheet(book).merge_cells(area)
    return book


def _texts() -> Iterator[Case]:
    text = STREET_ITEMS[1][1]
    for name, written in (
        ("line breaks", text.replace("，", "，\n")),
        ("half-width punctuation", text.replace("，", ",")),
        ("its number before", "2." + text),
        ("its points behind", text + "（4分）"),
        ("spaces within", " ".join(text)),
        ("zero-width signs", "\u200b".join(text)),
        ("full-width digits", text.replace("24", "２４")),
    ):
        yield accepted(f"text with {name}", item_text(written))
    yield accepted("text with a word put in", item_text(text.replace("值守", "值班值守")), "item-text-edited B7")
    yield accepted("text with a slip", item_text(text.replace("突发", "突法")), "item-text-edited B7")
    for name, written in (
        ("a not put in", text.replace("及时", "未及时")),
        ("another not", "不" + text),
        ("another number of hours", text.replace("24", "12")),
        ("traditional characters", "落實24小時應急值守，及時準確報送突發事件信息"),
        ("only its first half", text.partition("，")[0]),
        ("another item's wording", "组织消防演练并做好记录"),
    ):
        yield rejected(f"text with {name}", item_text(written), "item-content-differs B7", "items-missing A4")


def _lines() -> Iterator[Case]:
    yield accepted("line of remarks across", table(lambda rows: rows.insert(7,
        ["本项材料另行报送，请联系办公室查阅。"] + [None] * 7)),
                   "cells-unread A8")  # fmt: skip
    yield rejected("line with a mark and nothing else", table(lambda rows: rows.insert(7, [None] * 5 + [2, None,
        None])),
                   "mark-without-item F8", "cells-unread F8")  # fmt: skip
    for written in ("小 计", "小计：", "小计（分）"):
        yield accepted(f"line of a subtotal {written!r}", table(cell(7, 0, written)))
    for written in ("合 计", "总计", "合计：", "总分（20分）", "自评总分", "合计得分"):
        yield accepted(f"line of a total {written!r}", table(cell(12, 0, written)))
    yield accepted("line of subtotals gone", table(lambda rows: [rows.pop(11), rows.pop(7)]))
    yield accepted("line of the total gone", table(lambda rows: rows.pop(12)))
    yield accepted("total by a hundredth too much", table(cell(12, 5, 18.51)), "total-differs F13")
    yield accepted("total with a slip", table(cell(12, 5, 81.5)), "total-differs F13")
    yield accepted("total with its unit", table(cell(12, 5, "18.5分")))
    yield accepted("total in words", table(cell(12, 5, "十八点五")), "sum-unreadable F13")
    yield accepted("total cut off", table(cell(12, 5, "18.")), "sum-unreadable F13")
    yield accepted("total broken", table(cell(12, 5, "#REF!")), "sum-unreadable F13")
    yield accepted("total never worked out", table(cell(12, 5, "=SUM(F6:F11)")))
    yield accepted("total on itself", partial(calculated, "SUM(F6:F13)", "0", address="F13"), "sum-unreadable F13")
    yield accepted("subtotal wrong", table(cell(7, 5, 9)), "subtotal-differs F8")
    yield accepted("marks on the theme's line", table(cell(4, 5, 8.5)), "cells-unread F5")
    yield rejected("last year's table below", table(_last_year_below), "item-twice A22", "item-twice A23",
        "item-twice A26",
                   "item-twice A27", "cells-unread A19")  # fmt: skip
    yield rejected("subtotal in an item's row", table(cell(6, 0, "小计")), "items-missing A4", "subtotal-differs F7",
                   "subtotal-differs F8")  # fmt: skip
    yield accepted("a claim of bonus", table(lambda rows: rows.insert(15, ["消防先进集体", None, "市级",
        "示例〔2020〕1号"] + [None] * 4)),
                   "bonus-claimed A16")  # fmt: skip
    yield accepted("text of a mark beside the table", partial(with_cell, assessment(), "J7", 3), "cells-unread J7")
    yield accepted("text far below", partial(with_cell, assessment(), "A60", "另附说明一份"), "cells-unread A60")
    yield accepted("text as the unit's number", partial(as_text, "3.5"))


def _last_year_below(rows: list[Row]) -> None:
    again = [list(row) for row in rows]
    again[0][0] = "2019年度普陀区安全生产和消防工作巡查考核自评表（街道镇）"
    rows.pop()
    rows.extend([*([[None] * 8] * (18 - len(rows))), again[0], *again[3:13]])
