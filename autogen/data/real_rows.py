"""Real rows that samples are held against besides the split they are scored on."""

import numpy as np

from autogen.data.module import DataModule
from autogen.data.specs import Samples


def real_rows(data: DataModule, split: str) -> Samples:
    """As many real rows as a split has, from no split that is still to be judged by."""
    others = ["train"] if data.small and split != "test" else ["tune" if split != "tune" else "select"]
    pool = np.concatenate([data.rows[name] for name in dict.fromkeys([*others, "train"])])
    if data.raw.groups is not None:  # else these rows would come from fewer pieces than a model's
        pool = np.random.default_rng(0).permutation(pool)
    return data.kind.take(data.raw.samples, pool[: len(data.rows[split])])


def unseen_rows(data: DataModule) -> Samples:
    """The rows of select and test, which no training and no search has seen."""
    held_out = np.unique(np.concatenate([data.rows["select"], data.rows["test"]]))
    return data.kind.take(data.raw.samples, held_out)
