"""Several files, one that counts: receipts put to their files, the version the rule or a person chose, days late."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from analytics.intake.report import severest
from analytics.intake.words import folded
from analytics.policy import Policy
from analytics.problems import Problem
from analytics.records import Decision, FormName, Receipt, Submission

_DUE: tuple[FormName, ...] = ("self_assessment", "pledge_report")
_SHA256 = re.compile("[0-9a-f]{8,64}")
_Group = tuple[str, str, str]  # form, unit, campaign or office


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


def settle(entries: Sequence[Entry], policy: Policy, received: datetime.datetime | None = None) -> tuple[Entry, ...]:
    """The same files in the same order, knowing of each other: when each came, which counts, and how late it was.

    ``received``: when the files came that no register names. What a form says of its own date never makes it late.
    """
    known = _with_receipts(entries, received)
    registers = _superseded(known, policy, {}, ("decisions",))
    told, named = _named(registers)
    return tuple(_late(entry, policy) for entry in _superseded(told, policy, named))


def received_at(entries: Sequence[Entry], policy: Policy, received: datetime.datetime) -> list[Entry]:
    """The same files as they would stand had they come then; nothing is superseded."""
    return [_late(_came(entry, received), policy) for entry in entries]


def days_late(received: datetime.date, policy: Policy) -> int:
    """Calendar days after the deadline; 0 when in time."""
    deadline = policy.submission.value.deadline
    if policy.submission.value.weekend_moves_to_monday and deadline.weekday() >= 5:
        deadline += datetime.timedelta(days=7 - deadline.weekday())
    return max(0, (received - deadline).days)


def _with_receipts(entries: Sequence[Entry], otherwise: datetime.datetime | None) -> list[Entry]:
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
    return [_put(entry, received, otherwise) for entry in told]


def _file_meant(written: str, names: Iterable[str]) -> str | None:
    """The file that a register names, by its whole path in the inbox or, if only one has it, by its last part."""
    wanted = folded(written.replace("\\", "/")).removeprefix("./")
    whole = [name for name in names if folded(name) == wanted]
    last = [name for name in names if folded(PurePosixPath(name).name) == wanted.rpartition("/")[2]]
    found = whole or last
    return found[0] if len(found) == 1 else None


def _put(entry: Entry, received: Mapping[str, Receipt], otherwise: datetime.datetime | None) -> Entry:
    submission = entry.submission
    receipt = received.get(submission.source.name)
    if receipt is not None:
        return _came(entry, receipt.received)
    if otherwise is not None and submission.form in _DUE:
        return _came(entry, otherwise)
    if received and submission.form in _DUE:
        return entry.telling(Problem("receipt-missing", "note", file=submission.source.name))
    return entry


def _came(entry: Entry, received: datetime.datetime) -> Entry:
    source = replace(entry.submission.source, received=received.isoformat())
    return replace(entry, submission=replace(entry.submission, source=source))


def _named(entries: Sequence[Entry]) -> tuple[list[Entry], dict[_Group, tuple[Decision, Entry]]]:
    """Which versions persons have named (采用版本). Where the file is not there this is told, without effect; of
    two decisions about the same form the later one counts."""
    named: dict[_Group, tuple[Decision, Entry]] = {}
    told: list[Entry] = []
    for entry in entries:
        problems = []
        for decision in entry.submission.decisions if entry.submission.counts else ():
            if decision.kind != "version":
                continue
            meant = _entry_meant(decision, entries)
            if meant is None:
                facts = {"found": decision.matter, "expected": decision.unit}
                problems.append(Problem("version-not-found", "skip", at=decision.reading.cell, facts=facts))
                continue
            before = named.get(_group(meant))
            if before is None or (before[0].date, before[0].id) < (decision.date, decision.id):
                named[_group(meant)] = (decision, meant)
        told.append(entry.telling(*problems))
    return told, named


def _entry_meant(decision: Decision, entries: Sequence[Entry]) -> Entry | None:
    """The valid file of the decision's unit that it names by file name or by the first digits of its SHA-256."""
    own = [entry for entry in entries if entry.submission.unit == decision.unit and entry.submission.form in _DUE]
    by_name = {entry.submission.source.name: entry for entry in own if entry.submission.counts}
    name = _file_meant(decision.matter, by_name)
    if name is not None:
        return by_name[name]
    digits = folded(decision.matter).casefold()
    found = [e for e in by_name.values() if e.submission.source.sha256.startswith(digits)]
    return found[0] if len(found) == 1 and _SHA256.fullmatch(digits) else None


