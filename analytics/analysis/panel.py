"""The marks of a class as numbers, year × unit × item, so that a question over the years is a sum along an axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Panel:
    """Awarded and full marks of one class, both year × unit × item and both 0 where there is no awarded mark.

    years: oldest first. units, items: ids, sorted. What is undecided or not asked of a unit has no awarded mark, so it
    adds nothing to any sum: it is left out, not counted as 0.
    """

    kind: str
    years: tuple[int, ...]
    units: pd.Index
    items: pd.Index
    awarded: Floats
    full: Floats

    @property
    def known(self) -> Flags:
        """Where there is an awarded mark."""
        return self.full > 0

    def comparable(self, items: Iterable[str]) -> Flags:
        """For each item of the panel, whether it is one of ``items``."""
        return np.isin(self.items.to_numpy(object), list(items))


@dataclass(frozen=True, slots=True)
class Scaled:
    """Two years' marks on the later year's scale, unit × item, 0 where an item was not compared.

    full: the later year's full marks; before, after: the rate of either year times these. So only what was achieved
    moves the points, not what an item is worth.
    """

    full: Floats
    before: Floats
    after: Floats


def scaled(panel: Panel, earlier: int, later: int, comparable: Flags) -> Scaled:
    """The marks of two years side by side over the comparable items on which a unit has a mark in both."""
    first, last = panel.years.index(earlier), panel.years.index(later)
    both = panel.known[first] & panel.known[last] & comparable
    full = np.where(both, panel.full[last], 0.0)
    before = panel.awarded[first] / np.where(both, panel.full[first], 1.0) * full
    return Scaled(full, before, np.where(both, panel.awarded[last], 0.0))


def panels(marks: pd.DataFrame, kinds: Iterable[str], years: Sequence[int]) -> tuple[Panel, ...]:
    """A panel for each class. marks: ``ScoreTables.marks``; rows of other classes and years are left aside.

    Works on the codes of the columns, text or categorical, and copies no text: tens of millions of rows are fine.
    """
    kinds, columns = tuple(kinds), [marks[name] for name in ("unit", "item", "kind")]
    (unit, units), (item, items), (kind, names) = (_codes(column) for column in columns)
    year = marks["year"].to_numpy()
    place = np.minimum(np.searchsorted(years, year), len(years) - 1).astype(np.int32)
    awarded, full = (marks[name].to_numpy(float) for name in ("awarded", "full_marks"))
    usable = ~np.isnan(awarded) & (np.asarray(years)[place] == year)
    return tuple(
        _panel(name, tuple(years), (units, items), (place, unit, item), (awarded, full), rows)
        for name, rows in ((name, usable & (kind == code)) for name, code in _coded(kinds, names))
    )


def _codes(column: pd.Series) -> tuple[npt.NDArray[np.int32], pd.Index]:
    codes, names = pd.factorize(column)
    return codes.astype(np.int32), pd.Index(names).astype("str")


def _coded(wanted: Sequence[str], names: pd.Index) -> list[tuple[str, int]]:
    return list(zip(wanted, names.get_indexer(list(wanted)).tolist(), strict=True))


def _panel(
    kind: str,
    years: tuple[int, ...],
    names: tuple[pd.Index, pd.Index],
    codes: Sequence[npt.NDArray[np.int32]],
    values: tuple[Floats, Floats],
    rows: Flags,
) -> Panel:
    if not rows.all():
        codes, values = [code[rows] for code in codes], (values[0][rows], values[1][rows])
    (units, unit), (items, item) = (_axis(name, code) for name, code in zip(names, codes[1:], strict=True))
    shape = (len(years), len(units), len(items))
    cell = (codes[0].astype(np.int64) * len(units) + unit) * len(items) + item
    awarded, full = np.zeros(shape), np.zeros(shape)
    awarded.flat[cell], full.flat[cell] = values
    return Panel(kind, years, units, items, awarded, full)


def _axis(names: pd.Index, codes: npt.NDArray[np.int32]) -> tuple[pd.Index, npt.NDArray[np.int32]]:
    """The names in use, sorted, and the codes as places among them."""
    used = np.flatnonzero(np.bincount(codes, minlength=len(names)))
    axis = names[used].sort_values()
    places = np.zeros(len(names), dtype=np.int32)
    places[names.get_indexer(axis)] = np.arange(len(axis), dtype=np.int32)
    return axis, places[codes]
