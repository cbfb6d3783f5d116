"""What is a problem, whether it is closed, and whether it is late: the same for every table and every brief.

A problem is a finding of an inspection (on-site, special, desk) that names a clause, one a row, whatever its number of
occurrences. Not among them: an accident or a figure that cost points, since its record names no deadline, person or
state, and cannot be closed; and what a unit took off itself. Both stay among the deductions. No frames here: see
``one_unit``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

from analytics.records import Channel, Observation, Rectification

INSPECTED = (Channel.ONSITE, Channel.SPECIAL, Channel.DESK)
STATES = ("closed", "open", "unknown")
STATE_LABELS = {"closed": "已销号", "open": "未整改", "unknown": "未写明"}


def is_problem(observation: Observation) -> bool:
    """Whether an inspection found something there; without a clause the row says that nothing was found."""
    return observation.channel in INSPECTED and bool(observation.item and observation.rule)


def state_of(finding: Observation) -> str:
    """One of ``STATES``; a finding without a word on putting it right is unknown."""
    return finding.rectification.state if finding.rectification else "unknown"


def is_overdue(state: str, deadline: datetime.date | None, as_of: datetime.date | None) -> bool:
    """Whether the day was past when a problem was not closed (unknown counts as not closed). On the day it is not."""
    return state != "closed" and deadline is not None and as_of is not None and deadline < as_of


def finding_overdue(finding: Observation, as_of: datetime.date | None) -> bool:
    """``is_overdue`` of a finding."""
    todo = finding.rectification or Rectification()
    return is_overdue(todo.state, todo.deadline, as_of)


def latest_record(observations: Iterable[Observation]) -> datetime.date | None:
    """The latest day on which the records say that an inspector looked, or looked again; None when they name no day.

    Up to it the year's records can say what was closed: what is overdue is told as of it, never as of today.
    """
    return max(_days(observations), default=None)


def _days(observations: Iterable[Observation]) -> Iterator[datetime.date]:
    for seen in observations:
        if seen.channel in INSPECTED and not seen.measure:
            again = seen.rectification.rechecked if seen.rectification else None
            yield from (day for day in (seen.date, again) if day)
