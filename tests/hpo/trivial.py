"""Work without a model, so that tests of the controller take no time."""

import math
import time
from dataclasses import dataclass

from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Finished, Measurement, State

SPACE = """
about = "Two branches, one of them better."
[a.model]
width = { int = [1, 64], default = 8 }
[a.training]
lr = { float = [1e-4, 1e-1], log = true, default = 1e-2 }
steps = 9
[b.model]
depth = { choice = [1, 2, 3], default = 1 }
[b.training]
lr = { float = [1e-4, 1e-1], log = true, default = 1e-3 }
steps = 9
"""


def space() -> SearchSpace:
    return SearchSpace.parse(SPACE)


def loss(config, step=9):
    """Falls with the steps; smallest for branch a at lr 3e-3."""
    base = (math.log10(config["training.lr"]) + 2.5) ** 2 + (config["family"] == "b") * 0.3
    return base + 1 / step


@dataclass(frozen=True)
class TrivialWork:
    """Reports ``loss`` at each rung; every ``fail_every``-th trial fails."""

    fail_every: int = 0
    seconds: float = 0.0

    def __call__(self, trial_batch, report):
        return [self.one(task, report) for task in trial_batch.tasks]

    def one(self, task, report):
        if self.fail_every and task.number % self.fail_every == self.fail_every - 1:
            return Finished(task.number, State.FAILED, "loss of phase all is not finite at step 3")
        for rung in task.rungs:
            time.sleep(self.seconds)
            keep = report([Measurement(task.number, rung, loss(task.config, rung))])[0]
            if not keep and rung < task.steps:
                return Finished(task.number, State.PRUNED)
        return Finished(task.number, State.COMPLETE)
