"""The sheets of an .xlsx workbook, read from its XML with everything that a plain table reader loses.

Kept: what type a cell has, formulas without a value, error cells, percentages, crossed-out text, hidden rows, merges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.parsers import expat

from analytics.intake.cells import Area, CellKind, Place, Sheet, SheetState, address, place
from analytics.intake.files.cell_styles import Style, number, read_styles
from analytics.intake.files.sheet_draft import MOST_CELLS, MOST_COLUMNS, Damaged, SheetDraft
from analytics.intake.files.xml_parts import (
    Attributes,
    is_true,
    parse,
    read_number,
    relations,
    resolved,
    start_tags,
    target,
    targets,
)

RETURN_AUTHOR = "安委办退回"  # who signs the comments in a workbook that we hand back
SHEET_STATES: dict[str, SheetState] = {"": "visible", "hidden": "hidden", "veryHidden": "very_hidden"}
_FLAWS = (expat.ExpatError, LookupError, ValueError, OverflowError, Damaged)


def read_sheets(parts: Mapping[str, bytes], file: str, sha256: str) -> tuple[Sheet, ...]:
    """Every worksheet, in the order of the tabs. Refused when one is larger than any form.

    Raises Damaged, naming the part, when the XML is unsound.
    """
    part = ["xl/workbook.xml"]  # the one being read, for the message
    try:
        return tuple(_sheets(parts, file, sha256, part))
    except _FLAWS as error:
        raise Damaged(f"{part[-1]}: {error}") from None


def _sheets(parts: Mapping[str, bytes], file: str, sha256: str, part: list[str]) -> Iterator[Sheet]:
    book = target(parts, "", "officedocument")
    part[:] = targets(parts, book, "styles")
    styles = read_styles(parts, part)
    strings: list[tuple[str, bool]] = []
    for name in targets(parts, book, "sharedstrings"):
        part.append(name)
        strings.extend(_shared_strings(parts[name]))
    part.append(book)
    tags = list(start_tags(parts[book]))
    since_1904 = any(tag == "workbookPr" and is_true(a.get("date1904", "0")) for tag, a in tags)
    for title, state, name in _tabs(parts, book, tags):
        part.append(name)
        draft = SheetDraft(file, sha256, title, state)
        reader = _SheetReader(draft, strings, styles, since_1904)
        parse(parts[name], reader.start, reader.end, reader.text)
        draft.comments = _has_comments(parts, name)
        yield draft.sheet()


def _tabs(
    parts: Mapping[str, bytes], book: str, tags: list[tuple[str, Attributes]]
) -> Iterator[tuple[str, SheetState, str]]:
    """Name, state and part of each worksheet. Raises Damaged when a tab leads nowhere or two have the same name."""
    by_id = {a["Id"]: a for _, a in start_tags(relations(parts, book)) if "Id" in a}
    names: set[str] = set()
    for tag, attributes in tags:
        own_id = next((value for key, value in attributes.items() if key.endswith(":id")), None)
        if tag != "sheet" or own_id is None:
            continue
        relation, title = by_id.get(own_id), attributes["name"]
        if relation is None:
            raise Damaged(f"{title}: {own_id}")
        if title.casefold() in names:
            raise Damaged(f"{title} ×2")
        names.add(title.casefold())
        if relation["Type"].casefold().endswith("/worksheet"):  # a chart can have a tab of its own
            name = resolved(book, relation["Target"])
            if name not in parts:
                raise Damaged(f"{title}: {name}")
            yield title, SHEET_STATES.get(attributes.get("state", ""), "visible"), name


def _has_comments(parts: Mapping[str, bytes], sheet: str) -> bool:
    """Whether anybody but ourselves has commented on the sheet."""
    for name in (*targets(parts, sheet, "comments"), *targets(parts, sheet, "threadedcomment")):
        authors: list[str] = []
        parse(parts[name], lambda tag, _: None, lambda tag: None, authors.append)
        if RETURN_AUTHOR not in authors:
            return True
    return False


class _SheetReader:
    """Collects one sheet while its XML goes by."""

    # place: of the cell last begun; cell: its attributes while inside it; value: the text of its <v>, None without one.

    def __init__(
        self, draft: SheetDraft, strings: list[tuple[str, bool]], styles: list[Style], since_1904: bool
    ) -> None:
        self.draft, self.strings, self.styles, self.since_1904 = draft, strings, styles, since_1904
        self.row = 0
        self.place: Place = (0, 0)
        self.written_place = ""
        self.cell: Attributes | None = None
        self.formula: list[str] | None = None
        self.value: list[str] | None = None
        self.rich: _RichText | None = None
        self.collecting: list[str] | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "c":
            self.cell, self.formula, self.value, self.rich = attributes, None, None, None
            if "r" not in attributes:
                row, column = self._place()
                self.place = (row, column + 1)
            self.written_place = attributes.get("r", "")
        elif tag == "row":
            self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
            self.place, self.written_place = (self.row, 0), ""
            if _unseen(attributes, "ht"):
                self.draft.hidden_rows.add(self.row)
        elif tag == "col" and _unseen(attributes, "width"):
            last = min(int(attributes["max"]), MOST_COLUMNS)
            self.draft.hidden_columns.update(range(int(attributes["min"]), last + 1))
        elif tag == "mergeCell":
            self.draft.merge(Area.parse(attributes["ref"]))
        elif self.cell is not None:
            if tag == "v":
                if self.value is not None:  # one reader takes the first, another the last
                    raise Damaged(f"{self.draft.name}!{address(*self._place())}: <v> ×2")
                self.value = self.collecting = []
            elif tag == "f":
                self.formula = self.collecting = []
            else:
                self.rich = self.rich or _RichText()
                self.rich.start(tag, attributes)

    def end(self, tag: str) -> None:
        if tag == "c" and self.cell is not None:
            self._keep(self.cell)
            self.cell = None
        elif tag in ("v", "f"):
            self.collecting = None
        elif self.cell is not None and self.rich is not None:
            self.rich.end(tag)

    def text(self, text: str) -> None:
        if self.collecting is not None:
            self.collecting.append(text)
        elif self.cell is not None and self.rich is not None:
            self.rich.text(text)

    def _place(self) -> Place:
        """Where the cell last begun stands, worked out only when asked for: a form may hold a million blank cells."""
        if self.written_place:
            self.place, self.written_place = place(self.written_place), ""
            if self.place[0] != self.row:
                raise Damaged(f"{self.draft.name}!{address(*self.place)}: <row r={self.row}>")
        return self.place

    def _keep(self, attributes: Attributes) -> None:
        if self.value is None and self.rich is None and self.formula is None:
            return
        row, column = self._place()
        style = self._style(attributes)
        try:
            kind, raw, struck = self._content(attributes.get("t", "n"), "".join(self.value or ()), style)
        except (ValueError, LookupError) as error:
            raise Damaged(f"{self.draft.name}!{address(row, column)}: {error}") from None
        formula = "=" + "".join(self.formula) if self.formula is not None else ""
        struck = struck or style.struck
        self.draft.put(
            row, column, kind, raw, struck=struck, formula=formula, number_format=style.code, unseen=style.unseen
        )

    def _style(self, attributes: Attributes) -> Style:
        index = int(attributes.get("s", "0"))
        return self.styles[index] if 0 <= index < len(self.styles) else Style()

    def _content(self, written: str, value: str, style: Style) -> tuple[CellKind, str, bool]:
        """Kind, text, and whether any of it is crossed out, of a cell whose type is ``written`` in the file."""
        if written == "s" and value:
            text, struck = self.strings[_index(value)]
            return _text(text), text, struck
        if written == "inlineStr":
            text, struck = self.rich.finished() if self.rich else ("", False)
            return _text(text), text, struck
        if written == "str" and self.value is not None:
            text = unescaped(value)
            return _text(text), text, False
        if not value:
            return (CellKind.UNCALCULATED if self.formula is not None else CellKind.BLANK), "", False
        if written == "e":
            return CellKind.ERROR, value, False
        if written == "b":
            return CellKind.BOOLEAN, "TRUE" if is_true(value) else "FALSE", False
        if written == "d":
            return CellKind.DATE, value.removesuffix("T00:00:00"), False
        if written != "n":
            raise ValueError(f"t={written}")
        return (*number(read_number(value), style.shown, self.since_1904), False)


class _RichText:
    """Text in runs, without the reading aid (pinyin) above it; notes whether a run is crossed out or raised.

    A small 1 behind 3.5 is a footnote to its reader, but 3.51 to a program.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._inside = False
        self._aid = 0
        self._run_struck = self._run_raised = False
        self._struck = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "t":
            self._inside = self._aid == 0
        elif tag == "rPh":
            self._aid += 1
        elif tag == "r":
            self._run_struck = self._run_raised = False
        elif tag in ("strike", "dstrike"):
            self._run_struck = is_true(attributes.get("val", "1"))
        elif tag == "vertAlign":
            self._run_raised = attributes.get("val") in ("superscript", "subscript")

    def end(self, tag: str) -> None:
        if tag == "t":
            self._inside = False
        elif tag == "rPh":
            self._aid -= 1

    def text(self, text: str) -> None:
        if self._inside:
            self._pieces.append(text)
            self._struck = self._struck or ((self._run_struck or self._run_raised) and bool(text.strip()))

    def finished(self) -> tuple[str, bool]:
        return unescaped("".join(self._pieces)), self._struck


