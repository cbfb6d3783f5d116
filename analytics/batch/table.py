"""A batch from a notebook of one's own, and the ledger as a table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.batch.ledger import Ledger
from analytics.batch.notebook import Engine, run_notebook
from analytics.batch.plan import Task, plan_briefs
from analytics.batch.run import Failed, Result, run_tasks
from analytics.batch.warm.preload import Warmth
from analytics.batch.worker import fresh_workers, warming
from analytics.problems import Language, Problem, Refused
from analytics.store import ScoreStore
from analytics.units import UnitRegistry
from analytics.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("unit", "name", "state", "said")


def run_batch(
    year: int = 0,
    units: Sequence[str] = (),
    workspace: str = "",
    *,
    engine: Engine = "warm",
    jobs: int | None = None,
    language: Language = "zh",
) -> pd.DataFrame:
    """Make the briefs that are missing or stale, of all units or of those given by id, and return what became of each.

    One row a unit: ``state`` is made, unchanged or failed, ``said`` why it failed. 0 is the newest scored year. Refused
    as the command ``brief`` is; nothing is printed.

    >>> set(run_batch(2020, ["ST03"]).state) <= {"made", "unchanged"}
    True
    """
    place, store = _opened(workspace)
    chosen = year or _newest(store)
    tasks = _tasks(place, store, chosen, units, language)
    jobs, work = jobs or os.cpu_count() or 1, partial(run_notebook, engine=engine)
    if engine == "fresh":
        results = run_tasks(tasks, place.reports(chosen), jobs, start=fresh_workers, work=work)
    else:
        with warming(Warmth.of([place.brief_notebook], place.root.as_posix(), chosen)) as start:
            results = run_tasks(tasks, place.reports(chosen), jobs, start=start, work=work)
    return _frame((_unit(result.task), result.task.name, *_became(result, language)) for result in results)


def batch_status(year: int = 0, workspace: str = "", language: Language = "zh") -> pd.DataFrame:
    """The ledger of a year's briefs as a table: ``state`` is done, stale or missing for each unit."""
    place, store = _opened(workspace)
    chosen = year or _newest(store)
    ledger = Ledger(place.reports(chosen))
    tasks = _tasks(place, store, chosen, (), language)
    return _frame((_unit(task), task.name, ledger.state(task), "") for task in tasks)


def _opened(workspace: str) -> tuple[Workspace, ScoreStore]:
    place = Workspace.open(Path(workspace) if workspace else None)
    return place, ScoreStore(place.store)


def _newest(store: ScoreStore) -> int:
    if not store.years():
        raise Refused([Problem("store-empty", "stop")])
    return store.years()[-1]


def _tasks(
    place: Workspace, store: ScoreStore, year: int, units: Sequence[str], language: Language
) -> tuple[Task, ...]:
    registry, scored = UnitRegistry.load(place.units), store.latest(year)
    known = {unit.id: unit for unit in registry.in_year(year)}
    if strange := sorted(set(units) - set(known)):
        facts = {"found": "、".join(strange), "year": str(year), "expected": "、".join(known)}
        raise Refused([Problem("unit-not-found", "stop", facts=facts)])
    return plan_briefs(place, scored, [known[unit] for unit in units or known], language)


def _unit(task: Task) -> str:
    return str(task.parameters["unit"])


def _became(result: Result, language: Language) -> tuple[str, str]:
    if isinstance(result, Failed):
        return "failed", result.problem.message(language)
    return ("unchanged" if result.skipped else "made"), ""


def _frame(rows: Iterable[tuple[str, str, str, str]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(COLUMNS)).set_index("unit")
