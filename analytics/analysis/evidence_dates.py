"""Which reasons and evidence carry a date outside the year that is assessed."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.analysis.claims import FIELDS, class_claims, item_number, legible, written_texts
from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, listed, shortened
from analytics.listing import Listing
from analytics.units import UnitKind

if TYPE_CHECKING:
    from analytics.store import ScoreTables

MOST_SHOWN = 30
BECAUSE = {
    "earlier": "日期在考核年度之前，可能是往年的材料，也可能是同往年对比",
    "earlier_document": "文号是往年的，往年的文件可以仍然有效，核对是否当年落实",
    "later": "日期在考核年度之后，可能是笔误，也可能是以后的计划",
    "after_deadline": "日期晚于报送截止日，可能是笔误、事后补的，也可能是安排；逾期报送的另看",
}

# A document number, a date in one of four ways of writing, or a bare year that is no part of a range (2018—2020年).
_MENTION = re.compile(
    r"""
    [〔\[(【](?P<document>20\d\d)[〕\])】]\s*第?\s*\d+\s*号
    | (?<!\d)(?P<y1>20\d\d)\s*年\s*(?P<m1>\d{1,2})\s*月(?:份|\s*(?P<d1>\d{1,2})\s*日?)?
    | (?<!\d)(?P<y2>20\d\d)(?P<sign>[-./])(?P<m2>\d{1,2})(?P=sign)(?P<d2>\d{1,2})(?!\d)
    | (?<!\d)(?P<y3>20\d\d)(?P<m3>0[1-9]|1[0-2])(?P<d3>0[1-9]|[12]\d|3[01])(?!\d)
    | (?<![\d—–~至-])(?P<year>20\d\d)\s*年(?!\s*[\d—–~至-])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A date or a document number in a text: ``day`` is None unless the text names a day that exists."""

    written: str
    year: int
    day: datetime.date | None = None
    document: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceDates:
    """Dates in the reasons and evidence of a class's self-assessments.

    rows: unit, unit_name, item, no, item_text, field (``claims.FIELDS``), text, cell (of the self-mark in whose row the
    text stands), written (the date as it stands in the text), outside (a key of ``BECAUSE``). Only dates outside the
    year or after ``deadline``, in the order of the claims. read: texts; dated: texts with a date or document number.
    """

    year: int
    kind: UnitKind
    deadline: datetime.date | None
    rows: pd.DataFrame
    read: int
    dated: int
    sentence: Sentence

    @property
    def shown(self) -> Listing:
        """The rows as they are printed."""
        rows = (
            (
                row["unit_name"],
                item_number(row["no"]),
                row["written"],
                f"{FIELDS[row['field']]}：{shortened(legible(row['text']), 60)}",
                BECAUSE[row["outside"]],
                row["cell"],
            )
            for row in self.rows.head(MOST_SHOWN).to_dict("records")
        )
        return Listing.of(("单位", "条目", "日期", "原文", "因为", "自评分的单元格（同一行）"), rows)


def evidence_dates(tables: ScoreTables, year: int, kind: str, deadline: datetime.date | None = None) -> EvidenceDates:
    """Dates outside the year; ``deadline``: when reports were due. Refused when the class has no cards in ``year``."""
    class_cards(tables, year, kind)
    texts = written_texts(class_claims(tables, year, kind))
    mentions = {text: tuple(mentions_in(text)) for text in texts["text"].unique()}
    rows = [
        row | {"written": mention.written, "outside": outside}
        for row in texts.to_dict("records")
        for mention in dict.fromkeys(mentions[row["text"]])
        if (outside := outside_of(mention, year, deadline))
    ]
    columns = [name for name in texts.columns if name not in ("kind", "year")]
    frame = pd.DataFrame(rows, columns=[*columns, "written", "outside"])
    dated = sum(bool(mentions[text]) for text in texts["text"])
    said = _sentence(frame, len(texts), dated, year, UnitKind(kind))
    return EvidenceDates(year, UnitKind(kind), deadline, frame, len(texts), dated, said)


def mentions_in(text: str) -> Iterator[Mention]:
    """The dates, years and document numbers that stand in ``text``, full-width digits included."""
    for found in _MENTION.finditer(unicodedata.normalize("NFKC", text)):
        part, written = found.groupdict(), legible(found.group())
        if part["document"]:
            yield Mention(written, int(part["document"]), document=True)
        elif part["year"]:
            yield Mention(written, int(part["year"]))
        else:
            year, month, day = (part[f"{name}1"] or part[f"{name}2"] or part[f"{name}3"] for name in "ymd")
            yield Mention(written, int(year), _day(int(year), int(month), int(day)) if day else None)


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:  # 2月30日: the year still says something
        return None


def outside_of(mention: Mention, year: int, deadline: datetime.date | None) -> str:
    """How a mention lies outside the assessed year, a key of ``BECAUSE``; blank when it does not."""
    if mention.year < year:
        return "earlier_document" if mention.document else "earlier"
    if mention.year > year:
        return "later"
    return "after_deadline" if deadline and mention.day and mention.day > deadline else ""


def _sentence(rows: pd.DataFrame, read: int, dated: int, year: int, kind: UnitKind) -> Sentence:
    if not read:
        return Sentence(f"{year}年度{kind.label()}的自评表没有写扣分原因和佐证材料，没有日期可看。")
    said = f"{kind.label()}{year}年度自评表写了{read}段文字，"
    if not dated:
        return Sentence(said + "没有一段写有日期、年份或文号，无从判断材料是不是这一年的。")
    said += f"其中写有日期、年份或文号的{dated}段"
    if rows.empty:
        return Sentence(said + "；没有发现考核年度以外的日期。")
    documents = int((rows["outside"] == "earlier_document").sum())
    others = rows[rows["outside"] != "earlier_document"]
    if len(others):
        named = list(dict.fromkeys(others["unit_name"]))
        said += f"；{len(others)}处日期在考核年度以外或晚于报送截止日（{listed(named)}），"
        said += "值得看一看，因为材料可能不是这一年的，也可能是笔误、对比或计划"
    if documents:
        said += f"；{documents}处引用往年的文号，往年的文件可以仍然有效"
    said += f"；列出前{MOST_SHOWN}处" if len(rows) > MOST_SHOWN else ""
    return Sentence(said + "。")
