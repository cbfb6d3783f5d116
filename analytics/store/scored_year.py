"""A scored year: everything that an output may say about it, frozen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from analytics.listing import Listing
from analytics.policy import Setting, YearRules
from analytics.problems import Problem
from analytics.provenance import Reading, SourceFile
from analytics.records import Decision, Observation, Submission
from analytics.scoring.scorecard import Scorecard, printed_total
from analytics.store.code_version import code_version
from analytics.store.heads import Head
from analytics.store.manifest import NO_CORRECTION, Correction
from analytics.units import UnitKind, UnitRegistry

if TYPE_CHECKING:
    from analytics.intake import Intake


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One item of the rubric as it stood when the year was scored, once for each class that the rubric applies to."""

    rubric: str
    kind: UnitKind
    item: str
    no: str
    text: str
    theme: str
    theme_name: str
    full_marks: Decimal
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedSetting:
    """One setting of the policy: its name, the sentence that is printed, and where it comes from."""

    name: str
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit and the name it bore when the year was scored."""

    unit: str
    name: str
    kind: UnitKind


@dataclass(frozen=True)
class ScoredYear:
    """One run: cards, what they rest on, and the rules of the day. A correction is a new run; nothing is rewritten.

    ``run_id``, ``previous`` (``sha256`` of the year's run before) and ``sha256`` are ``""`` until it is in the store.
    ``status`` is ``demonstration`` as soon as one rubric of the year is. ``supersedes`` is the id of the run before and
    ``correction`` why this one took its place. ``standing_since``: unit → the run since which its record is the same.
    """

    year: int
    cards: tuple[Scorecard, ...]
    observations: tuple[Observation, ...] = ()
    decisions: tuple[Decision, ...] = ()
    submissions: tuple[Submission, ...] = ()
    items: tuple[ScoredItem, ...] = ()
    settings: tuple[PrintedSetting, ...] = ()
    units: tuple[NamedUnit, ...] = ()
    synthetic: bool = False
    status: Literal["demonstration", "in_force"] = "demonstration"
    code_version: str = ""
    run_id: str = ""
    previous: str = ""
    sha256: str = ""
    supersedes: str = ""
    correction: Correction = NO_CORRECTION
    standing_since: Mapping[str, Head] = field(default_factory=dict, compare=False)

    @classmethod
    def of(
        cls,
        rules: YearRules,
        registry: UnitRegistry,
        cards: Iterable[Scorecard],
        observations: Iterable[Observation],
        decisions: Iterable[Decision],
        submissions: Iterable[Submission],
        *,
        synthetic: bool,
    ) -> ScoredYear:
        """The year as it goes into the store. Records are put in order, so the order of files changes nothing."""
        kept = tuple(cards)
        return cls(
            year=rules.year,
            cards=kept,
            observations=tuple(sorted(observations, key=_observation_order)),
            decisions=tuple(sorted(decisions, key=lambda d: (d.unit, d.id, _place(d.reading)))),
            submissions=tuple(sorted(submissions, key=lambda s: s.source)),
            items=scored_items(rules),
            settings=printed_settings(rules),
            units=tuple(NamedUnit(u.id, u.name, u.kind) for u in map(registry.__getitem__, (c.unit for c in kept))),
            synthetic=synthetic,
            status="demonstration" if any(r.status == "demonstration" for r in rules.rubrics) else "in_force",
            code_version=code_version(),
        )

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """Every file that was received."""
        return tuple(submission.source for submission in self.submissions)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything intake had to say."""
        return tuple(problem for submission in self.submissions for problem in submission.problems)

    @property
    def why(self) -> str:
        """What this run corrects and why, in words; ``""`` for a first run of which nothing was said."""
        given = self.correction
        if not self.supersedes and not given.given:
            return ""
        parts = [given.reason or "未填写更正原因", given.person, str(given.date or ""), given.reference]
        what = f"更正批次{self.supersedes}" if self.supersedes else "计分说明"
        return f"{what}：{'，'.join(filter(None, parts))}"

    @property
    def undecided(self) -> tuple[Scorecard, ...]:
        """Cards without a grade because somebody still has to decide something; a barred unit is not one of them."""
        return tuple(card for card in self.cards if card.undecided)

    def of_unit(self, unit: str) -> ScoredYear:
        """What the record says of one unit, and nothing of the others; its part of the class comes as rank only."""
        cards = tuple(card for card in self.cards if card.unit == unit)
        kinds = {card.kind for card in cards}
        return replace(
            self,
            cards=cards,
            observations=tuple(o for o in self.observations if o.unit == unit),
            decisions=tuple(d for d in self.decisions if d.unit == unit),
            submissions=(),
            items=tuple(item for item in self.items if item.kind in kinds),
            units=tuple(named for named in self.units if named.unit == unit),
        )

    def of_class(self, kind: UnitKind) -> ScoredYear:
        """The cards of one class: what its means, bests and ranks depend on."""
        cards = tuple(card for card in self.cards if card.kind is kind)
        return replace(self, cards=cards, observations=(), decisions=(), submissions=(), items=(), units=())

    def card(self, unit: str) -> Scorecard:
        """The unit's card. KeyError when it has none."""
        for card in self.cards:
            if card.unit == unit:
                return card
        raise KeyError(unit)

    @property
    def banner(self) -> str:
        """What the numbers are not; ``""`` for real files under a rubric in force."""
        synthetic = "合成示例数据，非真实考核结果" if self.synthetic else ""
        return "；".join(filter(None, [synthetic, "示范细则（非正式文件）" if self.status == "demonstration" else ""]))

    @property
    def shown(self) -> Listing:
        """The units by class, from the first rank down, as they are printed; those without a total last."""
        names = {named.unit: named.name for named in self.units}
        order = {kind: place for place, kind in enumerate(UnitKind)}
        cards = sorted(self.cards, key=lambda card: (order[card.kind], card.rank or len(self.cards) + 1, card.unit))
        rows = (
            (
                card.kind.label(),
                card.rank or "",
                names.get(card.unit, card.unit),
                "" if card.total is None else printed_total(card.total),
                card.grade or ("不予参评" if card.barred else "待裁定"),
                len(card.waiting) or "",
            )
            for card in cards
        )
        waiting = f"，其中{len(self.undecided)}个待裁定" if self.undecided else ""
        head = f"{self.year}年度计分批次{self.run_id or '（未存档）'}：{len(self.cards)}个单位{waiting}"
        return Listing.of(("类别", "名次", "单位", "总分", "等级", "待裁定条目"), rows, head, [self.banner, self.why])

    def shown_card(self, unit: str) -> Listing:
        """The card of a unit (id or name) with its items' names, as it is printed. KeyError when it has none."""
        names = {named.unit: named.name for named in self.units}
        card = self.card(next((found for found, name in names.items() if name == unit), unit))
        items = {item.item: f"第{item.no}项“{_start(item.text)}”" for item in self.items if item.kind is card.kind}
        listing = card.shown(names.get(card.unit, ""), items)
        return replace(listing, notes=(*listing.notes, *filter(None, [self.banner])))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown._repr_mimebundle_()


def score_received(rules: YearRules, registry: UnitRegistry, intake: Intake) -> ScoredYear:
    """Score what was received, as the command and the replay of a run do."""
    from analytics.scoring import score_year

    cards = score_year(rules, registry, intake.observations, intake.decisions)
    return ScoredYear.of(
        rules,
        registry,
        cards,
        intake.observations,
        intake.decisions,
        intake.submissions,
        synthetic=intake.synthetic,
    )


def scored_items(rules: YearRules) -> tuple[ScoredItem, ...]:
    """The year's items, class by class, in the order of the rubric."""
    return tuple(
        ScoredItem(
            rubric=rubric.id,
            kind=kind,
            item=item.id,
            no=item.no,
            text=item.text,
            theme=item.theme,
            theme_name=next((theme.name for theme in rubric.themes if theme.id == item.theme), ""),
            full_marks=item.full_marks,
            formerly=item.formerly,
        )
        for kind in UnitKind
        for rubric in rules.rubrics
        if kind in rubric.applies_to
        for item in rubric.items
    )


def printed_settings(rules: YearRules) -> tuple[PrintedSetting, ...]:
    """The policy's settings, in the order of the model, then what looks like a slip in the rubrics."""
    settings = {name: getattr(rules.policy, name) for name in type(rules.policy).model_fields}
    said = [
        PrintedSetting(name, setting.says, setting.source)
        for name, setting in settings.items()
        if isinstance(setting, Setting)
    ]
    return (*said, *(PrintedSetting("slip", slip, "assumed") for slip in rules.slips))


def _start(text: str, most: int = 14) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _observation_order(seen: Observation) -> tuple[object, ...]:
    return (seen.unit, seen.channel, _place(seen.reading), seen.item, seen.measure, seen.rule, seen.text)


def _place(reading: Reading) -> tuple[object, ...]:
    """File, sheet, then cells as they are read: row by row, ``B10`` after ``C9``."""
    cell = reading.cell
    parts = re.fullmatch(r"([A-Z]+)(\d+)", cell.address)
    column, row = (parts[1], int(parts[2])) if parts else (cell.address, 0)
    return (cell.file, cell.sha256, cell.sheet, row, len(column), column)
