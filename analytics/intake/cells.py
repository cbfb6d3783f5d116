"""What a workbook holds, before anything is known of its meaning: typed cells with addresses, merges, hidden rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Literal

from analytics.problems import Problem
from analytics.provenance import CellRef, Reading

SheetState = Literal["visible", "hidden", "very_hidden"]
Place = tuple[int, int]


class CellKind(StrEnum):
    """What stands in a cell. ``UNCALCULATED``: a formula that no program has worked out yet, so it has no value."""

    BLANK = "blank"
    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    TIME = "time"
    BOOLEAN = "boolean"
    ERROR = "error"
    UNCALCULATED = "uncalculated"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``raw`` is its text: numbers as the shortest decimal (5, not 5.0), dates and times in ISO form.

    ``row`` and ``column`` count from 1. ``struck``: all or part of it is crossed out, or part of it raised.
    ``formula``: what the file says of the formula behind the value, ``=`` when only that there is one, ``""`` without
    one. ``number_format``: the code of the format, ``""`` for the general one. ``unseen``: written in the colour of its
    ground. A cell inside a merged area is the
    area's first cell, with that cell's address.
    """

    ref: CellRef
    row: int
    column: int
    kind: CellKind
    raw: str
    struck: bool = False
    formula: str = ""
    number_format: str = ""
    unseen: bool = False

    @property
    def blank(self) -> bool:
        return self.kind is CellKind.BLANK

    @property
    def text(self) -> str:
        """What stands there as one line, for notes and names; ``""`` when there is no value to quote."""
        return " ".join(self.raw.split()) if self.kind is not CellKind.UNCALCULATED else ""

    @property
    def reading(self) -> Reading:
        return Reading(self.ref, self.raw)


@dataclass(frozen=True, slots=True)
class Area:
    """A merged range; the bounds belong to it."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, ref: str) -> Area:
        """The area written ``A1:C2``. ValueError when it is written otherwise."""
        first, _, last = ref.partition(":")
        (top, left), (bottom, right) = place(first), place(last or first)
        return cls(top, left, bottom, right)


@dataclass(frozen=True)
class Sheet:
    """One sheet: the cells that are not blank, by (row, column). ``comments``: it has comments, which are not read.

    ``tables``: for the lines of a text document the name, first and last row of each table; None for a worksheet.
    """

    file: str
    sha256: str
    name: str
    cells: Mapping[Place, Cell]
    state: SheetState = "visible"
    merges: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    comments: bool = False
    tables: tuple[tuple[str, int, int], ...] | None = None

    def ref(self, row: int, column: int) -> CellRef:
        """How that place is named: in a row of a document's table by the table and the place in it."""
        for name, first, last in self.tables or ():
            if first <= row <= last:
                return CellRef(self.file, self.sha256, name, address(row - first + 1, column))
        return CellRef(self.file, self.sha256, self.name, address(row, column))

    def at(self, row: int, column: int) -> Cell:
        """The cell at that place, or the one merged over it, or a blank one."""
        found, area = self.cells.get((row, column)), self._covering(row, column)
        if area and (found is None or area.top < area.bottom):  # under a merge of rows nobody sees what the file holds
            row, column = area.top, area.left
            found = self.cells.get((row, column))
        if found is None:
            found = Cell(self.ref(row, column), row, column, CellKind.BLANK, "")
        return found

    def area(self, cell: Cell) -> Area:
        """The merged area that begins at ``cell``, or the cell alone."""
        return self._covering(cell.row, cell.column) or Area(cell.row, cell.column, cell.row, cell.column)

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """Numbers of the rows in which something stands, from the top."""
        return tuple(sorted({row for row, _ in self.cells}))

    @cached_property
    def width(self) -> int:
        """The last column in which something stands."""
        return max((column for _, column in self.cells), default=0)

    def in_row(self, row: int) -> Iterable[Cell]:
        """The cells that stand in ``row`` itself, from the left."""
        return (self.cells[row, column] for column in range(1, self.width + 1) if (row, column) in self.cells)

    def _covering(self, row: int, column: int) -> Area | None:
        return next((area for area in self._merged.get(row, ()) if area.left <= column <= area.right), None)

    @cached_property
    def _merged(self) -> dict[int, list[Area]]:
        # A merge may be drawn over a million empty rows; only what lies among the contents matters.
        last = self.rows[-1] + 1 if self.rows else 0
        by_row: dict[int, list[Area]] = {}
        for area in self.merges:
            for row in range(area.top, min(area.bottom, last) + 1):
                by_row.setdefault(row, []).append(area)
        return by_row


@dataclass(frozen=True)
class Grid:
    """A workbook laid out: its sheets in order, and what had to be said about the file itself."""

    file: str
    sha256: str
    sheets: tuple[Sheet, ...]
    problems: tuple[Problem, ...] = field(default=())

    def to_plain(self) -> list[dict[str, Any]]:
        """The sheets as lists and dicts, to pass between processes."""
        return [
            {
                "name": sheet.name,
                "state": sheet.state,
                "cells": [
                    [c.row, c.column, c.kind.value, c.raw, c.struck, c.formula, c.number_format, c.unseen]
                    for c in sheet.cells.values()
                ],
                "merges": [[a.top, a.left, a.bottom, a.right] for a in sheet.merges],
                "hidden_rows": sorted(sheet.hidden_rows),
                "hidden_columns": sorted(sheet.hidden_columns),
                "comments": sheet.comments,
                "tables": sheet.tables,
            }
            for sheet in self.sheets
        ]

    @classmethod
    def from_plain(cls, file: str, sha256: str, plain: list[dict[str, Any]], problems: tuple[Problem, ...]) -> Grid:
        """The grid that ``to_plain`` was made from."""
        return cls(file, sha256, tuple(_sheet(file, sha256, sheet) for sheet in plain), problems)


def _sheet(file: str, sha256: str, plain: dict[str, Any]) -> Sheet:
    tables = plain["tables"]
    empty = Sheet(file, sha256, plain["name"], {}, tables=None if tables is None else tuple(map(tuple, tables)))
    cells = {
        (row, column): Cell(empty.ref(row, column), row, column, CellKind(kind), *rest)
        for row, column, kind, *rest in plain["cells"]
    }
    return Sheet(
        file,
        sha256,
        empty.name,
        cells,
        plain["state"],
        tuple(Area(*area) for area in plain["merges"]),
        frozenset(plain["hidden_rows"]),
        frozenset(plain["hidden_columns"]),
        plain["comments"],
        empty.tables,
    )


def shortest(number: float) -> str:
    """A number as the shortest decimal that gives it back: 5, not 5.0; 0.1, not 0.1000000000000000055."""
    decimal = Decimal(repr(number)).normalize()
    return format(decimal, "f") if decimal else "0"


def address(row: int, column: int) -> str:
    """``F14`` for row 14, column 6."""
    return f"{_letters(column)}{row}"


@lru_cache(maxsize=1024)
def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


def place(written: str) -> Place:
    """Row and column of ``F14``. ValueError when ``written`` is no cell address."""
    match = _ADDRESS.fullmatch(written)
    if not match:
        raise ValueError(f"no cell address: {written!r}")
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column
