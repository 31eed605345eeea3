"""Entry point of data: from a name, a path or an object in memory to a data set with splits and codec."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from autogen import registry
from autogen.data.batches import deal, kept, read_batches
from autogen.data.builtin import IMAGE_SETS, TABLE_SETS
from autogen.data.codec import Codec
from autogen.data.decoding import members
from autogen.data.kind import DataKind, RawData
from autogen.data.module import DataModule, Earlier, as_earlier, honored, read_as_before
from autogen.data.split import (
    MINIMUM,
    SMALL,
    content_sha256,
    copies,
    drawn_rows,
    sizes_in_words,
    split_rows,
    spread_copies,
)
from autogen.data.tables.sources.database import file_of, is_url, read_query
from autogen.errors import DataError, agreed, counted, did_you_mean, nearest, one_line, reason
from autogen.files import near_path, neighbors

BUILT_IN_SETS = (*IMAGE_SETS, *TABLE_SETS)


def open_data(
    source: Any,
    *,
    kind: str | None = None,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
    rows: int | None = None,
    earlier: Earlier | None = None,
    older: Sequence[Any] = (),
) -> DataModule:
    """Read a data set, split it, and fit its codec on the training split.

    Args:
        source: built-in name, path, DataFrame (also of Arrow or polars), array or tensor (N, D) of a
            table, list of str, or uint8 array or tensor (N, H, W), (N, H, W, C) or (N, C, H, W).
        kind: name of the kind of data; detected by default.
        seed: random seed of the split.
        options: options of the kind's reader: ``{"columns": {"zip": "categorical"}}`` or
            ``{"target": "income"}`` for tables, ``{"size": 32}`` for images, ``{"field": "body"}`` for texts.
        rows: maximum number of samples, drawn by hash of their content; groups are kept whole. All by
            default.
        earlier: what an earlier model, from which training may start, was trained with; none by default.
        older: sources of older data, the oldest first, whose training rows are for training too; all others
            of their rows neither train nor score. None by default.

    Raises:
        DataError: the data cannot be found, read or used; the message says why and what to do.
    """
    source = known_object(source)
    reader = kind_of(source, kind, options or {})
    given = as_earlier(reader, _checked(reader, options or {}), earlier)
    with read_as_before(None if older else earlier):
        raw = read_batches(reader, [*older, source], given) if older else reader.read(source, given)
    digests, equal = reader.digests(raw.samples), reader.equal_digests(raw)
    _refuse_too_few(source, reader, len(digests))
    if rows is not None and rows < len(digests):
        _refuse_too_few(f"{rows} {reader.unit}s of {describe(source)}", reader, rows)
        drawn = drawn_rows(digests, seed, raw.groups, rows, equal)
        note = f"{len(drawn)} of {len(digests)} {reader.unit}s are used (option rows)."
        raw = replace(kept(raw, reader, drawn), notes=(*raw.notes, note))
        digests, equal = reader.digests(raw.samples), reader.equal_digests(raw)
    if older:
        parts = deal(raw, digests, equal, seed)
    else:
        parts = split_rows(digests, seed, raw.groups, raw.parts, raw.times, equal)
    parts, moved = honored(reader, raw, parts, earlier, equal) if earlier else (parts, [])
    train = parts["train"]
    codec = named(
        reader.fit_from(raw, train, earlier.codec) if earlier else reader.fit(raw, train), reader.name
    )
    losses = reader.round_trip(raw, parts["train"], codec)
    return DataModule(
        source=describe(source),
        kind=reader,
        raw=raw,
        rows=parts,
        codec=codec,
        notes=tuple(
            map(one_line, (*raw.notes, *losses, *_split_notes(equal, reader.unit, raw, parts), *moved))
        ),
        sha256=content_sha256(digests),
        split_sha256={name: content_sha256([digests[i] for i in part]) for name, part in parts.items()},
    )


def known_object(source: Any) -> Any:
    """Convert tables, columns and tensors of other libraries, and arrays (N, D), to what the readers know.

    Args:
        source: Object in memory, path or name.

    Returns:
        A DataFrame for a table, a list for a column of texts, an array for other tensors; others as they are.

    Raises:
        DataError: a tensor cannot be read, an array (N, D) is no table, or samples come with labels.
    """
    if isinstance(source, (str, Path)):
        return source
    if hasattr(source, "detach") and hasattr(source, "cpu"):
        source = _of_tensor(source)  # torch
    if hasattr(source, "DESCR") and hasattr(source, "data"):  # in this order: arrays of dates have no buffer
        from autogen.data.tables.sources.arrays import of_bunch

        source = of_bunch(source)
    if find_spec("pandas") is not None:
        from autogen.data.tables.sources.arrays import in_memory

        return in_memory(source)
    return source


def _of_tensor(tensor: Any) -> Any:
    """Convert a tensor to an array; sparse ones and types that numpy lacks (bfloat16) to float32."""
    plain = tensor.detach()
    try:
        return plain.cpu().numpy()
    except (TypeError, RuntimeError):  # of these NotImplementedError is one
        pass
    try:
        return plain.cpu().to_dense().float().numpy()
    except (TypeError, RuntimeError) as error:
        raise DataError(f"the tensor ({tensor.dtype}) cannot be read: {reason(error)}.") from error


def queried(source: Any, options: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """Read a database whose URL the user gave, with the query in the options; other sources stay.

    Whoever opens a source that a file names must not call this: the file would choose what is queried.

    Args:
        source: URL with a query in ``options``, or any other source.
        options: options for reading the data.

    Returns:
        A DataFrame instead of the URL, and the options without the query.
    """
    if not is_url(source):
        return source, dict(options)
    others = {name: value for name, value in options.items() if name != "query"}
    return read_query(source, options.get("query")), others


def codec_from_json(record: Mapping[str, Any]) -> Codec:
    """Rebuild a codec of any kind from the record in ``data.json``."""
    rebuilt: Codec = registry.get("data", record["kind"]).codec.from_json(record)
    return named(rebuilt, record["kind"])


def named(codec: Codec, kind: str) -> Codec:
    """The codec with the name of its kind: a kind may take over the class of another's codecs."""
    codec.kind = kind
    return codec


