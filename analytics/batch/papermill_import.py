"""papermill, imported without what takes most of its time and is of no use here. Workers are forked with it."""

from __future__ import annotations

import sys

GRAMMAR = "rfc3987_syntax"


def import_papermill() -> None:
    """Import papermill and what it runs notebooks with.

    nbformat checks notebooks with jsonschema, which, where JupyterLab is installed, builds a parser of international
    addresses (RFC 3987) on import: a second and a half, for a format that no notebook has. Without that package
    jsonschema leaves the format unchecked, as everywhere else. Whoever imports the package later still gets it.
    """
    absent = GRAMMAR not in sys.modules
    if absent:
        sys.modules[GRAMMAR] = None  # type: ignore[assignment]  # "not installed", to an import statement
    try:
        import papermill.execute  # noqa: F401
    finally:
        if absent:
            del sys.modules[GRAMMAR]


import_papermill()
