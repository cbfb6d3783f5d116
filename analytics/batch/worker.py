"""The processes of a batch on this machine: workers, and the one they fork notebooks from. None outlives the batch."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from multiprocessing import forkserver
from typing import TYPE_CHECKING

from analytics.batch.warm.preload import Warmth
from analytics.workspace import REPOSITORY

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Start = Callable[[int], AbstractContextManager[Executor]]  # how many at a time → what runs them
MEMORY_BYTES = 2 * 2**30  # of writable memory of one process, on Linux


@contextlib.contextmanager
def fresh_workers(jobs: int, memory_bytes: int = MEMORY_BYTES) -> Iterator[Executor]:
    """``jobs`` processes on this machine. When the block ends, however it ends, none of them is left.

    Each worker holds the reading end of a pipe whose writing end is here: an interrupted or killed batch closes it.
    """
    with _pool(jobs, memory_bytes, {}) as executor:
        yield executor


@contextlib.contextmanager
def local_workers(jobs: int, memory_bytes: int = MEMORY_BYTES) -> Iterator[Executor]:
    """As ``fresh_workers``, and beside them, on Linux, the process from which their notebooks are forked."""
    with warming(Warmth(), memory_bytes) as start, start(jobs) as executor:
        yield executor


@contextlib.contextmanager
def warming(warmth: Warmth, memory_bytes: int = MEMORY_BYTES) -> Iterator[Start]:
    """What starts local workers. The process they fork from begins to warm up at once, while their work is planned."""
    from analytics.batch.warm.manager import ADDRESS, SUPPORTED, WarmParent

    if not SUPPORTED:
        yield partial(fresh_workers, memory_bytes=memory_bytes)
        return
    with WarmParent(warmth, os.environ | kernel_environment()) as parent:

        @contextlib.contextmanager
        def start(jobs: int) -> Iterator[Executor]:
            if parent.alive():
                with _pool(jobs, memory_bytes, {ADDRESS: str(parent.folder)}) as executor:
                    yield executor
            else:  # somebody killed it; who begins anew gets another
                with warming(warmth, memory_bytes) as again, again(jobs) as executor:
                    yield executor

        yield start


@contextlib.contextmanager
def _pool(jobs: int, memory_bytes: int, told: dict[str, str]) -> Iterator[Executor]:
    # Forked from a process that has papermill loaded, where a fork is harmless: importing it costs over a second.
    context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    context.set_forkserver_preload(["analytics.batch.papermill_import", "analytics.batch.notebook"])
    if sys.platform == "linux":
        # Its stderr is that of every worker: one that is interrupted before it has begun would print a traceback.
        with _stderr_closed():
            forkserver.ensure_running()
    watched, lifeline = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(prefix="nb-", ignore_cleanup_errors=True) as passing:
        executor = ProcessPoolExecutor(
            jobs, mp_context=context, initializer=begin_worker, initargs=(watched, passing, memory_bytes, told)
        )
        try:
            yield executor
        finally:
            lifeline.close()
            executor.shutdown(wait=True, cancel_futures=True)
            watched.close()


@contextlib.contextmanager
def _stderr_closed() -> Iterator[None]:
    """What is started meanwhile has nowhere to print to."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def begin_worker(watched: Connection, passing: str, memory_bytes: int, told: dict[str, str]) -> None:
    """Make this process and its kernels quiet, modest and mortal, with ``passing`` for their temporary files."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the batch decides
    threading.Thread(target=_leave_with, args=(watched,), daemon=True).start()
    os.environ.update(kernel_environment() | {"TMPDIR": passing} | told)
    tempfile.tempdir = passing
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    # Kernels write notes for programmers to stderr, such as the one about TCP without encryption.
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 2)
    os.close(quiet)


def kernel_environment() -> dict[str, str]:
    """What kernels find in their environment: one thread for each library, our code, quiet."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    return threads | {
        "PYTHONPATH": path,
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        # As in JupyterLab, so that a notebook shows the same figures in both.
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "JUPYTER_PREFER_ENV_PATH": "1",  # our Python's kernel, not one the user has registered under the same name
    }


def _leave_with(watched: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        watched.poll(None)
    os._exit(1)  # our kernel notices within a second that its parent is gone
