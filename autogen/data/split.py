"""Splits by content hash: the rows of ``train``, ``tune``, ``select`` and ``test``.

The split of a row follows from the seed, its content and the number of equal rows before it, never from
the order of the file. So the splits are known before anything is fitted, and shuffling a file changes
nothing. Of N samples

* N >= 500: train 60 %, tune 13 %, select 13 %, test 14 %; the last three have at most 5,000 rows,
  which measure a distance between distributions well and in seconds, and train gets the rest;
* 20 <= N < 500: train 60 %, tune 20 %, test 20 %, and select is tune: three splits of 13 % would
  be too small to rank anything;
* N < 20: an error.

Samples that belong together (excerpts of one piece, equal rows, rows of one patient) stay together,
so the sizes are approximate: otherwise the test split would reward a model that copies its training
rows. In two cases equal rows are values of the data rather than duplicates and are split one by one:
a row whose copies would fill more than a quarter of a held-out split, and all rows of a table in which
each row occurs four times or more on average (a few columns of categories). Held out as a whole, their
values would be missing from the training split. If rows have a time, the earliest are for training and
the latest for the test. An official split of the data is kept.
"""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from autogen.errors import DataError, agreed, counted

SHARES = {"tune": 0.13, "select": 0.13, "test": 0.14}
SMALL_SHARES = {"tune": 0.2, "test": 0.2}
LARGEST_PART = 5000
SMALL = 500
MINIMUM = 20
HALVED = 200
#: Share of the smallest held-out split up to which equal rows stay together, and a floor for small splits.
MOST_TOGETHER, FEWEST_TOGETHER = 0.25, 3
#: Mean number of equal rows (with the row itself) from which on they are values of the data, not duplicates.
VALUES = 4
#: Fewest rows of a held-out split that an earlier model was not trained on.
FEWEST_NEW = 4
#: Split of the held-out rows of older data, which neither train nor score a model.
OLDER = "older"


def part_sizes(n: int) -> dict[str, int]:
    """Compute the size of each split of n samples; there is no ``select`` if it falls back on ``tune``."""
    shares = SMALL_SHARES if n < SMALL else SHARES
    sizes = {name: min(LARGEST_PART, round(share * n)) for name, share in shares.items()}
    return {"train": n - sum(sizes.values())} | sizes


def split_rows(
    digests: Sequence[bytes],
    seed: int = 0,
    groups: np.ndarray | None = None,
    given: Sequence[str] = (),
    times: np.ndarray | None = None,
    equal: Sequence[bytes] | None = None,
) -> dict[str, np.ndarray]:
    """Split rows into four parts; equal rows and rows of one group stay in one part.

    Args:
        digests: hash of the content of each row, (N,).
        seed: random seed of the split.
        groups: group number of each row, int64 (N,), or ``None``; groups stay together if there are at
            least 20.
        given: official split of each row, ``train``, ``tune``, ``test`` or an empty string, (N,); splits
            that it lacks are taken from train. A ``tune`` of at least 200 rows is halved into tune and
            select.
        times: time of each row, float64 (N,), or ``None``; the latest rows become test, those before them
            select, then tune. NaN counts as earliest; equal times are ordered by content.
        equal: hash by which rows count as equal, (N,); ``digests`` by default.

    Returns:
        Row indices of each split, int64, in an order that follows from the content.

    Raises:
        DataError: there are fewer than 20 rows.
    """
    if len(digests) < MINIMUM:
        raise DataError(
            f"the data has {counted(len(digests), 'sample')}; at least {MINIMUM} are needed to hold out "
            "unseen ones. "
            "Give more data."
        )
    sizes = part_sizes(len(digests))
    blocks = _blocks(digests, seed, owners(digests if equal is None else equal, groups))
    if times is not None:
        known = np.where(np.isnan(times), -np.inf, times)
        blocks.sort(key=lambda block: float(known[block].max()))  # stable: ties stay in the order of content
    if any(given):
        return _honoured(blocks, given, sizes)
    rows = _dealt(blocks, sizes)
    rows.setdefault("select", rows["tune"])
    return rows


def sizes_in_words(rows: Mapping[str, np.ndarray]) -> str:
    """Write the sizes of the parts, ``60 train, 20 tune, 20 test``; without ``select`` where it is ``tune``.

    Args:
        rows: Rows of each part, by its name.
    """
    doubled = np.array_equal(rows["select"], rows["tune"])
    return ", ".join(f"{len(part)} {name}" for name, part in rows.items() if name != "select" or not doubled)


