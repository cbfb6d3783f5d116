"""Small made-up rubrics, observations and decisions, so that a test reads as its story."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from analytics.policy import Policy
from analytics.provenance import CellRef, Reading
from analytics.records import Channel, Decision, Observation
from analytics.rubric import Rubric
from analytics.units import Unit, UnitKind

YEAR = 2020
STREET = Unit(id="ST01", name="甲街道", kind=UnitKind.STREET_TOWN, official="甲街道办事处")
MEASURES = (
    "hazards_found", "hazards_fixed", "drills_held", "accidents", "accidents_last_year", "deaths", "major_accidents",
)  # fmt: skip


def street(number: int) -> Unit:
    return STREET.model_copy(update={"id": f"ST{number:02d}", "name": f"街道{number}"})


def reading(row: int, raw: str = "1", file: str = "现场.xlsx", column: str = "G") -> Reading:
    return Reading(CellRef(file, "0" * 64, "表", f"{column}{row}"), raw)


def rubric(items: Sequence[Mapping[str, Any]], full_marks: object = None, **more: Any) -> Rubric:
    """A one-theme rubric with the given items (``full_marks``, ``rules``), numbered from 1, ids ``item.1`` …"""
    built = [
        {"id": f"item.{n}", "no": str(n), "theme": "t1", "text": f"事项{n}", **item} for n, item in enumerate(items, 1)
    ]
    total = sum(Decimal(str(item["full_marks"])) for item in built) if full_marks is None else full_marks
    return Rubric.model_validate(
        {
            "year": YEAR,
            "id": "street_town",
            "title": "细则",
            "applies_to": ["street_town"],
            "status": "demonstration",
            "reference": "《细则》",
            "full_marks": total,
            "themes": [{"id": "t1", "name": "主题", "points": total}],
            "measures": [{"id": m, "label": m, "counted_in": "次", "form": "pledge_report"} for m in MEASURES],
            "items": built,
            **more,
        }
    )


def policy(**changed: Any) -> Policy:
    """The defaults of 2020, with ``changed`` settings given as bare values."""
    values: dict[str, Any] = {
        "grades": [
            {"name": "优秀", "least": 90},
            {"name": "良好", "least": 80},
            {"name": "合格", "least": 60},
            {"name": "不合格", "least": 0},
        ],
        "combination": {"kind": "verified_else_self"},
        "missing_part": "reweight",
        "submission": {
            "deadline": "2020-10-31", "points_per_day": 1, "most": 5, "weekend_moves_to_monday": False,
        },
        "versions": "last_valid",
        "false_report": "by_decision",
        "bonus_cap": 5,
        "total_cap": 100,
        "rounding": {"decimals": 2, "mode": "half_up"},
        "ranking": {"within": "class", "ties": "competition"},
    }  # fmt: skip
    settings = {name: {"value": v, "source": "assumed", "says": name} for name, v in (values | changed).items()}
    return Policy.model_validate({"year": YEAR, **settings})


def self_mark(value: object, item: str = "item.1", unit: str = "ST01", reason: str = "") -> Observation:
    mark = None if value is None else Decimal(str(value))
    return Observation(
        unit, YEAR, Channel.SELF, reading(5, str(value), "自评.xlsx", "F"), item, value=mark, text=reason
    )


def finding(
    rule: str, count: object = 1, item: str = "item.1", unit: str = "ST01", row: int = 5, level: str = ""
) -> Observation:
    value = None if count is None else Decimal(str(count))
    return Observation(unit, YEAR, Channel.ONSITE, reading(row, str(count)), item, rule, value=value, level=level)


def figure(measure: str, value: object, unit: str = "ST01", channel: Channel = Channel.DESK) -> Observation:
    return Observation(unit, YEAR, channel, reading(9, str(value)), measure=measure, value=Decimal(str(value)))


def decision(kind: Any, points: object = None, item: str = "", clause: str = "", **more: Any) -> Decision:
    fields: dict[str, Any] = {"id": "D1", "unit": "ST01", "reason": "理由", "person": "裁定人（示例）", **more}
    return Decision(
        kind=kind,
        item=item,
        clause=clause,
        points=None if points is None else Decimal(str(points)),
        date=datetime.date(2020, 11, 20),
        reading=reading(5, str(points), "裁定.xlsx"),
        **fields,
    )
