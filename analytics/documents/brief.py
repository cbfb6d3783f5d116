"""One unit's brief (简报) as content: the result, where points went and why, what is still to be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from analytics.analysis.wording import amount, percent
from analytics.documents import brief_findings as findings
from analytics.documents.brief_deductions import losses
from analytics.documents.brief_phrases import Words
from analytics.documents.content import Block, Brief, Paragraph, Picture, Section, Signatures, Table
from analytics.documents.labels import notice_place
from analytics.documents.unit_year import FEWEST_FOR_AGGREGATES, ZERO, Comparison, ThemeStanding, UnitYear
from analytics.policy import Policy
from analytics.problems import Language
from analytics.rubric import Rubric
from analytics.scoring.scorecard import Mark
from analytics.units import Unit

if TYPE_CHECKING:
    from analytics.store import ScoredYear

SHORT_HASH = 12
PLACES = ("result", "themes", "losses", "gap", "accidents")


def compose_brief(
    scored: ScoredYear,
    previous: ScoredYear | None,
    unit: Unit,
    rubric: Rubric,
    policy: Policy,
    pictures: Mapping[str, Picture],
    language: Language = "zh",
) -> Brief:
    """What ``unit``'s brief says of the scored year, with last year's record beside it when there is one.

    ``pictures`` go to the end of the section they are keyed by: ``result``, ``themes``, ``losses``, ``gap`` or
    ``accidents``. Of other units only class aggregates appear. ``language`` is that of headings and sentences; names,
    facts and clauses stay as they were read.
    KeyError when the unit has no card in ``scored``; ValueError for a picture without a place.
    """
    if strays := sorted(set(pictures) - set(PLACES)):
        raise ValueError(f"no place in the brief for the pictures {strays}, expected some of {PLACES}")
    year, say = UnitYear(scored, previous, unit, rubric, policy), Words(language)
    return Brief(
        unit=unit.id,
        unit_name=unit.name,
        year=scored.year,
        title=say("title", year=scored.year),
        subtitle=say("subtitle", unit=unit.official, kind=unit.kind.label(language)),
        banner=banner(scored, say),
        sections=tuple(_sections(year, say, pictures)),
        footer=_footer(year, say),
        language=language,
    )


def _footer(year: UnitYear, say: Words) -> str:
    """On every page: the unit's record, its rubric, and the run of the chain since which the record is the same."""
    named = say("footer", record=year.record[:SHORT_HASH], rubric=year.card.rubric_sha256[:SHORT_HASH])
    since = year.scored.standing_since.get(year.unit.id)
    return named if since is None else f"{named} · {say('chain', run=since.run_id, head=since.sha256[:SHORT_HASH])}"


def banner(scored: ScoredYear, say: Words) -> str:
    """What the year is not: a real result, an official document."""
    notices = [say("synthetic")] if scored.synthetic else []
    if scored.status == "demonstration":
        notices.append(say("demonstration"))
    return " · ".join(notices)


def _sections(year: UnitYear, say: Words, pictures: Mapping[str, Picture]) -> Iterator[Section]:
    parts: dict[str, Callable[[UnitYear, Words], tuple[Block, ...]]] = {
        "result": result,
        "themes": themes,
        "losses": losses,
        "gap": findings.gap,
        "accidents": findings.accidents,
        "leftovers": findings.leftovers,
        "problems": findings.problems,
        "basis": basis,
        "signatures": signatures,
    }
    for number, (key, compose) in enumerate(parts.items(), 1):
        picture = (pictures[key],) if key in pictures else ()
        yield Section(say.numbered(number, say(key)), (*compose(year, say), *picture))


