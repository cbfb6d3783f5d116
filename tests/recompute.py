"""The totals of a year once more, from the workbooks and the rules alone: an independent recomputation.

It shares no code and no arithmetic with ``analytics`` (fractions here, decimals there), so that a slip in one does not
hide in the other. A mean in Reinhart and Rogoff's "Growth in a Time of Debt" left out five rows for three years, until
somebody else added up the same cells. Check this file against the rubrics and ``data/sample/README.md``, not against
the package. It knows the forms of the sample and their untidiness, and no others.
"""

import math
import re
import unicodedata
import zipfile
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import openpyxl
import yaml

FORMS = ("自评表", "履职践诺报告书", "现场巡查记录", "专项督查问题清单", "事故和火灾统计表", "裁定登记表", "收件登记表")
HEADER = {"自评分", "扣分情形", "核定数", "火灾起数", "裁定类型", "文件名"}  # the row with one of these is the header
SAME = {"条目序号": "序号", "自查得分": "自评分", "自测评分": "自评分", "被督查单位": "单位", "检查情况": "核查情况"}
ACCIDENTS = {"事故起数": "生产安全事故起数", "死亡人数": "生产安全事故死亡人数"}
SAME |= ACCIDENTS | {f"上年{short}": f"上年{long}" for short, long in ACCIDENTS.items()}  # headings of other years
SAME |= {"指标": "指标名称", "日期": "收件日期", "时间": "收件时间"}
FIGURES = ("measure", "baseline", "numerator", "denominator")  # where a rule names the figures that it looks at


def plain(cell: object) -> str:
    """What a cell says: ordinary characters, no white space, no brackets around it, no district before a name."""
    text = "".join(unicodedata.normalize("NFKC", "" if cell is None else str(cell)).split()).strip("()")
    return text.removeprefix("上海市").removeprefix("普陀区")


def number(cell: object) -> Fraction | None:
    """The number a cell says, 无 being none at all; None for a blank, a range or other words."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)[分次项处家场件起人]?", plain(cell).replace("无", "0"))
    return Fraction(found[1]) if found else None


def loaded(path: Path) -> dict:
    """A YAML file with everything as text: YAML 1.1 would take the keys ``on`` and ``no`` for booleans."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def opened(path: Path) -> tuple[str, str, str, list[dict]]:
    """Form, title, sender and data rows by heading, of the visible sheet that is one of our forms; else nothing."""
    if zipfile.is_zipfile(path):
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, data_only=True, read_only=True)
            for sheet in book.worksheets:
                lines = [[SAME.get(plain(cell), cell) for cell in line] for line in sheet.iter_rows(values_only=True)]
                form = next((form for form in FORMS if form in plain(lines[0][0])), "")
                if form and sheet.sheet_state == "visible":
                    top = next(i for i, line in enumerate(lines) if HEADER & set(map(plain, line)))
                    rows = [dict(zip(map(plain, lines[top]), line, strict=True)) for line in lines[top + 1 :]]
                    return form, plain(lines[0][0]), plain(lines[1][1]), rows
    return "", "", "", []


def self_marks(rows: list[dict], items: dict[str, dict]) -> dict[str, Fraction | None]:
    """A unit's own marks by item number, None where undecided; no marks at all when the items are not the unit's."""
    written = {plain(row["序号"]): row["自评分"] for row in rows if plain(row["序号"]).isdigit()}
    full = {no: Fraction(item["full_marks"]) for no, item in items.items()}
    if set(written) != set(full):
        return {}
    marks = {no: full[no] if plain(cell) == "满分" else number(cell) for no, cell in written.items()}
    return {no: mark if mark is not None and mark <= full[no] else None for no, mark in marks.items()}


def lost(rule: dict, rows: list[dict], values: list[Fraction], full: Fraction, acts: list[dict]) -> Fraction:
    """What one rule takes for the findings under it, or for the figures it looks at."""
    points, least, target, step = (number(rule.get(key)) for key in ("points", "at_least", "target", "step"))
    count = sum(number(row["数量"]) for row in rows)
    by_kind = {
        "per_occurrence": lambda: points * count,
        "lateness": lambda: points * count,
        "all_or_nothing": lambda: (points or full) * min(count, 1),
        "by_severity": lambda: sum(number(rule["levels"][plain(row["程度"])]) * number(row["数量"]) for row in rows),
        "discretionary": lambda: next(number(a["分值"]) for a in acts if plain(a["条款"]) == rule["id"]) if rows else 0,
        "threshold": lambda value: points * (value < least),
        "award": lambda value: max(number(rule["cap"]) - points * value, 0),
        "comparison": lambda value, baseline: points * max(value - baseline, 0),
        "ratio": lambda part, whole: points * math.ceil(max(target - part / whole, 0) / step) if whole else 0,
    }
    return min(by_kind[rule["kind"]](*values), number(rule.get("cap", full)))


