"""What each form's columns are called in each year: rows are our names, columns years, cells that year's heading."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from analytics.problems import Problem, Refused
from analytics.records import FormName
from analytics.units import reading_fault

ABSENT = "-1"


@dataclass(frozen=True, slots=True)
class Headings:
    """One form in one year. ``columns`` maps our name to the heading; a column the form lacked that year is left out.

    ``title`` is the phrase by which the form is recognised, ``sheet`` the sheet's usual name, ``sections`` the
    paragraphs that a unit has to write. ``classes`` are those that get a blank form of their own; empty: all.
    """

    form: FormName
    year: int
    title: str
    sheet: str
    columns: dict[str, str]
    sections: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    @classmethod
    def load(cls, folder: Path, form: FormName, year: int) -> Headings:
        """Read ``<form>.csv``; rows ``@title`` and ``@sheet`` name the form itself. Refused without the year."""
        path = folder / f"{form}.csv"
        rows = read_table(path, "name")
        if not rows or str(year) not in rows[0]:
            raise Refused([Problem("headings-year-missing", "stop", file=path.name, facts={"expected": str(year)})])
        names = {row["name"]: row[str(year)] for row in rows if row[str(year)] != ABSENT}
        if lacks := [name for name in ("@title", "@sheet") if not names.get(name)]:
            raise Refused([Problem("table-lacks", "stop", file=path.name, facts={"found": "、".join(lacks)})])
        sections = tuple(names.pop(name) for name in list(names) if name.startswith("@section"))
        classes = tuple(names.pop("@classes", "").split())
        return cls(form, year, names.pop("@title"), names.pop("@sheet"), names, sections, classes)


def read_table(path: Path, *columns: str) -> list[dict[str, str]]:
    """The rows of a CSV file of ours. Refused when it is missing, not UTF-8, or lacks one of the columns."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise Refused([Problem("file-missing", "stop", file=path.name, facts={"found": str(path)})]) from None
    except UnicodeDecodeError as error:
        raise Refused([Problem("table-unreadable", "stop", file=path.name, facts=reading_fault(error))]) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    try:
        rows = list(reader)
    except csv.Error as error:
        facts = {"line": str(reader.line_num), "found": str(error)}
        raise Refused([Problem("table-unreadable", "stop", file=path.name, facts=facts)]) from None
    if rows and (lacks := [column for column in columns if column not in rows[0]]):
        raise Refused([Problem("table-lacks", "stop", file=path.name, facts={"found": "、".join(lacks)})])
    return rows
