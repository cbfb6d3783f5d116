"""Writes that happen whole or not at all, by one process at a time, and a sentence when the disk says no."""

from __future__ import annotations

import errno
import itertools
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from analytics.problems import Problem, Refused

SCRATCH = ".new-"  # what an interrupted write leaves behind; the next writer clears it away
ASIDE = ".old-"
LOCK = ".lock"
PATIENCE_SECONDS = 10.0
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_numbers = itertools.count(1)


@contextmanager
def refusing(place: Path) -> Iterator[None]:
    """Turn what the disk refuses into Refused, naming ``place`` when the error names no file."""
    try:
        yield
    except OSError as error:
        raise Refused([disk_problem(error, place)]) from error


def disk_problem(error: OSError, place: Path) -> Problem:
    """What the disk refused, in words: full, forbidden (or open in another program), or else."""
    file = str(error.filename or place)
    if error.errno in _FULL:
        return Problem("no-space-left", "stop", file=file)
    if error.errno in _FORBIDDEN:
        return Problem("write-forbidden", "stop", file=file)
    return Problem("write-failed", "stop", file=file, facts={"found": error.strerror or str(error)})


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. The system lets go of it when a process dies, however it dies.

    Refused (``folder-busy``) when another process still holds it after ``PATIENCE_SECONDS``. Clears away what an
    interrupted write left in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + PATIENCE_SECONDS
    with (folder / LOCK).open("ab") as file:
        while not _has_lock(file):
            if time.monotonic() > deadline:
                raise Refused([Problem("folder-busy", "stop", file=str(folder))])
            time.sleep(0.05)
        clear_leftovers(folder)
        yield


def _has_lock(file: IO[bytes]) -> bool:
    """Take the lock on an open file; False while another process has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a network drive without locks: better unguarded than not at all
        pass
    return True


def scratch_beside(final: Path) -> Path:
    """A new, empty folder on the same file system as ``final``, to be renamed into its place."""
    folder = final.parent / f"{SCRATCH}{os.getpid()}-{next(_numbers)}"
    folder.mkdir(parents=True)
    return folder


@contextmanager
def whole_folder(final: Path) -> Iterator[Path]:
    """Fill the folder that is yielded; at the end it bears the name ``final``, or, after an error, nothing is there."""
    scratch = scratch_beside(final)
    try:
        yield scratch
        put_folder(scratch, final)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def put_folder(scratch: Path, final: Path) -> None:
    """Give a finished folder its name. An older folder of that name is moved away first and deleted last."""
    for file in scratch.rglob("*"):
        if file.is_file():
            _sync(file)
    aside = final.parent / f"{ASIDE}{os.getpid()}-{next(_numbers)}"
    replaced = final.exists()
    if replaced:
        final.rename(aside)
    try:
        scratch.rename(final)
    except OSError:
        if replaced:
            aside.rename(final)
        raise
    _sync(final.parent)
    if replaced:
        shutil.rmtree(aside, ignore_errors=True)


def put_file(final: Path, content: bytes) -> None:
    """Write a file under a passing name, then rename it: ``final`` holds all of ``content`` or what it held before."""
    final.parent.mkdir(parents=True, exist_ok=True)
    scratch = final.parent / f"{SCRATCH}{os.getpid()}-{next(_numbers)}"
    try:
        scratch.write_bytes(content)
        _sync(scratch)
        scratch.replace(final)
    finally:
        scratch.unlink(missing_ok=True)
    _sync(final.parent)


def clear_leftovers(folder: Path) -> None:
    """Delete what an interrupted write left directly in ``folder``. Call it only while holding the folder's lock."""
    for left in [*folder.glob(f"{SCRATCH}*"), *folder.glob(f"{ASIDE}*")]:
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def is_leftover(name: str) -> bool:
    """Whether a writer gives such a name to what it has not finished."""
    return bool(re.fullmatch(r"\.(?:new|old)-\d+-\d+", name))


def _sync(path: Path) -> None:
    """Have the bytes on the disk before anything says that they are there."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
