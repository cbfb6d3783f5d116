"""The first section of the brief: score, grade and rank or what they may become, cautions, and last year beside it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from analytics.analysis.wording import amount, percent
from analytics.documents import brief_findings as findings
from analytics.documents.brief_phrases import Words
from analytics.documents.content import Block, Paragraph, Table
from analytics.documents.unit_year import ZERO, Comparison, UnitYear
from analytics.scoring.scorecard import Mark, Scorecard


def result(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """Score, grade and rank; how that compares with last year; and every caution a reader must know first."""
    card = year.card
    exact: tuple[Block, ...] = ()
    if card.total is not None and not card.barred:
        shown, needed = year.shown_total(card.total)
        decimals = year.policy.rounding.value.decimals
        if needed:
            exact = (Paragraph(say("exact", total=shown, decimals=decimals), "note"),)
    change = _change(year, year.comparison, say) if year.comparison else (Paragraph(say("no_last_year")),)
    cautions = (Paragraph(text, "caution") for text in _cautions(year, say))
    told = Paragraph(say.sentences([_most_lost(year, say), *findings.still_open(year, say)]))
    return Paragraph(_lead(year, say), "lead"), *exact, *cautions, told, *change


def _lead(year: UnitYear, say: Words) -> str:
    card, kind = year.card, year.unit.kind.label(say.language)
    if card.barred:
        return say("lead_barred")
    if card.total is None:
        waits = say("lead_waiting", count=len(card.waiting) + len(card.open_questions))
        ends = year.result.range()
        if ends is None:
            return waits + say("lead_nothing_yet")
        grades = say.either(card.possible_grades)
        word = say("may_be" if len(card.possible_grades) > 1 else "will_be")
        return waits + say("lead_range", least=ends[0], most=ends[1], word=word, grades=grades)
    total, rank = year.shown_total(card.total)[0], rank_text(card.rank, card.ranked, say)
    if card.grade is None:
        grades = say.either(card.possible_grades)
        key = "lead_grade_open" if card.rank else "lead_grade_open_unranked"
        return say(key, total=total, grades=grades, kind=kind, rank=rank)
    return say("lead" if card.rank else "lead_unranked", total=total, grade=card.grade, kind=kind, rank=rank)


def rank_text(rank: int | None, ranked: int, say: Words) -> str:
    return say("rank", rank=rank, ranked=ranked) if rank else say("none")


def _most_lost(year: UnitYear, say: Words) -> str:
    *single, whole = year.themes
    if whole.awarded is None:
        return say("undecided")
    lost = {t.theme.name: t.points - t.awarded for t in single if t.awarded is not None}
    total = sum(lost.values(), ZERO)
    if total <= 0:
        return say("nothing_lost")
    theme = max(lost, key=lambda name: lost[name])
    largest = year.losses[0][1].points
    alike = [mark for mark in year.card.marks if any(loss.points == largest for loss in mark.losses)]
    return say(
        "most_lost",
        theme=theme,
        points=amount(lost[theme]),
        share=percent(lost[theme] / total),
        largest=amount(largest),
        what=findings.items_named(year, alike, say),
    )


def _change(year: UnitYear, against: Comparison, say: Words) -> tuple[Block, ...]:
    card, before = year.card, against.before
    points = say("none")
    if card.total is not None and before.total is not None and card.scale == before.scale:
        points = f"{year.policy.rounded(card.total) - year.policy.rounded(before.total):+f}"
    rank = say("none")
    if card.rank and before.rank:
        step = before.rank - card.rank
        rank = say("rank_up" if step > 0 else "rank_down", n=abs(step)) if step else say("rank_same")
    rates = against.rate, against.rate_before
    moved = say("none")
    if None not in rates:
        moved = say("rate_moved", points=f"{((rates[0] or ZERO) - (rates[1] or ZERO)) * 100:+.1f}")
    rows = tuple(
        (
            str(c.year),
            _total(year, c, say),
            c.grade or _open_grade(c, say),
            rank_text(c.rank, c.ranked, say),
            _rate(rate, say),
        )
        for c, rate in zip((card, before), rates, strict=True)
    )
    table = Table(
        caption=say("years"),
        header=say.head("years_head"),
        rows=(*rows, (say("change"), points, say("none"), rank, moved)),
        widths=(2, 2, 2, 3, 3),
        align=("left", "right", "center", "center", "right"),
        emphasis=frozenset({0}),
    )
    return table, Paragraph(_comparability(year, against, say), "note")


def _total(year: UnitYear, card: Scorecard, say: Words) -> str:
    if card.total is not None:
        return year.shown_total(card.total)[0]
    ends = year.result.range() if card is year.card else None
    return say("none") if ends is None else say("range", least=ends[0], most=ends[1])


def _open_grade(card: Scorecard, say: Words) -> str:
    return say("none") if not card.undecided else say("grade_open")


def _comparability(year: UnitYear, against: Comparison, say: Words) -> str:
    if against.alike:
        text = say("comparable")
    elif against.shared:
        text = say("not_comparable", shared=against.shared, points=amount(against.shared_points))
    else:
        text = say("nothing_shared")
    now, before = year.card.ranked, against.before.ranked
    return text if now == before else say.sentences([text, say("ranks_differ", now=now, before=before)])


def _rate(rate: Decimal | None, say: Words) -> str:
    return say("none") if rate is None else percent(rate)


def _cautions(year: UnitYear, say: Words) -> Iterator[str]:
    """What a reader must know before the figures, the gravest first."""
    yield from (say("caution", text=text) for text in year.card.cautions)
    yield from _of_the_grade(year, say)
    card = year.card
    questions = [*(mark.waiting_for or findings.items_named(year, [mark], say) for mark in card.waiting)]
    if card.waiting:
        yield say("waiting", count=len(card.waiting), points=_full(card.waiting), what="；".join(questions))
    yield from (say("open_question", text=text) for text in card.open_questions)
    if year.result.open_rank:
        best, worst = card.rank_span[0], card.rank_span[-1]
        rank = say("place" if best == worst else "places", best=best, worst=worst)
        kind = year.unit.kind.label(say.language)
        yield say("rank_range" if card.total is None else "rank_open", rank=rank, kind=kind)
    for status in ("self_only", "not_applicable", "class_mean"):
        if marks := [mark for mark in card.marks if mark.status == status]:
            what = findings.items_named(year, marks, say)
            yield say(status, count=len(marks), points=_full(marks), what=what)


def _of_the_grade(year: UnitYear, say: Words) -> Iterator[str]:
    """Why the unit is not scored, or why its grade is not that of its points."""
    card = year.card
    for effect in card.effects:
        clause = effect.clause.removeprefix(year.rubric.reference)
        if effect.kind == "bar" and not effect.lifted:
            yield say("barred", because=effect.because, clause=clause)
        elif (
            not effect.lifted and card.grade_by_points and (card.grade or card.grade_by_points) != card.grade_by_points
        ):
            word = findings.effect_word(effect, say)
            yield say("effect", by_points=card.grade_by_points, because=effect.because, word=word, clause=clause)
    if year.result.by_quota:
        yield say("quota", by_points=card.grade_by_points, grade=card.grade)


def _full(marks: tuple[Mark, ...] | list[Mark]) -> str:
    return amount(sum((mark.full_marks for mark in marks), ZERO))
