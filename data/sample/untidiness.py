"""How real workbooks are untidy: each function spoils a draft in one way and returns where, for README.md."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

from openpyxl.worksheet.datavalidation import DataValidationList

from analytics.records import FormName
from analytics.rubric import Item
from data.sample.filled import Draft
from data.sample.plan import UnitYear

Spoil = Callable[[Draft, UnitYear], str]


@dataclass(frozen=True, slots=True)
class Mess:
    """One untidiness: what it is, on which workbook, and what should come of it."""

    kind: str
    year: int
    unit: str
    form: FormName
    expected: str
    spoil: Spoil


def mark(nth: int, written: Callable[[str], object]) -> Spoil:
    """Write the self-mark of the ``nth`` item with an untouched full mark as ``written`` says."""

    def spoil(draft: Draft, plan: UnitYear) -> str:
        item = _full(plan)[nth]
        return draft.write("self_mark", draft.rows()[item.no][0], written(f"{item.full_marks.normalize():f}"))

    return spoil


def _full(plan: UnitYear) -> list[Item]:
    return [item for item in plan.items if plan.self_marks[item.id] == item.full_marks]


def wide(text: str) -> str:
    """``4.5`` → ``４．５``."""
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


def label(text: str, value: object) -> Spoil:
    """Write ``value`` beside the label ``text`` of row 2."""

    def spoil(draft: Draft, plan: UnitYear) -> str:
        address = draft.label(text, value)
        if isinstance(value, int | str):
            draft.sheet[address].number_format = "General"
        return address

    return spoil


def date_as(pattern: str) -> Spoil:
    """The date of hand-in as text in another shape."""

    def spoil(draft: Draft, plan: UnitYear) -> str:
        day = plan.handed_in
        text = pattern.format(y=day.year, m=day.month, d=day.day)
        return label("填报日期", text)(draft, plan)

    return spoil


def date_as_serial(draft: Draft, plan: UnitYear) -> str:
    """The date of hand-in as Excel's day number, shown as a number."""
    return label("填报日期", (plan.handed_in - datetime.date(1899, 12, 30)).days)(draft, plan)


def wrong_total(draft: Draft, plan: UnitYear) -> str:
    """A typed total, 1 higher than the marks add up to."""
    address = list(draft.cached)[-1]
    draft.sheet[address] = float(draft.cached.pop(address)) + 1
    return address


def total_never_calculated(draft: Draft, plan: UnitYear) -> str:
    """Formulas without values, as programs and some phone editors write them."""
    address = list(draft.cached)[-1]
    draft.cached.clear()
    return address


def headings_spaced(draft: Draft, plan: UnitYear) -> str:
    """Blanks and line breaks in the headings."""
    row = draft.header
    letters = {name: draft.letter(name) for name in ("self_mark", "reason", "full_marks")}
    for (name, letter), pattern in zip(letters.items(), ("{0}\n{1} ", "{0}{1}　", " {0} {1}"), strict=True):
        heading = draft.headings.columns[name]
        draft.sheet[f"{letter}{row}"] = pattern.format(heading[:-1], heading[-1])
    return "、".join(f"{letter}{row}" for letter in letters.values())


def extra_column(draft: Draft, plan: UnitYear) -> str:
    """A column 备注2 of the unit's own."""
    row = draft.header
    letter = chr(ord(draft.sheet[row][-1].column_letter) + 1)
    draft.sheet[f"{letter}{row}"] = "备注2"
    first = draft.rows()[_full(plan)[0].no][0]
    draft.sheet[f"{letter}{first}"] = "由城运中心提供"
    return f"{letter}{row}"


def extra_sheet(draft: Draft, plan: UnitYear) -> str:
    """A sheet 说明 with some remarks."""
    sheet = draft.workbook.create_sheet("说明")
    sheet["A1"] = "合成示例数据，非真实考核结果"
    sheet["A2"] = "本表由办公室汇总，数据截至10月25日。"
    return "说明!A2"


def hidden_sheet(draft: Draft, plan: UnitYear) -> str:
    """A hidden sheet with an old draft."""
    sheet = draft.workbook.create_sheet("草稿")
    sheet["A1"], sheet["A2"], sheet["B2"] = "合成示例数据，非真实考核结果", 1, 3.5
    sheet.sheet_state = "hidden"
    return "草稿!A2"


def hidden_row(draft: Draft, plan: UnitYear) -> str:
    """An item's row, hidden."""
    row = draft.rows()[_full(plan)[2].no][0]
    draft.sheet.row_dimensions[row].hidden = True
    return f"第{row}行"


