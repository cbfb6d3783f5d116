"""The fills of the slides' charts: those of the figures, each with the colour of a figure on it, and its outline."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.documents.slides import Tone
from analytics.figures.theme import ACCENT, INK, LIGHT

FILLS: Mapping[Tone, tuple[str, str]] = {
    "strong": (ACCENT, "#ffffff"), "light": (LIGHT, INK), "white": ("#ffffff", INK), "dark": ("#3a3a3a", "#ffffff"),
    "pale": ("#dedede", INK),
}  # fmt: skip


def outline(tone: Tone) -> str:
    """The colour of a bar's edge: its own, or ink where the fill is hardly darker than the paper."""
    return INK if tone in ("white", "pale") else FILLS[tone][0]
