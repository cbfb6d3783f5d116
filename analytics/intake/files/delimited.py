"""Tables saved as text: fields apart by commas, tabs or semicolons (CSV, TSV, "Unicode text" from Excel and WPS)."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import PurePosixPath

from analytics.intake.cells import Sheet, address
from analytics.intake.files.sheet_draft import MOST_AREA, MOST_CELLS, Damaged, SheetDraft, kind_of_text, too_large

_SEPARATORS = "\t,;"
_STATED = re.compile(r"sep=([\t,;|])\r?\n", re.IGNORECASE)  # the line with which Excel is told the separator
Records = list[list[str]]


def read_sheet(text: str, file: str, sha256: str) -> Sheet | None:
    """The table as a sheet named after the file, every field as text; None when the text is no table.

    Raises Damaged, naming the row, when quotes do not match or a row has more fields than the table has columns: then
    nobody knows which field belongs to which column.
    """
    stated = _STATED.match(text)
    try:
        records = _parsed(text[stated.end() :], stated[1]) if stated else _best(text)
    except OverflowError as error:
        raise too_large(file, str(error)) from None
    if records is None:
        return None
    width = _width(records)
    draft = SheetDraft(file, sha256, PurePosixPath(file).stem)
    for row, fields in enumerate(records, start=1):
        for column, field in enumerate(fields, start=1):
            kind = kind_of_text(field)
            if column > width and field.strip():
                raise Damaged(f"{draft.name}!{address(row, column)}: {len(fields)} > {width}")
            draft.put(row, column, kind, field)
    return draft.sheet()


def _best(text: str) -> Records | None:
    """The records under the separator that gives the most rows of the same number of fields."""
    best: Records | None = None
    most = 0
    broken: tuple[int, Damaged] | None = None
    for separator in sorted(_SEPARATORS, key=text.count, reverse=True):
        if separator not in text:
            continue
        try:
            records = _parsed(text, separator)
        except Damaged as error:
            broken = broken or (text.count(separator), error)
            continue
        width = _width(records)
        filled = width * sum(len(fields) == width for fields in records) if width > 1 else 0
        # A separator that stands more often, but between broken quotes, is likelier than one that merely fits.
        if filled > most and not broken:
            best, most = records, filled
    if broken:
        raise broken[1]
    return best


def _parsed(text: str, separator: str) -> Records:
    """The fields of each record, none for a blank one. OverflowError when there are more than in any form."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records: Records = []
    filled = 0
    try:
        for fields in reader:
            used = sum(map(bool, fields))
            records.append(fields if used else [])
            filled += used
            if filled > MOST_CELLS or len(records) > MOST_AREA:
                raise OverflowError(f"{len(records)}")
    except csv.Error as error:
        raise Damaged(f"{len(records) + 1}: {error}") from None
    return records


def _width(records: Records) -> int:
    """How many fields most rows have, rows of a single field aside; of two answers the larger."""
    widths = Counter(len(fields) for fields in records if len(fields) > 1)
    return max(widths, key=lambda width: (widths[width], width), default=0)
