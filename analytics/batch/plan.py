"""What is to be made: one task for each notebook and each set of parameters, with a key over all it depends on."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from analytics.analysis.problem_state import latest_record
from analytics.batch.parameters import FOLDER, Parameters, Value, declared_parameters, is_plain
from analytics.documents.unit_year import UnitYear
from analytics.policy import YearRules
from analytics.problems import Language, Problem, Refused
from analytics.store import ScoredYear, ScoreStore, extract_sha256
from analytics.store.code_version import code_version
from analytics.store.run_folder import file_sha256
from analytics.units import Unit, UnitKind, UnitRegistry, reading_fault
from analytics.workspace import REPOSITORY, Workspace

DRAWING = (
    "ipykernel", "ipython", "jinja2", "lxml", "matplotlib", "nbconvert", "numpy", "pandas", "pillow", "python_docx",
    "seaborn", "typst", "zhplot",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """One run of a notebook. ``target`` is where its result goes, relative to the year's reports.

    ``record`` is the name of the executed notebook. ``files`` are the files the notebook has to write into the folder
    it is given; then the whole folder becomes ``target``. Without ``files`` the record and a page made of it, of the
    same name, are put into ``target`` beside those of other notebooks.
    ``key`` covers everything the result depends on: the same key, the same result. ``shows`` are texts that must stand
    in the first of ``files``: whose result it is, and what it comes to.
    """

    name: str
    notebook: Path
    parameters: Mapping[str, Value]
    target: str
    record: str
    files: tuple[str, ...]
    key: str
    language: Language = "zh"
    shows: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its name in the ledger: no two tasks of a year share it."""
        return f"{self.target}/{self.record}"

    @property
    def made(self) -> tuple[str, ...]:
        """Every file of the result, relative to the year's reports."""
        names = (*self.files, self.record) if self.files else (self.record, self.page)
        return tuple(f"{self.target}/{name}" for name in names)

    @property
    def page(self) -> str:
        return f"{Path(self.record).stem}.html"


def plan_briefs(
    workspace: Workspace, scored: ScoredYear, units: Iterable[Unit], language: Language = "zh"
) -> tuple[Task, ...]:
    """The brief of each unit for the scored year. Refused when the notebook does not take what it would be given."""
    notebook, units = workspace.brief_notebook, tuple(units)
    store = ScoreStore(workspace.store)
    # A brief draws the unit's totals of every year up to its own.
    years = [*(store.latest(year) for year in store.years() if year < scored.year), scored]
    # What is overdue is told as of the latest day in the records of all units.
    as_of = str(latest_record(scored.observations))
    depends = [code_version(), lock_sha256(), libraries(), notebook_sha256(notebook), language, as_of]
    classes = {kind: [_class_sha256(year, kind) for year in years] for kind in UnitKind}
    known, model = {unit.id for unit in units}, Parameters.of(notebook)
    said: dict[str, Value] = {"language": language} if "language" in model.defaults else {}
    rules = _rules(workspace, scored.year) if any(one.cards for one in years) else None
    tasks = []
    for unit in units:
        given = {"unit": unit.id, "year": scored.year, "workspace": workspace.root.as_posix(), **said}
        model.check({**given, FOLDER: ""}, ("unit", "year", "workspace", FOLDER), known)
        tasks.append(
            Task(
                name=unit.name,
                notebook=notebook,
                parameters=given,
                target=f"briefs/{unit.id}-{unit.name}",
                record="brief.ipynb",
                files=("brief.html", "brief.pdf", "brief.docx"),
                key=_key(
                    depends,
                    unit.name,
                    brief_rules_sha256(workspace, scored.year, rules.rubric(unit.kind).id if rules else None),
                    *(extract_sha256(year, unit.id) for year in years),
                    *classes[unit.kind],
                ),
                language=language,
                shows=(unit.official, *_total(scored, unit, rules)),
            )
        )
    return tuple(tasks)


def _class_sha256(year: ScoredYear, kind: UnitKind) -> str:
    """What a brief's means, bests and ranks are computed from: the points of its class, not what was found."""
    points = [
        (
            card.unit,
            card.total,
            card.grade,
            card.rank,
            [(m.item, m.awarded, m.full_marks, m.status) for m in card.marks],
        )
        for card in year.cards
        if card.kind is kind
    ]
    return hashlib.sha256(json.dumps(points, default=str).encode()).hexdigest()


def _rules(workspace: Workspace, year: int) -> YearRules:
    return YearRules.load(workspace, UnitRegistry.load(workspace.units), year)


def _total(scored: ScoredYear, unit: Unit, rules: YearRules | None) -> tuple[str, ...]:
    """The unit's total as its brief has to print it; nothing while it is undecided."""
    card = next((card for card in scored.cards if card.unit == unit.id), None)
    if card is None or card.total is None or rules is None:
        return ()
    return (UnitYear(scored, None, unit, rules.rubric(unit.kind), rules.policy).shown_total(card.total)[0],)


