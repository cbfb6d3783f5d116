"""The year's blank workbooks, made from the rubric and the year's headings: what units and the office write into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from analytics.documents.form_layout import Column, FormSheet, Label, Value, workbook_bytes
from analytics.documents.form_words import USUAL, FormWords
from analytics.intake.headings import Headings, read_table
from analytics.policy import YearRules
from analytics.problems import Problem, Refused
from analytics.records import FormName
from analytics.rubric import AwardOnRecord, BySeverity, Item, Measure, Rubric
from analytics.units import Unit, UnitRegistry
from analytics.workspace import Workspace

FOLDERS: dict[FormName, str] = {
    "self_assessment": "自评表",
    "pledge_report": "履职践诺报告书",
    "onsite_record": "现场巡查",
    "special_findings": "专项督查",
    "accidents": "统计",
    "decisions": "登记",
    "receipts": "登记",
}
GROUPS = ("第一组", "第二组")
_CHINESE_NUMERALS = "零一二三四五六七八九十"
_FINDING = (
    "place", "fact", "rule", "count", "level", "proposed", "evidence", "deadline", "person", "action", "rectified",
    "rechecked", "passed",
)  # fmt: skip
_FIGURE_WIDTH = 11.0
_WIDTHS: dict[FormName, dict[str, float]] = {
    "self_assessment": {
        "number": 6, "content": 34, "full_marks": 9, "standard": 50, "methods": 13, "self_mark": 9, "reason": 28,
        "evidence": 22,
    },
    "pledge_report": {"number": 6, "label": 34, "counted_in": 12, "reported": 12, "checked": 12, "note": 20},
    "onsite_record": {
        "number": 6, "content": 30, "method": 12, "place": 16, "fact": 40, "rule": 10, "count": 7, "level": 9,
        "proposed": 10, "evidence": 16, "deadline": 12, "person": 12, "action": 20, "rectified": 10,
        "rechecked": 12, "passed": 10,
    },
    "special_findings": {
        "row": 6, "unit": 16, "date": 12, "number": 10, "fact": 44, "rule": 10, "count": 7, "level": 9,
        "proposed": 10, "evidence": 16, "deadline": 12, "person": 12, "action": 20, "rectified": 10,
        "rechecked": 12, "passed": 10,
    },
    "accidents": {"unit": 18, "note": 22},
    "decisions": {
        "id": 12, "unit": 16, "kind": 12, "number": 9, "clause": 8, "points": 8, "matter": 22, "reason": 40,
        "person": 14, "date": 12, "reference": 20,
    },
    "receipts": {"row": 9, "file": 50, "date": 13, "time": 10, "person": 14},
}  # fmt: skip
_LEFT = {"content", "standard", "reason", "evidence", "label", "note", "fact", "place", "matter", "file", "action"}
_DATE = "yyyy-mm-dd"
_FORMATS = {
    "date": _DATE,
    "deadline": _DATE,
    "rechecked": _DATE,
    "time": "hh:mm",
    "rule": "@",
    "clause": "@",
    "id": "@",
}


def write_forms(workspace: Workspace, registry: UnitRegistry, rules: YearRules, folder: Path) -> tuple[Path, ...]:
    """Write every blank form of the year into ``folder``, one sub-folder a form, and return the files.

    A file that already stands there with other content is somebody's work: Refused, and nothing is written.
    """
    forms = [(folder / name, workbook_bytes(form)) for name, form in _year_of_forms(workspace, registry, rules)]
    taken = [path for path, content in forms if path.exists() and path.read_bytes() != content]
    if taken:
        raise Refused(Problem("form-exists", "stop", file=str(path)) for path in taken)
    for path, content in forms:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tuple(path for path, _ in forms)


def _year_of_forms(workspace: Workspace, registry: UnitRegistry, rules: YearRules) -> Iterable[tuple[str, Workbook]]:
    year, words = rules.year, FormWords.load(workspace.lookups)
    units = registry.in_year(year)

    def headings(form: FormName) -> Headings:
        return Headings.load(workspace.forms, form, year)

    for unit in units:
        rubric = rules.rubric(unit.kind)
        name = f"{unit.id}_{unit.name}"
        own, pledge, visit = (headings(form) for form in ("self_assessment", "pledge_report", "onsite_record"))
        yield f"自评表/{name}_{own.title}.xlsx", self_assessment_form(registry, unit, rubric, own)
        yield f"履职践诺报告书/{name}_{pledge.title}.xlsx", pledge_report_form(registry, unit, rubric, pledge)
        if not visit.classes or unit.kind in visit.classes:
            yield f"现场巡查/{name}_{visit.title}.xlsx", onsite_form(registry, unit, rubric, visit, words=words)
    special, accidents = headings("special_findings"), headings("accidents")
    yield f"专项督查/{year}年{special.title}.xlsx", special_form(registry, rules.rubrics, special, words=words)
    yield f"统计/{year}年{accidents.title}.xlsx", accidents_form(registry, rules.rubrics, accidents)
    decided, received, kinds = headings("decisions"), headings("receipts"), decision_kinds(workspace.lookups)
    yield f"登记/{year}年{decided.title}.xlsx", decisions_form(registry, kinds, decided)
    yield f"登记/{year}年{received.title}.xlsx", receipts_form(registry, received)


def self_assessment_form(registry: UnitRegistry, unit: Unit, rubric: Rubric, headings: Headings) -> Workbook:
    """The unit's self-assessment (自评表): its items by theme, sums, and a block to claim bonus matters."""
    form = FormSheet(headings.sheet, _columns(headings))
    labels = (
        Label("单位", "number", "content", unit.name),
        Label("联系人", "full_marks", "standard"),
        Label("填报日期", "methods", form.columns[-1].name),
    )
    title = _title(registry, headings, rubric)
    mark, reason = headings.columns["self_mark"], headings.columns["reason"]
    advice = f"{mark}填0至满分之间的数；扣分的写明{reason}；不涉及的{mark}留空，在{reason}栏写“不涉及”和理由。"
    form.head(title, labels, _note(rubric, advice))
    form.table_header()
    subtotals = []
    for number, theme in enumerate(rubric.themes, start=1):
        form.band(f"{_CHINESE_NUMERALS[number]}、{theme.name}（{theme.points.normalize():f}分）")
        rows = [_self_assessment_row(form, item) for item in rubric.items_for(unit.id) if item.theme == theme.id]
        added: Value = f"=SUM({form.letter('self_mark')}{rows[0]}:{form.letter('self_mark')}{rows[-1]})" if rows else 0
        subtotals.append(form.row({"number": "小计", "full_marks": theme.points, "self_mark": added}, bold=True))
        form.span("number", "content", subtotals[-1])
    total = "=" + "+".join(f"{form.letter('self_mark')}{row}" for row in subtotals)
    row = form.row({"number": "合计", "full_marks": rubric.full_marks, "self_mark": total}, bold=True)
    form.span("number", "content", row)
    _bonus_claims(form, rubric)
    form.signatures("填表人：　　　　　　　　审核人：　　　　　　　　单位负责人（签字、盖章）：")
    return form.finished(title)


