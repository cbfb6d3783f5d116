"""The journey of an inbox: list, read in the child, recognise, observe; then settle receipts and versions."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import cast

from analytics.intake.accidents import read_accidents
from analytics.intake.assessments import read_assessment
from analytics.intake.basis import Basis
from analytics.intake.cells import Grid, place
from analytics.intake.findings import read_onsite, read_special
from analytics.intake.forms import Contents, FilledForm, recognise
from analytics.intake.guarded import GuardedReader
from analytics.intake.inbox import Received, list_inbox, receive_file
from analytics.intake.pledges import read_pledge
from analytics.intake.registers import read_decisions, read_receipts
from analytics.intake.report import Intake, severest
from analytics.intake.versions import Entry, settle
from analytics.intake.words import folded, one_of
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
_LEAST_NAME = 3


def receive(workspace: Workspace, registry: UnitRegistry, rules: YearRules, inbox: Inbox) -> Intake:
    """Read every file of the inbox. Each ends as exactly one Submission; the inbox itself is never written to.

    Refused only when the year has no headings: whatever is wrong with a file is a Problem of its submission.
    """
    basis = Basis.load(workspace, registry, rules)
    entries = settle(read_all(list(list_inbox(inbox.folder)), basis), rules.policy)
    submissions = tuple(entry.submission for entry in entries)
    expected = registry.in_year(rules.year)
    synthetic = inbox.synthetic or any(entry.synthetic for entry in entries)
    return Intake(rules.year, inbox.folder, synthetic, submissions, registry, rules, expected)


def check_paths(workspace: Workspace, registry: UnitRegistry, rules: YearRules, paths: Sequence[Path]) -> Intake:
    """Read single files, or all files of folders, as ``receive`` would; nobody is missing and nothing superseded."""
    basis = Basis.load(workspace, registry, rules)
    received: list[Received] = []
    for path in paths:
        received.extend(list_inbox(path) if path.is_dir() else [receive_file(path, path.name)])
    entries = read_all(received, basis)
    folders = {str(path if path.is_dir() else path.parent) for path in map(Path.absolute, paths)}
    folder = Path(os.path.commonpath(folders)) if folders else Path()
    synthetic = any(entry.synthetic for entry in entries)
    return Intake(rules.year, folder, synthetic, tuple(entry.submission for entry in entries), registry, rules)


def read_all(received: Sequence[Received], basis: Basis) -> list[Entry]:
    """One entry a file, in order. A file whose bytes have come before is ignored, with a note that names the first."""
    first: dict[str, Received] = {}
    for file in received:
        if file.data is not None:
            first.setdefault(file.source.sha256, file)
    originals = [first.get(file.source.sha256, file) for file in received]
    with GuardedReader() as reader, ThreadPoolExecutor(1) as ahead:
        # The child reads on while this process makes sense of what it has answered so far.
        grids = ahead.map(lambda file, original: file is original and _grid(reader, file), received, originals)
        with closing(cast(Generator[Grid | tuple[Problem, ...] | bool], grids)):
            return [_entry(*one, basis) for one in zip(received, originals, grids, strict=True)]


def _grid(reader: GuardedReader, file: Received) -> Grid | tuple[Problem, ...]:
    if file.data is None:
        return (file.problem,) if file.problem else ()
    try:
        return reader.read(file.data, file.source.name, file.source.sha256)
    except Refused as refused:
        return refused.problems


def _entry(file: Received, original: Received, grid: Grid | tuple[Problem, ...] | bool, basis: Basis) -> Entry:
    name = file.source.name
    if isinstance(grid, bool):
        problem = Problem("duplicate-ignored", "note", file=name, facts={"found": original.source.name})
        return Entry(Submission(file.source, "ignored", basis.year, problems=(problem,)))
    if isinstance(grid, tuple):
        outcome: Outcome = "rejected" if any(problem.severity == "stop" for problem in grid) else "ignored"
        return Entry(Submission(file.source, outcome, basis.year, problems=grid))
    try:
        form = recognise(grid, basis)
    except Refused as refused:
        return Entry(Submission(file.source, "rejected", basis.year, problems=(*grid.problems, *refused.problems)))
    contents = _READERS[form.form](form, basis)
    return _read(file, grid, form, contents, basis)


def _read(file: Received, grid: Grid, form: FilledForm, contents: Contents, basis: Basis) -> Entry:
    """The entry of a recognised form. When it is rejected nothing of what was read is kept but whose form it is."""
    unread = form.unread()
    if here := [cell.address for cell in unread if cell.sheet == form.sheet.name]:
        form.tell("cells-unread", "note", form.sheet.at(*place(here[0])), found=one_of(here))
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
    )
    return Entry(submission, kept.campaign, kept.receipts, form.synthetic)


def _check_file_name(form: FilledForm, contents: Contents, basis: Basis) -> None:
    """Tell when the file's name speaks of another unit than the form: a colleague's file may have been copied."""
    if not contents.unit:
        return
    stem = folded(Path(form.sheet.file).stem)
    named = {
        name: unit
        for unit in basis.registry.in_year(basis.year)
        for name in map(folded, (unit.name, unit.official, *unit.aliases))
        if len(name) >= _LEAST_NAME and name in stem
    }
    whole = {unit.id for name, unit in named.items() if not any(name in other and name != other for other in named)}
    if whole and contents.unit not in whole:
        found = one_of(basis.registry[unit].name for unit in sorted(whole))
        expected = basis.registry[contents.unit].name
        form.tell("file-names-other-unit", "note", form.labels.get("@unit"), found=found, expected=expected)
