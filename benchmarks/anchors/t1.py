"""T1: Tiny Shakespeare as nanoGPT trains it on a CPU; to beat: 1.88 nats per character after three minutes.

    python -m benchmarks.anchors.t1 [--budget 12m] [--minutes 3] [--workers 2]

The last tenth of the text is the reported split; the last twentieth of the rest steers the search, whose
trials are short. What it picks is trained once more on two threads, reading included within the minutes,
with as many steps as fit: their number follows from the time of the first. The published figure is a mean
over 20 batches of 12 random crops of 64 characters; ours is given over 2,000 such crops, and over the whole
split, each character once, with 32 to 64 before it.
"""

import argparse
import time
from dataclasses import replace

import numpy as np
import torch

from autogen.data.texts.codec import TextCodec
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config, Task
from benchmarks.anchors import likelihood
from benchmarks.anchors.public import text
from benchmarks.results import save

PUBLISHED = 1.88
BLOCK = 64  # characters before a character at the most, and predictions a crop
STRIDE = 16  # between the starts of two training crops
SPACE = """
about = "Characters: ranges around nanoGPT's for a CPU (4 layers of 128)."
[autoregressive.model]
net = { choice = ["transformer", "lstm", "tcn"], default = "transformer" }
width = { choice = [96, 128, 192], default = 128 }
depth = { int = [2, 5], default = 4 }
heads = 4
[autoregressive.training]
steps = 600
batch_size = { choice = [16, 32], default = 16 }
tokens = 4096
optimizer = { choice = ["adamw", "muon"], default = "muon" }
lr = { float = [1e-3, 1e-2], log = true, default = 4e-3 }
beta2 = 0.99
schedule = "cosine"
warmup = 0.05
clip = 1.0
dropout = 0.0
weight_decay = 0.05
ema = { choice = [0.9, 0.98], default = 0.98 }
"""


def crops(codec: TextCodec, characters: str, starts: np.ndarray) -> dict[str, np.ndarray]:
    """Crops of 65 characters, from which 64 are predicted."""
    tokens, _ = codec.flat([characters])
    return {"tokens": tokens[starts[:, None] + np.arange(BLOCK + 1)]}


def loss(program: likelihood.LikelihoodProgram, arrays: dict[str, np.ndarray], first: int = 1) -> np.ndarray:
    """Nats of what comes from place ``first`` on in each crop, (N,)."""
    before = arrays["tokens"].copy()
    before[:, first:] = program.spec.pad
    return program.nats(arrays) - program.nats({"tokens": before})


def whole(program: likelihood.LikelihoodProgram, codec: TextCodec, characters: str) -> float:
    """Mean nats of every character of a text but its first 33, given the 32 to 64 before."""
    half = BLOCK // 2
    starts = np.arange(0, len(characters) - BLOCK - 1, half)
    arrays = crops(codec, characters, starts)
    return float(loss(program, arrays, first=half + 1).sum() / (len(starts) * half))


def timed(work: likelihood.LikelihoodWork, config: Config, seconds: float) -> likelihood.LikelihoodProgram:
    """Train as many steps as fit, on two threads: the first 20 steps tell how many, with a fifth to spare."""
    start = time.monotonic()
    trial = work.program(Task(0, config, 1, 1000, (1000,)))
    trial.advance(20)
    each = (time.monotonic() - start) / 20
    steps = int(0.8 * (seconds - (time.monotonic() - start)) / each)
    print(f"{each * 1e3:.1f} ms a step, so {steps} steps")
    return likelihood.train(work, config, 0, steps)


def main() -> None:
    """Search, train, test, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default="12m")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    characters = text("tinyshakespeare")
    cut, end = int(0.9 * 0.95 * len(characters)), int(0.9 * len(characters))
    train, tune, test = characters[:cut], characters[cut:end], characters[end:]
    codec = TextCodec("".join(sorted(set(characters))), BLOCK + 1, stream=True)
    steering = crops(codec, tune, np.arange(0, len(tune) - BLOCK - 1, 120))
    work = likelihood.LikelihoodWork(
        crops(codec, train, np.arange(0, len(train) - BLOCK - 1, STRIDE)),
        codec,
        "",
        steering,
        rows=steering["tokens"].size,
    )
    found = likelihood.search(work, SearchSpace.parse(SPACE), asked.budget, workers=asked.workers)
    print(found.best.score, dict(found.best.task.config))
    everything = replace(
        work,
        train=crops(codec, train + tune, np.arange(0, end - BLOCK - 1, STRIDE)),
    )
    torch.set_num_threads(2)
    start = time.monotonic()
    program = timed(everything, found.best.task.config, 60 * asked.minutes)
    seconds = time.monotonic() - start
    arrays = crops(codec, test, np.random.default_rng(0).integers(0, len(test) - BLOCK - 1, 2000))
    nats = loss(program, arrays)
    low, high = likelihood.bootstrap(nats, np.full(len(nats), BLOCK))
    mean, every = float(nats.mean() / BLOCK), whole(program, codec, test)
    print(f"test {mean:.4f} ({low:.4f} to {high:.4f}), whole split {every:.4f}; {seconds:.0f} s")
    save(
        "anchors/t1",
        {
            "protocol": "nats per character, 2,000 random crops of 64 of the last tenth; model trained in "
            "time",
            "published": PUBLISHED,
            "test": {"mean": mean, "low": low, "high": high},
            "whole_split": {"nats": every, "bits": every / float(np.log(2))},
            "training_seconds": round(seconds, 1),
            "steps": program.step,
            "search": {
                "seconds": round(found.seconds, 1),
                "configurations_tried": found.trials,
                "complete": found.complete,
                "tune": found.best.score,
            },
            "config": dict(found.best.task.config),
        },
    )


if __name__ == "__main__":
    main()
