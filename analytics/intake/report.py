"""What came of an inbox: every file with its outcome, and what of it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from analytics.intake.words import Lookup
from analytics.policy import YearRules
from analytics.problems import Problem, Severity
from analytics.provenance import SourceFile
from analytics.records import Channel, Decision, Observation, Outcome, Repair, Submission
from analytics.units import Unit, UnitRegistry


@dataclass(frozen=True)
class Intake:
    """The received files of a year. ``expected`` are the units that owe a self-assessment: all of them for an inbox,
    none when single files are checked. ``unmatched`` are the lines of ``data/lookups`` that no cell has matched."""

    year: int
    folder: Path
    synthetic: bool
    submissions: tuple[Submission, ...]
    registry: UnitRegistry = field(repr=False, compare=False)
    rules: YearRules = field(repr=False, compare=False)
    expected: tuple[Unit, ...] = ()
    unmatched: tuple[Lookup, ...] = ()

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many files ended in which way; together as many as there are files."""
        outcomes = Counter(submission.outcome for submission in self.submissions)
        return {outcome: outcomes[outcome] for outcome in get_args(Outcome)}

    @property
    def observations(self) -> tuple[Observation, ...]:
        """Of the submissions that count."""
        return tuple(o for submission in self.submissions if submission.counts for o in submission.observations)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Of the registers that count."""
        return tuple(d for submission in self.submissions if submission.counts for d in submission.decisions)

    @property
    def missing(self) -> tuple[Unit, ...]:
        """Units without a self-assessment that counts."""
        return self._without("self_assessment")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of every file, then of what is not there at all."""
        return (
            *(problem for submission in self.submissions for problem in submission.problems),
            *(self._absence("self-assessment-missing", "skip", unit) for unit in self.missing),
            *(self._absence("pledge-report-missing", "note", unit) for unit in self._without("pledge_report")),
        )

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """Every file that was read, whether or not it was accepted."""
        return tuple(submission.source for submission in self.submissions if submission.source.sha256)

    @property
    def open_rejections(self) -> tuple[Submission, ...]:
        """Rejected files that no later valid one of the same unit and form has replaced."""
        good = {(s.form, s.unit) for s in self.submissions if s.counts}
        return tuple(
            s
            for s in self.submissions
            if s.outcome == "rejected" and not (s.form and s.unit and (s.form, s.unit) in good and self._replaced(s))
        )

    def as_json(self) -> dict[str, Any]:
        """The year, the counts by outcome, and one entry a file, as ``intake --json`` prints them."""
        return {
            "year": self.year,
            "counts": self.counts,
            "missing": [unit.id for unit in self.missing],
            "files": [self._file(submission) for submission in self.submissions],
        }

    def _absence(self, code: str, severity: Severity, unit: Unit) -> Problem:
        return Problem(code, severity, facts={"found": unit.name, "expected": str(self.year)})

    def _without(self, form: str) -> tuple[Unit, ...]:
        there = {submission.unit for submission in self.submissions if submission.counts and submission.form == form}
        return tuple(unit for unit in self.expected if unit.id not in there)

    def _replaced(self, rejected: Submission) -> bool:
        later = [s for s in self.submissions if s.counts and (s.form, s.unit) == (rejected.form, rejected.unit)]
        return all(not s.source.received or s.source.received >= rejected.source.received for s in later)

    def _file(self, submission: Submission) -> dict[str, Any]:
        rejected = submission.outcome == "rejected"
        values, reasons = ({}, {}) if rejected else self._values(submission)
        decided = all(value is not None for value in values.values())
        total = sum((o.value for o in submission.observations if o.value is not None), start=0)
        whole = submission.form == "self_assessment" and not rejected and decided
        return {
            "file": submission.source.name,
            "sha256": submission.source.sha256,
            "outcome": submission.outcome,
            "unit": submission.unit or None,
            "unit_name": self.registry[submission.unit].name if submission.unit else None,
            "form": submission.form,
            "date": submission.date.isoformat() if submission.date else None,
            "received": submission.source.received or None,
            "superseded_by": submission.superseded_by or None,
            "total": f"{total:f}" if whole else None,
            "printed_total": None if submission.printed_total is None else f"{submission.printed_total:f}",
            "values": values,
            "reasons": reasons,
            "undecided": [number for number, value in values.items() if value is None],
            "imported": sum(map(_is_imported, submission.observations)) + len(submission.decisions),
            "unread": [f"{cell.sheet}!{cell.address}" for cell in submission.unread],
            "repairs": [_repair(repair) for repair in submission.repairs],
            "problems": [_problem(problem) for problem in submission.problems],
        }

    def _values(self, submission: Submission) -> tuple[dict[str, str | None], dict[str, str]]:
        """Marks by the number printed on the form; figures of a pledge report by the measure's place in the rubric."""
        if submission.form not in ("self_assessment", "pledge_report") or not submission.unit:
            return {}, {}
        rubric = self.rules.rubric(self.registry[submission.unit].kind)
        if submission.form == "self_assessment":
            numbers = {item.id: item.no for item in rubric.items_for(submission.unit)}
        else:
            measures = [measure.id for measure in rubric.measures if measure.form == "pledge_report"]
            numbers = {measure: str(place) for place, measure in enumerate(measures, start=1)}
        own = {o.item or o.measure: o for o in submission.observations if o.channel is Channel.SELF}
        values = {no: _written(own.get(name)) for name, no in numbers.items()}
        reasons = {no: own[name].text for name, no in numbers.items() if name in own and own[name].text}
        return values, reasons


def _written(observation: Observation | None) -> str | None:
    return None if observation is None or observation.value is None else f"{observation.value:f}"


def _is_imported(observation: Observation) -> bool:
    return observation.value is not None or observation.channel not in (Channel.SELF, Channel.DESK)


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "file": problem.at.file if problem.at else problem.file,
        "sheet": problem.at.sheet if problem.at else None,
        "cell": problem.at.address if problem.at else None,
        "found": problem.facts.get("found"),
        "expected": problem.facts.get("expected"),
        "message": problem.message(),
    }


def _repair(repair: Repair) -> dict[str, Any]:
    return {
        "sheet": repair.cell.sheet,
        "cell": repair.cell.address,
        "before": repair.before,
        "after": repair.after,
        "rule": repair.rule,
    }


def severest(problems: Iterable[Problem]) -> Outcome:
    """What becomes of a file with these problems."""
    severities = {problem.severity for problem in problems}
    if "stop" in severities:
        return "rejected"
    return "accepted_with_warning" if severities else "accepted"
