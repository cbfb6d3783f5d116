"""The store: what goes in comes out, nothing is rewritten, and a change of the past shows."""

import contextlib
import datetime
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import made_up
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.policy import YearRules
from analytics.problems import Problem, Refused
from analytics.provenance import CellRef, Reading, SourceFile
from analytics.records import Channel, Observation, Rectification, Submission
from analytics.scoring import score, score_year
from analytics.store import Manifest, ScoredYear, ScoreStore, disk, integrity
from analytics.store.run_folder import TABLES, content_sha256, read_run, sql_type, write_run
from analytics.units import UnitRegistry

UNITS = tuple(made_up.street(number) for number in (1, 2, 3))
RULES = [{"id": "1", "kind": "per_occurrence", "on": "每发现一处", "points": "0.5"}]


def year_rules() -> YearRules:
    rubric = made_up.rubric([{"full_marks": 2, "rules": RULES}, {"full_marks": 3, "rules": RULES}])
    return YearRules(year=made_up.YEAR, policy=made_up.policy(), rubrics=(rubric,))


def observations() -> list[Observation]:
    rectification = Rectification(
        datetime.date(2020, 11, 1), "负责人（示例）", closed=False, rechecked=datetime.date(2020, 11, 9), passed=True
    )
    found = replace(made_up.finding("1", 3, row=7), rectification=rectification, group="第一组", text="通道堵塞")
    marks = [made_up.self_mark(2, unit=unit.id) for unit in UNITS]
    return [found, made_up.figure("accidents", 1, channel=Channel.ACCIDENT), *marks, made_up.self_mark("2.5", "item.2")]


def submission(content: bytes = b"", store: ScoreStore | None = None, **fields: object) -> Submission:
    sha256 = store.keep(content) if store else "1" * 64
    problem = Problem(
        "no-space-left", "note", CellRef("甲.xlsx", sha256, "表", "F5"), facts={"found": "6", "expected": "0–5"}
    )
    given_fields = {"form": "self_assessment", "unit": "ST01", "problems": (problem,)} | fields
    return Submission(SourceFile("甲.xlsx", sha256, len(content)), "accepted", made_up.YEAR, **given_fields)  # type: ignore[arg-type]


def scored_year(*submissions: Submission, seen: list[Observation] | None = None, synthetic: bool = True) -> ScoredYear:
    rules, registry = year_rules(), UnitRegistry(UNITS)
    known = observations() if seen is None else seen
    decisions = [made_up.decision("review", "1.25", "item.1", id="D2"), made_up.decision("bonus", 1, matter="表彰")]
    cards = score_year(rules, registry, known, decisions)
    return ScoredYear.of(rules, registry, cards, known, decisions, submissions, synthetic=synthetic)


@pytest.fixture
def store(tmp_path: Path) -> ScoreStore:
    return ScoreStore(tmp_path / "合成 store")


@pytest.fixture
def three_runs(store: ScoreStore) -> ScoreStore:
    for mark in (1, 2, 3):
        store.append(
            scored_year(submission(b"bytes", store), seen=[*observations(), made_up.self_mark(mark, unit="ST02")])
        )
    return store


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_what_is_read_equals_what_was_appended(store: ScoreStore) -> None:
    appended = store.append(scored_year(submission(observations=tuple(observations()))))
    assert store.latest(made_up.YEAR) == appended
    assert appended.run_id.startswith("0001-")
    assert appended.status == "demonstration"


texts = st.text(max_size=12)
numbers = st.decimals(allow_nan=False, allow_infinity=False)
dates = st.dates(datetime.date(1990, 1, 1))
cells = st.builds(CellRef, texts, texts, texts, texts)
readings = st.builds(Reading, cells, texts)
seen = st.builds(
    Observation,
    unit=texts,
    year=st.integers(1900, 2100),
    channel=st.sampled_from(Channel),
    reading=readings,
    value=st.none() | numbers,
    text=texts,
    date=st.none() | dates,
    rectification=st.none() | st.builds(Rectification, st.none() | dates, texts, st.none() | st.booleans()),
)
problems = st.builds(
    Problem,
    texts,
    st.sampled_from(["stop", "skip", "note"]),
    at=st.none() | cells,
    facts=st.dictionaries(texts, texts, max_size=3),
)
received = st.builds(
    Submission,
    source=st.builds(SourceFile, texts, texts, st.integers(0, 2**40)),
    outcome=st.sampled_from(["accepted", "accepted_with_warning", "rejected", "ignored"]),
    year=st.integers(1900, 2100),
    form=st.none() | st.just("accidents"),
    printed_total=st.none() | numbers,
    observations=st.lists(seen, max_size=2).map(tuple),
    unread=st.lists(cells, max_size=2).map(tuple),
    problems=st.lists(problems, max_size=2).map(tuple),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(seen, max_size=4), st.lists(received, max_size=3))
