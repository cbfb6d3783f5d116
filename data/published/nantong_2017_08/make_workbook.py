"""components.csv as the workbook an office would send: ``python -m data.published.nantong_2017_08.make_workbook``.

The headings keep two habits of such tables: a line break or a space inside a heading, and brackets of both widths.
"""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import yaml
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from analytics.documents.form_layout import workbook_bytes

HERE = Path(__file__).parent
WORKBOOK = HERE / "得分表.xlsx"
HEADINGS = ("街道", "系统\n（40%）", "现场(40%)", "履职 （20%）", "总 分", "排名")
SCORES = ("system", "onsite", "duty", "total")


def workbook() -> bytes:
    """The workbook; the same bytes every time."""
    source = yaml.safe_load((HERE / "source.yaml").read_text(encoding="utf-8"))
    with (HERE / "components.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    book = Workbook()
    book.properties.created = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    sheet = book.worksheets[0]
    sheet.title = "得分表"
    sheet.append([source["title"]])
    sheet.append(list(HEADINGS))
    for row in rows:
        # 90. is cut off in print: it stays the text that it is.
        scores = [row[name] if row[name].endswith(".") else float(row[name]) for name in SCORES]
        sheet.append([row["unit"], *scores, int(row["rank"])])
    sheet.append([f"来源：{source['publisher']}，{source['address']}"])
    for line in (1, sheet.max_row):
        sheet.merge_cells(start_row=line, end_row=line, start_column=1, end_column=len(HEADINGS))
    for cell in sheet[2]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, horizontal="center")
    for cells in sheet.iter_rows(min_row=3, max_row=sheet.max_row - 1, min_col=2, max_col=5):
        for cell in cells:
            cell.number_format = "0.00"
    sheet["A1"].font = Font(bold=True, size=14)
    for letter, width in zip("ABCDEF", (16, 10, 10, 10, 10, 8), strict=True):
        sheet.column_dimensions[letter].width = width
    return workbook_bytes(book)


if __name__ == "__main__":
    WORKBOOK.write_bytes(workbook())
