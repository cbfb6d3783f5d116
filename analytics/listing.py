"""A table to be read: rows of text under a header, shown by a notebook without numbering or markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"[+\-−]?\d+(\.\d+)?%?|")


@dataclass(frozen=True, slots=True)
class Listing:
    """Every cell is text, never markup: much of it was read from files. ``empty`` is said when there are no rows.

    ``caption`` stands above the table, ``notes`` below it, a paragraph each.

    >>> Listing.of(("单位", "总分"), [("长寿路街道", "90.15")], caption="2020年度").rows
    (('长寿路街道', '90.15'),)
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "（无）"
    caption: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        header: Sequence[str],
        rows: Iterable[Sequence[object]],
        caption: str = "",
        notes: Iterable[str] = (),
        empty: str = "（无）",
    ) -> Listing:
        """The rows with every cell as text."""
        texts = tuple(tuple(map(str, row)) for row in rows)
        return cls(tuple(header), texts, empty, caption, tuple(filter(None, notes)))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        if not self.rows:
            said = "\n\n".join(filter(None, [self.caption, self.empty, *self.notes]))
            return {"text/plain": said, "text/markdown": said}
        plain = ["\t".join(row) for row in (self.header, *self.rows)]
        return {
            "text/html": self._html(),
            "text/plain": "\n".join([*filter(None, [self.caption]), *plain, *self.notes]),
        }

    def _html(self) -> str:
        # Said in the cells: JupyterLab sets every cell to the right, which only suits numbers.
        sides = [_side([row[place] for row in self.rows]) for place in range(len(self.header))]
        head = "".join(_cell("th", *pair) for pair in zip(self.header, sides, strict=True))
        body = "".join(
            f"<tr>{''.join(_cell('td', *pair) for pair in zip(row, sides, strict=True))}</tr>" for row in self.rows
        )
        above = f"<p>{html.escape(self.caption)}</p>" if self.caption else ""
        below = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return f"{above}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"


def _cell(tag: str, text: str, side: str) -> str:
    return f'<{tag} style="text-align:{side}">{html.escape(text)}</{tag}>'


def _side(column: Sequence[str]) -> str:
    """The side that a column keeps to: right when it holds nothing but numbers."""
    numbers = any(column) and all(_NUMBER.fullmatch(text) for text in column)
    return "right" if numbers else "left"
