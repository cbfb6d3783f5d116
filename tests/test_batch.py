"""The batch: a task fails alone, a result is whole or absent, and a second run makes only what is missing or stale."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import made_up
import pytest

from analytics.batch import Done, Failed, Ledger, Task, local_workers, plan_briefs, plan_notebooks, run_tasks
from analytics.batch import manifest as published
from analytics.batch.notebook import APART, Limits, run_notebook
from analytics.batch.plan import declared_parameters
from analytics.problems import Problem, Refused
from analytics.store import ScoredYear, ScoreStore, disk
from analytics.workspace import REPOSITORY, Workspace

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
FILES = ("brief.html", "brief.pdf", "brief.docx")
PARAMETERS = 'unit = "ST01"  # 单位编号\nyear = 2020\nworkspace = "."\nfolder = "."'
WRITE = (
    "from pathlib import Path\nfor end in ('html', 'pdf', 'docx'):\n    Path(folder, f'brief.{end}').write_text(unit)"
)


def write_notebook(path: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    """A notebook with a title, a cell with parameters, and code cells."""

    def code(source: str, **metadata: object) -> dict[str, object]:
        number = f"cell-{len(source)}-{hash(source) % 10**6}"
        return {
            "cell_type": "code",
            "id": number,
            "metadata": metadata,
            "source": source,
            "outputs": [],
            "execution_count": None,
        }

    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# 一个问题？"}
    content = {
        "cells": [title, code(parameters, tags=["parameters"]), *map(code, cells)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def task(number: int = 1, key: str = "k", notebook: Path = Path("brief.ipynb"), **changed: Any) -> Task:
    built = Task(
        name=f"街道{number}",
        notebook=notebook,
        parameters={"unit": f"ST{number:02d}", "workspace": str(notebook.parent)},
        target=f"briefs/ST{number:02d}-街道{number}",
        record="brief.ipynb",
        files=FILES,
        key=key,
    )
    return replace(built, **changed)


@contextlib.contextmanager
def here(jobs: int) -> Iterator[Executor]:
    """An executor without processes, for what is not about them."""
    with ThreadPoolExecutor(jobs) as executor:
        yield executor


def writes(given: Task, scratch: Path) -> Problem | None:
    """Stands for a notebook: writes its files, or fails when its unit's number is 13."""
    if given.name == "街道13":
        return Problem("notebook-incomplete", "stop", facts={"name": given.name})
    if given.name == "街道14":
        raise RuntimeError("unforeseen")
    for name in (*given.files, given.record):
        (scratch / name).write_text(f"{given.name} {given.key}", encoding="utf-8")
    return None


def bring(tasks: Sequence[Task], reports: Path, **options: Any) -> tuple[Done | Failed, ...]:
    return run_tasks(tasks, reports, **{"start": here, "work": writes, "jobs": 2} | options)


def published_files(reports: Path) -> dict[str, bytes]:
    found = (path for path in reports.rglob("*") if path.is_file())
    return {
        path.relative_to(reports).as_posix(): path.read_bytes()
        for path in found
        if path.name not in ("ledger.jsonl", ".lock")
    }


def test_a_second_run_makes_nothing_again(tmp_path: Path) -> None:
    tasks = [task(number) for number in range(1, 4)]
    heard: list[str] = []
    first = bring(tasks, tmp_path, on_done=lambda result: heard.append(result.task.name))
    assert sorted(heard) == ["街道1", "街道2", "街道3"]
    assert all(isinstance(result, Done) and not result.skipped for result in first)
    assert all(isinstance(result, Done) and result.skipped for result in bring(tasks, tmp_path))


def writes_after_a_lost_worker(given: Task, scratch: Path) -> Problem | None:
    """A worker began in its own folder and was killed; another did the task."""
    lost = scratch / f"{APART}0"
    lost.mkdir()
    (lost / "half").write_text("half", encoding="utf-8")
    return writes(given, scratch)


