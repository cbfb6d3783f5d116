"""The steps from full marks down to a card's total: their changes add up to it exactly, whatever the weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction

from analytics.provenance import Reading
from analytics.scoring.figure_rules import settled
from analytics.scoring.scorecard import Loss, Mark, Scorecard

TOTAL_PLACES = Decimal(1).scaleb(-18)
"""What never ends is kept to so many places in a total, six fewer than in its parts: three thirds are one again."""
ROOMY = Context(prec=60, rounding=ROUND_HALF_UP)  # sums of points never reach so many digits


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``change`` is None for a mark that still waits; ``running`` is what is left after the step."""

    because: str
    change: Decimal | None
    running: Decimal
    clause: str = ""
    item: str = ""
    readings: tuple[Reading, ...] = ()
    decision: str = ""
    evidence: str = ""
    unverified: bool = False


def steps_of(card: Scorecard) -> tuple[Step, ...]:
    """Every loss, then every adjustment, in the points of the total: ``scale + changes = total``, exactly.

    Where a share never ends, what is lost in rounding it goes to the last step that was rounded.
    """
    with localcontext(ROOMY):
        raw = [*_marked(card), *_adjusted(card)]
        if card.total is not None:
            short = card.total - card.scale - sum((step.change or Decimal(0) for step, _ in raw), Decimal(0))
            places = [place for place, (_, rounded) in enumerate(raw) if rounded]
            if short and places:
                step, rounded = raw[places[-1]]
                raw[places[-1]] = (replace(step, change=(step.change or Decimal(0)) + short), rounded)
        running, steps = card.scale, []
        for step, _ in raw:
            running += step.change or Decimal(0)
            steps.append(replace(step, running=running))
    return tuple(steps)


def _marked(card: Scorecard) -> Iterator[tuple[Step, bool]]:
    for mark in card.marks:
        if mark.status == "awaiting_decision":  # what it has lost so far is not settled either
            yield Step(mark.waiting_for, None, Decimal(0), item=mark.item), False
            continue
        weight = card.weight_of(mark.item)
        for loss in mark.losses:
            yield _lost(mark, loss, weight)


def _lost(mark: Mark, loss: Loss, weight: Fraction) -> tuple[Step, bool]:
    exact = Fraction(loss.points) * weight
    change = -settled(exact)
    converted = f"（本项{loss.points:f}分，折算后）" if weight != 1 and loss.points else ""
    step = Step(
        because=f"{loss.because}{converted}",
        change=change if change else Decimal(0),
        running=Decimal(0),
        clause=loss.clause,
        item=loss.item,
        readings=loss.readings,
        decision=loss.decision,
        evidence=loss.evidence,
        unverified=mark.status == "self_only",
    )
    return step, Fraction(-change) != exact or _endless(loss.points)


def _adjusted(card: Scorecard) -> Iterator[tuple[Step, bool]]:
    for made in card.adjustments:
        step = Step(made.because, made.points, Decimal(0), made.clause, "", made.readings, made.decision)
        yield step, _endless(made.points)


def _endless(points: Decimal) -> bool:
    """Whether points were cut to the places we keep."""
    exponent = points.as_tuple().exponent
    return isinstance(exponent, int) and exponent < -18
