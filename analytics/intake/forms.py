"""Which form a workbook is, of which year, and where its columns and labels stand."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from analytics.intake.basis import Basis
from analytics.intake.cells import Cell, Grid, Place, Sheet
from analytics.intake.headings import Headings
from analytics.intake.values import read_date
from analytics.intake.words import Words, folded, one_of
from analytics.problems import Problem, Refused, Severity
from analytics.provenance import CellRef
from analytics.records import Decision, FormName, Observation, Receipt
from analytics.units import Unit

_YEAR = re.compile(r"([12][0-9]{3})年")
_CHINESE_YEAR = re.compile(r"([一二][〇零○一二三四五六七八九]{3})年")
_CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_LEAST_HEADINGS = 2
_HEAD_ROWS = 3  # title, labels, note
SYNTHETIC = "合成示例数据"
RETURN_SHEET = "退回说明"  # our own sheet in a workbook that was handed back: no part of what a unit says
REQUIRED: Mapping[FormName, tuple[str, ...]] = {
    "self_assessment": ("number", "content", "full_marks", "self_mark"),
    "pledge_report": ("label", "reported", "checked"),
    "onsite_record": ("number", "fact", "rule", "count"),
    "special_findings": ("unit", "number", "fact", "rule", "count"),
    "decisions": ("id", "unit", "kind", "number", "clause", "points", "reason", "person", "date"),
    "receipts": ("file", "date"),
}


@dataclass
class FilledForm:
    """A recognised form while it is being read: cells are taken from it, and what nobody took is told at the end.

    Rows of the table begin at ``first_row``; ``columns`` holds the column numbers by our names. ``read_through`` is set
    by a reader that went over all rows; ``others`` are visible sheets beside the form.
    """

    form: FormName
    sheet: Sheet
    title: Cell
    header_row: int
    first_row: int
    columns: dict[str, int]
    problems: list[Problem] = field(default_factory=list)
    labels: dict[str, Cell] = field(default_factory=dict)
    this_year: bool = True
    read_through: bool = False
    others: tuple[Sheet, ...] = ()
    _taken: set[Place] = field(default_factory=set)

    @property
    def synthetic(self) -> bool:
        """Whether a line above the table says 合成示例数据: a copy of the sample stays a sample wherever it lies."""
        return any(SYNTHETIC in cell.raw for row in range(1, self.header_row) for cell in self.sheet.in_row(row))

    def take(self, row: int, name: str) -> Cell:
        """The cell of ``row`` under our column ``name``, from now on read; blank when the form lacks the column."""
        cell = self.look(row, name)
        self.mark(cell)
        return cell

    def look(self, row: int, name: str) -> Cell:
        """The same cell, without taking it."""
        column = self.columns.get(name)
        return self.sheet.at(row, column) if column else self.sheet.at(row, self.sheet.width + 1)

    def mark(self, *cells: Cell) -> None:
        """Say of ``cells`` that they have been read."""
        self._taken.update((cell.row, cell.column) for cell in cells)

    def mark_row(self, row: int) -> None:
        """Say of everything in ``row`` that it has been read: a line that the form itself prints."""
        self.mark(*self.sheet.in_row(row))

    def rows(self) -> Iterator[int]:
        """The rows under the header in which something stands."""
        return (row for row in self.sheet.rows if row >= self.first_row)

    def tell(self, code: str, severity: Severity, cell: Cell | None = None, **facts: str) -> None:
        """Note a problem at ``cell``, or of the whole file."""
        at = cell.ref if cell else None
        self.problems.append(Problem(code, severity, at=at, file=self.sheet.file, facts=facts))

    def keep(self, problem: Problem) -> None:
        """Note ``problem``."""
        self.problems.append(problem)

    def unread(self) -> tuple[CellRef, ...]:
        """The cells with content that nobody took, here and on other visible sheets; none when reading was given up."""
        if not self.read_through:
            return ()
        left = [self.sheet.cells[place].ref for place in sorted(self.sheet.cells.keys() - self._taken)]
        beside = [sheet.cells[place].ref for sheet in self.others for place in sorted(sheet.cells)]
        return (*left, *beside)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a reader found in a form. ``campaign`` tells apart forms that come more than once a year."""

    unit: str = ""
    date: datetime.date | None = None
    printed_total: Decimal | None = None
    observations: tuple[Observation, ...] = ()
    decisions: tuple[Decision, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    campaign: str = ""


def recognise(grid: Grid, basis: Basis) -> FilledForm:
    """The one form in the workbook, with everything that is wrong with its title and header in ``problems``.

    Refused when there is no form, only a hidden one, or more than one.
    """
    sheets = [sheet for sheet in grid.sheets if not sheet.name.startswith(RETURN_SHEET)]
    titled = [(sheet, *found) for sheet in sheets if (found := _title(sheet, basis.headings.values()))]
    shown = [entry for entry in titled if entry[0].state == "visible"]
    if len(shown) != 1:
        raise Refused([_which_form(grid, basis, [sheet for sheet, *_ in titled], [sheet for sheet, *_ in shown])])
    sheet, headings, title = shown[0]
    header_row, columns = _header(sheet, headings, basis.words)
    if len(columns) < _LEAST_HEADINGS:
        # Without a table the head can still say which unit to tell.
        header_row, columns = title.row + _HEAD_ROWS, {}
    places = {name: found[0] for name, found in columns.items()}
    first_row = max((sheet.area(sheet.at(header_row, c)).bottom for c in places.values()), default=sheet.rows[-1]) + 1
    others = tuple(other for other in sheets if other is not sheet and other.state == "visible")
    form = FilledForm(headings.form, sheet, title, header_row, first_row, places, others=others)
    _check_year(form, basis.year)
    if columns:
        _check_header(form, headings, columns)
    else:
        form.tell("header-missing", "stop", title, expected=one_of(headings.columns.values()))
    _read_head(form, basis.words)
    _tell_other_content(form, sheets)
    return form


def find_unit(form: FilledForm, basis: Basis) -> Unit | None:
    """The unit the form says it is from; None, with a Problem that stops, when it says none or an unknown one."""
    cell = form.labels.get("@unit")
    if cell is None or cell.blank:
        form.tell("unit-blank", "stop", cell)
        return None
    return match_unit(form, cell, basis, "stop")


def find_date(form: FilledForm, year: int) -> datetime.date | None:
    """The date in the form's head; None when there is none, or, with a note, when it cannot be read."""
    cell = form.labels.get("@date")
    if cell is None or cell.blank:
        return None
    date = read_date(cell, "日期", year, "note")
    if isinstance(date, Problem):
        form.keep(date)
        return None
    return date


def match_unit(form: FilledForm, cell: Cell, basis: Basis, severity: Severity) -> Unit | None:
    """The unit written in ``cell``. A near name is offered in the Problem and never applied."""
    match = basis.registry.match(cell.raw, basis.year)
    if match.unit is None or cell.struck:
        form.tell("unit-unknown", severity, cell, found=cell.raw, expected=one_of(match.candidates) or "units.yaml")
        return None
    if match.outdated:
        form.tell("unit-name-outdated", "note", cell, found=cell.raw, expected=match.unit.name)
    return match.unit


def _title(sheet: Sheet, forms: Iterable[Headings]) -> tuple[Headings, Cell] | None:
    """The first cell that names a form; of two forms named in it the longer name."""
    for row in sheet.rows[:10]:
        for cell in sheet.in_row(row):
            named = [headings for headings in forms if folded(headings.title) in folded(cell.raw)]
            if named:
                return max(named, key=lambda headings: len(headings.title)), cell
    return None


def _which_form(grid: Grid, basis: Basis, titled: list[Sheet], shown: list[Sheet]) -> Problem:
    titles = one_of(headings.title for headings in basis.headings.values())
    if shown:
        facts = {"found": one_of(sheet.name for sheet in shown), "expected": "1"}
        return Problem("forms-several", "stop", file=grid.file, facts=facts)
    if titled:
        facts = {"found": one_of(sheet.name for sheet in titled), "expected": titles}
        return Problem("form-hidden", "stop", file=grid.file, facts=facts)
    first = next((cell.text for sheet in grid.sheets for cell in sheet.cells.values() if cell.text), "")
    return Problem("form-unknown", "stop", file=grid.file, facts={"found": first, "expected": titles})


def _check_year(form: FilledForm, year: int) -> None:
    text = folded(form.title.raw)
    years = _YEAR.findall(text) or [found.translate(_CHINESE_DIGITS) for found in _CHINESE_YEAR.findall(text)]
    form.this_year = str(year) in years
    if not years:
        form.tell("form-year-missing", "stop", form.title, found=form.title.text, expected=str(year))
    elif not form.this_year:
        form.tell("form-year-wrong", "stop", form.title, found=years[0], expected=str(year))


def _header(sheet: Sheet, headings: Headings, words: Words) -> tuple[int, dict[str, list[int]]]:
    """The row in which most of the form's headings stand, and the columns under each of our names."""
    known = {folded(heading): name for name, heading in headings.columns.items()}
    best: tuple[int, dict[str, list[int]]] = (0, {})
    for row in sheet.rows:
        columns: dict[str, list[int]] = {}
        for column in range(1, sheet.width + 1):
            cell = sheet.at(row, column)
            if cell.blank or cell.column != column:
                continue
            name = known.get(folded(cell.raw)) or words.heading(headings.form, cell.raw)
            if name and not name.startswith("@"):
                columns.setdefault(name, []).append(column)
        if len(columns) > len(best[1]):
            best = (row, columns)
    return best


def _check_header(form: FilledForm, headings: Headings, columns: Mapping[str, list[int]]) -> None:
    sheet, row = form.sheet, form.header_row
    needed = REQUIRED.get(form.form, tuple(name for name in headings.columns if name != "note"))
    known = {column for found in columns.values() for column in found}
    cells = dict.fromkeys(sheet.at(row, column) for column in range(1, sheet.width + 1))
    strange = [cell for cell in cells if not cell.blank and cell.column not in known]
    for name, found in columns.items():
        if len(found) > 1:
            places = one_of(sheet.at(row, column).ref.address for column in found)
            severity: Severity = "stop" if name in needed else "note"
            expected = headings.columns.get(name, name)
            form.tell("heading-twice", severity, sheet.at(row, found[1]), found=places, expected=expected)
    for name in (name for name in headings.columns if name not in columns):
        near = difflib.get_close_matches(headings.columns[name], [cell.text for cell in strange], 1, 0.4)
        code, severity = ("heading-missing", "stop") if name in needed else ("heading-left-out", "note")
        form.tell(code, severity, sheet.at(row, 1), found=one_of(near) or "—", expected=headings.columns[name])
    for cell in strange:
        near = difflib.get_close_matches(cell.text, list(headings.columns.values()), 3, 0.4)
        form.tell("heading-unknown", "note", cell, found=cell.text, expected=one_of(near or headings.columns.values()))


def _read_head(form: FilledForm, words: Words) -> None:
    """Take the title, the labels with their values, and the notes that run over the whole width, above the table."""
    sheet = form.sheet
    form.mark(form.title)
    width = max(len(form.columns), _LEAST_HEADINGS + 1)
    for row in range(1, form.first_row):
        cells = list(sheet.in_row(row))
        for cell in cells:
            area = sheet.area(cell)
            if row >= form.header_row or area.right - area.left + 1 >= width:
                form.mark(cell)
                continue
            label, value = _label(sheet, cell, words)
            if label and value:
                form.labels.setdefault(label, value)
                form.mark(cell, value)


def _label(sheet: Sheet, cell: Cell, words: Words) -> tuple[str | None, Cell | None]:
    """Our name of the label in ``cell`` and the cell with its value: the next one, or itself (单位：某某街道)."""
    written, colon, rest = cell.text.replace("：", ":").partition(":")
    name = words.heading("*", written)
    if name is None or not name.startswith("@"):
        return None, None
    if colon and rest.strip():
        return name, Cell(cell.ref, cell.row, cell.column, cell.kind, rest.strip(), cell.struck)
    for column in range(sheet.area(cell).right + 1, sheet.width + 1):
        value = sheet.at(cell.row, column)
        if not value.blank:
            following = words.heading("*", value.text)
            return name, sheet.at(cell.row, sheet.area(cell).right + 1) if following else value
    return name, sheet.at(cell.row, sheet.area(cell).right + 1)


def _tell_other_content(form: FilledForm, sheets: Iterable[Sheet]) -> None:
    """Name other sheets, hidden rows and columns with content, and comments."""
    for sheet in sheets:
        if sheet is not form.sheet and sheet.cells:
            code = "sheet-extra" if sheet.state == "visible" else "sheet-hidden"
            form.tell(code, "note", found=sheet.name, expected=form.sheet.name)
    sheet = form.sheet
    rows = sorted({row for row, _ in sheet.cells} & sheet.hidden_rows)
    if rows:
        form.tell("rows-hidden", "note", sheet.at(rows[0], 1), found=one_of(map(str, rows)))
    columns = sorted({column for _, column in sheet.cells} & sheet.hidden_columns)
    if columns:
        letters = one_of(sheet.at(1, column).ref.address.rstrip("0123456789") for column in columns)
        form.tell("columns-hidden", "note", sheet.at(form.header_row, columns[0]), found=letters)
    if sheet.comments:
        form.tell("comments-unread", "note", found=sheet.name)
