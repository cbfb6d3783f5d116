"""How fast files are read and checked, beside pandas: python tests/benchmarks/intake.py [--files N] [--profile]

First 30 self-assessments of the sample: ``python -m analytics check`` in a new process (cold), the same in this process
(warm), and pandas.read_excel with either engine, in turns, so that a busy moment hits all. Then --files small workbooks
made from one seed (合成示例数据), through the same guarded child, with the memory of parent and child on the way.
Targets on 2 cores: 6 s cold, 2 s warm, 40,000 in 10 minutes. pandas only gives a table: no check, no second reader, no
limits. Exit status 1 when a file was not read right or memory grew.
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import importlib
import io
import itertools
import json
import pstats
import statistics
import subprocess
import sys
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

import pandas as pd  # noqa: E402
import workbooks  # noqa: E402

from analytics import intake  # noqa: E402
from analytics.intake.assessments import read_assessment  # noqa: E402
from analytics.intake.basis import Basis  # noqa: E402
from analytics.intake.cells import Grid  # noqa: E402
from analytics.intake.files.grid import read_grid  # noqa: E402
from analytics.intake.files.guarded import GuardedReader  # noqa: E402
from analytics.intake.forms import recognise  # noqa: E402
from analytics.intake.received import Received  # noqa: E402
from analytics.policy import YearRules  # noqa: E402
from analytics.provenance import SourceFile  # noqa: E402
from analytics.units import UnitRegistry  # noqa: E402
from analytics.workspace import Workspace  # noqa: E402

YEAR = 2020
COLD, WARM, MANY = 6.0, 2.0, 600.0
GROWTH = 1.25  # memory at the end may be so many times what it was at a tenth
receive = importlib.import_module("analytics.intake.receive")


def thirty() -> list[Path]:
    """A self-assessment of each unit, from the sample."""
    folder = Workspace.open().sample(YEAR) / "自评表"
    return [path for path in sorted(folder.glob("*.xlsx")) if path.stat().st_size > 10_000][:30]


def cold(paths: Sequence[Path]) -> None:
    command = [sys.executable, "-m", "analytics", "check", "--year", str(YEAR), *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        raise SystemExit(done.stderr.decode(errors="replace"))


def warm(paths: Sequence[Path]) -> None:
    workspace = Workspace.open()
    registry = UnitRegistry.load(workspace.units)
    found = intake.check_paths(workspace, registry, YearRules.load(workspace, registry, YEAR), paths)
    assert len(found.submissions) == len(paths)


def by_pandas(engine: str) -> Callable[[Sequence[Path]], None]:
    def read(paths: Sequence[Path]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for path in paths:
                pd.read_excel(path, sheet_name=None, header=None, engine=engine)

    return read


def compare(turns: int) -> None:
    """Seconds of each way, the middle one of the turns, and how they relate."""
    paths = thirty()
    ways = {
        "cold": cold,
        "warm": warm,
        "pandas, openpyxl": by_pandas("openpyxl"),
        "pandas, calamine": by_pandas("calamine"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    warm(paths)
    for _ in range(turns):
        for name, way in ways.items():
            began = time.perf_counter()
            way(paths)
            seconds[name].append(time.perf_counter() - began)
    middle = {name: statistics.median(found) for name, found in seconds.items()}
    for name, target in (("cold", COLD), ("warm", WARM)):
        print(f"{len(paths)} workbooks {name}: {middle[name]:.2f} s (target {target:g} s)")
    for name in ("pandas, openpyxl", "pandas, calamine"):
        print(f"warm / {name}: {middle['warm'] / middle[name]:.2f}")


def small(count: int) -> Iterator[Received]:
    """Small workbooks that differ in a mark: one seed, in which a part of the archive is written anew."""
    seed = workbooks.saved(workbooks.assessment())
    with zipfile.ZipFile(io.BytesIO(seed)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts.pop(workbooks.SHEET)
    cell = b'<c r="J1" t="n"><v>%d</v></c></row>'
    for number in range(count):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
            archive.writestr(workbooks.SHEET, sheet.replace(b"</row>", cell % number, 1))
        data = stream.getvalue()
        source = SourceFile(f"{number}.xlsx", hashlib.sha256(data).hexdigest(), len(data))
        yield Received(source, data)


class OneChild(GuardedReader):
    """A guarded child that lives on between portions, so that what it loses from file to file would be seen."""

    def __exit__(self, *_: object) -> None:
        return None

    def peak(self) -> int:
        return _peak(str(self._child.pid)) if self._child else 0


def many(count: int) -> bool:
    """Read ``count`` small workbooks in portions of a thousand; whether all were read right within flat memory."""
    basis = Basis.load(Workspace.open(), workbooks.registry(), workbooks.rules())
    right: Counter[str] = Counter()
    peaks: list[tuple[int, int]] = []
    reading, done, files, child = 0.0, 0, small(count), OneChild()
    receive.GuardedReader = lambda: child
    for step in (count // 10, count // 2, count):
        while done < step:
            portion = list(itertools.islice(files, min(1_000, step - done)))
            began = time.perf_counter()
            for entry in receive.read_all(portion, basis):
                right[entry.submission.outcome] += len(entry.submission.observations) == len(workbooks.STREET_ITEMS)
            reading, done = reading + time.perf_counter() - began, done + len(portion)
        peaks.append((_peak("self"), child.peak()))
        print(f"{done:>7} files, {reading:.0f} s, peak MiB: parent {peaks[-1][0]}, child {peaks[-1][1]}", flush=True)
    receive.GuardedReader = GuardedReader
    GuardedReader.__exit__(child, None, None, None)
    print(
        f"{count} small workbooks: {1000 * reading / count:.1f} ms each; target {1000 * MANY / 40_000:g}; {dict(right)}"
    )
    flat = all(last <= GROWTH * first for first, last in zip(peaks[0], peaks[-1], strict=True))
    return right.total() == count and flat


def small_beside_pandas(count: int) -> None:
    """The same small workbooks in turns by intake and by pandas."""
    basis = Basis.load(Workspace.open(), workbooks.registry(), workbooks.rules())
    files = list(small(count))
    seconds: Counter[str] = Counter()
    for turn in range(5):
        portion = files[turn::5]
        for name in ("intake", "openpyxl", "calamine"):
            began = time.perf_counter()
            if name == "intake":
                receive.read_all(portion, basis)
            else:
                for file in portion:
                    pd.read_excel(io.BytesIO(file.data), sheet_name=None, header=None, engine=name)
            seconds[name] += time.perf_counter() - began
    for name in ("openpyxl", "calamine"):
        print(f"{count} small workbooks, intake / pandas with {name}: {seconds['intake'] / seconds[name]:.2f}")


def profile() -> None:
    """Where the time goes: the child's work and the parent's, both in this process."""
    paths, profiler = thirty(), cProfile.Profile()
    workspace = Workspace.open()
    registry = UnitRegistry.load(workspace.units)
    basis = Basis.load(workspace, registry, YearRules.load(workspace, registry, YEAR))
    data = [(path, path.read_bytes()) for path in paths]
    grids = []
    profiler.enable()
    for path, content in data:
        grid = read_grid(content, path.name)
        grids.append(Grid.from_plain(grid.file, grid.sha256, json.loads(json.dumps(grid.to_plain())), grid.problems))
    profiler.disable()
    print("child:")
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(25)
    profiler = cProfile.Profile()
    profiler.enable()
    for grid in grids:
        form = recognise(grid, basis)
        read_assessment(form, basis)
    profiler.disable()
    print("parent:")
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(25)


def _peak(process: str) -> int:
    """The greatest memory of a process so far in MiB, as Linux tells it; 0 elsewhere."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.is_file() else []
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM")), 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=40_000, help="how many small workbooks")
    parser.add_argument("--turns", type=int, default=5, help="how often the thirty are checked in each way")
    parser.add_argument("--profile", action="store_true", help="only say where the time goes")
    chosen = parser.parse_args()
    if chosen.profile:
        profile()
        return 0
    compare(chosen.turns)
    small_beside_pandas(min(chosen.files, 500))
    return int(not many(chosen.files))


if __name__ == "__main__":
    sys.exit(main())