def mark(item: dict, claimed: Fraction | None, rows: list[dict], figures: dict, acts: dict[str, list]) -> Fraction:
    """The mark of one item: as reviewed, else as verified, else as claimed, else as decided."""
    full = left = number(item["full_marks"])
    values = {r["id"]: [figures.get(r[name]) for name in FIGURES if name in r] for r in item["rules"]}
    if rows or any(known and None not in known for known in values.values()):
        for rule in item["rules"]:
            under = [row for row in rows if plain(row["扣分情形"]) == rule["id"]]
            if None not in values[rule["id"]]:
                left -= min(left, lost(rule, under, values[rule["id"]], full, acts["酌情扣分"]))
    else:
        left = number(acts["补定分数"][0]["分值"]) if claimed is None else claimed
    left = max(full - 2 * (full - left), 0) if acts["虚报加倍"] else left
    return number(acts["复核"][0]["分值"]) if acts["复核"] else left


def total(marks: dict[str, Fraction], items: dict, rubric: dict, policy: dict, figures: dict, acts: dict) -> Fraction:
    """The marks, scaled to the full marks of all items, and the bonus, less what is taken outside the 100 points."""
    full = {no: number(item["full_marks"]) for no, item in items.items()}
    points = sum(marks.values()) * sum(full.values()) / sum(full[no] for no in marks)
    bonus = {plain(a["事项"]): number(a["分值"]) for a in sorted(acts["加分"], key=lambda a: number(a["分值"]))}
    points += min(sum(bonus.values()), number(policy["bonus_cap"]["value"]))  # a matter counts once, at its highest
    points -= sum(number(act["分值"]) for act in acts["百分外扣分"] + acts["逾期扣分"])
    for clause in rubric["outside"]:
        points -= min(number(clause["points"]) * figures.get(clause.get("measure"), 0), number(clause["cap"]))
    return min(max(points, Fraction(0)), number(policy["total_cap"]["value"]))


def totals(year_folder: Path, rubric_folder: Path, units_file: Path) -> dict[str, Fraction]:
    """The exact total of every unit, by unit id."""
    units, policy = loaded(units_file)["units"], loaded(rubric_folder / "policy.yaml")
    rubrics = {kind: r for r in map(loaded, rubric_folder.glob("[!p]*.yaml")) for kind in r["applies_to"]}
    rubric = {u["id"]: rubrics[u["kind"]] for u in units}
    items = {u: {i["no"]: i for i in rules["items"] if u in i.get("units", [u])} for u, rules in rubric.items()}
    ids = {"": "", "合计": ""} | {plain(old["name"]): u["id"] for u in units for old in u.get("former", ())}
    ids |= {plain(name): u["id"] for u in units for name in (u["name"], u["official"], *u["aliases"])}
    sheets = {plain(p.relative_to(year_folder).as_posix()): opened(p) for p in year_folder.rglob("*") if p.is_file()}
    register = [row for form, _, _, rows in sheets.values() if form == "收件登记表" for row in rows]
    arrived = {plain(row["文件名"]): (row["收件日期"], row["收件时间"]) for row in register}
    claims, figures, found, acts = {}, defaultdict(dict), defaultdict(list), defaultdict(lambda: defaultdict(list))
    for file in sorted(sheets, key=lambda file: arrived.get(file, ())):  # a later version replaces
        form, title, sender, rows = sheets[file]
        sender = ids.get(sender)
        if form == "自评表" and title.startswith(year_folder.name) and ("街道镇" in title) == sender.startswith("ST"):
            claims[sender] = self_marks(rows, items[sender]) or claims.get(sender)
        for row in rows if form != "收件登记表" else ():
            unit = sender or ids[plain(row["单位"])]
            if row.get("核查情况"):
                found[unit, plain(row["序号"])].append(row)
            if row.get("裁定类型"):
                acts[unit, plain(row["序号"])][row["裁定类型"]].append(row)
            for measure in rubric[unit]["measures"] if unit else ():
                if measure["label"] in row:
                    figures[unit][measure["id"]] = number(row[measure["label"]])
                if plain(measure["label"]) == plain(row.get("指标名称")):
                    figures[unit][measure["id"]] = number(row["核定数"])
    result = {}
    for unit, own in items.items():
        asked = {no: item for no, item in own.items() if not acts[unit, no]["不涉及"]}
        parts = {no: (claims[unit][no], found[unit, no], figures[unit], acts[unit, no]) for no in asked}
        marks = {no: mark(item, *parts[no]) for no, item in asked.items()}
        result[unit] = total(marks, own, rubric[unit], policy, figures[unit], acts[unit, ""])
    return result
