"""A deck as PDF: the slides' own places and sizes, charts drawn from the same numbers, text that can be searched."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from analytics.documents.content import Picture
from analytics.documents.deck_charts import figure
from analytics.documents.render import pdf, printable
from analytics.documents.render import slide_layout as at
from analytics.documents.render.slide_colours import FILLS, outline
from analytics.documents.slides import Bars, Deck, Lines, NativeChart, Slide
from analytics.figures.theme import ACCENT, GREY, GRID, INK
from analytics.problems import Problem

TEMPLATE = Path(__file__).with_name("deck.typ")
BAR_SHARE = 1 / 1.45  # a bar's part of its row, as the presentation's gap of 45 % has it
MARKERS = ("circle", "square", "triangle", "diamond")
DASHES = ("solid", "dashed", "dotted", "dash-dotted")
LABELS: dict[at.Side, tuple[float, float, str]] = {
    "above": (0, -5, "center"), "below": (0, 5, "center"), "right": (3, 0, "left"),
}  # fmt: skip
Drawn = dict[str, Any]


def draw(deck: Deck) -> tuple[bytes, tuple[Problem, ...]]:
    """The PDF, one page a slide, and a ``glyph-missing`` note when the font lacks a character (see ``pdf.draw``)."""
    deck = printable(deck)
    content = {
        "title": deck.title,
        "banner": deck.banner,
        "slides": [_slide(slide) for slide in deck.slides],
        "boxes": {
            name: dataclasses.asdict(box)
            for name, box in (
                ("page", at.Box(0, 0, at.WIDTH, at.HEIGHT)), ("kicker", at.KICKER), ("title", at.TITLE),
                ("rule", at.RULE), ("visual", at.VISUAL), ("points", at.POINTS), ("alone", at.ALONE),
                ("source", at.SOURCE), ("banner", at.BANNER), ("number", at.NUMBER),
            )
        },
    }  # fmt: skip
    return pdf.compiled(TEMPLATE, "deck", content, pdf.uncovered(json.dumps(content, ensure_ascii=False)))


def _slide(content: Slide) -> dict[str, Any]:
    set_ = at.fitted(content)
    plain: dict[str, Any] = dataclasses.asdict(set_) | {"source": content.source, "picture": None, "drawn": []}
    if isinstance(content.visual, Picture):
        plain["picture"] = {"svg": content.visual.svg.decode(), "alt": content.visual.alt}
    elif content.visual is not None:
        plain["drawn"] = list(_chart(content.visual))
        plain["alt"] = content.visual.alt
    return plain


def _chart(content: NativeChart) -> Iterator[Drawn]:
    plan = at.plan(content)
    yield _text(at.VISUAL.left, at.VISUAL.top, content.caption, at.CAPTION_SIZE, "left", GREY, "top")
    yield from _bars(content, plan) if isinstance(content, Bars) else _lines(content, plan)
    if plan.legend:
        yield from _legend(content, plan)


def _bars(content: Bars, plan: at.Plan) -> Iterator[Drawn]:
    inner, row = plan.inner, plan.inner.height / max(1, len(content.categories))
    thick = row * BAR_SHARE
    for place, name in enumerate(content.categories):
        middle, start = inner.top + (place + 0.5) * row, 0.0
        yield _text(inner.left - 2, middle, name, plan.size, "right")
        for series in content.series:
            value = series.values[place]
            if value is None:
                continue
            fill, ink = FILLS[series.tone]
            low, high = sorted((plan.x(start), plan.x(start + value)))
            yield _rect(low, middle - thick / 2, high - low, thick, fill, outline(series.tone))
            said = figure(value, content.decimals)
            if plan.labels == "center":
                yield _text((low + high) / 2, middle, said, plan.size, "center", ink)
            elif plan.labels == "base":
                yield _text(low + 1, middle, said, plan.size, "left", ink)
            else:
                yield _text(*((high + 1, middle) if value >= 0 else (low - 1, middle)), said, plan.size,
                            "left" if value >= 0 else "right")  # fmt: skip
            start += value if content.stacked else 0
    yield _line(plan.x(0), inner.top, plan.x(0), inner.top + inner.height, GREY, 0.75)
    for bound, x in at.bounds_shown(content, plan):
        yield _line(x, inner.top, x, inner.top + inner.height, INK, 1, "dashed")
        yield _text(x, inner.top - 3.5, bound.label, at.SMALL_SIZE, "center")


def _lines(content: Lines, plan: at.Plan) -> Iterator[Drawn]:
    inner, column = plan.inner, plan.inner.width / max(1, len(content.categories))

    def y(value: float) -> float:
        return inner.top + (content.high - value) / (content.high - content.low) * inner.height

    step = 1 if content.high - content.low <= 10 else 5
    for tick in range(round(content.low), round(content.high) + 1, step):
        yield _line(inner.left, y(tick), inner.left + inner.width, y(tick), GRID, 0.75)
        yield _text(inner.left - 2, y(tick), str(tick), plan.size, "right")
    for place, name in enumerate(content.categories):
        yield _text(inner.left + (place + 0.5) * column, inner.top + inner.height + 5, name, plan.size, "center")
    sides = at.label_sides(content)
    for number, series in enumerate(content.series):
        known = [
            (place, inner.left + (place + 0.5) * column, y(v), v)
            for place, v in enumerate(series.values)
            if v is not None
        ]
        for (before, left, top, _), (now, right, bottom, _) in pairwise(known):
            if now == before + 1:
                yield _line(left, top, right, bottom, ACCENT, 2.25, DASHES[number % len(DASHES)])
        for place, x, top, value in known:
            yield _mark(x, top, number)
            right, down, align = LABELS[sides[number][place]]
            yield _text(x + right, top + down, figure(value, content.decimals), plan.size, align)


def _legend(content: NativeChart, plan: at.Plan) -> Iterator[Drawn]:
    names = [series.name for series in content.series]
    widths = [at.measured(name, plan.size) + 14 for name in names]
    left = plan.box.left + max(0.0, (plan.box.width - sum(widths)) / 2)
    middle = plan.box.top + plan.box.height - at.LEGEND / 2
    for number, (series, wide) in enumerate(zip(content.series, widths, strict=True)):
        if isinstance(content, Bars):
            fill, _ = FILLS[series.tone]
            yield _rect(left, middle - 1.5, 3, 3, fill, outline(series.tone))
        else:
            yield _line(left - 6, middle, left + 4, middle, ACCENT, 2.25, DASHES[number % len(DASHES)])
            yield _mark(left - 1, middle, number)
        yield _text(left + 5, middle, series.name, plan.size, "left")
        left += wide


def _rect(x: float, y: float, width: float, height: float, fill: str, edge: str) -> Drawn:
    return {"kind": "rect", "x": x, "y": y, "width": width, "height": height, "fill": fill, "edge": edge}


def _line(x: float, y: float, to_x: float, to_y: float, colour: str, weight: float, dash: str = "solid") -> Drawn:
    ends = {"x": x, "y": y, "to_x": to_x, "to_y": to_y}
    return {"kind": "line", **ends, "colour": colour, "weight": weight, "dash": dash}


def _mark(x: float, y: float, number: int) -> Drawn:
    return {"kind": "mark", "x": x, "y": y, "shape": MARKERS[number % len(MARKERS)], "colour": ACCENT}


def _text(x: float, y: float, text: str, size: float, align: str, colour: str = INK, anchor: str = "horizon") -> Drawn:
    """``y`` is the middle of the line, or its top."""
    return {
        "kind": "text", "x": x, "y": y, "text": text, "size": size, "align": align, "colour": colour, "anchor": anchor,
    }  # fmt: skip
