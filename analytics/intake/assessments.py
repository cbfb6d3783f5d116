"""The self-assessment (自评表): a unit's own mark for every item of its rubric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from analytics.intake.basis import Basis
from analytics.intake.cells import Cell, CellKind
from analytics.intake.forms import Contents, FilledForm, find_date, find_unit
from analytics.intake.items import essence, match_item, written_number
from analytics.intake.values import format_note, read_figure, read_mark
from analytics.intake.words import folded, one_of
from analytics.problems import Problem
from analytics.records import Channel, Observation
from analytics.rubric import Item, Rubric
from analytics.units import Unit

_LOW_SHARE = Decimal("0.2")  # nobody gives itself a fifth of the marks
_CLAIM_HEADINGS = {"事项": "matter", "级别": "level", "文号": "reference"}


@dataclass
class _Marks:
    """What has been read so far: observations by item, marks since the last subtotal, the total that is printed.

    ``claims`` is None until the block of bonus claims begins, and then holds its columns.
    """

    by_item: dict[str, Observation] = field(default_factory=dict)
    since_subtotal: list[Decimal | None] = field(default_factory=list)
    printed_total: Decimal | None = None
    total_cell: Cell | None = None
    claims: dict[str, int] | None = None


def read_assessment(form: FilledForm, basis: Basis) -> Contents:
    """Every self-mark, in the rubric's order, None where it is undecided. Everything wrong is told to ``form``.

    An item that is missing, stands twice, or cannot be told apart stops the file; a bad mark leaves its item undecided.
    """
    unit, date = find_unit(form, basis), find_date(form, basis.year)
    if unit is None or not form.this_year or not {"number", "content"} <= form.columns.keys():
        return Contents(unit.id if unit else "", date)
    rubric = basis.rubric(unit)
    if other := _other_class(form, rubric, basis):
        form.tell("form-of-other-class", "stop", form.title, found=_classes(other), expected=_classes(rubric))
        return Contents(unit.id, date)
    items, marks = rubric.items_for(unit.id), _Marks()
    for row in form.rows():
        if _is_printed_line(form, row, rubric, basis):
            marks.claims = None  # below a line to sign, or the table's header once more, nothing is claimed
            continue
        if any(basis.words.meaning("band", cell.raw) == "bonus" for cell in form.sheet.in_row(row)):
            form.mark_row(row)
            marks.claims = {}
        elif marks.claims is not None:
            _tell_claim(form, row, marks)
        elif meaning := _sum_line(form, row, basis):
            _check_sum(form, row, meaning, marks, basis)
        else:
            _read_row(form, row, items, unit, marks, basis)
    _check_whole(form, items, marks)
    form.read_through = True
    found = tuple(marks.by_item[item.id] for item in items if item.id in marks.by_item)
    return Contents(unit.id, date, marks.printed_total, found)


def _other_class(form: FilledForm, own: Rubric, basis: Basis) -> Rubric | None:
    """The rubric of another class, when the form holds more of its items, word for word, than of the unit's own."""
    contents = {essence(form.look(row, "content").raw) for row in form.rows()}
    known = {rubric.id: len(contents & {essence(item.text) for item in rubric.items}) for rubric in basis.rules.rubrics}
    best = max(basis.rules.rubrics, key=lambda rubric: known[rubric.id])
    return best if known[best.id] > known[own.id] else None


def _classes(rubric: Rubric) -> str:
    return one_of(kind.label() for kind in rubric.applies_to)


def _is_printed_line(form: FilledForm, row: int, rubric: Rubric, basis: Basis) -> bool:
    """Whether the row is a theme's heading, the table's title or header once more, or the line to sign.

    Then it is taken, but for a second title, which belongs to no one.
    """
    number = form.look(row, "number")
    if written_number(number):
        return False
    text = folded(number.raw)
    header = folded(form.look(form.header_row, "number").raw)
    theme = any(folded(theme.name) in text for theme in rubric.themes)
    signed = [cell for cell in form.sheet.in_row(row) if basis.words.inside("signature", cell.raw)]
    if theme or text == header:
        mark = form.look(row, "self_mark")
        if text == header or mark.blank or mark is number:
            form.mark_row(row)
        else:
            form.mark(number)  # a mark for the whole theme is nobody's item: left to be listed as unread
        return True
    form.mark(*signed)
    return bool(signed) or folded(basis.headings[form.form].title) in text


def _sum_line(form: FilledForm, row: int, basis: Basis) -> str | None:
    words = [folded(form.look(row, name).raw).rstrip(":").partition("(")[0] for name in ("number", "content")]
    return next((meaning for word in words if (meaning := basis.words.meaning("sum", word))), None)


def _check_sum(form: FilledForm, row: int, meaning: str, marks: _Marks, basis: Basis) -> None:
    """Compare a printed sum with the marks above it. A formula without a value says nothing, and is not asked."""
    form.mark_row(row)
    cell = form.look(row, "self_mark")
    printed = None
    if cell.kind not in (CellKind.BLANK, CellKind.UNCALCULATED):
        read = read_figure(cell, basis.words, cell.ref.address)
        if isinstance(read, Problem):
            form.tell("sum-unreadable", "note", cell, found=cell.raw)
        else:
            printed = read
    if meaning == "total":
        marks.printed_total, marks.total_cell = printed, cell
    else:
        _compare(form, "subtotal-differs", cell, printed, marks.since_subtotal)
        marks.since_subtotal = []


