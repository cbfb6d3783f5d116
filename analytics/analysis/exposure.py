"""Accidents, deaths and fires for every 10,000 employees, with exact intervals: large streets have more of everything.

With 0, 1 or 2 cases one case more or less changes everything, so such figures are shown and never compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from analytics.analysis.scores import class_cards
from analytics.analysis.wording import Sentence, amount, listed, points
from analytics.intake.headings import read_table
from analytics.listing import Listing
from analytics.problems import Problem, Refused
from analytics.rubric import Measure
from analytics.units import UnitKind, read_yaml, schema_problems

if TYPE_CHECKING:
    from analytics.store import ScoreTables

RATED = ("accidents", "deaths", "fires")
FEW = 2
LEVEL = 0.95
PER = 10_000
MARK = "※"


class Origin(BaseModel):
    """What the denominators are and where they were published, as ``employees.yaml`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    period: str
    source: str
    address: str = ""
    provenance: str = ""
    precision: str = ""
    changes: str = ""
    known: str = ""


@dataclass(frozen=True, slots=True)
class Exposures:
    """Employees by unit id, in persons. Without any, ``origin`` is None: nothing is guessed."""

    employees: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    origin: Origin | None = None

    @classmethod
    def load(cls, folder: Path) -> Exposures:
        """Read ``employees.csv`` (unit, printed_as, employees) and ``employees.yaml``; empty without such a table.

        Refused when a number is not above 0, a unit stands twice, or the table does not say where it comes from.
        """
        path = folder / "employees.csv"
        if not path.is_file():
            return cls()
        found: dict[str, float] = {}
        for row in read_table(path, "unit", "printed_as", "employees"):
            unit, number = row["unit"].strip(), row["employees"].strip()
            if not number.isdecimal() or not int(number):
                raise _refused(path.name, unit, number, "应为大于0的整数")
            if unit in found:
                raise _refused(path.name, unit, unit, "每个单位只能有一行")
            found[unit] = float(number)
        described = path.with_suffix(".yaml")
        try:
            return cls(MappingProxyType(found), Origin.model_validate(read_yaml(described)))
        except ValidationError as error:
            raise Refused(schema_problems(error, described.name)) from None


def _refused(file: str, place: str, found: str, expected: str) -> Refused:
    facts = {"place": place, "found": found, "expected": expected}
    return Refused([Problem("data-file-invalid", "stop", file=file, facts=facts)])


@dataclass(frozen=True, slots=True)
class AccidentRates:
    """One class in one year, in the order of the units' ids: never in the order of the rates.

    rows: unit, unit_name, measure, label, counted_in, count, employees, rate (count for every 10,000 employees), low,
    high (95 % interval of the rate, see ``poisson_interval``), few (at most ``FEW`` cases), beside (``above`` or
    ``below`` when the interval leaves out the rate of all units together; blank otherwise, and always where few).
    count is NaN when the unit's statistics were not received, employees and rates are when no denominator is at hand.
    totals: measure, label, counted_in, units, count, employees, rate; over the units that have both figures.
    """

    year: int
    kind: UnitKind
    rows: pd.DataFrame
    totals: pd.DataFrame
    exposures: Exposures
    synthetic: bool
    sentence: Sentence
    caution: Sentence

    @property
    def rated(self) -> pd.DataFrame:
        """The rows that have a rate."""
        return self.rows[self.rows["rate"].notna()]

    @property
    def shown(self) -> Listing:
        """A row a unit: employees, then for each measure the count and the rate with its interval; else the counts."""
        rated = len(self.rated) > 0
        rows = [
            (unit, *([_people(of_unit["employees"].iloc[0])] if rated else []), *map(_cell, of_unit.to_dict("records")))
            for unit, of_unit in self.rows.groupby("unit_name", sort=False)
        ]
        labels = tuple(dict.fromkeys(self.rows["label"]))
        if not rated:
            return Listing.of(("单位", *labels), rows)
        header = ("单位", "从业人员（万人）", *(f"{label}；每万人（95%区间）" for label in labels))
        return Listing.of(header, rows)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.shown._repr_mimebundle_(include, exclude)


def accident_rates(
    tables: ScoreTables, year: int, kind: str, measures: Sequence[Measure], exposures: Exposures
) -> AccidentRates:
    """Accident figures of a class beside its employees. ``measures`` (the rubric's) give the labels of ``RATED``.

    Refused when the class has no cards in ``year``.
    """
    cards = class_cards(tables, year, kind).sort_values("unit")
    labels = {one.id: (one.label, one.counted_in) for one in measures if one.id in RATED}
    rows = cards[["unit", "unit_name"]].merge(pd.DataFrame({"measure": list(labels)}), how="cross")
    rows = rows.assign(
        label=[labels[measure][0] for measure in rows["measure"]],
        counted_in=[labels[measure][1] for measure in rows["measure"]],
        count=_counts(tables, year, rows),
        employees=rows["unit"].map(dict(exposures.employees)).astype(float),
    )
    low, high = poisson_interval(rows["count"].to_numpy(float))
    per = PER / rows["employees"]
    rows = rows.assign(rate=rows["count"] * per, low=low * per, high=high * per, few=rows["count"] <= FEW)
    totals = _totals(rows)
    mean = rows["measure"].map(totals.set_index("measure")["rate"])
    beside = np.select([rows["few"], rows["low"] > mean, rows["high"] < mean], ["", "above", "below"], "")
    rows = rows.assign(beside=beside)
    synthetic = bool(cards["synthetic"].any())
    said = _sentence(rows, totals, exposures, year, UnitKind(kind))
    caution = _caution(rows, exposures, year, synthetic)
    return AccidentRates(year, UnitKind(kind), rows, totals, exposures, synthetic, said, caution)


def poisson_interval(
    counts: npt.NDArray[np.float64], level: float = LEVEL
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The exact interval of a Poisson mean given a count: never too narrow, however small the count; 0 has 0 to 3.69.

    Source: Garwood, Fiduciary Limits for the Poisson Distribution, Biometrika 28 (1936); the limits are quantiles of
    gamma distributions. Cases are taken to be independent: one accident with three deaths is not three such cases.
    """
    # Most of the package needs no scipy.
    from scipy.special import gammaincinv

    tail = (1 - level) / 2
    low = np.where(counts > 0, gammaincinv(np.maximum(counts, 1), tail), counts)
    return low, gammaincinv(counts + 1, 1 - tail)


def _counts(tables: ScoreTables, year: int, rows: pd.DataFrame) -> pd.Series:
    """What the accident statistics state for each unit and measure, the last entry as in scoring; NaN when nothing."""
    figures = tables.figures
    if figures.empty:
        return pd.Series(np.nan, index=rows.index)
    stated = figures[(figures["year"] == year) & (figures["channel"] == "accident")].dropna(subset=["value"])
    stated = stated.drop_duplicates(["unit", "measure"], keep="last").set_index(["unit", "measure"])["value"]
    return stated.reindex(pd.MultiIndex.from_frame(rows[["unit", "measure"]])).set_axis(rows.index).astype(float)


def _totals(rows: pd.DataFrame) -> pd.DataFrame:
    rated = rows[rows["rate"].notna()]
    totals = rated.groupby(["measure", "label", "counted_in"], as_index=False, sort=False).agg(
        units=("unit", "size"), count=("count", "sum"), employees=("employees", "sum")
    )
    return totals.assign(rate=PER * totals["count"] / totals["employees"])


def _people(employees: float) -> str:
    return "—" if pd.isna(employees) else points(employees / PER)


def _cell(row: Mapping[str, Any]) -> str:
    if pd.isna(row["count"]):
        return "没有报来"
    said = f"{amount(row['count'])}{row['counted_in']}{MARK if row['few'] else ''}"
    return said if pd.isna(row["rate"]) else f"{said}；{_rate(row)}"


def _rate(row: Mapping[str, Any]) -> str:
    return f"{points(row['rate'])}（{points(row['low'])}—{points(row['high'])}）"


def _sentence(rows: pd.DataFrame, totals: pd.DataFrame, exposures: Exposures, year: int, kind: UnitKind) -> Sentence:
    if not exposures.employees:
        return Sentence(f"手头没有从业人员数（工作区里没有data/context/employees.csv），{kind.label()}的次数不能换算。")
    without = tuple(dict.fromkeys(rows.loc[rows["employees"].isna(), "unit_name"]))
    names = rows["unit_name"].nunique()
    if len(without) == names:
        return Sentence(f"{names}个{kind.label()}都没有从业人员数，次数照列，不能换算成每万人。")
    said = "；".join(_compared(rows, total) for total in totals.to_dict("records"))
    said = f"{year}年度{said}" if said else f"{year}年度没有收到{kind.label()}的事故统计"
    if without:
        said += f"；{listed(without)}没有从业人员数，未换算"
    silent = tuple(dict.fromkeys(rows.loc[rows["count"].isna(), "unit_name"]))
    if silent and len(totals):
        said += f"；{listed(silent)}没有报来全部数字"
    return Sentence(said + "。")


def _compared(rows: pd.DataFrame, total: Mapping[str, Any]) -> str:
    """One measure in words: the rate of all together, and who is apart from it."""
    of_measure = rows[(rows["measure"] == total["measure"]) & rows["rate"].notna()]
    said = f"{total['units']}个单位{total['label']}合计{amount(total['count'])}{total['counted_in']}，"
    said += f"每万从业人员{points(total['rate'])}{total['counted_in']}"
    few = int(of_measure["few"].sum())
    if few == len(of_measure):
        return f"{said}，各单位都不超过{FEW}{total['counted_in']}，不作比较"
    if few:
        said += f"，不超过{FEW}{total['counted_in']}的{few}个单位不作比较，其余按95%区间看"
    else:
        said += "，按95%区间看"
    apart = [
        f"，{word}合计率的是{listed(names, 10)}"
        for side, word in (("above", "高于"), ("below", "低于"))
        if (names := tuple(of_measure.loc[of_measure["beside"] == side, "unit_name"]))
    ]
    return said + ("".join(apart) if apart else "，与合计率都分不出高低")


def _caution(rows: pd.DataFrame, exposures: Exposures, year: int, synthetic: bool) -> Sentence:
    said = []
    if few := int(rows["few"].sum()):
        said.append(f"只有0、1、2起（人）的共{few}处，标{MARK}：多一起少一起，率就成倍变动，不据此排先后，也不作比较。")
    origin = exposures.origin
    if origin and rows["rate"].notna().any():
        about = "，".join(filter(None, [origin.source, origin.provenance, origin.precision]))
        said.append(
            f"分母是{origin.period}的{origin.what}，来源：{about}；同{year}年度的次数放在一起，"
            "是假定（assumed）各单位的规模变化不大。火灾还与居住人口有关，这里没有分单位的人口数。"
        )
        if synthetic:
            said.append(
                "分母是公开发表的真实数字，次数是合成示例数据：这些率只演示算法，不说明任何真实单位的安全状况，"
                "次数也与真实单位发生过什么无关。"
            )
    elif synthetic:
        said.append("次数是合成示例数据，与真实单位发生过什么无关。")
    return Sentence("".join(said) or "没有需要说明的小数目。")
