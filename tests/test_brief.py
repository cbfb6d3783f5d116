"""What a brief says: read as plain text against tests/golden, and the rules it must never break."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.documents.brief import compose_brief
from analytics.documents.brief_phrases import PHRASES
from analytics.documents.content import Brief, Paragraph, Picture, Table
from analytics.documents.unit_year import UnitYear
from analytics.records import Channel, Observation, Rectification
from analytics.rubric import Rubric
from analytics.scoring import score
from analytics.store.scored_year import PrintedSetting, ScoredItem, ScoredYear
from analytics.units import UnitKind
from tests import made_up

POLICY = made_up.policy()
UNITS = [made_up.street(number) for number in range(1, 6)]
UNIT = UNITS[0]
THEMES = [{"id": "t1", "name": "明确责任落实", "points": 40}, {"id": "t2", "name": "防范遏制事故", "points": 60}]
RULES: list[dict[str, Any]] = [
    {
        "id": "duty.meetings",
        "text": "定期专题研究",
        "full_marks": 20,
        "rules": [{"id": "1", "kind": "per_occurrence", "on": "少1次", "points": 1, "cap": 2}],
    },
    {
        "id": "duty.plans",
        "text": "制定方案",
        "full_marks": 20,
        "rules": [{"id": "1", "kind": "discretionary", "on": "流于形式", "least": "0.2", "most": 3}],
    },
    {
        "id": "hazard.fixed",
        "text": "整改隐患",
        "full_marks": 30,
        "theme": "t2",
        "rules": [
            {
                "id": "1",
                "kind": "ratio",
                "on": "整改率",
                "numerator": "hazards_fixed",
                "denominator": "hazards_found",
                "points": "0.1",
            }
        ],
    },
    {
        "id": "accident.count",
        "text": "事故起数下降",
        "full_marks": 30,
        "theme": "t2",
        "rules": [
            {
                "id": "2",
                "kind": "comparison",
                "on": "每多1起",
                "measure": "accidents",
                "baseline": "accidents_last_year",
                "points": 2,
            }
        ],
    },
]
ACCIDENTS = ("accidents", "accidents_last_year", "deaths")


def rubric(**more: Any) -> Rubric:
    made = made_up.rubric(
        RULES,
        themes=THEMES,
        bonus=[{"id": "bonus.award", "no": "1", "on": "受到表彰", "levels": {"区级": 1}}],
        vetoes=[
            {"id": "veto.deaths", "no": "2", "on": "死亡事故", "effect": "cap", "grade": "良好", "measure": "deaths"}
        ],
        **more,
    )
    stated = [m.model_copy(update={"form": "accidents"}) if m.id in ACCIDENTS else m for m in made.measures]
    return made.model_copy(update={"measures": tuple(stated), "sha256": "c" * 64})


def found(item: str, rule: str, text: str, row: int, count: int = 1, closed: bool | None = False) -> Observation:
    todo = Rectification(datetime.date(2020, 12, 15), "张某（示例）", closed)
    seen = made_up.finding(rule, count, item, row=row)
    return replace(seen, text=text, evidence=f"XC-{row:02d}", group="第一组", rectification=todo)


def accident(measure: str, value: int, unit: str = "ST01") -> Observation:
    return made_up.figure(measure, value, unit, Channel.ACCIDENT)


def others() -> list[Observation]:
    """The other units of the class: full self-marks but one, and texts of their own that must not travel."""
    return [
        replace(made_up.self_mark(rule["full_marks"] - number, rule["id"], unit.id, f"别家的事{unit.id}"), unit=unit.id)
        for number, unit in enumerate(UNITS[1:])
        for rule in RULES
    ]


def year(observations: Iterable[Observation], decisions: Iterable[Any] = (), **more: Any) -> ScoredYear:
    seen, decided = (*observations, *others()), tuple(decisions)
    rules = more.pop("rubric", rubric())
    units = more.pop("units", UNITS)
    settings = (
        PrintedSetting("grades", "90分以上为优秀。", "assumed"),
        PrintedSetting("total_cap", "总分最高100分。", "notice 2020-13 §三（五）"),
    )
    facts: dict[str, Any] = {"synthetic": True, "run_id": "2020-0001", "sha256": "9f3a" * 16, "settings": settings}
    return ScoredYear(
        year=2020,
        cards=score(rules, POLICY, units, seen, decided),
        observations=seen,
        decisions=decided,
        **(facts | more),
    )


def whole_story() -> tuple[ScoredYear, ScoredYear]:
    """One unit with every kind of deduction, a bonus and a cap; and its year before."""
    seen = [
        *(made_up.self_mark(rule["full_marks"], rule["id"]) for rule in RULES),
        found("duty.meetings", "1", "第三季度没有专题研究", 7, count=2),
        found("duty.meetings", "1", "会议纪要缺1份", 8, closed=True),
        found("duty.plans", "1", "方案照搬照抄", 9, closed=None),
        made_up.figure("hazards_found", 200),
        made_up.figure("hazards_fixed", 191),
        accident("accidents", 3),
        accident("accidents_last_year", 2),
        accident("deaths", 1),
    ]
    decided = [
        made_up.decision("discretionary", "0.5", "duty.plans", "1", id="D1"),
        made_up.decision("bonus", 1, clause="1", id="D2", matter="楼道微型消防站"),
    ]
    before = [
        *(made_up.self_mark(rule["full_marks"], rule["id"]) for rule in RULES[:3]),
        replace(found("duty.meetings", "1", "去年会议少1次", 5), year=2019),
        replace(found("duty.gone", "1", "去年的老问题", 6, closed=None), year=2019),
        replace(found("duty.plans", "1", "去年已改的问题", 7, closed=True), year=2019),
        accident("accidents", 4),
    ]
    mark_of_last_year = made_up.self_mark(25, "accident.count")
    last = year([*before, mark_of_last_year], [made_up.decision("discretionary", 1, "duty.plans", "1")])
    cards = tuple(replace(card, year=2019) for card in last.cards)
    return year(seen, decided), replace(last, year=2019, cards=cards)


def brief_of(scored: ScoredYear, previous: ScoredYear | None = None, **more: Any) -> Brief:
    return compose_brief(scored, previous, UNIT, more.pop("rubric", rubric()), POLICY, more.pop("pictures", {}), **more)


def plain(brief: Brief) -> str:
    """The brief as text: sections, paragraphs with their role, tables as rows."""
    lines = [brief.banner, brief.title, brief.subtitle, ""]
    for section in brief.sections:
        lines.append(f"## {section.title}")
        for block in section.blocks:
            match block:
                case Paragraph(text, role):
                    lines.append(f"[{role}] {text}")
                case Table():
                    lines.append(f"<{block.caption}>")
                    lines += ["| " + " | ".join(row) + " |" for row in (block.header, *block.rows)]
                case Picture():
                    lines.append(f"({block.caption})")
                case _:
                    lines.append(" ____ ".join(block.places))
        lines.append("")
    return "\n".join([*lines, brief.footer, ""])


def section(brief: Brief, number: int) -> tuple[list[str], list[Table]]:
    """The paragraphs and tables of a section, counted from 1."""
    blocks = brief.sections[number - 1].blocks
    return [b.text for b in blocks if isinstance(b, Paragraph)], [b for b in blocks if isinstance(b, Table)]


def unhashed(text: str) -> str:
    """The text without the hash of the unit's record, which any new field of a record changes."""
    (record,) = set(re.findall(r"SHA-256 ([0-9a-f]{12})", text))
    return text.replace(record, "0" * 12)


