"""python-calamine: the second opinion on every .xlsx, and the only reader for older formats."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from analytics.intake.cells import Area, Cell, CellKind, Place, Sheet, SheetState, address, shortest
from analytics.intake.files.ooxml import unescaped
from analytics.intake.files.sheet_draft import Damaged, SheetDraft
from analytics.problems import Problem, Refused
from analytics.provenance import CellRef

Value = str | float | int | bool | datetime.date | datetime.time | datetime.timedelta
_WITHOUT_VALUE = (CellKind.ERROR, CellKind.UNCALCULATED)


def differences(sheets: Sequence[Sheet], data: bytes, file: str) -> Iterator[Problem]:
    """Every cell in which this reader sees something else than ``sheets`` say. Damaged when it cannot read the file.

    It gives error cells and formulas without a value as blank, so those two kinds are not compared.
    """
    with _opened(data, file) as workbook:
        for sheet in sheets:
            seen = dict(_values(workbook, sheet.name))
            known = {at: cell for at, cell in sheet.cells.items() if cell.kind not in _WITHOUT_VALUE}
            for at in sorted(known.keys() | seen.keys()):
                first, second = known.get(at), seen.get(at)
                if first is None and at in sheet.cells:
                    continue
                if first is None or second is None or not _same(first, second):
                    raw = first.raw if first else ""
                    facts = {"found": raw, "expected": "" if second is None else _content(second)[1]}
                    ref = CellRef(sheet.file, sheet.sha256, sheet.name, address(*at))
                    yield Problem("readers-disagree", "stop", at=ref, facts=facts)


def read_sheets(data: bytes, file: str, sha256: str) -> tuple[Sheet, ...]:
    """The worksheets of an .xls, .et, .xlsb or .ods file, without hidden rows, errors and missing formula results."""
    with _opened(data, file) as workbook:
        return tuple(
            _sheet(workbook, meta.name, _state(meta.visible), file, sha256)
            for meta in workbook.sheets_metadata
            if meta.typ == SheetTypeEnum.WorkSheet
        )


@contextmanager
def _opened(data: bytes, file: str) -> Iterator[CalamineWorkbook]:
    """The workbook; what the reader has to complain of while it is open becomes a refusal."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            yield workbook
    except PasswordError:
        raise Refused([Problem("workbook-locked", "stop", file=file)]) from None
    except (CalamineError, OSError) as error:
        raise Damaged(str(error)) from None
    except BaseException as error:
        # What the reader's own language calls a panic has no name here that could be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise Damaged(str(error)) from None


def _sheet(workbook: CalamineWorkbook, name: str, state: SheetState, file: str, sha256: str) -> Sheet:
    draft = SheetDraft(file, sha256, name, state)
    for (row, column), value in _values(workbook, name):
        draft.put(row, column, *_content(value))
    for (top, left), (bottom, right) in workbook.get_sheet_by_name(name).merged_cell_ranges or []:
        draft.merge(Area(top + 1, left + 1, bottom + 1, right + 1))
    return draft.sheet()


def _state(visible: SheetVisibleEnum) -> SheetState:
    if visible == SheetVisibleEnum.Visible:
        return "visible"
    return "hidden" if visible == SheetVisibleEnum.Hidden else "very_hidden"


def _values(workbook: CalamineWorkbook, name: str) -> Iterator[tuple[Place, Value]]:
    for row, values in enumerate(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False), start=1):
        for column, value in enumerate(values, start=1):
            if not isinstance(value, str) or value.strip():
                yield (row, column), value


def _content(value: Value) -> tuple[CellKind, str]:
    if isinstance(value, bool):
        return CellKind.BOOLEAN, "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return CellKind.NUMBER, shortest(float(value))
    if isinstance(value, str):
        return CellKind.TEXT, value
    if isinstance(value, datetime.datetime):
        return CellKind.DATE, value.isoformat()
    if isinstance(value, datetime.date):
        return CellKind.DATE, value.isoformat()
    if isinstance(value, datetime.time):
        return CellKind.TIME, value.isoformat()
    return CellKind.TIME, str(value)


def _same(cell: Cell, value: Value) -> bool:
    kind, raw = _content(value)
    if cell.kind is CellKind.TEXT:
        return kind is CellKind.TEXT and cell.raw.split() in (raw.split(), unescaped(raw).split())
    if cell.kind is CellKind.PERCENT:
        return isinstance(value, float) and shortest(float(f"{value * 100:.15g}")) + "%" == cell.raw
    if cell.kind in (CellKind.DATE, CellKind.TIME):
        # The two programs know different date formats by name; that it is a moment, not a mark, is what matters.
        return kind not in (CellKind.DATE, CellKind.TIME) or isinstance(value, datetime.timedelta) or raw == cell.raw
    if cell.kind is CellKind.BOOLEAN and kind is CellKind.NUMBER:
        return raw == ("1" if cell.raw == "TRUE" else "0")
    return (kind, raw) == (cell.kind, cell.raw)
