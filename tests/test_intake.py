"""From an inbox to what counts: outcomes, versions, receipts, lateness."""

from __future__ import annotations

import datetime
import io
import json
import random
import re
import shutil
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
import workbooks
from readings import MARKS, REGISTRY, RULES, WORKSPACE, Read, one, received
from workbooks import MARKS as MARKS_WRITTEN
from workbooks import assessment, saved, with_cell

from analytics.documents.intake_page import compose_intake_page
from analytics.documents.intake_workbook import compose_intake
from analytics.documents.render.intake_page import draw_intake
from analytics.documents.render.xlsx import render_xlsx
from analytics.intake import check_paths, receive
from analytics.intake.headings import Headings
from analytics.intake.returns import write_returns
from analytics.intake.words import Words
from analytics.policy import YearRules
from analytics.problems import Refused
from analytics.records import Observation
from analytics.units import UnitRegistry
from analytics.workspace import REPOSITORY, Inbox, Workspace


def test_every_file_ends_in_exactly_one_outcome(tmp_path: Path) -> None:
    book = assessment()  # built once: a copy has the same bytes
    intake = received(
        tmp_path,
        {
            "自评/甘泉.xlsx": book,
            "自评/石泉.xlsx": with_cell(assessment("石泉路街道"), "F7", None),
            "自评/环境.xlsx": assessment("区生态环境局"),
            "自评/甘泉（副本）.xlsx": book,
            "~$甘泉.xlsx": b"x",
            "Thumbs.db": b"x",
            "README.txt": b"x",
            "扫描件.pdf": b"%PDF-1.4",
            "空.xlsx": b"",
        },
    )
    counts = intake.as_json()["counts"]
    assert counts == {"accepted": 1, "accepted_with_warning": 1, "rejected": 3, "ignored": 4}
    assert sum(counts.values()) == len(list((tmp_path / "收件").rglob("*.*")))
    assert {s.source.name for s in intake.open_rejections} == {"自评/环境.xlsx", "扫描件.pdf", "空.xlsx"}
    assert [unit.id for unit in intake.missing] == ["SR05"]
    assert "区生态环境局" in intake.problems[-4].message() + intake.problems[-3].message()


def test_a_rejected_file_leaves_nothing_behind(tmp_path: Path) -> None:
    with_both = received(
        tmp_path, {"好.xlsx": assessment(), "坏.xlsx": workbooks.without_row(assessment("石泉路街道"), 7)}
    )
    bad = one(with_both, "坏.xlsx")
    assert (bad.outcome, bad.unit, bad.observations, bad.printed_total) == ("rejected", "ST05", (), None)
    assert {observation.unit for observation in with_both.observations} == {"ST04"}
    (entry,) = [file for file in with_both.as_json()["files"] if file["file"] == "坏.xlsx"]
    assert (entry["imported"], entry["values"], entry["total"]) == (0, {}, None)


def test_the_inbox_is_never_written_to(tmp_path: Path) -> None:
    received(tmp_path, {"甘泉.xlsx": assessment(), "坏.xlsx": b"PK\x03\x04"})
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted((tmp_path / "收件").rglob("*"))}
    received(tmp_path, {})
    assert {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted((tmp_path / "收件").rglob("*"))
    } == before


def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "外面.xlsx"
    outside.write_bytes(saved(assessment()))
    (tmp_path / "收件").mkdir()
    (tmp_path / "收件" / "链接.xlsx").symlink_to(outside)
    (tmp_path / "收件" / "文件夹").symlink_to(tmp_path)
    intake = received(tmp_path, {})
    assert {s.outcome for s in intake.submissions} == {"ignored"}
    assert [s.problems[0].code for s in intake.submissions] == ["link-ignored", "link-ignored"]


