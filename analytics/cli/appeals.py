"""The command for appeals: review. A 复核 is a decision more, a new run, and a letter; nothing old is changed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.cli.handing_in import Year
from analytics.cli.session import Session

if TYPE_CHECKING:
    from analytics.intake import Intake
    from analytics.records import Decision
    from analytics.rubric import Item
    from analytics.store import RunDiff, ScoredYear
    from analytics.units import Unit


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(review)


@dataclass(frozen=True, slots=True)
class Request:
    """What a person decided on an appeal."""

    unit: Unit
    item: Item
    mark: Decimal
    reason: str
    person: str
    date: datetime.date
    reference: str


def review(
    context: typer.Context,
    unit: Annotated[str, typer.Argument(help="单位名称或编号 · name or id of the unit")],
    item: Annotated[str, typer.Option(metavar="N", help="条目序号 · number of the item on the form")],
    mark: Annotated[str, typer.Option(metavar="POINTS", help="复核后的得分 · the item's mark from now on")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="复核理由 · why")],
    person: Annotated[str, typer.Option(metavar="NAME", help="复核人 · who decided")],
    date: Annotated[
        datetime.datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="复核日期 · date of the decision")
    ],
    reference: Annotated[str, typer.Option(metavar="TEXT", help="文号 · the paper it rests on")] = "",
    year: Year = None,
) -> None:
    """登记复核：重新计分，列出变化，写复核答复 · enter a review: re-score, show what moves, write the letter."""
    from analytics.store import compare_runs

    session: Session = context.obj
    chosen = session.year(year)
    request = _request(session, chosen, unit, item, mark, reason, person, date.date(), reference)
    before = _scored_as_is(session, chosen)
    ruling, after = _enter(session, request, before)
    found = compare_runs(before, after)
    _tell(session, request, before, after, found)
    letter = _write_letter(session, request, before, after, ruling)
    session.say(f"复核答复：{letter}", f"letter: {letter}")
    session.say(
        "简报和报表尚未更新，请运行 run 或 brief。", "briefs and tables are not made anew yet; run `run` or `brief`."
    )


def _request(
    session: Session, year: int, unit: str, item: str, mark: str, reason: str, person: str, date: datetime.date,
    reference: str,
) -> Request:  # fmt: skip
    """What was typed, checked: the item is on the unit's form, the mark inside its points."""
    from analytics.problems import Problem, Refused

    meant = session.unit(unit, year)
    items = {one.no: one for one in session.rules(year).rubric(meant.kind).items_known(meant.id)}
    if item not in items:
        raise Refused([Problem("review-item-unknown", "stop", facts={"found": item, "expected": "、".join(items)})])
    asked = items[item]
    try:
        points = Decimal(mark)
    except InvalidOperation:
        points = Decimal(-1)
    if not (points.is_finite() and 0 <= points <= asked.full_marks):
        facts = {"found": mark, "expected": f"0–{asked.full_marks.normalize():f}", "item": item}
        raise Refused([Problem("review-mark-outside", "stop", facts=facts)])
    blank = [name for name, text in (("--reason", reason), ("--person", person)) if not text.strip()]
    if blank:
        raise Refused([Problem("review-incomplete", "stop", facts={"found": "、".join(blank)})])
    return Request(meant, asked, points, reason.strip(), person.strip(), date, reference.strip())


def _scored_as_is(session: Session, year: int) -> ScoredYear:
    """The newest run. Refused unless it is what the files and rules at hand give: else more than the review moves."""
    from analytics.cli.journey import receive_year
    from analytics.problems import Problem, Refused
    from analytics.store import content_sha256, score_received

    newest = session.store.latest(year)
    intake = receive_year(session, year)
    now = score_received(session.rules(year), session.registry, intake)
    if content_sha256(now) != content_sha256(newest):
        raise Refused([Problem("review-needs-score", "stop", facts={"found": newest.run_id})])
    return newest


def _enter(session: Session, request: Request, before: ScoredYear) -> tuple[Decision, ScoredYear]:
    """Add the row and score. When that is refused the register is as it was before."""
    from analytics.cli.journey import receive_year, score_into_store
    from analytics.store import Correction, disk

    path = session.workspace.register(before.year, synthetic=before.synthetic)
    old = path.read_bytes() if path.is_file() else None
    number = _next_number(before)
    with disk.refusing(path):
        disk.put_file(path, _with_review(session, request, before.year, number, old))
    try:
        intake = receive_year(session, before.year)
        ruling = _counted(intake, number)
        why = f"{request.unit.name}第{request.item.no}项复核：{request.reason}"
        correction = Correction(why, request.person, request.date, request.reference)
        return ruling, score_into_store(session, intake, correction)
    except BaseException:
        if old is None:
            path.unlink(missing_ok=True)
        else:
            disk.put_file(path, old)
        raise


