"""Any received file → a grid of typed cells. What the file is, is told by its content, never by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from analytics.intake.cells import Grid, Sheet
from analytics.intake.files import (
    delimited,
    markup,
    old_excel,
    ooxml,
    open_document,
    second_reader,
    spreadsheet_xml,
    word_document,
)
from analytics.intake.files.archive import unpack
from analytics.intake.files.plain_text import decoded
from analytics.intake.files.protection import PasswordNeeded, unlocked
from analytics.intake.files.sheet_draft import Damaged
from analytics.problems import Problem, Refused

MOST_FILE_BYTES = 20 * 2**20
Content = Literal["xlsx", "docx", "xls", "ods", "xlsb", "HTML", "CSV", "XML"]
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_RECORDS = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")  # from Excel before version 5
_SUFFIXES: Mapping[Content, tuple[str, ...]] = {
    "xlsx": (".xlsx", ".xlsm"),
    "docx": (".docx",),
    "xls": (".xls", ".et", ".ett", ".xlt"),
    "ods": (".ods",),
    "xlsb": (".xlsb",),
}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_OTHERS = {
    b"%PDF": "PDF",
    b"\xff\xd8\xff": "JPG",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"{\\rtf": "RTF",
    b"MIME-Version:": "MHTML",
}
_ARCHIVES = {b"Rar!": "RAR", b"7z\xbc\xaf\x27\x1c": "7z", b"\x1f\x8b": "gzip"}


def read_grid(source: Path | bytes, name: str = "", sha256: str = "", passwords: Sequence[str] = ()) -> Grid:
    """The cells of a workbook, given as a path or as bytes that came under ``name``.

    ``passwords`` are tried on a locked one, when the extra ``encrypted`` is installed. Refused with one Problem when it
    is no workbook, is locked, damaged, empty or larger than any form, or when the two readers see different content.
    Notes go into ``Grid.problems``. This runs in the calling process; strangers' files are read through ``guarded``.
    """
    if isinstance(source, Path):
        name = name or source.name
        if source.stat().st_size > MOST_FILE_BYTES:
            raise _refused("workbook-too-large", name, f"{source.stat().st_size:,} B", f"{MOST_FILE_BYTES >> 20} MB")
        source = source.read_bytes()
    if len(source) > MOST_FILE_BYTES:
        raise _refused("workbook-too-large", name, f"{len(source):,} B", f"{MOST_FILE_BYTES >> 20} MB")
    sha256 = sha256 or hashlib.sha256(source).hexdigest()
    try:
        try:
            return _read(source, name, sha256)
        except PasswordNeeded:
            grid = _read(unlocked(source, name, passwords), name, sha256)
    except PasswordNeeded:
        raise _refused("workbook-locked", name, "", "") from None
    except Damaged as error:
        raise _refused("workbook-damaged", name, str(error), "") from None
    return Grid(grid.file, grid.sha256, grid.sheets, (*grid.problems, Problem("workbook-unlocked", "note", file=name)))


def _read(data: bytes, name: str, sha256: str) -> Grid:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _from_archive(data, name, sha256)
    if data.startswith((_OLE, *_BARE_RECORDS)):
        return _from_old_excel(data, name, sha256)
    return _from_text(data, name, sha256)


def _from_archive(data: bytes, name: str, sha256: str) -> Grid:
    parts = unpack(data, name)
    if parts.get("mimetype", b"").startswith(_OPEN_DOCUMENT):
        return _agreed(open_document.read_sheets(parts, name, sha256), data, name, sha256, "ods")
    if "[content_types].xml" not in parts or not any(part.startswith("xl/") for part in parts):
        if word_document.is_document(parts):
            return _finished(name, sha256, (word_document.read_sheet(parts, name, sha256),), "docx")
        raise _refused("not-a-workbook", name, "zip", ".xlsx")
    if "xl/workbook.bin" in parts:
        return _finished(name, sha256, second_reader.read_sheets(data, name, sha256), "xlsb")
    return _agreed(ooxml.read_sheets(parts, name, sha256), data, name, sha256, "xlsx")


def _from_old_excel(data: bytes, name: str, sha256: str) -> Grid:
    if "Workbook".encode("utf-16-le") not in data:
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise PasswordNeeded
        if "WordDocument".encode("utf-16-le") in data:
            raise _refused("not-a-workbook", name, "Word", ".xlsx")
    sheets = old_excel.read_sheets(data, name, sha256)
    if old_excel.is_ancient(data):
        return _finished(name, sha256, sheets, "xls")  # the second reader does not know workbooks without a container
    return _agreed(sheets, data, name, sha256, "xls")


def _from_text(data: bytes, name: str, sha256: str) -> Grid:
    """The table in a text; refused, saying what the bytes are, when there is none."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf\r\n\t ")
    if not start:
        raise _refused("file-empty", name, "", "")
    for archives, code in ((_ARCHIVES, "archive-of-other-kind"), (_OTHERS, "not-a-workbook")):
        for mark, kind in archives.items():
            if start.startswith(mark):
                raise _refused(code, name, kind, ".xlsx")
    text = decoded(data)
    if text is None:
        raise _refused("not-a-workbook", name, start[:4].hex(" "), ".xlsx")
    if not text.strip():
        raise _refused("file-empty", name, "", "")
    marked_up = text.lstrip().startswith("<")
    if marked_up and "<!ENTITY" in text:
        raise _refused("workbook-doctype", name, "<!ENTITY", "")
    if marked_up and spreadsheet_xml.NAMESPACE in text[:4096] and "<?xml" in text[:100]:
        return _finished(name, sha256, spreadsheet_xml.read_sheets(text, name, sha256), "XML")
    try:
        sheet = (markup if marked_up else delimited).read_sheet(text, name, sha256)
    except Damaged as error:
        raise _refused("text-table-unclear", name, str(error), "") from None
    if sheet is None:
        raise _refused("not-a-workbook", name, "HTML/XML" if marked_up else "TXT", ".xlsx")
    return _finished(name, sha256, (sheet,), "HTML" if marked_up else "CSV")


def _agreed(sheets: tuple[Sheet, ...], data: bytes, name: str, sha256: str, content: Content) -> Grid:
    """The grid, once the second reader has seen the same. Refused with both values where it has not."""
    disagreements = tuple(second_reader.differences(sheets, data, name))
    if disagreements:
        raise Refused(disagreements)
    return _finished(name, sha256, sheets, content)


def _finished(name: str, sha256: str, sheets: tuple[Sheet, ...], content: Content) -> Grid:
    if not any(sheet.cells for sheet in sheets):
        raise _refused("workbook-blank", name, "", "")
    problems = []
    suffix = PurePosixPath(name).suffix.casefold()
    if content in _SUFFIXES and suffix not in _SUFFIXES[content]:
        expected = _SUFFIXES[content][0]
        problems.append(Problem("suffix-differs", "note", file=name, facts={"found": suffix, "expected": expected}))
    if content in ("HTML", "CSV", "XML"):
        problems.append(Problem("text-table", "note", file=name, facts={"found": content, "expected": ".xlsx"}))
    elif content not in ("xlsx", "docx"):
        code = "workbook-one-reader" if content == "xlsb" else "workbook-old-format"
        problems.append(Problem(code, "note", file=name, facts={"found": content, "expected": ".xlsx"}))
    return Grid(name, sha256, sheets, tuple(problems))


def _refused(code: str, file: str, found: str, expected: str) -> Refused:
    return Refused([Problem(code, "stop", file=file, facts={"found": found, "expected": expected})])