def blank_row(draft: Draft, plan: UnitYear) -> str:
    """An empty row pushed in between two items."""
    row = draft.rows()[_full(plan)[3].no][0]
    _shift(draft, row, 1)
    return f"第{row}行"


def rows_reordered(draft: Draft, plan: UnitYear) -> str:
    """The items of the second theme, from the last to the first."""
    theme = plan.rubric.themes[1].id
    rows = [draft.rows()[item.no][0] for item in plan.items if item.theme == theme]
    for upper, lower in zip(rows[: len(rows) // 2], reversed(rows), strict=False):
        for above, below in zip(draft.sheet[upper], draft.sheet[lower], strict=True):
            above.value, below.value = below.value, above.value
    draft.sheet.data_validations = DataValidationList()
    return f"第{rows[0]}–{rows[-1]}行"


def merged_evidence(draft: Draft, plan: UnitYear) -> str:
    """One piece of evidence for two items, in a merged cell."""
    first, second = (draft.rows()[item.no][0] for item in plan.items[1:3])
    letter = draft.letter("evidence")
    draft.sheet[f"{letter}{first}"] = "检查记录复印件12份（两项共用）"
    draft.sheet.merge_cells(f"{letter}{first}:{letter}{second}")
    return f"{letter}{first}:{letter}{second}"


def reason_with_break(draft: Draft, plan: UnitYear) -> str:
    """A reason over two lines, on an item with a little taken off."""
    item = next((i for i in plan.items if i.id in plan.reasons and plan.self_marks[i.id] is not None), _full(plan)[1])
    text = plan.reasons.get(item.id, "资料归档不及时，不影响得分")
    return draft.write("reason", draft.rows()[item.no][0], f"{text}\n（已于11月前补齐）")


def number_as_text(draft: Draft, plan: UnitYear) -> str:
    """An item number kept as text."""
    return draft.write("number", draft.rows()[_full(plan)[1].no][0], f"{_full(plan)[1].no} ")


def figure(written: Callable[[str], object]) -> Spoil:
    """Write the first reported figure of a pledge report as ``written`` says."""

    def spoil(draft: Draft, plan: UnitYear) -> str:
        row = draft.rows()["1"][0]
        return draft.write("reported", row, written(str(next(iter(plan.reported.values())))))

    return spoil


def first_finding(name: str, written: Callable[[str], object]) -> Spoil:
    """Rewrite one cell of the first real finding of a record."""

    def spoil(draft: Draft, plan: UnitYear) -> str:
        letter = draft.letter("rule")
        row = next(r for r in range(draft.header + 1, draft.sheet.max_row) if draft.sheet[f"{letter}{r}"].value)
        value = draft.sheet[f"{draft.letter(name)}{row}"].value
        text = f"{value:%Y-%m-%d}" if isinstance(value, datetime.date) else str(value)
        return draft.write(name, row, written(text))

    return spoil


def too_high_and_cut(draft: Draft, plan: UnitYear) -> str:
    """Two marks above their full marks, and three items thrown out: a form to send back."""
    high = [_full(plan)[0], _full(plan)[2]]
    addresses = [draft.write("self_mark", draft.rows()[i.no][0], i.full_marks + 2) for i in high]
    for item in plan.items[-5:-2]:
        _shift(draft, draft.rows()[item.no][0] + 1, -1)
    numbers = "、".join(item.no for item in plan.items[-5:-2])
    return f"{'、'.join(addresses)}；缺第{numbers}项"


def _shift(draft: Draft, row: int, by: int) -> None:
    """Push the rows from ``row`` on down by one, or pull them up over the row before; formulas and merges go along."""
    sheet = draft.sheet
    for area in list(sheet.merged_cells.ranges):
        if area.min_row >= row:
            sheet.merged_cells.ranges.discard(area)
            area.shift(row_shift=by)
            sheet.merged_cells.ranges.add(area)
    heights = {number: d.height for number, d in sheet.row_dimensions.items() if number >= row}
    if by > 0:
        sheet.insert_rows(row)
    else:
        sheet.delete_rows(row - 1)
    for number, height in heights.items():
        sheet.row_dimensions[number + by].height = height
    for line in sheet.iter_rows():
        for cell in line:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                cell.value = re.sub(
                    r"([A-Z]+)(\d+)", lambda m: f"{m[1]}{int(m[2]) + (by if int(m[2]) >= row else 0)}", cell.value
                )
    draft.cached = {
        re.sub(r"\d+", lambda m: str(int(m[0]) + (by if int(m[0]) >= row else 0)), address): value
        for address, value in draft.cached.items()
    }
    sheet.data_validations = DataValidationList()
