"""The options by which a person answers for a correction."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from analytics.store import Correction

Reason = Annotated[str, typer.Option(metavar="TEXT", help="更正原因 · why the new run corrects the one before")]
Person = Annotated[str, typer.Option(metavar="NAME", help="更正责任人 · who answers for the correction")]
Date = Annotated[
    datetime.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="更正日期 · date of the correction"),
]
Reference = Annotated[str, typer.Option(metavar="TEXT", help="更正依据的文号 · the paper it rests on")]


def correction_of(reason: str, person: str, date: datetime.datetime | None, reference: str) -> Correction | None:
    """What was given, None when nothing was. Refused unless reason and person come together."""
    from analytics.problems import Problem, Refused
    from analytics.store import Correction

    given = {"--reason": reason.strip(), "--person": person.strip(), "--date": date, "--reference": reference.strip()}
    named = [name for name, value in given.items() if value]
    if not named:
        return None
    if not {"--reason", "--person"} <= set(named):
        raise Refused([Problem("correction-incomplete", "stop", facts={"found": "、".join(named)})])
    return Correction(reason.strip(), person.strip(), date.date() if date else None, reference.strip())
