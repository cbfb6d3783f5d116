"""Which code did it: the package's version and a hash of its files."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from analytics import __version__

PACKAGE = Path(__file__).resolve().parent.parent


@cache
def code_version() -> str:
    """The version and the first 12 hex digits of a hash over the package's files: ``0.1.0+3fa94c…``."""
    digest = hashlib.sha256()
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    for path in sorted(files, key=lambda path: path.relative_to(PACKAGE).as_posix()):
        digest.update(
            f"{path.relative_to(PACKAGE).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return f"{__version__}+{digest.hexdigest()[:12]}"
