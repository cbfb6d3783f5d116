"""How the page of the intake report looks: one HTML file; no script, nothing from the network."""

from __future__ import annotations

from functools import cache

from jinja2 import Template

from analytics.documents.intake_page import IntakePage
from analytics.documents.labels import speaker
from analytics.documents.render import printable
from analytics.documents.render.html import pages


def draw_intake(page: IntakePage) -> bytes:
    """The page in UTF-8. Everything in ``page`` is text, never markup."""
    tag = "zh-CN" if page.language == "zh" else "en"
    return _template().render(page=printable(page), tag=tag, say=speaker(page.language)).encode()


@cache
def _template() -> Template:
    return pages().get_template("intake.html.j2")
