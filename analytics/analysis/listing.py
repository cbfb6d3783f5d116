"""A table to be read: rows of text under a header, shown by a notebook without numbering or markup."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listing:
    """Every cell is text, never markup: much of it was read from files. ``empty`` is said when there are no rows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "（无）"

    @classmethod
    def of(cls, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Listing:
        """The rows with every cell as text."""
        return cls(tuple(header), tuple(tuple(map(str, row)) for row in rows))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        if not self.rows:
            return {"text/plain": self.empty, "text/markdown": self.empty}
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.header)
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows)
        return {
            "text/html": f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>",
            "text/plain": "\n".join("\t".join(row) for row in (self.header, *self.rows)),
        }
