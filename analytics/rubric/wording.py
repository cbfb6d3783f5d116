"""What a rule takes in the words that the form prints after its condition."""

from __future__ import annotations

from decimal import Decimal

from analytics.rubric.kinds import (
    AllOrNothing,
    Award,
    AwardOnRecord,
    ByRank,
    BySeverity,
    Comparison,
    Discretionary,
    Escalation,
    Lateness,
    PerOccurrence,
    Ratio,
    RatioRange,
    Rule,
    ShareOfBest,
    Slope,
    Threshold,
)

_COUNTED = {"begun": "（不足的按1档计）", "whole": "（不足的不计）", "share": "（不足的按比例计）"}


def terms(rule: Rule) -> str:
    """What a rule takes, in the words that follow its condition: ``扣0.5分，最多扣1分``."""
    match rule:
        case AllOrNothing(also=also):
            return _whole(rule.points) + ("，连带条目不得分" if also else "")
        case Threshold(points=points):
            return _whole(points)
        case Escalation(steps=steps):
            return "：" + "，".join(_step(n, len(steps), points) for n, points in enumerate(steps, 1))
        case Award(points=points, cap=most):
            return f"，每计1次得{plain(points)}分，最多得{plain(most)}分"
        case AwardOnRecord(points=points, cap=most):
            return f"得{plain(points)}分" + ("" if most is None else f"，最多得{plain(most)}分")
        case ShareOfBest(points=points):
            best = "满分" if points is None else f"{plain(points)}分"
            return f"，本类第1名得{best}，其余按与第1名之比得分"
        case ByRank(points=points, after=after):
            named = "、".join(plain(p) for p in points)
            return f"，本类第1—{len(points)}名依次得{named}分，其后得{plain(after)}分"
        case Discretionary() | RatioRange():
            return _discretion(rule)
        case BySeverity(levels=levels, cap=cap):
            return _capped("：" + "、".join(f"{word}扣{plain(points)}分" for word, points in levels.items()), cap)
        case Ratio(step=step, points=points, cap=cap, counted=counted):
            return _capped(f"，每低{plain(step * 100)}个百分点{_COUNTED[counted]}扣{plain(points)}分", cap)
        case Slope(at_least=least, step=step, points=points, cap=cap, counted=counted):
            return _capped(f"，每比{plain(least)}低{plain(step)}{_COUNTED[counted]}扣{plain(points)}分", cap)
        case PerOccurrence() | Comparison() | Lateness():
            return _capped(f"扣{plain(rule.points)}分", rule.cap)


def _whole(points: Decimal | None) -> str:
    return "，本项不得分" if points is None else f"，扣{plain(points)}分"


def _discretion(rule: Discretionary | RatioRange) -> str:
    if rule.most is None:
        return "，酌情扣分" + (f"，至少扣{plain(rule.least)}分" if rule.least else "")
    return f"，酌情扣{plain(rule.least)}—{plain(rule.most)}分"


def _step(number: int, last: int, points: Decimal | None) -> str:
    times = f"{number}次" + ("及以上" if number == last else "")
    return f"{times}{'不得分' if points is None else f'扣{plain(points)}分'}"


def _capped(taken: str, cap: Decimal | None) -> str:
    return taken if cap is None else f"{taken}，最多扣{plain(cap)}分"


def plain(number: Decimal) -> str:
    """A number without trailing zeros or exponent."""
    return f"{number.normalize():f}"
