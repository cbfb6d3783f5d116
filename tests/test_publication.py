"""The year's folder: what its workbooks and its index page say, and that every file is whole."""

from __future__ import annotations

import csv
import datetime
import errno
import io
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import made_up
import openpyxl
import pandas as pd
import pytest

from analytics import scoring
from analytics.documents import publication
from analytics.documents.index_page import brief_folder
from analytics.documents.performance import compose_performance_rows
from analytics.documents.publication import publish_year
from analytics.documents.render.delimited import render_csv
from analytics.documents.standing import class_standings
from analytics.policy import YearRules
from analytics.problems import Problem, Refused
from analytics.provenance import CellRef, SourceFile
from analytics.records import Decision, Submission
from analytics.store import PrintedSetting, ScoredYear
from analytics.units import Unit, UnitRegistry
from analytics.workspace import Workspace

RULE = {"kind": "per_occurrence", "id": "1", "on": "每处", "points": "1", "cap": "4"}
LEADERS = ("leaders.pptx", "leaders.pdf", "notice.docx")
HOSTILE = '<img src=x onerror="alert(1)">=1+1'
RULES = YearRules(
    year=2020,
    policy=made_up.policy(),
    rubrics=(made_up.rubric([{"full_marks": 60, "rules": [RULE]}, {"full_marks": 40, "rules": [RULE]}]),),
)
UNITS = tuple(made_up.street(n) for n in (1, 2, 3))
REGISTRY = UnitRegistry(UNITS, area="示例区")


@dataclass(frozen=True)
class Tables:
    cards: pd.DataFrame
    items: pd.DataFrame
    findings: pd.DataFrame


@dataclass(frozen=True)
class Received:
    submissions: tuple[Submission, ...] = ()
    missing: tuple[Unit, ...] = ()
    year: int = 2020
    synthetic: bool = True
    problems: tuple[Problem, ...] = ()
    decisions: tuple[Decision, ...] = ()
    unmatched: tuple[object, ...] = ()

    @property
    def open_rejections(self) -> tuple[Submission, ...]:
        return tuple(s for s in self.submissions if s.outcome == "rejected")


@dataclass(frozen=True)
class Chart:
    name: str = "总分"
    title: str = "街道镇总分"
    alt: str = "三个街道的总分"
    svg: bytes = b"<svg/>"
    png: bytes = b"png"


def tables(*last_year: tuple[str, float], full_marks: float = 60) -> Tables:
    """Last year's totals by unit; last year's first item had ``full_marks``."""
    cards = pd.DataFrame(last_year, columns=["unit", "total"]).assign(year=2019)
    now = pd.DataFrame({"unit": [unit.id for unit in UNITS], "year": 2020, "total": float("nan")})
    cards = pd.concat([frame for frame in (cards, now) if len(frame)]).assign(kind="street_town")
    asked = [(2020, "item.1", 60.0), (2020, "item.2", 40.0)]
    if last_year:
        asked += [(2019, "item.1", full_marks), (2019, "item.2", 40.0)]
    names = ["year", "item", "full_marks"]
    items = pd.DataFrame(asked, columns=names).assign(kind="street_town", text="事项", formerly="")
    items["no"] = items["item"].str.removeprefix("item.")
    return Tables(cards, items, pd.DataFrame([PROBLEM | one for one in PROBLEMS]))


PROBLEM: dict[str, Any] = {
    "unit": "ST01", "unit_name": "街道1", "year": 2020, "item": "item.1", "channel": "onsite", "rule": "1",
    "text": "台账不全", "group": "第一组", "date": datetime.date(2020, 10, 20), "deadline": datetime.date(2020, 11, 1),
    "person": "甲（示例）", "closed": None, "passed": None, "rechecked": None, "said": "", "action": "",
    "cell": "现场.xlsx › 表!G14",
}  # fmt: skip
PROBLEMS: list[dict[str, Any]] = [
    {"closed": True, "said": "已整改"},
    {"closed": True, "said": "已整改", "passed": False, "rechecked": datetime.date(2020, 11, 12)},
    {"unit": "ST02", "unit_name": "街道2", "text": HOSTILE[::-1], "person": "=1+1", "deadline": None},
    {"rule": "", "text": "未发现问题"},
]


