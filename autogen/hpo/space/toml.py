"""Search spaces as TOML text: parser and writer."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autogen.documents import parse_toml
from autogen.errors import SpaceError
from autogen.files import read_file
from autogen.hpo.space.names import nearest
from autogen.hpo.space.parameters import Choice, Constant, Parameter, When
from autogen.hpo.space.ranges import Float, Int
from autogen.hpo.trial import Config, Value

#: Largest file of a search space that is read: 16 MiB.
MOST_BYTES = 2**24

#: Family to its parameters by key.
Branches = dict[str, dict[str, Parameter]]


@dataclass(frozen=True)
class Document:
    """What a file of a search space says.

    Attributes:
        about: Purpose of the space.
        first: Families whose defaults every search tries first.
        portfolio: Configs that model-based search tries next, each with its family and some of its values.
        branches: Parameters of each family.
        least_seconds: Family to the seconds of a budget below which searches leave it out.
    """

    about: str
    first: tuple[str, ...]
    portfolio: tuple[Config, ...]
    branches: Branches
    least_seconds: Mapping[str, float] = field(default_factory=dict)


_OPTIONS = {
    "float": ("log", "step", "factor", "default", "when"),
    "int": ("log", "step", "factor", "default", "when"),
    "choice": ("default", "when"),
    "value": ("when",),
}


def read(path: Path) -> str:
    """Read the file of a search space.

    Raises:
        SpaceError: the file cannot be read.
    """
    try:
        return read_file(path, MOST_BYTES, links=True).decode()
    except FileNotFoundError:
        raise SpaceError(f"{path}: there is no such file; give a TOML file of a search space") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SpaceError(f"{path}: cannot be read as a search space: {error}") from None


def parse(text: str, origin: str) -> Document:
    """Parse TOML text.

    Raises:
        SpaceError: the text is no search space; the message has file, dotted key and fault.
    """
    try:
        document = parse_toml(text)
    except ValueError as error:
        raise SpaceError(f"{origin}: must be TOML, but it is not: {error}") from None
    try:
        about = document.pop("about", "")
        if not isinstance(about, str):
            raise SpaceError(f"about: must be a string, but it is {about!r}")
        first = document.pop("first", [])
        if not isinstance(first, list) or not all(isinstance(family, str) for family in first):
            raise SpaceError(f"first: must be a list of families, but it is {first!r}")
        portfolio = _portfolio(document.pop("portfolio", []))
        least = document.pop("least_seconds", {})
        if not isinstance(least, dict) or not all(type(one) in (int, float) for one in least.values()):
            raise SpaceError(f"least_seconds: must be a table, {{ family = seconds }}, but it is {least!r}")
        branches = {family: _branch(family, table) for family, table in document.items()}
        return Document(about, tuple(first), portfolio, branches, least)
    except SpaceError as error:
        raise SpaceError(f"{origin}: {error}") from None


def dump(
    about: str,
    branches: Mapping[str, Mapping[str, Parameter]],
    first: Sequence[str] = (),
    portfolio: Sequence[Config] = (),
    least_seconds: Mapping[str, float] | None = None,
) -> str:
    """Write a space as TOML text."""
    said = {"about": about, "first": first, "least_seconds": least_seconds}
    head = {name: value for name, value in said.items() if value}
    lines = [f"{name} = {format_value(value)}" for name, value in head.items()] + [""] * bool(head)
    for family, parameters in branches.items():
        entries = {key: _parameter(parameter) for key, parameter in parameters.items()}
        lines += _sections(f"[{format_key(family)}]", format_key(family), entries)
    for config in portfolio:
        entries = {key: format_value(value) for key, value in config.items()}
        lines += ["[[portfolio]]", *_sections("", "portfolio", entries)]
    return "\n".join(lines)


def _sections(alone: str, path: str, entries: Mapping[str, str]) -> list[str]:
    """Write entries by key as the sections of a table, those without one first; ``alone`` heads these."""
    sections: dict[str, list[str]] = {"": []}
    for key, written in entries.items():
        section, _, name = key.rpartition(".")
        sections.setdefault(section, []).append(f"{format_key(name)} = {written}")
    lines: list[str] = []
    for section, rows in sections.items():
        if rows or len(sections) == 1:
            head = f"[{path}.{format_key(section)}]" if section else alone
            lines += [*([head] if head else []), *rows, ""]
    return lines


def constant_toml(config: Config, about: str = "") -> str:
    """Write one config as TOML text of a space with only this config."""
    family = str(config["family"])
    return dump(about, {family: {key: Constant(value) for key, value in config.items() if key != "family"}})


def _portfolio(tables: Any) -> tuple[Config, ...]:
    """Read the configs of a portfolio, [[portfolio]] tables with a family each, and sections or none."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SpaceError(f"portfolio: must be tables, [[portfolio]], but it is {tables!r}")
    return tuple(_config(place, table) for place, table in enumerate(tables))


