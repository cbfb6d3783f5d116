"""The look of our Word files: one style a role, Chinese faces by name with what Word may take instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.opc.oxml import serialize_part_xml
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

FANG, HEI, BIAO, LATIN = "仿宋_GB2312", "黑体", "方正小标宋简体", "Times New Roman"
SUBSTITUTES = {
    FANG: "仿宋,FangSong",
    HEI: "SimHei",
    BIAO: "华文中宋,STZhongsong",
}  # for machines without the office's faces
INK, RED, GREY, RULE, TINT = "1D1D1F", "B3261E", "5A5F66", "B9BEC5", "F3F5F7"
LEFT, CENTER = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER
ALIGN = {"left": LEFT, "right": WD_ALIGN_PARAGRAPH.RIGHT, "center": CENTER}
ROLES = {"body": "brief body", "lead": "brief lead", "caution": "brief caution", "note": "brief note"}
GROWS = -1  # a line with a picture takes the height it needs


@dataclass(frozen=True, slots=True)
class Look:
    """Sizes and distances in points. ``pitch``: line to line, by default 1.5 sizes. ``edge``: where a red line is."""

    size: float
    face: str = FANG
    color: str = INK
    align: WD_ALIGN_PARAGRAPH = LEFT
    before: float = 0
    after: float = 0
    pitch: float = 0
    keep: bool = False
    shaded: bool = False
    edge: str = ""
    bold: bool = False


LOOKS: Mapping[str, Look] = {
    "Normal": Look(11),
    "Title": Look(20, BIAO, align=CENTER, after=4, edge="bottom"),
    "Subtitle": Look(12, before=4, after=8, align=CENTER),
    "Heading 1": Look(13, HEI, before=12, after=4, keep=True),
    "Caption": Look(10, HEI, before=6, after=3, keep=True),
    "Header": Look(9, HEI, RED, CENTER),
    "Footer": Look(8, color=GREY),
    "brief body": Look(11, after=4),
    "brief lead": Look(14, HEI, after=6, shaded=True),
    "brief caution": Look(11, HEI, after=4, edge="left"),
    "brief note": Look(9, pitch=12, color=GREY, before=3, after=4),
    "brief cell": Look(9, pitch=12),
    "brief head": Look(9, HEI, pitch=12, keep=True),
    "brief strong": Look(9, HEI, pitch=12, keep=True, bold=True),
    "brief picture": Look(11, pitch=GROWS, align=CENTER, before=4, keep=True),
    "brief legend": Look(9, color=GREY, align=CENTER, after=6),
    "brief signature": Look(11),
}


def apply(document: Document) -> None:
    """Give ``document`` these styles, Chinese as its East Asian language, and the substitutes of its faces."""
    for name, look in LOOKS.items():
        _define(document, name, look)
    footer = cast(ParagraphStyle, document.styles["Footer"]).paragraph_format
    footer.tab_stops.add_tab_stop(Mm(168), WD_TAB_ALIGNMENT.RIGHT)
    for tag, part in (("w:lang", document.styles.element), ("w:themeFontLang", document.settings.element)):
        for language in part.iter(qn(tag)):
            language.set(qn("w:eastAsia"), "zh-CN")
    for border in next(document.styles["Table Grid"].element.iter(qn("w:tblBorders"))):
        border.set(qn("w:color"), RULE)
    name_substitutes(document)


def identity(style: str) -> str:
    """The id under which Word knows a style of this name."""
    return style.replace(" ", "")


def element(tag: str, attributes: Mapping[str, str] = {}, text: str | None = None) -> BaseOxmlElement:
    """An element of WordprocessingML."""
    made = cast(BaseOxmlElement, OxmlElement(tag))
    for name, value in attributes.items():
        made.set(qn(name), value)
    made.text = text
    return made


def _define(document: Document, name: str, look: Look) -> None:
    known = {style.name for style in document.styles}
    made = document.styles[name] if name in known else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style = cast(ParagraphStyle, made)
    for tag in ("w:rPr", "w:pPr"):  # the template's theme faces, blue headings and wide spacing
        for old in style.element.findall(qn(tag)):
            style.element.remove(old)
    if name != "Normal":
        style.base_style = document.styles["Normal"]
    font, layout = style.font, style.paragraph_format
    font.name, font.size, font.color.rgb = LATIN, Pt(look.size), RGBColor.from_string(look.color)
    if look.bold:
        font.bold = True
    faces = style.element.rPr.get_or_add_rFonts()
    faces.set(qn("w:eastAsia"), look.face)
    faces.set(qn("w:hint"), "eastAsia")  # else Chinese quotation marks are set in the Latin face
    layout.alignment, layout.keep_with_next = look.align, look.keep
    layout.line_spacing = 1.0 if look.pitch == GROWS else Pt(look.pitch or look.size * 1.5)
    layout.space_before, layout.space_after, layout.widow_control = Pt(look.before), Pt(look.after), True
    properties = style.element.get_or_add_pPr()
    later = ("w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")
    if look.edge:
        line = {"w:val": "single", "w:sz": "12", "w:space": "4", "w:color": RED}
        border = element("w:pBdr")
        border.append(element(f"w:{look.edge}", line))
        properties.insert_element_before(border, "w:shd", *later)
    if look.shaded:
        shade = element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": TINT})
        properties.insert_element_before(shade, *later)
    if name.startswith("Heading"):
        properties.append(element("w:outlineLvl", {"w:val": "0"}))


def name_substitutes(document: Document, substitutes: Mapping[str, str] = SUBSTITUTES) -> None:
    """Tell Word, in the font table, which face may stand in for one that the machine lacks."""
    part = next(part for part in document.part.package.iter_parts() if part.partname == "/word/fontTable.xml")
    fonts = parse_xml(part.blob)
    for face, others in substitutes.items():
        font = element("w:font", {"w:name": face})
        font.append(element("w:altName", {"w:val": others}))
        font.append(element("w:charset", {"w:val": "86"}))
        fonts.append(font)
    cast(Part, part)._blob = serialize_part_xml(fonts)
