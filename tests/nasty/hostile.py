"""Text that would like to be a formula, a script or a control sequence: data everywhere, and shown escaped."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from openpyxl import Workbook
from workbooks import assessment, form_sheet, special, with_cell

from nasty.case import Case, accepted, rejected, with_xml

_TEXTS = {
    "a link": '=HYPERLINK("http://example.invalid/x","点我")', "a command": "=cmd|'/C calc'!A0", "a plus": "+1+1",
    "a minus": "-1+1",
    "an at sign": "@SUM(1+1)", "a tab before a formula": "\t=1+1", "a script": "<script>alert(1)</script>",
    "an image": "<img src=x onerror=alert(1)>", "a link in Markdown": "[x](javascript:alert(1))",
    "a template": "{{7*7}} {0} {x.__class__}",
    "a percent": "%s %n %(x)s", "a right-to-left override": "正常\u202e常异", "an isolate": "\u2066x\u2069",
    "emoji": "已整改👍🏽👨‍👩‍👧",
    "Extension B": "𠮷𡈽𪚥", "private use": "\ue000\uf8ff", "zero-width signs": "整\u200b改",
    "a combining pile": "ä́̂̃̄" * 40,
    "a line separator": "一\u2028二", "lines": "一\n二\r\n三", "quotes": "'\"“”‘’「」",
    "a backslash": "\\n\\x00\\u202e", "a path": "../../../etc/passwd",
    "a null in words": "null", "32,767 signs": "安" * 32_767, "half-width kana": "ｱｲｳ", "a dollar formula": "$x^2$",
    "an ampersand": "& &amp; <&>",
    "ANSI colours": "[31m红[0m", "a shell": "$(rm -rf ~); `id`", "SQL": "'); DROP TABLE scores;--",
    "YAML": "!!python/object:os.system",
}  # fmt: skip


def cases() -> Iterator[Case]:
    """Every case of this family."""
    for name, text in _TEXTS.items():
        yield accepted(f"reason with {name}", partial(_text, text, "G7"), reason=" ".join(text.split()))
    for name in (
        "a link",
        "a script",
        "a right-to-left override",
        "a template",
        "lines",
        "32,767 signs",
        "emoji",
        "Extension B",
    ):
        yield accepted(f"mark with {name}", partial(_text, _TEXTS[name], "F7"), "value-not-number F7", marks="5 ? 6 4")
        yield rejected(f"unit with {name}", partial(_text, _TEXTS[name], "B2"), "unit-unknown B2", unit="")
        yield accepted(f"heading with {name}", partial(_text, _TEXTS[name], "I4"), "heading-unknown I4")
        yield rejected(
            f"item with {name}", partial(_text, _TEXTS[name], "B7"), "item-content-differs B7", "items-missing A4"
        )
        yield accepted(f"beside with {name}", partial(_text, _TEXTS[name], "J7"), "cells-unread J7")
    for sheet in ("=1+1", "<script>", "a\u202eb", "👍", "𠮷", "{0}", "%s", "-1", "表 1!A1", "..", "con"):
        yield accepted(f"sheet called {sheet!r}", partial(_called, sheet))
    for file in (
        "=1+1.xlsx", "<script>.xlsx", "a&b;c.xlsx", "{0}%s.xlsx", "-rf.xlsx", "自 评 表.xlsx",
        "自评表(1)(终稿)(真的终稿).xlsx", "👍.xlsx",
        "𠮷.xlsx", "con.xlsx", "自评表.XLSX", "'.xlsx", "长" * 80 + ".xlsx",
    ):  # fmt: skip
        yield accepted(f"file called {file[:12]!r}", assessment, file=file)
    for file in ("a\nb.xlsx", "a\u202exslx.xlsx", "\x1b[31m.xlsx", "a\u200b.xlsx"):
        yield accepted(f"file called {file!r}", assessment, "file-name-control", file=file)
    for name, written, shown in (("a bell", "整_x0007_改", "整\x07改"), ("a carriage return", "一_x000D_\n二", "一 二"),
                                 ("an escaped escape", "_x005F_x0007_", "_x0007_"), ("a null", "a_x0000_b",
                                 "a\x00b")):  # fmt: skip
        xml = f'<c r="G7" t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'
        yield accepted(f"reason with {name} as Excel writes it", partial(_reason_xml, xml), reason=shown)
    yield accepted(
        "mark as Excel escapes it", partial(with_xml, '<c r="F7" t="inlineStr"><is><t>_x0033_.5</t></is></c>')
    )
    yield Case("campaign with a formula", partial(_campaign, "=1+1"), "accepted", unit="", seen=("ST05 item.1(1) 1",))
    yield Case("finding with a script", partial(_campaign, "<script>"), "accepted", unit="", seen=("ST05 item.1(1) 1",))


def _text(text: str, address: str) -> Workbook:
    book = assessment()
    cell = form_sheet(book)[address]
    cell.value = text
    cell.data_type = "s"
    return book


def _reason_xml(xml: str) -> bytes:
    return with_xml(xml, "G7", with_cell(assessment(), "G7", "x"))


def _called(name: str) -> Workbook:
    book = assessment()
    form_sheet(book)._WorkbookChild__title = name  # type: ignore[attr-defined]  # past openpyxl's own check
    return book


def _campaign(text: str) -> Workbook:
    book = special([("石泉路街道", "2020-07-01", 1, text, "（1）", 1)], "汛期" + text)
    form_sheet(book)["E5"].data_type = "s"
    return book
