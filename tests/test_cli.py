"""The command line: what it prints where, and with which status it ends."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import made_up
import pytest
from made_up_store import SILENT, made_up_workspace

from analytics.batch import Done, Failed, Task
from analytics.cli import batches, common_first, main
from analytics.cli.session import Session
from analytics.intake import Intake
from analytics.policy import YearRules
from analytics.problems import Problem, Refused
from analytics.provenance import SourceFile
from analytics.records import Observation, Submission
from analytics.store import ScoreStore
from analytics.store.manifest import read_manifest
from analytics.units import UnitRegistry
from analytics.workspace import REPOSITORY, Inbox, Workspace

COMMANDS = (
    "run",
    "forms",
    "check",
    "intake",
    "score",
    "explain",
    "replay",
    "diff",
    "analyse",
    "brief",
    "status",
    "verify",
    "lab",
)
YEAR = 2020


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one scored year, in which one unit handed in nothing. Read only."""
    root = tmp_path_factory.mktemp("考核 2020")
    made_up_workspace(root, (YEAR,))
    inbox = Workspace(root).sample(YEAR)
    inbox.mkdir(parents=True)
    (inbox / "自评表.xlsx").write_bytes(b"workbook")
    return root


@pytest.fixture
def office(scored: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(scored, tmp_path / "office"))


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command; gives status, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err or "--debug" in arguments
        return status, captured.out, captured.err

    return run


Command = Callable[..., tuple[int, str, str]]


def test_help_names_every_command_at_once(command: Command) -> None:
    status, out, _ = command("--help")
    assert status == 0
    assert all(f" {name} " in out for name in COMMANDS)
    assert command() == (0, out, "")


def test_help_answers_quickly() -> None:
    def seconds() -> float:
        started = time.monotonic()
        subprocess.run([sys.executable, "-m", "analytics", "--help"], cwd=REPOSITORY, capture_output=True, check=True)
        return time.monotonic() - started

    assert min(seconds() for _ in range(3)) < 1.0  # 0.25 s when nothing else runs


def test_common_options_are_taken_before_and_after_the_command() -> None:
    assert common_first(["score", "--year", "2020", "--lang", "en", "--debug"]) == [
        "--lang",
        "en",
        "--debug",
        "score",
        "--year",
        "2020",
    ]
    assert common_first(["check", "--workspace=w", "--", "--lang"]) == ["--workspace=w", "check", "--", "--lang"]
    assert common_first(["check", "--lang"]) == ["--lang", "check"]


def test_wrong_usage_ends_with_two(command: Command) -> None:
    for arguments in (
        ["scroe"],
        ["explain"],
        ["score", "--year", "last"],
        ["--lang", "fr", "verify"],
        ["brief", "--jobs", "0"],
    ):
        status, out, err = command(*arguments)
        assert (status, out) == (2, "")
        assert err.startswith("用法不对：")
        assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["statsu"], "没有“statsu”这个命令，相近的是“status”。"),
        (["frobnicate"], "没有“frobnicate”这个命令。"),
        (["run", "--yaer", "2020"], "没有“--yaer”这个选项。"),
        (["run", "--year"], "“--year”后面缺少值。"),
        (["run", "--year", "abc"], "“--year”应为整数。"),
        (["run", "--jobs", "0"], "“--jobs”应不小于1。"),
        (["run", "--jobs", "65"], "“--jobs”应不大于64。"),
        (["--lang", "fr", "run"], "“--lang”应为“zh”或“en”，不能是“fr”。"),
        (["check"], "缺少“PATH…”。"),
        (["check", "没有.xlsx"], "没有“没有.xlsx”这个文件或文件夹。"),
        (["check", "--json=1", "."], "“--json”后面不跟值。"),
        (["verify", "extra"], "多出“extra”。"),
    ],
)
def test_wrong_usage_is_told_in_chinese(command: Command, arguments: list[str], said: str) -> None:
    assert command(*arguments)[2] == f"用法不对：{said}用法见 python run.py --help\n"
    # the last --lang counts: with a second one this would be a whole run
    assert arguments[0] == "--lang" or "用法" not in command(*arguments, "--lang", "en")[2]