def describe(source: Any) -> str:
    """Name a source for messages and for ``study.toml``."""
    if isinstance(source, (str, Path)):
        return str(source)
    if isinstance(source, (list, tuple)):
        return f"{type(source).__name__} of {len(source)}"
    shape = " x ".join(str(size) for size in getattr(source, "shape", ()))
    return f"{type(source).__name__} {shape}".strip()


def kind_of(source: Any, forced: str | None = None, options: Collection[str] = ()) -> DataKind:
    """Find the kind of data that reads a source.

    Args:
        source: see ``open_data``.
        forced: name of the kind, or ``None`` to detect it.
        options: names of the options of its reader: of several kinds that read a source, one has them.

    Raises:
        DataError: there is no such source, or no kind reads it.
        UnknownNameError: there is no kind ``forced``.
    """
    if is_url(source):
        raise DataError(
            f"a database ({str(source).partition(':')[0]}://...) is read only where the user names it: "
            f"autogen run URL --option query='select ...', or autogen.search(URL, options={{'query': ...}})."
        )
    if isinstance(source, (str, Path)) and str(source) not in BUILT_IN_SETS and not _exists(source):
        raise DataError(_not_found(str(source)))
    if forced is not None:
        chosen: DataKind = registry.get("data", forced)()
        _refuse_other_kind(source, chosen)
        return chosen
    # The built-in ones first: a plug-in must not change how the files that they know are read.
    kinds = _all_kinds()
    found = [known for known in kinds if known.recognizes(source)]
    for known in found:
        if set(options) <= set(known.settings):
            return known
    if found:
        return found[0]
    raise DataError(_not_recognized(source, kinds))


def _all_kinds() -> list[DataKind]:
    """Make all kinds of data, the built-in ones first."""
    order = sorted(registry.names("data"), key=lambda name: (name not in registry.BUILT_IN["data"], name))
    return [registry.get("data", name)() for name in order]


def _refuse_other_kind(source: Any, chosen: DataKind) -> None:
    """Raise ``DataError`` if a source is of another kind than the user names."""
    if chosen.recognizes(source) or any(
        isinstance(chosen, type(known)) and known.recognizes(source) for known in _all_kinds()
    ):
        return
    path = Path(source) if isinstance(source, (str, Path)) else None
    lower = "" if path is None else path.name.lower()
    if path is not None and path.is_file():
        others = [known.name for known in _all_kinds() if lower.endswith(known.suffixes)]
        if not others or lower.endswith((*chosen.suffixes, *chosen.also)):
            return
    else:
        others = [known.name for known in _all_kinds() if known.recognizes(source)]
    what = f"looks like {' or '.join(others)} data" if others else "is nothing that autogen reads"
    wanted = ", ".join(dict.fromkeys((*chosen.suffixes, *chosen.also)))
    raise DataError(
        f"{describe(source)} {what}, not like {chosen.name} data, which is read from {wanted}. Leave out "
        f"the kind, or give {chosen.name} data."
    )


def _exists(source: str | Path) -> bool:
    """Tell if there is a file or folder; false for a name that is too long for one."""
    try:
        return bool(str(source).strip()) and Path(file_of(str(source))).exists()
    except OSError:
        return False


