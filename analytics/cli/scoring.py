"""Commands about marks: score, explain."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.cli.correcting import Date, Person, Reason, Reference, correction_of
from analytics.cli.handing_in import Inbox, Year
from analytics.cli.session import Session

if TYPE_CHECKING:
    from analytics.policy import Policy, YearRules
    from analytics.scoring import Line, Scorecard
    from analytics.store import ScoredYear
    from analytics.units import Unit


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(score)
    app.command()(explain)


def score(
    context: typer.Context,
    year: Year = None,
    inbox: Inbox = None,
    reason: Reason = "",
    person: Person = "",
    date: Date = None,
    reference: Reference = "",
) -> None:
    """计分并存档；更正时写明原因和责任人 · score the year into the store, saying why when it is a correction."""
    from analytics.cli.journey import receive_year, score_into_store, tell_intake, tell_run, tell_undecided

    session: Session = context.obj
    correction = correction_of(reason, person, date, reference)
    received = receive_year(session, session.year(year), inbox)
    scored = score_into_store(session, received, correction)
    tell_intake(session, received)
    _draw_cards(session, scored, session.rules(scored.year).policy)
    tell_run(session, scored, correction)
    tell_undecided(session, scored)
    session.warn(problem for rejection in received.open_rejections for problem in rejection.problems)
    raise typer.Exit(int(bool(received.open_rejections or scored.undecided)))


def explain(
    context: typer.Context,
    unit: Annotated[str, typer.Argument(help="单位名称或编号 · name or id of the unit")],
    year: Year = None,
    as_json: Annotated[bool, typer.Option("--json", help="机器可读，小数不取整 · machine-readable, exact")] = False,
    chart: Annotated[
        Path | None, typer.Option(metavar="FILE", help="另存瀑布图（.svg 或 .png）· save the waterfall chart")
    ] = None,
) -> None:
    """从满分到得分，逐项说明 · the way from full marks to the score, line by line."""
    from analytics.scoring import explain as lines_of

    session: Session = context.obj
    chosen = session.year(year)
    meant = session.unit(unit, chosen)
    scored = session.store.latest(chosen)
    rules = session.rules(chosen)
    card, rubric = scored.card(meant.id), rules.rubric(meant.kind)
    people = {decision.id: decision.person for decision in scored.decisions if decision.unit == meant.id}
    lines = lines_of(card, rubric, rules.policy, people)
    if as_json:
        typer.echo(explanation_json(scored, card, lines))
    else:
        _tell_whose(session, scored, card, meant.name)
        _draw_lines(session, lines)
    if chart is not None:
        _save_chart(session, scored, rules, meant, chart)


def _tell_whose(session: Session, scored: ScoredYear, card: Scorecard, name: str) -> None:
    session.say(f"{name} {scored.year}年度", f"{name}, {scored.year}")
    if scored.synthetic:
        session.say("合成示例数据，非真实考核结果", "made-up sample data, not results of a real assessment")
    if scored.status == "demonstration":
        session.say("示范细则（非正式文件）", "demonstration rubric, not an official document")
    for caution in card.cautions:
        session.say(f"注意：{caution}", f"caution: {caution}")


def _save_chart(session: Session, scored: ScoredYear, rules: YearRules, unit: Unit, path: Path) -> None:
    """The waterfall as a picture. Refused when the name ends in neither of the two kinds there are."""
    from analytics.problems import Problem, Refused

    if path.suffix.lower() not in (".svg", ".png"):
        raise Refused([Problem("chart-kind-unknown", "stop", file=path.name, facts={"found": path.suffix or "—"})])
    # Only here: matplotlib takes a second to import.
    from analytics.analysis.one_unit import descent
    from analytics.documents.colophon import imprint_of
    from analytics.figures.unit_charts import unit_waterfall
    from analytics.store import disk

    card, rubric, policy = scored.card(unit.id), rules.rubric(unit.kind), rules.policy
    drawn = unit_waterfall(descent(card, rubric, policy), imprint_of(scored, unit))
    with disk.refusing(path):
        disk.put_file(path, drawn.svg if path.suffix.lower() == ".svg" else drawn.png)
    session.say(f"瀑布图：{path}", f"waterfall chart: {path}")


def explanation_json(scored: ScoredYear, card: Scorecard, lines: Iterable[Line]) -> str:
    """The explanation as one JSON object; points are texts, exact to the last decimal."""

    def exact(points: Decimal | None) -> str | None:
        return None if points is None else f"{points:f}"

    told = {
        "unit": card.unit,
        "year": card.year,
        "class": card.kind.value,
        "run": scored.run_id,
        "sha256": scored.sha256,
        "rubric_sha256": card.rubric_sha256,
        "synthetic": scored.synthetic,
        "status": scored.status,
        "scale": exact(card.scale),
        "total": exact(card.total),
        "total_range": None if card.span is None else [exact(card.span.least), exact(card.span.most)],
        "grade": card.grade,
        "grade_by_points": card.grade_by_points,
        "possible_grades": list(card.possible_grades),
        "barred": card.barred,
        "rank": card.rank,
        "ranked": card.ranked,
        "rank_range": list(card.rank_span),
        "cautions": list(card.cautions),
        "assumptions": list(card.assumptions),
        "open_questions": list(card.open_questions),
        "parts": [
            {"part": p.part, "name": p.name, "weight": exact(p.weight), "full": exact(p.full), "value": exact(p.value),
             "missing": p.missing}
            for p in card.parts
        ],
        "lines": [
            {"step": line.label, "change": exact(line.change), "running": exact(line.running), "clause": line.clause,
             "evidence": line.evidence, "cells": [str(reading.cell) for reading in line.readings],
             "values": [reading.raw for reading in line.readings], "decision": line.decision, "person": line.person}
            for line in lines
        ],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=2)


def _draw_cards(session: Session, scored: ScoredYear, policy: Policy) -> None:
    from rich.table import Table

    from analytics.documents.labels import speaker
    from analytics.documents.unit_result import unit_results

    say, results = speaker(session.language), unit_results(scored.cards, policy)
    heads = session.words("单位 类别 总分 等级 名次 说明", "unit class total grade rank remarks").split()
    table = Table(*heads)
    for card in scored.cards:
        result, name = results[card.unit], session.registry[card.unit].name
        remarks = [result.said_why(say), result.said_grades(say), result.said_ranks(say), *card.cautions]
        table.add_row(
            name, card.kind.label(session.language), result.said_total(say), result.said_grade(say),
            result.said_rank(say), session.words("；", "; ").join(filter(None, remarks)),
        )  # fmt: skip
    session.screen.print(table)


def _draw_lines(session: Session, lines: tuple[Line, ...]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=True)
    heads = session.words("事项 增减 余分 条款 证据 出处 裁定", "step change left clause evidence cells decision")
    for head, (ratio, least) in zip(heads.split(), _COLUMNS, strict=True):
        table.add_column(head, overflow="fold", ratio=ratio, min_width=least)
    whole = lines[0].clause  # the rubric's name stands in the first line
    for line in lines:
        change = "" if line.change is None else f"{_aligned(line.change):+f}"
        cells = "\n".join(str(reading.cell) for reading in line.readings)
        by = f"{line.decision} {line.person}".strip()
        clause = line.clause if line is lines[0] else line.clause.removeprefix(whole)
        texts = map(Text, (change, f"{_aligned(line.running):f}", clause, line.evidence, cells, by))
        table.add_row(Text(line.label), *texts)
    session.screen.print(table)
    numbers = [points for line in lines for points in (line.change, line.running) if points is not None]
    if any(_aligned(points) != points for points in numbers):
        session.say(
            f"表中的数保留{_MOST_DECIMALS}位小数，不取整的数见 --json。",
            f"Numbers have {_MOST_DECIMALS} decimals here; --json has the exact ones.",
        )


_MOST_DECIMALS = 6
_COLUMNS = ((6, 20), (None, 6), (None, 6), (4, 14), (1, 8), (4, 16), (2, 8))  # share of the width, least width


def _aligned(points: Decimal) -> Decimal:
    """The exact points with at least two decimals, so that they stand in a column; what never ends, to six."""
    exponent = points.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent < -_MOST_DECIMALS:
        return points.quantize(Decimal(1).scaleb(-_MOST_DECIMALS), ROUND_HALF_UP)
    return points if exponent < -2 else points.quantize(Decimal("0.01"))
