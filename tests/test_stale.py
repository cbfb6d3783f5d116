"""One thing changes: exactly the briefs whose pages may change are made again. And what notebooks may be given."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from made_up_store import made_up_workspace
from test_batch import bring, write_notebook

from analytics.batch import Done, plan, plan_briefs
from analytics.batch.parameters import Parameters
from analytics.documents.dossier import Dossier
from analytics.problems import Refused
from analytics.records import Observation
from analytics.store import ScoredYear, ScoreStore
from analytics.units import UnitKind, UnitRegistry
from analytics.workspace import REPOSITORY, Workspace

YEAR, UNIT = 2020, "ST03"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made_up_workspace(tmp_path_factory.mktemp("考核") / "office", (2019, YEAR))


@pytest.fixture
def place(office: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    shutil.copytree(office.root, tmp_path / "office")
    shutil.copytree(REPOSITORY / "notebooks", tmp_path / "notebooks")
    monkeypatch.setattr(Workspace, "notebooks", tmp_path / "notebooks")
    return Workspace(tmp_path / "office")


def tasks_of(place: Workspace) -> tuple[plan.Task, ...]:
    registry = UnitRegistry.load(place.units)
    return plan_briefs(place, ScoreStore(place.store).latest(YEAR), registry.in_year(YEAR))


def writes(task: plan.Task, scratch: Path) -> None:
    for name in (*task.files, task.record):
        (scratch / name).write_text(task.key, encoding="utf-8")


def changed_record(place: Workspace, change: Callable[[Observation], dict[str, Any]]) -> None:
    """Score the year again with one observation of one unit changed in one way, as a changed cell would."""
    from analytics.policy import YearRules
    from analytics.scoring import score_year

    store, registry = ScoreStore(place.store), UnitRegistry.load(place.units)
    before, rules = store.latest(YEAR), YearRules.load(place, registry, YEAR)
    seen = list(before.observations)
    at = next(n for n, one in enumerate(seen) if one.unit == UNIT and one.evidence)
    seen[at] = dataclasses.replace(seen[at], **change(seen[at]))
    cards = score_year(rules, registry, seen, ())
    store.append(ScoredYear.of(rules, registry, cards, seen, (), (), synthetic=True))


def a_remark(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    changed_record(place, lambda one: {"text": "抽查发现另一处记录不全"})


def a_count(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    changed_record(place, lambda one: {"value": Decimal(9) if one.value != 9 else Decimal(1)})


def a_clause(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from analytics.policy import YearRules

    rules = YearRules.load(place, UnitRegistry.load(place.units), YEAR)
    with (place.rubrics(YEAR) / f"{rules.rubric(UnitKind.STREET_TOWN).id}.yaml").open("a", encoding="utf-8") as file:
        file.write("\n# a clause has changed\n")


def the_policy(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with (place.rubrics(YEAR) / "policy.yaml").open("a", encoding="utf-8") as file:
        file.write("\n# another limit\n")


def the_notebook(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.brief_notebook.open("a", encoding="utf-8") as file:
        file.write("\n")


def a_library(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "libraries", lambda: "typst=9")


def another_notebook(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.notebooks / "30_trends.ipynb").write_text("{}", encoding="utf-8")


NOBODY, ONE, STREETS, ALL = "nobody", "the unit", "its class", "everyone"


@pytest.mark.parametrize(
    ("change", "whom"),
    [
        (a_remark, ONE), (a_count, STREETS), (a_clause, STREETS), (the_policy, ALL), (the_notebook, ALL),
        (a_library, ALL), (another_notebook, NOBODY),
    ],
)  # fmt: skip
def test_a_change_makes_exactly_the_briefs_again_whose_pages_may_change(
    change: Callable[[Workspace, pytest.MonkeyPatch], None],
    whom: str,
    place: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = tasks_of(place)
    bring(before, place.reports(YEAR), work=writes)
    change(place, monkeypatch)
    results = bring(tasks_of(place), place.reports(YEAR), work=writes)
    made = {r.task.parameters["unit"] for r in results if isinstance(r, Done) and not r.skipped}
    units = {str(task.parameters["unit"]) for task in before}
    expected = {NOBODY: set(), ONE: {UNIT}, STREETS: {u for u in units if u.startswith("ST")}, ALL: units}
    assert made == expected[whom]


def test_a_brief_that_is_not_made_again_would_have_come_out_the_same(place: Workspace) -> None:
    def says(unit: str) -> object:
        brief = Dossier.open(str(place.root), unit, YEAR).brief
        return dataclasses.replace(brief, sections=()), [
            dataclasses.replace(block, svg=b"", png=b"") if hasattr(block, "svg") else block
            for section in brief.sections
            for block in section.blocks
        ]

    others = ("ST01", "SR05", "ID02")
    before = {unit: says(unit) for unit in (*others, UNIT)}
    changed_record(place, lambda one: {"text": "抽查发现另一处记录不全"})
    assert {unit: says(unit) for unit in others} == {unit: before[unit] for unit in others}
    assert says(UNIT) != before[UNIT]


MODEL = 'unit = "ST01"\nyear = 2020\nshare = 0.5\nkinds = ["a"]\nflag = True\nanything = None\nnames: list = []'


@pytest.fixture
def model(tmp_path: Path) -> Parameters:
    return Parameters.of(write_notebook(tmp_path / "n.ipynb", "1", parameters=MODEL))


def test_a_model_is_read_from_the_notebook(model: Parameters) -> None:
    assert model.defaults == {
        "unit": "ST01", "year": 2020, "share": 0.5, "kinds": ["a"], "flag": True, "anything": None, "names": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {}, {"unit": "ST02", "year": 2021, "share": 1, "kinds": [], "flag": False, "anything": [1, "x", None]},
        {"unit": ""}, {"names": ["a", 1]},
    ],
)  # fmt: skip
def test_what_fits_the_model_is_taken(model: Parameters, given: dict[str, Any]) -> None:
    model.check(given, units={"ST01", "ST02"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"uint": "ST01"}, "没有参数“uint”；可用的参数：unit、year"),
        ({"year": "2020"}, "year”写成了 '2020'，应为整数"),
        ({"year": 2020.0}, "应为整数"),
        ({"year": True}, "应为整数"),
        ({"flag": 1}, "应为真假值"),
        ({"share": "0.5"}, "应为数字"),
        ({"kinds": "a"}, "应为列表"),
        ({"kinds": [1]}, "应为列表"),
        ({"unit": Path("x")}, "应为文字"),
        ({"unit": Decimal(1)}, "应为文字"),
        ({"anything": Path("__import__('os')")}, "写成了"),
        ({"anything": {"a": 1}}, "写成了"),
        ({"anything": (1,)}, "写成了"),
        ({"unit": "长寿路街道"}, "不是单位编号；可用的编号：ST01、ST02"),
    ],
)
def test_what_does_not_fit_the_model_is_refused_with_what_would(
    model: Parameters, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused) as refused:
        model.check(given, units={"ST01", "ST02"})
    assert said in str(refused.value)


def test_what_is_missing_is_named_and_all_faults_are_told_at_once(model: Parameters) -> None:
    with pytest.raises(Refused) as refused:
        model.check({"yaer": 1, "flag": "x"}, required=["unit", "folder"])
    assert [problem.code.removeprefix("notebook-parameter-") for problem in refused.value.problems] == [
        "unknown", "ill-typed", "missing", "unknown",
    ]  # fmt: skip


def test_a_cell_of_parameters_holds_plain_values_only(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "n.ipynb", "1", parameters="year = int('2020')")
    with pytest.raises(Refused, match="恰有一个标记为 parameters"):
        Parameters.of(notebook)