def test_a_year_with_everything_reads_as_agreed(expect_golden: Callable[[str, str], None]) -> None:
    expect_golden("brief_full.txt", unhashed(plain(brief_of(*whole_story()))))


def test_the_same_year_in_english_keeps_the_data_chinese(expect_golden: Callable[[str, str], None]) -> None:
    expect_golden("brief_english.txt", unhashed(plain(brief_of(*whole_story(), language="en"))))


def test_a_unit_that_awaits_a_decision_has_no_score_and_says_why(expect_golden: Callable[[str, str], None]) -> None:
    seen = [
        made_up.self_mark(20, "duty.meetings"),
        found("duty.plans", "1", "方案照搬照抄", 9),
        made_up.self_mark(None, "hazard.fixed"),
        made_up.self_mark("29.5", "accident.count", reason="有1起轻微事故"),
    ]
    expect_golden("brief_waiting.txt", unhashed(plain(brief_of(year(seen)))))


def test_no_other_unit_is_named_or_quoted() -> None:
    text = plain(brief_of(*whole_story()))
    for unit in UNITS[1:]:
        assert unit.name not in text
        assert unit.id not in text
    assert "别家的事" not in text


def test_aggregates_are_left_out_when_they_would_give_the_other_unit_away() -> None:
    scored, _ = whole_story()
    pair = replace(scored, cards=scored.cards[:2])
    _, (table,) = section(brief_of(pair), 2)
    assert {row[4:] for row in table.rows} == {("—", "—")}


