"""The start page's dropdowns. They change what is shown in place; the page's own outputs hold the first choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from IPython.display import DisplayHandle, display

from analytics.analysis.wording import Sentence
from analytics.documents.desk import Choice
from analytics.figures.theme import Chart
from analytics.problems import Refused
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.documents.desk import Desk

WHOLE_CLASS = "全类（看排名）"


class Panel:
    """Three dropdowns, and below them two charts with their sentences.

    The charts are ordinary outputs of the cell, so a notebook that was run without anybody looking holds them, too.
    """

    def __init__(self, desk: Desk, first: Choice) -> None:
        self._desk = desk
        self._handles: list[DisplayHandle] = []
        self._quiet = False
        years = [(f"{year}年度", year) for year in reversed(desk.years)]
        self.year = _dropdown("年度：", years, first.year)
        self.kind = _dropdown("类别：", [], None)
        self.unit = _dropdown("单位：", [], None)
        self._offer(first)
        for box in (self.year, self.kind, self.unit):
            box.observe(self._changed, names="value")

    @property
    def choice(self) -> Choice:
        """What the dropdowns say."""
        return Choice(self.year.value, self.kind.value, self.unit.value)

    def _ipython_display_(self) -> None:
        _show(widgets.HBox([self.year, self.kind, self.unit]))
        self._handles = [_show(part, display_id=True) for part in self._parts()]

    def _changed(self, change: dict[str, Any]) -> None:
        if self._quiet:
            return
        self._offer(self.choice)
        for handle, part in zip(self._handles, self._parts(), strict=True):
            handle.update(part)  # type: ignore[no-untyped-call]

    def _offer(self, wanted: Choice) -> None:
        """Offer the classes of the year and the units of the class; keep what is chosen where it is still there."""
        kinds = self._desk.kinds(wanted.year)
        kind = wanted.kind if wanted.kind in kinds else kinds[0]
        units = self._desk.units(wanted.year, kind)
        unit = wanted.unit if wanted.unit in dict(units).values() else ""
        with self._silent():
            _fill(self.kind, [(one.label(), one) for one in kinds], kind)
            _fill(self.unit, [(WHOLE_CLASS, ""), *units], unit)

    def _parts(self) -> Iterator[Chart | Sentence]:
        try:
            for pair in self._desk.view(self.choice):
                yield from pair
        except Refused as refused:
            yield from (Sentence(part) for part in (str(refused), "", "", ""))

    @contextmanager
    def _silent(self) -> Iterator[None]:
        """Change dropdowns without taking it for a choice of the user's."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False


def _show(part: object, **options: Any) -> Any:
    return display(part, **options)  # type: ignore[no-untyped-call]


def _dropdown(label: str, options: list[tuple[str, Any]], value: Any) -> widgets.Dropdown:
    return widgets.Dropdown(
        options=options,
        value=value,
        description=label,
        layout=widgets.Layout(width="14rem"),
        style={"description_width": "3rem"},
    )


def _fill(box: widgets.Dropdown, options: list[tuple[str, UnitKind | str]], value: UnitKind | str) -> None:
    if tuple(options) != tuple(box.options):
        box.options = options
    box.value = value
