"""Training on a graphics card: speed beside one core, bf16 beside float32, memory beside its estimate.

    python -m benchmarks.gpu [--steps 300] [--seeds 2] [--processes 12]

Each family on a set of each kind of data, with the defaults of the space for long budgets. First, while
nothing else runs, milliseconds a step on one core, on the card in float32 and in bf16. Then all are trained
on the card in processes side by side, and their samples scored on the tune split by the kind's metric: what
bf16 costs in quality, and what the card's memory held at most beside what one step and one block of samples
had made expect. Figures are saved as they come.
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import torch

from autogen import registry
from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.families.base import parse_config
from autogen.hpo.space.search_space import SearchSpace
from autogen.metrics.lookup import default_metric, metric_for
from autogen.threads import torch_threads
from autogen.training.solo import SoloProgram
from autogen.training.worker.device import CudaCard, check_fit
from benchmarks.anchors.public import FOLDER
from benchmarks.results import save

SETS = {
    "image": ("images/fashion_mnist/data.npz", 4000),
    "tabular": ("tabular/adult/data.csv.gz", 8000),
    "text": ("text/names/data.txt.gz", 8000),
    "music": ("music/nottingham_midi/midi.zip", 3000),
}
MODES = ("core", "float32", "bf16")
WARM = 5  # steps before the clock runs


def opened(kind: str) -> DataModule:
    """The set that stands for a kind of data."""
    name, rows = SETS[kind]
    return open_data(FOLDER / name, rows=rows)


def made(data: DataModule, family: str, mode: str, seed: int, steps: int) -> SoloProgram:
    """A program with the default config."""
    config = SearchSpace.load(data.kind.name).default(family)
    typed = registry.get("family", family)()
    settings = parse_config(typed, config)
    settings = replace(settings, training=replace(settings.training, steps=steps))
    device = "cpu" if mode == "core" else "cuda:0"
    program = SoloProgram(typed, settings, data.codec.spec, data.encoded("train"), seed, device)
    if mode == "float32":
        program.precision = nullcontext()
    return program


def speed(family: str, mode: str, data: DataModule) -> dict[str, float]:
    """Milliseconds a step and, on the card, seconds of 200 samples."""
    few = 5 if mode == "core" else 60
    with torch_threads(1):
        program = made(data, family, mode, 0, steps=1000)
        program.advance(WARM)
        _wait(mode)
        start = time.perf_counter()
        program.advance(WARM + few)
        _wait(mode)
        told = {"step_ms": 1e3 * (time.perf_counter() - start) / few}
        if mode != "core":
            start = time.perf_counter()
            program.sample(200, seed=0)
            told["200_samples_s"] = time.perf_counter() - start
    return told


def _wait(mode: str) -> None:
    if mode != "core":
        torch.cuda.synchronize()


def trained(kind: str, family: str, mode: str, seed: int, steps: int) -> dict[str, Any]:
    """Score and memory of one training; in a process of its own, so that the memory is its own."""
    data = opened(kind)
    metric = metric_for(default_metric(kind), kind)
    reference = metric.prepare_with(data.split("tune"), data.codec, data.split("train"))
    rows = len(data.rows["tune"])
    told: dict[str, Any] = {"kind": kind, "family": family, "mode": mode, "seed": seed}
    with torch_threads(1):
        card = CudaCard("cuda:0")
        check_fit(made(data, family, mode, seed, steps), card, 1.0, rows)
        told["estimated_mb"] = card.peak() / 1e6
        card.forget_peak()
        program = made(data, family, mode, seed, steps)
        program.advance(steps)
        samples = program.sample(rows, seed=0)
        told["peak_mb"] = card.peak() / 1e6
    return told | {"score": float(metric.score(reference, data.codec.decode(samples, 0)))}


def apart(*arguments: str) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.gpu", "--one", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    with contextlib.suppress(IndexError, json.JSONDecodeError):
        return dict(json.loads(done.stdout.splitlines()[-1]))
    kind, family, mode, seed = arguments[:4]
    failed = (done.stderr.strip().splitlines() or ["?"])[-1]
    return {"kind": kind, "family": family, "mode": mode, "seed": int(seed), "failed": failed}


def context_mb() -> float:
    """Memory of the card that a process takes besides its tensors, when it has multiplied and convolved."""
    free, _ = torch.cuda.mem_get_info()
    script = (
        "import torch, sys; x = torch.ones(64, 64, device='cuda'); y = x @ x; "
        "torch.nn.functional.conv2d(x[None, None], x[None, None, :3, :3]); torch.cuda.synchronize(); "
        "print('up', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline().strip() == "up"
        taken = free - torch.cuda.mem_get_info()[0]
    return taken / 1e6


def main() -> None:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--processes", type=int, default=12)
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        kind, family, mode, seed, steps = asked.one
        print(json.dumps(trained(kind, family, mode, int(seed), int(steps))))
        return
    if not torch.cuda.is_available():
        raise SystemExit("no graphics card here")
    torch.zeros(1, device="cuda")
    families = sorted(registry.BUILT_IN["family"])
    told: dict[str, Any] = {
        "card": torch.cuda.get_device_name(0),
        "context_mb": context_mb(),
        "steps": asked.steps,
        "speeds": {},
        "trainings": [],
    }
    for kind in SETS:
        data = opened(kind)
        for family in families:
            found = {mode: speed(family, mode, data) for mode in MODES}
            told["speeds"][f"{family}, {kind}"] = found
            print(family, kind, found, flush=True)
            save("gpu", told)
    jobs = [
        (kind, family, mode, str(seed), str(asked.steps))
        for kind in SETS
        for family in families
        for mode in MODES[1:]
        for seed in range(asked.seeds)
    ]
    with ThreadPoolExecutor(asked.processes) as pool:
        for done in pool.map(lambda job: apart(*job), jobs):
            told["trainings"].append(done)
            save("gpu", told)
    _print(told["speeds"], told["trainings"])


def _print(speeds: dict[str, dict[str, dict[str, float]]], runs: list[dict[str, Any]]) -> None:
    """The table of benchmarks/README.md."""
    print("| family, kind | ms a step: core | float32 | bf16 | score: float32 | bf16 | MB, of estimate |")
    print("|---|---|---|---|---|---|---|")
    for name, by_mode in speeds.items():
        family, kind = name.split(", ")
        own = [run for run in runs if (run["family"], run["kind"]) == (family, kind) and "score" in run]
        steps = " | ".join(f"{by_mode[mode]['step_ms']:.1f}" for mode in MODES)
        scores = " | ".join(f"{_mean(own, mode):.3f}" for mode in MODES[1:])
        most = max((run["peak_mb"] for run in own), default=0.0)
        over = max((run["peak_mb"] / run["estimated_mb"] for run in own), default=0.0)
        print(f"| {name} | {steps} | {scores} | {most:.0f}, {over:.2f} |")
    for run in runs:
        if "failed" in run:
            print(run)


def _mean(runs: list[dict[str, Any]], mode: str) -> float:
    found = [run["score"] for run in runs if run["mode"] == mode]
    return statistics.mean(found) if found else float("nan")


if __name__ == "__main__":
    main()
