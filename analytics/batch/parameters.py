"""What a notebook may be given: names and types as its cell of parameters declares them, checked before it runs."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics.problems import Problem, Refused

Value = str | int | float | bool | None | list["Value"]
FOLDER = "folder"  # the parameter by which a notebook learns where to write its files
UNIT = "unit"  # the parameter that takes the id of a unit, never a name typed by someone


@dataclass(frozen=True, slots=True)
class Parameters:
    """The model of one notebook: each parameter with its value when none is given, which also says its type."""

    notebook: str
    defaults: Mapping[str, Value]

    @classmethod
    def of(cls, notebook: Path) -> Parameters:
        """Read the one cell tagged ``parameters``: names with plain values. Refused when there is no such cell."""
        try:
            cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
            sources = ["".join(c["source"]) for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
            (body,) = (ast.parse(source).body for source in sources)
            defaults = dict(pair for statement in body for pair in _assigned(statement))
        except FileNotFoundError:
            raise Refused([Problem("notebook-missing", "stop", file=notebook.name)]) from None
        except (ValueError, KeyError, TypeError, SyntaxError):
            raise Refused([Problem("notebook-malformed", "stop", file=notebook.name)]) from None
        return cls(notebook.name, defaults)

    def check(
        self,
        given: Mapping[str, object],
        required: Collection[str] = (),
        units: Collection[str] | None = None,
        file: str = "",
    ) -> None:
        """Refused with every fault of ``given``: a name that is unknown or missing, a value of another type.

        ``units``: the ids a parameter called ``unit`` may have; ``""`` leaves the choice to the notebook.
        """
        problems = [*self._faults(given, units, file), *self._missing(given, required, file)]
        if problems:
            raise Refused(problems)

    def _faults(self, given: Mapping[str, object], units: Collection[str] | None, file: str) -> Iterator[Problem]:
        for name, value in given.items():
            if name not in self.defaults:
                yield self._problem("notebook-parameter-unknown", file, found=name, expected="、".join(self.defaults))
            elif not is_plain(value) or not _fits(value, self.defaults[name]):
                wanted = _type_name(self.defaults[name])
                yield self._problem(
                    "notebook-parameter-ill-typed", file, place=name, found=repr(value)[:60], expected=wanted
                )
            elif name == UNIT and units is not None and value and value not in units:
                shown = "、".join(sorted(units)) or "—"
                yield self._problem("notebook-parameter-unit-unknown", file, found=str(value)[:60], expected=shown)

    def _missing(self, given: Mapping[str, object], required: Collection[str], file: str) -> Iterator[Problem]:
        for name in required:
            if name not in self.defaults:
                yield self._problem("notebook-parameter-unknown", file, found=name, expected="、".join(self.defaults))
            elif name not in given:
                yield self._problem("notebook-parameter-missing", file, found=name, expected="、".join(self.defaults))

    def _problem(self, code: str, file: str, **facts: str) -> Problem:
        return Problem(code, "stop", file=file or self.notebook, facts={"notebook": self.notebook, **facts})


def declared_parameters(notebook: Path) -> tuple[str, ...]:
    """The names of a notebook's parameters. Refused as ``Parameters.of`` is."""
    return tuple(Parameters.of(notebook).defaults)


def is_plain(value: object) -> bool:
    """Whether papermill writes the value as a literal: anything else may become code, or change its type."""
    if type(value) is list:
        return all(map(is_plain, value))
    return value is None or type(value) in (str, int, float, bool)


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, Value]]:
    """The names of one statement with their value. ValueError when the value is no literal."""
    if isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets, value = [statement.target], statement.value
    else:
        return
    plain = ast.literal_eval(value)
    if not is_plain(plain):
        raise ValueError(f"not plain data: {plain!r}")
    yield from ((target.id, plain) for target in targets if isinstance(target, ast.Name))


def _fits(value: object, default: Value) -> bool:
    """Whether a value has the type of the default; ``None`` as a default says nothing about it."""
    if default is None:
        return True
    if isinstance(default, list):
        return isinstance(value, list) and all(_fits(one, default[0]) for one in value if default)
    if isinstance(default, float):
        return type(value) in (int, float)
    return type(value) is type(default)


def _type_name(default: Value) -> str:
    names = {str: "文字 text", int: "整数 integer", float: "数字 number", bool: "真假值 true/false"}
    if isinstance(default, list):
        return f"列表 list（{_type_name(default[0])}）" if default else "列表 list"
    return names.get(type(default), "文字、数字、真假值 text, number, true/false")
