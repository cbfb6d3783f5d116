"""Workbooks as offices send them, built by name: small tidy forms, and functions that spoil them in one way each."""

from __future__ import annotations

import csv
import datetime
import html
import io
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import made_up
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from analytics.policy import YearRules
from analytics.rubric import Rubric
from analytics.units import UnitRegistry

YEAR = 2020
SHEET = "xl/worksheets/sheet1.xml"
_RULES: dict[str, list[dict[str, Any]]] = {
    "1": [{"kind": "per_occurrence", "id": "1", "on": "每少1次", "points": "0.5", "cap": "2"}],
    "2": [
        {"kind": "by_severity", "id": "1", "on": "迟报漏报", "levels": {"迟报": "1", "瞒报": "4"}},
        {"kind": "discretionary", "id": "2", "on": "台账不全", "least": "0.5", "most": "2"},
    ],
    "3": [
        {"kind": "ratio", "id": "1", "on": "整改率", "numerator": "fixed", "denominator": "found", "points": "0.1"},
        {"kind": "all_or_nothing", "id": "2", "on": "未建台账"},
    ],
    "4": [{"kind": "per_occurrence", "id": "1", "on": "每缺1种", "points": "0.2"}],
}
_MEASURES = [
    {"id": "found", "label": "排查发现隐患数", "counted_in": "处", "form": "pledge_report"},
    {"id": "fixed", "label": "已整改隐患数", "counted_in": "处", "form": "pledge_report"},
    {"id": "spent", "label": "投入经费", "counted_in": "万元", "form": "pledge_report"},
    {"id": "deaths", "label": "生产安全事故死亡人数", "counted_in": "人", "form": "accidents"},
]
STREET_ITEMS = (
    ("1", "党政主要负责人定期专题研究安全生产和消防工作", "5"),
    ("2", "落实24小时应急值守，及时准确报送突发事件信息", "4"),
    ("3", "排查治理事故隐患，按期完成整改", "6"),
    ("4", "建好用好微型消防站和社区消防力量", "5"),
)
DEPARTMENT_ITEMS = (
    ("1", "制定本部门安全生产权责清单和年度工作清单", "5"),
    ("2", "修订行业应急预案，组织应急演练", "4"),
    ("3", "排查治理行业领域事故隐患", "6"),
    ("4", "建立行业领域安全生产和消防工作台账", "5"),
)
MARKS: Mapping[str, object] = {"1": 5, "2": 3.5, "3": 6, "4": 4}
ACCIDENT_FIGURES = (
    "生产安全事故起数", "上年生产安全事故起数", "生产安全事故死亡人数", "上年生产安全事故死亡人数", "火灾起数",
    "上年火灾起数", "火灾死亡人数", "较大及以上事故起数",
)  # fmt: skip
HEADINGS = ("序号", "考核内容", "分值", "评分标准", "考评方式", "自评分", "扣分原因", "佐证材料")


def registry() -> UnitRegistry:
    """Two streets that are easily confused, a town and a department."""
    units = [
        {"id": "ST04", "name": "甘泉路街道", "kind": "street_town", "official": "上海市普陀区人民政府甘泉路街道办事处",
         "aliases": ["甘泉街道"]},
        {"id": "ST05", "name": "石泉路街道", "kind": "street_town", "official": "上海市普陀区人民政府石泉路街道办事处"},
        {"id": "SR05", "name": "区生态环境局", "kind": "special_regulator", "official": "上海市普陀区生态环境局",
         "former": [{"name": "区环保局", "until": 2019}]},
    ]  # fmt: skip
    return UnitRegistry.from_data({"area": "上海市普陀区", "units": units}, "units.yaml")


def rules(**policy: Any) -> YearRules:
    """Twenty points in four items for streets, twenty in four others for departments."""
    rubrics = (
        _rubric("street_town", ["street_town"], STREET_ITEMS),
        _rubric("department", ["special_regulator", "industry_department"], DEPARTMENT_ITEMS),
    )
    return YearRules(year=YEAR, policy=made_up.policy(**policy), rubrics=rubrics)


