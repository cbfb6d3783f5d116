"""A run on disk: a folder of parquet tables and a manifest whose hash covers them and the run before."""

from __future__ import annotations

import datetime
import errno
import hashlib
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from analytics.problems import Problem, Refused
from analytics.records import Decision, Observation, Submission
from analytics.scoring.scorecard import Scorecard
from analytics.store.code_version import code_version
from analytics.store.manifest import MANIFEST, Manifest, intact_manifest
from analytics.store.scored_year import NamedUnit, PrintedSetting, ScoredItem, ScoredYear

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")
TABLES: Mapping[str, type] = {
    "cards": Scorecard,
    "observations": Observation,
    "decisions": Decision,
    "submissions": Submission,
    "items": ScoredItem,
    "settings": PrintedSetting,
    "units": NamedUnit,
}
_SQL = {bool: "BOOLEAN", int: "BIGINT", str: "VARCHAR", datetime.date: "DATE", datetime.datetime: "TIMESTAMP"}


def content_sha256(scored: ScoredYear) -> str:
    """The hash of the records alone: equal for a year scored again from the same files by the same rules.

    The code's version is left out: a run is new when it says something new.
    """
    digest = hashlib.sha256(f"{scored.year} {scored.synthetic} {scored.status}\n".encode())
    for name in TABLES:
        digest.update(f"{name}\n".encode())
        digest.update(_json_lines(name, getattr(scored, name)))
    return digest.hexdigest()


def extract_sha256(scored: ScoredYear, unit: str) -> str:
    """The hash of what the record says of one unit: printed in its brief, it changes when, and only when, that does."""
    return content_sha256(scored.of_unit(unit))


def write_tables(folder: Path, scored: ScoredYear) -> dict[str, str]:
    """Write the records into an empty folder; returns file name → hash. OSError when the disk refuses."""
    import duckdb

    try:
        with duckdb.connect(config={"threads": 1}) as connection:  # several would cut long tables at places of chance
            for name, kind in TABLES.items():
                _write_table(connection, folder, name, kind, getattr(scored, name))
    except duckdb.IOException as error:
        full = "no space left" in str(error).lower()
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error), str(folder)) from error
    return {f"{name}.parquet": file_sha256(folder / f"{name}.parquet") for name in TABLES}


def write_run(folder: Path, scored: ScoredYear, manifest: Manifest) -> Manifest:
    """Fill an empty folder; the manifest comes back with the tables' hashes and its own. OSError as the disk does."""
    sealed = replace(manifest, files=write_tables(folder, scored)).sealed()
    (folder / MANIFEST).write_bytes(sealed.as_bytes())
    return sealed


def read_run(folder: Path, manifest: Manifest) -> ScoredYear:
    """The year in a run folder, equal to the one that was written.

    Fields that the code of that day did not know get their defaults. Refused when one of them has none.
    """
    import duckdb

    tables: dict[str, Any] = {}
    with duckdb.connect(config={"threads": 1}) as connection:  # a process that is to be forked may read, too
        for name, kind in TABLES.items():
            table = str(folder / f"{name}.parquet")
            found = connection.execute(
                "SELECT to_json(whole_row)::VARCHAR FROM read_parquet(?) AS whole_row", [table]
            ).fetchall()
            try:  # from JSON the records are made a quarter faster than from rows
                tables[name] = _adapter(kind).validate_json(f"[{','.join(row for (row,) in found)}]")
            except ValidationError:
                facts = {"then": manifest.code_version, "now": code_version()}
                file = f"scored/{manifest.year}/{manifest.run_id}/{name}.parquet"
                raise Refused([Problem("store-run-of-other-code", "stop", file=file, facts=facts)]) from None
    return ScoredYear(
        year=manifest.year,
        synthetic=manifest.synthetic,
        status=manifest.status,
        code_version=manifest.code_version,
        run_id=manifest.run_id,
        previous=manifest.previous,
        sha256=manifest.sha256,
        supersedes=manifest.supersedes,
        correction=manifest.correction,
        **tables,
    )


def run_problems(folder: Path, shown: str) -> list[Problem]:
    """What is wrong inside one run folder: the manifest was altered, or a table is missing, altered or too many.

    ``shown`` is the folder as the problems name it.
    """
    manifest = intact_manifest(folder)
    if manifest is None:
        return [Problem("store-manifest-altered", "stop", file=f"{shown}/{MANIFEST}")]
    found = {path.name for path in folder.iterdir()} - {MANIFEST}
    problems = [
        Problem("store-file-altered", "stop", file=f"{shown}/{name}", facts={"expected": sha256[:12]})
        for name, sha256 in manifest.files.items()
        if not is_intact(folder / name, sha256)
    ]
    extra = sorted(found - set(manifest.files))
    return problems + [Problem("store-file-unknown", "stop", file=f"{shown}/{name}") for name in extra]


def is_intact(path: Path, sha256: str) -> bool:
    """Whether there is a file with just these bytes."""
    return path.is_file() and file_sha256(path) == sha256


def file_sha256(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sql_type(hint: Any) -> str:
    """The column type for a field of our dataclasses. Decimals are text: every digit is kept, also of a third.

    TypeError for a type that the records do not use.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (kept,) = (argument for argument in arguments if argument is not type(None))
        return sql_type(kept)
    if origin is Literal or hint is Decimal or (isinstance(hint, type) and issubclass(hint, Enum)):
        return "VARCHAR"
    if origin is tuple:
        kinds = {sql_type(argument) for argument in arguments if argument is not Ellipsis}
        if len(kinds) != 1:
            raise TypeError(f"no column type for {hint!r}")
        return f"{kinds.pop()}[]"
    if origin in (Mapping, dict):
        return f"MAP({sql_type(arguments[0])}, {sql_type(arguments[1])})"
    if is_dataclass(hint):
        return "STRUCT(" + ", ".join(f'"{name}" {kind}' for name, kind in sql_columns(hint).items()) + ")"
    try:
        return _SQL[hint]
    except KeyError:
        raise TypeError(f"no column type for {hint!r}") from None


def sql_columns(kind: Any) -> dict[str, str]:
    """Field → column type of one of our dataclasses. A loose year, unit or flag keeps its own type."""
    hints = get_type_hints(kind)
    return {field.name: sql_type(hints[field.name]) for field in fields(kind)}


def _write_table(
    connection: duckdb.DuckDBPyConnection, folder: Path, name: str, kind: type, rows: tuple[object, ...]
) -> None:
    lines = folder / f"{name}.jsonl"
    lines.write_bytes(_json_lines(name, rows))
    columns = ", ".join(f"'{column}': '{sql}'" for column, sql in sql_columns(kind).items())
    source = f"read_json($lines, format='newline_delimited', columns={{{columns}}})"
    target = str(folder / f"{name}.parquet").replace("'", "''")
    connection.execute(f"COPY (SELECT * FROM {source}) TO '{target}' (FORMAT parquet)", {"lines": str(lines)})
    lines.unlink()


def _json_lines(name: str, rows: tuple[Any, ...]) -> bytes:
    adapter = _row_adapter(TABLES[name])
    return b"".join(adapter.dump_json(row) + b"\n" for row in rows)


@cache
def _adapter(kind: type[T]) -> TypeAdapter[tuple[T, ...]]:
    return TypeAdapter(tuple[kind, ...])  # type: ignore[valid-type]


@cache
def _row_adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)
