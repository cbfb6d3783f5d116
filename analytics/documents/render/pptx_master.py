"""The master of our slides: theme, two layouts, Chinese faces. Made in code from the library's empty presentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.presentation import Presentation as Deck
from pptx.util import Inches, Mm

from analytics.documents.render import slide_layout as at
from analytics.figures.theme import ACCENT, GREY, INK, LIGHT, PALE

FACE = "微软雅黑"
# What stands in for the face where it is missing: Windows and macOS look for a sans of the same kind by these marks,
# and by the theme's list for simplified Chinese.
MARKS = {"panose": "020B0503020204020204", "pitchFamily": "34", "charset": "-122"}
SUBSTITUTE = "黑体"
WITH_VISUAL, ALONE = "图和要点", "要点"
POINTS, KICKER, SOURCE, BANNER = 10, 11, 12, 13
_COLOURS = {
    "dk1": INK, "lt1": "#FFFFFF", "dk2": ACCENT, "lt2": "#F3F5F7", "accent1": ACCENT, "accent2": LIGHT,
    "accent3": GREY, "accent4": PALE, "accent5": "#3A3A3A", "accent6": "#5B7FA6", "hlink": ACCENT, "folHlink": GREY,
}  # fmt: skip
_AFTER_FACES = {qn(f"a:{name}") for name in ("cs", "sym", "hlinkClick", "hlinkMouseOver", "rtl", "extLst")}
_RUNS = tuple(qn(f"a:{name}") for name in ("rPr", "defRPr", "endParaRPr"))
_STYLES = tuple(qn(f"p:{name}") for name in ("titleStyle", "bodyStyle"))


def blank_deck() -> Deck:
    """A 16:9 presentation with our master and its two layouts, and no slide."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(40 / 3), Inches(7.5)
    deck.part._element.sldSz.attrib.pop("type", None)  # the template's 4:3
    with_visual, alone = deck.slide_layouts[1], deck.slide_layouts[5]
    for layout in list(deck.slide_layouts):
        if layout not in (with_visual, alone):
            deck.slide_layouts.remove(layout)
    master = deck.slide_master
    _set_theme(master.part)
    _fill_master(master._element)
    for layout, name, box in ((with_visual, WITH_VISUAL, at.POINTS), (alone, ALONE, at.ALONE)):
        _fill_layout(layout._element, name, box)
    _drop_leftovers(deck)
    return deck


def declare_notes(deck: Deck) -> None:
    """Name the master of the notes in the presentation, which the library leaves out."""
    root: Any = deck.part._element
    for key, relation in _relations(deck.part):
        if relation.reltype.endswith("/notesMaster"):
            named = parse_xml(
                f'<p:notesMasterIdLst {nsdecls("p", "r")}><p:notesMasterId r:id="{key}"/></p:notesMasterIdLst>'
            )
            root.find(qn("p:sldMasterIdLst")).addnext(named)


def set_faces(root: Any) -> None:
    """Give every run of the tree, and every run that could be typed into it, the Latin and the East Asian face."""
    for run in root.iter(qn("a:r"), qn("a:fld"), qn("a:br")):
        if run.find(qn("a:rPr")) is None:
            run.insert(0, run.makeelement(qn("a:rPr"), {}))
    for tag in _RUNS:
        for properties in root.iter(tag):
            if tag != qn("a:defRPr"):
                properties.set("lang", "zh-CN")
                properties.set("altLang", "en-US")
            _set_face(properties)


def _set_face(properties: Any) -> None:
    for name in ("latin", "ea"):
        for old in properties.findall(qn(f"a:{name}")):
            properties.remove(old)
    place = next((n for n, child in enumerate(properties) if child.tag in _AFTER_FACES), len(properties))
    for step, name in enumerate(("latin", "ea")):
        face = properties.makeelement(qn(f"a:{name}"), {"typeface": FACE, **MARKS})
        properties.insert(place + step, face)


def _set_theme(part: Any) -> None:
    """Colours and faces of the theme; the library keeps the part as bytes."""
    theme_part = part.part_related_by("http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme")
    theme = etree.fromstring(theme_part.blob)
    theme.set("name", "考核结果")
    for name, colour in _COLOURS.items():
        slot = next(theme.iter(qn(f"a:{name}")))
        for old in list(slot):
            slot.remove(old)
        etree.SubElement(slot, qn("a:srgbClr"), {"val": colour.lstrip("#").upper()})
    for slot in theme.iter(qn("a:majorFont"), qn("a:minorFont")):
        for name in ("latin", "ea"):
            face = slot.find(qn(f"a:{name}"))
            face.set("typeface", FACE)
            for mark, value in MARKS.items():
                face.set(mark, value)
        for script in slot.findall(qn("a:font")):
            if script.get("script") == "Hans":
                script.set("typeface", SUBSTITUTE)
    theme_part._blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def _fill_master(master: Any) -> None:
    tree = master.find(qn("p:cSld")).find(qn("p:spTree"))
    _empty(tree)
    tree.append(_placeholder(2, "标题", 'type="title"', at.TITLE, _level(28, ACCENT, bold=True), "标题", anchor="b"))
    tree.append(_placeholder(3, "要点", 'type="body" idx="1"', at.POINTS, _level(16), "要点"))
    tree.append(
        _placeholder(4, "页码", 'type="sldNum" sz="quarter" idx="4"', at.NUMBER, _level(10, GREY, align="r"), None)
    )
    tree.append(_rule(5))
    styles = master.find(qn("p:txStyles"))
    for style in styles.iter(*_STYLES):
        for level in style:
            for bullet in (child for child in list(level) if child.tag.startswith(qn("a:bu"))):
                level.remove(bullet)
            level.set("marL", "0")
            level.set("indent", "0")
    set_faces(master)


