"""Repairs as data: every value that was read otherwise than it is written, with the rule by which it was.

The readers keep what they read beside the text of its cell; a repair is where the two differ. Nothing is repaired here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial

from analytics.intake.basis import Basis
from analytics.intake.cells import Cell, CellKind
from analytics.intake.forms import Contents, FilledForm
from analytics.intake.items import written_number
from analytics.intake.values import read_clause, read_date, read_time
from analytics.intake.words import CELLS, HEADINGS, Kind, Lookup, folded, narrowed
from analytics.problems import Problem
from analytics.provenance import Reading
from analytics.records import Channel, Observation, Repair

_CLEAN = "未发现问题"
_ANSWERS: Mapping[Kind, Mapping[str, str]] = {
    "rectified": {"closed": "已整改", "open": "未整改"},
    "recheck": {"passed": "通过", "failed": "未通过"},
}
_UNITS = "data/units.yaml：别名或曾用名"
_NUMBERS = ("0", "full")
_SPACES = "去掉空白和看不见的字符"
_NARROW = "全角字符按半角读"


def repairs_in(form: FilledForm, contents: Contents, basis: Basis) -> tuple[Repair, ...]:
    """The repairs of one form that was read, from the top of the sheet down; each cell at most once."""
    parts = (_headings(form, basis), _labels(form, contents, basis), _rows(form, basis), _values(contents, basis))
    found = {repair.cell: repair for part in parts for repair in part}
    return tuple(sorted(found.values(), key=lambda repair: _place(repair.cell.address)))


def _place(address: str) -> tuple[int, str]:
    letters = address.rstrip("0123456789")
    return int(address.removeprefix(letters)), letters.rjust(3)


def _headings(form: FilledForm, basis: Basis) -> Iterator[Repair]:
    printed = basis.headings[form.form].columns
    for name, column in form.columns.items():
        rows = range(form.first_row - 1, form.header_row - 1, -1)
        cell = next((c for row in rows if not (c := form.sheet.at(row, column)).blank), None)
        if cell is None or name not in printed or cell.raw == printed[name]:
            continue
        lookup = _heading_line(cell.raw, form.form, basis)
        rule = _told(lookup) if lookup and folded(cell.raw) != folded(printed[name]) else _spelling(cell.raw)
        yield Repair(cell.ref, cell.raw, printed[name], rule)


def _labels(form: FilledForm, contents: Contents, basis: Basis) -> Iterator[Repair]:
    unit, date = form.labels.get("@unit"), form.labels.get("@date")
    if unit is not None and contents.unit:
        yield from _unit(unit, basis)
    if date is not None and contents.date is not None:
        yield from _differing(date, contents.date.isoformat(), "日期写法统一为年-月-日")


def _unit(cell: Cell, basis: Basis) -> Iterator[Repair]:
    unit = basis.registry.match(cell.raw, basis.year).unit
    if unit is not None and cell.raw not in (unit.name, unit.official):
        same = folded(cell.raw) in (folded(unit.name), folded(unit.official))
        yield Repair(cell.ref, cell.raw, unit.name, _spelling(cell.raw) if same else _UNITS)


def _rows(form: FilledForm, basis: Basis) -> Iterator[Repair]:
    """Dates, clauses, item numbers, units and words in the rows that a reader took."""
    readers: dict[str, Callable[[Cell, Basis], Iterator[Repair]]] = {
        "unit": _unit, "date": _date, "deadline": _date, "time": _time, "rule": _clause, "clause": _clause,
        "number": _number, "rectified": partial(_answer, "rectified"), "rechecked": _date,
        "passed": partial(_answer, "recheck"),
    }  # fmt: skip
    columns = [name for name in readers if name in form.columns]
    for row in form.rows():
        for name in columns:
            cell = form.look(row, name)
            if cell.row == row and not cell.blank and form.has_read(cell):
                yield from readers[name](cell, basis)


def _date(cell: Cell, basis: Basis) -> Iterator[Repair]:
    date = read_date(cell, "", basis.year)
    if not isinstance(date, Problem):
        yield from _differing(cell, date.isoformat(), "日期写法统一为年-月-日")


def _time(cell: Cell, basis: Basis) -> Iterator[Repair]:
    time = read_time(cell, "")
    if not isinstance(time, Problem) and cell.kind is CellKind.TEXT:
        yield from _differing(cell, time.isoformat("minutes"), "时间写法统一为时:分")


def _clause(cell: Cell, basis: Basis) -> Iterator[Repair]:
    number = read_clause(cell, "")
    if isinstance(number, str) and cell.raw not in (number, f"（{number}）", f"({number})"):
        yield Repair(cell.ref, cell.raw, f"（{number}）", "条款只取数字")


def _number(cell: Cell, basis: Basis) -> Iterator[Repair]:
    number = written_number(cell)
    if number and cell.raw != number:
        narrow = cell.raw != unicodedata.normalize("NFKC", cell.raw)
        yield Repair(cell.ref, cell.raw, number, _NARROW if narrow else "序号只取数字")


def _answer(kind: Kind, cell: Cell, basis: Basis) -> Iterator[Repair]:
    lookup = basis.words.lookup(CELLS, kind, cell.raw)
    if lookup and cell.raw not in (*_ANSWERS[kind].values(), "整改中"):
        yield Repair(cell.ref, cell.raw, _ANSWERS[kind].get(lookup.meaning, lookup.meaning), _told(lookup))


def _values(contents: Contents, basis: Basis) -> Iterator[Repair]:
    for observation in contents.observations:
        yield from _observed(observation, basis)
    for decision in contents.decisions:
        if decision.points is not None:
            yield from _figure(decision.reading, decision.points, basis)


def _observed(observation: Observation, basis: Basis) -> Iterator[Repair]:
    reading = observation.reading
    if observation.value is not None:
        yield from _figure(reading, observation.value, basis)
    elif observation.channel in (Channel.ONSITE, Channel.SPECIAL) and not observation.rule and reading.raw != _CLEAN:
        lookup = basis.words.lookup(CELLS, "fact", reading.raw.rstrip("。．."))
        yield Repair(reading.cell, reading.raw, _CLEAN, _told(lookup) if lookup else _spelling(reading.raw))


def _figure(reading: Reading, value: Decimal, basis: Basis) -> Iterator[Repair]:
    plain = f"{value:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    if reading.raw not in (plain, ""):
        yield Repair(reading.cell, reading.raw, plain, _number_rule(reading.raw, basis))


def _number_rule(raw: str, basis: Basis) -> str:
    for kind in ("figure", "mark"):
        lookup = basis.words.lookup(CELLS, kind, raw)
        if lookup and lookup.meaning in _NUMBERS:
            return _told(lookup)
    text = narrowed(raw)
    rules = [_NARROW] if any(unicodedata.decomposition(sign).startswith("<wide>") for sign in raw) else []
    if len("".join(raw.split())) != len(raw) or len(text) != len("".join(raw.split())):
        rules.append(_SPACES)
    if "," in text:
        rules.append("去掉千位分隔符")
    if re.search(r"[^0-9.,+-]", text):
        rules.append("去掉计量单位")
    digits = text.replace(".", "").lstrip("0")
    if len(digits) > 15 and digits.isdigit():
        rules.append("按15位有效数字读")
    return "、".join(rules) or "数字写法统一"


def _differing(cell: Cell, after: str, rule: str) -> Iterator[Repair]:
    if cell.raw != after:
        yield Repair(cell.ref, cell.raw, after, rule)


def _spelling(raw: str) -> str:
    bare = "".join(raw.split())
    return _NARROW if bare != unicodedata.normalize("NFKC", bare) else _SPACES


def _heading_line(written: str, form: str, basis: Basis) -> Lookup | None:
    text = folded(written).lstrip("*").rstrip(":")
    for candidate in (text, text.partition("(")[0]):
        for owner in (form, "*"):
            if lookup := basis.words.lookups.get((HEADINGS, owner, candidate)):
                return lookup
    return None


def _told(lookup: Lookup) -> str:
    return f"data/lookups/{lookup.table}：{lookup.written}（{lookup.reason}）"
