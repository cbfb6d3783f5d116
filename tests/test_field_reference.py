"""The field reference in ``data/README.md`` names everything that the data files may say."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from analytics import rubric as kinds
from analytics.policy import Policy, Quota, TotalPart
from analytics.records import DecisionKind
from analytics.rubric.kinds import RECORDED

REFERENCE = (Path(__file__).parents[1] / "data" / "README.md").read_text(encoding="utf-8")
RULES = {kind.model_fields["kind"].annotation.__args__[0]: kind for kind in (*RECORDED, *kinds.MEASURED)}
LINES = REFERENCE.splitlines()


def row(name: str) -> str:
    return next(line for line in LINES if line.startswith(f"| `{name}`"))


@pytest.mark.parametrize("kind", RULES)
def test_every_rule_kind_stands_in_the_table_with_its_own_fields(kind: str) -> None:
    own = set(RULES[kind].model_fields) - {"id", "kind", "on", "source", "part"}
    assert [name for name in sorted(own) if f"`{name}`" not in row(kind)] == []


@pytest.mark.parametrize("model", [kinds.Item, kinds.VetoClause, kinds.Prerequisite, kinds.Rubric, TotalPart, Quota])
def test_every_field_of_a_rubric_and_of_a_setting_is_named(model: type[kinds.Data]) -> None:
    named = {
        name: f"`{name}" in REFERENCE or f".{name}`" in REFERENCE for name in model.model_fields if name != "sha256"
    }
    assert [name for name, there in named.items() if not there] == []


def test_every_setting_and_every_kind_of_decision_has_its_row() -> None:
    wanted = [*(set(Policy.model_fields) - {"year", "sha256"}), *get_args(DecisionKind)]
    assert [name for name in wanted if not any(f"`{name}`" in line for line in LINES if line.startswith("| `"))] == []
