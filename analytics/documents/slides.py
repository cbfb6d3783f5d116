"""What a deck says, before any format: frozen slides with a message, points, a chart as numbers, and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.documents.content import Picture

Tone = Literal["strong", "light", "white", "dark", "pale"]
"""How a series is filled: steps that can be told apart in grey; white and pale have an outline. Pale: undecided."""


@dataclass(frozen=True, slots=True)
class Series:
    """A row of numbers, None where there is none."""

    name: str
    values: tuple[float | None, ...]
    tone: Tone = "strong"


@dataclass(frozen=True, slots=True)
class Bound:
    """A value that a line marks across the bars, and its name."""

    label: str
    at: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars from zero, the first category on top. Series stand behind each other where ``stacked`` is False
    and only one of them has a value for a category; ``most`` is the end of the axis."""

    alt: str
    caption: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    decimals: int
    stacked: bool = False
    most: float | None = None
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """One line a series over the categories, on an axis from ``low`` to ``high``."""

    alt: str
    caption: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    decimals: int
    low: float
    high: float


NativeChart = Bars | Lines
Visual = NativeChart | Picture


@dataclass(frozen=True, slots=True)
class Slide:
    """``title`` is the one message, a sentence computed from the data. ``notes`` are sentences, one a line."""

    title: str
    points: tuple[str, ...]
    source: str
    notes: tuple[str, ...]
    visual: Visual | None = None


@dataclass(frozen=True, slots=True)
class Deck:
    """``title`` stands above each message, ``banner`` below each slide (合成示例数据, 示范细则)."""

    title: str
    banner: str
    slides: tuple[Slide, ...]
