"""The rectification ledger: states, what is overdue as of which day, what comes again, and counts that add up."""

from __future__ import annotations

import csv
import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_years import REGISTRY, YEARS, sample
from score_frames import NAMES, PREFIX, RUBRICS, made_up

from analytics.analysis.followup import followup
from analytics.analysis.problem_state import STATES, finding_overdue, is_problem, latest_record, state_of
from analytics.analysis.rectification import COUNTS, Rectification, rectification
from analytics.store import ScoredYear, ScoreStore, ScoreTables

KIND = "industry_department"
UNITS = {f"{PREFIX[kind]}{n:02d}": name for kind, names in NAMES.items() for n, name in enumerate(names, 1)}
KINDS = {unit: kind for kind in NAMES for unit in UNITS if unit.startswith(PREFIX[kind])}
TUNXI = Path(__file__).with_name("cases") / "published" / "tunxi_2023_recheck.csv"
FINDING: dict[str, Any] = {
    "year": 2020, "unit": "ID01", "item": "duty.study", "channel": "onsite", "rule": "1", "text": "记录不全",
    "group": "第一组", "date": datetime.date(2020, 10, 20), "deadline": datetime.date(2020, 11, 1),
    "person": "甲（示例）", "action": "", "said": "", "closed": None,
    "rechecked": None, "passed": None, "cell": "现场.xlsx › 表!G7",
}  # fmt: skip


def tables_of(*findings: dict[str, Any], years: tuple[int, ...] = (2018, 2019, 2020)) -> ScoreTables:
    frame = pd.DataFrame([FINDING | given for given in findings], columns=list(FINDING))
    frame = frame.astype({"closed": "boolean", "passed": "boolean"}).assign(unit_name=frame["unit"].map(UNITS))
    kinds = sorted({KINDS[unit] for unit in frame["unit"]} | {KIND})
    return replace(made_up(kinds, years), findings=frame)


def ledger(*findings: dict[str, Any], **more: Any) -> Rectification:
    return rectification(tables_of(*findings), 2020, KIND, **more)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_overdue_is_told_as_of_the_latest_day_on_record_and_only_of_what_is_not_closed() -> None:
    due = [{"deadline": day(text), "closed": closed} for text, closed in (
        ("2020-11-01", False), ("2020-11-01", None), ("2020-11-01", True), ("2020-11-09", False), ("2020-11-10", False),
    )]  # fmt: skip
    found = ledger(*due, {"rule": "", "rechecked": day("2020-11-10"), "deadline": None})
    assert found.as_of == day("2020-11-10")
    assert found.problems["overdue"].tolist() == [True, True, False, True, False]
    assert found.overdue_sentence == (
        "截至2020-11-10（记录中最晚的检查或复查日期），未销号的4个问题中有3个已过整改期限。"
    )
    assert [row[3] for row in found.overdue.rows] == ["2020-11-01", "2020-11-01", "2020-11-09"]
    later = ledger(*due, as_of=day("2020-11-11"))
    assert later.totals["overdue"] == 4


def test_without_a_day_on_record_nothing_is_overdue() -> None:
    found = ledger({"date": None, "closed": False})
    assert (found.as_of, found.totals["overdue"]) == (None, 0)
    assert found.overdue.empty == "检查记录没有写日期，看不出逾期。"


@pytest.mark.parametrize(
    ("closed", "passed", "state"),
    [(True, None, "closed"), (True, False, "open"), (None, True, "closed"), (False, True, "unknown")],
)
def test_the_re_check_has_the_last_word(closed: bool | None, passed: bool | None, state: str) -> None:
    assert ledger({"closed": closed, "passed": passed}).problems["state"].tolist() == [state]


def test_what_comes_again_is_known_from_both_ends_and_only_where_both_years_ask_the_same() -> None:
    findings = [
        {"year": 2019, "closed": True}, {"year": 2019, "closed": False}, {"year": 2020},
        {"year": 2019, "unit": "ID02"}, {"year": 2020, "unit": "ID03"},
        {"year": 2019, "item": "base.training"}, {"year": 2020, "item": "base.lectures"},
    ]  # fmt: skip
    tables = tables_of(*findings)
    now = rectification(tables, 2020, KIND).problems
    assert now[["unit", "item", "again", "before", "before_left"]].to_numpy().tolist() == [
        ["ID01", "duty.study", True, 2, 1],
        ["ID03", "duty.study", False, 0, 0],
        ["ID01", "base.lectures", False, 0, 0],
    ]
    before = rectification(tables, 2019, KIND).problems
    recurs = before["recurs"].astype(object).where(before["recurs"].notna(), None)
    assert recurs.tolist() == [True, True, False, None]
    assert now["recurs"].isna().all()


def test_a_desk_finding_is_in_and_a_self_mark_an_accident_and_a_clean_row_are_not() -> None:
    channels = ("onsite", "special", "desk", "self", "accident")
    found = ledger(*({"channel": channel} for channel in channels), {"rule": ""}, {"item": ""})
    assert found.problems["channel"].tolist() == ["onsite", "special", "desk"]


