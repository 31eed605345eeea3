"""T3: names by makemore's split and loss; to beat: 1.92 nats per character, the end included.

    python -m benchmarks.anchors.t3 [--budget 10m] [--workers 2] [--seeds 3]

The last 1,000 names of ``torch.randperm`` with seed 3407 are the test split; of the others 1,000 more,
the ones before, steer the search. The search and the training of what it picks lie within the budget. The
test split is read once, by the winner; then the winner's config is trained on fresh seeds, on the same
names, to show how much of the figure is luck.
"""

import argparse
import statistics
import time

import numpy as np
import torch

from autogen.data.texts.codec import TextCodec
from autogen.hpo.space.search_space import SearchSpace
from benchmarks.anchors import likelihood
from benchmarks.anchors.public import text
from benchmarks.results import save

PUBLISHED = 1.92
SPACE = """
about = "Names: ranges around makemore's transformer (4 layers of 64) and its recurrent nets."
[autoregressive.model]
net = { choice = ["transformer", "gru", "lstm"], default = "lstm" }
width = { choice = [64, 96, 128], default = 128 }
depth = { int = [2, 3], default = 2 }
heads = 4
[autoregressive.training]
steps = 8000
batch_size = 64
tokens = 8192
optimizer = { choice = ["adamw", "muon"], default = "adamw" }
lr = { float = [1e-3, 8e-3], log = true, default = 3e-3 }
beta2 = 0.99
schedule = "cosine"
warmup = 0.03
clip = 1.0
dropout = { float = [0.0, 0.3], default = 0.1 }
weight_decay = { float = [0.01, 0.3], log = true, default = 0.1 }
ema = 0.99
"""


def splits() -> tuple[list[str], list[str], list[str]]:
    """Names to train with, to steer the search by, and to test with."""
    names = [line.strip() for line in text("names").splitlines() if line.strip()]
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(3407)).tolist()
    shuffled = [names[index] for index in order]
    return shuffled[:-2000], shuffled[-2000:-1000], shuffled[-1000:]


def main() -> None:
    """Search, test, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default="10m")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    train, tune, test = splits()
    codec = TextCodec("".join(sorted(set("".join(train)))), 17, stream=False)
    work = likelihood.LikelihoodWork(
        codec.encode(train), codec, "", codec.encode(tune), rows=tokens(tune).sum()
    )
    space = SearchSpace.parse(SPACE)
    found = likelihood.search(work, space, asked.budget, workers=asked.workers)
    unseen = codec.encode(test)
    nats = found.program.nats(unseen)
    low, high = likelihood.bootstrap(nats, tokens(test))
    print(f"test {nats.sum() / tokens(test).sum():.4f} ({low:.4f} to {high:.4f}) nats per character; {found}")
    config, steps = found.best.task.config, found.best.task.steps
    start = time.monotonic()
    again = [
        likelihood.train(work, config, seed, steps).nats(codec.encode(test)) for seed in range(asked.seeds)
    ]
    seeds = [float(one.sum() / tokens(test).sum()) for one in again]
    print("fresh seeds", seeds, f"{time.monotonic() - start:.0f} s")
    save(
        "anchors/t3",
        {
            "protocol": "nats per character, the end of each name included, over the test split",
            "published": PUBLISHED,
            "test": {"mean": float(nats.sum() / tokens(test).sum()), "low": low, "high": high},
            "tune": found.best.score,
            "fresh_seeds": {"values": seeds, "mean": statistics.mean(seeds)},
            "configurations_tried": found.trials,
            "complete": found.complete,
            "search_seconds": round(found.seconds, 1),
            "config": dict(config),
            "names": {"train": len(train), "tune": len(tune), "test": len(test)},
        },
    )


def tokens(names: list[str]) -> np.ndarray:
    """Characters of each name, and its end."""
    return np.array([len(name) + 1 for name in names])


if __name__ == "__main__":
    main()
