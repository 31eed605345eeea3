"""Real rows that samples are compared with besides the split that scores them."""

import numpy as np

from autogen.data.module import DataModule
from autogen.data.specs import Samples


def real_rows(data: DataModule, split: str) -> Samples:
    """Take as many real rows as a split has, from splits that will not score anything later."""
    others = ["train"] if data.small and split != "test" else ["tune" if split != "tune" else "select"]
    pool = np.concatenate([data.rows[name] for name in dict.fromkeys([*others, "train"])])
    if data.raw.groups is not None:  # the first rows would come from fewer groups than a model's samples
        pool = np.random.default_rng(0).permutation(pool)
    return data.kind.take(data.raw.samples, pool[: len(data.rows[split])])


def unseen_rows(data: DataModule) -> Samples:
    """Take the rows of ``select`` and ``test``, which neither training nor the search has seen."""
    held_out = np.unique(np.concatenate([data.rows["select"], data.rows["test"]]))
    return data.kind.take(data.raw.samples, held_out)
