"""What became of a unit as a table prints it: total, grade and rank, also while they are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analytics.analysis.printed_totals import told_apart
from analytics.documents.labels import Say, listed
from analytics.policy import Policy
from analytics.scoring.effects import grade_after
from analytics.scoring.scorecard import PartScore, Scorecard


@dataclass(frozen=True, slots=True)
class UnitResult:
    """A card's result in words. ``total`` is the printed total, None while it is open or when there is none."""

    card: Scorecard
    policy: Policy
    total: Decimal | None

    @property
    def unranked(self) -> bool:
        """Whether the unit is scored and takes no place (不参加排名)."""
        return not (self.card.barred or self.card.rank or self.card.rank_span)

    @property
    def open_rank(self) -> bool:
        """Whether the rank is not yet what it will be once the class is decided."""
        return not set(self.card.rank_span) <= {self.card.rank}

    @property
    def by_quota(self) -> bool:
        """Whether the grade is not the one of the points because the places of a grade are limited."""
        card = self.card
        if card.grade is None or card.grade_by_points is None:
            return False
        return grade_after(card.grade_by_points, self.policy, card.effects) != card.grade

    def range(self) -> tuple[str, str] | None:
        """The least and the most that an open total may become, as printed."""
        span = self.card.span
        if self.card.total is not None or span is None or self.card.barred:
            return None
        return f"{self.policy.shown(span.least):f}", f"{self.policy.shown(span.most):f}"

    def said_total(self, say: Say) -> str:
        """``91.20``; ``85.30—91.30`` while it is open; ``—`` for a unit that is not scored."""
        if self.total is not None and not self.card.barred:
            return f"{self.total:f}"
        ends = self.range()
        return "—" if ends is None else ends[0] if ends[0] == ends[1] else "—".join(ends)

    def said_grade(self, say: Say) -> str:
        """``优秀``; ``待裁定`` while it is open; ``不予参评``."""
        if self.card.barred:
            return say("不予参评", "not admitted")
        return self.card.grade or say("待裁定", "undecided")

    def said_grades(self, say: Say) -> str:
        """What an open grade may become: ``可能为优秀或良好``, ``裁定后为良好``; else nothing."""
        if not self.card.undecided or not self.card.possible_grades:
            return ""
        *most, last = self.card.possible_grades
        if not most:
            return say(f"裁定后为{last}", f"will be {last} once decided")
        either = filter(None, [listed(say, most), last])
        return say("可能为", "may be ") + say("或", " or ").join(either)

    def said_rank(self, say: Say) -> str:
        """``3/10``; ``—`` without one."""
        card = self.card
        return f"{card.rank}/{card.ranked}" if card.rank else say("不参加排名", "not ranked") if self.unranked else "—"

    def said_why(self, say: Say) -> str:
        """Why the grade is not the one of the points: ``按分数为先进，名额限制``; else nothing."""
        card = self.card
        if card.grade is None or card.grade == card.grade_by_points:
            return ""
        by_points = say(f"按分数为{card.grade_by_points}", f"{card.grade_by_points} by points")
        return by_points + (say("，名额限制", ", by quota") if self.by_quota else "")

    def said_ranks(self, say: Say) -> str:
        """Where an open rank may end: ``可能为第3—4名``, ``裁定后为第3名``; else nothing."""
        if not self.open_rank:
            return ""
        best, worst = self.card.rank_span[0], self.card.rank_span[-1]
        if best == worst:
            return say(f"裁定后为第{best}名", f"will be {best} once decided")
        return say(f"可能为第{best}—{worst}名", f"may end {best}–{worst}")

    def said_open(self, say: Say) -> str:
        """What may become of an open unit, in one line; nothing when all is decided."""
        ends = self.range()
        total = say(f"总分在{ends[0]}—{ends[1]}之间", f"total from {ends[0]} to {ends[1]}") if ends else ""
        return say("，", ", ").join(filter(None, [total, self.said_grades(say), self.said_ranks(say)]))


def worth_of(card: Scorecard, part: PartScore) -> Decimal | None:
    """How many points of the total a part is worth once the missing ones gave theirs away; None when it is missing."""
    there = sum((other.weight for other in card.parts if not other.missing), Decimal(0))
    return None if part.missing or not there else part.weight * card.scale / there


def counted_of(card: Scorecard, part: PartScore) -> Decimal | None:
    """How many points of the total a part brought; None while it is open, or missing."""
    worth = worth_of(card, part)
    return None if worth is None or part.value is None else worth * part.value / part.full


def unit_results(cards: Sequence[Scorecard], policy: Policy) -> Mapping[str, UnitResult]:
    """Unit → its result, the totals of each class printed so that two with different ranks do not read alike."""
    shown: dict[str, Decimal] = {}
    for kind in dict.fromkeys(card.kind for card in cards):
        known = {card.unit: card.total for card in cards if card.kind is kind and card.total is not None}
        shown |= told_apart(known, policy.shown, policy.grade)
    return {card.unit: UnitResult(card, policy, shown.get(card.unit)) for card in cards}
