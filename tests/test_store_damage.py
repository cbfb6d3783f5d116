"""A store of three runs, damaged in every way, file by file: `verify` finds it and names the file."""

from __future__ import annotations

import datetime
import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import made_up
import pytest

from analytics.policy import YearRules
from analytics.problems import Refused
from analytics.provenance import SourceFile
from analytics.records import Submission
from analytics.scoring import score_year
from analytics.store import Correction, ScoredYear, ScoreStore
from analytics.store.manifest import Manifest, read_manifest
from analytics.store.rule_files import refuse_changed, rule_files
from analytics.units import UnitRegistry
from analytics.workspace import Workspace

UNITS = tuple(made_up.street(number) for number in (1, 2))
CORRECTION = Correction("复核后更正", "负责人（示例）", datetime.date(2020, 12, 1), "示例〔2020〕1号")
POINTS = [{"id": "1", "kind": "per_occurrence", "on": "每发现一处", "points": "0.5"}]


def scored_year(store: ScoreStore, mark: str, year: int = made_up.YEAR) -> ScoredYear:
    """A year in which the first unit marked itself so; the workbook that says so is kept."""
    content = f"workbook {mark} {year}".encode()
    came = Submission(SourceFile("甲.xlsx", store.keep(content), len(content)), "accepted", year, "self_assessment")
    rubric = made_up.rubric([{"full_marks": 5, "rules": POINTS}])
    rules, registry = YearRules(year=made_up.YEAR, policy=made_up.policy(), rubrics=(rubric,)), UnitRegistry(UNITS)
    seen = [made_up.self_mark(Decimal(mark)), made_up.self_mark(4, unit="ST02")]
    cards = score_year(rules, registry, seen, ())
    scored = ScoredYear.of(rules, registry, cards, seen, (), (came,), synthetic=True)
    return replace(scored, year=year, cards=tuple(replace(card, year=year) for card in scored.cards))


def rules_of(mark: str) -> dict[str, bytes]:
    return {"units.yaml": b"units", "rubrics/2020/policy.yaml": f"policy {mark}".encode()}


@pytest.fixture
def store(tmp_path: Path) -> ScoreStore:
    """Three runs: two of one year, the second a correction, and one of the year before."""
    store = ScoreStore(tmp_path / "store")
    store.append(scored_year(store, "3"), None, rules_of("3"))
    store.append(scored_year(store, "4", 2019), None, rules_of("4"))
    store.append(scored_year(store, "5"), CORRECTION, rules_of("5"))
    assert store.verify() == ()
    return store


def files(store: ScoreStore) -> list[Path]:
    return sorted(path for path in store.folder.rglob("*") if path.is_file() and path.name != ".lock")


def named(store: ScoreStore) -> set[str]:
    return {problem.place for problem in store.verify()}


