"""What words in cells and headings mean, from ``data/lookups``: the office may add to them without touching code."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from analytics.intake.headings import read_table

CELLS, HEADINGS, DECISIONS = "cell_words.csv", "heading_synonyms.csv", "decision_kinds.csv"
Kind = Literal["mark", "figure", "fact", "rectified", "recheck", "sum", "band", "signature", "counted_in"]
_UNSEEN = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad"  # of no width; signs that turn the direction of writing are not among them
)
_WITHOUT_UNSEEN = str.maketrans(dict.fromkeys(_UNSEEN))
_DASHES = str.maketrans(dict.fromkeys("—–‐‑‒―−﹣－─", "-"))


@dataclass(frozen=True, slots=True)
class Lookup:
    """One line of a table of words: where it stands, whose it is (kind of cell, form), the word and why it is there."""

    table: str
    owner: str
    written: str
    meaning: str
    reason: str


@dataclass(frozen=True, slots=True)
class Words:
    """``cells``: (kind of cell, folded word) → meaning. ``headings``: (form or ``*``, folded heading) → our name.
    ``decisions``: folded word → kind of decision. ``lookups``: the lines these come from. ``matched``: the lines, by
    place in ``lookups``, that some cell has matched so far; whoever reads a year's files may ask which never did."""

    cells: Mapping[tuple[str, str], str]
    headings: Mapping[tuple[str, str], str]
    decisions: Mapping[str, str]
    lookups: Mapping[tuple[str, str, str], Lookup] = field(default_factory=dict, compare=False)
    matched: set[tuple[str, str, str]] = field(default_factory=set, compare=False)

    @classmethod
    def load(cls, folder: Path) -> Words:
        """Read ``cell_words.csv``, ``heading_synonyms.csv`` and ``decision_kinds.csv``."""
        cells = read_table(folder / CELLS, "kind", "written", "meaning")
        headings = read_table(folder / HEADINGS, "form", "written", "name")
        decisions = read_table(folder / DECISIONS, "written", "kind")
        lines = (
            *(((CELLS, row["kind"], _word(row["written"])), row["meaning"], row) for row in cells),
            *(((HEADINGS, row["form"], folded(row["written"])), row["name"], row) for row in headings),
            *(((DECISIONS, "", folded(row["written"])), row["kind"], row) for row in decisions),
        )
        return cls(
            {(row["kind"], _word(row["written"])): row["meaning"] for row in cells},
            {(row["form"], folded(row["written"])): row["name"] for row in headings},
            {folded(row["written"]): row["kind"] for row in decisions},
            {
                key: Lookup(key[0], key[1], row["written"], meaning, row.get("reason", ""))
                for key, meaning, row in lines
            },
        )

    def unmatched(self) -> tuple[Lookup, ...]:
        """The lines of the tables that no cell has matched."""
        return tuple(lookup for key, lookup in self.lookups.items() if key not in self.matched)

    def lookup(self, table: str, owner: str, written: str) -> Lookup | None:
        """The line of a table that says what ``written`` means."""
        return self.lookups.get((table, owner, _word(written) if table == CELLS else folded(written)))

    def meaning(self, kind: Kind, written: str) -> str | None:
        """What ``written`` means in a cell of that kind; None when the table does not say."""
        word = _word(written)
        if (meaning := self.cells.get((kind, word))) is not None:
            self.matched.add((CELLS, kind, word))
        return meaning

    def decision(self, written: str) -> str | None:
        """The kind of decision that ``written`` names; None when the table does not say."""
        word = folded(written)
        if (kind := self.decisions.get(word)) is not None:
            self.matched.add((DECISIONS, "", word))
        return kind

    def inside(self, kind: Kind, written: str) -> bool:
        """Whether one of the words of ``kind`` stands anywhere in ``written``."""
        text = folded(written)
        found = [(CELLS, known, word) for known, word in self.cells if known == kind and word in text]
        self.matched.update(found)
        return bool(found)

    def heading(self, form: str, written: str) -> str | None:
        """Our name of a heading or label: exactly, else without a bracket or colon at its end."""
        text = folded(written).lstrip("*").rstrip(":")
        for candidate in (text, text.partition("(")[0]):
            for owner in (form, "*"):
                if name := self.headings.get((owner, candidate)):
                    self.matched.add((HEADINGS, owner, candidate))
                    return name
        return None


@lru_cache(maxsize=16384)
def folded(text: str) -> str:
    """``text`` as it is compared: compatibility forms made alike (NFKC), without white space and signs of no width."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_WITHOUT_UNSEEN).split())


def narrowed(text: str) -> str:
    """``text`` without white space, without signs of no width at its ends, and with full-width signs made narrow.

    Nothing else is changed: NFKC as a whole would make 52 of 5² and 1 of ①.
    """
    return "".join(
        unicodedata.normalize("NFKC", c) if unicodedata.decomposition(c).startswith("<wide>") else c
        for c in "".join(text.split()).strip(_UNSEEN)
    )


def one_of(names: Iterable[str]) -> str:
    """The names as a message lists them."""
    return "、".join(dict.fromkeys(names))


def _word(text: str) -> str:
    word = folded(text).upper()
    dashes = word.translate(_DASHES)
    return "--" if len(dashes) > 1 and set(dashes) == {"-"} else dashes if set(dashes) == {"-"} else word