def test_what_a_lost_worker_left_is_not_published(tmp_path: Path) -> None:
    bring([task()], tmp_path, work=writes_after_a_lost_worker)
    assert {Path(name).name for name in published_files(tmp_path)} == {*FILES, "brief.ipynb"}


def test_one_failure_does_not_touch_the_others(tmp_path: Path) -> None:
    results = bring([task(number) for number in (1, 13, 14, 2)], tmp_path)
    assert [type(result) for result in results] == [Done, Failed, Failed, Done]
    assert [result.problem.code for result in results if isinstance(result, Failed)] == [
        "notebook-incomplete",
        "task-failed",
    ]
    assert {path.name for path in (tmp_path / "briefs").iterdir()} == {"ST01-街道1", "ST02-街道2"}
    for result in results:
        if isinstance(result, Failed):
            assert "其余单位不受影响" in result.problem.message()


@pytest.mark.parametrize("fault", ["key", "missing", "altered", "ledger"])
def test_only_what_is_missing_or_stale_is_made_again(tmp_path: Path, fault: str) -> None:
    tasks = [task(number) for number in range(1, 4)]
    bring(tasks, tmp_path)
    before = published_files(tmp_path)
    second = tmp_path / tasks[1].made[0]
    if fault == "key":
        tasks[1] = replace(tasks[1], key="other")
    elif fault == "missing":
        second.unlink()
    elif fault == "altered":
        second.write_text("torn", encoding="utf-8")
    else:
        ledger = tmp_path / "ledger.jsonl"
        lines = ledger.read_text(encoding="utf-8").splitlines()
        kept = [line if "街道2" not in line else line[: len(line) // 2] for line in lines]
        ledger.write_text("\n".join(kept), encoding="utf-8")
    results = bring(tasks, tmp_path)
    assert [result.task.name for result in results if isinstance(result, Done) and not result.skipped] == ["街道2"]
    after = published_files(tmp_path)
    assert {name for name in after if after[name] != before[name]} <= set(tasks[1].made)
    assert all(isinstance(result, Done) and result.skipped for result in bring(tasks, tmp_path))


def test_a_result_is_whole_or_as_it_was_when_the_disk_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring([task()], tmp_path)
    before = published_files(tmp_path)

    def refuse(path: Path, target: Path) -> Path:
        raise PermissionError(13, "in use", str(path))

    monkeypatch.setattr(Path, "rename", refuse)
    (result,) = bring([task(key="other")], tmp_path)
    assert isinstance(result, Failed)
    assert "正在 Excel、WPS 或 Word 中打开" in result.problem.message()
    monkeypatch.undo()
    assert published_files(tmp_path) == before
    assert isinstance(bring([task(key="other")], tmp_path)[0], Done)


def test_leftovers_of_a_killed_batch_go_away(tmp_path: Path) -> None:
    left = tmp_path / "briefs" / ".new-1-1"
    left.mkdir(parents=True)
    bring([task()], tmp_path)
    assert not left.exists()


class Breaking(Executor):
    """An executor whose workers die with any task of unit 3; what else is waiting is lost with it."""

    def __init__(self) -> None:
        self.broken = False

    def submit(self, work: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.broken = self.broken or arguments[0].name == "街道3"
        if self.broken:
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result(work(*arguments, **named))
        return future


@contextlib.contextmanager
def breaking(jobs: int) -> Iterator[Executor]:
    yield Breaking()


def test_a_dying_worker_fails_only_its_own_task(tmp_path: Path) -> None:
    results = bring([task(number) for number in range(1, 6)], tmp_path, start=breaking)
    assert [type(result) for result in results] == [Done, Done, Failed, Done, Done]
    assert isinstance(results[2], Failed)
    assert results[2].problem.code == "worker-died"


def test_two_batches_in_one_folder_do_not_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "PATIENCE_SECONDS", 0.1)
    with disk.sole_writer(tmp_path), pytest.raises(Refused, match="另一个程序"):
        bring([task()], tmp_path)
    assert not (tmp_path / "briefs").exists()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Done | Failed]]:
    """Notebooks run by real workers and kernels, once for the tests below, in a folder with a space, {} and 汉字."""
    base = tmp_path_factory.mktemp("考核 {报告}")
    good = write_notebook(base / "good.ipynb", "print(unit, '<script>x</script>')", WRITE)
    shown = write_notebook(
        base / "shown.ipynb",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        "import pandas as pd\npd.DataFrame({'得分': [1.5]})",
    )
    tasks = [
        task(1, notebook=good),
        task(2, notebook=write_notebook(base / "raises.ipynb", "1 / 0", WRITE)),
        task(3, notebook=write_notebook(base / "dies.ipynb", "import os\nos._exit(0)", WRITE)),
        task(4, notebook=write_notebook(base / "hangs.ipynb", "import time\ntime.sleep(60)", WRITE)),
        task(5, notebook=write_notebook(base / "lazy.ipynb", "1")),
        task(6, notebook=write_notebook(base / "chatty.ipynb", "print('x' * 2**21)", WRITE)),
        task(7, notebook=write_notebook(base / "refuses.ipynb", REFUSES, WRITE)),
        task(9, notebook=write_notebook(base / "greedy.ipynb", "len(bytearray(3 * 2**30))", WRITE)),
        task(8, notebook=shown, target="analysis", record="shown.ipynb", files=()),
    ]
    results = run_tasks(tasks, base / "reports", 2, work=impatient)
    return base / "reports", {result.task.notebook.stem: result for result in results}


