"""Samples in formats that kinds of data share: Arrow, JSON lines, WebDataset, a ``datasets`` folder."""

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autogen.data.kind import DataKind
from autogen.errors import DataError, RunError, did_you_mean
from autogen.exporting.formats import FORMATS
from autogen.files import replacing, write
from autogen.generator.baseline import BaselineModel
from autogen.generator.conditioning import Condition
from autogen.generator.generator import GeneratedModel, kind_named
from autogen.generator.write import printed_samples, write_samples

Model = GeneratedModel | BaselineModel
#: Parts of a draw, in order.
Parts = Iterator[Any]

#: Formats whose files are text.
_PRINTED = ("csv", "tsv", "jsonl", "txt")


def save_samples(
    model: Model, n: int, path: Path, seed: int = 0, condition: Condition | None = None, form: str = ""
) -> None:
    """Draw n samples and write them; equal arguments give equal samples.

    Args:
        model: Model to draw from.
        n: Number of samples, at least 1.
        path: File or folder.
        seed: Seed of the draws.
        condition: Condition on all samples; see ``GeneratedModel.sample``.
        form: Name of the format; default the suffix of the path chooses.

    Raises:
        DataError: no such format, or not for this kind of data.
    """
    _check_format(form)
    if form and (suffix := FORMATS[form]) and not path.name.lower().endswith(suffix):
        raise DataError(f"the format {form} needs a file name with {suffix}; got {path.name!r}.")
    kind = kind_named(model.codec.kind)
    writer = _writer(kind, path, form)
    if writer is None:
        _refuse_suffix(kind, path)
        write_samples(model, n, path, seed, condition)
    else:
        writer(kind, model.stream(n, seed, condition=condition), path, model)


