"""The start page: what is in the store, where each question is answered, and any class or unit at a glance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.analysis.scores import UNDECIDED
from analytics.analysis.wording import Sentence, difference, listed, points
from analytics.documents import held
from analytics.documents.colophon import closing
from analytics.documents.dossier import Dossier
from analytics.documents.labels import speaker
from analytics.documents.unit_result import unit_results
from analytics.documents.yearbook import Yearbook
from analytics.figures.theme import Chart
from analytics.listing import Listing
from analytics.policy import YearRules
from analytics.problems import Problem, Refused
from analytics.store import ScoredYear, ScoreStore
from analytics.units import UnitKind, UnitRegistry
from analytics.workspace import REPOSITORY, Workspace

if TYPE_CHECKING:
    from analytics.documents.desk_panel import Panel

START = "00_start.ipynb"
NOTHING = "还没有计分记录。"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the start page shows: a year, a class, and one unit of it (``""``: the class as a whole)."""

    year: int
    kind: UnitKind
    unit: str = ""


View = tuple[tuple[Chart, Sentence], tuple[Chart, Sentence]]


class Desk:
    """All scored years of a workspace, each read when first asked for. Open it with ``Desk.open``.

    A desk without any scored year, or whose store was altered, says so and what to do; nothing on it raises.

    >>> Desk.open(year=2020, unit="长寿路街道").first
    Choice(year=2020, kind=<UnitKind.STREET_TOWN: 'street_town'>, unit='ST03')
    """

    def __init__(self, place: Workspace | None, first: Choice | None, trouble: str = "") -> None:
        self.first = first
        self.trouble = trouble
        self._place = place
        self._scored: dict[int, ScoredYear] = {}
        self._books: dict[int, Yearbook] = {}
        self._views: dict[Choice, View] = {}

    @classmethod
    def open(cls, workspace: str = "", year: int = 0, kind: str = "street_town", unit: str = "") -> Desk:
        """The desk of the workspace at this path (``""``: the one JupyterLab was started on).

        Shown first: ``year`` (0: the newest), the class ``kind``, and ``unit``, by id or name, when one is named; its
        class then goes before ``kind``.
        """
        try:
            place = Workspace.open(Path(workspace) if workspace else None)
            desk = cls(place, None)
            desk.first = desk._chosen(year, kind, unit)
        except Refused as refused:
            return cls(None, None, str(refused))
        return desk

    @property
    def years(self) -> tuple[int, ...]:
        """The scored years that may be compared, oldest first."""
        return ScoreStore(self._place.store).years() if self._place else ()

    @property
    def sentence(self) -> Sentence:
        """What is in the store; when there is nothing, what to do."""
        if self.first is None:
            return Sentence(self.trouble)
        newest = self.scored(self.first.year)
        kinds = [card.kind for card in newest.cards]
        classes = "、".join(f"{kind.label()}{kinds.count(kind)}个" for kind in UnitKind if kind in kinds)
        said = f"已有{'、'.join(map(str, self.years))}共{len(self.years)}个年度的计分记录。"
        said += f"{newest.year}年度{len(kinds)}个单位：{classes}；"
        waiting = [self.name(newest.year, card.unit) for card in newest.undecided]
        said += f"{listed(waiting)}有条目待裁定，暂无总分。" if waiting else "都有总分。"
        banner = f"**{newest.banner}**" if newest.banner else ""
        return Sentence("\n\n".join(filter(None, [said, banner, self._elsewhere])))

    @property
    def shown(self) -> Listing:
        """Each year and class: how many units, how many have a total, their mean, best and worst total."""
        rows = (
            (f"{year}年度", kind.label(), *self._counted(year, kind))
            for year in reversed(self.years if self.first else ())
            for kind in self.kinds(year)
        )
        listing = Listing.of(("年度", "类别", "单位", "有总分", "待裁定", "平均", "最高", "最低"), rows)
        return listing if listing.rows else Listing(listing.header, (), NOTHING)

    @property
    def questions(self) -> Sentence:
        """The notebooks, each by the question it answers, as links beside this one."""
        folder = self._place.notebooks if self._place else REPOSITORY / "notebooks"
        pages = sorted(path for path in folder.glob("[0-9]*.ipynb") if path.name != START)
        return Sentence("\n".join(f"- [{_question(page)}]({page.name})" for page in pages))

    @property
    def sources(self) -> Sentence:
        """Where the numbers come from, and what was assumed in scoring them."""
        if self.first is None:
            return Sentence(NOTHING)
        book = self.book(self.first.year)
        return closing(book.imprint, book.settings)

    @cached_property
    def panel(self) -> Panel | Sentence:
        """Dropdowns for year, class and unit over the charts of what is chosen."""
        if self.first is None:
            return Sentence(self.trouble)
        # Only here: widgets take half a second to import.
        from analytics.documents.desk_panel import Panel

        return Panel(self, self.first)

    def kinds(self, year: int) -> tuple[UnitKind, ...]:
        """The classes that have units in the year."""
        found = {card.kind for card in self.scored(year).cards}
        return tuple(kind for kind in UnitKind if kind in found)

    def units(self, year: int, kind: UnitKind) -> tuple[tuple[str, str], ...]:
        """Name and id of each unit of the class, from the first rank down, those without a total last."""
        cards = [card for card in self.scored(year).cards if card.kind is kind]
        cards.sort(key=lambda card: (card.rank or len(cards) + 1, card.unit))
        return tuple((self.name(year, card.unit), card.unit) for card in cards)

    def name(self, year: int, unit: str) -> str:
        """What the unit was called when the year was scored."""
        return next((named.name for named in self.scored(year).units if named.unit == unit), unit)

    def view(self, choice: Choice) -> View:
        """Two charts for the choice, each with its sentence."""
        if choice not in self._views:
            self._views[choice] = self._unit_view(choice) if choice.unit else self._class_view(choice)
        return self._views[choice]

    def scored(self, year: int) -> ScoredYear:
        """The year's newest run. Refused when there is none, or it was altered on disk."""
        if year not in self._scored:
            self._scored[year] = held.latest(ScoreStore(self._opened.store), year)
        return self._scored[year]

    def book(self, year: int) -> Yearbook:
        """The year as the notebooks see it."""
        if year not in self._books:
            self._books[year] = Yearbook.open(str(self._opened.root), year)
        return self._books[year]

    def _chosen(self, year: int, kind: str, unit: str) -> Choice:
        """The first choice. Refused when the store is empty, or holds no such year or unit."""
        if not self.years:
            raise Refused([Problem("store-empty", "stop")])
        if kind not in {one.value for one in UnitKind}:
            raise Refused([Problem("kind-unknown", "stop", facts={"found": kind, "expected": "、".join(UnitKind)})])
        for one in self.years:  # so that a record which was altered is told now
            self.scored(one)
        chosen = year or self.years[-1]
        scored = self.book(chosen).scored
        if not unit:
            return Choice(chosen, UnitKind(kind))
        meant = UnitRegistry.load(self._opened.units).match(unit, chosen)
        if meant.unit is None or all(card.unit != meant.unit.id for card in scored.cards):
            facts = {"found": unit, "year": str(chosen), "expected": "、".join(meant.candidates) or "units.yaml"}
            raise Refused([Problem("unit-not-scored", "stop", facts=facts)])
        return Choice(chosen, meant.unit.kind, meant.unit.id)

    def _class_view(self, choice: Choice) -> View:
        # matplotlib takes a second to import, and the page should say something before.
        from analytics.figures.charts import ranked_dots, theme_heatmap

        book = self.book(choice.year)
        compared = book.compared(choice.kind)
        dots, heat = ranked_dots(compared.table, book.imprint), theme_heatmap(compared, book.imprint)
        return (dots, compared.table.sentence), (heat, compared.theme_sentence)

    def _unit_view(self, choice: Choice) -> View:
        file = self._dossier(choice)
        waterfall = Sentence(f"{self._standing(choice)}{file.descent.sentence}")
        themes = Sentence(f"{file.theme_sentence}\n\n{file.course.sentence}")
        return (file.waterfall_chart, waterfall), (file.theme_chart, themes)

    def _dossier(self, choice: Choice) -> Dossier:
        registry = UnitRegistry.load(self._opened.units)
        earlier = tuple(self.scored(year) for year in self.years if year < choice.year)
        return Dossier(self.scored(choice.year), earlier, registry[choice.unit], self._rules(choice.year))

    def _rules(self, year: int) -> YearRules:
        return YearRules.load(self._opened, UnitRegistry.load(self._opened.units), year)

    def _standing(self, choice: Choice) -> str:
        """Where the unit stands in its class."""
        scored = self.scored(choice.year)
        card = scored.card(choice.unit)
        said = f"**{self.name(choice.year, choice.unit)}**，{choice.year}年度"
        say, policy = speaker("zh"), self._rules(choice.year).policy
        mates = [c for c in scored.cards if c.kind is card.kind]
        result = unit_results(mates, policy)[card.unit]
        cautions = "".join(f"{text}。" for text in card.cautions)
        if card.barred:
            return f"{said}{result.said_grade(say)}。{cautions}"
        if card.total is None:
            return f"{said}{UNDECIDED}：{result.said_open(say) or '总分未定'}。{cautions}"
        totals = [c.total for c in mates if c.total is not None]
        away = difference(card.total, sum(totals) / len(totals))
        place = f"{card.ranked}个有总分的{card.kind.label()}中第{card.rank}名" if card.rank else "不参加排名"
        more = [result.said_why(say), result.said_grades(say), place, result.said_ranks(say)]
        said += f"{result.said_total(say)}分，{'，'.join(filter(None, [result.said_grade(say), *more]))}，"
        return (
            said + (f"比本类平均{'高' if away > 0 else '低'}{abs(away)}分。" if away else "与本类平均相同。") + cautions
        )

    def _counted(self, year: int, kind: UnitKind) -> Iterator[object]:
        totals = [card.total for card in self.scored(year).cards if card.kind is kind]
        known = [total for total in totals if total is not None]
        yield from (len(totals), len(known), len(totals) - len(known))
        yield from (points(sum(known) / len(known)), points(max(known)), points(min(known))) if known else ("", "", "")

    @property
    def _opened(self) -> Workspace:
        if self._place is None:
            raise Refused([Problem("store-empty", "stop")])
        return self._place

    @property
    def _elsewhere(self) -> str:
        """Where the data are, when they are not beside the notebooks."""
        return "" if self._opened.root == REPOSITORY else f"数据和报告在 `{self._opened.root}`。"


def _question(notebook: Path) -> str:
    """The notebook's first heading."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "".join(cells[0]["source"]).splitlines()[0].removeprefix("# ")


def open_year(year: int = 0, workspace: str = "") -> Yearbook:
    """A scored year with everything that may be asked about it; 0 is the newest. Refused when there is none.

    >>> book = open_year(2020)
    >>> book.scores("street_town").rows[["unit_name", "total", "rank"]].shape
    (10, 3)
    """
    return Yearbook.open(workspace, year or _newest(workspace))


def open_unit(unit: str, year: int = 0, workspace: str = "") -> Dossier:
    """Everything on file about one unit, by id or name, in a scored year; 0 is the newest. Refused when there is none.

    >>> open_unit("长寿路街道", 2020).theme_sentence.startswith("得分率最低的一级指标是")
    True
    """
    return Dossier.open(workspace, unit, year or _newest(workspace))


def _newest(workspace: str) -> int:
    years = ScoreStore(Workspace.open(Path(workspace) if workspace else None).store).years()
    if not years:
        raise Refused([Problem("store-empty", "stop")])
    return years[-1]