def _compare(form: FilledForm, code: str, cell: Cell, printed: Decimal | None, marks: Sequence[Decimal | None]) -> None:
    known = [mark for mark in marks if mark is not None]
    if printed is not None and len(known) == len(marks) and sum(known) != printed:
        total = sum(known, Decimal(0))
        form.tell(code, "note", cell, found=f"{printed:f}", expected=f"{total.normalize():f}")


def _read_row(form: FilledForm, row: int, items: Sequence[Item], unit: Unit, marks: _Marks, basis: Basis) -> None:
    number, content = form.look(row, "number"), form.look(row, "content")
    mark, full = form.look(row, "self_mark"), form.look(row, "full_marks")
    here = [cell for cell in (mark, full) if not cell.blank and cell.row == row]
    if number is content and not number.blank:
        return  # a remark across the table: left to be listed as unread
    if (number.row, content.row) != (row, row) or (number.blank and content.blank):
        if any(cell is mark for cell in here):
            form.tell("mark-without-item", "stop", mark, found=mark.raw)
            marks.since_subtotal.append(None)
        return
    if not written_number(number) and not here and essence(content.raw) not in {essence(i.text) for i in items}:
        return
    for name in ("number", "content", "full_marks", "standard", "methods", "self_mark", "reason", "evidence"):
        form.take(row, name)
    item, problem = match_item(number, content, items)
    if problem:
        form.keep(problem)
    if item is None:
        marks.since_subtotal.append(None)
        return
    if item.id in marks.by_item:
        marks.since_subtotal.append(None)
        first = marks.by_item[item.id].reading.cell.address
        form.tell("item-twice", "stop", number, item=item.no, found=number.ref.address, expected=first)
        return
    crossed = form.tell_struck(row, ("number", "content"), f"第{item.no}项")
    undecided = crossed is not None or (problem is not None and problem.severity == "skip")
    value = None if undecided else _mark(form, row, item, basis)
    marks.by_item[item.id] = Observation(
        unit.id,
        basis.year,
        Channel.SELF,
        mark.reading,
        item.id,
        value=value,
        text=form.words(row, "reason"),
        evidence=form.words(row, "evidence"),
    )
    marks.since_subtotal.append(value)


def _mark(form: FilledForm, row: int, item: Item, basis: Basis) -> Decimal | None:
    """The mark in ``row``; None, with the reason told, when it cannot be decided."""
    what = f"第{item.no}项自评分"
    mark, full = form.look(row, "self_mark"), form.look(row, "full_marks")
    if "self_mark" not in form.columns:
        return None
    out_of_place = mark.row != row or mark.column != form.columns["self_mark"]
    if out_of_place or (not full.blank and full.row != row):
        form.tell("value-merged", "skip", mark, what=what, found=mark.raw)
        return None
    if not full.blank:
        printed = read_figure(full, basis.words, f"第{item.no}项分值")
        if printed != item.full_marks:
            expected = f"{item.full_marks.normalize():f}"
            form.tell("full-marks-differ", "skip", full, item=item.no, found=full.raw, expected=expected)
            return None
    value = read_mark(mark, item.full_marks, basis.words, what)
    if isinstance(value, Problem):
        form.keep(value)
        return None
    if note := format_note(mark, what):
        form.keep(note)
    return value


def _tell_claim(form: FilledForm, row: int, marks: _Marks) -> None:
    """A line of the block 加分申报: noted for the office, without effect on any mark."""
    cells = list(form.sheet.in_row(row))
    if not marks.claims:
        marks.claims = {_CLAIM_HEADINGS[c.text]: c.column for c in cells if c.text in _CLAIM_HEADINGS}
        form.mark(*(cell for cell in cells if cell.text in _CLAIM_HEADINGS))
        return
    claim = {name: form.sheet.at(row, column) for name, column in marks.claims.items()}
    form.mark(*claim.values())
    said = {name: claim[name].text if name in claim else "" for name in _CLAIM_HEADINGS.values()}
    if any(said.values()):
        form.tell("bonus-claimed", "note", cells[0], **{name: text or "—" for name, text in said.items()})


def _check_whole(form: FilledForm, items: Sequence[Item], marks: _Marks) -> None:
    missing = [item for item in items if item.id not in marks.by_item]
    if missing:
        found, expected = str(len(items) - len(missing)), str(len(items))
        named = one_of(f"第{item.no}项" for item in missing)
        form.tell(
            "items-missing", "stop", form.look(form.header_row, "number"), found=found, expected=expected, items=named
        )
    elif marks.total_cell is not None:
        values = [observation.value for observation in marks.by_item.values()]
        _compare(form, "total-differs", marks.total_cell, marks.printed_total, values)
    _tell_low_marks(form, items, marks)


def _tell_low_marks(form: FilledForm, items: Sequence[Item], marks: _Marks) -> None:
    """A note when the marks add up to so little that they may well be what was taken off."""
    known = [observation.value for observation in marks.by_item.values() if observation.value is not None]
    full, total = sum((item.full_marks for item in items), Decimal(0)), sum(known, Decimal(0))
    if known and len(known) == len(items) and total <= full * _LOW_SHARE:
        facts = {"found": f"{total.normalize():f}", "expected": f"{full.normalize():f}"}
        form.tell("marks-like-deductions", "note", form.look(form.header_row, "self_mark"), **facts)
