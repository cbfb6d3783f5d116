"""Which item of the rubric a row is about: by number *and* content; where the two disagree nothing is settled."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from analytics.intake.cells import Cell
from analytics.intake.words import narrowed
from analytics.problems import Problem, Severity
from analytics.rubric import Item

_ALIKE = 0.85
_NUMBER = re.compile(r"(?:第)?\(?([0-9]{1,2})\)?(?:项|[.、])?")
_LEADING_NUMBER = re.compile(r"^[0-9]{1,2}[.、]\s*")
_TURNS_MEANING = re.compile("[不未无非没免勿禁0-9]")
_CLOSING_POINTS = re.compile(r"\([0-9.]+分\)$")


def written_number(cell: Cell) -> str:
    """The item number in ``cell``: 3, ３, 3., 第3项; ``""`` when there is none."""
    match = _NUMBER.fullmatch(narrowed(cell.raw))
    return str(int(match[1])) if match else ""


@lru_cache(maxsize=4096)
def essence(text: str) -> str:
    """What is left of an item's text without spaces, punctuation, a number before and points behind."""
    plain = _CLOSING_POINTS.sub("", _LEADING_NUMBER.sub("", unicodedata.normalize("NFKC", text).strip()))
    return re.sub(r"(?<![0-9])\.|\.(?![0-9])|[^\w.%]|_", "", plain)


def match_item(number: Cell, content: Cell, items: Sequence[Item]) -> tuple[Item | None, Problem | None]:
    """The item a row is about and what has to be said of it.

    No item and a stop: number and content belong to different items, or neither is in the rubric. An item and a skip:
    nothing but the number says so. An item and a note: the number is missing, or the wording was edited a little
    and says the same.
    """
    no, text = written_number(number), essence(content.raw)
    by_number = next((item for item in items if item.no == no), None)
    by_content = next((item for item in items if essence(item.text) == text), None) if text else None
    if by_number is not None and by_number is by_content:
        return by_number, None
    if not text and by_number is not None:
        return by_number, _said("item-content-blank", "skip", content, number.text, by_number)
    if by_content is not None:
        if number.blank:
            return by_content, _said("item-number-missing", "note", number, content.text, by_content)
        return None, _said("item-mismatch", "stop", number, number.text, by_content)
    nearest = _nearest(text, items) if text else None
    if by_number is not None and nearest is by_number and not _says_otherwise(text, essence(by_number.text)):
        return by_number, _said("item-text-edited", "note", content, content.text, by_number)
    if by_number is None:
        return None, _said("item-unknown", "stop", number if no else content, number.text or content.text, nearest)
    return None, _said("item-content-differs", "stop", content, content.text, by_number)


def match_number(number: Cell, items: Sequence[Item]) -> tuple[Item | None, Problem | None]:
    """The item by its number alone, for forms that print no content."""
    no = written_number(number)
    item = next((item for item in items if item.no == no), None)
    if item is not None:
        return item, None
    facts = {"found": number.text, "expected": "、".join(item.no for item in items)}
    return None, Problem("item-number-unknown", "skip", at=number.ref, facts=facts)


def _nearest(text: str, items: Sequence[Item]) -> Item | None:
    """The item whose text is much like ``text``, and more so than any other's."""
    alike = [(difflib.SequenceMatcher(None, text, essence(item.text)).ratio(), item) for item in items]
    alike.sort(key=lambda pair: pair[0], reverse=True)
    if not alike or alike[0][0] < _ALIKE or (len(alike) > 1 and alike[0][0] == alike[1][0]):
        return None
    return alike[0][1]


def _says_otherwise(written: str, printed: str) -> bool:
    """Whether a not, or a figure, was put in, left out or changed: then even a small edit asks for something else."""
    matcher = difflib.SequenceMatcher(None, printed, written, autojunk=False)
    return any(
        _TURNS_MEANING.search(printed[start:end] + written[other_start:other_end])
        for tag, start, end, other_start, other_end in matcher.get_opcodes()
        if tag != "equal"
    )


def _said(code: str, severity: Severity, cell: Cell, found: str, item: Item | None) -> Problem:
    facts = {"found": found, "expected": item.text if item else "—", "item": item.no if item else "—"}
    return Problem(code, severity, at=cell.ref, facts=facts)