REFUSES = """
from analytics.problems import Problem, Refused
raise Refused([Problem("store-year-missing", "stop", facts={"found": "1999", "expected": "2020"})])
"""


def impatient(given: Task, scratch: Path) -> Problem | None:
    return run_notebook(given, scratch, Limits(cell_seconds=6, record_bytes=2**20))


Real = tuple[Path, dict[str, Done | Failed]]


def test_a_notebook_becomes_a_whole_folder(real: Real) -> None:
    reports, results = real
    assert isinstance(results["good"], Done)
    folder = reports / "briefs" / "ST01-街道1"
    assert {path.name for path in folder.iterdir()} == {*FILES, "brief.ipynb"}
    assert (folder / "brief.pdf").read_text(encoding="utf-8") == "ST01"


@pytest.mark.parametrize(
    ("notebook", "code", "said"),
    [
        ("raises", "notebook-cell-failed", "ZeroDivisionError"),
        ("dies", "notebook-kernel-died", "内存"),
        ("hangs", "notebook-timeout", "6秒"),
        ("lazy", "notebook-output-missing", "brief.html"),
        ("chatty", "notebook-too-large", "1 MB"),
        ("refuses", "notebook-cell-failed", "没有1999年度"),
        pytest.param("greedy", "notebook-cell-failed", "MemoryError", marks=LINUX),
    ],
)
def test_a_notebook_that_fails_says_why_and_leaves_nothing(real: Real, notebook: str, code: str, said: str) -> None:
    reports, results = real
    failed = results[notebook]
    assert isinstance(failed, Failed)
    assert failed.problem.code == code
    assert said in failed.problem.message()
    assert not (reports / failed.task.target).exists()


def test_the_record_holds_no_time_and_no_folder_of_this_machine(real: Real) -> None:
    reports, _ = real
    for path in reports.rglob("*.ipynb"):
        record = path.read_text(encoding="utf-8")
        assert str(reports.parent) not in json.dumps(json.loads(record), ensure_ascii=False)
        assert "start_time" not in record
        assert "iopub" not in record
    given = json.loads((reports / "briefs" / "ST01-街道1" / "brief.ipynb").read_text(encoding="utf-8"))["cells"][2]
    assert given["id"] == "parameters-given"
    assert "folder = 'briefs/ST01-街道1'" in "".join(given["source"])


