"""The promise of the gate: copies of train are always refused, a hold-out sample nearly never."""

import gzip
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from autogen.data.open import open_data
from autogen.metrics.memorization.gate import memorisation
from benchmarks.gate import CHANGES

DATA = Path(os.environ.get("AUTOGEN_DATA", "../shared/data"))
TABLES = ("german_credit", "insurance", "penguins", "titanic")
SPLITS = 20


def source(name: str):
    """A data set by name, of at most 2,000 samples; of images 600, since each pair is compared in 32 ways."""
    if name in ("breast_cancer", "wine"):
        return name
    if name == "digits":
        return np.random.default_rng(0).permutation(load_digits().images.astype(np.uint8))[:600]
    if not DATA.is_dir():
        pytest.skip(f"no data sets at {DATA}")
    if name == "fashion_mnist":
        return np.load(DATA / "images/fashion_mnist/data.npz")["x_train"][:600]
    if name == "names":
        lines = gzip.decompress((DATA / "text/names/data.txt.gz").read_bytes()).decode().split()
        return list(np.random.default_rng(0).permutation(sorted(set(lines)))[:2000])
    return pd.read_csv(DATA / "tabular" / name / "data.csv.gz")


SETS = ("digits", "breast_cancer", "wine", "fashion_mnist", "names", *TABLES)


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_copies_of_train_are_refused_also_when_they_are_changed_a_little(name):
    data, rng = open_data(source(name)), np.random.default_rng(0)
    train, unseen = data.split("train"), data.kind.concatenate([data.split("select"), data.split("test")])
    unseen = data.split("test") if data.small else unseen
    for change in CHANGES[data.kind.name]:
        found = memorisation(change(train, rng), train, unseen, data.codec)
        assert not found.passed, f"{change.__name__}: {found}"


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_a_hold_out_sample_passes(name):
    """Of 20 random splits at most one is refused: at 1 % a second one has a chance of 1.7 %."""
    data, rng = open_data(source(name)), np.random.default_rng(1)
    size, samples, refused = len(data.rows["test"]), data.raw.samples, 0
    for _ in range(SPLITS):
        parts = np.split(rng.permutation(len(samples)), [size, 2 * size])
        fake, unseen, train = (data.kind.take(samples, part) for part in parts)
        refused += not memorisation(fake, train, unseen, data.codec).passed
    assert refused <= 1
