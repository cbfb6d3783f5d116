"""A tidy form in one of very many shapes that all say the same: for tests that nothing but the content matters."""

from __future__ import annotations

import datetime
import random
from typing import Any

from openpyxl import Workbook
from workbooks import MARKS, STREET_ITEMS, form_sheet

HEADINGS = {
    "number": ("序号", "编号", "序 号", "条目序号"),
    "content": ("考核内容", "考评内容", "考核\n内容", "考核内容："),
    "full_marks": ("分值", "标准分", "应得分", "分值（分）", "标准分值"),
    "standard": ("评分标准", "扣分标准", "评分办法"),
    "methods": ("考评方式", "考核方式", "评分方式"),
    "self_mark": ("自评分", "自评得分", "自查得分", "自评分（分）", "自\u3000评\u3000分", "*自评分", "2020年自评分"),
    "reason": ("扣分原因", "扣分说明", "扣分理由"),
    "evidence": ("佐证材料", "证明材料"),
}
_TITLES = ("2020年度", "２０２０年度", "二〇二〇年度", "2020 年度", "普陀区2020年")
_UNITS = (
    "甘泉路街道",
    "甘泉街道",
    "普陀区甘泉路街道",
    "上海市普陀区人民政府甘泉路街道办事处",
    "甘泉 路街道",
    "“甘泉路街道”",
    "甘泉路\u200b街道",
)
_DATES = (datetime.date(2020, 10, 28), "2020年10月28日", "2020.10.28", "20201028", 20201028, "二〇二〇年十月二十八日")


def any_shape(seed: int) -> Workbook:
    """The form of 甘泉路街道 with the marks of ``MARKS``, its rows, columns and cells dressed by chance."""
    chance = random.Random(seed)
    names = list(HEADINGS)
    chance.shuffle(names)
    for _ in range(chance.randrange(3)):
        names.insert(chance.randrange(len(names) + 1), "")
    top, left = chance.randrange(1, 5), chance.randrange(1, 4)
    book = Workbook()
    sheet = form_sheet(book)
    sheet.title = chance.choice(("自评表", "Sheet1", "甘泉路街道", "表 1"))
    sheet.cell(top, left, chance.choice(_TITLES) + "安全生产和消防工作巡查考核自评表（街道镇）")
    head = ["单位", chance.choice(_UNITS), "联系人", "张三", "填报日期", chance.choice(_DATES)]
    for column, value in enumerate(head, start=left):
        sheet.cell(top + 1, column, value)
    row = top + 2 + chance.randrange(3)
    for column, name in enumerate(names, start=left):
        if name:
            sheet.cell(row, column, chance.choice(HEADINGS[name]))
    for no, text, full in chance.sample(STREET_ITEMS, len(STREET_ITEMS)):
        row += 1 + (chance.random() < 0.2)
        values = _item(chance, no, text, full)
        for column, name in enumerate(names, start=left):
            if values.get(name) not in (None, ""):
                sheet.cell(row, column, values[name])
        if chance.random() < 0.1:
            sheet.row_dimensions[row].hidden = True
    total = {
        "number": chance.choice(("合计", "总分", "合 计：", "总计")),
        "self_mark": chance.choice((18.5, "18.5分", "１８.５")),
    }
    for column, name in enumerate(names, start=left):
        if name in total:
            sheet.cell(row + 1, column, total[name])
    if chance.random() < 0.5:
        sheet.cell(row + 3, left, "填表人：李四　单位负责人（签字、盖章）：")
    return book


def _item(chance: random.Random, no: str, text: str, full: str) -> dict[str, Any]:
    mark = MARKS[no]
    return {
        "number": chance.choice((int(no), no, f"{no}.", f"（{no}）", f"第{no}项", chr(0xFF10 + int(no)))),
        "content": chance.choice(
            (
                text,
                text.replace("，", ","),
                text.replace("，", "，\n"),
                f"{no}.{text}",
                f"{text}（{full}分）",
                f" {text}。",
            )
        ),
        "full_marks": chance.choice((float(full), int(full), full, f"{full}分", None)),
        "standard": "每少一次扣分",
        "methods": "查阅资料",
        "self_mark": chance.choice((mark, str(mark), f"{mark}分", f" {mark} 分", f"{mark}\u200b", _wide(str(mark)))),
        "reason": chance.choice(("", "见说明", "=1+1 不是公式"[1:])),
        "evidence": chance.choice(("会议纪要", None)),
    }


def _wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text)
