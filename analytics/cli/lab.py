"""The command lab: JupyterLab in Chinese on our notebooks, apart from any other Jupyter of the user's."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from analytics.cli.session import Session

# Where Jupyter keeps what it remembers. Set here, the user's own Jupyter neither changes ours nor is changed by it.
STATE = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "user-settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(lab)


def lab(context: typer.Context) -> None:
    """打开中文 JupyterLab，其余选项转交给它 · open JupyterLab on our notebooks; other options are handed to it."""
    from analytics.workspace import CHOSEN, REPOSITORY

    session: Session = context.obj
    workspace = session.workspace
    variables = environment(os.environ, workspace.notebooks / "settings", REPOSITORY)
    quiet_kernels(Path(variables["IPYTHONDIR"]))
    command = [sys.executable, "-m", "jupyterlab", *context.args]
    session.say(
        "正在启动 JupyterLab：浏览器会打开“从这里开始”一页；要结束，在本窗口按 Ctrl-C。",
        "Starting JupyterLab: the browser opens the start page; press Ctrl-C in this window to end it.",
    )
    raise typer.Exit(until_ended(command, {**variables, CHOSEN: str(workspace.root)}))


def environment(given: Mapping[str, str], settings: Path, package: Path) -> dict[str, str]:
    """The variables JupyterLab and its kernels start with; those of ``STATE`` that are given already are kept."""
    own = {name: str(settings / "state" / folder) for name, folder in STATE.items()}
    before = {"JUPYTER_CONFIG_PATH": settings, "PYTHONPATH": package}
    paths = {name: os.pathsep.join([str(first), *filter(None, [given.get(name)])]) for name, first in before.items()}
    return {
        **own,
        **given,
        **paths,
        "JUPYTER_PREFER_ENV_PATH": "1",  # our Python's kernel, not one the user has registered under the same name
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a note for programmers in the terminal
        "PYTHONUTF8": "1",
    }


def quiet_kernels(folder: Path) -> None:
    """Keep the kernels' notes for programmers, such as the one about TCP without encryption, out of the terminal."""
    profile = folder / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    settings = {"IPKernelApp": {"log_level": "ERROR"}}
    (profile / "ipython_kernel_config.json").write_text(json.dumps(settings), encoding="utf-8")


def until_ended(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run the command to its end and return its exit status, counted as a shell does when a signal ended it."""
    process = subprocess.Popen(command, env=variables)
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        while True:
            # Ctrl-C reaches it, too, and it may have a last file to write.
            with contextlib.suppress(KeyboardInterrupt):
                status = process.wait()
                return status if status >= 0 else 128 - status
    finally:
        signal.signal(signal.SIGTERM, before)
