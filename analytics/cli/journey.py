"""The steps that commands share: receive a year, score it into the store, make and publish what is told about it."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.cli.session import Session
from analytics.problems import Problem, Refused, shown
from analytics.records import Outcome

if TYPE_CHECKING:
    from analytics.intake import Intake
    from analytics.store import Correction, ScoredYear
    from analytics.workspace import Inbox

OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    "accepted": ("接收", "accepted"),
    "accepted_with_warning": ("接收但有提示", "accepted with a warning"),
    "rejected": ("退回", "rejected"),
    "ignored": ("忽略", "ignored"),
}


def receive_year(
    session: Session, year: int, inbox: Path | None = None, received: datetime.datetime | None = None
) -> Intake:
    """Read and check the year's inbox, and keep the bytes of every file that was read in the store.

    ``received``: when those files came that no register of receipts names.
    """
    from analytics.intake import receive

    chosen = session.workspace.inbox(year, inbox)
    rules = session.rules(year)
    intake = receive(session.workspace, session.registry, rules, chosen, received)
    for submission in intake.submissions:
        if submission.source.sha256:  # without one it was not read: litter, a link, too large
            keep_file(session, chosen, submission.source.name, submission.source.sha256)
    return intake


def keep_file(session: Session, inbox: Inbox, name: str, sha256: str) -> None:
    """Keep a received file's bytes. Refused when they are no longer those that were read."""
    from analytics.intake.inbox import read_again

    content = read_again(inbox.folder, name, inbox.register)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Refused([Problem("file-changed-meanwhile", "stop", file=name)])
    session.store.keep(content)


def score_into_store(session: Session, intake: Intake, correction: Correction | None = None) -> ScoredYear:
    """Score what was received and append it to the store, unless the newest run of the year says the same.

    ``correction``: why a new run takes the place of the one before. Refused when the rules changed while it was read,
    and when the register of decisions was altered since the newest run.
    """
    from analytics.store import score_received
    from analytics.store.rule_files import refuse_changed

    rules = session.rules(intake.year)
    _check_register(session, intake)
    scored = score_received(rules, session.registry, intake)
    for year, read in session.rules_read.items():  # of every year: the units may have been read with another one's
        refuse_changed(read, session.workspace, year)
    return session.store.append(scored, correction, session.rules_read[intake.year])


def _check_register(session: Session, intake: Intake) -> None:
    """Refused when a decision that the newest run was scored by is gone or was altered (append-only)."""
    from analytics.store.decision_record import altered_decisions

    if intake.year not in session.store.all_years():
        return
    before = session.store.latest(intake.year)
    if before.synthetic == intake.synthetic and (altered := list(altered_decisions(before, intake.decisions))):
        raise Refused(altered)


def publish_intake(session: Session, intake: Intake) -> Path:
    """Write the return copies and the intake report into the year's reports; returns the report's path."""
    from analytics.documents.intake_page import RETURNS, compose_intake_page
    from analytics.documents.intake_workbook import compose_intake
    from analytics.documents.render.intake_page import draw_intake
    from analytics.documents.render.xlsx import render_xlsx
    from analytics.intake.returns import write_returns
    from analytics.store import disk

    folder = session.workspace.reports(intake.year)
    report = folder / "intake.xlsx"
    with disk.refusing(folder):
        copies = {path.name for path in write_returns(intake, folder / RETURNS)}
        for path in (folder / RETURNS).glob("*.xlsx"):
            if path.name not in copies:  # of an earlier intake: what it lists has been mended or replaced since
                path.unlink()
        rules = session.rules(intake.year)
        content = compose_intake(intake, rules, session.registry, session.language)
        disk.put_file(report, render_xlsx(content))
        page = compose_intake_page(intake, rules, session.registry, folder, session.language)
        disk.put_file(folder / "intake.html", draw_intake(page))
    return report


def seal(session: Session, year: int) -> None:
    """Write the year's manifest, now that its files are in place."""
    from analytics.batch import write_manifest

    write_manifest(session.workspace, year, datetime.datetime.now().astimezone())


def tell_intake(session: Session, intake: Intake) -> None:
    """How many files ended in which way, and the sentence for each that did not simply pass."""
    counts = Counter(submission.outcome for submission in intake.submissions)
    parts = [f"{session.words(*OUTCOMES[name])} {counts.get(name, 0)}" for name in OUTCOMES]
    total = len(intake.submissions)
    summed = " + ".join(str(counts.get(name, 0)) for name in OUTCOMES)
    session.say(
        f"{intake.year}年度收件 {total} 个：{'，'.join(parts)}（{summed} = {total}）",
        f"{intake.year}: {total} files, {', '.join(parts)} ({summed} = {total})",
    )
    if intake.missing:
        names = "、".join(unit.name for unit in intake.missing)
        session.say(f"未交自评表 {len(intake.missing)} 个单位：{names}", f"no self-assessment: {names}")
    if intake.synthetic:
        session.say("合成示例数据，非真实考核结果", "made-up sample data, not results of a real assessment")


def tell_run(session: Session, scored: ScoredYear, correction: Correction | None) -> None:
    """Which run it is, what it corrects and why; that nothing was added, when a reason was given for nothing."""
    session.say(f"存档：{scored.run_id}（{scored.sha256[:12]}）", f"run: {scored.run_id} ({scored.sha256[:12]})")
    if scored.why:
        session.say(shown(scored.why, 300), f"correction: {shown(scored.why, 300)}")
    if correction and scored.correction != correction:
        session.warn([Problem("correction-not-needed", "note", facts={"found": scored.run_id})])


def tell_undecided(session: Session, scored: ScoredYear) -> None:
    """The units without a total and what has to be decided for each, on stderr."""
    import typer

    handed_in = {s.unit for s in scored.submissions if s.form == "self_assessment" and s.counts}
    for card in scored.undecided:
        name = session.registry[card.unit].name
        if card.unit not in handed_in:  # one reason, not one for each item
            facts = {"found": name, "expected": str(scored.year)}
            session.warn([Problem("self-assessment-missing", "stop", facts=facts)])
            continue
        waiting = "；".join([*(mark.waiting_for or mark.item for mark in card.waiting), *card.open_questions])
        if card.total is None:
            said = session.words(f"{name}：总分待裁定（{waiting}）", f"{name}: no total yet ({waiting})")
        else:
            said = session.words(f"{name}：等级待定（{waiting}）", f"{name}: no grade yet ({waiting})")
        typer.echo(shown(said, 300), err=True)
