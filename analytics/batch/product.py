"""Whether what a notebook wrote is whole and is about whom it should be. Checked before it gets its name."""

from __future__ import annotations

import html
import zipfile
from collections.abc import Iterable
from pathlib import Path

from analytics.batch.plan import Task

PDF_TAIL = 1024  # bytes in which the end of a PDF must stand


def product_fault(task: Task, folder: Path) -> tuple[str, str]:
    """The first file that is cut off or about another unit, and what is wrong; ``("", "")`` when none is."""
    for number, name in enumerate(task.files):
        fault = _CHECKS.get(Path(name).suffix, _anything)(folder / name, task.shows if number == 0 else task.shows[:1])
        if fault:
            return name, fault
    return "", ""


def _anything(path: Path, shows: Iterable[str]) -> str:
    return "" if path.stat().st_size else "空文件 empty"


def _html(path: Path, shows: Iterable[str]) -> str:
    """Ends as a page does, and says each of the texts."""
    page = path.read_bytes().decode("utf-8", "replace")
    if shows and not page.rstrip().endswith("</html>"):
        return "不完整 cut off"
    return _lacking(shows, html.unescape(page))


def _pdf(path: Path, shows: Iterable[str]) -> str:
    """Begins and ends as a PDF. What it says is compressed, and was made from the same content as the page."""
    content = path.read_bytes()
    whole = content.startswith(b"%PDF-") and b"%%EOF" in content[-PDF_TAIL:]
    return "" if whole or not shows else "不是完整的 PDF not a whole PDF"


def _docx(path: Path, shows: Iterable[str]) -> str:
    """Opens, every part with its checksum, and says the texts."""
    if not shows:
        return ""
    try:
        with zipfile.ZipFile(path) as package:
            if (part := package.testzip()) is not None:
                return f"{part} 已损坏 damaged"
            said = package.read("word/document.xml").decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError) as error:
        return str(error)[:80]
    return _lacking(shows, html.unescape(said))


def _lacking(shows: Iterable[str], said: str) -> str:
    missing = [text for text in shows if text not in said]
    return f"没有“{missing[0]}” does not say it" if missing else ""


_CHECKS = {".html": _html, ".pdf": _pdf, ".docx": _docx}
