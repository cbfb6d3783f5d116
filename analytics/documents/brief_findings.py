"""The sections of the brief that follow the deductions: self-marks, accidents, and problems old and new."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from analytics.analysis.wording import amount, shortened
from analytics.documents.brief_phrases import Words
from analytics.documents.content import Block, Paragraph, Table
from analytics.documents.unit_year import ZERO, Figure, Leftover, UnitYear
from analytics.records import Channel, Observation
from analytics.scoring.scorecard import Effect, Mark

LONGEST = 28  # characters of an item's text where it only has to be recognised


def items_named(year: UnitYear, marks: Iterable[Mark], say: Words) -> str:
    """The items' printed numbers: 第1、5、8项."""
    return numbers_named([year.rubric.item(mark.item).no for mark in marks], say)


def numbers_named(numbers: Iterable[str], say: Words) -> str:
    return say("numbers", numbers=say.listed(list(dict.fromkeys(numbers))))


def item_text(year: UnitYear, mark: Mark, say: Words) -> str:
    item = year.rubric.item(mark.item)
    return say("item_text", no=item.no, text=item.text)


def signed(points: Decimal) -> str:
    """Points with their sign: +1, -0.5, 0."""
    return f"{'+' if points > 0 else ''}{amount(points)}"


def gap(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """Where the verified mark is not the self-mark, and how often it is."""
    both = [
        (mark, mark.self_mark, mark.verified_mark)
        for mark in year.card.marks
        if mark.self_mark is not None and mark.verified_mark is not None
    ]
    differences = [(mark, own, seen, seen - own) for mark, own, seen in both if seen != own]
    below = [change for *_, change in differences if change < 0]
    above = [change for *_, change in differences if change > 0]
    differing = "".join(
        say(key, count=len(changes), points=amount(abs(sum(changes, ZERO))))
        for key, changes in (("gap_below", below), ("gap_above", above))
        if changes
    )
    same = len(both) - len(differences)
    texts = [say("gap_all", verified=len(both), same=same, differing=differing) if both else say("gap_none")]
    asked = [mark for mark in year.card.marks if mark.status not in ("not_applicable", "class_mean")]
    if asked and all(mark.self_mark == mark.full_marks for mark in asked):
        texts.append(say("self_full"))
    if missing := [mark for mark in asked if mark.self_mark is None]:
        texts.append(say("self_missing", count=len(missing), what=items_named(year, missing, say)))
    text = say.sentences(texts)
    if not differences:
        return (Paragraph(text),)
    rows = tuple(
        (shortened(item_text(year, mark, say), LONGEST), *map(amount, (mark.full_marks, own, seen)), signed(change))
        for mark, own, seen, change in differences
    )
    return Paragraph(text), Table("", say.head("gap_head"), rows, (9.6, 1.5, 1.6, 1.6, 2.2), ("left", *("right",) * 4))


def accidents(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """The accident and fire figures of this year and last, then vetoes and caps, lifted ones too."""
    blocks: list[Block] = []
    told = [f for f in year.figures if f.value is not None]
    if told:
        restated = [_restated(figure, say) for figure in told if figure.restated is not None]
        blocks.append(Paragraph(_figures_text(told, say)))
        rows = tuple(_figure_row(figure, say) for figure in year.figures)
        blocks.append(Table("", say.head("accidents_head"), rows, (6, 2, 2, 2), ("left", *("right",) * 3)))
        blocks.append(Paragraph(say.sentences([say("small_numbers"), *restated]), "note"))
    else:
        blocks.append(Paragraph(say("no_accidents")))
    if not year.card.effects:
        return *blocks, Paragraph(say("no_effects"))
    rows = tuple(
        (effect.because, effect_word(effect, say), effect.clause.removeprefix(year.rubric.reference))
        for effect in year.card.effects
    )
    return *blocks, Table(say("effects"), say.head("effects_head"), rows, (5, 4, 7), ("left",) * 3)


def effect_word(effect: Effect, say: Words) -> str:
    return say("lifted") if effect.lifted else say(effect.kind, grade=effect.grade)


def _figures_text(figures: list[Figure], say: Words) -> str:
    """The figures that are not 0 in both years, in one sentence."""
    told = [_figure_text(figure, say) for figure in figures if figure.value or figure.before]
    if not told:
        return say("accidents_all_zero")
    rest = [say("accidents_zero")] if len(told) < len(figures) else []
    return say("accident_sentence", what=say("stop").join([say.listed(told), *rest]))


def _figure_text(figure: Figure, say: Words) -> str:
    key = "accident_alone" if figure.before is None else "accident_change"
    return say(key, label=figure.measure.label, value=_number(figure.value), before=_number(figure.before))


def _restated(figure: Figure, say: Words) -> str:
    stated, recorded = _number(figure.before), _number(figure.restated)
    return say("restated", label=figure.measure.label, stated=stated, recorded=recorded)


def _figure_row(figure: Figure, say: Words) -> tuple[str, ...]:
    change = say("none")
    if figure.value is not None and figure.before is not None:
        change = signed(figure.value - figure.before)
    return figure.measure.label, _number(figure.value), _number(figure.before), change


def _number(value: Decimal | None) -> str:
    return "—" if value is None else amount(value)


def leftovers(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """Last year's findings that its record leaves open, and whether the same item lost points again."""
    if year.comparison is None:
        return (Paragraph(say("no_record_before")),)
    if not year.leftovers:
        return (Paragraph(say("no_leftovers" if year.findings_before else "no_findings_before")),)
    again = sum(leftover.lost > 0 for leftover in year.leftovers)
    rows = tuple(_leftover_row(leftover, say) for leftover in year.leftovers)
    text = say("leftovers_sum" if again else "leftovers_once", count=len(rows), again=again)
    return Paragraph(text), Table("", say.head("leftovers_head"), rows, (6.8, 2, 2.5, 1.6, 3.4), ("left",) * 5)


def _leftover_row(leftover: Leftover, say: Words) -> tuple[str, ...]:
    if leftover.item is None:
        now = say("no_such_item")
    else:
        now = say("again" if leftover.lost > 0 else "not_again", no=leftover.item.no, points=amount(leftover.lost))
    return leftover.finding.text or say("none"), *_rectified(leftover.finding, say), now


def _rectified(finding: Observation, say: Words) -> tuple[str, str, str]:
    """Deadline, person and state."""
    todo = finding.rectification
    if todo is None:
        return say("none"), say("none"), say("unknown")
    deadline = todo.deadline.isoformat() if todo.deadline else say("none")
    return deadline, todo.person or say("none"), say(_state(finding))


def _state(finding: Observation) -> str:
    closed = finding.rectification.closed if finding.rectification else None
    return "unknown" if closed is None else ("closed" if closed else "open")


def still_open(year: UnitYear, say: Words) -> list[str]:
    """How many of this year's findings no record calls closed, as one sentence; none without findings."""
    if not year.findings:
        return []
    count = sum(_state(finding) != "closed" for finding in year.findings)
    return [say("still_open" if count else "all_closed", count=len(year.findings), open=count)]


def problems(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """What this year's inspections found and no record calls closed, with deadline, person and state."""
    if not year.findings:
        return (Paragraph(say("no_problems")),)
    states = [_state(finding) for finding in year.findings]
    counts = {state: states.count(state) for state in ("closed", "open", "unknown")}
    texts = [say("problems_sum", count=len(states), **counts)]
    closed = [f for f, state in zip(year.findings, states, strict=True) if state == "closed"]
    if closed:
        what = numbers_named([year.rubric.item(finding.item).no for finding in closed], say)
        texts.append(say("problems_closed", what=what))
    rows = tuple(
        (
            year.rubric.item(finding.item).no,
            finding.text or say("none"),
            _found_by(finding, say),
            *_rectified(finding, say),
        )
        for finding in year.findings
        if finding not in closed
    )
    text = Paragraph(say.sentences(texts))
    if not rows:
        return (text,)
    table = Table(
        caption="",
        header=say.head("problems_head"),
        rows=rows,
        widths=(0.8, 7.2, 2.6, 2, 2.5, 1.4),
        align=("center", *("left",) * 5),
    )
    return text, table


def _found_by(finding: Observation, say: Words) -> str:
    """The inspection and its group, or the campaign's own name."""
    channel = finding.channel.label(say.language)
    if finding.channel is Channel.SPECIAL:
        return finding.group or channel
    return say("found_by", channel=channel, group=finding.group) if finding.group else channel
