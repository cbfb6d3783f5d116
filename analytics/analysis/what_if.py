"""What if: one class scored again under another policy, or with an item's points changed, and who would move.

The package's own scoring does it, over the observations and decisions of the scored year. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from analytics.analysis.decomposition import decompose, moves, ranks_without
from analytics.analysis.policies import Value, changed_policy
from analytics.analysis.wording import Sentence, amount, difference, item_label, listed, points, signed
from analytics.listing import Listing
from analytics.policy import Policy, YearRules
from analytics.problems import Problem, Refused
from analytics.records import Channel, Decision, Observation
from analytics.rubric import Item, Points, Rubric, Rule
from analytics.scoring import Scorecard, competition_ranks, score
from analytics.scoring.effects import grade_after
from analytics.units import UnitKind, UnitRegistry

if TYPE_CHECKING:
    from analytics.store import ScoredYear, ScoreTables

CAVEAT = "假设推演，不是考核结果"
# Points of an item times new/old may never end; their trace in the 28th digit must break no tie and no grade bound.
SETTLED = Decimal("1e-12")
RESCALED = "该条目得分率不变，其余条目按比例折算，总分仍按100分制"
UNDECIDED = "待裁定"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A class as it was scored and as it would have been. An assumption (假设推演), never a result.

    changes: what was assumed, in words; empty when nothing was changed. before, after: the cards of the class, in the
    registry's order; ``after`` is nowhere stored. rows: unit, unit_name, total_before, total_after, rank_before,
    rank_after, climbed (places gained, negative when lost), grade_before, grade_after; by rank before, units without a
    total last, with NaN and 待裁定.
    """

    year: int
    kind: UnitKind
    changes: tuple[str, ...]
    before: tuple[Scorecard, ...]
    after: tuple[Scorecard, ...]
    rows: pd.DataFrame
    sentence: Sentence

    @property
    def moved(self) -> pd.DataFrame:
        """The units whose rank would differ, most places first."""
        rows = self.rows[self.rows["climbed"].fillna(0) != 0]
        return rows.sort_values("climbed", key=abs, ascending=False, kind="stable")

    @property
    def regraded(self) -> pd.DataFrame:
        """The units whose grade would differ."""
        return self.rows[self.rows["grade_before"] != self.rows["grade_after"]]

    @property
    def left_out(self) -> tuple[str, ...]:
        """The names of the units that await a decision."""
        return tuple(self.rows.loc[self.rows["total_after"].isna(), "unit_name"])

    @property
    def shown(self) -> Listing:
        """The rows as they are printed, under what they are not."""
        rows = (
            (
                row["unit_name"], *(_or_blank(row[name], points) for name in ("total_before", "total_after")),
                *(_or_blank(row[name], amount) for name in ("rank_before", "rank_after")),
                row["grade_before"], row["grade_after"], said_of(row),
            )
            for row in self.rows.to_dict("records")
        )  # fmt: skip
        header = ("单位", "总分", "推演总分", "名次", "推演名次", "等级", "推演等级", "变化")
        return Listing.of(header, rows, f"{CAVEAT}：{self.assumed}")

    @property
    def assumed(self) -> str:
        """The changes in one line."""
        return "、".join(self.changes) or "没有改动任何设定"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return replace(self.shown, notes=(self.sentence,))._repr_mimebundle_()


def what_if(
    scored: ScoredYear,
    rules: YearRules,
    registry: UnitRegistry,
    kind: str,
    *,
    points: Mapping[str, Value] | None = None,
    bounds: Mapping[str, Value] | None = None,
    policy: Mapping[str, object] | None = None,
) -> WhatIf:
    """Score the class ``kind`` again with something changed, and compare it with its stored cards.

    points: item (its id, or the number on the form where only one item has it) → its full marks. The item keeps its
    score rate in every unit: its deductions, self-mark and rulings change in proportion. The other items are scaled so
    that the total stays on the scale of 100; bonus and deductions outside the items stay as they are.
    bounds: grade → its lower bound. policy: setting → its value as ``policy.yaml`` would have it.
    Refused when an item, a setting or a value is none, or when the rules today no longer give the stored cards.

    >>> what_if(scored, rules, registry, "street_town", points={"3": "6"}).moved  # doctest: +SKIP
    """
    of_class = UnitKind(kind)
    before = tuple(card for card in scored.cards if card.kind is of_class)
    rubric = rules.rubric(of_class)
    units = registry.of_kind(of_class, rules.year)
    if before != score(rubric, rules.policy, units, scored.observations, scored.decisions) or not before:
        facts = {"found": str(scored.year), "kind": of_class.label()}
        raise Refused([Problem("what-if-rules-changed", "stop", facts=facts)])
    marks = {_item(rubric, of_class, name).id: _full_marks(name, value) for name, value in (points or {}).items()}
    new_policy, said = changed_policy(rules.policy, rubric, bounds or {}, policy or {})
    marks = {item: value for item, value in marks.items() if value != rubric.item(item).full_marks}
    after = before
    if marks or said:
        after = _scored_again(rubric, new_policy, registry, scored, of_class, marks)
    changes = (*(_change_of(rubric.item(item), value) for item, value in marks.items()), *said)
    names = {named.unit: named.name for named in scored.units}
    rows = _rows(before, after, names)
    return WhatIf(scored.year, of_class, changes, before, after, rows, _sentence(rows, of_class, changes, bool(marks)))


