"""A file as it came: its bytes, or why it was not read."""

from __future__ import annotations

import fnmatch
import unicodedata
from dataclasses import dataclass

from analytics.problems import Problem, Severity
from analytics.provenance import SourceFile

_LITTER = (
    "~$*", ".~*", "._*", ".*", "~wrl*", "thumbs.db", "ehthumbs*.db", "desktop.ini", "icon\r", "*.tmp", "*.lnk", "*.url",
    "*.crdownload", "*.partial", "*.txt", "*.md", "readme", "readme.*", "__macosx",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it lay there: its bytes, or None and the problem that says why it was not read.

    Beside bytes a problem is a note on the file's name.
    """

    source: SourceFile
    data: bytes | None
    problem: Problem | None = None


def is_litter(name: str) -> bool:
    """Whether a file of that name is nobody's form: what systems and editors leave lying about, or a note."""
    return any(fnmatch.fnmatchcase(name.casefold(), pattern) for pattern in _LITTER)


def unread(name: str, code: str, severity: Severity, found: str, expected: str = "") -> Received:
    """A file of which nothing was read, and why."""
    problem = Problem(code, severity, file=name, facts={"found": found, "expected": expected})
    return Received(SourceFile(name, "", 0), None, problem)


def name_note(name: str) -> Problem | None:
    """What there is to say of a name that holds signs nobody can see or type."""
    unseen = any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in name)
    return Problem("file-name-control", "note", file=name) if unseen else None
