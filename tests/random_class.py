"""Random rubrics, policies and records of a small class, each made from a whole number.

All rule kinds, parts, weights, decisions and clauses turn up; ``test_random_classes_cover_everything`` counts them.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import made_up

from analytics import rubric as kinds
from analytics.policy import Policy
from analytics.provenance import CellRef, Reading
from analytics.records import Channel, Decision, Observation
from analytics.rubric import MEASURED, BySeverity, Item, Rubric, measures_of
from analytics.scoring import Scorecard, score
from analytics.units import Unit

RULEBOOKS = 400  # so many rubrics and policies; making one costs more than scoring by it
SEVERITY = {"迟报": "0.5", "漏报": "1", "瞒报": "2.5"}
FOUND = (
    "per_occurrence", "all_or_nothing", "escalation", "by_severity", "lateness", "discretionary", "award_on_record",
)  # fmt: skip
MEASURED_KINDS = ("ratio", "ratio_range", "slope", "threshold", "award", "comparison", "by_rank", "share_of_best")
UNITS = tuple(made_up.street(n) for n in range(1, 6))
GRADES = ("优秀", "良好", "合格", "不合格")


def tenths(draw: random.Random, least: int, most: int) -> str:
    return f"{draw.randint(least, most) / 10:.1f}"


def rule(draw: random.Random, kind: str, number: int, item: int, full: Decimal) -> dict[str, Any]:
    """A rule of the kind; figures are its own (``m2.1``), so that what one unit lacks leaves other rules alone."""
    name, most = f"m{item}.{number}", int(full * 10)
    points, cap = tenths(draw, 1, max(most // 2, 1)), {"cap": tenths(draw, 1, most)} if draw.random() < 0.4 else {}
    whole, half, seldom = str(full), str(full / 2), draw.choice([None, points])
    ranges = [{}, {"least": "0.1", "most": half}, {"least": points, "most": whole}]
    places = sorted((tenths(draw, 0, most) for _ in range(3)), key=Decimal, reverse=True)
    fields: dict[str, Any] = {
        "per_occurrence": {"points": points, **cap},
        "lateness": {"points": points, **cap},
        "all_or_nothing": {"points": seldom},
        "escalation": {"steps": [points, draw.choice([None, whole])]},
        "by_severity": {"levels": SEVERITY, **cap},
        "discretionary": draw.choice(ranges),
        "award_on_record": {"points": points, **cap},
        "ratio": {"points": points, "step": "0.05", "numerator": name, "denominator": f"{name}.of"},
        "ratio_range": {"least": "0.1", "most": half, "numerator": name, "denominator": f"{name}.of"},
        "slope": {"points": points, "at_least": 8, "measure": name, **cap},
        "threshold": {"measure": name, draw.choice(["at_least", "more_than"]): 6, "points": seldom},
        "award": {"points": points, "cap": tenths(draw, 1, most), "measure": name},
        "comparison": {"points": points, "measure": name, "baseline": f"{name}.of", **cap},
        "by_rank": {"points": places, "measure": name},
        "share_of_best": {"measure": name, "points": seldom},
    }[kind]
    if kind in ("ratio", "slope"):
        fields["counted"] = draw.choice(["begun", "whole", "share"])
    return {"id": str(number), "kind": kind, "on": "每处", **fields}


def items(draw: random.Random, themes: int) -> list[dict[str, Any]]:
    built: list[dict[str, Any]] = []
    for n in range(1, draw.choice([2, 2, 3]) + 1):
        full = Decimal(tenths(draw, 10, 400))
        families = (
            [*FOUND, *MEASURED_KINDS] if draw.random() < 0.5 else [*FOUND] if draw.random() < 0.7 else ["by_rank"]
        )
        rules = [rule(draw, draw.choice(families), k, n, full) for k in range(1, draw.choice([1, 1, 2, 3]) + 1)]
        item: dict[str, Any] = {"full_marks": str(full), "theme": f"t{min(n, themes)}", "rules": rules}
        if draw.random() < 0.25:
            first = Decimal(tenths(draw, 1, int(full * 10) - 1))
            sizes = {"a": first, "b": full - first}
            item["parts"] = [{"id": part, "name": part, "points": points} for part, points in sizes.items()]
            for one in rules:
                one["part"] = draw.choice(["a", "b", ""])
        if draw.random() < 0.15:
            item["not_applicable"] = "class_mean"
        built.append(item)
    if draw.random() < 0.2:
        built[0]["rules"][0] = {"id": "1", "kind": "all_or_nothing", "on": "无方案", "also": ["item.2"]}
    return built


@cache
def rulebook(number: int) -> tuple[Rubric, Policy]:
    draw = random.Random(number)
    themes = draw.randint(1, 2)
    made = items(draw, themes)
    by_theme = dict.fromkeys((f"t{n}" for n in range(1, themes + 1)), Decimal(0))
    for item in made:
        by_theme[item["theme"]] += Decimal(item["full_marks"])
    whole = sum(by_theme.values(), Decimal(0))
    looked_at = ("measure", "numerator", "denominator", "baseline")
    used = sorted({one[key] for item in made for one in item["rules"] for key in looked_at if key in one})
    measures = [{"id": m, "label": m, "counted_in": "", "form": "pledge_report"} for m in (*used, "daily", "deaths")]
    policy = _policy(draw, by_theme, whole)
    cap = policy.total_cap.value
    capped, ends = draw.choice(GRADES[1:]), draw.choice(["cap", "force"])
    fatal = {"id": "deaths", "no": "1", "on": "亡人", "effect": "cap", "grade": capped, "measure": "deaths"}
    low = {"id": "low", "no": "2", "on": "过低", "effect": "force", "grade": GRADES[-1], "below": int(cap / 3)}
    last: dict[str, Any] = {"id": "last", "no": "3", "on": "末位", "effect": ends, "grade": GRADES[-1], "last": 1}
    last["below"] = draw.choice([None, int(cap / 2)])
    more: dict[str, Any] = {
        "bonus": [{"id": "praised", "no": "1", "on": "表彰", "levels": {"市级": 1, "国家级": 5}}],
        "outside": [{"id": "late", "no": "1", "on": "逾期", "points": 1, "cap": draw.choice([None, "3.5"])}],
        "vetoes": [fatal, low, last] if draw.random() < 0.5 else [fatal],
        "themes": [{"id": t, "name": t, "points": p} for t, p in by_theme.items()],
        "measures": measures,
    }
    if draw.random() < 0.15:
        more["prerequisites"] = [{"id": "own", "no": "1", "on": "自评合格", "self_total": whole / 4}]
    return made_up.rubric(made, whole, **more), policy


def _policy(draw: random.Random, by_theme: dict[str, Decimal], whole: Decimal) -> Policy:
    changed: dict[str, Any] = {}
    combined = draw.random()
    if combined < 0.2:
        changed["combination"] = {"kind": "weighted", "weights": {"self": 3, "verified": 7}}
    elif combined < 0.45:
        changed["combination"] = {
            "kind": "weighted",
            "weights": {"onsite": 4, "special": 4, "desk": 1, "self": draw.choice([0, 1])},
        }
    scale = whole
    if draw.random() < 0.5:
        weights = draw.sample([7, 3, 10, 11, "2.5"], len(by_theme))
        parts = [{"id": t, "name": t, "weight": w, "themes": [t]} for t, w in zip(by_theme, weights, strict=True)]
        if draw.random() < 0.5:
            parts.append({"id": "daily", "name": "日常", "weight": 3, "measure": "daily", "full": 10,
                          "missing": draw.choice(["reweight", "wait"])})  # fmt: skip
        changed["parts"] = parts
        scale = sum((Decimal(part["weight"]) for part in parts), Decimal(0))
    if draw.random() < 0.5:
        changed["scale"] = scale = Decimal(draw.choice([100, 110, 30]))
    cap = min(scale, Decimal(200))
    shares = (("优秀", "0.9"), ("良好", "0.8"), ("合格", "0.6"), ("不合格", "0"))
    changed["grades"] = [{"name": name, "least": (cap * Decimal(s)).quantize(Decimal("0.01"))} for name, s in shares]
    if draw.random() < 0.5:
        changed["quota"] = {"shares": {"优秀": draw.choice(["0.3", "0.5"])}, "ties": draw.choice(["in", "out"])}
    if draw.random() < 0.2:
        changed["ranking"] = {"within": "class", "ties": "competition", "unranked": ["ST01"]}
    return made_up.policy(total_cap=cap, bonus_cap=draw.choice([0, 2, 5]), **changed)


@dataclasses.dataclass
class RandomClass:
    """A class with its rules and records; ``draw`` goes on where making it stopped."""

    rubric: Rubric
    policy: Policy
    units: tuple[Unit, ...]
    observations: list[Observation]
    decisions: list[Decision]
    draw: random.Random

    @classmethod
    def of(cls, seed: int) -> RandomClass:
        draw = random.Random(seed)
        rubric, policy = rulebook(draw.randrange(RULEBOOKS))
        made = cls(rubric, policy, UNITS[: draw.choice([1, 1, 2, 3])], [], [], draw)
        for unit in made.units:
            made.observations += made._seen(unit.id)
            made.decisions += made._decided(unit.id)
        return made

    def scored(self) -> tuple[Scorecard, ...]:
        return score(self.rubric, self.policy, self.units, self.observations, self.decisions)

    def at(self, file: str) -> Reading:
        """A cell that no other record has."""
        row = len(self.observations) + self.draw.randrange(10**6) * 1000
        return Reading(CellRef(file, "0" * 64, "表", f"G{row}"), "1")

    def finding(self, unit: str, item: str, rule: Any, count: int | None, channel: Channel) -> Observation:
        level = self.draw.choice(list(SEVERITY)) if isinstance(rule, BySeverity) else ""
        value = None if count is None else Decimal(count)
        name = rule if isinstance(rule, str) else rule.id
        return Observation(unit, made_up.YEAR, channel, self.at("现场.xlsx"), item, name, value=value, level=level)

    def figure(self, unit: str, measure: str, value: object) -> Observation:
        made = made_up.figure(measure, value, unit, self.draw.choice([Channel.DESK, Channel.DESK, Channel.ACCIDENT]))
        return dataclasses.replace(made, reading=self.at("核定.xlsx"))

    def own(self, unit: str, item: Item, mark: Decimal | None) -> Observation:
        return dataclasses.replace(made_up.self_mark(mark, item.id, unit), reading=self.at("自评.xlsx"))

    def part_of(self, most: Decimal, least: Decimal = Decimal(0)) -> Decimal:
        """A number of points in hundredths from ``least`` to ``most``."""
        span = int((most - least) * 100)
        return least + Decimal(self.draw.randint(0, max(span, 0))) / 100

    def _seen(self, unit: str) -> Iterator[Observation]:
        chance = self.draw.random
        for item in self.rubric.items:
            if chance() < 0.9:
                yield self.own(unit, item, None if chance() < 0.08 else self.part_of(item.full_marks))
            if chance() < 0.5:
                yield from self._inspected(unit, item)
            for rule in item.rules:
                for measure in measures_of(rule):
                    whole_class = isinstance(rule, kinds.ByRank | kinds.ShareOfBest)
                    if whole_class or chance() < 0.9:
                        yield self.figure(unit, measure, self.draw.randint(0, 12))
        if chance() < 0.8:
            yield self.figure(unit, "daily", self.draw.randint(0, 10))
        if chance() < 0.2:
            yield self.figure(unit, "deaths", self.draw.randint(0, 2))

    def _inspected(self, unit: str, item: Item) -> Iterator[Observation]:
        channels = self.draw.sample([Channel.ONSITE, Channel.SPECIAL, Channel.DESK], self.draw.randint(1, 2))
        for channel in channels:
            yield self.finding(unit, item.id, "", None, channel)
            for rule in item.rules:
                if not isinstance(rule, MEASURED) and self.draw.random() < 0.5:
                    earned = isinstance(rule, kinds.AwardOnRecord)
                    yield self.finding(unit, item.id, rule, self.draw.randint(0 if earned else 1, 3), channel)
            if self.draw.random() < 0.03:
                yield self.finding(unit, item.id, "?", None, channel)

    def _decided(self, unit: str) -> Iterator[Decision]:
        chance = self.draw.random
        for item in self.rubric.items:
            for rule in item.rules:
                if isinstance(rule, kinds.BY_DECISION) and chance() < 0.5:
                    most = kinds.most_of(rule, item.room(rule))
                    yield self.act("discretionary", unit, self.part_of(most, rule.least), item.id, rule.id)
            for kind, likely in (("not_applicable", 0.08), ("double", 0.06), ("review", 0.06), ("mark", 0.06)):
                if chance() < likely:
                    points = self.part_of(item.full_marks) if kind in ("review", "mark") else None
                    yield self.act(kind, unit, points, item.id)
        for kind, clause, likely in (
            ("bonus", "1", 0.2),
            ("outside", "1", 0.2),
            ("lateness", "1", 0.1),
            ("lift", "1", 0.1),
        ):
            if chance() < likely:
                yield self.act(kind, unit, None if kind == "lift" else self.draw.randint(1, 5), "", clause)
        if chance() < 0.1 and self.decisions:
            yield self.act("withdraw", unit, matter=self.draw.choice(self.decisions).id)

    def act(
        self, kind: str, unit: str, points: object = None, item: str = "", clause: str = "", matter: str = ""
    ) -> Decision:
        name = f"D{len(self.decisions)}-{self.draw.randrange(10**6)}"
        matter = matter or self.draw.choice(["微型消防站", "电动自行车"])
        return made_up.decision(kind, points, item, clause, unit=unit, id=name, matter=matter)
