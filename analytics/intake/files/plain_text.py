"""Text from a stranger: in which of the encodings that offices use it is written."""

from __future__ import annotations

import codecs

_MARKED = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LEAST_ZEROS = 0.2  # of every other byte, in a table written as UTF-16: its separators, digits and line ends


def decoded(data: bytes) -> str | None:
    """The text, or None when it is none. UTF-8 before GBK: GBK text is hardly ever sound UTF-8, the reverse often."""
    encoding = next((name for mark, name in _MARKED.items() if data.startswith(mark)), None)
    tried = [encoding] if encoding else _unmarked(data)
    for name in tried:
        try:
            text = data.decode(name).removesuffix("\x1a")
        except UnicodeDecodeError:
            continue
        return None if any(ord(sign) < 32 and sign not in "\t\n\r\f\v" for sign in text) else text
    return None


def _unmarked(data: bytes) -> list[str]:
    start = data[:4096]
    for first, name in ((0, "utf-16-be"), (1, "utf-16-le")):
        half = start[first::2]
        if half.count(0) > _LEAST_ZEROS * max(1, len(half)):
            return [name]
    return ["utf-8", "gb18030"]
