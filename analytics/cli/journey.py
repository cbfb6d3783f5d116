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
    from analytics.store import ScoredYear

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
    intake = receive(session.workspace, session.registry, session.rules(year), chosen, received)
    for submission in intake.submissions:
        if submission.source.sha256:  # without one it was not read: litter, a link, too large
            keep_file(session, chosen.folder, submission.source.name, submission.source.sha256)
    return intake


def keep_file(session: Session, folder: Path, name: str, sha256: str) -> None:
    """Keep a received file's bytes. Refused when they are no longer those that were read."""
    from analytics.intake.inbox import read_again

    content = read_again(folder, name)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Refused([Problem("file-changed-meanwhile", "stop", file=name)])
    session.store.keep(content)


def score_into_store(session: Session, intake: Intake) -> ScoredYear:
    """Score what was received and append it to the store, unless the newest run of the year says the same."""
    from analytics.scoring import score_year
    from analytics.store import ScoredYear

    rules = session.rules(intake.year)
    cards = score_year(rules, session.registry, intake.observations, intake.decisions)
    scored = ScoredYear.of(
        rules,
        session.registry,
        cards,
        intake.observations,
        intake.decisions,
        intake.submissions,
        synthetic=intake.synthetic,
    )
    return session.store.append(scored)


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
        waiting = "；".join(mark.waiting_for or mark.item for mark in card.waiting)
        said = session.words(f"{name}：总分待裁定（{waiting}）", f"{name}: no total yet ({waiting})")
        typer.echo(shown(said, 300), err=True)
