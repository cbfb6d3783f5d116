"""The year's folder: charts, slides, notice, workbooks and the index page, each written whole under its final name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.documents.index_page import compose_index
from analytics.documents.intake_page import compose_intake_page
from analytics.documents.intake_workbook import compose_intake
from analytics.documents.labels import banner, speaker
from analytics.documents.performance import compose_performance, compose_performance_rows
from analytics.documents.render import publish
from analytics.documents.score_workbook import compose_scores
from analytics.documents.standing import class_standings
from analytics.policy import YearRules
from analytics.problems import Language, Problem, Refused
from analytics.units import UnitRegistry
from analytics.workspace import Workspace

if TYPE_CHECKING:
    from analytics.figures import Chart
    from analytics.intake import Intake
    from analytics.store import ScoredYear, ScoreTables


def publish_year(
    workspace: Workspace,
    scored: ScoredYear,
    intake: Intake,
    tables: ScoreTables,
    rules: YearRules,
    registry: UnitRegistry,
    folder: Path,
    language: Language = "zh",
) -> tuple[Path, ...]:
    """Write what the leaders get (see ``publish_leaders``), the workbooks ``scores.xlsx``, ``performance.xlsx`` and
    ``intake.xlsx``, ``performance.csv``, ``rectification.csv``, ``intake.html``.

    Last comes ``index.html``. Returns their paths. The index links what lies in ``folder`` at that moment, so it comes
    after briefs and analysis.
    Refused when a file is open elsewhere, the folder is read-only, or the disk is full; files written before stay.
    """
    from analytics.analysis.rectification import rectification
    from analytics.documents.rectification_ledger import LEDGER_CSV, compose_ledger
    from analytics.documents.render.delimited import render_csv
    from analytics.documents.render.index import draw_index
    from analytics.documents.render.intake_page import draw_intake
    from analytics.documents.render.xlsx import render_xlsx

    charts, written = publish_leaders(scored, tables, rules, registry, folder)
    classes = class_standings(scored, tables, rules, registry)
    found, say = rectification(tables, scored.year), speaker(language)
    ledger = compose_ledger(found, classes, language)
    marking = banner(say, synthetic=scored.synthetic, status=scored.status)
    written += (
        _put(folder / "scores.xlsx", render_xlsx(compose_scores(scored, classes, rules, ledger, language))),
        _put(folder / "performance.xlsx", render_xlsx(compose_performance(scored, classes, rules, language))),
        _put(folder / "performance.csv", render_csv(compose_performance_rows(scored, classes, rules, language))),
        _put(folder / LEDGER_CSV, render_csv(ledger, marking, say("数据", "Data"))),
        _put(folder / "intake.xlsx", render_xlsx(compose_intake(intake, rules, registry, language))),
        _put(folder / "intake.html", draw_intake(compose_intake_page(intake, rules, registry, folder, language))),
    )
    page = compose_index(scored, classes, intake, rules, registry, charts, folder, language, found)
    return (*written, _put(folder / "index.html", draw_index(page)))


def publish_leaders(
    scored: ScoredYear, tables: ScoreTables, rules: YearRules, registry: UnitRegistry, folder: Path
) -> tuple[tuple[Chart, ...], tuple[Path, ...]]:
    """Write ``charts/*``, ``leaders.pptx``, ``leaders.pdf`` and ``notice.docx``; returns the charts and the paths.

    They are in Chinese whatever the language of the run: they are papers for a meeting and for the units.
    """
    from analytics.analysis.class_year import class_years
    from analytics.documents.deck import compose_deck
    from analytics.documents.leaders import LeadersYear
    from analytics.documents.notice import compose_notice
    from analytics.documents.render import deck_pdf, official_docx, pptx
    from analytics.figures import leadership_charts

    told = LeadersYear(scored, class_years(tables, scored.year, rules), registry.area)
    charts = leadership_charts(told.classes, told.imprint)
    deck = compose_deck(told, charts)
    return charts, (
        *write_charts(charts, folder / "charts"),
        _put(folder / "leaders.pptx", pptx.draw(deck)),
        _put(folder / "leaders.pdf", deck_pdf.draw(deck)[0]),
        _put(folder / "notice.docx", official_docx.draw(compose_notice(told, tables, rules))),
    )


def write_charts(charts: Iterable[Chart], folder: Path) -> tuple[Path, ...]:
    """Each chart as ``<name>.svg`` and ``<name>.png``."""
    return tuple(
        _put(folder / f"{chart.name}.{suffix}", data)
        for chart in charts
        for suffix, data in (("svg", chart.svg), ("png", chart.png))
    )


def _put(path: Path, data: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except PermissionError:
        raise Refused([Problem("output-open", "stop", file=str(path))]) from None
    publish(data, path)
    return path
