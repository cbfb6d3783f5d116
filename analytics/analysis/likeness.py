"""Which reasons and evidence recur, word for word or nearly, between units or between years."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.analysis.claims import (
    FIELDS,
    TEXT_COLUMNS,
    cells_by_sheet,
    claims_until,
    item_number,
    legible,
    written_texts,
)
from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, listed, shortened
from analytics.listing import Listing
from analytics.rubric import Rubric
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

ALIKE = 90  # per cent of the characters in common: about one in ten may differ
LEAST = 8  # characters of its own that a text needs before being alike says anything
PHRASE = 4  # shorter pieces of the rubric would be cut out of the middle of other words
BLOCK = 512  # texts compared at a time: the memory of a block grows with their number, not with its square
STOCK_PHRASES = ("不涉及", "本单位无此项职责", "无此项职责", "详见附件", "见附件")
STOCK_ENDINGS = ("自扣分", "不扣分", "扣分", "不影响得分", "得满分", "满分", "份", "次", "家")
MOST_SHOWN, MOST_PLACES = 20, 6
MOST_COPIERS = 3  # what more units share is more likely a common template
FAMILY_COLUMNS = ("family", "alike", *TEXT_COLUMNS)

_NOISE = re.compile(r"[\W\d_]+")
_CLAUSES, _PIECES = re.compile(r"[，,；;。：:]+"), re.compile(r"[，,；;。.：:（）()、\s]+")

Pair = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Texts of one class in one year that stand again, nearly the same, at another unit (of any class) or in another
    year. Before comparing, digits, punctuation, stock endings and whatever is the rubric's own wording are taken away.

    rows: family (texts that are alike, directly or over others), alike (the least likeness in the family, per cent),
    unit, unit_name, kind, year, item, no, item_text, field (``claims.FIELDS``), text, cell (of the self-mark in whose
    row the text stands). Every family begins with a text of this class and year, and has another unit or another year.
    read: texts of this class and year; formulaic: those of them that say too little of their own to be compared;
    compared: pairs of different texts that were compared; identical ones are found without that.
    """

    year: int
    kind: UnitKind
    rows: pd.DataFrame
    read: int
    formulaic: int
    compared: int
    sentence: Sentence

    @property
    def families(self) -> int:
        """How many groups of alike texts there are."""
        return int(self.rows["family"].nunique())

    @property
    def shown(self) -> Listing:
        """One row a family, its text once, the places with their cells; those with most units first."""
        shown = (family for _, family in self.rows[self.rows["family"] < MOST_SHOWN].groupby("family"))
        return Listing.of(("相像度", "谁和谁", "原文（只列一段）", "因为", "哪里"), map(self._row, shown))

    def _row(self, family: pd.DataFrame) -> tuple[str, str, str, str, str]:
        own, first = family.iloc[0], family.head(MOST_PLACES)
        who = [f"{r['unit_name']}{r['year']}年度{item_number(r['no'])}" for r in first.to_dict("records")]
        cells = [f"{year}年度：{cells_by_sheet(rows['cell'])}" for year, rows in first.groupby("year", sort=False)]
        return (
            f"{family['alike'].iloc[0]}%",
            "；".join(who) + (f"等{len(family)}处" if len(family) > len(first) else ""),
            f"{FIELDS[own['field']]}：{shortened(legible(own['text']), 80)}",
            _because(family),
            "；".join(cells),
        )


