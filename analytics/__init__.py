"""Scores, explains and reports a district's yearly work-safety and fire-safety assessment.

What an analyst needs in a notebook of her own; each name's help has an example, and ``notebooks/90_own_question`` uses
them:

- open: ``open_year``, ``open_unit``, ``Desk``, ``ScoreStore``, ``Workspace``
- ask: the methods of what ``open_year`` gives, or ``compare``, ``trend``, ``weights``, ``leniency`` on its ``tables``;
  ``explain`` takes a card apart, ``UnitKind`` names the classes
- show: ``Listing``, ``Sentence``, ``amount``, and by ``themed``, ``Frame``, ``drawn``, ``ACCENT`` a chart in our look
- make: ``run_batch``, the briefs that are missing or stale
- understand a refusal: ``Refused`` and its ``Problem``
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.3.0"

_HOMES = {
    "open_year": "analytics.documents.desk",
    "open_unit": "analytics.documents.desk",
    "Desk": "analytics.documents.desk",
    "ScoreStore": "analytics.store",
    "Workspace": "analytics.workspace",
    "UnitKind": "analytics.units",
    "compare": "analytics.analysis.comparison",
    "trend": "analytics.analysis.trend",
    "weights": "analytics.analysis.weights",
    "leniency": "analytics.analysis.leniency",
    "explain": "analytics.scoring",
    "Listing": "analytics.listing",
    "Sentence": "analytics.analysis.wording",
    "amount": "analytics.analysis.wording",
    "themed": "analytics.figures.theme",
    "Frame": "analytics.figures.theme",
    "drawn": "analytics.figures.theme",
    "ACCENT": "analytics.figures.theme",
    "run_batch": "analytics.batch.table",
    "Problem": "analytics.problems",
    "Refused": "analytics.problems",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first used, so that ``import analytics`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
