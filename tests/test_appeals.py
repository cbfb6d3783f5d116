"""An appeal from the register to the letter: the old run is kept, what moves is said, a wrong entry changes nothing."""

from __future__ import annotations

import datetime
import hashlib
import io
import shutil
from pathlib import Path

import docx
import openpyxl
import pytest

from analytics.cli import main
from analytics.store import ScoreStore
from analytics.workspace import REPOSITORY, Workspace

YEAR = 2020
GIVEN = [
    "--person",
    "沈国栋（示例）",
    "--date",
    "2020-12-08",
    "--reference",
    "示例安委办复〔2020〕1号",
    "--year",
    str(YEAR),
]
REASON = "补充提供了演练评估总结，原件核对无误"


def ask(*more: str, item: str = "31", mark: str = "2.9", unit: str = "长寿路街道", reason: str = REASON) -> list[str]:
    return ["review", unit, "--item", item, "--mark", mark, "--reason", reason, *GIVEN, *more]


def office(root: Path) -> Workspace:
    """A workspace of one year of the sample."""
    data = REPOSITORY / "data"
    for name in ("units.yaml", "forms", "lookups", f"rubrics/{YEAR}", f"sample/{YEAR}"):
        source, target = data / name, root / "data" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return Workspace(root)


def state(folder: Path) -> dict[str, str]:
    """Every file and the hash of what is in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def appealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, str]]:
    """A scored year, and the same after a review; with what the store held before it."""
    workspace = office(tmp_path_factory.mktemp("复核 office"))
    assert main(["--workspace", str(workspace.root), "score", "--year", str(YEAR)]) == 0
    before = state(workspace.store)
    assert main(["--workspace", str(workspace.root), *ask()]) == 0
    return workspace, before


def test_a_review_is_a_new_run_that_supersedes_the_old_and_says_why(appealed: tuple[Workspace, dict[str, str]]) -> None:
    workspace, before = appealed
    store = ScoreStore(workspace.store)
    old, new = store.at(YEAR, "1"), store.at(YEAR, "2")
    assert new.supersedes == old.run_id
    assert new.correction.person == "沈国栋（示例）"
    assert new.correction.date == datetime.date(2020, 12, 8)
    assert REASON in new.correction.reason
    kept = {name: sha for name, sha in state(workspace.store).items() if name in before}
    assert {n: s for n, s in before.items() if not n.endswith("heads.json")} == {
        n: s for n, s in kept.items() if not n.endswith("heads.json")
    }


def test_the_mark_is_the_reviewed_one_and_the_first_deduction_stays_visible(
    appealed: tuple[Workspace, dict[str, str]],
) -> None:
    store = ScoreStore(appealed[0].store)
    old, new = (store.at(YEAR, run).card("ST03") for run in ("1", "2"))
    (item,) = [m.item for m, n in zip(old.marks, new.marks, strict=True) if m.awarded != n.awarded]
    assert f"{new.mark(item).awarded:f}" == "2.9"
    assert new.mark(item).losses[: len(old.mark(item).losses)] == old.mark(item).losses
    assert new.mark(item).losses[-1].points < 0
    assert new.total - old.total == new.mark(item).awarded - old.mark(item).awarded


def test_the_register_reads_as_any_register_and_names_the_cell(appealed: tuple[Workspace, dict[str, str]]) -> None:
    workspace, _ = appealed
    (ruling,) = [d for d in ScoreStore(workspace.store).latest(YEAR).decisions if d.id.startswith("复")]
    sheet = openpyxl.load_workbook(workspace.register(YEAR, synthetic=True)).worksheets[0]
    assert sheet[ruling.reading.cell.address].value == pytest.approx(2.9)
    assert (ruling.reason, ruling.reference) == (REASON, "示例安委办复〔2020〕1号")


def test_the_letter_says_before_and_after_and_names_no_other_unit(appealed: tuple[Workspace, dict[str, str]]) -> None:
    workspace, _ = appealed
    (path,) = (workspace.reports(YEAR) / "letters").glob("*.docx")
    letter = docx.Document(io.BytesIO(path.read_bytes()))
    text = "\n".join([p.text for p in letter.paragraphs] + [c.text for t in letter.tables for c in t._cells])
    assert "1.7分" in text
    assert "2.9分" in text
    assert REASON in text
    assert "合成示例数据" in letter.sections[0].header.paragraphs[0].text
    others = [n.name for n in ScoreStore(workspace.store).latest(YEAR).units if n.unit != "ST03"]
    assert [name for name in others if name in text] == []


def test_both_runs_replay_and_nothing_was_altered(
    appealed: tuple[Workspace, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(appealed[0].root)
    for run in ("1", "2"):
        assert main(["--workspace", root, "replay", run, "--year", str(YEAR)]) == 0
    assert main(["--workspace", root, "verify"]) == 0
    assert capsys.readouterr().out.count("重放一致") == 2


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (ask(item="99"), "没有第“99”项"),
        (ask(mark="3.1"), "不在 0–3 之内"),
        (ask(mark="满分"), "不在 0–3 之内"),
        (ask(reason=" "), "缺少：--reason"),
        (ask(unit="长丰路街道"), "长寿路街道"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    appealed: tuple[Workspace, dict[str, str]], asked: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, _ = appealed
    before = state(workspace.root)
    assert main(["--workspace", str(workspace.root), *asked]) == 1
    assert code in capsys.readouterr().err
    assert state(workspace.root) == before


def test_a_review_waits_until_what_else_changed_is_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Else the letter would blame the review for what another file moved."""
    workspace = office(tmp_path)
    assert main(["--workspace", str(tmp_path), "score", "--year", str(YEAR)]) == 0
    next((workspace.sample(YEAR) / "自评表").glob("*曹杨*")).unlink()
    before = state(tmp_path)
    assert main(["--workspace", str(tmp_path), *ask()]) == 1
    assert "请先运行 score" in capsys.readouterr().err
    assert state(tmp_path) == before


def test_a_decision_that_was_scored_by_may_not_be_altered_or_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = office(tmp_path)
    assert main(["--workspace", str(tmp_path), "score", "--year", str(YEAR)]) == 0
    assert main(["--workspace", str(tmp_path), *ask()]) == 0
    register = workspace.register(YEAR, synthetic=True)
    book = openpyxl.load_workbook(register)
    (cell,) = [cell for row in book.worksheets[0] for cell in row if cell.value == REASON]
    cell.value = "另一个理由"
    book.save(register)
    capsys.readouterr()
    assert main(["--workspace", str(tmp_path), "score", "--year", str(YEAR)]) == 1
    told = capsys.readouterr().err
    assert "登记表只能增行" in told
    assert REASON in told
    register.unlink()
    assert main(["--workspace", str(tmp_path), "score", "--year", str(YEAR)]) == 1
    assert "没有这一条" in capsys.readouterr().err
