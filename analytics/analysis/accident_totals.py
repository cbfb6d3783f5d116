"""How many accidents, fires and deaths were counted in a class, beside the year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, amount, listed
from analytics.rubric import Measure
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

BEFORE = "_last_year"  # the statistics state last year's figure under the measure's id with this ending


@dataclass(frozen=True, slots=True)
class AccidentTotals:
    """One class in one year.

    rows: measure, label, counted_in, value, before, units (that stated it), missing (names of the others). ``value`` is
    the sum over the units that stated it, NaN when none did. ``before`` is last year's sum as these units' statistics
    state it, or as last year's record has it; NaN unless it is known for each of them.
    The classes must not be added up: an accident can be counted for the street and for the trade.
    """

    year: int
    kind: UnitKind
    rows: pd.DataFrame
    sentence: Sentence


def accident_totals(tables: ScoreTables, year: int, kind: str, measures: Sequence[Measure]) -> AccidentTotals:
    """The accident figures among ``measures`` (the rubric's). Refused when the class has no cards in ``year``."""
    cards = class_cards(tables, year, kind)
    figures = tables.figures[(tables.figures["channel"] == "accident") & tables.figures["unit"].isin(cards["unit"])]
    stated = figures.dropna(subset=["value"]).drop_duplicates(["year", "unit", "measure"], keep="last")
    values = stated.pivot_table(index="unit", columns=["year", "measure"], values="value", aggfunc="last")
    values = values.reindex(cards["unit"])
    nothing = pd.Series(float("nan"), index=values.index)
    rows = []
    for measure in measures:
        if measure.form != "accidents" or measure.id.endswith(BEFORE):
            continue
        now = values.get((year, measure.id), nothing)
        then = values.get((year, measure.id + BEFORE), nothing).fillna(values.get((year - 1, measure.id), nothing))
        known = now.notna()
        missing = tuple(cards.loc[~known.to_numpy(), "unit_name"])
        before = then[known].sum() if known.any() and then[known].notna().all() else float("nan")
        value = now.sum() if known.any() else float("nan")
        rows.append((measure.id, measure.label, measure.counted_in, value, before, int(known.sum()), missing))
    columns = ["measure", "label", "counted_in", "value", "before", "units", "missing"]
    frame = pd.DataFrame(rows, columns=columns)
    return AccidentTotals(year, UnitKind(kind), frame, _sentence(frame, UnitKind(kind)))


def _sentence(rows: pd.DataFrame, kind: UnitKind) -> Sentence:
    known = rows[rows["units"] > 0].to_dict("records")
    if not known:
        return Sentence(f"{kind.label()}缺事故统计数据。")
    said = "，".join(
        f"{row['label']}{amount(row['value'])}{row['counted_in']}{_change(row['value'], row['before'])}"
        for row in known
    )
    gaps = {name: None for row in known for name in row["missing"]}
    said = f"{kind.label()}{said}"
    if gaps:
        said += f"；{listed(list(gaps))}缺数据，未计入"
    if none := [row["label"] for row in rows.to_dict("records") if not row["units"]]:
        said += f"；缺{listed(none)}的数据"
    return Sentence(said + "。")


def _change(value: float, before: float) -> str:
    if pd.isna(before):
        return "（上年缺数据）"
    if value == before:
        return "（与上年持平）"
    return f"（上年{amount(before)}，{'增加' if value > before else '减少'}{amount(abs(value - before))}）"
