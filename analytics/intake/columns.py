"""Where a form's header stands and which column is which, by what the headings say."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analytics.intake.cells import Cell, Sheet
from analytics.intake.headings import Headings
from analytics.intake.words import Words, folded, one_of
from analytics.problems import Severity

if TYPE_CHECKING:
    from analytics.intake.forms import FilledForm

_ANOTHER_TIME = re.compile("上年|去年|往年|前年|上一年|上年度|上期|同期")
_ANOTHER_MARK = re.compile("扣|核|评审|考评|组")  # 自评分（扣分）, 自评得分（考评组填）
_A_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
Columns = dict[str, list[int]]
# The office adds these after the visit: a record without them says what empty ones would say.
_ADDED_LATER = {"action", "rechecked", "passed"}


def find_header(sheet: Sheet, headings: Headings, words: Words) -> tuple[int, int, Columns]:
    """The first and the last row of the header, and the columns under each of our names.

    The header is the row in which most of the form's headings stand; the row under it adds those that it lacks.
    """
    best: tuple[int, Columns] = (0, {})
    for row in sheet.rows:
        columns = _named(sheet, row, headings, words)
        if len(columns) > len(best[1]):
            best = (row, columns)
    row, columns = best
    last = max((sheet.area(sheet.at(row, found[0])).bottom for found in columns.values()), default=row)
    if len(columns) < len(headings.columns):
        below = _named(sheet, row + 1, headings, words)
        taken = {column for found in columns.values() for column in found}
        added = {name: found for name, found in below.items() if name not in columns and not taken & set(found)}
        if added:
            return row, max(last, row + 1), columns | added
    return row, last, columns


def check_header(form: FilledForm, headings: Headings, columns: Mapping[str, list[int]], needed: Sequence[str]) -> None:
    """Tell of headings that are missing, unknown, there twice, or drawn over more than one filled column."""
    strange = _strange(form.sheet, form.header_row, columns)
    for name, found in columns.items():
        at = _heading_cell(form, found[0])
        if len(found) > 1:
            places = one_of(_heading_cell(form, column).ref.address for column in found)
            severity: Severity = "stop" if name in needed else "note"
            second = _heading_cell(form, found[1])
            form.tell("heading-twice", severity, second, found=places, expected=headings.columns.get(name, name))
        elif name in needed and (filled := _filled_under(form, at)):
            severity = "stop"
            form.tell("heading-wide", severity, at, found=one_of(filled), expected=headings.columns.get(name, name))
        else:
            continue
        if severity == "stop":
            del form.columns[name]  # whatever were read from either column would be a guess
    for name in (name for name in headings.columns if name not in columns and name not in _ADDED_LATER):
        near = difflib.get_close_matches(headings.columns[name], [cell.text for cell in strange], 1, 0.4)
        code, severity = ("heading-missing", "stop") if name in needed else ("heading-left-out", "note")
        at = form.sheet.at(form.header_row, 1)
        form.tell(code, severity, at, found=one_of(near) or "—", expected=headings.columns[name])
    for cell in strange:
        near = difflib.get_close_matches(cell.text, list(headings.columns.values()), 3, 0.4)
        form.tell("heading-unknown", "note", cell, found=cell.text, expected=one_of(near or headings.columns.values()))


def _named(sheet: Sheet, row: int, headings: Headings, words: Words) -> Columns:
    """Our names of the headings in ``row``. A text that is the year's own heading leaves a mere synonym unnamed."""
    own: Columns = {}
    others: Columns = {}
    known = {folded(heading): name for name, heading in headings.columns.items()}
    for column in range(1, sheet.width + 1):
        cell = sheet.at(row, column)
        if cell.blank or cell.struck or cell.column != column:
            continue
        name, exact = _name(cell, headings, words, known)
        if name and not name.startswith("@"):
            (own if exact else others).setdefault(name, []).append(column)
    # The text of an item is checked word by word, so the column of themes beside it cannot be taken for it; a mark is
    # not: two columns that may hold it stay two.
    return {
        name: own.get(name, []) + ([] if name == "content" and name in own else others.get(name, []))
        for name in dict.fromkeys((*own, *others))
    }


def _name(cell: Cell, headings: Headings, words: Words, known: Mapping[str, str]) -> tuple[str | None, bool]:
    """Our name of the heading in ``cell``, and whether it is the year's own; none when it is of another year."""
    text = folded(cell.raw)
    if name := known.get(text):
        return name, True
    for year in (f"{headings.year}年度", f"{headings.year}年"):
        text = text.removeprefix(year)
    behind = text.partition("(")[2]
    if _ANOTHER_TIME.search(behind) or any(year != str(headings.year) for year in _A_YEAR.findall(behind)):
        return None, False
    name = known.get(text) or words.heading(headings.form, text)
    if name == "self_mark" and _ANOTHER_MARK.search(behind):
        return None, False
    return name, False


def _strange(sheet: Sheet, row: int, columns: Mapping[str, list[int]]) -> list[Cell]:
    known = {column for found in columns.values() for column in found}
    cells = dict.fromkeys(sheet.at(row, column) for column in range(1, sheet.width + 1))
    return [
        cell
        for cell in cells
        if not cell.blank and not known & set(range(sheet.area(cell).left, sheet.area(cell).right + 1))
    ]


def _heading_cell(form: FilledForm, column: int) -> Cell:
    """The cell with the heading of ``column``: in the header's first row, or, under a common heading, below."""
    cell = form.sheet.at(form.header_row, column)
    below = form.sheet.at(form.first_row - 1, column)
    return below if cell.blank or (cell.column, cell.row) != (column, form.header_row) else cell


def _filled_under(form: FilledForm, heading: Cell) -> list[str]:
    """The columns under ``heading`` with content of their own, when there is more than one."""
    area = form.sheet.area(heading)
    filled = {column for row, column in form.sheet.cells if row >= form.first_row}
    letters = [
        form.sheet.at(heading.row + 1000, column).ref.address.rstrip("0123456789")
        for column in range(area.left, area.right + 1)
        if column in filled
    ]
    return letters if len(letters) > 1 else []