def test_any_record_survives_writing_and_reading(kept: list[Observation], files: list[Submission]) -> None:
    scored = replace(scored_year(), observations=tuple(kept), submissions=tuple(files))
    with tempfile.TemporaryDirectory() as folder:
        content = content_sha256(scored)
        manifest = Manifest("0001-0123456789ab", scored.year, "", content, True, "demonstration", "", {})
        manifest = write_run(Path(folder), scored, manifest)
        back = read_run(Path(folder), manifest)
    assert back == replace(scored, run_id=manifest.run_id, sha256=manifest.sha256, code_version="")


@dataclass(frozen=True)
class Part:
    name: str
    points: Decimal | None = None
    days: tuple[datetime.date, ...] = ()


@dataclass(frozen=True)
class Newer:
    """A record of a later version: kinds of fields that the records of today do not all have."""

    name: str
    says: str
    source: str
    parts: tuple[Part, ...] = ()
    part: Part | None = None
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    by_part: Mapping[str, Part] = field(default_factory=dict)


@dataclass(frozen=True)
class Demanding:
    name: str
    demanded: str


PART = Part("子项", Decimal("1.10"), (datetime.date(2020, 1, 2),))
NEWER = [
    Newer("a", "b", "c"),
    Newer(
        "a",
        "b",
        "c",
        (PART, Part("空")),
        PART,
        {"自评": Decimal("0.30"), "核定": Decimal("0.7")},
        {"x": 2},
        {"p": PART},
    ),
]


@pytest.mark.parametrize("kept", NEWER)
def test_tuples_options_and_maps_of_records_survive_writing_and_reading(
    store: ScoreStore, monkeypatch: pytest.MonkeyPatch, kept: Newer
) -> None:
    monkeypatch.setitem(TABLES, "settings", Newer)  # type: ignore[index]
    run = store.append(replace(scored_year(), settings=(kept,)))  # type: ignore[arg-type]
    assert store.latest(made_up.YEAR).settings == run.settings == (kept,)
    assert not store.tables().cards.empty


