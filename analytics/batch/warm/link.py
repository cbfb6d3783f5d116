"""The connection to a forked child: its messages sorted by channel, requests to it, and word of its end."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import queue
import select
import signal
import socket
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.jsonutil import extract_dates

from analytics.batch.warm.zygote import SOCKET

FAULT = "child_fault"  # not a message of Jupyter's: the child itself is broken
PATIENCE_SECONDS = 2.0  # for a child that is told to end


class OutputTooLarge(Exception):
    """A notebook wrote more than it may."""


class Link:
    """The connection to a child: messages in, sorted by channel; requests out; and word of the child's end."""

    def __init__(self, folder: Path, request: Mapping[str, Any], most_bytes: int) -> None:
        self.control, self.most_bytes, self.exit = _connect(folder), most_bytes, None
        self.near, far = socket.socketpair()
        with far:
            line = json.dumps(request).encode() + b"\n"
            sent = socket.send_fds(self.control, [line], [far.fileno()])
            self.control.sendall(line[sent:])
        self._words = b""
        self._listen(None)
        self.inboxes: dict[str, deque[dict[str, Any]]] = {"shell": deque(), "iopub": deque()}
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._bytes, self._taken, self._error = bytearray(), 0, None

    exit: int | None
    pid: int | None = None
    fault = ""  # what broke the child, by its own word
    _loop: asyncio.AbstractEventLoop | None = None
    _error: Exception | None

    def _listen(self, seconds: float | None) -> None:
        """Take what the zygote says of the child."""
        if self.exit is None and select.select([self.control], [], [], seconds)[0]:
            data = self.control.recv(1 << 12)
            self._words += data
            for line in self._words.splitlines():
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    self.pid, self.exit = said.get("pid", self.pid), said.get("exit", self.exit)
            if not data and self.exit is None:
                self.exit = -signal.SIGKILL  # the zygote itself is gone, and its children with it

    def alive(self, seconds: float = 0) -> bool:
        """Whether the child runs; waits up to ``seconds`` for its end."""
        self._listen(seconds)
        return self.exit is None

    async def take(self, channel: str, seconds: float | None) -> dict[str, Any]:
        """The next message of a channel. queue.Empty when none came in time; OutputTooLarge."""
        inbox, loop = self.inboxes[channel], asyncio.get_running_loop()
        while not inbox:
            if self._error:
                raise self._error
            arrival: asyncio.Future[None] = loop.create_future()
            self._waiting[channel] = arrival
            self._loop = loop
            loop.add_reader(self.near, self._pump)
            try:
                await asyncio.wait_for(arrival, seconds)
            except TimeoutError:
                raise queue.Empty from None
            finally:
                self._waiting.pop(channel, None)
                if not self._waiting:
                    self._stop_reading()
        return inbox.popleft()

    def _stop_reading(self) -> None:
        """Before the socket is closed: the loop would take the next one of the same number for it."""
        if self._loop and self.near.fileno() >= 0 and not self._loop.is_closed():
            self._loop.remove_reader(self.near)
        self._loop = None

    def _pump(self) -> None:
        data = self.near.recv(1 << 20)
        if not data:  # nbclient sees for itself that the child is not alive
            self._stop_reading()
            return
        self._bytes += data
        self._taken += len(data)
        try:
            self._sort()
            if self._taken > self.most_bytes:
                raise OutputTooLarge
        except (
            OutputTooLarge,
            ValueError,
            LookupError,
            TypeError,
        ) as error:  # too much, or not what a child of ours says
            self._error = error
            self._stop_reading()
        for channel, arrival in self._waiting.items():
            if (self.inboxes[channel] or self._error) and not arrival.done():
                arrival.set_result(None)

    def _sort(self) -> None:
        """Move each message that is complete into its inbox."""
        start = 0
        while (end := self._bytes.find(b"\n", start)) >= 0:
            stop = end + 1 + int(self._bytes[start:end])
            if stop > len(self._bytes):
                break
            message = json.loads(self._bytes[end + 1 : stop].decode("utf-8", "replace"))  # as jupyter_client does
            if message["msg_type"] == FAULT:
                self.fault = message["content"]
            message["header"] = extract_dates(message["header"])
            message["buffers"] = [base64.b64decode(part) for part in message.get("buffers", ())]
            self.inboxes["shell" if message["msg_type"].endswith("_reply") else "iopub"].append(message)
            start = stop
        del self._bytes[:start]

    def close(self, in_peace: bool) -> None:
        """End the child; ``in_peace``: give it time to end by itself."""
        self._stop_reading()
        if in_peace:
            with contextlib.suppress(OSError):
                self.near.shutdown(socket.SHUT_WR)
                self.alive(PATIENCE_SECONDS)
        self.near.close()
        self.control.close()


def _connect(folder: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    inside = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        connection.connect(f"/proc/self/fd/{inside}/{SOCKET}")
    finally:
        os.close(inside)
    return connection