def telling_points(
    tables: ScoreTables, rubric: Rubric, year: int, kind: str, points: Mapping[str, Value]
) -> dict[str, Value]:
    """``points`` with its blanks filled: for a blank item the one without which most units change rank, of several the
    first; for blank points twice the item's own."""
    filled: dict[str, Value] = {}
    for item, value in points.items():
        name = item or _telling_item(tables, rubric, year, kind)
        filled[name] = value or 2 * _item(rubric, UnitKind(kind), name).full_marks
    return filled


def _telling_item(tables: ScoreTables, rubric: Rubric, year: int, kind: str) -> str:
    apart = decompose(tables, year, kind)
    if apart.units.empty:
        return rubric.items[0].id
    moved = moves(ranks_without(apart.parts, apart.units["total"]), apart.units)["moved"]
    return str(moved.idxmax())


def choices(rubric: Rubric) -> Listing:
    """The items that points can be assumed for."""
    rows = ((item.no, item.id, item.text, amount(item.full_marks)) for item in rubric.items)
    return Listing.of(("编号", "标识", "条目", "分值"), rows)


def said_of(row: Mapping[str, object]) -> str:
    """What would become of one row of ``WhatIf.rows``: 升2名，良好变为优秀; 不变."""
    if pd.isna(row["total_after"]):
        return UNDECIDED
    climbed = int(row["climbed"])  # type: ignore[call-overload]
    said = [f"{'升' if climbed > 0 else '降'}{abs(climbed)}名"] if climbed else []
    if row["grade_before"] != row["grade_after"]:
        said.append(f"{row['grade_before']}变为{row['grade_after']}")
    return "，".join(said) or "名次、等级不变"


def _item(rubric: Rubric, kind: UnitKind, name: str) -> Item:
    """The item of this id, or of this printed number when only one item bears it."""
    found = [item for item in rubric.items if item.id == name] or [item for item in rubric.items if item.no == name]
    if len(found) == 1:
        return found[0]
    expected = "、".join(f"{item.id}（第{item.no}项）" for item in found or rubric.items)
    code = "what-if-item-unclear" if found else "what-if-item-unknown"
    raise Refused([Problem(code, "stop", facts={"found": name, "kind": kind.label(), "expected": expected})])


def _full_marks(item: str, value: Value) -> Decimal:
    try:
        return TypeAdapter(Points).validate_python(Decimal(value))
    except (ValidationError, InvalidOperation):
        facts = {"item": item, "found": str(value)}
        raise Refused([Problem("what-if-points-refused", "stop", facts=facts)]) from None


def _change_of(item: Item, value: Decimal) -> str:
    return f"{item_label(item.no, item.text)}由{amount(item.full_marks)}分改为{amount(value)}分"


def _scored_again(
    rubric: Rubric,
    policy: Policy,
    registry: UnitRegistry,
    scored: ScoredYear,
    kind: UnitKind,
    marks: Mapping[str, Decimal],
) -> tuple[Scorecard, ...]:
    """The cards of the class with these full marks by item id; the rest of the scale is the scoring's own."""
    old = {item: rubric.item(item).full_marks for item in marks}
    items = tuple(_with_marks(item, marks[item.id]) if item.id in marks else item for item in rubric.items)
    units = registry.of_kind(kind, rubric.year)
    new = rubric.model_copy(update={"items": items})
    if empty := [unit.name for unit in units if not sum(item.full_marks for item in new.items_for(unit.id))]:
        raise Refused([Problem("what-if-points-refused", "stop", facts={"item": listed(empty), "found": "0"})])
    seen = [_observation(o, marks, old) for o in scored.observations]
    decided = [_decision(d, marks, old) for d in scored.decisions]
    cards = score(new, policy, units, seen, decided)
    return _settled(cards, policy) if marks else cards


def _with_marks(item: Item, full: Decimal) -> Item:
    rules = tuple(_rule(rule, full, item.full_marks) for rule in item.rules)
    return item.model_copy(update={"full_marks": full, "rules": rules})


def _rule(rule: Rule, new: Decimal, old: Decimal) -> Rule:
    """The rule with all its points in the proportion new / old."""
    there = {name: getattr(rule, name, None) for name in ("points", "cap", "least", "most")}
    update: dict[str, object] = {name: value * new / old for name, value in there.items() if value is not None}
    if levels := getattr(rule, "levels", None):
        update["levels"] = {word: value * new / old for word, value in levels.items()}
    return rule.model_copy(update=update)


