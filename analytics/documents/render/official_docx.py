"""A notice or letter as a Word file in the layout of official documents (GB/T 9704-2012), the banner on each page."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from analytics.documents.official import Grid, Level, Line, OfficialText
from analytics.documents.render import printable
from analytics.documents.render.packages import undated
from analytics.documents.render.word_styles import BIAO, FANG, HEI, LATIN, RED, SUBSTITUTES, element, name_substitutes

KAI, SONG = "楷体_GB2312", "宋体"
PITCH = 225 / 22 / 25.4 * 72  # 22 lines on 225 mm
CHARACTER = -4  # twentieths of a point, so that 28 characters of 16 points fit 156 mm
PAGE = {
    "page_width": 210, "page_height": 297, "top_margin": 37, "bottom_margin": 35, "left_margin": 28, "right_margin": 26,
    "header_distance": 15, "footer_distance": 23,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """A style: Chinese face, size in points, indents in characters, and whether it stays with the next paragraph.

    ``snap``: on the page's grid of 22 lines; small print in tables and notes is not.
    """

    face: str = FANG
    size: float = 16
    align: ALIGN = ALIGN.JUSTIFY
    first: int = 2
    right: int = 0
    pitch: float = PITCH
    keep: bool = False
    color: str = ""
    outline: int | None = None
    snap: bool = True


LOOKS: Mapping[str, Look] = {
    "Normal": Look(first=0),
    "通报标题": Look(BIAO, 22, ALIGN.CENTER, 0, pitch=33, keep=True),
    "通报文号": Look(align=ALIGN.CENTER, first=0),
    "通报主送": Look(first=0, keep=True),
    "通报正文": Look(),
    "通报一级标题": Look(HEI, keep=True, outline=0),
    "通报二级标题": Look(KAI, keep=True, outline=1),
    "通报附件": Look(HEI, first=0, keep=True),
    "通报来源": Look(size=12, align=ALIGN.LEFT, first=0, pitch=20, snap=False),
    "通报表头": Look(HEI, 10.5, ALIGN.CENTER, 0, pitch=15, snap=False),
    "通报表格": Look(size=10.5, align=ALIGN.LEFT, first=0, pitch=15, snap=False),
    "通报署名": Look(align=ALIGN.RIGHT, first=0, right=4, keep=True),
    "Header": Look(HEI, 9, ALIGN.CENTER, 0, pitch=14, color=RED),
    "Footer": Look(SONG, 14, first=0, pitch=18),
}
KEPT_ROWS = 6  # a table of so few rows stays on one page
STYLES: Mapping[Level, str] = {
    "heading": "通报一级标题",
    "subheading": "通报二级标题",
    "body": "通报正文",
    "note": "通报来源",
}


def draw(official: OfficialText) -> bytes:
    """The .docx, the same bytes for the same content. Everything in it is text."""
    official = printable(official)
    document = Document()
    for name, look in LOOKS.items():
        _define(document, name, look)
    name_substitutes(document, SUBSTITUTES | {KAI: "楷体,KaiTi", SONG: "SimSun"})
    _set_page(document, official.banner)
    _set_properties(document, official)
    space = [] if official.close else [""]
    for text in (official.number, *space):
        _write(document, text, "通报文号")
    _write(document, official.title, "通报标题")
    for text in space:
        _write(document, text, "通报文号")
    _write(document, official.addressee, "通报主送")
    for line in official.lines:
        _add(document, line)
    for text in space:
        _write(document, text, "通报正文").paragraph_format.keep_with_next = True
    if official.annex_title:
        _write(document, f"附件：{official.annex_title}", "通报正文").paragraph_format.keep_with_next = True
    for text in (*space, official.signature):
        _write(document, text, "通报署名")
    _write(document, official.date, "通报署名").paragraph_format.keep_with_next = False
    if official.annex_title:
        _write(document, "附件", "通报附件").paragraph_format.page_break_before = True
        _write(document, official.annex_title, "通报标题")
        for line in official.annex:
            _add(document, line)
    scratch = io.BytesIO()
    document.save(scratch)
    return undated(scratch.getvalue())


def _add(document: WordDocument, line: Line | Grid) -> None:
    if isinstance(line, Line):
        _write(document, line.text, STYLES[line.level])
        return
    table = document.add_table(rows=0, cols=len(line.header), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = [Mm(156 * share / sum(line.widths)) for share in line.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for number, texts in enumerate((line.header, *line.rows)):
        row = table.add_row()
        properties: Any = row._tr.get_or_add_trPr()
        properties.append(element("w:cantSplit"))
        if number == 0:
            properties.append(element("w:tblHeader"))
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = width
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            cell.paragraphs[0].style = document.styles["通报表头" if number == 0 else "通报表格"]
            cell.paragraphs[0].add_run(text)
            if number < min(len(line.rows), KEPT_ROWS):
                cell.paragraphs[0].paragraph_format.keep_with_next = True


def _write(document: WordDocument, text: str, style: str) -> Paragraph:
    return document.add_paragraph(text, style=style)


def _define(document: WordDocument, name: str, look: Look) -> None:
    known = {style.name for style in document.styles}
    made = document.styles[name] if name in known else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style = cast(ParagraphStyle, made)
    for tag in ("w:rPr", "w:pPr"):
        for old in style.element.findall(qn(tag)):
            style.element.remove(old)
    if name != "Normal":
        style.base_style = cast(ParagraphStyle, document.styles["Normal"])
    style.font.name, style.font.size = LATIN, Pt(look.size)
    if look.color:
        style.font.color.rgb = RGBColor.from_string(look.color)
    properties: Any = style.element.get_or_add_rPr()
    faces = properties.get_or_add_rFonts()
    faces.set(qn("w:eastAsia"), look.face)
    faces.set(qn("w:hint"), "eastAsia")  # else Chinese quotation marks are set in the Latin face
    if look.size == 16:
        spacing = element("w:spacing", {"w:val": str(CHARACTER)})
        properties.insert_element_before(spacing, "w:w", "w:kern", "w:sz", "w:szCs", "w:lang")
    properties.append(element("w:lang", {"w:val": "en-US", "w:eastAsia": "zh-CN"}))
    layout = style.paragraph_format
    layout.alignment, layout.keep_with_next, layout.widow_control = look.align, look.keep, True
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing = Pt(look.pitch)
    paragraph: Any = style.element.get_or_add_pPr()
    indent = paragraph.get_or_add_ind()
    for side, characters in (("firstLine", look.first), ("right", look.right)):
        indent.set(qn(f"w:{side}Chars"), str(characters * 100))
        indent.set(qn(f"w:{side}"), str(characters * 320))
    if not look.snap:
        paragraph.insert_element_before(
            element("w:snapToGrid", {"w:val": "0"}), "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents",
            "w:jc", "w:outlineLvl",
        )  # fmt: skip
    if look.outline is not None:
        paragraph.append(element("w:outlineLvl", {"w:val": str(look.outline)}))


def _set_page(document: WordDocument, banner: str) -> None:
    """The page and its grid of lines; the banner above, the number between dashes below, at the outer edge."""
    page = document.sections[0]
    for side, size in PAGE.items():
        setattr(page, side, Mm(size))
    grid: Any = page._sectPr
    for old in grid.findall(qn("w:docGrid")):
        grid.remove(old)
    grid.append(element("w:docGrid", {"w:type": "lines", "w:linePitch": str(round(PITCH * 20))}))
    document.settings.odd_and_even_pages_header_footer = True
    for header in (page.header, page.even_page_header):
        header.is_linked_to_previous = False
        header.paragraphs[0].text = banner
        header.paragraphs[0].style = document.styles["Header"]
    for footer, align in ((page.footer, ALIGN.RIGHT), (page.even_page_footer, ALIGN.LEFT)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style, paragraph.alignment = document.styles["Footer"], align
        side = "right" if align is ALIGN.RIGHT else "left"
        indent = cast(Any, paragraph._p).get_or_add_pPr().get_or_add_ind()
        indent.set(qn(f"w:{side}Chars"), "100")
        indent.set(qn(f"w:{side}"), "280")
        paragraph.add_run("— ")
        _add_page_number(paragraph)
        paragraph.add_run(" —")


def _add_page_number(paragraph: Paragraph) -> None:
    for kind in ("begin", "separate", "end"):
        if kind == "separate":
            paragraph.add_run()._r.append(element("w:instrText", text="PAGE"))
        paragraph.add_run()._r.append(element("w:fldChar", {"w:fldCharType": kind}))
        if kind == "separate":
            paragraph.add_run("1")


def _set_properties(document: WordDocument, official: OfficialText) -> None:
    """Title and language; no person's name, no date, no picture of another document."""
    core = document.core_properties
    core.author = core.last_modified_by = core.comments = ""
    core.title, core.subject, core.language = official.title.replace("\n", ""), official.banner, "zh-CN"
    for name in ("dcterms:created", "dcterms:modified"):
        for stamp in core._element.findall(qn(name)):
            core._element.remove(stamp)
    package = document.part.package
    for key in [key for key, rel in package.rels.items() if rel.reltype.endswith("/thumbnail")]:
        package.rels.pop(key)
