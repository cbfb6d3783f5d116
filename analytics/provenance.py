"""Where a value was read: the file, by its bytes, and the cell in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """A received file, known by the hash of its bytes; ``name`` is its path inside the inbox, with ``/``.

    ``received`` is the ISO date and time in the office's receipt register, or ``""`` when the file is not in it.
    """

    name: str
    sha256: str
    size: int
    received: str = ""


@dataclass(frozen=True, slots=True, order=True)
class CellRef:
    """One cell of one received file. Prints as ``自评表.xlsx › 评分表!F14``."""

    file: str
    sha256: str
    sheet: str
    address: str

    def __str__(self) -> str:
        return f"{self.file} › {self.sheet}!{self.address}"


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """A cell and the text that stood in it when it was read; dates as ISO text, numbers as the shortest decimal."""

    cell: CellRef
    raw: str

    def __str__(self) -> str:
        return f"{self.cell}“{self.raw}”"
