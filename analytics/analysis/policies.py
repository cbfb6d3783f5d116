"""A year's policy with some settings assumed otherwise, and what was assumed in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from pydantic import ValidationError

from analytics.analysis.wording import amount
from analytics.policy import GradeBand, Policy, Weighted
from analytics.problems import Problem, Refused
from analytics.rubric import Rubric

Value = str | Decimal  # a number as it is written, or exact
# Setting → how it is called, and what its value has to be.
SETTINGS: Mapping[str, tuple[str, str]] = {
    "grades": ("等级", "各等级从高到低，分数线逐级降低，最后一级从0分起"),
    "combination": (
        "核定分与自评分怎么合",
        "verified_else_self，或 weighted 并写明 verified、self 两个权重，不为负，不全为0",
    ),
    "missing_part": ("缺项", "reweight"),
    "submission": ("报送期限和逾期扣分", "policy.yaml 中 submission 的四个值"),
    "versions": ("多次报送", "last_valid"),
    "false_report": ("虚报", "by_decision"),
    "bonus_cap": ("加分上限", "0—200之间的分数"),
    "total_cap": ("总分上限", "0—200之间的分数"),
    "rounding": ("取整", "0—4位小数，half_up"),
    "ranking": ("排名", "class 内，competition"),
}


def changed_policy(
    policy: Policy, rubric: Rubric, bounds: Mapping[str, Value], settings: Mapping[str, object]
) -> tuple[Policy, tuple[str, ...]]:
    """``policy`` with these ``bounds`` (grade → lower bound) and ``settings`` (name → value), and the changes in words.

    Values that are the policy's own change nothing and are not said. Refused when a name or a value is none.
    """
    values = dict(settings)
    if unknown := [name for name in values if name not in SETTINGS]:
        raise _refused("what-if-setting-unknown", "", unknown[0], "、".join(SETTINGS))
    new = _validated(policy, values)
    if bounds:
        if unknown := [grade for grade in bounds if grade not in _bounds(new)]:
            raise _refused("what-if-grade-unknown", "", unknown[0], "、".join(_bounds(new)))
        bands = [{"name": name, "least": bounds.get(name, least)} for name, least in _bounds(new).items()]
        new = _validated(new, {"grades": bands})
    _check_use(new, rubric)
    said = [_said(name, getattr(policy, name).value, getattr(new, name).value) for name in SETTINGS]
    return new, tuple(text for text in said if text)


def _validated(policy: Policy, values: Mapping[str, object]) -> Policy:
    for name, value in values.items():
        written = policy.model_dump()
        written[name] = written[name] | {"value": value}
        try:
            policy = Policy.model_validate(written)
        except ValidationError:
            raise _refused("what-if-setting-refused", SETTINGS[name][0], _shown(value), SETTINGS[name][1]) from None
    return policy


def _check_use(policy: Policy, rubric: Rubric) -> None:
    """What the model lets pass and scoring could not use."""
    combination = policy.combination.value
    if isinstance(combination, Weighted):
        weights = combination.weights
        if set(weights) != {"verified", "self"} or min(weights.values()) < 0 or not sum(weights.values()):
            raise _refused("what-if-setting-refused", *_of("combination", weights))
    names = _bounds(policy)
    if gone := [veto.grade for veto in rubric.vetoes if veto.grade not in names]:
        expected = f"否决条款要用到的等级“{gone[0]}”须保留"
        raise _refused("what-if-setting-refused", SETTINGS["grades"][0], "、".join(names), expected)


def _of(name: str, value: object) -> tuple[str, str, str]:
    return SETTINGS[name][0], _shown(value), SETTINGS[name][1]


def _refused(code: str, place: str, found: str, expected: str) -> Refused:
    return Refused([Problem(code, "stop", facts={"place": place, "found": found, "expected": expected})])


def _bounds(policy: Policy) -> dict[str, Decimal]:
    return {band.name: band.least for band in policy.grades.value}


def _said(name: str, before: object, after: object) -> str:
    """The change of one setting in words; empty when there is none."""
    if before == after:
        return ""
    label = SETTINGS[name][0]
    match after:
        case (GradeBand(), *_):
            return _said_bands(dict(_pairs(before)), dict(_pairs(after)))
        case Weighted(weights=weights):
            return f"既有核定分又有自评分的条目，按核定{weights['verified']:f}、自评{weights['self']:f}加权"
        case Decimal():
            return f"{label}由{_shown(before)}分改为{_shown(after)}分"
    return f"“{label}”由{_shown(before)}改为{_shown(after)}"


def _said_bands(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Only the bounds that differ, where the grades are the same ones."""
    if list(before) != list(after):
        return f"分数线改为{'、'.join(f'{name}{least}分' for name, least in after.items())}"
    changed = [name for name in after if before[name] != after[name]]
    return "、".join(f"{name}的分数线由{before[name]}分改为{after[name]}分" for name in changed)


def _pairs(bands: object) -> Iterator[tuple[str, str]]:
    assert isinstance(bands, tuple)
    for band in bands:
        assert isinstance(band, GradeBand)
        yield band.name, amount(band.least)


def _shown(value: object) -> str:
    """A value as a message quotes it, also one that the model refused."""
    match value:
        case Decimal():
            return amount(value)
        case {"name": name, "least": least}:
            return f"{name}{_shown(least)}分"
        case Mapping():
            return "、".join(f"{name}：{_shown(inner)}" for name, inner in value.items())
        case list() | tuple():
            return "、".join(map(_shown, value))
    return str(value)
