"""The newest run of every year as frames: floats and plain columns, for analysis and for SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.store.manifest import Manifest
from analytics.store.run_folder import TABLES, sql_columns

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


@dataclass(frozen=True)
class ScoreTables:
    """Frames over years, each in the order of years, units and the rubric. Points are floats, what is undecided is NaN.

    cards: unit, unit_name, kind, year, total, grade, grade_by_points, rank, ranked, synthetic, barred
    (not scored at all), limited (a cap or a veto is in force)
    marks: unit, unit_name, kind, year, item, no, item_text, theme, theme_name, full_marks, self_mark, verified_mark,
    awarded, status, rate (awarded as a share of full_marks)
    losses: unit, unit_name, kind, year, item, no, item_text, theme, theme_name, rule, clause, points, channel, because,
    evidence, cell, decision
    items: year, rubric, kind, item, no, text, theme, theme_name, full_marks, formerly (ids with a space between)
    figures: unit, unit_name, kind, year, measure, channel, value
    claims: unit, unit_name, kind, year, item, no, item_text, mark, reason, evidence, cell; what the unit wrote for
    each item of its self-assessment, as it handed it in
    findings: unit, unit_name, kind, year, item, channel, group, date, rule, count, text, evidence, deadline, person,
    closed, action, said, rechecked, passed, cell; a row without a rule says that nothing was found. ``closed`` and
    ``passed`` are None where the record does not say; what they come to together is ``records.Rectification.state``
    """

    cards: pd.DataFrame
    marks: pd.DataFrame
    losses: pd.DataFrame
    items: pd.DataFrame
    figures: pd.DataFrame
    claims: pd.DataFrame
    findings: pd.DataFrame

    def in_year(self, year: int) -> ScoreTables:
        """The rows of one year; empty frames for a year that was not scored."""
        frames = {field.name: getattr(self, field.name) for field in fields(self)}
        return ScoreTables(
            **{name: frame[frame["year"] == year].reset_index(drop=True) for name, frame in frames.items()}
        )

    @property
    def years(self) -> tuple[int, ...]:
        """Years with cards, oldest first."""
        return tuple(sorted({int(year) for year in self.cards["year"]}))


def load_tables(runs: Mapping[Path, Manifest]) -> ScoreTables:
    """The frames over the given run folders, at most one a year."""
    import duckdb

    with duckdb.connect() as connection:
        for name, kind in TABLES.items():
            columns = ", ".join(f'"{column}" {sql}' for column, sql in sql_columns(kind).items())
            connection.execute(f"CREATE TABLE {name} (run_year BIGINT, synthetic BOOLEAN, place BIGINT, {columns})")
            for folder, manifest in runs.items():
                connection.execute(
                    f"INSERT INTO {name} BY NAME SELECT $year AS run_year, $synthetic AS synthetic, "
                    "row_number() OVER () AS place, * FROM read_parquet($file)",
                    {"year": manifest.year, "synthetic": manifest.synthetic, "file": str(folder / f"{name}.parquet")},
                )
        return ScoreTables(**{name: _frame(connection, sql) for name, sql in _FRAMES.items()})


def _frame(connection: duckdb.DuckDBPyConnection, sql: str) -> pd.DataFrame:
    """A query as a frame; text columns get pandas' own text type, also when they are empty."""
    found = connection.execute(sql)
    texts = [column[0] for column in found.description if str(column[1]) in ("STRING", "VARCHAR")]
    frame = found.df().astype(dict.fromkeys(texts, "str"))
    return frame.astype({"closed": "boolean", "passed": "boolean"}) if "closed" in frame else frame


_UNIT_NAME = "coalesce(units.name, {0}.unit) AS unit_name"
_WITH_UNIT = "LEFT JOIN units ON units.run_year = {0}.year AND units.unit = {0}.unit"
_WITH_ITEM = "LEFT JOIN items ON items.run_year = {0}.year AND items.kind = {0}.kind AND items.item = {0}.item"
_ITEM = "items.no, items.text AS item_text, items.theme, items.theme_name"
_CELL = "{0}.cell.file || ' › ' || {0}.cell.sheet || '!' || {0}.cell.address"

