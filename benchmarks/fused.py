"""Trial-steps a second of trials that are trained as one program, over those one by one.

    python -m benchmarks.fused [--widths 32,128,256] [--trials 2,4,8,16] [--blocks 5] [--families gan,vae]

Programs of ``digits`` (8 x 8 images) and ``breast_cancer`` (31 columns), with the defaults of their families
but for the width of the nets, are trained in blocks of three steps, one by one and as one program by turns;
the first block of each is not counted. A figure is the median of the blocks' ratios. Seconds are those of the
processor, with one thread, so that other work on the machine counts little. ``results/fused.json`` is written
after each cell.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from itertools import product
from statistics import median
from typing import Any

from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.families.base import parse_config
from autogen.registry import get
from autogen.threads import torch_threads
from autogen.training.fused.program import FusedProgram
from autogen.training.solo import SoloProgram
from benchmarks.results import save

DATA = {"images": "digits", "table": "breast_cancer"}
_STEPS = 3  # of a block


def programs(data: DataModule, family: str, width: int, count: int) -> list[SoloProgram]:
    """Trials of one architecture, each with a learning rate and a seed of its own."""
    model = {"model.width": width} | ({"model.critic_width": width} if family == "gan" else {})
    found, made = get("family", family)(), []
    for seed in range(count):
        own = {"training.lr": 1e-3 / (seed + 1), "training.ema": 0.98}
        config = parse_config(found, {"family": family, **model, **own})
        made.append(SoloProgram(found, config, data.codec.spec, data.encoded("train"), seed))
    return made


def seconds_of(advance: Callable[[int], None], step: int) -> float:
    """Processor seconds until a step."""
    began = time.process_time()
    advance(step)
    return time.process_time() - began


def compared(data: DataModule, family: str, width: int, count: int, blocks: int) -> dict[str, Any]:
    """Milliseconds of a trial-step one by one and as one program, and the median ratio."""
    alone, fused = (programs(data, family, width, count) for _ in range(2))
    program = FusedProgram(fused)

    def one_by_one(step: int) -> None:
        for one in alone:
            one.advance(step)

    pairs = []
    for block in range(1, blocks + 2):
        step = _STEPS * block
        pairs.append((seconds_of(one_by_one, step), seconds_of(program.advance, step)))
    counted, unit = pairs[1:], 1000 / _STEPS / count
    ratios = sorted(one / together for one, together in counted)
    return {
        "trials": count,
        "alone_ms": round(unit * median(one for one, _ in counted), 3),
        "fused_ms": round(unit * median(together for _, together in counted), 3),
        "gain": round(median(ratios), 2),
        "gains": [round(one, 2) for one in (ratios[0], ratios[-1])],
    }


def main() -> None:
    """Compare, print and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--widths", default="32,128,256", type=_numbers)
    parser.add_argument("--trials", default="2,4,8,16", type=_numbers)
    parser.add_argument("--blocks", default=5, type=int)
    parser.add_argument("--families", default="gan,vae")
    asked = parser.parse_args()
    rows = []
    with torch_threads(1):
        sets = {kind: open_data(name) for kind, name in DATA.items()}
        for width, (kind, data), family, count in product(
            asked.widths, sets.items(), asked.families.split(","), asked.trials
        ):
            found = compared(data, family, width, count, asked.blocks)
            rows.append({"data": kind, "family": family, "width": width, **found})
            print(rows[-1], flush=True)
            save("fused", {"load": [round(one, 1) for one in os.getloadavg()], "cells": rows})


def _numbers(text: str) -> Sequence[int]:
    return [int(one) for one in text.split(",")]


if __name__ == "__main__":
    main()