def test_deductions_add_up_and_come_largest_first() -> None:
    scored, previous = whole_story()
    (told, *_), (losses, also, steps) = section(brief_of(scored, previous), 3)
    items = [Decimal(row[0]) for n, row in enumerate(losses.rows) if n in losses.emphasis]
    points = [Decimal(row[0]) for n, row in enumerate(losses.rows) if n not in losses.emphasis]
    assert items == sorted(items, reverse=True)
    assert sum(items) == sum(points)
    card = scored.card("ST01")
    assert card.total is not None
    assert Decimal(100) - sum(points) + sum(Decimal(row[0]) for row in steps.rows) == card.total
    assert f"得分{POLICY.rounded(card.total)}分" in told
    assert [row[:3] for row in also.rows] == [("第1项", "（1）", "会议纪要缺1份")]


def test_a_capped_grade_is_a_caution_with_its_cause() -> None:
    brief = brief_of(*whole_story())
    cautions = [b.text for b in brief.sections[0].blocks if isinstance(b, Paragraph) and b.role == "caution"]
    assert cautions[0] == "按得分为“优秀”；因deaths1次，等级最高为“良好”（否决第2条：死亡事故）。"


def test_last_years_closed_problems_are_not_open_ones() -> None:
    (told,), (table,) = section(brief_of(*whole_story()), 6)
    assert [row[0] for row in table.rows] == ["去年会议少1次", "去年的老问题"]
    assert [row[4] for row in table.rows] == ["第1项，再扣2分", "本年细则无此项"]
    assert told.startswith("上年记录中有2个问题未销号，其中1个")


def test_an_item_renamed_since_last_year_is_found_by_its_former_name() -> None:
    scored, previous = whole_story()
    renamed = rubric()
    items = (renamed.items[0].model_copy(update={"formerly": ("duty.gone",)}), *renamed.items[1:])
    _, (table,) = section(brief_of(scored, previous, rubric=renamed.model_copy(update={"items": items})), 6)
    assert [row[4] for row in table.rows] == ["第1项，再扣2分", "第1项，再扣2分"]


def test_years_with_other_items_are_compared_on_the_shared_ones_only() -> None:
    scored, previous = whole_story()
    cards = tuple(
        replace(card, marks=tuple(replace(m, item="old") if m.item == "accident.count" else m for m in card.marks))
        for card in previous.cards
    )
    (*_, note), _ = section(brief_of(scored, replace(previous, cards=cards)), 1)
    assert note.startswith("两年细则不同，总分仅供参照；可比的是两年都有的3项（本年共70分）的得分率")


def test_both_years_are_weighted_by_this_years_points() -> None:
    scored, previous = whole_story()
    alike = UnitYear(scored, previous, made_up.STREET, rubric(), POLICY).comparison
    cards = tuple(
        replace(
            card,
            marks=tuple(replace(m, full_marks=2 * m.full_marks, awarded=2 * m.awarded) for m in card.marks[:1])
            + card.marks[1:],
        )
        for card in previous.cards
    )
    doubled = UnitYear(scored, replace(previous, cards=cards), made_up.STREET, rubric(), POLICY).comparison
    assert alike is not None
    assert doubled is not None
    assert doubled.rate_before == alike.rate_before


def test_open_problems_are_counted_on_the_first_page() -> None:
    told, _ = section(brief_of(*whole_story()), 1)
    assert any(text.endswith("检查记录的3个问题中，2个未销号。") for text in told)
    closed = year([found("duty.meetings", "1", "甲", 7, closed=True)])
    told, _ = section(brief_of(closed), 1)
    assert any(text.endswith("检查记录的1个问题均已销号。") for text in told)


def test_the_ledger_of_the_brief_tells_state_re_check_and_what_is_overdue_as_of_which_day() -> None:
    def seen(row: int, **todo: Any) -> Observation:
        told = found("duty.meetings", "1", f"第{row}处", row)
        assert told.rectification
        changed = replace(told.rectification, deadline=datetime.date(2020, 11, 1), **todo)
        return replace(told, date=datetime.date(2020, 10, 20), rectification=changed)

    again = datetime.date(2020, 11, 9)
    scored = year([
        seen(6, closed=False), seen(7, closed=True, rechecked=again, passed=False),
        seen(8, closed=True, rechecked=again, passed=True), seen(9, closed=None),
    ])  # fmt: skip
    (told,), (table,) = section(brief_of(scored, whole_story()[1]), 7)
    assert told == (
        "本年检查记录问题4个：已销号1个，未销号3个（未整改2个，未写明1个）。"
        "截至2020-11-09（全部记录中最晚的检查、复查日期），未销号的有3个逾期。"
        "已复查2个，1个没有通过，算未整改。"
        "已销号的见“扣分情况”，此处不再列出。"
    )
    assert [(*row[:4], row[5]) for row in table.rows] == [
        ("1（1）", "第6处", "现场", "2020-11-01", "未整改，逾期"),
        ("1（1）", "第7处", "现场", "2020-11-01", "2020-11-09复查未通过，逾期"),
        ("1（1）", "第9处", "现场", "2020-11-01", "未写明，逾期"),
    ]


