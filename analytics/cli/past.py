"""Commands about past runs: replay, diff."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.cli.handing_in import Json, Year
from analytics.cli.session import Session

if TYPE_CHECKING:
    from analytics.store import RunDiff
    from analytics.store.replay import Replay
    from analytics.workspace import Workspace

Run = Annotated[str, typer.Argument(metavar="RUN", help="批次序号或编号 · number or id of a run, or its beginning")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(replay)
    app.command()(diff)


def replay(
    context: typer.Context,
    run: Run,
    year: Year = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="重建当时工作区的空文件夹 · empty folder for the workspace of the day"),
    ] = None,
    brief: Annotated[
        list[str] | None,
        typer.Option(metavar="UNIT", help="同时重做此单位当时的简报 · also make this unit's brief of the day"),
    ] = None,
) -> None:
    """按当时的原件和细则重新计算某一批次 · compute a past run again from its own inputs and rules."""
    from analytics.problems import Problem
    from analytics.store.replay import compute_again, rebuild

    session: Session = context.obj
    chosen = session.year(year)
    with _folder(out, keep=bool(brief)) as folder:
        workspace = rebuild(session.store, chosen, run, folder)
        found = compute_again(workspace, chosen)
        session.say(found.lines[0], _english(found))
        session.warn(
            Problem("replay-other-code", "note", facts={"then": found.code_then, "now": found.code_now})
            for _ in found.lines[1:]
        )
        failed = _briefs(session, workspace, chosen, brief) if brief else False
    raise typer.Exit(int(not found.same or failed))


def diff(context: typer.Context, earlier: Run, later: Run, year: Year = None, json_only: Json = False) -> None:
    """两个批次的差别：单位、事项、原、现、原因 · what changed between two runs: unit, item, from, to, why."""
    from analytics.store import compare_runs

    session: Session = context.obj
    chosen = session.year(year)
    found = compare_runs(session.store.at(chosen, earlier), session.store.at(chosen, later))
    if json_only:
        text = json.dumps(found.as_json(), ensure_ascii=False, indent=1)
        typer.echo(text.encode(errors="backslashreplace"))
    else:
        _draw(session, found)


def _draw(session: Session, found: RunDiff) -> None:
    from analytics.problems import shown

    typer.echo(found.shown.caption)
    if found.why:
        typer.echo(shown(found.why, 300))
    for line in found.lines:
        typer.echo(shown(line, len(line) * 6))  # escaped, never cut: it is evidence
    if not found.lines:
        session.say("两个批次的得分没有差别。", "the scores of the two runs are the same.")


@contextmanager
def _folder(chosen: Path | None, *, keep: bool) -> Iterator[Path]:
    """Where to rebuild; without a choice a passing folder, which stays when something was made for a reader in it."""
    if chosen or keep:
        yield (chosen or Path(tempfile.mkdtemp(prefix="replay-"))).absolute()
        return
    with tempfile.TemporaryDirectory(prefix="replay-") as passing:
        yield Path(passing)


def _english(found: Replay) -> str:
    if found.same:
        return f"the replay of run {found.run_id} of {found.year} agrees in every record and {found.totals} totals"
    units = "; ".join(map(str, found.differences)) or "in what was received or in the words of the rules"
    return f"the replay of run {found.run_id} of {found.year} differs: {units}"


def _briefs(session: Session, workspace: Workspace, year: int, named: Sequence[str]) -> bool:
    """Make the briefs in the rebuilt workspace; returns whether one failed."""
    from analytics.batch import plan_briefs
    from analytics.cli.batches import make, tell_results, way

    of_the_day = Session(workspace.root, session.language, session.debug)
    units = dict.fromkeys(of_the_day.unit(written, year) for written in named)
    with way(of_the_day, year, [workspace.brief_notebook]) as by:
        tasks = plan_briefs(workspace, of_the_day.store.latest(year), units, session.language)
        failed = tell_results(session, make(of_the_day, year, tasks, None, by))
    folder = workspace.reports(year) / "briefs"
    session.say(f"位置：{folder}", f"in {folder}")
    session.warn(failure.problem for failure in failed)
    return bool(failed)
