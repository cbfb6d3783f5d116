"""Which deductions come again: items on which a unit loses points year after year."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analytics.analysis.wording import Sentence, item_label, listed

COLUMNS = ("unit", "unit_name", "kind", "item", "no", "item_text", "years", "points", "lost_in")
LEAST = 1e-9  # marks are floats here


def recurring_losses(marks: pd.DataFrame, relations: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Items lost in the newest year and in the years right before it, while they asked the same, as ``COLUMNS``.

    marks: with awarded; relations: see ``comparability``. ``years`` is a tuple in the frame, ``points`` is what the
    newest of them cost, ``lost_in`` their number. Longest first, then dearest.
    """
    lost = marks.assign(points=marks["full_marks"] - marks["awarded"])
    lost = lost[lost["points"] > LEAST]
    seen = set(zip(lost["unit"], lost["item"], lost["year"], strict=True))
    same = relations[relations["comparable"]]
    joined = set(zip(same["kind"], same["item"], same["from_year"], same["to_year"], strict=True))
    rows = []
    for row in lost[lost["year"] == years[-1]].to_dict("records"):
        run = [years[-1]]
        for earlier in reversed(years[:-1]):
            asked_again = (row["kind"], row["item"], earlier, run[0]) in joined
            if not asked_again or (row["unit"], row["item"], earlier) not in seen:
                break
            run.insert(0, earlier)
        if len(run) > 1:
            rows.append(row | {"years": tuple(run), "lost_in": len(run)})
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.sort_values(
        ["lost_in", "points", "unit", "item"], ascending=[False, False, True, True], ignore_index=True
    )


def recurrence_sentence(recurring: pd.DataFrame, years: Sequence[int]) -> Sentence:
    """How many deductions came again, and the one that most units share."""
    if len(years) < 2:
        return Sentence("只有一个年度，看不出重复扣分。")
    if recurring.empty:
        return Sentence("没有单位在同一条目上连续两年扣分。")
    shared = recurring.groupby(["item", "no", "item_text"])["unit_name"].agg(list)
    place = shared.map(len).idxmax()
    said = f"{recurring['unit'].nunique()}个单位共有{len(recurring)}处连年扣分；最集中的是{item_label(*place[1:])}，"
    return Sentence(said + f"{listed(shared[place])}到{years[-1]}年度已连续扣分。")
