"""The process that opens strangers' files: ``python -m analytics.intake.files.child``. It reads bytes from its standard
input and answers with cells; it opens no file itself and ends with its parent."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from typing import Any, BinaryIO

from analytics.intake.files.grid import read_grid
from analytics.problems import Problem, Refused

MEMORY = 2**30


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the input ends.

    In: a JSON line (name, sha256, size, seconds, passwords) and that many bytes. Out: a JSON line (sheets, problems,
    and whether this process had better not be asked again).
    """
    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request["size"])
        _limit_time(request["seconds"])
        answers.write(json.dumps(_answer(data, request)).encode() + b"\n")
        answers.flush()


def _answer(data: bytes, request: dict[str, Any]) -> dict[str, Any]:
    try:
        grid = read_grid(data, request["name"], request["sha256"], request["passwords"])
        sheets, problems, spent = grid.to_plain(), grid.problems, False
    except Refused as refused:
        sheets, problems, spent = None, refused.problems, False
    except MemoryError:
        facts = {"found": "", "expected": f"{MEMORY >> 20} MB"}
        sheets, problems, spent = None, (Problem("workbook-too-large", "stop", facts=facts),), True
    return {"sheets": sheets, "problems": [_plain(problem) for problem in problems], "spent": spent}


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


def _limit_time(seconds: float) -> None:
    """Let this process be ended after so many more seconds of work, even when nobody is left to stop it."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), hard))


def _own_output() -> BinaryIO:
    """The way to the parent, which from now on nothing but answers goes: what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    _limit_memory()
    serve(sys.stdin.buffer, _own_output())
