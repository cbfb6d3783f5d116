"""Workbooks with a password to open: opened when the extra ``encrypted`` is installed and a password fits."""

from __future__ import annotations

import importlib.util
import io
import os
import struct
from collections.abc import Sequence
from pathlib import Path

from analytics.problems import Problem, Refused

PASSWORDS = "WORKBOOK_PASSWORDS"  # the environment variable that names a text file, one password a line
_ALWAYS = "VelvetSweatshop"  # Excel encrypts workbooks with a protected structure under this word, and opens them alone
_MOST = 20  # each try takes a fifth of a second by design


class PasswordNeeded(Exception):
    """The workbook is encrypted."""


def known_passwords() -> tuple[str, ...]:
    """The passwords in the file that the environment names; none when it names none. Refused when it cannot be read."""
    path = os.environ.get(PASSWORDS, "")
    if not path:
        return ()
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        facts = {"found": PASSWORDS, "expected": "UTF-8"}
        raise Refused([Problem("passwords-unreadable", "stop", file=path, facts=facts)]) from None
    return tuple(line for line in lines if line)[:_MOST]


def unlocked(data: bytes, file: str, passwords: Sequence[str]) -> bytes:
    """The workbook without its encryption. Refused when the extra is not installed or no password fits."""
    if importlib.util.find_spec("msoffcrypto") is not None:
        for password in (_ALWAYS, *passwords[:_MOST]):
            opened = _opened(data, password)
            if opened is not None:
                return opened
    raise Refused([Problem("workbook-locked", "stop", file=file)])


def _opened(data: bytes, password: str) -> bytes | None:
    """What the password gives; None when it is the wrong one, or the encryption is of a kind that nobody here knows."""
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    wrong = (DecryptionError, FileFormatError, InvalidKeyError, ParseError)
    plain = io.BytesIO()
    try:
        office = OfficeFile(io.BytesIO(data))
        office.load_key(password=password)
        office.decrypt(plain)
    except (*wrong, struct.error, OSError, ValueError, LookupError, TypeError, AttributeError, NotImplementedError):
        return None
    return plain.getvalue()
