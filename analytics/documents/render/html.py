"""A brief as one HTML file that fetches nothing: styles and pictures inside, text escaped, scripts forbidden."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from analytics.documents.content import Block, Brief

TAGS = {"zh": "zh-CN", "en": "en"}


def draw(brief: Brief) -> bytes:
    """The page in UTF-8. Everything in ``brief`` is text, never markup."""
    text = _template().render(brief=brief, language=TAGS[brief.language])
    return text.encode()


def pages() -> Environment:
    """The templates beside this file, set so that every value is text and a missing one is an error."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _template() -> Template:
    environment = pages()
    environment.filters["kind"] = _kind
    environment.filters["data_uri"] = _data_uri
    environment.filters["shares"] = _shares
    environment.filters["css_string"] = _css_string
    return environment.get_template("brief.html.j2")


def _kind(block: Block) -> str:
    """``paragraph``, ``table``, ``picture`` or ``signatures``."""
    return type(block).__name__.lower()


def _data_uri(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")


def _css_string(text: str) -> Markup:
    """``text`` as a string of CSS, every character as an escape: none of it can end the string or the style."""
    return Markup('"' + "".join(f"\\{ord(character):x} " for character in text) + '"')


def _shares(widths: tuple[float, ...]) -> list[str]:
    """Relative widths as percentages."""
    return [f"{100 * width / sum(widths):.1f}%" for width in widths]
