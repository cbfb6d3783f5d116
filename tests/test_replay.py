"""A past run is computed again from what the store kept, and what changed between two runs is said line by line."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import made_up
import pytest
from small_office import YEAR, change_cell, one_more_occurrence, small_office

from analytics.cli import main
from analytics.policy import YearRules
from analytics.problems import Refused
from analytics.provenance import CellRef
from analytics.records import Decision, Observation
from analytics.scoring import score_year
from analytics.store import ScoredYear, ScoreStore, compare_runs
from analytics.store.replay import compute_again, rebuild
from analytics.units import UnitRegistry
from analytics.workspace import Workspace

WHY = ["--reason", "现场核实后更正", "--person", "负责人（示例）", "--date", "2020-12-01", "--reference", "示例1号"]
BRIEF = ("brief.html", "brief.pdf", "brief.docx")


@dataclass(frozen=True)
class Office:
    """A workspace with two runs: between them one cell changed, and the rules got a remark."""

    workspace: Workspace
    unit: str
    item: str
    cell: CellRef
    brief: dict[str, bytes]

    @property
    def store(self) -> ScoreStore:
        return ScoreStore(self.workspace.store)

    def run(self, *arguments: object) -> int:
        return main(["--workspace", str(self.workspace.root), *map(str, arguments), "--year", str(YEAR)])


def brief_in(workspace: Workspace, unit: str) -> dict[str, bytes]:
    (folder,) = workspace.reports(YEAR).glob(f"briefs/{unit}-*")
    return {name: (folder / name).read_bytes() for name in BRIEF}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Read only. The brief is that of the first run."""
    workspace = small_office(tmp_path_factory.mktemp("考核 office"))
    office = Office(workspace, "", "", CellRef("", "", "", ""), {})
    office.run("score")
    unit, item, cell, count = one_more_occurrence(office.store.latest(YEAR), workspace)
    assert office.run("brief", unit) == 0
    brief = brief_in(workspace, unit)
    change_cell(workspace, cell, count)
    policy = workspace.rubrics(YEAR) / "policy.yaml"
    policy.write_bytes(policy.read_bytes() + "# 备注\n".encode())
    office.run("score", *WHY)
    return Office(workspace, unit, item, cell, brief)


@pytest.mark.parametrize("run", ["1", "2"])
def test_every_run_is_computed_again_to_the_same_records(
    office: Office, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert office.run("replay", run) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"重放一致：2020年度批次{office.store.manifest(YEAR, run).run_id}")


def test_the_workspace_of_the_day_has_its_rules_files_and_a_store_that_ends_there(
    office: Office, tmp_path: Path
) -> None:
    then = rebuild(office.store, YEAR, "1", tmp_path / "then")
    store = ScoreStore(then.store)
    assert store.verify() == ()
    assert [run.name for run in store.run_folders(YEAR)] == [office.store.manifest(YEAR, "1").run_id]
    assert not (then.rubrics(YEAR) / "policy.yaml").read_bytes().endswith("# 备注\n".encode())
    files = {path.relative_to(then.sample(YEAR)) for path in then.sample(YEAR).rglob("*.xlsx")}
    sample = office.workspace.sample(YEAR)
    assert files == {p.relative_to(sample) for p in sample.rglob("*.xlsx") if not p.name.startswith("~$")}


def test_the_old_brief_is_made_again_to_the_same_bytes(office: Office, tmp_path: Path) -> None:
    assert office.run("brief", office.unit) == 0
    assert brief_in(office.workspace, office.unit)["brief.html"] != office.brief["brief.html"]
    assert office.run("replay", "1", "--out", tmp_path / "那时", "--brief", office.unit) == 0
    assert brief_in(Workspace(tmp_path / "那时"), office.unit) == office.brief


def test_what_the_store_cannot_give_back_is_named(office: Office, tmp_path: Path) -> None:
    store = ScoreStore(Path(shutil.copytree(office.workspace.store, tmp_path / "store")))
    manifest = store.manifest(YEAR, "1")
    lost = store.blob("received", manifest.received[office.cell.file])
    lost.unlink()
    with pytest.raises(Refused) as refused:
        rebuild(store, YEAR, "1", tmp_path / "then")
    assert refused.value.problems[0].file == store.shown(lost)


