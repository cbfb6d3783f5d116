"""Mutated workbooks, read as an inbox would be: python tests/benchmarks/fuzz.py [--count N] [--seed S] [--minutes M]

The seeds are forms of the sample in every kind of file that is read. Each file is spoiled once to four times, read and
understood in a worker process; every fiftieth also goes through the guarded child, which has to give the same. A file
that is accepted is opened with programs that are not ours: each mark must be what they see in the cell that its
provenance names, and lie between 0 and the item's full marks. A file that fails is made with as few steps as it takes
and kept in the folder of --keep. Exit status 1 at any crash, hang or other mark.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import multiprocessing
import random
import sys
import tempfile
import threading
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import mutations  # noqa: E402
import other_readers  # noqa: E402
import sound_files  # noqa: E402

from analytics.intake.basis import Basis  # noqa: E402
from analytics.intake.cells import Grid  # noqa: E402
from analytics.intake.files.grid import read_grid  # noqa: E402
from analytics.intake.files.guarded import GuardedReader  # noqa: E402
from analytics.intake.inbox import receive_files  # noqa: E402
from analytics.policy import YearRules  # noqa: E402
from analytics.problems import Problem, Refused  # noqa: E402
from analytics.records import Channel, Submission  # noqa: E402
from analytics.units import UnitRegistry  # noqa: E402
from analytics.workspace import Workspace  # noqa: E402

# the package offers a function of the same name
receive = importlib.import_module("analytics.intake.receive")
YEAR = 2020
SECONDS = 20.0
MEMORY = 2**30
GUARDED_EVERY = 50


@dataclass(frozen=True)
class Recipe:
    """How a file is made: from which seed, and spoiled in which ways, each with a seed of its own."""

    number: int
    origin: str
    steps: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Verdict:
    """What became of a file; ``failure`` says what must never happen, ``""`` when it did not."""

    outcome: str
    failure: str = ""
    marks: int = 0
    readers: str = ""


class InProcess:
    """Stands in for the guarded child: the same reader without a process around it."""

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def read(self, data: bytes, name: str, sha256: str) -> Grid:
        try:
            return read_grid(data, name, sha256)
        except MemoryError:
            raise Refused([Problem("workbook-too-large", "stop", file=name)]) from None


@cache
def basis() -> Basis:
    workspace = Workspace.open()
    registry = UnitRegistry.load(workspace.units)
    return Basis.load(workspace, registry, YearRules.load(workspace, registry, YEAR))


def recipe(seed: int, number: int, origins: Mapping[str, bytes]) -> Recipe:
    """The ``number``-th recipe of a run over the sound files ``origins``; the self-assessments are taken more often."""
    rng = random.Random(f"{seed}/{number}")
    names = sorted(origins)
    origin = rng.choice([*names, *(n for n in names if "自评表" in n or n in ("saved.xlsx", "strict.xlsx"))])
    kinds = mutations.kinds_for(origins[origin])
    steps = tuple((rng.choice(kinds), rng.randrange(2**32)) for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))))
    return Recipe(number, origin, steps)


def cooked(recipe: Recipe, origins: Mapping[str, bytes]) -> bytes:
    """The file that the recipe makes."""
    data = origins[recipe.origin]
    for kind, seed in recipe.steps:
        data = mutations.mutated(data, kind, seed)
    return data


def submissions(data: bytes, name: str, folder: Path) -> list[Submission]:
    """What intake makes of a file, read in this process."""
    path = folder / name
    path.write_bytes(data)
    receive.GuardedReader = InProcess
    try:
        return [entry.submission for entry in receive.read_all(receive_files(path, name), basis())]
    finally:
        receive.GuardedReader = GuardedReader


def tried(data: bytes, name: str, folder: Path) -> tuple[str, list[Submission], str]:
    """Outcome, what was made of it, and the trace of an exception that nobody should have seen."""
    try:
        found = submissions(data, name, folder)
        for submission in found:
            for problem in submission.problems:
                problem.message("zh"), problem.message("en")
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return "crash", [], "crash: " + traceback.format_exc(limit=-4)
    told = found[-1] if found else None
    if told is None:
        return "crash", [], "crash: no submission"
    stop = next((problem.code for problem in told.problems if problem.severity == "stop"), "")
    outcome = f"{told.outcome}{f' {stop}' if told.outcome == 'rejected' else ''}"
    return outcome, found, ""


def judged(data: bytes, found: list[Submission]) -> Verdict:
    """Whether others see the same in the cells that accepted values came from, and whether the marks are possible."""
    marks, names = 0, set()
    for submission in found:
        if not submission.outcome.startswith("accepted"):
            if submission.observations or submission.decisions:
                return Verdict("", "rejected, but values were kept")
            continue
        readers = list(other_readers.readers_of(_own_bytes(data, submission)))
        for observation in submission.observations:
            full = _full_marks(submission.unit, observation.item) if observation.channel is Channel.SELF else None
            value, cell = observation.value, observation.reading.cell
            if full is not None and value is not None and not 0 <= value <= full:
                return Verdict("", f"impossible mark {value} in {cell.address}")
            for name, look in readers:
                seen = look(cell.sheet, cell.address)
                said = f"{cell.address}: raw {observation.reading.raw!r}, value {value}; {name} sees {seen!r}"
                if value is not None and seen is not other_readers.NO_ANSWER:
                    marks += 1
                    names.add(name)
                    if other_readers.as_mark(seen, full) != value:
                        return Verdict("", f"other mark {said}")
        for name, look in readers:
            for decision in submission.decisions:
                cell = decision.reading.cell
                seen = look(cell.sheet, cell.address)
                if seen is not other_readers.NO_ANSWER:
                    names.add(name)
                    if other_readers.as_written(seen) != " ".join(decision.reading.raw.split()):
                        return Verdict("", f"other decision {decision.reading}; {name} sees {seen!r}")
    return Verdict("", "", marks, "+".join(sorted(names)))


def _own_bytes(data: bytes, submission: Submission) -> bytes:
    """The file itself, or the one in the archive that the submission came from."""
    if hashlib.sha256(data).hexdigest() == submission.source.sha256:
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        contents = (archive.read(member) for member in archive.infolist())
        return next(c for c in contents if hashlib.sha256(c).hexdigest() == submission.source.sha256)


@cache
def _full_marks(unit: str, item: str) -> Decimal | None:
    known = basis()
    items = known.rubric(known.registry[unit]).items_for(unit)
    return next((one.full_marks for one in items if one.id == item), None)


def through_child(data: bytes, name: str, reader: GuardedReader) -> str:
    """Whether the guarded child gives what this process gives; the difference, if there is one."""
    sha256 = hashlib.sha256(data).hexdigest()
    answers = []
    for one in (reader, InProcess()):
        try:
            answers.append(one.read(data, name, sha256))
        except Refused as refused:
            answers.append([problem.code for problem in refused.problems])
    return "" if answers[0] == answers[1] else f"child differs: {answers[0]!r:.200} / {answers[1]!r:.200}"


def examined(recipe: Recipe, origins: Mapping[str, bytes], folder: Path) -> Verdict:
    """The whole life of one file, in this process."""
    data = cooked(recipe, origins)
    began = time.process_time()
    outcome, found, failure = tried(data, recipe.origin, folder)
    if time.process_time() - began > SECONDS:
        failure = failure or "hang: took too long"
    return replace(judged(data, found), outcome=outcome) if not failure else Verdict(outcome, failure)


def smallest(recipe: Recipe, origins: Mapping[str, bytes], folder: Path, failure: str) -> Recipe:
    """The recipe without the steps that the failure does not need."""
    for step in recipe.steps:
        shorter = replace(recipe, steps=tuple(other for other in recipe.steps if other != step))
        if examined(shorter, origins, folder).failure.split(" ")[:2] == failure.split(" ")[:2]:
            recipe = shorter
    return recipe


def _work(pipe: Connection, origins: Mapping[str, bytes], seed: int) -> None:
    """A worker's life: numbers come in, verdicts go out."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (2 * MEMORY, 2 * MEMORY))
    except ImportError:
        pass
    with tempfile.TemporaryDirectory() as place, GuardedReader() as reader:
        folder = Path(place)
        while (number := pipe.recv()) is not None:
            chosen = recipe(seed, number, origins)
            verdict = examined(chosen, origins, folder)
            if not verdict.failure and number % GUARDED_EVERY == 0:
                difference = through_child(cooked(chosen, origins), chosen.origin, reader)
                verdict = replace(verdict, failure=difference)
            if verdict.failure:
                chosen = smallest(chosen, origins, folder, verdict.failure)
            pipe.send((verdict, chosen))


