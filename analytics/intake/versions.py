"""Several files, one that counts: receipts put to their files, later versions in place of earlier ones, days late."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from analytics.intake.report import severest
from analytics.intake.words import folded
from analytics.policy import Policy
from analytics.problems import Problem
from analytics.records import FormName, Receipt, Submission

_DUE: tuple[FormName, ...] = ("self_assessment", "pledge_report")


@dataclass(frozen=True, slots=True)
class Entry:
    """A submission and what only matters among its neighbours: its campaign or office, the receipts it lists, and
    whether it says of itself that it is made up."""

    submission: Submission
    campaign: str = ""
    receipts: tuple[Receipt, ...] = ()
    synthetic: bool = False

    def telling(self, *problems: Problem) -> Entry:
        """The same with more problems, and the outcome they lead to."""
        if not problems:
            return self
        told = (*self.submission.problems, *problems)
        outcome = "ignored" if self.submission.outcome == "ignored" else severest(told)
        return replace(self, submission=replace(self.submission, problems=told, outcome=outcome))


def settle(entries: Sequence[Entry], policy: Policy) -> tuple[Entry, ...]:
    """The same files in the same order, knowing of each other: when each came, which counts, and how late it was."""
    return tuple(_late(entry, policy) for entry in _superseded(_with_receipts(entries)))


def days_late(received: datetime.date, policy: Policy) -> int:
    """Calendar days after the deadline; 0 when in time."""
    deadline = policy.submission.value.deadline
    if policy.submission.value.weekend_moves_to_monday and deadline.weekday() >= 5:
        deadline += datetime.timedelta(days=7 - deadline.weekday())
    return max(0, (received - deadline).days)


def _with_receipts(entries: Sequence[Entry]) -> list[Entry]:
    names = [entry.submission.source.name for entry in entries]
    received: dict[str, Receipt] = {}
    told: list[Entry] = []
    for entry in entries:
        problems = []
        for receipt in entry.receipts if entry.submission.counts else ():
            name = _file_meant(receipt.file, names)
            if name is None:
                problems.append(_note("receipt-without-file", receipt, receipt.file, ""))
            elif name in received:
                problems.append(_note("receipt-twice", receipt, receipt.file, received[name].reading.cell.address))
            else:
                received[name] = receipt
        told.append(entry.telling(*problems))
    return [_put(entry, received) for entry in told]


def _file_meant(written: str, names: Iterable[str]) -> str | None:
    """The file that a register names, by its whole path in the inbox or, if only one has it, by its last part."""
    wanted = folded(written.replace("\\", "/")).removeprefix("./")
    whole = [name for name in names if folded(name) == wanted]
    last = [name for name in names if folded(PurePosixPath(name).name) == wanted.rpartition("/")[2]]
    found = whole or last
    return found[0] if len(found) == 1 else None


def _put(entry: Entry, received: Mapping[str, Receipt]) -> Entry:
    submission = entry.submission
    receipt = received.get(submission.source.name)
    if receipt is not None:
        source = replace(submission.source, received=receipt.received.isoformat())
        return replace(entry, submission=replace(submission, source=source))
    if received and submission.form in _DUE:
        return entry.telling(Problem("receipt-missing", "note", file=submission.source.name))
    return entry


def _superseded(entries: Sequence[Entry]) -> list[Entry]:
    """Of the valid files of one unit, form and campaign only the last counts."""
    versions: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:
        if entry.submission.counts and entry.submission.form:
            own = (entry.submission.form, entry.submission.unit, folded(entry.campaign))
            versions.setdefault(own, []).append(entry)
    newest = {key: max(group, key=_order) for key, group in versions.items()}
    by_file = {id(entry): key for key, group in versions.items() for entry in group if len(group) > 1}
    settled = []
    for entry in entries:
        key = by_file.get(id(entry))
        if key is None:
            settled.append(entry)
        elif entry is newest[key]:
            rivals = [other for other in versions[key] if other is not entry and _moment(other) == _moment(entry)]
            settled.append(entry.telling(*(_between("version-order-unclear", entry, other) for other in rivals)))
        else:
            told = entry.telling(_between("version-superseded", entry, newest[key]))
            by = newest[key].submission.source.name
            settled.append(replace(told, submission=replace(told.submission, superseded_by=by)))
    return settled


def _moment(entry: Entry) -> str:
    """When the file came in by the register, else the date written on the form, else ``""``."""
    submission = entry.submission
    return submission.source.received or (submission.date.isoformat() if submission.date else "")


def _order(entry: Entry) -> tuple[str, str]:
    return _moment(entry), entry.submission.source.name


def _between(code: str, entry: Entry, other: Entry) -> Problem:
    facts = {"found": _moment(entry) or "—", "expected": other.submission.source.name}
    return Problem(code, "note", file=entry.submission.source.name, facts=facts)


def _late(entry: Entry, policy: Policy) -> Entry:
    submission = entry.submission
    if submission.form not in _DUE or not submission.source.received or submission.outcome == "ignored":
        return entry
    received = datetime.datetime.fromisoformat(submission.source.received)
    days = days_late(received.date(), policy)
    if not days:
        return entry
    facts = {
        "found": received.isoformat(" ", "minutes"),
        "expected": policy.submission.value.deadline.isoformat(),
        "days": str(days),
    }
    return entry.telling(Problem("received-late", "note", file=submission.source.name, facts=facts))


def _note(code: str, receipt: Receipt, found: str, expected: str) -> Problem:
    return Problem(code, "note", at=receipt.reading.cell, facts={"found": found, "expected": expected})
