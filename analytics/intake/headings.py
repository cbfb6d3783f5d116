"""What each form's columns are called in each year: rows are our names, columns years, cells that year's heading."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from analytics.problems import Problem, Refused
from analytics.records import FormName

ABSENT = "-1"


@dataclass(frozen=True, slots=True)
class Headings:
    """One form in one year. ``columns`` maps our name to the heading; a column the form lacked that year is left out.

    ``title`` is the phrase by which the form is recognised, ``sheet`` the sheet's usual name.
    """

    form: FormName
    year: int
    title: str
    sheet: str
    columns: dict[str, str]

    @classmethod
    def load(cls, folder: Path, form: FormName, year: int) -> Headings:
        """Read ``<form>.csv``; rows ``@title`` and ``@sheet`` name the form itself. Refused without the year."""
        path = folder / f"{form}.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        if not rows or str(year) not in rows[0]:
            raise Refused([Problem("headings-year-missing", "stop", file=path.name, facts={"expected": str(year)})])
        names = {row["name"]: row[str(year)] for row in rows if row[str(year)] != ABSENT}
        return cls(form, year, names.pop("@title"), names.pop("@sheet"), names)
