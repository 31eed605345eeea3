"""Our search and our families inside Ray Tune: ``python examples/ray_tune.py [TABLE] [TRIALS]``.

It needs ``pip install '.[tune]'`` in a checkout.
"""

import sys
import tempfile

from ray import tune

import autogen
from autogen.executors.ray.tune import trainable, tune_config

data = sys.argv[1] if len(sys.argv) > 1 else "wine"
trials = int(sys.argv[2]) if len(sys.argv) > 2 else 8

# Our sampler proposes and our pruner stops. With scheduler=... in place of pruner=... Tune stops.
tuner = tune.Tuner(
    trainable(data, objective="c2st"),
    tune_config=tune_config("tabular_tiny", "c2st", "min", trials=trials, concurrent=2, pruner="halving"),
    run_config=tune.RunConfig(storage_path=tempfile.mkdtemp(), name="study", verbose=1),
)
results = tuner.fit()

# A trial that was stopped has a score too, but not one at full fidelity.
whole = [one for one in results if one.metrics and one.metrics["step"] == one.metrics["steps"]]
best = min(whole, key=lambda one: one.metrics["c2st"])
print(best.metrics["c2st"], best.config)
print(autogen.load(best.checkpoint.path).sample(5, seed=0))