def scored() -> ScoredYear:
    """ST01 lost a point on site and 2 by decision, ST02 marked itself 89.996, ST03 left an item open."""
    seen = (
        made_up.self_mark(60), made_up.self_mark(40, "item.2"), made_up.finding("1", 1, row=14),
        made_up.self_mark("49.996", unit="ST02", reason=HOSTILE), made_up.self_mark(40, "item.2", unit="ST02"),
        made_up.self_mark(50, unit="ST03"), made_up.self_mark(None, "item.2", unit="ST03"),
    )  # fmt: skip
    taken = (made_up.decision("review", 38, "item.2"),)
    cards = scoring.score_year(RULES, REGISTRY, seen, taken)
    settings = (PrintedSetting("grades", "90分以上为优秀", "assumed"), PrintedSetting("cap", "满分100", "notice §1"))
    return ScoredYear(
        2020, cards, seen, taken, settings=settings, synthetic=True, code_version="0.1", run_id="0001", sha256="ab" * 32
    )


def received(*more: Submission, missing: tuple[Unit, ...] = ()) -> Received:
    return Received((submission("自评表/甲.xlsx"), *more), missing)


def submission(name: str, unit: str = "ST01", **changed: Any) -> Submission:
    source = SourceFile(name, "c" * 64, 10, changed.pop("received", "2020-10-28T09:00:00"))
    return Submission(source, changed.pop("outcome", "accepted"), 2020, "self_assessment", unit, **changed)


REFUSED = submission(
    "自评表/乙.xlsx",
    "ST02",
    outcome="rejected",
    problems=(
        Problem(
            "rubric-total-wrong",
            "stop",
            at=CellRef("自评表/乙.xlsx", "c" * 64, "评分表", "F14"),
            facts={"place": "合计", "found": "101", "expected": "100"},
        ),
    ),
)


@pytest.fixture(autouse=True)
def _charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the leaders get is tested with the deck and the notice; here it is one chart and three files."""

    def leaders(*told: Any) -> tuple[tuple[Any, ...], tuple[Path, ...]]:
        charts: Any = (Chart(),)
        written = publication.write_charts(charts, told[-1] / "charts")
        return charts, (*written, *(publication._put(told[-1] / name, b"") for name in LEADERS))

    monkeypatch.setattr(publication, "publish_leaders", leaders)


def published(
    folder: Path,
    intake: Received | None = None,
    last_year: Tables | None = None,
    year: ScoredYear | None = None,
    language: str = "zh",
) -> tuple[Path, ...]:
    arguments: Any = (Workspace(folder), year or scored(), intake or received(), last_year or tables())
    return publish_year(*arguments, RULES, REGISTRY, folder, language)  # type: ignore[arg-type]


def sheet(file: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a sheet by heading."""
    rows = list(openpyxl.load_workbook(file)[name].iter_rows(min_row=4, values_only=True))
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


