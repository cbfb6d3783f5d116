"""A forked child: a real IPython kernel whose session writes to a unix socket. Imported by the zygote."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import fcntl
import json
import logging
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
import types
from collections.abc import AsyncIterator
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session
from traitlets import Any as AnyTrait
from traitlets.config import Config

from analytics.batch.warm.link import FAULT
from analytics.batch.warm.processes import kill_below
from analytics.batch.warm.streams import install_streams

NOWHERE = object()  # stands for the zmq sockets that the kernel believes to write to


class SocketSession(Session):
    """A session whose messages go to one socket, whole, also those of forked processes and of threads."""

    connection: socket.socket | None = None
    turns: int = -1  # a file whose lock orders processes; the other lock orders threads
    _threads = threading.Lock()

    def send(
        self,
        stream: object,
        msg_or_type: dict[str, Any] | str,
        content: dict[str, Any] | None = None,
        parent: dict[str, Any] | None = None,
        ident: object = None,
        buffers: list[Any] | None = None,
        track: bool = False,
        header: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        if isinstance(msg_or_type, str):
            message = self.msg(msg_or_type, content, parent=parent, header=header, metadata=metadata)
        else:
            message = msg_or_type
            buffers = buffers or message.get("buffers")
        if self.connection is None:  # while the zygote warms up
            return message
        parts = {
            name: message[name] for name in ("header", "msg_id", "msg_type", "parent_header", "metadata", "content")
        }
        if buffers:
            parts["buffers"] = [base64.b64encode(bytes(memoryview(part).cast("B"))).decode() for part in buffers]
        data: bytes = self.pack(parts)
        with self._threads:
            fcntl.lockf(self.turns, fcntl.LOCK_EX)
            try:
                self.connection.sendall(b"%d\n" % len(data) + data)
            finally:
                fcntl.lockf(self.turns, fcntl.LOCK_UN)
        return message


class WarmKernel(IPythonKernel):
    """ipykernel's kernel without its sockets and threads."""

    iopub_socket = AnyTrait(NOWHERE)

    @classmethod
    def ready(cls) -> WarmKernel:
        """Make the kernel in the zygote, so that a child is ready a few milliseconds after its fork."""
        config = Config()
        config.HistoryManager.hist_file = ":memory:"
        config.HistoryManager.enabled = False  # it would start a thread
        log = logging.getLogger("analytics.warm")
        log.propagate = False  # a cell that sets up logging does not want to see ours
        log.addHandler(logging.NullHandler())
        app = IPKernelApp.instance(config=config, log=log)
        kernel: WarmKernel = cls.instance(
            parent=app, session=SocketSession(key=b"not signed", parent=app), log=app.log, user_ns=app.user_ns
        )
        app.kernel = kernel  # %matplotlib and %gui ask the application for its kernel
        app.init_pdb()
        app.init_shell()
        kernel.shell_channel_thread = types.SimpleNamespace(parent_thread=threading.main_thread())
        app.init_gui_pylab()
        app.init_extensions()
        kernel.shell.run_cell("pass", silent=True)  # first use of parser and compiler
        return kernel

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """Nothing is ever queued: the other side sends one cell at a time."""

    async def handle(self, message: dict[str, Any]) -> None:
        """One message on the shell channel, told about as ipykernel does."""
        kind = message["header"]["msg_type"]
        self.set_parent([], message, channel="shell")
        self._publish_status("busy", "shell")
        self.pre_handler_hook()
        try:
            result = self.shell_handlers[kind](None, [], message)
            if asyncio.iscoroutine(result):
                await result
        except KeyboardInterrupt:
            self.log.error("interrupted by the other side")
        finally:
            self.post_handler_hook()
        sys.stdout.flush()
        sys.stderr.flush()
        self._publish_status("idle", "shell")


def run_child(kernel: WarmKernel, connection: socket.socket, request: dict[str, Any]) -> int:
    """Run the cells that come over ``connection`` until it ends. Returns the exit status."""
    try:
        _run(kernel, connection, request)
    except Exception as error:  # noqa: BLE001  (nobody else would tell: the streams may not be there yet)
        said = {"header": {}, "msg_type": FAULT, "content": f"{type(error).__name__}: {error}"}
        data = json.dumps(said).encode()
        with contextlib.suppress(OSError):
            connection.sendall(b"%d\n" % len(data) + data)
        return 1
    return 0


def _run(kernel: WarmKernel, connection: socket.socket, request: dict[str, Any]) -> None:
    _settle(request)
    kernel.shell.init_environment()  # what ipykernel tells other programs about colours and pagers
    session = kernel.session
    session.connection, session.turns, session.pid = connection, os.memfd_create("turns"), os.getpid()
    install_streams(session)
    session.send(None, "ready", {"language_info": kernel.language_info})
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # but for the time that a cell runs
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    loop.run_until_complete(_converse(kernel, connection))
    _leave(kernel)


def _settle(request: dict[str, Any]) -> None:
    """Be a process of its own: session, environment, folder, streams, limits, random numbers, imports."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    os.environ.clear()
    os.environ.update(request["env"])
    if os.environ.get("MPLBACKEND", "") == "":
        os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as ipykernel does
    time.tzset()
    tempfile.tempdir = None
    os.chdir(request["cwd"])
    for kind, number in request["limits"].items():
        import resource

        resource.setrlimit(getattr(resource, kind), (number, number))
    random.seed()  # all children would draw the same numbers
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcParams["backend"] = os.environ["MPLBACKEND"]
    sys.argv = ["ipykernel_launcher.py"]
    asked = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:0] = [path for path in asked if path not in sys.path]
    IPKernelApp.instance().init_path()


async def _converse(kernel: WarmKernel, connection: socket.socket) -> None:
    from tornado.ioloop import IOLoop

    kernel.io_loop = IOLoop.current()
    async for message in _messages(connection):
        await kernel.handle(message)


async def _messages(connection: socket.socket) -> AsyncIterator[dict[str, Any]]:
    """Each line of JSON that arrives. Tasks that cells have started go on meanwhile, as in any kernel."""
    arrived: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    loop.add_reader(connection, lambda: arrived.put_nowait(connection.recv(1 << 20)))
    waiting = b""
    while data := await arrived.get():
        waiting += data
        while b"\n" in waiting:
            line, _, waiting = waiting.partition(b"\n")
            yield json.loads(line)
    loop.remove_reader(connection)


def _leave(kernel: WarmKernel) -> None:
    """End as Python would: hooks first, then close what was left open. ``os._exit`` alone would lose data."""
    import atexit

    with contextlib.suppress(Exception):
        atexit._run_exitfuncs()
    kernel.shell.user_ns.clear()
    kill_below(os.getpid())  # also what left our process group; nobody would find it later