def test_file_names_and_their_order_do_not_matter(tmp_path: Path) -> None:
    books = [
        assessment(),
        assessment("石泉路街道"),
        workbooks.pledge(),
        workbooks.decisions(
            [["D-01", "甘泉路街道", "不涉及", 2, None, None, None, "无此职责", "裁定人（示例）", "2020-11-09"]]
        ),
    ]
    records = set()
    for attempt in range(3):
        names = [f"{number}.xlsx" for number in range(4)]
        random.Random(attempt).shuffle(names)
        intake = received(tmp_path / str(attempt), dict(zip(names, books, strict=True)))
        facts = sorted((o.unit, o.channel, o.item, o.measure, o.value, o.reading.raw) for o in intake.observations)
        records.add(repr((facts, sorted(decision.id for decision in intake.decisions))))
    assert len(records) == 1


def test_of_two_versions_the_later_by_the_register_counts(tmp_path: Path) -> None:
    intake = received(
        tmp_path,
        {
            "b.xlsx": assessment(),
            "a.xlsx": with_cell(assessment(), "F6", 4),
            "登记.xlsx": workbooks.receipts([("b.xlsx", "2020.10.28", "9:00"), ("a.xlsx", "2020.10.28", "下午4:30")]),
        },
    )
    old, new = one(intake, "b.xlsx"), one(intake, "a.xlsx")
    assert (old.superseded_by, new.superseded_by) == ("a.xlsx", "")
    assert new.source.received == "2020-10-28T16:30:00"
    assert {o.value for o in intake.observations if o.item == "item.1"} == {Decimal(4)}
    assert "version-superseded" in [problem.code for problem in old.problems]


def test_a_rejected_later_version_does_not_count(tmp_path: Path) -> None:
    broken = workbooks.without_row(assessment(date=datetime.date(2020, 10, 30)), 7)
    intake = received(tmp_path, {"1.xlsx": assessment(), "2.xlsx": broken})
    assert one(intake, "1.xlsx").counts
    assert len(intake.observations) == 4


def test_a_rejection_is_closed_by_a_later_valid_version(tmp_path: Path) -> None:
    broken = workbooks.without_row(assessment(), 7)
    register = workbooks.receipts([("1.xlsx", "2020-10-27", None), ("2.xlsx", "2020-10-29", None)])
    assert received(tmp_path, {"1.xlsx": broken, "2.xlsx": assessment(), "r.xlsx": register}).open_rejections == ()


def test_two_versions_of_the_same_moment_are_told(tmp_path: Path) -> None:
    intake = received(tmp_path, {"1.xlsx": assessment(), "2.xlsx": with_cell(assessment(), "F6", 4)})
    assert "version-order-unclear" in [problem.code for problem in one(intake, "2.xlsx").problems]


def test_lateness_is_by_the_register_and_only_recorded(tmp_path: Path) -> None:
    files = {
        "甘泉.xlsx": assessment(date="2020-10-28"),
        "登记.xlsx": workbooks.receipts([("甘泉.xlsx", 20201102, None)]),
    }
    late = one(received(tmp_path, files), "甘泉.xlsx")
    (problem,) = late.problems
    assert (problem.code, problem.severity, problem.facts["days"]) == ("received-late", "note", "2")
    assert [o.value for o in late.observations] == list(MARKS.values())


def test_a_deadline_on_a_saturday_moves_only_when_the_policy_says_so(tmp_path: Path) -> None:
    moved = {"deadline": "2020-10-31", "points_per_day": 1, "most": 5, "weekend_moves_to_monday": True}
    files = {"甘泉.xlsx": assessment(), "登记.xlsx": workbooks.receipts([("甘泉.xlsx", "2020-11-02", "8:00")])}
    intake = received(tmp_path, files, workbooks.rules(submission=moved))
    assert one(intake, "甘泉.xlsx").problems == ()


def test_receipts_and_files_that_do_not_meet_are_told(tmp_path: Path) -> None:
    register = workbooks.receipts([("没有.xlsx", "2020-10-28", None), ("子\\甘泉.xlsx", "2020-10-28", None)])
    intake = received(
        tmp_path, {"子/甘泉.xlsx": assessment(), "石泉.xlsx": assessment("石泉路街道"), "登记.xlsx": register}
    )
    assert [problem.code for problem in one(intake, "登记.xlsx").problems] == ["receipt-without-file"]
    assert [problem.code for problem in one(intake, "石泉.xlsx").problems] == ["receipt-missing"]
    assert one(intake, "子/甘泉.xlsx").source.received == "2020-10-28T00:00:00"


