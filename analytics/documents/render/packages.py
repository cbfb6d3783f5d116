"""Office files without a clock in them: the same parts give the same bytes."""

from __future__ import annotations

import io
import zipfile

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold: bytes must not depend on the clock


def undated(data: bytes) -> bytes:
    """The same package with every member dated alike."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, FIRST_DAY)
            member.create_system = 3  # the same on Windows
            new.writestr(member, old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
