"""The section of the brief on deductions: how full marks became the total, each step with its reason and cell."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from analytics.analysis.wording import exact
from analytics.documents.brief_phrases import Words
from analytics.documents.content import Align, Block, Paragraph, Table
from analytics.documents.unit_result import counted_of, worth_of
from analytics.documents.unit_year import ZERO, UnitYear
from analytics.provenance import Reading
from analytics.records import Channel
from analytics.rubric import Item
from analytics.scoring.scorecard import Adjustment, Loss
from analytics.scoring.steps import steps_of

WIDTHS = (1.1, 1.4, 8.1, 2.8, 3.4)
ALIGN: tuple[Align, ...] = ("right", "center", "left", "left", "left")


def losses(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """One sentence for the sum; the items, largest loss first, with each deduction under its item; what was also seen
    past a cap; and the steps beyond the items."""
    made = (_parts(year, say), _counted(year, say), _past_cap(year, say), _steps(year, say))
    tables = [table for table in made if table.rows]
    read = [say("clauses_of", reference=year.rubric.reference)] if tables else []
    read += [say("before_conversion")] if _converted(year) else []
    how_to_read = [Paragraph(say.sentences(read), "note")] if read else []
    return Paragraph(_sum(year, say)), *how_to_read, *tables


def _sum(year: UnitYear, say: Words) -> str:
    """One sentence from full marks to the total, in the points of the total. Re-weighting and limits are steps."""
    card = year.card
    taken = [step for step in steps_of(card) if step.item and step.change is not None]
    lost = -sum((step.change or ZERO for step in taken), ZERO)
    steps: dict[str, Decimal] = {}
    for made in card.adjustments:
        steps[made.kind] = steps.get(made.kind, ZERO) + made.points
    told = "".join(
        say("step", label=say(f"step_{kind}"), points=_signed(points)) for kind, points in steps.items() if points
    )
    said = say(
        "sum" if card.total is not None else "sum_open",
        full=exact(card.scale),
        count=sum(any(loss.points > 0 for loss in mark.losses) for mark in card.marks),
        lost=exact(lost),
        converted=say("converted") if _converted(year) else "",
        steps=told,
        total="" if card.total is None else _total(year, card.total, say),
    )
    rounded = any(_finer(points) for points in (lost, *steps.values()))
    return say.sentences([said, say("rounded")]) if rounded else said


def _total(year: UnitYear, total: Decimal, say: Words) -> str:
    """The total as printed, and exact where that is not the same: so that the sentence can be added up."""
    shown = year.shown_total(total)[0]
    return shown if Decimal(shown) == total else shown + say("unrounded", exact=exact(total))


def _converted(year: UnitYear) -> bool:
    """Whether a point of some item is not a point of the total."""
    return any(year.card.weight_of(mark.item) != 1 for mark in year.card.marks)


def _finer(points: Decimal) -> bool:
    return points != Decimal(exact(points))


def _signed(points: Decimal) -> str:
    return f"{'+' if points > 0 else ''}{exact(points)}"


def _parts(year: UnitYear, say: Words) -> Table:
    """What the total is made of: each part's points, and what they count in the total."""
    card, rows = year.card, []
    for part in card.parts:
        value = say("part_missing" if part.missing else "part_open") if part.value is None else exact(part.value)
        counts = (worth_of(card, part), counted_of(card, part))
        shares = (say("none") if points is None else exact(points) for points in counts)
        rows.append((part.name, exact(part.full), value, exact(part.weight), *shares))
    return Table(say("parts"), say.head("parts_head"), tuple(rows), (5, 2, 3, 2, 2.4, 2.4), ("left", *("right",) * 5))


