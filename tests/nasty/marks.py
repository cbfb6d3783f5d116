"""What people, and programs, leave in the cell of a mark. The second item is worth 4; a tidy form says 3.5."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from functools import partial

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Color, Font, PatternFill
from workbooks import STREET_ITEMS, assessment, form_sheet, merged, row_hidden, with_cell

from nasty.case import Case, accepted, as_text, calculated, dressed, mark, rejected, shown_by, with_xml

UNDECIDED = "5 ? 6 4"
_READ = {
    "digits": "3.5", "full-width digits": "３．５", "points behind": "3.5分", "points behind a space": "3.5 分",
    "full-width with points": "３．５分", "spaces around": "  3.5 ", "full-width spaces": "　3.5　",
    "no-break space": "\xa03.5", "a final zero": "3.50", "many final zeros": "3.5000000000", "a leading zero": "03.5",
    "zero-width space before": "\u200b3.5", "byte order mark behind": "3.5\ufeff", "a line break behind": "3.5\n",
    "a tab before": "\t3.5",
}  # fmt: skip
_NOT_READ = {
    "value-blank": {
        "space": " ", "full-width space": "　", "zero-width space": "\u200b", "line break": "\n",
        "no-break space": "\xa0", "several invisible signs": "\u200b\ufeff \u2060",
    },
    "value-unclear": {
        "hyphen": "-", "full-width hyphen": "－", "en dash": "–", "dash": "—", "double dash": "——", "bar": "―",
        "box line": "─", "slash": "/", "full-width slash": "／", "backslash": "\\", "asterisk": "*", "none": "无",
        "to be settled": "待定", "a spaced dash": " — ",
    },
    "value-not-applicable": {
        "not concerned": "不涉及", "not concerned, spaced": "不 涉 及", "not fitting": "不适用", "N/A": "N/A",
        "n/a": "n/a", "full-width N/A": "Ｎ／Ａ", "no such item": "无此项", "item lacking": "缺项",
    },
    "value-range": {
        "hyphen": "3-4", "tilde": "3~4", "full-width tilde": "3～4", "dash": "3—4", "en dash": "3–4", "to": "3至4",
        "until": "3到4", "points": "3分-4分", "from nought": "0-4",
    },
    "value-negative": {"hyphen": "-0.5", "full-width": "－0.5", "minus sign": "−0.5", "with points": "-0.5分"},
    "mark-above-full": {
        "by a tenth": "4.1", "by little": "4.0001", "a digit too many": "35", "full-width": "３５",
        "twenty-four digits": "9" * 24, "thousands": "3,500",
    },
    "value-too-fine": {"five decimals": "3.50001", "beyond any precision": "3.5" + "0" * 40 + "1"},
    "value-not-number": {
        "NA": "NA", "null": "null", "ditto": "同上", "see annex": "见附件", "passed": "合格", "tick": "√", "yes": "是",
        "about": "约3.5", "or so": "3.5左右", "minus behind": "3.5-", "plus behind": "3.5+", "plus": "+3.5",
        "full-width plus": "＋3.5", "apostrophe": "'3.5", "quotes": '"3.5"', "decimal comma": "3,5",
        "full-width comma": "3，5", "Chinese full stop": "3。5", "middle dot": "3·5", "colon": "3:5",
        "of full": "3.5/4",
        "fraction": "3/4", "per cent": "92%", "deduction": "扣0.5", "deduction with points": "扣0.5分",
        "sum": "4-0.5=3.5", "mark and deduction": "3.5分（扣0.5）", "full and figure": "满分4", "Chinese three": "三",
        "Chinese points": "三分", "Chinese decimals": "三点五", "half a point": "半分", "Roman": "Ⅲ", "circled": "③",
        "superscript": "3²", "Arabic-Indic": "٣", "mathematical": "𝟑", "two in a cell": "3 4",
        "two digits apart": "0 3",
        "full-width digits apart": "０　３", "space before the point": "3 .5", "two lines": "3\n.5",
        "two spaced": "1\n3",
        "correction below": "3.5\n（修改为3）", "run together": "93.7395.80", "two points": "3..5",
        "point behind": "3.",
        "point before": ".5", "letter O": "O", "letter l": "l", "hexadecimal": "0x3", "exponent": "3E0", "NaN": "NaN",
        "Infinity": "Infinity", "infinity": "∞", "TRUE": "TRUE", "#REF! as text": "#REF!", "formula as text": "=3.5",
        "markup": "<b>3</b>", "question": "3.5?", "right-to-left override": "\u202e5.3",
        "zero-width inside": "3\u200b.5",
        "only the unit": "分", "both": "3.5分3分", "no. of item": "2.3.5", "underlined blank": "___", "square": "□",
    },
}  # fmt: skip


def cases() -> Iterator[Case]:
    """Every case of this family."""
    for name, text in _READ.items():
        yield accepted(f"mark {name}", partial(as_text, text))
    for code, texts in _NOT_READ.items():
        for name, text in texts.items():
            yield accepted(f"mark {code}: {name}", partial(as_text, text), f"{code} F7", marks=UNDECIDED)
    yield from _typed()
    yield from _formulas()
    yield from _formats()
    yield from _looks()


def _typed() -> Iterator[Case]:
    says = {
        "value-blank": {"nothing": None, "empty text": ""},
        "mark-above-full": {"5 of 4": 5, "35": 35, "4.01": 4.01, "huge": 1e300},
        "value-negative": {"minus one": -1, "minus a half": -0.5},
        "value-too-fine": {"a third": 10 / 3, "eighth decimal": 3.50000001, "next to nought": 1e-7},
        "value-not-number": {"boolean": True},
        "value-became-date": {
            "4-5 as a date": datetime.date(2020, 4, 5), "1:30 as a time": datetime.time(1, 30),
            "a moment": datetime.datetime(2020, 4, 5, 12, 30),
        },
        "value-error": {"#REF!": "#REF!", "#DIV/0!": "#DIV/0!", "#N/A": "#N/A", "#NAME?": "#NAME?",
        "#VALUE!": "#VALUE!"},
    }  # fmt: skip
    for code, values in says.items():
        for name, value in values.items():
            yield accepted(f"typed {code}: {name}", partial(mark, value), f"{code} F7", marks=UNDECIDED)
    yield accepted("typed sum of tenths", partial(mark, 3.4000000000000004), *_SUMS, marks="5 3.4 6 4")
    yield accepted("typed as Excel would store 3.5", partial(mark, 3.4999999999999996))
    yield accepted("typed nought is a mark", partial(mark, 0), *_SUMS, marks="5 0 6 4")
    yield accepted("typed full marks in words", partial(mark, "满分"), *_SUMS, marks="5 4 6 4")
    yield accepted("typed no number at all", partial(with_xml, '<c r="F7"><v>NaN</v></c>'), "value-error F7",
                   marks=UNDECIDED)  # fmt: skip
    blank_column = dict.fromkeys("1234")
    yield accepted(
        "typed in the column of reasons",
        lambda: with_cell(assessment(marks=blank_column), "G7", "扣0.5"),
        *(f"value-blank F{row}" for row in (6, 7, 10, 11)),
        marks="? ? ? ?",
        note="a deduction is not a mark: nothing is turned round",
    )
    yield accepted(
        "typed nought everywhere",
        partial(assessment, marks=dict.fromkeys("1234", 0)),
        "marks-like-deductions F4",
        marks="0 0 0 0",
        note="more likely deductions than marks; the numbers count as they stand and the office is told",
    )

    yield accepted(
        "typed deductions throughout",
        partial(assessment, marks={"1": 0, "2": 0.5, "3": 0, "4": 1}),
        "marks-like-deductions F4",
        marks="0 0.5 0 1",
        note="they count as they stand and the office is told",
    )


_SUMS = ("subtotal-differs F8", "total-differs F13")


def _formulas() -> Iterator[Case]:
    yield accepted("formula worked out", partial(calculated, "7/2", "3.5"))
    yield accepted("formula with text", partial(calculated, '"3.5"', "3.5", "str"))
    yield accepted("formula never worked out", partial(mark, "=7/2"), "value-not-calculated F7", marks=UNDECIDED)
    yield accepted("formula of a number", partial(mark, "=3.5"), "value-not-calculated F7", marks=UNDECIDED)
    for name, formula, value, kind, code in (
        ("with a dash", '"—"', "—", "str", "value-unclear"),
        ("with empty text", '""', "", "str", "value-blank"),
        ("with an error", "1/0", "#DIV/0!", "e", "value-error"),
        ("with a boolean", "1=1", "1", "b", "value-not-number"),
        ("above full", "8/2+1", "5", "n", "mark-above-full"),
        ("on itself", "F7", "0", "n", "value-circular"),
        ("on its own column", "SUM(F6:F8)", "0", "n", "value-circular"),
        ("on its own cell, pinned", "$F$7+1", "0", "n", "value-circular"),
    ):
        yield accepted(f"formula {name}", partial(calculated, formula, value, kind), f"{code} F7", marks=UNDECIDED)
    yield accepted("formula on other cells", partial(calculated, "F6-1.5+SUM(G6:G8)", "3.5"))


def _formats() -> Iterator[Case]:
    for code in (
        "0.0",
        "0.00",
        "General",
        "@",
        '0.0"分"',
        "[Red]0.0",
        "#,##0.0",
        "G/通用格式",
        '"得"0.0',
        "0.0_ ",
        "0.0;-0.0",
    ):
        yield accepted(f"format {code}", partial(shown_by, 3.5, code))
    for name, code in (
        ("a fixed 4", '"4"'),
        ("a fixed 4 behind", '0.0"/4"'),
        ("a word", '"优"'),
        ("thousands", "0.0,"),
        ("a word above 3", '[>3]"满分";0.0'),
    ):
        yield accepted(
            f"format shows {name}", partial(shown_by, 3.5, code), "value-shown-otherwise F7", marks=UNDECIDED
        )
    yield accepted(
        "format rounds to 4", partial(shown_by, 3.5, "0"), "value-shown-rounded F7",
        note="Excel adds up what is stored, so the stored mark counts; the sender is told",
    )  # fmt: skip
    for name, code in (("hides all", ";;;"), ("hides the positive", ";-0.0")):
        yield accepted(
            f"format {name}", partial(shown_by, 3.5, code), "value-unseen F7",
            note="like a hidden row: it counts and is told",
        )  # fmt: skip
    yield accepted("format hides nought", partial(shown_by, 0, "0.0;-0.0;"), "value-unseen F7", *_SUMS, marks="5 0 6 4")
    for name, value, code in (("per cent", 0.875, "0%"), ("per cent, decimals", 0.035, "0.00%")):
        yield accepted(f"format {name}", partial(shown_by, value, code), "value-percent F7", marks=UNDECIDED)
    for name, code in (("date", "yyyy-mm-dd"), ("Chinese date", 'm"月"d"日"'), ("time", "h:mm")):
        yield accepted(f"format {name}", partial(shown_by, 3.5, code), "value-became-date F7", marks=UNDECIDED)


def _looks() -> Iterator[Case]:
    struck = partial(dressed, 3.5, lambda cell: setattr(cell, "font", Font(strike=True)))
    yield accepted("look struck out", struck, "value-struck F7", marks=UNDECIDED)
    for name, value, address, says, read in (
        ("number", 2, "A7", "value-struck A7", UNDECIDED),
        ("item", STREET_ITEMS[1][1], "B7", "value-struck B7", UNDECIDED),
    ):
        crossed = partial(dressed, value, partial(_look, {"font": Font(strike=True)}), address)
        yield accepted(f"look of a {name} struck out", crossed, says, marks=read)
    for name, value, address, says in (
        ("title", "2020年度普陀区自评表", "A1", ("value-struck A1",)),
        ("heading", "自评分", "F4", ("heading-missing A4", "heading-unknown F4", "cells-unread F6")),
    ):
        crossed = partial(dressed, value, partial(_look, {"font": Font(strike=True)}), address)
        yield rejected(f"look of the {name} struck out", crossed, *says)
    partly = CellRichText(TextBlock(InlineFont(strike=True), "3"), "3.5")
    yield accepted("look partly struck out", partial(mark, partly), "value-struck F7", marks=UNDECIDED)
    for name, look in (
        ("white on white", {"font": Font(color="FFFFFFFF")}),
        ("in the theme's white", {"font": Font(color=Color(theme=0))}),
        ("yellow on yellow", {"font": Font(color="FFFFFF00"), "fill": PatternFill("solid", fgColor="FFFFFF00")}),
    ):
        unseen = partial(dressed, 3.5, partial(_look, look))
        yield accepted(f"look {name}", unseen, "value-unseen F7", note="like a hidden row: it counts and is told")
    for name, look in (
        ("red", {"font": Font(color="FFFF0000")}),
        ("white on blue", {"font": Font(color="FFFFFFFF"), "fill": PatternFill("solid", fgColor="FF0000FF")}),
        ("bold on yellow", {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="FFFFFF00")}),
    ):
        yield accepted(f"look {name}", partial(dressed, 3.5, partial(_look, look)))
    raised = CellRichText("3.5", TextBlock(InlineFont(vertAlign="superscript"), "1"))
    yield accepted("look with a raised footnote", partial(mark, raised), "value-struck F7", marks=UNDECIDED)
    yield accepted("look merged over two items", lambda: merged(assessment(), "F6:F7"), "value-merged F6",
                   marks="5 ? 6 4")  # fmt: skip
    yield accepted("look merged with the reason", lambda: merged(assessment(), "F7:G7"))
    yield accepted(
        "look merged into the method", lambda: merged(assessment(), "E7:F7"), "value-merged E7",
        marks=UNDECIDED, note="the mark under the merge is gone, as it is when Excel merges",
    )  # fmt: skip
    yield accepted("look in a hidden row", lambda: row_hidden(assessment(), 7), "rows-hidden A7")

    yield accepted("look in a hidden column", _column_hidden, "columns-hidden F4")

    yield accepted("look with a comment of another mark", _commented, "comments-unread A1")


def _look(look: Mapping[str, object], cell: Cell) -> None:
    for name, value in look.items():
        setattr(cell, name, value)


def _column_hidden() -> Workbook:
    book = assessment()
    form_sheet(book).column_dimensions["F"].hidden = True
    return book


def _commented() -> Workbook:
    book = assessment()
    form_sheet(book)["F7"].comment = Comment("应为3分", "审核人")
    return book