def _fill_layout(layout: Any, name: str, box: at.Box) -> None:
    layout.attrib.pop("type", None)  # ours is none of the kinds that the format knows
    layout.set("userDrawn", "1")
    content = layout.find(qn("p:cSld"))
    content.set("name", name)
    tree = content.find(qn("p:spTree"))
    _empty(tree)
    parts = (
        (2, "眉题", KICKER, at.KICKER, _level(at.KICKER_SIZE, GREY), "年度和内容"),
        (4, "要点", POINTS, box, _level(16, spaced=True), "要点"),
        (5, "来源", SOURCE, at.SOURCE, _level(at.SMALL_SIZE, GREY), "来源"),
        (6, "声明", BANNER, at.BANNER, _level(at.SMALL_SIZE, INK, bold=True), "数据声明"),
    )
    tree.append(_placeholder(3, "标题", 'type="title"', at.TITLE, "", "一句话结论", anchor="b"))
    for number, label, index, place, style, hint in parts:
        tree.append(_placeholder(number, label, f'type="body" sz="quarter" idx="{index}"', place, style, hint))
    tree.append(_placeholder(7, "页码", 'type="sldNum" sz="quarter" idx="4"', at.NUMBER, "", None))
    set_faces(layout)


def _empty(tree: Any) -> None:
    for shape in list(tree)[2:]:
        tree.remove(shape)


def _level(size: float, colour: str = INK, *, bold: bool = False, align: str = "l", spaced: bool = False) -> str:
    after = f'<a:spcAft><a:spcPct val="{round(at.AFTER * 100000 / at.LINE)}"/></a:spcAft>' if spaced else ""
    return (
        f'<a:lvl1pPr marL="0" indent="0" algn="{align}">'
        f'<a:lnSpc><a:spcPct val="100000"/></a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef>{after}<a:buNone/>'
        f'<a:defRPr sz="{round(size * 100)}" b="{int(bold)}"><a:solidFill>{_colour(colour)}</a:solidFill></a:defRPr>'
        "</a:lvl1pPr>"
    )


def _colour(colour: str) -> str:
    return f'<a:srgbClr val="{colour.lstrip("#").upper()}"/>'


def _placeholder(
    number: int, name: str, kind: str, box: at.Box, style: str, hint: str | None, anchor: str = "t"
) -> Any:
    """A placeholder without inner margins, so that what was measured is what is there. Without a hint: the page."""
    text = f"<a:r><a:rPr/><a:t>{hint}</a:t></a:r>" if hint else page_field("‹#›")
    return parse_xml(
        f"<p:sp {nsdecls('p', 'a')}><p:nvSpPr><p:cNvPr id=\"{number}\" name=\"{name}\"/>"
        f"<p:cNvSpPr><a:spLocks noGrp=\"1\"/></p:cNvSpPr><p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr>"
        f"<p:spPr>{_frame(box)}<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr>"
        f'<p:txBody><a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}"><a:noAutofit/></a:bodyPr>'
        f"<a:lstStyle>{style}</a:lstStyle><a:p>{text}</a:p></p:txBody></p:sp>"
    )  # fmt: skip


def page_field(shown: str) -> str:
    """The field that prints the number of the slide; ``shown`` until a program counts."""
    return f'<a:fld id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum"><a:rPr/><a:t>{shown}</a:t></a:fld>'


def _rule(number: int) -> Any:
    """The line below the title."""
    return parse_xml(
        f"<p:cxnSp {nsdecls('p', 'a')}><p:nvCxnSpPr><p:cNvPr id=\"{number}\" name=\"标题线\"/><p:cNvCxnSpPr/><p:nvPr/>"
        f"</p:nvCxnSpPr><p:spPr>{_frame(at.RULE)}<a:prstGeom prst=\"line\"><a:avLst/></a:prstGeom>"
        f'<a:ln w="19050"><a:solidFill>{_colour(ACCENT)}</a:solidFill></a:ln></p:spPr></p:cxnSp>'
    )  # fmt: skip


def _frame(box: at.Box) -> str:
    left, top, wide, tall = (int(Mm(side)) for side in (box.left, box.top, box.width, box.height))
    return f'<a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{wide}" cy="{tall}"/></a:xfrm>'


def _drop_leftovers(deck: Deck) -> None:
    """The template's thumbnail, printer settings and dates: they tell of another document."""
    package = deck.part.package
    for owner in (package, deck.part):
        for key, relation in list(_relations(owner)):
            if re.search(r"/(thumbnail|printerSettings)$", relation.reltype):
                owner._rels.pop(key)
    core = deck.core_properties
    core.author = core.last_modified_by = core.comments = core.keywords = ""
    core.language = "zh-CN"
    for name in ("dcterms:created", "dcterms:modified"):
        for stamp in core._element.findall(qn(name)):
            core._element.remove(stamp)


def _relations(owner: Any) -> Iterator[tuple[str, Any]]:
    yield from owner._rels.items()
