"""stdout and stderr of a child: ipykernel's own streams, without the thread that owns the zmq socket."""

from __future__ import annotations

import codecs
import os
import select
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from ipykernel.iostream import IOPubThread, OutStream


class Timer:
    """What ipykernel's streams want of an event loop: to be called a little later. Starts its thread when asked."""

    def __init__(self) -> None:
        self._due: list[tuple[float, Callable[[], None]]] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        with self._changed:
            self._due.append((time.monotonic() + seconds, call))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="IOPub", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due:
                    self._changed.wait()
                when, call = self._due.pop(0)
            time.sleep(max(0.0, when - time.monotonic()))
            call()


class _NoThread:
    ident = None

    @staticmethod
    def is_alive() -> bool:
        return False


class Direct(IOPubThread):
    """Publishes at once and in the thread that asks."""

    def __init__(self) -> None:
        self.thread = _NoThread()
        self.io_loop = Timer()

    def schedule(self, f: Callable[[], Any]) -> None:
        f()


class ChildStream(OutStream):
    """ipykernel's stream, which also takes what C code and other programs write to the file descriptor.

    Two things differ from ipykernel: what was written to the descriptor before a cell ended belongs to that cell
    whatever the load of the machine, and a character that falls on the edge of two reads stays whole.
    """

    def _watch_pipe_fd(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            select.select([self._fid], [], [])
            with self.taking:
                text = decoder.decode(os.read(self._fid, 1 << 16))
                if text:
                    self.write(text)

    def _setup_stream_redirects(self, name: str) -> None:
        self.taking = threading.Lock()
        super()._setup_stream_redirects(name)

    def flush(self) -> None:
        if self._is_master_process() and threading.current_thread() is threading.main_thread():
            while select.select([self._fid], [], [], 0)[0]:
                time.sleep(0.0005)
            with self.taking:
                pass
        super().flush()


def install_streams(session: Any) -> None:
    """Give this process its own stdout, stderr and display hook, as ``IPKernelApp.init_io`` does."""
    from ipykernel.kernelapp import IPKernelApp

    pub = Direct()
    for name in ("stdout", "stderr"):
        standard = os.fdopen(os.dup(1 if name == "stdout" else 2), "w", encoding="utf-8")
        setattr(sys, name, _Numbered(1 if name == "stdout" else 2))
        stream = ChildStream(session, pub, name, watchfd="force")  # ipykernel would not under pytest
        setattr(sys, f"__{name}__", standard)
        setattr(sys, name, stream)
    IPKernelApp.instance().patch_io()


class _Numbered:
    """What the stream asks for its file descriptor while it is being made."""

    def __init__(self, number: int) -> None:
        self.number = number

    def fileno(self) -> int:
        return self.number

    def flush(self) -> None:
        """Nothing is kept back."""
