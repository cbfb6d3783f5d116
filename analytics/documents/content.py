"""What a document says, before any format: frozen sections of paragraphs, tables and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text. ``role`` says how it is set: body, the big line of the headline, a caution, a note in small type."""

    text: str
    role: Literal["body", "lead", "caution", "note"] = "body"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a header. ``widths`` are relative, ``caption`` stands above, a row in ``emphasis`` is bold."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    align: tuple[Align, ...]
    emphasis: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG (text as paths) and PNG bytes, with a caption and an alternative text computed from the data."""

    caption: str
    alt: str
    svg: bytes
    png: bytes
    width_mm: float = 160


@dataclass(frozen=True, slots=True)
class Signatures:
    """Places to sign: a label and an empty line each, and a date."""

    places: tuple[str, ...]


Block = Paragraph | Table | Picture | Signatures


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """One unit's inspection brief.

    ``banner`` is printed on every page (合成示例数据, 示范细则); ``footer`` names run and rubric.
    """

    unit: str
    unit_name: str
    year: int
    title: str
    subtitle: str
    banner: str
    sections: tuple[Section, ...]
    footer: str
    language: Literal["zh", "en"] = "zh"
