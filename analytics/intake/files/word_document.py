"""A Word document (.docx) as one sheet: its paragraphs and the rows of its tables, from the top down.

Nothing of it is drawn, calculated or fetched: only ``word/document.xml`` is read, an element at a time. A cell of a
table is named by the table's number and its place in the table's grid, as in a worksheet: 表1!D3 is the fourth cell of
the third row of the first table. A paragraph is named by its line, 正文!A12, where blank paragraphs count, and each row
of a table counts as one line. Words set apart by tabs or wide gaps, each with a colon (单位：… 填报日期：…), stand in
A, B, C.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from xml.parsers import expat

from analytics.intake.cells import Area, CellKind, Sheet
from analytics.intake.files.sheet_draft import Damaged, SheetDraft, kind_of_text
from analytics.intake.files.xml_parts import Attributes, parse, target

BODY = "正文"
PICTURE = "〔图片〕"  # stands where a picture stands; what it shows nobody here can tell
_UNSEEN = ("del", "moveFrom", "Fallback", "instrText", "delText")  # deleted by a tracked change, or said a second time
_LABELS = re.compile(r"[\t 　]+(?=[^\s：:，。；、]{2,12}[ 　]*[：:])")
_LABEL = re.compile(r"[^\s：:，。；、]{2,12}[ 　]*[：:]")
_LONGEST_LABEL = 120
_LEAST_WIDTH = 8


def is_document(parts: Mapping[str, bytes]) -> bool:
    """Whether the parts are those of a Word document."""
    return any(name.startswith("word/") for name in parts) and "[content_types].xml" in parts


def read_sheet(parts: Mapping[str, bytes], file: str, sha256: str) -> Sheet:
    """The document's lines. Refused when there are more than in any form; raises Damaged when its XML is unsound."""
    part = target(parts, "", "officedocument")
    reader = _Reader(SheetDraft(file, sha256, BODY))
    try:
        parse(parts[part], reader.start, reader.end, reader.text)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Damaged(f"{part}: {error}") from None
    sheet = replace(reader.sheet(), tables=tuple(reader.tables))
    cells = {place: replace(cell, ref=sheet.ref(*place)) for place, cell in sheet.cells.items()}
    return replace(sheet, cells=cells)


@dataclass
class _Merge:
    """A cell that goes on in the rows below."""

    top: int
    bottom: int
    right: int


@dataclass
class _Reader:
    """Collects the lines while the XML goes by. ``words``: of the paragraph or cell that is being read."""

    draft: SheetDraft
    tables: list[tuple[str, int, int]] = field(default_factory=list)
    row: int = 0
    column: int = 0
    span: int = 1
    goes_on: str = ""
    words: list[str] = field(default_factory=list)
    struck: bool = False
    any_struck: bool = False
    vanished: bool = False
    in_run: bool = False
    in_text: bool = False
    unseen: int = 0
    depth: int = 0
    paragraphs: int = 0
    merges: dict[int, _Merge] = field(default_factory=dict)
    lines: list[tuple[int, str, bool]] = field(default_factory=list)
    width: int = _LEAST_WIDTH

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag in _UNSEEN:
            self.unseen += 1
        elif tag == "tbl":
            self.depth += 1
            if self.depth == 1:
                self.tables.append((f"表{len(self.tables) + 1}", self.row + 1, self.row))
        elif tag in ("tr", "tc") and self.depth == 1:
            self._start_cell(tag)
        elif tag == "gridSpan" and self.depth == 1:
            self.span = max(1, int(_value(attributes, "1")))
        elif tag == "vMerge" and self.depth == 1:
            self.goes_on = _value(attributes, "continue")
        elif tag == "p":
            self.paragraphs += 1
        elif tag == "r":
            self.struck = self.vanished = False
            self.in_run = True
        else:
            self._start_words(tag, attributes)

    def _start_cell(self, tag: str) -> None:
        if tag == "tr":
            self.row += 1
            self.column = 0
        else:
            self.column += self.span if self.column else 1
            self.span, self.goes_on, self.words, self.any_struck = 1, "", [], False

    def _start_words(self, tag: str, attributes: Attributes) -> None:
        if tag in ("strike", "dstrike"):
            self.struck = self.struck or _value(attributes, "1") not in ("0", "false", "off")
        elif tag == "vanish":
            self.vanished = _value(attributes, "1") not in ("0", "false", "off")
        elif tag == "t":
            self.in_text = True
        elif self.unseen or self.vanished:
            return
        elif tag in ("br", "cr"):
            self.words.append("\n")
        elif tag == "tab" and self.in_run:
            self.words.append("\t")
        elif tag in ("blip", "imagedata"):
            self.words.append(PICTURE)

    def end(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen -= 1
        elif tag == "t":
            self.in_text = False
        elif tag == "r":
            self.in_run = False
        elif tag == "p":
            self.paragraphs -= 1
            if self.depth == 0 and self.paragraphs == 0:
                self._end_paragraph()
            else:
                self.words.append("\n")
        elif tag == "tc" and self.depth == 1:
            self._end_cell()
        elif tag == "tr" and self.depth == 1:
            self._end_row()
        elif tag == "tbl":
            self.depth -= 1
            if self.depth == 0:
                for column in list(self.merges):
                    self._merge(column, self.merges.pop(column))

    def text(self, words: str) -> None:
        if self.in_text and not self.unseen and not self.vanished:
            self.words.append(words)
            self.any_struck = self.any_struck or (self.struck and bool(words.strip()))

    def sheet(self) -> Sheet:
        """The lines as a sheet; a paragraph runs over its whole width unless it holds labels with their values."""
        for top, text, struck in self.lines:
            pieces = _LABELS.split(text) if len(text) <= _LONGEST_LABEL else [text]
            for column, piece in enumerate(pieces, start=1):
                self.draft.put(top, column, kind_of_text(piece), piece, struck=struck)
            if len(pieces) == 1 and not _LABEL.match(text):
                self.draft.merge(Area(top, 1, top, self.width))
        return self.draft.sheet()

    def _end_paragraph(self) -> None:
        self.row += 1
        text = "".join(self.words).strip()
        if text:
            self.lines.append((self.row, text, self.any_struck))
        self.words, self.any_struck = [], False

    def _end_cell(self) -> None:
        right = self.column + self.span - 1
        text = "".join(self.words).strip()
        self.words = []
        self.width = max(self.width, right)
        begun = self.merges.get(self.column)
        if self.goes_on == "continue" and begun is not None and begun.bottom == self.row - 1:
            begun.bottom = self.row
            return
        self._merge(self.column, self.merges.pop(self.column, None))
        if self.goes_on == "restart":
            self.merges[self.column] = _Merge(self.row, self.row, right)
        elif right > self.column:
            self.draft.merge(Area(self.row, self.column, self.row, right))
        kind = kind_of_text(text)
        self.draft.put(self.row, self.column, kind, text if kind is not CellKind.BLANK else "", struck=self.any_struck)

    def _end_row(self) -> None:
        name, first, _ = self.tables[-1]
        self.tables[-1] = (name, first, self.row)
        for column in [column for column, merge in self.merges.items() if merge.bottom < self.row]:
            self._merge(column, self.merges.pop(column))

    def _merge(self, column: int, merge: _Merge | None) -> None:
        if merge is not None and (merge.bottom, merge.right) != (merge.top, column):
            self.draft.merge(Area(merge.top, column, merge.bottom, merge.right))


def _value(attributes: Attributes, otherwise: str) -> str:
    return next((value for name, value in attributes.items() if name.rpartition(":")[2] == "val"), otherwise)
