"""The leaders' slides: one message each, charts that can be edited, nothing that does not fit."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from made_up_store import SILENT, made_up_workspace
from pptx import Presentation
from pptx.chart.chart import Chart as NativeChart
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.oxml.ns import qn
from pypdf import PdfReader
from test_render import png

from analytics.analysis.class_year import class_years
from analytics.analysis.wording import points
from analytics.documents.deck import compose_deck
from analytics.documents.leaders import LeadersYear
from analytics.documents.publication import publish_leaders
from analytics.documents.render import deck_pdf, pptx, slide_layout
from analytics.documents.slides import Bars, Bound, Deck, Lines, Series, Slide
from analytics.figures import Chart
from analytics.policy import YearRules
from analytics.store import ScoreStore
from analytics.units import UnitKind, UnitRegistry
from analytics.workspace import Workspace

HOSTILE = '=cmd|"/c calc"!A0<a:t>'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><rect width="40" height="10" fill="#1f4e79"/></svg>'
PICTURE = MSO_SHAPE_TYPE.PICTURE
BANNER = "合成示例数据，非真实考核结果；示范细则（非正式文件）"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made_up_workspace(tmp_path_factory.mktemp("考核 工作区"))


def told_of(workspace: Workspace, year: int) -> LeadersYear:
    registry = UnitRegistry.load(workspace.units)
    store = ScoreStore(workspace.store)
    rules = YearRules.load(workspace, registry, year)
    return LeadersYear(store.latest(year), class_years(store.tables(), year, rules), registry.area)


@pytest.fixture(scope="module", params=[2018, 2020])
def told(request: pytest.FixtureRequest, workspace: Workspace) -> LeadersYear:
    """2018 has no year before it; in 2020 a street awaits a decision."""
    return told_of(workspace, request.param)


def pictures() -> list[Chart]:
    names = [f"{name}-{kind}" for name in ("theme_heatmap", "rank_intervals") for kind in UnitKind]
    return [Chart(name, name, f"{name}的说明", {"svg": SVG, "png": png()}.__getitem__, 160) for name in names]


@pytest.fixture(scope="module")
def deck(told: LeadersYear) -> Deck:
    return compose_deck(told, pictures())


@pytest.fixture(scope="module")
def drawn(deck: Deck) -> bytes:
    return pptx.draw(deck)


@pytest.fixture(scope="module")
def opened(drawn: bytes) -> Any:
    return Presentation(io.BytesIO(drawn))


def native(opened: Any) -> Iterator[NativeChart]:
    for page in opened.slides:
        yield from (shape.chart for shape in page.shapes if shape.has_chart)


def workbook(chart: NativeChart) -> Any:
    return openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))["Sheet1"]


def xml_parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    package = zipfile.ZipFile(io.BytesIO(data))
    yield from ((name, package.read(name)) for name in package.namelist() if name.endswith(".xml"))


def slide_about(deck: Deck, words: str) -> Slide:
    return next(slide for slide in deck.slides if words in slide.title)


def test_a_year_has_eight_to_twelve_slides(deck: Deck) -> None:
    assert 8 <= len(deck.slides) <= 12


def test_the_first_year_has_no_slide_about_the_years(workspace: Workspace) -> None:
    for year, expected in ((2018, False), (2019, True)):
        titles = [slide.title for slide in compose_deck(told_of(workspace, year), pictures()).slides]
        assert any("年度以来" in title for title in titles) is expected


def test_every_slide_has_a_message_a_source_a_banner_a_number_and_notes(deck: Deck, opened: Any) -> None:
    for number, (content, page) in enumerate(zip(deck.slides, opened.slides, strict=True), 1):
        texts = [shape.text_frame.text for shape in page.shapes if shape.has_text_frame]
        assert page.shapes.title.text_frame.text == content.title
        assert any(text.startswith("来源：") for text in texts)
        assert BANNER in texts
        assert str(number) in texts
        assert page.notes_slide.notes_text_frame.text.split("\n") == list(content.notes)


def test_the_file_is_wide_and_names_its_masters(drawn: bytes) -> None:
    root = zipfile.ZipFile(io.BytesIO(drawn)).read("ppt/presentation.xml").decode()
    assert '<p:sldSz cx="12192000" cy="6858000"/>' in root
    assert re.search(r"</p:sldMasterIdLst><p:notesMasterIdLst[^>]*><p:notesMasterId r:id=\"rId\d+\"/>", root)


def test_every_title_says_something_else(deck: Deck) -> None:
    titles = [slide.title for slide in deck.slides]
    assert len(set(titles)) == len(titles)
    assert all(re.search(r"\d|最低|把握|先后", title) for title in titles)


def test_every_chart_and_picture_is_described(deck: Deck, opened: Any) -> None:
    for content, page in zip(deck.slides, opened.slides, strict=True):
        shown = [s for s in page.shapes if s.has_chart or s.shape_type == PICTURE]
        described = [s._element.xpath(".//p:cNvPr/@descr") for s in shown]
        assert described == ([[content.visual.alt]] if content.visual else [])


def test_the_source_line_leads_to_the_page_with_the_assumptions(deck: Deck) -> None:
    page = next(n for n, slide in enumerate(deck.slides, 1) if "计分口径" in slide.title and "假定" in slide.title)
    pages = {slide.source.partition("；")[2] for n, slide in enumerate(deck.slides, 1) if n != page}
    assert "假定口径" not in deck.slides[page - 1].title
    assert pages == {f"计分口径和假定见第{page}页"}


def test_the_workbook_of_a_chart_holds_the_numbers_of_the_slide(deck: Deck, opened: Any) -> None:
    contents = [slide.visual for slide in deck.slides if isinstance(slide.visual, Bars | Lines)]
    charts = list(native(opened))
    assert len(charts) == len(contents) >= 6
    for chart, content in zip(charts, contents, strict=True):
        rows = list(workbook(chart).iter_rows(values_only=True))
        assert rows[0][1:] == tuple(series.name for series in content.series)
        assert [row[0] for row in rows[1:]] == list(content.categories)
        for column, series in enumerate(content.series, 1):
            assert [row[column] for row in rows[1:]] == list(series.values)
            assert tuple(chart.plots[0].series[column - 1].values) == series.values
        assert tuple(chart.plots[0].categories) == content.categories


def test_the_ranking_of_a_class_is_that_of_its_cards(told: LeadersYear, deck: Deck) -> None:
    for one in told.classes:
        table = one.compared.table
        chart = slide_about(deck, f"个{one.kind.label()}中").visual
        assert isinstance(chart, Bars)
        values = [
            next((s.values[n] for s in chart.series if s.values[n] is not None), None) for n in range(len(table.rows))
        ]
        expected = [None if total != total else total for total in table.rows["total"]]
        assert values == expected
        fills = {series.name: series.values for series in chart.series}
        for place, row in enumerate(table.decided.to_dict("records")):
            assert fills[row["grade"]][place] == row["total"]


def test_the_first_category_stands_on_top(opened: Any) -> None:
    for chart in native(opened):
        if "BAR" in chart.chart_type.name:
            assert chart.category_axis.reverse_order


def test_grades_are_filled_alike_on_every_slide_and_undecided_like_none_of_them(deck: Deck) -> None:
    charts = [deck.slides[0].visual, *(slide.visual for slide in deck.slides if re.search("个.+中.*最低", slide.title))]
    tones: dict[str, set[str]] = {}
    for chart in charts:
        assert isinstance(chart, Bars)
        for series in chart.series:
            tones.setdefault(series.name, set()).add(series.tone)
    used = [tone for found in tones.values() for tone in found]
    assert len(set(used)) == len(used) == len(tones)


def test_an_undecided_unit_is_named_and_has_no_bar(workspace: Workspace) -> None:
    told = told_of(workspace, 2020)
    name = UnitRegistry.load(workspace.units)[SILENT].name
    slide = slide_about(compose_deck(told, pictures()), "个街道镇中")
    assert slide.title.endswith("1个待裁定")
    chart = slide.visual
    assert isinstance(chart, Bars)
    assert chart.categories[-1] == f"{name}（待裁定）"
    assert all(series.values[-1] is None for series in chart.series)
    assert told.tasks[0].text.startswith(name)


def test_a_class_without_any_total_has_no_ranking(workspace: Workspace) -> None:
    told = told_of(workspace, 2020)
    street = told.classes[0]
    rows = street.compared.table.rows.assign(total=float("nan"), rank=float("nan"), grade="待裁定")
    open_ = replace(street, compared=replace(street.compared, table=replace(street.compared.table, rows=rows)))
    deck = compose_deck(replace(told, classes=(open_, *told.classes[1:])), pictures())
    assert not [slide for slide in deck.slides if "个街道镇中" in slide.title]
    assert len(deck.slides) >= 8


def test_the_lowest_total_in_a_title_is_the_lowest_of_the_class(told: LeadersYear, deck: Deck) -> None:
    for one in told.classes:
        title = slide_about(deck, f"个{one.kind.label()}中").title
        assert f"{points(one.compared.table.decided['total'].min())}分" in title


def test_every_run_names_its_latin_and_its_chinese_face(drawn: bytes) -> None:
    from lxml import etree

    seen = 0
    for name, content in xml_parts(drawn):
        if not re.match(r"ppt/(slides|charts|slideLayouts|slideMasters|notesSlides|notesMasters)/", name):
            continue
        for run in etree.fromstring(content).iter(qn("a:r"), qn("a:fld"), qn("a:defRPr"), qn("a:endParaRPr")):
            properties = run.find(qn("a:rPr")) if run.tag in (qn("a:r"), qn("a:fld")) else run
            faces = [child.get("typeface") for child in properties if child.tag in (qn("a:latin"), qn("a:ea"))]
            assert faces == ["微软雅黑", "微软雅黑"], name
            seen += 1
    assert seen > 200


def test_no_text_is_larger_than_its_box(deck: Deck, opened: Any) -> None:
    for content, page in zip(deck.slides, opened.slides, strict=True):
        set_ = slide_layout.fitted(content)
        assert slide_layout.lines(set_.title, set_.title_size, slide_layout.TITLE.width) <= 2
        box = slide_layout.POINTS if content.visual else slide_layout.ALONE
        assert slide_layout.tall(set_.points, set_.size, box.width) <= box.height
        assert set_.points == content.points
        for shape in page.shapes:
            assert min(shape.left, shape.top) >= 0
            assert shape.left + shape.width <= opened.slide_width
            assert shape.top + shape.height <= opened.slide_height


def test_a_text_that_cannot_fit_is_cut_and_says_where_the_rest_is() -> None:
    long = Slide("很长的结论" * 60, ("要点" * 400, "二" * 900, "三" * 900), "来源：甲", ("备注",), None)
    set_ = slide_layout.fitted(long)
    assert set_.title.endswith("…")
    assert slide_layout.lines(set_.title, set_.title_size, slide_layout.TITLE.width) == 2
    many = slide_layout.fitted(replace(long, points=("要点" * 100,) * 30))
    assert many.points[-1] == "其余见备注。"
    assert slide_layout.tall(many.points, many.size, slide_layout.ALONE.width) <= slide_layout.ALONE.height


def test_a_line_never_breaks_inside_a_number() -> None:
    width = slide_layout.measured("一二三四五", 10) / slide_layout.SAFE
    assert slide_layout.lines("一二三四五", 10, width) == 1
    assert slide_layout.lines("一二三四12.34", 10, width) == 2
    assert slide_layout.lines("一\n二", 10, width) == 2


BARS = Bars(
    "说明", "图题", (HOSTILE, "@乙", "丙"), (Series(HOSTILE, (1.5, None, -2.0)), Series("丁", (None, 3.0, None))),
    2, bounds=(Bound("优秀90", 2.0),),
)  # fmt: skip


def one_slide(visual: Bars | Lines, title: str = HOSTILE) -> Deck:
    return Deck(title, BANNER, (Slide(title, (HOSTILE, "第1行\n第2行"), "来源：甲", (HOSTILE, "\x07控制"), visual),))


def test_text_from_the_data_is_no_formula_and_no_markup() -> None:
    page = Presentation(io.BytesIO(pptx.draw(one_slide(BARS)))).slides[0]
    assert page.shapes.title.text_frame.text == HOSTILE
    assert page.notes_slide.notes_text_frame.text == f"{HOSTILE}\n\\u0007控制"
    (chart,) = [shape.chart for shape in page.shapes if shape.has_chart]
    sheet = workbook(chart)
    for cell in (sheet["A2"], sheet["B1"]):
        assert (cell.value, cell.data_type, cell.quotePrefix) == (HOSTILE, "s", True)
    assert next(iter(chart.plots[0].categories)) == HOSTILE


def test_the_lines_of_the_grades_stand_where_the_axis_has_their_value() -> None:
    plan = slide_layout.plan(BARS)
    page = Presentation(io.BytesIO(pptx.draw(one_slide(BARS)))).slides[0]
    (line,) = [shape for shape in page.shapes if shape.name == "等级线优秀90"]
    (chart,) = [shape.chart for shape in page.shapes if shape.has_chart]
    low, high = chart.value_axis.minimum_scale, chart.value_axis.maximum_scale
    assert low < -2
    share = (2.0 - low) / (high - low)
    assert line.left / 36000 == pytest.approx(plan.inner.left + share * plan.inner.width, abs=0.01)
    shares = chart._chartSpace.xpath("c:chart/c:plotArea/c:layout/c:manualLayout/*/@val")[3:]
    assert float(shares[0]) * plan.box.width + plan.box.left == pytest.approx(plan.inner.left, abs=0.01)
    assert float(shares[2]) * plan.box.width == pytest.approx(plan.inner.width, abs=0.01)


def test_figures_of_lines_that_are_near_stand_on_different_sides() -> None:
    lines = Lines("说明", "图题", ("甲",), tuple(Series(str(v), (v,)) for v in (95.41, 94.76, 90.63)), 2, 89, 97)
    assert slide_layout.label_sides(lines) == (("above",), ("below",), ("below",))
    assert slide_layout.label_sides(replace(lines, series=lines.series[::-1])) == (("below",), ("below",), ("above",))
    near = replace(lines, series=tuple(Series(str(v), (v,)) for v in (92.44, 92.14, 91.88)))
    assert slide_layout.label_sides(near) == (("above",), ("right",), ("below",))


def test_the_same_deck_gives_the_same_bytes(deck: Deck, drawn: bytes) -> None:
    assert pptx.draw(deck) == drawn
    assert deck_pdf.draw(deck) == deck_pdf.draw(deck)


def test_nothing_in_the_file_tells_of_a_person_a_clock_or_another_document(drawn: bytes) -> None:
    package = zipfile.ZipFile(io.BytesIO(drawn))
    assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert not [name for name in package.namelist() if "thumbnail" in name or "printerSettings" in name]
    core = package.read("docProps/core.xml").decode()
    assert "<dc:creator></dc:creator>" in core
    assert "dcterms:" not in core.replace("xmlns:dcterms", "")
    assert len([name for name in package.namelist() if re.fullmatch(r"ppt/slideLayouts/[^/]*\.xml", name)]) == 2


def test_a_page_of_the_pdf_says_what_its_slide_says(deck: Deck) -> None:
    data, notes = deck_pdf.draw(deck)
    reader = PdfReader(io.BytesIO(data))
    assert notes == ()
    for content, page in zip(deck.slides, reader.pages, strict=True):
        text = "".join(page.extract_text().split())
        numbers = content.visual.categories if isinstance(content.visual, Bars | Lines) else ()
        for said in (content.title, *content.points, content.source, BANNER, *numbers):
            assert "".join(said.split()) in text
        assert float(page.mediabox.width) / float(page.mediabox.height) == pytest.approx(16 / 9, abs=0.001)
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all(
        "/FontFile" in str(font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()) for font in fonts
    )


def test_the_leaders_files_are_written_with_the_charts_of_the_slides(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.figures.leadership_charts", lambda *_: tuple(pictures()))
    registry, store = UnitRegistry.load(workspace.units), ScoreStore(workspace.store)
    rules = YearRules.load(workspace, registry, 2020)
    charts, written = publish_leaders(store.latest(2020), store.tables(), rules, registry, tmp_path)
    names = {path.relative_to(tmp_path).as_posix() for path in written}
    assert {"leaders.pptx", "leaders.pdf", "notice.docx"} <= names
    assert {f"charts/{chart.name}.{suffix}" for chart in charts for suffix in ("png", "svg")} <= names
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == set(written)
    shown = [shape for page in Presentation(str(tmp_path / "leaders.pptx")).slides for shape in page.shapes]
    found = [shape.image.blob for shape in shown if shape.shape_type == PICTURE]
    assert found == [png()] * 2


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_another_program_opens_every_slide(drawn: bytes, deck: Deck, tmp_path: Path) -> None:
    (tmp_path / "leaders.pptx").write_bytes(drawn)
    profile = f"-env:UserInstallation=file://{tmp_path.as_posix()}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "leaders.pptx")], check=True, capture_output=True, timeout=120)
    assert len(PdfReader(tmp_path / "leaders.pdf").pages) == len(deck.slides)
