"""Ray Tune both ways: our search inside of a user's ``Tuner``, and our trials under Tune's algorithms.

Exactly one side stops trials early: a pruner of ours takes the place of Tune's scheduler.
"""

import json
import math
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from autogen import registry
from autogen.documents import parse_json
from autogen.errors import RunError, SettingsError
from autogen.executors.ray.trainable import trainable
from autogen.hpo.pruners.base import Pruner
from autogen.hpo.pruners.ranking import Ranking
from autogen.hpo.samplers.base import Sampler
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config, Outcome, State

try:
    from ray import tune
    from ray.tune.schedulers import FIFOScheduler, TrialScheduler
    from ray.tune.search import Searcher
except ImportError as error:
    raise SettingsError("this needs Ray Tune; run: pip install 'ray[tune]'") from error

__all__ = ["AutogenSearcher", "Fidelity", "PruningScheduler", "trainable", "tune_config"]

_FORMAT = "autogen-tune-searcher"
_STEPS = "training.steps"
Mode = Literal["min", "max"]


@dataclass(frozen=True)
class Fidelity:
    """Progress of a trial, read from its results.

    Attributes:
        reported: name of the progress in the results.
        full: progress at the end of a trial; ``training.steps`` of the config if ``None``.
    """

    reported: str = "step"
    full: int | None = None

    def steps(self, config: Config) -> int:
        """Compute the progress at the end of a trial with this config."""
        return self.full or int(config[_STEPS])

    def check(self, space: SearchSpace) -> None:
        """Check that the end of every trial of a space is known.

        Raises:
            SettingsError: ``full`` is ``None`` and a family has no ``training.steps``.
        """
        if self.full is None and any(_STEPS not in space.default(family) for family in space.families):
            raise SettingsError(
                f"the search does not know where a trial ends: its space has no {_STEPS}; "
                f"give fidelity=Fidelity('training_iteration', full=...)"
            )


class AutogenSearcher(Searcher):  # type: ignore[misc]
    """Search algorithm of Tune that uses one of our samplers.

    Each result counts with its fidelity: a trial that Tune stopped never counts as a fully trained one. A
    score that is not finite is a failure. ``tune_config`` makes a searcher with the settings that it needs.

    Args:
        space: search space, its name or its file.
        metric: name of the score in the results; by default that of Tune.
        mode: ``min`` or ``max``; by default that of Tune.
        sampler: name of the sampler.
        seed: random seed of the sampler.
        fidelity: progress of a trial.
    """

    _metric: str | None
    _mode: str | None

    def __init__(
        self,
        space: SearchSpace | str | Path,
        metric: str | None = None,
        mode: Mode | None = None,
        *,
        sampler: str = "bayesian",
        seed: int = 0,
        fidelity: Fidelity = Fidelity(),
    ) -> None:
        super().__init__(metric=metric, mode=mode)
        self._space = space if isinstance(space, SearchSpace) else SearchSpace.load(space)
        self._fidelity = fidelity
        fidelity.check(self._space)
        self._settings = sampler, seed
        self._begin()

    def _begin(self) -> None:
        name, seed = self._settings
        self._sampler: Sampler = registry.get("sampler", name)(self._space, seed)
        self._story: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}
        self._last: dict[str, dict[str, Any]] = {}

    def set_search_properties(
        self, metric: str | None, mode: str | None, config: dict[str, Any], **spec: Any
    ) -> bool:
        """Take metric and mode from Tune if they are not set."""
        self._metric = self._metric or metric
        self._mode = self._mode or mode
        return True

    def suggest(self, trial_id: str) -> Any:
        """Propose the config of a trial; ``Searcher.FINISHED`` if there is none left."""
        if self._metric is None or self._mode is None:
            raise SettingsError("AutogenSearcher needs a metric and a mode; set them here or in TuneConfig")
        proposals = self._sampler.ask(1)
        if not proposals:
            return Searcher.FINISHED
        self._story.append({"trial": trial_id, "config": dict(proposals[0])})
        self._numbers[trial_id] = len(self._sampler.asked) - 1
        return dict(proposals[0])

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Store the last result of a trial, in case Tune ends it while it is paused."""
        self._last[trial_id] = result

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Learn the outcome of a trial."""
        last = self._last.pop(trial_id, None)
        if trial_id not in self._numbers:
            return
        outcome = self._outcome(self._numbers.pop(trial_id), None if error else result or last)
        self._story.append({"trial": trial_id, "outcome": asdict(outcome)})
        self._sampler.tell([outcome])

    def _outcome(self, number: int, result: dict[str, Any] | None) -> Outcome:
        score = (result or {}).get(str(self._metric), math.nan)
        if result is None or not isinstance(score, int | float) or not math.isfinite(score):
            return Outcome(number, State.FAILED, None, 0.0)
        full = self._fidelity.steps(self._sampler.asked[number])
        share = min(1.0, float(result.get(self._fidelity.reported, 0)) / full)
        state = State.COMPLETE if share >= 1.0 else State.PRUNED
        return Outcome(number, state, score if self._mode == "min" else -score, share)

    def save(self, checkpoint_path: str) -> None:
        """Write the search as JSON: all configs and outcomes."""
        text = json.dumps({"format": _FORMAT, "version": 1, "story": self._story}, allow_nan=False)
        Path(checkpoint_path).write_text(text, encoding="utf-8")

    def restore(self, checkpoint_path: str) -> None:
        """Replay a search that was saved; trials without an end are pending.

        Raises:
            RunError: the file holds no saved search.
        """
        try:
            record = parse_json(Path(checkpoint_path).read_text(encoding="utf-8"))
            story = record["story"] if record["format"] == _FORMAT else None
        except (OSError, ValueError, KeyError, TypeError):
            story = None
        if story is None:
            raise RunError(f"{checkpoint_path} does not hold a search that AutogenSearcher saved")
        self._begin()
        for event in story:
            self._replay(event)

    def _replay(self, event: dict[str, Any]) -> None:
        self._story.append(event)
        if "config" in event:
            self._numbers[event["trial"]] = len(self._sampler.asked)
            self._sampler.replay(event["config"])
        else:
            outcome = event["outcome"]
            self._numbers.pop(event["trial"], None)
            self._sampler.tell([Outcome(**outcome | {"state": State(outcome["state"])})])