def test_what_the_system_refuses_is_a_sentence(command: Command, scored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise IsADirectoryError(21, "Is a directory", "a/b.part", None, "a/scores.xlsx")

    monkeypatch.setattr(Workspace, "years", refuse)
    status, out, err = command("status", "--workspace", scored)
    assert (status, out, len(err.splitlines())) == (1, "", 1)
    assert err.startswith("a/scores.xlsx：系统不允许这一步（Is a directory）")


def test_received_files_of_a_year_without_rules_are_not_passed_over(command: Command, office: Path) -> None:
    folder = Workspace(office).incoming(2033)
    folder.mkdir(parents=True)
    assert command("status", "--workspace", office)[1]
    (folder / "自评表.xlsx").write_bytes(b"workbook")
    status, out, err = command("status", "--workspace", office)
    assert (status, out) == (1, "")
    assert err.startswith("没有2033年度的评分细则，现有的年度为：")
    assert command("status", "--workspace", office, "--year", YEAR)[1]


def test_a_workspace_without_received_files_says_where_they_belong(command: Command, office: Path) -> None:
    shutil.rmtree(Workspace(office).sample(YEAR))
    status, out, err = command("status", "--workspace", office)
    assert (status, out) == (1, "")
    assert err.startswith(f"{Workspace(office).data}：任何年度都没有收件")


def test_a_refusal_is_a_sentence_and_ends_with_one(command: Command, tmp_path: Path) -> None:
    status, out, err = command("verify", "--workspace", tmp_path)
    assert (status, out) == (1, "")
    assert (
        err == f"{tmp_path}：此文件夹内没有 data/units.yaml，不是工作区。请用 --workspace 指定含 data 文件夹的目录。\n"
    )
    assert "is not a workspace" in command("verify", "--workspace", tmp_path, "--lang", "en")[2]
    assert "Traceback" in command("verify", "--workspace", tmp_path, "--debug")[2]


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [(KeyboardInterrupt(), 130, ""), (RuntimeError("x\ny"), 1, "意外错误：RuntimeError: x\\u000ay。加 --debug")],
)
def test_what_is_unforeseen_ends_quietly(
    command: Command, scored: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, said: str
) -> None:
    def fail(store: ScoreStore) -> None:
        raise error

    monkeypatch.setattr(ScoreStore, "verify", fail)
    ended, out, err = command("verify", "--workspace", scored)
    assert (ended, out) == (status, "")
    assert err.startswith(said)


def test_explain_goes_from_full_marks_to_the_grade(command: Command, scored: Path) -> None:
    status, out, _ = command("explain", "长寿街道", "--workspace", scored)
    assert status == 0
    assert out.index("长寿路街道 2020年度") < out.index("合成示例数据") < out.index("满分") < out.index("等级")
    assert "示范细则（非正式文件）" in out
    assert "自评表!F" in out


def test_explain_as_json_is_exact_and_adds_up(command: Command, scored: Path) -> None:
    status, out, err = command("explain", "长寿街道", "--json", "--workspace", scored)
    told = json.loads(out)
    card = ScoreStore(Workspace(scored).store).latest(YEAR).card("ST03")
    assert (status, err) == (0, "")
    assert Decimal(told["total"]) == card.total
    assert Decimal(told["scale"]) + sum(Decimal(line["change"] or 0) for line in told["lines"]) == card.total
    assert told["rank_range"] == list(card.rank_span)
    assert any("自评表.xlsx › 自评表!F" in cell for line in told["lines"] for cell in line["cells"])


def test_explain_of_a_unit_that_waits_says_the_range_and_the_grades(command: Command, scored: Path) -> None:
    told = json.loads(command("explain", SILENT, "--json", "--workspace", scored)[1])
    assert (told["total"], told["grade"]) == (None, None)
    assert told["total_range"] == ["0", "100"]
    assert "优秀" in told["possible_grades"]


