"""kill -9 at random moments of ``score``: how often was the store as before, how often had it the new run?

    python tests/benchmarks/kills.py [MOMENTS] [SEED]

Half of the moments lie anywhere in the life of the process, half while it writes to the store.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from small_office import YEAR, change_cell, one_more_occurrence, small_office  # noqa: E402

from analytics.store import ScoreStore  # noqa: E402
from analytics.workspace import Workspace  # noqa: E402


def start(workspace: Path) -> subprocess.Popen[bytes]:
    """``score`` in a process group of its own, so that the reader it starts can be killed with it."""
    command = [sys.executable, "-m", "analytics", "--workspace", str(workspace), "score", "--year", str(YEAR)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=TESTS.parent, stdout=quiet, stderr=quiet, start_new_session=True)


def files(store: Path) -> dict[str, bytes]:
    found = (path for path in store.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in found}


def known(store: Path) -> frozenset[str]:
    """Every name in the store; changes as soon as a writer begins."""
    return frozenset(str(path) for path in store.rglob("*") if path.name != ".lock")


def wait_for_writing(process: subprocess.Popen[bytes], store: Path, before: frozenset[str]) -> None:
    while process.poll() is None and known(store) == before:
        time.sleep(0.001)


def measure(workspace: Path) -> tuple[float, float]:
    """Seconds from the start to the first write, and from there to the end."""
    before, began = known(workspace / "data/store"), time.monotonic()
    process = start(workspace)
    wait_for_writing(process, workspace / "data/store", before)
    writing = time.monotonic()
    process.wait()
    return writing - began, time.monotonic() - writing


def kill_once(workspace: Path, wait: Callable[[subprocess.Popen[bytes]], None]) -> bool:
    """Start ``score``, wait, kill; False when it had ended before."""
    process = start(workspace)
    wait(process)
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return alive


def main(moments: int = 40, seed: int = 1) -> int:
    draw, outcomes, faults = random.Random(seed), Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        root = Path(folder)
        workspace = small_office(root / "before")
        start(workspace.root).wait()
        old = ScoreStore(workspace.store).latest(YEAR)
        _, _, cell, count = one_more_occurrence(old, workspace)
        change_cell(workspace, cell, count)
        whole = Path(shutil.copytree(workspace.root, root / "whole"))
        reading, writing = measure(whole)
        expected, new = files(whole / "data/store"), ScoreStore(whole / "data/store").latest(YEAR)
        print(f"score: {reading:.2f} s until it writes, then {writing:.2f} s; seed {seed}")
        number = 0
        while number < moments:
            tried = Workspace(Path(shutil.copytree(workspace.root, root / "tried")))
            names, phase = known(tried.store), "anywhere" if number % 2 else "writing"
            pause = draw.uniform(0, (reading + writing) if number % 2 else writing)

            def wait(process: subprocess.Popen[bytes], phase: str = phase, pause: float = pause) -> None:
                if phase == "writing":
                    wait_for_writing(process, tried.store, names)  # noqa: B023
                time.sleep(pause)

            alive = kill_once(tried.root, wait)
            store = ScoreStore(tried.store)
            sound = not store.verify() and store.latest(YEAR) in (old, new)
            state = "new run" if store.latest(YEAR) == new else "as before"
            start(tried.root).wait()
            sound = sound and files(tried.store) == expected and not store.verify()
            faults += not sound
            number += alive  # one that came too late is no kill; it is counted apart
            outcomes[f"{phase:8}  {'killed' if alive else 'ended '}  {state:9}  {'sound' if sound else 'FAULT'}"] += 1
            shutil.rmtree(tried.root)
    for outcome, often in sorted(outcomes.items()):
        print(f"{often:4}  {outcome}")
    print(f"{moments} kills, {faults} faults")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