def _observation(seen: Observation, marks: Mapping[str, Decimal], old: Mapping[str, Decimal]) -> Observation:
    """A self-mark goes with the item's points; a finding's value is a count and stays."""
    if seen.item not in marks or seen.channel is not Channel.SELF or seen.value is None:
        return seen
    return replace(seen, value=seen.value * marks[seen.item] / old[seen.item])


def _decision(decision: Decision, marks: Mapping[str, Decimal], old: Mapping[str, Decimal]) -> Decision:
    if decision.item not in marks or decision.points is None:
        return decision
    return replace(decision, points=decision.points * marks[decision.item] / old[decision.item])


def _settled(cards: Sequence[Scorecard], policy: Policy) -> tuple[Scorecard, ...]:
    """The cards with totals rounded to ``SETTLED``, grades and ranks by these, and the rescaling called by its name."""
    settled = []
    for card in cards:
        steps = tuple(
            replace(s, clause="折算", because=f"{CAVEAT}：{RESCALED}") if s.kind == "reweight" else s
            for s in card.adjustments
        )
        if card.total is None:
            settled.append(replace(card, adjustments=steps))
            continue
        total = card.total.quantize(SETTLED).normalize()
        by_points = policy.grade(total)
        grade = grade_after(by_points, policy, card.effects)
        settled.append(replace(card, adjustments=steps, total=total, grade_by_points=by_points, grade=grade))
    ranks = competition_ranks({card.unit: card.total for card in settled})
    return tuple(replace(card, rank=ranks[card.unit]) for card in settled)


def _rows(before: Sequence[Scorecard], after: Sequence[Scorecard], names: Mapping[str, str]) -> pd.DataFrame:
    rows = [
        {
            "unit": old.unit,
            "unit_name": names.get(old.unit, old.unit),
            "total_before": float("nan") if old.total is None else float(old.total),
            "total_after": float("nan") if new.total is None else float(new.total),
            "rank_before": old.rank,
            "rank_after": new.rank,
            "grade_before": old.grade or UNDECIDED,
            "grade_after": new.grade or UNDECIDED,
        }
        for old, new in zip(before, after, strict=True)
    ]
    frame = pd.DataFrame(rows).astype({"rank_before": float, "rank_after": float})
    frame.insert(6, "climbed", frame["rank_before"] - frame["rank_after"])
    return frame.sort_values(["rank_before", "unit"], na_position="last", ignore_index=True)


def _sentence(rows: pd.DataFrame, kind: UnitKind, changes: Sequence[str], rescaled: bool) -> Sentence:
    assumed = "、".join(changes) + (f"（{RESCALED}）" if rescaled else "") if changes else "没有改动任何设定"
    decided = rows[rows["total_after"].notna()]
    said = f"{CAVEAT}：{assumed}。{len(decided)}个{kind.label()}"
    if decided.empty:
        said = f"{CAVEAT}：{assumed}。没有一个{kind.label()}有总分"
    else:
        said += f"中，{_moves(decided)}；{_grades(decided)}"
        change = decided["total_after"] - decided["total_before"]
        if change.abs().max() >= 0.005:
            row = decided.loc[change.abs().idxmax()]
            size = difference(row["total_after"], row["total_before"])
            said += f"；总分变化最大的是{row['unit_name']}（{signed(size)}分）"
    if len(left_out := rows.loc[rows["total_after"].isna(), "unit_name"]):
        said += f"；{listed(left_out.to_list())}有条目待裁定，未列入"
    return Sentence(said + "。已存的考核结果不变。")


def _moves(decided: pd.DataFrame) -> str:
    moved = decided[decided["climbed"] != 0]
    if moved.empty:
        return "名次都不变"
    row = moved.loc[moved["climbed"].abs().idxmax()]
    word = "升" if row["climbed"] > 0 else "降"
    places = f"由第{row['rank_before']:.0f}名{word}到第{row['rank_after']:.0f}名"
    if len(moved) == 1:
        return f"1个名次变动：{row['unit_name']}{places}"
    return f"{len(moved)}个名次变动，变动最大的是{row['unit_name']}，{places}"


def _grades(decided: pd.DataFrame) -> str:
    changed = decided[decided["grade_before"] != decided["grade_after"]]
    if changed.empty:
        return "等级都不变"
    told = [f"{r['unit_name']}由{r['grade_before']}变为{r['grade_after']}" for r in changed.to_dict("records")]
    return f"{len(changed)}个等级变动（{listed(told)}）"


def _or_blank(value: float, say: object) -> str:
    return "" if pd.isna(value) else say(value)  # type: ignore[operator]