def test_a_file_named_after_another_unit_is_told(tmp_path: Path) -> None:
    intake = received(tmp_path, {"石泉路街道自评表.xlsx": assessment(), "甘泉街道.xlsx": workbooks.pledge()})
    assert [problem.code for problem in one(intake, "石泉路街道自评表.xlsx").problems] == ["file-names-other-unit"]
    assert one(intake, "甘泉街道.xlsx").problems == ()


def test_two_campaigns_stand_side_by_side(tmp_path: Path) -> None:
    rows = [["甘泉路街道", "2020-06-12", 1, "缺记录", "（1）", 2]]
    intake = received(
        tmp_path, {"1.xlsx": workbooks.special(rows), "2.xlsx": workbooks.special(rows, "进博会专项督查")}
    )
    assert sorted(o.group for o in intake.observations) == ["汛期专项督查", "进博会专项督查"]


def test_json_has_what_was_agreed(tmp_path: Path) -> None:
    book = with_cell(with_cell(assessment(), "F7", "不涉及"), "G7", "无此职责")
    said = json.loads(json.dumps(received(tmp_path, {"甘泉.xlsx": book}).as_json(), ensure_ascii=False))
    assert (said["year"], said["counts"]["accepted_with_warning"]) == (2020, 1)
    (file,) = said["files"]
    assert (file["unit"], file["unit_name"], file["form"], file["date"]) == (
        "ST04", "甘泉路街道", "self_assessment", "2020-10-28",
    )  # fmt: skip
    assert file["values"] == {"1": "5", "2": None, "3": "6", "4": "4"}
    assert (file["undecided"], file["imported"], file["total"], file["reasons"]) == (["2"], 3, None, {"2": "无此职责"})
    problem = next(problem for problem in file["problems"] if problem["severity"] == "skip")
    assert (problem["code"], problem["cell"], problem["found"]) == ("value-not-applicable", "F7", "不涉及")
    assert set(problem) == {"code", "severity", "file", "sheet", "cell", "found", "expected", "message"}


def test_single_files_are_checked_where_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "甘泉.xlsx"
    path.write_bytes(saved(with_cell(assessment(), "F7", 9)))
    intake = check_paths(WORKSPACE, REGISTRY, RULES, [path, tmp_path / "没有.xlsx"])
    assert [s.outcome for s in intake.submissions] == ["accepted_with_warning", "rejected"]
    assert (intake.missing, intake.folder) == ((), tmp_path)
    assert one(intake, "甘泉.xlsx").source.name == "甘泉.xlsx"


def test_messages_show_strange_signs_escaped_and_on_one_line() -> None:
    read = Read(with_cell(assessment(), "F7", "\u202e5\n<b>" + "长" * 300))
    message = read.problem("value-not-number").message()
    assert "\\u202e" in message
    assert "\n" not in message
    assert len(message) < 400


def test_the_shipped_year_is_read_in_seconds_and_leaves_nothing_open() -> None:

    registry = UnitRegistry.load(WORKSPACE.units)
    rules = YearRules.load(WORKSPACE, registry, 2020)
    began = datetime.datetime.now(datetime.UTC)
    intake = receive(WORKSPACE, registry, rules, Inbox(WORKSPACE.sample(2020), synthetic=True))
    assert (datetime.datetime.now(datetime.UTC) - began).total_seconds() < 8
    assert (intake.missing, intake.open_rejections) == ((), ())
    assert intake.as_json()["counts"]["rejected"] == 2
    assert sum(1 for s in intake.submissions if s.superseded_by) == 1
    assert all(isinstance(o, Observation) and o.reading.raw for o in intake.observations if o.value is not None)