def test_the_page_needs_no_network_and_shows_no_code(real: Real) -> None:
    reports, results = real
    assert isinstance(results["shown"], Done)
    page = (reports / "analysis" / "shown.html").read_text(encoding="utf-8")
    assert "<title>一个问题？</title>" in page
    assert "得分" in page
    assert "data:image/png;base64" in page
    assert not re.findall(r"""(?:src|href|url|@import)\s*[=(]?\s*["']?\s*https?:""", page)
    assert "<script" not in page
    assert "import pandas" not in page
    assert "default-src 'none'" in page


def test_no_worker_or_kernel_is_left(real: Real) -> None:
    reports, _ = real
    assert not list(reports.rglob(".new-*"))
    if not Path("/proc").is_dir():
        pytest.skip("needs /proc to see processes")
    assert not processes_naming(str(reports.parent))


def processes_naming(text: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            facts = (path / "environ").read_bytes() + bytes((path / "cwd").readlink())
            state = (path / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            if text.encode() in facts and state != "Z":
                found.append(path.name)
    return found


LONG_BATCH = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]).parent / "tests"))
from test_batch import run_tasks, task
if __name__ == "__main__":
    base = Path(sys.argv[2])
    run_tasks([task(n, notebook=base / "slow.ipynb") for n in range(4)], base / "reports", 2)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see processes")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_an_interrupted_batch_leaves_nothing_running(tmp_path: Path, how: signal.Signals) -> None:
    write_notebook(
        tmp_path / "slow.ipynb", f"import pathlib, time\npathlib.Path({str(tmp_path)!r}, unit).touch()\ntime.sleep(60)"
    )
    script = tmp_path / "long_batch.py"
    script.write_text(LONG_BATCH, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "TMPDIR": str(tmp_path)}
    command = [sys.executable, str(script), str(REPOSITORY / "analytics"), str(tmp_path)]
    hearing = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a suite started in the background ignores it
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, preexec_fn=hearing) as process:
        wait_until(lambda: len(list(tmp_path.glob("ST*"))) == 2, 40)
        process.send_signal(how)
        process.wait(10)
    wait_until(lambda: not processes_naming(str(tmp_path)), 10)
    assert not (tmp_path / "reports" / "ledger.jsonl").exists()
    if how is signal.SIGINT:
        assert not list((tmp_path / "reports").rglob(".new-*"))


