"""One function for each kind of cell. Each gives the value or the Problem that says why there is none: no guesses."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

from analytics.intake.cells import Cell, CellKind
from analytics.intake.shown import as_shown, refers_to_itself
from analytics.intake.words import Kind, Words, narrowed
from analytics.problems import Problem, Severity

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_RANGE = re.compile(r"[0-9.]+[分处起人次个]?(-|~|—|–|～|至|到)[0-9.]+[分处起人次个]?")
_FINEST = 4  # decimals that points may have; a mark of 13/3 is nobody's decision
_APART = re.compile(
    r"[0-9０-９.．,，]\s+[0-9０-９.．,，]"
)  # two numbers, or one that somebody broke: not for us to join
_NOT_NUMBERS = {
    CellKind.ERROR: "value-error",
    CellKind.UNCALCULATED: "value-not-calculated",
    CellKind.PERCENT: "value-percent",
    CellKind.DATE: "value-became-date",
    CellKind.TIME: "value-became-date",
    CellKind.BOOLEAN: "value-not-number",
}


def read_mark(cell: Cell, full: Decimal, words: Words, what: str) -> Decimal | Problem:
    """A mark from 0 to ``full``. ``what`` names the value in messages (第3项自评分).

    5, ５, 5分 and 满分 are marks. A blank, 不涉及, a dash, a range, an error or a formula without a value is a Problem.
    """
    expected = f"0–{full.normalize():f}"
    if words.meaning("mark", cell.raw) == "full" and not cell.struck:
        return full
    mark = _number(cell, words, "mark", ("分",), what, expected)
    if isinstance(mark, Problem):
        return mark
    if mark > full:
        return _problem("mark-above-full", cell, what, expected)
    return mark


def read_figure(cell: Cell, words: Words, what: str, counted_in: str = "", *, whole: bool = False) -> Decimal | Problem:
    """A quantity that is not negative, with or without its unit of count behind it; ``whole``: without decimals."""
    expected = "不小于0的整数" if whole else "不小于0的数"
    figure = _number(cell, words, "figure", (counted_in, "起", "人", "次", "个", "分"), what, expected)
    if isinstance(figure, Problem):
        return figure
    if whole and figure != figure.to_integral_value():
        return _problem("count-not-whole", cell, what, expected)
    return figure


def read_count(cell: Cell, words: Words, what: str, least: int = 1) -> Decimal | Problem:
    """How often something was found: a whole number from ``least`` on, which is 0 or 1."""
    count = read_figure(cell, words, what, "处", whole=True)
    if isinstance(count, Decimal) and count < least:
        return _problem("count-zero", cell, what, "1以上的整数")
    return count


def read_clause(cell: Cell, what: str) -> str | Problem:
    """The number of a clause: 1, （1）, (1), 第1款. Excel makes -1 of a typed (1): refused, with that advice."""
    text = narrowed(cell.raw).replace("第", "").removesuffix("款").removesuffix("条").strip("()[]、.")
    if cell.kind in (CellKind.TEXT, CellKind.NUMBER) and re.fullmatch(r"[0-9]{1,2}", text) and not cell.struck:
        return str(int(text))
    if cell.blank:
        return _problem("value-blank", cell, what, "（1）")
    return _problem("clause-unreadable", cell, what, "（1）")


def read_rectified(cell: Cell, words: Words, what: str) -> bool | Problem | None:
    """Whether a finding is closed: 已整改 True, 未整改 and 整改中 False, blank None."""
    return _answer(cell, words, "rectified", "closed", what, "已整改、整改中、未整改")


def read_recheck(cell: Cell, words: Words, what: str) -> bool | Problem | None:
    """What a re-check came to: 通过 True, 未通过 False, blank None."""
    return _answer(cell, words, "recheck", "passed", what, "通过、未通过")


def _answer(cell: Cell, words: Words, kind: Kind, yes: str, what: str, expected: str) -> bool | Problem | None:
    if cell.blank:
        return None
    meaning = words.meaning(kind, cell.raw)
    if meaning is None or cell.struck:
        return _problem("word-unknown", cell, what, expected, "note")
    return meaning == yes


_YEAR_MONTH_DAY = re.compile(r"((?:19|20)[0-9]{2})(?:年|[-./])([0-9]{1,2})(?:月|[-./])([0-9]{1,2})日?")
_MONTH_DAY = re.compile(r"([0-9]{1,2})月([0-9]{1,2})日")
_EIGHT_DIGITS = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_CLOCK = re.compile(r"(?:T|上午|下午|早上|晚上)?(?:([0-9]{1,2})[:时点]([0-9]{1,2})?(?::[0-9]{2})?分?)?")
_CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_FIRST_SERIAL, _LAST_SERIAL = 30_000, 60_000  # 1982 to 2064 in Excel's count of days


def read_date(cell: Cell, what: str, year: int | None = None, severity: Severity = "skip") -> datetime.date | Problem:
    """A day: a date cell, 2020年10月20日, 2020.10.20, 20201020 (also as a number), 二〇二〇年十月二十日, a day count.

    10月20日 is a day of ``year``, when one is given. Anything else is refused, so 5 never becomes 5 January 1900.
    """
    expected = "2020-10-20" if year is None else f"{year}-10-20"
    if cell.blank:
        return _problem("value-blank", cell, what, expected, severity)
    text = narrowed(cell.raw)
    if cell.struck or cell.kind not in (CellKind.TEXT, CellKind.DATE, CellKind.NUMBER):
        return _problem("date-unreadable", cell, what, expected, severity)
    if cell.kind is CellKind.NUMBER and re.fullmatch(r"[0-9]{5}", text) and _FIRST_SERIAL <= int(text) <= _LAST_SERIAL:
        return datetime.date(1899, 12, 30) + datetime.timedelta(days=int(text))
    if re.search("[〇零○一二三四五六七八九十]", text):
        text = _arabic(text)
    parts = _day_parts(text, year)
    try:
        return datetime.date(*parts) if parts else _problem("date-unreadable", cell, what, expected, severity)
    except ValueError:
        return _problem("date-unreadable", cell, what, expected, severity)


def read_time(cell: Cell, what: str) -> datetime.time | Problem:
    """A time of day: a time cell, 16:30, 下午4:30, 16时30分."""
    text = narrowed(cell.raw)
    match = _CLOCK.fullmatch(text)
    if cell.kind in (CellKind.TEXT, CellKind.TIME) and match and match[1] and not cell.struck:
        hour, minute = int(match[1]), int(match[2] or 0)
        if text.startswith(("下午", "晚上")) and hour < 12:
            hour += 12
        if hour < 24 and minute < 60:
            return datetime.time(hour, minute)
    return _problem("value-blank" if cell.blank else "time-unreadable", cell, what, "16:30", "note")


def format_note(cell: Cell, what: str) -> Problem | None:
    """A note when the number that counts is not to be seen in its cell, or is shown rounded."""
    codes = {"rounded": "value-shown-rounded", "unseen": "value-unseen"}
    code = codes.get(as_shown(cell))
    look = "白底白字" if cell.unseen else cell.number_format
    return _problem(code, cell, what, look, "note") if code else None


def _number(
    cell: Cell, words: Words, kind: Kind, units: tuple[str, ...], what: str, expected: str
) -> Decimal | Problem:
    if problem := _no_number(cell, what, expected):
        return problem
    meaning = words.meaning(kind, cell.raw)
    if meaning == "not_applicable":
        return _problem("value-not-applicable", cell, what, expected)
    if meaning == "unclear":
        return _problem("value-unclear", cell, what, expected)
    if meaning == "0":
        return Decimal(0)
    text = narrowed(cell.raw)
    for unit in units:
        if unit and text.endswith(unit):
            text = text.removesuffix(unit)
            break
    if _APART.search(cell.raw):
        return _problem("value-not-number", cell, what, expected)
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if _NUMBER.fullmatch(text):
        return _to_15_figures(Decimal(text), cell, what, expected)
    if re.fullmatch(r"[-−]" + _NUMBER.pattern, text):
        return _problem("value-negative", cell, what, expected)
    return _problem("value-range" if _RANGE.fullmatch(narrowed(cell.raw)) else "value-not-number", cell, what, expected)


def _no_number(cell: Cell, what: str, expected: str) -> Problem | None:
    """Why ``cell`` cannot hold a number, whatever is written in it; None when it may."""
    if cell.blank or (cell.kind is CellKind.TEXT and not narrowed(cell.raw)):
        return _problem("value-blank", cell, what, expected)
    if cell.struck:
        return _problem("value-struck", cell, what, expected)
    if cell.kind in _NOT_NUMBERS:
        return _problem(_NOT_NUMBERS[cell.kind], cell, what, expected)
    if refers_to_itself(cell):
        return _problem("value-circular", cell, what, expected)
    if as_shown(cell) == "otherwise":
        return _problem("value-shown-otherwise", cell, what, cell.number_format)
    return None


def _to_15_figures(number: Decimal, cell: Cell, what: str, expected: str) -> Decimal | Problem:
    """The number as Excel counts it: a sum of 0.1 and 0.2 is stored as 0.30000000000000004."""
    if cell.kind is CellKind.NUMBER:
        number = Decimal(format(float(number), ".15g"))
    if len(f"{number:f}".partition(".")[2].rstrip("0")) > _FINEST:
        return _problem("value-too-fine", cell, what, expected)
    return number


def _day_parts(text: str, year: int | None) -> tuple[int, int, int] | None:
    for pattern in (_YEAR_MONTH_DAY, _EIGHT_DIGITS, _MONTH_DAY):
        match = pattern.match(text)
        if match and _CLOCK.fullmatch(text[match.end() :]):
            numbers = [int(group) for group in match.groups()]
            if len(numbers) == 2:
                return (year, numbers[0], numbers[1]) if year is not None else None
            return numbers[0], numbers[1], numbers[2]
    return None


def _arabic(text: str) -> str:
    """Chinese numerals of a date in figures: 二〇二〇年十月二十一日 → 2020年10月21日."""
    text = re.sub("([一二三四五六七八九])?十([一二三四五六七八九])?", lambda m: f"{m[1] or '一'}{m[2] or '〇'}", text)
    return text.translate(_CHINESE_DIGITS)


def _problem(code: str, cell: Cell, what: str, expected: str, severity: Severity = "skip") -> Problem:
    return Problem(code, severity, at=cell.ref, facts={"what": what, "found": cell.raw, "expected": expected})
