"""Our batch against what a user would do, in one go: ``python tests/benchmarks/batch.py [UNITS] [UNITS_OF_THE_SLOW]``.

A second, longer run of ours (twice the units, ten times with ``--long``) tells what a further brief costs.

On the newest scored year of the store, so run ``python run.py`` before. The ways take turns, so that a busy moment hits
all of them; times are of this machine, the ratios are what counts. Linux: CPU and memory are read from the system.

- loop: ``papermill.execute_notebook`` one by one, nbconvert for the page, one Chromium a PDF. It makes no Word file.
- pool: ``papermill.execute_notebook`` in two processes; the notebook writes page, PDF and Word file, as ours does.
- ours: ``run_tasks`` on two workers, warm; start, checks, ledger and all included.
- floor: the notebook's cells as plain Python in a process that has everything imported and read; one such process a
  core, as both are busy when ours runs.
"""

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

TURNS = 2
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def planned(units: int):
    from analytics.batch import plan_briefs
    from analytics.store import ScoreStore
    from analytics.units import UnitRegistry

    workspace, year = newest()
    registry, store = UnitRegistry.load(workspace.units), ScoreStore(workspace.store)
    known = registry.in_year(year)
    return plan_briefs(workspace, store.latest(year), [known[n % len(known)] for n in range(units)])


def newest():
    """The workspace, and its newest scored year."""
    from analytics.store import ScoreStore
    from analytics.workspace import Workspace

    workspace = Workspace.open()
    return workspace, ScoreStore(workspace.store).years()[-1]


def execute(notebook: str, out: str, given: dict) -> None:
    import papermill

    papermill.execute_notebook(notebook, out, given, progress_bar=False)


def loop(units: int, folder: Path) -> None:
    from nbconvert import HTMLExporter

    browser = next(filter(None, map(shutil.which, CHROMIUM)))
    for number, task in enumerate(planned(units)):
        place = folder / str(number)
        place.mkdir()
        execute(str(task.notebook), str(place / task.record), {**task.parameters, "folder": ""})
        page, _ = HTMLExporter(exclude_input=True).from_filename(str(place / task.record))
        (place / "brief.html").write_text(page, encoding="utf-8")
        printing = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        to = [f"--print-to-pdf={place / 'brief.pdf'}", str(place / "brief.html")]
        subprocess.run([browser, *printing, *to], check=True, capture_output=True)


def pool(units: int, folder: Path) -> None:
    with ProcessPoolExecutor(2) as executor:
        running = []
        for number, task in enumerate(planned(units)):
            place = folder / str(number)
            place.mkdir()
            given = {**task.parameters, "folder": str(place)}
            running.append(executor.submit(execute, str(task.notebook), str(place / task.record), given))
        for future in running:
            future.result()


def ours(units: int, folder: Path, jobs: int = 2) -> None:
    """As the command ``brief`` does it: the process to fork warms up while the briefs are planned."""
    import dataclasses

    from analytics.batch import Done, Warmth, run_tasks, warming

    workspace, year = newest()
    with warming(Warmth.of([workspace.brief_notebook], workspace.root.as_posix(), year)) as start:
        tasks = [dataclasses.replace(task, target=f"briefs/{n}") for n, task in enumerate(planned(units))]
        results = run_tasks(tasks, folder, jobs, start=start)
    assert all(isinstance(result, Done) for result in results), results


def one_worker(units: int, folder: Path) -> None:
    ours(units, folder, 1)


