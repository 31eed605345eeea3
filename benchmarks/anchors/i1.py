"""I1: a subset of Fashion-MNIST by unbiased kernel distance; to beat: the best of KDE and a PCA Gaussian.

    python -m benchmarks.anchors.i1 [--budget 10m] [--workers 2] [--rows 4000]

The engine's own study: families searched by the distance to the tune split, finalists trained on five fresh
seeds, the test split read once. What is written down is its result.json in short.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

import autogen
from benchmarks.anchors.public import FOLDER
from benchmarks.results import save


def images(rows: int) -> np.ndarray:
    """The first images of the subset, uint8 (rows, 28, 28)."""
    path = FOLDER / "images" / "fashion_mnist" / "data.npz"
    if not path.exists():
        raise SystemExit(f"{path} is absent; set AUTOGEN_DATA to the folder of the public data sets")
    with np.load(path, allow_pickle=False) as file:
        return np.asarray(file["x_train"][:rows])


def main() -> None:
    """Search, confirm, test, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default="10m")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--space", default="")
    asked = parser.parse_args()
    start = time.monotonic()
    folder = Path(tempfile.mkdtemp())
    try:
        result = autogen.search(
            images(asked.rows),
            out=folder / "run",
            budget=asked.budget,
            workers=asked.workers,
            **({"space": asked.space} if asked.space else {}),
        )
        record = result.record
    finally:
        shutil.rmtree(folder)
    kept = ("verdict", "objective", "best", "test", "finalists", "baselines", "memorisation", "trials")
    save(
        "anchors/i1",
        {
            "protocol": f"{asked.rows} images of Fashion-MNIST, split by autogen; test split read once",
            "seconds": round(time.monotonic() - start, 1),
            "budget": asked.budget,
        }
        | {name: record[name] for name in kept}
        | {"configurations_tried": record["configurations_tried"]},
    )
    print(result)


if __name__ == "__main__":
    main()
