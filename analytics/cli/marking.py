"""Marked copies for the clerk who checks a workbook: written where the clerk says, never over what was checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.intake import Intake
    from analytics.records import Submission

_NAME = "{}-批注.xlsx"


def write_marked_copies(found: Intake, paths: Sequence[Path], out: Path) -> tuple[Path, ...]:
    """A copy of every file in which something is wrong: at ``out`` for a single file, else in the folder ``out``.

    Refused when a file that is no earlier copy stands there already, whether or not it is one that was checked.
    """
    from analytics.intake.returns import marked_bytes, write_copy
    from analytics.store import disk

    wrong = [s for s in found.submissions if s.problems and s.outcome != "ignored"]
    alone = len(paths) == 1 and paths[0].is_file() and len(found.submissions) == 1 and not out.is_dir()
    targets = {id(s): out if alone else _free(out, s) for s in wrong}
    for target in targets.values():
        _refuse_over(target)
    with disk.refusing(out):
        for submission in wrong:
            target = targets[id(submission)]
            target.parent.mkdir(parents=True, exist_ok=True)
            write_copy(target, marked_bytes(_content(paths, submission), submission)[0])
    return tuple(targets.values())


def _free(folder: Path, submission: Submission) -> Path:
    """Named after the file; its place in a folder or an archive becomes part of the name."""
    return folder / _NAME.format(submission.source.name.rpartition(".")[0].replace("/", "_") or "表")


def _refuse_over(target: Path) -> None:
    from analytics.intake.returns import is_return
    from analytics.problems import Problem, Refused

    if target.is_symlink() or (target.exists() and not (target.is_file() and is_return(target))):
        raise Refused([Problem("marked-copy-exists", "stop", file=str(target))])


def _content(paths: Sequence[Path], submission: Submission) -> bytes:
    """The bytes that were checked; none when they are no longer there."""
    contents = _candidates(paths, submission.source.name)
    wanted = submission.source.sha256
    return next((data for data in contents if hashlib.sha256(data).hexdigest() == wanted), b"")


def _candidates(paths: Sequence[Path], name: str) -> Iterator[bytes]:
    from analytics.intake.inbox import read_again

    for path in paths:
        yield read_again(path if path.is_dir() else path.parent, name)