def result(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """Score, grade and rank; how that compares with last year; and every caution a reader must know first."""
    card, kind = year.card, year.unit.kind.label(say.language)
    exact: tuple[Block, ...] = ()
    if card.total is None or card.grade is None:
        lead = say("lead_waiting", count=len(card.waiting))
    else:
        shown, needed = year.shown_total(card.total)
        rank = rank_text(card.rank, card.ranked, say)
        lead = say("lead" if card.rank else "lead_unranked", total=shown, grade=card.grade, kind=kind, rank=rank)
        decimals = year.policy.rounding.value.decimals
        if needed:
            exact = (Paragraph(say("exact", total=shown, decimals=decimals), "note"),)
    change = _change(year, year.comparison, say) if year.comparison else (Paragraph(say("no_last_year")),)
    cautions = (Paragraph(text, "caution") for text in _cautions(year, say))
    told = Paragraph(say.sentences([_most_lost(year, say), *findings.still_open(year, say)]))
    return Paragraph(lead, "lead"), *exact, *cautions, told, *change


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

    def total(points: Decimal | None) -> str:
        return say("none") if points is None else year.shown_total(points)[0]

    points = say("none")
    if card.total is not None and before.total is not None:
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
        (str(c.year), total(c.total), c.grade or say("none"), rank_text(c.rank, c.ranked, say), _rate(rate, say))
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


def _cautions(year: UnitYear, say: Words) -> list[str]:
    card = year.card
    texts = [
        say(
            "effect",
            by_points=card.grade_by_points,
            because=effect.because,
            word=findings.effect_word(effect, say),
            clause=effect.clause.removeprefix(year.rubric.reference),
        )
        for effect in card.effects
        if not effect.lifted and card.grade != card.grade_by_points
    ]
    told = "；".join(mark.waiting_for or findings.items_named(year, [mark], say) for mark in card.waiting)
    for key, status in (
        ("waiting", "awaiting_decision"),
        ("unverified", "self_only"),
        ("not_applicable", "not_applicable"),
    ):
        if marks := [mark for mark in card.marks if mark.status == status]:
            what = told if key == "waiting" else findings.items_named(year, marks, say)
            texts.append(say(key, count=len(marks), points=_full(marks), what=what))
    return texts


def _full(marks: list[Mark]) -> str:
    return amount(sum((mark.full_marks for mark in marks), ZERO))


def themes(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """Each theme's points beside the class's mean and best rate, then what went well."""

    def row(standing: ThemeStanding) -> tuple[str, ...]:
        name = standing.theme.name or say("total")
        awarded = say("none") if standing.awarded is None else amount(standing.awarded)
        rates = (_rate(r, say) for r in (standing.rate, standing.mean_rate, standing.best_rate))
        return name, amount(standing.points), awarded, *rates

    table = Table(
        caption="",
        header=say.head("themes_head"),
        rows=tuple(row(standing) for standing in year.themes),
        widths=(5, 2, 2, 2.4, 3, 3),
        align=("left", *("right",) * 5),
        emphasis=frozenset({len(year.themes) - 1}),
    )
    note = say("themes_note", kind=year.unit.kind.label(say.language), fewest=FEWEST_FOR_AGGREGATES)
    return table, Paragraph(note, "note"), *(Paragraph(text) for text in _good_practice(year, say))


def _good_practice(year: UnitYear, say: Words) -> list[str]:
    texts = []
    full = [t for t in year.themes[:-1] if t.points and t.awarded == t.points]
    if full:
        named = [
            say("full_unverified" if t.unverified else "full_verified", theme=t.theme.name, count=t.unverified)
            for t in full
        ]
        texts.append(say("full_themes", what=say.listed(named)))
    verified = [mark for mark in year.card.marks if mark.status == "verified"]
    if verified:
        best = sum(mark.awarded == mark.full_marks for mark in verified)
        texts.append(say("verified_full", verified=len(verified), full=best))
    bonus = [step for step in year.card.adjustments if step.kind == "bonus" and step.points > 0]
    if bonus:
        named = [say("bonus_one", because=step.because, points=amount(step.points)) for step in bonus]
        texts.append(say("bonus", what=say("stop").join(named)))
    return texts


def basis(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """The settings that the notice left open, what was assumed for this unit, the files read, and the run."""

    def source(text: str) -> str:
        return say("assumed") if text == "assumed" else say("notice", where=notice_place(text))

    settings = [
        say("setting", number=number, says=setting.says.rstrip("。"), source=source(setting.source))
        for number, setting in enumerate(year.scored.settings, 1)
    ]
    files = Table(
        caption=say("sources"),
        header=say.head("sources_head"),
        rows=tuple((say.circled(n), name, sha256[:SHORT_HASH]) for n, (name, sha256) in enumerate(year.sources(), 1)),
        widths=(1, 6.8, 2.2),
        align=("center", "left", "left"),
    )
    assumed = year.card.assumptions
    told = (Paragraph(say("assumptions", what=say("stop").join(assumed)), "note"),) if assumed else ()
    run = say(
        "run",
        title=year.rubric.title,
        rubric=year.card.rubric_sha256[:SHORT_HASH],
        record=year.record[:SHORT_HASH],
    )
    listed = Paragraph("\n".join([say("settings"), *settings]), "note")
    return listed, *told, *((files,) if files.rows else ()), Paragraph(run, "note")


def signatures(year: UnitYear, say: Words) -> tuple[Block, ...]:
    """Where the inspection group and the unit sign."""
    return (Signatures((say("sign_lead"), say("sign_unit"), say("sign_date"))),)
