"""What changed over the years: score rates of units, themes and items, joined by stable ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.analysis.changes import printed_change, yearly_changes
from analytics.analysis.comparability import comparability_sentence, relation_frame
from analytics.analysis.panel import panels
from analytics.analysis.rates import item_changes, item_rates, theme_rates, unit_rates
from analytics.analysis.recurrence import recurrence_sentence, recurring_losses
from analytics.analysis.wording import Sentence, amount, difference, item_label, listed, moved, percent, points, signed
from analytics.listing import Listing
from analytics.problems import Problem, Refused
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables


@dataclass(frozen=True, slots=True)
class Trend:
    """Score rates (得分率: awarded / full marks over the items that have an awarded mark) over the years, oldest first.

    units: unit, unit_name, kind, year, total, grade, rank, rate. Names are those of the newest year.
    themes: kind, theme, theme_name, year, rate.
    items: kind, item, item_text, year, rate, no, full_marks, units, theme, awarded, asked; see ``rates``.
    relations: which items can be compared from year to year; see ``comparability``.
    changes: ``changes.CHANGES``, each year against the one before it; before, after and change are totals (the change
    as printed), items counts the comparable ones, like_before, like_after and like_change are rates over these alone,
    weighted by the later year.
    recurring: items lost year after year; see ``recurrence``.
    """

    kind: UnitKind | None
    years: tuple[int, ...]
    units: pd.DataFrame
    themes: pd.DataFrame
    items: pd.DataFrame
    relations: pd.DataFrame
    changes: pd.DataFrame
    recurring: pd.DataFrame

    @property
    def latest_changes(self) -> pd.DataFrame:
        """The changes into the newest year, largest rise first, units without a change last."""
        newest = self.changes[self.changes["to_year"] == self.years[-1]]
        return newest.sort_values(["change", "unit"], ascending=[False, True], ignore_index=True)

    @property
    def sentence(self) -> Sentence:
        """The mean of the units that have a total in the first and the last year, and what remains like for like."""
        if len(self.years) < 2:
            return Sentence(f"只有{self.years[-1]}年度一年的评分，无从比较变化。")
        first, last = self.years[0], self.years[-1]
        totals = self.units.pivot_table(index="unit", columns="year", values="total", dropna=False)
        both = totals.reindex(columns=[first, last]).dropna()
        said = f"{first}年度和{last}年度没有都有总分的单位"
        if len(both):
            before, after = both.mean()
            said = f"{first}年度和{last}年度都有总分的{len(both)}个单位，平均由{points(before)}分到{points(after)}分，"
            said += moved(difference(after, before))
        like = self.latest_changes["like_change"].dropna()
        if len(like):
            rate = moved(100 * like.mean(), "个百分点")
            said += f"；只看{self.years[-2]}、{last}两年可比的条目，平均得分率{rate}"
        return Sentence(said + "。细则逐年修订，总分的变化含规则变化，得分率按可比条目计算。")

    @property
    def change_sentence(self) -> Sentence:
        """Who rose and who fell most into the newest year."""
        latest = self.latest_changes
        known = latest.dropna(subset=["change"])
        if known.empty:
            return Sentence("没有单位在相邻两年都有总分，无从比较。")
        change = known["change"]
        rose, fell = int((change > 0).sum()), int((change < 0).sum())
        said = f"与{self.years[-2]}年度相比，{rose}个单位总分上升、{fell}个下降"
        if rose:
            said += f"；上升最多的是{_at(known, change.max())}（{moved(change.max())}）"
        if fell:
            said += f"；下降最多的是{_at(known, change.min())}（{moved(change.min())}）"
        if len(known) < len(latest):
            said += f"；{listed(latest.loc[latest['change'].isna(), 'unit_name'].to_list())}缺一年的总分，未比较"
        return Sentence(said + "。")

    @property
    def theme_sentence(self) -> Sentence:
        """The theme whose rate moved most between the two newest years."""
        if len(self.years) < 2:
            return Sentence("只有一个年度的一级指标得分率，无从比较。")
        before, after = self.years[-2:]
        rates = self.themes.pivot_table(index=["kind", "theme", "theme_name"], columns="year", values="rate")
        change = (rates[after] - rates[before]).dropna()
        if change.empty:
            return Sentence("两年的一级指标不同，无从比较。")
        place = change.abs().idxmax()
        said = f"变化最大的一级指标是“{place[2]}”：{after}年度得分率{percent(rates.loc[place, after])}，"
        return Sentence(said + f"比{before}年度{moved(100 * change[place], '个百分点')}（含不可比的条目）。")

    @property
    def item_changes(self) -> pd.DataFrame:
        """The class's rate on each item by year, largest change since the first year first; see ``rates``."""
        return item_changes(self.items, self.relations, self.years)

    @property
    def item_sentence(self) -> Sentence:
        """The items on which the class rose and fell most since the first year, and how many cannot be compared."""
        if len(self.years) < 2:
            return Sentence("只有一个年度的条目得分率，无从比较。")
        changes = self.item_changes
        known = changes.dropna(subset=["change"])
        said = f"没有条目从{self.years[0]}年度到{self.years[-1]}年度一直可比"
        if len(known):
            change = known["change"].round(4)
            rose, fell = int((change > 0).sum()), int((change < 0).sum())
            said = f"{self.years[0]}—{self.years[-1]}年度一直可比的{len(known)}项中，得分率上升{rose}项、下降{fell}项"
            for word, many, size in (("上升", rose, change.max()), ("下降", fell, change.min())):
                if many:
                    rows = known[change == size].to_dict("records")
                    items = listed([item_label(row["no"], row["item_text"]) for row in rows])
                    said += f"；{word}最多的是{items}（{moved(100 * size, '个百分点')}）"
        if len(changes) > len(known):
            said += f"；{len(changes) - len(known)}项不能与{self.years[0]}年度相比"
        return Sentence(said + "。")

    @property
    def comparability_sentence(self) -> Sentence:
        """Which items can be compared, class by class where there are several."""
        classes = list(self.relations.groupby("kind", sort=False))
        if len(classes) < 2:
            return comparability_sentence(self.relations)
        return Sentence("".join(f"{UnitKind(kind).label()}：{comparability_sentence(rows)}" for kind, rows in classes))

    @property
    def recurrence_sentence(self) -> Sentence:
        """Which deductions came again."""
        return recurrence_sentence(self.recurring, self.years)

    @property
    def shown(self) -> Listing:
        """Every unit's total by year with the newest rank and the change, as it is printed; blank where undecided."""
        totals = self.units.pivot_table(index="unit", columns="year", values="total", dropna=False)
        newest = self.units.drop_duplicates("unit", keep="last").set_index("unit")
        rank = newest["rank"].where(newest["year"] == self.years[-1])
        table = newest.assign(rank=rank).join(totals).sort_values(["kind", "rank", "unit"], na_position="last")
        against = dict.fromkeys(self.years[:-1][-1:] + self.years[:1]) if len(self.years) > 1 else {}
        last = table[self.years[-1]]
        changes = {f"比{year}年度": printed_change(last, table[year]) for year in against}
        table = table.assign(**changes)
        said = (*((year, points) for year in self.years), ("rank", _place), *((name, signed) for name in changes))
        header = ("单位", *(f"{year}年度" for year in self.years), "名次", *changes)
        rows = ((row["unit_name"], *_said(row, said)) for row in table.to_dict("records"))
        return Listing.of(header, rows, caption=f"{self.kind.label() if self.kind else '各类单位'}历年总分")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return replace(self.shown, notes=(self.sentence,))._repr_mimebundle_()

    @property
    def shown_changes(self) -> Listing:
        """The latest changes as they are printed."""
        header = ("单位", "上年总分", "本年总分", "变化", "可比条目", "可比条目上年得分率", "可比条目本年得分率")
        printed = (("before", points), ("after", points), ("change", signed))
        rates = (("like_before", percent), ("like_after", percent))
        return Listing.of(
            header,
            (
                (row["unit_name"], *_said(row, printed), int(row["items"]), *_said(row, rates))
                for row in self.latest_changes.to_dict("records")
            ),
            empty="没有单位在相邻两年都有总分，无从比较。",
        )

    @property
    def shown_themes(self) -> Listing:
        """Each theme's rate by year as it is printed, blank in a year that did not have the theme."""
        rates = self.themes.pivot_table(index=["kind", "theme", "theme_name"], columns="year", values="rate")
        said = tuple((year, percent) for year in self.years if year in rates)
        rows = ((place[2], *_said(row, said)) for place, row in zip(rates.index, rates.to_dict("records"), strict=True))
        return Listing.of(("一级指标", *(f"{year}年度" for year, _ in said)), rows)

    @property
    def shown_items(self) -> Listing:
        """The items that stayed comparable since the first year, largest change first, as they are printed."""
        changes = self.item_changes.dropna(subset=["change"])
        said = (*((year, percent) for year in self.years), ("change", _in_percent))
        return Listing.of(
            ("条目", *(f"{year}年度" for year in self.years), "变化（百分点）"),
            ((f"{row['no']}．{row['item_text']}", *_said(row, said)) for row in changes.to_dict("records")),
        )

    @property
    def shown_other_items(self) -> Listing:
        """The items that cannot be compared with the first year: why, and their rate now."""
        changes = self.item_changes
        others = changes[changes["change"].isna()] if len(self.years) > 1 else changes[:0]
        said = (("says", str), (self.years[-1], percent))
        return Listing.of(
            ("条目", f"为何不能与{self.years[0]}年度相比", f"{self.years[-1]}年度得分率"),
            ((f"{row['no']}．{row['item_text']}", *_said(row, said)) for row in others.to_dict("records")),
            empty="没有不能比较的条目。" if len(self.years) > 1 else "只有一个年度的细则，无从比较。",
        )

    @property
    def shown_recurring(self) -> Listing:
        """The recurring deductions as they are printed."""
        return Listing.of(
            ("单位", "条目", "连续扣分的年度", "最近一年扣分"),
            (
                (
                    row["unit_name"],
                    f"{row['no']}．{row['item_text']}",
                    "、".join(map(str, row["years"])),
                    amount(row["points"]),
                )
                for row in self.recurring.to_dict("records")
            ),
        )

    @property
    def shown_relations(self) -> Listing:
        """What is not simply the same from one year to the next, as it is printed."""
        other = self.relations[self.relations["relation"] != "same"]
        return Listing.of(
            ("年度", "条目", "说明"),
            (
                (f"{row['from_year']}→{row['to_year']}", f"{row['no']}．{row['item_text']}", row["says"])
                for row in other.to_dict("records")
            ),
        )


