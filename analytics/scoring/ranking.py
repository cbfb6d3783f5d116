"""Ranks inside a class, ties as 1-2-2-4."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal


def competition_ranks(totals: Mapping[str, Decimal | None]) -> dict[str, int | None]:
    """Standard competition ranks on the exact totals, highest first; a unit without a total has no rank.

    90, 85, 85, 70, 60 → 1, 2, 2, 4, 5.
    """
    known = [total for total in totals.values() if total is not None]
    return {
        name: None if total is None else 1 + sum(other > total for other in known) for name, total in totals.items()
    }
