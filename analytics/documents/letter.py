"""The letter that answers an appeal (复核答复): what it was and is now, and on which records it rests."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from analytics.analysis.wording import amount
from analytics.documents.labels import banner, speaker
from analytics.documents.official import Grid, Line, OfficialText
from analytics.policy import Policy
from analytics.records import Decision
from analytics.rubric import Rubric
from analytics.scoring.scorecard import Mark, Scorecard, outcome
from analytics.scoring.steps import Step, steps_of
from analytics.store import ScoredYear
from analytics.units import Unit

SHORT_HASH = 12


def compose_letter(
    before: ScoredYear, after: ScoredYear, review: Decision, unit: Unit, rubric: Rubric, policy: Policy
) -> OfficialText:
    """The letter for a review by which ``after`` supersedes ``before``: the answer on one page, the unit's whole way
    from full marks to its total in the annex. It names no other unit.

    Every figure is the record's; the number is the decision's reference, the date its date.
    """
    item = rubric.item(review.item)
    old, new = before.card(unit.id), after.card(unit.id)
    asked = f"第{item.no}项“{item.text}”（分值{amount(item.full_marks)}分）"
    lines: tuple[Line | Grid, ...] = (
        Line(f"你单位对{after.year}年度安全生产和消防工作考核{asked}核定结果的复核申请收悉。经复核，现答复如下。"),
        Line(f"{_outcome(old.mark(item.id), new.mark(item.id))}理由：{review.reason}。复核人：{review.person}。"),
        _compared(old, new, item.id, item.no, policy),
        Line(_others(before, after, unit)),
        Line(_runs(before, after, review), "note"),
    )
    return OfficialText(
        title=f"关于{unit.name}{after.year}年度\n安全生产和消防工作考核复核结果的答复",
        number=review.reference or "〔        〕    号",
        addressee=f"{unit.name}：",
        lines=lines,
        signature="（答复单位）",
        date=f"{review.date.year}年{review.date.month}月{review.date.day}日",
        banner=banner(speaker("zh"), synthetic=after.synthetic, status=after.status),
        annex_title="复核后的计分明细",
        annex=_annex(new, after, rubric, policy),
        close=True,
    )


def _outcome(old: Mark, new: Mark) -> str:
    was, now = _points(old.awarded), _points(new.awarded)
    return f"维持原核定，该项得分仍为{now}。" if old.awarded == new.awarded else f"该项得分由{was}改为{now}。"


def _compared(old: Scorecard, new: Scorecard, item: str, number: str, policy: Policy) -> Grid:
    rows = (
        (f"第{number}项得分", _points(old.mark(item).awarded), _points(new.mark(item).awarded)),
        ("总分", _total(old, policy), _total(new, policy)),
        ("等级", old.grade or "待定", new.grade or "待定"),
        ("本类名次", _rank(old), _rank(new)),
    )
    return Grid(("事项", "复核前", "复核后"), rows, (3, 4, 4))


def _points(points: Decimal | None) -> str:
    return "待裁定" if points is None else f"{amount(points)}分"


def _total(card: Scorecard, policy: Policy) -> str:
    return "待裁定" if card.total is None else f"{policy.shown(card.total):f}分"


def _rank(card: Scorecard) -> str:
    return f"{card.ranked}个单位中第{card.rank}名{card.said_rank_span}" if card.rank else "无"


def _others(before: ScoredYear, after: ScoredYear, unit: Unit) -> str:
    """How many other units move, by number only: a letter to one unit says nothing of another."""
    others = [card for card in after.cards if card.unit != unit.id and card.kind is unit.kind]
    moved = sum(before.card(card.unit).rank != card.rank for card in others)
    graded = sum(before.card(card.unit).grade != card.grade for card in others)
    if not moved and not graded:
        return "本类其他单位的得分、等级和名次不变。"
    grades = f"{graded}个单位的等级变动" if graded else "等级均不变"
    return f"因总分变动，本类另有{moved}个单位的名次随之变动，{grades}；其他单位的得分不受影响。"


def _runs(before: ScoredYear, after: ScoredYear, review: Decision) -> str:
    new = f"{after.run_id}（SHA-256 {after.sha256[:SHORT_HASH]}）"
    if before.run_id == after.run_id:
        return f"裁定编号{review.id}。依据计分批次{new}。"
    return f"裁定编号{review.id}。计分批次由{before.run_id}改为{new}；前者原样保留，均可按当时的原件和细则重算核对。"


def _annex(card: Scorecard, after: ScoredYear, rubric: Rubric, policy: Policy) -> tuple[Line | Grid, ...]:
    """Each step from full marks to the total, with its clause, evidence, cells and who decided."""
    people = {decision.id: decision.person for decision in after.decisions}
    rows = [("满分", "", _number(card.scale), "")]
    for step in steps_of(card):
        item = f"第{rubric.item(step.item).no}项：" if step.item else ""
        unverified = "（未核，按自评）" if step.unverified else ""
        change = "待裁定" if step.change is None else f"{'+' if step.change > 0 else ''}{_number(step.change)}"
        said = f"{item}{step.because}{unverified}"
        rows.append((said, change, _number(step.running), _sources(step, rubric, people)))
    rows += [(f"{effect.because}：{outcome(effect)}", "", "", effect.clause) for effect in card.effects]
    rows.append(("总分", "", _total(card, policy).removesuffix("分"), f"等级{card.grade or '待定'}"))
    head = f"条款均出自{rubric.reference}。出处写作“文件 › 工作表!单元格”。"
    return Line(head, "note"), Grid(("事项", "增减", "余分", "条款；证据；出处；裁定"), tuple(rows), (7, 1.5, 1.8, 7.5))


def _number(points: Decimal) -> str:
    return f"{points.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"


def _sources(step: Step, rubric: Rubric, people: Mapping[str, str]) -> str:
    clause = step.clause.removeprefix(rubric.reference)
    person = people.get(step.decision, "")
    decided = f"裁定{step.decision}{f'（{person}）' if person else ''}" if step.decision else ""
    cells = "；".join(str(reading.cell) for reading in step.readings)
    return "；".join(filter(None, [clause, step.evidence, cells, decided]))
