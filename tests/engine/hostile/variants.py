"""Hostile variants of a sound run folder: each a name, and a function that changes a copy of the folder."""

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from autogen.hpo.study.chain import VERSION
from tests.hpo.study.logs import sealed

Change = Callable[[Path], object]

#: What a field may hold instead: other types, sizes that no memory has, signs, depth, control characters.
VALUES: tuple[Any, ...] = (
    None, "a", -1, 8.5, 10**9, 10**30, [], {}, [[1]], {"a": {"b": []}}, True, "", "\x1b[2J", "\ud800", 0,
    1e308,
)  # fmt: skip
TOML = (
    "-1",
    "1000000000",
    '"a"',
    "[]",
    "{}",
    "8.5",
    "true",
    "inf",
    "nan",
    "1e308",
    '"\\u001b[2J"',
    "[" * 3000,
)
GONE = object()


def variants(run: Path) -> Iterator[tuple[str, Change]]:
    """All variants of a run folder, in a fixed order."""
    yield from _of_files(run)
    yield from _of_the_journal(run)
    for name in ("result.json", "exhibits/exhibits.json", "best/data.json"):
        yield from _of_json(run, name, every=1 if name.startswith("best") else 3)
    for name in ("study.toml", "best/config.toml"):
        yield from _of_toml(run, name)
    yield from _of_weights()
    yield from _of_code(run)


def _of_files(run: Path) -> Iterator[tuple[str, Change]]:
    for path in sorted(run.rglob("*")):
        name = str(path.relative_to(run))
        if path.is_dir():
            yield f"{name} as a link", partial(_link, name)
            continue
        for how, change in FILES.items():
            yield f"{name} {how}", partial(_change_file, name, change)


def _change_file(name: str, change: Change, run: Path) -> None:
    change(run / name)


def _link(name: str, run: Path) -> None:
    outside = run.parent / "outside"
    (run / name).rename(outside / Path(name).name)
    (run / name).symlink_to(outside / Path(name).name)


def _as_link(path: Path) -> None:
    outside = next(one for one in path.parents if (one / "outside").is_dir()) / "outside/victim"
    outside.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(outside)


def _as_device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


FILES: dict[str, Change] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "as noise": lambda path: path.write_bytes(random.Random(0).randbytes(2000)),
    "as deep JSON": lambda path: path.write_bytes(b"[" * 200_000),
    "as latin-1": lambda path: path.write_bytes(b"\xe9\xe8;" + path.read_bytes()),
    "as long cells": lambda path: path.write_bytes(b'"' + b"x" * 200_000 + b'"\n'),
    "as long digits": lambda path: path.write_bytes(b"9" * 5000),
    "as a list": lambda path: path.write_bytes(b"[1]"),
    "as an object": lambda path: path.write_bytes(b"{}"),
    "as a link": _as_link,
    "as a device": _as_device,
    "as a pipe": _as_pipe,
    "as a folder": _as_folder,
}


def _of_the_journal(run: Path) -> Iterator[tuple[str, Change]]:
    """Every field of the first event of each kind holds something else, under sound checksums."""
    records = [json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()[1:]]
    for record in records:
        record.pop("crc", None)
    first: dict[str, int] = {}
    for place, record in enumerate(records):
        first.setdefault(record["e"], place)
    dice = random.Random(0)
    for name, place in first.items():
        for field in records[place]:
            for value in (GONE, *dice.sample(VALUES, 3)):
                changed = _with(records[place], field, value)
                whole = [*records[:place], changed, *records[place + 1 :]]
                yield f"journal {name}.{field} = {_short(value)}", partial(_reseal, whole)
        yield f"journal without {name}", partial(_reseal, [*records[:place], *records[place + 1 :]])
        yield f"journal with {name} twice", partial(_reseal, [*records[: place + 1], *records[place:]])
        yield f"journal of {name} alone", partial(_reseal, [records[place]])


def _reseal(records: list[Any], run: Path) -> None:
    sealed(run / "journal.jsonl", *records, version=VERSION)


def _with(record: Any, key: Any, value: object) -> Any:
    changed = dict(record) if isinstance(record, dict) else list(record)
    if value is GONE:
        del changed[key]
    else:
        changed[key] = value
    return changed


def _of_json(run: Path, name: str, every: int) -> Iterator[tuple[str, Change]]:
    if not (run / name).exists():
        return
    document = json.loads((run / name).read_text())
    dice = random.Random(0)
    for path in list(_paths(document))[::every]:
        for value in (GONE, *dice.sample(VALUES, 3)):
            changed = _replaced(document, path, value)
            where = ".".join(map(str, path))
            yield f"{name} {where} = {_short(value)}", partial(_write, name, json.dumps(changed))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Places in a document; of a list the first entry stands for all."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list) and value:
        yield from _paths(value[0], (*path, 0))


def _replaced(document: Any, path: tuple[Any, ...], value: object) -> Any:
    if len(path) == 1:
        return _with(document, path[0], value)
    return _with(document, path[0], _replaced(document[path[0]], path[1:], value))


