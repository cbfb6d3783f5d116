"""JupyterLab as ``python run.py lab`` starts it: what it is told, what it may change, and the start page in a browser.

The browser test drives the Chromium that is there and skips, saying so, where there is none; it downloads nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from made_up_store import made_up_workspace
from tornado.web import HTTPError

from analytics.cli import lab, main
from analytics.cli.lab_contents import Contents
from analytics.workspace import REPOSITORY

SETTINGS = REPOSITORY / "notebooks" / "settings"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", *(["--no-sandbox"] if AS_ROOT else []),
]  # fmt: skip
MENUS = ["文件", "编辑", "查看", "运行", "内核", "标签页", "设置", "帮助"]
MOST_SECONDS = 60


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("考核 工作区")
    made_up_workspace(root, (2019, 2020))
    return root


def test_other_options_are_handed_on(office: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: dict[str, Any] = {}
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))

    def until_ended(command: list[str], variables: dict[str, str]) -> int:
        started.update(variables, command=command)
        return 3

    monkeypatch.setattr(lab, "until_ended", until_ended)
    assert main(["lab", "--no-browser", "--port", "8899", "--workspace", str(office)]) == 3
    assert started["command"] == [sys.executable, "-m", "jupyterlab", "--no-browser", "--port", "8899"]
    assert started["ANALYTICS_WORKSPACE"] == str(office)


def test_it_keeps_to_itself_but_for_what_the_user_has_set() -> None:
    given = {"JUPYTER_DATA_DIR": "/own", "PYTHONPATH": "/lib", "PATH": "/bin"}
    variables = lab.environment(given, SETTINGS, REPOSITORY)
    assert variables["JUPYTER_DATA_DIR"] == "/own"
    assert variables["PATH"] == "/bin"
    assert variables["PYTHONPATH"].split(os.pathsep) == [str(REPOSITORY), "/lib"]
    assert variables["JUPYTER_CONFIG_PATH"] == str(SETTINGS)
    others = set(lab.STATE) - {"JUPYTER_DATA_DIR"}
    assert {Path(variables[name]).parent for name in others} == {SETTINGS / "state"}


def test_what_it_remembers_and_own_notebooks_stay_out_of_git() -> None:
    paths = ["notebooks/settings/state/data/x.db", "notebooks/own/我的.ipynb"]
    told = subprocess.run(
        ["git", "-c", "core.quotePath=false", "check-ignore", *paths],
        cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if told.returncode == 128:
        pytest.skip("not a git repository")
    assert told.stdout.splitlines() == paths


def test_its_settings_are_chinese_and_ask_nobody() -> None:
    overrides = json.loads((SETTINGS / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8"))
    assert overrides["@jupyterlab/translation-extension:plugin"] == {"locale": "zh_CN"}
    assert overrides["@jupyterlab/apputils-extension:notification"] == {"fetchNews": "false", "checkForUpdates": False}


def test_its_end_is_the_end_of_what_it_started() -> None:
    assert lab.until_ended([sys.executable, "-c", "raise SystemExit(5)"], os.environ) == 5


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 128 + 15), ("SIGINT", 5)])
def test_being_told_to_end_reaches_it_and_ctrl_c_waits_for_it(name: str, status: int) -> None:
    tells = f"import os, signal, time; os.kill(os.getppid(), signal.{name}); time.sleep(1); raise SystemExit(5)"
    assert lab.until_ended([sys.executable, "-c", tells], os.environ) == status


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    """A root with one template and the folder for own notebooks."""
    (tmp_path / "notebooks" / "own").mkdir(parents=True)
    shutil.copy(REPOSITORY / "notebooks" / "20_scores.ipynb", tmp_path / "notebooks")
    return Contents(root_dir=str(tmp_path))


def test_a_template_cannot_be_changed(contents: Contents) -> None:
    path = "notebooks/20_scores.ipynb"
    model = asyncio.run(contents.get(path))
    assert model["writable"] is False
    for change in (
        contents.save(model, path),
        contents.save(model, "/notebooks/21_new.ipynb"),
        contents.rename_file(path, "own.ipynb"),
        contents.rename_file("own.ipynb", path),
        contents.delete_file(path),
    ):
        with pytest.raises(HTTPError, match="notebooks/own"):
            asyncio.run(change)
    assert asyncio.run(contents.get(path, content=False))["writable"] is False


def test_a_copy_of_a_template_and_a_new_notebook_are_ones_own(contents: Contents) -> None:
    copy = asyncio.run(contents.copy("notebooks/20_scores.ipynb", "notebooks"))
    beside = asyncio.run(contents.copy("notebooks/20_scores.ipynb"))
    fresh = asyncio.run(contents.new_untitled("/notebooks", type="notebook"))
    folder = asyncio.run(contents.get("notebooks/own"))
    assert {str(Path(model["path"]).parent) for model in (copy, beside, fresh)} == {str(Path("notebooks/own"))}
    assert len(folder["content"]) == 3
    opened = asyncio.run(contents.get(copy["path"]))
    assert opened["writable"] is True
    asyncio.run(contents.save(opened, copy["path"]))


@dataclass(frozen=True)
class Server:
    base: str
    token: str
    log: Path
    process: subprocess.Popen[bytes]

    def asked(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.base}{path}?token={self.token}", timeout=5) as answer:
            return json.load(answer)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


@pytest.fixture
def server(office: Path, tmp_path: Path) -> Iterator[Server]:
    """Our own command, started from another folder, on a free port, with state of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, log = secrets.token_hex(16), tmp_path / "lab.log"
    own = {name: str(tmp_path / "state" / folder) for name, folder in lab.STATE.items()}
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={token}"]
    options += ["--ServerApp.port_retries=0", *(["--allow-root"] if AS_ROOT else [])]
    command = [sys.executable, "-P", "-m", "analytics", "lab", *options, "--workspace", str(office)]
    variables = os.environ | own | {"PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1"}
    with log.open("wb") as sink:
        process = subprocess.Popen(command, cwd=tmp_path, env=variables, stdout=sink, stderr=subprocess.STDOUT)
    started = Server(f"http://127.0.0.1:{port}", token, log, process)
    try:
        _wait_for(started)
        yield started
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(server: Server) -> None:
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        assert server.process.poll() is None, server.said()
        try:
            server.asked("/api")
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"JupyterLab did not answer: {server.said()}")