def changes(content: bytes) -> Iterator[tuple[str, bytes | None]]:
    """What may happen to the bytes of one file; None: it is gone."""
    places = {0, len(content) // 2, len(content) - 1, random.Random(len(content)).randrange(len(content))}
    for place in sorted(places):
        yield f"flipped at {place}", content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    yield "shorter by one", content[:-1]
    yield "emptied", b""
    yield "longer by one", content + b"\n"
    yield "deleted", None


def test_whatever_happens_to_any_file_is_found_and_the_file_named(store: ScoreStore) -> None:
    paths = files(store)
    assert len(paths) > 30
    for path in paths:
        content, place = path.read_bytes(), store.shown(path)
        for change, altered in changes(content):
            path.unlink() if altered is None else path.write_bytes(altered)
            assert place in named(store), (place, change)
            path.write_bytes(content)
    assert store.verify() == ()


def test_of_two_files_that_change_places_one_at_least_is_named(store: ScoreStore) -> None:
    paths = files(store)
    contents = {path: path.read_bytes() for path in paths}
    for path, other in zip(paths, paths[1:] + paths[:1], strict=True):
        if contents[path] == contents[other]:
            continue
        path.write_bytes(contents[other])
        other.write_bytes(contents[path])
        found = {store.shown(path), store.shown(other)} & named(store)
        assert len(found) == 2 or "manifest.json" in str(found)  # a strange manifest says nothing of its tables
        path.write_bytes(contents[path])
        other.write_bytes(contents[other])


def exchange(one: Path, other: Path) -> None:
    aside = one.parents[2] / ".aside"
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def test_two_run_folders_that_change_places_are_named(store: ScoreStore) -> None:
    first, second = store.run_folders(made_up.YEAR)
    exchange(first, second)
    assert f"{store.shown(first)}/manifest.json" in named(store)


@pytest.mark.parametrize("which", [0, 1])
def test_a_deleted_run_is_named(store: ScoreStore, which: int) -> None:
    folders = store.run_folders(made_up.YEAR)
    shutil.rmtree(folders[which])
    assert store.shown(folders[1]) in named(store)  # the newest itself, or the one whose number does not follow
    with pytest.raises(Refused):
        store.append(scored_year(store, "1"))


def test_an_older_run_is_never_taken_for_the_newest(store: ScoreStore) -> None:
    newest = store.run_folders(made_up.YEAR)[-1]
    shutil.rmtree(newest)
    for read in (lambda: store.latest(made_up.YEAR), store.tables):
        with pytest.raises(Refused) as refused:
            read()
        assert [problem.file for problem in refused.value.problems] == [store.shown(newest)]
    assert store.at(made_up.YEAR, "1").run_id.startswith("0001-")  # who asks for it by name gets it
    assert store.latest(2019).year == 2019
    shutil.rmtree(store.year_folder(made_up.YEAR))
    with pytest.raises(Refused, match="可能被删除"):
        store.latest(made_up.YEAR)


def test_a_deleted_year_is_named_and_stays_named_when_another_year_goes_on(store: ScoreStore) -> None:
    (run,) = store.run_folders(2019)
    shutil.rmtree(store.year_folder(2019))
    assert named(store) == {store.shown(run)}
    store.append(scored_year(store, "1"))
    assert store.shown(run) in named(store)
    with pytest.raises(Refused, match="可能被删除"):
        store.append(scored_year(store, "1", 2019))


def test_a_newest_run_forged_with_fresh_hashes_is_named(store: ScoreStore) -> None:
    newest = store.run_folders(made_up.YEAR)[-1]
    forged = replace(read_manifest(newest), correction=Correction()).sealed()
    (newest / "manifest.json").write_bytes(forged.as_bytes())
    assert [problem.code for problem in store.verify()] == ["store-head-differs"]


def test_old_heads_in_the_place_of_the_new_are_found(store: ScoreStore) -> None:
    heads = store.folder / "scored" / "heads.json"
    for mark in ("1", "2"):
        content = heads.read_bytes()
        store.append(scored_year(store, mark))
    store.append(scored_year(store, "2.5"))
    heads.write_bytes(content)
    assert {problem.code for problem in store.verify()} == {"store-head-behind"}


def test_heads_that_lag_by_the_run_of_a_killed_writer_are_no_problem_and_are_mended(store: ScoreStore) -> None:
    heads = store.folder / "scored" / "heads.json"
    before = heads.read_bytes()
    store.append(scored_year(store, "1"))
    after = heads.read_bytes()
    heads.write_bytes(before)
    assert store.verify() == ()
    store.append(scored_year(store, "1"))  # nothing new to add
    assert heads.read_bytes() == after


STRANGE = ("备注.txt", "scored/x.json", "scored/2020/x", "received/x", "kept/ab/x", "received/ab/.new-x", "scored/1/x")


@pytest.mark.parametrize("name", STRANGE)
def test_a_file_that_belongs_nowhere_is_named(store: ScoreStore, name: str) -> None:
    path = store.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    assert any(name.startswith(place) for place in named(store))


def as_of_format_1(store: ScoreStore) -> None:
    """Write the manifests as an earlier version did: without rules, heads and corrections."""
    for year in store.all_years():
        previous = ""
        for run in store.run_folders(year):
            today = read_manifest(run)
            older = Manifest(
                today.run_id, year, previous, today.content, today.synthetic, today.status, "0.1", today.files, format=1
            ).sealed()
            previous = older.sha256
            (run / "manifest.json").write_bytes(older.as_bytes())
            assert not json.loads(older.as_bytes()).keys() & {"rules", "correction", "received"}
    (store.folder / "scored" / "heads.json").unlink()
    shutil.rmtree(store.folder / "kept")


def test_a_store_of_an_earlier_version_is_read_told_of_and_continued(store: ScoreStore) -> None:
    as_of_format_1(store)
    assert [(problem.code, problem.severity) for problem in store.verify()] == [("store-heads-older", "note")]
    assert store.latest(made_up.YEAR).correction == Correction()
    kept = next((store.folder / "received").glob("??/*"))
    content = kept.read_bytes()
    kept.unlink()
    assert store.shown(kept) in named(store)
    kept.write_bytes(content)
    run = store.append(scored_year(store, "1"), None, rules_of("1"))
    assert run.run_id.startswith("0003-")
    assert store.verify() == ()


def test_a_correction_says_what_it_supersedes_and_why(store: ScoreStore) -> None:
    first, second = (store.at(made_up.YEAR, number) for number in ("1", "2"))
    assert (first.supersedes, first.why, first.correction.given) == ("", "", False)
    assert second.supersedes == first.run_id
    assert second.correction == CORRECTION
    assert second.why == f"更正批次{first.run_id}：复核后更正，负责人（示例），2020-12-01，示例〔2020〕1号"
    third = store.append(scored_year(store, "1"))
    assert third.why == f"更正批次{second.run_id}：未填写更正原因"
    assert store.append(scored_year(store, "1"), CORRECTION) == third  # says the same: nothing is added


def test_a_run_names_the_bytes_it_rests_on(store: ScoreStore) -> None:
    manifest = store.manifest(made_up.YEAR, "2")
    assert {name: store.kept(sha256) for name, sha256 in manifest.rules.items()} == rules_of("5")
    assert {name: store.received(sha256) for name, sha256 in manifest.received.items()} == {
        "甲.xlsx": b"workbook 5 2020"
    }
    assert manifest.beside == {"2019": store.latest(2019).sha256}
    assert store.manifest(made_up.YEAR, "1").beside == {}


def test_the_printed_hash_of_a_unit_is_found_in_the_run_that_said_it(store: ScoreStore) -> None:
    first, second = (store.manifest(made_up.YEAR, number).extracts for number in ("1", "2"))
    assert first["ST01"] != second["ST01"]
    for extracts in (first, second):
        assert store.holds_extract(made_up.YEAR, "ST01", extracts["ST01"][:12])
    assert not store.holds_extract(made_up.YEAR, "ST02", first["ST01"][:12])
    assert not store.holds_extract(made_up.YEAR, "ST01", "")


NAMES: list[Callable[[str], str]] = [lambda _: "2", lambda _: "0002", lambda run: run, lambda run: run[:7]]


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_named_by_number_id_or_beginning(store: ScoreStore, name: Callable[[str], str]) -> None:
    newest = store.latest(made_up.YEAR)
    assert store.at(made_up.YEAR, name(newest.run_id)) == newest


@pytest.mark.parametrize("name", ["3", "000", "", "x"])
def test_an_unknown_run_is_refused_with_the_list(store: ScoreStore, name: str) -> None:
    with pytest.raises(Refused) as refused:
        store.at(made_up.YEAR, name)
    assert all(run.name in str(refused.value) for run in store.run_folders(made_up.YEAR))


def test_rules_that_changed_after_they_were_read_are_refused(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for name in ("data/units.yaml", "data/rubrics/2020/policy.yaml", "data/forms/a.csv", "data/lookups/b.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    read = rule_files(workspace, 2020)
    assert list(read) == ["forms/a.csv", "lookups/b.csv", "rubrics/2020/policy.yaml", "units.yaml"]
    refuse_changed(read, workspace, 2020)
    (workspace.forms / "a.csv").write_bytes(b"other")
    (workspace.lookups / "b.csv").unlink()
    with pytest.raises(Refused) as refused:
        refuse_changed(read, workspace, 2020)
    assert [problem.file for problem in refused.value.problems] == ["data/forms/a.csv", "data/lookups/b.csv"]
