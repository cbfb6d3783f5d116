"""Every path the package uses, found once and passed in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from analytics.problems import Problem, Refused

REPOSITORY = Path(__file__).resolve().parent.parent
REGISTER = "复核登记/复核登记表.xlsx"  # what the office's own register is called among the files that came in
CHOSEN = "ANALYTICS_WORKSPACE"  # how JupyterLab tells its kernels which workspace it was started on


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder that holds ``data/`` and ``reports/``. Notebooks and their parameters come with the package.

    >>> Workspace.open().years_with_rules()
    (2018, 2019, 2020)
    """

    root: Path = REPOSITORY

    @classmethod
    def open(cls, root: Path | None = None) -> Workspace:
        """The workspace at ``root``, by default the one that the environment names, else the repository.

        Refused when there is no ``data/units.yaml`` in it.
        """
        workspace = cls((root or Path(os.environ.get(CHOSEN) or REPOSITORY)).resolve())
        if not workspace.units.is_file():
            raise Refused([Problem("workspace-missing", "stop", file=str(workspace.root))])
        return workspace

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def units(self) -> Path:
        return self.data / "units.yaml"

    @property
    def forms(self) -> Path:
        """Heading maps: rows are our names, columns are years."""
        return self.data / "forms"

    @property
    def lookups(self) -> Path:
        """Meanings of words in cells."""
        return self.data / "lookups"

    @property
    def context(self) -> Path:
        """Published figures about the units that are no scores: how many people work there. May be missing."""
        return self.data / "context"

    @property
    def store(self) -> Path:
        return self.data / "store"

    @property
    def brief_notebook(self) -> Path:
        """The notebook that makes a unit's brief."""
        return self.notebooks / "60_unit_brief.ipynb"

    @property
    def notebooks(self) -> Path:
        return REPOSITORY / "notebooks"

    @property
    def params(self) -> Path:
        return REPOSITORY / "params"

    def rubrics(self, year: int) -> Path:
        """The folder with the year's rubrics and policy."""
        return self.data / "rubrics" / str(year)

    def incoming(self, year: int) -> Path:
        return self.data / "incoming" / str(year)

    def sample(self, year: int) -> Path:
        return self.data / "sample" / str(year)

    def reports(self, year: int) -> Path:
        return self.root / "reports" / str(year)

    def register(self, year: int, *, synthetic: bool) -> Path:
        """The office's own register of reviews, which ``review`` writes; those on the sample are kept apart."""
        return self.data / "decisions" / f"{year}{'-sample' if synthetic else ''}" / "复核登记表.xlsx"

    def inbox(self, year: int, chosen: Path | None = None) -> Inbox:
        """Where the year's files are: ``chosen``, else ``data/incoming``, else the sample. Refused without any."""
        own = [(self.incoming(year), False), (self.sample(year), True)]
        for folder, synthetic in [(chosen, False)] if chosen else own:
            if _holds_files(folder):
                register = self.register(year, synthetic=synthetic)
                return Inbox(folder, synthetic, register if register.is_file() else None)
        wanted = str(chosen or self.incoming(year))
        raise Refused([Problem("inbox-missing", "stop", file=wanted, facts={"year": str(year)})])

    def years(self) -> tuple[int, ...]:
        """Years with a rubric and files to read, oldest first."""
        found = self.years_with_rules()
        return tuple(y for y in found if _holds_files(self.incoming(y)) or _holds_files(self.sample(y)))

    def years_before(self, year: int) -> tuple[int, ...]:
        """Earlier years to compare ``year`` with: own files with own files, the sample with the sample."""
        own = year in self.years_received()
        return tuple(one for one in self.years() if one < year and (one in self.years_received()) == own)

    def years_with_rules(self) -> tuple[int, ...]:
        """Years with a folder under ``data/rubrics``, oldest first."""
        return _years_in(self.data / "rubrics")

    def years_received(self) -> tuple[int, ...]:
        """Years with files in ``data/incoming``, with or without rules, oldest first."""
        return tuple(year for year in _years_in(self.data / "incoming") if _holds_files(self.incoming(year)))


def _years_in(folder: Path) -> tuple[int, ...]:
    return tuple(sorted(int(found.name) for found in folder.glob("[12][0-9][0-9][0-9]")))


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


@dataclass(frozen=True, slots=True)
class Inbox:
    """A folder of received files; ``synthetic`` when it is the shipped sample, and then every output says so.

    ``register``: the office's own register of reviews, read beside them as ``REGISTER``; None while there is none.
    """

    folder: Path
    synthetic: bool
    register: Path | None = None
