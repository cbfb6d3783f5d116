"""A made-up unit-year: marks, figures, findings and decisions that lead exactly to the total its story asks for."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from analytics.rubric import (
    MEASURED,
    AllOrNothing,
    BySeverity,
    Discretionary,
    Item,
    Lateness,
    PerOccurrence,
    Rubric,
    Rule,
)
from analytics.units import Unit
from data.sample import figures, stories
from data.sample.plan import ZERO, Finding, Ruling, UnitYear
from data.sample.stories import Campaign, Event
from data.sample.wording import may_be_found, own_reason, place_of, weight, word

STEP = Decimal("0.05")
_SATURDAY = 5
_MOST_ROWS = 3  # of one kind in one record
_MARK_STEPS = (Decimal("0.1"), Decimal("0.2"), Decimal("0.25"), Decimal("0.5"))


class Unlucky(Exception):
    """This draw cannot reach the total; draw again."""


def plan_unit(unit: Unit, rubric: Rubric, deadline: datetime.date) -> UnitYear:
    """The unit's year, by a draw that depends only on its id and the year; drawn again until the total is met."""
    rng = random.Random(f"{rubric.year} {unit.id}")
    for _ in range(20000):
        try:
            return _Draw(unit, rubric, deadline, rng).plan
        except Unlucky:
            continue
    raise ValueError(f"{unit.id} {rubric.year}: no draw comes to {stories.total(unit.id, rubric.year)}")