def test_a_copy_of_the_sample_is_still_known_as_synthetic() -> None:
    workspace = Workspace.open()
    registry = UnitRegistry.load(workspace.units)
    rules = YearRules.load(workspace, registry, 2020)
    (book,) = (workspace.sample(2020) / "统计").glob("*.xlsx")
    assert check_paths(workspace, registry, rules, [book]).synthetic


@pytest.mark.parametrize(
    ("content", "code", "found"),
    [
        (None, "file-missing", "accidents.csv"),
        ("name,2020\n事故,a\n".encode("gbk"), "table-unreadable", "GBK"),
        (b"name,2019\n", "headings-year-missing", ""),
        (b"title,2020\na,b\n", "table-lacks", "name"),
        ("name,2020\nunit,单位\n".encode(), "table-lacks", "@title"),
    ],
)
def test_a_table_of_headings_that_was_spoilt_is_refused(
    tmp_path: Path, content: bytes | None, code: str, found: str
) -> None:
    if content is not None:
        (tmp_path / "accidents.csv").write_bytes(content)
    with pytest.raises(Refused) as caught:
        Headings.load(tmp_path, "accidents", 2020)
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == (code, "accidents.csv")
    assert found in problem.facts.get("found", "")


@pytest.mark.parametrize("spoilt", ["cell_words.csv", "heading_synonyms.csv", "decision_kinds.csv"])
def test_a_table_of_words_that_was_spoilt_is_refused(tmp_path: Path, spoilt: str) -> None:
    folder = shutil.copytree(REPOSITORY / "data" / "lookups", tmp_path / "lookups")
    rows = (folder / spoilt).read_text(encoding="utf-8-sig").splitlines()
    (folder / spoilt).write_text("\n".join([rows[0].replace("written", "wrote"), *rows[1:]]), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        Words.load(folder)
    assert [(p.code, p.file, p.facts["found"]) for p in caught.value.problems] == [("table-lacks", spoilt, "written")]


def test_what_is_read_otherwise_than_written_is_told_with_its_rule(tmp_path: Path) -> None:
    book = assessment("甘泉街道", {**MARKS_WRITTEN, "1": "５", "2": "3.5分", "3": "满分"}, date="2020.10.28")
    with_cell(with_cell(book, "A7", "2."), "F4", "自评得分")
    submission = one(received(tmp_path, {"甘泉.xlsx": book}), "甘泉.xlsx")
    told = {repair.cell.address: (repair.before, repair.after, repair.rule) for repair in submission.repairs}
    assert told == {
        "B2": ("甘泉街道", "甘泉路街道", "data/units.yaml：别名或曾用名"),
        "F2": ("2020.10.28", "2020-10-28", "日期写法统一为年-月-日"),
        "F4": ("自评得分", "自评分", "data/lookups/heading_synonyms.csv：自评得分（与“自评分”同义）"),
        "F6": ("５", "5", "全角字符按半角读"),
        "A7": ("2.", "2", "序号只取数字"),
        "F7": ("3.5分", "3.5", "去掉计量单位"),
        "F10": ("满分", "6", "data/lookups/cell_words.csv：满分（该项分值）"),
    }
    assert [repair.cell.address for repair in submission.repairs] == ["B2", "F2", "F4", "F6", "A7", "F7", "F10"]


def test_a_tidy_form_needs_no_repair_and_a_rejected_one_leaves_none(tmp_path: Path) -> None:
    files = {
        "好.xlsx": assessment(),
        "坏.xlsx": workbooks.without_row(assessment("石泉路街道", {**MARKS_WRITTEN, "1": "５"}), 7),
    }
    intake = received(tmp_path, files)
    assert [submission.repairs for submission in intake.submissions] == [(), ()]


def test_findings_and_figures_are_repaired_with_their_rules_too(tmp_path: Path) -> None:
    rows = [["1", "缺记录", "1", "2处"], [2, "未见异常。", None, None, None, None, None, "√"]]
    intake = received(tmp_path, {"巡查.xlsx": workbooks.onsite(rows), "履职.xlsx": workbooks.pledge()})
    told = {(repair.before, repair.after) for submission in intake.submissions for repair in submission.repairs}
    assert {("2处", "2"), ("未见异常。", "未发现问题"), ("√", "已整改"), ("12.5万元", "12.5")} <= told


def test_lines_of_the_lookups_that_nothing_matched_are_known(tmp_path: Path) -> None:
    plain = {lookup.written for lookup in received(tmp_path / "1", {"甘泉.xlsx": assessment()}).unmatched}
    book = with_cell(assessment(), "F4", "自评得分")
    used = {lookup.written for lookup in received(tmp_path / "2", {"甘泉.xlsx": book}).unmatched}
    assert plain - used == {"自评得分"}
    assert {"采用版本", "满分", "当场整改"} <= used


def test_every_line_of_the_lookups_says_why_it_is_there() -> None:
    assert all(lookup.reason for lookup in Words.load(WORKSPACE.lookups).lookups.values())


HOSTILE = '\u202e=HYPERLINK("http://example.invalid","x")<script>alert(1)</script>\x1b[31m'


def test_text_from_units_is_data_in_every_report(tmp_path: Path) -> None:
    book = with_cell(assessment(), "F7", HOSTILE.replace("\x1b", ""))
    with_cell(with_cell(book, "G6", "=cmd|'/c calc'!A1"), "H6", "@SUM(1)")
    workbooks.form_sheet(book)["G6"].data_type = "s"
    intake = received(tmp_path, {"=1+1<script>甘泉.xlsx": book, "\x1b[31m坏.xlsx": b"%PDF"})
    said = json.dumps(intake.as_json(), ensure_ascii=False)
    assert json.loads(said)["files"][0]["problems"]
    for problem in intake.problems:
        assert problem.message().isprintable()
    folder = tmp_path / "报告"
    write_returns(intake, folder / "returns")
    page = draw_intake(compose_intake_page(intake, RULES, REGISTRY, folder)).decode()
    assert "<script" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert set(re.findall(r'href="([^"]*)"', page)) >= {"#units", "#files", "returns/"}
    assert not re.search(r'(?:href|src)="(?:https?:|//|javascript:)', page)
    books = [render_xlsx(compose_intake(intake, RULES, REGISTRY)), *(p.read_bytes() for p in folder.rglob("*.xlsx"))]
    for content in books:
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
        assert all(cell.hyperlink is None or cell.hyperlink.target is None for cell in cells)


def test_the_page_names_every_file_and_unit_and_adds_up(tmp_path: Path) -> None:
    files = {
        "甘泉.xlsx": with_cell(assessment(), "F7", None),
        "石泉.xlsx": workbooks.without_row(assessment("石泉路街道"), 7),
        "坏.xlsx": b"%PDF-1.4",
        "~$甘泉.xlsx": b"x",
    }
    intake = received(tmp_path, files)
    write_returns(intake, tmp_path / "returns")
    page = compose_intake_page(intake, RULES, REGISTRY, tmp_path)
    tables = {table.id: table for table in page.tables}
    assert "（0 + 1 + 2 + 1 = 4）" in page.lead
    assert sum(number for _, number in page.counts) == len(tables["files"].rows) == len(files)
    assert [row[0][0].text for row in tables["units"].rows] == ["甘泉路街道", "石泉路街道", "区生态环境局"]
    assert [row[0][0].text for row in tables["missing"].rows] == ["石泉路街道", "区生态环境局"]
    assert [cell.text for cell in tables["missing"].rows[0][2]] == ["石泉.xlsx"]
    for link in (cell for row in tables["units"].rows for cell in row[3]):
        assert (tmp_path / unquote(link.href)).is_file()
    places = {row[0][0].text for row in tables["mend"].rows}
    assert {"甘泉.xlsx › 自评表!F7", "坏.xlsx"} <= places
    assert "石泉.xlsx › 自评表" in "".join(places)
