"""Processes and what is below them, on Linux."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from pathlib import Path

_DIE_WITH_PARENT, _ADOPT_ORPHANS = 1, 36  # PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER


def kill_group(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Every process below this one, also one that left its process group."""
    found = [pid]
    for one in found:
        found += children_of(one)
    return found[1:]


def children_of(pid: int) -> set[int]:
    """OSError is taken for none: the process has ended."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found |= {int(child) for child in (task / "children").read_text(encoding="ascii").split()}
    return found


def die_with_parent(parent: int) -> None:
    """Have the system kill this process when ``parent``, which forked it, ends in whatever way."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Have the system make this process the parent of any below it whose own parent ends."""
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1)


def kill_below(pid: int) -> None:
    """Kill every process below this one."""
    for one in descendants(pid):
        with contextlib.suppress(OSError):
            os.kill(one, signal.SIGKILL)
