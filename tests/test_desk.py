from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from made_up_store import SILENT, made_up_workspace

from analytics.documents import desk_panel
from analytics.documents.desk import Choice, Desk, open_unit, open_year
from analytics.documents.desk_panel import Panel
from analytics.figures.theme import Chart
from analytics.problems import Refused
from analytics.store import ScoreStore
from analytics.units import UnitKind
from analytics.workspace import CHOSEN, REPOSITORY, Workspace

STREET, DEPARTMENT = UnitKind.STREET_TOWN, UnitKind.INDUSTRY_DEPARTMENT


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two scored years. Read only."""
    return made_up_workspace(tmp_path_factory.mktemp("考核 工作区"), (2019, 2020)).root


@pytest.fixture
def nothing_scored(office: Path, tmp_path: Path) -> Path:
    shutil.copytree(office, tmp_path / "office", ignore=shutil.ignore_patterns("store"))
    return tmp_path / "office"


@pytest.fixture(scope="module")
def desk(office: Path) -> Desk:
    return Desk.open(str(office))


class Page:
    """What a front end would show: each part in its place, after every change."""

    def __init__(self) -> None:
        self.parts: list[Any] = []

    def show(self, part: Any, **options: Any) -> Page.Place:
        self.parts.append(part)
        return Page.Place(self, len(self.parts) - 1)

    class Place:
        def __init__(self, page: Page, number: int) -> None:
            self.page, self.number = page, number

        def update(self, part: Any) -> None:
            self.page.parts[self.number] = part


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    shown = Page()
    monkeypatch.setattr(desk_panel, "_show", shown.show)
    return shown


def opened(desk: Desk, page: Page) -> Panel:
    panel = Panel(desk, desk.first or Choice(0, STREET))
    panel._ipython_display_()
    return panel


def test_it_says_what_is_in_the_store_and_that_it_is_made_up(desk: Desk, office: Path) -> None:
    assert "2019、2020共2个年度" in desk.sentence
    assert "街道镇10个、专项监管部门16个、行业主管部门4个" in desk.sentence
    assert "宜川路街道有条目待裁定" in desk.sentence
    assert "**合成示例数据，非真实考核结果；示范细则（非正式文件）**" in desk.sentence
    assert str(office) in desk.sentence


def test_the_newest_year_stands_first_and_means_leave_out_who_has_no_total(desk: Desk) -> None:
    first = dict(zip(desk.shown.header, desk.shown.rows[0], strict=True))
    assert (first["年度"], first["类别"], first["单位"], first["待裁定"]) == ("2020年度", "街道镇", "10", "1")
    totals = [card.total for card in desk.scored(2020).cards if card.kind is STREET and card.total is not None]
    assert float(first["平均"]) == pytest.approx(float(sum(totals)) / 9, abs=0.005)
    assert len(desk.shown.rows) == 6


def test_every_notebook_but_this_one_is_linked_by_its_question(desk: Desk) -> None:
    links = desk.questions.splitlines()
    others = sorted(path.name for path in (REPOSITORY / "notebooks").glob("*.ipynb") if path.name != "00_start.ipynb")
    assert [line.rpartition("(")[2].rstrip(")") for line in links] == others
    assert all("？](" in line for line in links)


def test_an_empty_store_says_what_to_do_and_nothing_raises(nothing_scored: Path) -> None:
    desk = Desk.open(str(nothing_scored))
    for said in (desk.sentence, desk.panel):
        assert "python run.py" in said
    assert desk.shown.rows == ()
    assert "60_unit_brief.ipynb" in desk.questions
    assert desk.sources


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"year": 1999}, "1999"),
        ({"kind": "village"}, "没有“village”这个类别"),
        ({"unit": "长寿路镇"}, "长寿路街道"),
    ],
)
def test_what_is_not_there_is_said_and_nothing_raises(office: Path, wanted: dict[str, Any], said: str) -> None:
    desk = Desk.open(str(office), **wanted)
    assert said in desk.sentence
    assert desk.panel == desk.sentence


def test_an_altered_record_is_said_and_nothing_raises(office: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(office, tmp_path / "office")
    next((copy / "data" / "store" / "scored" / "2019").glob("*/cards.parquet")).write_bytes(b"x")
    assert "cards.parquet" in Desk.open(str(copy)).sentence


def test_no_workspace_is_said(tmp_path: Path) -> None:
    assert "--workspace" in Desk.open(str(tmp_path)).sentence


def test_a_named_unit_comes_first_whatever_the_class(office: Path) -> None:
    assert Desk.open(str(office), kind="street_town", unit="区教育局").first == Choice(2020, DEPARTMENT, "ID01")


def test_the_environment_names_the_workspace(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOSEN, str(office))
    assert open_year().year == 2020
    assert open_unit("长寿路街道").unit.id == "ST03"
    assert Workspace.open(REPOSITORY).root == REPOSITORY


def test_without_a_scored_year_opening_one_is_refused(nothing_scored: Path) -> None:
    with pytest.raises(Refused, match="还没有计分记录"):
        open_year(workspace=str(nothing_scored))
    with pytest.raises(Refused, match="还没有计分记录"):
        open_unit("ST03", workspace=str(nothing_scored))


def test_the_page_itself_holds_the_first_choice(desk: Desk, page: Page) -> None:
    opened(desk, page)
    _, dots, standing, heat, themes = page.parts
    assert [type(dots), type(heat)] == [Chart, Chart]
    assert "2020年度10个街道镇中" in standing
    assert "一级指标" in themes


def test_another_unit_changes_chart_and_sentence(desk: Desk, page: Page) -> None:
    panel = opened(desk, page)
    before = list(page.parts)
    panel.unit.value = "ST03"
    assert "**长寿路街道**，2020年度" in page.parts[2]
    assert "9个有总分的街道镇中第" in page.parts[2]
    assert page.parts[0] is before[0]
    assert all(now is not then for now, then in zip(page.parts[1:], before[1:], strict=True))


def test_a_unit_that_waits_has_no_rank(desk: Desk, page: Page) -> None:
    panel = opened(desk, page)
    panel.unit.value = SILENT
    assert "**宜川路街道**，2020年度待裁定：总分在0.00—100.00之间" in page.parts[2]


def test_another_year_keeps_class_and_unit(desk: Desk, page: Page) -> None:
    panel = opened(desk, page)
    panel.kind.value = DEPARTMENT
    panel.unit.value = "ID01"
    panel.year.value = 2019
    assert panel.choice == Choice(2019, DEPARTMENT, "ID01")
    assert "2019年度" in page.parts[2]


def test_another_class_offers_its_own_units_by_rank(desk: Desk, page: Page) -> None:
    panel = opened(desk, page)
    panel.unit.value = "ST03"
    panel.kind.value = DEPARTMENT
    assert panel.choice == Choice(2020, DEPARTMENT)
    labels = [label for label, _ in panel.unit.options]
    assert labels[0] == desk_panel.WHOLE_CLASS
    ranks = [desk.scored(2020).card(unit).rank or 99 for _, unit in panel.unit.options[1:]]
    assert len(ranks) == 4
    assert ranks == sorted(ranks)
    assert "4个行业主管部门中" in page.parts[2]


def test_a_record_that_cannot_be_read_is_said_in_place_of_the_charts(
    desk: Desk, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = opened(desk, page)

    def refuse(choice: Choice) -> None:
        ScoreStore(Path("nowhere")).latest(2020)

    monkeypatch.setattr(desk, "view", refuse)
    panel.unit.value = "ST02"
    assert "2020" in page.parts[1]
    assert page.parts[2:] == ["", "", ""]
