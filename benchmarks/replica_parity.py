"""Losses of a trial on two replicas beside those of one: ``python -m benchmarks.replica_parity --steps 50``.

Each case of ``tests/training/parallel``, of all families, phases and penalties, is trained on one process and
on two, without dropout where replicas draw their own masks. The figure is the largest difference of the two
losses of a step, as a share of the largest loss (of 1 if that is less); rounding alone is some 1e-7. Beside
it are the bytes of parameters, average and optimizer of rank 0, as a share of those of one process.
Writes ``results/replica_parity.json``.
"""

import argparse
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from benchmarks.results import save
from tests.training.parallel import test_data_parallel, test_in_parts
from tests.training.parallel.partner import MORE, Case, digest, held_bytes, partner, restored

#: Largest share by which losses may differ.
MOST = 1e-5


def compared(case: Case, group: Any, pipe: Any) -> dict[str, Any]:
    """Train a case on one process and on two; return the difference of their losses."""
    mode = str(case.training.get("parallel", "data"))
    alone: list[float] = []
    single = case.program(losses=alone)
    single.advance(case.steps)
    own: list[float] = []
    group.losses = []
    pipe.send(case)
    # with tensor each rank has the loss of the whole batch, otherwise a part of it
    program = case.program(group, losses=own if mode == "tensor" else None)
    program.advance(case.steps)
    if mode != "data":
        program.sample(8, 0)
        state = {name: tensor.clone() for name, tensor in program.state().items()}
    equal = pipe.recv() == digest(program)  # of what each rank has whole
    together = own if mode == "tensor" else group.losses
    assert len(together) == len(alone) >= case.steps
    difference = np.abs(np.subtract(together, alone)).max() / max(1.0, np.abs(alone).max())
    if mode != "data":
        restored(program, group, pipe, state)
        program.advance(case.steps + MORE)
        program.sample(8, 0)
    return {
        "case": str(case),
        "mode": mode,
        "losses": len(alone),
        "difference": float(f"{difference:.2g}"),
        "equal weights": equal,
        "bytes of a rank": round(held_bytes(program) / held_bytes(single), 3),
    }


def main() -> None:
    """Print a line for each case, and save all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=50)
    steps = parser.parse_args().steps
    torch.set_num_threads(1)
    found = []
    with partner() as (group, pipe):
        for case in (*test_data_parallel.CASES, *test_in_parts.CASES, *test_in_parts.LARGE):
            found.append(compared(replace(case, steps=steps), group, pipe))
            print(found[-1], flush=True)
    worst = max(one["difference"] for one in found)
    print(f"largest difference {worst:.2g}; promised: {MOST:g}")
    save(
        "replica_parity", {"steps": steps, "replicas": 2, "largest": worst, "promised": MOST, "cases": found}
    )


if __name__ == "__main__":
    main()
