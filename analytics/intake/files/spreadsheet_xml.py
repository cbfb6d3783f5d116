"""A workbook in one XML file (Excel 2003 "XML spreadsheet"), which systems still export under the name of an .xls."""

from __future__ import annotations

from typing import cast
from xml.parsers import expat

from analytics.intake.cells import Area, CellKind, Sheet, SheetState
from analytics.intake.files.cell_styles import Shown, number, shown_as
from analytics.intake.files.sheet_draft import MOST_COLUMNS, MOST_ROWS, Damaged, SheetDraft
from analytics.intake.files.xml_parts import Attributes, is_true, parse, read_number

NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_STATES = {"SheetHidden": "hidden", "SheetVeryHidden": "very_hidden"}
_FLAWS = (expat.ExpatError, LookupError, ValueError, OverflowError, Damaged)
_NAMED_FORMATS = {"Percent": "percent", "General Date": "date", "Short Date": "date", "Long Date": "date"}


def read_sheets(text: str, file: str, sha256: str) -> tuple[Sheet, ...]:
    """Every worksheet, in the order of the tabs. Refused when one is larger than any form.

    Raises Damaged when the XML is unsound.
    """
    reader = _Reader(file, sha256)
    try:
        parse(text.lstrip("\ufeff \r\n\t").encode("utf-8"), reader.start, reader.end, reader.text, encoding="utf-8")
    except _FLAWS as error:
        raise Damaged(str(error)) from None
    return tuple(reader.sheets)


class _Reader:
    """Collects the sheets while the XML goes by."""

    def __init__(self, file: str, sha256: str) -> None:
        self.file, self.sha256 = file, sha256
        self.sheets: list[Sheet] = []
        self.styles: dict[str, tuple[Shown, bool, str]] = {}
        self.style = ""
        self.draft: SheetDraft | None = None
        self.row = self.column = self.columns_told = 0
        self.cell: Attributes | None = None
        self.kind = ""
        self.pieces: list[str] | None = None
        self.said: str | None = None  # the text of <Data>, None without one
        self.struck = self.remark = False
        self.state: list[str] | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        own = {name.rpartition(":")[2]: value for name, value in attributes.items()}
        if self.draft is None:
            self._before(tag, own)
        elif tag == "Column":
            first = int(own.get("Index", self.columns_told + 1))
            self.columns_told = first + int(own.get("Span", "0"))
            if is_true(own.get("Hidden", "0")):
                self.draft.hidden_columns.update(range(first, min(self.columns_told, MOST_COLUMNS) + 1))
        elif tag == "Row":
            self._begin_row(self.draft, own)
        elif tag == "Cell":
            self.column = int(own.get("Index", self.column + 1))
            self.cell, self.said, self.struck, self.kind, self.remark = own, None, False, "", False
        elif tag == "Data" and self.cell is not None and not self.remark:
            self.kind, self.pieces = own.get("Type", "String"), []
        elif tag == "S" and self.pieces is not None:
            self.struck = True
        elif tag == "Comment":
            self.draft.comments = self.remark = True
        elif tag == "Visible":
            self.state = []

    def end(self, tag: str) -> None:
        if self.draft is None:
            return
        if tag == "Data" and self.pieces is not None:
            self.said, self.pieces = "".join(self.pieces), None
        elif tag == "Cell" and self.cell is not None:
            self._keep(self.draft, self.cell)
            self.cell = None
        elif tag == "Visible" and self.state is not None:
            self.draft.state = cast(SheetState, _STATES.get("".join(self.state).strip(), "visible"))
            self.state = None
        elif tag == "Worksheet":
            self.sheets.append(self.draft.sheet())
            self.draft = None

    def text(self, text: str) -> None:
        if self.pieces is not None:
            self.pieces.append(text)
        elif self.state is not None:
            self.state.append(text)

    def _before(self, tag: str, own: Attributes) -> None:
        if tag == "Worksheet":
            self.draft = SheetDraft(self.file, self.sha256, own["Name"])
            self.row = self.columns_told = 0
        elif tag == "Style":
            self.style = own["ID"]
            self.styles[self.style] = self.styles.get(own.get("Parent", "Default"), ("plain", False, ""))
        elif self.style and tag == "NumberFormat":
            code = own.get("Format", "")
            shown = cast(Shown, _NAMED_FORMATS.get(code) or shown_as(0, code if code not in ("", "General") else None))
            self.styles[self.style] = (shown, self.styles[self.style][1], code)
        elif self.style and tag == "Font":
            shown, _, code = self.styles[self.style]
            self.styles[self.style] = (shown, is_true(own.get("StrikeThrough", "0")), code)

    def _begin_row(self, draft: SheetDraft, own: Attributes) -> None:
        self.row = int(own.get("Index", self.row + 1))
        self.column = 0
        further = int(own.get("Span", "0"))
        if is_true(own.get("Hidden", "0")):
            draft.hidden_rows.update(range(self.row, min(self.row + further, MOST_ROWS) + 1))

    def _keep(self, draft: SheetDraft, own: Attributes) -> None:
        shown, struck, code = self.styles.get(own.get("StyleID", "Default"), ("plain", False, ""))
        formula = own.get("Formula", "")
        kind, raw = self._content(shown, bool(formula))
        struck = struck or self.struck
        draft.put(self.row, self.column, kind, raw, struck=struck, formula=formula, number_format=code)
        right, down = int(own.get("MergeAcross", "0")), int(own.get("MergeDown", "0"))
        if right or down:
            draft.merge(Area(self.row, self.column, self.row + down, self.column + right))
        self.column += right

    def _content(self, shown: Shown, formula: bool) -> tuple[CellKind, str]:
        said = self.said
        if said is None or (not said and self.kind != "String"):
            return (CellKind.UNCALCULATED if formula else CellKind.BLANK), ""
        if self.kind == "Number":
            return number(read_number(said), shown, since_1904=False)
        if self.kind == "Boolean":
            return CellKind.BOOLEAN, "TRUE" if is_true(said) else "FALSE"
        if self.kind == "Error":
            return CellKind.ERROR, said
        if self.kind == "DateTime":
            return CellKind.DATE, said.removesuffix(".000").removesuffix("T00:00:00")
        return (CellKind.TEXT if said.strip() else CellKind.BLANK), said
