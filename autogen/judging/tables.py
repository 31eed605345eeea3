"""Tables of answers: read from CSV, JSONL or a DataFrame by column names, and written."""

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from autogen.documents import parse_json
from autogen.errors import DataError, MetricError, did_you_mean
from autogen.judging.criteria import COLUMNS, CRITERIA, Criterion, Item, get_criterion

#: Roles of columns; a column with the name of its role needs no mapping.
ROLES = (*COLUMNS, "system")
#: A printed list, and the gap between two texts that numpy prints side by side.
_LIST = re.compile(r"(?s)\[.*\]")
_OPENING = ("[", "{", "(")
_GAP = re.compile(r"(['\"])\s+(['\"])")


def read_table(data: pd.DataFrame | str | Path) -> pd.DataFrame:
    """Read a table without any conversion of values.

    Raises:
        DataError: there is no such file, it has another format, or it has no rows.
    """
    table = data.reset_index(drop=True) if isinstance(data, pd.DataFrame) else _read_file(Path(data))
    if not len(table):
        raise DataError("the table has no rows; give at least one answer to judge")
    return table


def check_suffix(path: Path) -> None:
    """Check the suffix of an output file before any paid request is sent.

    Raises:
        DataError: the suffix is neither ``.csv`` nor ``.jsonl``.
    """
    if path.suffix not in (".csv", ".jsonl"):
        raise DataError(f"a judged table needs a file name with .csv or .jsonl; got {path.name!r}")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV or JSONL, by the suffix of the file; in CSV no reason of a judge is a formula."""
    check_suffix(path)
    if path.suffix == ".csv":
        reasons = {name: table[name].map(_defused) for name in table.columns if str(name).endswith(".reason")}
        table.assign(**reasons).to_csv(path, index=False)
    else:
        table.to_json(path, orient="records", lines=True, force_ascii=False)


def _defused(cell: Any) -> Any:
    """Put an apostrophe before a server's words that a spreadsheet would run as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def items_of(table: pd.DataFrame, columns: Mapping[str, str | None], needed: list[Criterion]) -> list[Item]:
    """Convert the rows of a table to items.

    Args:
        table: N rows.
        columns: roles (question, answer, context, truth, system) to column names.
        needed: criteria whose required columns must exist.

    Raises:
        DataError: a column is missing.
    """
    found = {role: column_of(table, role, columns.get(role)) for role in ROLES}
    for criterion in needed:
        for role in criterion.needs:
            if found[role] is None:
                raise DataError(
                    f"{criterion.name} needs a column with the {role}; name it with --{role}. "
                    f"The table has {', '.join(map(str, table.columns))}"
                )
    texts = {
        role: [text_of(value) for value in table[name]] for role, name in found.items() if name is not None
    }
    return [Item(**{role: column[row] for role, column in texts.items()}) for row in range(len(table))]


def wanted_criteria(
    metrics: Sequence[str] | str | None, table: pd.DataFrame, columns: Mapping[str, str | None], asks: bool
) -> list[tuple[Criterion, str]]:
    """Parse names of metrics to criteria with their judge, ``judge`` or ``embedded``.

    Args:
        metrics: names as users write them; ``None`` for all that the columns allow.
        table: table of answers.
        columns: roles to column names.
        asks: True if a bare name means a language model.

    Raises:
        MetricError: a name has another ending.
        UnknownNameError: there is no such criterion.
    """
    default = "judge" if asks else "embedded"
    if metrics is None:
        there = {role for role, name in columns.items() if name or role in table.columns}
        found = [(criterion, default) for criterion in CRITERIA.values() if there.issuperset(criterion.needs)]
        return found or [(get_criterion("fluency"), default)]
    found = []
    for name in metrics.split(",") if isinstance(metrics, str) else metrics:
        base, _, by = name.strip().partition(".")
        if by not in ("", "judge", "embedded"):
            raise MetricError(f"a metric ends in .judge, .embedded or neither; got {name!r}")
        found.append((get_criterion(base), by or default))
    return list(dict.fromkeys(found))


