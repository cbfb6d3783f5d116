"""Commands around what units hand in: forms, check, intake."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.cli.session import Session

if TYPE_CHECKING:
    from analytics.intake import Intake

Year = Annotated[int | None, typer.Option(help="年度，默认最新 · year, the newest by default")]
Json = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象 · print one JSON object and nothing else")]
Received = Annotated[
    datetime.datetime | None,
    typer.Option(
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        metavar="WHEN",
        help="没有收件登记的文件何时收到，如 2020-11-02T09:00 · when files came that no register names",
    ),
]
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
    received: Received = None,
    marked_copy: Annotated[
        Path | None,
        typer.Option("--marked-copy", metavar="OUT", help="另写批注件，不改原件 · also write copies with marks"),
    ] = None,
) -> None:
    """报送前检查表格，不改原件 · say what is wrong with workbooks; they are never written to."""
    from analytics.cli.marking import write_marked_copies
    from analytics.intake import check_paths

    session: Session = context.obj
    chosen = session.year(year)
    found = check_paths(session.workspace, session.registry, session.rules(chosen), paths, received)
    copies = write_marked_copies(found, paths, marked_copy) if marked_copy else ()
    if json_only:
        _print_json(found)
    else:
        _tell_files(session, found)
        _tell_checked(session, found)
        for copy in copies:
            session.say(f"批注件：{copy}", f"marked copy: {copy}")
    raise typer.Exit(int(any(submission.outcome == "rejected" for submission in found.submissions)))


def intake(
    context: typer.Context,
    year: Year = None,
    inbox: Inbox = None,
    json_only: Json = False,
    received: Received = None,
) -> None:
    """收件：读取、检查、留存，写出退回件和收件报告 · receive, read, check, keep; write return copies and the report."""
    from analytics.cli.journey import publish_intake, receive_year, seal, tell_intake

    session: Session = context.obj
    chosen = session.year(year)
    found = receive_year(session, chosen, inbox, received)
    report = publish_intake(session, found)
    seal(session, chosen)
    if json_only:
        _print_json(found)
    else:
        _tell_files(session, found)
        tell_intake(session, found)
        session.say(f"收件报告：{report}", f"intake report: {report}")
    raise typer.Exit(int(bool(found.open_rejections)))


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


def _tell_checked(session: Session, found: Intake) -> None:
    """What the marks add up to, for each self-assessment, and how many files may be handed in as they are."""
    from analytics.problems import shown

    for file in found.as_json()["files"]:
        if file["form"] == "self_assessment" and file["values"]:
            name, open_ = shown(file["file"]), "、".join(file["undecided"])
            if open_:
                session.say(f"{name}：第{open_}项未定，暂无合计", f"{name}: items {open_} undecided, no total yet")
            else:
                session.say(f"{name}：自评合计{file['total']}分", f"{name}: {file['total']} points in all")
    counts = found.counts
    session.say(
        f"检查 {len(found.submissions)} 个文件：可以报送 {counts['accepted']}，可以报送但请核对 "
        f"{counts['accepted_with_warning']}，须改正 {counts['rejected']}，不是报表 {counts['ignored']}",
        f"{len(found.submissions)} files: {counts['accepted']} in order, {counts['accepted_with_warning']} with "
        f"warnings, {counts['rejected']} to be mended, {counts['ignored']} ignored",
    )
