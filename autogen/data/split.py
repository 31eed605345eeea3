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

Samples that belong together (excerpts of one piece) are dealt together, so that parts are of about
these sizes. A split that comes with the data is kept.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from autogen.errors import DataError

SHARES = {"tune": 0.13, "select": 0.13, "test": 0.14}
SMALL_SHARES = {"tune": 0.2, "test": 0.2}
LARGEST_PART = 5000
SMALL = 500
MINIMUM = 20
HALVED = 200


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
) -> dict[str, np.ndarray]:
    """Deal rows to the four parts.

    Args:
        digests: A hash of each row's content.
        seed: Another seed deals otherwise.
        groups: Rows of one number are dealt to one part, int64 (N,), if there are at least 20 numbers.
        given: Of an official split, ``train``, ``tune`` or ``test`` for each row, or an empty string; what
            it lacks is taken from train. A ``tune`` of at least 200 rows is halved into tune and select.

    Returns:
        Indices of each part, int64, in an order that follows from the content too.

    Raises:
        DataError: there are fewer than 20 rows.
    """
    if len(digests) < MINIMUM:
        raise DataError(f"{len(digests)} samples; at least {MINIMUM} are needed to hold out unseen ones")
    blocks = _blocks(digests, seed, groups)
    if any(given):
        return _honoured(blocks, given, part_sizes(len(digests)))
    rows = _dealt(blocks, part_sizes(len(digests)))
    rows.setdefault("select", rows["tune"])
    return rows


def drawn_rows(
    digests: Sequence[bytes], seed: int = 0, groups: np.ndarray | None = None, most: int = 0
) -> np.ndarray:
    """At most so many rows, chosen by their content; rows of one number are taken together.

    Returns:
        Indices in the order of the data, int64; at least those of one block.
    """
    blocks = _blocks(digests, seed, groups)
    ends = np.cumsum([len(block) for block in blocks])
    return np.sort(np.concatenate(blocks[: max(1, int(np.searchsorted(ends, most, side="right")))]))


def _blocks(digests: Sequence[bytes], seed: int, groups: np.ndarray | None) -> list[np.ndarray]:
    """Rows that stay together, in an order that follows from their content."""
    seen: Counter[bytes] = Counter()
    keys = []
    for digest in digests:
        keys.append(hashlib.blake2b(b"%d:%d:" % (seed, seen[digest]) + digest, digest_size=16).digest())
        seen[digest] += 1
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    if groups is None or len(np.unique(groups)) < MINIMUM:
        return list(order[:, None])
    _, first, owner = np.unique(groups[order], return_index=True, return_inverse=True)
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
    """How many rows are exact copies of an earlier one."""
    return len(digests) - len(set(digests))


def content_sha256(digests: Sequence[bytes]) -> str:
    """Sha256 of a set of rows, whatever their order."""
    total = hashlib.sha256()
    for digest in sorted(digests):
        total.update(digest)
    return total.hexdigest()
