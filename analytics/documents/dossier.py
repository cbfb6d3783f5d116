"""Everything on file about one unit's year: what the brief notebook shows, and the brief that it writes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from analytics.analysis.one_unit import Course, Descent, ThemeRate, course, descent, theme_sentence
from analytics.analysis.wording import Sentence, exact
from analytics.documents import held
from analytics.documents.brief import compose_brief
from analytics.documents.colophon import closing, imprint_of
from analytics.documents.content import Brief, Paragraph, Picture
from analytics.documents.render import FORMATS, render
from analytics.documents.unit_year import UnitYear
from analytics.figures.theme import Chart, Imprint
from analytics.figures.unit_charts import unit_themes, unit_waterfall, unit_years
from analytics.listing import Listing
from analytics.policy import YearRules
from analytics.problems import Language, Problem, Refused
from analytics.scoring import explain
from analytics.store import ScoredYear, ScoreStore
from analytics.units import Unit
from analytics.workspace import Workspace


@dataclass(frozen=True)
class Dossier:
    """One unit in a scored year, with every earlier year of the store. Open it with ``Dossier.open``."""

    scored: ScoredYear
    earlier: tuple[ScoredYear, ...]
    unit: Unit
    rules: YearRules
    language: Language = "zh"

    @classmethod
    def open(cls, workspace: str, unit: str, year: int, language: Language = "zh") -> Dossier:
        """The unit (id or name) in the workspace at this path (``""``: the repository).

        Refused when the year was not scored, has no rules, or holds no card of the unit.
        """
        place = Workspace.open(Path(workspace) if workspace else None)
        store = ScoreStore(place.store)
        *earlier, scored = held.through(store, year)
        registry, rules = held.rules_of(place, year)
        found = registry.match(unit, year)
        if found.unit is None or all(card.unit != found.unit.id for card in scored.cards):
            facts = {"found": unit, "year": str(year), "expected": "、".join(found.candidates) or "units.yaml"}
            raise Refused([Problem("unit-not-scored", "stop", facts=facts)])
        return cls(scored, tuple(earlier), found.unit, rules, language)

    @property
    def previous(self) -> ScoredYear | None:
        """The year right before, when it was scored."""
        return next((year for year in self.earlier if year.year == self.scored.year - 1), None)

    @cached_property
    def year(self) -> UnitYear:
        """The unit's card and its class as the brief needs them."""
        rubric = self.rules.rubric(self.unit.kind)
        return UnitYear(self.scored, self.previous, self.unit, rubric, self.rules.policy)

    @cached_property
    def descent(self) -> Descent:
        """The way from full marks to the total."""
        return descent(self.year.card, self.year.rubric, self.year.policy)

    @cached_property
    def themes(self) -> tuple[ThemeRate, ...]:
        """Each theme's rate beside the class mean and best."""
        return tuple(
            ThemeRate(standing.theme.name, standing.rate, standing.mean_rate, standing.best_rate)
            for standing in self.year.themes
            if standing.theme.name
        )

    @cached_property
    def course(self) -> Course:
        """The unit's totals over the years."""
        return course([year.cards for year in (*self.earlier, self.scored)], self.unit.id)

    @property
    def theme_sentence(self) -> Sentence:
        """Where the unit is behind its class."""
        return theme_sentence(self.themes)

    @cached_property
    def imprint(self) -> Imprint:
        return imprint_of(self.scored, self.unit)

    @cached_property
    def waterfall_chart(self) -> Chart:
        return unit_waterfall(self.descent, self.imprint)

    @cached_property
    def theme_chart(self) -> Chart:
        return unit_themes(self.themes, self.imprint)

    @cached_property
    def year_chart(self) -> Chart:
        return unit_years(self.course, self.imprint)

    @property
    def lines(self) -> Listing:
        """Every step from full marks to the grade, with its clause, evidence, cells, decision and person."""
        people = {decision.id: decision.person for decision in self.scored.decisions if decision.unit == self.unit.id}
        card = self.year.card
        steps = explain(card, self.year.rubric, self.year.policy, people)
        rows = (
            (
                step.label,
                "" if step.change is None else _signed(step.change),
                exact(step.running, 2),
                step.clause,
                step.evidence,
                "；".join(str(reading.cell) for reading in step.readings),
                f"{step.decision} {step.person}".strip(),
            )
            for step in steps
        )
        head = ("步骤", "增减", "累计", "条款", "证据", "出处", "裁定")
        return Listing.of(head, rows, notes=(*card.assumptions, *card.open_questions, *card.cautions))

    @cached_property
    def brief(self) -> Brief:
        """The brief, with one chart: the two others, in the notebook, would repeat its tables and cost a page."""
        chart = self.theme_chart
        pictures = {"themes": Picture(self.theme_sentence, chart.alt, chart.svg, chart.png, chart.width_mm)}
        year = self.year
        return compose_brief(self.scored, self.previous, self.unit, year.rubric, year.policy, pictures, self.language)

    @property
    def headline(self) -> Sentence:
        """Who this is, and the first line of the brief."""
        lead = next(
            b.text for s in self.brief.sections for b in s.blocks if isinstance(b, Paragraph) and b.role == "lead"
        )
        return Sentence(f"**{self.unit.name}**，{self.scored.year}年度：{lead}。")

    def write(self, folder: str) -> Sentence:
        """Write ``brief.html``, ``.pdf`` and ``.docx`` into ``folder`` (``""``: write nothing); says what was done."""
        if not folder:
            return Sentence("未指定文件夹，简报没有写出。")
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        names = [f"brief{suffix}" for suffix in FORMATS]
        notes = [note.message(self.language) for name in names for note in render(self.brief, place / name)]
        return Sentence("\n\n".join([f"已写出{'、'.join(names)}。", *notes]))

    @property
    def sources(self) -> Sentence:
        """Where the numbers come from, and what was assumed in scoring them."""
        return closing(self.imprint, self.scored.settings, self.year.card.assumptions)


def _signed(change: Decimal) -> str:
    return f"{'+' if change > 0 else ''}{exact(change, 2)}"
