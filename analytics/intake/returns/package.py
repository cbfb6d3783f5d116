"""A workbook as a package of parts that can be changed one by one; what is not touched keeps its very bytes."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_CONTENT_TYPES = "[Content_Types].xml"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class Package:
    """The parts of an .xlsx file whose limits were checked when it was read. Names are compared without case."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self._parts = dict(parts)

    @classmethod
    def opened(cls, data: bytes) -> Package:
        """The package in those bytes. BadZipFile when there is none."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return cls({member.filename.replace("\\", "/"): archive.read(member) for member in archive.infolist()})

    def __contains__(self, name: str) -> bool:
        return self._known(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def sheet_names(self) -> list[str]:
        """The names on the tabs. KeyError when this is no workbook."""
        book = self.tree(self.related("", "officeDocument") or "")
        return [element.get("name", "") for element in book.iter(f"{{{MAIN}}}sheet")]

    def bytes_of(self, name: str) -> bytes:
        """A part that is no XML, or whose XML is not to be written anew. KeyError when there is none."""
        return self._parts[self._known(name) or name]

    def tree(self, name: str) -> etree._Element:
        """A part's XML; what is changed in it has to be ``put`` back.

        KeyError when there is none, ``etree.XMLSyntaxError`` when it is no XML.
        """
        return etree.fromstring(self.bytes_of(name), _PARSER)

    def put(self, name: str, content: bytes | etree._Element) -> None:
        """A part with new content, in its old place if it was there."""
        if not isinstance(content, bytes):
            content = etree.tostring(content, xml_declaration=True, encoding="UTF-8", standalone=True)
        self._parts[self._known(name) or name] = content

    def drop(self, name: str) -> None:
        """Take a part out, if it is there."""
        if known := self._known(name):
            del self._parts[known]

    def free_name(self, pattern: str) -> str:
        """``pattern`` with the first number for which there is no part yet."""
        number = 1
        while pattern.format(number) in self:
            number += 1
        return pattern.format(number)

    def relations(self, part: str) -> Iterator[tuple[str, str, str, bool]]:
        """Id, last word of the type, target, and whether that lies outside the file: of all that ``part`` points to."""
        name = _relations_of(part)
        for element in self.tree(name) if name in self else ():
            kind = element.get("Type", "").rpartition("/")[2]
            outside = element.get("TargetMode") == "External"
            target = element.get("Target", "")
            yield element.get("Id", ""), kind, target if outside else _resolved(part, target), outside

    def related(self, part: str, kind: str) -> str | None:
        """The first part that ``part`` points to as its ``kind``."""
        return next((t for _, found, t, outside in self.relations(part) if found == kind and not outside), None)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Let ``part`` point to ``target``; returns the id of the relation."""
        name = _relations_of(part)
        root = self.tree(name) if name in self else etree.Element(f"{{{_RELATIONS}}}Relationships")
        taken = {element.get("Id") for element in root}
        number = len(taken) + 1
        while f"rId{number}" in taken:
            number += 1
        attributes = {"Id": f"rId{number}", "Type": f"{RELATION}/{kind}", "Target": f"/{target}"}
        etree.SubElement(root, f"{{{_RELATIONS}}}Relationship", attributes)
        self.put(name, root)
        return f"rId{number}"

    def unrelate(self, part: str, ids: set[str]) -> None:
        """Forget the relations with these ids."""
        root = self.tree(_relations_of(part))
        for element in [element for element in root if element.get("Id") in ids]:
            root.remove(element)
        self.put(_relations_of(part), root)

    def declare(self, part: str, content_type: str) -> None:
        """Say what kind of content a new part has."""
        root = self.tree(_CONTENT_TYPES)
        name = f"/{part}"
        known = [e for e in root if e.get("PartName", "").casefold() == name.casefold()]
        element = known[0] if known else etree.SubElement(root, f"{{{_TYPES}}}Override", {"PartName": name})
        element.set("ContentType", content_type)
        self.put(_CONTENT_TYPES, root)

    def to_bytes(self) -> bytes:
        """The .xlsx file, the same bytes every time: no clock in it."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in self._parts.items():
                member = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
                member.create_system = 3  # the same on Windows
                archive.writestr(member, content, zipfile.ZIP_DEFLATED)
        return stream.getvalue()

    def _known(self, name: str) -> str | None:
        if name in self._parts:
            return name
        wanted = name.casefold()
        return next((known for known in self._parts if known.casefold() == wanted), None)


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _resolved(part: str, target: str) -> str:
    target = target.replace("\\", "/").partition("#")[0]
    joined = target if target.startswith("/") else posixpath.join(posixpath.dirname(part), target)
    return posixpath.normpath(joined).lstrip("/")
