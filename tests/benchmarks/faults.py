"""Every fault of a batch: ``python tests/benchmarks/faults.py [NAME PART]``. Linux; some need root.

Each play runs a small batch with one thing wrong and checks that no result is torn, the failure is named, the others
are done, no process is left, and a plain rerun makes exactly what is missing. Prints a table and what went wrong.
"""

import random
import shutil
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

KILLS = 40
GENTLE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OFFSETS = (0.0, 0.3, 1.0, 2.0, 4.0)


def plays():
    """Name → how often, and the play."""
    import batch_faults as faults

    draw = random.Random(13)
    for name in faults.CELLS:
        yield f"cell: {name}", 1, partial(faults.play_cell, name=name)
    yield "cell, fresh engine: an error", 1, partial(faults.play_cell, name="an error", engine="fresh")
    yield "cell, fresh engine: hang", 1, partial(faults.play_cell, name="hang", engine="fresh")
    for to in ("batch", "group"):
        yield f"kill -9 of the {to}", KILLS // 2, partial(faults.play_signal, how=signal.SIGKILL, to=to, draw=draw)
    for how in GENTLE:
        yield f"{how.name} to the batch", 4, partial(faults.play_signal, how=how, to="batch", draw=draw)
    for to, said in (("forkserver", "a worker or its parent"), ("zygote", "the process that is forked")):
        yield f"kill -9 of {said}", 2, partial(faults.play_signal, how=signal.SIGKILL, to=to, draw=draw)
    for offset in OFFSETS:
        yield f"two batches, {offset:g} s apart", 1, partial(faults.play_two_at_once, offset=offset)
    for days in (400, -400):
        yield f"the clock jumps {days} days", 1, partial(faults.play_clock, days=days)
    for name, options in faults.ON_FULL_DISKS.items():
        yield name, 1, partial(faults.play_disk, options=options)
    yield "a disk that may only be read", 1, partial(faults.play_disk, options="ro")
    for what in faults.DAMAGES:
        yield f"before: {what}", 1, partial(faults.play_damage, what=what)


def main(part: str) -> int:
    import batch_faults as faults

    base = Path(tempfile.mkdtemp(prefix="故障 "))
    bad = runs = kinds = 0
    try:
        whole = faults.whole_briefs(base / "clean")
        print(f"{'fault':<60} {'runs':>4} {'right':>5} {'s':>5}")
        for name, times, play in plays():
            if part not in name:
                continue
            began, wrong = time.monotonic(), []
            for _ in range(times):
                wrong.append(play(base / "play", whole))
                shutil.rmtree(base / "play")
            right = sum(not one for one in wrong)
            kinds, runs, bad = kinds + 1, runs + times, bad + times - right
            print(f"{name:<60} {times:>4} {right:>5} {time.monotonic() - began:>5.0f}", flush=True)
            for one in filter(None, wrong):
                print("    " + "; ".join(map(str, one))[:300], flush=True)
        print(f"{kinds} kinds, {runs} runs, {runs - bad} right")
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