class _Draw:
    """One attempt. ``lost`` holds each item's planned loss."""

    def __init__(self, unit: Unit, rubric: Rubric, deadline: datetime.date, rng: random.Random) -> None:
        self.rng, self.year = rng, rubric.year
        self.events = stories.EVENTS.get((self.year, unit.id), ())
        visit, group = _visits(self.year).get(unit.id, (None, ""))
        late = stories.LATE.get((self.year, unit.id))
        handed_in = (
            deadline + datetime.timedelta(days=late) if late else deadline - datetime.timedelta(rng.randint(1, 9))
        )
        self.plan = plan = UnitYear(unit, rubric, handed_in, visit, group)
        plan.accidents = figures.accidents(unit, self.year)
        blank, aim = stories.UNCHECKED.get((self.year, unit.id), ""), stories.total(unit.id, self.year)
        drawn = figures.draw(rng, plan.items, rubric, plan.accidents, aim, blank)
        plan.checked = dict(drawn.checked)
        plan.reported = figures.reported(rng, rubric, drawn.checked, inflated=self._has("虚报加倍"))
        if blank:
            plan.checked[blank] = None
        self.lost: dict[str, Decimal] = dict(drawn.losses)
        self.taken: dict[tuple[str, str], Decimal] = {}
        self.measured = {item.id for item in plan.items if self._is_measured(item)}
        self.seen = self._choose_items_to_see()
        self._run()

    def _has(self, kind: str) -> bool:
        return any(event.kind == kind for event in self.events)

    def _is_measured(self, item: Item) -> bool:
        known = {name for name, value in self.plan.checked.items() if value is not None} | set(self.plan.accidents)
        rules = [rule for rule in item.rules if isinstance(rule, MEASURED)]
        return any(set(figures.names(rule)) <= known for rule in rules)

    def _choose_items_to_see(self) -> dict[str, Campaign | None]:
        """Item → the campaign that looks at it, or None for the visit on site, which departments do not get."""
        chosen: dict[str, Campaign | None] = {}
        visited = self.plan.visit is not None
        for item in self.plan.items:
            chance = (0.8 if visited else 0.5) * (0.5 if item.id in self.measured else 1)
            if self.rng.random() < chance:
                special = not visited or ("专项督查" in item.methods and self.rng.random() < 0.35)
                chosen[item.id] = self.rng.choice(stories.campaigns(self.year)) if special else None
        return chosen

    def _run(self) -> None:
        plan, rng = self.plan, self.rng
        dropped = self._drop_item() if self._has("不涉及") else None
        asked = Decimal(100) - (dropped.full_marks if dropped else 0)
        aim = stories.total(plan.unit.id, self.year)
        effects = sum((event.effect for event in self.events), ZERO)
        double = Decimal("0.5") if self._has("虚报加倍") else ZERO
        budget = asked - (aim - effects) * asked / 100 - double
        budget = (budget / STEP).to_integral_value() * STEP - sum(self.lost.values(), ZERO)
        budget -= self._self_marks(budget, dropped)
        if budget < 0:
            raise Unlucky
        self._draw_findings(budget, dropped)
        for item in plan.items:
            if item.id in self.seen and item != dropped and not any(f.item == item for f in plan.findings):
                plan.findings.append(self._dated(Finding(item, campaign=self.seen[item.id])))
        self._admit_some()
        self._decide(rng)
        lost = sum(self.lost.values(), ZERO) + double
        plan.total = ((asked - lost) * 100 / asked + effects).quantize(Decimal(1).scaleb(-18), ROUND_HALF_UP)
        plan.findings.sort(key=lambda f: int(f.item.no))

    def _drop_item(self) -> Item:
        """An item that does not concern the unit: not measured, not seen, small."""
        pool = [i for i in self.plan.items if i.id not in self.measured and i.full_marks <= 3]
        item = self.rng.choice(pool)
        self.seen.pop(item.id, None)
        self.plan.self_marks[item.id] = "不涉及"
        self.plan.reasons[item.id] = "不涉及，本单位无此项职责"
        return item

    def _self_marks(self, budget: Decimal, dropped: Item | None) -> Decimal:
        """Full marks almost everywhere; a little off where nobody looks. Returns what that costs."""
        plan, rng = self.plan, self.rng
        for item in plan.items:
            plan.self_marks.setdefault(item.id, item.full_marks)
        unseen = [i for i in plan.items if i.id not in self.measured and i.id not in self.seen and i != dropped]
        cost = ZERO
        if odd := stories.ODD_MARKS.get((self.year, plan.unit.id)):
            if not unseen:
                raise Unlucky
            item = unseen.pop(rng.randrange(len(unseen)))
            off = rng.choice((ZERO, Decimal("0.5")))
            written = f"{item.full_marks - 1:f}~{item.full_marks:f}" if odd == "range" else None
            plan.self_marks[item.id] = written
            reason = f"自评分{'写作“' + written + '”' if written else '未填'}，查阅佐证材料后认定"
            self._rule("补定分数", reason, number=item.no, points=item.full_marks - off)
            cost += off
            self.lost[item.id] = off
        modest = rng.choice((0, 1, 2, 3)) if budget > 2 else rng.choice((0, 1))
        for item in rng.sample(unseen, min(modest, len(unseen))):
            off = rng.choice(_MARK_STEPS)
            plan.self_marks[item.id] = item.full_marks - off
            plan.reasons[item.id] = own_reason(item, off)
            self.lost[item.id] = off
            cost += off
        return cost

    def _draw_findings(self, budget: Decimal, dropped: Item | None) -> None:
        """Findings until the budget is used up to the last 0.05."""
        pool = [
            (item, rule) for item in self.plan.items if item.id in self.seen and item != dropped for rule in item.rules
        ]
        pool = [(item, rule) for item, rule in pool if may_be_found(item, rule)]
        weights = [weight(self.plan.unit, item, rule) for item, rule in pool]
        tries = 0
        while budget > 0:
            tries += 1
            if tries > 300 or not pool:
                raise Unlucky
            item, rule = self.rng.choices(pool, weights)[0]
            finding = self._finding(item, rule)
            if finding is None or finding.points > budget:
                continue
            self.plan.findings.append(finding)
            self.taken[item.id, rule.id] = self.taken.get((item.id, rule.id), ZERO) + finding.points
            self.lost[item.id] = self.lost.get(item.id, ZERO) + finding.points
            budget -= finding.points

    def _finding(self, item: Item, rule: Rule) -> Finding | None:
        """A finding under ``rule`` that stays inside its cap and leaves a quarter of the item."""
        rng, taken = self.rng, self.taken.get((item.id, rule.id), ZERO)
        room = item.full_marks * 3 / 4 - self.lost.get(item.id, ZERO)
        level, count = "", 1
        if isinstance(rule, Discretionary):
            steps = int((rule.most - rule.least) / Decimal("0.1"))
            points = rule.least + Decimal("0.1") * rng.randint(0, max(0, steps // 2))
            room = ZERO if taken else room
        elif isinstance(rule, BySeverity):
            level, points = min(rule.levels.items(), key=lambda pair: pair[1])
            room = min(room, (rule.cap or item.full_marks) - taken)
        elif isinstance(rule, AllOrNothing):
            points = rule.points or item.full_marks
            room = ZERO if taken else room
        elif isinstance(rule, PerOccurrence | Lateness):
            count = rng.choice((1, 1, 1, 2, 2, 3))
            points = rule.points * count
            room = min(room, (rule.cap or item.full_marks) - taken)
        else:
            return None
        if points > room:
            return None
        place = rng.choice(stories.PLACES)
        fact = word(rule, place, count, level)
        place = place_of(item, place, fact)
        before = [f.place for f in self.plan.findings if (f.item, f.rule) == (item, rule.id)]
        if place in before or len(before) == _MOST_ROWS:
            return None
        found = Finding(item, rule.id, count, level, points, fact, place, campaign=self.seen[item.id])
        return self._dated(found)

    def _dated(self, finding: Finding) -> Finding:
        """Day, evidence number and, for a real finding, who has to mend it by when."""
        rng, plan, campaign = self.rng, self.plan, finding.campaign
        if campaign:
            date = _working_day(rng, campaign.first, campaign.last)
        else:
            date = plan.visit or datetime.date(self.year, 10, 20)
        number = len(plan.findings) + 1
        evidence = f"{'ZX' if campaign else 'XC'}-{self.year}-{plan.unit.id}-{number:02d}"
        if not finding.rule:
            return replace(finding, date=date, place=place_of(finding.item, rng.choice(stories.PLACES), finding.fact))
        open_chance = 0.45 if not campaign else 0.12
        rectified = rng.choices(
            ("已整改", "整改中", "未整改"), (1 - open_chance, open_chance / 3, open_chance * 2 / 3)
        )[0]
        deadline = date + datetime.timedelta(rng.choice((7, 15, 30, 45)))
        person = f"{rng.choice(stories.PERSONS)}（示例）"
        finding = replace(finding, date=date, evidence=evidence, deadline=deadline, person=person, rectified=rectified)
        return self._rechecked(finding) if self.year >= stories.RECHECKS_SINCE else finding

    def _rechecked(self, finding: Finding) -> Finding:
        """Some of what was due in time is looked at again, by a draw of its own: the rest of the year stays the same.

        Where the unit says that it is closed, most pass and a few do not; what it calls open does not pass.
        """
        rng = random.Random(f"recheck {finding.evidence}")
        if finding.deadline is None:
            return finding
        day = _working_day(rng, finding.deadline + datetime.timedelta(1), finding.deadline + datetime.timedelta(10))
        closed = finding.rectified == "已整改"
        if day > stories.LAST_RECHECK or rng.random() > (0.6 if closed else 0.25):
            return finding
        return replace(finding, rechecked=day, passed="通过" if closed and rng.random() < 0.88 else "未通过")

    def _admit_some(self) -> None:
        """Units own up to a part of what will be found anyway."""
        lost_here = sorted({f.item.id for f in self.plan.findings if f.rule})
        shy = self.rng.random() < 0.3
        for item in self.plan.items:
            if item.id in lost_here and not shy and self.rng.random() < 0.22:
                off = min(self.lost[item.id], self.rng.choice(_MARK_STEPS))
                self.plan.self_marks[item.id] = item.full_marks - off
                self.plan.reasons[item.id] = own_reason(item, off)
        if (self.year, self.plan.unit.id) in stories.BLANK_BUT_SEEN:
            item = next(i for i in self.plan.items if i.id in self.seen and self.plan.self_marks[i.id] == i.full_marks)
            self.plan.self_marks[item.id] = None

    def _decide(self, rng: random.Random) -> None:
        """A ruling for each discretionary finding and each event of the story."""
        plan = self.plan
        for finding in plan.findings:
            rule = finding.item.rule(finding.rule)
            if isinstance(rule, Discretionary):
                reason = f"{finding.fact}，在{rule.least:f}至{rule.most:f}分内裁定"
                self._rule("酌情扣分", reason, number=finding.item.no, clause=f"（{rule.id}）", points=finding.points)
        for event in self.events:
            self._event(event)

    def _event(self, event: Event) -> None:
        rubric, plan = self.plan.rubric, self.plan
        numbers = {c.id: c.no for c in rubric.bonus} | {c.id: c.no for c in rubric.outside}
        clause = (numbers | {c.id: c.no for c in rubric.vetoes}).get(event.clause, "")
        if event.clause and not clause:
            raise ValueError(f"{rubric.id} {rubric.year} has no clause {event.clause}")
        number, points = "", event.points
        if event.kind == "不涉及":
            number = next(i.no for i in plan.items if plan.self_marks[i.id] == "不涉及")
        if event.kind in ("复核", "虚报加倍"):
            wanted = event.effect or Decimal("0.5")
            exact = event.kind == "虚报加倍"
            pool = [i for i in plan.items if i.id in self.seen and self._fits(i, wanted, exact=exact)]
            if not pool:
                raise Unlucky
            item = self.rng.choice(pool)
            number = item.no
            points = None if exact else item.full_marks - self.lost[item.id] + wanted
        self._rule(event.kind, event.reason, number, f"（{clause}）" if clause else "", points, event.matter)

    def _fits(self, item: Item, wanted: Decimal, *, exact: bool) -> bool:
        lost = self.lost.get(item.id, ZERO)
        return lost == wanted and item.full_marks >= 2 * wanted if exact else lost >= wanted

    def _rule(
        self,
        kind: str,
        reason: str,
        number: str = "",
        clause: str = "",
        points: Decimal | None = None,
        matter: str = "",
    ) -> None:
        day = _working_day(self.rng, datetime.date(self.year, 11, 9), datetime.date(self.year, 11, 20))
        person = self.rng.choice(stories.DECIDERS)
        self.plan.rulings.append(Ruling(self.plan.unit, kind, reason, person, day, number, clause, points, matter))


def _working_day(rng: random.Random, first: datetime.date, last: datetime.date) -> datetime.date:
    days = (first + datetime.timedelta(n) for n in range((last - first).days + 1))
    return rng.choice([day for day in days if day.weekday() < _SATURDAY])


def _visits(year: int) -> Mapping[str, tuple[datetime.date, str]]:
    """Street → the day and the group of its visit: two groups of five, each on its own working day of 20–30 October."""
    days = [datetime.date(year, 10, day) for day in range(20, 31)]
    working = [day for day in days if day.weekday() < _SATURDAY]
    visits: dict[str, tuple[datetime.date, str]] = {}
    for group, streets in (("第一组", (1, 4, 5, 7, 9)), ("第二组", (2, 3, 6, 8, 10))):
        for day, street in zip(random.Random(f"{year} {group}").sample(working, 5), streets, strict=True):
            visits[f"ST{street:02d}"] = (day, group)
    return visits
