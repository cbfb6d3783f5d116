"""Which run is the newest of each year, in a file of its own: a cut-off end or a lost year shows against it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics.store import disk

HEADS = "heads.json"
_RUN = re.compile(r"\d{4,}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest run of a year as the file names it."""

    run_id: str
    sha256: str


def read_heads(folder: Path) -> dict[int, Head] | None:
    """The heads written down in ``folder``. FileNotFoundError without the file; None when it was altered."""
    written = (folder / HEADS).read_bytes()
    try:
        heads = {int(year): Head(**head) for year, head in json.loads(written).items()}
        sound = all(_RUN.fullmatch(head.run_id) and _SHA256.fullmatch(head.sha256) for head in heads.values())
    except (ValueError, TypeError, AttributeError):
        return None
    return heads if sound and _as_bytes(heads) == written else None


def write_heads(folder: Path, heads: Mapping[int, Head]) -> None:
    """Write down the newest run of each year, whole or not at all. OSError when the disk refuses."""
    content = _as_bytes(heads)
    path = folder / HEADS
    if not path.is_file() or path.read_bytes() != content:
        disk.put_file(path, content)


def _as_bytes(heads: Mapping[int, Head]) -> bytes:
    content = {str(year): {"run_id": head.run_id, "sha256": head.sha256} for year, head in heads.items()}
    return json.dumps(content, sort_keys=True, indent=1).encode()