def likeness(tables: ScoreTables, year: int, kind: str, rubric: Rubric) -> Likeness:
    """Alike texts of a class. Refused when the class has no cards in ``year``.

    What inspectors wrote (``findings``) is left out: it follows the rubric's clauses and says nothing about a unit's
    own words. Likeness is the ratio of rapidfuzz, twice the longest common subsequence over the summed lengths.
    """
    class_cards(tables, year, kind)
    texts = written_texts(claims_until(tables, year))
    own = ((texts["year"] == year) & (texts["kind"] == UnitKind(kind))).to_numpy(dtype=bool)
    words = Wording.of([*rubric_texts(rubric), *texts["item_text"].dropna().unique()])
    essence = {text: words.own_words(text) for text in texts["text"].unique()}
    codes, distinct = pd.factorize(texts["text"].map(essence).astype(object))
    asked = np.zeros(len(distinct), dtype=bool)
    asked[codes[own]] = True
    telling = words.telling(list(distinct), asked)
    formulaic = int((~telling[codes[own]]).sum())
    places = np.flatnonzero(telling)
    asked = asked[places]
    chosen = _at(distinct, places)
    family_of = np.full(len(distinct), -1)
    labels, least = _families(chosen, asked)
    family_of[places] = labels
    found = texts.assign(family=family_of[codes], own=own) if len(texts) else texts.assign(family=-1, own=False)
    rows = _recurring(found, least)
    compared = int(asked.sum() * (~asked).sum() + asked.sum() * (asked.sum() - 1) // 2)
    said = _sentence(rows, len(texts[own]), formulaic, compared, year, UnitKind(kind))
    return Likeness(year, UnitKind(kind), rows, len(texts[own]), formulaic, compared, said)


def rubric_texts(rubric: Rubric) -> tuple[str, ...]:
    """The rubric's own wording: items, standards, conditions of clauses, themes, labels of figures."""
    texts = [text for item in rubric.items for text in (item.text, item.standard)]
    texts += [rule.on for item in rubric.items for rule in item.rules]
    texts += [clause.on for clause in rubric.bonus] + [clause.on for clause in rubric.outside]
    texts += [veto.on for veto in rubric.vetoes]
    return tuple(filter(None, [*texts, *(t.name for t in rubric.themes), *(m.label for m in rubric.measures)]))


def essence_of(text: str) -> str:
    """``text`` without digits, punctuation, blanks and control characters, full-width signs as their plain ones."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


@dataclass(frozen=True, slots=True)
class Wording:
    """What everybody writes because the rubric says it, and stock phrases: longest first, and the whole as one text."""

    phrases: tuple[str, ...]
    whole: str

    @classmethod
    def of(cls, texts: Iterable[str]) -> Wording:
        """The wording of these texts, each whole and in the pieces between its punctuation."""
        texts = list(dict.fromkeys(texts))
        pieces = {essence_of(piece) for text in texts for piece in (text, *_CLAUSES.split(text), *_PIECES.split(text))}
        known = {piece for piece in pieces if len(piece) >= PHRASE}.union(STOCK_PHRASES)
        phrases = sorted(known, key=lambda phrase: (-len(phrase), phrase))
        return cls(tuple(phrases), "\n".join(essence_of(text) for text in texts))

    def own_words(self, text: str) -> str:
        """What remains of ``text`` when the rubric's phrases and stock endings are taken away."""
        rest = essence_of(text)
        for phrase in self.phrases:
            if len(phrase) <= len(rest):
                rest = rest.replace(phrase, "")
        while ending := next((ending for ending in STOCK_ENDINGS if rest.endswith(ending)), ""):
            rest = rest.removesuffix(ending)
        return rest

    def telling(self, texts: Sequence[str], asked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Which texts say enough of their own: long enough, and no part or near copy of the rubric's wording.

        The near copies are looked for only where ``asked``: a pair needs one such text.
        """
        enough = np.array([len(text) >= LEAST and text not in self.whole for text in texts], dtype=bool)
        places = np.flatnonzero(enough & asked)
        for near, _, _ in near_pairs(_at(texts, places), self.phrases):
            enough[places[near]] = False
        return enough


def near_pairs(asked: Sequence[str], texts: Sequence[str], alike: int = ALIKE) -> Iterator[Pair]:
    """Places in ``asked`` and in ``texts`` of pairs that are at least ``alike`` per cent alike, and how much.

    A block at a time, each against the texts whose length allows it: the ratio cannot reach a/100 when the shorter
    text is less than a/(200-a) of the longer.
    """
    from rapidfuzz import fuzz, process

    wanted, order = _by_length(asked), _by_length(texts)
    lengths, share = np.array([len(texts[place]) for place in order], dtype=int), alike / (200 - alike)
    for start in range(0, len(wanted), BLOCK):
        block = wanted[start : start + BLOCK]
        low = np.searchsorted(lengths, np.floor(len(asked[block[0]]) * share), "left")
        high = np.searchsorted(lengths, np.ceil(len(asked[block[-1]]) / share), "right")
        window = order[low:high]
        scores = process.cdist(
            _at(asked, block), _at(texts, window), scorer=fuzz.ratio, score_cutoff=alike, dtype=np.uint8, workers=-1
        )
        left, right = np.nonzero(scores)
        yield block[left], window[right], scores[left, right]


def _at(texts: Sequence[str], places: npt.NDArray[np.intp]) -> list[str]:
    return [texts[int(place)] for place in places]


def _by_length(texts: Sequence[str]) -> npt.NDArray[np.intp]:
    return np.argsort(np.array([len(text) for text in texts], dtype=int), kind="stable")


def _families(texts: Sequence[str], asked: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], dict[int, int]]:
    """The family of each text, and the least likeness in each family."""
    # It takes a while to import; only this question needs it.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    places = np.flatnonzero(asked)
    found = list(near_pairs(_at(texts, places), texts))
    left, right, score = (np.concatenate([p[k] for p in found]) if found else np.array([], int) for k in range(3))
    left = places[left]
    graph = coo_array((np.ones(len(left), bool), (left, right)), shape=(len(texts), len(texts)))
    _, labels = connected_components(graph, directed=False) if texts else (0, np.array([], int))
    least = pd.Series(score, dtype=int).groupby(labels[left]).min().to_dict() if len(left) else {}
    return labels, {int(label): int(value) for label, value in least.items()}


def _recurring(texts: pd.DataFrame, least: dict[int, int]) -> pd.DataFrame:
    """The rows of families with a text of the class and year, and more than one unit or year; most units first."""
    texts = texts[texts["family"] >= 0]
    by_family = texts.groupby("family").agg(
        own=("own", "any"), units=("unit", "nunique"), years=("year", "nunique"), first=("text", "min")
    )
    kept = by_family[by_family["own"] & ((by_family["units"] > 1) | (by_family["years"] > 1))]
    kept = kept.sort_values(["units", "years", "first"], ascending=[False, False, True])
    number = {family: place for place, family in enumerate(kept.index)}
    rows = texts[texts["family"].isin(number)]
    alike = rows["family"].map(lambda family: least.get(family, 100)).astype(int)
    rows = rows.assign(alike=alike, family=rows["family"].map(number).astype(int), earlier=-rows["year"].astype(int))
    # This class and year first in each family.
    rows = rows.assign(other=~rows["own"]).sort_values(["family", "other", "earlier", "unit", "item", "field"])
    return rows[list(FAMILY_COLUMNS)].reset_index(drop=True)


def _because(family: pd.DataFrame) -> str:
    units, years = family["unit"].nunique(), family["year"].nunique()
    same = "写得一样" if family["alike"].iloc[0] == 100 else "写得很像"
    if units == 1:
        return f"同一单位{years}个年度{same}，可能照抄往年，也可能做法没有变"
    if units > MOST_COPIERS:
        return f"{units}个单位{same}，多半是统一的口径或模板，也可能互相照抄"
    return f"{units}个单位{same}，可能照抄，也可能共用模板或同一份材料"


def _sentence(rows: pd.DataFrame, read: int, formulaic: int, compared: int, year: int, kind: UnitKind) -> Sentence:
    if not read:
        return Sentence(f"{year}年度{kind.label()}的自评表没有写扣分原因和佐证材料，无从比较文字。")
    said = f"{kind.label()}{year}年度自评表写了{read}段文字；去掉细则原文、数字、标点和套话后，"
    said += f"{formulaic}段剩下不足{LEAST}个字或仍是细则的话，不作比较"
    if rows.empty and not compared:
        return Sentence(said + "；没有可以互相比较的文字，看不出有没有重复。")
    said += f"；其余的同各类单位历年的文字比较了{compared}对，相像度{ALIKE}%以上才列出"
    if rows.empty:
        return Sentence(said + "；没有发现单位之间、年度之间重复的文字。")
    units = rows.groupby("family")["unit"].nunique()
    between, same = int((units > 1).sum()), int((units == 1).sum())
    parts = [f"单位之间重复的{between}组" if between else "", f"本单位年度之间重复的{same}组" if same else ""]
    said += "；" + "，".join(filter(None, parts))
    own = rows[(rows["year"] == year) & (rows["kind"] == kind)]
    named = list(dict.fromkeys(own["unit_name"]))
    said += f"（列出前{MOST_SHOWN}组）" if len(units) > MOST_SHOWN else ""
    return Sentence(f"{said}，涉及{listed(named)}；值得看一看，因为各写各的文字很少这样相像，不过共用模板也会如此。")