def drawn_rows(
    digests: Sequence[bytes],
    seed: int = 0,
    groups: np.ndarray | None = None,
    most: int = 0,
    equal: Sequence[bytes] | None = None,
) -> np.ndarray:
    """Draw a subset of rows by the hash of their content; rows that belong together are drawn together.

    Args:
        digests: hash of the content of each row, (N,).
        seed: random seed of the draw.
        groups: group number of each row, int64 (N,), or ``None``.
        most: maximum number of rows; the first block is taken even if it is larger.
        equal: hash by which rows count as equal, (N,); ``digests`` by default.

    Returns:
        Row indices in the order of the data, int64 (n,).
    """
    blocks = _blocks(digests, seed, owners(digests if equal is None else equal, groups))
    ends = np.cumsum([len(block) for block in blocks])
    return np.sort(np.concatenate(blocks[: max(1, int(np.searchsorted(ends, most, side="right")))]))


def owners(digests: Sequence[bytes], groups: np.ndarray | None = None) -> np.ndarray:
    """Number the blocks of rows that stay together.

    Args:
        digests: hash of the content of each row, (N,).
        groups: group number of each row, int64 (N,), or ``None``; ignored if there are fewer than 20 groups.

    Returns:
        Block number of each row, int64 (N,).
    """
    n = len(digests)
    if groups is None or len(np.unique(groups)) < MINIMUM:
        owner = np.arange(n)
    else:
        owner = np.unique(groups, return_inverse=True)[1]
    most = _most_together(n)
    # Union-find: each block points to the block that it was joined with; a root points to itself.
    parent = list(range(int(owner.max()) + 1 if n else 0))
    sizes = np.bincount(owner, minlength=len(parent)).tolist()

    def root(block: int) -> int:
        while parent[block] != block:
            parent[block] = parent[parent[block]]
            block = parent[block]
        return block

    # Equal rows join their blocks, unless the joined block would be too large to be held out.
    for rows in _repeated(digests, most):
        roots = sorted({root(int(owner[row])) for row in rows})
        if len(roots) > 1 and sum(sizes[block] for block in roots) <= most:
            for block in roots[1:]:
                parent[block] = roots[0]
                sizes[roots[0]] += sizes[block]
    return np.array([root(int(block)) for block in owner], dtype=np.int64)


def _most_together(n: int) -> int:
    """Compute how many of n rows may be equal and stay together."""
    held_out = min(size for name, size in part_sizes(n).items() if name != "train") if n >= MINIMUM else n
    return max(FEWEST_TOGETHER, int(MOST_TOGETHER * held_out))


def _repeated(digests: Sequence[bytes], most: int) -> list[list[int]]:
    """List the rows of each content that occurs 2 to ``most`` times; empty if equal rows are values."""
    return [rows for rows in _duplicates(digests, most) if len(rows) > 1]


def _duplicates(digests: Sequence[bytes], most: int) -> list[list[int]]:
    """List the rows of each content that occurs 1 to ``most`` times; empty if equal rows are values."""
    places: dict[bytes, list[int]] = {}
    for row, digest in enumerate(digests):
        places.setdefault(digest, []).append(row)
    rare = [rows for rows in places.values() if len(rows) <= most]
    return [] if sum(map(len, rare)) >= VALUES * len(rare) else rare


def are_values(digests: Sequence[bytes]) -> np.ndarray:
    """Tell of each row if rows that equal it are values of the data rather than duplicates, bool (N,).

    Args:
        digests: hash by which rows count as equal, (N,).
    """
    found = np.ones(len(digests), bool)
    for rows in _duplicates(digests, _most_together(len(digests))):
        found[rows] = False
    return found


