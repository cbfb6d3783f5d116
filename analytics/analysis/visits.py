"""Which inspection group checked what: on-site findings as ratings of units by groups.

The rating is the finding rate (查出率): the share of the items a group checked on which it reported a problem, in %. It
is the group's own word. Points are not: clauses share caps, and what is discretionary was decided by somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from analytics.store import ScoreTables

ITEM = ["unit", "year", "item"]


@dataclass(frozen=True, slots=True)
class Visits:
    """The on-site visits to one class up to a year.

    checked: unit, unit_name, year, group, item, found (a problem was reported); one row for each item a group checked.
    unnamed: unit, unit_name, year, records; on-site rows whose group is blank, which are in ``checked`` for nobody.
    campaigns: unit, year, item, found; what special inspections, which are the same for all units, found.
    """

    checked: pd.DataFrame
    unnamed: pd.DataFrame
    campaigns: pd.DataFrame

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups' names as the records write them, in the order of units and years."""
        return tuple(self.checked["group"].unique())

    @property
    def made(self) -> pd.DataFrame:
        """Who went where: unit, unit_name, year, group."""
        return self.checked[["unit", "unit_name", "year", "group"]].drop_duplicates(ignore_index=True)

    @property
    def by_unit(self) -> pd.DataFrame:
        """Ratings with the unit as target: target, judge, year, rating; one row a visit."""
        return _rated(self.checked, self.checked["unit"])

    @property
    def joint(self) -> pd.DataFrame:
        """Ratings with unit and year as target, where several groups visited, over the items all of them checked."""
        both = self.checked
        groups = both.groupby(["unit", "year"])["group"].transform("nunique")
        both = both[(groups > 1) & (both.groupby(ITEM)["group"].transform("nunique") == groups)]
        return _rated(both, both["unit"] + " " + both["year"].astype(str))

    @property
    def beside_campaigns(self) -> pd.DataFrame:
        """Ratings of units by their group less those by special inspections, over the items both checked in one year.

        target (unit), judge, items, rating (percentage points); one row for each unit and group.
        """
        both = self.checked.merge(self.campaigns, on=ITEM, suffixes=("", "_special"))
        both = both.assign(rating=100.0 * (both["found"].astype(float) - both["found_special"].astype(float)))
        rated = both.groupby(["unit", "group"], as_index=False).agg(items=("item", "size"), rating=("rating", "mean"))
        return rated.rename(columns={"unit": "target", "group": "judge"})


def _rated(checked: pd.DataFrame, target: pd.Series) -> pd.DataFrame:
    rated = checked.assign(target=target, judge=checked["group"], rating=100.0 * checked["found"].astype(float))
    return rated.groupby(["target", "judge", "year"], as_index=False, sort=False)["rating"].mean()


def visits(tables: ScoreTables, until: int, kind: str) -> Visits:
    """The visits to one class in the years up to ``until``; empty frames for a class that no group visits."""
    findings = tables.findings
    if findings.empty:  # made of nothing, a frame has no columns either
        findings = pd.DataFrame(columns=["unit", "unit_name", "kind", "year", "item", "channel", "group", "rule"])
    findings = findings[(findings["kind"] == kind) & (findings["year"] <= until) & (findings["item"].fillna("") != "")]
    findings = findings.assign(
        group=findings["group"].fillna("").str.strip(), found=findings["rule"].fillna("").str.strip() != ""
    )
    onsite = findings[findings["channel"] == "onsite"].sort_values(["unit", "year"], kind="stable")
    named = onsite[onsite["group"] != ""]
    checked = named.groupby(["unit", "unit_name", "year", "group", "item"], as_index=False, sort=False)["found"].any()
    blank = onsite[onsite["group"] == ""]
    unnamed = blank.groupby(["unit", "unit_name", "year"], as_index=False).agg(records=("item", "size"))
    campaigns = findings[findings["channel"] == "special"].groupby(ITEM, as_index=False)["found"].any()
    return Visits(checked, unnamed, campaigns)
