from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz
from score_frames import made_up, with_claims

from analytics.analysis import likeness as module
from analytics.analysis.likeness import Likeness, Wording, essence_of, likeness, near_pairs
from analytics.rubric import Item, PerOccurrence, Rubric
from analytics.store import ScoreTables
from analytics.units import UnitKind

CLAUSE = "党（工）委主要负责人未每季度专题研究安全生产工作，每少1次"
RUBRIC = Rubric(
    year=2020, id="street_town", title="", applies_to=(UnitKind.STREET_TOWN,), status="demonstration", reference="",
    themes=(), items=(
        Item(
            id="duty.study", no="1", theme="t1", text="党政主要负责人定期专题研究安全生产和消防工作", full_marks="12",
            rules=(PerOccurrence(id="1", kind="per_occurrence", on=CLAUSE, points="0.5"),),
        ),
    ),
)  # fmt: skip
OWN = "六月班子调整后联络员名册晚了一周才报街道办"
YEARS = made_up(years=(2018, 2019, 2020))
chinese = st.text(st.sampled_from("六月班子调整后联络员名册晚了一周才报街道办隐患排查"), min_size=8, max_size=40)


def alike(*claims: dict[str, Any], tables: ScoreTables = YEARS) -> Likeness:
    return likeness(with_claims(tables, *claims), 2020, "street_town", RUBRIC)


def two_units(one: str, other: str) -> Likeness:
    return alike({"reason": one}, {"unit_name": "桃浦镇", "reason": other, "cell": "桃浦镇.xlsx › 自评表!F6"})


def test_the_same_words_at_two_units_are_worth_a_look_and_shown_once_with_both_cells() -> None:
    found = two_units(OWN, OWN)
    assert found.families == 1
    ((score, who, text, because, cells),) = found.shown.rows
    assert score == "100%"
    assert who == "曹杨新村街道2020年度第1项；桃浦镇2020年度第1项"
    assert text == f"扣分原因：{OWN}"
    assert "可能照抄，也可能共用模板" in because
    assert cells == "2020年度：自评表.xlsx › 自评表!F6；桃浦镇.xlsx › 自评表!F6"
    assert "单位之间重复的1组，涉及曹杨新村街道、桃浦镇；值得看一看，因为" in found.sentence


def test_a_unit_that_writes_as_last_year_is_told_apart_from_two_units() -> None:
    found = alike({"reason": OWN}, {"reason": OWN, "year": 2019})
    assert found.families == 1
    assert "本单位年度之间重复的1组" in found.sentence
    assert found.shown.rows[0][1] == "曹杨新村街道2020年度第1项；曹杨新村街道2019年度第1项"


def test_a_unit_that_repeats_itself_within_its_form_is_not_meant() -> None:
    assert alike({"reason": OWN}, {"reason": OWN, "item": "duty.leaders"}).families == 0


def test_reasons_and_evidence_are_compared_with_each_other() -> None:
    assert alike({"reason": OWN}, {"evidence": OWN, "unit_name": "桃浦镇"}).families == 1


def test_texts_of_other_classes_count_but_only_beside_one_of_this_class() -> None:
    other = {"unit_name": "区民政局", "kind": "industry_department", "reason": OWN}
    assert alike({"reason": OWN}, other).families == 1
    assert alike({"reason": "没有别的话可写只写这一句"}, other, other | {"unit_name": "区教育局"}).families == 0


def test_what_only_earlier_years_share_is_no_matter_of_this_year() -> None:
    assert alike({"reason": OWN, "year": 2019}, {"reason": OWN, "year": 2018}).families == 0


@pytest.mark.parametrize(
    "text",
    [
        "", "无", "满分", "会议纪要、签到表6份", "检查记录复印件8份", "不涉及，本单位无此项职责",
        f"{CLAUSE}，自扣0.5分", "党（工）委主要负责人未每季度专题研究安全生产工作，自扣1分",
        "党工委主要负责人没有每季度专题研究安全生产工作", "季度专题研究安全生产工作",
        "党政主要负责人定期专题研究安全生产和消防工作，满分",
    ],
)  # fmt: skip
def test_formulas_and_the_rubrics_own_words_are_no_sign_of_copying(text: str) -> None:
    found = two_units(text, text)
    assert found.families == 0
    assert found.formulaic == found.read


