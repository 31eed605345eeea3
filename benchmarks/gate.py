"""How often the memorisation gate refuses copies of train, whole, changed or a fifth, and real unseen rows.

``python -m benchmarks.gate [splits]`` takes each data set apart anew for every split (100 of them), and
writes benchmarks/results/gate.json. Sets that are not shipped are read from $AUTOGEN_DATA.
"""

import gzip
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.metrics.memorization.gate import memorisation
from benchmarks.results import save

Change = Callable[[Any, np.random.Generator], Any]
SPLITS, MOST = 100, 1000


def plain(samples: Any, rng: np.random.Generator) -> Any:  # noqa: ARG001
    """As they are."""
    return samples


def flipped(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """Mirrored."""
    return images[:, :, ::-1]


def noisy(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """White noise of a tenth of the range."""
    top = float(images.max())
    return np.clip(np.rint(images + rng.normal(0, 0.1 * top, images.shape)), 0, top).astype(np.uint8)


def jittered(frame: Any, rng: np.random.Generator) -> Any:
    """Numbers moved by a twentieth of their standard deviation."""
    numbers = frame.select_dtypes("number")
    return frame.assign(
        **{name: numbers[name] + rng.normal(0, 0.05 * numbers[name].std(), len(frame)) for name in numbers}
    )


def shuffled(samples: Any, rng: np.random.Generator) -> Any:
    """In another order."""
    order = rng.permutation(len(samples))
    if isinstance(samples, list):
        return [samples[i] for i in order]
    return samples[order] if isinstance(samples, np.ndarray) else samples.iloc[order].reset_index(drop=True)


CHANGES: dict[str, tuple[Change, ...]] = {
    "image": (plain, flipped, noisy, shuffled),
    "tabular": (plain, jittered, shuffled),
    "text": (plain, shuffled),
}


def refusals(data: DataModule, splits: int) -> dict[str, Any]:
    """Of how many splits each was refused, with sizes and the seconds of one judgement."""
    rng, samples = np.random.default_rng(0), data.raw.samples
    rows = min(len(samples), MOST)
    size = rows // 5
    changes = CHANGES[data.kind.name]
    tally = dict.fromkeys(["hold_out", "a_fifth", *(change.__name__ for change in changes)], 0)
    began = time.process_time()
    for _ in range(splits):
        parts = np.split(rng.permutation(len(samples))[:rows], [size, 2 * size])
        fake, unseen, train = (data.kind.take(samples, part) for part in parts)
        copied, fifth = (data.kind.take(train, np.arange(count)) for count in (size, size // 5))
        mixed = data.kind.concatenate([fifth, data.kind.take(fake, np.arange(size - size // 5))])
        tried = {"hold_out": fake, "a_fifth": mixed} | {one.__name__: one(copied, rng) for one in changes}
        for name, given in tried.items():
            tally[name] += not memorisation(given, train, unseen, data.codec).passed
    seconds = (time.process_time() - began) / splits / len(tally)
    return {"generated": size, "unseen": size, "train": rows - 2 * size, "refused": tally} | {
        "splits": splits,
        "seconds_a_judgement": round(seconds, 4),
    }


def sources() -> dict[str, Any]:
    """Small sets that are shipped, and those that are at hand."""
    found: dict[str, Any] = {name: name for name in ("digits", "breast_cancer", "wine")}
    folder = Path(os.environ.get("AUTOGEN_DATA", "../shared/data"))
    if folder.is_dir():
        for name in ("insurance", "penguins", "titanic"):
            found[name] = pd.read_csv(folder / "tabular" / name / "data.csv.gz")
        names = gzip.decompress((folder / "text/names/data.txt.gz").read_bytes()).decode().split()
        found["names"] = list(np.random.default_rng(0).permutation(sorted(set(names)))[:2000])
    return found


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else SPLITS
    told = {}
    for label, source in sources().items():
        told[label] = refusals(open_data(source), asked)
        print(label, told[label], flush=True)
    save("gate", {"alpha": 0.01, "sets": told})
