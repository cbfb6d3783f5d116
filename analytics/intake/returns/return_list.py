"""The sheet in front of a workbook that goes back: every problem on a line, with a link to its cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lxml import etree

from analytics.intake.returns.cell_comments import literal
from analytics.intake.returns.package import MAIN, Package
from analytics.intake.returns.painted_cells import Styles

_HEAD = ("序号", "位置", "要做什么", "说明")
_WIDTHS = (6, 24, 26, 84)
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True, slots=True)
class Line:
    """One problem: sheet and cell, both ``""`` for the whole file, what to do, and the sentence."""

    sheet: str
    address: str
    todo: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.sheet}!{self.address}" if self.address else "整个文件"


@dataclass(frozen=True, slots=True)
class Listing:
    """What the sheet says: a sentence at the top and the lines."""

    head: str
    lines: Sequence[Line]


def list_sheet(listing: Listing, package: Package, book: str, sheets: Collection[str]) -> etree._Element:
    """The sheet's XML; its styles are added to the workbook. Only cells of ``sheets`` are linked to."""
    look = _add_styles(package, book)
    root = etree.Element(f"{{{MAIN}}}worksheet", nsmap={None: MAIN})
    _add(_add(root, "sheetPr"), "pageSetUpPr", fitToPage="1")
    view = _add(_add(root, "sheetViews"), "sheetView", tabSelected="1", workbookViewId="0")
    _add(view, "pane", ySplit="2", topLeftCell="A3", activePane="bottomLeft", state="frozen")
    columns = _add(root, "cols")
    for number, width in enumerate(_WIDTHS, start=1):
        _add(columns, "col", min=str(number), max=str(number), width=str(width), customWidth="1")
    data = _add(root, "sheetData")
    _write_row(data, 1, [listing.head], [look["bold"]], sum(_WIDTHS))
    _write_row(data, 2, _HEAD, [look["bold"]] * len(_HEAD))
    for number, line in enumerate(listing.lines, start=1):
        words = [str(number), line.where, line.todo, line.text]
        looks = [look["plain"], look["link" if line.sheet in sheets else "plain"], look["plain"], look["plain"]]
        _write_row(data, number + 2, words, looks)
    _add(_add(root, "mergeCells", count="1"), "mergeCell", ref="A1:D1")
    linked = [(row, line) for row, line in enumerate(listing.lines, start=3) if line.sheet in sheets]
    if linked:
        links = _add(root, "hyperlinks")
        for row, line in linked:
            name = line.sheet.replace("'", "''")
            _add(links, "hyperlink", ref=f"B{row}", location=f"'{name}'!{line.address}", display=line.where)
    _add(root, "pageMargins", left="0.47", right="0.47", top="0.6", bottom="0.6", header="0.3", footer="0.3")
    _add(root, "pageSetup", paperSize="9", orientation="landscape", fitToHeight="0")
    return root


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{MAIN}}}{name}", attributes)


def _write_row(
    data: etree._Element, number: int, words: Sequence[str], looks: Sequence[int], width: int | None = None
) -> None:
    row = _add(data, "row", r=str(number))
    lines = 1
    for letter, text, look, room in zip("ABCD", words, looks, (width,) if width else _WIDTHS, strict=False):
        cell = _add(row, "c", r=f"{letter}{number}", s=str(look), t="inlineStr")
        written = _add(_add(cell, "is"), "t")
        written.text = literal(_printable(text))
        written.set(_SPACE, "preserve")
        lines = max(lines, sum(1 + _width(line) // (room - 2) for line in text.split("\n")))
    row.set("ht", str(min(400, 16 * lines + 4)))
    row.set("customHeight", "1")


def _printable(text: str) -> str:
    """A name of a sheet may hold signs that XML does not allow."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def _add_styles(package: Package, book: str) -> dict[str, int]:
    """Numbers of the styles of the list. ``quotePrefix``: what begins with = stays text when somebody edits it."""
    styles = Styles(package, book)
    numbers = {}
    for name, font in (("plain", ""), ("bold", "<b/>"), ("link", "<u/>")):
        colour = '<color rgb="FF0563C1"/>' if name == "link" else ""
        xml = f'<font xmlns="{MAIN}">{font}<sz val="11"/>{colour}<name val="宋体"/><charset val="134"/></font>'
        xf = etree.fromstring(
            f'<xf xmlns="{MAIN}" numFmtId="0" fontId="{styles.entry("fonts", xml)}" fillId="0" borderId="0" xfId="0" '
            'quotePrefix="1" applyFont="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
        )
        numbers[name] = styles.entry("cellXfs", etree.tostring(xf).decode())
    styles.finish()
    return numbers