def test_own_words_beside_the_rubrics_are_compared() -> None:
    assert two_units(f"{CLAUSE}，{OWN}", OWN).families == 1


def test_a_text_may_differ_in_one_character_of_ten_but_not_in_three() -> None:
    assert two_units(OWN, OWN.replace("一周", "两周")).rows["alike"].to_list() == [95, 95]
    assert two_units(OWN, OWN.replace("六月班子", "年初领导")).families == 0


def test_many_units_with_the_same_words_are_one_family_and_called_a_template() -> None:
    names = ("曹杨新村街道", "长风新村街道", "长寿路街道", "甘泉路街道", "石泉路街道", "宜川路街道", "万里街道")
    found = alike(*({"unit_name": name, "reason": OWN} for name in names))
    assert found.families == 1
    assert found.shown.rows[0][1].endswith("等7处")
    assert found.shown.rows[0][3].startswith("7个单位写得一样，多半是统一的口径或模板")


def test_the_number_of_compared_pairs_is_that_of_different_texts() -> None:
    texts = (OWN, "联系人手机号没有及时更新到平台上", "演练照片存在旧硬盘里还没有拷出来")
    found = alike(*({"reason": text} for text in (*texts, OWN)), {"reason": "往年别的单位写的另一段文字", "year": 2019})
    assert (found.read, found.formulaic, found.compared) == (4, 0, 6)


def test_a_class_that_wrote_nothing_or_handed_in_nothing_has_its_sentence() -> None:
    for found in (alike({}), likeness(made_up(years=(2020,)), 2020, "street_town", RUBRIC)):
        assert (found.read, found.families, found.compared) == (0, 0, 0)
        assert "没有写扣分原因和佐证材料" in found.sentence


def test_control_characters_and_markup_neither_hide_a_copy_nor_reach_the_page() -> None:
    found = two_units(OWN, f"\x00{OWN[:5]}\x0b<b>\n{OWN[5:]}</b>")
    assert found.families == 1
    other = two_units(f"<script>{OWN}\x07", f"<script>{OWN}\x07")
    assert "\x07" not in other.shown.rows[0][2]
    assert "<script>" not in other.shown._repr_mimebundle_()["text/html"]


def test_an_item_that_the_rubric_no_longer_has_can_still_be_shown() -> None:
    found = alike({"reason": OWN, "no": None, "item_text": None}, {"reason": OWN, "unit_name": "桃浦镇"})
    assert found.shown.rows[0][1] == "曹杨新村街道2020年度；桃浦镇2020年度第1项"


@given(chinese, st.lists(chinese, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_an_identical_text_is_always_found_in_any_order_and_company(text: str, others: list[str], draw: Any) -> None:
    own = Wording.of(module.rubric_texts(RUBRIC)).own_words(text)
    claims = [{"reason": text}, {"reason": text, "unit_name": "桃浦镇"}]
    claims += [{"reason": other, "unit_name": "长征镇"} for other in others]
    found = alike(*claims)
    draw.shuffle(claims)
    again = alike(*claims)
    places = set(zip(found.rows["unit_name"], found.rows["text"], strict=True))
    assert places == set(zip(again.rows["unit_name"], again.rows["text"], strict=True))
    assert {("曹杨新村街道", text), ("桃浦镇", text)} <= places or len(own) < module.LEAST


@given(st.text(), st.integers(0, 10**6), st.integers(0, 10**6))
def test_digits_do_not_matter(text: str, one: int, other: int) -> None:
    assert essence_of(f"{text}{one}份") == essence_of(f"{text}{other}份")


@given(st.lists(chinese, min_size=1, max_size=30), st.integers(60, 100))
@settings(max_examples=40, deadline=None)
def test_no_pair_is_lost_by_comparing_block_by_block_within_lengths(texts: list[str], least: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", 3)
        blocks = [np.column_stack(block[:2]) for block in near_pairs(texts, texts, least)]
    found = set(map(tuple, np.concatenate(blocks).tolist()))
    ratios = np.array([[fuzz.ratio(a, b, score_cutoff=least) for b in texts] for a in texts])
    assert found == set(map(tuple, np.argwhere(ratios > 0).tolist()))
