"""The manifest of a run: what the folder holds, what it was computed from, what it follows, and why it was made."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

FORMAT = 2
MANIFEST = "manifest.json"
_SINCE: Mapping[str, int] = {"supersedes": 2, "correction": 2, "received": 2, "rules": 2, "beside": 2, "extracts": 2}


@dataclass(frozen=True, slots=True)
class Correction:
    """Why a run supersedes the one before, who answers for it, when, and by which paper.

    ``date`` is what the person gave, never the clock. All empty for a first run, and where nobody gave a reason.
    """

    reason: str = ""
    person: str = ""
    date: datetime.date | None = None
    reference: str = ""

    @property
    def given(self) -> bool:
        return bool(self.reason)


NO_CORRECTION = Correction()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run folder holds. ``content`` covers the records, ``previous`` the run before, ``sha256`` all of this.

    supersedes: id of the run before, ``""`` for a year's first
    received: name → hash of each file that came and was read
    rules: path under ``data/`` → hash of each file of rules it was computed by; the bytes are kept in the store
    beside: year → hash of what was then the newest run of each other year, which tables over years depend on
    extracts: unit id → hash of what the record says of it, as its brief prints it
    Runs of format 1 have nothing of these, and no correction.
    """

    run_id: str
    year: int
    previous: str
    content: str
    synthetic: bool
    status: Literal["demonstration", "in_force"]
    code_version: str
    files: dict[str, str]
    format: int = FORMAT
    sha256: str = ""
    supersedes: str = ""
    correction: Correction = NO_CORRECTION
    received: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    extracts: dict[str, str] = field(default_factory=dict)

    def sealed(self) -> Manifest:
        """The same with its hash."""
        return replace(self, sha256=self.hashed())

    def hashed(self) -> str:
        """The hash of everything but ``sha256`` itself."""
        return hashlib.sha256(self._canonical(seal=False)).hexdigest()

    def as_bytes(self) -> bytes:
        """The one way this manifest is written; a file with other bytes was altered."""
        return self._canonical(seal=True)

    def _canonical(self, *, seal: bool) -> bytes:
        names = [f.name for f in fields(self) if _SINCE.get(f.name, 1) <= self.format]
        whole: dict[str, Any] = _adapter().dump_python(self, mode="json")
        content = {name: whole[name] for name in names if seal or name != "sha256"}
        return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode()


@cache
def _adapter() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a run folder, as it stands. ValueError when it is not one, OSError when it cannot be read."""
    return _adapter().validate_json((folder / MANIFEST).read_bytes())


def intact_manifest(folder: Path) -> Manifest | None:
    """The manifest of a run folder; None when its bytes, its hash, or the folder's name and year were changed."""
    try:
        written = (folder / MANIFEST).read_bytes()
        manifest = _adapter().validate_json(written)
    except (ValueError, OSError):
        return None
    named = (manifest.run_id, str(manifest.year)) == (folder.name, folder.parent.name)
    return manifest if named and manifest.hashed() == manifest.sha256 and manifest.as_bytes() == written else None
