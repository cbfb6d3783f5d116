"""What changed over the years: score rates of units, themes and items, joined by stable ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.analysis.comparability import comparability_sentence, relation_frame
from analytics.analysis.listing import Listing
from analytics.analysis.recurrence import recurrence_sentence, recurring_losses
from analytics.analysis.wording import Sentence, amount, difference, moved, percent, points, signed
from analytics.problems import Problem, Refused
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

CHANGES = (
    "unit", "unit_name", "kind", "from_year", "to_year", "before", "after", "change", "rank_before", "rank_after",
    "items", "like_before", "like_after", "like_change",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trend:
    """Score rates (得分率: awarded / full marks over the items that have an awarded mark) over the years, oldest first.

    units: unit, unit_name, kind, year, total, grade, rank, rate. Names are those of the newest year.
    themes: kind, theme, theme_name, year, rate.
    items: kind, item, item_text, year, rate, no, full_marks, units.
    relations: which items can be compared from year to year; see ``comparability``.
    changes: ``CHANGES``; before, after and change are totals (the change as printed), items counts the comparable ones,
    like_before, like_after and like_change are rates over these alone, weighted by the later year.
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
        known = self.latest_changes.dropna(subset=["change"])
        if known.empty:
            return Sentence("没有单位在相邻两年都有总分，无从比较。")
        top, bottom = known.iloc[0], known.iloc[-1]
        rose, fell = int((known["change"] > 0).sum()), int((known["change"] < 0).sum())
        said = f"与{top['from_year']}年度相比，{rose}个单位总分上升、{fell}个下降"
        if rose:
            said += f"；上升最多的是{top['unit_name']}（{moved(top['change'])}）"
        if fell:
            said += f"；下降最多的是{bottom['unit_name']}（{moved(bottom['change'])}）"
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
        return Sentence(said + f"比{before}年度{moved(100 * change[place], '个百分点')}。")

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
        )

    @property
    def shown_themes(self) -> Listing:
        """Each theme's rate by year as it is printed, blank in a year that did not have the theme."""
        rates = self.themes.pivot_table(index=["kind", "theme", "theme_name"], columns="year", values="rate")
        said = tuple((year, percent) for year in self.years if year in rates)
        rows = ((place[2], *_said(row, said)) for place, row in zip(rates.index, rates.to_dict("records"), strict=True))
        return Listing.of(("一级指标", *(f"{year}年度" for year, _ in said)), rows)

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
    """The trend of a class (None: of all) up to the year ``until`` (None: the newest). Refused without any cards."""
    cards, marks, items = (_chosen(frame, kind, until) for frame in (tables.cards, tables.marks, tables.items))
    years = tuple(sorted({int(year) for year in cards["year"]}))
    if not years:
        label = UnitKind(kind).label() if kind else "各类单位"
        raise Refused(
            [Problem("year-not-scored", "stop", facts={"found": str(until), "kind": label, "expected": "无"})]
        )
    newest = cards.sort_values("year").drop_duplicates("unit", keep="last").set_index("unit")["unit_name"]
    marks = marks[marks["awarded"].notna()]
    marks = marks.assign(unit_name=marks["unit"].map(newest))
    relations = relation_frame(items)
    units = _units(cards, marks, newest)
    return Trend(
        kind=UnitKind(kind) if kind else None,
        years=years,
        units=units,
        themes=_rates(marks, "theme", "theme_name"),
        items=_items(marks, items),
        relations=relations,
        changes=_changes(units, marks, relations, years),
        recurring=recurring_losses(marks, relations, years),
    )


def _chosen(frame: pd.DataFrame, kind: str | None, until: int | None) -> pd.DataFrame:
    of_kind = frame if kind is None else frame[frame["kind"] == kind]
    return of_kind if until is None else of_kind[of_kind["year"] <= until]


