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
class Head:
    """What a space says of itself and its families, above their tables.

    Attributes:
        about: purpose of the space, in one sentence.
        first: families whose defaults every search tries first.
        least_seconds: family to the seconds of a budget below which searches leave it out.
    """

    about: str = ""
    first: tuple[str, ...] = ()
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


def parse(text: str, origin: str) -> tuple[Head, Branches]:
    """Parse TOML text to what a space says of itself and its families, and to its branches.

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
        least = document.pop("least_seconds", {})
        if not isinstance(least, dict) or not all(type(one) in (int, float) for one in least.values()):
            raise SpaceError(f"least_seconds: must be a table, {{ family = seconds }}, but it is {least!r}")
        branches = {family: _branch(family, table) for family, table in document.items()}
        return Head(about, tuple(first), least), branches
    except SpaceError as error:
        raise SpaceError(f"{origin}: {error}") from None


def dump(head: Head, branches: Mapping[str, Mapping[str, Parameter]]) -> str:
    """Write a space as TOML text."""
    lines = [f"{name} = {format_value(value)}" for name, value in vars(head).items() if value]
    lines += [""] * bool(lines)
    for family, parameters in branches.items():
        sections: dict[str, list[str]] = {"": []}
        for key, parameter in parameters.items():
            section, _, name = key.rpartition(".")
            sections.setdefault(section, []).append(f"{format_key(name)} = {_parameter(parameter)}")
        for section, entries in sections.items():
            if entries or len(sections) == 1:
                path = [family, section] if section else [family]
                lines += [f"[{'.'.join(map(format_key, path))}]", *entries, ""]
    return "\n".join(lines)


def constant_toml(config: Config, about: str = "") -> str:
    """Write one config as TOML text of a space with only this config."""
    family = str(config["family"])
    return dump(
        Head(about), {family: {key: Constant(value) for key, value in config.items() if key != "family"}}
    )


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
            raise SpaceError(f"{option} is no setting of {kind}; {nearest(option, _OPTIONS[kind])}")
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
