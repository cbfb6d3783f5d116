"""What the year's index page says: results by class, charts, what is still open, the rules, and where everything is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from analytics.analysis.wording import signed
from analytics.documents.intake_page import RETURNS
from analytics.documents.intake_workbook import days_late
from analytics.documents.labels import FORMS, Say, banner, listed, setting_source, speaker
from analytics.documents.rectification_ledger import LEDGER_CSV, LedgerTable, count_ledger
from analytics.documents.standing import ClassStanding, Standing
from analytics.policy import YearRules
from analytics.problems import Language, Problem
from analytics.records import Submission
from analytics.units import Unit, UnitKind, UnitRegistry

if TYPE_CHECKING:
    from analytics.analysis.rectification import Rectification
    from analytics.figures import Chart
    from analytics.intake import Intake
    from analytics.store import ScoredYear

SHORT_HASH = 12
MOST_NUMBERS = 6
BRIEF_FORMATS = {"html": ("网页", "web"), "pdf": ("PDF", "PDF"), "docx": ("Word", "Word")}


@dataclass(frozen=True, slots=True)
class Link:
    """A text and where it leads, relative to the page and percent-encoded."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """A unit in its class table, as text. ``level`` counts grades from the best, 0; -1 while undecided."""

    rank: str
    unit: str
    total: str
    grade: str
    level: int
    remark: str
    change: str
    briefs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class ClassTable:
    title: str
    rows: tuple[Row, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart beside the page and its alternative text."""

    alt: str
    href: str


