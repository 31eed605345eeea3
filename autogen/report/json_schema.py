"""JSON schemas and documentation tables of typed records, both made from the types.

    python -m autogen.report.json_schema

writes ``result.schema.json`` and ``journal.schema.json`` into the package, and the tables between the marks
of docs/result.md and docs/run-folder.md of a checkout.
"""

import inspect
import json
import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from autogen.hpo.study.events import KINDS
from autogen.report.result import Result
from autogen.report.typed_json import type_hints

PACKAGE = Path(__file__).parents[1]
RESULT, JOURNAL = PACKAGE / "report/result.schema.json", PACKAGE / "hpo/study/journal.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def result_schema() -> dict[str, Any]:
    """Make the JSON schema of ``result.json``."""
    found: dict[str, Any] = {}
    _define(Result, found)
    root = found.pop("Result")
    return {
        "$schema": DIALECT,
        "title": "result.json of autogen",
        **root,
        "$defs": dict(sorted(found.items())),
    }


def journal_schema() -> dict[str, Any]:
    """Make the JSON schema of a line of ``journal.jsonl``: the header, or an event."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        _define(kind, found, {"e": {"const": kind.NAME}})
    header = {"format": {"const": "autogen-journal"}, "version": {"type": "integer"}}
    choices = [{"$ref": f"#/$defs/{kind.__name__}"} for kind in KINDS]
    return {
        "$schema": DIALECT,
        "title": "a line of journal.jsonl of autogen",
        "anyOf": [{"type": "object", "properties": header, "required": list(header)}, *choices],
        "$defs": dict(sorted(found.items())),
    }


def _define(kind: type[Any], found: dict[str, Any], first: dict[str, Any] | None = None) -> None:
    """Add the schema of a dataclass, and of those in its fields, to the definitions."""
    about, texts = described(kind)
    properties, first = {}, first or {}
    for entry in fields(kind):
        shape = _shape(type_hints(kind)[entry.name], found)
        properties[entry.name] = {"description": texts[entry.name]} | shape
    required = [entry.name for entry in fields(kind) if "optional" not in entry.metadata]
    found[kind.__name__] = {
        "description": about,
        "type": "object",
        "properties": first | properties,
        "required": [*first, *required],
    }


def _shape(hint: Any, found: dict[str, Any]) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return {}
    if origin in (Union, UnionType):
        shapes = [_shape(one, found) for one in inner]
        names = [shape["type"] for shape in shapes if shape.keys() == {"type"}]
        return {"type": names} if len(names) == len(shapes) else {"anyOf": shapes}
    if origin is Literal:
        return {"enum": list(inner)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [one.value for one in hint]}
    if is_dataclass(hint):
        assert isinstance(hint, type)
        if hint.__name__ not in found:
            _define(hint, found)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if origin is tuple:
        return {"type": "array", "items": _shape(inner[0], found)}
    if origin is not None:
        return {"type": "object", "additionalProperties": _shape(inner[1], found)}
    return {"type": _SCALARS[hint]}


def described(kind: type[Any]) -> tuple[str, dict[str, str]]:
    """Read the description of a dataclass and of each field from its docstring and those of its bases."""
    texts: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if is_dataclass(one):
            texts |= _attributes(inspect.getdoc(one) or "")
    about = (inspect.getdoc(kind) or "").partition("\n\nAttributes:")[0]
    return re.sub(r"\s+", " ", about.replace("``", "`")), texts


def _attributes(doc: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in doc.partition("Attributes:\n")[2].splitlines():
        start = re.match(r"    (\w+): (.*)", line)
        if start:
            name, found[start[1]] = start[1], start[2]
        elif line.strip():
            found[name] += " " + line.strip()
    return {name: text.replace("``", "`").replace("`None`", "`null`") for name, text in found.items()}


def result_page() -> str:
    """Make the sections of docs/result.md: a table for each type, the document first."""
    kinds: dict[str, type[Any]] = {}
    _reach(Result, kinds)
    return "\n".join(_section(kind) for kind in kinds.values()).rstrip("\n")


def journal_page() -> str:
    """Make the table of docs/run-folder.md: a line for each event."""
    lines = ["| `e` | event | fields |", "|---|---|---|"]
    for kind in KINDS:
        about, texts = described(kind)
        entries = [f"`{one.name}`: {_small(texts[one.name])}" for one in fields(kind) if one.name != "t"]
        lines.append(f"| `{kind.NAME}` | {about} | {' '.join(entries)} |")
    return "\n".join(lines)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _reach(kind: type[Any], kinds: dict[str, type[Any]]) -> None:
    kinds[kind.__name__] = kind
    for hint in type_hints(kind).values():
        for one in _dataclasses(hint):
            if one.__name__ not in kinds:
                _reach(one, kinds)


def _dataclasses(hint: Any) -> Iterable[type[Any]]:
    if is_dataclass(hint) and isinstance(hint, type):
        yield hint
    for inner in get_args(hint):
        yield from _dataclasses(inner)


def _section(kind: type[Any]) -> str:
    about, texts = described(kind)
    lines = [f"## {kind.__name__}", "", about, "", "| field | type | meaning |", "|---|---|---|"]
    hints = type_hints(kind)
    lines += [f"| `{one.name}` | {_named(hints[one.name])} | {texts[one.name]} |" for one in fields(kind)]
    return "\n".join([*lines, ""])


def _named(hint: Any) -> str:
    """Name a type in words, with a link to the table of a dataclass."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_named(one) for one in inner))
    if is_dataclass(hint) and isinstance(hint, type):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    if origin is tuple:
        return f"list of {_named(inner[0])}"
    if origin is Literal:
        return "string"
    if origin is not None:
        return f"object of {_named(inner[1])}"
    return "any" if hint is Any else _SCALARS[hint]


def between_marks(page: str, name: str, text: str) -> str:
    """Replace the text of a page between its marks ``<!-- name -->`` and ``<!-- /name -->``."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = page.partition(start)
    assert end in rest, f"the page has no marks {start}"
    return f"{before}{start}\n{text}\n{end}{rest.partition(end)[2]}"


def main() -> None:
    """Write schemas and tables."""
    for path, made in ((RESULT, result_schema()), (JOURNAL, journal_schema())):
        path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    docs = PACKAGE.parent / "docs"
    for name, page, text in (
        ("result", docs / "result.md", result_page()),
        ("journal", docs / "run-folder.md", journal_page()),
    ):
        page.write_text(between_marks(page.read_text(encoding="utf-8"), name, text), encoding="utf-8")


if __name__ == "__main__":
    main()
