"""A unit's own workbook with its bad cells coloured and explained, and a list in front; all else is left as it was.

The file is not read and written anew by a library, for each loses something: results of formulas, charts, seals drawn
as shapes, newer kinds of validation, text in several fonts. Only these parts are changed: the sheet with the bad cells
(their styles), the table of styles (styles are added), the comments, and the list of sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zipfile import BadZipFile

from lxml import etree

from analytics.intake.cells import Area, place
from analytics.intake.forms import RETURN_SHEET
from analytics.intake.returns.cell_comments import comment_on, forget_comments
from analytics.intake.returns.package import MAIN, RELATION, Package
from analytics.intake.returns.painted_cells import Painter
from analytics.intake.returns.return_list import Listing, list_sheet

MOST_BYTES = 16 * 2**20  # unpacked; a form has a hundredth of it
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_LIVE_PARTS = (
    "vba",
    "activex",
    "embeddings",
    "externallinks",
    "connections.xml",
    "querytables",
    "customui",
    "macrosheets",
)
_REACHING_OUT = re.compile(
    r"\b(?:HYPERLINK|WEBSERVICE|IMAGE|RTD|CALL|REGISTER(?:\.ID)?|EXEC|FILTERXML|DDE)\s*\(|\[\d+\]|\|[^|]*!|://",
    re.IGNORECASE,
)  # fmt: skip
_EMPTY = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><bookViews><workbookView/></bookViews><sheets/></workbook>'
    ),
}  # fmt: skip
_FORMULAS = ("f", "formula", "formula1", "formula2", "definedName")


class Unmarkable(Exception):
    """The workbook cannot be handed back as a marked copy; the text says why, as the list tells it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is wrong at one cell: the colour it gets (ARGB) and what its comment says."""

    sheet: str
    address: str
    colour: str
    text: str


def marked_copy(data: bytes, marks: Sequence[Mark], listing: Listing) -> bytes:
    """The workbook in ``data`` with ``marks`` at its cells and the list in front.

    Links of cells to places outside the file are cut. Unmarkable when it is no .xlsx, or holds what must not be handed
    on as it is: macros, embedded programs, links to other files, formulas that reach out of the workbook, a signature.
    """
    if not data.startswith(b"PK\x03\x04"):
        raise Unmarkable("原文件不是 .xlsx 格式，不能在其中加批注")
    try:
        package = Package.opened(data)
        book = _workbook_part(package)
        _check(package, book)
        sheets = dict(_sheets(package, book))
        _cut_links(package, sheets.values())
        for name in dict.fromkeys(mark.sheet for mark in marks if mark.sheet in sheets):
            _mark_sheet(package, book, sheets[name], [mark for mark in marks if mark.sheet == name])
        for name, part in sheets.items():
            if not any(mark.sheet == name for mark in marks):
                _unmark(package, book, part)
        _put_in_front(package, book, sheets, listing)
    except (etree.XMLSyntaxError, KeyError, ValueError, IndexError, BadZipFile):
        raise Unmarkable("原文件的内部结构不完整，不能在其中加批注") from None
    return package.to_bytes()


def list_alone(listing: Listing) -> bytes:
    """A workbook that holds nothing but the list."""
    package = Package({name: xml.encode() for name, xml in _EMPTY.items()})
    _put_in_front(package, "xl/workbook.xml", {}, listing)
    return package.to_bytes()


def _workbook_part(package: Package) -> str:
    book = package.related("", "officeDocument")
    if book is None or etree.QName(package.tree(book)).namespace != MAIN:
        raise Unmarkable("原文件是“严格的 Open XML”格式，不能在其中加批注")
    return book


def _check(package: Package, book: str) -> None:
    """Refuse what is more than cells, formulas and pictures."""
    if sum(len(package.bytes_of(name)) for name in package) > MOST_BYTES:
        raise Unmarkable("原文件过大，不能在其中加批注")
    names = [name.casefold() for name in package]
    if any(name.startswith("_xmlsignatures/") for name in names):
        raise Unmarkable("原文件有数字签名，加批注会使签名失效")
    if any(part in name for name in names for part in _LIVE_PARTS):
        raise Unmarkable("原文件含有宏、控件、嵌入对象或外部链接，不原样退回")
    sheets = [part for _, part in _sheets(package, book)]
    for part in [name for name in package if name.casefold().endswith(".rels")]:
        owner = part.replace("_rels/", "").removesuffix(".rels")
        for _, kind, _, outside in package.relations(owner):
            if outside and not (kind == "hyperlink" and owner in sheets):
                raise Unmarkable("原文件含有指向文件以外的链接，不原样退回")
    for part in (book, *sheets):
        for element in package.tree(part).iter():
            named = isinstance(element.tag, str) and etree.QName(element).localname in _FORMULAS
            if named and element.text and _REACHING_OUT.search(element.text):
                raise Unmarkable("原文件的公式引用了文件以外的内容，不原样退回")


def _sheets(package: Package, book: str) -> Iterator[tuple[str, str]]:
    """Name and part of every worksheet but our own list."""
    targets = {id_: target for id_, kind, target, _ in package.relations(book) if kind == "worksheet"}
    for element in package.tree(book).iter(f"{{{MAIN}}}sheet"):
        part = targets.get(element.get(f"{{{RELATION}}}id"))
        if part is not None and element.get("name") != RETURN_SHEET:
            yield element.get("name"), part


def _cut_links(package: Package, sheets: Iterable[str]) -> None:
    """Take away the links of cells to addresses outside; what the cells say stays."""
    for part in sheets:
        outside = {id_ for id_, kind, _, external in package.relations(part) if external and kind == "hyperlink"}
        if not outside:
            continue
        root = package.tree(part)
        for element in [e for e in root.iter(f"{{{MAIN}}}hyperlink") if e.get(f"{{{RELATION}}}id") in outside]:
            parent = element.getparent()
            parent.remove(element)
            if not len(parent):
                parent.getparent().remove(parent)
        package.put(part, root)
        package.unrelate(part, outside)


def _mark_sheet(package: Package, book: str, part: str, marks: Sequence[Mark]) -> None:
    root = package.tree(part)
    painter = Painter(package, book)
    by_cell: dict[str, list[Mark]] = {}
    for mark in marks:
        by_cell.setdefault(mark.address, []).append(mark)
    for address in forget_comments(package, part) - by_cell.keys():
        painter.clear(root, address)
    merges = [Area.parse(element.get("ref")) for element in root.iter(f"{{{MAIN}}}mergeCell")]
    said: dict[str, str] = {}
    for address, wrong in by_cell.items():
        covered = any(_is_under(area, address) for area in merges)  # nobody can see or point at such a cell
        if not covered and painter.paint(root, address, wrong[0].colour):
            said[address] = "\n".join(dict.fromkeys(mark.text for mark in wrong))
    painter.finish()
    comment_on(package, part, root, said)
    package.put(part, root)


def _is_under(area: Area, address: str) -> bool:
    row, column = place(address)
    inside = area.top <= row <= area.bottom and area.left <= column <= area.right
    return inside and (row, column) != (area.top, area.left)


def _unmark(package: Package, book: str, part: str) -> None:
    """Take away what an earlier return put on a sheet on which nothing is wrong any more."""
    if mended := forget_comments(package, part):
        root, painter = package.tree(part), Painter(package, book)
        for address in mended:
            painter.clear(root, address)
        painter.finish()
        package.put(part, root)


def _put_in_front(package: Package, book: str, sheets: Mapping[str, str], listing: Listing) -> None:
    """The list as the first sheet, or in place of the list that an earlier return put there; it is shown on opening."""
    content = list_sheet(listing, package, book, sheets.keys())
    root = package.tree(book)
    listed = root.find(f"{{{MAIN}}}sheets")
    own = [place for place, element in enumerate(listed) if element.get("name") == RETURN_SHEET]
    if own:
        part = {id_: t for id_, _, t, _ in package.relations(book)}[listed[own[0]].get(f"{{{RELATION}}}id")]
        package.put(part, content)
    else:
        part = package.free_name("xl/worksheets/sheet{}.xml")
        package.put(part, content)
        package.declare(part, _SHEET_TYPE)
        ids = [int(element.get("sheetId")) for element in listed]
        attributes = {"name": RETURN_SHEET, "sheetId": str(max(ids, default=0) + 1)}
        element = etree.Element(f"{{{MAIN}}}sheet", attributes)
        element.set(f"{{{RELATION}}}id", package.relate(book, "worksheet", part))
        listed.insert(0, element)
        for name in root.iter(f"{{{MAIN}}}definedName"):
            if (place := name.get("localSheetId")) is not None:  # counts the sheets from the front
                name.set("localSheetId", str(int(place) + 1))
    for view in root.iter(f"{{{MAIN}}}workbookView"):
        view.set("activeTab", str(own[0] if own else 0))
        view.set("firstSheet", "0")
    package.put(book, root)
    for other in sheets.values():
        _deselect(package, other)


def _deselect(package: Package, part: str) -> None:
    """Two selected sheets would be edited together."""
    root = package.tree(part)
    selected = [view for view in root.iter(f"{{{MAIN}}}sheetView") if view.get("tabSelected") in ("1", "true")]
    for view in selected:
        del view.attrib["tabSelected"]
    if selected:
        package.put(part, root)
