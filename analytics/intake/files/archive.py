"""A zip file from a stranger, unpacked within limits: nothing is believed that the file says about its own size."""

from __future__ import annotations

import io
import zipfile
import zlib

from analytics.problems import Problem, Refused

MOST_PARTS = 2_000
MOST_BYTES = 64 * 2**20
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def unpack(data: bytes, file: str) -> dict[str, bytes]:
    """Every part by its name in lower case, with ``/``.

    Refused when the archive is damaged or locked, grows too large, names a part twice or strangely, or has a DTD in it.
    """
    parts: dict[str, bytes] = {}
    room = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_PARTS:
                raise _refused("workbook-too-large", file, f"{len(members)}", f"{MOST_PARTS}")
            for member in members:
                name = member.filename.replace("\\", "/").casefold()
                if name in parts or ".." in name.split("/") or name.startswith("/") or "\0" in name:
                    raise _refused("workbook-parts-strange", file, member.filename, "")
                if member.flag_bits & 1:
                    raise _refused("workbook-locked", file, "", "")
                if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise _refused("workbook-damaged", file, f"compression {member.compress_type}", "")
                with archive.open(member) as part:
                    content = part.read(room + 1)
                if len(content) > room:
                    raise _refused("workbook-too-large", file, member.filename, f"{MOST_BYTES >> 20} MB")
                room -= len(content)
                if name.endswith((".xml", ".rels", ".vml")) and any(doctype in content for doctype in _DOCTYPES):
                    raise _refused("workbook-doctype", file, member.filename, "")
                parts[name] = content
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
        raise _refused("workbook-damaged", file, str(error), "") from None
    return parts


def _refused(code: str, file: str, found: str, expected: str) -> Refused:
    return Refused([Problem(code, "stop", file=file, facts={"found": found, "expected": expected})])
