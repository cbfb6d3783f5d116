"""The result notice: every unit once, nothing that the record does not say, and the layout of official documents."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import docx
import made_up
import pandas as pd
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from made_up_store import SILENT, made_up_workspace
from test_deck import BANNER, told_of

from analytics.analysis.accident_totals import accident_totals
from analytics.analysis.class_year import ClassYear
from analytics.analysis.rectification import rectification
from analytics.documents.leaders import LeadersYear
from analytics.documents.notice import compose_notice
from analytics.documents.official import Line, OfficialText
from analytics.documents.render import official_docx
from analytics.policy import YearRules
from analytics.rubric import Measure
from analytics.scoring.scorecard import Effect
from analytics.store import ScoreStore, ScoreTables
from analytics.units import UnitRegistry
from analytics.workspace import Workspace

HOSTILE = "=1+1<w:t>{{ x }}"
UNITS = ("甲街道", "乙街道", "丙镇")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made_up_workspace(tmp_path_factory.mktemp("考核 工作区"), (2019, 2020))


@pytest.fixture(scope="module")
def told(workspace: Workspace) -> LeadersYear:
    return told_of(workspace, 2020)


@pytest.fixture(scope="module")
def notice(told: LeadersYear, workspace: Workspace) -> OfficialText:
    rules = YearRules.load(workspace, UnitRegistry.load(workspace.units), 2020)
    return compose_notice(told, ScoreStore(workspace.store).tables(), rules)


@pytest.fixture(scope="module")
def opened(notice: OfficialText) -> Any:
    return docx.Document(io.BytesIO(official_docx.draw(notice)))


def section(notice: OfficialText, title: str) -> list[str]:
    texts = [line.text for line in notice.lines]
    heads = [n for n, line in enumerate(notice.lines) if line.level == "heading"]
    start = next(n for n in heads if title in texts[n])
    return texts[start + 1 : next((n for n in heads if n > start), None)]


def graded(notice: OfficialText) -> list[tuple[str, list[str]]]:
    """Grade and names, line by line, class after class."""
    found = [re.fullmatch(r"(\w+)（\d+个）：(.+)。", text) for text in section(notice, "考核结果")]
    return [(line[1], line[2].split("、")) for line in found if line]


def test_every_unit_stands_once_under_its_grade_in_the_order_of_rank(told: LeadersYear, notice: OfficialText) -> None:
    names = [name for _, units in graded(notice) for name in units]
    rows = pd.concat([one.compared.table.rows for one in told.classes])
    assert sorted(names) == sorted(rows["unit_name"])
    ranks = rows.set_index("unit_name")["rank"].to_dict()
    for grade, units in graded(notice):
        placed = [ranks[name] for name in units]
        assert placed == sorted(placed) or grade == "待裁定"
    assert dict(zip(rows["unit_name"], rows["grade"], strict=True)) == {
        n: g for g, units in graded(notice) for n in units
    }


def test_a_lowered_grade_has_its_reason_and_not_the_name_of_who_decided_it(told: LeadersYear) -> None:
    veto = made_up.decision("veto", clause="1", reason="瞒报事故")
    said = f"{veto.reason}（{veto.person}，{veto.date}）"
    effect = Effect("force", "不合格", "一票否决（1）", said, (veto.reading,), veto.id)
    card = replace(told.scored.card(veto.unit), effects=(effect,))
    row = {"unit": veto.unit, "unit_name": "甲街道", "grade": "不合格", "grade_by_points": "优秀"}
    table = SimpleNamespace(decided=pd.DataFrame([row]))
    year = replace(told, scored=replace(told.scored, cards=(card,), decisions=(veto,)))
    (sentence,) = year.lowered(cast(ClassYear, SimpleNamespace(compared=SimpleNamespace(table=table))))
    assert sentence == "甲街道按得分为“优秀”，因瞒报事故（一票否决），定为“不合格”。"


def test_a_unit_that_awaits_a_decision_is_said_to_be_undecided(workspace: Workspace, notice: OfficialText) -> None:
    name = UnitRegistry.load(workspace.units)[SILENT].name
    assert ("待裁定", [name]) in graded(notice)
    asked = section(notice, "有关要求")
    assert "作出裁定" in asked[0]
    assert asked[1].startswith(name)


def test_a_common_problem_says_how_many_units_and_which_rule(told: LeadersYear, notice: OfficialText) -> None:
    said = [text for text in section(notice, "主要问题") if re.match(r"\d．第", text)]
    assert len(said) == 3 * len(told.classes)
    street = told.classes[0].compared.deductions
    most = street["units"].max()
    assert f"，{most}个单位扣分，共扣" in said[0]
    assert re.search(r"是第（\d+）款（\d+个）：.+扣.+分", said[0])


def test_the_basis_names_the_rubrics_and_invents_no_number(told: LeadersYear, notice: OfficialText) -> None:
    assert notice.lines[0].text.startswith("根据〔2020〕13号通知、《")
    assert notice.lines[0].text.count("》（示范）") == 2
    assert not re.search(r"\d", notice.number + notice.date + notice.signature)


def test_open_problems_are_listed_with_their_latest_deadline(told: LeadersYear, notice: OfficialText) -> None:
    street = told.classes[0]
    units = street.problems.units.head(2).assign(open=[2, 0], latest=["2020-12-05", ""])
    found = street.problems.problems.assign(state="closed", deadline=None)
    found.loc[:1, ["state", "deadline"]] = ["open", "2020-12-05"]
    changed = replace(street, problems=replace(street.problems, units=units, problems=found))
    (task,) = [t for t in replace(told, classes=(changed,)).tasks if t.kind == "rectify"]
    assert "有2个记录为未整改" in task.text
    assert "期限为12月5日" in task.text
    assert told.day("2021-01-02") == "2021年1月2日"


FOUND = {
    "year": 2020,
    "unit_name": "甲街道",
    "item": "a.b",
    "channel": "onsite",
    "rule": "1",
    "date": "2020-05-06",
    "text": "",
}


def tables(findings: list[dict[str, Any]] | None = None, figures: list[tuple[Any, ...]] | None = None) -> ScoreTables:
    cards = [
        {"unit": f"ST0{n}", "unit_name": name, "kind": "street_town", "year": 2020} for n, name in enumerate(UNITS, 1)
    ]
    nothing = pd.DataFrame()
    columns = ["unit", "year", "measure", "value"]
    stated = pd.DataFrame(figures or [], columns=columns).assign(channel="accident")
    more = ["unit", "deadline", "closed"]
    found = pd.DataFrame([FOUND | one for one in findings or []], columns=[*FOUND, *more])
    return ScoreTables(pd.DataFrame(cards), nothing, nothing, nothing, stated, nothing, found)


def test_a_problem_is_closed_open_or_not_said_to_be_either() -> None:
    found = rectification(
        tables(
            [
                {"unit": "ST01", "closed": True, "deadline": "2020-06-01"},
                {"unit": "ST01", "closed": False, "deadline": "2020-07-01"},
                {"unit": "ST01", "closed": False, "deadline": "2020-06-15"},
                {"unit": "ST02", "unit_name": "乙街道", "closed": None},
                {"unit": "ST02", "rule": "", "closed": False},
                {"unit": "ST02", "channel": "self", "closed": False},
                {"unit": "SR01", "closed": False},
            ]
        ),
        2020,
        "street_town",
    )
    assert {state: found.count(state) for state in ("closed", "open", "unknown")} == {
        "closed": 1,
        "open": 2,
        "unknown": 1,
    }
    assert found.deadlines == ("2020-06-15", "2020-07-01")
    assert found.units[["unit", "open", "latest"]].to_numpy().tolist() == [["ST01", 2, "2020-07-01"], ["ST02", 0, ""]]
    assert found.sentence == "检查记录了街道镇4个问题：已销号1个、未整改2个、未写明1个；未整改最多的是甲街道（2个）。"


def test_a_class_without_a_problem_says_so() -> None:
    assert rectification(tables(), 2020, "street_town").sentence == "检查记录没有写街道镇的问题。"


MEASURES = [
    Measure(id="fires", label="火灾起数", counted_in="起", form="accidents"),
    Measure(id="fires_last_year", label="上年火灾起数", counted_in="起", form="accidents"),
    Measure(id="drills", label="演练次数", counted_in="次", form="pledge_report"),
]


def test_accident_figures_stand_beside_those_of_the_year_before() -> None:
    figures = [
        (f"ST0{n}", 2020, measure, v) for n in (1, 2, 3) for measure, v in (("fires", n), ("fires_last_year", 1))
    ]
    found = accident_totals(tables(figures=figures), 2020, "street_town", MEASURES)
    assert found.rows[["measure", "value", "before"]].to_numpy().tolist() == [["fires", 6, 3]]
    assert found.sentence == "街道镇火灾起数6起（上年3，增加3）。"


def test_a_missing_figure_is_no_zero_and_is_named() -> None:
    figures = [("ST01", 2020, "fires", 4), ("ST01", 2019, "fires", 4), ("ST02", 2020, "fires", float("nan"))]
    found = accident_totals(tables(figures=figures), 2020, "street_town", MEASURES)
    assert found.sentence == "街道镇火灾起数4起（与上年持平）；乙街道、丙镇缺数据，未计入。"
    nothing = accident_totals(tables(), 2020, "street_town", MEASURES)
    assert nothing.rows["value"].isna().all()
    assert nothing.sentence == "街道镇缺事故统计数据。"


def test_a_year_before_that_is_not_known_for_every_unit_is_not_compared() -> None:
    figures = [("ST01", 2020, "fires", 4), ("ST02", 2020, "fires", 1), ("ST01", 2020, "fires_last_year", 1)]
    found = accident_totals(tables(figures=figures), 2020, "street_town", MEASURES)
    assert found.sentence == "街道镇火灾起数5起（上年缺数据）；丙镇缺数据，未计入。"


def test_every_line_of_the_notice_is_in_the_file_under_its_style(notice: OfficialText, opened: Any) -> None:
    texts = [(paragraph.text, paragraph.style.name) for paragraph in opened.paragraphs]
    for line in (*notice.lines, *notice.annex):
        assert (line.text, official_docx.STYLES[line.level]) in texts
    assert (notice.title, "通报标题") in texts


def test_the_banner_stands_on_odd_and_even_pages(opened: Any) -> None:
    page = opened.sections[0]
    assert opened.settings.odd_and_even_pages_header_footer
    assert [page.header.paragraphs[0].text, page.even_page_header.paragraphs[0].text] == [BANNER, BANNER]
    assert [len(foot._element.xpath(".//w:instrText")) for foot in (page.footer, page.even_page_footer)] == [1, 1]


def test_the_page_is_that_of_the_standard(opened: Any) -> None:
    """GB/T 9704-2012: A4, 37 mm above, 28 mm left, type area 156 by 225 mm with 22 lines; body 16 points."""
    page = opened.sections[0]
    assert [page.top_margin, page.left_margin] == [pytest.approx(Mm(37), abs=700), pytest.approx(Mm(28), abs=700)]
    assert (page.page_width - page.left_margin - page.right_margin) / 36000 == pytest.approx(156, abs=0.1)
    assert (page.page_height - page.top_margin - page.bottom_margin) / 36000 == pytest.approx(225, abs=0.1)
    body = opened.styles["通报正文"]
    assert body.font.size.pt == 16
    assert body.paragraph_format.line_spacing.pt * 22 == pytest.approx(225 / 25.4 * 72, abs=2)
    assert body.element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert body.element.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"


def test_a_heading_stays_with_what_follows(opened: Any) -> None:
    for name in ("通报一级标题", "通报二级标题", "通报附件"):
        assert opened.styles[name].paragraph_format.keep_with_next


def test_the_same_notice_gives_the_same_bytes_without_a_clock(notice: OfficialText) -> None:
    data = official_docx.draw(notice)
    assert data == official_docx.draw(notice)
    package = zipfile.ZipFile(io.BytesIO(data))
    assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "dcterms:created" not in package.read("docProps/core.xml").decode()


def test_text_from_the_data_stays_text(notice: OfficialText) -> None:
    loud = replace(notice, lines=(Line(HOSTILE), Line("甲\x07乙")))
    texts = [p.text for p in docx.Document(io.BytesIO(official_docx.draw(loud))).paragraphs]
    assert HOSTILE in texts
    assert "甲\\u0007乙" in texts
