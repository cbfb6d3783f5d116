"""A sheet while it is being read, within the limits that every kind of file has to keep."""

from __future__ import annotations

from typing import NoReturn

from analytics.intake.cells import Area, Cell, CellKind, Place, Sheet, SheetState, address
from analytics.problems import Problem, Refused
from analytics.provenance import CellRef

MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 20_000, 200, 200_000
MOST_AREA = 2 * MOST_ROWS * MOST_COLUMNS  # one known reader makes room for every place up to the last, blank or not
_ERRORS = {"#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"}


class Damaged(Exception):
    """The file is not what a program would have written; the text says where and how."""


class SheetDraft:
    """Collects the cells of one sheet. Refused as soon as it is larger than any form."""

    def __init__(self, file: str, sha256: str, name: str, state: SheetState = "visible") -> None:
        self.file, self.sha256, self.name, self.state = file, sha256, name, state
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.comments = False
        self._cells: dict[Place, Cell] = {}
        self._merges: list[Area] = []
        self._merged_rows = 0
        self._last_row = self._last_column = 0

    def put(
        self,
        row: int,
        column: int,
        kind: CellKind,
        raw: str,
        *,
        struck: bool = False,
        formula: str = "",
        number_format: str = "",
        unseen: bool = False,
    ) -> None:
        """Put one cell in its place; a blank one only counts towards the size."""
        self._last_row, self._last_column = max(self._last_row, row), max(self._last_column, column)
        if kind is CellKind.BLANK:
            return
        if row > MOST_ROWS or column > MOST_COLUMNS or len(self._cells) >= MOST_CELLS:
            self._refuse(row, column)
        if (row, column) in self._cells:
            raise Damaged(f"{self.name}!{address(row, column)} ×2")
        ref = CellRef(self.file, self.sha256, self.name, address(row, column))
        self._cells[row, column] = Cell(ref, row, column, kind, raw, struck, formula, number_format, unseen)

    def merge(self, area: Area) -> None:
        """Note a merged area. Raises Damaged when areas must overlap: there are more than a sheet has room for."""
        self._merged_rows += max(0, min(area.bottom, MOST_ROWS) - area.top + 1)
        if self._merged_rows > MOST_AREA or area.top > area.bottom or area.left > area.right:
            raise Damaged(f"{self.name}: {address(area.top, area.left)}:{address(area.bottom, area.right)}")
        self._merges.append(area)

    def sheet(self) -> Sheet:
        """The sheet as it was put together."""
        if self._last_row * self._last_column > MOST_AREA:
            self._refuse(self._last_row, self._last_column)
        self._check_overlaps()
        return Sheet(
            self.file,
            self.sha256,
            self.name,
            self._cells,
            self.state,
            tuple(self._merges),
            frozenset(self.hidden_rows),
            frozenset(self.hidden_columns),
            self.comments,
        )

    def _check_overlaps(self) -> None:
        reached: dict[int, int] = {}  # row → last column that a merged area has taken so far
        last = max((row for row, _ in self._cells), default=0) + 1
        for area in sorted(self._merges, key=lambda area: (area.left, area.top)):
            for row in range(area.top, min(area.bottom, last) + 1):
                if reached.get(row, 0) >= area.left:
                    raise Damaged(f"{self.name}: {address(area.top, area.left)}:{address(area.bottom, area.right)} ×2")
                reached[row] = area.right

    def _refuse(self, row: int, column: int) -> NoReturn:
        raise too_large(self.file, f"{self.name}!{address(row, column)}")


def too_large(file: str, found: str) -> Refused:
    """The refusal of a sheet in which something stands at ``found``, farther out than in any form."""
    facts = {"found": found, "expected": address(MOST_ROWS, MOST_COLUMNS)}
    return Refused([Problem("workbook-too-large", "stop", file=file, facts=facts)])


def kind_of_text(text: str) -> CellKind:
    """What a text is where a file knows no types: blank, the name of an error, or text."""
    bare = text.strip()
    if not bare:
        return CellKind.BLANK
    # A number in a column too narrow for it is written out as ####; the number itself is gone.
    return CellKind.ERROR if bare in _ERRORS or not bare.strip("#") else CellKind.TEXT
