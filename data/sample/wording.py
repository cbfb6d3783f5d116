"""Findings and excuses in words, and how likely each finding is."""

from __future__ import annotations

import random
import re
from decimal import Decimal

from analytics.rubric import MEASURED, AllOrNothing, BySeverity, Discretionary, Item, Rule
from analytics.units import Unit
from data.sample import stories

_TOO_GRAVE = re.compile("重大|较大|负有|超过年度|非法|违法|未成立|未建立工作台账")


def may_be_found(item: Item, rule: Rule) -> bool:
    if _TOO_GRAVE.search(rule.on) or isinstance(rule, MEASURED):
        return False
    if isinstance(rule, AllOrNothing):
        return rule.points is not None and rule.points <= 1
    return not item.id.startswith(("accident.count", "accident.deaths", "fire.count"))


def weight(unit: Unit, item: Item, rule: Rule) -> float:
    """Each unit has its own weak sides, the same every year, beside those common to all."""
    weakness = random.Random(f"{unit.id} {item.id}").random() ** 4 * 8 + 0.3
    common = 3.0 if item.id.startswith(stories.COMMON_FAULTS) else 1.0
    rare = 0.15 if isinstance(rule, AllOrNothing | BySeverity) else 0.5 if isinstance(rule, Discretionary) else 1.0
    return weakness * common * rare


_COUNTED = re.compile(r"，?每(?:站每)?(少|缺|迟|查到)?1?(\w)$")


def word(rule: Rule, place: str, count: int, level: str = "") -> str:
    """A finding in words: the condition of the rubric, without its “每…”, with the place and the number."""
    for condition, variants in stories.FACTS.items():
        if condition == rule.on:
            return variants[(len(place) + count) % len(variants)].format(place=place, n=count)
    counted = _COUNTED.search(rule.on)
    core = rule.on[: counted.start()] if counted else rule.on
    many = f"，{counted[1] or '共'}{count}{counted[2]}" if counted else ""
    if level:
        return f"{core}（{level}）"
    if core.startswith("抽查单位"):
        return f"抽查{place}{f'等{count}家' if count > 1 else ''}：{core.removeprefix('抽查单位')}"
    if core.startswith(("抽查发现", "抽查")):
        return f"抽查{place}：{core.removeprefix('抽查发现').removeprefix('抽查')}{many}"
    return f"查阅资料：{core}{many}"


def own_reason(item: Item, off: Decimal) -> str:
    mild = [rule.on for rule in item.rules if not isinstance(rule, (*MEASURED, AllOrNothing))]
    core = _COUNTED.sub("", (mild or [rule.on for rule in item.rules])[-1])
    return f"{core}，自扣{off:f}分"


def place_of(item: Item, place: str, fact: str) -> str:
    """Where a thing was looked at: papers are looked at in the office."""
    if place in fact or (fact == stories.CLEAN and {"实地抽查", "专项督查"} & set(item.methods)):
        return place
    return "查阅资料"