def _self_assessment_row(form: FormSheet, item: Item) -> int:
    values: dict[str, Value] = {
        "number": int(item.no),
        "content": item.text,
        "full_marks": item.full_marks,
        "standard": item.printed_standard,
        "methods": "、".join(item.methods),
    }
    row = form.row(values, fill_in=("self_mark", "reason", "evidence"))
    form.accept_number("self_mark", [row], 0, item.full_marks)
    return row


def _bonus_claims(form: FormSheet, rubric: Rubric) -> None:
    """Three lines to name what the unit claims a bonus for: a claim only, points come from a Decision."""
    form.band("加分申报")
    reference = form.after("full_marks")
    header = form.row({"number": "事项", "full_marks": "级别", reference: "文号"}, bold=True)
    rows = [form.row({}, fill_in=[column.name for column in form.columns]) for _ in range(3)]
    for row in (header, *rows):
        form.span("number", "content", row)
        form.span(reference, form.columns[-1].name, row)
    form.accept_words(
        "full_marks", rows, tuple(dict.fromkeys(level for clause in rubric.bonus for level in clause.levels))
    )


def pledge_report_form(registry: UnitRegistry, unit: Unit, rubric: Rubric, headings: Headings) -> Workbook:
    """The unit's report on its pledge (履职践诺报告书): paragraphs to write, then the figures of its rubric."""
    form = FormSheet(headings.sheet, _columns(headings), landscape=False)
    labels = (
        Label("单位", "number", "label", unit.name),
        Label("主要负责人", "counted_in", "reported"),
        Label("填报日期", "checked", "note"),
    )
    title = _title(registry, headings, rubric)
    advice = f"{headings.columns['reported']}由单位填写，{headings.columns['checked']}由安委办填写。"
    form.head(title, labels, _note(rubric, advice))
    for number, heading in enumerate(headings.sections, start=1):
        form.band(f"{_CHINESE_NUMERALS[number]}、{heading}")
        form.blank_text(75)
    form.band(f"{_CHINESE_NUMERALS[len(headings.sections) + 1]}、主要数据")
    form.table_header(freeze=False)
    for number, measure in enumerate(pledge_measures(rubric), start=1):
        _pledge_row(form, number, measure)
    form.signatures("单位主要负责人（签字）：　　　　　　　　　　（盖章）　　　　　　年　　月　　日")
    return form.finished(title)


