"""How every chart looks: the packaged Chinese face, colours that survive grey print, title left, source below."""

from __future__ import annotations

import base64
import importlib.util
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, GREY, PALE, GRID = "#1a1a1a", "#6b6b6b", "#c9c9c9", "#e3e3e3"
ACCENT, LIGHT = "#1f4e79", "#9dbbd8"  # dark and light: far enough apart in lightness to be told apart in grey
MARKERS = ("o", "s", "^", "X", "D", "v")
MM = 1 / 25.4
SCREEN_DPI = 110
PRINT_DPI = 200


@dataclass(frozen=True, slots=True)
class Imprint:
    """What stands under each chart: where its data come from, and what they are not (合成示例数据, 示范细则)."""

    source: str = ""
    banner: str = ""


@dataclass(frozen=True)
class Chart:
    """A finished picture. ``name`` is its file name without an ending, ``alt`` says in a sentence what it shows.

    ``draw`` gives its bytes as ``svg`` or ``png``; each is drawn when it is first asked for, and once.
    """

    name: str
    title: str
    alt: str
    draw: Callable[[str], bytes] = field(repr=False, compare=False)
    width_mm: float

    @cached_property
    def svg(self) -> bytes:
        return self.draw("svg")

    @cached_property
    def png(self) -> bytes:
        return self.draw("png")

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, dict[str, object]]]:
        # The figure was never pyplot's, so a notebook shows it without a backend and in any kernel.
        data = {"image/png": base64.b64encode(self.png).decode("ascii"), "text/plain": self.alt}
        return data, {"image/png": {"width": round(self.width_mm * MM * SCREEN_DPI), "alt": self.alt}}


@cache
def chinese_face() -> str:
    """The family name of the packaged face, made known to matplotlib. RuntimeError when the package holds no font."""
    # Only the font file is wanted; importing zhplot would import pyplot and pandas.
    found = importlib.util.find_spec("zhplot")
    folders = found.submodule_search_locations if found else None
    files = [file for folder in folders or () for file in sorted(Path(folder).glob("fonts/*.ttf"))]
    if not files:
        raise RuntimeError("the package zhplot, which brings the Chinese font, is not installed")
    font_manager.fontManager.addfont(files[0])
    return font_manager.FontProperties(fname=files[0]).get_name()


@contextmanager
def themed() -> Iterator[None]:
    """Draw and save inside this. Nothing is set outside it; a character without a glyph is an error, not a box.

    >>> with themed():
    ...     fig, (ax,) = Frame(width=120, height=60, left=20, right=10).figure()
    ...     bars = ax.barh(["甲", "乙"], [3, 5], color=ACCENT)
    ...     chart = drawn(fig, "own", "扣分（分）", "甲3分，乙5分", open_year(2020).imprint)
    >>> chart.title
    '扣分（分）'
    """
    settings: dict[Any, Any] = {
        # The packaged face alone (and matplotlib's own behind it), so that no machine draws another picture.
        "font.family": [chinese_face(), "DejaVu Sans"],
        "font.size": 9,
        "axes.unicode_minus": False,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.6,
        "hatch.linewidth": 0.5,
        "text.color": INK,
        "text.hinting": "none",  # at the resolution of print it moves no stem that an eye sees, and costs a fifth
        "text.parse_math": False,  # names and facts come from files: a dollar sign is a dollar sign
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "svg.fonttype": "path",
        "svg.hashsalt": "analytics",
    }
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # whatever a user's own settings are, the bytes stay the same
        mpl.rcParams.update(settings)
        warnings.filterwarnings("error", message=r"Glyph \d+ .* missing from")
        yield


@dataclass(frozen=True, slots=True)
class Frame:
    """A figure's size and margins in millimetres; fixed, so that a chart is never measured and drawn twice.

    >>> figure, panels = Frame(width=120, height=60, left=20, right=10).figure((2, 1))
    >>> len(panels)
    2
    """

    width: float
    height: float
    left: float
    right: float
    top: float = 12
    bottom: float = 16

    def figure(self, panels: Sequence[float] = (1,), gap: float = 4) -> tuple[Figure, list[Axes]]:
        """A figure with ``panels`` side by side, widths in these proportions."""
        fig = Figure(figsize=(self.width * MM, self.height * MM))
        FigureCanvasAgg(fig)
        room = self.width - self.left - self.right - gap * (len(panels) - 1)
        start, axes = self.left, []
        for share in panels:
            wide = room * share / sum(panels)
            bottom, tall = self.bottom / self.height, (self.height - self.top - self.bottom) / self.height
            axes.append(fig.add_axes((start / self.width, bottom, wide / self.width, tall)))
            start += wide + gap
        return fig, axes


def finish(fig: Figure, title: str, imprint: Imprint) -> None:
    """Title at the top left; source and banner at the bottom left, a line each so that neither is cut."""
    width, height = (float(inches) / MM for inches in fig.get_size_inches())
    fig.text(2 / width, 1 - 2 / height, title, ha="left", va="top", fontsize=10.5, color=INK)
    below = [line for line in (imprint.source, imprint.banner) if line]
    fig.text(
        2 / width, 1.5 / height, "\n".join(below), ha="left", va="bottom", fontsize=7, color=GREY, linespacing=1.35
    )


def as_svg(fig: Figure) -> bytes:
    """The figure as SVG with text as paths; no date and no random ids, so equal data give equal bytes."""
    buffer = io.BytesIO()
    fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def as_png(fig: Figure, dpi: int = PRINT_DPI) -> bytes:
    """The figure as PNG without the program's name in it."""
    buffer = io.BytesIO()
    # Level 3 of zlib is faster than the usual 6 and, on flat colours, smaller.
    fig.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None}, pil_kwargs={"compress_level": 3})
    return buffer.getvalue()


def drawn(fig: Figure, name: str, title: str, alt: str, imprint: Imprint) -> Chart:
    """Finish the figure and make it a Chart: title, source, and ``alt``, the sentence that says what it shows.

    Call inside ``themed``.

    >>> with themed():
    ...     fig, (ax,) = Frame(width=120, height=60, left=20, right=10).figure()
    ...     chart = drawn(fig, "own", "标题", "一张空图", open_year(2020).imprint)
    >>> chart.name, round(chart.width_mm)
    ('own', 120)
    """
    finish(fig, title, imprint)
    return Chart(name, title, alt, partial(_drawn, fig), float(fig.get_size_inches()[0]) / MM)


def _drawn(fig: Figure, kind: str) -> bytes:
    with themed():
        return as_svg(fig) if kind == "svg" else as_png(fig)


def spread(wanted: Sequence[float], least: float, low: float = 0.0, high: float = 1.0) -> list[float]:
    """Places between ``low`` and ``high``, as near to ``wanted`` as can be with ``least`` between neighbours.

    When they do not all fit, they overflow ``high`` and stay apart.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    # With i * least taken off the i-th, "apart" becomes "not falling": pool what falls, then clip; both stay optimal.
    pools: list[tuple[float, int]] = []
    for i, place in enumerate(order):
        mean, size = wanted[place] - i * least, 1
        while pools and pools[-1][0] > mean:
            other, count = pools.pop()
            mean, size = (other * count + mean * size) / (count + size), count + size
        pools.append((mean, size))
    most = max(low, high - (len(wanted) - 1) * least)
    flat = [min(max(mean, low), most) for mean, size in pools for _ in range(size)]
    places = [0.0] * len(wanted)
    for i, place in enumerate(order):
        places[place] = flat[i] + i * least
    return places