def _read_file(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DataError(f"there is no file {path}; give a .csv or .jsonl file")
    try:
        if path.suffix == ".csv":
            return _with_lists(pd.read_csv(path, dtype=str, keep_default_na=False))
        if path.suffix in (".jsonl", ".ndjson"):
            lines = path.read_text(encoding="utf-8-sig").split(
                "\n"
            )  # JSON may hold other signs that break lines
            return pd.DataFrame(
                [_row(line, number, path) for number, line in enumerate(lines, 1) if line.strip()],
                dtype=object,  # whole numbers stay such beside missing ones
            )
    except (ValueError, pd.errors.ParserError) as error:
        raise DataError(f"{path} cannot be read: {error}") from None
    raise DataError(f"judging reads .csv and .jsonl files; got {path.name!r}")


def _with_lists(table: pd.DataFrame) -> pd.DataFrame:
    """Make lists and records of cells that are such as pandas, numpy or JSON print them.

    Beside other texts only lists of texts are some, as Python prints them, in half of the cells or more.
    """
    for name in table.columns:
        cells = table[name].str.strip().tolist()
        if not any(cell.startswith(_OPENING) for cell in cells):
            continue
        read = [_container(cell) for cell in cells]
        whole = all(one is not None or not cell for one, cell in zip(read, cells, strict=True))
        printed = [_is_printed(one, cell) for one, cell in zip(read, cells, strict=True)]
        many = 2 * sum(printed) >= sum(map(bool, cells))
        kept = [
            one if one is not None and (whole or (many and sure)) else text
            for one, sure, text in zip(read, printed, table[name], strict=True)
        ]
        table[name] = pd.Series(kept, index=table.index, dtype=object)
    return table


def _container(cell: str) -> list[Any] | dict[str, Any] | None:
    """Parse a printed list or record; ``None`` for another text."""
    if cell.startswith("{") and cell.endswith("}"):
        read = _literal(cell)
        if not isinstance(read, dict):
            try:
                read = parse_json(cell)
            except ValueError:
                return None
        return read if isinstance(read, dict) else None
    if cell.startswith("(") and cell.endswith(")"):
        read = _literal(cell)
        return list(read) if isinstance(read, tuple) and repr(read) == cell else None
    return _list(cell) if _LIST.fullmatch(cell) and cell else None


def _is_printed(found: list[Any] | dict[str, Any] | None, cell: str) -> bool:
    """Tell if a cell is what Python prints for a list of texts."""
    texts = isinstance(found, list) and found and all(isinstance(one, str) for one in found)
    return bool(texts) and cell in (repr(found), repr(tuple(found or ())))


def _list(cell: str) -> list[Any] | None:
    """Parse a printed list of texts; ``None`` for another text."""
    read = _literal(cell)
    if isinstance(read, list) and repr(read) == cell:  # as pandas prints it
        return read
    try:
        found = parse_json(cell)
    except ValueError:
        # numpy prints no commas, and Python would join what stands side by side.
        found = _literal(_GAP.sub(r"\1, \2", cell))
    return found if isinstance(found, list) else None


def _literal(text: str) -> Any:
    """Parse a literal of Python; ``None`` for anything else."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _row(line: str, number: int, path: Path) -> dict[str, Any]:
    row = parse_json(line)
    if not isinstance(row, dict):
        raise DataError(f"{path}:{number}: each line must be a JSON object; got {line[:40]!r}")
    return row


def column_of(table: pd.DataFrame, role: str, name: str | None) -> str | None:
    """Find the column of a role; ``None`` if the user named none and no column has the role's name.

    Raises:
        DataError: the table lacks the named column.
    """
    if name is None:
        return role if role in table.columns else None
    if name not in table.columns:
        known = [str(column) for column in table.columns]
        hint = did_you_mean(name, known)
        raise DataError(
            f"there is no column {name!r} for the {role}; the table has {', '.join(known)}.{hint}"
        )
    return name


def text_of(value: Any) -> str:
    """Convert a cell to text; a list of passages becomes one per line."""
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return "" if value is None or value != value else str(value)
