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
"""

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from autogen.errors import DataError

SHARES = {"tune": 0.13, "select": 0.13, "test": 0.14}
SMALL_SHARES = {"tune": 0.2, "test": 0.2}
LARGEST_PART = 5000
SMALL = 500
MINIMUM = 20


def part_sizes(n: int) -> dict[str, int]:
    """How many of n samples each part gets; no ``select`` where it falls back on tune."""
    shares = SMALL_SHARES if n < SMALL else SHARES
    sizes = {name: min(LARGEST_PART, round(share * n)) for name, share in shares.items()}
    return {"train": n - sum(sizes.values())} | sizes


def split_rows(digests: Sequence[bytes], seed: int = 0) -> dict[str, np.ndarray]:
    """Deal rows to the four parts.

    Args:
        digests: A hash of each row's content.
        seed: Another seed deals otherwise.

    Returns:
        Indices of each part, int64, in an order that follows from the content too.

    Raises:
        DataError: there are fewer than 20 rows.
    """
    if len(digests) < MINIMUM:
        raise DataError(f"{len(digests)} samples; at least {MINIMUM} are needed to hold out unseen ones")
    seen: Counter[bytes] = Counter()
    keys = []
    for digest in digests:
        keys.append(hashlib.blake2b(b"%d:%d:" % (seed, seen[digest]) + digest, digest_size=16).digest())
        seen[digest] += 1
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    rows, start = {}, 0
    for name, size in part_sizes(len(order)).items():
        rows[name] = order[start : start + size]
        start += size
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
