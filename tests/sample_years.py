"""The sample years as the package reads and scores them; each is read once, however many tests look at it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from analytics import intake, scoring
from analytics.policy import YearRules
from analytics.scoring import Scorecard
from analytics.units import UnitRegistry
from analytics.workspace import Inbox, Workspace

YEARS = (2018, 2019, 2020)
WORKSPACE = Workspace.open()
REGISTRY = UnitRegistry.load(WORKSPACE.units)


@dataclass(frozen=True)
class ReadYear:
    """What an inbox gave and what came of it; ``cards`` by unit id."""

    rules: YearRules
    intake: intake.Intake
    cards: dict[str, Scorecard]


def read(year: int, inbox: Inbox) -> ReadYear:
    """Receive and score ``inbox`` by the rules of ``year``."""
    rules = YearRules.load(WORKSPACE, REGISTRY, year)
    received = intake.receive(WORKSPACE, REGISTRY, rules, inbox)
    cards = scoring.score_year(rules, REGISTRY, received.observations, received.decisions)
    return ReadYear(rules, received, {card.unit: card for card in cards})


@cache
def sample(year: int) -> ReadYear:
    return read(year, Inbox(WORKSPACE.sample(year), synthetic=True))
