from __future__ import annotations

from pathlib import Path

import pytest
from made_up_store import SILENT, made_up_workspace

from analytics.documents.content import Picture
from analytics.documents.dossier import Dossier
from analytics.documents.yearbook import Yearbook
from analytics.listing import Listing
from analytics.problems import Refused


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> str:
    return made_up_workspace(tmp_path_factory.mktemp("made_up")).root.as_posix()


def test_a_unit_is_found_by_id_and_by_name(workspace: str) -> None:
    assert Dossier.open(workspace, "长寿路街道", 2020).unit.id == "ST03"
    assert Dossier.open(workspace, "ST03", 2020).headline.startswith("**长寿路街道**，2020年度：得分")


def test_an_unknown_unit_is_refused_with_what_is_near(workspace: str) -> None:
    with pytest.raises(Refused, match="长寿路街道"):
        Dossier.open(workspace, "长寿路镇", 2020)


def test_the_theme_chart_is_in_the_brief_under_its_sentence(workspace: str) -> None:
    dossier = Dossier.open(workspace, "ST03", 2020)
    pictures = [block for section in dossier.brief.sections for block in section.blocks if isinstance(block, Picture)]
    assert [p.caption for p in pictures] == [dossier.theme_sentence]
    assert all(p.svg and p.png and p.alt for p in pictures)


def test_the_lines_end_at_the_total_that_the_headline_says(workspace: str) -> None:
    dossier = Dossier.open(workspace, "ST03", 2020)
    assert f"得分{dossier.lines.rows[-1][2]}分" in dossier.headline
    assert dossier.lines.rows[0][2] == "100.00"


def test_no_other_unit_is_named(workspace: str) -> None:
    dossier = Dossier.open(workspace, "ST03", 2020)
    texts = [dossier.headline, dossier.theme_sentence, dossier.course.sentence, dossier.sources, str(dossier.lines)]
    texts += [chart.alt for chart in (dossier.theme_chart, dossier.year_chart, dossier.waterfall_chart)]
    others = [unit.name for unit in dossier.scored.units if unit.unit != "ST03"]
    assert not [name for name in others for text in texts if name in text]


def test_a_unit_that_handed_in_nothing_has_a_dossier_too(workspace: str) -> None:
    dossier = Dossier.open(workspace, SILENT, 2020)
    assert "待裁定" in dossier.headline
    assert dossier.descent.total is None
    assert dossier.year_chart.alt.startswith("历年总分。2018年度")
    assert "待裁定" in dossier.theme_sentence


def test_the_first_year_has_no_year_before(workspace: str) -> None:
    dossier = Dossier.open(workspace, "ST03", 2018)
    assert dossier.previous is None
    assert len(dossier.course.points) == 1


def test_without_a_folder_nothing_is_written(workspace: str, tmp_path: Path) -> None:
    dossier = Dossier.open(workspace, "ST03", 2020)
    assert dossier.write("") == "未指定文件夹，简报没有写出。"
    assert "已写出" in dossier.write((tmp_path / "新").as_posix())
    assert sorted(file.name for file in (tmp_path / "新").iterdir()) == ["brief.docx", "brief.html", "brief.pdf"]


def test_a_yearbook_does_not_know_later_years(workspace: str) -> None:
    yearbook = Yearbook.open(workspace, 2019)
    assert yearbook.tables.years == (2018, 2019)
    assert yearbook.trend("street_town").years == (2018, 2019)


def test_a_yearbook_says_its_run_and_what_was_assumed(workspace: str) -> None:
    yearbook = Yearbook.open(workspace, 2020)
    assert "2020年度计分批次0001-" in yearbook.sources
    assert "合成示例数据" in yearbook.sources
    assert yearbook.sources.count("\n- ") == len(yearbook.settings)


def test_text_from_files_is_never_markup() -> None:
    html = Listing.of(("甲",), [("<script>alert(1)</script>",)])._repr_mimebundle_()["text/html"]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_listing_without_rows_says_so() -> None:
    assert Listing.of(("甲",), [])._repr_mimebundle_() == {"text/plain": "（无）", "text/markdown": "（无）"}