class _Worker:
    """A process that examines one file after the other, and may die of one."""

    def __init__(self, origins: Mapping[str, bytes], seed: int) -> None:
        self._origins, self._seed = origins, seed
        self._start()

    def examined(self, number: int) -> tuple[Verdict, Recipe]:
        """Verdict and recipe; when the process dies or does not come back, what the guarded child makes of it."""
        self._pipe.send(number)
        try:
            if self._pipe.poll(6 * SECONDS):
                answer: tuple[Verdict, Recipe] = self._pipe.recv()
                return answer
            failure = "hang"
        except EOFError:
            failure = ""
        self._process.kill()
        self._process.join()
        self._start()
        chosen = recipe(self._seed, number, self._origins)
        with GuardedReader() as reader:
            try:
                reader.read(cooked(chosen, self._origins), chosen.origin, "0" * 64)
            except Refused as refused:
                return Verdict(f"rejected {refused.problems[0].code}", failure), chosen
        return Verdict("crash", failure or "crash: the process died"), chosen

    def end(self) -> None:
        self._pipe.send(None)
        self._process.join()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, self._origins, self._seed), daemon=True)
        self._process.start()
        other.close()


def run(count: int, seed: int, minutes: float, jobs: int, first: int, keep: Path | None) -> tuple[Counter[str], int]:
    """Examine so many files; returns how many ended in which way, and how many as none may."""
    origins = sound_files.of_every_kind(YEAR, office=True)
    numbers, lock = iter(range(first, first + count)), threading.Lock()
    until = time.monotonic() + 60 * minutes
    counts: Counter[str] = Counter()
    failures: list[str] = []

    def tell(verdict: Verdict, chosen: Recipe) -> None:
        with lock:
            counts[verdict.outcome] += 1
            counts["· marks compared"] += verdict.marks
            counts[f"· accepted, compared with {verdict.readers or 'nobody'}"] += verdict.outcome.startswith("accep")
            if verdict.failure:
                failures.append(verdict.failure)
                print(f"{chosen}\n    {verdict.failure}", flush=True)
                if keep:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{seed}-{chosen.number}-{chosen.origin}").write_bytes(cooked(chosen, origins))
                    note = f"{chosen}\n{verdict.failure}\n"
                    (keep / f"{seed}-{chosen.number}.txt").write_text(note, encoding="utf-8")

    def drive() -> None:
        worker = _Worker(origins, seed)
        while time.monotonic() < until:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            tell(*worker.examined(number))
        worker.end()

    drivers = [threading.Thread(target=drive) for _ in range(jobs)]
    for driver in drivers:
        driver.start()
    for driver in drivers:
        driver.join()
    return counts, len(failures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--minutes", type=float, default=24 * 60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="number of the first file, to go on with an earlier run")
    parser.add_argument("--keep", type=Path, help="folder for the files that failed")
    chosen = parser.parse_args()
    began = time.monotonic()
    counts, failed = run(chosen.count, chosen.seed, chosen.minutes, chosen.jobs, chosen.first, chosen.keep)
    for outcome, number in sorted(counts.items(), key=lambda pair: (pair[0][0] == "·", -pair[1])):
        print(f"{number:>8}  {outcome}")
    files = sum(number for outcome, number in counts.items() if outcome[0] != "·")
    print(
        f"{files} files from {chosen.first} on, seed {chosen.seed}, {(time.monotonic() - began) / 60:.1f} minutes: ",
        end="",
    )
    print(f"{failed} crashes, hangs or other marks")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
