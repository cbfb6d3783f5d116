"""Grades two ways: by the policy's bounds, and with the best grade kept for a declared share of the class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.scores import BARRED, class_table
from analytics.analysis.wording import Sentence, amount, listed, points
from analytics.listing import Listing
from analytics.policy import GradeBand
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

# Published tables that seem to keep to a quota have 25 to 35 % in the best grade; none says so.
SHARE = Decimal("0.3")
SHARES = (Decimal("0.25"), SHARE, Decimal("0.35"))


@dataclass(frozen=True, slots=True)
class GradesTwoWays:
    """What each way would give; neither looks at vetoes, and the grade in force is the one on the score card.

    rows: unit, unit_name, total, rank, by_bounds, by_share; by rank, without the units that have no total.
    places: units that the share leaves room for, rounded down; ties at the border go in together, so more may get in.
    """

    year: int
    kind: UnitKind
    share: Decimal
    places: int
    rows: pd.DataFrame
    left_out: tuple[str, ...]
    sentence: Sentence

    @property
    def changed(self) -> pd.DataFrame:
        """The units whose grade depends on the way."""
        return self.rows[self.rows["by_bounds"] != self.rows["by_share"]]

    @property
    def shown(self) -> Listing:
        """The rows as they are printed."""
        rows = (
            (row["rank"], row["unit_name"], points(row["total"]), row["by_bounds"], row["by_share"],
             "变" if row["by_bounds"] != row["by_share"] else "")
            for row in self.rows.to_dict("records")
        )  # fmt: skip
        return Listing.of(("名次", "单位", "总分", "按分数线", f"按前{_share(self.share)}评优", "是否变化"), rows)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return replace(self.shown, notes=(self.sentence,))._repr_mimebundle_()


@dataclass(frozen=True, slots=True)
class GradesByShares:
    """``GradesTwoWays`` for several shares, smallest first; all of the same class."""

    ways: tuple[GradesTwoWays, ...]
    sentence: Sentence

    @property
    def shown(self) -> Listing:
        """The units by rank, with the grade that each way would give; （变）: another one than by the bounds."""
        columns = [way.rows["by_share"].to_list() for way in self.ways]
        rows = []
        for place, row in enumerate(self.ways[0].rows.to_dict("records")):
            by_share = (column[place] for column in columns)
            said = (grade if grade == row["by_bounds"] else f"{grade}（变）" for grade in by_share)
            rows.append((row["rank"], row["unit_name"], points(row["total"]), row["by_bounds"], *said))
        shares = (f"前{_share(way.share)}评优（{way.places}个）" for way in self.ways)
        return Listing.of(("名次", "单位", "总分", "按分数线", *shares), rows)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return replace(self.shown, notes=(self.sentence,))._repr_mimebundle_()


def grades_by_shares(
    tables: ScoreTables, year: int, kind: str, bands: Sequence[GradeBand], shares: Sequence[Decimal] = SHARES
) -> GradesByShares:
    """Grade a class by ``bands`` and by each of ``shares``; see ``grades_two_ways``. ValueError without a share."""
    if not shares:
        raise ValueError("expected at least one share")
    ways = tuple(grades_two_ways(tables, year, kind, bands, share) for share in sorted(shares))
    return GradesByShares(ways, _sentence_of_shares(ways, bands[0]))


def grades_two_ways(
    tables: ScoreTables, year: int, kind: str, bands: Sequence[GradeBand], share: Decimal = SHARE
) -> GradesTwoWays:
    """Grade a class by ``bands`` (the policy's, best first) and by share.

    By share, the units ranked within ``share`` of the class get the best grade whatever their points, and the others
    the grade of their points, though never the best. ValueError unless 0 < share <= 1 and there are two bands or more.
    Refused when the class has no cards in ``year``.
    """
    if not 0 < share <= 1 or len(bands) < 2:
        raise ValueError(f"expected a share above 0 and up to 1 and at least 2 bands, found {share} and {len(bands)}")
    table = class_table(tables, year, kind, bands)
    rows = table.decided[table.decided["rank"].notna()].astype({"rank": int})
    places = int((len(rows) * share).to_integral_value(ROUND_FLOOR))
    best, second = bands[0].name, bands[1].name
    below = rows["grade_by_points"].replace(best, second)
    rows = rows.assign(by_bounds=rows["grade_by_points"], by_share=below.mask(rows["rank"] <= places, best))
    rows = rows[["unit", "unit_name", "total", "rank", "by_bounds", "by_share"]].reset_index(drop=True)
    left_out = tuple(table.rows.loc[table.rows["total"].isna() & (table.rows["grade"] != BARRED), "unit_name"])
    said = _sentence(rows, bands[0], UnitKind(kind), share, places)
    if left_out:
        said += f"；{listed(left_out)}有条目待裁定，未计入"
    return GradesTwoWays(year, UnitKind(kind), share, places, rows, left_out, Sentence(said + "。"))


def _sentence(rows: pd.DataFrame, best: GradeBand, kind: UnitKind, share: Decimal, places: int) -> str:
    if rows.empty:
        return f"没有一个{kind.label()}有总分，无从定级"
    by_bounds, by_share = (rows[way] == best.name for way in ("by_bounds", "by_share"))
    said = f"{len(rows)}个{kind.label()}中，按分数线（{amount(best.least)}分起）{best.name}{by_bounds.sum()}个；"
    said += f"按前{_share(share)}评{best.name}可有{places}个，实为{by_share.sum()}个"
    if by_share.sum() > places:
        said += "（末位并列的一并计入）"
    lost, won = (rows.loc[way, "unit_name"].to_list() for way in (by_bounds & ~by_share, by_share & ~by_bounds))
    said += f"；改按比例，{listed(lost)}不再{best.name}" if lost else ""
    said += f"；改按比例，{listed(won)}成为{best.name}" if won else ""
    return said + ("" if lost or won else "；两种办法结果相同") + "。两种算法都不计一票否决，正式等级以评分结果为准"


def _sentence_of_shares(ways: Sequence[GradesTwoWays], best: GradeBand) -> Sentence:
    first = ways[0]
    if first.rows.empty:
        return first.sentence
    by_bounds = (first.rows["by_bounds"] == best.name).sum()
    said = f"{len(first.rows)}个{first.kind.label()}中，按分数线（{amount(best.least)}分起）{best.name}{by_bounds}个"
    for way in ways:
        by_share = (way.rows["by_share"] == best.name).sum()
        said += f"；按前{_share(way.share)}可有{way.places}个，实为{by_share}个，{_who(way, best)}"
    if first.left_out:
        said += f"；{listed(first.left_out)}有条目待裁定，未计入"
    return Sentence(said + "。两种算法都不计一票否决，正式等级以评分结果为准。")


def _who(way: GradesTwoWays, best: GradeBand) -> str:
    """Who would change, against the bounds."""
    changed = way.changed
    if changed.empty:
        return "与按分数线相同"
    lost, won = (changed.loc[changed[side] == best.name, "unit_name"].to_list() for side in ("by_bounds", "by_share"))
    said = [f"{listed(lost)}不再{best.name}"] if lost else []
    return "，".join([*said, *([f"{listed(won)}成为{best.name}"] if won else [])])


def _share(share: Decimal) -> str:
    return f"{amount(share * 100)}%"