def _counted(year: UnitYear, say: Words) -> Table:
    """Each item that lost points as an emphasised row, then its deductions, largest first."""
    rows: list[tuple[str, ...]] = []
    items: set[int] = set()
    by_item = [(mark, [loss for loss in mark.losses if loss.points]) for mark in year.card.marks]
    lost = {mark.item: sum((loss.points for loss in taken), ZERO) for mark, taken in by_item}
    for mark, taken in sorted(by_item, key=lambda pair: -lost[pair[0].item]):
        item = year.rubric.item(mark.item)
        if taken:
            items.add(len(rows))
            unverified = say("item_unverified") if mark.status == "self_only" else ""
            rows.append((exact(lost[mark.item]), say("item", no=item.no), item.text + unverified, "", ""))
        rows += [
            (exact(loss.points), _clause(item, loss, say), *_told(year, loss, say))
            for loss in sorted(taken, key=lambda loss: -loss.points)
        ]
    return Table("", say.head("losses_head"), tuple(rows), WIDTHS, ALIGN, frozenset(items))


def _past_cap(year: UnitYear, say: Words) -> Table:
    """What was also found, once an item or a clause had taken all it may."""
    found = [(year.rubric.item(mark.item), loss) for mark in year.card.marks for loss in mark.losses if not loss.points]
    rows = ((say("item", no=item.no), _clause(item, loss, say), *_told(year, loss, say)) for item, loss in found)
    return Table(say("also_seen"), say.head("also_head"), tuple(rows), WIDTHS, ALIGN)


def _clause(item: Item, loss: Loss, say: Words) -> str:
    if loss.channel is Channel.SELF:
        return say("self_clause")
    return say("clause", no=loss.rule) if loss.rule else say("item", no=item.no)


def _told(year: UnitYear, loss: Loss, say: Words) -> tuple[str, str, str]:
    """What happened, with the decision if there was one; the evidence number; the cells."""
    decided = _decided(year, loss.decision, loss.because, say)
    because = loss.because + (say("notes", notes=decided) if decided else "")
    return because, loss.evidence, cells(year, loss.readings, say)


def _decided(year: UnitYear, number: str, because: str, say: Words) -> str:
    """The decision by number, person and date; by number alone when ``because`` already names the person."""
    decision = year.decision(number) if number else None
    interest = say("interest") if number and year.card.cautions else ""
    if decision is None or decision.person in because:
        return say("decided_as", id=number) + interest if number else ""
    return say("decided", id=decision.id, person=decision.person, date=decision.date.isoformat()) + interest


def cells(year: UnitYear, readings: Iterable[Reading], say: Words) -> str:
    """The cells as ``①sheet!cell``, the number being the file's in the list of sources."""
    numbers = {source: number for number, source in enumerate(year.sources(), 1)}
    sheets: dict[str, list[str]] = {}
    for reading in readings:
        cell = reading.cell
        place = f"{say.circled(numbers[cell.file, cell.sha256])}{cell.sheet}"
        sheets.setdefault(place, []).append(cell.address)
    # A line each: else the number of a file may stand at the end of a line, without its sheet.
    return "\n".join(f"{place}!{'、'.join(dict.fromkeys(found))}" for place, found in sheets.items())


def _steps(year: UnitYear, say: Words) -> Table:
    """Bonus, deductions outside the 100, re-weighting and limits."""
    return Table(
        caption=say("steps"),
        header=say.head("steps_head"),
        rows=tuple(_step(year, step, say) for step in year.card.adjustments),
        widths=(1.1, 2.4, 9.9, 3.4),
        align=("right", "left", "left", "left"),
    )


def _step(year: UnitYear, step: Adjustment, say: Words) -> tuple[str, ...]:
    clause = step.clause.removeprefix(year.rubric.reference) if step.kind in ("bonus", "outside") else ""
    notes = [note for note in (clause, _decided(year, step.decision, step.because, say)) if note]
    because = step.because + (say("notes", notes=say("stop").join(notes)) if notes else "")
    where = cells(year, step.readings, say) or say("none")
    return _signed(step.points), say(f"step_{step.kind}"), because, where
