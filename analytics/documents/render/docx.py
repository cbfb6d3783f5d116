"""A brief as an editable Word file: real styles, repeated table headers, no author, and the same bytes each time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph

from analytics.documents.content import Block, Brief, Paragraph, Picture, Signatures, Table
from analytics.documents.render import word_styles as styles
from analytics.documents.render.packages import undated

PAGE = {
    "page_width": 210,
    "page_height": 297,
    "top_margin": 24,
    "bottom_margin": 20,
    "left_margin": 21,
    "right_margin": 21,
}
TEXT_MM = 168
PICTURE_MM = 140
SHORT = 8  # rows of a table that is kept on one page
_PIECES = {"\n": "<w:br/>", "\t": "<w:tab/>"}
PAGE_OF = {"zh": ("第 ", " 页 / 共 ", " 页"), "en": ("Page ", " of ", "")}


def draw(brief: Brief) -> bytes:
    """The .docx. Everything in ``brief`` is text: no field, link or formula is made of it."""
    document = Document(io.BytesIO(_template()))
    _set_page(document, brief)
    _set_properties(document, brief)
    _add_paragraph(document, brief.title, "Title")
    _add_paragraph(document, brief.subtitle, "Subtitle")
    for section, after in zip(brief.sections, (*brief.sections[1:], None), strict=True):
        _add_paragraph(document, section.title, "Heading 1")
        for place, block in enumerate(section.blocks):
            _add_block(document, block)
            if isinstance(block, Paragraph) and _leads_to_table(block, section.blocks[place + 1 :]):
                document.paragraphs[-1].paragraph_format.keep_with_next = True
        if after and isinstance(after.blocks[0], Signatures):  # signatures alone could belong to any document
            document.paragraphs[-1].paragraph_format.keep_with_next = True
    scratch = io.BytesIO()
    document.save(scratch)
    return undated(scratch.getvalue())


@cache
def _template() -> bytes:
    """An empty document with our styles; making them takes longer than the text of a brief."""
    document = Document()
    styles.apply(document)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _add_paragraph(document: WordDocument, text: str, style: str) -> WordParagraph:
    """A paragraph in a style by its identity; by name, python-docx searches all styles each time."""
    paragraph = document.add_paragraph(text)
    paragraph._p.style = styles.identity(style)
    return paragraph


def _leads_to_table(paragraph: Paragraph, following: tuple[Block, ...]) -> bool:
    """Whether a table comes next, or, after an introduction, one note and then the table that the note explains."""
    match following:
        case (Table(), *_):
            return True
        case (Paragraph(role="note"), Table(), *_):
            return paragraph.role != "note"
        case _:
            return False


def _add_block(document: WordDocument, block: Block) -> None:
    match block:
        case Paragraph():
            _add_paragraph(document, block.text, styles.ROLES[block.role])
        case Table():
            _add_table(document, block)
        case Picture():
            _add_picture(document, block)
        case Signatures():
            _add_signatures(document, block)


def _set_page(document: WordDocument, brief: Brief) -> None:
    """A4, the banner above and the footer with page numbers below each page."""
    page = document.sections[0]
    for side, size in PAGE.items():
        setattr(page, side, Mm(size))
    page.header.paragraphs[0].text = brief.banner
    footer = page.footer.paragraphs[0]
    before, between, after = PAGE_OF[brief.language]
    footer.add_run(f"{brief.footer}\t{before}")
    _add_field(footer, "PAGE")
    footer.add_run(between)
    _add_field(footer, "NUMPAGES")
    footer.add_run(after)


def _add_field(paragraph: WordParagraph, code: str) -> None:
    for kind in ("begin", "separate", "end"):
        if kind == "separate":
            instruction = paragraph.add_run()._r
            instruction.append(styles.element("w:instrText", text=code))
        paragraph.add_run()._r.append(styles.element("w:fldChar", {"w:fldCharType": kind}))
        if kind == "separate":
            paragraph.add_run("1")


def _set_properties(document: WordDocument, brief: Brief) -> None:
    """Title and language; no person's name, no date, no picture of another document."""
    core = document.core_properties
    core.author = core.last_modified_by = core.comments = ""
    core.title, core.subject = f"{brief.unit_name} {brief.title}", brief.banner
    core.language = "zh-CN" if brief.language == "zh" else "en"
    for name in ("dcterms:created", "dcterms:modified"):
        for stamp in core._element.findall(qn(name)):
            core._element.remove(stamp)
    package = document.part.package
    for key in [key for key, rel in package.rels.items() if rel.reltype.endswith("/thumbnail")]:
        package.rels.pop(key)


