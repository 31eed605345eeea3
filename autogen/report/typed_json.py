"""Reads JSON into frozen dataclasses and writes these as JSON, by the types of their fields."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from autogen.errors import RunError

Json = Any
T = TypeVar("T")


def written(one: Any) -> dict[str, Json]:
    """Convert a dataclass to JSON; optional fields with their default are left out."""
    found = {}
    for entry in fields(one):
        value = getattr(one, entry.name)
        if "optional" not in entry.metadata or value != entry.default:
            found[entry.name] = _plain(value)
    return found


def _plain(value: Any) -> Json:
    if is_dataclass(value):
        return written(value)
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def read(kind: type[T], record: Json, place: str = "") -> T:
    """Read a dataclass from JSON.

    Args:
        kind: Type of the dataclass.
        record: JSON object; fields that the dataclass does not have are ignored.
        place: Path of the object in the document, for errors; default the root.

    Raises:
        RunError: a field is missing, or has another type.
    """
    if not isinstance(record, Mapping):
        raise RunError(f"{place or 'the document'} is {type(record).__name__}, not an object")
    values, hints = {}, type_hints(kind)
    for entry in fields(kind):  # type: ignore[arg-type]
        where = f"{place}.{entry.name}".removeprefix(".")
        if entry.name in record:
            values[entry.name] = _value(hints[entry.name], record[entry.name], where)
        elif is_required(entry):
            raise RunError(f"it lacks {where}")
    return kind(**values)


def is_required(entry: Field[Any]) -> bool:
    """Tell if a field has no default."""
    return entry.default is MISSING and entry.default_factory is MISSING


def type_hints(kind: Any) -> dict[str, Any]:
    """Types of the fields of a dataclass, by name."""
    return get_type_hints(kind)


def _value(hint: Any, value: Json, place: str) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if origin in (Union, UnionType):
        if value is None and NoneType in inner:
            return None
        (kind, *others) = [one for one in inner if one is not NoneType]
        return value if others else _value(kind, value, place)
    if is_dataclass(hint) and isinstance(hint, type):
        return read(hint, value, place)
    if origin is tuple:
        _expect(isinstance(value, Sequence) and not isinstance(value, str), value, "a list", place)
        return tuple(_value(inner[0], one, f"{place}[{at}]") for at, one in enumerate(value))
    if origin is not None and origin is not Literal:
        _expect(isinstance(value, Mapping), value, "an object", place)
        return {name: _value(inner[1], one, f"{place}.{name}") for name, one in value.items()}
    return _scalar(hint, value, place)


def _scalar(hint: Any, value: Json, place: str) -> Any:
    if get_origin(hint) is Literal:
        _expect(value in get_args(hint), value, " or ".join(get_args(hint)), place)
        return value
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    sound = {float: number, int: number and value == int(value) if number else False}
    _expect(sound.get(hint, isinstance(value, hint)), value, f"of type {hint.__name__}", place)
    return value


def _expect(sound: bool, value: Json, wanted: str, place: str) -> None:
    if not sound:
        raise RunError(f"{place} is {value!r:.60}, not {wanted}")