def pledge_measures(rubric: Rubric) -> tuple[Measure, ...]:
    """The figures a unit reports on its pledge report, in the rubric's order."""
    return tuple(measure for measure in rubric.measures if measure.form == "pledge_report")


def _pledge_row(form: FormSheet, number: int, measure: Measure) -> None:
    values: dict[str, Value] = {"number": number, "label": measure.label, "counted_in": measure.counted_in}
    row = form.row(values, fill_in=("reported", "checked", "note"))
    form.accept_number("reported", [row], 0, None)
    form.accept_number("checked", [row], 0, None)


def onsite_form(
    registry: UnitRegistry,
    unit: Unit,
    rubric: Rubric,
    headings: Headings,
    lines: Mapping[str, int] | None = None,
    words: FormWords = USUAL,
) -> Workbook:
    """The inspection group's record of one visit: ``lines`` rows for each item (by id), two where it says nothing."""
    form = FormSheet(headings.sheet, _columns(headings))
    labels = (
        Label("单位", "number", "content", unit.name),
        Label("组别", "method", "place"),
        Label("巡查日期", "rule", "proposed"),
    )
    title, items = _title(registry, headings, rubric), rubric.items_for(unit.id)
    rule, count = headings.columns["rule"], headings.columns["count"]
    advice = f"查看后没有问题的写“{words.clean}”；没有查看的整行留空；有问题的选{rule}、填{count}。"
    if any(isinstance(rule, AwardOnRecord) for item in items for rule in item.rules):
        advice += "得分制的条款每款都要记录，没有得分的也写明情况、数量填0。"
    form.head(title, labels, _note(rubric, advice))
    form.table_header()
    for item in items:
        _onsite_rows(form, item, rubric.year, (lines or {}).get(item.id, _lines(item)), words)
    if all(name in form for label in labels for name in (label.at, label.until)):
        form.accept_words("place", [2], GROUPS)
        form.accept_dates("count", [2], rubric.year)
    form.signatures("巡查人员（签字）：　　　　　　　　　　被巡查单位确认（签字）：")
    return form.finished(title)


def _lines(item: Item) -> int:
    """Rows for an item: two, or one for each clause that is earned on record."""
    return max(2, sum(isinstance(rule, AwardOnRecord) for rule in item.rules))


def _onsite_rows(form: FormSheet, item: Item, year: int, lines: int, words: FormWords) -> None:
    # Number and content stand in every row: a merged cell would be cut in two where a page ends.
    fixed: dict[str, Value] = {"number": int(item.no), "content": item.text, "method": "、".join(item.methods)}
    rows = [form.row(fixed, fill_in=_FINDING) for _ in range(lines)]
    form.accept_words("rule", rows, [f"（{rule.id}）" for rule in item.rules])
    levels = [level for rule in item.rules if isinstance(rule, BySeverity) for level in rule.levels]
    form.accept_words("level", rows, list(dict.fromkeys(levels)))
    _check_findings(form, rows, year, words)


def _check_findings(form: FormSheet, rows: Sequence[int], year: int, words: FormWords) -> None:
    form.accept_words("rectified", rows, words.rectified)
    form.accept_dates("deadline", rows, year)
    if "passed" in form:
        form.accept_words("passed", rows, words.passed)
    if "rechecked" in form:
        form.accept_dates("rechecked", rows, year)
    form.accept_number("count", rows, 0, None, whole=True)


def special_form(
    registry: UnitRegistry, rubrics: Sequence[Rubric], headings: Headings, lines: int = 60, words: FormWords = USUAL
) -> Workbook:
    """A special inspection's list of findings: one workbook a campaign, rows over many units."""
    form = FormSheet(headings.sheet, _columns(headings))
    labels = (
        Label("督查名称", "unit", "fact"),
        Label("牵头部门", "rule", "level"),
        Label("起止日期", "evidence", "person"),
    )
    title = _title(registry, headings, rubrics[0], classes=False)
    form.head(
        title, labels, _note(rubrics[0], f"条目序号和扣分情形见被督查单位所用的评分细则；没有问题的写“{words.clean}”。")
    )
    form.table_header()
    typed = [column.name for column in form.columns if column.name != "row"]
    rows = [form.row({"row": number}, fill_in=typed) for number in range(1, lines + 1)]
    form.accept_words("unit", rows, [unit.name for unit in registry.in_year(headings.year)], others=True)
    form.accept_dates("date", rows, headings.year)
    _check_findings(form, rows, headings.year, words)
    return form.finished(title)


