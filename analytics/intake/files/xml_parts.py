"""The XML inside a workbook: elements going by one at a time, and which part belongs to which."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from xml.parsers import expat

from analytics.intake.files.sheet_draft import Damaged

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]
Text = Callable[[str], None]


MOST_DEPTH = 100
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_NO_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity)(?:\([^)]*\))?|-?1\.#\w+", re.IGNORECASE)


def parse(xml: bytes, start: Start, end: Text, text: Text, encoding: str | None = None) -> None:
    """Send the elements by, their names without prefixes: programs differ in those, strict workbooks in addresses.

    ``encoding`` outdoes what the XML says of itself. Raises ExpatError where the XML is unsound, and Damaged at a
    DOCTYPE or where elements nest deeper than in any form.
    """
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    depth = 0

    def started(tag: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise Damaged(f"<{tag}> × {depth}")
        start(tag if ":" not in tag else tag.rpartition(":")[2], attributes)

    def ended(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(tag if ":" not in tag else tag.rpartition(":")[2])

    def refuse(*_: object) -> None:
        raise Damaged("DOCTYPE")

    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(xml, True)


def start_tags(xml: bytes) -> Iterator[tuple[str, Attributes]]:
    """Every element's name and attributes, in order."""
    found: list[tuple[str, Attributes]] = []
    parse(xml, lambda tag, attributes: found.append((tag, attributes)), lambda tag: None, lambda text: None)
    return iter(found)


def relations(parts: Mapping[str, bytes], part: str) -> bytes:
    """The part that says what ``part`` points to; an empty one when it points to nothing."""
    folder, name = posixpath.split(part)
    return parts.get(posixpath.join(folder, "_rels", f"{name}.rels"), b"<none/>")


def targets(parts: Mapping[str, bytes], part: str, kind: str) -> list[str]:
    """The parts that ``part`` points to as its ``kind``. The two editions of the format differ before the last word."""
    return [
        name
        for _, a in start_tags(relations(parts, part))
        if a.get("Type", "").casefold().endswith(f"/{kind}") and a.get("TargetMode") != "External"
        if (name := resolved(part, a.get("Target", ""))) in parts
    ]


def target(parts: Mapping[str, bytes], part: str, kind: str) -> str:
    """The one part that ``part`` points to as its ``kind``."""
    found = targets(parts, part, kind)
    if len(found) != 1:
        raise Damaged(f"{kind}: {len(found)}")
    return found[0]


def resolved(part: str, target: str) -> str:
    """The name of the part that ``part`` calls ``target``."""
    joined = target if target.startswith("/") else posixpath.join(posixpath.dirname(part), target)
    return posixpath.normpath(joined.replace("\\", "/")).lstrip("/").casefold()


def is_true(written: str) -> bool:
    """Whether an attribute or a value says yes."""
    return written.strip() in ("1", "true", "on")


def read_number(written: str) -> float:
    """A number as programs write it into a workbook; one that a broken calculation left (NaN) is not finite.

    ValueError otherwise: ``float`` would also take full-width digits and 1_0, which no other reader does.
    """
    text = written.strip()
    if _NO_NUMBER.fullmatch(text):
        return float("nan")
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"“{written[:40]}”")
    return float(text)