class Page(HTMLParser):
    """What a browser would fetch or follow, and the headings."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.text = file.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")
        if tag == "img":
            self.pictures.append(dict(attrs))


def test_the_folder_holds_charts_workbooks_and_index(tmp_path: Path) -> None:
    written = published(tmp_path / "报告 2020")
    names = [path.relative_to(tmp_path / "报告 2020").as_posix() for path in written]
    books = (
        "scores.xlsx", "performance.xlsx", "performance.csv", "rectification.csv", "intake.xlsx", "intake.html",
    )  # fmt: skip
    assert names == ["charts/总分.svg", "charts/总分.png", *LEADERS, *books, "index.html"]
    assert {p for p in (tmp_path / "报告 2020").rglob("*") if p.is_file()} == set(written)


def test_publishing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in published(tmp_path)]
    assert first == [path.read_bytes() for path in published(tmp_path)]


def test_totals_are_those_of_the_cards_in_the_order_of_rank(tmp_path: Path) -> None:
    published(tmp_path, last_year=tables(("ST01", 95.504), ("ST03", 80.0)))
    rows = sheet(tmp_path / "scores.xlsx", "总表")
    shown = [(r["单位"], r["名次"], r["总分"], r["等级"], r["比上年"], r["自评合计"], r["状态"]) for r in rows]
    assert shown == [
        ("街道1", 1, 97, "优秀", 1.5, 100, "已定"),
        ("街道2", 2, 89.996, "良好", None, 89.996, "已定"),
        ("街道3", None, None, "待裁定", None, None, "待裁定：第2项"),
    ]


def test_a_deduction_leads_to_its_cell_and_to_who_decided(tmp_path: Path) -> None:
    published(tmp_path)
    onsite, decided = [r for r in sheet(tmp_path / "scores.xlsx", "扣分明细") if r["单位"] == "街道1"]
    place = [onsite[name] for name in ("扣分", "来源", "来源文件", "工作表", "单元格", "裁定号")]
    assert place == [1, "现场巡查", "现场.xlsx", "表", "G14", None]
    assert (decided["扣分"], decided["裁定号"], decided["裁定人"]) == (2, "D1", "裁定人（示例）")


def test_cells_of_one_sheet_stand_on_one_line(tmp_path: Path) -> None:
    year = scored()
    card, mark = year.cards[0], year.cards[0].marks[0]
    loss = replace(
        mark.losses[0], readings=(made_up.reading(3), made_up.reading(4), made_up.reading(9, file="台账.xlsx"))
    )
    changed = replace(card, marks=(replace(mark, losses=(loss,)), *card.marks[1:]))
    published(tmp_path, year=replace(year, cards=(changed, *year.cards[1:])))
    row = sheet(tmp_path / "scores.xlsx", "扣分明细")[0]
    assert [row[name] for name in ("来源文件", "工作表", "单元格")] == ["现场.xlsx\n台账.xlsx", "表\n表", "G3、G4\nG9"]


def test_deductions_add_up_to_what_each_item_lost(tmp_path: Path) -> None:
    published(tmp_path)
    lost = sum(Decimal(str(r["扣分"])) for r in sheet(tmp_path / "scores.xlsx", "扣分明细") if r["单位"] == "街道2")
    kept = sum(Decimal(str(r["得分"])) for r in sheet(tmp_path / "scores.xlsx", "逐项得分") if r["单位"] == "街道2")
    assert lost + kept == 100


def test_a_theme_with_an_undecided_item_has_no_rate(tmp_path: Path) -> None:
    published(tmp_path)
    rates = {r["单位"]: (r["得分"], r["得分率"]) for r in sheet(tmp_path / "scores.xlsx", "一级指标")}
    assert rates == {"街道1": (97, 0.97), "街道2": (89.996, 0.89996), "街道3": (None, None)}


def test_the_ledger_has_a_row_for_each_problem_with_state_day_and_cell(tmp_path: Path) -> None:
    published(tmp_path)
    rows = sheet(tmp_path / "scores.xlsx", "整改台账")
    names = ("单位", "条款", "整改情况", "复查结果", "状态", "逾期", "单元格")
    cell = "现场.xlsx › 表!G14"
    assert [[row[name] for name in names] for row in rows] == [
        ["街道1", "1（1）", "已整改", None, "已销号", None, cell],
        ["街道1", "1（1）", "已整改", "未通过", "未整改", "逾期", cell],
        ["街道2", "1（1）", None, None, "未写明", None, cell],
    ]
    page = openpyxl.load_workbook(tmp_path / "scores.xlsx")["整改台账"]
    assert str(page["A3"].value).startswith("共3个：已销号1个，未销号2个（未整改1个，未写明1个）；截至2020-11-12")
    assert page.auto_filter.ref == "A4:R7"


def test_the_ledger_as_csv_opens_in_excel_says_what_it_is_and_holds_no_formula(tmp_path: Path) -> None:
    published(tmp_path)
    content = (tmp_path / "rectification.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["状态"] for row in rows] == ["已销号", "未整改", "未写明"]
    assert [row["责任人"] for row in rows] == ["甲（示例）", "甲（示例）", "'=1+1"]
    assert [row["整改期限"] for row in rows] == ["2020-11-01", "2020-11-01", ""]
    assert {row["数据"] for row in rows} == {"合成示例数据，非真实考核结果；示范细则（非正式文件）"}


def test_the_index_counts_problems_by_unit_and_the_sums_add_up(tmp_path: Path) -> None:
    published(tmp_path)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    table = text.partition('<table class="counts ledger">')[2].partition("</table>")[0]
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", line) for line in table.split("<tr")[2:]]
    assert rows == [
        ["街道1", "2", "1", "1", "1", "0", "1", "0"],
        ["街道2", "1", "0", "1", "0", "1", "0", "0"],
        ["街道镇合计", "3", "1", "2", "1", "1", "1", "0"],
        ["合计", "3", "1", "2", "1", "1", "1", "0"],
    ]
    assert "rectification.csv" in Page(tmp_path / "index.html").links


def test_a_year_without_problems_has_an_empty_ledger_and_no_table_of_it(tmp_path: Path) -> None:
    bare = tables()
    published(tmp_path, last_year=replace(bare, findings=bare.findings.iloc[3:]))
    assert "ledger" not in (tmp_path / "index.html").read_text(encoding="utf-8").partition("<body>")[2]
    assert openpyxl.load_workbook(tmp_path / "scores.xlsx")["整改台账"]["A3"].value == "无。"


def test_every_assumed_setting_is_said_to_be_assumed(tmp_path: Path) -> None:
    published(tmp_path)
    sources = {r["内容"]: r["依据"] for r in sheet(tmp_path / "scores.xlsx", "说明")}
    assert (sources["90分以上为优秀"], sources["满分100"]) == ("假定，通知未规定", "通知§1")


def test_every_sheet_and_the_page_say_that_the_data_are_made_up(tmp_path: Path) -> None:
    published(tmp_path)
    for name in ("scores.xlsx", "intake.xlsx"):
        for page in openpyxl.load_workbook(tmp_path / name).worksheets:
            assert page["A2"].value == "合成示例数据，非真实考核结果；示范细则（非正式文件）"
    assert "合成示例数据" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_every_received_file_has_one_row(tmp_path: Path) -> None:
    old = submission("自评表/甲（旧）.xlsx", superseded_by="自评表/甲.xlsx")
    litter = Submission(SourceFile("~$甲.xlsx", "d" * 64, 1), "ignored", 2020)
    published(tmp_path, received(REFUSED, old, litter))
    rows = sheet(tmp_path / "intake.xlsx", "收件情况")
    assert {r["文件"]: r["处理结果"] for r in rows} == {
        "~$甲.xlsx": "不处理", "自评表/乙.xlsx": "退回", "自评表/甲.xlsx": "收下", "自评表/甲（旧）.xlsx": "收下",
    }  # fmt: skip
    assert len(rows) == 4
    assert rows[-1]["被此文件取代"] == "自评表/甲.xlsx"


def test_a_problem_says_where_and_what_to_do(tmp_path: Path) -> None:
    published(tmp_path, received(REFUSED, missing=(UNITS[1],)))
    (row,) = sheet(tmp_path / "intake.xlsx", "问题清单")
    assert [row[n] for n in ("文件", "工作表", "单元格", "后果", "发现", "应为")] == [
        "自评表/乙.xlsx", "评分表", "F14", "退回整份文件", "101", "100",
    ]  # fmt: skip
    assert row["说明和处理办法"].startswith("“合计”各项分值合计为101分")
    (missing,) = sheet(tmp_path / "intake.xlsx", "未交单位")
    assert (missing["单位"], missing["退回的文件"]) == ("街道2", "自评表/乙.xlsx")


def test_unread_cells_are_listed(tmp_path: Path) -> None:
    cell = CellRef("自评表/丙.xlsx", "c" * 64, "评分表", "J3")
    published(tmp_path, received(submission("自评表/丙.xlsx", "ST03", unread=(cell,))))
    (row,) = sheet(tmp_path / "intake.xlsx", "未读单元格")
    assert list(row.values()) == ["自评表/丙.xlsx", "街道3", "评分表", "J3"]


def test_every_link_of_the_page_is_relative_and_leads_to_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "报告 100%#1"
    for unit in UNITS[:2]:
        for suffix in ("html", "pdf", "docx"):
            file = folder / brief_folder(unit) / f"brief.{suffix}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    published(folder)
    page = Page(folder / "index.html")
    links = [link for link in page.links if not link.startswith("#")]
    # briefs, workbooks, the export and the intake report, leaders' files, ledger, chart
    assert len(links) == 2 * 3 + 5 + 3 + 2 + 1
    for link in [*links, *(str(picture["src"]) for picture in page.pictures)]:
        assert re.fullmatch(r"[A-Za-z0-9%._/~-]+", link)
        assert (folder / unquote(link)).is_file()
    assert [picture["alt"] for picture in page.pictures] == ["三个街道的总分"]


def test_a_brief_that_is_not_made_yet_is_not_linked(tmp_path: Path) -> None:
    published(tmp_path)
    assert not [link for link in Page(tmp_path / "index.html").links if "briefs" in link]


def test_an_analysis_page_is_called_by_its_first_heading(tmp_path: Path) -> None:
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis/30_trends.html").touch()
    (tmp_path / "analysis/30_trends.ipynb").write_text(
        '{"cells": [{"cell_type": "markdown", "source": ["# 三年来的变化\\n", "x"]}]}', encoding="utf-8"
    )
    published(tmp_path)
    assert '<a href="analysis/30_trends.html">三年来的变化</a>' in Page(tmp_path / "index.html").text


def test_the_page_fetches_nothing_and_runs_nothing(tmp_path: Path) -> None:
    year = scored()
    first = year.cards[0]
    loud = replace(year, settings=(PrintedSetting("x", HOSTILE, "assumed"),), cards=(replace(first), *year.cards[1:]))
    published(tmp_path, year=loud)
    page = Page(tmp_path / "index.html")
    assert "default-src 'none'" in page.text
    assert not re.search(r"https?:|//[a-z]|@import|url\(", page.text)
    assert "script" not in page.tags
    assert len(page.pictures) == 1
    assert "&lt;img src=x" in page.text
    assert page.tags.count("h1") == 1
    assert '<html lang="zh-CN">' in page.text


def test_the_page_says_who_is_undecided_missing_refused_and_late(tmp_path: Path) -> None:
    facts = {"found": "2020-11-03 09:00", "expected": "2020-10-31", "days": "3"}
    late = submission("自评表/丙.xlsx", "ST03", problems=(Problem("received-late", "note", facts=facts),))
    published(tmp_path, received(REFUSED, late, missing=(UNITS[1],)))
    text = re.sub(r"<[^>]+>", " ", Page(tmp_path / "index.html").text)
    assert "第2项自评分未能认定" in text
    assert "自评表逾期3天，未裁定" in text
    assert re.search(r"未交自评表（1）\s+街道2", text)
    assert re.search(r"自评表/乙.xlsx\s+评分表!F14：“合计”", text)


def test_totals_of_different_rubrics_are_said_to_be_for_orientation(tmp_path: Path) -> None:
    published(tmp_path, last_year=tables(("ST01", 95.0)))
    assert "两年细则不同" not in Page(tmp_path / "index.html").text
    published(tmp_path, last_year=tables(("ST01", 95.0), full_marks=50))
    assert "两年细则不同" in Page(tmp_path / "index.html").text


def test_a_file_that_is_open_elsewhere_stays_and_the_user_is_told_to_close_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(tmp_path)
    before = (tmp_path / "scores.xlsx").read_bytes()
    move = Path.replace

    def locked(self: Path, target: Path) -> Path:
        if target.name == "scores.xlsx":
            raise PermissionError(errno.EACCES, "open in Excel")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(Refused, match="请先关闭") as refused:
        published(tmp_path, year=replace(scored(), run_id="0002"))
    assert refused.value.problems[0].code == "output-open"
    assert (tmp_path / "scores.xlsx").read_bytes() == before
    assert not list(tmp_path.rglob("*.part"))


def test_a_full_disk_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Refused, match="磁盘空间不足"):
        published(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_english_is_asked_for_by_language(tmp_path: Path) -> None:
    published(tmp_path, language="en")
    workbook = openpyxl.load_workbook(io.BytesIO((tmp_path / "scores.xlsx").read_bytes()))
    assert workbook.sheetnames == [
        "Totals", "Themes", "Items", "Deductions", "Steps and vetoes", "Rectification", "Decisions",
        "Assumptions", "Basis",
    ]  # fmt: skip
    page = Page(tmp_path / "index.html")
    assert '<html lang="en">' in page.text
    assert "Streets and towns" in page.text


def test_a_date_in_the_register_is_a_date_in_the_workbook(tmp_path: Path) -> None:
    published(tmp_path)
    (row,) = sheet(tmp_path / "scores.xlsx", "裁定")
    assert (row["种类"], row["项"], row["日期"]) == ("复核", 2, datetime.datetime(2020, 11, 20))


def exported(folder: Path) -> list[dict[str, str]]:
    with (folder / "performance.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_export_says_what_the_record_says_and_no_number_that_is_open(tmp_path: Path) -> None:
    published(tmp_path)
    year = scored()
    cards = {card.unit: card for card in year.cards}
    rows = exported(tmp_path)
    assert [row["单位"] for row in rows] == ["街道1", "街道2", "街道3"]
    for row in rows:
        card = cards[row["编号"]]
        assert row["总分"] == ("" if card.total is None else f"{RULES.policy.shown(card.total):f}")
        assert row["等级"] == (card.grade or "")
        assert row["待裁定"] == ("是" if card.rank_span[0] != card.rank_span[1] or card.total is None else "否")
        assert (row["计分批次"], row["记录SHA-256"]) == (year.run_id, year.sha256)
        assert (row["细则SHA-256"], row["计分办法SHA-256"]) == (card.rubric_sha256, RULES.policy.sha256)
        assert row["数据性质"] == "合成示例数据，非真实考核结果；示范细则（非正式文件）"
    assert rows[2]["总分"] == rows[2]["名次"] == rows[2]["等级"] == ""


def test_the_exports_two_files_hold_the_same_table(tmp_path: Path) -> None:
    published(tmp_path)
    book = openpyxl.load_workbook(tmp_path / "performance.xlsx")
    assert book.sheetnames == ["移交表", "来源"]
    table = [[cell.value for cell in row] for row in book["移交表"].iter_rows(min_row=4)]
    rows = exported(tmp_path)
    assert table[0] == list(rows[0])[: len(table[0])]
    for drawn, row in zip(table[1:], rows, strict=True):
        for heading, value in zip(table[0], drawn, strict=True):
            written = row[str(heading)]
            if isinstance(value, int | float):
                assert float(written) == value
            else:
                assert written == (value or "")


def test_without_a_conversion_the_export_has_no_such_column_and_says_so(tmp_path: Path) -> None:
    published(tmp_path)
    assert "折算分" not in exported(tmp_path)[0]
    note = openpyxl.load_workbook(tmp_path / "performance.xlsx")["移交表"]["A3"].value
    assert str(note).startswith("政策未规定折算")


def test_a_hostile_name_is_no_formula_in_the_export(tmp_path: Path) -> None:
    hostile = UNITS[0].model_copy(update={"name": '=HYPERLINK("x")', "official": "\t+1", "aliases": ()})
    table = compose_performance_rows(
        scored(), class_standings(scored(), tables(), RULES, UnitRegistry((hostile, *UNITS[1:]))), RULES
    )
    content = render_csv(table)
    assert content.startswith(b"\xef\xbb\xbf")
    fields = [field for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for field in row]
    assert '\'=HYPERLINK("x")' in fields
    assert not [field for field in fields if field.strip()[:1] in set("=+-@")]
