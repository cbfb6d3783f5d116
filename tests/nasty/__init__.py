"""A few hundred nasty files, each with what must become of it, by family."""

from __future__ import annotations

from nasty import hostile, identity, kinds, marks, other_forms, sheets, tables
from nasty.case import Case

CATALOGUE: dict[str, Case] = {}
for family in (marks, tables, sheets, identity, other_forms, hostile, kinds):
    for case in family.cases():
        assert case.name not in CATALOGUE, case.name
        CATALOGUE[case.name] = case