def test_a_replay_that_differs_names_the_unit_and_both_totals(office: Office, tmp_path: Path) -> None:
    then = rebuild(office.store, YEAR, "1", tmp_path / "then")
    shutil.copyfile(office.workspace.sample(YEAR) / office.cell.file, then.sample(YEAR) / office.cell.file)
    found = compute_again(then, YEAR)
    assert not found.same
    (changed,) = (difference for difference in found.differences if difference.stored != difference.replayed)
    assert changed.unit == office.unit
    assert f"{changed.name}{changed.stored:f}→{changed.replayed:f}" in found.lines[0]
    other = replace(found, code_then="0.0+other")
    assert other.lines[1].startswith("程序版本不同：当时 0.0+other")


def test_an_archive_in_the_inbox_comes_back_with_what_is_in_it(tmp_path: Path) -> None:
    workspace = small_office(tmp_path / "office")
    inbox = workspace.incoming(YEAR)
    shutil.copytree(workspace.sample(YEAR), inbox)
    packed = sorted((inbox / "自评表").glob("*自评表.xlsx"))[-1]
    with zipfile.ZipFile(inbox / "打包.zip", "w") as archive:
        archive.write(packed, packed.name)
    packed.unlink()
    assert main(["--workspace", str(workspace.root), "score", "--year", str(YEAR)]) in (0, 1)
    store = ScoreStore(workspace.store)
    assert f"打包.zip/{packed.name}" in store.manifest(YEAR, "1").received
    assert compute_again(rebuild(store, YEAR, "1", tmp_path / "then"), YEAR).same