def _blocks(digests: Sequence[bytes], seed: int, owner: np.ndarray) -> list[np.ndarray]:
    """List the blocks of rows that stay together, in an order that follows from their content."""
    seen: dict[bytes, int] = {}
    keys = []
    leads: dict[int, tuple[bytes, int, int]] = {}  # least digest of a block, copies of it before, row
    for row, (digest, block) in enumerate(zip(digests, owner.tolist(), strict=True)):
        copies = seen.get(digest, 0)
        seen[digest] = copies + 1
        keys.append(hashlib.blake2b(b"%d:%d:" % (seed, copies) + digest, digest_size=16).digest())
        here = (digest, copies, row)
        leads[block] = min(leads.get(block, here), here)
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    rank = np.empty(len(keys), np.int64)
    rank[order] = np.arange(len(keys))
    # A block stands where one row of it stands in the shuffled order, chosen without regard to that order. At
    # the first of its rows there, large blocks would come early, and the training split would get them.
    lead = np.array([leads[block][2] for block in owner.tolist()], dtype=np.int64)
    together = order[np.argsort(rank[lead[order]], kind="stable")]
    return np.split(together, np.flatnonzero(np.diff(lead[together])) + 1)


def _dealt(blocks: Sequence[np.ndarray], sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """Cut blocks into consecutive parts of about these sizes; the last part gets the rest."""
    ends = np.cumsum([len(block) for block in blocks])
    wanted = np.cumsum(list(sizes.values()))[:-1]
    cuts = [0, *np.searchsorted(ends, wanted).clip(max=len(blocks) - 1).tolist(), len(blocks)]
    cuts = [cut + 1 if 0 < cut < len(blocks) else cut for cut in cuts]
    parts = [blocks[a:b] for a, b in pairwise(cuts)]
    return {
        name: np.concatenate([np.empty(0, np.int64), *part]) for name, part in zip(sizes, parts, strict=True)
    }


def _honoured(
    blocks: Sequence[np.ndarray], given: Sequence[str], sizes: dict[str, int]
) -> dict[str, np.ndarray]:
    """Keep the parts of an official split; parts that it lacks are cut from train."""
    named: dict[str, list[np.ndarray]] = {"train": [], "tune": [], "test": []}
    for block in blocks:
        named[given[block[0]] or "train"].append(block)
    lacking = {name: size for name, size in sizes.items() if not named.get(name.replace("select", "tune"))}
    rows = {name: np.concatenate(part) for name, part in named.items() if part}
    if lacking:
        left = sum(map(len, named["train"])) - sum(lacking.values())
        rows |= _dealt(named["train"], {"train": left, **lacking})
    elif len(rows["tune"]) >= HALVED:
        half = len(rows["tune"]) // 2
        rows |= _dealt(named["tune"], {"tune": half, "select": len(rows["tune"]) - half})
    rows.setdefault("select", rows["tune"])
    return rows


def kept_in_train(
    rows: Mapping[str, np.ndarray], owner: np.ndarray, known: np.ndarray
) -> dict[str, np.ndarray]:
    """Move rows that an earlier model was trained on, and those that belong to them, to the train split.

    Args:
        rows: row indices of each split, as of ``split_rows``; moved rows keep their order.
        owner: block of each row, int64 (N,), as of ``owners``.
        known: True for each row that the earlier model was trained on, bool (N,).

    Raises:
        DataError: a held-out split has no row left.
    """
    seen = np.isin(owner, owner[known])
    left = {name: np.asarray(part[~seen[part]]) for name, part in rows.items() if name != "train"}
    if empty := [name for name, part in left.items() if len(part) < FEWEST_NEW and name != OLDER]:
        raise DataError(
            f"the earlier model was trained on so many of these rows that {len(left[empty[0]])} "
            f"{agreed(len(left[empty[0]]), 'is', 'are')} left for "
            f"the {empty[0]} split; give data that it has not seen, or start without it."
        )
    held_out = np.concatenate([rows[name] for name in left])
    moved = list(dict.fromkeys(held_out[seen[held_out]].tolist()))  # select may be tune
    return {"train": np.concatenate([rows["train"], np.array(moved, np.int64)]), **left}


def copies(digests: Sequence[bytes]) -> int:
    """Count rows that are exact copies of an earlier one."""
    return len(digests) - len(set(digests))


def spread_copies(digests: Sequence[bytes], rows: Mapping[str, np.ndarray]) -> int:
    """Count test rows with an equal row in another split, which are too common to stay together."""
    test = set(rows["test"].tolist())
    elsewhere = {digest for row, digest in enumerate(digests) if row not in test}
    return sum(digests[row] in elsewhere for row in rows["test"])


def content_sha256(digests: Sequence[bytes]) -> str:
    """Compute the SHA-256 of a set of rows, independent of their order."""
    total = hashlib.sha256()
    for digest in sorted(digests):
        total.update(digest)
    return total.hexdigest()
