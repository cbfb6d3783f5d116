"""A brief as an editable Word file: real styles, repeated table headers, no author, and the same bytes each time."""

from __future__ import annotations

import io

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml.ns import qn
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
PAGE_OF = {"zh": ("第 ", " 页 / 共 ", " 页"), "en": ("Page ", " of ", "")}


def draw(brief: Brief) -> bytes:
    """The .docx. Everything in ``brief`` is text: no field, link or formula is made of it."""
    document = Document()
    styles.apply(document)
    _set_page(document, brief)
    _set_properties(document, brief)
    document.add_paragraph(brief.title, style="Title")
    document.add_paragraph(brief.subtitle, style="Subtitle")
    for section, after in zip(brief.sections, (*brief.sections[1:], None), strict=True):
        document.add_heading(section.title, level=1)
        for place, block in enumerate(section.blocks):
            _add_block(document, block)
            if isinstance(block, Paragraph) and _leads_to_table(block, section.blocks[place + 1 :]):
                document.paragraphs[-1].paragraph_format.keep_with_next = True
        if after and isinstance(after.blocks[0], Signatures):  # signatures alone could belong to any document
            document.paragraphs[-1].paragraph_format.keep_with_next = True
    scratch = io.BytesIO()
    document.save(scratch)
    return undated(scratch.getvalue())


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
            document.add_paragraph(block.text, style=styles.ROLES[block.role])
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
        document.add_paragraph(content.caption, style="Caption")
    table = document.add_table(rows=0, cols=len(content.header), style="Table Grid")
    _size(table, [TEXT_MM * width / sum(content.widths) for width in content.widths])
    _add_row(table, content.header, content, "brief head")
    for number, row in enumerate(content.rows):
        _add_row(table, row, content, "brief strong" if number in content.emphasis else "brief cell")
    if len(content.rows) <= SHORT:
        for row_of in table.rows[:-1]:
            row_of.cells[0].paragraphs[0].paragraph_format.keep_with_next = True
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(styles.element("w:tblHeader"))


def _size(table: WordTable, widths_mm: list[float]) -> None:
    table.autofit = False
    margins = styles.element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(styles.element(f"w:{side}", {"w:w": "70", "w:type": "dxa"}))
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER  # else the cells' padding hangs out on the left
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)


def _add_row(table: WordTable, texts: tuple[str, ...], content: Table, style: str) -> None:
    row = table.add_row()  # type: ignore[no-untyped-call]
    row._tr.get_or_add_trPr().append(styles.element("w:cantSplit"))
    for cell, text, align, column in zip(row.cells, texts, content.align, table.columns, strict=True):
        cell.width = column.width or 0
        paragraph = cell.paragraphs[0]
        paragraph._p.style = style.replace(
            " ", ""
        )  # the style's id; by name, python-docx searches all styles each time
        paragraph.alignment = styles.ALIGN[align]
        paragraph.add_run(text)
        if style != "brief cell":
            shade = styles.element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": styles.TINT})
            cell._tc.get_or_add_tcPr().append(shade)


def _add_picture(document: WordDocument, content: Picture) -> None:
    paragraph = document.add_paragraph(style="brief picture")
    shape = paragraph.add_run().add_picture(io.BytesIO(content.png), width=Mm(min(content.width_mm, PICTURE_MM)))
    shape._inline.docPr.set("descr", content.alt)
    document.add_paragraph(content.caption, style="brief legend")


def _add_signatures(document: WordDocument, content: Signatures) -> None:
    """A table without borders: the label, and a line to sign on."""
    table = document.add_table(rows=2, cols=len(content.places))
    _size(table, [TEXT_MM / len(content.places)] * len(content.places))
    for label, line, place in zip(table.rows[0].cells, table.rows[1].cells, content.places, strict=True):
        label.paragraphs[0].style = line.paragraphs[0].style = "brief signature"
        label.paragraphs[0].add_run(place)
        label.paragraphs[0].paragraph_format.keep_with_next = True
        line.paragraphs[0].paragraph_format.space_before = Pt(24)
        line.paragraphs[0].add_run("＿" * 10)
