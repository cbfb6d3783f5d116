"""What changed between two runs of a year: unit, item, from, to, why; then totals, grades, and whose ranks moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from analytics.listing import Listing
from analytics.provenance import CellRef, Reading
from analytics.scoring.scorecard import Adjustment, Effect, Loss, Mark, Scorecard, printed_total
from analytics.store.scored_year import ScoredYear

OUTSIDE = ""  # stands for the item where a step outside the items changed


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item of a unit whose mark, or the reasons for it, changed. ``before`` and ``after`` as words: a mark waits.

    ``why`` has a sentence for each deduction, figure or decision that came, went or changed. ``item`` is ``""`` for
    what changed outside the items: bonus, further deductions, vetoes.
    """

    unit: str
    name: str
    item: str
    label: str
    before: str
    after: str
    why: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.label}：{self.before}→{self.after}，{'；'.join(self.why)}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's total, grade and rank in one run; None where there is none."""

    total: Decimal | None = None
    grade: str | None = None
    rank: int | None = None

    def __str__(self) -> str:
        if self.total is None:
            return "暂无总分"
        return f"{printed_total(self.total)}分{self.grade or ''}{f'第{self.rank}名' if self.rank else ''}"


@dataclass(frozen=True, slots=True)
class StandingChange:
    """A unit whose total, grade or rank moved. ``because`` names those of its class that passed it or fell back."""

    unit: str
    name: str
    before: Standing
    after: Standing
    because: tuple[str, ...]

    def __str__(self) -> str:
        if (self.before.total, self.before.grade) == (self.after.total, self.after.grade):
            whose = f"，因{'、'.join(self.because)}的总分变动" if self.because else ""
            return f"{self.name}：总分不变，名次{self.before.rank or '无'}→{self.after.rank or '无'}{whose}"
        return f"{self.name}：{self.before}→{self.after}"


@dataclass(frozen=True)
class RunDiff:
    """Two runs of a year compared; ``lines`` are the sentences, items first."""

    year: int
    earlier: str
    later: str
    why: str
    items: tuple[ItemChange, ...]
    standings: tuple[StandingChange, ...]

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(map(str, (*self.items, *self.standings)))

    @cached_property
    def shown(self) -> Listing:
        """The changes as a table, an item or a standing each."""
        rows = [(c.name, c.label, c.before, c.after, "；".join(c.why)) for c in self.items]
        rows += [(c.name, "总分、等级、名次", str(c.before), str(c.after), self._whose(c)) for c in self.standings]
        head = f"{self.year}年度批次{self.earlier}与{self.later}的差别"
        return Listing.of(
            ("单位", "事项", "原", "现", "原因"), rows, head, [self.why], empty="两个批次的得分没有差别。"
        )

    def as_json(self) -> dict[str, Any]:
        """Plain data; points as text, so that no digit is lost."""
        return {
            "year": self.year,
            "earlier": self.earlier,
            "later": self.later,
            "why": self.why,
            "items": [_plain(change) for change in self.items],
            "standings": [_plain(change) for change in self.standings],
        }

    def _whose(self, change: StandingChange) -> str:
        return f"因{'、'.join(change.because)}的总分变动" if change.because else ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown._repr_mimebundle_()


def compare_runs(earlier: ScoredYear, later: ScoredYear) -> RunDiff:
    """What is different in ``later``. ValueError when they are of different years.

    Where a value stands is no difference: a file may come again under another name, or with a row more.
    """
    if earlier.year != later.year:
        raise ValueError(f"runs of {earlier.year} and {later.year} cannot be compared, expected one year")
    before, after = ({card.unit: card for card in year.cards} for year in (earlier, later))
    labels = _Labels.of(earlier, later)
    units = list(dict.fromkeys([*before, *after]))
    items = [c for unit in units for c in _unit_changes(before.get(unit), after.get(unit), labels)]
    return RunDiff(
        earlier.year,
        earlier.run_id,
        later.run_id,
        later.why if later.supersedes == earlier.run_id else "",
        tuple(items),
        tuple(_standing_changes(before, after, labels)),
    )


