"""The text of an official document (公文): lines in an outline, small tables, signature. No look in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["heading", "subheading", "body", "note"]


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph and its level in the outline."""

    text: str
    level: Level = "body"


@dataclass(frozen=True, slots=True)
class Grid:
    """A small table. ``widths`` are shares of the line."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class OfficialText:
    """A notice or letter before any look. What only the office may fill in is left blank.

    ``title`` has one line break where the line may end. ``banner`` is printed on every page. Without ``annex_title``
    there is no annex. ``close``: without empty lines around the title, for a letter of one page.
    """

    title: str
    number: str
    addressee: str
    lines: tuple[Line | Grid, ...]
    signature: str
    date: str
    banner: str
    annex_title: str = ""
    annex: tuple[Line | Grid, ...] = ()
    close: bool = False