def _shared_strings(xml: bytes) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    current = _RichText()

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal current
        if tag == "si":
            current = _RichText()
        elif tag == "sst" and _announced(attributes) > 10 * MOST_CELLS:
            # One known reader makes room for as many strings as are announced here, and dies of it.
            raise Damaged(f"uniqueCount={attributes['uniqueCount']}")
        else:
            current.start(tag, attributes)

    def end(tag: str) -> None:
        if tag == "si":
            found.append(current.finished())
        else:
            current.end(tag)

    parse(xml, start, end, lambda text: current.text(text))
    return found


def _unseen(attributes: Attributes, size: str) -> bool:
    """Whether a row or a column is hidden, or made so small that it might as well be."""
    return is_true(attributes.get("hidden", "0")) or attributes.get(size) in ("0", "0.0")


def _announced(attributes: Attributes) -> int:
    written = attributes.get("uniqueCount", "0")
    return int(written) if written.isascii() and written.isdigit() else 0


def _index(written: str) -> int:
    """The number of a shared string. ValueError when it is none: a negative one would count from the end."""
    if not (written.isascii() and written.isdigit()):
        raise ValueError(f"“{written[:40]}”")
    return int(written)


def unescaped(text: str) -> str:
    """``text`` with Excel's ``_x000D_`` notation for control characters undone."""
    if "_x" not in text:
        return text
    plain = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)
    # The notation counts in UTF-16, where a rare character takes two; half of one is no character.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _text(text: str) -> CellKind:
    return CellKind.TEXT if text.strip() else CellKind.BLANK
