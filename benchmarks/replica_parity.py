"""Losses of a trial on two replicas beside those of one: ``python -m benchmarks.replica_parity --steps 50``.

Each case of ``tests/training/parallel``, of all families, phases and penalties, is trained on one process and
on two, without dropout where replicas draw their own masks. The figure is the largest difference of the two
losses of a step, as a share of the largest loss (of 1 if that is less); rounding alone is some 1e-7.
Writes ``results/replica_parity.json``.
"""

import argparse
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from benchmarks.results import save
from tests.training.parallel import test_data_parallel, test_tensor_parallel
from tests.training.parallel.partner import Case, digest, partner

#: Largest share by which losses may differ.
MOST = 1e-5


def compared(case: Case, group: Any, pipe: Any) -> dict[str, Any]:
    """Train a case on one process and on two; return the difference of their losses."""
    split = case.training.get("parallel") == "tensor"
    alone: list[float] = []
    case.program(losses=alone).advance(case.steps)
    own: list[float] = []
    group.losses = []
    pipe.send(case)
    program = case.program(group, losses=own if split else None)
    program.advance(case.steps)
    if split:
        program.sample(8, 0)
    mine = digest(program)  # of the parts of both, where they hold parts
    equal = pipe.recv() == mine
    if split:
        program.state()  # which the other one restores
    together = own if split else group.losses
    assert len(together) == len(alone) >= case.steps
    difference = np.abs(np.subtract(together, alone)).max() / max(1.0, np.abs(alone).max())
    return {
        "case": str(case),
        "mode": "tensor" if split else "data",
        "losses": len(alone),
        "difference": float(f"{difference:.2g}"),
        "equal weights": equal,
    }


def main() -> None:
    """Print a line for each case, and save all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=50)
    steps = parser.parse_args().steps
    torch.set_num_threads(1)
    found = []
    with partner() as (group, pipe):
        for case in (*test_data_parallel.CASES, *test_tensor_parallel.CASES):
            found.append(compared(replace(case, steps=steps), group, pipe))
            print(found[-1], flush=True)
    worst = max(one["difference"] for one in found)
    print(f"largest difference {worst:.2g}; promised: {MOST:g}")
    save(
        "replica_parity", {"steps": steps, "replicas": 2, "largest": worst, "promised": MOST, "cases": found}
    )


if __name__ == "__main__":
    main()
