"""The process that opens strangers' files: ``python -m analytics.intake.child``. It reads bytes from its standard input
and answers with cells; it opens no file itself and ends with its parent."""

from __future__ import annotations

import json
import sys
from typing import Any, BinaryIO

from analytics.intake.grid import read_grid
from analytics.problems import Problem, Refused

MEMORY = 2**30


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the input ends. In: a JSON line (name, sha256, size) and that many bytes; out: a JSON line."""
    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request["size"])
        answers.write(json.dumps(_answer(data, request["name"], request["sha256"])).encode() + b"\n")
        answers.flush()


def _answer(data: bytes, name: str, sha256: str) -> dict[str, Any]:
    try:
        grid = read_grid(data, name, sha256)
    except Refused as refused:
        return {"sheets": None, "problems": [_plain(problem) for problem in refused.problems]}
    except MemoryError:
        return {
            "sheets": None,
            "problems": [
                _plain(Problem("workbook-too-large", "stop", facts={"found": "", "expected": f"{MEMORY >> 20} MB"}))
            ],
        }
    return {"sheets": grid.to_plain(), "problems": [_plain(problem) for problem in grid.problems]}


def _plain(problem: Problem) -> dict[str, Any]:
    at = [problem.at.sheet, problem.at.address] if problem.at else None
    return {"code": problem.code, "severity": problem.severity, "at": at, "facts": dict(problem.facts)}


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows: the limits on the file itself must do
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit_memory()
    serve(sys.stdin.buffer, sys.stdout.buffer)
