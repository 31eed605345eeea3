"""Records learning curves: random configs of a set's small space, trained to the end and scored on the way.

    python -m benchmarks.search.record SET [--configs 48] [--seconds 600] [--families trees]

The defaults come first, then random configs of each family in turn. ``results/curves/SET.json`` keeps, for
each config, the loss at each share of its steps and the processor seconds until then; what stands in the file
is not trained again. One process, one thread. ``benchmarks.search_replay`` searches among them.
"""

import argparse
import itertools
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from autogen.hpo.space import SearchSpace
from autogen.hpo.trial import Measurement, Task, TrialBatch, Value, config_key, derived_seed
from autogen.training.worker.work import GenerativeWork
from benchmarks.results import FOLDER, save
from benchmarks.search.setting import Setting

#: Shares of a trial's steps at which it is scored: those of halving by 3, and two between.
SHARES = (1 / 27, 1 / 9, 1 / 3, 2 / 3, 1.0)


@dataclass(frozen=True)
class Curve:
    """What became of one config.

    Attributes:
        config: The config.
        shares: Shares of its steps at which it was scored, ascending.
        losses: Losses there; fewer than ``shares`` if it failed.
        seconds: Processor seconds from the start of the trial until it was scored there.
        state: How it ended.
    """

    config: dict[str, Value]
    shares: tuple[float, ...]
    losses: tuple[float, ...]
    seconds: tuple[float, ...]
    state: str


def configs(space: SearchSpace, seed: int = 0) -> Iterator[dict[str, Value]]:
    """Defaults of each family, then random configs, the families in turn."""
    yield from (space.default(family) for family in space.families)
    rng = np.random.default_rng(seed)
    for family in itertools.cycle(space.families):
        yield space.sample(rng, {"family": family})


def steps_at(steps: int) -> tuple[int, ...]:
    """Steps at which a trial of so many is scored."""
    return tuple(sorted({math.ceil(steps * share - 1e-9) for share in SHARES}))


def recorded(setting: Setting, work: GenerativeWork, config: dict[str, Value], number: int) -> Curve:
    """Train one config to the end."""
    steps = int(config.get("training.steps", 1))
    task = Task(number, config, derived_seed(setting.seed, "trial", number), steps, steps_at(steps))
    losses: list[float] = []
    seconds: list[float] = []
    began = time.process_time()

    def report(measured: Sequence[Measurement]) -> list[bool]:
        losses.append(setting.objective.loss(measured[0].score))
        seconds.append(round(time.process_time() - began, 3))
        return [True]

    (ended,) = work(TrialBatch((task,)), report)
    shares = tuple(round(step / steps, 4) for step in task.rungs)
    return Curve(dict(config), shares, tuple(losses), tuple(seconds), str(ended.state))


def load(name: str) -> list[Curve]:
    """Read the curves of a set; none if there is no file."""
    path = FOLDER / "curves" / f"{name}.json"
    if not path.exists():
        return []
    rows = json.loads(path.read_text())["curves"]
    return [Curve(**{key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}) for row in rows]


def main() -> None:
    """Record as many configs as asked for, or as there is time for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("set")
    parser.add_argument("--configs", type=int, default=48)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--families", help="more configs of these alone, such as of cheap ones")
    chosen = parser.parse_args()
    setting, curves = Setting(chosen.set), load(chosen.set)
    work, until = setting.work(), time.monotonic() + chosen.seconds
    space = setting.space.restrict(chosen.families.split(",")) if chosen.families else setting.space
    recorded(setting, work, space.default(space.families[0]), 0)  # the imports of a first trial
    known = {config_key(curve.config) for curve in curves}
    for config in itertools.islice(configs(space), chosen.configs):
        if config_key(config) in known:
            continue
        if time.monotonic() > until:
            break
        number = len(curves)
        curves.append(recorded(setting, work, config, number))
        print(number, config["family"], curves[-1].losses, curves[-1].seconds, curves[-1].state, flush=True)
        save(f"curves/{chosen.set}", {"set": chosen.set, "curves": [asdict(curve) for curve in curves]})


if __name__ == "__main__":
    main()
