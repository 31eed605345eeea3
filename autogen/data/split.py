"""Four parts by hash: which rows train, tune, select and test see.

A row's place follows from the seed, its content and how many equal rows came before it, never from
the order of the file; so the parts are known before anything is fitted, and shuffling a file
changes nothing. Of N samples

* N >= 500: train 60 %, tune 13 %, select 13 %, test 14 %; the last three are never larger than
  5,000, where a distance between distributions is known well enough and costs seconds, and what
  is left goes to train;
* 20 <= N < 500: train 60 %, tune 20 %, test 20 %, and select is tune: three parts of 13 % would
  be too small to rank anything;
* N < 20: refused.

Samples that belong together (excerpts of one piece, equal rows, rows of one patient) are dealt
together, so that parts are of about these sizes: otherwise a model that copies its training rows
would meet them again in the test part. Two cases are values of the data and no duplicates, and are
dealt one by one: a row whose copies would fill more than a quarter of a held-out part, and all rows
of a table that has each row four times or more on average (a few columns of categories): held out
whole, their values would be missing from the training part. Where rows have a time, the earliest
train and the latest test. A split that comes with the data is kept.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from autogen.errors import DataError

SHARES = {"tune": 0.13, "select": 0.13, "test": 0.14}
SMALL_SHARES = {"tune": 0.2, "test": 0.2}
LARGEST_PART = 5000
SMALL = 500
MINIMUM = 20
HALVED = 200
#: Share of the smallest held-out part up to which equal rows stay together, and a floor for small parts.
MOST_TOGETHER, FEWEST_TOGETHER = 0.25, 3
#: Copies that each row has on average, itself counted, from which on equal rows are values of the data.
VALUES = 4


def part_sizes(n: int) -> dict[str, int]:
    """How many of n samples each part gets; no ``select`` where it falls back on tune."""
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
    """Deal rows to the four parts; equal rows and rows of one group stay in one part.

    Args:
        digests: Hash of each row's content, N of them.
        seed: Random seed of the deal.
        groups: int64 (N,), or ``None``: rows of one number stay together, if there are at least 20 numbers.
        given: Official split, ``train``, ``tune`` or ``test`` for each row, or an empty string; a part that
            it lacks is taken from train. A ``tune`` of at least 200 rows is halved into tune and select.
        times: float64 (N,), or ``None``: the latest rows make the test part, those before them select,
            then tune; NaN counts as earliest. Equal times are ordered by content.
        equal: Hash by which rows count as equal, N of them; ``digests`` where ``None``.

    Returns:
        Indices of each part, int64, in an order that follows from the content too.

    Raises:
        DataError: there are fewer than 20 rows.
    """
    if len(digests) < MINIMUM:
        raise DataError(f"{len(digests)} samples; at least {MINIMUM} are needed to hold out unseen ones")
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


def drawn_rows(
    digests: Sequence[bytes],
    seed: int = 0,
    groups: np.ndarray | None = None,
    most: int = 0,
    equal: Sequence[bytes] | None = None,
) -> np.ndarray:
    """Choose at most so many rows by their content; rows that belong together are taken together.

    Returns:
        Indices in the order of the data, int64; at least those of one block.
    """
    blocks = _blocks(digests, seed, owners(digests if equal is None else equal, groups))
    ends = np.cumsum([len(block) for block in blocks])
    return np.sort(np.concatenate(blocks[: max(1, int(np.searchsorted(ends, most, side="right")))]))


def owners(digests: Sequence[bytes], groups: np.ndarray | None = None) -> np.ndarray:
    """Number the blocks of rows that stay together.

    Args:
        digests: Hash of each row's content, N of them.
        groups: int64 (N,), or ``None``; passed over where there are fewer than 20 numbers.

    Returns:
        Number of each row's block, int64 (N,).
    """
    n = len(digests)
    if groups is None or len(np.unique(groups)) < MINIMUM:
        owner = np.arange(n)
    else:
        owner = np.unique(groups, return_inverse=True)[1]
    held_out = min(size for name, size in part_sizes(n).items() if name != "train") if n >= MINIMUM else n
    most = max(FEWEST_TOGETHER, int(MOST_TOGETHER * held_out))
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


def _repeated(digests: Sequence[bytes], most: int) -> list[list[int]]:
    """Rows of each content that occurs more than once and at most so often; none where all recur often."""
    places: dict[bytes, list[int]] = {}
    for row, digest in enumerate(digests):
        places.setdefault(digest, []).append(row)
    rare = [rows for rows in places.values() if len(rows) <= most]
    if sum(map(len, rare)) >= VALUES * len(rare):
        return []
    return [rows for rows in rare if len(rows) > 1]


def _blocks(digests: Sequence[bytes], seed: int, owner: np.ndarray) -> list[np.ndarray]:
    """Rows that stay together, in an order that follows from their content."""
    seen: Counter[bytes] = Counter()
    keys = []
    for digest in digests:
        keys.append(hashlib.blake2b(b"%d:%d:" % (seed, seen[digest]) + digest, digest_size=16).digest())
        seen[digest] += 1
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    _, first, owner = np.unique(owner[order], return_index=True, return_inverse=True)
    together = np.argsort(first[owner], kind="stable")
    return np.split(order[together], np.flatnonzero(np.diff(owner[together])) + 1)


def _dealt(blocks: Sequence[np.ndarray], sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """Parts of about these sizes, one after the other; the last takes what is left."""
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
    """The parts that an official split names; a part that it lacks is dealt from train."""
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


def copies(digests: Sequence[bytes]) -> int:
    """Count rows that are exact copies of an earlier one."""
    return len(digests) - len(set(digests))


def spread_copies(digests: Sequence[bytes], rows: Mapping[str, np.ndarray]) -> int:
    """Count test rows whose equal stands in another part, since they are too common to be kept together."""
    test = set(rows["test"].tolist())
    elsewhere = {digest for row, digest in enumerate(digests) if row not in test}
    return sum(digests[row] in elsewhere for row in rows["test"])


def content_sha256(digests: Sequence[bytes]) -> str:
    """Sha256 of a set of rows, whatever their order."""
    total = hashlib.sha256()
    for digest in sorted(digests):
        total.update(digest)
    return total.hexdigest()
