"""What one unit's workbooks say in one year: the plan that the forms are filled in from."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from analytics.rubric import Item, Rubric
from analytics.units import Unit
from data.sample.stories import CLEAN, Campaign

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of an on-site record or a special inspection; ``rule`` empty: nothing found. ``campaign`` None: on site."""

    item: Item
    rule: str = ""
    count: int = 0
    level: str = ""
    points: Decimal = ZERO
    fact: str = CLEAN
    place: str = ""
    evidence: str = ""
    date: datetime.date | None = None
    deadline: datetime.date | None = None
    person: str = ""
    rectified: str = ""
    rechecked: datetime.date | None = None
    passed: str = ""
    campaign: Campaign | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A row of the register of decisions, without its number."""

    unit: Unit
    kind: str
    reason: str
    person: str
    date: datetime.date
    number: str = ""
    clause: str = ""
    points: Decimal | None = None
    matter: str = ""


@dataclass(slots=True)
class UnitYear:
    """All that a unit's workbooks and its rows in the office's workbooks say, and the ``total`` it comes to."""

    unit: Unit
    rubric: Rubric
    handed_in: datetime.date
    visit: datetime.date | None
    group: str
    total: Decimal = ZERO
    self_marks: dict[str, Decimal | str | None] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    reported: dict[str, int] = field(default_factory=dict)
    checked: dict[str, int | None] = field(default_factory=dict)
    accidents: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)

    @property
    def items(self) -> tuple[Item, ...]:
        return self.rubric.items_for(self.unit.id)
