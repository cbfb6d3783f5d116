"""Tables in HTML, as systems export them under the name of a workbook: laid out as a spreadsheet would show them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import PurePosixPath

from analytics.intake.cells import Area, CellKind, Sheet
from analytics.intake.files.sheet_draft import MOST_COLUMNS, MOST_ROWS, Damaged, SheetDraft, kind_of_text

_SILENT = {"head", "noscript", "template", "object", "iframe", "script", "style", "title"}
_BREAKS = {"br", "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "li", "pre", "center", "hr", "form"}
_STRUCK = {"s", "strike", "del"}
_UNSHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_LINE_THROUGH = re.compile(r"text-decoration[^;]*:[^;]*line-through", re.IGNORECASE)
_MOST_TABLES = 50  # one inside the other

Written = dict[str, str | None]


def read_sheet(text: str, file: str, sha256: str) -> Sheet | None:
    """All tables one under the other on a sheet named after the file; text outside them stands in column A.

    None when there is no table. Nothing is fetched, run or expanded. Raises Damaged when a table is not closed, since
    the file may have been cut off, or when tables stand inside each other so that rows cannot be told apart.
    """
    page = _Page(SheetDraft(file, sha256, PurePosixPath(file).stem))
    page.feed(text)
    page.close()
    return page.finished()


@dataclass
class _Open:
    """A cell, or a stretch of text outside all tables, that is being read."""

    columns: int = 1
    rows: int = 1
    formula: str = ""
    struck: bool = False
    hidden: bool = False
    pieces: list[str] = field(default_factory=list)
    crossing: list[str] = field(default_factory=list)  # the open elements that cross their text out

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.pieces).split("\n"))
        return "\n".join(line for line in lines if line)


@dataclass
class _Table:
    """A table that is not closed yet. ``taken``: the last row that a cell from above reaches, by column."""

    cell: _Open | None = None
    row: int = 0
    column: int = 0
    taken: dict[int, int] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    in_row: bool = False
    filled: bool = False  # something stands in the row
    parted: bool = False  # another table stands in the row


class _Page(HTMLParser):
    def __init__(self, draft: SheetDraft) -> None:
        super().__init__(convert_charrefs=True)
        self.draft = draft
        self.tables: list[_Table] = []
        self.seen = False
        self.row = 0  # the last row with anything in it, of all tables
        self.outside = _Open()
        self.silent: list[str] = []

    def finished(self) -> Sheet | None:
        """The sheet, when there was a table."""
        if self.tables:
            raise Damaged("</table>")
        self._put_outside()
        return self.draft.sheet() if self.seen else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = dict(attrs)
        if tag in _SILENT:
            self.silent.append(tag)
        elif tag == "body":
            self.silent.clear()
        elif tag == "table":
            self._begin_table()
        elif tag == "tr" and self.tables:
            self._begin_row(written)
        elif tag in ("td", "th") and self.tables:
            self._begin_cell(written)
        else:
            here = self._here()
            if tag in _BREAKS:
                here.pieces.append("\n")
            if tag in _STRUCK or _LINE_THROUGH.search(written.get("style") or ""):
                here.crossing.append(tag)

    def handle_endtag(self, tag: str) -> None:
        here = self._here()
        if tag in self.silent:
            del self.silent[self.silent.index(tag) :]
        elif tag == "table" and self.tables:
            self._end_table()
        elif tag in ("td", "th") and self.tables:
            self._end_cell(self.tables[-1])
        elif tag == "tr" and self.tables:
            self._end_row(self.tables[-1])
        elif here.crossing and here.crossing[-1] == tag:
            here.crossing.pop()
        elif tag in _BREAKS:
            here.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        here = self._here()
        # Line ends in the source are only spaces; <br> is a line end.
        here.pieces.append(re.sub(r"[\r\n\t]+", " ", data))
        here.struck = here.struck or (bool(here.crossing) and bool(data.strip()))

    def _here(self) -> _Open:
        cell = self.tables[-1].cell if self.tables else None
        return cell if cell is not None else self.outside

    def _begin_table(self) -> None:
        self.seen = True
        if len(self.tables) == _MOST_TABLES:
            raise Damaged("<table>")
        if self.tables and (outer := self.tables[-1]).in_row:
            if outer.filled or (outer.cell and outer.cell.text()):
                raise Damaged(f"<table>: {self.row}")
            outer.parted = True
        self._put_outside()
        self.tables.append(_Table())

    def _end_table(self) -> None:
        self._end_row(self.tables[-1])
        table = self.tables.pop()
        for area in table.merges:  # a cell may ask for more rows than its table has
            self.draft.merge(Area(area.top, area.left, min(area.bottom, table.row), area.right))

    def _begin_row(self, written: Written) -> None:
        table = self.tables[-1]
        self._end_row(table)
        self._put_outside()
        self.row += 1
        table.row, table.column, table.in_row, table.filled, table.parted = self.row, 0, True, False, False
        if _UNSHOWN.search(written.get("style") or ""):
            self.draft.hidden_rows.add(self.row)

    def _begin_cell(self, written: Written) -> None:
        table = self.tables[-1]
        self._end_cell(table)
        if not table.in_row:
            self._begin_row({})
        style = written.get("style") or ""
        table.cell = _Open(
            _span(written.get("colspan"), MOST_COLUMNS + 1),
            _span(written.get("rowspan"), MOST_ROWS),
            written.get("x:fmla") or "",
            hidden=bool(_UNSHOWN.search(style)),
            crossing=["td"] if _LINE_THROUGH.search(style) else [],
        )

    def _end_cell(self, table: _Table) -> None:
        cell, table.cell = table.cell, None
        if cell is None:
            return
        text = cell.text()
        if text and table.parted:
            raise Damaged(f"<table>: {table.row}")
        column = table.column + 1
        while column <= MOST_COLUMNS and table.taken.get(column, 0) >= table.row:
            column += 1
        # Beyond the last column that a form can have, where cells stand no longer matters.
        table.column = min(column + cell.columns - 1, MOST_COLUMNS + 1)
        for taken in range(column, table.column + 1):
            table.taken[taken] = table.row + cell.rows - 1
        if cell.hidden:
            self.draft.hidden_columns.add(column)
        self._put(table.row, column, text, cell)
        table.filled = table.filled or bool(text)
        if (cell.columns, cell.rows) != (1, 1):
            table.merges.append(Area(table.row, column, table.row + cell.rows - 1, table.column))

    def _end_row(self, table: _Table) -> None:
        self._end_cell(table)
        table.in_row = False

    def _put_outside(self) -> None:
        """Text outside the tables, each line in a row of its own."""
        outside, self.outside = self.outside, _Open()
        for line in outside.text().splitlines():
            self.row += 1
            self._put(self.row, 1, line, outside)

    def _put(self, row: int, column: int, text: str, cell: _Open) -> None:
        kind = kind_of_text(text)
        if kind is not CellKind.BLANK:
            self.draft.put(row, column, kind, text, struck=cell.struck, formula=cell.formula)


def _span(written: str | None, most: int) -> int:
    """A colspan or rowspan; one that is no number counts as 1, as browsers have it."""
    text = (written or "").strip()
    return min(max(1, int(text)), most) if re.fullmatch(r"[0-9]{1,9}", text) else 1