def test_explain_names_a_conflict_of_interest(command: Command, scored: Path) -> None:
    assert "利益关联：区安委办设在本单位" in command("explain", "区应急局", "--workspace", scored)[1]


@pytest.mark.parametrize(("name", "begins"), [("落差.svg", b"<?xml"), ("落差.PNG", b"\x89PNG")])
def test_explain_saves_the_waterfall(command: Command, scored: Path, tmp_path: Path, name: str, begins: bytes) -> None:
    assert command("explain", "长寿街道", "--chart", tmp_path / name, "--workspace", scored)[0] == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_chart_of_another_kind_is_refused(command: Command, scored: Path, tmp_path: Path) -> None:
    status, _, err = command("explain", "长寿街道", "--chart", tmp_path / "落差.pdf", "--workspace", scored)
    assert (status, list(tmp_path.iterdir())) == (1, [])
    assert err.startswith("落差.pdf：图只能存为 .svg 或 .png")


def test_an_unknown_unit_is_answered_with_the_nearest_names(command: Command, scored: Path) -> None:
    for name in ("explain", "brief"):
        status, _, err = command(name, "长寿路街", "--workspace", scored)
        assert status == 1
        assert "“长寿路街”不是2020年度的被考核单位；相近的名称：长寿路街道" in err


def test_status_says_who_is_undecided_and_what_is_to_make(command: Command, scored: Path) -> None:
    status, out, _ = command("status", "--workspace", scored)
    assert status == 1
    assert "需重做的简报 30 份" in out
    assert "收件文件夹中有 1 个文件尚未计分" in out
    row = next(line for line in out.splitlines() if UnitRegistry.load(Workspace(scored).units)[SILENT].name in line)
    assert "—" in row
    assert "未做" in row


def test_verify_names_what_was_altered(command: Command, office: Path) -> None:
    assert command("verify", "--workspace", office)[0] == 0
    (path,) = Workspace(office).store.glob("scored/2020/*/cards.parquet")
    path.write_bytes(b"")
    status, out, err = command("verify", "--workspace", office)
    assert (status, out) == (1, "")
    assert "cards.parquet：存档文件缺失或被改动" in err


def handed_in(
    inbox: Inbox,
    rules: YearRules,
    registry: UnitRegistry,
    outcome: Any = "accepted",
    seen: Sequence[Observation] = (),
    content: bytes = b"workbook",
) -> Intake:
    """An intake of one file, as ``receive`` would give it."""
    (path,) = inbox.folder.iterdir()
    source = SourceFile(path.name, hashlib.sha256(content).hexdigest(), len(content))
    problems = (Problem("year-unknown", "stop", file=path.name, facts={"found": "?", "expected": "2020"}),)
    submission = Submission(
        source,
        outcome,
        rules.year,
        "self_assessment",
        "ST01",
        observations=tuple(seen),
        problems=problems if outcome == "rejected" else (),
    )
    return Intake(rules.year, inbox.folder, inbox.synthetic, (submission,), registry, rules)