@dataclass(eq=False)
class PruningScheduler(FIFOScheduler):  # type: ignore[misc]
    """Scheduler of Tune that uses one of our pruners.

    A trial is compared at the first result at or beyond each of its rungs, with the trials that were there
    before.

    Attributes:
        pruner: pruner that decides.
        fidelity: progress of a trial.
    """

    pruner: Pruner
    fidelity: Fidelity = field(default_factory=Fidelity)

    def __post_init__(self) -> None:
        super().__init__()
        self._metric = ""
        self._sign = 1.0
        self._rungs: dict[str, tuple[int, ...]] = {}
        self._curves: defaultdict[str, list[float]] = defaultdict(list)
        self._peers: defaultdict[tuple[tuple[int, ...], int], Ranking] = defaultdict(Ranking)

    def set_search_properties(self, metric: str | None, mode: str | None, **spec: Any) -> bool:
        """Take metric and mode from Tune."""
        self._metric, self._sign = str(metric), 1.0 if mode == "min" else -1.0
        return True

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
        """Assign the rungs of a trial."""
        steps = self.fidelity.steps(trial.config)
        self._rungs[trial.trial_id] = self.pruner.rungs(steps, len(self._rungs))

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        """Stop a trial that the pruner prunes."""
        rungs, curve = self._rungs[trial.trial_id], self._curves[trial.trial_id]
        reached = int(result.get(self.fidelity.reported, 0))
        score = self._sign * float(result[str(self._metric)])
        keep = True
        while len(curve) < len(rungs) and rungs[len(curve)] <= reached and math.isfinite(score):
            peers = self._peers[rungs, len(curve)]
            curve.append(score)
            if len(curve) < len(rungs):
                keep = keep and self.pruner.keep(curve, peers)
            peers.add(score)
        return str(TrialScheduler.CONTINUE if keep else TrialScheduler.STOP)


def tune_config(
    space: SearchSpace | str | Path,
    metric: str,
    mode: Mode,
    *,
    trials: int,
    concurrent: int,
    sampler: str = "bayesian",
    pruner: str | Pruner | None = None,
    scheduler: Any = None,
    seed: int = 0,
    fidelity: Fidelity = Fidelity(),
    **more: Any,
) -> Any:
    """Make a ``ray.tune.TuneConfig`` in which our sampler proposes and one side stops trials.

    Args:
        space: search space, its name or its file.
        metric: name of the score in the results.
        mode: ``min`` or ``max``.
        trials: number of trials.
        concurrent: maximum number of parallel trials; without a limit Tune runs one at a time.
        sampler: name of the sampler.
        pruner: one of our pruners, or its name, to stop trials early.
        scheduler: scheduler of Tune, to stop trials early.
        seed: random seed of the sampler.
        fidelity: progress of a trial.
        more: further arguments of ``TuneConfig``.

    Raises:
        SettingsError: both a pruner and a scheduler are given.
    """
    if pruner is not None and scheduler is not None:
        raise SettingsError(
            f"pruner {_named(pruner)} and scheduler {_named(scheduler)} would both stop trials; leave out one"
        )
    if pruner is not None:
        chosen = registry.get("pruner", pruner)() if isinstance(pruner, str) else pruner
        scheduler = PruningScheduler(chosen, fidelity)
    return tune.TuneConfig(
        metric=metric,
        mode=mode,
        search_alg=AutogenSearcher(space, metric, mode, sampler=sampler, seed=seed, fidelity=fidelity),
        scheduler=scheduler,
        num_samples=trials,
        max_concurrent_trials=concurrent,
        **more,
    )


def _named(one: object) -> str:
    return repr(one) if isinstance(one, str) else type(one).__name__