@dataclass(frozen=True, slots=True)
class _Labels:
    """What units, items and decisions are called in sentences."""

    units: Mapping[str, str]
    items: Mapping[tuple[str, str], str]
    people: Mapping[str, str]

    @classmethod
    def of(cls, *years: ScoredYear) -> _Labels:
        return cls(
            {named.unit: named.name for year in years for named in year.units},
            {(item.kind, item.item): f"第{item.no}项" for year in years for item in year.items},
            {d.id: f"{d.person}{d.date}裁定{d.id}：{d.reason}" for year in years for d in year.decisions},
        )

    def decided(self, decision: str) -> str:
        return f"，{self.people.get(decision, f'裁定{decision}')}" if decision else ""


def _unit_changes(before: Scorecard | None, after: Scorecard | None, labels: _Labels) -> Iterator[ItemChange]:
    card = after or before
    if card is None:
        return
    name = labels.units.get(card.unit, card.unit)
    olds, news = ({mark.item: mark for mark in (c.marks if c else ())} for c in (before, after))
    for item in dict.fromkeys([*olds, *news]):
        old, new = olds.get(item), news.get(item)
        if _plain(old) != _plain(new):
            label = labels.items.get((card.kind, item), item)
            why = tuple(_reasons(old, new, labels)) or ("记录有变动",)
            yield ItemChange(card.unit, name, item, label, _said(old), _said(new), why)
    gone, came = _only_in(_steps(before), _steps(after))
    why = (*(f"原有{_step(s, labels)}" for s in gone), *(f"现为{_step(s, labels)}" for s in came))
    if why:
        was, now = (_points(sum((s.points for s in _adjustments(c)), Decimal(0))) for c in (before, after))
        yield ItemChange(card.unit, name, OUTSIDE, "加分、百分外扣分和等级限制", was, now, why)


def _reasons(old: Mark | None, new: Mark | None, labels: _Labels) -> Iterator[str]:
    """A sentence for each deduction that went, came or weighs otherwise, and for each mark behind the mark."""
    gone, came = _only_in(old.losses if old else (), new.losses if new else ())
    for loss in gone:
        twin = next((one for one in came if (one.rule, one.clause, one.channel) == _kind(loss)), None)
        if twin is None:
            yield f"不再{_loss(loss, labels)}"
            continue
        came.remove(twin)
        yield _weighs_otherwise(loss, twin, labels)
    yield from (f"新增{_loss(loss, labels)}" for loss in came)
    if old is None or new is None:
        yield "此项为新增" if old is None else "此项已取消"
        return
    for word, was, now in (
        ("自评分", old.self_mark, new.self_mark),
        ("核定分", old.verified_mark, new.verified_mark),
        ("满分", old.full_marks, new.full_marks),
    ):
        if was != now:
            yield f"{word}{_points(was)}→{_points(now)}"
    if old.waiting_for != new.waiting_for and new.waiting_for:
        yield f"等待裁定：{new.waiting_for}"


def _weighs_otherwise(old: Loss, new: Loss, labels: _Labels) -> str:
    """A deduction by the same clause whose points or grounds changed; what stayed is said once."""
    if (old.because, old.decision) != (new.because, new.decision):
        return f"扣分由{_loss(old, labels)}，变为{_loss(new, labels)}"
    source = f"{new.clause}{labels.decided(new.decision)}，原据{_cells(old.readings)}，现据{_cells(new.readings)}"
    return f"扣分由{_points(old.points)}分变为{_points(new.points)}分（{new.because}，{source}）"


def _kind(loss: Loss) -> tuple[object, ...]:
    return loss.rule, loss.clause, loss.channel


def _loss(loss: Loss, labels: _Labels) -> str:
    source = f"{loss.clause}，据{_cells(loss.readings)}{labels.decided(loss.decision)}"
    taken = f"扣{_points(loss.points)}分" if loss.points >= 0 else f"加回{_points(-loss.points)}分"
    return f"{taken}（{loss.because}，{source}）"


