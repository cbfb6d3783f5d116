"""The totals of a year once more, from the workbooks and the rules alone: an independent recomputation.

It shares no code and no arithmetic with ``analytics`` (fractions here, decimals there), so that a slip in one does not
hide in the other. The mean in Reinhart and Rogoff's "Growth in a Time of Debt" left out five rows for three years, until
somebody else added up the same cells. Check this file against the rubrics and ``data/sample/README.md``, not against
the package. It knows the forms of the sample and their untidiness; what it does not expect, it raises.
"""

import csv
import math
import re
import unicodedata
import zipfile
from collections import defaultdict
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import openpyxl
import yaml

FORMS = ("自评表", "履职践诺报告书", "现场巡查记录", "专项督查问题清单", "事故和火灾统计表", "裁定登记表", "收件登记表")
HEADER = {"自评分", "扣分情形", "核定数", "火灾起数", "裁定类型", "文件名"}  # a row with one of these is the header
SAME = {"条目序号": "序号", "自查得分": "自评分", "自测评分": "自评分", "被督查单位": "单位", "检查情况": "核查情况"}
SAME |= {"指标": "指标名称", "日期": "收件日期", "时间": "收件时间"}  # headings of other years, for one column
MEASURES = ("measure", "baseline", "numerator", "denominator")


def plain(cell: object) -> str:
    """What a cell says, in ordinary characters, without white space, brackets around it or the name of the district."""
    text = "".join(unicodedata.normalize("NFKC", "" if cell is None else str(cell)).split()).strip("()")
    return text.removeprefix("上海市").removeprefix("普陀区")


def number(cell: object) -> Fraction | None:
    """The number a cell says, 无 being none at all; None for a blank, a range or other words."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)[分次项处家场件起人]?", plain(cell).replace("无", "0"))
    return Fraction(found[1]) if found else None


def points(rows: list[dict]) -> list[Fraction]:
    return [number(row["分值"]) for row in rows]


def measure_key(label: str) -> str:
    """2018 heads 生产安全事故死亡人数 as 死亡人数, and 生产安全事故起数 as 事故起数."""
    return plain(label).replace("生产安全事故死亡", "死亡").replace("生产安全", "")


def loaded(path: Path) -> dict:
    """A YAML file with everything as text: YAML 1.1 would take the keys ``on`` and ``no`` for booleans."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def opened(path: Path) -> dict | None:
    """Form, title, unit and data rows (by heading) of the visible sheet that is one of our forms; None without one."""
    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, data_only=True)
    except zipfile.BadZipFile:
        return None
    for sheet in book.worksheets:
        lines = [[SAME.get(plain(c), c) for c in line] for line in sheet.iter_rows(values_only=True)]
        form = next((form for form in FORMS if form in plain(lines[0][0])), None)
        if form and sheet.sheet_state == "visible":
            heads = [plain(c) for c in next(line for line in lines if HEADER & set(map(plain, line)))]
            ...
    return None


def self_marks(rows: list[dict], items: dict[str, dict]) -> dict[str, Fraction | None]:
    """Self-marks by number, None where undecided; nothing at all when an item is missing or not the unit's."""
    written = {plain(row["序号"]): row["自评分"] for row in rows if plain(row["序号"]).isdigit()}
    full = {no: Fraction(item["full_marks"]) for no, item in items.items()}
    if set(written) != set(items):
        return {}
    marks = {no: full[no] if plain(cell) == "满分" else number(cell) for no, cell in written.items()}
    return {no: mark if mark is None or mark <= full[no] else None for no, mark in marks.items()}


def lost(rule: dict, rows: list[dict], values: list[Fraction], full: str, decided: list[dict]) -> Fraction:
    """What one rule takes, before its cap."""
    each, count = Fraction(rule.get("points", full)), sum(number(row["数量"]) for row in rows)
    formulas = {
        "per_occurrence": lambda: each * count,
        "lateness": lambda: each * count,
        "all_or_nothing": lambda: each * min(count, 1),
        "by_severity": lambda: sum(Fraction(rule["levels"][plain(r["程度"])]) * number(r["数量"]) for r in rows),
        "discretionary": lambda: sum(points([act for act in decided if plain(act["条款"]) == rule["id"]][:len(rows)])),
        "threshold": lambda value: each * (value < Fraction(rule["at_least"])),
        "award": lambda value: max(Fraction(rule["cap"]) - each * value, 0),
        "comparison": lambda value, baseline: each * max(value - baseline, 0),
        "ratio": lambda part, whole: each * math.ceil(max(Fraction(rule["target"]) - part / whole, 0) / Fraction(rule["step"])) if whole else 0,
    }
    return formulas[rule["kind"]](*values)
