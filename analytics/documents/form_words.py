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
    passed: tuple[str, ...] = ("通过", "未通过")

    @classmethod
    def load(cls, lookups: Path) -> FormWords:
        """Our words where ``cell_words.csv`` knows them, else its own first ones."""
        rows = read_table(lookups / "cell_words.csv", "kind", "written", "meaning")
        known = {(row["kind"], row["written"]): row["meaning"] for row in rows}

        def offered(kind: str, usual: tuple[str, ...]) -> tuple[str, ...]:
            states: dict[str, str] = {}
            for (of, word), meaning in known.items():
                if of == kind:
                    states.setdefault(meaning, word)
            return tuple(word for word in usual if (kind, word) in known) or tuple(states.values()) or usual

        usual = cls()
        clean = [word for (kind, word), meaning in known.items() if kind == "fact" and meaning == "clean"]
        return cls(
            usual.clean if usual.clean in clean else (clean or [usual.clean])[0],
            offered("rectified", usual.rectified),
            offered("recheck", usual.passed),
        )


USUAL = FormWords()
