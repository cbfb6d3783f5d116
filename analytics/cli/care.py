"""Commands that look after what there is: status, verify."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import typer

from analytics.cli.handing_in import Year
from analytics.cli.session import Session

if TYPE_CHECKING:
    from analytics.batch import Task
    from analytics.store import ScoredYear


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command()(verify)


def status(context: typer.Context, year: Year = None) -> None:
    """谁交了、什么待裁定、什么已做、什么过期 · who handed in, what is undecided, rendered, stale."""
    from analytics.batch import Ledger, plan_briefs

    session: Session = context.obj
    chosen = session.year(year)
    scored = session.store.latest(chosen)
    units = [session.registry[card.unit] for card in scored.cards]
    briefs = plan_briefs(session.workspace, scored, units, session.language)
    ledger = Ledger(session.workspace.reports(chosen))
    states = {task.name: ledger.state(task) for task in briefs}
    _draw_status(session, scored, briefs, states)
    unscored = _unscored(session, scored)
    if unscored:
        session.say(
            f"收件文件夹中有 {unscored} 个文件尚未计分，请运行 score",
            f"{unscored} files in the inbox are not scored; run score",
        )
    stale = sum(state != "done" for state in states.values())
    session.say(f"需重做的简报 {stale} 份", f"{stale} briefs to make")
    raise typer.Exit(int(bool(scored.undecided or stale or unscored)))


def verify(context: typer.Context) -> None:
    """核对存档、清单和每个已发布文件 · re-check the store, the manifests and every published file."""
    from analytics.batch import manifest_problems, published_years

    session: Session = context.obj
    problems = list(session.store.verify())
    for year in published_years(session.workspace):
        problems += manifest_problems(session.workspace, year)
    stops = [problem for problem in problems if problem.severity == "stop"]
    if not stops:
        years = "、".join(map(str, session.store.all_years())) or "—"
        session.say(f"核对无误（存档年度：{years}）", f"everything fits (years in the store: {years})")
    session.warn(problems)
    raise typer.Exit(int(bool(stops)))


def _draw_status(session: Session, scored: ScoredYear, briefs: tuple[Task, ...], states: dict[str, str]) -> None:
    from rich.table import Table

    from analytics.analysis.problem_state import finding_overdue, is_problem, latest_record, state_of
    from analytics.documents.labels import speaker
    from analytics.documents.unit_result import unit_results

    words = {
        "done": session.words("已做", "made"),
        "stale": session.words("已过期", "stale"),
        "missing": session.words("未做", "missing"),
    }
    forms = {
        "self_assessment": session.words("自评表", "self-assessment"),
        "pledge_report": session.words("报告书", "pledge report"),
        "onsite_record": session.words("巡查记录", "on-site record"),
    }
    heads = (
        "单位 已收 总分 待裁定 可能结果 未销号 逾期 简报",
        "unit received total undecided may-become open overdue brief",
    )
    table, as_of = Table(*session.words(*heads).split()), latest_record(scored.observations)
    found = [seen for seen in scored.observations if is_problem(seen)]
    say, results = speaker(session.language), unit_results(scored.cards, session.rules(scored.year).policy)
    for card, task in zip(scored.cards, briefs, strict=True):
        handed_in = {s.form for s in scored.submissions if s.unit == card.unit and s.counts}
        received = "、".join(name for form, name in forms.items() if form in handed_in) or "—"
        result, waiting = results[card.unit], len(card.waiting) + len(card.open_questions)
        said = result.said_grade(say) if card.barred else result.said_total(say)
        may_become = result.said_open(say) if card.undecided else ""
        left = [seen for seen in found if seen.unit == card.unit and state_of(seen) != "closed"]
        late = sum(finding_overdue(seen, as_of) for seen in left)
        counts = (str(count or "") for count in (len(left), late))
        table.add_row(task.name, received, said, str(waiting or ""), may_become, *counts, words[states[task.name]])
    session.screen.print(table)
    if as_of:
        session.say(
            f"未销号、逾期：截至 {as_of}，记录中最晚的检查或复查日期", f"open and overdue problems as of {as_of}"
        )


def _unscored(session: Session, scored: ScoredYear) -> int:
    """Files in the inbox that are new, or not as they were when the year was scored."""
    from analytics.workspace import REGISTER

    known = {source.name: source.sha256 for source in scored.sources}
    inbox = session.workspace.inbox(scored.year)
    folder = inbox.folder
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    sources = {path.relative_to(folder).as_posix(): path for path in found}
    if inbox.register is not None:
        sources[REGISTER] = inbox.register
    unread = {name for name, sha256 in known.items() if not sha256}
    return sum(
        hashlib.sha256(path.read_bytes()).hexdigest() != known.get(name)
        for name, path in sources.items()
        if name not in unread
    )
