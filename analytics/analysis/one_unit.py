"""One unit: its themes beside the class, its way from full marks to the total, and its years. Plain Decimal, no frames:
a brief is made thirty times in thirty fresh kernels, and pandas would be most of their time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from analytics.analysis.wording import Sentence, amount, difference, exact, item_label, moved, percent, points
from analytics.policy import Policy
from analytics.rubric import Rubric
from analytics.scoring.scorecard import Scorecard
from analytics.scoring.steps import steps_of

FEWEST_FOR_MEAN = 3  # with two units, a mean gives the other unit's score away
LARGEST = 6
ZERO = Decimal(0)

_STEP_LABELS: dict[str, str] = {
    "part": "其他部分", "reweight": "缺项折算", "bonus": "加分", "outside": "百分外扣分", "limit": "总分限额",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ThemeRate:
    """A theme's score rate (得分率) of the unit, and the mean and best of its class; None where it must not be said."""

    name: str
    rate: Decimal | None
    mean: Decimal | None
    best: Decimal | None


def theme_sentence(themes: Sequence[ThemeRate]) -> Sentence:
    """Where the unit is furthest under the class mean, and how many themes are at the best."""
    known = [theme for theme in themes if theme.rate is not None]
    if not known:
        return Sentence("各一级指标均有条目待裁定，暂无得分率。")
    low = min(known, key=lambda theme: theme.rate or ZERO)
    said = f"得分率最低的一级指标是“{low.name}”（{percent(low.rate or ZERO)}）"
    compared = [(t.rate - t.mean, t) for t in known if t.rate is not None and t.mean is not None]
    if compared:
        under = [pair for pair in compared if pair[0] < 0]
        said += f"；{len(compared)}个一级指标中{len(under)}个低于本类平均"
        if under:
            distance, far = min(under, key=lambda pair: pair[0])
            said += f"，低得最多的是“{far.name}”，低{percent(-distance).removesuffix('%')}个百分点"
    if len(known) < len(themes):
        said += f"；{len(themes) - len(known)}个一级指标有条目待裁定，未计"
    return Sentence(said + "。")


@dataclass(frozen=True, slots=True)
class Step:
    """One bar on the way down (or up). ``running`` is the exact sum after it."""

    label: str
    change: Decimal
    running: Decimal
    kind: Literal["start", "change", "end"] = "change"


@dataclass(frozen=True, slots=True)
class Descent:
    """From full marks to the total, which ``printed`` says as documents print it. While ``waiting`` matters are open,
    the last step is only what is left, and ``may_become`` says what the total may be. ``barred``: not scored at all.
    """

    steps: tuple[Step, ...]
    total: Decimal | None
    waiting: int
    printed: str = ""
    may_become: str = ""
    barred: bool = False

    @property
    def sentence(self) -> Sentence:
        start = self.steps[0].running
        if self.barred:
            return Sentence("不予参评，没有总分。")
        if self.total is None:
            left = exact(self.steps[-1].running)
            said = f"满分{amount(start)}分，已定扣分后为{left}分，{self.waiting}项待裁定，暂无总分{self.may_become}。"
            return Sentence(said)
        lost = [step for step in self.steps if step.kind == "change" and step.change < 0]
        if not lost:
            return Sentence(f"满分{amount(start)}分，没有扣分，总分{self.printed}分。")
        first = lost[0]
        return Sentence(
            f"从满分{amount(start)}分到总分{self.printed}分，扣分最多的是{first.label}，扣{exact(-first.change)}分。"
        )


def descent(card: Scorecard, rubric: Rubric, policy: Policy, largest: int = LARGEST) -> Descent:
    """The ``largest`` losing items one by one, the rest together, then what lies outside the items; adds up exactly.

    In the points of the total: an item of a part that is converted counts what it costs there. The explanation as a
    waterfall: ``steps_of`` put together, item by item.
    """
    taken: dict[str, Decimal] = defaultdict(lambda: ZERO)
    beside: dict[str, Decimal] = defaultdict(lambda: ZERO)
    kinds = iter(adjustment.kind for adjustment in card.adjustments)
    steps = steps_of(card)
    for step in steps:
        if step.item:
            taken[step.item] -= step.change or ZERO
        else:
            beside[next(kinds)] += step.change or ZERO
    lost = sorted(((points, item) for item, points in taken.items() if points > 0), key=lambda pair: -pair[0])
    shown, rest = (lost, []) if len(lost) <= largest + 1 else (lost[:largest], lost[largest:])
    changes = [(item_label(rubric.item(item).no, rubric.item(item).text), -points) for points, item in shown]
    rest += [(points, item) for item, points in taken.items() if points < 0]  # a review that gave more than was lost
    if rest:
        changes.append((f"其余{len(rest)}项", -sum((points for points, _ in rest), ZERO)))
    changes += [(label, beside[kind]) for kind, label in _STEP_LABELS.items() if beside[kind]]
    running = card.scale
    bars = [Step("满分", ZERO, running, "start")]
    for label, change in changes:
        running += change
        bars.append(Step(label, change, running))
    waiting = len(card.waiting) + len(card.open_questions)
    end = "不予参评" if card.barred else "总分" if card.total is not None else f"{waiting}项待裁定"
    bars.append(Step(end, ZERO, running, "end"))
    printed = "" if card.total is None else f"{policy.shown(card.total):f}"
    return Descent(tuple(bars), card.total, waiting, printed, card.said_span, card.barred)


@dataclass(frozen=True, slots=True)
class YearPoint:
    """The unit in one year. ``mean`` is the class's mean total, None when fewer than three units have one."""

    year: int
    total: Decimal | None
    grade: str | None
    rank: int | None
    ranked: int
    mean: Decimal | None


@dataclass(frozen=True, slots=True)
class Course:
    """The unit's years, oldest first."""

    points: tuple[YearPoint, ...]

    @property
    def sentence(self) -> Sentence:
        known = [point for point in self.points if point.total is not None]
        if not known:
            return Sentence("各年度均无总分。")
        said = "；".join(f"{point.year}年度{points(point.total or ZERO)}分（{_standing(point)}）" for point in known)
        if len(known) > 1:
            before, now = known[-2], known[-1]
            said += f"；{now.year}年度比{before.year}年度{moved(difference(now.total or ZERO, before.total or ZERO))}"
            said += "。细则逐年修订，各年总分不宜直接比较"
        return Sentence(said + "。")


def _standing(point: YearPoint) -> str:
    return f"{point.grade}，第{point.rank}名" if point.rank else str(point.grade)


def course(years: Sequence[Sequence[Scorecard]], unit: str) -> Course:
    """The unit's card of each year beside its class; ``years`` holds all cards of a year, in any order of years."""
    found = []
    for cards in years:
        card = next((c for c in cards if c.unit == unit), None)
        if card is not None:
            totals = [c.total for c in cards if c.kind is card.kind and c.total is not None]
            mean = sum(totals, ZERO) / len(totals) if len(totals) >= FEWEST_FOR_MEAN else None
            found.append(YearPoint(card.year, card.total, card.grade, card.rank, card.ranked, mean))
    return Course(tuple(sorted(found, key=lambda point: point.year)))
