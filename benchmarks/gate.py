"""How often the two hard tests refuse copies of train, repeated samples, and real rows.

``python -m benchmarks.gate [splits] [rows]`` takes each data set apart anew for every split: 100 of them
with real rows, a tenth as many with each change of copies and each number of repeated samples. ``rows``
(1,000) are the most of a set. It writes benchmarks/results/gate.json after each set. Sets that are not
shipped are read from $AUTOGEN_DATA.
"""

import gzip
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.metrics.memorization.diversity import diversity
from autogen.metrics.memorization.gate import memorisation
from benchmarks.changes import CHANGES, JITTER, spliced
from benchmarks.results import save

SPLITS, FEWER = 100, 10
#: Most rows of a set.
MOST = 1000
DISTINCT = (10, 30, 100)


class Trials:
    """Refusals on one data set.

    Args:
        name: Name of the data set.
        data: The data set.
        splits: Splits of real rows.
        most: Most rows.
    """

    def __init__(self, name: str, data: DataModule, splits: int, most: int) -> None:
        self.name = name
        self.data, self.splits, self.fewer = data, splits, max(1, splits // FEWER)
        self.rng = np.random.default_rng(0)
        self.rows = min(len(data.raw.samples), most)

    def parts(self, *sizes: int) -> list[Any]:
        """Parts of the rows of these sizes at random, then the rest."""
        order = self.rng.permutation(len(self.data.raw.samples))[: self.rows]
        parts = np.split(order, np.cumsum(sizes))
        return [self.data.kind.take(self.data.raw.samples, part) for part in parts]

    def copying(self) -> dict[str, Any]:
        """Refusals by the memorization test; a fifth is generated, a fifth unseen, the rest trained on."""
        size, kind, codec = self.rows // 5, self.data.kind, self.data.codec
        tally: Counter[str] = Counter()
        found_from = []
        for split in range(self.splits):
            fake, unseen, train = self.parts(size, size)
            honest = memorisation(fake, train, unseen, codec, split)
            tally["hold_out"] += not honest.passed
            found_from.append(np.nan if honest.found_from is None else honest.found_from)
            if split >= self.fewer:
                continue
            copied = kind.take(train, np.arange(size))
            tried = {one.__name__: one(copied, self.rng) for one in CHANGES[kind.name]}
            if self.name == "names":
                tried["spliced"] = spliced(copied, self.rng)
            for name, count in (("a_fifth", size // 5), ("as_found_from", self.copies(honest, size))):
                mixed = [kind.take(train, np.arange(count)), kind.take(fake, np.arange(size - count))]
                tried[name] = kind.concatenate(mixed)
            for name, given in tried.items():
                tally[name] += not memorisation(given, train, unseen, codec, split).passed
        return {
            "generated": size,
            "unseen": size,
            "train": self.rows - 2 * size,
            "found_from": round(float(np.nanmedian(found_from)), 3),
            "refused_hold_out": tally.pop("hold_out"),
            "refused": dict(tally),
            "splits_of_refused": self.fewer,
        }

    def copies(self, honest: Any, size: int) -> int:
        """Number of copies of which the test says that it would have found them."""
        return size if honest.found_from is None else round(honest.found_from * size)

    def repeats(self) -> dict[str, Any]:
        """Refusals by the diversity test: real thirds against the other two, then few samples repeated."""
        size, kind, codec = self.rows // 3, self.data.kind, self.data.codec
        tally: Counter[str] = Counter()
        honest, found_up_to = 0, []
        for split in range(self.splits):
            fake, real = self.parts(size)
            found = diversity(fake, real, codec, split)
            honest += not found.passed
            found_up_to.append(found.found_up_to)
            for distinct in DISTINCT if split < self.fewer else ():
                few = kind.take(fake, self.rng.integers(min(distinct, size), size=size))
                for name, given in (("plain", few), ("jittered", JITTER[kind.name](few, self.rng))):
                    tally[f"{distinct}_{name}"] += not diversity(given, real, codec, split).passed
        return {
            "samples": found.samples,
            "found_up_to": int(np.median(found_up_to)),
            "refused_real_thirds": honest,
            "refused": dict(tally),
            "splits_of_refused": self.fewer,
        }


def four_values(rows: int = 1000) -> pd.DataFrame:
    """Six columns of four values, each tied to the one before: most rows occur more than once."""
    rng = np.random.default_rng(0)
    columns = [rng.choice(4, rows, p=[0.5, 0.3, 0.15, 0.05])]
    for _ in range(5):
        kept = rng.random(rows) < 0.7
        columns.append(np.where(kept, columns[-1], rng.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1])))
    return pd.DataFrame({f"c{i}": np.array(list("abcd"))[one] for i, one in enumerate(columns)})


def sources() -> dict[str, Callable[[], Any]]:
    """Small sets that are shipped, and those that are at hand."""
    found: dict[str, Callable[[], Any]] = {
        name: lambda name=name: name for name in ("digits", "breast_cancer", "wine")
    }
    found["four_values"] = four_values
    folder = Path(os.environ.get("AUTOGEN_DATA", "../shared/data"))
    if folder.is_dir():
        for name in ("insurance", "penguins", "titanic", "house_votes84", "wine_quality"):
            path = folder / "tabular" / name / "data.csv.gz"
            found[name] = lambda path=path: pd.read_csv(path).sample(frac=1, random_state=0)
        found["names"] = lambda: names(folder)
        found["sms_spam"] = lambda: list(pd.read_csv(folder / "text/sms_spam/data.csv.gz")["text"])
        found["fashion_mnist"] = lambda: np.load(folder / "images/fashion_mnist/data.npz")["x_train"][:3000]
        found["nottingham_abc"] = lambda: str(folder / "music/nottingham_abc/data.abc.gz")
    return found


def names(folder: Path) -> list[str]:
    """2,000 different names."""
    lines = gzip.decompress((folder / "text/names/data.txt.gz").read_bytes()).decode().split()
    return list(np.random.default_rng(0).permutation(sorted(set(lines)))[:2000])


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else SPLITS
    most = int(sys.argv[2]) if len(sys.argv) > 2 else MOST
    results: dict[str, Any] = {}
    for label, source in sources().items():
        began = time.process_time()
        trials = Trials(label, open_data(source()), asked, most)
        results[label] = {"memorization": trials.copying(), "diversity": trials.repeats()}
        results[label]["seconds"] = round(time.process_time() - began, 1)
        print(label, results[label], flush=True)
        save("gate", {"alpha": {"copies": 0.01, "repeats": 0.002}, "splits": asked, "sets": results})