def print_samples(
    model: Model, n: int, seed: int = 0, condition: Condition | None = None, form: str = ""
) -> list[str]:
    """Draw n samples as lines of text, in a format of text.

    Args:
        model: Model to draw from.
        n: Number of samples, at least 1.
        seed: Seed of the draws.
        condition: Condition on all samples; see ``GeneratedModel.sample``.
        form: Name of the format; default rows under their header, or texts.

    Raises:
        DataError: no such format, not for this kind of data, or not one of text.
    """
    if not form:
        return printed_samples(model, n, seed, condition)
    _check_format(form)
    if form not in _PRINTED:
        where = "FOLDER" if form == "datasets" else f"samples{FORMATS[form]}"
        raise DataError(
            f"only {', '.join(_PRINTED)} can be printed; write {form} to a file: -o {where} --format {form}"
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"samples{FORMATS[form]}"
        save_samples(model, n, path, seed, condition, form)
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def _check_format(form: str) -> None:
    """Raise ``DataError`` for a name that is no format; the empty one leaves it to the suffix."""
    if form and form not in FORMATS:
        raise DataError(
            f"there is no format {form!r}; there are {', '.join(FORMATS)}.{did_you_mean(form, FORMATS)}"
        )


def _writer(kind: DataKind, path: Path, form: str) -> Callable[[DataKind, Parts, Path, Model], None] | None:
    """The writer of a shared format; ``None`` where the kind of data writes it itself."""
    name = path.name.lower()
    if form == "datasets":
        return _write_datasets
    if name.endswith(".tar"):
        return _write_web_dataset
    if name.endswith((".arrow", ".feather")):
        return _write_arrow
    if name.endswith(".jsonl") and _is_table(kind):
        return _write_json_lines
    return None


def _refuse_suffix(kind: DataKind, path: Path) -> None:
    """Raise ``DataError`` for a file that no writer writes: it names all formats of this kind of data."""
    known = tuple(filter(None, kind.written))
    if not kind.written or path.is_dir() or path.name.lower().endswith(known):
        return
    if "" in kind.written and not path.suffix:
        return
    shared = (*((".jsonl",) if _is_table(kind) else ()), *((".arrow",) if _has_rows(kind) else ()), ".tar")
    folder = "a folder, " if "" in kind.written else ""
    raise DataError(
        f"{kind.unit}s are written to {folder}{', '.join((*known, *shared))} (WebDataset), or a folder with "
        f"--format datasets; got {path.name!r}."
    )


def _has_rows(kind: DataKind) -> bool:
    return _is_table(kind) or ".txt" in kind.suffixes


def _is_table(kind: DataKind) -> bool:
    return ".csv" in kind.suffixes


def _frames(kind: DataKind, parts: Parts) -> Iterator[Any]:
    """Samples as DataFrames: tables as they are, texts in a column."""
    import pandas as pd

    for part in parts:
        if _is_table(kind):
            yield part
        elif isinstance(part, list) and all(isinstance(one, str) for one in part):
            yield pd.DataFrame({"text": part})
        else:
            raise DataError(
                f"{kind.unit}s are no rows; write them as .tar (WebDataset), as a folder, or with "
                f"--format datasets."
            )


def _write_arrow(kind: DataKind, parts: Parts, path: Path, _: Model) -> None:
    _need_pyarrow()
    import pyarrow as pa

    from autogen.data.tables.sources.files import arrow_tables

    with replacing(path) as part, pa.OSFile(str(part), "wb") as file:
        tables = arrow_tables(_frames(kind, parts))
        first = next(tables)
        with pa.ipc.new_file(file, first.schema) as writer:
            for table in chain([first], tables):
                writer.write_table(table)


def _write_json_lines(kind: DataKind, parts: Parts, path: Path, _: Model) -> None:
    with replacing(path) as part, part.open("w", encoding="utf-8") as file:
        for frame in _frames(kind, parts):
            file.write(frame.to_json(orient="records", lines=True, date_format="iso", force_ascii=False))


def _write_web_dataset(kind: DataKind, parts: Parts, path: Path, model: Model) -> None:
    """One member a sample, ``000007.png``; equal samples give equal bytes, so members have no date."""
    with replacing(path) as part, tarfile.open(part, "w") as archive:
        for number, (suffix, content) in enumerate(_members(kind, parts, model)):
            member = tarfile.TarInfo(f"{number:06d}{suffix}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def _members(kind: DataKind, parts: Parts, model: Model) -> Iterator[tuple[str, bytes]]:
    """Suffix and content of each sample: a text, a JSON object of a row, or the file that the kind writes."""
    for part in parts:
        if _is_table(kind):
            lines = part.to_json(orient="records", lines=True, date_format="iso", force_ascii=False)
            # Not splitlines: a cell may hold U+2028, which ends a line of text but none of JSON.
            yield from ((".json", line.encode()) for line in lines.removesuffix("\n").split("\n"))
        elif isinstance(part, list) and all(isinstance(one, str) for one in part):
            yield from ((".txt", one.encode()) for one in part)
        else:
            yield from _files(kind, part, model)


def _files(kind: DataKind, part: Any, model: Model) -> Iterator[tuple[str, bytes]]:
    """Suffix and content of the files that a kind writes into a folder."""
    with TemporaryDirectory() as folder:
        kind.save(part, Path(folder) / "samples", model.codec)
        for path in sorted((Path(folder) / "samples").rglob("*")):
            if path.is_file():
                yield path.suffix, path.read_bytes()


def _write_datasets(kind: DataKind, parts: Parts, path: Path, model: Model) -> None:
    """A folder that ``datasets.load_dataset(folder)`` reads: Parquet for rows and texts, else files."""
    if path.exists() and any(path.iterdir()):
        raise RunError(f"{path} is not empty; give a new folder")
    path.mkdir(parents=True, exist_ok=True)
    first = next(parts)
    everything = (one for group in ((first,), parts) for one in group)
    if _is_table(kind) or (isinstance(first, list) and isinstance(first[0], str)):
        _need_pyarrow()
        from autogen.data.tables.sources.files import write_frames

        (path / "data").mkdir()
        write_frames(_frames(kind, everything), path / "data/train-00000-of-00001.parquet")
        about = 'configs: [{"config_name": "default", "data_files": "data/train-*.parquet"}]'
    else:
        (path / "train").mkdir()
        with (path / "train/metadata.jsonl").open("w") as listed:
            for number, (suffix, content) in enumerate(_members(kind, everything, model)):
                (path / f"train/{number:06d}{suffix}").write_bytes(content)
                listed.write(json.dumps({"file_name": f"{number:06d}{suffix}"}) + "\n")
        about = 'configs: [{"config_name": "default", "data_dir": "."}]'
    tags = json.dumps(["synthetic", "autogen", model.family])
    write(path / "README.md", f"---\ntags: {tags}\n{about}\n---\n\n# Generated {kind.unit}s\n")


def _need_pyarrow() -> None:
    if find_spec("pyarrow") is None:
        raise DataError("Arrow and Parquet need pyarrow; install it with: pip install pyarrow")