def _kernel_is_ready(server: Server) -> bool:
    """What the page itself shows comes before the session exists; running cells would then ask for a kernel."""
    sessions = server.asked("/api/sessions")
    return bool(sessions) and all(
        session["kernel"]["execution_state"] == "idle" and session["kernel"]["connections"] for session in sessions
    )


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found; set CHROMIUM to its path")
def test_an_analyst_opens_the_start_page_runs_it_and_chooses_a_street(server: Server, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    errors: list[str] = []
    outside: list[str] = []
    allowed = (server.base, server.base.replace("http", "ws", 1), "data:", "blob:")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000}, locale="zh-CN")
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda sent: None if sent.url.startswith(allowed) else outside.append(sent.url))
        page.goto(f"{server.base}/?token={server.token}")
        notebook = page.locator(".jp-Notebook")
        notebook.locator(".jp-CodeCell").first.wait_for(timeout=MOST_SECONDS * 1000)
        assert urllib.parse.urlparse(page.url).path == "/lab/tree/notebooks/00_start.ipynb"
        for _ in range(150):
            if _kernel_is_ready(server):
                break
            page.wait_for_timeout(200)
        assert page.locator("li.lm-MenuBar-item").all_inner_texts() == MENUS

        page.locator("li.lm-MenuBar-item", has_text="运行").click()
        page.get_by_text("运行所有单元格", exact=True).first.click()
        street = notebook.locator("select").last
        street.wait_for(timeout=MOST_SECONDS * 1000)
        playwright.expect(notebook).to_contain_text("计分口径与假定", timeout=MOST_SECONDS * 1000)
        chart = notebook.locator(".jp-OutputArea-output img").first
        before = chart.get_attribute("src")
        page.screenshot(path=str(tmp_path / "run.png"))

        street.select_option(label="长寿路街道")
        playwright.expect(notebook).to_contain_text("长寿路街道，2020年度", timeout=20_000)
        playwright.expect(chart).not_to_have_attribute("src", before, timeout=20_000)
        page.screenshot(path=str(tmp_path / "chosen.png"))

        notebook.get_by_role("link", name="同类单位之间差在哪里？").click()
        page.wait_for_url("**/40_compare_streets.ipynb", timeout=20_000)
        wrong = ("stderr", "error")
        for kind in wrong:
            assert page.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']").count() == 0
        browser.close()
    assert (errors, outside) == ([], [])
    server.process.terminate()
    server.process.wait(15)
    assert "Traceback" not in server.said()
