"""Briefs from our batch against a plain papermill loop, in one go: ``python tests/benchmarks/briefs.py [UNITS]``.

Both make the same notebooks and the same three documents from the newest scored year of the store, so run
``python run.py`` before. Prints ratios, not times: machines are shared. The two take turns, so that a busy moment
hits both.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def ours(tasks, folder: Path) -> float:
    """Seconds for our batch on two workers, starting them included."""
    from analytics.batch import Done, run_tasks

    began = time.perf_counter()
    results = run_tasks(tasks, folder, jobs=2)
    assert all(isinstance(result, Done) for result in results), results
    return time.perf_counter() - began


def plain_loop(tasks, folder: Path) -> float:
    """Seconds for papermill as its documentation shows it: one notebook after the other."""
    import papermill

    began = time.perf_counter()
    for task in tasks:
        place = folder / task.target
        place.mkdir(parents=True)
        given = {**task.parameters, "folder": str(place)}
        papermill.execute_notebook(str(task.notebook), str(place / task.record), given, progress_bar=False)
    return time.perf_counter() - began


def main(units: int) -> None:
    from analytics.batch import plan_briefs
    from analytics.store import ScoreStore
    from analytics.units import UnitRegistry
    from analytics.workspace import Workspace

    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    workspace = Workspace.open()
    registry, store = UnitRegistry.load(workspace.units), ScoreStore(workspace.store)
    year = store.years()[-1]
    tasks = plan_briefs(workspace, store.latest(year), registry.in_year(year)[:units])
    seconds = {"ours": 0.0, "plain": 0.0}
    with tempfile.TemporaryDirectory() as place:
        for turn in range(2):
            seconds["plain"] += plain_loop(tasks, Path(place) / f"plain{turn}")
            seconds["ours"] += ours(tasks, Path(place) / f"ours{turn}")
    print(f"{len(tasks)} briefs, two turns: plain papermill loop / ours = {seconds['plain'] / seconds['ours']:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
