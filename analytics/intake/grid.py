"""Any received file → a grid of typed cells. What the file is, is told by its content, never by its name."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import Literal

from analytics.intake import ooxml, second_reader
from analytics.intake.archive import unpack
from analytics.intake.cells import Grid, Sheet
from analytics.problems import Problem, Refused

MOST_FILE_BYTES = 20 * 2**20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SUFFIXES = {"xlsx": (".xlsx", ".xlsm"), "legacy": (".xls", ".et", ".ett", ".ods", ".xlsb", ".xlt")}
Content = Literal["xlsx", "legacy"]


def read_grid(source: Path | bytes, name: str = "", sha256: str = "") -> Grid:
    """The cells of a workbook, given as a path or as bytes that came under ``name``.

    Refused with one Problem when it is no workbook, is locked, damaged, empty or larger than any form, or when the two
    readers see different content. Notes go into ``Grid.problems``. This runs in the calling process; strangers' files
    are read through ``guarded``.
    """
    if isinstance(source, Path):
        name = name or source.name
        if source.stat().st_size > MOST_FILE_BYTES:
            raise _refused("workbook-too-large", name, f"{source.stat().st_size:,} B", f"{MOST_FILE_BYTES >> 20} MB")
        source = source.read_bytes()
    if len(source) > MOST_FILE_BYTES:
        raise _refused("workbook-too-large", name, f"{len(source):,} B", f"{MOST_FILE_BYTES >> 20} MB")
    sha256 = sha256 or hashlib.sha256(source).hexdigest()
    if source.startswith(b"PK\x03\x04"):
        return _from_archive(source, name, sha256)
    content = _sniffed(source, name)
    sheets = second_reader.read_sheets(source, name, sha256)
    return _finished(name, sha256, sheets, content)


def _from_archive(data: bytes, name: str, sha256: str) -> Grid:
    parts = unpack(data, name)
    if parts.get("mimetype", b"").startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return _finished(name, sha256, second_reader.read_sheets(data, name, sha256), "legacy")
    if "[content_types].xml" not in parts or not any(part.startswith("xl/") for part in parts):
        kind = "Word" if any(part.startswith("word/") for part in parts) else "zip"
        raise _refused("not-a-workbook", name, kind, ".xlsx")
    if "xl/workbook.bin" in parts:
        return _finished(name, sha256, second_reader.read_sheets(data, name, sha256), "legacy")
    sheets = ooxml.read_sheets(parts, name, sha256)
    disagreements = tuple(second_reader.differences(sheets, data, name))
    if disagreements:
        raise Refused(disagreements)
    return _finished(name, sha256, sheets, "xlsx")


def _sniffed(data: bytes, name: str) -> Content:
    """``legacy`` when the bytes are an old Excel or WPS workbook. Refused, saying what they are, when they are not."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf\r\n\t ")
    if not start:
        raise _refused("file-empty", name, "", "")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _refused("workbook-locked", name, "", "")
        if "WordDocument".encode("utf-16-le") in data:
            raise _refused("not-a-workbook", name, "Word", ".xlsx")
        return "legacy"
    if start.startswith(b"%PDF"):
        raise _refused("not-a-workbook", name, "PDF", ".xlsx")
    if start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\0<")):
        raise _refused("not-a-workbook", name, "HTML/XML", ".xlsx")
    if start.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")):
        raise _refused("not-a-workbook", name, "JPG/PNG/TIFF", ".xlsx")
    if data.startswith((b"\x09\x08", b"\x09\x04", b"\x09\x02")):
        return "legacy"  # a bare BIFF stream, from Excel before 5
    if b"\0" not in data[:65536] and (b"\t" in start or b"," in start):
        raise _refused("not-a-workbook", name, "CSV/TXT", ".xlsx")
    raise _refused("not-a-workbook", name, start[:4].hex(" "), ".xlsx")


def _finished(name: str, sha256: str, sheets: tuple[Sheet, ...], content: Content) -> Grid:
    if not any(sheet.cells for sheet in sheets):
        raise _refused("workbook-blank", name, "", "")
    problems = []
    suffix = PurePosixPath(name).suffix.casefold()
    if suffix not in _SUFFIXES[content]:
        expected = _SUFFIXES[content][0]
        problems.append(Problem("suffix-differs", "note", file=name, facts={"found": suffix, "expected": expected}))
    if content == "legacy":
        problems.append(Problem("workbook-old-format", "note", file=name, facts={"found": suffix, "expected": ".xlsx"}))
    return Grid(name, sha256, sheets, tuple(problems))


def _refused(code: str, file: str, found: str, expected: str) -> Refused:
    return Refused([Problem(code, "stop", file=file, facts={"found": found, "expected": expected})])