def test_a_problem_keeps_its_item_its_person_and_its_cell() -> None:
    (row,) = ledger({}).problems.to_dict("records")
    assert (row["unit_name"], row["kind"], row["no"], row["item_text"]) == (
        "区教育局", KIND, "1", RUBRICS[2020][0][2],
    )  # fmt: skip
    assert (row["person"], row["cell"], row["group"]) == ("甲（示例）", "现场.xlsx › 表!G7", "第一组")


def test_all_classes_together_are_the_classes_one_by_one() -> None:
    tables = tables_of({}, {"unit": "ST01", "closed": False}, {"unit": "SR01", "closed": True})
    whole = rectification(tables, 2020)
    assert (whole.kind, whole.sentence) == (
        None, "检查记录了各类单位3个问题：已销号1个、未整改1个、未写明1个；未整改最多的是曹杨新村街道（1个）。",
    )  # fmt: skip
    each = [rectification(tables, 2020, kind).totals for kind in NAMES]
    assert whole.totals == {name: sum(totals[name] for totals in each) for name in COUNTS}


def published() -> list[dict[str, str]]:
    with TUNXI.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", published(), ids=lambda row: row["area"])
def test_a_published_re_check_adds_up_as_it_is_printed(row: dict[str, str]) -> None:
    """Every problem had been called done; the re-check passed ``done`` of them, and found ``new`` ones."""
    to_fix, done, left, new = (int(row[name]) for name in ("to_fix", "done", "open", "new"))
    said = {"closed": True, "rechecked": day("2023-11-01"), "deadline": day("2020-10-31")}
    told = [said | {"passed": number < done} for number in range(to_fix)]
    found = ledger(*told)
    assert {name: found.totals[name] for name in ("found", "closed", "left", "open", "unknown", "overdue")} == {
        "found": to_fix, "closed": done, "left": left, "open": left, "unknown": 0, "overdue": left,
    }  # fmt: skip
    more = ledger(*told, *({"closed": False, "date": day("2023-11-01")} for _ in range(new)))
    assert (more.totals["found"], more.totals["left"]) == (to_fix + new, left + new)


dates = st.dates(day("2020-01-01"), day("2021-03-01"))
answers = st.none() | st.booleans()
any_finding = st.fixed_dictionaries(
    {
        "year": st.sampled_from([2018, 2019, 2020]),
        "unit": st.sampled_from(["ST01", "ST02", "SR01", "ID01", "ID02"]),
        "item": st.sampled_from([*sorted({item[0] for form in RUBRICS.values() for item in form}), ""]),
        "channel": st.sampled_from(["onsite", "special", "desk", "self", "accident"]),
        "rule": st.sampled_from(["", "1", "?"]),
        "date": st.none() | dates,
        "deadline": st.none() | dates,
        "closed": answers,
        "rechecked": st.none() | dates,
        "passed": answers,
    }
)


@settings(max_examples=25, deadline=None)
@given(st.lists(any_finding, max_size=25), st.none() | dates)
def test_found_is_closed_and_not_closed_in_every_unit_and_class(
    findings: list[dict[str, Any]], as_of: datetime.date | None
) -> None:
    tables = tables_of(*findings)
    for kind in (None, KIND):
        found = rectification(tables, 2020, kind, as_of)
        units, problems = found.units, found.problems
        assert (units["found"] == units["closed"] + units["left"]).all()
        assert (units["left"] == units["open"] + units["unknown"]).all()
        assert (units["overdue"] <= units["left"]).all()
        assert (units["again"] <= units["found"]).all()
        assert found.totals["found"] == len(problems)
        assert not (problems["overdue"] & (problems["state"] == "closed")).any()
        assert problems.loc[problems["passed"].eq(False).fillna(False), "state"].eq("open").all()
    over_years = followup(tables, KIND).units
    now = over_years[(over_years["year"] == 2020) & (over_years["found"] > 0)].set_index("unit")
    one = rectification(tables, 2020, KIND).units.set_index("unit")
    columns = ["found", "closed", "open", "unknown", "again"]
    assert now.loc[one.index, columns].to_numpy().tolist() == one[columns].to_numpy().tolist()


@pytest.fixture(scope="module")
def sample_tables(tmp_path_factory: pytest.TempPathFactory) -> ScoreTables:
    store = ScoreStore(tmp_path_factory.mktemp("store"))
    for year in YEARS:
        read, cards = sample(year), sample(year).cards.values()
        seen, decided = read.intake.observations, read.intake.decisions
        store.append(ScoredYear.of(read.rules, REGISTRY, cards, seen, decided, (), synthetic=True))
    return store.tables()


@pytest.mark.parametrize("year", YEARS)
def test_frames_and_records_say_the_same_of_the_sample(year: int, sample_tables: ScoreTables) -> None:
    """The brief counts records, the workbook frames: the two must not differ."""
    seen = [o for o in sample(year).intake.observations if is_problem(o)]
    as_of = latest_record(sample(year).intake.observations)
    found = rectification(sample_tables, year)
    assert (found.as_of, len(found.problems)) == (as_of, len(seen))
    for unit in found.units.to_dict("records"):
        own = [o for o in seen if o.unit == unit["unit"]]
        states = [state_of(o) for o in own]
        assert [unit[state] for state in STATES] == [states.count(state) for state in STATES]
        assert unit["overdue"] == sum(finding_overdue(o, as_of) for o in own)
