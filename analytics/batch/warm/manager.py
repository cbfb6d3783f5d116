"""Where nbclient expects a kernel manager and its client: the near end of a forked child."""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from jupyter_client.session import Session

from analytics.batch.warm.link import PATIENCE_SECONDS, Link
from analytics.batch.warm.preload import Warmth
from analytics.batch.warm.zygote import SOCKET
from analytics.workspace import REPOSITORY

ADDRESS = "ANALYTICS_ZYGOTE"  # the folder of a zygote that someone else owns
SUPPORTED = sys.platform == "linux"


class WarmParent:
    """Owns a zygote: it ends with this object's ``close``, or with the process that made it, however that ends."""

    def __init__(self, warmth: Warmth | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._place = tempfile.TemporaryDirectory(prefix="warm-", ignore_cleanup_errors=True)
        self.folder = Path(self._place.name)
        given = dict(os.environ if environment is None else environment)
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            given.setdefault(name, "1")  # a library's threads do not survive a fork
        given |= {"PYDEVD_DISABLE_FILE_VALIDATION": "1", "IPYTHONDIR": str(self.folder)}
        given["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        given["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY), *filter(None, [given.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "analytics.batch.warm.zygote", str(self.folder), (warmth or Warmth()).written()],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=given, cwd=self.folder,
            start_new_session=True,
        )  # fmt: skip

    def wait_until_listening(self) -> None:
        """RuntimeError with its last words when the zygote ended before it could listen."""
        while not (self.folder / SOCKET).exists():
            if self._process.poll() is not None:
                said = self._process.stderr.read().decode(errors="replace") if self._process.stderr else ""
                raise RuntimeError(f"the process to fork did not start: {said[-500:]}")
            select.select([], [], [], 0.005)

    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End it and what it forked; at once while it still warms up."""
        if self.alive():
            self._process.terminate()
        for stream in (self._process.stdin, self._process.stderr):
            if stream:
                stream.close()
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._place.cleanup()

    def __enter__(self) -> WarmParent:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


_own: list[WarmParent] = []


def zygote_folder() -> Path:
    """The folder of the zygote to ask: the one that the environment names, else one that this process owns."""
    named = os.environ.get(ADDRESS)
    if named and (Path(named) / SOCKET).exists():
        return Path(named)
    if not _own:
        import atexit

        _own.append(WarmParent())
        atexit.register(_own[0].close)
    _own[0].wait_until_listening()
    return _own[0].folder


class Channel:
    """What nbclient wants of a channel."""

    def __init__(self, link: Link, name: str) -> None:
        self.link, self.name = link, name

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        return await self.link.take(self.name, timeout)

    def send(self, message: dict[str, Any]) -> None:
        self.link.near.sendall(json.dumps(message, default=str).encode() + b"\n")


class WarmClient:
    """What nbclient wants of a kernel client."""

    allow_stdin = False

    def __init__(self, link: Link) -> None:
        self.link, self.session = link, Session(key=b"not signed")
        self.shell_channel, self.iopub_channel = Channel(link, "shell"), Channel(link, "iopub")
        self.language_info: dict[str, Any] = {}

    def start_channels(self) -> None:
        """They are there."""

    def stop_channels(self) -> None:
        """They end with the child."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """RuntimeError when the child does not say that it is ready."""
        try:
            ready = await self.link.take("iopub", timeout)
        except queue.Empty:
            raise RuntimeError(f"Kernel didn't respond in {timeout} seconds") from None
        self.language_info = ready["content"]["language_info"]

    def is_alive(self) -> bool:
        return self.link.alive() or bool(self.link.inboxes["shell"])

    def kernel_info(self) -> str:
        asked = uuid.uuid4().hex
        content = {"status": "ok", "language_info": self.language_info}
        self.link.inboxes["shell"].append({"parent_header": {"msg_id": asked}, "content": content})
        return asked

    def execute(self, code: str, *, store_history: bool = True, stop_on_error: bool = True) -> str:
        content = {
            "code": code, "silent": False, "store_history": store_history, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": stop_on_error,
        }  # fmt: skip
        message = self.session.msg("execute_request", content)
        self.shell_channel.send(message)
        return str(message["header"]["msg_id"])


class WarmManager:
    """What nbclient wants of a kernel manager. ``limits``: names of RLIMIT_* with their numbers."""

    def __init__(self, limits: Mapping[str, int], most_bytes: int) -> None:
        self.limits, self.most_bytes = limits, most_bytes
        self.link: Link | None = None

    @property
    def has_kernel(self) -> bool:
        return self.link is not None

    def start_kernel(self, *, cwd: str | None = None, **_: object) -> None:
        """Fork. RuntimeError or OSError when there is nobody who could."""
        request = {"env": dict(os.environ), "cwd": cwd or str(Path.cwd()), "limits": dict(self.limits)}
        self.link = Link(zygote_folder(), request, self.most_bytes)

    def client(self) -> WarmClient:
        if self.link is None:
            raise RuntimeError("No kernel is running!")
        return WarmClient(self.link)

    def is_alive(self) -> bool:
        return self.link is not None and self.link.alive()

    def interrupt_kernel(self) -> None:
        if self.link and self.link.pid:
            os.killpg(self.link.pid, signal.SIGINT)

    def cleanup_resources(self) -> None:
        """They end with the child."""

    def close(self, in_peace: bool = False) -> None:
        """End the process, if there is one."""
        if self.link:
            self.link.close(in_peace)
            self.link = None
