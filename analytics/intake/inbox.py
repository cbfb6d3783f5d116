"""Which files lie in an inbox, read from the disk once; nothing is followed, changed or executed."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analytics.intake.grid import MOST_FILE_BYTES
from analytics.problems import Problem, Severity
from analytics.provenance import SourceFile

_LITTER = (
    "~$*", ".~*", "._*", ".*", "thumbs.db", "ehthumbs.db", "desktop.ini", "*.tmp", "*.lnk", "*.url",
    "*.txt", "*.md", "readme", "readme.*", "__macosx",
)  # fmt: skip
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it lay there: its bytes, or None and the problem that says why it was not read."""

    source: SourceFile
    data: bytes | None
    problem: Problem | None = None


def list_inbox(folder: Path) -> Iterator[Received]:
    """Every entry under ``folder``, by name. Links and devices are named and not opened."""
    for path in sorted(_walk(folder), key=lambda path: path.relative_to(folder).as_posix()):
        yield receive_file(path, path.relative_to(folder).as_posix())


def receive_file(path: Path, name: str) -> Received:
    """The bytes of one file. ``name`` is what it is called from now on."""
    shown_name = name.encode("utf-8", "backslashreplace").decode("utf-8")
    if shown_name != name:  # bytes that are no UTF-8: nobody could print the name or find the file again by it
        return _unread(shown_name, "file-name-undecodable", "stop", shown_name)
    if any(fnmatch.fnmatchcase(path.name.casefold(), pattern) for pattern in _LITTER):
        return _unread(name, "litter-ignored", "note", path.name)
    try:
        handle = os.open(path, _OPEN)
    except FileNotFoundError:
        return _unread(name, "submission-not-found", "stop", str(path))
    except OSError as error:
        # A link answers O_NOFOLLOW with an error; so does a file that another program holds.
        if path.is_symlink():
            return _unread(name, "link-ignored", "note", name)
        return _unread(name, "file-not-readable", "stop", error.strerror or "")
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            return _unread(name, "link-ignored", "note", name)
        if about.st_size > MOST_FILE_BYTES:
            size, most = f"{about.st_size >> 20} MB", f"{MOST_FILE_BYTES >> 20} MB"
            problem = Problem("workbook-too-large", "stop", file=name, facts={"found": size, "expected": most})
            return Received(SourceFile(name, "", about.st_size), None, problem)
        data = file.read()
    return Received(SourceFile(name, hashlib.sha256(data).hexdigest(), len(data)), data)


def _walk(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))
            else:
                yield Path(entry.path)


def _unread(name: str, code: str, severity: Severity, found: str) -> Received:
    problem = Problem(code, severity, file=name, facts={"found": found})
    return Received(SourceFile(name, "", 0), None, problem)
