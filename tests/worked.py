"""Worked cases as an official writes them (``tests/cases``): items, what was seen and decided, and what comes of it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import made_up
import pytest

from analytics.policy import Policy
from analytics.provenance import CellRef, Reading
from analytics.records import Channel, Decision, Observation
from analytics.rubric import Rubric
from analytics.scoring import Scorecard, score
from analytics.units import read_yaml

CASES = Path(__file__).parent / "cases"
PLAIN = {"id": "1", "kind": "per_occurrence", "on": "每缺一项", "points": "0.5"}
Case = dict[str, Any]


def cases(folder: str) -> list[Any]:
    """The cases of a folder as parameters of a test, named by file and note."""
    return [
        pytest.param(case, id=f"{path.stem}-{case['note']}")
        for path in sorted((CASES / folder).glob("*.yaml"))
        for case in read_yaml(path)["cases"]
    ]


def points(written: object) -> Decimal | None:
    return None if written is None else Decimal(str(written))


def rubric_of(case: Case) -> Rubric:
    """``items``: points alone, or fields of an item; ``themes`` {id: points}; ``rubric``: clauses beside the items."""
    items = [dict(item) if isinstance(item, dict) else {"full_marks": item} for item in case["items"]]
    items = [{"rules": [PLAIN], **item} for item in items]
    more = dict(case.get("rubric", {}))
    if "themes" in case:
        more["themes"] = [{"id": name, "name": name, "points": p} for name, p in case["themes"].items()]
    named = dict.fromkeys(made_up.MEASURES)
    for source in (case, *case.get("units", {}).values()):
        named |= dict.fromkeys(source.get("figures", {}))
    named |= dict.fromkeys(case.get("measures", ()))
    more["measures"] = [{"id": m, "label": m, "counted_in": "", "form": "pledge_report"} for m in named]
    return made_up.rubric(items, sum(Decimal(str(i["full_marks"])) for i in items if "substitute_for" not in i), **more)


def policy_of(case: Case) -> Policy:
    return made_up.policy(**case.get("policy", {}))


def read_at(row: int, file: str) -> Reading:
    return Reading(CellRef(file, "0" * 64, "表", f"G{row}"), "1")


def observed(told: Case, unit: str) -> list[Observation]:
    """``self``: marks by item, ``findings`` and ``figures`` of one unit."""
    own = told.get("self", [])
    found = [
        dataclasses.replace(made_up.self_mark(mark, f"item.{n}", unit), reading=read_at(n, "自评.xlsx"))
        for n, mark in enumerate(own, 1)
    ]
    for row, seen in enumerate(told.get("findings", []), 5):
        value = points(seen.get("count", 1))
        channel = Channel(seen.get("channel", "onsite"))
        found.append(
            Observation(unit, made_up.YEAR, channel, read_at(seen.get("row", row), "现场.xlsx"),
                        f"item.{seen.get('item', 1)}", seen["rule"], value=value, level=seen.get("level", ""))
        )  # fmt: skip
    return found + [made_up.figure(name, value, unit) for name, value in told.get("figures", {}).items()]


def decided(told: Case, unit: str) -> list[Decision]:
    about_items = ("discretionary", "mark", "not_applicable", "substitute", "review", "double")
    return [
        Decision(
            id=act.get("id", f"D{n}"),
            unit=unit,
            kind=act["kind"],
            reason=act.get("reason", "理由"),
            person="裁定人（示例）",
            date=datetime.date(2020, 11, 20),
            reading=read_at(n, "裁定.xlsx"),
            item=f"item.{act.get('item', 1)}" if act["kind"] in about_items else "",
            clause=str(act.get("clause", "")),
            points=points(act.get("points")),
            matter=act.get("matter", ""),
            reference=act.get("reference", ""),
        )
        for n, act in enumerate(told.get("decisions", []), 1)
    ]


def scored(case: Case, units: Mapping[str, Case]) -> dict[str, Scorecard]:
    """The cards of a class by the names in the case; ids are ST01, ST02 … in their order."""
    ids = {name: f"ST{n:02d}" for n, name in enumerate(units, 1)}
    asked = [made_up.STREET.model_copy(update={"id": i, "name": name}) for name, i in ids.items()]
    observations = [seen for name, told in units.items() for seen in observed(told, ids[name])]
    decisions = [act for name, told in units.items() for act in decided(told, ids[name])]
    cards = score(rubric_of(case), policy_of(case), asked, observations, decisions)
    return dict(zip(units, cards, strict=True))