def _of_toml(run: Path, name: str) -> Iterator[tuple[str, Change]]:
    lines = (run / name).read_text().splitlines()
    for place, line in enumerate(lines):
        if match := re.match(r"(.+?) = ", line):
            for value in TOML if name.startswith("best") else TOML[place % 3 :: 3]:
                changed = [*lines[:place], f"{match[1]} = {value}", *lines[place + 1 :]]
                yield f"{name} {match[1]} = {value[:20]}", partial(_write, name, "\n".join(changed))
        yield (
            f"{name} without line {place}",
            partial(_write, name, "\n".join(lines[:place] + lines[place + 1 :])),
        )
    for extra in ("[table]\nx = 1", "evil = 1", "a.b.c = 1", "x = " + "[" * 3000, "y = " + "9" * 5000):
        yield f"{name} with {extra[:12]!r}", partial(_write, name, "\n".join([extra, *lines]))


def _write(name: str, text: str, run: Path) -> None:
    (run / name).write_text(text)


def _of_weights() -> Iterator[tuple[str, Change]]:
    """Headers of safetensors that promise what is not there."""
    headers: dict[str, Any] = {
        "none": {},
        "huge": {"a": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}},
        "negative": {"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}},
        "strange": {"a": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}},
        "metadata": {"__metadata__": {"autogen": "[" * 100_000}},
        "metadata of a list": {"__metadata__": {"autogen": "[1]"}},
        "metadata of a number": {"__metadata__": {"autogen": '{"format": 1e99}'}},
        "foreign": {"__metadata__": {"autogen": '{"format": 1}'}},
    }
    for name, header in headers.items():
        text = json.dumps(header).encode()
        yield f"weights {name}", partial(_weigh, len(text).to_bytes(8, "little") + text + bytes(4))
    yield "weights of endless header", partial(_weigh, (2**62).to_bytes(8, "little") + b"{}")


#: A module that shows that it was imported: the guard forbids its name, and it writes outside.
EVIL = "import pathlib\npathlib.Path(__file__).resolve().parents[1].joinpath('outside/ran').write_text('x')\n"
#: Names of modules that Python, or this program, may look for in the folder where it stands.
MODULES = (
    "evil_module", "sitecustomize", "usercustomize", "autogen", "torch", "numpy", "json", "conftest",
    "evil.family",
)  # fmt: skip
#: What may stand where a name is expected, so that a careless reader imports it.
NAMES = (
    "os:system", "evil_module:Evil", "evil_module", "evil.family:Evil", "autogen.files:write",
    "builtins:eval", "../evil_module.py", "__import__('evil_module')",
    "!!python/object/apply:os.system ['true']",
)  # fmt: skip
#: Entries that name something which is looked up in a registry, or imported once the user agrees.
NAMED = {
    "study.toml": (
        "features",
        "executor",
        "sampler",
        "pruner",
        "objective",
        "space",
        "kind",
        "families",
        "judge",
    ),
    "space.toml": ("family", "plugin", "module", "import"),
    "best/config.toml": ("family", "codec", "class", "module"),
}


def _of_code(run: Path) -> Iterator[tuple[str, Change]]:
    """Names of modules wherever a name stands, with such modules in the folder, from where commands run."""
    for name, entries in NAMED.items():
        for entry in entries:
            for value in NAMES:
                yield f"{name} names {value!r:.30} as {entry}", partial(_name_code, name, entry, value)
    for path in (("kind",), ("codec", "kind"), ("codec", "columns", 0, "form", "dtype")):
        for value in NAMES:
            yield f"data.json names {value!r:.30} as {path[-1]}", partial(_name_in_data, path, value)
    for module in MODULES:
        yield f"a module {module} in the folder", partial(_put_module, module)
    yield "an entry point in the folder", _put_entry_point


def _name_code(name: str, entry: str, value: str, run: Path) -> None:
    _put_module("evil_module", run)
    _put_module("evil.family", run)
    text = (run / name).read_text()
    listed = json.dumps([value]) if re.search(rf"(?m)^{entry} = \[", text) else json.dumps(value)
    changed, count = re.subn(rf"(?m)^{entry} = .*$", lambda _: f"{entry} = {listed}", text)
    (run / name).write_text(changed if count else f"{entry} = {listed}\n{text}")


def _name_in_data(path: tuple[Any, ...], value: str, run: Path) -> None:
    _put_module("evil_module", run)
    document = json.loads((run / "best/data.json").read_text())
    try:
        changed = _replaced(document, path, value)
    except KeyError:  # no table
        changed = document | {"module": value}
    (run / "best/data.json").write_text(json.dumps(changed))


def _put_module(module: str, run: Path) -> None:
    *packages, name = module.split(".")
    folder = run.joinpath(*packages)
    folder.mkdir(exist_ok=True)
    for package in packages:
        (run / package / "__init__.py").write_text(EVIL)
    (folder / f"{name}.py").write_text(EVIL)


def _put_entry_point(run: Path) -> None:
    _put_module("evil_module", run)
    about = run / "evil-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1\n")
    (about / "entry_points.txt").write_text(
        "".join(
            f"[autogen.{kind}]\n{name} = evil_module:Evil\n"
            for kind, name in (("family", "vae"), ("metric", "kd"))
        )
    )


def _weigh(data: bytes, run: Path) -> None:
    (run / "best/model.safetensors").write_bytes(data)


def _short(value: object) -> str:
    return "gone" if value is GONE else f"{value!r:.20}"