def _rates(marks: pd.DataFrame, key: str, name: str) -> pd.DataFrame:
    """kind, ``key``, ``name`` (of the newest year), year, rate over all units of the class."""
    names = marks.sort_values("year").drop_duplicates(["kind", key], keep="last")[["kind", key, name]]
    summed = marks.groupby(["kind", key, "year"], as_index=False)[["awarded", "full_marks"]].sum()
    summed = summed.assign(rate=summed["awarded"] / summed["full_marks"]).drop(columns=["awarded", "full_marks"])
    return names.merge(summed, on=["kind", key]).sort_values(["kind", key, "year"], ignore_index=True)


def _units(cards: pd.DataFrame, marks: pd.DataFrame, newest: pd.Series) -> pd.DataFrame:
    summed = marks.groupby(["unit", "year"], as_index=False)[["awarded", "full_marks"]].sum()
    summed = summed.assign(rate=summed["awarded"] / summed["full_marks"])[["unit", "year", "rate"]]
    units = cards[["unit", "kind", "year", "total", "grade", "rank"]].merge(summed, on=["unit", "year"], how="left")
    units.insert(1, "unit_name", units["unit"].map(newest))
    return units.sort_values(["unit", "year"], ignore_index=True)


def _items(marks: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    key = ["kind", "item", "year"]
    count = marks.groupby(key, as_index=False).agg(units=("unit", "nunique"))
    return _rates(marks, "item", "item_text").merge(items[[*key, "no", "full_marks"]], on=key).merge(count, on=key)


def _changes(units: pd.DataFrame, marks: pd.DataFrame, relations: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    pairs = []
    for earlier, later in pairwise(years):
        before, after = (units[units["year"] == year] for year in (earlier, later))
        pair = after.merge(before, on=["unit", "unit_name", "kind"], suffixes=("_after", "_before"))
        pair = pair.merge(_like_for_like(marks, relations, earlier, later), on="unit", how="left")
        pairs.append(pair.assign(from_year=earlier, to_year=later))
    if not pairs:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in CHANGES})
    changes = pd.concat(pairs, ignore_index=True).rename(columns={"total_before": "before", "total_after": "after"})
    return changes.assign(
        change=[_change(now, then) for now, then in zip(changes["after"], changes["before"], strict=True)],
        like_change=changes["like_after"] - changes["like_before"],
        items=changes["items"].fillna(0).astype(int),
    )[list(CHANGES)]


def _change(after: float, before: float) -> float:
    return float(difference(after, before)) if pd.notna(after) and pd.notna(before) else float("nan")


def _like_for_like(marks: pd.DataFrame, relations: pd.DataFrame, earlier: int, later: int) -> pd.DataFrame:
    """unit, items, like_before, like_after over the comparable items that have a mark in both years."""
    compared = relations.loc[(relations["to_year"] == later) & relations["comparable"], ["kind", "item"]]
    columns = ["kind", "unit", "item", "awarded", "full_marks"]
    before, after = (marks.loc[marks["year"] == year, columns] for year in (earlier, later))
    both = after.merge(compared).merge(before, on=columns[:3], suffixes=("", "_before"))
    # The later year's weights for both years, so that only what was achieved moves the rate.
    both = both.assign(scaled=both["awarded_before"] / both["full_marks_before"] * both["full_marks"])
    summed = both.groupby("unit", as_index=False).agg(
        items=("item", "size"), full=("full_marks", "sum"), now=("awarded", "sum"), then=("scaled", "sum")
    )
    summed = summed.assign(like_before=summed["then"] / summed["full"], like_after=summed["now"] / summed["full"])
    return summed[["unit", "items", "like_before", "like_after"]]


def _said(row: Mapping[Any, Any], cells: Iterable[tuple[object, Callable[[float], str]]]) -> Iterator[str]:
    """The named cells of a row as they are printed, blank where there is no number."""
    for name, said in cells:
        yield "" if pd.isna(row[name]) else said(row[name])
