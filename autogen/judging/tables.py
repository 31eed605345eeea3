"""Answers to be judged, read from CSV, JSONL or a DataFrame by the names of their columns; tables written."""

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from autogen.errors import DataError, MetricError
from autogen.judging.criteria import COLUMNS, CRITERIA, Criterion, Item, get_criterion

#: What a column can stand for; a column of the very name needs no mapping.
ROLES = (*COLUMNS, "system")


def read_table(data: pd.DataFrame | str | Path) -> pd.DataFrame:
    """Read a table with all values as they stand.

    Raises:
        DataError: no such file, another form, or no rows.
    """
    table = data.reset_index(drop=True) if isinstance(data, pd.DataFrame) else _read_file(Path(data))
    if not len(table):
        raise DataError("there are no answers to judge: the table has no rows")
    return table


def check_suffix(path: Path) -> None:
    """Make sure, before anything is paid for, that a table can be written as the file's suffix says.

    Raises:
        DataError: it cannot.
    """
    if path.suffix not in (".csv", ".jsonl"):
        raise DataError(f"judged tables are written as .csv or .jsonl, not {path.name!r}")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV or JSONL, by the file's suffix."""
    check_suffix(path)
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_json(path, orient="records", lines=True, force_ascii=False)


def items_of(table: pd.DataFrame, columns: Mapping[str, str | None], needed: list[Criterion]) -> list[Item]:
    """The rows as items.

    Args:
        table: The table.
        columns: Roles (question, answer, context, truth, system) to column names.
        needed: Criteria; the columns that one of them cannot do without must be there.

    Raises:
        DataError: a column is not there.
    """
    found = {role: column_of(table, role, columns.get(role)) for role in ROLES}
    for criterion in needed:
        for role in criterion.needs:
            if found[role] is None:
                raise DataError(
                    f"{criterion.name} needs a column with the {role}: name it with --{role}; "
                    f"the table has {', '.join(map(str, table.columns))}"
                )
    texts = {
        role: [text_of(value) for value in table[name]] for role, name in found.items() if name is not None
    }
    return [Item(**{role: told[row] for role, told in texts.items()}) for row in range(len(table))]


def wanted_criteria(
    metrics: Sequence[str] | str | None, table: pd.DataFrame, columns: Mapping[str, str | None], asks: bool
) -> list[tuple[Criterion, str]]:
    """Criteria with who is to judge: ``judge`` or ``embedded``.

    Args:
        metrics: As users name them; ``None`` for all that the columns allow.
        table: The table.
        columns: Roles to column names.
        asks: Whether a language model judges where the name does not say.

    Raises:
        MetricError: a name that ends in something else.
        UnknownNameError: no such criterion.
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
            raise MetricError(f"{name!r}: a metric ends in .judge or .embedded, or in neither")
        found.append((get_criterion(base), by or default))
    return list(dict.fromkeys(found))


def _read_file(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DataError(f"no file {path}; judging reads .csv and .jsonl")
    try:
        if path.suffix == ".csv":
            return pd.read_csv(path, dtype=str, keep_default_na=False)
        if path.suffix in (".jsonl", ".ndjson"):
            lines = path.read_text(encoding="utf-8").splitlines()
            return pd.DataFrame(
                [_row(line, number, path) for number, line in enumerate(lines, 1) if line.strip()]
            )
    except (ValueError, pd.errors.ParserError) as error:
        raise DataError(f"{path} cannot be read: {error}") from None
    raise DataError(f"judging reads .csv and .jsonl, not {path.name!r}")


def _row(line: str, number: int, path: Path) -> dict[str, Any]:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise DataError(f"{path}:{number}: each line is a JSON object, not {line[:40]!r}")
    return row


def column_of(table: pd.DataFrame, role: str, name: str | None) -> str | None:
    """The column that stands for a role; ``None`` where none is named and none is called so.

    Raises:
        DataError: the one named is not there.
    """
    if name is None:
        return role if role in table.columns else None
    if name not in table.columns:
        known = [str(column) for column in table.columns]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise DataError(f"no column {name!r} for the {role}; there are {', '.join(known)}.{hint}")
    return name


def text_of(value: Any) -> str:
    """A cell as text; several passages of a context one a line."""
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return "" if value is None or value != value else str(value)
