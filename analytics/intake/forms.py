"""Which form a workbook is, of which year, and where its columns and labels stand."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, cast

from analytics.intake.basis import Basis
from analytics.intake.cells import Cell, Grid, Place, Sheet
from analytics.intake.columns import check_header, find_header
from analytics.intake.headings import Headings
from analytics.intake.values import read_date
from analytics.intake.words import Words, folded, one_of
from analytics.problems import Problem, Refused, Severity
from analytics.provenance import CellRef
from analytics.records import Decision, FormName, Observation, Receipt
from analytics.units import Unit

_YEAR = re.compile(r"([12][0-9]{3})(?=年|[-—–~至/、]+[12][0-9]{3}年)")
_OF_THE_YEAR = re.compile(r"(?<![-—–~至/、])([12][0-9]{3})年度")
_SEAL = re.compile(r"\((?:盖章|公章|章)\)$")
_CHINESE_YEAR = re.compile(r"[一二][〇零○一二三四五六七八九]{3}(?=年)")
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

    def words(self, row: int, name: str) -> str:
        """What is written in that cell; ``""`` when it is merged into a neighbour's column, whose words they are."""
        cell = self.look(row, name)
        return cell.text if cell.column == self.columns.get(name) else ""

    def mark(self, *cells: Cell) -> None:
        """Say of ``cells`` that they have been read."""
        self._taken.update((cell.row, cell.column) for cell in cells)

    def has_read(self, cell: Cell) -> bool:
        """Whether that was said of ``cell``."""
        return (cell.row, cell.column) in self._taken

    def mark_row(self, row: int) -> None:
        """Say of everything in ``row`` that it has been read: a line that the form itself prints."""
        self.mark(*self.sheet.in_row(row))

    def tell_struck(self, row: int, names: Sequence[str], what: str) -> Cell | None:
        """The first of those cells in ``row`` that is crossed out, told as a value that nobody can count on."""
        struck = next((cell for name in names if (cell := self.look(row, name)).struck), None)
        if struck is not None:
            self.tell("value-struck", "skip", struck, what=what, found=struck.text, expected="没有划掉的内容")
        return struck

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
    titled = [_Titled(sheet, *found) for sheet in sheets if (found := _title(sheet, basis.headings.values()))]
    sheet, headings, title = _the_one(grid, basis, titled)
    header_row, last_row, columns = find_header(sheet, headings, basis.words)
    if len(columns) < _LEAST_HEADINGS:
        # Without a table the head can still say which unit to tell.
        header_row, last_row, columns = title.row + _HEAD_ROWS, sheet.rows[-1], {}
    places = {name: found[0] for name, found in columns.items()}
    others = tuple(other for other in sheets if other is not sheet and other.state == "visible")
    form = FilledForm(headings.form, sheet, title, header_row, last_row + 1, places, others=others)
    _check_year(form, basis.year)
    if columns:
        needed = REQUIRED.get(form.form, tuple(name for name in headings.columns if name != "note"))
        check_header(form, headings, columns, needed)
    else:
        form.tell("header-missing", "stop", title, expected=one_of(headings.columns.values()))
    _read_head(form, basis.words)
    _tell_other_content(form, sheets)
    return form


def find_unit(form: FilledForm, basis: Basis) -> Unit | None:
    """The unit the form says it is from; None, with a Problem that stops, when it says none or an unknown one."""
    cell = form.labels.get("@unit")
    if cell is None or cell.blank:
        form.tell("unit-blank", "stop", cell or form.title)
        return None
    unit = match_unit(form, cell, basis, "stop")
    if unit is not None:
        _check_other_names(form, unit, basis)
    return unit


def _check_other_names(form: FilledForm, unit: Unit, basis: Basis) -> None:
    """Whether the title or the sheet's name speak of another unit, or the sheet's name of another year."""
    registry, title, sheet = basis.registry, form.title, form.sheet
    for code, severity, text in (
        ("title-names-other-unit", "stop", title.raw),
        ("sheet-names-other-unit", "note", sheet.name),
    ):
        named = registry.named_in(text, basis.year)
        if named and unit not in named:
            found = one_of(other.name for other in named)
            form.tell(code, cast(Severity, severity), title, found=found, expected=unit.name)
    years = _YEAR.findall(folded(sheet.name))
    if years and str(basis.year) not in years:
        form.tell("sheet-names-other-year", "note", title, found=one_of(years), expected=str(basis.year))


def find_date(form: FilledForm, year: int) -> datetime.date | None:
    """The date in the form's head; None when there is none, or, with a note, when it cannot be read."""
    cell = form.labels.get("@date")
    if cell is None or cell.blank:
        return None
    date = read_date(cell, "日期", year, "note")
    if isinstance(date, Problem):
        form.keep(date)
        return None
    tell_other_year(form, cell, date, year, "日期")
    return date


