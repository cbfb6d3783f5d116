"""Every problem has its wording in both languages, and every wording its facts."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import analytics
from analytics.problems import Problem, Refused, catalogue, shown
from analytics.provenance import CellRef

PACKAGE = Path(analytics.__file__).parent
CODE = re.compile(r"[a-z]+(?:-[a-z]+)+")
NOT_CODES = {"dash-dotted", "injected-parameters", "parameters-given", "yyyy-mm-dd", "re-weighting", "self-assessment"}
CELL = CellRef("自评表.xlsx", "0" * 64, "评分表", "F14")


def trees() -> Iterator[tuple[str, ast.Module]]:
    """The modules that can make a problem."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "analytics.problems" in text or ".tell(" in text:
            yield path.relative_to(PACKAGE).as_posix(), ast.parse(text)


def literal_codes() -> set[str]:
    return {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    } - NOT_CODES


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def stated() -> Iterator[tuple[str, str, set[str]]]:
    """Place, code and names of facts of each ``Problem("code", …, facts={…})`` whose facts are written out."""
    for module, tree in trees():
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Problem"):
                continue
            code, facts = call.args[:1], {word.arg: word.value for word in call.keywords}.get("facts")
            if not (code and isinstance(code[0], ast.Constant)):
                continue
            if facts is None and len(call.args) < 5:
                yield f"{module}:{call.lineno}", code[0].value, set()
            elif isinstance(facts, ast.Dict) and all(isinstance(key, ast.Constant) for key in facts.keys):
                names = {key.value for key in facts.keys if isinstance(key, ast.Constant)}
                yield f"{module}:{call.lineno}", code[0].value, names


def test_every_code_in_the_package_has_its_wording() -> None:
    assert literal_codes() - set(catalogue()) == set()


def test_every_wording_belongs_to_a_code_in_the_package() -> None:
    assert set(catalogue()) - literal_codes() == set()


@pytest.mark.parametrize("code", catalogue())
def test_a_wording_is_whole_in_both_languages(code: str) -> None:
    wording = catalogue()[code]
    assert CODE.fullmatch(code)
    assert set(wording) == {"zh", "en"}
    assert placeholders(wording["zh"]) == placeholders(wording["en"])
    facts = {name: f"<{name}>" for name in placeholders(wording["zh"])}
    zh, en = (Problem(code, "stop", at=CELL, facts=facts).message(language) for language in ("zh", "en"))
    assert zh.startswith("自评表.xlsx › 评分表!F14：")
    assert en.startswith("自评表.xlsx › 评分表!F14: ")
    for sentence in (zh, en):
        assert all(fact in sentence for fact in facts.values())
        assert "{" not in sentence
        assert "\n" not in sentence
    assert zh.endswith("。")
    assert en.endswith(".")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in wording["zh"])


def test_no_wording_asks_for_a_fact_that_is_not_given() -> None:
    lacking = [
        f"{place} {code}: {sorted(missing)}"
        for place, code, facts in stated()
        if code in catalogue()
        if (missing := placeholders(catalogue()[code]["zh"]) - facts)
    ]
    assert lacking == []


def test_the_file_is_named_when_there_is_no_cell() -> None:
    problem = Problem(
        "rubric-id-twice", "stop", file="street_town.yaml", facts={"place": "items", "found": "a", "expected": "1"}
    )
    assert problem.message().startswith("street_town.yaml：“items”中")
    assert problem.message("en").startswith("street_town.yaml: in “items”")


def test_what_a_stranger_wrote_cannot_break_the_line_or_turn_its_direction() -> None:
    facts = {"found": "a\nb\u202ec\x1b[31m" + "长" * 300, "expected": "{found}"}
    message = Problem("year-unknown", "stop", facts=facts).message()
    assert "\\u000a" in message
    assert "\\u202e" in message
    assert "\x1b" not in message
    assert "…" in message
    assert "{found}" in message


def test_shown_keeps_a_short_text_as_it_is() -> None:
    assert shown("长寿路街道 97.0") == "长寿路街道 97.0"
    assert len(shown("长" * 500)) == 120


def test_a_code_without_wording_is_an_error() -> None:
    with pytest.raises(KeyError):
        Problem("no-such-code", "note").message()


def test_a_refusal_tells_all_its_problems() -> None:
    problems = [Problem("units-id-twice", "stop", file="units.yaml"), Problem("workspace-missing", "stop", file="空")]
    assert str(Refused(problems)).splitlines() == [problem.message() for problem in problems]
