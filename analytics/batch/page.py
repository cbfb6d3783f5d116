"""An executed notebook as one page that needs no network: its text, tables and pictures, without the code."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

_FRAME = Path(__file__).with_name("page.html")


def render_page(notebook: NotebookNode, title: str, language: str) -> str:
    """One HTML document. A browser may load and run nothing in it: text in cells may come from strangers."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic", exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True
    )
    exporter.exclude_anchor_links = True
    body, _ = exporter.from_notebook_node(notebook)
    frame = _FRAME.read_text(encoding="utf-8")
    lang = "zh-CN" if language == "zh" else "en"
    return frame.replace("{lang}", lang).replace("{title}", html.escape(title)).replace("{body}", body)