def tell_other_year(form: FilledForm, cell: Cell, date: datetime.date, year: int, what: str) -> None:
    """A note when ``date`` lies neither in ``year`` nor in the one after, in which its forms may still come in."""
    if date.year not in (year, year + 1):
        form.tell("date-outside-year", "note", cell, what=what, found=date.isoformat(), expected=str(year))


def match_unit(form: FilledForm, cell: Cell, basis: Basis, severity: Severity) -> Unit | None:
    """The unit written in ``cell``. A near name is offered in the Problem and never applied."""
    match = basis.registry.match(_SEAL.sub("", folded(cell.raw)), basis.year)
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


class _Titled(NamedTuple):
    """A sheet with the title of a form on it."""

    sheet: Sheet
    headings: Headings
    title: Cell


def _the_one(grid: Grid, basis: Basis, titled: list[_Titled]) -> _Titled:
    """The one visible form; a cover that bears its title, but no table, is none. Refused when there is not just one."""
    shown = [entry for entry in titled if entry.sheet.state == "visible"]
    if len(shown) == 1:
        return shown[0]
    tables = [entry for entry in shown if len(find_header(entry.sheet, entry.headings, basis.words)[2]) > 1]
    if len(tables or shown) == 1:
        return (tables or shown)[0]
    titles = one_of(headings.title for headings in basis.headings.values())
    if shown:
        facts = {"found": one_of(entry.sheet.name for entry in shown), "expected": "1"}
        raise Refused([Problem("forms-several", "stop", shown[1].title.ref, grid.file, facts)])
    if titled:
        facts = {"found": one_of(entry.sheet.name for entry in titled), "expected": titles}
        raise Refused([Problem("form-hidden", "stop", titled[0].title.ref, grid.file, facts)])
    first = next((cell for sheet in grid.sheets for cell in sheet.cells.values() if cell.text), None)
    facts = {"found": first.text if first else "", "expected": titles}
    raise Refused([Problem("form-unknown", "stop", first.ref if first else None, grid.file, facts)])


def _check_year(form: FilledForm, year: int) -> None:
    if form.title.struck:
        form.tell("value-struck", "stop", form.title, what="标题", found=form.title.text, expected=f"{year}年度")
    text = folded(form.title.raw)
    text = _CHINESE_YEAR.sub(lambda found: found[0].translate(_CHINESE_DIGITS), text)
    years = list(dict.fromkeys(_YEAR.findall(text)))
    if len(years) > 1 and len(own := set(_OF_THE_YEAR.findall(text))) == 1:
        years = list(own)  # 2020年度…（2019年修订）
    form.this_year = years == [str(year)]
    if len(years) > 1:
        form.tell("form-year-several", "stop", form.title, found=one_of(years), expected=str(year))
    elif not years:
        form.tell("form-year-missing", "stop", form.title, found=form.title.text, expected=str(year))
    elif not form.this_year:
        form.tell("form-year-wrong", "stop", form.title, found=years[0], expected=str(year))


def _read_head(form: FilledForm, words: Words) -> None:
    """Take the title, the labels with their values, and the notes that run over the whole width, above the table."""
    sheet = form.sheet
    form.mark(form.title)
    width = max(len(form.columns), _LEAST_HEADINGS + 1)
    headings = [sheet.area(sheet.at(form.header_row, column)) for column in form.columns.values()]
    header = min((area.top for area in headings), default=form.header_row)
    for row in range(1, form.first_row):
        cells = list(sheet.in_row(row))
        for cell in cells:
            area = sheet.area(cell)
            if row >= header or area.right - area.left + 1 >= width:
                form.mark(cell)
                continue
            label, value = _label(sheet, cell, words)
            if label and value:
                _keep_label(form, label, value)
                form.mark(cell, value)


def _keep_label(form: FilledForm, label: str, value: Cell) -> None:
    """The first value under a label counts; another unit under a second one stops the form."""
    first = form.labels.get(label)
    if first is None or first.blank:
        form.labels[label] = value
    elif label == "@unit" and not value.blank and folded(value.raw) != folded(first.raw):
        form.tell("unit-twice", "stop", value, found=value.text, expected=first.text)


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
            first = sheet.cells[min(sheet.cells)]
            form.tell(code, "note", first, found=sheet.name, expected=form.sheet.name)
    sheet = form.sheet
    rows = sorted({row for row, _ in sheet.cells} & sheet.hidden_rows)
    if rows:
        form.tell("rows-hidden", "note", sheet.at(rows[0], 1), found=one_of(map(str, rows)))
    columns = sorted({column for _, column in sheet.cells} & sheet.hidden_columns)
    if columns:
        letters = one_of(sheet.at(1, column).ref.address.rstrip("0123456789") for column in columns)
        form.tell("columns-hidden", "note", sheet.at(form.header_row, columns[0]), found=letters)
    if sheet.comments:
        form.tell("comments-unread", "note", form.title, found=sheet.name)
