"""The protocol of M1 and M2: nats per frame of 88-key piano rolls, in the published split.

As in the code of Bai 2018 (https://arxiv.org/abs/1803.01271): each frame of a piece is predicted from
those before it; the negative log-likelihoods of all frames but each piece's first are added up and
divided by their number. Here a frame has one probability, the product over its keys, each given those
above it; there, keys are independent given the past. «All frames» counts the first ones too. Pieces are
known to go on.

The search sees windows of the training pieces, and steers by windows of some 60 validation pieces. The winner
reads the test pieces once, whole; then its config is trained on fresh seeds to show how much is luck.
"""

import argparse
import resource
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from autogen.data.music.codecs import FrameCodec, Manner
from autogen.data.music.files import read_music
from autogen.data.music.notes import KEYS, roll_of
from autogen.data.specs import Arrays
from autogen.families.autoregressive.frames import FrameModel
from autogen.families.nets.dropout import Dropout
from autogen.hpo.space.search_space import SearchSpace
from benchmarks.anchors import likelihood
from benchmarks.anchors.public import FOLDER
from benchmarks.results import save

STEERING = 60  # validation pieces, about, that the search is steered by
STEP = 12  # ticks of a frame: any will do, as frames go in and frames come out


def pieces(name: str) -> dict[str, list[np.ndarray]]:
    """Rolls bool (T, 88) of each part of a public set."""
    path = FOLDER / "music" / name / "data.mat"
    if not path.exists():
        raise SystemExit(f"{path} is absent; set AUTOGEN_DATA to the folder of the public data sets")
    found, parts = read_music(path, None), {}
    for piece, part in zip(found.pieces, found.parts, strict=True):
        parts.setdefault(part, []).append(roll_of(piece, STEP))
    return parts


def windows(rolls: Sequence[np.ndarray], length: int) -> Arrays:
    """Pieces in windows of at most so many frames, of equal size within a piece, as families see them."""
    cut = [part for roll in rolls for part in np.array_split(roll, -(-len(roll) // length))]
    frames = np.zeros((len(cut), length, 1 + KEYS), dtype=np.uint8)
    for row, part in zip(frames, cut, strict=True):
        row[: len(part), 0], row[: len(part), 1:] = 1, part
    return {"frames": frames}


@torch.no_grad()
def nats_of(program: likelihood.LikelihoodProgram, rolls: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Nats of each frame of each piece, which goes on."""
    model, found = program.average, []
    assert isinstance(model, FrameModel)
    for roll in rolls:
        frames = torch.from_numpy(windows([roll], len(roll))["frames"])
        features = model.features(frames, Dropout())
        found.append(
            -model.chain.log_prob(features, frames.long(), Dropout(), ends=False)[0].double().numpy()
        )
    return found


def summed(nats: Sequence[np.ndarray], first: int) -> tuple[np.ndarray, np.ndarray]:
    """Nats and frames of each piece from a frame on."""
    return np.array([one[first:].sum() for one in nats]), np.array([len(one) - first for one in nats])


def measure(name: str, data: str, published: dict[str, float], space: str, length: int) -> None:
    """Search, test, write down."""
    parser = argparse.ArgumentParser(description=f"{name}: nats per frame of {data}")
    parser.add_argument("--budget", default="4m")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=2)
    asked = parser.parse_args()
    parts = pieces(data)
    steering = parts["tune"][:: max(1, len(parts["tune"]) // STEERING)]
    train, tune = windows(parts["train"], length), windows(steering, length)
    voices = int(max(roll.sum(axis=1).max() for roll in parts["train"])) + 2
    codec = FrameCodec(length, STEP, voices, Manner())
    frames = int(tune["frames"][..., 0].sum())
    work = likelihood.LikelihoodWork(train, codec, "", tune, rows=frames)
    found = likelihood.search(work, SearchSpace.parse(space), asked.budget, workers=asked.workers)
    config, steps = found.best.task.config, found.best.task.steps
    programs = [likelihood.train(work, config, seed, steps) for seed in range(asked.seeds)]
    told = [_figures(program, parts["test"]) for program in (found.program, *programs)]
    for one in told:
        print(one)
    means = [one["next_frame"]["mean"] for one in told[1:]]
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    save(
        f"anchors/{name}",
        {
            "protocol": "nats per frame of 88 keys on the published test pieces; see rolls.py",
            "published": published,
            "test": told[0],
            "fresh_seeds": {"values": means, "mean": statistics.mean(means) if means else None},
            "valid": _figures(found.program, parts["tune"]),
            "configurations_tried": found.trials,
            "complete": found.complete,
            "search_seconds": round(found.seconds, 1),
            "cpu_seconds": round(sum(use.ru_utime + use.ru_stime for use in used), 1),
            "config": dict(config),
            "steps": steps,
            "pieces": {part: len(rolls) for part, rolls in parts.items()},
            "frames": {part: sum(map(len, rolls)) for part, rolls in parts.items()},
        },
    )


def _figures(program: likelihood.LikelihoodProgram, rolls: Sequence[np.ndarray]) -> dict[str, Any]:
    """Mean nats of the frames that have one before them, and of all, with intervals over pieces."""
    nats = nats_of(program, rolls)
    found = {}
    for name, first in (("next_frame", 1), ("all_frames", 0)):
        total, count = summed(nats, first)
        low, high = likelihood.bootstrap(total, count)
        found[name] = {"mean": float(total.sum() / count.sum()), "low": low, "high": high}
    return found
