"""The sheets of an .xlsx workbook, read from its XML with everything that a plain table reader loses.

Kept: what type a cell has, formulas without a value, error cells, percentages, crossed-out text, hidden rows, merges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal
from xml.parsers import expat

from analytics.intake.cell_styles import Style, number, read_styles
from analytics.intake.cells import Area, Cell, CellKind, Place, Sheet, SheetState, address, place
from analytics.intake.xml_parts import (
    Attributes,
    Damaged,
    is_true,
    parse,
    relations,
    resolved,
    start_tags,
    target,
    targets,
)
from analytics.problems import Problem, Refused
from analytics.provenance import CellRef

RETURN_AUTHOR = "安委办退回"  # who signs the comments in a workbook that we hand back
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 20_000, 200, 200_000
SHEET_STATES: dict[str, SheetState] = {"": "visible", "hidden": "hidden", "veryHidden": "very_hidden"}


def read_sheets(parts: Mapping[str, bytes], file: str, sha256: str) -> tuple[Sheet, ...]:
    """Every worksheet, in the order of the tabs. Refused when the XML is damaged or a sheet is larger than any form."""
    try:
        return tuple(_sheets(parts, file, sha256))
    except (expat.ExpatError, LookupError, ValueError, OverflowError, Damaged) as error:
        raise Refused([Problem("workbook-damaged", "stop", file=file, facts={"found": str(error)})]) from None


def _sheets(parts: Mapping[str, bytes], file: str, sha256: str) -> Iterator[Sheet]:
    book = target(parts, "", "officedocument")
    styles = read_styles(parts, targets(parts, book, "styles"))
    strings = [text for name in targets(parts, book, "sharedstrings") for text in _shared_strings(parts[name])]
    by_id = {a["Id"]: a for _, a in start_tags(relations(parts, book)) if "Id" in a}
    tags = list(start_tags(parts[book]))
    since_1904 = any(tag == "workbookPr" and is_true(a.get("date1904", "0")) for tag, a in tags)
    for tag, attributes in tags:
        own_id = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        relation = by_id.get(own_id) if tag == "sheet" else None
        if relation is None or not relation["Type"].casefold().endswith("/worksheet"):
            continue
        name = resolved(book, relation["Target"])
        reader = _SheetReader(file, sha256, attributes["name"], strings, styles, since_1904)
        parse(parts[name], reader.start, reader.end, reader.text)
        yield reader.sheet(SHEET_STATES.get(attributes.get("state", ""), "visible"), _has_comments(parts, name))


def _has_comments(parts: Mapping[str, bytes], sheet: str) -> bool:
    """Whether anybody but ourselves has commented on the sheet."""
    for name in (*targets(parts, sheet, "comments"), *targets(parts, sheet, "threadedcomment")):
        authors: list[str] = []
        parse(parts[name], lambda tag, _: None, lambda tag: None, authors.append)
        if RETURN_AUTHOR not in authors:
            return True
    return False


class _SheetReader:
    """Collects one sheet while its XML goes by."""

    # place: of the cell last begun; cell: its attributes while inside it; value: the text of its <v>, None without one.

    def __init__(
        self,
        file: str,
        sha256: str,
        name: str,
        strings: list[tuple[str, bool]],
        styles: list[Style],
        since_1904: bool,
    ) -> None:
        self.file, self.sha256, self.name = file, sha256, name
        self.strings, self.styles, self.since_1904 = strings, styles, since_1904
        self.cells: dict[Place, Cell] = {}
        self.merges: list[Area] = []
        self.merged = 0
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.place: Place = (0, 0)
        self.written_place = ""
        self.cell: Attributes | None = None
        self.formula = False
        self.value: str | None = None
        self.rich: _RichText | None = None
        self.collecting: Literal["", "value"] = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "c":
            self.cell, self.formula, self.value, self.rich = attributes, False, None, None
            if "r" not in attributes:
                row, column = self._place()
                self.place = (row, column + 1)
            self.written_place = attributes.get("r", "")
        elif tag == "row":
            row = int(attributes["r"]) if "r" in attributes else self._place()[0] + 1
            self.place, self.written_place = (row, 0), ""
            if is_true(attributes.get("hidden", "0")):
                self.hidden_rows.add(row)
        elif tag == "col" and is_true(attributes.get("hidden", "0")):
            last = min(int(attributes["max"]), MOST_COLUMNS)
            self.hidden_columns.update(range(int(attributes["min"]), last + 1))
        elif tag == "mergeCell":
            self._merge(Area.parse(attributes["ref"]))
        elif self.cell is not None:
            if tag == "v":
                self.value, self.collecting = "", "value"
            elif tag == "f":
                self.formula = True
            else:
                self.rich = self.rich or _RichText()
                self.rich.start(tag, attributes)

    def end(self, tag: str) -> None:
        if tag == "c" and self.cell is not None:
            self._keep(self.cell)
            self.cell = None
        elif tag == "v":
            self.collecting = ""
        elif self.cell is not None and self.rich is not None:
            self.rich.end(tag)

    def text(self, text: str) -> None:
        if self.collecting and self.value is not None:
            self.value += text
        elif self.cell is not None and self.rich is not None:
            self.rich.text(text)

    def sheet(self, state: SheetState, comments: bool) -> Sheet:
        return Sheet(
            self.file,
            self.sha256,
            self.name,
            self.cells,
            state,
            tuple(self.merges),
            frozenset(self.hidden_rows),
            frozenset(self.hidden_columns),
            comments,
        )

    def _place(self) -> Place:
        """Where the cell last begun stands, worked out only when asked for: a form may hold a million blank cells."""
        if self.written_place:
            self.place, self.written_place = place(self.written_place), ""
        return self.place

    def _keep(self, attributes: Attributes) -> None:
        if self.value is None and self.rich is None and not self.formula:
            return
        style = self._style(attributes)
        kind, raw, struck = self._content(attributes.get("t", "n"), style)
        if kind is CellKind.BLANK:
            return
        row, column = self._place()
        if row > MOST_ROWS or column > MOST_COLUMNS or len(self.cells) >= MOST_CELLS:
            raise self._too_large(address(row, column), address(MOST_ROWS, MOST_COLUMNS))
        if (row, column) in self.cells:
            raise Damaged(f"{self.name}!{address(row, column)} ×2")
        ref = CellRef(self.file, self.sha256, self.name, address(row, column))
        self.cells[row, column] = Cell(ref, row, column, kind, raw, struck or style.struck)

    def _merge(self, area: Area) -> None:
        height = min(area.bottom, MOST_ROWS) - area.top + 1
        self.merged += max(0, height) * max(0, min(area.right, MOST_COLUMNS) - area.left + 1)
        if self.merged > MOST_ROWS * MOST_COLUMNS:  # more than the sheet can hold: areas overlap
            raise Damaged(f"{self.name}: mergeCells")
        self.merges.append(area)

    def _style(self, attributes: Attributes) -> Style:
        index = int(attributes.get("s", "0"))
        return self.styles[index] if 0 <= index < len(self.styles) else Style()

    def _content(self, written: str, style: Style) -> tuple[CellKind, str, bool]:
        value = self.value
        if written == "s" and value:
            text, struck = self.strings[int(value)]
            return _text(text), text, struck
        if written == "inlineStr":
            text, struck = self.rich.finished() if self.rich else ("", False)
            return _text(text), text, struck
        if written == "str" and value is not None:
            text = unescaped(value)
            return _text(text), text, False
        if not value:
            return (CellKind.UNCALCULATED if self.formula else CellKind.BLANK), "", False
        if written == "e":
            return CellKind.ERROR, value, False
        if written == "b":
            return CellKind.BOOLEAN, "TRUE" if is_true(value) else "FALSE", False
        if written == "d":
            return CellKind.DATE, value.removesuffix("T00:00:00"), False
        return (*number(float(value), style.shown, self.since_1904), False)

    def _too_large(self, found: str, expected: str) -> Refused:
        facts = {"found": f"{self.name}!{found}", "expected": expected}
        return Refused([Problem("workbook-too-large", "stop", file=self.file, facts=facts)])


class _RichText:
    """Text in runs, without the reading aid (pinyin) above it; notes whether a run is crossed out."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._inside = False
        self._aid = 0
        self._run_struck = False
        self._struck = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "t":
            self._inside = self._aid == 0
        elif tag == "rPh":
            self._aid += 1
        elif tag == "r":
            self._run_struck = False
        elif tag in ("strike", "dstrike"):
            self._run_struck = is_true(attributes.get("val", "1"))

    def end(self, tag: str) -> None:
        if tag == "t":
            self._inside = False
        elif tag == "rPh":
            self._aid -= 1

    def text(self, text: str) -> None:
        if self._inside:
            self._pieces.append(text)
            self._struck = self._struck or (self._run_struck and bool(text.strip()))

    def finished(self) -> tuple[str, bool]:
        return unescaped("".join(self._pieces)), self._struck


def _shared_strings(xml: bytes) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    current = _RichText()

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal current
        if tag == "si":
            current = _RichText()
        elif tag == "sst" and int(attributes.get("uniqueCount", "0")) > 10 * MOST_CELLS:
            # One known reader makes room for as many strings as are announced here, and dies of it.
            raise Damaged(f"uniqueCount={attributes['uniqueCount']}")
        else:
            current.start(tag, attributes)

    def end(tag: str) -> None:
        if tag == "si":
            found.append(current.finished())
        else:
            current.end(tag)

    parse(xml, start, end, lambda text: current.text(text))
    return found


def unescaped(text: str) -> str:
    """``text`` with Excel's ``_x000D_`` notation for control characters undone."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _text(text: str) -> CellKind:
    return CellKind.TEXT if text.strip() else CellKind.BLANK
