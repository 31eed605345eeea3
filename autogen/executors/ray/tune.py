"""Ray Tune both ways: our search inside a user's ``Tuner``, our trials under Tune's searches and schedulers.

Exactly one side stops trials: a pruner of ours takes the place of Tune's scheduler.
"""

import json
import math
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from autogen import registry
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
    raise SettingsError("this needs Ray Tune; run: pip install 'autogen-search[tune]'") from error

__all__ = ["AutogenSearcher", "Fidelity", "PruningScheduler", "trainable", "tune_config"]

_FORMAT = "autogen-tune-searcher"
_STEPS = "training.steps"
Mode = Literal["min", "max"]


@dataclass(frozen=True)
class Fidelity:
    """How far a trial has come, read from what it reports.

    Attributes:
        reported: Name under which trials report it.
        full: Its value at the end of a trial; ``None``: the config's ``training.steps``.
    """

    reported: str = "step"
    full: int | None = None

    def steps(self, config: Config) -> int:
        """Its value at the end of a trial with this config."""
        return self.full or int(config[_STEPS])

    def check(self, space: SearchSpace) -> None:
        """Refuse a space whose trials would not say where they end."""
        if self.full is None and any(_STEPS not in space.default(family) for family in space.families):
            raise SettingsError(
                f"the search cannot tell where a trial ends: its space has no {_STEPS}; "
                f"give fidelity=Fidelity('training_iteration', full=...)"
            )


class AutogenSearcher(Searcher):  # type: ignore[misc]
    """Our search as a search algorithm of Tune.

    Results are told with the fidelity that they were measured at: a trial that Tune stopped is never
    taken for one trained to its end. A score that is not finite is a failure. ``tune_config`` makes
    it together with what it needs around it.

    Args:
        space: A search space, its name or its file.
        metric: What trials report as their score; Tune's own setting otherwise.
        mode: Whether it is to be small or large.
        sampler: Name of the sampler.
        seed: Of its draws.
        fidelity: How far a trial has come.
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
        """Take metric and mode from Tune where none were given."""
        self._metric = self._metric or metric
        self._mode = self._mode or mode
        return True

    def suggest(self, trial_id: str) -> Any:
        """The next config, for a trial of this name; ``Searcher.FINISHED`` where there is none."""
        if self._metric is None or self._mode is None:
            raise SettingsError("AutogenSearcher needs a metric and a mode, its own or TuneConfig's")
        proposals = self._sampler.ask(1)
        if not proposals:
            return Searcher.FINISHED
        self._story.append({"trial": trial_id, "config": dict(proposals[0])})
        self._numbers[trial_id] = len(self._sampler.asked) - 1
        return dict(proposals[0])

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Remember how far a trial has come, should Tune end it while it is paused."""
        self._last[trial_id] = result

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Learn how a trial ended."""
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
        """Write the search as JSON: what was asked, and how it ended."""
        text = json.dumps({"format": _FORMAT, "version": 1, "story": self._story}, allow_nan=False)
        Path(checkpoint_path).write_text(text, encoding="utf-8")

    def restore(self, checkpoint_path: str) -> None:
        """Replay a search that was saved; trials without an end are pending.

        Raises:
            RunError: the file is no such search.
        """
        try:
            told = json.loads(Path(checkpoint_path).read_text(encoding="utf-8"))
            story = told["story"] if told["format"] == _FORMAT else None
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
    """A pruner of ours in the place of Tune's scheduler.

    A trial is judged at the first result at or beyond each of its rungs, among those before it.

    Attributes:
        pruner: Decides.
        fidelity: How far a trial has come.
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
        """Deal a trial its rungs."""
        steps = self.fidelity.steps(trial.config)
        self._rungs[trial.trial_id] = self.pruner.rungs(steps, len(self._rungs))

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        """Stop a trial that the pruner does not keep."""
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
        space: A search space, its name or its file.
        metric: What trials report as their score.
        mode: Whether it is to be small or large.
        trials: How many.
        concurrent: How many at once; without a limit Tune asks for one at a time.
        sampler: Name of the sampler.
        pruner: One of ours, or its name, to stop trials early.
        scheduler: One of Tune's, to stop trials early.
        seed: Of the sampler's draws.
        fidelity: How far a trial has come.
        more: Passed on to ``TuneConfig``.

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