@dataclass(frozen=True, slots=True)
class Matters:
    """Things that somebody has to see to: a heading and, for each, who and what."""

    title: str
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grades:
    """How many units of each class (``rows``: class, counts, all) reached which grade (``names``)."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]


@dataclass(frozen=True, slots=True)
class IndexPage:
    language: Language
    title: str
    banner: str
    lead: str
    grades: Grades
    classes: tuple[ClassTable, ...]
    charts: tuple[Picture, ...]
    matters: tuple[Matters, ...]
    ledger: LedgerTable | None
    settings: tuple[tuple[str, str], ...]
    files: tuple[Link, ...]
    footer: str


def brief_folder(unit: Unit) -> str:
    """Where the batch puts a unit's brief, relative to the year's folder."""
    return f"briefs/{unit.id}-{unit.name}"


def compose_index(
    scored: ScoredYear,
    classes: Sequence[ClassStanding],
    intake: Intake,
    rules: YearRules,
    registry: UnitRegistry,
    charts: Iterable[Chart],
    folder: Path,
    language: Language = "zh",
    found: Rectification | None = None,
) -> IndexPage:
    """The way in to ``folder``, the year's built output. Only files that lie there now are linked.

    ``found``: the year's rectification ledger over all classes, when it is to be shown.
    """
    say, year = speaker(language), scored.year
    grades = tuple(band.name for band in rules.policy.grades.value)
    results = _Results(tuple(classes), grades, folder, say, language)
    return IndexPage(
        language=language,
        title=say(
            f"{year}年度{registry.area}安全生产和消防工作巡查考核结果",
            f"Work-safety and fire-safety assessment {year}: results ({registry.area})",
        ),
        banner=banner(say, synthetic=scored.synthetic, status=scored.status),
        lead=results.lead(),
        grades=results.grade_counts(),
        classes=tuple(map(results.class_table, classes)),
        charts=tuple(Picture(c.alt, quote(f"charts/{c.name}.svg")) for c in charts),
        matters=tuple(_matters(classes, intake, registry, language)),
        ledger=count_ledger(found, classes, folder, language) if found else None,
        settings=tuple((s.says, setting_source(say, s)) for s in scored.settings),
        files=tuple(_files(folder, say)),
        footer=_footer(scored, rules, say),
    )


@dataclass(frozen=True, slots=True)
class _Results:
    classes: tuple[ClassStanding, ...]
    grades: tuple[str, ...]
    folder: Path
    say: Say
    language: Language

    def lead(self) -> str:
        say, rows = self.say, [row for members in self.classes for row in members.rows]
        counted = [(name, sum(row.card.grade == name for row in rows)) for name in self.grades]
        reached = say("、", ", ").join(say(f"{name}{n}个", f"{name} {n}") for name, n in counted if n)
        said = say(f"共{len(rows)}个单位：{reached or '尚无等级'}", f"{len(rows)} units: {reached or 'no grades yet'}")
        if barred := sum(row.card.barred for row in rows):
            said += say(f"；{barred}个单位不予参评", f"; {barred} not admitted")
        if open_ := sum(row.card.undecided for row in rows):
            said += say(f"；{open_}个单位有事项待裁定，尚无等级", f"; {open_} await a decision and have no grade yet")
        return said + say("。", ".")

    def grade_counts(self) -> Grades:
        rows = []
        for members in self.classes:
            reached = [row.card.grade for row in members.rows if not row.card.barred]
            barred = len(members.rows) - len(reached)
            counts = (*map(reached.count, self.grades), reached.count(None), barred)
            rows.append((members.kind.label(self.language), counts, len(members.rows)))
        sums = tuple(map(sum, zip(*(counts for _, counts, _ in rows), strict=True)))
        rows.append((self.say("合计", "All"), sums, sum(n for _, _, n in rows)))
        names = (*self.grades, self.say("待裁定", "undecided"), self.say("不予参评", "not admitted"))
        if not sums[-1]:  # nearly every year: no column for nobody
            names, rows = names[:-1], [(name, counts[:-1], n) for name, counts, n in rows]
        return Grades(names, tuple(rows))

    def class_table(self, members: ClassStanding) -> ClassTable:
        size = len(members.rows)
        title = members.kind.label(self.language) + self.say(f"（{size}个）", f" ({size})")
        notes = self.say("", " ").join(self._notes(members))
        return ClassTable(title, tuple(map(self._row, members.rows)), notes)

    def _notes(self, members: ClassStanding) -> Iterator[str]:
        say = self.say
        if members.comparable is False:
            yield say(
                "两年细则不同，“比上年”仅供参照。",
                "The two years' rubrics differ: the change is for orientation only.",
            )
        if any(row.unverified for row in members.rows):
            yield say(
                "得分含未经核查、按自评计的项，各单位项数见得分表。",
                "Totals include unverified items; see the scores workbook.",
            )
        if any(row.card.undecided for row in members.rows):
            yield say(
                "名次只排有总分的单位；有事项待裁定的单位不列名次，列出裁定后的得分范围和可能名次。",
                "Ranks are among the units with a total; the others show the total and rank they may get once decided.",
            )

    def _row(self, row: Standing) -> Row:
        card, result = row.card, row.result
        return Row(
            rank=str(card.rank) if card.rank else "—",
            unit=row.unit.name,
            total=result.said_total(self.say),
            grade=result.said_grade(self.say),
            level=self.grades.index(card.grade) if card.grade in self.grades else -1,
            remark=self.say("；", "; ").join(self._remarks(row)),
            change="—" if row.change is None else signed(row.change),
            briefs=tuple(self._briefs(row.unit)),
        )

    def _remarks(self, row: Standing) -> Iterator[str]:
        card, result, say = row.card, row.result, self.say
        yield from filter(None, [result.said_why(say)])
        if row.waiting:
            yield _numbers(row, say)
        yield from filter(None, [result.said_grades(say), result.said_ranks(say)])
        if result.unranked:
            yield say("不参加排名", "not ranked")
        if card.cautions:
            yield say("利益关联", "conflict of interest")

    def _briefs(self, unit: Unit) -> Iterator[Link]:
        for suffix, label in BRIEF_FORMATS.items():
            path = f"{brief_folder(unit)}/brief.{suffix}"
            if (self.folder / path).is_file():
                yield Link(self.say(*label), quote(path))


def _matters(
    classes: Sequence[ClassStanding], intake: Intake, registry: UnitRegistry, language: Language
) -> Iterator[Matters]:
    """Undecided, missing, refused, late; a heading without entries is left out."""
    say = speaker(language)
    ruled = {decision.unit for decision in intake.decisions if decision.kind == "lateness"}

    def decided(late: Submission) -> str:
        return say("，已裁定", ", decided") if late.unit in ruled else say("，未裁定", ", not decided")

    found = {
        say("待裁定", "Awaiting a decision"): [
            (row.unit.name, _waiting(row, say)) for members in classes for row in members.rows if row.card.undecided
        ],
        say("不予参评", "Not admitted"): [
            (row.unit.name, effect.because)
            for members in classes
            for row in members.rows
            for effect in row.card.effects
            if effect.kind == "bar" and not effect.lifted
        ],
        say("利益关联", "Conflicts of interest"): [
            (row.unit.name, text.removeprefix("利益关联："))
            for members in classes
            for row in members.rows
            for text in row.card.cautions
        ],
        say("未交自评表", "No self-assessment"): [(unit.name, unit.kind.label(language)) for unit in intake.missing],
        say("退回后尚未重报", "Refused and not yet replaced"): [
            (submission.source.name, _without_file(problem, language))
            for submission in intake.open_rejections
            for problem in submission.problems
            if problem.severity == "stop"
        ],
        say("逾期报送", "Handed in late"): [
            (
                registry[s.unit].name,
                say(f"{FORMS[s.form][0]}逾期{days}天", f"{FORMS[s.form][1]}: {days} days") + decided(s),
            )
            for s in sorted(intake.submissions, key=lambda s: (s.unit, s.source))
            if s.counts and s.form and s.unit in registry and (days := days_late(s))
        ],
    }
    for title, entries in found.items():
        if entries:
            yield Matters(title + say(f"（{len(entries)}）", f" ({len(entries)})"), tuple(entries))


def _numbers(row: Standing, say: Say) -> str:
    """The items that wait, by number; many are only counted."""
    if len(row.waiting) > MOST_NUMBERS:
        return say(f"{len(row.waiting)}项", f"{len(row.waiting)} items")
    return say(f"第{listed(say, row.waiting)}项", f"items {listed(say, row.waiting)}")


def _waiting(row: Standing, say: Say) -> str:
    """What has to be decided, then what may become of it."""
    many = len(row.waiting) > MOST_NUMBERS
    asked = [_numbers(row, say)] if many else [mark.waiting_for for mark in row.card.waiting]
    return say("；", "; ").join(filter(None, [*asked, *row.card.open_questions, row.result.said_open(say)]))


def _without_file(problem: Problem, language: Language) -> str:
    """The sentence with sheet and cell in front, for a place where the file is named already."""
    sentence = replace(problem, at=None, file="").message(language)
    if problem.at is None:
        return sentence
    return f"{problem.at.sheet}!{problem.at.address}{'：' if language == 'zh' else ': '}{sentence}"


def _footer(scored: ScoredYear, rules: YearRules, say: Say) -> str:
    record = scored.sha256[:SHORT_HASH]
    run = say(
        f"计分批次 {scored.run_id} · 记录 {record} · 程序版本 {scored.code_version}",
        f"Run {scored.run_id} · record {record} · code {scored.code_version}",
    )
    return " · ".join([run, *(f"{rubric.title} {rubric.sha256[:SHORT_HASH]}" for rubric in rules.rubrics)])


def _files(folder: Path, say: Say) -> Iterator[Link]:
    for name, label in (
        ("scores.xlsx", ("得分表（Excel）", "Scores (Excel)")),
        ("performance.xlsx", ("年终绩效移交表（Excel）", "Year-end performance export (Excel)")),
        ("performance.csv", ("年终绩效移交表（CSV）", "Year-end performance export (CSV)")),
        ("intake.html", ("收件报告（网页）", "Intake report (web)")),
        ("intake.xlsx", ("收件情况表（Excel）", "Files received (Excel)")),
        (LEDGER_CSV, ("整改台账（CSV）", "Rectification ledger (CSV)")),
        ("leaders.pptx", ("汇报幻灯片（PowerPoint）", "Slides (PowerPoint)")),
        ("leaders.pdf", ("汇报幻灯片（PDF）", "Slides (PDF)")),
        ("notice.docx", ("考核结果通报（Word）", "Result notice (Word)")),
    ):
        if (folder / name).is_file():
            yield Link(say(*label), quote(name))
    if copies := len(list((folder / RETURNS).glob("*.xlsx"))):
        yield Link(say(f"退回件（{copies}份）", f"Return copies ({copies})"), f"{RETURNS}/")
    for page in sorted((folder / "analysis").glob("*.html"), key=_place):
        yield Link(_page_title(page), quote(f"analysis/{page.name}"))


def _place(page: Path) -> tuple[str, int, str]:
    """By question, then in the order of the classes."""
    question, _, kind = page.stem.partition("-")
    order = list(UnitKind)
    return question, order.index(UnitKind(kind)) if kind in set(UnitKind) else len(order), kind


def _page_title(page: Path) -> str:
    """The first heading of the notebook beside its page, with the class it was run for; else the name of the file."""
    try:
        notebook = json.loads(page.with_suffix(".ipynb").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return page.stem
    for cell in notebook.get("cells", []):
        for line in "".join(cell.get("source", "")).splitlines():
            if cell.get("cell_type") == "markdown" and line.startswith("# "):
                return line.removeprefix("# ").strip() + _class_of(page)
    return page.stem


def _class_of(page: Path) -> str:
    """The class that the file's name ends in, in brackets: the pages of three classes share one heading."""
    kind = page.stem.partition("-")[2]
    return f"（{UnitKind(kind).label()}）" if kind in set(UnitKind) else ""