def test_a_problem_on_an_item_that_had_one_last_year_is_said_to_come_again() -> None:
    asked = tuple(
        ScoredItem("细则", UnitKind.STREET_TOWN, rule["id"], str(no), rule["text"], "t1", "", Decimal(10))
        for no, rule in enumerate(RULES, 1)
    )
    scored, previous = (replace(one, items=asked) for one in whole_story())
    (told,), _ = section(brief_of(scored, previous), 7)
    assert "有3个问题所在的考核内容上年也查出过问题（第1、2项）。" in told
    renewed = replace(asked[0], formerly=("duty.other",)), *asked[1:]
    old = replace(previous, items=(*asked, replace(asked[0], item="duty.other")))
    (told,), _ = section(brief_of(replace(scored, items=renewed), old), 7)
    assert "有1个问题所在的考核内容上年也查出过问题（第2项）。" in told


def test_full_self_marks_are_stated_without_comment() -> None:
    (told,), _ = section(brief_of(*whole_story()), 4)
    assert told.endswith("自评各项均为满分。")


def test_a_real_year_under_a_rubric_in_force_has_no_banner() -> None:
    assert brief_of(year([], synthetic=False, status="in_force")).banner == ""


def test_pictures_go_to_the_end_of_their_section() -> None:
    picture = Picture("各主题得分率", "图", b"<svg/>", b"")
    brief = brief_of(year([]), pictures={"themes": picture})
    assert brief.sections[1].blocks[-1] is picture


def test_a_picture_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="'elsewhere'"):
        brief_of(year([]), pictures={"elsewhere": Picture("", "", b"", b"")})


def test_a_unit_without_a_card_has_no_brief() -> None:
    with pytest.raises(KeyError):
        brief_of(replace(year([]), cards=()))


def test_every_deduction_leads_to_its_file_and_cell() -> None:
    far = made_up.reading(9, "1", "专项督查/现场.xlsx")
    seen = [found("duty.meetings", "1", "甲", 7), replace(found("duty.meetings", "1", "乙", 8), reading=far)]
    brief = brief_of(year(seen))
    _, (losses, *_) = section(brief, 3)
    _, (sources,) = section(brief, 8)
    assert [row[3:] for row in losses.rows[1:]] == [("XC-08", "①表!G9"), ("XC-07", "②表!G7")]
    assert [row[:2] for row in sources.rows] == [("①", "专项督查/现场.xlsx"), ("②", "现场.xlsx")]


def test_a_decisions_person_is_named_once() -> None:
    scored, previous = whole_story()
    late = made_up.decision("lateness", 1, clause="3", id="D3", reason="迟报1日")
    clause = {"id": "outside.late", "no": "3", "on": "逾期", "points": 1, "cap": 5}
    rules = rubric(outside=[clause])
    decided = year(scored.observations, [*scored.decisions, late], rubric=rules, units=UNITS[:1])
    _, (*_, steps) = section(brief_of(decided, previous, rubric=rules), 3)
    assert [row[2] for row in steps.rows] == [
        "楼道微型消防站，理由（加分第1条：受到表彰；D2号裁定，裁定人（示例），2020-11-20）",
        "迟报1日（裁定人（示例），2020-11-20）（百分外扣分第3条：逾期；D3号裁定）",
    ]


@given(st.decimals(0, 100, allow_nan=False, places=5))
def test_the_printed_total_never_shows_another_grade(total: Decimal) -> None:
    shown, exact = UnitYear(year([]), None, UNIT, rubric(), POLICY).shown_total(total)
    assert POLICY.grade(Decimal(shown)) == POLICY.grade(total)
    assert exact or Decimal(shown) == POLICY.rounded(total)


def test_a_total_just_under_a_grade_is_printed_with_the_decimals_that_decide() -> None:
    seen = UnitYear(year([]), None, UNIT, rubric(), POLICY)
    assert seen.shown_total(Decimal("89.9966666")) == ("89.996", True)
    assert seen.shown_total(Decimal("89.99")) == ("89.99", False)
    assert seen.shown_total(Decimal(90)) == ("90.00", False)


def test_every_phrase_takes_the_same_facts_in_both_languages() -> None:
    for key, texts in PHRASES.items():
        chinese, english = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in texts)
        assert chinese == english, key
