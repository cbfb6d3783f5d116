"""Which items of two years' rubrics ask the same thing: by their stable ids, and by what they were formerly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from analytics.analysis.wording import Sentence, amount, listed

if TYPE_CHECKING:
    import pandas as pd

Relation = Literal["same", "reweighted", "merged", "split", "rewritten", "new", "dropped"]
Row = Mapping[str, Any]
COLUMNS = ("kind", "from_year", "to_year", "item", "no", "item_text", "relation", "comparable", "says")
_WORDS: Mapping[Relation, str] = {
    "new": "新增", "dropped": "取消", "merged": "合并", "split": "拆分", "rewritten": "改写",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ItemRelation:
    """What became of an item from one year to the next; ``number`` as the later form prints it, or the last one did."""

    item: str
    number: str
    text: str
    relation: Relation
    says: str

    @property
    def comparable(self) -> bool:
        """Whether its score rates may be set side by side."""
        return self.relation in ("same", "reweighted")


def relate(before: Iterable[Row], after: Iterable[Row]) -> tuple[ItemRelation, ...]:
    """Each item of two consecutive years of one class, in the order of the later form, dropped ones last.

    before, after: records of ``ScoreTables.items``, one an item. An item that lives on in another one is not listed
    apart. No frames here: see ``one_unit``.
    """
    old = {row["item"]: row for row in before}
    new = {row["item"]: row for row in after}
    origins = {item: _origins(row, old) for item, row in new.items()}
    heirs = Counter(origin for found in origins.values() for origin in found)
    kept = [
        ItemRelation(item, row["no"], row["text"], *_relation(row, old, origins[item], heirs, new))
        for item, row in new.items()
    ]
    gone = [
        ItemRelation(item, row["no"], row["text"], "dropped", "本年取消，不比较")
        for item, row in old.items()
        if item not in new and item not in heirs
    ]
    return (*kept, *gone)


def relation_frame(items: pd.DataFrame) -> pd.DataFrame:
    """All relations between consecutive years as a frame with ``COLUMNS``, class by class."""
    import pandas as pd

    rows = []
    for kind, of_kind in items.groupby("kind", sort=False):
        by_year = {year: form.to_dict("records") for year, form in of_kind.groupby("year")}
        for earlier, later in pairwise(sorted(by_year)):
            found = relate(by_year[earlier], by_year[later])
            rows += [(kind, earlier, later, r.item, r.number, r.text, r.relation, r.comparable, r.says) for r in found]
    # An empty frame must know its types too: a mask of objects would be taken for column names.
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"from_year": int, "to_year": int, "comparable": bool})


def comparable_through(relations: pd.DataFrame, kind: str, years: Sequence[int]) -> tuple[str, ...]:
    """The items of a class that stayed comparable at each step of ``years`` (oldest first), sorted.

    Only these may be compared between the first and the last of them: an item that was merged or split on the way asks
    something else, though its id may be the same at both ends.
    """
    steps = relations[
        (relations["kind"] == kind) & (relations["from_year"] >= years[0]) & (relations["to_year"] <= years[-1])
    ]
    stayed = steps[steps["comparable"]].groupby("item")["to_year"].nunique()
    return tuple(stayed.index[stayed == steps["to_year"].nunique()])


def breaks(relations: pd.DataFrame, kind: str, years: Sequence[int]) -> pd.Series:
    """Of each item that is in the last of ``years`` but not ``comparable_through``: since when and why, in words."""
    import pandas as pd

    steps = relations[
        (relations["kind"] == kind) & (relations["from_year"] >= years[0]) & (relations["to_year"] <= years[-1])
    ]
    newest = steps[~steps["comparable"] & (steps["relation"] != "dropped")].drop_duplicates("item", keep="last")
    says = newest["to_year"].astype("str") + "年度" + newest["relation"].map(_WORDS)
    return pd.Series(says.to_numpy(), index=newest["item"].to_numpy(), dtype="str")


def comparability_sentence(relations: pd.DataFrame) -> Sentence:
    """How many items of one class can be compared from year to year, and which not."""
    said = []
    for (earlier, later), pair in relations.groupby(["from_year", "to_year"]):
        part = f"{earlier}年度到{later}年度有{int(pair['comparable'].sum())}项可比"
        if reweighted := int((pair["relation"] == "reweighted").sum()):
            part += f"（其中{reweighted}项分值有调整，按得分率比较）"
        others = [_counted(relation, pair) for relation in _WORDS if (pair["relation"] == relation).any()]
        said.append(part + ("，不可比的有" + "、".join(others) if others else "，没有不可比的条目"))
    return Sentence("；".join(said) + "。" if said else "只有一个年度的细则，没有可比的上年条目。")


def _counted(relation: Relation, pair: pd.DataFrame) -> str:
    numbers = [f"第{number}项" for number in dict.fromkeys(pair.loc[pair["relation"] == relation, "no"])]
    last_year = "上年" if relation == "dropped" else ""
    return f"{_WORDS[relation]}{int((pair['relation'] == relation).sum())}项（{last_year}{listed(numbers)}）"


def _origins(row: Row, old: Mapping[str, Row]) -> tuple[str, ...]:
    """The items of the year before, other than itself, that this one was made of."""
    return tuple(name for name in row["formerly"].split() if name in old and name != row["item"])


def _relation(
    row: Row, old: Mapping[str, Row], origins: tuple[str, ...], heirs: Counter[str], new: Mapping[str, Row]
) -> tuple[Relation, str]:
    before = old.get(row["item"])
    if origins:
        named = "、".join(f"第{old[origin]['no']}项" for origin in origins)
        if before or len(origins) > 1:
            own = f"第{before['no']}项、" if before else ""
            return "merged", f"由上年{own}{named}合并而来，不逐项比较"
        if heirs[origins[0]] > 1 or origins[0] in new:
            return "split", f"由上年{named}拆分而来，不逐项比较"
        return "rewritten", f"由上年{named}改写而来，不逐项比较"
    if before is None:
        return "new", "本年新增，不比较"
    if before["full_marks"] != row["full_marks"]:
        was, now = amount(before["full_marks"]), amount(row["full_marks"])
        return "reweighted", f"分值由{was}分改为{now}分，按得分率比较"
    return "same", "两年相同"
