"""The assessed units: who they are, what they are called, and whom they must not be taken for."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analytics.problems import Problem, Refused


class UnitKind(StrEnum):
    """The classes that are assessed and ranked apart (分类考核).

    >>> UnitKind("street_town").label()
    '街道镇'
    """

    STREET_TOWN = "street_town"
    SPECIAL_REGULATOR = "special_regulator"
    INDUSTRY_DEPARTMENT = "industry_department"

    def label(self, language: str = "zh") -> str:
        return _KIND_LABELS[self][0 if language == "zh" else 1]


_KIND_LABELS = {
    UnitKind.STREET_TOWN: ("街道镇", "Streets and towns"),
    UnitKind.SPECIAL_REGULATOR: ("专项监管部门", "Special regulators"),
    UnitKind.INDUSTRY_DEPARTMENT: ("行业主管部门", "Industry departments"),
}


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_LEAST_NAME = 3  # shorter names (长寿, 万里) stand in too many other words


class FormerName(_Data):
    """A name a unit bore until the end of a year (``until``), with where that is known from."""

    name: str
    until: int
    source: str = ""


class Unit(_Data):
    """One assessed unit. ``name`` is the form the notice prints, ``official`` the full name on the seal.

    ``interest`` says what part the unit itself has in the assessment: who runs it, or supplies its data.
    """

    id: Annotated[str, Field(pattern=r"^[A-Z]{2}\d{2}$")]
    name: str
    kind: UnitKind
    official: str
    aliases: tuple[str, ...] = ()
    former: tuple[FormerName, ...] = ()
    since: int | None = None
    until: int | None = None
    successor: str | None = None
    note: str = ""
    interest: str = ""
    source: str = ""

    def exists_in(self, year: int) -> bool:
        return (self.since or year) <= year <= (self.until or year)


class _UnitsFile(_Data):
    area: str
    units: tuple[Unit, ...]
    confusable: tuple[tuple[str, str], ...] = ()
    not_assessed: tuple[str, ...] = ()
    sources: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Match:
    """What a written name means: the unit, or None and the nearest official names, offered and never applied."""

    unit: Unit | None
    candidates: tuple[str, ...] = ()
    outdated: bool = False


_UNSEEN = str.maketrans(dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def folded(name: str, area: str = "") -> str:
    """``name`` as it is compared: NFKC, without white space, signs of no width or quotation marks, nor ``area`` before.

    上海市普陀区, 上海普陀 and 普陀区 are left out, 上海市 alone is not: 上海市应急管理局 is an office of the city's.
    """
    text = "".join(unicodedata.normalize("NFKC", name).translate(_UNSEEN).split()).strip("“”\"'《》")
    return _prefix(area).sub("", text) if area else text


@cache
def _prefix(area: str) -> re.Pattern[str]:
    """The ways to write ``area`` before a name: its last part; or its last two, with or without their 市 and 区."""
    *wider, last = re.findall(r".+?[省市州区县旗]", area) or [area]
    if not wider:
        return re.compile(f"^{last}")
    short = [f"{part[:-1]}{part[-1]}?" for part in (*wider, last)]
    before = "".join(f"(?:{part})?" for part in short[:-2])
    return re.compile(f"^(?:{last}|{before}{short[-2]}{short[-1]})")


class UnitRegistry:
    """All units, and the one way from a written name to a unit: exact, over official, short and listed other names."""

    def __init__(self, units: Iterable[Unit], area: str = "", confusable: Iterable[tuple[str, str]] = ()) -> None:
        self.units = tuple(units)
        self.area = area
        self.confusable = tuple(confusable)
        self._by_id = {unit.id: unit for unit in self.units}
        self._names: dict[str, tuple[Unit, int | None]] = {}
        for unit in self.units:
            for former in unit.former:
                self._names[folded(former.name, area)] = (unit, former.until)
            for name in (unit.name, unit.official, *unit.aliases):
                self._names[folded(name, area)] = (unit, None)

    @classmethod
    def load(cls, path: Path) -> UnitRegistry:
        """Read ``units.yaml``. Refused when it is malformed, an id stands twice, or two units share a name."""
        return cls.from_data(read_yaml(path), path.name)

    @classmethod
    def from_data(cls, data: object, file: str) -> UnitRegistry:
        """The registry in ``data``, the content of ``file``, which is named in the problems."""
        try:
            loaded = _UnitsFile.model_validate(data)
        except ValidationError as error:
            raise Refused(schema_problems(error, file)) from None
        owners: dict[str, str] = {}
        for unit in loaded.units:
            names = (unit.name, unit.official, *unit.aliases, *(former.name for former in unit.former))
            for key in {folded(name, loaded.area) for name in names}:
                if owners.setdefault(key, unit.id) != unit.id:
                    facts = {"found": key, "first": owners[key], "second": unit.id}
                    raise Refused([Problem("units-name-shared", "stop", file=file, facts=facts)])
        if len({unit.id for unit in loaded.units}) < len(loaded.units):
            raise Refused([Problem("units-id-twice", "stop", file=file)])
        return cls(loaded.units, loaded.area, loaded.confusable)

    def __getitem__(self, unit_id: str) -> Unit:
        return self._by_id[unit_id]

    def __contains__(self, unit_id: str) -> bool:
        return unit_id in self._by_id

    def of_kind(self, kind: UnitKind, year: int) -> tuple[Unit, ...]:
        return tuple(u for u in self.units if u.kind is kind and u.exists_in(year))

    def in_year(self, year: int) -> tuple[Unit, ...]:
        return tuple(u for u in self.units if u.exists_in(year))

    def match(self, written: str, year: int) -> Match:
        """The unit that ``written`` names in ``year``; an id (``ST03``) counts as a name.

        A former name counts in its years, and one year on with ``outdated`` set; later it is only offered.
        """
        key = folded(written, self.area)
        if key.upper() in self._by_id:
            return Match(self._by_id[key.upper()])
        unit, until = self._names.get(key) or self._street_of_the_city(key) or (None, None)
        if unit is not None and unit.exists_in(year) and (until is None or year <= until + 1):
            return Match(unit, outdated=until is not None and year > until)
        close = difflib.get_close_matches(key, self._names, n=4, cutoff=0.5)
        near = ([unit.name] if unit else []) + [self._names[name][0].name for name in close]
        return Match(None, tuple(dict.fromkeys(near))[:3])

    def named_in(self, text: str, year: int) -> tuple[Unit, ...]:
        """The units of which ``text`` holds a name; a name inside a longer one (长征 in 长征镇) is not counted."""
        whole = folded(text)
        named = {
            name: unit
            for unit in self.in_year(year)
            for name in map(folded, (unit.name, unit.official, *unit.aliases))
            if len(name) >= _LEAST_NAME and name in whole
        }
        longest = [unit for name, unit in named.items() if not any(name in other and name != other for other in named)]
        return tuple(dict.fromkeys(longest))

    def _street_of_the_city(self, key: str) -> tuple[Unit, int | None] | None:
        """A street or town with the city alone before its name; an office with the city before it is the city's."""
        for part in re.findall(r".+?[省市州区县旗]", self.area)[:-1]:
            found = self._names.get(key.removeprefix(part)) if key.startswith(part) else None
            if found and found[0].kind is UnitKind.STREET_TOWN:
                return found
        return None


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, numbers with a point kept as text to stay exact. Refused if unreadable."""
    file = with_folder(path)
    try:
        content = yaml.load(path.read_bytes().decode(), Loader=_ExactLoader)
    except FileNotFoundError:
        raise Refused([Problem("file-missing", "stop", file=file, facts={"found": str(path)})]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused([Problem("yaml-unreadable", "stop", file=file, facts=reading_fault(error))]) from None
    if not isinstance(content, dict):
        raise Refused([Problem("yaml-not-a-mapping", "stop", file=file, facts={"found": str(content)[:80]})])
    return content


def with_folder(path: Path) -> str:
    """The file with the folder it lies in: each year has files of the same names."""
    return f"{path.parent.name}/{path.name}"


def reading_fault(error: yaml.YAMLError | UnicodeDecodeError) -> dict[str, str]:
    """``line`` (from 1) and ``found``: what stopped a text file of ours from being read, for the facts of a Problem."""
    if isinstance(error, UnicodeDecodeError):
        line = str(error.object.count(b"\n", 0, error.start) + 1)
        try:
            error.object.decode("gbk")
        except UnicodeDecodeError:
            return {"line": line, "found": error.reason}
        return {"line": line, "found": "GBK"}  # what Excel and older editors save in China
    # A key that lacks its colon is noticed a line too late.
    late = "simple key" in (getattr(error, "context", None) or "")
    mark = getattr(error, "context_mark" if late else "problem_mark", None)
    line = "—" if mark is None else str(mark.line + 1)
    return {"line": line, "found": getattr(error, "problem", None) or type(error).__name__}


class _ExactLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's safe loader, with ``0.1`` read as the text ``"0.1"``; pydantic turns it into the same Decimal.

    ``no``, ``on``, ``yes`` stay words: YAML 1.1 would make booleans of the keys ``no`` and ``on`` of our rubrics.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        # PyYAML lets the second of two equal keys win in silence.
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


_ExactLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: loader.construct_scalar(node))
_ExactLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def schema_problems(error: ValidationError, file: str) -> list[Problem]:
    """One Problem for each complaint of pydantic, with the place inside the file."""
    return [
        Problem(
            "data-file-invalid",
            "stop",
            file=file,
            facts={
                "place": ".".join(str(part) for part in e["loc"]) or "—",
                "found": "—" if e["type"] == "missing" or not e["loc"] else str(e["input"])[:80],
                "expected": e["msg"].removeprefix("Value error, "),
            },
        )
        for e in error.errors(include_url=False)
    ]
