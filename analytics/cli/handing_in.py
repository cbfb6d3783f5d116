"""Commands around what units hand in: forms, check, intake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.cli.session import Session

if TYPE_CHECKING:
    from analytics.intake import Intake

Year = Annotated[int | None, typer.Option(help="年度，默认最新 · year, the newest by default")]
Json = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象 · print one JSON object and nothing else")]
Inbox = Annotated[Path | None, typer.Option(metavar="DIR", help="收件文件夹 · folder with the received files")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(forms)
    app.command()(check)
    app.command()(intake)


def forms(
    context: typer.Context,
    year: Year = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="放在哪里 · where to put them")] = None,
) -> None:
    """由细则生成空白表格 · make the year's blank workbooks from the rubric."""
    from analytics.cli.journey import seal
    from analytics.documents.blank_forms import write_forms
    from analytics.store import disk

    session: Session = context.obj
    chosen = session.year(year)
    folder = out or session.workspace.reports(chosen) / "forms"
    with disk.refusing(folder):
        files = write_forms(session.workspace, session.registry, session.rules(chosen), folder)
    if out is None:
        seal(session, chosen)
    session.say(f"已生成空白表格 {len(files)} 个：{folder}", f"{len(files)} blank forms: {folder}")


def check(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="表格或文件夹 · workbooks or folders", exists=True)
    ],
    year: Year = None,
    json_only: Json = False,
) -> None:
    """报送前检查表格，不写任何文件 · say what is wrong with workbooks; writes nothing."""
    from analytics.intake import check_paths

    session: Session = context.obj
    chosen = session.year(year)
    found = check_paths(session.workspace, session.registry, session.rules(chosen), paths)
    if json_only:
        _print_json(found)
    else:
        _tell_files(session, found)
    raise typer.Exit(int(any(submission.outcome == "rejected" for submission in found.submissions)))


def intake(context: typer.Context, year: Year = None, inbox: Inbox = None, json_only: Json = False) -> None:
    """收件：读取、检查、留存，写出退回件和收件报告 · receive, read, check, keep; write return copies and the report."""
    from analytics.cli.journey import publish_intake, receive_year, seal, tell_intake

    session: Session = context.obj
    chosen = session.year(year)
    received = receive_year(session, chosen, inbox)
    report = publish_intake(session, received)
    seal(session, chosen)
    if json_only:
        _print_json(received)
    else:
        _tell_files(session, received)
        tell_intake(session, received)
        session.say(f"收件报告：{report}", f"intake report: {report}")
    raise typer.Exit(int(bool(received.open_rejections)))


def _print_json(found: Intake) -> None:
    text = json.dumps(found.as_json(), ensure_ascii=False, indent=1)
    typer.echo(text.encode(errors="backslashreplace"))  # UTF-8, whatever the console speaks: a program reads it


def _tell_files(session: Session, found: Intake) -> None:
    """One line for each file, then a line for each of its problems."""
    from analytics.cli.journey import OUTCOMES
    from analytics.problems import shown

    for submission in found.submissions:
        unit = session.registry[submission.unit].name if submission.unit in session.registry else ""
        name = shown(submission.source.name)
        typer.echo(f"{name}：{session.words(*OUTCOMES[submission.outcome])}{f'（{unit}）' if unit else ''}")
        for problem in submission.problems:
            typer.echo(f"    {problem.message(session.language)}")
