"""Ten thousand shapes of one form against its record: ``python tests/benchmarks/permutations.py [SHAPES]``."""

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]


def main(shapes: int) -> int:
    from nasty.dressing import any_shape
    from readings import MARKS, Read

    began, other = time.perf_counter(), []
    for seed in range(shapes):
        read = Read(any_shape(seed))
        if read.stops or read.marks != MARKS or read.contents.unit != "ST04":
            other.append(seed)
    seconds = time.perf_counter() - began
    print(f"{shapes} shapes in {seconds:.0f} s: {len(other)} with another record", *other[:20])
    return bool(other)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
