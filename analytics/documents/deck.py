"""What the leaders' slides say: one message a slide, computed; a slide that has nothing to say is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from analytics.analysis.scores import UNDECIDED
from analytics.analysis.wording import difference, item_label, listed, moved, percent
from analytics.documents import deck_charts
from analytics.documents.content import Picture
from analytics.documents.labels import source_label, speaker
from analytics.documents.leaders import LeadersYear
from analytics.documents.slides import Deck, Slide, Visual

if TYPE_CHECKING:
    from analytics.analysis.class_year import ClassYear
    from analytics.figures import Chart


def compose_deck(told: LeadersYear, charts: Iterable[Chart]) -> Deck:
    """The deck; pictures are taken from ``charts`` by name. ValueError when one is missing."""
    composer = _Composer(told, {chart.name: chart for chart in charts})
    makers: tuple[Callable[[], Slide | None], ...] = (
        composer.overview,
        *(lambda one=one: composer.ranking(one) for one in told.classes),
        composer.deductions,
        composer.themes,
        composer.years,
        composer.self_marks,
        composer.problems,
        composer.certainty,
        composer.assumptions,
        composer.tasks,
    )
    made = [(make, slide) for make in makers if (slide := make()) is not None]
    page = next((n for n, (make, _) in enumerate(made, 1) if make == composer.assumptions), None)
    slides = tuple(
        replace(slide, source=f"{slide.source}；计分口径和假定见第{page}页") if page and page != number else slide
        for number, (_, slide) in enumerate(made, 1)
    )
    title = f"{told.area}{told.year}年度安全生产和消防工作考核结果"
    return Deck(title, told.imprint.banner, slides)


OPEN = ("open", "unknown")


@dataclass(frozen=True, slots=True)
class _Composer:
    told: LeadersYear
    charts: Mapping[str, Chart]

    @property
    def focus(self) -> ClassYear:
        """The class whose units lost most: the one that slides about a single class are about."""
        return max(self.told.classes, key=lambda one: one.lost)

    @property
    def _by_focus(self) -> tuple[ClassYear, ...]:
        return (self.focus, *(one for one in self.told.classes if one is not self.focus))

    def overview(self) -> Slide | None:
        tables = [one.compared.table for one in self.told.classes]
        if not tables:
            return None
        counts: dict[str, int] = {}
        for grade, units in chain.from_iterable(zip(t.grades["grade"], t.grades["units"], strict=True) for t in tables):
            counts[grade] = counts.get(grade, 0) + units
        reached = "、".join(f"{grade}{units}个" for grade, units in counts.items() if units)
        title = f"{sum(len(table.rows) for table in tables)}个单位中，{reached}"
        return self._slide(title, [table.sentence for table in tables], deck_charts.grades(tables))

    def ranking(self, one: ClassYear) -> Slide | None:
        table = one.compared.table
        decided = table.decided
        if decided.empty:
            return None
        best = table.grades.iloc[0]
        last = decided[decided["total"] == decided["total"].min()]
        lowest, least = last["unit_name"].to_list(), table.printed[last["unit"].iloc[0]]
        chart = deck_charts.ranking(table)
        title = f"{len(table.rows)}个{one.kind.label()}中{best['units']}个{best['grade']}，"
        title += f"{listed(lowest)}最低，{least}分"
        if waiting := int((table.rows["grade"] == UNDECIDED).sum()):
            title += f"；{waiting}个待裁定"
        named = [
            f"{grade}：{'、'.join(names)}。"
            for grade, names in zip(table.grades["grade"], table.grades["names"], strict=True)
            if names
        ]
        near = one.certainty.units
        near = near[near["to_better"].notna()].sort_values("to_better", kind="stable")
        points = [*named, *self.told.lowered(one)]
        if len(near):
            closest = near.iloc[0]
            missing = deck_charts.figure(closest["to_better"], 2)
            points.append(f"离上一等级最近的是{closest['unit_name']}，按得分差{missing}分。")
        return self._slide(title, points, chart)

    def deductions(self) -> Slide | None:
        lost = self.focus.compared.deductions
        if lost.empty:
            return None
        needed, first = int((lost["cumulative"] < 0.5 - 1e-9).sum()) + 1, lost.iloc[0]
        title = f"{self.focus.kind.label()}扣分的{len(lost)}项中，{needed}项占去一半以上，"
        title += f"最多的是{item_label(first['no'], first['item_text'])}"
        said = self._of_each(lambda one: one.compared.deduction_sentence)
        return self._slide(title, said, deck_charts.deductions(self.focus.compared))

    def themes(self) -> Slide | None:
        means = self.focus.compared.means.dropna()
        if means.empty:
            return None
        title = f"{self.focus.kind.label()}得分率最低的一级指标是“{means.idxmin()}”，平均{percent(means.min())}"
        said = self._of_each(lambda one: one.compared.theme_sentence)
        return self._slide(title, said, self._picture(f"theme_heatmap-{self.focus.kind}"))

    def years(self) -> Slide | None:
        changes = [one.trend.latest_changes.dropna(subset=["change"]) for one in self.told.classes]
        classes = [one for one, known in zip(self.told.classes, changes, strict=True) if len(known)]
        if not classes:
            return None
        steady = [one for one in classes if len(one.means) > 1]
        if not steady:
            return None
        far = max(steady, key=lambda one: abs(float(one.means.iloc[-1] - one.means.iloc[0])))
        change = moved(difference(far.means.iloc[-1], far.means.iloc[0]))
        title = f"{far.means.index[0]}年度以来，{far.kind.label()}平均总分{change}，变化最大；总分的变化含规则变化"
        said = [f"{one.kind.label()}：{one.trend.change_sentence}" for one in classes]
        caution = "细则逐年修订，可比条目的得分率见备注。"
        notes = [f"{one.kind.label()}：{one.trend.sentence}{one.trend.theme_sentence}" for one in classes]
        return self._slide(title, [*said, caution], deck_charts.years(steady), notes)

    def self_marks(self) -> Slide | None:
        gaps = [one.compared.gap for one in self.told.classes if len(one.compared.gap.units)]
        if not gaps:
            return None
        all_, higher = sum(len(gap.units) for gap in gaps), sum(int((gap.units["gap"] > 0).sum()) for gap in gaps)
        title = f"有核定分的{all_}个单位" + ("自评都" if higher == all_ else f"中，{higher}个自评") + "高于核定"
        shown = self.focus.compared.gap if len(self.focus.compared.gap.units) else gaps[0]
        top = shown.units.iloc[0]
        if top["gap"] > 0:
            title += f"；{shown.kind.label()}中差得最多的是{top['unit_name']}，{deck_charts.figure(top['gap'], 2)}分"
        return self._slide(title, [gap.sentence for gap in gaps], deck_charts.self_marks(shown))

    def problems(self) -> Slide | None:
        found = [one.problems for one in self.told.classes]
        total, open_, unknown = sum(len(f.problems) for f in found), *(sum(f.count(s) for f in found) for s in OPEN)
        again = [f"{one.kind.label()}：{one.trend.recurrence_sentence}" for one in self._by_focus if _again(one)]
        if not total:
            count = sum(len(one.trend.recurring) for one in self.told.classes)
            return self._slide(f"{count}处在同一条目上连年扣分", again) if again else None
        states = {"还没有整改": open_, "没有写明是否整改": unknown}
        title = f"检查记录的{total}个问题"
        if whole := next((state for state, count in states.items() if count == total), ""):
            title += f"都{whole}"
        else:
            left = "，".join(f"{count}个{state}" for state, count in states.items() if count)
            title += f"中，{left}" if left else "都已销号"
        said = [*(one.sentence for one in found), *again[:1]]
        return self._slide(title, said, deck_charts.problems(found), again[1:])

    def certainty(self) -> Slide | None:
        certainty = self.focus.certainty
        sizes = certainty.groups
        if len(certainty.units) < 2:
            return None
        title = f"{len(certainty.units)}个{self.focus.kind.label()}"
        if len(sizes) == 1:
            title += "连成一片，分不出可靠的先后档次"
        elif len(sizes) == len(certainty.units):
            title += "两两分得出先后"
        else:
            title += f"能可靠分开的只有{len(sizes)}组，组内连成一片"
        others = [_groups(one) for one in self._by_focus[1:] if len(one.certainty.units) > 1]
        notes = [f"{one.kind.label()}：{one.certainty.sentence}" for one in self._by_focus[1:]]
        picture = self._picture(f"rank_intervals-{self.focus.kind}")
        return self._slide(title, [certainty.sentence, *others], picture, notes)

    def assumptions(self) -> Slide | None:
        told, settings = self.told, self.told.settings
        units = sum(len(one.compared.table.rows) for one in told.classes)
        if not told.undecided and not told.assumed and not told.slips:
            return None
        waiting = len(told.undecided)
        title = f"{waiting}个单位还没有定分" if waiting else f"{units}个单位都已定分"
        every = len(told.assumed) == len(settings)
        title += f"；{len(settings)}条计分口径" + ("都是假定" if every else f"中{len(told.assumed)}条是假定")
        open_ = [f"待裁定：{'、'.join(f'{name}（{n}项）' for name, n in told.undecided)}。"] if told.undecided else []
        fixed = [f"{s.says}（{source_label(speaker('zh'), s.source)}）" for s in settings if s.source != "assumed"]
        odd = [slip.says for slip in told.slips]
        return self._slide(title, [*open_, *(setting.says for setting in told.assumed), *odd], None, fixed)

    def tasks(self) -> Slide | None:
        tasks = self.told.tasks
        if not tasks:
            return None
        title = f"下一步{len(tasks)}件事：{'、'.join(task.short for task in tasks)}"
        return self._slide(title, [f"{n}．{task.heading}：{task.text}" for n, task in enumerate(tasks, 1)])

    def _of_each(self, said: Callable[[ClassYear], str]) -> list[str]:
        """A sentence about each class."""
        return [f"{one.kind.label()}：{said(one)}" for one in self._by_focus]

    def _picture(self, name: str) -> Picture:
        if name not in self.charts:
            raise ValueError(f"no chart {name!r} among {', '.join(self.charts)}")
        chart = self.charts[name]
        return Picture(chart.title, chart.alt, chart.svg, chart.png, chart.width_mm)

    def _slide(
        self, title: str, points: Iterable[str], visual: Visual | None = None, notes: Iterable[str] = ()
    ) -> Slide:
        kept = tuple(points)
        numbers = deck_charts.spoken(visual) if visual and not isinstance(visual, Picture) else ()
        alt = (visual.alt,) if isinstance(visual, Picture) else ()
        told = self.told.imprint
        return Slide(
            title=title,
            points=kept,
            source=told.source,
            notes=(*(f"{title}。",), *kept, *numbers, *alt, *notes, f"{told.source}。{told.banner}"),
            visual=visual,
        )


def _again(one: ClassYear) -> bool:
    return len(one.trend.recurring) > 0


def _groups(one: ClassYear) -> str:
    units, groups = len(one.certainty.units), len(one.certainty.groups)
    if groups == 1:
        return f"{one.kind.label()}：{units}个连成一片。"
    sizes = "、".join(str(len(group)) for group in one.certainty.groups)
    return f"{one.kind.label()}：{units}个分成{groups}组，各组{sizes}个。"
