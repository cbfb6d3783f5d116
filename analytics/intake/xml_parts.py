"""The XML inside a workbook: elements going by one at a time, and which part belongs to which."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from xml.parsers import expat

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]
Text = Callable[[str], None]


class Damaged(Exception):
    """The XML is not that of a workbook; the text says how."""


def parse(xml: bytes, start: Start, end: Text, text: Text) -> None:
    """Send the elements by, their names without prefixes: programs differ in those, strict workbooks in addresses."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def started(tag: str, attributes: Attributes) -> None:
        start(tag if ":" not in tag else tag.rpartition(":")[2], attributes)

    def ended(tag: str) -> None:
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
    folder, name = posixpath.split(part)
    """The part that says what ``part`` points to; an empty one when it points to nothing."""
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
