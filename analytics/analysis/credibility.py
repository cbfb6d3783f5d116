"""Which self-assessments are worth a second look, and why: the separate looks side by side, without a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.bunching import Bunching, bunching
from analytics.analysis.evidence_dates import EvidenceDates, evidence_dates
from analytics.analysis.flat_marks import FlatMarks, flat_marks
from analytics.analysis.gap import Gap, LargestGaps, gap, largest_gaps
from analytics.analysis.likeness import Likeness, likeness
from analytics.analysis.round_numbers import RoundNumbers, round_numbers
from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, listed
from analytics.listing import Listing
from analytics.policy import YearRules
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

LOOKS = {
    "higher": "自评偏高的条目",
    "flat": "自评全满分",
    "rounded": "自扣取整",
    "rates": "可再核的100%",
    "recurring": "重复的文字",
    "dates": "年度以外的日期",
    "above": "刚过等级线",
}
ONCE = ("flat", "rounded", "above")  # a unit has these or has them not


@dataclass(frozen=True, slots=True)
class Credibility:
    """Everything about a class's self-assessments that is worth a look. Nothing here says that a unit was wrong.

    by_unit: unit, unit_name, the counts named in ``LOOKS``, handed_in (the unit has a self-mark); in the order of the
    cards, which is no order of suspicion.
    """

    year: int
    kind: UnitKind
    gap: Gap
    largest: LargestGaps
    flat: FlatMarks
    rounded: RoundNumbers
    likeness: Likeness
    dates: EvidenceDates
    bunching: Bunching
    by_unit: pd.DataFrame
    sentence: Sentence

    @property
    def shown(self) -> Listing:
        """How many findings of which kind each unit has; blank for none."""
        rows = (
            (
                row["unit_name"] + ("" if row["handed_in"] else "（没有自评分）"),
                *(("有" if look in ONCE else row[look]) if row[look] else "" for look in LOOKS),
            )
            for row in self.by_unit.to_dict("records")
        )
        return Listing.of(("单位", *LOOKS.values()), rows)


def credibility(tables: ScoreTables, year: int, kind: str, rules: YearRules) -> Credibility:
    """Look at a class's self-assessments from all sides, under the year's ``rules``. Refused when the class has no
    cards in ``year``."""
    cards = class_cards(tables, year, kind)
    rubric = rules.rubric(UnitKind(kind))
    gaps = gap(tables, year, kind)
    flat = flat_marks(tables, year, kind)
    rounded = round_numbers(tables, year, kind, rubric)
    alike = likeness(tables, year, kind, rubric)
    dates = evidence_dates(tables, year, kind, rules.policy.submission.value.deadline)
    near = bunching(tables, year, kind, rules.policy.grades.value)
    own = alike.rows[(alike.rows["year"] == year) & (alike.rows["kind"] == UnitKind(kind))]
    counts = {
        "higher": gaps.units.set_index("unit")["higher"],
        "flat": flat.units.set_index("unit")["flat"],
        "rounded": rounded.units.set_index("unit")["worth_a_look"],
        "rates": rounded.rates[rounded.rates["worth_a_look"]].groupby("unit").size(),
        "recurring": own.groupby("unit")["family"].nunique(),
        "dates": dates.rows[dates.rows["outside"] != "earlier_document"].groupby("unit").size(),
        "above": near.above.groupby("unit").size(),
    }
    by_unit = cards[["unit", "unit_name"]].reset_index(drop=True)
    for look, found in counts.items():
        by_unit[look] = by_unit["unit"].map(found.astype(float)).fillna(0).astype(int)
    by_unit["handed_in"] = ~by_unit["unit_name"].isin(flat.silent)
    said = _sentence(by_unit, UnitKind(kind))
    largest = largest_gaps(tables, gaps)
    return Credibility(year, UnitKind(kind), gaps, largest, flat, rounded, alike, dates, near, by_unit, said)


def _sentence(by_unit: pd.DataFrame, kind: UnitKind) -> Sentence:
    found = {name: int((by_unit[look] > 0).sum()) for look, name in LOOKS.items()}
    parts = [f"{name}见于{units}个单位" for name, units in found.items() if units]
    said = f"{len(by_unit)}个{kind.label()}中，" + ("，".join(parts) or "没有发现值得再看的地方")
    silent = by_unit.loc[~by_unit["handed_in"], "unit_name"].to_list()
    said += f"；{listed(silent)}没有自评分" if silent else ""
    said += "。以上都只是值得看一看的地方，许多有正当的原因，不说明谁虚报，不影响得分；单位按名单排列，不按多少排列。"
    return Sentence(said)