@pytest.fixture
def receives(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the next intake find what the arguments of ``handed_in`` say."""

    def prepare(**found: Any) -> None:
        def receive(workspace: Workspace, registry: UnitRegistry, rules: YearRules, inbox: Inbox, *_: object) -> Intake:
            return handed_in(inbox, rules, registry, **found)

        def check_paths(
            workspace: Workspace, registry: UnitRegistry, rules: YearRules, paths: Sequence[Path], *_: object
        ) -> Intake:
            return handed_in(Inbox(paths[0].parent, synthetic=False), rules, registry, **found)

        monkeypatch.setattr("analytics.intake.receive", receive)
        monkeypatch.setattr("analytics.intake.check_paths", check_paths)

    return prepare


@pytest.mark.parametrize(("outcome", "ended"), [("accepted", 0), ("accepted_with_warning", 0), ("rejected", 1)])
def test_json_is_one_object_and_nothing_else(
    command: Command, office: Path, receives: Callable[..., None], outcome: str, ended: int
) -> None:
    receives(outcome=outcome)
    workbook = Workspace(office).sample(YEAR) / "自评表.xlsx"
    for arguments in (["intake"], ["check", workbook]):
        status, out, err = command(*arguments, "--json", "--workspace", office)
        assert (status, err) == (ended, "")
        assert json.loads(out)["counts"][outcome] == 1


def test_check_writes_nothing(command: Command, office: Path, receives: Callable[..., None]) -> None:
    receives(outcome="rejected")
    before = sorted(office.rglob("*"))
    status, out, _ = command("check", Workspace(office).sample(YEAR) / "自评表.xlsx", "--workspace", office)
    assert status == 1
    assert "自评表.xlsx：退回（曹杨新村街道）" in out
    assert "    自评表.xlsx：" in out
    assert sorted(office.rglob("*")) == before
    assert command("check", office / "没有.xlsx")[0] == 2


def test_intake_keeps_the_bytes_and_writes_the_report(
    command: Command, office: Path, receives: Callable[..., None]
) -> None:
    receives()
    status, out, _ = command("intake", "--workspace", office)
    assert status == 0
    assert "2020年度收件 1 个：接收 1，接收但有提示 0，退回 0，忽略 0" in out
    assert "合成示例数据" in out
    assert (Workspace(office).reports(YEAR) / "intake.xlsx").is_file()
    (kept,) = Workspace(office).store.glob("received/??/*")
    assert kept.read_bytes() == b"workbook"
    assert command("verify", "--workspace", office)[0] == 0


def test_a_file_that_changes_while_it_is_read_is_refused(
    command: Command, office: Path, receives: Callable[..., None]
) -> None:
    receives(content=b"as it was read")
    status, _, err = command("intake", "--workspace", office)
    assert status == 1
    assert "读取之后文件又有改动" in err


def test_score_names_the_undecided_on_the_last_lines(
    command: Command, office: Path, receives: Callable[..., None]
) -> None:
    receives(seen=[replace(made_up.self_mark(1), item="no.such")])
    status, out, err = command("score", "--workspace", office)
    assert status == 1
    assert "曹杨新村街道：总分待裁定" in err
    assert "存档：0002-" in out
    again = command("score", "--workspace", office)[1]
    assert again.splitlines()[-1] == out.splitlines()[-1]


def test_a_unit_that_handed_in_nothing_is_told_so_and_not_item_by_item(
    command: Command, office: Path, receives: Callable[..., None]
) -> None:
    receives()
    err = command("score", "--workspace", office)[2]
    assert "没有收到“长寿路街道”2020年度有效的自评表" in err
    assert "长寿路街道：总分待裁定" not in err


def test_json_is_utf8_whatever_the_console(office: Path) -> None:
    (path,) = Workspace(office).sample(YEAR).iterdir()
    command = [sys.executable, "-m", "analytics", "check", str(path), "--workspace", str(office), "--json"]
    environment = os.environ | {"PYTHONIOENCODING": "gbk"}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, check=False)
    assert json.loads(done.stdout.decode("utf-8"))["files"][0]["file"] == "自评表.xlsx"


def test_own_files_go_before_the_sample_and_are_not_mixed_with_it(office: Path) -> None:
    workspace = Workspace(office)
    assert (workspace.years(), workspace.years_before(2020)) == ((2020,), ())
    for year in (2018, 2019):
        shutil.copytree(workspace.sample(2020), workspace.sample(year))
    assert workspace.years_before(2020) == (2018, 2019)
    shutil.copytree(workspace.sample(2020), workspace.incoming(2019))
    assert Session(office).year(None) == 2019
    assert workspace.years_before(2019) == ()
    shutil.copytree(workspace.sample(2020), workspace.incoming(2020))
    assert Session(office).year(None) == 2020
    assert workspace.years_before(2020) == (2019,)


def test_an_inbox_of_ones_own_is_not_called_synthetic(
    command: Command, office: Path, receives: Callable[..., None]
) -> None:
    receives()
    inbox = Workspace(office).sample(YEAR)
    assert "合成示例数据" not in command("score", "--inbox", inbox, "--workspace", office)[1]
    assert "没有2020年度的收件" in command("score", "--inbox", office / "nothing", "--workspace", office)[2]


@pytest.fixture
def batch(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """Stands for the runs of notebooks: writes each file, and fails for 曹杨新村街道. Collects the tasks."""
    ran: list[Task] = []

    def run_tasks(
        tasks: Sequence[Task], reports: Path, jobs: int, on_done: Callable[[object], None], *_: object
    ) -> tuple[object, ...]:
        results: list[Done | Failed] = []
        for task in tasks:
            ran.append(task)
            failed = task.name == "曹杨新村街道"
            for name in () if failed else task.made:
                (reports / name).parent.mkdir(parents=True, exist_ok=True)
                (reports / name).write_text(task.name, encoding="utf-8")
            problem = Problem("notebook-incomplete", "stop", file=task.notebook.name, facts={"name": task.name})
            results.append(Failed(task, problem) if failed else Done(task, skipped=False))
            on_done(results[-1])
        return tuple(results)

    monkeypatch.setattr("analytics.batch.run_tasks", run_tasks)
    return ran


def test_a_brief_is_made_for_each_unit_that_is_named_once(command: Command, office: Path, batch: list[Task]) -> None:
    status, out, _ = command("brief", "ST03", "长寿路街道", "长风", "--workspace", office)
    assert status == 0
    assert [task.name for task in batch] == ["长寿路街道", "长风新村街道"]
    assert "新做 2 份，未变 0 份，未做成 0 份" in out
    assert command("verify", "--workspace", office)[0] == 0


def test_an_engine_that_does_not_exist_is_refused(command: Command, office: Path, batch: list[Task]) -> None:
    status, _, err = command("brief", "ST03", "--engine", "cold", "--workspace", office)
    assert (status, batch) == (2, [])
    assert "warm | fresh" in err


def test_a_batch_that_is_stopped_says_how_far_it_came(
    command: Command, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_tasks(
        tasks: Sequence[Task], reports: Path, jobs: int, on_done: Callable[[object], None], *_: object
    ) -> None:
        on_done(Done(tasks[0], skipped=False))
        raise KeyboardInterrupt

    monkeypatch.setattr("analytics.batch.run_tasks", run_tasks)
    status, _, err = command("brief", "--workspace", office)
    assert status == 130
    assert "已停止：完成 1 份，未完成 29 份" in err


def test_a_brief_that_fails_is_named_last(command: Command, office: Path, batch: list[Task]) -> None:
    status, _, err = command("brief", "--workspace", office)
    assert status == 1
    assert len(batch) == 30
    assert "“曹杨新村街道”没有做成" in err.splitlines()[-1]


def test_analyse_runs_what_is_asked_for(command: Command, office: Path, batch: list[Task]) -> None:
    status, _, _ = command("analyse", "20_scores", "--workspace", office)
    assert status == 0
    assert [task.name for task in batch] == ["20_scores"]
    assert "1 made, 0 unchanged, 0 failed" in command("analyse", "20_scores", "--workspace", office, "--lang", "en")[1]
    assert "没有名为“99”的分析" in command("analyse", "99", "--workspace", office)[2]


def test_run_does_everything_and_says_where_to_look(
    command: Command, office: Path, receives: Callable[..., None], batch: list[Task]
) -> None:
    receives()
    status, out, err = command("run", "--workspace", office)
    reports = Workspace(office).reports(YEAR)
    assert status == 1  # nothing was handed in, so all totals wait
    assert out.splitlines()[-1].endswith(f"请打开 {reports / 'index.html'}")
    assert "计分 30 个单位，其中待裁定 30 个" in out
    assert "“曹杨新村街道”没有做成" in err
    for name in ("index.html", "scores.xlsx", "intake.xlsx", "manifest.json", "charts"):
        assert (reports / name).exists(), name
    manifest = json.loads((reports / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["run"]["run_id"].startswith("0002-")
    assert manifest["synthetic"] is True
    assert command("verify", "--workspace", office)[0] == 0


def test_an_open_rejection_ends_with_one_and_is_named_last(
    command: Command, office: Path, receives: Callable[..., None], batch: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    receives(outcome="rejected")
    monkeypatch.setattr("analytics.store.ScoredYear.undecided", ())
    status, _, err = command("score", "--workspace", office)
    assert status == 1
    assert err.splitlines()[-1].startswith("自评表.xlsx：")


def test_forms_are_written_where_they_are_wanted(command: Command, office: Path, tmp_path: Path) -> None:
    status, out, _ = command("forms", "--out", tmp_path / "表格", "--workspace", office)
    assert status == 0
    assert f"已生成空白表格 {len(list((tmp_path / '表格').rglob('*.xlsx')))} 个" in out
    assert not Workspace(office).reports(YEAR).exists()


def test_a_year_without_rules_is_refused(command: Command, office: Path) -> None:
    assert command("forms", "--year", "1999", "--workspace", office)[0] == 1
    shutil.rmtree(Workspace(office).sample(YEAR))
    status, _, err = command("score", "--workspace", office)
    assert status == 1
    assert "收件" in err


def test_jobs_follow_the_processors_within_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    for processors, jobs in ((None, 1), (2, 2), (64, 8)):
        monkeypatch.setattr(os, "cpu_count", lambda found=processors: found)
        assert batches.usual_jobs() == jobs


def test_refusals_of_the_library_carry_all_their_problems(
    command: Command, scored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(store: ScoreStore) -> Iterator[Problem]:
        raise Refused([Problem("folder-busy", "stop", file=str(number)) for number in range(3)])

    monkeypatch.setattr(ScoreStore, "verify", refuse)
    assert len(command("verify", "--workspace", scored)[2].splitlines()) == 3


@pytest.fixture
def clerk(tmp_path: Path) -> Path:
    """A clerk's folder with two of the sample's self-assessments: one in order, one with a blank mark."""
    folder = tmp_path / "我的 表"
    folder.mkdir()
    for name in ("曹杨新村街道自评表.xlsx", "长风新村街道自评表.xlsx"):
        shutil.copy(Workspace().sample(YEAR) / "自评表" / name, folder / name)
    return folder


def states(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_the_clerk_is_told_what_is_wrong_and_what_it_adds_up_to(command: Command, clerk: Path) -> None:
    before = states(clerk)
    status, out, err = command("check", clerk, "--year", YEAR)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "曹杨新村街道自评表.xlsx：接收（曹杨新村街道）"
    assert any("长风新村街道自评表.xlsx › 自评表!F7" in line for line in lines)
    assert "长风新村街道自评表.xlsx：第2项未定，暂无合计" in lines
    assert any(line.startswith("曹杨新村街道自评表.xlsx：自评合计") for line in lines)
    assert lines[-1].startswith("检查 2 个文件：可以报送 1，可以报送但请核对 1，须改正 0")
    assert states(clerk) == before


def test_several_files_are_checked_as_json_with_the_moment_they_would_come(command: Command, clerk: Path) -> None:
    files = sorted(clerk.iterdir())
    status, out, _ = command("check", *files, "--year", YEAR, "--json", "--received", "2020-11-02T09:00")
    said = json.loads(out)
    assert status == 0
    assert [file["received"] for file in said["files"]] == ["2020-11-02T09:00:00"] * 2
    assert all("received-late" in [p["code"] for p in file["problems"]] for file in said["files"])
    assert {repair["cell"] for repair in said["files"][0]["repairs"]} == {"F2", "F7"}


def test_a_moment_that_is_none_is_wrong_usage(command: Command, clerk: Path) -> None:
    status, _, err = command("check", clerk, "--received", "昨天")
    assert (status, "“--received”应为日期或日期和时间，如 2020-11-02T09:00。" in err) == (2, True)


def test_a_file_to_be_mended_ends_with_one_and_goes_on_with_the_others(command: Command, clerk: Path) -> None:
    (clerk / "假的.xlsx").write_bytes(b"%PDF-1.4")
    status, out, _ = command("check", clerk, "--year", YEAR)
    assert status == 1
    assert "假的.xlsx：退回" in out
    assert "须改正 1" in out.splitlines()[-1]


def test_a_marked_copy_is_written_where_it_is_asked_for_and_never_over_a_file(command: Command, clerk: Path) -> None:
    before = states(clerk)
    wrong, copy = clerk / "长风新村街道自评表.xlsx", clerk.parent / "批注.xlsx"
    for _ in range(2):  # an earlier copy may be written over
        status, out, _ = command("check", wrong, "--year", YEAR, "--marked-copy", copy)
        assert (status, f"批注件：{copy}" in out) == (0, True)
    assert copy.read_bytes()[:2] == b"PK"
    for target in (wrong, clerk / "曹杨新村街道自评表.xlsx"):
        status, _, err = command("check", wrong, "--year", YEAR, "--marked-copy", target)
        assert (status, "没有覆盖" in err) == (1, True)
    command("check", clerk, "--year", YEAR, "--marked-copy", clerk.parent / "批注件")
    assert [path.name for path in (clerk.parent / "批注件").iterdir()] == ["长风新村街道自评表-批注.xlsx"]
    assert states(clerk) == before


def test_intake_adds_up_and_writes_the_page_and_the_return_copies(command: Command, tmp_path: Path) -> None:
    (tmp_path / "own" / "data").mkdir(parents=True)
    for name in ("units.yaml", "rubrics", "forms", "lookups"):
        source, target = REPOSITORY / "data" / name, tmp_path / "own" / "data" / name
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    inbox = tmp_path / "收件"
    inbox.mkdir()
    shutil.copy(Workspace().sample(YEAR) / "自评表" / "长风新村街道自评表.xlsx", inbox)
    (inbox / "坏.xlsx").write_bytes(b"%PDF-1.4")
    arguments = ("intake", "--workspace", tmp_path / "own", "--inbox", inbox, "--year", YEAR)
    status, out, _ = command(*arguments, "--received", "2020-11-01")
    assert status == 1
    assert "2020年度收件 2 个：接收 0，接收但有提示 1，退回 1，忽略 0（0 + 1 + 1 + 0 = 2）" in out
    assert "未交自评表 29 个单位：" in out
    folder = tmp_path / "own" / "reports" / str(YEAR)
    assert {path.name for path in folder.iterdir()} >= {"intake.xlsx", "intake.html", "returns"}
    assert "2020-11-01 00:00" in (folder / "intake.html").read_text(encoding="utf-8")
    assert [path.name for path in (folder / "returns").iterdir()] == ["ST02-长风新村街道-自评表-批注.xlsx"]
    (inbox / "长风新村街道自评表.xlsx").unlink()
    command(*arguments)
    assert list((folder / "returns").iterdir()) == []


def test_a_store_without_heads_of_an_earlier_version_is_told_of_and_fits(command: Command, office: Path) -> None:
    store = ScoreStore(Workspace(office).store)
    (run,) = store.run_folders(YEAR)
    (run / "manifest.json").write_bytes(replace(read_manifest(run), format=1).sealed().as_bytes())
    (store.folder / "scored" / "heads.json").unlink()
    status, out, err = command("--workspace", office, "verify")
    assert (status, "核对无误" in out, "还没有 heads.json" in err) == (0, True, True)


def test_a_date_that_is_none_is_wrong_usage(command: Command, office: Path) -> None:
    status, _, err = command("--workspace", office, "score", "--date", "昨天")
    assert (status, "“--date”应为日期，如 2020-11-02。" in err) == (2, True)
