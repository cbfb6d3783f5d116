"""A deck as PowerPoint: our master, charts that can be edited, pictures where there is no such chart, notes."""

from __future__ import annotations

import io
from typing import Any

from pptx.enum.dml import MSO_LINE
from pptx.enum.shapes import MSO_CONNECTOR
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.slide import Slide as Page
from pptx.util import Mm, Pt

from analytics.documents.content import Picture
from analytics.documents.render import pptx_master as master
from analytics.documents.render import printable
from analytics.documents.render import slide_layout as at
from analytics.documents.render.packages import undated
from analytics.documents.render.pptx_chart import add_chart, rgb
from analytics.documents.slides import Bars, Deck, NativeChart, Slide
from analytics.figures.theme import GREY, INK


def draw(deck: Deck) -> bytes:
    """The .pptx, the same bytes for the same deck. Everything in ``deck`` is text: no link or formula is made of it."""
    deck = printable(deck)
    document = master.blank_deck()
    layouts = {layout.name: layout for layout in document.slide_layouts}
    for number, content in enumerate(deck.slides, 1):
        page = document.slides.add_slide(layouts[master.WITH_VISUAL if content.visual else master.ALONE])
        _fill(page, content, deck, number)
        master.set_faces(page._element)
        for shape in page.shapes:
            if shape.has_chart:
                master.set_faces(shape.chart._chartSpace)
    if deck.slides:
        for part in (document.notes_master, *(page.notes_slide for page in document.slides)):
            master.set_faces(part._element)
        master.declare_notes(document)
    document.core_properties.title, document.core_properties.subject = deck.title, deck.banner
    scratch = io.BytesIO()
    document.save(scratch)
    return undated(scratch.getvalue())


def _fill(page: Page, content: Slide, deck: Deck, number: int) -> None:
    set_ = at.fitted(content)
    _write(page.shapes.title, (set_.title,), set_.title_size)
    texts = {
        master.KICKER: ((deck.title,), None), master.POINTS: (set_.points, set_.size),
        master.SOURCE: ((content.source,), None), master.BANNER: ((deck.banner,), None),
    }  # fmt: skip
    for shape in page.placeholders:
        found = texts.get(shape.placeholder_format.idx)
        if found is not None:
            _write(shape, *found)
    page.shapes._spTree.append(_page_number(len(page.shapes) + 20, number))
    if isinstance(content.visual, Picture):
        _add_picture(page, content.visual)
    elif content.visual is not None:
        _add_native(page, content.visual)
    notes = page.notes_slide.notes_text_frame
    assert notes is not None
    _paragraphs(notes, content.notes)


def _write(shape: Any, texts: tuple[str, ...], size: float | None) -> None:
    _paragraphs(shape.text_frame, texts, size)


def _paragraphs(frame: Any, texts: tuple[str, ...], size: float | None = None) -> None:
    """One paragraph a text, one run a paragraph; a line break in a text stays one."""
    for place, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        for step, line in enumerate(text.split("\n")):
            if step:
                paragraph.add_line_break()
            run = paragraph.add_run()
            run.text = line
            if size is not None:
                run.font.size = Pt(size)


def _page_number(identity: int, number: int) -> Any:
    return parse_xml(
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{identity}" name="页码"/><p:cNvSpPr>'
        '<a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="sldNum" sz="quarter" idx="4"/></p:nvPr></p:nvSpPr>'
        f"<p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/><a:p>{master.page_field(str(number))}</a:p></p:txBody></p:sp>"
    )


def _add_picture(page: Page, content: Picture) -> None:
    """As large as its box allows, at the top left of it."""
    shape: Any = page.shapes.add_picture(io.BytesIO(content.png), Mm(at.VISUAL.left), Mm(at.VISUAL.top))
    scale = min(Mm(at.VISUAL.width) / shape.width, Mm(at.VISUAL.height) / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
    shape.name = "图"
    shape._element.nvPicPr.cNvPr.set("descr", content.alt)


def _add_native(page: Page, content: NativeChart) -> None:
    caption = at.Box(at.VISUAL.left, at.VISUAL.top, at.VISUAL.width, at.CAPTION)
    _text(page, "图题", caption, content.caption, at.CAPTION_SIZE, GREY)
    add_chart(page, content)
    if isinstance(content, Bars) and content.bounds:
        plan = at.plan(content)
        for bound, x in at.bounds_shown(content, plan):
            inner = plan.inner
            line = page.shapes.add_connector(
                MSO_CONNECTOR.STRAIGHT, Mm(x), Mm(inner.top), Mm(x), Mm(inner.top + inner.height)
            )
            line.line.color.rgb, line.line.width = rgb(INK), Pt(1)
            line.line.dash_style = MSO_LINE.DASH
            line.name = f"等级线{bound.label}"
            box = at.Box(x - 12, inner.top - at.BOUNDS + 1, 24, at.BOUNDS - 1.5)
            _text(page, f"等级{bound.label}", box, bound.label, at.SMALL_SIZE, INK, PP_ALIGN.CENTER)


def _text(
    page: Page, name: str, box: at.Box, text: str, size: float, colour: str, align: PP_ALIGN = PP_ALIGN.LEFT
) -> None:
    shape = page.shapes.add_textbox(*(Mm(side) for side in (box.left, box.top, box.width, box.height)))
    shape.name = name
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor, frame.word_wrap = MSO_ANCHOR.TOP, True
    _paragraphs(frame, (text,), size)
    paragraph = frame.paragraphs[0]
    paragraph.alignment = align
    paragraph.runs[0].font.color.rgb = rgb(colour)
