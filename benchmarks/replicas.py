"""Seconds of one trial on one process and on several: ``python -m benchmarks.replicas --replicas 2``.

A transformer on digits, trained twice by local workers; the first rung, which pays for the start, is left
out. Where other programs take the cores, the processor seconds of the busiest rank say what a free machine
would take: nothing waits for another rank for long, since all have as much to do. Linux only.
"""

import argparse
import json
import os
from pathlib import Path

from autogen import registry
from autogen.data.open import open_data
from autogen.executors.local.executor import LocalExecutor
from autogen.executors.local.placement import LocalOptions
from autogen.hpo.trial import Measurement, Task, TrialBatch
from autogen.training.worker.work import GenerativeWork


def processor_seconds(pid: int) -> list[float]:
    """Processor seconds of each process that a process started, and of those that these started."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    found = []
    for child in (int(one) for thread in threads for one in (thread / "children").read_text().split()):
        user, system = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11:13]
        found += [(int(user) + int(system)) / os.sysconf("SC_CLK_TCK"), *processor_seconds(child)]
    return found


def train(replicas: int, config: dict[str, object], steps: int, device: str) -> dict[str, float]:
    """Train one trial; return figures of its training after the first rung, and the last score."""
    data = open_data("digits")
    metric = registry.get("metric", "kd")()
    reference = metric.prepare(data.split("tune"), data.codec)
    work = GenerativeWork(data.encoded("train"), data.codec, "kd", reference, rows=64)
    told: list[tuple[Measurement, list[float]]] = []

    def decide(measured: Measurement) -> bool:
        told.append((measured, processor_seconds(os.getpid())))
        return True

    executor = LocalExecutor(1, LocalOptions(device=device, replicas=str(replicas)))
    try:
        executor.start(work)
        rungs = (steps // 4, steps)
        executor.submit(TrialBatch((Task(0, config, 0, steps, rungs),)))  # type: ignore[arg-type]
        while not list(executor.results(decide, 600.0)):
            pass
    finally:
        executor.close()
    (first, before), (last, after) = told[0], told[-1]
    done = last.step - first.step
    busiest = max(late - early for early, late in zip(before, after, strict=True))
    return {
        "seconds a step": (last.train_seconds - first.train_seconds) / done,
        "processor seconds a step": busiest / done,
        "score": last.score,
    }


def main() -> None:
    """Print a line of JSON for each number of replicas."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    config = {"family": "autoregressive", "model.width": given.width, "training.batch_size": given.batch}
    config |= {"training.dropout": 0.0}
    for count in (1, given.replicas):
        figures = train(count, config, given.steps, given.device)
        print(json.dumps({"replicas": count, **figures, "load": os.getloadavg()[0]}))


if __name__ == "__main__":
    main()
