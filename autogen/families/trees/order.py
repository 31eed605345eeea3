"""In which order the columns of a table are drawn."""

import numpy as np

from autogen.data.specs import TableSpec
from autogen.errors import SpaceError

ORDERS = ("information", "target", "given", "reversed", "levels", "random")
_ROWS = 5000  # that information is estimated from
_BINS = 10  # that a column is cut into for it


def order_of(name: str, spec: TableSpec, codes: np.ndarray, seed: int) -> np.ndarray:
    """The columns in the order in which they are drawn, int64 (D,).

    Args:
        name: ``given`` and ``reversed``: the table's, from the left or from the right; ``information``: each
            time the column of which those before tell most; ``target``: the same after the target, where that
            is known; ``levels``: few values first; ``random``.
        spec: Of the table.
        codes: Of the training rows, int64 (N, D).
        seed: Of a random order.

    Raises:
        SpaceError: no such order.
    """
    needed = name in ("information", "target")
    return order_from(name, spec, mutual_information(codes) if needed else np.zeros((0, 0)), seed)


def order_from(name: str, spec: TableSpec, information: np.ndarray, seed: int) -> np.ndarray:
    """The same order from the mutual information of each two columns, (D, D)."""
    if name not in ORDERS:
        raise SpaceError(f"model.order must be one of {', '.join(ORDERS)}, not {name!r}")
    columns = np.arange(len(spec.columns))
    if name == "reversed":
        return columns[::-1].copy()
    if name == "levels":
        return np.argsort([column.levels for column in spec.columns], kind="stable")
    if name == "random":
        return np.random.default_rng(seed).permutation(columns)
    if name == "given":
        return columns
    return by_information(information, spec.target if name == "target" else None)


def by_information(information: np.ndarray, first: int | None = None) -> np.ndarray:
    """Columns by greedily growing mutual information with those before.

    Args:
        information: Mutual information of each two columns, (D, D).
        first: The first column; by default the most telling one.
    """
    left = set(range(len(information)))
    order: list[int] = []
    gain = information.sum(axis=0)
    if first is not None:
        gain[first] = np.inf
    while left:
        best = max(sorted(left), key=lambda column: gain[column])
        left.remove(best)
        order.append(best)
        gain = information[order].max(axis=0)
    return np.array(order, np.int64)


def mutual_information(codes: np.ndarray) -> np.ndarray:
    """Mutual information of each two columns in nats, cut into ten bins of codes at most, (D, D)."""
    binned = np.stack([_binned(column) for column in codes[:: max(1, len(codes) // _ROWS)].T])
    columns, rows = binned.shape
    found = np.zeros((columns, columns))
    for one in range(columns):
        for other in range(one):
            joint = np.bincount(binned[one] * _BINS + binned[other], minlength=_BINS**2) / rows
            table = joint.reshape(_BINS, _BINS)
            expected = np.outer(table.sum(axis=1), table.sum(axis=0))
            there = table > 0
            found[one, other] = found[other, one] = (
                table[there] * np.log(table[there] / expected[there])
            ).sum()
    return found


def _binned(codes: np.ndarray) -> np.ndarray:
    """Codes joined with their neighbors to bins of about equal shares, int64 (N,)."""
    counts = np.bincount(codes)
    middles = (np.cumsum(counts) - counts / 2) / len(codes)
    _, bins = np.unique(np.floor(middles * _BINS).astype(np.int64)[codes], return_inverse=True)
    return np.asarray(bins)
