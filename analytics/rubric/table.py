"""One year's scoring table: themes, items, clauses beside the items. Loaded and checked; nothing is scored here."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from analytics.problems import Refused
from analytics.rubric.kinds import Data, Identifier, Points, Rule
from analytics.rubric.wording import terms
from analytics.units import UnitKind, UnitRegistry, read_yaml, schema_problems, with_folder

Number = Annotated[str, Field(pattern=r"^\d{1,2}$")]


class Theme(Data):
    """A first-level indicator (一级指标) of the notice and its points."""

    id: Identifier
    name: str
    points: Points


class ItemPart(Data):
    """A part of an item (评分点) with points of its own: the rules that name it take no more than these together."""

    id: Identifier
    name: str
    points: Points


class Item(Data):
    """One 考核内容. ``id`` survives renumbering, so years can be joined; ``no`` is what this year's form prints.

    ``units`` is empty for an item common to all (共性); otherwise it lists the units by whose duty it is asked (个性).
    ``formerly`` names the items of earlier years that were merged into or split to make this one.
    ``substitute_for`` names the item in whose place this one is asked of a unit, by decision (改考); it is on no form.
    ``not_applicable`` says what a unit gets that the item does not concern: its weight goes to the others, or the
    mean of the class (取本类平均分).
    """

    id: Identifier
    no: Number
    theme: Identifier
    text: str
    standard: str = ""
    full_marks: Points
    methods: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    formerly: tuple[Identifier, ...] = ()
    substitute_for: Identifier | None = None
    not_applicable: Literal["reweight", "class_mean"] = "reweight"
    parts: tuple[ItemPart, ...] = ()
    rules: tuple[Rule, ...]

    def rule(self, rule_id: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def room(self, rule: Rule) -> Decimal:
        """The points that a rule shares with others: those of its part (评分点), else the item's."""
        return next((part.points for part in self.parts if part.id == rule.part), self.full_marks)

    @property
    def printed_standard(self) -> str:
        """The standard as the form prints it: the rubric's own text, or each clause with its condition and points."""
        return self.standard or "；".join(f"（{rule.id}）{rule.on}{terms(rule)}" for rule in self.rules) + "。"


class Measure(Data):
    """A figure that rules look at: from the pledge report (checked by the office) or from the accident statistics."""

    id: Identifier
    label: str
    counted_in: str
    form: Literal["pledge_report", "accidents"]

    def said(self, value: Decimal) -> str:
        """The figure in words: ``火灾起数21起``."""
        return f"{self.label}{value:f}{self.counted_in}"


class BonusClause(Data):
    """Points above the items, by level; one matter counts once, at its highest level. Granted by a Decision only.

    ``document_of_year``: it counts only when the decision's reference names a document of the year, as 〔2020〕.
    """

    id: Identifier
    no: Number
    on: str
    levels: Annotated[dict[str, Points], Field(min_length=1)]
    document_of_year: bool = False


class OutsideClause(Data):
    """A deduction outside the 100 points: by a measure of the accident statistics, or by a Decision."""

    id: Identifier
    no: Number
    on: str
    points: Points
    cap: Points | None = None
    measure: Identifier | None = None


class VetoClause(Data):
    """``cap``: no better than ``grade`` (一票否优). ``force``: exactly ``grade`` (一票否决).

    By a measure above ``more_than``, or by standing among the ``last`` of the class or (and) ``below`` a total, until a
    Decision lifts it; or by a Decision alone.
    """

    id: Identifier
    no: Number
    on: str
    effect: Literal["cap", "force"]
    grade: str
    measure: Identifier | None = None
    more_than: Decimal = Decimal(0)
    last: Annotated[int, Field(ge=1)] | None = None
    below: Points | None = None

    @property
    def by_standing(self) -> bool:
        """Whether it looks at the total or at the unit's place in its class."""
        return self.last is not None or self.below is not None


class Prerequisite(Data):
    """What must hold before a unit is scored at all: an own total of at least ``self_total``, or a measure that is
    not above ``at_most``. Without either, a Decision (不予参评) alone says that it does not hold."""

    id: Identifier
    no: Number
    on: str
    self_total: Points | None = None
    measure: Identifier | None = None
    at_most: Decimal = Decimal(0)


class CommonAndDuty(Data):
    """What each unit's items common to all (共性) and those by its own duty (个性) add up to."""

    common: Points
    duty: Points


class Rubric(Data):
    """One year's scoring table for one or more classes. ``full_marks`` is what the items of each unit add up to."""

    year: int
    id: Identifier
    title: str
    applies_to: tuple[UnitKind, ...]
    status: Literal["demonstration", "in_force"]
    reference: str
    full_marks: Points = Decimal(100)
    parts: CommonAndDuty | None = None
    themes: tuple[Theme, ...]
    measures: tuple[Measure, ...] = ()
    items: tuple[Item, ...]
    bonus: tuple[BonusClause, ...] = ()
    outside: tuple[OutsideClause, ...] = ()
    vetoes: tuple[VetoClause, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    sha256: str = ""

    @classmethod
    def load(cls, path: Path, registry: UnitRegistry) -> Rubric:
        """Read and check a rubric. Refused, with file and place, when points do not add up, an id stands twice, or a
        rule names a measure that is not declared. What is printed oddly but clearly is no fault: see ``slips``."""
        from analytics.rubric.checks import faults

        try:
            rubric = cls.model_validate(read_yaml(path) | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
        except ValidationError as error:
            raise Refused(schema_problems(error, with_folder(path))) from None
        if problems := faults(rubric, registry, with_folder(path)):
            raise Refused(problems)
        return rubric

    def items_for(self, unit_id: str) -> tuple[Item, ...]:
        """The items on this unit's form, in printed order."""
        return tuple(item for item in self.items_known(unit_id) if item.substitute_for is None)

    def items_known(self, unit_id: str) -> tuple[Item, ...]:
        """The items on this unit's form, and those that a decision may put in their place."""
        return tuple(item for item in self.items if not item.units or unit_id in item.units)

    def substitutes(self, item_id: str, unit_id: str) -> tuple[Item, ...]:
        """What may be asked of the unit in the place of an item."""
        return tuple(item for item in self.items_known(unit_id) if item.substitute_for == item_id)

    def item(self, item_id: str) -> Item:
        return self._by_id[item_id]

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.id: item for item in reversed(self.items)}

    def measure(self, measure_id: str) -> Measure:
        return next(measure for measure in self.measures if measure.id == measure_id)

    def clause(self, item: Item, rule_id: str) -> str:
        """The clause as it is quoted to a unit: ``《…评分细则》第3项第（1）款``."""
        return f"{self.reference}第{item.no}项" + (f"第（{rule_id}）款" if rule_id else "")
