"""One table as that of several owners, for trying."""

from typing import Any

from autogen.errors import DataError, did_you_mean

#: Fewest rows of an owner.
FEWEST = 60


def split_by(frame: Any, column: str, owners: int = 0) -> dict[str, Any]:
    """Split a table by the values of a column: a part a value, the rarest values together.

    Args:
        frame: DataFrame of all rows.
        column: Name of the column.
        owners: Number of parts; 0 for one of each value with enough rows.

    Returns:
        The rows of each owner by its name.

    Raises:
        DataError: there is no such column, or fewer than two parts have enough rows.
    """
    if column not in frame:
        raise DataError(f"there is no column {column!r} to split by.{did_you_mean(column, list(frame))}")
    values = frame[column].astype("string").fillna("missing")
    counts = values.value_counts()
    most = [str(value) for value, count in counts.items() if count >= FEWEST]
    if owners and len(most) > owners - (len(most) < len(counts)):
        most = most[: owners - 1]
    rest = ~values.isin(most)
    parts = {_name(place, value): frame[values == value] for place, value in enumerate(most)}
    if rest.sum() >= FEWEST:
        parts["others"] = frame[rest]
    if len(parts) < 2:
        raise DataError(f"column {column!r} gives fewer than two owners of {FEWEST} rows or more")
    return {name: part.reset_index(drop=True) for name, part in parts.items()}


def _name(place: int, value: str) -> str:
    """Name an owner by a value, of letters and digits, made unique by its place."""
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in value).strip("-")[:30]
    return plain if plain and plain != "others" else f"owner-{place}"
