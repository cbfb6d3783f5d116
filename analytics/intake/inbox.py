"""Which files lie in an inbox, read from the disk once; nothing is followed, changed or executed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from analytics.intake.files.bundles import is_bundle, member_bytes, unpacked
from analytics.intake.files.grid import MOST_FILE_BYTES
from analytics.intake.received import Received, is_litter, name_note, unread
from analytics.problems import Problem
from analytics.provenance import SourceFile
from analytics.workspace import REGISTER, Inbox

_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".xlsb", ".csv", ".zip")


def list_inbox(folder: Path) -> Iterator[Received]:
    """Every entry under ``folder``, by name, and every file in an archive. Links and devices are not opened."""
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in _walk(folder)):
        if not path.is_dir() or path.is_symlink():
            yield from receive_files(path, name)
        elif path.suffix.casefold() in _WORKBOOKS:
            yield unread(_sayable(name), "folder-named-as-file", "note", name)
        elif not os.access(path, os.R_OK | os.X_OK):
            yield unread(_sayable(name), "file-not-readable", "stop", os.strerror(13))


def list_all(inbox: Inbox) -> Iterator[Received]:
    """What lies in the inbox, then the office's own register of reviews, when there is one."""
    yield from list_inbox(inbox.folder)
    if inbox.register is not None:
        yield receive_file(inbox.register, REGISTER)


def receive_files(path: Path, name: str) -> Iterator[Received]:
    """The one file there, called ``name`` from now on, or, when it is an archive, also the files in it."""
    received = receive_file(path, name)
    if received.data is not None and is_bundle(received.data):
        yield from unpacked(received)
    else:
        yield received


def receive_file(path: Path, name: str) -> Received:
    """The bytes of one file. ``name`` is what it is called from now on."""
    if _sayable(name) != name:  # bytes that are no UTF-8: nobody could print the name or find the file again by it
        return unread(_sayable(name), "file-name-undecodable", "stop", _sayable(name))
    if is_litter(path.name):
        return unread(name, "litter-ignored", "note", path.name)
    try:
        handle = os.open(path, _OPEN)
    except FileNotFoundError:
        return unread(name, "submission-not-found", "stop", str(path))
    except OSError as error:
        # A link answers O_NOFOLLOW with an error; so does a file that another program holds.
        if path.is_symlink():
            return unread(name, "link-ignored", "note", name)
        return unread(name, "file-not-readable", "stop", error.strerror or "")
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            return unread(name, "link-ignored", "note", name)
        # The size may have changed since; a pipe or a growing file would never end.
        data = file.read(MOST_FILE_BYTES + 1) if about.st_size <= MOST_FILE_BYTES else b""
    if max(len(data), about.st_size) > MOST_FILE_BYTES:
        size, most = f"{about.st_size >> 20} MB", f"{MOST_FILE_BYTES >> 20} MB"
        problem = Problem("workbook-too-large", "stop", file=name, facts={"found": size, "expected": most})
        return Received(SourceFile(name, "", about.st_size), None, problem)
    return Received(SourceFile(name, hashlib.sha256(data).hexdigest(), len(data)), data, name_note(name))


def read_again(folder: Path, name: str, register: Path | None = None) -> bytes:
    """The bytes that came under ``name``, in a file of ``folder`` or in an archive there; none when it is gone.

    ``register``: the office's own register of reviews, when it was read beside the folder.
    """
    path = register if name == REGISTER and register is not None else folder / name
    if path.is_file():
        return path.read_bytes()
    for parent in PurePosixPath(name).parents:
        archive = folder / parent
        if archive.is_file():
            inner = PurePosixPath(name).relative_to(parent).as_posix()
            return member_bytes(archive.read_bytes(), inner) or b""
    return b""


def _sayable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _walk(folder: Path) -> Iterator[Path]:
    """Every file and folder below ``folder``; what is in a folder that cannot be opened stays unknown."""
    folders = [folder]
    while folders:
        current = folders.pop()
        if current is not folder and not os.access(current, os.R_OK | os.X_OK):
            continue
        with os.scandir(current) as entries:
            for entry in entries:
                yield Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
