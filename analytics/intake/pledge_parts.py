"""The parts of a pledge report that are not figures: its sections (一、…), the signature, numbers in running text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from analytics.intake.basis import Basis
from analytics.intake.cells import Cell
from analytics.intake.files.word_document import PICTURE
from analytics.intake.forms import FilledForm
from analytics.intake.words import folded
from analytics.rubric import Measure

_NUMERAL = re.compile(r"(?:第?[一二三四五六七八九十]+[、.．]|[(（][一二三四五六七八九十]+[)）])")
_SIGNATURE = re.compile(r"(?:负责人|法定代表人|主任|局长|镇长)[^:：]{0,12}(?:签字|签名|签章)[^:：]{0,6}[:：]?")
_NO_NAME = re.compile(r"[(（](?:盖章|公章|签字|签名)[)）]|盖章|公章|年|月|日|[0-9_\W]|：")
_MEETINGS = re.compile(
    r"(?:会议|例会|专题会|专题研究)[^，。；0-9]{0,10}([0-9]+)\s*次|([0-9]+)\s*次[^，。；]{0,10}(?:会议|例会|专题会)"
)
_ABOUT_MEETINGS = re.compile("会议|例会|专题会|专题研究")
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Parts:
    """``headings``: of the sections, by row. ``lines``: rows of running text. ``signature``: the line to sign."""

    headings: dict[int, Cell]
    lines: frozenset[int]
    signature: Cell | None


def read_parts(form: FilledForm, basis: Basis) -> Parts:
    """Find the parts and take their cells: running text is kept in the file, not read."""
    sheet = form.sheet
    keys = [_key(section) for section in basis.headings[form.form].sections]
    headings: dict[int, Cell] = {}
    lines: set[int] = set()
    signature = None
    for row in sheet.rows:
        cell = sheet.at(row, 1)
        if row == form.header_row or row <= form.title.row:
            continue
        signed = next((c for c in sheet.in_row(row) if _SIGNATURE.search(c.text)), None)
        if signed is not None:
            signature = signed
            form.mark(*sheet.in_row(row))
        elif cell.row == row and (_NUMERAL.match(cell.text) or folded(cell.text).partition("(")[0] in keys):
            headings[row] = cell
            form.mark(cell)
        elif headings and _is_text(form, row):
            lines.add(row)
            form.mark(*sheet.in_row(row))
    return Parts(headings, frozenset(lines | headings.keys()), signature)


def tell_parts(form: FilledForm, parts: Parts, basis: Basis) -> None:
    """Name the sections that are missing or blank, and a signature that is not to be seen."""
    sections = basis.headings[form.form].sections
    written = [_key(cell.text) for cell in parts.headings.values()]
    for section in sections:
        key = _key(section)
        if not any(key in text or (len(text) >= _LEAST and text in key) for text in written):
            form.tell(
                "section-missing", "note", form.title, found=_shortened(parts.headings.values()), expected=section
            )
    ends = {*parts.headings, form.sheet.rows[-1] + 1, *((parts.signature.row,) if parts.signature else ())}
    for row, following in pairwise(sorted(ends)):
        if row in parts.headings and not any(row < other < following for other in form.sheet.rows):
            body = form.sheet.at(row + 1, 1)
            form.tell(
                "section-blank", "note", body if body.blank else parts.headings[row], found=parts.headings[row].text
            )
    _tell_signature(form, parts)


def tell_meetings(form: FilledForm, parts: Parts, read: Iterable[str], measures: Sequence[Measure]) -> None:
    """Offer a number of meetings that stands in running text when the table gives none; it is never taken."""
    about = [measure for measure in measures if _ABOUT_MEETINGS.search(measure.label)]
    if set(read) & {measure.id for measure in about} or not (about or form.sheet.tables is not None):
        return
    for row in sorted(parts.lines):
        cell = form.sheet.at(row, 1)
        if match := _MEETINGS.search(cell.text):
            form.tell(
                "meetings-in-text", "note", cell, found=match[0], expected=about[0].label if about else "会议次数"
            )
            return


def _tell_signature(form: FilledForm, parts: Parts) -> None:
    """A workbook is signed on paper: there the name of the person in charge, at the line or at the top, will do."""
    named = form.labels.get("@contact")
    if form.sheet.tables is None and named is not None and not named.blank:
        return
    cell = parts.signature
    if cell is None:
        form.tell("signature-missing", "note", form.title, found="—", expected="主要负责人（签字）")
        return
    around = [c for row in (cell.row, cell.row + 1) for c in form.sheet.in_row(row)]
    if any(PICTURE in c.raw for c in around):
        return
    after = _SIGNATURE.split(cell.text)[-1]
    beside = "".join(c.text for c in form.sheet.in_row(cell.row) if c.column > cell.column)
    if not _NO_NAME.sub("", after + beside):
        form.tell("signature-missing", "note", cell, found=cell.text, expected="主要负责人（签字）")


def _is_text(form: FilledForm, row: int) -> bool:
    """Whether the row is one of running text: a paragraph of a document, or a cell merged over all columns."""
    sheet, cells = form.sheet, list(form.sheet.in_row(row))
    if len(cells) != 1 or cells[0].column != 1:
        return False
    if sheet.tables is not None:
        return not any(first <= row <= last for _, first, last in sheet.tables)
    area = sheet.area(cells[0])
    return area.right - area.left + 1 >= max(len(form.columns), _LEAST)


def _key(text: str) -> str:
    """A section's heading without its number, and without what stands in brackets."""
    return folded(_NUMERAL.sub("", text, count=1)).partition("(")[0].strip("、.:")


def _shortened(cells: Iterable[Cell]) -> str:
    return "、".join(cell.text[:12] for cell in cells) or "—"
