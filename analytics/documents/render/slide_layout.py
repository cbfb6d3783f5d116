"""Where things stand on a slide and how large its texts may be, measured with the packaged face; in millimetres."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from analytics.documents.render.pdf import font_folder
from analytics.documents.slides import Bars, Bound, Lines, NativeChart, Slide

WIDTH, HEIGHT = 338.667, 190.5  # 16:9
POINT = 25.4 / 72
LINE = 1.3  # from line to line, in sizes
AFTER = 0.5  # after a paragraph, in sizes
SAFE = 0.96  # another face of the same kind may be a little wider
TITLE_SIZES = (28, 26, 24, 22, 20, 18)
POINT_SIZES = (20, 18, 16, 15, 14, 13, 12, 11, 10.5, 10)
_PIECES = re.compile(r"[A-Za-z0-9.%+\-–/:]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, width and height in millimetres."""

    left: float
    top: float
    width: float
    height: float


KICKER = Box(14, 6.5, 310, 7)
TITLE = Box(14, 14, 310, 25)
RULE = Box(14, 40, 310, 0)
VISUAL = Box(14, 44, 200, 124)
CAPTION = 8.0  # mm over a native chart
POINTS = Box(220, 44, 104, 124)
ALONE = Box(14, 44, 310, 124)
SOURCE = Box(14, 172, 270, 6)
BANNER = Box(14, 178.5, 270, 6)
NUMBER = Box(294, 178.5, 30, 6)
KICKER_SIZE, SMALL_SIZE, CAPTION_SIZE = 12, 10, 13


@dataclass(frozen=True, slots=True)
class Set:
    """A slide's texts as they fit: the size of the title in points, and the points with theirs."""

    title: str
    title_size: float
    points: tuple[str, ...]
    size: float


def fitted(slide: Slide) -> Set:
    """The largest sizes at which the title takes two lines at most and the points stay in their box.

    What does not fit in the smallest size is cut; the notes have it whole.
    """
    title_size = next((s for s in TITLE_SIZES if lines(slide.title, s, TITLE.width) <= 2), TITLE_SIZES[-1])
    title = slide.title
    while lines(title, title_size, TITLE.width) > 2:
        title = title[:-2] + "…"
    box = POINTS if slide.visual else ALONE
    sizes = [size for size in POINT_SIZES if size <= 16 or not slide.visual]
    size = next((s for s in sizes if tall(slide.points, s, box.width) <= box.height), POINT_SIZES[-1])
    kept = list(slide.points)
    while len(kept) > 1 and tall(kept, size, box.width) > box.height:
        del kept[-2 if kept[-1] == MORE else -1]
        kept = [*kept, MORE] if kept[-1] != MORE else kept
    return Set(title, title_size, tuple(kept), size)


MORE = "其余见备注。"


def tall(texts: Sequence[str], size: float, width: float) -> float:
    """The height of paragraphs set one below the other."""
    rows = sum(lines(text, size, width) for text in texts)
    return (rows * LINE + len(texts) * AFTER) * size * POINT


def lines(text: str, size: float, width: float) -> int:
    """How many lines a text takes: it breaks between Chinese characters, not inside a number or a word."""
    count = 0
    for paragraph in text.split("\n"):
        count, used = count + 1, 0.0
        for piece in _PIECES.findall(paragraph):
            wide = measured(piece, size)
            if used and used + wide > width * SAFE:
                count, used = count + 1, 0.0
            used += wide
            while used > width * SAFE:  # a piece longer than a line
                count, used = count + 1, used - width * SAFE
    return count


def measured(text: str, size: float) -> float:
    """The width of a text on one line."""
    return sum(map(_advance, text)) * size * POINT


@dataclass(frozen=True, slots=True)
class Plan:
    """A native chart's box, its plot area inside, the size of its texts, and the ends of its axis of values.

    labels: where in a bar its figure stands; at the base where lines would cross it at the end.
    """

    box: Box
    inner: Box
    size: float
    legend: bool
    low: float
    high: float
    labels: Literal["base", "center", "end"] = "end"

    def x(self, value: float) -> float:
        """Where a value stands across the plot of horizontal bars."""
        return self.inner.left + (value - self.low) / (self.high - self.low) * self.inner.width


Side = Literal["above", "below", "right"]
LABEL = 13.0  # mm that two points must be apart to have both figures between them
CHART_SIZES = (13, 12, 11, 10, 9)
MOST_NAMES = 0.48  # of the width, for the categories
BAR, BOUNDS, LEGEND, AIR = 28.0, 7.0, 11.0, 2.0  # mm: a bar at most, the bounds' names, the legend, air