def _rubric(name: str, kinds: Sequence[str], items: Iterable[tuple[str, str, str]]) -> Rubric:
    built = [
        {"id": f"item.{no}", "no": no, "theme": "t1" if no in "12" else "t2", "text": text, "full_marks": full,
         "rules": _RULES[no]}
        for no, text, full in items
    ]  # fmt: skip
    return Rubric.model_validate(
        {
            "year": YEAR,
            "id": name,
            "title": f"测试评分细则（{name}）",
            "applies_to": kinds,
            "status": "demonstration",
            "reference": "《测试评分细则》",
            "full_marks": 20,
            "themes": [
                {"id": "t1", "name": "明确责任落实", "points": 9}, {"id": "t2", "name": "深化专项治理", "points": 11},
            ],
            "measures": _MEASURES,
            "items": built,
            "bonus": [{"id": "b1", "no": "1", "on": "表彰", "levels": {"区级": "1", "市级": "2"}}],
            "outside": [{"id": "o1", "no": "1", "on": "通报", "points": "1", "cap": "3"}],
            "vetoes": [{"id": "v1", "no": "1", "on": "瞒报", "effect": "force", "grade": "不合格"}],
        }
    )  # fmt: skip


def saved(workbook: Workbook) -> bytes:
    """The workbook as a file."""
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def assessment(
    unit: str = "甘泉路街道",
    marks: Mapping[str, object] = MARKS,
    *,
    year: int = YEAR,
    date: object = datetime.date(2020, 10, 28),
    items: Sequence[tuple[str, str, str]] = STREET_ITEMS,
) -> Workbook:
    """A tidy self-assessment: items 1 and 2 in rows 6 and 7, items 3 and 4 in rows 10 and 11, the total in row 13."""
    book = _headed(f"{year}年度普陀区安全生产和消防工作巡查考核自评表（街道镇）", "自评表", 8)
    sheet = book.worksheets[0]
    for column, value in enumerate(("单位", unit, "联系人", "张三 13800000000", "填报日期", date), start=1):
        sheet.cell(2, column, value)
    sheet.append(HEADINGS)
    for theme, numbers in (("一、明确责任落实（9分）", "12"), ("二、深化专项治理（11分）", "34")):
        sheet.append([theme])
        sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=8)
        for no, text, full in (item for item in items if item[0] in numbers):
            sheet.append([int(no), text, float(full), "每少一次扣分", "查阅资料", marks[no], "", "会议纪要"])
        numeric = [marks[no] for no in numbers]
        subtotal = sum(numeric) if all(isinstance(mark, int | float) for mark in numeric) else None
        sheet.append(["小计", None, None, None, None, subtotal])
    known = [mark for mark in marks.values() if isinstance(mark, int | float)]
    sheet.append(["合计", None, 20, None, None, sum(known) if len(known) == len(marks) else None])
    sheet.append(["加分申报"])
    sheet.append(["事项", None, "级别", "文号"])
    sheet.cell(sheet.max_row + 3, 1, "填表人：李四　单位负责人（签字、盖章）：")
    return book


def pledge(
    unit: str = "甘泉路街道", figures: Sequence[Sequence[object]] = ((40, 40), (38, 37), ("12.5万元", 12.5))
) -> Workbook:
    """A tidy pledge report; ``figures`` are (reported, checked) in the order of the rubric's measures."""
    book = _headed(f"{YEAR}年度普陀区安全生产责任履职践诺报告书（街道镇）", "履职践诺报告书", 6)
    sheet = book.worksheets[0]
    for column, value in enumerate(("单位", unit, "主要负责人", "王五", "填报日期", "2020年10月28日"), start=1):
        sheet.cell(2, column, value)
    for text in ("一、年度承诺事项", "已落实。", "二、主要数据"):
        sheet.append([text])
        sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=6)
    sheet.append(["序号", "指标名称", "计量单位", "填报数", "核定数", "备注"])
    for number, (measure, values) in enumerate(zip(_MEASURES, figures, strict=False), start=1):
        sheet.append([number, measure["label"], measure["counted_in"], *values])
    sheet.append(["主要负责人（签字）：王五"])
    for place, heading in enumerate(("履职情况", "存在的问题和原因", "下一步措施")):
        for row, text in ((14 + 2 * place, f"{'三四五'[place]}、{heading}"), (15 + 2 * place, "见附页。")):
            sheet.cell(row, 1, text)
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=6)
    return book


