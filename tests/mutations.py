"""Workbooks spoiled at random, again the same from the same seed: bytes, parts, XML, and what stands in a cell."""

from __future__ import annotations

import copy
import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence

from lxml import etree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_TYPES = ("s", "n", "b", "e", "str", "inlineStr", "d", "", "x", "N")
_PLACES = ("A1", "F14", "a1", "$F$14", "F0", "F014", "14", "F", "XFD1048576", "ZZZ1", "F14:G15", "", " F9")
_NUMBERS = (
    "5", "5.0", "05", "+5", "-5", "-0", "5.", ".5", "5e0", "50E-1", "1e400", "5,0", "1_0", "０５", "0x5", "5 ", " 5",
    "5.00000000000000088", "4.9999999999999", "0.1", "1e-9", "99", "100", "NaN", "INF", "-INF", "1.#IND", "44124",
    "4294967296", "9007199254740993", "", "5\n", "5\u200b", "٥", "五", "true", "TRUE", "#REF!", "#N/A", "5分",
)  # fmt: skip
_TEXTS = (
    "5", "5分", "５", "五分", "5 分", "5.5分", " 5", "5\u3000", "5\u200b", "5\u202e", "-", "—", "/", "无",
    "不涉及", "满分", "", " ", "0", "-1", "5-6", "4~5", "4/5", "5+1", "=5", "#REF!", "1,000", "1 0", "5。0",
    "5．5", "约5", "（5）", "⑤", "٣", "5\ufe0f", "1e1", "0x5", "5%", "_x0035_", "_x000D_5", "5_x000D_", "&#53;",
    "2020年10月31日", "null", "²", "5\x0b", "99999999999999999999", "0.30000000000000004", "甘泉路街道", "合计",
    "自评分", "1", "第1项", "１", "一",
)  # fmt: skip
_TOKENS = re.compile(rb"[A-Za-z]+|[0-9]+")
_SIZES = (1, 1, 1, 2, 4, 16, 200)
Mutation = Callable[[bytes, random.Random], bytes]


def mutated(data: bytes, kind: str, seed: int) -> bytes:
    """``data`` spoiled once in the way ``kind``, one of ``KINDS``; untouched when there is nothing of that kind."""
    return KINDS[kind](data, random.Random(seed))


def kinds_for(data: bytes) -> tuple[str, ...]:
    """The ways to spoil such a file, repeated as often as they deserve to be chosen."""
    if not data.startswith(b"PK"):
        return ("bytes", "tokens")
    if b"application/vnd.oasis" in data[:100]:
        return ("bytes", "part", "tokens_of_part", "element", "element")
    return ("bytes", "part", "tokens_of_part", "element", "cell", "cell", "cell", "value", "value", "value", "link")


def _bytes(data: bytes, rng: random.Random) -> bytes:
    """Bytes changed, dropped, doubled, moved or cut off."""
    size = rng.choice(_SIZES)
    at, other = rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)
    match rng.randrange(7):
        case 0 | 1:
            changed = bytearray(data)
            for _ in range(size):
                if changed:
                    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
            return bytes(changed)
        case 2:
            return data[:at] + data[at + size :]
        case 3:
            return data[:at] + data[at : at + size] + data[at:]
        case 4:
            return data[:at] + data[other : other + size] + data[at:]
        case 5:
            return data[:at] + rng.randbytes(size) + data[at + size :]
        case _:
            return data[:at] if rng.random() < 0.3 else data[:at] + data[other : other + size] + data[at + size :]


def _tokens(data: bytes, rng: random.Random) -> bytes:
    """A word replaced by another from the same file, a number by one of the awkward ones."""
    found = list(_TOKENS.finditer(data))
    if not found:
        return data
    token = rng.choice(found)
    other = rng.choice(found)[0] if rng.random() < 0.5 else rng.choice(_NUMBERS + _TEXTS).encode()
    return data[: token.start()] + other + data[token.end() :]


def _on_part(change: Mutation) -> Mutation:
    """``change`` applied to one part of the archive, which is then packed anew with the right checksum."""

    def on_part(data: bytes, rng: random.Random) -> bytes:
        parts = _parts(data)
        if not parts:
            return _bytes(data, rng)
        weights = [12 if "sheet" in n and "worksheets" in n else 6 if "content.xml" in n else 4 if "sharedS" in n
                   else 3 if "styles" in n else 1 for n, _ in parts]  # fmt: skip
        index = rng.choices(range(len(parts)), weights)[0]
        name, content = parts[index]
        parts[index] = (name, change(content, rng))
        return _packed(parts)

    return on_part


