"""What words in cells and headings mean, from ``data/lookups``: the office may add to them without touching code."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from analytics.intake.headings import read_table

Kind = Literal["mark", "figure", "fact", "rectified", "sum", "band", "signature", "counted_in"]
_DASHES = str.maketrans(dict.fromkeys("—–‐‑‒―−﹣－─", "-"))


@dataclass(frozen=True, slots=True)
class Words:
    """``cells``: (kind of cell, folded word) → meaning. ``headings``: (form or ``*``, folded heading) → our name.
    ``decisions``: folded word → kind of decision."""

    cells: Mapping[tuple[str, str], str]
    headings: Mapping[tuple[str, str], str]
    decisions: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path) -> Words:
        """Read ``cell_words.csv``, ``heading_synonyms.csv`` and ``decision_kinds.csv``."""
        cells = read_table(folder / "cell_words.csv", "kind", "written", "meaning")
        headings = read_table(folder / "heading_synonyms.csv", "form", "written", "name")
        decisions = read_table(folder / "decision_kinds.csv", "written", "kind")
        return cls(
            {(row["kind"], _word(row["written"])): row["meaning"] for row in cells},
            {(row["form"], folded(row["written"])): row["name"] for row in headings},
            {folded(row["written"]): row["kind"] for row in decisions},
        )

    def meaning(self, kind: Kind, written: str) -> str | None:
        """What ``written`` means in a cell of that kind; None when the table does not say."""
        return self.cells.get((kind, _word(written)))

    def inside(self, kind: Kind, written: str) -> bool:
        """Whether one of the words of ``kind`` stands anywhere in ``written``."""
        text = folded(written)
        return any(word in text for known, word in self.cells if known == kind)

    def heading(self, form: str, written: str) -> str | None:
        """Our name of a heading or label: exactly, else without a bracket or colon at its end."""
        text = folded(written).lstrip("*").rstrip(":")
        for candidate in (text, text.partition("(")[0]):
            for owner in (form, "*"):
                if name := self.headings.get((owner, candidate)):
                    return name
        return None


@lru_cache(maxsize=16384)
def folded(text: str) -> str:
    """``text`` as it is compared: compatibility forms made alike (NFKC), without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def narrowed(text: str) -> str:
    """``text`` without white space and with full-width signs made narrow; nothing else is changed.

    NFKC as a whole would make 52 of 5² and 1 of ①.
    """
    return "".join(
        unicodedata.normalize("NFKC", c) if unicodedata.decomposition(c).startswith("<wide>") else c
        for c in "".join(text.split())
    )


def one_of(names: Iterable[str]) -> str:
    """The names as a message lists them."""
    return "、".join(dict.fromkeys(names))


def _word(text: str) -> str:
    word = folded(text).upper()
    dashes = word.translate(_DASHES)
    return "--" if len(dashes) > 1 and set(dashes) == {"-"} else dashes if set(dashes) == {"-"} else word
