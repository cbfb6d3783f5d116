"""The process that is forked for each notebook: ``python -m analytics.batch.warm.zygote FOLDER WARMTH``.

It listens on a socket in FOLDER, which only its owner may enter. A request is one line of JSON with one file
descriptor: the child's end of the connection to whoever asked. The answers are ``{"pid": …}`` at once and
``{"exit": …}`` when the child has ended. Whoever hangs up has its child killed; when the owner lets go of our stdin,
everything ends. No thread, event loop or zmq context is ever made here: a fork would copy them broken.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.batch.warm.processes import adopt_orphans, children_of, die_with_parent, kill_below, kill_group

if TYPE_CHECKING:
    from analytics.batch.warm.child import WarmKernel

SOCKET = "s"
BACKLOG = 128


@dataclass(frozen=True, slots=True)
class Fork:
    """A child, and the connection of whoever asked for it."""

    pid: int
    connection: socket.socket


class Zygote:
    """Forks a child for each request and sees to it that neither outlives the other."""

    def __init__(self, listener: socket.socket, kernel: WarmKernel) -> None:
        self.listener, self.kernel = listener, kernel
        self.forks: dict[int, Fork] = {}  # by the pidfd of the child
        self.asking: dict[int, int] = {}  # pidfd by the file descriptor of the connection
        self.poll = select.poll()
        self.poll.register(0, select.POLLIN)
        self.poll.register(listener, select.POLLIN)

    def serve(self) -> None:
        """Answer requests until the owner is gone."""
        while True:
            for number, _ in self.poll.poll():
                if number == 0:
                    return
                if number == self.listener.fileno():
                    with contextlib.suppress(OSError, ValueError):  # whoever asked went away or spoke nonsense
                        self._answer()
                elif number in self.forks:
                    self._bury(number)
                elif number in self.asking:
                    self._hang_up(number)

    def _answer(self) -> None:
        connection, _ = self.listener.accept()
        line, numbers, _, _ = socket.recv_fds(connection, 1 << 16, 1)
        while not line.endswith(b"\n"):
            more = connection.recv(1 << 16)
            if not more:
                raise ValueError("a request without an end")
            line += more
        request = json.loads(line)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_child(request, connection, numbers[0], parent)
        os.close(numbers[0])
        watched = os.pidfd_open(pid)
        self.forks[watched] = Fork(pid, connection)
        self.asking[connection.fileno()] = watched
        self.poll.register(watched, select.POLLIN)
        self.poll.register(connection, select.POLLIN)
        connection.sendall(b'{"pid": %d}\n' % pid)

    def _become_child(self, request: dict[str, Any], connection: socket.socket, number: int, parent: int) -> None:
        status = 1
        try:
            die_with_parent(parent)
            self.listener.close()
            connection.close()
            for watched, fork in self.forks.items():
                os.close(watched)
                fork.connection.close()
            from analytics.batch.warm.child import run_child

            status = run_child(self.kernel, socket.socket(fileno=number), request)
        finally:
            os._exit(status)

    def _bury(self, watched: int) -> None:
        """The child has ended: end what it started, and tell whoever asked."""
        fork = self.forks.pop(watched)
        self.poll.unregister(watched)
        os.close(watched)
        kill_group(fork.pid)
        _, status = os.waitpid(fork.pid, 0)
        self._forget(fork)
        with contextlib.suppress(OSError):
            fork.connection.sendall(b'{"exit": %d}\n' % os.waitstatus_to_exitcode(status))
        fork.connection.close()
        self._bury_adopted()

    def _bury_adopted(self) -> None:
        """Reap what children left behind and then ended by itself."""
        own = {fork.pid for fork in self.forks.values()}
        for pid in children_of(os.getpid()) - own:
            with contextlib.suppress(OSError):
                os.waitpid(pid, os.WNOHANG)

    def _hang_up(self, number: int) -> None:
        """Whoever asked is gone or says that it is enough."""
        fork = self.forks[self.asking[number]]
        self._forget(fork)
        kill_below(fork.pid)
        kill_group(fork.pid)

    def _forget(self, fork: Fork) -> None:
        if self.asking.pop(fork.connection.fileno(), None) is not None:
            self.poll.unregister(fork.connection)


def listen(folder: Path) -> socket.socket:
    """A socket in ``folder``, whose path may be longer than the name of a socket may be."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    inside = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        listener.bind(f"/proc/self/fd/{inside}/.{SOCKET}")
        listener.listen(BACKLOG)
        os.rename(f".{SOCKET}", SOCKET, src_dir_fd=inside, dst_dir_fd=inside)  # who sees its name may connect
    finally:
        os.close(inside)
    return listener


def main(folder: str, written: str) -> None:
    """Listen first, so that requests wait instead of failing, then import and warm what notebooks share.

    Until then SIGTERM ends it: nobody was forked yet.
    """
    gc.disable()  # what is read now stays; looking for garbage in it would be a tenth of the time
    listener = listen(Path(folder))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the owner decides
    adopt_orphans()
    from analytics.batch.warm.child import WarmKernel
    from analytics.batch.warm.preload import Warmth, preload

    preload(Warmth.read(written))
    kernel = WarmKernel.ready()
    if (threads := len(list(Path("/proc/self/task").iterdir()))) > 1:  # also those that libraries start
        raise RuntimeError(f"{threads} threads in the process to fork: {threading.enumerate()}")
    gc.collect()
    gc.freeze()  # the collector would dirty the pages that the children share
    gc.enable()
    gc.set_threshold(100_000, 20, 50)  # a notebook ends before its garbage matters: a tenth of its time saved
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        Zygote(listener, kernel).serve()
    finally:
        kill_below(os.getpid())


if __name__ == "__main__":
    del sys.path[0]  # the folder this was started in; a kernel does not see it either
    main(sys.argv[1], sys.argv[2])
