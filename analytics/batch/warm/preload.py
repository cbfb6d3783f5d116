"""What every notebook of ours would import, read and draw first; done once, in the process that is forked."""

from __future__ import annotations

import contextlib
import importlib
import pickle
import sys
import types
from pathlib import Path

SHARED = "shared"  # a file beside the socket: what the owner has read and every brief would read again
IMPORTED = (
    "asyncio",
    "ipykernel.comm",
    "IPython.core.completer",
    "analytics.documents.desk",
    "analytics.documents.dossier",
)


def preload(folder: Path) -> None:
    """Import, warm the fonts, and take over what the owner has read. No pyplot figure, no thread, no query."""
    for name in IMPORTED:
        importlib.import_module(name)
    from analytics.documents import warmth

    warmth.warm_up()
    shared = folder / SHARED
    if shared.is_file():
        from analytics.documents import held

        with contextlib.suppress(pickle.PickleError, AttributeError, ImportError):  # of other code: each reads anew
            held.take(shared.read_bytes())
            warmth.rehearse()
    for module in list(sys.modules.values()):  # a warning given here would be given no more in any child
        if isinstance(module, types.ModuleType):
            vars(module).pop("__warningregistry__", None)
