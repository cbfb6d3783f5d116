"""Zip archives of workbooks: every file in one becomes a received file of its own, named 归档.zip/自评表.xlsx."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator

from analytics.intake.files.grid import MOST_FILE_BYTES
from analytics.intake.received import Received, is_litter, unread
from analytics.problems import Problem
from analytics.provenance import SourceFile

MOST_ENTRIES = 500
MOST_BYTES = 200 * 2**20
_LISTED = b"PK\x01\x02"  # begins each line of an archive's list of contents
_MOST_LISTED = 20_000  # archives lie stored in archives too, so a sound one may hold more of these than it has files
_UTF8 = 0x800
_FLAWS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError)
_STRANGE = re.compile(r"(?:^|/)\.\.?(?:/|$)|^/|^[A-Za-z]:")


def is_bundle(data: bytes) -> bool:
    """Whether the bytes are a zip archive, and not one of the document formats that are zip archives inside."""
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")) or data.count(_LISTED) > _MOST_LISTED:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.casefold() for name in archive.namelist()}
    except _FLAWS:
        return False  # damaged: the reader says so
    return not names & {"[content_types].xml", "mimetype"}


def unpacked(bundle: Received) -> Iterator[Received]:
    """The archive itself, as read, and then every file in it, by name. Nothing is written and no name is a path.

    An archive that is empty or too large is one refused file; a file in it that is locked, that has the name of another
    or that is an archive again is refused alone.
    """
    source, data = bundle.source, bundle.data or b""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(shown_name(member), member) for member in archive.infolist() if not member.is_dir()]
        size = sum(member.file_size for _, member in members)
        if not members:
            yield Received(source, None, Problem("archive-empty", "stop", file=source.name))
        elif len(members) > MOST_ENTRIES or size > MOST_BYTES:
            facts = {"found": f"{len(members)}, {size >> 20} MB", "expected": f"{MOST_ENTRIES}, {MOST_BYTES >> 20} MB"}
            yield Received(source, None, Problem("archive-too-large", "stop", file=source.name, facts=facts))
        else:
            facts = {"found": str(len(members))}
            yield Received(source, None, Problem("archive-unpacked", "note", file=source.name, facts=facts))
            often = Counter(name for name, _ in members)
            for name, member in sorted(members, key=lambda named: named[0]):
                yield _member(archive, member, source.name, name, often[name] > 1)


def member_bytes(data: bytes, name: str) -> bytes | None:
    """The one file of that name in the archive; None when there is none."""
    if not is_bundle(data):
        return None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = [member for member in archive.infolist() if shown_name(member) == name]
        return _content(archive, found[0]) if len(found) == 1 and found[0].file_size <= MOST_FILE_BYTES else None


def shown_name(member: zipfile.ZipInfo) -> str:
    """A file's name in an archive. Chinese Windows writes GBK without saying so, others UTF-8 without saying so."""
    name = member.filename
    if not member.flag_bits & _UTF8:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, bundle: str, name: str, twice: bool) -> Received:
    shown = f"{bundle}/{name}"
    if is_litter(name.rpartition("/")[2]):
        return unread(shown, "litter-ignored", "note", name)
    if twice or _STRANGE.search(name):
        return unread(shown, "archive-entry-strange", "stop", name)
    if member.flag_bits & 1:
        return unread(shown, "archive-locked", "stop", name)
    if member.file_size > MOST_FILE_BYTES:
        return unread(
            shown, "workbook-too-large", "stop", f"{member.file_size >> 20} MB", f"{MOST_FILE_BYTES >> 20} MB"
        )
    try:
        data = _content(archive, member)
    except _FLAWS as error:
        return unread(shown, "workbook-damaged", "stop", str(error))
    if is_bundle(data):
        return unread(shown, "archive-nested", "stop", name)
    return Received(SourceFile(shown, hashlib.sha256(data).hexdigest(), len(data)), data)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(f"compression {member.compress_type}")
    with archive.open(member) as file:
        return file.read(MOST_FILE_BYTES + 1)
