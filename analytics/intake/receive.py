"""The journey of an inbox: list, read in the child, recognise, observe; then settle receipts and versions."""

from __future__ import annotations

import datetime
import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from analytics.intake.accidents import read_accidents
from analytics.intake.assessments import read_assessment
from analytics.intake.basis import Basis
from analytics.intake.cells import Grid
from analytics.intake.files.guarded import GuardedReader
from analytics.intake.findings import read_onsite, read_special
from analytics.intake.forms import Contents, FilledForm, recognise
from analytics.intake.inbox import list_all, list_inbox, receive_files
from analytics.intake.pledges import read_pledge
from analytics.intake.received import Received
from analytics.intake.registers import read_decisions, read_receipts
from analytics.intake.repairs import repairs_in
from analytics.intake.report import Intake, severest
from analytics.intake.versions import Entry, received_at, settle
from analytics.intake.words import one_of
from analytics.policy import YearRules
from analytics.problems import Problem, Refused
from analytics.records import FormName, Outcome, Submission
from analytics.units import UnitRegistry
from analytics.workspace import Inbox, Workspace

_READERS: Mapping[FormName, Callable[[FilledForm, Basis], Contents]] = {
    "self_assessment": read_assessment,
    "pledge_report": read_pledge,
    "onsite_record": read_onsite,
    "special_findings": read_special,
    "accidents": read_accidents,
    "decisions": read_decisions,
    "receipts": read_receipts,
}
_IN_WORD: tuple[FormName, ...] = ("pledge_report",)  # forms that may come as a Word document
_AHEAD = 8  # files that may wait for the child; all others stay on the disk


def receive(
    workspace: Workspace,
    registry: UnitRegistry,
    rules: YearRules,
    inbox: Inbox,
    received: datetime.datetime | None = None,
) -> Intake:
    """Read every file of the inbox. Each ends as exactly one Submission; the inbox itself is never written to.

    ``received``: when those files came that no register of receipts names.
    Refused only when the year has no headings: whatever is wrong with a file is a Problem of its submission.
    """
    basis = Basis.load(workspace, registry, rules)
    entries = settle(read_all(list_all(inbox), basis), rules.policy, received)
    submissions = tuple(entry.submission for entry in entries)
    expected = registry.in_year(rules.year)
    synthetic = inbox.synthetic or any(entry.synthetic for entry in entries)
    unmatched = basis.words.unmatched()
    return Intake(rules.year, inbox.folder, synthetic, submissions, registry, rules, expected, unmatched)


def check_paths(
    workspace: Workspace,
    registry: UnitRegistry,
    rules: YearRules,
    paths: Sequence[Path],
    received: datetime.datetime | None = None,
) -> Intake:
    """Read single files, or all files of folders, as ``receive`` would; nobody is missing and nothing superseded.

    ``received``: the moment for which it is told whether they would be late.
    """
    basis = Basis.load(workspace, registry, rules)
    files: list[Received] = []
    for path in paths:
        files.extend(list_inbox(path) if path.is_dir() else receive_files(path, path.name))
    entries = read_all(files, basis)
    if received is not None:
        entries = received_at(entries, rules.policy, received)
    folders = {str(path if path.is_dir() else path.parent) for path in map(Path.absolute, paths)}
    folder = Path(os.path.commonpath(folders)) if folders else Path()
    synthetic = any(entry.synthetic for entry in entries)
    return Intake(rules.year, folder, synthetic, tuple(entry.submission for entry in entries), registry, rules)


def read_all(received: Iterable[Received], basis: Basis) -> list[Entry]:
    """One entry a file, in order. A file whose bytes have come before is ignored, with a note that names the first."""
    first: dict[str, str] = {}
    entries: list[Entry] = []
    waiting: deque[tuple[Received, Future[Grid | tuple[Problem, ...]]]] = deque()
    with GuardedReader() as reader, ThreadPoolExecutor(1) as ahead:
        try:
            for file in received:
                known = first.get(file.source.sha256) if file.data is not None else None
                if file.data is not None and known is None:
                    first[file.source.sha256] = file.source.name
                # The child reads on while this process makes sense of what it has answered so far.
                waiting.append((file, ahead.submit(_grid, reader, file, known)))
                if len(waiting) > _AHEAD:
                    earlier, grid = waiting.popleft()
                    entries.append(_entry(earlier, grid.result(), basis))
            entries.extend(_entry(file, grid.result(), basis) for file, grid in waiting)
        finally:
            ahead.shutdown(wait=False, cancel_futures=True)
    return entries


def _grid(reader: GuardedReader, file: Received, known: str | None) -> Grid | tuple[Problem, ...]:
    """What the child reads; the problems instead when it refuses, and when there is nothing new to read."""
    if known is not None:
        return (Problem("duplicate-ignored", "note", file=file.source.name, facts={"found": known}),)
    if file.data is None:
        return (file.problem,) if file.problem else ()
    try:
        return reader.read(file.data, file.source.name, file.source.sha256)
    except Refused as refused:
        return refused.problems


def _entry(file: Received, grid: Grid | tuple[Problem, ...], basis: Basis) -> Entry:
    if isinstance(grid, tuple):
        outcome: Outcome = "rejected" if any(problem.severity == "stop" for problem in grid) else "ignored"
        return Entry(Submission(file.source, outcome, basis.year, problems=grid))
    if file.problem:
        grid = replace(grid, problems=(file.problem, *grid.problems))
    form: FilledForm | None
    problems: tuple[Problem, ...]
    try:
        form, problems = recognise(grid, basis), ()
    except Refused as refused:
        form, problems = None, refused.problems
    if any(sheet.tables is not None for sheet in grid.sheets) and (form is None or form.form not in _IN_WORD):
        facts = {"found": "Word", "expected": ".xlsx"}
        form, problems = None, (Problem("not-a-workbook", "stop", file=file.source.name, facts=facts),)
    if form is None:
        return Entry(Submission(file.source, "rejected", basis.year, problems=(*grid.problems, *problems)))
    contents = _READERS[form.form](form, basis)
    return _read(file, grid, form, contents, basis)


def _read(file: Received, grid: Grid, form: FilledForm, contents: Contents, basis: Basis) -> Entry:
    """The entry of a recognised form. When it is rejected nothing of what was read is kept but whose form it is."""
    unread = form.unread()
    beside = {sheet.name for sheet in form.others}
    if here := [cell for cell in unread if cell.sheet not in beside]:
        facts = {"found": one_of(cell.address for cell in here)}
        form.keep(Problem("cells-unread", "note", at=here[0], facts=facts))
    _check_file_name(form, contents, basis)
    problems = (*grid.problems, *form.problems)
    outcome = severest(problems)
    kept = contents if outcome != "rejected" else Contents(contents.unit, contents.date)
    submission = Submission(
        file.source,
        outcome,
        basis.year,
        form.form,
        kept.unit,
        kept.date,
        kept.printed_total,
        kept.observations,
        kept.decisions,
        unread,
        problems,
        repairs=() if outcome == "rejected" else repairs_in(form, kept, basis),
    )
    return Entry(submission, kept.campaign, kept.receipts, form.synthetic)


def _check_file_name(form: FilledForm, contents: Contents, basis: Basis) -> None:
    """Tell when the file's name speaks of another unit than the form: a colleague's file may have been copied."""
    if not contents.unit:
        return
    named, own = basis.registry.named_in(Path(form.sheet.file).stem, basis.year), basis.registry[contents.unit]
    if named and own not in named:
        found = one_of(unit.name for unit in named)
        form.tell("file-names-other-unit", "note", form.labels.get("@unit"), found=found, expected=own.name)