def _element(content: bytes, rng: random.Random) -> bytes:
    """Any element taken out, doubled, moved, emptied or renamed; or one of its attributes changed."""
    root = _tree(content)
    if root is None:
        return _tokens(content, rng)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    one, other = rng.choice(elements), rng.choice(elements)
    parent = one.getparent()
    match rng.randrange(8):
        case 0 if parent is not None:
            parent.remove(one)
        case 1 if parent is not None:
            one.addnext(copy.deepcopy(one))
        case 2 if other not in one.iter():
            other.append(copy.deepcopy(one))
        case 3:
            one.text = rng.choice(_TEXTS + _NUMBERS).replace("\x0b", "")
        case 4 if one.attrib and other.attrib:
            one.set(rng.choice(list(one.attrib)), rng.choice(list(other.attrib.values())))
        case 5 if one.attrib:
            one.set(rng.choice(list(one.attrib)), rng.choice(_NUMBERS))
        case 6 if one.attrib:
            del one.attrib[rng.choice(list(one.attrib))]
        case _:
            one.tag = other.tag
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _cell(content: bytes, rng: random.Random) -> bytes:
    """A cell or a row of a worksheet taken out, doubled, exchanged; its address, type, style, index or text changed."""
    root = _tree(content)
    cells = [] if root is None else [c for space in (_MAIN, _STRICT) for c in root.iter(f"{space}c")]
    if root is None or not cells:
        return _element(content, rng)
    full = [cell for cell in cells if len(cell)] or cells
    one, other = rng.choice(full), rng.choice(full if rng.random() < 0.7 else cells)
    row = one.getparent()
    match rng.randrange(13):
        case 0:
            one.attrib["r"], other.attrib["r"] = other.get("r", "A1"), one.get("r", "A1")
        case 1:
            one[:], other[:] = list(other), list(one)
        case 2:
            row.remove(one)
        case 3:
            one.addnext(copy.deepcopy(one))
        case 4:
            row.addnext(copy.deepcopy(row))
        case 5 if row.getparent() is not None:
            row.getparent().remove(row)
        case 6:
            one.set("t", rng.choice(_TYPES))
        case 7:
            one.set("s", rng.choice([other.get("s", "0"), str(rng.randrange(30)), "-1", "999", "x"]))
        case 8:
            one.set("r", rng.choice([*_PLACES, other.get("r", "A1")]))
        case 9:
            row.set("r", rng.choice([*_NUMBERS, str(rng.randrange(60))]))
        case 10:
            one.attrib.pop(rng.choice(["r", "t", "s"]), None)
        case 11:
            row.set(*rng.choice([("hidden", "1"), ("ht", "0"), ("hidden", "true"), ("hidden", "x")]))
        case _:
            _merge(root, one.get("r", "A1"), other.get("r", "A1"))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _value(content: bytes, rng: random.Random) -> bytes:
    """Something awkward written into a cell, as a spreadsheet program or a script would write it."""
    root = _tree(content)
    cells = [] if root is None else [c for space in (_MAIN, _STRICT) for c in root.iter(f"{space}c")]
    if root is None or not cells:
        return _element(content, rng)
    cell = rng.choice([c for c in cells if len(c) and c.get("r", "").startswith("F")] or cells)
    if rng.random() < 0.2:
        cell = rng.choice(cells)
    space = cell.tag.removesuffix("c")
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)
    kind = rng.choice(["n", "n", "inlineStr", "inlineStr", "str", "b", "e", "d", "formula", "empty", "runs", "comment"])
    text = rng.choice(_TEXTS).replace("\x0b", "")
    number = rng.choice(_NUMBERS)
    if kind == "inlineStr" or kind == "runs":
        cell.set("t", "inlineStr")
        holder = etree.SubElement(cell, f"{space}is")
        for piece in [text] if kind == "inlineStr" else [text[:1], text[1:]]:
            into = holder if kind == "inlineStr" else etree.SubElement(holder, rng.choice([f"{space}r", f"{space}rPh"]))
            etree.SubElement(into, f"{space}t").text = piece
    elif kind == "formula":
        etree.SubElement(cell, f"{space}f").text = rng.choice(["SUM(F6:F9)", "1+4", "", "IF(1,5,0)", "F6"])
        if rng.random() < 0.6:
            etree.SubElement(cell, f"{space}v").text = number
    elif kind == "comment":
        value = etree.SubElement(cell, f"{space}v")
        value.text = number[:1]
        value.append(etree.Comment("5") if rng.random() < 0.5 else etree.ProcessingInstruction("p", "5"))
        value[0].tail = number[1:]
    elif kind != "empty":
        cell.set("t", kind)
        etree.SubElement(cell, f"{space}v").text = text if kind == "str" else number
        if rng.random() < 0.1:
            etree.SubElement(cell, f"{space}v").text = "5"
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _link(data: bytes, rng: random.Random) -> bytes:
    """The parts of the package exchanged, doubled, renamed or dropped, so that its links lead elsewhere."""
    parts = _parts(data)
    if not parts:
        return _bytes(data, rng)
    one, other = rng.randrange(len(parts)), rng.randrange(len(parts))
    match rng.randrange(5):
        case 0:
            parts[one], parts[other] = (parts[one][0], parts[other][1]), (parts[other][0], parts[one][1])
        case 1:
            del parts[one]
        case 2:
            parts.append((parts[one][0], parts[other][1]))
        case 3:
            parts[one] = (parts[one][0].upper() if rng.random() < 0.5 else f"/{parts[one][0]}", parts[one][1])
        case _:
            parts.append((parts[one][0].replace("1", "2").replace("/", "\\", rng.randrange(2)), parts[one][1]))
    return _packed(parts)


def _merge(root: etree._Element, first: str, last: str) -> None:
    space = root.tag.removesuffix("worksheet")
    holder = next(root.iter(f"{space}mergeCells"), None)
    if holder is None:
        holder = etree.SubElement(root, f"{space}mergeCells")
    etree.SubElement(holder, f"{space}mergeCell", {"ref": f"{first}:{last}"})


def _tree(content: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _parts(data: bytes) -> list[tuple[str, bytes]]:
    """Names and contents in the archive; none when it is too broken for that."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(member.filename, archive.read(member)) for member in archive.infolist()]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError):
        return []


def _packed(parts: Sequence[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    central: dict[str, int] = {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts:
            central[name] = central.get(name, 0) + 1
            member = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            if central[name] > 1:
                archive.NameToInfo.pop(name, None)  # a second part of the same name, without the library's warning
            archive.writestr(member, content, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED)
    return stream.getvalue()


KINDS: dict[str, Mutation] = {
    "bytes": _bytes,
    "tokens": _tokens,
    "part": _on_part(_bytes),
    "tokens_of_part": _on_part(_tokens),
    "element": _on_part(_element),
    "cell": _on_part(_cell),
    "value": _on_part(_value),
    "link": _link,
}
