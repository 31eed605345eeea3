"""How much sooner our search has what another one has at the end of its time.

    python -m benchmarks.search_efficiency [--against tune,tpe,hyperband,gp,halving] [--seconds 180]
        [--seeds 1] [--sets adult,...] [--results NAME]

Others: ``tune`` is Ray Tune with ASHA and ``OptunaSearch`` (TPE), ``tpe`` Optuna with its median pruner,
``asha`` with its successive halving, ``hyperband`` with Hyperband, ``gp`` Optuna's Gaussian process with the
median pruner, ``halving`` random search with successive halving. All search the small shipped space of the
kind with all its families (conditional parameters by define-by-run) by our trial's program (build, train to a
rung, sample, score on tune rows), on the same split, with two workers. Each runs in a process of its own,
whose imports count.

The ratio is the second at which ours first has a fully trained trial as good as the other's best one after T
seconds, over T; a trial is fully trained if it ended at the last rung of its config's own steps. Where ours
has none within T, the ratio counts as 1 and is flagged: it is censored, the true one is larger. *Without
start* counts from the second at which the first trial began to train, for both. Geometric means over sets and
seeds; intervals resample sets. Runs are kept in ``results/NAME.json``; what stands there is not run again, so
that sets, seeds and others can be added.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.results import FOLDER, save
from benchmarks.search.side import OTHERS
from benchmarks.search.trace import Run

SETS = ("adult", "california_housing", "fashion_mnist", "names", "tinyshakespeare", "jsb_chorales")
#: Seconds for start and end of a process beyond its search.
ALLOWANCE = 180.0


@dataclass(frozen=True)
class Ratio:
    """Ours against another search on one set with one seed.

    Attributes:
        set: Name of the set.
        seed: Seed.
        against: Name of the other search.
        ratio: Second at which ours is as good as the other is at the end, over the time; 1 if censored.
        censored: True if ours never was as good.
        ours: Our least loss within the time; ``None`` without a fully trained trial.
        other: The other's.
    """

    set: str
    seed: int
    against: str
    ratio: float
    censored: bool
    ours: float | None
    other: float | None


def ratio(ours: Run, other: Run, *, started: bool = True) -> Ratio:
    """Compare two runs.

    Args:
        ours: Our run.
        other: The other one.
        started: True to count from the start of the processes, False from that of the first trials.
    """
    seconds = other.seconds
    ours, other = (ours, other) if started else (_shifted(ours), _shifted(other))
    best = other.best(seconds)
    reached = ours.reaches(best)
    censored = reached > seconds
    losses = (_known(ours.best(seconds)), _known(best))
    return Ratio(other.set, other.seed, other.side, 1.0 if censored else reached / seconds, censored, *losses)


def _shifted(run: Run) -> Run:
    """A run whose clock begins when its first trial trains."""
    return replace(run, times=tuple(at - run.ready for at in run.times))


def _known(loss: float) -> float | None:
    return loss if math.isfinite(loss) else None


def summary(ratios: Sequence[Ratio], resamples: int = 10_000) -> dict[str, float | int | list[float]]:
    """Geometric mean of ratios, with a bootstrap interval over sets."""
    names = sorted({one.set for one in ratios})
    means = np.array([np.mean([math.log(one.ratio) for one in ratios if one.set == name]) for name in names])
    drawn = means[np.random.default_rng(0).integers(len(names), size=(resamples, len(names)))].mean(axis=1)
    return {
        "sets": len(names),
        "runs": len(ratios),
        "ratio": round(float(np.exp(means.mean())), 4),
        "interval": [round(float(one), 4) for one in np.exp(np.quantile(drawn, (0.025, 0.975)))],
        "censored": sum(one.censored for one in ratios),
    }


def searched(side: str, name: str, seed: int, seconds: float) -> Run:
    """Run one search in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.jsonl"
        given = (side, name, str(seed), str(seconds), str(path), repr(time.time()))
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
        command = [sys.executable, "-m", "benchmarks.search.side", *given]
        more = {"env": environment, "capture_output": True, "text": True, "timeout": seconds + ALLOWANCE}
        try:
            ran = subprocess.run(command, check=False, **more)
        except subprocess.TimeoutExpired:
            raise SystemExit(
                f"{side} on {name} ran past {more['timeout']:g} s; is the machine idle?"
            ) from None
        if ran.returncode:
            raise SystemExit(f"{side} on {name}: {ran.stderr[-3000:]}")
        lines = path.read_text().splitlines() if path.exists() else []
        return Run.of([json.loads(line) for line in lines], name, seed, side, seconds)


def figures(runs: Sequence[Run]) -> dict[str, object]:
    """Compare ours with all others that ran on the same set with the same seed for the same time."""
    own = {(one.set, one.seed, one.seconds): one for one in runs if one.side == "ours"}
    told: dict[str, object] = {}
    for seconds in sorted({one.seconds for one in runs}):
        for against in OTHERS:
            found = [one for one in runs if one.side == against and one.seconds == seconds]
            pairs = [(own[key], one) for one in found if (key := (one.set, one.seed, seconds)) in own]
            if pairs:
                told[f"{against} {seconds:g}s"] = compared(pairs)
    return told


def compared(pairs: Sequence[tuple[Run, Run]]) -> dict[str, object]:
    """Compare pairs of runs, ours first, with and without the start of the processes."""
    whole = [ratio(*pair) for pair in pairs]
    later = [ratio(*pair, started=False) for pair in pairs]
    return {
        "with_start": summary(whole),
        "without_start": summary(later),
        "reverse_reached": sum(
            other.reaches(ours.best(other.seconds)) <= other.seconds for ours, other in pairs
        ),
        "rows": [asdict(one) for one in whole],
    }


def load(name: str) -> list[Run]:
    """Read the runs that a file has; none if there is no file."""
    path = FOLDER / f"{name}.json"
    rows = json.loads(path.read_text())["runs"] if path.exists() else []
    return [Run(**{key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}) for row in rows]


def described(run: Run) -> str:
    """A run in one line."""
    found = f"{run.best(run.seconds):.5g}, the best of {len(run.times)} fully trained and {run.trials} begun"
    return f"{run.side} on {run.set}/{run.seed}: {found}; the first after {run.ready:.1f} s"


def main() -> None:
    """Run what is missing, print and save the figures after each run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--against", default="tune")
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--results", default="search_efficiency")
    chosen = parser.parse_args()
    runs = load(chosen.results)
    for seed in range(chosen.seeds):
        for name in chosen.sets.split(","):
            for side in ("ours", *chosen.against.split(",")):
                if (name, seed, side, chosen.seconds) in {(r.set, r.seed, r.side, r.seconds) for r in runs}:
                    continue
                runs.append(searched(side, name, seed, chosen.seconds))
                print(described(runs[-1]), flush=True)
                save(chosen.results, {"figures": figures(runs), "runs": [asdict(one) for one in runs]})
    for against, found in figures(runs).items():
        print(against, found)


if __name__ == "__main__":
    main()