def onsite(rows: Sequence[Sequence[object]], unit: str = "甘泉路街道") -> Workbook:
    """An on-site record. A row: item number, fact, clause, count, and perhaps level, deadline, person, state, day and
    result of the re-check, measure taken; the last three have their columns only where some row says one."""
    extra = ["复查日期", "复查结果", "整改措施"] if any(len(row) > 8 for row in rows) else []
    book = _headed(f"{YEAR}年度普陀区安全生产和消防工作巡查考核现场巡查记录（街道镇）", "现场巡查记录", 13 + len(extra))
    sheet = book.worksheets[0]
    for column, value in enumerate(("单位", unit, "组别", "第一组", "巡查日期", datetime.date(2020, 10, 22)), start=1):
        sheet.cell(2, column, value)
    sheet.append(["条目序号", "考核内容", "核查方式", "抽查点位", "核查情况", "扣分情形", "数量", "程度", "建议扣分",
                  "证据编号", "整改期限", "整改责任人", "整改情况", *extra])  # fmt: skip
    texts = {no: text for no, text, _ in STREET_ITEMS}
    for no, fact, rule, count, *more in rows:
        level, deadline, person, state, *recheck = (*more, None, None, None, None)[: max(4, len(more))]
        place, evidence = ("示例小区", "证1") if fact else (None, None)
        found = [place, fact, rule, count, level, None, evidence, deadline, person, state, *recheck]
        sheet.append([no, texts.get(str(no), ""), "实地抽查", *found])
    return book


def special(rows: Sequence[Sequence[object]], campaign: str = "汛期专项督查") -> Workbook:
    """A special inspection's list. A row: unit, date, item number, fact, clause, count."""
    book = _headed(f"{YEAR}年度普陀区专项督查问题清单", "专项督查", 13)
    sheet = book.worksheets[0]
    for column, value in enumerate(("督查名称", campaign, "牵头部门", "区安委办"), start=1):
        sheet.cell(2, column, value)
    sheet.append(["编号", "被督查单位", "督查日期", "条目序号", "核查情况", "扣分情形", "数量", "程度", "建议扣分",
                  "证据编号", "整改期限", "整改责任人", "整改情况"])  # fmt: skip
    for number, row in enumerate(rows, start=1):
        sheet.append([number, *row])
    return book


def accidents(rows: Mapping[str, Sequence[object]], sums: Sequence[object] | None = None) -> Workbook:
    """The statistics: eight figures for each unit, and a line of sums."""
    book = _headed(f"{YEAR}年度普陀区事故和火灾统计表", "事故火灾统计", 10)
    sheet = book.worksheets[0]
    sheet.append(["单位", *ACCIDENT_FIGURES, "备注"])
    for unit, figures in rows.items():
        sheet.append([unit, *figures])
    if sums is not None:
        sheet.append(["合计", *sums])
    return book


def decisions(rows: Sequence[Sequence[object]]) -> Workbook:
    """The register of decisions. A row: id, unit, kind, item, clause, points, matter, reason, person, date, paper."""
    book = _headed(f"{YEAR}年度普陀区裁定登记表", "裁定登记", 11)
    sheet = book.worksheets[0]
    sheet.cell(2, 1, "登记部门")
    sheet.cell(2, 2, "区安委办")
    sheet.append(["编号", "单位", "裁定类型", "条目序号", "条款", "分值", "事项", "理由", "裁定人", "裁定日期", "文号"])
    for row in rows:
        sheet.append(list(row))
    return book


def receipts(rows: Sequence[tuple[str, object, object]]) -> Workbook:
    """The register of receipts. A row: file, date, time."""
    book = _headed(f"{YEAR}年度普陀区收件登记表", "收件登记", 5)
    sheet = book.worksheets[0]
    sheet.append(["序号", "文件名", "收件日期", "收件时间", "经办人"])
    for number, (file, date, time) in enumerate(rows, start=1):
        sheet.append([number, file, date, time, "示例"])
    return book


