"""Reading strangers' workbooks in a child process: a hostile file costs some seconds, some memory, and itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from types import TracebackType
from typing import Any, Self

from analytics.intake.cells import Grid
from analytics.problems import Problem, Refused
from analytics.provenance import CellRef
from analytics.workspace import REPOSITORY

SECONDS = 20.0


class GuardedReader:
    """``read_grid`` in one long-lived child, limited to a gibibyte and ``seconds`` a file, made anew when it dies."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, data: bytes, name: str, sha256: str) -> Grid:
        """The cells of a workbook. Refused as ``read_grid`` does, and when the child dies of it or takes too long."""
        child = self._started()
        overdue = threading.Event()

        def stop() -> None:
            overdue.set()
            child.kill()

        timer = threading.Timer(self.seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            answer = _asked(child, data, name, sha256)
        finally:
            timer.cancel()
        if answer is None:
            self._end()
            facts = {"found": f"{self.seconds:g} s" if overdue.is_set() else "", "expected": ""}
            code = "workbook-too-slow" if overdue.is_set() else "workbook-breaks-reader"
            raise Refused([Problem(code, "stop", file=name, facts=facts)])
        problems = tuple(_problem(plain, name, sha256) for plain in answer["problems"])
        if answer["sheets"] is None:
            raise Refused(problems)
        return Grid.from_plain(name, sha256, answer["sheets"], problems)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._end()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-X", "utf8", "-m", "analytics.intake.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a reader that aborts prints its own trace
                cwd=REPOSITORY,
                env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
            )
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _asked(child: subprocess.Popen[bytes], data: bytes, name: str, sha256: str) -> dict[str, Any] | None:
    """The child's answer, or None when it is gone."""
    if child.stdin is None or child.stdout is None:
        return None
    request = json.dumps({"name": name, "sha256": sha256, "size": len(data)})
    try:
        child.stdin.write(request.encode() + b"\n" + data)
        child.stdin.flush()
        answer: dict[str, Any] = json.loads(child.stdout.readline())
    except (OSError, json.JSONDecodeError):
        return None
    return answer


def _problem(plain: dict[str, Any], name: str, sha256: str) -> Problem:
    at = CellRef(name, sha256, *plain["at"]) if plain["at"] else None
    return Problem(plain["code"], plain["severity"], at=at, file=name, facts=plain["facts"])
