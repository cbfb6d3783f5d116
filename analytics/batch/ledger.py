"""The ledger: which result was made from what, so that a second run makes only what is missing or stale."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from analytics.batch.plan import Task
from analytics.store.run_folder import file_sha256

LEDGER = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished task: its key, and path (relative to the reports) → hash of each file it made."""

    key: str
    files: dict[str, str]


class Ledger:
    """``ledger.jsonl`` in a year's reports. Lines are only added; the last one about a record counts."""

    def __init__(self, reports: Path) -> None:
        self.reports = reports
        self.entries: dict[str, Entry] = {}
        path = reports / LEDGER
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else ():
            try:
                found = json.loads(line)
                self.entries[found["task"]] = Entry(found["key"], dict(found["files"]))
            except (ValueError, KeyError, TypeError):  # a line cut off when the machine went down: that task runs again
                continue

    def state(self, task: Task) -> str:
        """``done``: in place, and made from what the task names; ``stale``: from other things; ``missing``."""
        entry = self.entries.get(task.id)
        paths = [self.reports / name for name in task.made]
        if entry is None or not all(path.is_file() for path in paths):
            return "missing"
        if entry.key != task.key:
            return "stale"
        found = {name: file_sha256(path) for name, path in zip(task.made, paths, strict=True)}
        return "done" if found == entry.files else "missing"

    def add(self, task: Task) -> None:
        """Write down that the task's files are in place. OSError when the disk refuses."""
        files = {name: file_sha256(self.reports / name) for name in task.made}
        line = json.dumps({"task": task.id, "key": task.key, "files": files}, ensure_ascii=False)
        path = self.reports / LEDGER
        torn = path.is_file() and not path.read_bytes().endswith(b"\n")
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(("\n" if torn else "") + line + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.entries[task.id] = Entry(task.key, files)


def _name(task: Task) -> str:
    return f"{task.target}/{task.record}"