def plan_notebooks(
    workspace: Workspace, scored: ScoredYear, names: Iterable[str] = (), language: Language = "zh"
) -> tuple[Task, ...]:
    """The analysis notebooks with their parameters, as ``params/*.yaml`` list them; ``names`` picks some.

    Year, workspace and language are given to a notebook that asks for them, unless its file says otherwise. Refused
    when a name is unknown, or a file is malformed or names a parameter that its notebook does not have.
    """
    chosen = set(names)
    units = {unit.id for unit in UnitRegistry.load(workspace.units).in_year(scored.year)}
    runs = [read_run_file(path, workspace.notebooks, units) for path in sorted(workspace.params.glob("*.yaml"))]
    if unknown := sorted(chosen - {run.name for run in runs}):
        facts = {"found": "、".join(unknown), "expected": "、".join(run.name for run in runs) or "—"}
        raise Refused([Problem("notebook-run-unknown", "stop", facts=facts)])
    names_given = [run.name for run in runs]
    if twice := sorted({name for name in names_given if names_given.count(name) > 1}):
        raise Refused([Problem("notebook-run-twice", "stop", file="params", facts={"found": "、".join(twice)})])
    depends = [*_dependencies(workspace, scored.year, ScoreStore(workspace.store).years()), language]
    usual: dict[str, Value] = {"year": scored.year, "workspace": workspace.root.as_posix(), "language": language}
    tasks = []
    for run in runs:
        if chosen and run.name not in chosen:
            continue
        declared = declared_parameters(run.notebook)
        given = {name: value for name, value in usual.items() if name in declared} | dict(run.parameters)
        Parameters.of(run.notebook).check(given, file=f"params/{run.name}.yaml")
        shown = {name: value for name, value in given.items() if name != "workspace"}
        tasks.append(
            Task(
                name=run.name,
                notebook=run.notebook,
                parameters=given,
                target="analysis",
                record=f"{run.name}.ipynb",
                files=(),
                key=_key(depends, notebook_sha256(run.notebook), json.dumps(shown, sort_keys=True)),
                language=language,
            )
        )
    return tuple(tasks)


@dataclass(frozen=True, slots=True)
class NotebookRun:
    """One file of ``params/``: which notebook, under which name its result is published, with which parameters."""

    name: str
    notebook: Path
    parameters: Mapping[str, Value]


def read_run_file(path: Path, notebooks: Path, units: Collection[str] | None = None) -> NotebookRun:
    """Read one file of ``params/``. Refused when it is malformed or does not fit the parameters of its notebook.

    ``units``: the ids a parameter ``unit`` may have.
    """
    try:
        loaded = yaml.safe_load(path.read_bytes().decode())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        file = f"params/{path.name}"
        raise Refused([Problem("yaml-unreadable", "stop", file=file, facts=reading_fault(error))]) from None
    run = loaded if isinstance(loaded, dict) else {}
    parameters = run.get("parameters") or {}
    sound = (
        set(run) <= {"notebook", "name", "parameters", "note"}
        and isinstance(run.get("notebook"), str)
        and isinstance(run.get("name", ""), str)
        and isinstance(parameters, dict)
        and all(map(is_plain, parameters.values()))
    )
    name = str(run.get("name") or path.stem)
    if not sound or Path(name).name != name or Path(run["notebook"]).name != run["notebook"]:
        raise Refused([Problem("notebook-run-malformed", "stop", file=f"params/{path.name}")])
    notebook = notebooks / run["notebook"]
    Parameters.of(notebook).check(parameters, units=units, file=f"params/{path.name}")
    return NotebookRun(name, notebook, parameters)


def notebook_sha256(notebook: Path) -> str:
    """The hash of a notebook file. Refused when there is none."""
    if not notebook.is_file():
        raise Refused([Problem("notebook-missing", "stop", file=notebook.name)])
    return file_sha256(notebook)


def rules_sha256(workspace: Workspace, years: Iterable[int]) -> str:
    """One hash over the rules as data: units, rubrics and policies of the years, and the meanings of words."""
    files = [workspace.units, *workspace.lookups.glob("*")]
    for year in years:
        files += workspace.rubrics(year).glob("*.yaml")
    named = sorted((f.relative_to(workspace.root).as_posix(), file_sha256(f)) for f in files if f.is_file())
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def brief_rules_sha256(workspace: Workspace, year: int, rubric: str | None) -> str:
    """One hash over the rules that a brief of this rubric's units reads: their names, the policy, the rubric itself.

    Without a rubric, when nothing was scored, over all of the year's.
    """
    if rubric is None:
        return rules_sha256(workspace, [year])
    folder = workspace.rubrics(year)
    files = [workspace.units, folder / "policy.yaml", folder / f"{rubric}.yaml"]
    return hashlib.sha256(json.dumps([file_sha256(file) for file in files]).encode()).hexdigest()


@cache
def libraries() -> str:
    """The versions of what draws and sets the results, the font's among them: they may differ from what is pinned."""
    return " ".join(f"{name}={importlib.metadata.version(name)}" for name in DRAWING)


def lock_sha256() -> str:
    """The hash of the pinned environment, ``""`` where the package is used without one."""
    lock = REPOSITORY / "requirements.lock"
    return file_sha256(lock) if lock.is_file() else ""


def _dependencies(workspace: Workspace, year: int, years: Iterable[int]) -> list[str]:
    """What an analysis of a year depends on: the newest runs of ``years``, and all that surrounds them."""
    wanted = {year, *years}
    heads = ScoreStore(workspace.store).heads()
    return [*(heads.get(one, "") for one in sorted(wanted)), *_surroundings(workspace, wanted)]


def _surroundings(workspace: Workspace, years: Iterable[int]) -> list[str]:
    """What every result depends on beside the record: the rules of the years, the code, the environment."""
    return [rules_sha256(workspace, sorted(years)), code_version(), lock_sha256(), libraries()]


def _key(depends: Iterable[str], *own: str) -> str:
    return hashlib.sha256(json.dumps([*depends, *own]).encode()).hexdigest()