def floor(units: int, folder: Path) -> None:
    """Prints the seconds of CPU a brief, the mean of two processes."""
    command = [sys.executable, __file__, "--way", "one_floor", str(units)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    print(sum(float(process.communicate()[0]) for process in running) / 2)


def one_floor(units: int, folder: Path) -> None:
    """Prints the seconds of CPU a brief; everything is imported, read and drawn once before."""
    from analytics.documents import warmth

    tasks = planned(units)
    warmth.warm_up()
    warmth.read("", newest()[1], draw=False)
    began = 0.0
    for number, task in enumerate([*tasks[:2], *tasks]):
        if number == 2:
            began = time.process_time()
        given = {**task.parameters, "folder": str(folder / str(number))}
        known: dict = {}
        for cell in json.loads(task.notebook.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                *before, last = "".join(cell["source"]).splitlines()
                exec("\n".join(before), known)
                shown(exec(last, known) if " = " in last else eval(last, known))  # noqa: S307
            if "parameters" in cell["metadata"].get("tags", ()):
                known.update(given)
    print((time.process_time() - began) / len(tasks))


def shown(result) -> None:
    """What a notebook would do with a cell's last value."""
    for name in ("_repr_mimebundle_", "_repr_markdown_"):
        if hasattr(result, name):
            getattr(result, name)()
            return


WAYS = {way.__name__: way for way in (loop, pool, ours, floor, one_floor, one_worker)}


def measured(way: str, units: int) -> dict[str, float]:
    """Seconds of wall and CPU of a way in a process of its own, with all its children, and their peak memory."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, __file__, "--way", way, str(units)]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    peak = [0]
    watching = threading.Thread(target=watch, args=(process.pid, peak), daemon=True)
    watching.start()
    said, _ = process.communicate()
    assert process.returncode == 0, way
    wall = time.perf_counter() - began
    while True:  # what it left to us, such as the server of its workers
        try:
            os.wait()
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "cpu": float(said) * units if way == "floor" else cpu, "peak": peak[0] / 1024}


def watch(pid: int, peak: list[int]) -> None:
    """Keep the largest sum of the proportional memory (PSS, kB) of a process and all below it."""
    from analytics.batch.warm.processes import descendants

    while Path(f"/proc/{pid}").exists():
        total = 0
        for one in [pid, *descendants(pid)]:
            try:
                lines = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii").splitlines()
            except OSError:
                continue
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        peak[0] = max(peak[0], total)
        time.sleep(0.3)


def main(units: int, few: int) -> None:
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: what a way leaves behind is ours to count
    asked = {"loop": few, "pool": few, "ours": units, "floor": units // 2}
    sums = {way: {"wall": 0.0, "cpu": 0.0, "peak": 0.0} for way in asked}
    for _ in range(TURNS):
        for way, count in asked.items():
            one = measured(way, count)
            for name in ("wall", "cpu"):
                sums[way][name] += one[name] / count / TURNS
            sums[way]["peak"] = max(sums[way]["peak"], one["peak"])
    mine = sums["ours"]
    print(
        f"{'way':<8} {'briefs':>6} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'wall':>7} {'CPU':>7}   (a brief; ÷ ours)"
    )
    for way, found in sums.items():
        wall, wall_ratio = (
            (f"{found['wall']:.2f}", f"{found['wall'] / mine['wall']:.1f}") if way != "floor" else ("", "")
        )
        print(
            f"{way:<8} {asked[way]:>6} {wall:>8} {found['cpu']:>8.2f} {found['peak']:>8.0f}"
            f" {wall_ratio:>7} {found['cpu'] / mine['cpu']:>7.2f}"
        )
    alone = measured("one_worker", min(units, 4))
    print(f"each further worker: {mine['peak'] - alone['peak']:.0f} MB")
    times = 10 if "--long" in sys.argv else 2
    more = measured("ours", times * units)
    wall, cpu = ((more[name] / units - mine[name]) / (times - 1) for name in ("wall", "cpu"))
    ratio, over = more["wall"] / units / mine["wall"], cpu / sums["floor"]["cpu"]
    print(f"{times * units} briefs: {ratio:.1f} x the wall of {units}, peak {more['peak']:.0f} MB")
    print(f"each further brief: {wall:.2f} s of wall and {cpu:.2f} of CPU, {over:.2f} x the floor")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        with tempfile.TemporaryDirectory() as passing:
            WAYS[sys.argv[2]](int(sys.argv[3]), Path(passing))
    else:
        numbers = [int(word) for word in sys.argv[1:] if word.isdigit()] + [30]
        main(numbers[0], numbers[1] if len(numbers) > 2 else numbers[0])
