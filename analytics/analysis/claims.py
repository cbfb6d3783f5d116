"""What units wrote in their self-assessments, as they handed it in: one row for each item, with its cell."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

COLUMNS = ("unit", "unit_name", "kind", "year", "item", "no", "item_text", "mark", "reason", "evidence", "cell")
FIELDS = {"reason": "扣分原因", "evidence": "佐证材料"}
TEXT_COLUMNS = ("unit", "unit_name", "kind", "year", "item", "no", "item_text", "cell", "field", "text")


def claims_until(tables: ScoreTables, year: int) -> pd.DataFrame:
    """The claims of all classes up to ``year``, as ``COLUMNS``; empty when no self-assessment was handed in."""
    claims = tables.claims.reindex(columns=list(COLUMNS))
    return claims[claims["year"] <= year]


def class_claims(tables: ScoreTables, year: int, kind: str) -> pd.DataFrame:
    """The claims of one class in one year, as ``COLUMNS``."""
    claims = claims_until(tables, year)
    return claims[(claims["year"] == year) & (claims["kind"] == UnitKind(kind))]


def written_texts(claims: pd.DataFrame) -> pd.DataFrame:
    """Each reason and each piece of evidence that is not blank, as ``TEXT_COLUMNS``; ``field`` as in ``FIELDS``."""
    parts = [claims.rename(columns={field: "text"}).assign(field=field) for field in FIELDS]
    texts = pd.concat(parts, ignore_index=True)[list(TEXT_COLUMNS)]
    texts = texts.assign(text=texts["text"].fillna("").astype(str))
    return texts[texts["text"].str.strip() != ""].reset_index(drop=True)


def legible(text: str) -> str:
    """A text from a file on one line: control characters and runs of blanks become one blank."""
    return " ".join("".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text).split())


def cells_by_sheet(cells: Iterable[str]) -> str:
    """Cells in few words, each sheet named once: 自评表.xlsx › 自评表!F9、F12；现场.xlsx › 记录!G7."""
    sheets: dict[str, dict[str, None]] = {}
    for cell in cells:
        for one in filter(None, cell.split("；")):
            sheet, _, address = one.rpartition("!")
            sheets.setdefault(sheet, {})[address] = None
    return "；".join(f"{sheet}!{'、'.join(found)}" if sheet else "、".join(found) for sheet, found in sheets.items())


def item_number(number: object) -> str:
    """The printed number as it is said in a table: 第3项, blank for an item that the year's rubric does not have."""
    return "" if pd.isna(number) else f"第{number}项"
