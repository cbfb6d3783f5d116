"""Comments on cells, written into the parts where Excel keeps them: the texts, and a drawing with a box for each."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from analytics.intake.cells import place
from analytics.intake.files.ooxml import RETURN_AUTHOR
from analytics.intake.returns.package import MAIN, RELATION, Package

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_AFTER_LEGACY = (
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
    "AlternateContent",
)  # fmt: skip
_NAMESPACES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_DRAWING = f"""<xml {_NAMESPACES}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>
<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">
<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>"""
_SHAPE = """<v:shape {namespaces} id="_x0000_s{id}" type="#_x0000_t202" fillcolor="#ffffe1" o:insetmode="auto" \
style="position:absolute;width:300pt;height:{height}pt;z-index:{id};visibility:hidden"><v:fill color2="#ffffe1"/>\
<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox/>\
<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>\
<x:Anchor>{left}, 15, {top}, 4, {right}, 15, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill>\
<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"""
_ANY_SHAPE = re.compile(rb"<(?:\w+:)?shape\b(?:(?!</(?:\w+:)?shape>).)*</(?:\w+:)?shape>", re.DOTALL)


def comment_on(package: Package, part: str, sheet: etree._Element, said: Mapping[str, str]) -> None:
    """Put comments on cells of the sheet in ``part``. Ours follow what somebody else wrote at the same cell."""
    if not said:
        return
    name = _comments_part(package, part)
    root = package.tree(name)
    authors, comments = root.find(f"{{{MAIN}}}authors"), root.find(f"{{{MAIN}}}commentList")
    names = [author.text for author in authors]
    if RETURN_AUTHOR not in names:
        etree.SubElement(authors, f"{{{MAIN}}}author").text = RETURN_AUTHOR
        names.append(RETURN_AUTHOR)
    theirs = {comment.get("ref"): comment for comment in comments}
    boxes = {}
    for address, text in said.items():
        comment = theirs.get(address)
        if comment is None:
            number = str(names.index(RETURN_AUTHOR))
            comment = etree.SubElement(comments, f"{{{MAIN}}}comment", ref=address, authorId=number)
            etree.SubElement(comment, f"{{{MAIN}}}text")
            boxes[address] = text
        else:
            text = f"\n{RETURN_AUTHOR}：{text}"
        run = etree.SubElement(etree.SubElement(comment.find(f"{{{MAIN}}}text"), f"{{{MAIN}}}r"), f"{{{MAIN}}}t")
        run.text = literal(text)
        run.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    package.put(name, root)
    _draw_boxes(package, part, sheet, boxes)


def forget_comments(package: Package, part: str) -> set[str]:
    """Take away our own comments of an earlier return; returns the cells that had them."""
    name = package.related(part, "comments")
    if name is None:
        return set()
    root = package.tree(name)
    authors = [author.text for author in root.iter(f"{{{MAIN}}}author")]
    ours = [c for c in root.iter(f"{{{MAIN}}}comment") if authors[int(c.get("authorId", "0"))] == RETURN_AUTHOR]
    for comment in ours:
        comment.getparent().remove(comment)
    addresses = {comment.get("ref") for comment in ours}
    if ours:
        package.put(name, root)
        if drawing := package.related(part, "vmlDrawing"):
            package.put(drawing, _without_boxes(package.bytes_of(drawing), addresses))
    return addresses


def literal(text: str) -> str:
    """``text`` so that Excel shows these very characters: it takes ``_x0041_`` for an A."""
    return re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


def _comments_part(package: Package, part: str) -> str:
    name = package.related(part, "comments")
    if name is None:
        name = package.free_name("xl/comments{}.xml")
        package.put(name, f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'.encode())
        package.declare(name, _COMMENTS_TYPE)
        package.relate(part, "comments", name)
    return name


def _draw_boxes(package: Package, part: str, sheet: etree._Element, said: Mapping[str, str]) -> None:
    legacy = sheet.find(f"{{{MAIN}}}legacyDrawing")
    if legacy is None:
        name = package.free_name("xl/drawings/vmlDrawing{}.vml")
        package.put(name, _DRAWING.encode())
        package.declare(name, _DRAWING_TYPE)
        element = etree.Element(f"{{{MAIN}}}legacyDrawing")
        element.set(f"{{{RELATION}}}id", package.relate(part, "vmlDrawing", name))
        later = [e for e in sheet if isinstance(e.tag, str) and etree.QName(e).localname in _AFTER_LEGACY]
        sheet.insert(sheet.index(later[0]) if later else len(sheet), element)
    else:
        own = legacy.get(f"{{{RELATION}}}id")
        name = next(target for id_, _, target, _ in package.relations(part) if id_ == own)
    drawing = package.bytes_of(name)
    first = max((int(number) for number in re.findall(rb"_x0000_s(\d+)", drawing)), default=1024) + 1
    shapes = "".join(_shape(number, address, text) for number, (address, text) in enumerate(said.items(), start=first))
    before, end, after = drawing.rpartition(b"</xml>")
    if not end:
        raise ValueError(name)
    package.put(name, before + shapes.encode() + end + after)


def _shape(number: int, address: str, text: str) -> str:
    row, column = place(address)
    lines = sum(1 + len(line) // 24 for line in text.split("\n"))
    top = max(0, row - 2)
    return _SHAPE.format(
        namespaces=_NAMESPACES, id=number, row=row - 1, column=column - 1, left=column, right=column + 4, top=top,
        bottom=top + max(4, lines), height=max(60, 15 * lines),
    )  # fmt: skip


def _without_boxes(drawing: bytes, addresses: set[str]) -> bytes:
    places = {tuple(number - 1 for number in place(address)) for address in addresses}

    def kept(match: re.Match[bytes]) -> bytes:
        found = [re.search(rb"<(?:\w+:)?%s>\s*(\d+)" % name, match[0]) for name in (b"Row", b"Column")]
        return b"" if tuple(int(number[1]) for number in found if number) in places else match[0]

    return _ANY_SHAPE.sub(kept, drawing)
