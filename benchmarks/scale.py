"""What the controller takes of a large cluster: the real one, with simulated workers and trials.

    python -m benchmarks.scale [--least 1000] [--most 100000] [--sampler bayesian]

The virtual clock stands while workers are simulated and runs with the controller's processor time, so
that a slow controller lets its workers wait. Each row is a process of its own; rows that are left out
stay in the results as they were.
"""

import argparse
import contextlib
import datetime
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autogen import registry
from autogen.hpo.budget import Budget
from autogen.hpo.executor import Report
from autogen.hpo.objective import Objective
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.log import StudyLog
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.trial import Finished, State, TrialBatch
from benchmarks.results import FOLDER, save
from benchmarks.simulation import SimulatedExecutor, Training, VirtualClock, WatchedJournal


@dataclass(frozen=True)
class Scale:
    """One row of the table."""

    workers: int
    trials: int
    sampler: str = "random"
    pruner: str = "halving"
    tail: str = "lognormal"
    mean: float = 60.0
    losses: float = 0.01
    space: str = "image"


#: What is shown: growth with workers, growth with trials, other tails, pruners and samplers.
ROWS = (
    Scale(10, 1_000),
    Scale(100, 10_000),
    Scale(1_000, 10_000),
    Scale(1_000, 100_000),
    Scale(10_000, 100_000),
    Scale(10_000, 1_000_000),
    Scale(1_000, 100_000, tail="pareto"),
    Scale(1_000, 30_000, pruner="median"),
    Scale(1_000, 30_000, pruner="hyperband"),
    Scale(1_000, 30_000, pruner="none"),
    Scale(10, 1_000, sampler="bayesian"),
    Scale(100, 1_000, sampler="bayesian"),
    Scale(1_000, 3_000, sampler="bayesian", pruner="none"),
    Scale(1_000, 3_000, sampler="bayesian"),
    Scale(1_000, 30_000, sampler="bayesian", pruner="none"),
    Scale(10_000, 30_000, sampler="bayesian", pruner="none"),
)
COLUMNS = ("workers", "trials", "search", "trials last", "trials/s", "CPU ms a trial", "idle", "peak MiB")
COLUMNS += ("KiB a trial", "journal MiB", "resume CPU s", "resume MiB")


def no_work(trial_batch: TrialBatch, report: Report) -> list[Finished]:  # noqa: ARG001 - a contract
    """What simulated workers do with a trial batch: they never ask."""
    return []


def simulate(scale: Scale, folder: Path, *, charged: bool = True) -> dict[str, float]:
    """Run one study and say what it took.

    Args:
        scale: Its size.
        folder: Where its journal is left.
        charged: Whether the controller's time counts.
    """
    clock = VirtualClock(charged)
    training = Training(scale.tail, scale.mean)
    executor = SimulatedExecutor(scale.workers, clock, training, losses=scale.losses)
    journal = WatchedJournal(folder / "journal.jsonl", clock)
    before = peak_mib()
    with contextlib.closing(journal):
        study = made(scale, executor, journal)
        started = time.perf_counter()
        clock.resume()
        state = study.run(no_work)
        clock.pause()
        wall = time.perf_counter() - started
    tally = executor.tally
    assert sum(state.ended.values()) == scale.trials
    return {
        "cpu_ms_per_trial": 1000 * clock.cpu / scale.trials,
        "idle_share": tally.waited / (tally.waited + tally.trained),
        "trials_per_second": scale.trials / clock.now,
        "controller_share": clock.cpu / clock.now,
        "worker_seconds_per_trial": tally.trained / scale.trials,
        "peak_mib": peak_mib(),
        "kib_per_trial": 1024 * (peak_mib() - before) / scale.trials,
        "journal_mib": journal.path.stat().st_size / 2**20,
        "virtual_hours": clock.now / 3600,
        "syncs": journal.syncs,
        "sync_seconds": journal.sync_seconds,
        "nodes_lost": tally.nodes_lost,
        "retried": sum(trial.lost for trial in state.trials),
        "complete": state.ended[State.COMPLETE],
        "wall_seconds": wall,
    }


def made(scale: Scale, executor: SimulatedExecutor, journal: Journal) -> Study:
    """The study of a row, at its start or where its journal ends."""
    sampler = registry.get("sampler", scale.sampler)(SearchSpace.load(scale.space), 0)
    strategy = Strategy(sampler, registry.get("pruner", scale.pruner)())
    log = StudyLog(journal, Objective("simulated"), clock=executor.clock)
    return Study(strategy, executor, log, Limits(Budget(trials=scale.trials)))


def resumed(scale: Scale, folder: Path) -> dict[str, float]:
    """Open a study's journal again and say what that took until it could go on."""
    started = time.process_time()
    executor = SimulatedExecutor(scale.workers, VirtualClock())
    with contextlib.closing(Journal(folder / "journal.jsonl")) as journal:
        study = made(scale, executor, journal)
    assert len(study.state.trials) == scale.trials
    return {"resume_cpu_seconds": time.process_time() - started, "resume_peak_mib": peak_mib()}


def peak_mib() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run the rows asked for, each in a process of its own, and print their table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--least", type=int, default=0, help="leave out rows of fewer trials")
    parser.add_argument("--most", type=int, default=1_000_000, help="leave out rows of more trials")
    parser.add_argument("--sampler", help="leave out rows of other samplers")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--resume", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one or chosen.resume:
        step = simulate if chosen.one else resumed
        print(json.dumps(step(Scale(**json.loads(chosen.one or chosen.resume)), chosen.folder)))
        return
    rows = [one for one in ROWS if chosen.least <= one.trials <= chosen.most]
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for scale in (one for one in rows if chosen.sampler in (None, one.sampler)):
        keep(asdict(scale) | measured(scale))


def measured(scale: Scale) -> dict[str, float | str]:
    """A row's figures, its study and its resumption in a process each, and the date."""
    told: dict[str, float | str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for step in ("--one", "--resume"):
            command = [sys.executable, "-m", "benchmarks.scale", step, json.dumps(asdict(scale))]
            figures = json.loads(subprocess.check_output([*command, "--folder", folder]))
            told |= {name: round(value, 6) for name, value in figures.items()}
    return told | {"date": datetime.datetime.now(tz=datetime.UTC).date().isoformat()}


def keep(row: dict[str, Any]) -> None:
    """Print a row and put it into the results, in its place and instead of what was there."""
    print(line(row), flush=True)
    scales = [asdict(scale) for scale in ROWS]
    path = FOLDER / "scale.json"
    known = json.loads(path.read_text())["rows"] if path.exists() else []
    told = {
        place: one
        for one in [*known, row]
        for place, scale in enumerate(scales)
        if scale.items() <= one.items()
    }
    save("scale", {"rows": [told[place] for place in sorted(told)]})


def line(row: dict[str, float]) -> str:
    """One row of the table, as Markdown."""
    cells = (
        f"{row['workers']:,}",
        f"{row['trials']:,}",
        f"{row['sampler']}, {row['pruner']}",
        f"{row['tail']}, {row['worker_seconds_per_trial']:.0f} s",
        f"{row['trials_per_second']:.1f}",
        f"{row['cpu_ms_per_trial']:.2f}",
        f"{row['idle_share']:.2%}",
        f"{row['peak_mib']:,.0f}",
        f"{row['kib_per_trial']:.2f}",
        f"{row['journal_mib']:,.0f}",
        f"{row['resume_cpu_seconds']:.1f}",
        f"{row['resume_peak_mib']:,.0f}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
