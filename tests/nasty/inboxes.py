"""Several files at once: versions, duplicates, the register of receipts, lateness."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from openpyxl import Workbook
from workbooks import accidents, assessment, onsite, pledge, receipts, saved, special

EARLY, LATER = datetime.date(2020, 10, 20), datetime.date(2020, 10, 28)
OTHER_MARKS = {"1": 4, "2": 3, "3": 6, "4": 4}


@dataclass(frozen=True)
class Inbox:
    """``files``: name → builder. ``ends``: name → outcome and problems as ``code CELL``. ``counting``: the marks or
    findings that count in the end, as ``unit what value``."""

    name: str
    files: Mapping[str, Callable[[], Workbook | bytes]]
    ends: Mapping[str, str]
    counting: tuple[str, ...]
    note: str = ""


def _form(date: object = LATER, unit: str = "甘泉路街道", marks: Mapping[str, object] | None = None) -> Workbook:
    return assessment(unit, marks, date=date) if marks else assessment(unit, date=date)


_old, _new = partial(_form, EARLY, marks=OTHER_MARKS), partial(_form, LATER)
_bad = partial(_form, LATER, unit="甘石路街道")
_SAME = saved(_form())
TIDY = ("ST04 item.1 5", "ST04 item.2 3.5", "ST04 item.3 6", "ST04 item.4 4")
OLD = ("ST04 item.1 4", "ST04 item.2 3", "ST04 item.3 6", "ST04 item.4 4")


def _register(*rows: tuple[str, object, object]) -> Callable[[], Workbook]:
    return partial(receipts, rows)


INBOXES = (
    Inbox("two versions of different dates", {"甲.xlsx": _new, "乙.xlsx": _old},
          {"甲.xlsx": "accepted", "乙.xlsx": "accepted_with_warning version-superseded"}, TIDY),
    Inbox("two versions of the same date", {"甲.xlsx": _new, "乙.xlsx": partial(_form, LATER, marks=OTHER_MARKS)},
          {"甲.xlsx": "accepted_with_warning version-order-unclear",
          "乙.xlsx": "accepted_with_warning version-superseded"}, TIDY,
          note="one has to be taken: by its name, and the office is told that the order is unclear"),
    Inbox("two versions without a date", {"甲.xlsx": partial(_form, None), "乙.xlsx": partial(_form, None,
    marks=OTHER_MARKS)},
          {"甲.xlsx": "accepted_with_warning version-order-unclear",
          "乙.xlsx": "accepted_with_warning version-superseded"}, TIDY),
    Inbox("the same bytes twice", {"1/表.xlsx": lambda: _SAME, "2/表.xlsx": lambda: _SAME},
          {"1/表.xlsx": "accepted", "2/表.xlsx": "ignored duplicate-ignored"}, TIDY),
    Inbox("a newer one that is rejected", {"新.xlsx": lambda: assessment(year=2019), "旧.xlsx": _old},
          {"新.xlsx": "rejected form-year-wrong A1", "旧.xlsx": "accepted"}, OLD),
    Inbox("two units", {"1.xlsx": _new, "2.xlsx": partial(_form, unit="石泉路街道")},
          {"1.xlsx": "accepted", "2.xlsx": "accepted"}, (*TIDY, *(text.replace("ST04", "ST05") for text in TIDY))),
    Inbox("a unit nobody knows beside a good one", {"1.xlsx": _new, "2.xlsx": _bad},
          {"1.xlsx": "accepted", "2.xlsx": "rejected unit-unknown B2"}, TIDY),
    Inbox("a register against the dates on the forms",
          {"甲.xlsx": _new, "乙.xlsx": _old, "登记.xlsx": _register(("甲.xlsx", "2020-10-20", None), ("乙.xlsx",
          "2020-10-29", "09:00"))},
          {"甲.xlsx": "accepted_with_warning version-superseded", "乙.xlsx": "accepted", "登记.xlsx": "accepted"}, OLD,
          note="when it came, not what it says of itself"),
    Inbox("a register that names a missing file",
          {"甲.xlsx": _new, "登记.xlsx": _register(("甲.xlsx", "2020-10-28", None), ("丙.xlsx", "2020-10-29", None))},
          {"甲.xlsx": "accepted", "登记.xlsx": "accepted_with_warning receipt-without-file C6"}, TIDY),
    Inbox("a register that names a file twice",
          {"甲.xlsx": _new, "登记.xlsx": _register(("甲.xlsx", "2020-10-28", None), ("甲.xlsx", "2020-11-29", None))},
          {"甲.xlsx": "accepted", "登记.xlsx": "accepted_with_warning receipt-twice C6"}, TIDY),
    Inbox("a register that leaves a file out",
          {"甲.xlsx": _new, "乙.xlsx": _bad, "登记.xlsx": _register(("乙.xlsx", "2020-10-28", None))},
          {"甲.xlsx": "accepted_with_warning receipt-missing", "乙.xlsx": "rejected unit-unknown B2",
          "登记.xlsx": "accepted"}, TIDY),
    Inbox("a register with an odd day",
          {"甲.xlsx": _new, "登记.xlsx": _register(("甲.xlsx", "十月底", None))},
          {"甲.xlsx": "accepted", "登记.xlsx": "accepted_with_warning date-unreadable C5"}, TIDY),
    Inbox("a register with an odd time",
          {"甲.xlsx": _new, "登记.xlsx": _register(("甲.xlsx", "2020-10-28", "下班前"))},
          {"甲.xlsx": "accepted", "登记.xlsx": "accepted_with_warning time-unreadable D5"}, TIDY),
    Inbox("a register of two files of one name",
          {"1/表.xlsx": _new, "2/表.xlsx": partial(_form, unit="石泉路街道"), "登记.xlsx": _register(("表.xlsx",
          "2020-11-09", None))},
          {"1/表.xlsx": "accepted", "2/表.xlsx": "accepted",
          "登记.xlsx": "accepted_with_warning receipt-without-file C5"},
          (*TIDY, *(text.replace("ST04", "ST05") for text in TIDY))),
    Inbox("late by the register, whatever the form says",
          {"甲.xlsx": _new, "登记.xlsx": _register(("甲.xlsx", "2020-11-03", None))},
          {"甲.xlsx": "accepted_with_warning received-late", "登记.xlsx": "accepted"}, TIDY),
    Inbox("in time by the register, whatever the form says",
          {"甲.xlsx": partial(_form, "2020-12-24"), "登记.xlsx": _register(("甲.xlsx", "2020-10-31", "23:59"))},
          {"甲.xlsx": "accepted", "登记.xlsx": "accepted"}, TIDY),
    Inbox("late by the form alone", {"甲.xlsx": partial(_form, "2020-12-24")}, {"甲.xlsx": "accepted"}, TIDY,
          note="what a form claims of itself makes it neither late nor in time"),
    Inbox("two on-site records of a unit",
          {"1.xlsx": partial(onsite, [(1, "少1次", "（1）", 1)]), "2.xlsx": partial(onsite, [(1, "少2次", "（1）",
          2)])},
          {"1.xlsx": "accepted_with_warning version-superseded",
          "2.xlsx": "accepted_with_warning version-order-unclear"},
          ("ST04 item.1 2",)),
    Inbox("two special inspections",
          {"1.xlsx": partial(special, [("甘泉路街道", "2020-07-01", 1, "少", "（1）", 1)], "汛期"),
           "2.xlsx": partial(special, [("甘泉路街道", "2020-07-01", 1, "少", "（1）", 2)], "冬防")},
          {"1.xlsx": "accepted", "2.xlsx": "accepted"}, ("ST04 item.1 1", "ST04 item.1 2")),
    Inbox("forms of every kind",
          {"1.xlsx": _new, "2.xlsx": pledge,
           "3.xlsx": partial(accidents, dict.fromkeys(("甘泉路街道", "石泉路街道", "区生态环境局"), [0] * 8)),
           "~$1.xlsx": lambda: b"x",
           "说明.txt": lambda: "见附件".encode(), "空.xlsx": lambda: b""},
          {"1.xlsx": "accepted", "2.xlsx": "accepted", "3.xlsx": "accepted", "~$1.xlsx": "ignored litter-ignored",
           "说明.txt": "ignored litter-ignored", "空.xlsx": "rejected file-empty"}, ()),
)  # fmt: skip