def _config(place: int, table: Mapping[str, Any]) -> Config:
    """Read one config of a portfolio."""
    config: dict[str, Value] = {}
    for name, entry in table.items():
        found = (
            {f"{name}.{key}": one for key, one in entry.items()} if isinstance(entry, dict) else {name: entry}
        )
        for key, value in found.items():
            if not isinstance(value, bool | int | float | str):
                raise SpaceError(f"portfolio[{place}].{key}: must be a value, but it is {value!r}")
            config[key] = value
    if not isinstance(config.get("family"), str):
        raise SpaceError(f"portfolio[{place}]: must have a family, but it is {dict(table)!r}")
    return config


def _branch(family: str, table: Any) -> dict[str, Parameter]:
    """Read the parameters of a family's table, with or without sections."""
    if not isinstance(table, dict):
        raise SpaceError(f"{family}: must be a family's table, [{family}.model], but it is {table!r}")
    found = {}
    for name, entry in table.items():
        if isinstance(entry, dict) and not _OPTIONS.keys() & entry.keys():
            for inner, value in entry.items():
                found[f"{name}.{inner}"] = _read(f"{family}.{name}.{inner}", value)
        else:
            found[name] = _read(f"{family}.{name}", entry)
    return found


def _read(key: str, entry: Any) -> Parameter:
    """Read the parameter of one entry of a section."""
    try:
        return _domain(entry) if isinstance(entry, dict) else Constant(entry)
    except SpaceError as error:
        raise SpaceError(f"{key}: {error}") from None


def _domain(table: dict[str, Any]) -> Parameter:
    """Read the parameter of a table with one of float, int, choice, value."""
    kinds = [kind for kind in _OPTIONS if kind in table]
    if len(kinds) != 1:
        came = " and ".join(kinds) if kinds else f"only {', '.join(table) or 'an empty table'}"
        raise SpaceError(f"must have one of {', '.join(_OPTIONS)}, but it has {came}")
    kind = kinds[0]
    for option in table:
        if option not in (kind, *_OPTIONS[kind]):
            raise SpaceError(f"{option} is not a setting of {kind}; {nearest(option, _OPTIONS[kind])}")
    options = {name: value for name, value in table.items() if name != kind}
    _check_when(options.get("when", {}))
    if kind == "value":
        return Constant(table[kind], **options)
    if kind == "choice":
        return Choice(table[kind], **options)
    bounds = table[kind]
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise SpaceError(f"{kind} must be [low, high], but it is {bounds!r}")
    return (Float if kind == "float" else Int)(*bounds, **options)


def _check_when(when: Any) -> None:
    """Refuse conditions that are no table of values."""
    if not isinstance(when, dict):
        raise SpaceError(f"when must be a table, {{ name = [values] }}, but it is {when!r}")
    for name, wanted in when.items():
        for value in wanted if isinstance(wanted, list) else [wanted]:
            if not isinstance(value, bool | int | float | str):
                raise SpaceError(f"when.{name} must be a value or a list of values, but it is {wanted!r}")


def _parameter(parameter: Parameter) -> str:
    """Write a parameter as an entry of a section."""
    match parameter:
        case Constant(value=value) if not parameter.when:
            return format_value(value)
        case Constant(value=value):
            entries = {"value": format_value(value)}
        case Choice(values=values, default=default):
            entries = {"choice": format_value(values)} | _given(default=default)
        case Float(low=low, high=high) | Int(low=low, high=high):
            entries = {"float" if isinstance(parameter, Float) else "int": format_value((low, high))}
            entries |= _given(log=parameter.log or None, step=parameter.step, factor=parameter.factor)
            entries |= _given(default=parameter.default)
        case _:
            raise SpaceError(f"{type(parameter).__name__} has no form in TOML")
    if parameter.when:
        entries["when"] = _when(parameter.when)
    return f"{{ {', '.join(f'{name} = {value}' for name, value in entries.items())} }}"


def _given(**options: Value | None) -> dict[str, str]:
    """Write the options that are set."""
    return {name: format_value(value) for name, value in options.items() if value is not None}


def _when(when: When) -> str:
    """Write conditions as an inline table."""
    return format_value(when)


def format_value(value: Any) -> str:
    """Write a string, number, boolean, or a list or table of them as TOML; floats read back the same."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _quoted(value)
        case float():
            return repr(float(value))  # repr of a numpy float includes its type
        case int():
            return str(int(value))
        case Sequence():
            return f"[{', '.join(map(format_value, value))}]"
        case Mapping():
            entries = (f"{format_key(name)} = {format_value(one)}" for name, one in value.items())
            return f"{{ {', '.join(entries)} }}"
    raise SpaceError(f"{type(value).__name__} has no form in TOML")


def format_key(name: str) -> str:
    """Write a key of a TOML table, quoted if needed."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    """Quote a string; the escapes of TOML are those of JSON, except that TOML forbids a bare DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
