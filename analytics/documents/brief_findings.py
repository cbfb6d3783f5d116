"""The sections of the brief that follow the deductions: self-marks, accidents, and problems old and new."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal

from analytics.analysis.problem_state import STATES, state_of
from analytics.analysis.wording import amount, shortened
from analytics.documents.brief_phrases import Words
from analytics.documents.content import Block, Paragraph, Table
from analytics.documents.unit_year import ZERO, Entry, Figure, Leftover, UnitYear
from analytics.records import Observation, Rectification
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
    return Paragraph(text), Table("", say.head("leftovers_head"), rows, (72, 19, 25, 16, 33), ("left",) * 5)


def _leftover_row(leftover: Leftover, say: Words) -> tuple[str, ...]:
    if leftover.item is None:
        now = say("no_such_item")
    else:
        now = say("again" if leftover.lost > 0 else "not_again", no=leftover.item.no, points=amount(leftover.lost))
    return leftover.finding.text or say("none"), *_rectified(leftover.finding, say), now


def _rectified(finding: Observation, say: Words) -> tuple[str, str, str]:
    """Deadline, person and state."""
    todo = finding.rectification or Rectification()
    return _day(todo.deadline, say), todo.person or say("none"), say(state_of(finding))


def _day(day: datetime.date | None, say: Words) -> str:
    return day.isoformat() if day else say("none")


def still_open(year: UnitYear, say: Words) -> list[str]:
    """How many of this year's findings no record calls closed, as one sentence; none without findings."""
    if not year.findings:
        return []
    left = sum(entry.state != "closed" for entry in year.ledger)
    late = sum(entry.overdue for entry in year.ledger)
    overdue = say("of_these_overdue", overdue=late) if late else ""
    return [say("still_open" if left else "all_closed", count=len(year.findings), open=left, overdue=overdue)]


def problems(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """The unit's rectification ledger: what this year's inspections found, in numbers, and what is not closed."""
    if not year.findings:
        return (Paragraph(say("no_problems")),)
    text = Paragraph(say.sentences(_ledger_texts(year, say)))
    rows = tuple(_ledger_row(year, entry, say) for entry in year.ledger if entry.state != "closed")
    if not rows:
        return (text,)
    table = Table(
        caption="",
        header=say.head("problems_head"),
        rows=rows,
        widths=(13, 72, 9, 19, 25, 27),
        align=("center", *("left",) * 5),
    )
    return text, table


def _ledger_texts(year: UnitYear, say: Words) -> list[str]:
    """Found = closed + not closed, what is overdue as of which day, what was re-checked, what came again."""
    counts = {state: sum(entry.state == state for entry in year.ledger) for state in STATES}
    left = counts["open"] + counts["unknown"]
    texts = [say("problems_sum", count=len(year.ledger), left=left, **counts)]
    if left and year.as_of:
        late = sum(entry.overdue for entry in year.ledger)
        texts.append(say("overdue_sum" if late else "overdue_none", as_of=year.as_of.isoformat(), overdue=late))
    answers = [entry.finding.rectification.passed for entry in year.ledger if entry.finding.rectification]
    if passed_or_failed := [answer for answer in answers if answer is not None]:
        failed = passed_or_failed.count(False)
        texts.append(say("rechecked_sum" if failed else "rechecked_passed", count=len(passed_or_failed), failed=failed))
    if again := [entry for entry in year.ledger if entry.again]:
        texts.append(say("found_again", count=len(again), what=_items_of(year, again, say)))
    if counts["closed"]:
        texts.append(say("problems_closed"))
    return texts


def _items_of(year: UnitYear, entries: Iterable[Entry], say: Words) -> str:
    return numbers_named([year.rubric.item(entry.finding.item).no for entry in entries], say)


def _ledger_row(year: UnitYear, entry: Entry, say: Words) -> tuple[str, ...]:
    finding = entry.finding
    number = year.rubric.item(finding.item).no
    deadline, person, _ = _rectified(finding, say)
    clause = f"{number}{say('clause', no=finding.rule)}"
    # The channel in a word: the name of a campaign would make the row three lines high.
    return clause, finding.text or say("none"), say(f"by_{finding.channel}"), deadline, person, _standing(entry, say)


def _standing(entry: Entry, say: Words) -> str:
    """State, re-check and overdue in one cell: 未整改，逾期; 2020-11-09复查未通过，逾期."""
    todo = entry.finding.rectification or Rectification()
    if todo.passed is not None or todo.rechecked:
        key = "no_result" if todo.passed is None else "passed" if todo.passed else "failed"
        said = say(key, state=say(entry.state), day=todo.rechecked.isoformat() if todo.rechecked else "").strip()
    else:
        said = say(entry.state)
    return say("past", standing=said) if entry.overdue else said
