"""An office that no line of code knows: its units, rubrics, policy, headings and words are files, and outputs work."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from analytics.cli import main
from analytics.documents.content import Paragraph, Table
from analytics.documents.dossier import Dossier
from analytics.documents.performance import compose_performance_rows
from analytics.documents.render.delimited import render_csv
from analytics.documents.standing import class_standings
from analytics.policy import YearRules
from analytics.scoring import explain
from analytics.store import ScoredYear, ScoreStore
from analytics.units import UnitRegistry
from analytics.workspace import Workspace
from tests.stranger_office import YEAR, opened_office

ASKED = {"value-blank", "value-not-applicable"}  # what was left blank on purpose, and what asks for a decision


class Office:
    """The office's workspace with its year scored."""

    def __init__(self, root: Path) -> None:
        self.root = opened_office(root)
        self.status = main(["--workspace", str(self.root), "score", "--year", str(YEAR)])
        self.place = Workspace.open(self.root)
        self.registry = UnitRegistry.load(self.place.units)
        self.rules = YearRules.load(self.place, self.registry, YEAR)
        self.scored: ScoredYear = ScoreStore(self.place.store).latest(YEAR)

    def said(self, unit: str) -> str:
        """The unit's brief as text."""
        blocks = [block for section in self.dossier(unit).brief.sections for block in section.blocks]
        texts = [block.text for block in blocks if isinstance(block, Paragraph)]
        texts += ["|".join(row) for block in blocks if isinstance(block, Table) for row in block.rows]
        return "\n".join(texts)

    def dossier(self, unit: str) -> Dossier:
        return Dossier.open(str(self.root), unit, YEAR)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("陌生 office"))


def test_filled_blank_forms_are_read_back_without_a_remark(office: Office) -> None:
    assert {submission.outcome for submission in office.scored.submissions} <= {"accepted", "accepted_with_warning"}
    assert {problem.code for problem in office.scored.problems} == ASKED
    assert not [cell for submission in office.scored.submissions for cell in submission.unread]


def test_totals_grades_and_ranks_are_those_worked_out_by_hand(office: Office) -> None:
    """63, 27 and 10 points for safety (of 60), fire (of 40) and daily supervision; without the last 70 and 30."""
    found = {card.unit: (card.total, card.grade, card.rank) for card in office.scored.cards}
    assert found == {
        "XZ01": (Decimal("95.075"), "达标", 3),  # 先进 by points; half of four units may be
        "XZ02": (Decimal("96.95"), "先进", 2),
        "XZ03": (Decimal("97.95"), "先进", 1),
        "XZ04": (None, None, None),  # no self-assessment
        "BM01": (Decimal("81.8875"), "一般", 2),  # among the last three and under 92
        "BM02": (Decimal("99.25"), "先进", 1),  # no daily supervision: 70 and 30; a bonus of 1
        "BM03": (None, None, None),
        "BM04": (None, None, None),
        "BM05": (Decimal("95.86"), "先进", None),
    }
    assert office.scored.card("BM04").barred
    open_ = office.scored.card("BM03").span
    assert open_ is not None
    assert (open_.least, open_.most) == (Decimal("89.0025"), Decimal("91.7025"))
    assert office.status == 1


def test_the_explanation_names_clause_cell_decision_and_person(office: Office) -> None:
    card = office.scored.card("BM01")
    people = {decision.id: decision.person for decision in office.scored.decisions}
    lines = explain(card, office.rules.rubric(card.kind), office.rules.policy, people)
    assert card.scale + sum(line.change or Decimal(0) for line in lines) == card.total
    (ruled,) = [line for line in lines if line.decision == "裁01"]
    assert ruled.change == Decimal("-0.525")
    assert ruled.person == "何某（示例）"
    assert str(ruled.readings[0].cell) == "2031年裁决登记簿.xlsx › 裁决!F5"
    assert ruled.clause.endswith("第2项第（2）款")


def test_the_brief_says_parts_ranges_cautions_and_slips(office: Office) -> None:
    assert "安全生产|60|52.25|63|63|54.8625" in office.said("县交通局")
    assert "日常监管|100|88|10|10|8.8" in office.said("县交通局")
    assert "日常监管|100|没有成绩，权重分给其余部分|10|—|—" in office.said("县住建局")
    assert "裁定后得分在89.00—91.70分之间，等级为“一般”" in office.said("县文旅局")
    assert "按细则取本类平均分" in office.said("县文旅局")
    assert "不予参评：较大以上事故起数1起，应不多于0" in office.said("县农业农村局")
    assert "不参加排名" in office.said("县气象局")
    assert "利益关联：县安委会办公室本年度借用本单位人员参加考核。" in office.said("县气象局")
    assert "轻重好像颠倒" in office.said("东岭镇")
    assert "轻重好像颠倒" not in office.said("县交通局")
    assert "该等级的名额已满，等级为“达标”" in office.said("东岭镇")
    assert "本单位可能为第3—4名" in office.said("东岭镇")


def test_the_brief_is_rendered_in_every_format(office: Office, tmp_path: Path) -> None:
    office.dossier("BM01").write(str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"brief.html", "brief.pdf", "brief.docx"}


def test_the_export_holds_converted_points_and_no_number_that_is_open(office: Office) -> None:
    tables = ScoreStore(office.place.store).tables()
    classes = class_standings(office.scored, tables, office.rules, office.registry)
    content = render_csv(compose_performance_rows(office.scored, classes, office.rules))
    rows = {row["编号"]: row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}
    told = {unit: (row["总分"], row["等级"], row["名次"], row["折算分"], row["待裁定"]) for unit, row in rows.items()}
    assert told["BM01"] == ("81.89", "一般", "", "6.55", "是")  # BM03 will come before it
    assert told["BM03"] == ("", "", "", "", "是")
    assert told["BM04"] == ("", "", "", "", "否")
    assert told["BM05"] == ("95.86", "先进", "", "7.67", "否")
    assert told["XZ03"] == ("97.95", "先进", "1", "7.84", "否")
    assert rows["BM04"]["否决、封顶等说明"] == "不予参评：较大以上事故起数1起，应不多于0"


def test_substitutes_stand_on_no_form_and_every_form_offers_the_offices_own_words(office: Office) -> None:
    own = openpyxl.load_workbook(next((office.root / "forms").rglob("BM05*自查打分表.xlsx"))).active
    printed = [str(cell.value) for row in own.iter_rows() for cell in row if cell.value is not None]
    assert not any("火险气象预警" in text for text in printed)
    assert (
        "（1）重大事项漏报：1次扣0.5分，2次扣3分，3次及以上不得分；（2）信息报送迟延，每迟1小时扣0.25分，最多扣2分。"
        in printed
    )
    visit = openpyxl.load_workbook(next((office.root / "forms").rglob("BM01*实地核查单.xlsx"))).active
    assert "“合格”" in str(visit["A3"].value)
    assert "数量填0" in str(visit["A3"].value)
    offered = [check.formula1 for check in visit.data_validations.dataValidation]
    assert '"改好,没改"' in offered