@pytest.mark.parametrize("run", ["7", "x"])
def test_an_unknown_run_is_refused_with_the_list(office: Office, run: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert office.run("replay", run) == 1
    assert all(folder.name in capsys.readouterr().err for folder in office.store.run_folders(YEAR)[:1])


def test_a_replay_writes_into_no_folder_that_holds_something(office: Office, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    assert office.run("replay", "1", "--out", tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_run_without_its_rules_is_not_replayed(tmp_path: Path) -> None:
    store = ScoreStore(tmp_path / "store")
    store.append(scored([made_up.self_mark(2)]))
    with pytest.raises(Refused, match="没有留存"):
        rebuild(store, YEAR, "1", tmp_path / "then")


def test_one_changed_cell_is_one_item_line(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert office.run("diff", "1", "2", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    (change,) = found["items"]
    assert (change["unit"], change["item"]) == (office.unit, office.item)
    assert Decimal(change["after"]) < Decimal(change["before"])
    assert any(str(office.cell) in reason for reason in change["why"])
    assert "现场核实后更正" in found["why"]
    moved = [s for s in found["standings"] if s["before"]["total"] != s["after"]["total"]]
    assert [s["unit"] for s in moved] == [office.unit]


def test_diff_says_each_change_in_a_line(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert office.run("diff", "1", "2") == 0
    head, why, *lines = capsys.readouterr().out.splitlines()
    assert "差别" in head
    assert "更正批次0001-" in why
    assert len(lines) >= 2
    capsys.readouterr()
    assert office.run("diff", "2", "2") == 0
    assert "没有差别" in capsys.readouterr().out


GIVEN: list[tuple[list[str], str]] = [
    (["--reason", "更正"], "--reason"),
    (["--person", "某人"], "--person"),
    (["--date", "2020-12-01", "--reference", "1号"], "--date、--reference"),
]


@pytest.mark.parametrize(("options", "named"), GIVEN)
def test_half_a_reason_is_refused_before_anything_is_read(
    office: Office, options: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("score", "run"):
        capsys.readouterr()
        assert office.run(command, *options) == 1
        assert f"只有{named}" in capsys.readouterr().err


def test_a_reason_for_nothing_is_said_to_be_lost(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    office.run("score", "--reason", "另一原因", "--person", "某人（示例）")
    assert "没有新增批次" in capsys.readouterr().err
    assert len(office.store.run_folders(YEAR)) == 2
    assert office.store.latest(YEAR).correction.reason == "现场核实后更正"


UNITS = tuple(made_up.street(number) for number in (1, 2, 3))
RULES = [{"id": "1", "kind": "per_occurrence", "on": "每发现一处", "points": "0.5"}]
FULL = [made_up.self_mark(5, item=f"item.{n}", unit=unit.id) for unit in UNITS for n in (1, 2)]


def scored(seen: list[Observation], *decisions: Decision) -> ScoredYear:
    rubric = made_up.rubric([{"full_marks": 5, "rules": RULES}, {"full_marks": 5, "rules": RULES}])
    rules, registry = YearRules(year=YEAR, policy=made_up.policy(), rubrics=(rubric,)), UnitRegistry(UNITS)
    cards = score_year(rules, registry, seen, decisions)
    return ScoredYear.of(rules, registry, cards, seen, decisions, (), synthetic=True)


def test_equal_runs_have_no_lines() -> None:
    assert compare_runs(scored(FULL), scored(FULL[::-1])).lines == ()


def test_a_finding_that_came_is_said_with_clause_cell_and_points() -> None:
    before = scored(FULL)
    found = compare_runs(before, scored([*FULL, made_up.finding("1", 2)]))
    (change,) = found.items
    assert (change.name, change.label, change.before, change.after) == ("街道1", "第1项", "5", "4.0")
    assert any(why.startswith("新增扣1") and "现场.xlsx › 表!G5" in why for why in change.why)
    back = compare_runs(scored([*FULL, made_up.finding("1", 2)]), before)
    assert any(why.startswith("不再扣1") for why in back.items[0].why)


def test_the_same_finding_in_another_cell_is_no_change() -> None:
    one, other = ([*FULL, made_up.finding("1", 2, row=row)] for row in (5, 9))
    assert compare_runs(scored(one), scored(other)).lines == ()


def test_a_unit_that_falls_back_is_named_to_those_that_pass_it() -> None:
    found = compare_runs(
        scored([*FULL, made_up.finding("1", 1, unit="ST02"), made_up.finding("1", 3, unit="ST03")]),
        scored([*FULL, made_up.finding("1", 2, unit="ST01"), made_up.finding("1", 1, unit="ST02"),
                made_up.finding("1", 3, unit="ST03")]),
    )  # fmt: skip
    moved = {change.unit: change for change in found.standings}
    assert set(moved) == {"ST01", "ST02"}
    assert (moved["ST02"].before.rank, moved["ST02"].after.rank) == (2, 1)
    assert moved["ST02"].because == ("街道1",)
    assert str(moved["ST02"]) == "街道2：总分不变，名次2→1，因街道1的总分变动"
    assert moved["ST01"].because == ()


def test_a_review_is_said_with_its_person_and_reason() -> None:
    before = [*FULL, made_up.finding("1", 2)]
    found = compare_runs(scored(before), scored(before, made_up.decision("review", "4.5", "item.1", id="D7")))
    (change,) = found.items
    assert (change.before, change.after) == ("4.0", "4.5")
    assert any("裁定人（示例）2020-11-20裁定D7：理由" in why for why in change.why)


def test_a_mark_that_waits_no_longer_is_said() -> None:
    found = compare_runs(scored(FULL[1:]), scored(FULL))
    (change,) = found.items
    assert (change.before, change.after) == ("待裁定", "5")
    assert str(found.standings[0]).startswith("街道1：暂无总分→")


def test_runs_of_two_years_are_not_compared() -> None:
    year = scored(FULL)
    with pytest.raises(ValueError, match="expected one year"):
        compare_runs(year, replace(year, year=2019))


def test_the_table_shows_the_same_changes() -> None:
    found = compare_runs(scored(FULL), scored([*FULL, made_up.finding("1", 2)]))
    assert len(found.shown.rows) == len(found.lines)
    empty: Callable[[], object] = compare_runs(scored(FULL), scored(FULL))._repr_mimebundle_
    assert "没有差别" in str(empty())
