"""Commands that make what is told: run, analyse, brief."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.cli.batches import EngineOption, Jobs, SchedulerOption, chosen_engine
from analytics.cli.correcting import Date, Person, Reason, Reference, correction_of
from analytics.cli.handing_in import Year
from analytics.cli.session import Session

if TYPE_CHECKING:
    from analytics.batch.run import Result
    from analytics.intake import Intake
    from analytics.store import ScoredYear


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(run)
    app.command()(analyse)
    app.command()(brief)


def run(
    context: typer.Context,
    year: Year = None,
    jobs: Jobs = None,
    engine: EngineOption = "warm",
    reason: Reason = "",
    person: Person = "",
    date: Date = None,
    reference: Reference = "",
) -> None:
    """从收件到简报，全部做完 · everything from intake to briefs.

    更正的原因只记入所选年度 · the reason of a correction goes to the chosen year only.
    """
    from analytics.cli.journey import receive_year, score_into_store, tell_intake, tell_run

    session: Session = context.obj
    correction = correction_of(reason, person, date, reference)
    began = time.monotonic()
    chosen_engine(engine)
    chosen = session.year(year)
    session.rules(chosen)  # an unknown year is refused before anything is written
    years = (*session.workspace.years_before(chosen), chosen)
    received: dict[int, Intake] = {}
    scored: dict[int, ScoredYear] = {}
    for one in years:
        received[one] = receive_year(session, one)
        scored[one] = score_into_store(session, received[one], correction if one == chosen else None)
        tell_intake(session, received[one])
    if correction:
        tell_run(session, scored[chosen], correction)
    results = _publish(session, received[chosen], scored[chosen], jobs, engine)
    _close(session, received, scored, results, time.monotonic() - began)


def analyse(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help="params 中的名称，默认全部 · names in params, all by default")
    ] = None,
    year: Year = None,
    jobs: Jobs = None,
    engine: EngineOption = "warm",
) -> None:
    """运行分析笔记本 · run the analysis notebooks with the files in params."""
    from analytics.batch import plan_notebooks
    from analytics.cli.batches import make, way
    from analytics.cli.journey import seal

    session: Session = context.obj
    chosen = session.year(year)
    with way(session, chosen, _all_notebooks(session), engine) as by:
        tasks = plan_notebooks(session.workspace, session.store.latest(chosen), names or (), session.language)
        results = make(session, chosen, tasks, jobs, by)
    seal(session, chosen)
    _tell_where(session, results, session.workspace.reports(chosen) / "analysis")


def brief(
    context: typer.Context,
    units: Annotated[list[str] | None, typer.Argument(help="单位名称或编号，默认全部 · units, all by default")] = None,
    year: Year = None,
    jobs: Jobs = None,
    engine: EngineOption = "warm",
    scheduler: SchedulerOption = "",
) -> None:
    """为单位做简报 · the per-unit briefs, in batch."""
    from analytics.cli.batches import make, way

    session: Session = context.obj
    chosen = session.year(year)
    with way(session, chosen, [session.workspace.brief_notebook], engine, scheduler) as by:
        from analytics.batch import plan_briefs  # only now: what takes a second to import does so beside the warming
        from analytics.cli.journey import seal

        named = [session.unit(written, chosen) for written in units or ()] or session.registry.in_year(chosen)
        tasks = plan_briefs(session.workspace, session.store.latest(chosen), dict.fromkeys(named), session.language)
        results = make(session, chosen, tasks, jobs, by)
    seal(session, chosen)
    _tell_where(session, results, session.workspace.reports(chosen) / "briefs")


def _all_notebooks(session: Session) -> Iterable[Path]:
    return session.workspace.notebooks.glob("*.ipynb")


def _tell_where(session: Session, results: Iterable[Result], folder: Path) -> None:
    from analytics.cli.batches import tell_results

    failed = tell_results(session, results)
    session.say(f"位置：{folder}", f"in {folder}")
    session.warn(failure.problem for failure in failed)
    raise typer.Exit(int(bool(failed)))


def _publish(session: Session, intake: Intake, scored: ScoredYear, jobs: int | None, engine: str) -> tuple[Result, ...]:
    """Write everything about the year into its reports; the index and the manifest come last."""
    from analytics.batch import plan_briefs, plan_notebooks
    from analytics.cli.batches import make, way
    from analytics.cli.journey import publish_intake, seal
    from analytics.documents.publication import publish_year

    workspace, year, language = session.workspace, scored.year, session.language
    with way(session, year, _all_notebooks(session), engine) as by:
        publish_intake(session, intake)
        tasks = [
            *plan_notebooks(workspace, scored, (), language),
            *plan_briefs(workspace, scored, session.registry.in_year(year), language),
        ]
        results = make(session, year, tasks, jobs, by)
    rules, tables = session.rules(year), session.store.tables()
    publish_year(workspace, scored, intake, tables, rules, session.registry, workspace.reports(year), language)
    seal(session, year)
    return results


def _close(
    session: Session,
    received: dict[int, Intake],
    scored: dict[int, ScoredYear],
    results: tuple[Result, ...],
    seconds: float,
) -> None:
    """The closing summary; what is missing and why comes on the last lines, and sets the exit status."""
    from analytics.cli.batches import tell_results
    from analytics.cli.journey import tell_undecided

    newest = max(scored)
    cards = scored[newest].cards
    undecided = len(scored[newest].undecided)
    session.say(
        f"计分 {len(cards)} 个单位，其中待裁定 {undecided} 个",
        f"{len(cards)} units scored, {undecided} of them await a decision",
    )
    failed = tell_results(session, results)
    index = session.workspace.reports(newest) / "index.html"
    session.say(f"用时 {seconds:.0f} 秒。请打开 {index}", f"{seconds:.0f} s. Open {index}")
    session.warn(failure.problem for failure in failed)
    rejections = [rejection for intake in received.values() for rejection in intake.open_rejections]
    session.warn(problem for rejection in rejections for problem in rejection.problems)
    for one in scored.values():
        tell_undecided(session, one)
    raise typer.Exit(int(bool(failed or rejections or any(one.undecided for one in scored.values()))))
