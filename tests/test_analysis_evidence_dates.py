from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_frames import made_up, with_claims

from analytics.analysis.evidence_dates import EvidenceDates, Mention, evidence_dates, mentions_in, outside_of

DEADLINE = datetime.date(2020, 10, 31)


def dates(*texts: str) -> EvidenceDates:
    tables = with_claims(made_up(years=(2020,)), *({"evidence": text} for text in texts))
    return evidence_dates(tables, 2020, "street_town", DEADLINE)


@pytest.mark.parametrize(
    ("text", "year", "day"),
    [
        ("2019年3月会议纪要", 2019, None),
        ("2019年3月份简报", 2019, None),
        ("2019-03-02签到表", 2019, datetime.date(2019, 3, 2)),
        ("２０１９年３月２日", 2019, datetime.date(2019, 3, 2)),
        ("2019.3.2、照片", 2019, datetime.date(2019, 3, 2)),
        ("检查记录20190302.pdf", 2019, datetime.date(2019, 3, 2)),
        ("2019年度责任书", 2019, None),
        ("2019年2月30日", 2019, None),
    ],
)
def test_a_date_is_read_however_it_is_written(text: str, year: int, day: datetime.date | None) -> None:
    (found,) = mentions_in(text)
    assert (found.year, found.day, found.document) == (year, day, False)


@pytest.mark.parametrize("text", ["普安办〔2019〕5号", "普安办[2019]5号", "普安办（2019）第5号"])
def test_the_year_in_brackets_before_a_number_is_a_document(text: str) -> None:
    (found,) = mentions_in(text)
    assert (found.year, found.document) == (2019, True)


@pytest.mark.parametrize(
    "text", ["会议纪要、签到表6份", "2018—2020年三年行动", "电话52021234567", "隐患2019处", "第20201301号"]
)
def test_numbers_and_ranges_are_no_dates(text: str) -> None:
    assert list(mentions_in(text)) == []


def test_an_old_document_is_said_to_be_legitimate_and_not_counted_among_the_dates() -> None:
    found = dates("普安办〔2019〕5号")
    assert found.rows["outside"].to_list() == ["earlier_document"]
    assert "1处引用往年的文号，往年的文件可以仍然有效" in found.sentence
    assert "值得看一看" not in found.sentence


def test_a_date_of_an_earlier_year_is_worth_a_look_with_its_cell() -> None:
    found = dates("2019年3月会议纪要", "2020年3月会议纪要")
    assert found.rows["written"].to_list() == ["2019年3月"]
    assert found.dated == found.read == 2
    assert "1处日期在考核年度以外或晚于报送截止日（曹杨新村街道），值得看一看，因为" in found.sentence
    assert found.shown.rows[0][-1] == "自评表.xlsx › 自评表!F6"


def test_a_day_after_the_deadline_is_worth_a_look_and_the_deadline_itself_is_not() -> None:
    assert dates("2020-10-31检查", "2020-11-01检查").rows["written"].to_list() == ["2020-11-01"]
    tables = with_claims(made_up(years=(2020,)), {"evidence": "2020-11-01检查"})
    assert evidence_dates(tables, 2020, "street_town").rows.empty


def test_the_same_date_twice_in_a_text_is_one_finding() -> None:
    assert len(dates("2021年1月至2021年1月").rows) == 1


def test_texts_without_a_date_are_counted_and_that_is_said() -> None:
    found = dates("会议纪要", "签到表")
    assert (found.read, found.dated) == (2, 0)
    assert found.sentence.startswith("街道镇2020年度自评表写了2段文字，没有一段写有日期")


def test_another_class_and_another_year_are_left_alone() -> None:
    here = {"evidence": "2017年3月"}
    other = {"kind": "industry_department", "unit_name": "区民政局"}
    tables = with_claims(made_up(), here | other, here | {"year": 2019})
    assert evidence_dates(tables, 2020, "street_town", DEADLINE).read == 0


def test_without_claims_there_is_nothing_to_read() -> None:
    found = evidence_dates(made_up(years=(2020,)), 2020, "street_town", DEADLINE)
    assert (found.read, found.dated, len(found.shown.rows)) == (0, 0, 0)
    assert "没有写扣分原因和佐证材料" in found.sentence


def test_control_characters_and_markup_are_shown_as_text() -> None:
    found = dates("2019年3月\x0b<script>\n$x$")
    assert "\x0b" not in found.shown.rows[0][3]
    assert "&lt;script&gt;" in found.shown._repr_mimebundle_()["text/html"]


@given(st.dates(datetime.date(2001, 1, 1), datetime.date(2099, 12, 31)), st.integers(2002, 2098))
def test_a_date_is_outside_exactly_when_its_year_is_another(day: datetime.date, year: int) -> None:
    for text in (f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}"):
        (found,) = mentions_in(f"检查记录{text}。")
        assert found.day == day
        assert bool(outside_of(found, year, None)) == (day.year != year)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert all(isinstance(found, Mention) for found in mentions_in(text))
