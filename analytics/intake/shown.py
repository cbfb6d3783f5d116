"""Whether a number in a cell is the one its reader sees: a number format may round it, hide it or print another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from analytics.intake.cells import Cell, CellKind, place

Shown = Literal["same", "rounded", "unseen", "otherwise"]
_PIECE = re.compile(r'"[^"]*"?|\\.|\[[^\]]*\]|[_*].|.', re.DOTALL)
_GENERAL = re.compile("general|g/通用格式", re.IGNORECASE)
_CONDITION = re.compile(r"\[[<>=]")
_REFERENCE = re.compile(
    r"(?<![\w.!$])\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}))?(?![\w(!])"
)


def as_shown(cell: Cell) -> Shown:
    """What the look of ``cell`` makes of what it holds; a format changes nothing but numbers."""
    if cell.unseen and not cell.blank:
        return "unseen"
    if cell.kind is not CellKind.NUMBER or not cell.number_format:
        return "same"
    number = Decimal(format(float(cell.raw), ".15g"))
    sections = _sections(cell.number_format)
    if _CONDITION.search(cell.number_format):
        return _worst([_by_section(number, section) for section in sections[:3]])
    chosen = 1 if number < 0 else 2 if number == 0 else 0
    return _by_section(number, sections[chosen if chosen < len(sections) else 0])


def refers_to_itself(cell: Cell) -> bool:
    """Whether the formula in ``cell`` counts the cell itself in: Excel gives 0 for that, after a warning."""
    formula = re.sub(r'"[^"]*"', "", cell.formula.upper())
    for first_column, first_row, last_column, last_row in _REFERENCE.findall(formula):
        top, left = place(first_column + first_row)
        bottom, right = place(last_column + last_row) if last_row else (top, left)
        if top <= cell.row <= bottom and left <= cell.column <= right:
            return True
    return False


def _sections(code: str) -> list[list[str]]:
    """The parts of a format for positive, negative and no amounts and for text, each in its pieces."""
    sections: list[list[str]] = [[]]
    for piece in _PIECE.findall(code):
        if piece == ";":
            sections.append([])
        else:
            sections[-1].append(piece)
    return sections


def _by_section(number: Decimal, pieces: Sequence[str]) -> Shown:
    literal = "".join(piece.strip('"\\') for piece in pieces if piece[0] in '"\\')
    signs = "".join(piece for piece in pieces if piece[0] not in '"\\[_*')
    if re.search(r"(?<![A-Za-z])\d", literal):  # but not the 2 of m2
        return "otherwise"
    if _GENERAL.search(signs) or signs == "@":
        return "same"
    if not re.search("[0#?]", signs):
        return "otherwise" if literal.strip() or signs.strip() else "unseen"
    if re.search(r"[0#?],+(?![0#?,])", signs):
        return "otherwise"  # a comma behind the digits divides by a thousand
    if re.search("[Ee/]", signs):
        return "rounded"
    places = len(re.findall("[0#?]", signs.partition(".")[2]))
    return "same" if number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) == number else "rounded"


def _worst(kinds: Sequence[Shown]) -> Shown:
    order: tuple[Shown, ...] = ("otherwise", "unseen", "rounded")
    return next((kind for kind in order if kind in kinds), "same")
