"""How our terms are printed, in Chinese and in English, in the year's workbooks and on its index page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from analytics.problems import Language, Severity
from analytics.records import DecisionKind, FormName, Outcome
from analytics.scoring.scorecard import MarkStatus

if TYPE_CHECKING:
    from analytics.store import PrintedSetting

SLIP = "slip"  # the settings that are no settings, but odd places of a printed rubric
Say = Callable[[str, str], str]
Pair = tuple[str, str]

STATUS: Mapping[MarkStatus, Pair] = {
    "verified": ("已核定", "verified"),
    "self_only": ("未核，按自评", "not verified, as self-assessed"),
    "class_mean": ("不涉及，取本类平均", "not applicable, mean of the class"),
    "not_applicable": ("不涉及", "not applicable"),
    "awaiting_decision": ("待裁定", "awaiting a decision"),
}
FORMS: Mapping[FormName, Pair] = {
    "self_assessment": ("自评表", "self-assessment"),
    "pledge_report": ("履职践诺报告书", "pledge report"),
    "onsite_record": ("现场巡查记录", "on-site record"),
    "special_findings": ("专项督查情况", "special inspection"),
    "accidents": ("事故统计", "accident statistics"),
    "decisions": ("裁定登记", "register of decisions"),
    "receipts": ("收件登记", "register of receipts"),
}
OUTCOMES: Mapping[Outcome, Pair] = {
    "accepted": ("收下", "accepted"),
    "accepted_with_warning": ("收下（有提示）", "accepted with warning"),
    "rejected": ("退回", "rejected"),
    "ignored": ("不处理", "ignored"),
}
SEVERITIES: Mapping[Severity, Pair] = {
    "stop": ("退回整份文件", "refuses the file"),
    "skip": ("此值未采用", "leaves the value undecided"),
    "note": ("提示", "note"),
}
DECISIONS: Mapping[DecisionKind, Pair] = {
    "discretionary": ("酌情扣分", "discretionary deduction"),
    "mark": ("补定分数", "mark set"),
    "not_applicable": ("不涉及", "not applicable"),
    "substitute": ("改考", "substitute item"),
    "review": ("复核", "review"),
    "double": ("虚报加倍", "doubled for a false report"),
    "outside": ("百分外扣分", "outside deduction"),
    "lateness": ("逾期扣分", "lateness"),
    "bonus": ("加分", "bonus"),
    "veto": ("否决", "veto"),
    "lift": ("解除", "lifted"),
    "not_admitted": ("不予参评", "not admitted"),
    "version": ("采用版本", "version named"),
    "withdraw": ("撤销裁定", "withdrawn"),
}
STEPS: Mapping[str, Pair] = {
    "bonus": ("加分", "bonus"),
    "outside": ("百分外扣分", "outside deduction"),
    "reweight": ("缺项折算", "re-weighting"),
    "part": ("其他部分", "other part"),
    "limit": ("总分上下限", "limit of the total"),
    "cap": ("一票否优", "cap"),
    "force": ("一票否决", "veto"),
    "bar": ("不予参评", "not admitted"),
}


def speaker(language: Language) -> Say:
    """A function that takes a text in Chinese and in English and returns the one that is wanted."""
    place = 0 if language == "zh" else 1
    return lambda zh, en: (zh, en)[place]


def banner(say: Say, *, synthetic: bool, status: str) -> str:
    """What every page has to carry; ``""`` for real files under a rubric in force."""
    said = [say("合成示例数据，非真实考核结果", "Synthetic sample data, not a real result")] if synthetic else []
    if status == "demonstration":
        said.append(say("示范细则（非正式文件）", "demonstration rubric, not an official document"))
    return say("；", "; ").join(said)


def source_label(say: Say, source: str) -> str:
    """Where a setting comes from: ``assumed``, or a paragraph of the notice."""
    if source == "assumed":
        return say("假定，通知未规定", "assumed, the notice is silent")
    return say("通知", "notice ") + notice_place(source)


def setting_source(say: Say, setting: PrintedSetting) -> str:
    """Where a printed setting comes from; what looks like a slip comes from the rubric's own text."""
    if setting.name == SLIP:
        return say("细则原文，疑似笔误", "as the rubric prints it; looks like a slip")
    return source_label(say, setting.source)


def notice_place(source: str) -> str:
    """Number and paragraph of the notice as it is cited: ``notice 2020-13 §三（五）`` → 〔2020〕13号三（五）."""
    return re.sub(r"^(\d{4})-(\d+) §", r"〔\1〕\2号", source.removeprefix("notice "))


def listed(say: Say, texts: Iterable[str]) -> str:
    return say("、", ", ").join(texts)