def wait_until(true: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def interrupted_batch() -> None:
    with local_workers(1) as executor:
        executor.submit(time.sleep, 60)
        raise KeyboardInterrupt


def test_workers_leave_when_the_block_ends_early() -> None:
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted_batch()
    assert time.monotonic() - started < 10


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with one scored year, a brief notebook and one analysis notebook."""
    made = Workspace(tmp_path)
    for name in ("notebooks", "params"):
        monkeypatch.setattr(Workspace, name, tmp_path / name)
    made.data.mkdir()
    made.units.write_text("area: 甲区\nunits: []\n", encoding="utf-8")
    write_notebook(tmp_path / "notebooks" / "60_unit_brief.ipynb", WRITE)
    write_notebook(tmp_path / "notebooks" / "20_scores.ipynb", "1", parameters='year = 2020\nkind = "street_town"')
    write_run_file(tmp_path / "params" / "20_scores.yaml", "kind: department")
    ScoreStore(made.store).append(ScoredYear(2020, ()))
    return made


def write_run_file(path: Path, *parameters: str, notebook: str = "20_scores.ipynb", name: str = "20_scores") -> None:
    path.parent.mkdir(exist_ok=True)
    lines = [f"notebook: {notebook}", f"name: {name}", "parameters:", *(f"  {line}" for line in parameters)]
    path.write_text("\n".join(lines), encoding="utf-8")


def plan(workspace: Workspace, **changed: Any) -> tuple[Task, ...]:
    scored = ScoreStore(workspace.store).latest(2020)
    units = [made_up.street(1), made_up.street(2)]
    return (*plan_notebooks(workspace, scored, **changed), *plan_briefs(workspace, scored, units, **changed))


def test_a_plan_names_notebook_parameters_and_place(workspace: Workspace) -> None:
    scores, first, _ = plan(workspace)
    assert scores.parameters == {"year": 2020, "kind": "department"}
    assert scores.made == ("analysis/20_scores.ipynb", "analysis/20_scores.html")
    assert first.parameters == {"unit": "ST01", "year": 2020, "workspace": workspace.root.as_posix()}
    assert first.target == "briefs/ST01-街道1"


def test_a_plan_stays_the_same_when_nothing_changes(workspace: Workspace) -> None:
    assert plan(workspace) == plan(workspace)


def test_what_a_task_depends_on_changes_its_key(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(before: tuple[Task, ...]) -> set[str]:
        after = plan(workspace)
        return {new.name for old, new in zip(before, after, strict=True) if old.key != new.key}

    everything = {"20_scores", "街道1", "街道2"}
    now = plan(workspace)
    write_notebook(workspace.notebooks / "60_unit_brief.ipynb", WRITE, "2")
    assert changed(now) == {"街道1", "街道2"}
    now = plan(workspace)
    write_run_file(workspace.params / "20_scores.yaml", "kind: street_town")
    assert changed(now) == {"20_scores"}
    now = plan(workspace)
    ScoreStore(workspace.store).append(ScoredYear(2020, (), synthetic=True))
    assert changed(now) == everything
    now = plan(workspace)
    ScoreStore(workspace.store).append(ScoredYear(2018, ()))
    assert changed(now) == everything
    now = plan(workspace)
    ScoreStore(workspace.store).append(ScoredYear(2021, ()))
    assert changed(now) == {"20_scores"}  # a brief looks back, not ahead
    now = plan(workspace)
    workspace.units.write_text("area: 乙区\nunits: []\n", encoding="utf-8")
    assert changed(now) == everything
    now = plan(workspace)
    monkeypatch.setattr("analytics.batch.plan.code_version", lambda: "other")
    assert changed(now) == everything
    assert {new.key for new in plan(workspace, language="en")}.isdisjoint(new.key for new in plan(workspace))


def test_an_unknown_parameter_is_refused(workspace: Workspace) -> None:
    write_run_file(workspace.params / "20_scores.yaml", "kidn: department")
    with pytest.raises(Refused, match=r"params/20_scores\.yaml：.*没有参数“kidn”；可用的参数：year、kind"):
        plan(workspace)


def test_a_brief_notebook_without_a_folder_is_refused(workspace: Workspace) -> None:
    write_notebook(workspace.notebooks / "60_unit_brief.ipynb", WRITE, parameters='unit = ""\nyear = 1\nworkspace = ""')
    with pytest.raises(Refused, match="没有参数“folder”"):
        plan(workspace)


@pytest.mark.parametrize(
    "content",
    [
        "- 1",
        "notebook: ../20_scores.ipynb",
        "name: a/b\nnotebook: 20_scores.ipynb",
        "notebook: 20_scores.ipynb\nyear: 1",
        "a: [",
    ]
    + [
        "notebook: 20_scores.ipynb\nparameters: {kind: 2020-10-31}",
        "notebook: 20_scores.ipynb\nparameters: {kind: {a: 1}}",
    ],
)
def test_a_malformed_file_in_params_is_refused(workspace: Workspace, content: str) -> None:
    (workspace.params / "bad.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match=r"bad\.yaml"):
        plan(workspace)


def test_names_in_params_are_known_and_single(workspace: Workspace) -> None:
    scored = ScoreStore(workspace.store).latest(2020)
    assert [one.name for one in plan_notebooks(workspace, scored, ["20_scores"])] == ["20_scores"]
    with pytest.raises(Refused, match="没有名为“30_trends”的分析；可用的名称：20_scores"):
        plan_notebooks(workspace, scored, ["30_trends"])
    write_run_file(workspace.params / "copy.yaml")
    with pytest.raises(Refused, match="“20_scores”用了不止一次"):
        plan(workspace)


def test_a_notebook_without_its_cell_of_parameters_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text('{"cells": []}', encoding="utf-8")
    with pytest.raises(Refused, match="恰有一个标记为 parameters"):
        declared_parameters(tmp_path / "a.ipynb")
    with pytest.raises(Refused, match="没有找到此笔记本"):
        declared_parameters(tmp_path / "b.ipynb")


def test_a_published_year_fits_its_manifest_until_it_is_touched(workspace: Workspace) -> None:
    from datetime import UTC, datetime

    reports = workspace.reports(2020)
    bring(plan_briefs(workspace, ScoreStore(workspace.store).latest(2020), [made_up.street(1)]), reports)
    path = published.write_manifest(workspace, 2020, datetime(2020, 12, 1, tzinfo=UTC))
    written = path.read_bytes()
    assert list(published.manifest_problems(workspace, 2020)) == []
    published.write_manifest(workspace, 2020, datetime(2020, 12, 2, tzinfo=UTC))
    assert path.read_bytes() == written
    (reports / "briefs" / "ST01-街道1" / "brief.pdf").write_text("x", encoding="utf-8")
    (reports / "note.txt").write_text("x", encoding="utf-8")
    assert [p.code for p in published.manifest_problems(workspace, 2020)] == [
        "published-file-altered",
        "published-file-unknown",
    ]
    path.write_text("{", encoding="utf-8")
    assert [p.code for p in published.manifest_problems(workspace, 2020)] == ["published-manifest-missing"]


def test_a_manifest_names_a_run_that_is_in_the_store(workspace: Workspace) -> None:
    from datetime import UTC, datetime

    workspace.reports(2020).mkdir(parents=True)
    (workspace.reports(2020) / "index.html").write_text("x", encoding="utf-8")
    published.write_manifest(workspace, 2020, datetime(2020, 12, 1, tzinfo=UTC))
    assert published.published_years(workspace) == (2020,)
    (workspace.store / "scored").rename(workspace.store / "elsewhere")
    assert [p.code for p in published.manifest_problems(workspace, 2020)] == ["published-run-unknown"]


def test_a_ledger_tells_done_stale_and_missing(tmp_path: Path) -> None:
    bring([task()], tmp_path)
    ledger = Ledger(tmp_path)
    assert [ledger.state(one) for one in (task(), task(key="other"), task(2))] == ["done", "stale", "missing"]


def test_a_ledger_cut_off_inside_a_character_loses_that_line_only(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_bytes('{"task": "一'.encode()[:-1])
    bring([task()], tmp_path)
    assert Ledger(tmp_path).state(task()) == "done"


@pytest.mark.parametrize("run", [3, {}, {"run_id": 1}])
def test_a_manifest_that_was_tampered_with_is_called_unreadable(workspace: Workspace, run: object) -> None:
    folder = workspace.reports(2020)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"outputs": {}, "run": run}), encoding="utf-8")
    assert [problem.code for problem in published.manifest_problems(workspace, 2020)] == ["published-manifest-missing"]


def full_disk(task: Task, scratch: Path) -> Problem | None:
    raise OSError(28, "No space left on device", str(scratch))


def test_a_worker_whose_disk_is_full_says_so_and_whose_result_it_was(tmp_path: Path) -> None:
    (result,) = bring([task()], tmp_path, work=full_disk)
    assert isinstance(result, Failed)
    assert (result.problem.code, result.problem.file) == ("no-space-left", str(tmp_path / task().target))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no server starts the workers")
def test_a_worker_that_cannot_begin_prints_nothing() -> None:
    code = (
        "from analytics.batch import worker\nworker.begin_worker = len\n"
        "with worker.local_workers(1) as executor: print(type(executor.submit(int).exception()).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("BrokenProcessPool\n", "")