def _next_number(before: ScoredYear) -> str:
    """The first number of a review that no decision of the year bears."""
    taken = {decision.id for decision in before.decisions}
    return next(name for n in range(1, len(taken) + 2) if (name := f"复{before.year}-{n:03d}") not in taken)


def _with_review(session: Session, request: Request, year: int, number: str, old: bytes | None) -> bytes:
    from analytics.documents.blank_forms import decision_kinds
    from analytics.documents.review_register import with_row
    from analytics.intake.headings import Headings

    lookups = session.workspace.lookups
    row: dict[str, str | int | Decimal | datetime.date | None] = {
        "id": number, "unit": request.unit.name, "kind": _review_word(lookups), "number": int(request.item.no),
        "points": request.mark, "reason": request.reason, "person": request.person, "date": request.date,
        "reference": request.reference or None,
    }  # fmt: skip
    headings = Headings.load(session.workspace.forms, "decisions", year)
    return with_row(old, row, session.registry, decision_kinds(lookups), headings)


def _review_word(lookups: Path) -> str:
    from analytics.intake.headings import read_table

    rows = read_table(lookups / "decision_kinds.csv", "written", "kind")
    return next(row["written"] for row in rows if row["kind"] == "review")


def _counted(intake: Intake, number: str) -> Decision:
    """The decision as intake read it back from the register. Refused, with what intake says, when it has no effect."""
    found = next((decision for decision in intake.decisions if decision.id == number), None)
    if found is None:
        from analytics.problems import Problem, Refused
        from analytics.workspace import REGISTER

        told = [p for s in intake.submissions if s.source.name == REGISTER for p in s.problems]
        raise Refused(told or [Problem("review-without-effect", "stop", file=REGISTER, facts={"found": number})])
    return found


def _tell(session: Session, request: Request, before: ScoredYear, after: ScoredYear, found: RunDiff) -> None:
    """The item, the total, the grade, and whose ranks move."""
    from analytics.problems import shown

    unit = request.unit.id
    old, new = before.card(unit), after.card(unit)
    was, now = (_said(mark.awarded) for mark in (old.mark(request.item.id), new.mark(request.item.id)))
    session.say(
        f"{request.unit.name}第{request.item.no}项：{was} → {now}",
        f"{request.unit.name}, item {request.item.no}: {was} → {now}",
    )
    policy = session.rules(after.year).policy
    for label, english, values in (
        ("总分", "total", [_said(c.total and policy.shown(c.total)) for c in (old, new)]),
        ("等级", "grade", [c.grade or "—" for c in (old, new)]),
        ("名次", "rank", [str(c.rank or "—") for c in (old, new)]),
    ):
        session.say(f"{label}：{values[0]} → {values[1]}", f"{english}: {values[0]} → {values[1]}")
    others = [change for change in found.standings if change.unit != unit]
    session.say(
        f"名次或等级随之变动的其他单位：{len(others)} 个", f"other units whose rank or grade moves: {len(others)}"
    )
    for change in others:
        typer.echo(f"    {shown(str(change), 300)}")
    session.say(f"存档：{after.run_id}，取代 {before.run_id}", f"run: {after.run_id}, supersedes {before.run_id}")


def _said(points: Decimal | None) -> str:
    return "—" if points is None else f"{points.normalize():f}"


def _write_letter(session: Session, request: Request, before: ScoredYear, after: ScoredYear, ruling: Decision) -> Path:
    from analytics.cli.journey import seal
    from analytics.documents.letter import compose_letter
    from analytics.documents.render import official_docx
    from analytics.store import disk

    rules = session.rules(after.year)
    rubric = rules.rubric(request.unit.kind)
    text = compose_letter(before, after, ruling, request.unit, rubric, rules.policy)
    path = session.workspace.reports(after.year) / "letters" / f"{ruling.id}-{request.unit.id}.docx"
    with disk.refusing(path):
        disk.put_file(path, official_docx.draw(text))
    seal(session, after.year)
    return path
