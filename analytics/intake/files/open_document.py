"""The sheets of an OpenDocument workbook (.ods, from LibreOffice and WPS), read from its XML with types and styles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from analytics.intake.cells import Area, CellKind, Sheet
from analytics.intake.files.cell_styles import number
from analytics.intake.files.protection import PasswordNeeded
from analytics.intake.files.sheet_draft import MOST_COLUMNS, MOST_ROWS, Damaged, SheetDraft, kind_of_text
from analytics.intake.files.xml_parts import Attributes, is_true, parse, read_number

_FLAWS = (expat.ExpatError, LookupError, ValueError, OverflowError, Damaged)
_CLOCK = re.compile(r"PT([0-9]{1,2})H([0-9]{1,2})M([0-9]{1,2})(?:[.,][0-9]+)?S")
_BESIDE = {"annotation", "shapes", "frame", "custom-shape", "rect", "ellipse", "g", "control", "caption", "ruby-text"}
_LINES = {"text-line-through-style", "text-line-through-type"}
_MOST_REPEATS = 2**20


def read_sheets(parts: Mapping[str, bytes], file: str, sha256: str) -> tuple[Sheet, ...]:
    """Every sheet, in the order of the tabs. Refused when one is larger than any form.

    Raises PasswordNeeded when the file is encrypted and Damaged, naming the part, when its XML is unsound.
    """
    if b"encryption-data" in parts.get("meta-inf/manifest.xml", b""):
        raise PasswordNeeded
    part = "styles.xml"
    try:
        styles = _Styles()
        if part in parts:
            parse(parts[part], styles.start, lambda tag: None, lambda text: None)
        part = "content.xml"
        parse(parts[part], styles.start, lambda tag: None, lambda text: None)
        reader = _Reader(file, sha256, styles)
        parse(parts[part], reader.start, reader.end, reader.text)
    except _FLAWS as error:
        raise Damaged(f"{part}: {error}") from None
    return tuple(reader.sheets)


class _Styles:
    """The styles that matter, by name: which cross text out, and which hide a table."""

    def __init__(self) -> None:
        self.crossed: set[str | None] = set()
        self.unshown: set[str | None] = set()
        self._name = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        own = _own(attributes)
        if tag == "style":
            self._name = own.get("name", "")
            if own.get("parent-style-name") in self.crossed:
                self.crossed.add(self._name)
        elif tag == "text-properties" and (lines := _LINES & own.keys()):
            if any(own[line] != "none" for line in lines):
                self.crossed.add(self._name)
            else:
                self.crossed.discard(self._name)
        elif tag == "table-properties" and own.get("display") == "false":
            self.unshown.add(self._name)


@dataclass
class _CellRead:
    """A cell while it is being read."""

    attributes: Attributes
    wrong: bool
    struck: bool
    paragraphs: list[str] = field(default_factory=list)

    def content(self) -> tuple[CellKind, str]:
        own, text = self.attributes, "\n".join(self.paragraphs)
        written = own.get("value-type", "")
        formula = own.get("formula", "")
        if self.wrong or (formula and (kind_of_text(text) is CellKind.ERROR or text.startswith("Err:"))):
            return CellKind.ERROR, text
        if written == "float" and formula and text in ("TRUE", "FALSE"):
            return CellKind.BOOLEAN, text  # LibreOffice stores it as a number that only looks like one
        if written in ("float", "currency"):
            return number(read_number(own["value"]), "plain", since_1904=False)
        if written == "percentage":
            return number(read_number(own["value"]), "percent", since_1904=False)
        if written == "boolean":
            return CellKind.BOOLEAN, "TRUE" if is_true(own["boolean-value"]) else "FALSE"
        if written == "date":
            return CellKind.DATE, own["date-value"].removesuffix("T00:00:00")
        if written == "time":
            clock = _CLOCK.fullmatch(own["time-value"])
            return CellKind.TIME, ":".join(part.zfill(2) for part in clock.groups()) if clock else own["time-value"]
        if not written and formula and not self.paragraphs:
            return CellKind.UNCALCULATED, ""
        text = text or own.get("string-value", "")
        return (CellKind.TEXT if text.strip() else CellKind.BLANK), text


class _Reader:
    """Collects the sheets while the XML goes by."""

    def __init__(self, file: str, sha256: str, styles: _Styles) -> None:
        self.file, self.sha256, self.styles = file, sha256, styles
        self.sheets: list[Sheet] = []
        self.draft: SheetDraft | None = None
        self.row = self.column = self.columns_told = 0
        self.rows = 1  # how often the row stands there
        self.waiting: list[tuple[int, _CellRead]] = []  # the cells of the row that are not blank
        self.cell: _CellRead | None = None
        self.in_text = False
        self.beside = 0  # inside a remark or a drawing

    def start(self, tag: str, attributes: Attributes) -> None:
        if self.draft is None:
            if tag == "table":
                own = _own(attributes)
                unshown = own.get("style-name") in self.styles.unshown
                self.draft = SheetDraft(self.file, self.sha256, own["name"], "hidden" if unshown else "visible")
                self.row = self.columns_told = 0
        elif self.beside or tag in _BESIDE:
            self.beside += 1
            self.draft.comments = self.draft.comments or tag == "annotation"
        elif tag == "table":
            raise Damaged(f"{self.draft.name}: table")
        else:
            self._inside(self.draft, tag, _own(attributes), attributes)

    def end(self, tag: str) -> None:
        if self.beside:
            self.beside -= 1
        elif self.draft is None:
            return
        elif tag == "p":
            self.in_text = False
        elif tag in ("table-cell", "covered-table-cell") and self.cell is not None:
            self._keep_cell(self.cell)
            self.cell = None
        elif tag == "table-row":
            self._keep_row(self.draft)
        elif tag == "table":
            self.sheets.append(self.draft.sheet())
            self.draft = None

    def text(self, text: str) -> None:
        if self.in_text and not self.beside and self.cell is not None:
            self.cell.paragraphs[-1] += text

    def _inside(self, draft: SheetDraft, tag: str, own: Attributes, attributes: Attributes) -> None:
        if tag == "table-column":
            times = _times(own, "number-columns-repeated")
            if own.get("visibility", "visible") != "visible":
                last = min(self.columns_told + times, MOST_COLUMNS)
                draft.hidden_columns.update(range(self.columns_told + 1, last + 1))
            self.columns_told += times
        elif tag == "table-row":
            self.row, self.column, self.waiting = self.row + 1, 0, []
            self.rows = _times(own, "number-rows-repeated")
            if own.get("visibility", "visible") != "visible":
                draft.hidden_rows.update(range(self.row, min(self.row + self.rows, MOST_ROWS + 1)))
        elif tag in ("table-cell", "covered-table-cell"):
            self.column += 1
            wrong = any(name == "calcext:value-type" and said == "error" for name, said in attributes.items())
            self.cell = _CellRead(own, wrong, own.get("style-name") in self.styles.crossed)
        elif self.cell is not None:
            self._in_cell(self.cell, tag, own)

    def _in_cell(self, cell: _CellRead, tag: str, own: Attributes) -> None:
        if tag == "p":
            cell.paragraphs.append("")
            self.in_text = True
        elif tag == "s":
            self.text(" " * min(_times(own, "c"), 100))
        elif tag in ("tab", "line-break"):
            self.text("\t" if tag == "tab" else "\n")
        elif tag == "span" and own.get("style-name") in self.styles.crossed:
            cell.struck = True

    def _keep_cell(self, cell: _CellRead) -> None:
        own = cell.attributes
        times = _times(own, "number-columns-repeated")
        if own.get("value-type") or own.get("formula") or cell.paragraphs:
            if self.column + times > MOST_COLUMNS + 1 and times > 1:
                times = max(1, MOST_COLUMNS + 2 - self.column)  # enough to be refused
            self.waiting.extend((self.column + further, cell) for further in range(times))
        height, width = _times(own, "number-rows-spanned"), _times(own, "number-columns-spanned")
        if self.draft is not None and (height, width) != (1, 1):
            self.draft.merge(Area(self.row, self.column, self.row + height - 1, self.column + width - 1))
        self.column += _times(own, "number-columns-repeated") - 1

    def _keep_row(self, draft: SheetDraft) -> None:
        for further in range(self.rows if self.waiting else 0):
            for column, cell in self.waiting:
                kind, raw = cell.content()
                formula = cell.attributes.get("formula", "")
                draft.put(self.row + further, column, kind, raw, struck=cell.struck, formula=formula)
        self.row += self.rows - 1


def _own(attributes: Attributes) -> Attributes:
    """The attributes without their prefixes, and without those that LibreOffice adds beside the standard's own."""
    standard = {name: value for name, value in attributes.items() if not name.startswith(("calcext", "loext"))}
    return {name.rpartition(":")[2]: value for name, value in standard.items()}


def _times(own: Attributes, name: str) -> int:
    """How often something stands there. ValueError when it is more often than a sheet has rows."""
    times = int(own.get(name, "1"))
    if not 1 <= times <= _MOST_REPEATS:
        raise ValueError(f"{name}={own[name]}")
    return times
