"""Tables as a notebook shows them: of any rows, of a score card, of a scored year."""

from __future__ import annotations

from decimal import Decimal

import pytest
from made_up import decision, finding, policy, rubric, self_mark, street
from made_up_store import SILENT, made_up_workspace

from analytics.listing import Listing
from analytics.scoring import Scorecard, score
from analytics.store import ScoredYear, ScoreStore

EACH = {"id": "1", "kind": "per_occurrence", "on": "每缺一次", "points": 1, "cap": 2}
ITEMS = ({"full_marks": 60, "rules": [EACH]}, {"full_marks": 40, "rules": [EACH]})


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> ScoredYear:
    workspace = made_up_workspace(tmp_path_factory.mktemp("考核 工作区"), (2020,))
    return ScoreStore(workspace.store).latest(2020)


def html(shown: object) -> str:
    return str(shown._repr_mimebundle_()["text/html"])  # type: ignore[attr-defined]


def test_numbers_stand_right_and_words_left() -> None:
    listing = Listing.of(("单位", "总分", "变化", "名次"), [("甲", "90.15", "-0.50", 1), ("乙", "", "+2", "")])
    assert html(listing).count('<td style="text-align:right">') == 6
    assert '<th style="text-align:left">单位</th>' in html(listing)


def test_caption_and_notes_are_text_too() -> None:
    listing = Listing.of(("甲",), [("1",)], caption="<b>2020</b>", notes=["", "示范<i>"])
    assert html(listing).startswith("<p>&lt;b&gt;2020&lt;/b&gt;</p><table>")
    assert html(listing).endswith("</table><p>示范&lt;i&gt;</p>")
    assert listing._repr_mimebundle_()["text/plain"] == "<b>2020</b>\n甲\n1\n示范<i>"


def test_without_rows_the_caption_and_the_notes_remain() -> None:
    bundle = Listing.of(("甲",), [], caption="2020年度", notes=["示范"])._repr_mimebundle_()
    assert bundle["text/markdown"] == "2020年度\n\n（无）\n\n示范"


def test_the_lines_of_a_card_run_from_full_marks_to_its_total(year: ScoredYear) -> None:
    for card in year.cards:
        rows = card.shown().rows
        assert (rows[0][0], rows[0][2]) == ("满分", "100.00")
        steps = sum((Decimal(row[1]) for row in rows if row[1] not in ("", "待裁定")), Decimal(100))
        if card.total is not None:
            assert rows[-1][2] == f"{card.total:.2f}"
            assert steps == pytest.approx(card.total, abs=Decimal("0.02"))


def test_a_card_names_its_result_and_what_was_assumed(year: ScoredYear) -> None:
    card = year.card("ST03")
    shown = html(card)
    assert f"ST03（街道镇）2020年度：总分{card.total:.2f}分，{card.grade}" in shown
    assert "未经核查，按自评分计" in shown


def test_a_card_that_waits_says_for_what(year: ScoredYear) -> None:
    card = year.card(SILENT)
    assert f"{len(card.waiting)}项待裁定，暂无总分" in card.shown().caption
    assert [row[1] for row in card.shown().rows].count("待裁定") == len(card.waiting)
    assert f"{card.waiting[0].waiting_for}" in card.shown().rows[1][0]


def test_an_occurrence_past_its_cap_and_a_mark_raised_on_review_have_their_sign() -> None:
    seen = [self_mark(60), self_mark(40, "item.2"), *(finding("1", 1, row=row) for row in (5, 6, 7))]
    (card,) = score(rubric(ITEMS), policy(), [street(1)], seen, [decision("review", 59, "item.1")])
    changes = [row[1] for row in card.shown().rows[1:]]
    assert sorted(changes) == ["+1.00", "-1.00", "-1.00", "0.00"]
    assert card.shown().rows[-1][2] == "99.00"


def test_a_year_shows_its_units_by_class_and_rank_and_what_it_is_not(year: ScoredYear) -> None:
    assert [row[0] for row in year.shown.rows] == ["街道镇"] * 10 + ["专项监管部门"] * 16 + ["行业主管部门"] * 4
    assert [row[1] for row in year.shown.rows[:10]] == [*map(str, range(1, 10)), ""]
    assert year.shown.rows[9][2:] == ("宜川路街道", "", "待裁定", str(len(year.card(SILENT).waiting)))
    assert year.shown.caption == f"2020年度计分批次{year.run_id}：30个单位，其中1个待裁定"
    assert "合成示例数据，非真实考核结果；示范细则（非正式文件）" in html(year)


def test_a_card_out_of_its_year_has_names(year: ScoredYear) -> None:
    by_name, by_id = year.shown_card("长寿路街道"), year.shown_card("ST03")
    assert by_name == by_id
    assert by_name.caption.startswith("长寿路街道（街道镇）")
    assert any(row[0].startswith("第38项“配合事故调查处理，落实事故…”：") for row in by_name.rows)
    with pytest.raises(KeyError):
        year.shown_card("长寿")


def test_a_card_knows_only_ids() -> None:
    (card,) = score(rubric(ITEMS), policy(), [street(1)], [self_mark(60), self_mark(39, "item.2")], [])
    assert isinstance(card, Scorecard)
    assert card.shown("甲街道", {"item.2": "第2项"}).rows[1][0].startswith("第2项：")
