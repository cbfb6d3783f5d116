"""Who is assessed, and the one way from a written name to a unit."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.problems import Refused
from analytics.units import UnitKind, UnitRegistry, folded, read_yaml
from analytics.workspace import Workspace

WORKSPACE = Workspace()
REGISTRY = UnitRegistry.load(WORKSPACE.units)
YEARS = (2018, 2019, 2020)
NAMES = [(unit, name) for unit in REGISTRY.units for name in (unit.name, unit.official, *unit.aliases)]
LETTERS = sorted({letter for _, name in NAMES for letter in name} | set("街道镇区委局办路村新 0A"))
CONFUSABLE = {frozenset(pair) for pair in REGISTRY.confusable}


def edited(name: str, place: int, letter: str, act: str) -> str:
    place %= len(name)
    return name[:place] + {"drop": "", "replace": letter, "insert": letter + name[place]}[act] + name[place + 1 :]


def one_edit_apart(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    if len(short) == len(long):
        return sum(a != b for a, b in zip(short, long, strict=True)) == 1
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def listed(unit_id: str) -> set[str]:
    unit = REGISTRY[unit_id]
    return {folded(n, REGISTRY.area) for n in (unit.name, unit.official, *unit.aliases, *(f.name for f in unit.former))}


def data() -> dict[str, Any]:
    return read_yaml(WORKSPACE.units)


def refused(content: object) -> tuple[str, str]:
    """The code of the first problem, and all messages, when ``content`` is loaded as ``units.yaml``."""
    with pytest.raises(Refused) as caught:
        UnitRegistry.from_data(content, "units.yaml")
    assert all(problem.file == "units.yaml" for problem in caught.value.problems)
    return caught.value.problems[0].code, str(caught.value)


def test_the_thirty_units_are_those_of_the_notice_in_its_classes() -> None:
    notice = (WORKSPACE.data / "published" / "notice_2020_13.txt").read_text(encoding="utf-8")
    lists = re.findall(r"部门：主要包括(.+?)等部门", notice)
    printed = [names.split("、") for names in lists]
    assert [len(names) for names in printed] == [16, 4]
    assert [u.name for u in REGISTRY.of_kind(UnitKind.SPECIAL_REGULATOR, 2020)] == printed[0]
    assert [u.name for u in REGISTRY.of_kind(UnitKind.INDUSTRY_DEPARTMENT, 2020)] == printed[1]
    assert len(REGISTRY.of_kind(UnitKind.STREET_TOWN, 2020)) == 10
    assert len(REGISTRY.in_year(2020)) == 30


def test_a_street_whose_name_contains_the_word_town_is_a_street() -> None:
    match = REGISTRY.match("真如镇", 2020)
    assert match.unit is not None
    assert (match.unit.name, match.unit.kind) == ("真如镇街道", UnitKind.STREET_TOWN)


@pytest.mark.parametrize("year", YEARS)
def test_every_listed_name_finds_its_unit(year: int) -> None:
    for unit, name in NAMES:
        assert REGISTRY.match(name, year).unit is unit, name
        assert not REGISTRY.match(name, year).outdated, name


def test_spaces_district_prefix_and_full_width_letters_do_not_hide_a_name() -> None:
    for unit in REGISTRY.units:
        bare = unit.name.removeprefix("区")
        for written in (f" {unit.name}　", f"普陀区{bare}", f"上海市普陀区{bare}", "\u00a0".join(unit.name)):
            assert REGISTRY.match(written, 2020).unit is unit, written
    assert REGISTRY.match("ｓｔ０３", 2020).unit is REGISTRY["ST03"]


@pytest.mark.parametrize(
    ("name", "year", "unit", "outdated"),
    [
        ("区安监局", 2018, "SR11", False),
        ("区安监局", 2019, "SR11", False),
        ("区安监局", 2020, "SR11", True),
        ("区安监局", 2021, None, False),
        ("上海市普陀区环境保护局", 2018, "SR05", False),
        ("区规土局", 2020, "SR06", True),
        ("区卫计委", 2018, "SR07", False),
        ("区旅游局", 2018, "ID03", False),
        ("区公安消防支队", 2018, "SR16", False),
        ("区公安消防支队", 2019, "SR16", True),
        ("区公安消防支队", 2020, None, False),
        ("长征乡", 2018, None, False),
        ("真如镇人民政府", 2018, None, False),
    ],
)
def test_a_former_name_counts_in_its_years_and_one_year_on(
    name: str, year: int, unit: str | None, outdated: bool
) -> None:
    match = REGISTRY.match(name, year)
    assert (match.unit and match.unit.id, match.outdated) == (unit, outdated)


def test_a_name_past_its_years_is_offered_and_never_applied() -> None:
    match = REGISTRY.match("区安监局", 2025)
    assert match.unit is None
    assert match.candidates[0] == "区应急局"


def test_a_street_is_unknown_before_it_was_founded() -> None:
    assert REGISTRY.match("万里街道", 2013).unit is None
    assert REGISTRY.match("万里街道", 2014).unit is REGISTRY["ST07"]
    assert len(REGISTRY.in_year(2013)) == 29


@pytest.mark.parametrize(
    "name", [*data()["not_assessed"], "舟山市普陀区教育局", "浙江省舟山市普陀区应急管理局", "街道", ""]
)
def test_bodies_that_are_not_assessed_are_no_units(name: str) -> None:
    assert REGISTRY.match(name, 2020).unit is None


def test_the_office_that_runs_the_assessment_is_not_taken_for_the_bureau_that_houses_it() -> None:
    assert "区安委办" in data()["not_assessed"]
    assert REGISTRY.match("区安委办", 2020).unit is None


@pytest.mark.parametrize("pair", REGISTRY.confusable, ids="／".join)
def test_confusable_units_are_never_taken_for_each_other(pair: tuple[str, str]) -> None:
    for mine, other in (pair, pair[::-1]):
        unit = REGISTRY.match(mine, 2020).unit
        assert unit is not None
        assert unit.name == mine
        assert not listed(unit.id) & listed(REGISTRY.match(other, 2020).unit.id)


def test_every_two_units_with_names_one_letter_apart_are_listed_as_confusable() -> None:
    near = {
        frozenset((first.name, second.name))
        for first, second in combinations(REGISTRY.units, 2)
        if any(one_edit_apart(a, b) for a in listed(first.id) for b in listed(second.id))
    }
    assert near <= CONFUSABLE, near - CONFUSABLE


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(NAMES),
    st.integers(min_value=0, max_value=40),
    st.sampled_from(LETTERS),
    st.sampled_from(["drop", "replace", "insert"]),
    st.sampled_from(YEARS),
)
def test_a_slip_of_one_letter_is_never_assigned_to_another_unit(
    named: tuple[Any, str], place: int, letter: str, act: str, year: int
) -> None:
    unit, name = named
    slip = edited(name, place, letter, act)
    found = REGISTRY.match(slip, year)
    if found.unit is None:
        assert len(found.candidates) <= 3
    elif found.unit is not unit:
        # The slip is the other unit's own name, letter for letter; such pairs are listed and checked by hand.
        assert folded(slip, REGISTRY.area) in listed(found.unit.id)
        assert frozenset((found.unit.name, unit.name)) in CONFUSABLE
    else:
        assert folded(slip, REGISTRY.area) in listed(unit.id)


def test_a_near_miss_offers_the_right_unit_first() -> None:
    for slip, unit in {
        "长寿路街到": "长寿路街道",
        "区市场监管局局": "区市场监管局",
        "曹扬新村街道": "曹杨新村街道",
    }.items():
        match = REGISTRY.match(slip, 2020)
        assert match.unit is None
        assert match.candidates[0] == unit


def test_another_district_brings_its_own_prefix() -> None:
    unit = REGISTRY["ST09"].model_copy(update={"official": "南通市崇川区长征镇人民政府", "former": ()})
    registry = UnitRegistry([unit], area="江苏省南通市崇川区")
    for written in ("长征镇", "崇川区长征镇", "南通市崇川区长征镇", "江苏省南通市崇川区长征镇"):
        assert registry.match(written, 2020).unit is unit
    assert registry.match("普陀区长征镇", 2020).unit is None


def test_a_name_under_two_units_is_refused() -> None:
    content = data()
    content["units"][1]["aliases"].append("普陀区曹杨")
    code, message = refused(content)
    assert code == "units-name-shared"
    assert "曹杨" in message
    assert "ST01" in message
    assert "ST02" in message


def test_an_id_that_stands_twice_is_refused() -> None:
    content = data()
    content["units"].append(content["units"][2])
    assert refused(content)[0] == "units-id-twice"


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("id", "3", "units.0.id"),
        ("kind", "town", "units.0.kind"),
        ("until", "去年", "units.0.until"),
        ("alias", "x", "units.0.alias"),
    ],
)
def test_a_malformed_unit_is_refused_with_its_place(field: str, value: str, place: str) -> None:
    content = data()
    content["units"][0][field] = value
    code, message = refused(content)
    assert code == "data-file-invalid"
    assert place in message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("area: [普陀区", "yaml-unreadable"),
        ("area:\n\t- 普陀区", "yaml-unreadable"),
        ("area: 甲\narea: 乙\nunits: []", "yaml-unreadable"),
        ("", "yaml-not-a-mapping"),
        ("- 普陀区", "yaml-not-a-mapping"),
        ("area: 普陀区", "data-file-invalid"),
    ],
    ids=["open-bracket", "tab", "key-twice", "empty", "list", "no-units"],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "units.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=r"units\.yaml") as caught:
        UnitRegistry.load(path)
    assert caught.value.problems[0].code == code


def test_a_missing_file_and_a_file_in_another_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        UnitRegistry.load(tmp_path / "units.yaml")
    assert caught.value.problems[0].code == "file-missing"
    (tmp_path / "units.yaml").write_bytes("area: 普陀区".encode("gbk"))
    with pytest.raises(Refused) as caught:
        UnitRegistry.load(tmp_path / "units.yaml")
    assert caught.value.problems[0].code == "yaml-unreadable"


@pytest.mark.parametrize(
    ("content", "line"),
    [("area: 甲\nunits:\n  - {id:ST01\n  name: 乙}\n", "4"), ("a: 1\nb:2\nc: 3\n", "2"), ("a: 1\na: 2\n", "2")],
)
def test_a_yaml_fault_names_its_line(tmp_path: Path, content: str, line: str) -> None:
    path = tmp_path / "units.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Refused) as caught:
        read_yaml(path)
    (problem,) = caught.value.problems
    assert problem.facts["line"] == line
    assert f"第{line}行" in problem.message()
    assert "\\u000a" not in problem.message()


def test_a_yaml_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    path = tmp_path / "units.yaml"
    path.write_bytes("area: 普陀区".encode("gbk"))
    with pytest.raises(Refused, match="GBK"):
        read_yaml(path)


WIDE = {ord(narrow): ord(narrow) + 0xFEE0 for narrow in "()0123456789"}


@settings(max_examples=10_000, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(NAMES), st.sampled_from(["", "上海市普陀区", "普陀区"]), st.integers(0, 40), st.booleans())
def test_any_listed_name_in_any_dress_is_the_unit(named: tuple[Any, str], area: str, place: int, wide: bool) -> None:
    """Hence an alias in the place of a name changes nothing: records hold the id that comes of it, and no name."""
    unit, name = named
    dressed = name if name.startswith(("上海", "普陀")) else area + name
    place %= len(dressed) + 1
    written = f"{dressed[:place]}\u3000{dressed[place:]} "
    match = REGISTRY.match(written.translate(WIDE) if wide else written, 2020)
    assert match.unit is not None
    assert (match.unit.id, match.outdated) == (unit.id, False)
