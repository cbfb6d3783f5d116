"""What else comes under the name of a workbook: other formats, wrong suffixes, broken and hostile archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial

from workbooks import (
    FILES,
    SHEET,
    assessment,
    delimited,
    form_sheet,
    locked,
    old_with_password,
    saved,
    shown_rows,
    strict_edition,
    table,
    with_part,
    with_part_twice,
    with_rows,
    xml_of_2003,
)

from nasty.case import Case, accepted, rejected


def _rows(mark: str = "3.5") -> list[list[str]]:
    book = assessment()
    form_sheet(book)["A3"] = None
    form_sheet(book)["F7"] = mark
    return shown_rows(book)


def _csv(encoding: str = "utf-8", separator: str = ",", mark: str = "3.5") -> bytes:
    return delimited(_rows(mark), separator).encode(encoding)


def _page(mark: str = "3.5", encoding: str = "utf-8") -> bytes:
    return table(_rows(mark), f'<meta charset="{encoding}">').encode(encoding)


def _tidy() -> bytes:
    return saved(assessment())


def cases() -> Iterator[Case]:
    """Every case of this family."""
    yield from _text()
    yield from _suffixes()
    yield from _no_workbooks()
    yield from _broken()


def _text() -> Iterator[Case]:
    for name, build, file in (
        ("UTF-8", partial(_csv), "表.csv"), ("UTF-8 with its mark", partial(_csv, "utf-8-sig"), "表.csv"), ("GBK",
        partial(_csv, "gbk"), "表.csv"),
        ("UTF-16", partial(_csv, "utf-16", "\t"), "表.csv"), ("tabs", partial(_csv, "gbk", "\t"), "表.xls"),
        ("semicolons", partial(_csv, "utf-8", ";"), "表.csv"), ("a page", _page, "表.xls"), ("a page in GBK",
        partial(_page, encoding="gbk"), "表.xls"),
        ("XML of 2003", lambda: xml_of_2003(_rows()).encode(), "表.xls"),
    ):  # fmt: skip
        yield accepted(f"text of {name}", build, "text-table", file=file)
    for mark, code in (("", "value-blank"), ("—", "value-unclear"), ("3-4", "value-range"), ("87%", "value-not-number"),
                       ("#REF!", "value-error"), ("不涉及", "value-not-applicable"), ("=3.5", "value-not-number"),
                       ("5", "mark-above-full")):  # fmt: skip
        yield accepted(
            f"CSV with {mark!r}", partial(_csv, mark=mark), "text-table", f"{code} F7", marks="5 ? 6 4", file="表.csv"
        )
        yield accepted(
            f"page with {mark!r}", partial(_page, mark), "text-table", f"{code} F7", marks="5 ? 6 4", file="表.xls"
        )


def _suffixes() -> Iterator[Case]:
    for file in ("表.xls", "表.et", "表.csv", "表.pdf", "表", "表.xlsx.bak", "表.doc"):
        yield accepted(f"workbook called {file}", _tidy_named(file), "suffix-differs", file=file)
    for file in ("表.xlsm", "表.XLSX"):
        yield accepted(f"workbook called {file}", _tidy_named(file), file=file)
    yield accepted("workbook of the strict edition", lambda: strict_edition(_tidy_named("strict")()))


def _tidy_named(name: str) -> Callable[[], bytes]:
    def build() -> bytes:
        book = assessment()
        book.properties.title = name
        return saved(book)

    return build


def _no_workbooks() -> Iterator[Case]:
    for name, data, code in (
        ("nothing", b"", "file-empty"), ("spaces", b"  \r\n\t ", "file-empty"), ("a PDF", b"%PDF-1.4\n%x",
        "not-a-workbook"),
        ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(40), "not-a-workbook"), ("a photograph",
        b"\xff\xd8\xff\xe0" + bytes(40), "not-a-workbook"),
        ("a letter", "请查收附件。".encode(), "not-a-workbook"), ("noise", bytes(range(256)) * 4, "not-a-workbook"),
        ("RTF", rb"{\rtf1 x}", "not-a-workbook"), ("a RAR archive", b"Rar!\x1a\x07\x00" + bytes(40),
        "archive-of-other-kind"),
        ("a 7z archive", b"7z\xbc\xaf\x27\x1c" + bytes(40), "archive-of-other-kind"), ("a locked workbook", locked(),
        "workbook-locked"),
        ("a locked old workbook", old_with_password(), "workbook-locked"),
    ):  # fmt: skip
        yield rejected(f"bytes of {name}", lambda data=data: data, code, unit="")
    yield rejected("an old workbook that is no form", lambda: (FILES / "kinds.xls").read_bytes(), "form-unknown A1",
        "workbook-old-format",
                   unit="", file="表.xls")  # fmt: skip


def _broken() -> Iterator[Case]:
    for share in (0.3, 0.6, 0.95):
        yield rejected(f"cut off at {share:.0%}", lambda share=share: _cut(share), "workbook-damaged", unit="")
    yield rejected("a part twice", lambda: with_part_twice(_tidy()), "workbook-parts-strange", unit="")
    yield rejected("an entity declared", lambda: with_part(_tidy(), SHEET, lambda xml: xml.replace(
        b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "5">]><worksheet', 1)), "workbook-doctype", unit="")  # fmt: skip
    yield rejected(
        "XML not closed", lambda: with_part(_tidy(), SHEET, lambda xml: xml[:-20]), "workbook-damaged", unit=""
    )
    yield rejected("a part outside", _part_outside, "workbook-parts-strange", unit="")
    yield rejected("a cell with two addresses", lambda: with_rows(_tidy(), b'<row r="7"><c r="F7"><v>4</v></c></row>'),
                   "workbook-damaged", unit="")  # fmt: skip
    yield accepted("a dimension that lies", lambda: with_part(_tidy(), SHEET, lambda xml: xml.replace(
        b'<dimension ref="A1:H18"', b'<dimension ref="A1:A1"')))  # fmt: skip


def _cut(share: float) -> bytes:
    data = _tidy()
    return data[: int(len(data) * share)]


def _part_outside() -> bytes:
    stream = io.BytesIO(_tidy())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("../../evil.xml", b"<x/>")
    return stream.getvalue()