def _add_table(document: WordDocument, content: Table) -> None:
    if content.caption:
        _add_paragraph(document, content.caption, "Caption")
    table = document.add_table(rows=0, cols=len(content.header))
    table._tbl.tblStyle_val = styles.identity("Table Grid")
    _size(table, [TEXT_MM * width / sum(content.widths) for width in content.widths])
    for row in _rows(content):
        table._tbl.append(parse_xml(row))


def _size(table: WordTable, widths_mm: list[float]) -> None:
    table.autofit = False
    margins = styles.element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(styles.element(f"w:{side}", {"w:w": "70", "w:type": "dxa"}))
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER  # else the cells' padding hangs out on the left
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)


def _rows(content: Table) -> Iterator[str]:
    """Each row as XML. Built as text: python-docx takes a millisecond a cell, and there are hundreds."""
    widths = [round(Mm(TEXT_MM * width / sum(content.widths)).twips) for width in content.widths]
    kept = len(content.rows) if len(content.rows) <= SHORT else 0  # all rows of a short table but the last
    for number, texts in enumerate((content.header, *content.rows)):
        strong = number > 0 and number - 1 in content.emphasis
        style = "brief head" if number == 0 else "brief strong" if strong else "brief cell"
        shade = "" if style == "brief cell" else f'<w:shd w:val="clear" w:color="auto" w:fill="{styles.TINT}"/>'
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{width}"/>{shade}</w:tcPr>'
            f'<w:p><w:pPr><w:pStyle w:val="{styles.identity(style)}"/>'
            f'{"<w:keepNext/>" if column == 0 and number < kept else ""}<w:jc w:val="{align}"/></w:pPr>'
            f"{_run(text)}</w:p></w:tc>"
            for column, (text, align, width) in enumerate(zip(texts, content.align, widths, strict=True))
        )
        header = "" if number else "<w:tblHeader/>"
        yield f"<w:tr {nsdecls('w')}><w:trPr><w:cantSplit/>{header}</w:trPr>{cells}</w:tr>"


def _run(text: str) -> str:
    """The text as a run, line breaks and tabs as Word writes them."""
    if not text:
        return "<w:r/>"
    parts = [_PIECES.get(piece) or _piece(piece) for piece in re.split("([\n\t])", text) if piece]
    return f"<w:r>{''.join(parts)}</w:r>"


def _piece(text: str) -> str:
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<w:t{kept}>{escape(text)}</w:t>"


def _add_picture(document: WordDocument, content: Picture) -> None:
    paragraph = _add_paragraph(document, "", "brief picture")
    shape = paragraph.add_run().add_picture(io.BytesIO(content.png), width=Mm(min(content.width_mm, PICTURE_MM)))
    shape._inline.docPr.set("descr", content.alt)
    _add_paragraph(document, content.caption, "brief legend")


def _add_signatures(document: WordDocument, content: Signatures) -> None:
    """A table without borders: the label, and a line to sign on."""
    table = document.add_table(rows=2, cols=len(content.places))
    _size(table, [TEXT_MM / len(content.places)] * len(content.places))
    for label, line, place in zip(table.rows[0].cells, table.rows[1].cells, content.places, strict=True):
        for paragraph in (label.paragraphs[0], line.paragraphs[0]):
            paragraph._p.style = styles.identity("brief signature")
        label.paragraphs[0].add_run(place)
        label.paragraphs[0].paragraph_format.keep_with_next = True
        line.paragraphs[0].paragraph_format.space_before = Pt(24)
        line.paragraphs[0].add_run("＿" * 10)
