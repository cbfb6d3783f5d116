"""A brief as PDF, set by typst with one packaged font, so that every machine gives the same pages."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

import typst

from analytics.documents.content import Block, Brief, Picture
from analytics.problems import Problem

TEMPLATE = Path(__file__).with_name("brief.typ")
GETA = "〓"  # the printers' mark for a character the type case lacks


def draw(brief: Brief) -> tuple[bytes, tuple[Problem, ...]]:
    """The PDF, and a ``glyph-missing`` note when the font lacks a character.

    Such a character is printed as 〓 and named at the end of the document; the Word file and the page show it.
    Everything in ``brief`` is text: it reaches typst as JSON, never as markup.
    """
    return compiled(TEMPLATE, "brief", _plain(brief), missing_characters(brief))


def prepare() -> None:
    """Load the font and the table of its characters."""
    _compiler(TEMPLATE)
    _covered()


def compiled(
    template: Path, name: str, content: dict[str, Any], missing: tuple[str, ...]
) -> tuple[bytes, tuple[Problem, ...]]:
    """The PDF that ``template`` makes of ``content``, which it reads as its input ``name``; for the note see ``draw``.

    RuntimeError when typst warns.
    """
    told = json.dumps(content | {"missing": _named(missing)}, ensure_ascii=False)
    if missing:
        told = told.translate(dict.fromkeys(map(ord, missing), GETA))
    data, warnings = _compiler(template).compile_with_warnings(format="pdf", sys_inputs={name: told}, timestamp=0)
    if warnings:
        raise RuntimeError("; ".join(str(warning) for warning in warnings))
    if not isinstance(data, bytes):
        raise TypeError(f"typst returned {type(data).__name__}, expected the bytes of one PDF")
    notes = (Problem("glyph-missing", "note", facts={"found": "、".join(_named(missing))}),) if missing else ()
    return data, notes


def missing_characters(brief: Brief) -> tuple[str, ...]:
    """The characters of the brief's texts that the font cannot show, in the order of their code points."""
    return uncovered(json.dumps(_plain(brief), ensure_ascii=False))


def uncovered(texts: str) -> tuple[str, ...]:
    """The characters of ``texts`` that the font cannot show, in the order of their code points."""
    return tuple(sorted(c for c in set(texts) - _covered() if not _invisible(c)))


def _invisible(character: str) -> bool:
    """Variation selectors and joiners have no shape of their own."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef" or character == "\u200d"


def _named(characters: tuple[str, ...]) -> list[str]:
    """``U+20BB7`` and so on: the character itself cannot be printed."""
    return [f"U+{ord(character):04X}" for character in characters]


def _plain(brief: Brief) -> dict[str, Any]:
    """The brief as JSON values, each block with its ``kind``; pictures as SVG text."""
    plain = dataclasses.asdict(dataclasses.replace(brief, sections=()))
    plain["sections"] = [
        {"title": section.title, "blocks": [_plain_block(block) for block in section.blocks]}
        for section in brief.sections
    ]
    return plain


def _plain_block(block: Block) -> dict[str, Any]:
    plain = dataclasses.asdict(block) | {"kind": type(block).__name__.lower()}
    if isinstance(block, Picture):
        plain["svg"] = block.svg.decode()
        del plain["png"]
    if "emphasis" in plain:
        plain["emphasis"] = sorted(plain["emphasis"])
    return plain


def font_folder() -> Path:
    """The folder with the packaged Noto Sans SC; found without importing the package, which would bring pyplot."""
    spec = importlib.util.find_spec("zhplot")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("zhplot, which brings the font Noto Sans SC, is not installed")
    return Path(spec.origin).parent / "fonts"


@cache
def _covered() -> frozenset[str]:
    """Every character the font has a glyph for, and the line break."""
    from matplotlib.ft2font import FT2Font  # reads the table ten times faster than fontTools

    return frozenset(map(chr, FT2Font(font_folder() / "NotoSansSC-Regular.ttf").get_charmap())) | {"\n"}


@cache
def _compiler(template: Path) -> typst.Compiler:
    """One compiler a template and process: the second document takes a fifth of the time of the first."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_folder()])
    return typst.Compiler(template, root=template.parent, font_paths=fonts)