def test_a_run_of_an_earlier_version_is_read_with_the_defaults_of_what_it_did_not_know(
    store: ScoreStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.append(scored_year())
    monkeypatch.setitem(TABLES, "settings", Newer)  # type: ignore[index]
    read = store.latest(made_up.YEAR).settings
    assert [(one.name, one.part, one.weights) for one in read] == [(one.name, None, {}) for one in run.settings]  # type: ignore[attr-defined]
    assert not store.tables().cards.empty


def test_a_run_that_this_version_cannot_read_is_refused_with_both_versions(
    store: ScoreStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.append(scored_year())
    monkeypatch.setitem(TABLES, "settings", Demanding)  # type: ignore[index]
    with pytest.raises(Refused, match="没有被改动") as refused:
        store.latest(made_up.YEAR)
    assert run.run_id in refused.value.problems[0].file


def test_a_pair_of_two_kinds_has_no_column_type() -> None:
    with pytest.raises(TypeError, match="no column type"):
        sql_type(tuple[str, int])


def test_a_third_of_a_point_keeps_all_its_digits(store: ScoreStore) -> None:
    scored = scored_year()
    total = Decimal(100) / Decimal(3)
    appended = store.append(replace(scored, cards=(replace(scored.cards[0], total=total), *scored.cards[1:])))
    assert store.latest(appended.year).cards[0].total == total


def test_the_same_year_again_writes_nothing(store: ScoreStore) -> None:
    first = store.append(scored_year(submission()))
    before = contents(store.folder)
    again = store.append(replace(scored_year(submission()), code_version="99.0+other"))
    assert again == first
    assert contents(store.folder) == before


def test_the_order_of_files_and_rows_changes_nothing() -> None:
    turned = scored_year(seen=observations()[::-1])
    assert content_sha256(turned) == content_sha256(scored_year())


def test_a_correction_is_a_new_run_and_the_old_one_stays(three_runs: ScoreStore) -> None:
    runs = sorted(path.name[:4] for path in (three_runs.folder / "scored" / "2020").iterdir())
    assert runs == ["0001", "0002", "0003"]
    assert three_runs.latest(2020).previous
    assert three_runs.verify() == ()


def test_bytes_are_kept_once_by_their_hash(store: ScoreStore) -> None:
    sha256 = store.keep(b"workbook")
    assert store.keep(b"workbook") == sha256
    assert store.received(sha256) == b"workbook"
    assert len(contents(store.folder)) == 1
    with pytest.raises(Refused, match="不在存档中"):
        store.received("0" * 64)


def test_a_year_that_was_not_scored_is_refused(store: ScoreStore) -> None:
    with pytest.raises(Refused, match="没有2020年度"):
        store.latest(2020)
    assert store.tables().cards.empty


def test_every_flipped_byte_of_a_manifest_is_found(three_runs: ScoreStore) -> None:
    path = sorted(three_runs.folder.glob("scored/2020/*/manifest.json"))[1]
    good = path.read_bytes()
    for place in range(len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert list(integrity.chain_problems(three_runs, 2020)), place
    path.write_bytes(good)
    assert not list(integrity.chain_problems(three_runs, 2020))


@pytest.mark.parametrize("table", TABLES)
def test_a_flipped_byte_of_a_table_is_found(three_runs: ScoreStore, table: str) -> None:
    path = sorted(three_runs.folder.glob(f"scored/2020/*/{table}.parquet"))[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert [problem.code for problem in three_runs.verify()] == ["store-file-altered"]


def test_a_deleted_run_and_a_swapped_run_are_found(three_runs: ScoreStore) -> None:
    first, second, _ = sorted((three_runs.folder / "scored" / "2020").iterdir())
    aside = three_runs.folder.parent / "aside"
    second.rename(aside)
    assert [problem.code for problem in three_runs.verify()] == ["store-run-missing"]
    first.rename(second)
    aside.rename(first)
    assert "store-manifest-altered" in [problem.code for problem in three_runs.verify()]


def test_a_run_forged_with_fresh_hashes_breaks_the_chain(three_runs: ScoreStore, tmp_path: Path) -> None:
    other = ScoreStore(tmp_path / "other")
    forged = other.append(scored_year(submission(b"bytes", other), seen=[]))
    first, *_ = sorted((three_runs.folder / "scored" / "2020").iterdir())
    shutil.rmtree(first)
    shutil.copytree(other.folder / "scored" / "2020" / forged.run_id, first.with_name(forged.run_id))
    assert [problem.code for problem in three_runs.verify()] == ["store-chain-broken"]


def test_a_cut_off_end_shows_against_the_heads_and_the_printed_hash(three_runs: ScoreStore) -> None:
    newest = three_runs.latest(2020)
    assert three_runs.holds(2020, newest.sha256)
    shutil.rmtree(three_runs.folder / "scored" / "2020" / newest.run_id)
    assert [(p.code, p.file) for p in three_runs.verify()] == [("store-head-missing", f"scored/2020/{newest.run_id}")]
    assert not three_runs.holds(2020, newest.sha256)
    with pytest.raises(Refused, match="可能被删除"):
        three_runs.append(scored_year())


def test_altered_missing_and_strange_files_are_found(three_runs: ScoreStore) -> None:
    newest = three_runs.folder / "scored" / "2020" / three_runs.latest(2020).run_id
    (newest / "备注.txt").write_text("x", encoding="utf-8")
    (kept,) = (three_runs.folder / "received").glob("??/*")
    kept.write_bytes(b"other")
    assert {problem.code for problem in three_runs.verify()} == {"store-file-unknown", "store-kept-altered"}
    kept.unlink()
    assert "store-kept-missing" in {problem.code for problem in three_runs.verify()}


def test_an_altered_year_is_neither_read_nor_continued(three_runs: ScoreStore) -> None:
    newest = three_runs.folder / "scored" / "2020" / three_runs.latest(2020).run_id
    (newest / "cards.parquet").write_bytes(b"")
    for reading in (lambda: three_runs.latest(2020), three_runs.tables):
        with pytest.raises(Refused, match="缺失或被改动"):
            reading()
    manifest = json.loads((newest / "manifest.json").read_text(encoding="utf-8"))
    (newest / "manifest.json").write_text(json.dumps(manifest | {"synthetic": False}), encoding="utf-8")
    with pytest.raises(Refused, match="只可追加"):
        three_runs.append(scored_year())


def disk_that_fails_at(patch: pytest.MonkeyPatch, number: int, error: int) -> None:
    """Let the ``number``-th sync, write, rename or new folder fail."""
    calls = 0

    def failing(operation: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            nonlocal calls
            calls += 1
            if calls == number:
                raise OSError(error, os.strerror(error))
            return operation(*arguments, **named)

        return call

    for owner, name in ((os, "fsync"), (Path, "write_bytes"), (Path, "rename"), (Path, "replace"), (Path, "mkdir")):
        patch.setattr(owner, name, failing(getattr(owner, name)))


CODES = {errno.ENOSPC: "no-space-left", errno.EACCES: "write-forbidden", errno.EIO: "write-failed"}
RULES_READ = {"units.yaml": b"units", "rubrics/2020/policy.yaml": b"policy"}


@pytest.mark.parametrize("error", CODES)
def test_what_the_disk_refuses_is_said_in_words(store: ScoreStore, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    disk_that_fails_at(monkeypatch, 5, error)
    with pytest.raises(Refused) as refused:
        store.append(scored_year())
    assert [problem.code for problem in refused.value.problems] == [CODES[error]]


def test_a_disk_that_fails_at_any_step_leaves_the_store_as_before_or_with_the_new_run(
    store: ScoreStore, tmp_path: Path
) -> None:
    before = store.append(scored_year())
    whole = ScoreStore(Path(shutil.copytree(store.folder, tmp_path / "whole")))
    after = whole.append(scored_year(seen=[]), None, RULES_READ)
    for number in range(1, 200):
        tried = ScoreStore(Path(shutil.copytree(store.folder, tmp_path / str(number))))
        with pytest.MonkeyPatch.context() as patch:
            disk_that_fails_at(patch, number, errno.ENOSPC)
            with contextlib.suppress(Refused):
                tried.append(scored_year(seen=[]), None, RULES_READ)
                break
        assert tried.verify() == ()
        assert tried.run_folders(made_up.YEAR)[-1].name in (before.run_id, after.run_id)
        if number % 5 == 0:  # takes its time
            assert tried.append(scored_year(seen=[]), None, RULES_READ) == after
            assert contents(tried.folder) == contents(whole.folder)
    assert 20 < number < 199


HOLDER = """
import sys, time
from pathlib import Path
from analytics.store import disk
with disk.sole_writer(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_refused_until_the_first_is_dead(store: ScoreStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "PATIENCE_SECONDS", 0.1)
    repository = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-c", HOLDER, str(store.folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=repository, env=os.environ | {"PYTHONUTF8": "1"}
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(Refused, match="另一个程序"):
            store.append(scored_year())
        holder.kill()
    assert store.append(scored_year()).run_id.startswith("0001-")


def test_leftovers_of_a_dead_writer_are_cleared(store: ScoreStore) -> None:
    store.append(scored_year())
    left = store.folder / "scored" / "2020" / ".new-1-1"
    left.mkdir()
    (left / "cards.parquet").write_bytes(b"half")
    store.append(scored_year(seen=[]))
    assert not left.exists()
    assert store.verify() == ()


COLUMNS = {
    "cards": "unit unit_name kind year total grade grade_by_points rank ranked synthetic barred limited",
    "marks": "unit unit_name kind year item no item_text theme theme_name full_marks self_mark verified_mark awarded "
    "status rate",
    "losses": "unit unit_name kind year item no item_text theme theme_name rule clause points channel because evidence "
    "cell decision",
    "items": "year rubric kind item no text theme theme_name full_marks formerly",
    "figures": "unit unit_name kind year measure channel value",
    "claims": "unit unit_name kind year item no item_text mark reason evidence cell",
    "findings": "unit unit_name kind year item channel group date rule count text evidence deadline person closed "
    "action said rechecked passed cell",
}


@pytest.mark.parametrize("scored", [False, True])
def test_tables_have_their_columns_also_when_empty(store: ScoreStore, scored: bool) -> None:
    if scored:
        store.append(scored_year())
    tables = store.tables()
    for name, columns in COLUMNS.items():
        frame = getattr(tables, name)
        assert list(frame.columns) == columns.split(), name
        for column in frame.columns.intersection(["unit", "unit_name", "kind", "item", "rule", "cell", "formerly"]):
            assert frame[column].dtype == "str", (name, column)


def test_tables_say_what_the_cards_say(store: ScoreStore) -> None:
    scored = store.append(scored_year())
    tables = store.tables()
    assert tables.years == (2020,)
    cards = tables.cards.set_index("unit")
    assert list(cards.index) == [unit.id for unit in UNITS]
    assert cards.loc["ST01", "unit_name"] == "街道1"
    assert cards.loc["ST01", "total"] == float(scored.cards[0].total or 0)
    assert cards.loc["ST02", ["total", "rank"]].isna().all()
    marks = tables.marks.set_index(["unit", "no"])
    assert marks.loc[("ST01", "1"), "awarded"] == 1.25
    assert marks.loc[("ST01", "1"), "rate"] == 0.625
    assert marks.loc[("ST02", "2"), "status"] == "awaiting_decision"
    assert tables.losses.iloc[0]["theme_name"] == "主题"
    assert "现场.xlsx › 表!G7" in set(tables.losses["cell"])
    assert list(tables.figures[["unit", "measure", "value"]].iloc[0]) == ["ST01", "accidents", 1.0]
    claims = tables.claims.set_index(["unit", "no"])
    assert claims.loc[("ST01", "2"), ["mark", "item_text", "unit_name"]].tolist() == [2.5, "事项2", "街道1"]
    (finding,) = tables.findings.to_dict("records")
    assert (finding["unit_name"], finding["kind"]) == ("街道1", "street_town")
    assert (finding["group"], finding["count"], finding["closed"]) == ("第一组", 3.0, False)
    assert finding["deadline"].date() == datetime.date(2020, 11, 1)
    assert (finding["rechecked"].date(), finding["passed"]) == (datetime.date(2020, 11, 9), True)
    assert tables.in_year(2019).cards.empty


def test_tables_show_the_newest_run_of_each_year(store: ScoreStore) -> None:
    store.append(scored_year())
    last_year = scored_year(seen=[])
    store.append(replace(last_year, year=2019, cards=tuple(replace(card, year=2019) for card in last_year.cards)))
    newest = store.append(scored_year(seen=[made_up.self_mark(2), made_up.self_mark(3, "item.2")]))
    tables = store.tables()
    assert tables.years == (2019, 2020)
    assert tables.in_year(2020).cards["total"].dropna().tolist() == [float(newest.card("ST01").total or 0)]


def test_an_undecided_year_is_stored_as_undecided(store: ScoreStore) -> None:
    (card,) = score(year_rules().rubrics[0], made_up.policy(), UNITS[:1], [], [])
    scored = store.append(ScoredYear(2020, (card,)))
    assert store.latest(2020).undecided == (card,)
    assert scored.sha256


@pytest.mark.parametrize("again", [scored_year(), scored_year(seen=[])], ids=["the-same", "a-correction"])
def test_a_run_is_neither_returned_nor_followed_when_its_tables_were_altered(
    store: ScoreStore, again: ScoredYear
) -> None:
    run = store.append(scored_year())
    path = store.folder / "scored" / str(run.year) / run.run_id / "cards.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Refused) as caught:
        store.append(again)
    assert [problem.code for problem in caught.value.problems] == ["store-file-altered"]


def test_an_altered_manifest_is_named_once(store: ScoreStore) -> None:
    run = store.append(scored_year())
    (store.folder / "scored" / str(run.year) / run.run_id / "manifest.json").write_bytes(b"{")
    assert [problem.code for problem in store.verify()] == ["store-manifest-altered"]


def test_made_up_years_are_never_compared_with_real_ones(store: ScoreStore) -> None:
    store.append(replace(scored_year(), year=2018))
    assert store.years() == (2018,)
    store.append(replace(scored_year(synthetic=False), year=2019))
    store.append(replace(scored_year(), year=2020))
    assert (store.years(), store.all_years()) == ((2019,), (2018, 2019, 2020))
    assert set(store.tables().cards["synthetic"]) == {False}
    assert set(store.heads()) == {2019}
    assert store.latest(2018).synthetic
    (store.folder / "scored" / "2018" / store.latest(2018).run_id / "cards.parquet").write_bytes(b"")
    assert [problem.code for problem in store.verify()] == ["store-file-altered"]


def test_a_unit_s_record_names_the_run_since_which_it_is_the_same(store: ScoreStore) -> None:
    """The head in a brief's footer: it moves with the unit's own record, and stays while only others change."""
    first = store.append(scored_year())
    other = [*observations(), replace(made_up.finding("1", 1, row=9), unit="ST02")]
    second = store.append(scored_year(seen=other))
    third = store.append(scored_year(seen=[*other, made_up.finding("1", 1, row=11)]))
    assert [second.standing_since[unit].run_id for unit in ("ST03", "ST02")] == [first.run_id, second.run_id]
    assert third.standing_since["ST03"].sha256 == first.sha256
    assert third.standing_since["ST01"].sha256 == third.sha256
    assert store.latest(made_up.YEAR).standing_since == third.standing_since
    assert all(store.holds(made_up.YEAR, head.sha256) for head in third.standing_since.values())