def _headed(title: str, name: str, width: int) -> Workbook:
    """Title in row 1, room for labels in row 2, the note in row 3; the next row that is appended is the fourth."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    sheet["A1"], sheet["A3"] = title, "合成示例数据，非真实考核结果"
    for row in (1, 3):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
    return book


def form_sheet(book: Workbook) -> Worksheet:
    """The sheet with the form."""
    return book.worksheets[0]


def with_cell(book: Workbook, address: str, value: object) -> Workbook:
    """One cell written over."""
    form_sheet(book)[address] = value
    return book


def without_row(book: Workbook, row: int) -> Workbook:
    """One row taken out."""
    form_sheet(book).delete_rows(row)
    return book


def rows_swapped(book: Workbook, first: int, second: int) -> Workbook:
    """Two rows in each other's place."""
    sheet = form_sheet(book)
    for column in range(1, sheet.max_column + 1):
        one, other = sheet.cell(first, column), sheet.cell(second, column)
        one.value, other.value = other.value, one.value
    return book


def merged(book: Workbook, area: str) -> Workbook:
    """The cells of ``area`` merged."""
    form_sheet(book).merge_cells(area)
    return book


def row_hidden(book: Workbook, row: int) -> Workbook:
    """One row hidden."""
    form_sheet(book).row_dimensions[row].hidden = True
    return book


def two_units_in_one_file() -> Workbook:
    """The forms of two streets on two sheets."""
    book = assessment()
    second = book.create_sheet("石泉路街道")
    for row in form_sheet(assessment("石泉路街道")).iter_rows():
        for cell in row:
            if cell.value is not None:
                second[cell.coordinate] = cell.value
    return book


def form_on_a_hidden_sheet() -> Workbook:
    """The form hidden behind a blank sheet."""
    book = assessment()
    form_sheet(book).sheet_state = "hidden"
    book.create_sheet("封面")["A1"] = "见附件"
    return book


def with_hidden_draft() -> Workbook:
    """A second, hidden sheet with other marks on it."""
    book = assessment()
    draft = book.create_sheet("草稿")
    draft["A1"], draft.sheet_state = "2020年度自评表", "hidden"
    return book


def header_of_two_rows() -> Workbook:
    """自评分 and 扣分原因 under a common heading 自评; the other headings merged over both rows."""
    book = assessment()
    sheet = form_sheet(book)
    sheet.insert_rows(5)
    for area in list(sheet.merged_cells.ranges):
        if area.min_row > 4:
            sheet.merged_cells.remove(area)
    for column in range(1, 9):
        if column in (6, 7):
            sheet.cell(5, column, HEADINGS[column - 1])
            sheet.cell(4, column).value = "自评情况" if column == 6 else None
        else:
            sheet.merge_cells(start_row=4, end_row=5, start_column=column, end_column=column)
    sheet.merge_cells("F4:G4")
    return book


def twelve_faults() -> Workbook:
    """A self-assessment in which twelve things are wrong, each of another kind."""
    book = assessment(
        "甘泉路街道",
        {"1": 6, "2": "3~4", "3": "#REF!", "4": "=1+1"},
        date="十月下旬",
    )
    sheet = form_sheet(book)
    sheet["F10"].data_type = "e"
    sheet["H4"] = "证明文件目录"
    sheet["C7"] = 8
    sheet["B6"] = "党政主要负责人定期专题研究安全生产和消防工作事项"
    sheet["A11"] = None
    sheet["J2"] = "请领导审阅"
    sheet.row_dimensions[11].hidden = True
    book.create_sheet("说明")["A1"] = "另附说明"
    book.create_sheet("底稿")["A1"] = "x"
    book["底稿"].sheet_state = "hidden"
    return book


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same archive with one part changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            content = source.read(member)
            target.writestr(member, change(content) if member == name else content)
    return stream.getvalue()