def _group(entry: Entry) -> _Group:
    return entry.submission.form or "", entry.submission.unit, folded(entry.campaign)


def _superseded(
    entries: Sequence[Entry],
    policy: Policy,
    named: Mapping[_Group, tuple[Decision, Entry]],
    forms: Sequence[FormName] = (),
) -> list[Entry]:
    """Of the valid files of one unit, form and campaign only one counts; the others are told why not."""
    versions: dict[_Group, list[Entry]] = {}
    for entry in entries:
        if entry.submission.counts and entry.submission.form and (not forms or entry.submission.form in forms):
            versions.setdefault(_group(entry), []).append(entry)
    settled = {}
    for group, rivals in versions.items():
        decision = named[group][0] if group in named else None
        wanted = named[group][1].submission.source.name if group in named else ""
        chosen = next((e for e in rivals if e.submission.source.name == wanted), None) or _chosen(rivals, policy)
        settled.update({id(entry): _told(entry, chosen, rivals, decision, policy) for entry in rivals})
    return [settled.get(id(entry), entry) for entry in entries]


def _chosen(rivals: Sequence[Entry], policy: Policy) -> Entry:
    """By the year's rule: the last one that came; or the last one in time, and when none was, the last."""
    if policy.versions.value == "latest_before_deadline":
        rivals = [entry for entry in rivals if not _days(entry, policy)] or rivals
    return max(rivals, key=_order)


def _told(entry: Entry, chosen: Entry, rivals: Sequence[Entry], decision: Decision | None, policy: Policy) -> Entry:
    if len(rivals) == 1:
        return entry
    if entry is chosen:
        if decision is not None:
            return entry.telling(_between("version-named", entry, chosen, found=decision.id))
        unclear = [other for other in rivals if other is not entry and _moment(other) == _moment(entry)]
        return entry.telling(*(_between("version-order-unclear", entry, other) for other in unclear))
    if decision is not None:
        problem = _between("version-not-named", entry, chosen, found=decision.id)
    elif _days(entry, policy) and not _days(chosen, policy):
        problem = _between("version-after-deadline", entry, chosen)
    else:
        problem = _between("version-superseded", entry, chosen)
    told = entry.telling(problem)
    return replace(told, submission=replace(told.submission, superseded_by=chosen.submission.source.name))


def _days(entry: Entry, policy: Policy) -> int:
    """Days late by the receipt; 0 when in time, without a receipt, and for forms that have no deadline."""
    submission = entry.submission
    if submission.form not in _DUE or not submission.source.received:
        return 0
    return days_late(datetime.datetime.fromisoformat(submission.source.received).date(), policy)


def _moment(entry: Entry) -> str:
    """When the file came in by the register, else the date written on the form, else ``""``."""
    submission = entry.submission
    return submission.source.received or (submission.date.isoformat() if submission.date else "")


def _order(entry: Entry) -> tuple[str, str]:
    return _moment(entry), entry.submission.source.name


def _between(code: str, entry: Entry, other: Entry, found: str = "") -> Problem:
    moment = _moment(entry).replace("T", " ") or "—"
    facts = {"found": found or moment, "expected": other.submission.source.name}
    return Problem(code, "note", file=entry.submission.source.name, facts=facts)


def _late(entry: Entry, policy: Policy) -> Entry:
    days = 0 if entry.submission.outcome == "ignored" else _days(entry, policy)
    if not days:
        return entry
    facts = {
        "found": datetime.datetime.fromisoformat(entry.submission.source.received).isoformat(" ", "minutes"),
        "expected": policy.submission.value.deadline.isoformat(),
        "days": str(days),
    }
    return entry.telling(Problem("received-late", "note", file=entry.submission.source.name, facts=facts))


def _note(code: str, receipt: Receipt, found: str, expected: str) -> Problem:
    return Problem(code, "note", at=receipt.reading.cell, facts={"found": found, "expected": expected})
