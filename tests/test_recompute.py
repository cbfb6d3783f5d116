"""The package and the independent recomputation agree on every total; where they differ, one of them is wrong."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
import recompute
from sample_years import WORKSPACE, YEARS, sample

SOURCE = Path(recompute.__file__).read_text(encoding="utf-8")


def decimal(number: Fraction) -> Decimal:
    """The same number; only one that never ends, from items not applicable, is rounded as the package rounds it."""
    with localcontext(prec=60):
        return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(Decimal(1).scaleb(-18), ROUND_HALF_UP)


@pytest.mark.parametrize("year", YEARS)
def test_all_totals_of_a_year_are_the_recomputed_ones(year: int) -> None:
    recomputed = recompute.totals(WORKSPACE.sample(year), WORKSPACE.rubrics(year), WORKSPACE.units)
    assert len(recomputed) == 30
    assert {unit: card.total for unit, card in sample(year).cards.items()} == {
        unit: decimal(total) for unit, total in recomputed.items()
    }


def test_recomputation_shares_nothing_with_the_package() -> None:
    imported = set(re.findall(r"^\s*(?:from|import) (\w+)", SOURCE, re.MULTILINE))
    libraries = {"collections", "fractions", "math", "openpyxl", "pathlib", "re", "unicodedata", "yaml", "zipfile"}
    assert imported == libraries


def test_recomputation_can_be_read_at_one_sitting() -> None:
    lines = SOURCE.splitlines()
    assert len(lines) <= 150
    assert max(map(len, lines)) <= 120
