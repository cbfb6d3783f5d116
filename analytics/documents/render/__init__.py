"""How content looks: ``render(content, path)`` writes the format the suffix names. Nothing here counts or decides."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
from pathlib import Path
from typing import TypeVar, cast

from analytics.documents.content import Brief
from analytics.problems import Problem, Refused

Content = TypeVar("Content")
FORMATS = (".html", ".pdf", ".docx")


def render(brief: Brief, path: Path) -> tuple[Problem, ...]:
    """Write ``brief`` to ``path``, whole or not at all; the same content gives the same bytes.

    Returns notes: ``glyph-missing`` when the PDF's font lacks a character. Refused when the file is open elsewhere
    (``output-open``) or the disk is full (``disk-full``); ValueError for a suffix that is not one of ``FORMATS``.
    """
    brief = printable(brief)
    notes: tuple[Problem, ...] = ()
    match path.suffix:
        case ".html":
            from analytics.documents.render import html

            data = html.draw(brief)
        case ".pdf":
            from analytics.documents.render import pdf

            data, notes = pdf.draw(brief)
        case ".docx":
            from analytics.documents.render import docx

            data = docx.draw(brief)
        case other:
            raise ValueError(f"no way to render {other!r}, expected one of {FORMATS}")
    publish(data, path)
    return tuple(dataclasses.replace(note, file=path.name) for note in notes)


def publish(data: bytes, path: Path) -> None:
    """Put ``data`` under ``path`` in one step: a scratch file beside it, then a rename. Failing leaves nothing."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except PermissionError:  # Windows: Excel, WPS or Word holds the file
        raise Refused([Problem("output-open", "stop", file=str(path))]) from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Refused([Problem("disk-full", "stop", file=str(path))]) from None
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)


def printable(content: Content) -> Content:
    """``content`` with every control, bidirectional or unassigned character in its texts shown as an escape.

    Line breaks stay; other white space becomes a plain space. XML could not hold such characters, and a reader could
    be misled by them.
    """
    if isinstance(content, str):
        return cast(Content, "".join(map(_shown, content.replace("\r\n", "\n"))))
    if isinstance(content, tuple):
        return cast(Content, tuple(map(printable, content)))
    if dataclasses.is_dataclass(content) and not isinstance(content, type):
        changed = {field.name: printable(getattr(content, field.name)) for field in dataclasses.fields(content)}
        return cast(Content, dataclasses.replace(content, **changed))
    return content


def _shown(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    return " " if character.isspace() else f"\\u{ord(character):04x}"