_MARKS = """
    SELECT *, mark.item AS item
    FROM (SELECT unit, kind, year, place, generate_subscripts(marks, 1) AS step, unnest(marks) AS mark FROM cards)
"""
_LOSSES = f"""
    SELECT unit, kind, year, place, step, item, generate_subscripts(mark.losses, 1) AS number,
           unnest(mark.losses) AS loss
    FROM ({_MARKS})
"""
_FRAMES = {
    "cards": f"""
        SELECT cards.unit, {_UNIT_NAME.format("cards")}, cards.kind, cards.year, total::DOUBLE AS total, grade,
               grade_by_points, rank::DOUBLE AS rank, ranked, cards.synthetic,
               len(list_filter(effects, lambda e: e.kind = 'bar' AND NOT e.lifted)) > 0 AS barred,
               len(list_filter(effects, lambda e: e.kind <> 'bar' AND NOT e.lifted)) > 0 AS limited
        FROM cards {_WITH_UNIT.format("cards")}
        ORDER BY cards.year, cards.place
    """,
    "marks": f"""
        SELECT marked.unit, {_UNIT_NAME.format("marked")}, marked.kind, marked.year, marked.item, {_ITEM},
               mark.full_marks::DOUBLE AS full_marks, mark.self_mark::DOUBLE AS self_mark,
               mark.verified_mark::DOUBLE AS verified_mark, mark.awarded::DOUBLE AS awarded, mark.status AS status,
               mark.awarded::DOUBLE / nullif(mark.full_marks::DOUBLE, 0) AS rate
        FROM ({_MARKS}) marked {_WITH_UNIT.format("marked")} {_WITH_ITEM.format("marked")}
        ORDER BY marked.year, marked.place, step
    """,
    "losses": f"""
        SELECT lost.unit, {_UNIT_NAME.format("lost")}, lost.kind, lost.year, lost.item, {_ITEM}, loss.rule AS rule,
               loss.clause AS clause, loss.points::DOUBLE AS points, loss.channel AS channel, loss.because AS because,
               loss.evidence AS evidence,
               array_to_string(list_transform(loss.readings, lambda r: {_CELL.format("r")}), '；') AS cell,
               loss.decision AS decision
        FROM ({_LOSSES}) lost {_WITH_UNIT.format("lost")} {_WITH_ITEM.format("lost")}
        ORDER BY lost.year, lost.place, step, number
    """,
    "items": """
        SELECT run_year AS year, rubric, kind, item, no, text, theme, theme_name, full_marks::DOUBLE AS full_marks,
               array_to_string(formerly, ' ') AS formerly
        FROM items ORDER BY run_year, place
    """,
    "figures": f"""
        SELECT observations.unit, {_UNIT_NAME.format("observations")}, units.kind, year, measure, channel,
               value::DOUBLE AS value
        FROM observations {_WITH_UNIT.format("observations")}
        WHERE measure <> '' ORDER BY year, observations.place
    """,
    "claims": f"""
        SELECT observations.unit, {_UNIT_NAME.format("observations")}, units.kind, observations.year, observations.item,
               items.no, items.text AS item_text, value::DOUBLE AS mark, observations.text AS reason, evidence,
               {_CELL.format("reading")} AS cell
        FROM observations {_WITH_UNIT.format("observations")}
        LEFT JOIN items ON items.run_year = observations.year AND items.kind = units.kind
            AND items.item = observations.item
        WHERE channel = 'self' AND measure = '' ORDER BY observations.year, observations.place
    """,
    "findings": f"""
        SELECT observations.unit, {_UNIT_NAME.format("observations")}, units.kind, year, item, channel, "group", date,
               rule, value::DOUBLE AS count, text, evidence, rectification.deadline AS deadline,
               coalesce(rectification.person, '') AS person, rectification.closed AS closed,
               coalesce(rectification.action, '') AS action, coalesce(rectification.said, '') AS said,
               rectification.rechecked AS rechecked, rectification.passed AS passed, {_CELL.format("reading")} AS cell
        FROM observations {_WITH_UNIT.format("observations")}
        WHERE measure = '' AND channel <> 'self' ORDER BY year, observations.place
    """,
}
