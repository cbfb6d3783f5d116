"""Commands about marks: score, explain."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.cli.correcting import Date, Person, Reason, Reference, correction_of
from analytics.cli.handing_in import Inbox, Year
from analytics.cli.session import Session

if TYPE_CHECKING:
    from analytics.policy import Policy
    from analytics.scoring import Line
    from analytics.store import ScoredYear


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
) -> None:
    """从满分到得分，逐项说明 · the way from full marks to the score, line by line."""
    from analytics.scoring import explain as lines_of

    session: Session = context.obj
    chosen = session.year(year)
    meant = session.unit(unit, chosen)
    scored = session.store.latest(chosen)
    rules = session.rules(chosen)
    lines = lines_of(scored.card(meant.id), rules.rubric(meant.kind), rules.policy)
    session.say(f"{meant.name} {chosen}年度", f"{meant.name}, {chosen}")
    if scored.synthetic:
        session.say("合成示例数据，非真实考核结果", "made-up sample data, not results of a real assessment")
    if scored.status == "demonstration":
        session.say("示范细则（非正式文件）", "demonstration rubric, not an official document")
    _draw_lines(session, lines, scored)


def _draw_cards(session: Session, scored: ScoredYear, policy: Policy) -> None:
    from rich.table import Table

    heads = session.words("单位 类别 总分 等级 名次", "unit class total grade rank").split()
    table = Table(*heads)
    for card in scored.cards:
        total = "—" if card.total is None else f"{policy.shown(card.total):f}"
        rank = f"{card.rank}/{card.ranked}" if card.rank else "—"
        name = session.registry[card.unit].name
        table.add_row(name, card.kind.label(session.language), total, card.grade or "—", rank)
    session.screen.print(table)


def _draw_lines(session: Session, lines: tuple[Line, ...], scored: ScoredYear) -> None:
    from rich.table import Table
    from rich.text import Text

    people = {decision.id: decision.person for decision in scored.decisions}
    table = Table(show_lines=True)
    for head in session.words("事项 增减 余分 依据", "step change left source").split():
        table.add_column(head, overflow="fold")
    for line in lines:
        by = f"裁定 {line.decision} {people.get(line.decision, '')}".strip() if line.decision else ""
        cells = [line.clause, *map(str, line.readings), by]
        change = "" if line.change is None else f"{_aligned(line.change):+f}"
        table.add_row(Text(line.label), change, f"{_aligned(line.running):f}", Text("\n".join(filter(None, cells))))
    session.screen.print(table)


def _aligned(points: Decimal) -> Decimal:
    """The exact points with at least two decimals, so that they stand in a column."""
    return points if points.as_tuple().exponent < -2 else points.quantize(Decimal("0.01"))  # type: ignore[operator]
