"""Reading strangers' workbooks in a child process: a hostile file costs some seconds, some memory, and itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from types import TracebackType
from typing import Any, Self

from analytics.intake.cells import Grid
from analytics.intake.files.protection import known_passwords
from analytics.problems import Problem, Refused
from analytics.provenance import CellRef
from analytics.workspace import REPOSITORY

SECONDS = 18.0  # of work
_PATIENCE = 3.0  # times as long on the clock where the system counts the work itself: the machine may be busy


class GuardedReader:
    """``read_grid`` in one long-lived child, limited to a gibibyte and ``seconds`` a file, made anew when it dies.

    Refused at once when the file of passwords cannot be read.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._passwords = known_passwords()
        self._child: subprocess.Popen[bytes] | None = None
        self._fresh = True

    def __enter__(self) -> Self:
        self._started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, data: bytes, name: str, sha256: str) -> Grid:
        """The cells of a workbook. Refused as ``read_grid`` does, and when the child dies of it or takes too long."""
        alone = self._started() is not None and self._fresh
        answer, slow = self._asked(data, name, sha256)
        if (answer is None or answer["spent"]) and not slow and not alone:
            # What went before may have left the child little memory: only what a fresh one dies of is the file's doing.
            answer, slow = self._asked(data, name, sha256)
        if answer is None:
            facts = {"found": f"{self.seconds:g} s" if slow else "", "expected": ""}
            raise Refused(
                [Problem("workbook-too-slow" if slow else "workbook-breaks-reader", "stop", file=name, facts=facts)]
            )
        problems = tuple(_problem(plain, name, sha256) for plain in answer["problems"])
        if answer["sheets"] is None:
            raise Refused(problems)
        return Grid.from_plain(name, sha256, answer["sheets"], problems)

    def _asked(self, data: bytes, name: str, sha256: str) -> tuple[dict[str, Any] | None, bool]:
        """The child's answer, or None when it died of the question; and whether that was because it took too long."""
        child = self._started()
        overdue = threading.Event()

        def stop() -> None:
            overdue.set()
            child.kill()

        timer = threading.Timer(self.seconds * (_PATIENCE if hasattr(signal, "SIGXCPU") else 1), stop)
        timer.daemon = True
        timer.start()
        request = {
            "name": name,
            "sha256": sha256,
            "size": len(data),
            "seconds": self.seconds,
            "passwords": self._passwords,
        }
        try:
            answer = _exchanged(child, request, data)
        finally:
            timer.cancel()
        self._fresh = False
        if answer is None or answer["spent"]:
            self._end()
        out_of_time = overdue.is_set() or child.returncode == -getattr(signal, "SIGXCPU", 0)
        return answer, answer is None and out_of_time

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._end()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-X", "utf8", "-m", "analytics.intake.files.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a reader that aborts prints its own trace
                cwd=REPOSITORY,
                env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
            )
            self._fresh = True
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _exchanged(child: subprocess.Popen[bytes], request: dict[str, Any], data: bytes) -> dict[str, Any] | None:
    """The child's answer, or None when it is gone."""
    if child.stdin is None or child.stdout is None:
        return None
    try:
        child.stdin.write(json.dumps(request).encode() + b"\n" + data)
        child.stdin.flush()
        answer: dict[str, Any] = json.loads(child.stdout.readline())
    except (OSError, json.JSONDecodeError):
        return None
    return answer


def _problem(plain: dict[str, Any], name: str, sha256: str) -> Problem:
    at = CellRef(name, sha256, *plain["at"]) if plain["at"] else None
    return Problem(plain["code"], plain["severity"], at=at, file=name, facts=plain["facts"])
