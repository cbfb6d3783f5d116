"""Colouring single cells of a sheet's XML: a new style that differs from the cell's own in nothing but its fill."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy

from lxml import etree

from analytics.intake.cells import address, place
from analytics.intake.returns.package import MAIN, Package

_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
FILLS = {"stop": "FFF4B6B6", "skip": "FFFAD7A0", "note": "FFFFF2CC"}
_NO_STYLES = f"""<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


class Styles:
    """The workbook's table of styles, to which styles may be added; none is changed or taken away."""

    def __init__(self, package: Package, book: str) -> None:
        self._package = package
        part = package.related(book, "styles")
        if part is None:
            part = "xl/styles.xml"
            package.put(part, _NO_STYLES.encode())
            package.declare(part, _STYLES_TYPE)
            package.relate(book, "styles", part)
        self._part, self._root = part, package.tree(part)

    def table(self, name: str) -> etree._Element:
        """``fonts``, ``fills`` or ``cellXfs``."""
        return self._root.find(f"{{{MAIN}}}{name}")

    def add(self, name: str, element: etree._Element) -> int:
        """One more entry of that table; returns its number."""
        table = self.table(name)
        table.append(element)
        table.set("count", str(len(table)))
        return len(table) - 1

    def entry(self, name: str, xml: str) -> int:
        """The number of the entry with that XML; it is added when there is none."""
        element = etree.fromstring(xml)
        wanted = etree.tostring(element, method="c14n", exclusive=True)
        for number, known in enumerate(self.table(name)):
            if etree.tostring(known, method="c14n", exclusive=True, with_tail=False) == wanted:
                return number
        return self.add(name, element)

    def fill(self, colour: str) -> int:
        """The number of a fill of one colour."""
        pattern = f'<patternFill patternType="solid"><fgColor rgb="{colour}"/></patternFill>'
        return self.entry("fills", f'<fill xmlns="{MAIN}">{pattern}</fill>')

    def filled(self, style: int, fill: int) -> int:
        """The number of a style like ``style``, but with that fill."""
        twin = deepcopy(self.table("cellXfs")[style])
        twin.set("fillId", str(fill))
        twin.set("applyFill", "1")
        return self.entry("cellXfs", etree.tostring(twin, with_tail=False).decode())

    def is_ours(self, style: int) -> bool:
        """Whether cells of that style have one of our colours."""
        fill = self.table("fills")[int(self.table("cellXfs")[style].get("fillId", "0"))]
        return any(e.get("rgb") in FILLS.values() for e in fill.iter(f"{{{MAIN}}}fgColor"))

    def finish(self) -> None:
        """Put the table back."""
        self._package.put(self._part, self._root)


class Painter:
    """Gives cells of a sheet a colour; call ``finish`` at the end."""

    def __init__(self, package: Package, book: str) -> None:
        self._styles = Styles(package, book)
        self.finish = self._styles.finish

    def paint(self, sheet: etree._Element, where: str, colour: str) -> bool:
        """Colour the cell at that address; False when the sheet leaves its addresses to be counted and has no such."""
        cell = _cell(sheet, where)
        if cell is None:
            return False
        style = self._styles.filled(int(cell.get("s", "0")), self._styles.fill(colour))
        cell.set("s", str(style))
        return True

    def clear(self, sheet: etree._Element, where: str) -> None:
        """Take our colour from the cell, if it still has it."""
        cell = _cell(sheet, where)
        if cell is not None and self._styles.is_ours(int(cell.get("s", "0"))):
            cell.set("s", str(self._styles.filled(int(cell.get("s", "0")), 0)))


def _cell(sheet: etree._Element, where: str) -> etree._Element | None:
    """The element of a cell, made where there is none yet; None when it cannot be told where it would belong."""
    row_number, column_number = place(where)
    data = sheet.find(f"{{{MAIN}}}sheetData")
    row = _numbered(data, row_number, lambda element, before: int(element.get("r", before + 1)))
    if row is None:
        if any(element.get("r") is None for element in data):
            return None
        row = etree.Element(f"{{{MAIN}}}row", r=str(row_number))
        data.insert(sum(int(element.get("r")) < row_number for element in data), row)
    cells = row.findall(f"{{{MAIN}}}c")
    cell = _numbered(cells, column_number, lambda element, before: place(element.get("r", address(1, before + 1)))[1])
    if cell is None and all(element.get("r") for element in cells):
        cell = etree.Element(f"{{{MAIN}}}c", r=address(row_number, column_number))
        if (style := _style_of(sheet, row, column_number)) != "0":
            cell.set("s", style)
        row.insert(sum(place(element.get("r"))[1] < column_number for element in cells), cell)
    return cell


def _numbered(
    elements: Iterable[etree._Element], wanted: int, number_of: Callable[[etree._Element, int], int]
) -> etree._Element | None:
    """The element with that number, where those without one count on from the one before."""
    number = 0
    for element in elements:
        number = number_of(element, number)
        if number == wanted:
            return element
    return None


def _style_of(sheet: etree._Element, row: etree._Element, column: int) -> str:
    """The style that a cell without an entry of its own has: its row's, else its column's."""
    if row.get("customFormat") in ("1", "true"):
        return str(row.get("s", "0"))
    for element in sheet.iter(f"{{{MAIN}}}col"):
        if int(element.get("min")) <= column <= int(element.get("max")):
            return str(element.get("style", "0"))
    return "0"