def _step(step: Adjustment | Effect, labels: _Labels) -> str:
    what = (
        f"{step.points:+f}分"
        if isinstance(step, Adjustment)
        else f"等级{step.grade}{'（已解除）' if step.lifted else ''}"
    )
    return f"{what}（{step.because}，{step.clause}，据{_cells(step.readings)}{labels.decided(step.decision)}）"


def _cells(readings: Sequence[Reading]) -> str:
    """The first cells with the text in them, and how many there are."""
    found = "、".join(map(str, readings[:3])) or "无单元格"
    return f"{found}等{len(readings)}处" if len(readings) > 3 else found


def _steps(card: Scorecard | None) -> tuple[Adjustment | Effect, ...]:
    return (*_adjustments(card), *(card.effects if card else ()))


def _adjustments(card: Scorecard | None) -> tuple[Adjustment, ...]:
    return tuple(step for step in card.adjustments if step.kind in ("bonus", "outside")) if card else ()


def _only_in(olds: Iterable[Any], news: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """Those of the old without an equal among the new, and the reverse; each counts as often as it is there."""
    olds, news = list(olds), list(news)
    left, right = Counter(repr(_plain(one)) for one in news), Counter(repr(_plain(one)) for one in olds)
    return list(_beyond(olds, left)), list(_beyond(news, right))


def _beyond(things: Iterable[Any], matched: Counter[str]) -> Iterator[Any]:
    for thing in things:
        key = repr(_plain(thing))
        if matched[key]:
            matched[key] -= 1
        else:
            yield thing


def _standing_changes(
    before: Mapping[str, Scorecard], after: Mapping[str, Scorecard], labels: _Labels
) -> Iterator[StandingChange]:
    for unit in dict.fromkeys([*before, *after]):
        was, now = _standing(before.get(unit)), _standing(after.get(unit))
        if was != now:
            because = (
                tuple(labels.units.get(o, o) for o in _passed(unit, before, after)) if was.rank != now.rank else ()
            )
            yield StandingChange(unit, labels.units.get(unit, unit), was, now, because)


def _standing(card: Scorecard | None) -> Standing:
    return Standing(card.total, card.grade, card.rank) if card else Standing()


def _passed(unit: str, before: Mapping[str, Scorecard], after: Mapping[str, Scorecard]) -> Iterator[str]:
    """The other units of the class whose total moved and that were better than the unit and are not, or now are."""
    own = after.get(unit) or before[unit]
    for other in dict.fromkeys([*before, *after]):
        olds, news = (year.get(other) for year in (before, after))
        if other == unit or (olds or news or own).kind is not own.kind or _total(olds) == _total(news):
            continue
        if _is_better(olds, before.get(unit)) != _is_better(news, after.get(unit)):
            yield other


def _total(card: Scorecard | None) -> Decimal | None:
    return card.total if card else None


def _is_better(card: Scorecard | None, other: Scorecard | None) -> bool:
    mine, theirs = _total(card), _total(other)
    return mine is not None and theirs is not None and mine > theirs


def _said(mark: Mark | None) -> str:
    if mark is None:
        return "无此项"
    if mark.awarded is None:
        return "待裁定" if mark.status == "awaiting_decision" else "不适用"
    return _points(mark.awarded)


def _points(points: Decimal | None) -> str:
    return "无" if points is None else f"{points:f}"


def _plain(thing: Any) -> Any:
    """Records as plain data that can be compared: without the places, which a file sent again changes."""
    if isinstance(thing, CellRef):
        return None
    if isinstance(thing, Decimal):
        return f"{thing.normalize():f}"
    if is_dataclass(thing):
        return {field.name: _plain(getattr(thing, field.name)) for field in fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): _plain(value) for key, value in thing.items()}
    if isinstance(thing, tuple | list):
        return [_plain(one) for one in thing]
    return thing
