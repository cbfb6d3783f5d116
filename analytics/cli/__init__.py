"""The command line: each command is a library call and a print. Nothing is imported before a command needs it."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import traceback
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from analytics.cli import appeals, care, handing_in, lab, past, reporting, scoring
from analytics.cli.session import Language, Session

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
for commands in (reporting, handing_in, scoring, appeals, past, care, lab):
    commands.add_to(app)


@app.callback(invoke_without_command=True)
def _common(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="工作区：含 data 和 reports 的文件夹 · folder with data/ and reports/"),
    ] = None,
    lang: Annotated[Language, typer.Option(help="输出语言 · language of the output")] = "zh",
    debug: Annotated[bool, typer.Option("--debug", help="出错时显示详情 · show tracebacks")] = False,
) -> None:
    """年度安全生产和消防工作考核：收件、计分、分析、简报。· Score, explain and report a year's safety assessment.

    共同选项写在命令前后均可。退出状态：0 正常，1 有退回、待裁定或未做成，2 用法不对，130 中断。
    """
    context.obj = Session(workspace, lang, debug)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status. A traceback is shown only with ``--debug``."""
    given = common_first(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console that lacks a character must not end the program
            stream.reconfigure(errors="replace")
    if threading.current_thread() is threading.main_thread():
        _end_like_ctrl_c()
    gc.set_threshold(50_000, 20, 50)  # a year is many small records that stay: looking for garbage costs a quarter
    try:
        return int(app(given, prog_name="analytics", standalone_mode=False) or 0)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except Exception as error:  # noqa: BLE001  (the last line of defence: a user gets a sentence, whatever happened)
        return _said(error, given)


def _end_like_ctrl_c() -> None:
    """Being told to end, or losing the terminal, ends the program as Ctrl-C does: with its children, cleaning up.

    Ctrl-C too: a shell script starts a program in the background with it ignored. nohup's wish is kept.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, signal.default_int_handler)


def common_first(arguments: list[str]) -> list[str]:
    """The arguments with the common options moved to the front, where the parser wants them."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in ("--workspace", "--lang"):
            front += [word, *([value] if (value := next(words, None)) is not None else [])]
        elif word == "--debug" or word.startswith(("--workspace=", "--lang=")):
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def _said(error: Exception, given: list[str]) -> int:
    """Tell the user what went wrong, on stderr, and return the exit status."""
    from analytics.cli.usage import told
    from analytics.problems import Problem, Refused, shown

    english = "--lang=en" in given or ("--lang", "en") in pairwise(given)
    usage = getattr(error, "format_message", None)
    if usage is not None:
        typer.echo(told(usage(), english), err=True)
        return int(getattr(error, "exit_code", 2))
    if "--debug" in given:
        traceback.print_exception(error)
        return 1
    if isinstance(error, OSError):
        file = str(error.filename2 or error.filename or "")
        facts = {"found": error.strerror or str(error)}
        error = Refused([Problem("system-refused", "stop", file=file, facts=facts)])
    if isinstance(error, Refused):
        for problem in error.problems:
            typer.echo(problem.message("en" if english else "zh"), err=True)
    else:
        what = shown(f"{type(error).__name__}: {error}", 200)
        advice = (
            f"unexpected error: {what}. Add --debug for details."
            if english
            else f"意外错误：{what}。加 --debug 查看详情。"
        )
        typer.echo(advice, err=True)
    return 1