def trend(tables: ScoreTables, kind: str | None = None, until: int | None = None) -> Trend:
    """The trend of a class (None: of all) up to the year ``until`` (None: the newest). Refused without any cards.

    >>> trend(open_year(2020).tables, "street_town").years
    (2018, 2019, 2020)
    """
    cards, items = (_chosen(frame, kind, until) for frame in (tables.cards, tables.items))
    years = tuple(sorted({int(year) for year in cards["year"].unique()}))
    if not years:
        label = UnitKind(kind).label() if kind else "各类单位"
        raise Refused(
            [Problem("year-not-scored", "stop", facts={"found": str(until), "kind": label, "expected": "无"})]
        )
    names = newest_names(cards)
    of_class = panels(tables.marks, sorted(set(cards["kind"])), years)
    relations = relation_frame(items)
    units, rates = unit_rates(cards, of_class, names), item_rates(of_class, items)
    return Trend(
        kind=UnitKind(kind) if kind else None,
        years=years,
        units=units,
        themes=theme_rates(rates, items),
        items=rates,
        relations=relations,
        changes=yearly_changes(units, of_class, relations, years),
        recurring=recurring_losses(of_class, relations, names, items),
    )


def newest_names(cards: pd.DataFrame) -> pd.Series:
    """unit → its name in the newest year it has a card."""
    return cards.sort_values("year").drop_duplicates("unit", keep="last").set_index("unit")["unit_name"]


def _chosen(frame: pd.DataFrame, kind: str | None, until: int | None) -> pd.DataFrame:
    """The rows of a class up to a year, with texts as texts: a categorical column knows classes that are not there."""
    of_kind = frame if kind is None else frame[frame["kind"] == kind]
    chosen = of_kind if until is None else of_kind[of_kind["year"] <= until]
    return chosen.astype({name: "str" for name, dtype in chosen.dtypes.items() if dtype == "category"})


def _at(rows: pd.DataFrame, change: float) -> str:
    return listed(rows.loc[rows["change"] == change, "unit_name"].to_list())


def _place(rank: float) -> str:
    return f"第{int(rank)}名"


def _in_percent(change: float) -> str:
    return signed(100 * change)


def _said(row: Mapping[Any, Any], cells: Iterable[tuple[object, Callable[[float], str]]]) -> Iterator[str]:
    """The named cells of a row as they are printed, blank where there is no number."""
    for name, said in cells:
        yield "" if pd.isna(row[name]) else said(row[name])