def accidents_form(registry: UnitRegistry, rubrics: Sequence[Rubric], headings: Headings) -> Workbook:
    """The year's accidents and fires by unit, with a line of sums."""
    form = FormSheet(headings.sheet, _columns(headings))
    labels = (Label("统计口径", "unit", "deaths"), Label("统计截止", "deaths_last_year", "fires"))
    title = _title(registry, headings, rubrics[0], classes=False)
    form.head(title, labels, _note(rubrics[0], "没有发生的填0，不要留空。"))
    form.table_header()
    figures = [column.name for column in form.columns if column.name not in ("unit", "note")]
    rows = [form.row({"unit": unit.name}, fill_in=[*figures, "note"]) for unit in registry.in_year(headings.year)]
    for name in figures:
        form.accept_number(name, rows, 0, None, whole=True)
    sums = {name: f"=SUM({form.letter(name)}{rows[0]}:{form.letter(name)}{rows[-1]})" for name in figures}
    form.row({"unit": "合计", **sums}, bold=True)
    return form.finished(title)


def decision_kinds(lookups: Path) -> tuple[str, ...]:
    """The words for the kinds of decision, as the register offers them."""
    return tuple(row["written"] for row in read_table(lookups / "decision_kinds.csv", "written"))


def decisions_form(registry: UnitRegistry, kinds: Sequence[str], headings: Headings, lines: int = 60) -> Workbook:
    """The register of decisions (裁定登记表): a named person's acts, one a row."""
    form = FormSheet(headings.sheet, _columns(headings))
    title = _title(registry, headings)
    form.head(
        title, (Label("登记部门", "id", "kind"),), _note(None, "每一行写明理由、裁定人、日期和文号；缺一不计分。")
    )
    form.table_header()
    typed = [column.name for column in form.columns]
    rows = [form.row({}, fill_in=typed) for _ in range(lines)]
    form.accept_words("unit", rows, [unit.name for unit in registry.in_year(headings.year)], others=True)
    form.accept_words("kind", rows, kinds)
    form.accept_dates("date", rows, headings.year)
    form.accept_number("points", rows, 0, None)
    return form.finished(title)


def receipts_form(registry: UnitRegistry, headings: Headings, lines: int = 120) -> Workbook:
    """The register of received files (收件登记表): which file came in when."""
    form = FormSheet(headings.sheet, _columns(headings), landscape=False)
    title = _title(registry, headings)
    form.head(title, (Label("登记部门", "row", "file"),), _note(None, "文件名按收到时的原名填写，不要改名。"))
    form.table_header()
    rows = [form.row({"row": n}, fill_in=("file", "date", "time", "person")) for n in range(1, lines + 1)]
    form.accept_dates("date", rows, headings.year)
    return form.finished(title)


def _title(registry: UnitRegistry, headings: Headings, rubric: Rubric | None = None, *, classes: bool = True) -> str:
    """``2020年度普陀区安全生产和消防工作巡查考核自评表（街道镇）``."""
    area = registry.area.rpartition("市")[2] or registry.area
    title = f"{headings.year}年度{area}安全生产和消防工作巡查考核{headings.title}"
    if rubric is None or not classes:
        return title
    inside = rubric.title.rpartition("（")[2].removesuffix("）") if rubric.title.endswith("）") else ""
    return f"{title}（{inside or '、'.join(kind.label() for kind in rubric.applies_to)}）"


def _note(rubric: Rubric | None, advice: str) -> str:
    demonstration = "示范细则（非正式文件）。" if rubric is not None and rubric.status == "demonstration" else ""
    return f"{demonstration}只填写浅黄色单元格，不改动标题和表头。{advice}"


def _columns(headings: Headings) -> tuple[Column, ...]:
    """The year's columns, in the order of the headings file."""
    widths = _WIDTHS[headings.form]
    return tuple(
        Column(
            name,
            heading,
            widths.get(name, _FIGURE_WIDTH),
            "left" if name in _LEFT else "center",
            _FORMATS.get(name, "General"),
        )
        for name, heading in headings.columns.items()
    )