def with_part_twice(data: bytes, name: str = SHEET) -> bytes:
    """The same archive with a second part of that name."""
    stream = io.BytesIO(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(stream, "a") as archive:
            archive.writestr(name, b"<worksheet/>")
    return stream.getvalue()


def with_rows(data: bytes, xml: bytes) -> bytes:
    """The same workbook with raw rows put at the end of its first sheet."""
    return with_part(data, SHEET, lambda sheet: sheet.replace(b"</sheetData>", xml + b"</sheetData>"))


def strict_edition(data: bytes) -> bytes:
    """The same workbook in the ISO strict edition of the format, which openpyxl cannot open."""
    names = {
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships":
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    }  # fmt: skip

    def change(content: bytes) -> bytes:
        for transitional, strict in names.items():
            content = content.replace(transitional, strict)
        return content

    for part in (SHEET, "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"):
        data = with_part(data, part, change)
    return data


def open_document(cells: Sequence[Sequence[str]]) -> bytes:
    """A small .ods file with text cells."""
    rows = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' for c in row)
        + "</table:table-row>"
        for row in cells
    )
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0" '
        f'xmlns:text="{space}text:1.0"><office:body><office:spreadsheet><table:table table:name="表">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return stream.getvalue()


def locked() -> bytes:
    """What a workbook with a password to open begins with: the old container, with an encrypted package in it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)


FILES = Path(__file__).with_name("files")


def shown_rows(book: Workbook) -> list[list[str]]:
    """The form as a spreadsheet program would write it into a text file: what is seen in each cell."""
    sheet = form_sheet(book)
    return [
        ["" if value is None else str(value).removesuffix(" 00:00:00") for value in row]
        for row in sheet.iter_rows(values_only=True)
    ]


def delimited(rows: Sequence[Sequence[str]], separator: str = ",") -> str:
    """The rows as CSV or TSV, quoted as Excel does."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows(rows)
    return stream.getvalue()


def table(rows: Sequence[Sequence[str]], head: str = "") -> str:
    """The rows as an HTML page with one table."""
    lines = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<html><head>{head}</head><body><table border=1>\n{lines}</table></body></html>"


def xml_of_2003(rows: Sequence[Sequence[str]]) -> str:
    """The rows as one of Excel 2003's XML workbooks, numbers as numbers."""
    cells = (
        "".join(
            f'<Cell><Data ss:Type="{"Number" if cell.replace(".", "").isdigit() else "String"}">{html.escape(cell)}'
            "</Data></Cell>"
            if cell
            else "<Cell/>"
            for cell in row
        )
        for row in rows
    )
    lines = "".join(f"<Row>{row}</Row>" for row in cells)
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
        '<Styles><Style ss:ID="Default"/><Style ss:ID="s1"><Font ss:StrikeThrough="1"/><NumberFormat ss:Format="0%"/>'
        f'</Style></Styles><Worksheet ss:Name="自评表"><Table>{lines}</Table></Worksheet></Workbook>'
    )


def zipped(files: Mapping[str, bytes], encoding: str = "gb18030") -> bytes:
    """A zip archive whose names are in ``encoding``, and which does not say so."""

    class Unmarked(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
            return self.filename.encode(encoding), self.flag_bits

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            member = Unmarked(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return stream.getvalue()


def old_with_password() -> bytes:
    """An .xls whose second record says that a password is needed."""
    data = (FILES / "kinds.xls").read_bytes()
    second = data.find(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20
    return data[:second] + b"\x2f\x00\x02\x00\x00\x00" + data[second + 6 :]


def before_excel_5() -> bytes:
    """A worksheet of Excel 2: a bare stream of records with 甘 in A1 and 5 in B1."""
    text = "甘".encode("gb18030")
    cells = struct.pack("<HHHH", 0x04, 8 + len(text), 0, 0) + bytes((0, 0, 0, len(text))) + text
    number = struct.pack("<HHHH", 0x03, 15, 0, 1) + bytes(3) + struct.pack("<d", 5)
    codepage = struct.pack("<HHH", 0x42, 2, 936)
    return struct.pack("<HHHH", 0x09, 4, 2, 0x10) + codepage + cells + number + struct.pack("<HH", 0x0A, 0)