def plan(content: NativeChart) -> Plan:
    """Where the parts of a chart stand; a chart of few bars is not stretched over the whole slide."""
    room = Box(VISUAL.left, VISUAL.top + CAPTION, VISUAL.width, VISUAL.height - CAPTION)
    legend = len(content.series) > 1 or (isinstance(content, Bars) and bool(content.bounds))
    below = LEGEND if legend else AIR
    if isinstance(content, Lines):
        inner = Box(room.left + 12, room.top + 4, room.width - 22, room.height - 4 - 8 - below)
        return Plan(room, inner, CHART_SIZES[0], legend, content.low, content.high)
    above, bars = BOUNDS if content.bounds else AIR, max(1, len(content.categories))
    tall = min(room.height - above - below, bars * BAR)
    size = next((s for s in CHART_SIZES if _names_fit(content, s, room.width, tall / bars)), CHART_SIZES[-1])
    names = min(MOST_NAMES * room.width, max(measured(name, size) for name in content.categories)) + 4
    inner = Box(room.left + names, room.top + above, room.width - names - 4, tall)
    low, high = _ends(content, inner.width, size)
    box = Box(room.left, room.top, room.width, above + tall + below)
    labels: Literal["base", "center", "end"] = "center" if content.stacked else "base" if content.bounds else "end"
    return Plan(box, inner, size, legend, low, high, labels)


def _names_fit(content: Bars, size: float, width: float, row: float) -> bool:
    widest = max(measured(name, size) for name in content.categories)
    return widest <= MOST_NAMES * width and size * POINT * LINE <= row


def _ends(content: Bars, width: float, size: float) -> tuple[float, float]:
    """The axis: from zero, or from the lowest negative value, to where the longest bar leaves room for its figure."""
    known = [[v for one in content.series if (v := one.values[n]) is not None] for n in range(len(content.categories))]
    if content.stacked:
        return 0.0, max([1.0, *map(sum, known)])
    values = [value for row in known for value in row]
    most, least = max([0.0, *values]), min([0.0, *values])
    label = max([measured(f"{value:.{content.decimals}f}", size) for value in values], default=0.0) + 2 * AIR
    spare = width - label * (1 + (least < 0))
    scale = (most - least or 1.0) / spare
    high = content.most if content.most is not None else most + label * scale
    return (least - label * scale if least < 0 else 0.0), high


def bounds_shown(content: Bars, where: Plan) -> tuple[tuple[Bound, float], ...]:
    """The bounds that lie on the axis, and where; none nearer to the one before than its name is wide."""
    shown: list[tuple[Bound, float]] = []
    for bound in sorted(content.bounds, key=lambda bound: -bound.at):
        x = where.x(bound.at)
        room = measured(bound.label, SMALL_SIZE) + 1
        if where.low < bound.at < where.high and all(other - x >= room for _, other in shown):
            shown.append((bound, x))
    return tuple(shown)


def label_sides(content: Lines) -> tuple[tuple[Side, ...], ...]:
    """Where each point's figure stands: the highest's above, the lowest's below, between them where there is room."""
    room = LABEL * (content.high - content.low) / plan(content).inner.height
    sides: list[list[Side]] = [[] for _ in content.series]
    for place in range(len(content.categories)):
        known = sorted(v for one in content.series if (v := one.values[place]) is not None)
        for side, one in zip(sides, content.series, strict=True):
            value = one.values[place]
            if value is None or len(known) < 2 or value == known[-1]:
                side.append("above")
            elif value == known[0]:
                side.append("below")
            else:
                at = known.index(value)
                above, below = known[at + 1] - value, value - known[at - 1]
                side.append("above" if above > room and above >= below else "below" if below > room else "right")
    return tuple(map(tuple, sides))


@cache
def _advance(character: str) -> float:
    """The width of a character in sizes; one that the face lacks is taken for a full one."""
    glyph = _face().get_char_index(ord(character))
    if not glyph:
        return 1.0
    return float(_face().load_glyph(glyph).linearHoriAdvance) / 65536 / _EM


_EM = 100


@cache
def _face():  # type: ignore[no-untyped-def]
    from matplotlib.ft2font import FT2Font

    face = FT2Font(font_folder() / "NotoSansSC-Regular.ttf")
    face.set_size(_EM, 72)
    return face