def _not_found(name: str) -> str:
    """Explain that a source is neither a file nor a built-in name, and what there is instead."""
    path = Path(name)
    if os.path.islink(name):  # noqa: PTH114 - no error for a name that no file can have
        return f"{name} is a link to a file that is not there; give the file."
    hint, suffixes = ".", tuple(suffix for known in _all_kinds() for suffix in known.suffixes)
    if near := nearest(name, BUILT_IN_SETS) or near_path(path):
        hint = f"; did you mean {near!r}?"
    elif not os.path.isdir(path.parent):  # noqa: PTH112 - no error for a name that no folder can have
        hint = f": there is no folder {str(path.parent)!r}."
    elif beside := neighbors(path, suffixes):
        hint = f"; {beside}."
    return f"no file or built-in data set {name!r}{hint} Built-in data sets: {', '.join(BUILT_IN_SETS)}."


def _not_recognized(source: Any, kinds: list[DataKind]) -> str:
    """Explain that no kind of data reads a source."""
    suffixes = ", ".join(dict.fromkeys(suffix for known in kinds for suffix in known.suffixes))
    if not isinstance(source, (str, Path)):
        return (
            "data must be a path, a built-in name, a DataFrame (also of Arrow or polars), a Bunch, an array "
            "or tensor (N, D) of a table, a list or Series of str, or a uint8 array or tensor (N, H, W[, C]) "
            f"or (N, C, H, W); got {describe(source)}."
        )
    if (path := Path(source)).is_dir():
        return _folder_not_recognized(path, kinds)
    if path.suffix.lower() == ".zip" and (names := members(path)):
        shown = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
        held = f"{len(names)} {agreed(len(names), 'file', 'files')} ({shown})"
        read = "a zip is read if it holds one table, or .txt files, or images, or music"
        return f"{source} is a zip with {held}; {read}. Unpack it."
    if path.is_file() and not path.stat().st_size:
        return f"{source} is empty."
    if path.name.lower().endswith((".tgz", ".7z", ".rar")) or ".tar" in path.suffixes:
        return f"{source} is an archive that is not read; unpack it and give a file or folder of it."
    if named := [known.name for known in kinds if path.name.lower().endswith(known.suffixes)]:
        return (
            f"{source} is damaged, or does not hold {' or '.join(named)} data as autogen reads it from "
            f"{path.suffix} files."
        )
    return (
        f"{source} has suffix {path.suffix!r}, but autogen reads {suffixes}. If it is one of these formats "
        f"under another name, set kind: {' or '.join(known.name for known in kinds)}."
    )


def _folder_not_recognized(path: Path, kinds: list[DataKind]) -> str:
    """Explain that a folder is of no kind, and name a file in it that can be given alone."""
    suffixes = tuple(suffix for known in kinds for suffix in known.suffixes)
    alone = next((file for file in sorted(path.iterdir()) if file.name.lower().endswith(suffixes)), None)
    hint = f" A single file is read alone: {alone}" if alone else ""
    return (
        f"the folder {path} holds no file that autogen reads from a folder; expected images, music, .txt "
        f"files (a text each), or a data set that save_to_disk wrote.{hint}"
    )


def _checked(reader: DataKind, options: Mapping[str, Any]) -> dict[str, Any]:
    """Check that the reader knows all options, and drop those that are ``None``."""
    for name in options:
        if name not in reader.settings:
            hint, known = did_you_mean(name, reader.settings), ", ".join(reader.settings) or "none"
            raise DataError(f"{reader.name} data has no option {name!r}; it has {known}.{hint}")
    return {name: value for name, value in options.items() if value is not None}


def _refuse_too_few(source: Any, reader: DataKind, found: int) -> None:
    if found < MINIMUM:
        raise DataError(
            f"{describe(source)} has {counted(found, reader.unit)}; at least {MINIMUM} are needed to hold "
            "out unseen "
            f"{reader.unit}s for tuning and testing. Give more data."
        )


def _split_notes(digests: list[bytes], unit: str, raw: RawData, rows: Mapping[str, np.ndarray]) -> list[str]:
    """List what the user should know about the split."""
    notes = []
    if any(raw.parts):
        notes.append(f"The official split of the data was kept: {sizes_in_words(rows)}.")
    if repeated := copies(digests):
        share = repeated / len(digests)
        note = (
            f"{repeated} of {len(digests)} {unit}s ({share:.1%}) "
            f"{agreed(repeated, 'is an exact copy of another', 'are exact copies of others')}; all are kept, "
            f"and copies of one {unit} stay in one split."
        )
        if spread := spread_copies(digests, rows):
            note += (
                f" {spread} of the {len(rows['test'])} test {unit}s {agreed(spread, 'is', 'are')} too "
                "common for that and "
                f"{agreed(spread, 'occurs', 'occur')} in other splits too."
            )
        notes.append(note)
    if len(digests) < SMALL:
        notes.append(
            f"{len(digests)} {unit}s are fewer than {SMALL}: finalists are ranked on the tune split, "
            f"without a select split of its own."
        )
    return notes
