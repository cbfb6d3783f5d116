"""What was seen, and who decided: the records between intake and scoring."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from analytics.problems import Problem
from analytics.provenance import CellRef, Reading, SourceFile


class Channel(StrEnum):
    """How a thing came to be known."""

    SELF = "self"
    ONSITE = "onsite"
    SPECIAL = "special"
    ACCIDENT = "accident"
    DESK = "desk"

    def label(self, language: str = "zh") -> str:
        return _CHANNEL_LABELS[self][0 if language == "zh" else 1]


_CHANNEL_LABELS = {
    Channel.SELF: ("单位自评", "self-assessment"),
    Channel.ONSITE: ("现场巡查", "on-site inspection"),
    Channel.SPECIAL: ("专项督查", "special inspection"),
    Channel.ACCIDENT: ("事故统计", "accident statistics"),
    Channel.DESK: ("资料核查", "desk review"),
}

FormName = Literal[
    "self_assessment", "pledge_report", "onsite_record", "special_findings", "accidents", "decisions", "receipts"
]


@dataclass(frozen=True, slots=True)
class Rectification:
    """What is to be done about a finding, by when and by whom, and what its record says became of it.

    ``action`` is what is done (整改措施) and ``said`` what came of it (整改情况), both as written; ``closed`` is what
    ``said`` means, None where it is blank or unclear. ``rechecked`` and ``passed`` are day and result of the re-check
    (复查), None where the record names none.
    """

    deadline: datetime.date | None = None
    person: str = ""
    closed: bool | None = None
    action: str = ""
    said: str = ""
    rechecked: datetime.date | None = None
    passed: bool | None = None

    @property
    def state(self) -> Literal["closed", "open", "unknown"]:
        """Whether the problem is closed (销号), by the record's own words; a date decides nothing.

        - A re-check that failed (未通过) leaves it open, whatever the unit says it did.
        - A re-check that passed closes it, unless the record calls it open: then the two contradict each other, and
          it is unknown until the office corrects one of them.
        - Without a re-check the record's word (整改情况) counts; where it says nothing the problem is unknown.
        """
        if self.passed is False:
            return "open"
        if self.passed:
            return "unknown" if self.closed is False else "closed"
        return "unknown" if self.closed is None else ("closed" if self.closed else "open")


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was seen, with the cell that says so. Three kinds share the shape:

    - a self-mark: channel self, ``item``, ``value`` the mark (None while undecided), ``text`` the unit's reason,
      ``evidence`` its supporting material;
    - a finding: channel onsite, special or desk, ``item``; ``rule`` the rule's id and ``value`` the number of
      occurrences (days for lateness), ``level`` the severity word; ``rule`` empty: checked, and nothing found;
      ``value`` None: something was found that could not be counted (``rule`` may be ``?``): the item waits;
    - a figure: ``measure`` and ``value``; channel desk (checked by the office), self (as the unit wrote it), accident.

    ``reading`` is the cell that holds ``value`` (or the words 未发现问题), ``group`` the inspection group or campaign.
    """

    unit: str
    year: int
    channel: Channel
    reading: Reading
    item: str = ""
    rule: str = ""
    measure: str = ""
    value: Decimal | None = None
    level: str = ""
    text: str = ""
    evidence: str = ""
    group: str = ""
    date: datetime.date | None = None
    rectification: Rectification | None = None


DecisionKind = Literal[
    "discretionary", "mark", "not_applicable", "substitute", "review", "double", "outside", "lateness", "bonus", "veto",
    "lift", "not_admitted", "version", "withdraw",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """A named person's act (裁定), entered by the office in the register of decisions.

    - discretionary: ``points`` to take under ``item`` and ``clause`` (the rule's id), inside the rule's range
    - mark: ``points`` is the mark of an ``item`` the form left undecided
    - not_applicable: ``item`` does not concern the unit; its weight goes to the others, or as the item says
    - substitute: 改考, the substitute item with the number ``clause`` is asked in the place of ``item``
    - review: 复核, ``points`` is the item's mark from now on, whatever the losses were
    - double: 虚报加倍, the item's losses count twice
    - outside, lateness: ``points`` off the total under ``clause`` of the rubric's outside clauses (lateness: all days)
    - bonus: ``points`` on the total under ``clause`` of the bonus clauses; ``matter`` names what is rewarded
    - veto: puts the veto ``clause`` into effect; lift: takes a measured one out of effect
    - not_admitted: 不予参评, the prerequisite ``clause`` does not hold: the unit is not scored
    - withdraw: 撤销, the decision whose number ``matter`` names has no effect from now on; it stays in the register
    - version: of several files of the unit the one that ``matter`` names counts, by file name or digits of its SHA-256
    """

    id: str
    unit: str
    kind: DecisionKind
    reason: str
    person: str
    date: datetime.date
    reading: Reading
    item: str = ""
    clause: str = ""
    points: Decimal | None = None
    matter: str = ""
    reference: str = ""

    @property
    def turn(self) -> tuple[str | int, ...]:
        """Its place in the register, by number: D-10 comes after D-9."""
        return tuple(int(part) if n % 2 else part for n, part in enumerate(re.split(r"(\d+)", self.id)))


@dataclass(frozen=True, slots=True)
class Receipt:
    """The office's note that a file came in: name as received, when, and days after the deadline (0: in time)."""

    file: str
    received: datetime.datetime
    reading: Reading


@dataclass(frozen=True, slots=True)
class Repair:
    """A value that was taken otherwise than it is written: the cell, its text, what it was read as, and by which rule.

    Nothing in the file is changed; the rule is a sentence, or the line of a table in ``data/lookups`` with its reason.
    """

    cell: CellRef
    before: str
    after: str
    rule: str


Outcome = Literal["accepted", "accepted_with_warning", "rejected", "ignored"]


@dataclass(frozen=True, slots=True)
class Submission:
    """One received file and what was read from it. ``superseded_by`` names the later valid version that counts instead.

    ``unread`` lists cells with content that no reader took; ``printed_total`` is the total written on the form;
    ``repairs`` what was read otherwise than it is written.
    """

    source: SourceFile
    outcome: Outcome
    year: int
    form: FormName | None = None
    unit: str = ""
    date: datetime.date | None = None
    printed_total: Decimal | None = None
    observations: tuple[Observation, ...] = ()
    decisions: tuple[Decision, ...] = ()
    unread: tuple[CellRef, ...] = ()
    problems: tuple[Problem, ...] = ()
    superseded_by: str = ""
    repairs: tuple[Repair, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether scoring may use it."""
        return self.outcome in ("accepted", "accepted_with_warning") and not self.superseded_by
