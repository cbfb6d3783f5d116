"""The words that blank forms offer, taken from the office's own table of words, so that they are read back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analytics.intake.headings import read_table


@dataclass(frozen=True, slots=True)
class FormWords:
    """The words that the forms offer, as intake will read them: nothing was found, and how a problem stands."""

    clean: str = "未发现问题"
    rectified: tuple[str, ...] = ("已整改", "整改中", "未整改")

    @classmethod
    def load(cls, lookups: Path) -> FormWords:
        """Our words where ``cell_words.csv`` knows them, else its own first ones."""
        rows = read_table(lookups / "cell_words.csv", "kind", "written", "meaning")
        usual, known = cls(), {(row["kind"], row["written"]): row["meaning"] for row in rows}
        clean = [word for (kind, word), meaning in known.items() if kind == "fact" and meaning == "clean"]
        states: dict[str, str] = {}
        for (kind, word), meaning in known.items():
            if kind == "rectified":
                states.setdefault(meaning, word)
        ours = tuple(word for word in usual.rectified if ("rectified", word) in known)
        return cls(usual.clean if usual.clean in clean else (clean or [usual.clean])[0], ours or tuple(states.values()))


USUAL = FormWords()
