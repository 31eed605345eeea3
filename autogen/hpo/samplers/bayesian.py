"""Bayesian search: a bandit over families, and in each family a Gaussian process, later Optuna's TPE.

This is the door to Optuna, whose TPE takes over when a family has too many results for a Gaussian process.
"""

import itertools
import math
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeGuard

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState, create_trial

from autogen.hpo.earlier import EarlierStudy
from autogen.hpo.samplers.bandit import next_arm
from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.draws import first_unasked, keyed
from autogen.hpo.samplers.model.encoding import at_random
from autogen.hpo.samplers.model.history import Basis, History, window
from autogen.hpo.samplers.model.surrogate import Surrogate
from autogen.hpo.space.branch import Branch
from autogen.hpo.space.parameters import Choice, Parameter
from autogen.hpo.space.ranges import Float, Int
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config, Outcome, Value, config_key

_STARTUP = 3  # trials of each family before the bandit decides: its defaults and random ones
_TIMED_STARTUP = 1  # the same where seconds count: its defaults
PROCESS = 150  # maximum number of results of a family for the Gaussian process; TPE beyond, without batches
_BEGUN = 0.5  # maximum share of the seconds for first trials of families while others have results
_RECALLED = 4  # fewest best configs of earlier studies that are tried again: at least one per study
_RANDOM = 6  # one in this many trials of a family is random, since a model can miss unexplored regions
_KNOWN = 150  # maximum number of results that TPE learns from: half the best ones, half the newest
_PENDING = 100  # maximum number of pending trials that TPE sees
_MODEL_ATTEMPTS = 3  # duplicate proposals of the model in a row before a random draw
_RANDOM_ATTEMPTS = 20  # duplicates in a row before a finite space is enumerated for the rest


class BayesianSampler(Sampler):
    """Sampler of the space's portfolio and the defaults, then a few random configs, then promising ones.

    A bandit (``autogen.hpo.samplers.bandit``) chooses the next family. Inside of it, the sampler proposes the
    config with the largest expected improvement under a Gaussian process or, beyond 150 results, the
    proposal of Optuna's TPE; every sixth config is random. Where outcomes have seconds, as with a time
    budget, no random configs follow the defaults, improvement is weighed against seconds in the choice of
    family and config (docs/adr/0025), and as soon as one family has a result the defaults of the others take
    half of the seconds, one at a time (docs/adr/0027). The constants above, but for those, were chosen on
    random problems, not on those of ``benchmarks/samplers.py``.

    With 32 pending trials or more in a family, its Gaussian process proposes batches for any number of
    results; see ``autogen.hpo.samplers.model.history.Basis`` for their size and cost. Proposals with fixed
    parameters are made one by one.

    Args:
        space: search space.
        seed: random seed of all proposals.
        earlier: earlier studies: their best configs come right after the space's first defaults, and their
            results are the prior mean of the Gaussian processes.
    """

    def __init__(self, space: SearchSpace, seed: int = 0, earlier: Sequence[EarlierStudy] = ()) -> None:
        super().__init__(space, seed)
        self._histories = {family: History() for family in space.families}
        self._surrogates = {
            family: Surrogate(space.branch(family), history, self.asked, earlier)
            for family, history in self._histories.items()
        }
        self._batches: dict[str, tuple[Basis, deque[dict[str, Value]]]] = {}
        begin = [*recalled(earlier), *space.portfolio]
        defaults = [space.default(family) for family in space.families]
        self._begin = {config_key(config): config for config in (*begin, *defaults)}
        self._defaults = {config_key(config) for config in defaults}
        self._spent = [0.0, 0.0]  # seconds of other trials, and of defaults

    def suggest(self, number: int, attempt: int, fixed: Config) -> Config | None:
        """Propose the portfolio and the defaults that were not tried yet, then the most promising config."""
        space = self.space.given(fixed) if fixed else self.space
        rng = keyed(self.seed, number, attempt)
        if attempt >= _RANDOM_ATTEMPTS and (size := space.size()) < math.inf:
            return first_unasked(space, self._keys, int(rng.integers(int(size))))
        if attempt >= _MODEL_ATTEMPTS:
            return space.sample(rng)
        held = self._held_back and not attempt  # what is known has nothing new where there was an attempt
        for key, config in self._begin.items():
            late = held and key in self._defaults
            if key not in self._keys and not late and fixed.items() <= config.items():
                return config
        families = [one for one in space.families if self._histories[one].complete] if held else ()
        branch = space.branch(self._next_family(families or space.families))
        history = self._histories[branch.family]
        if history.asked < self._startup or history.asked % _RANDOM == 0:
            return at_random(branch, 1, rng)[0]
        if attempt or fixed:
            return self._modeled(branch, history.new_basis(number), rng)
        return self._modeled(branch, history.next_basis(number), rng, batched=True)

    def _on_ask(self, number: int, config: Config) -> None:
        self._histories[str(config["family"])].ask(number)

    def _on_tell(self, outcome: Outcome) -> None:
        config = self.asked[outcome.number]
        family = str(config["family"])
        if outcome.number in self._histories[family].pending:  # a repeated outcome counts once
            self._histories[family].tell(outcome)
            self._spent[config_key(config) in self._defaults] += outcome.seconds

    @property
    def _startup(self) -> int:
        """Number of trials of each family before the bandit and the model decide."""
        return _TIMED_STARTUP if any(one.mean_seconds for one in self._histories.values()) else _STARTUP

    @property
    def _held_back(self) -> bool:
        """Tell if defaults wait: seconds count, a family has results, and defaults have had their share."""
        others, defaults = self._spent
        known = [family for family, one in self._histories.items() if one.complete]
        if not known or not others + defaults:
            return False
        begun = any(one.pending and not one.numbers for one in self._histories.values())
        return begun or defaults > _BEGUN * (others + defaults)

    def _next_family(self, families: Sequence[str]) -> str:
        own = {family: self._histories[family] for family in families}
        pulls = {family: history.asked for family, history in own.items()}
        losses = {family: history.complete for family, history in own.items()}
        seconds = {family: history.mean_seconds for family, history in own.items()}
        return next_arm(pulls, losses, self._startup, seconds)

    def _modeled(
        self, branch: Branch, basis: Basis, rng: np.random.Generator, batched: bool = False
    ) -> Config:
        """Propose a config of a branch by the model that suits the number of results."""
        history, surrogate = self._histories[branch.family], self._surrogates[branch.family]
        if not surrogate.ready(basis):
            return at_random(branch, 1, rng)[0]
        if basis.finished > PROCESS and basis.size == 1:
            return _tree_parzen(self.space.branch(branch.family), branch, history, self.asked, rng)
        ranked = self._batch(branch, basis, rng) if batched else surrogate.ranked(basis, branch, rng)
        unknown = (config for config in ranked if config_key(config) not in self._keys)
        return next(unknown, None) or at_random(branch, 1, rng)[0]

    def _batch(self, branch: Branch, basis: Basis, rng: np.random.Generator) -> deque[dict[str, Value]]:
        """List the rest of the ranking of a batch, which is the same for every proposal of the batch."""
        made = self._batches.get(branch.family)
        if made is None or made[0] != basis:
            # A resumed study may enter a batch in its middle: the ranking needs the first proposal's draws.
            first = rng if basis.number == len(self.asked) else keyed(self.seed, basis.number, 0)
            made = basis, deque(self._surrogates[branch.family].ranked(basis, branch, first))
            self._batches[branch.family] = made
        while made[1] and config_key(made[1][0]) in self._keys:
            made[1].popleft()
        return made[1]


def recalled(earlier: Sequence[EarlierStudy]) -> list[Config]:
    """List the best configs of earlier studies: the best one of each, then the second best ones, a few."""
    ranked = (study.best() for study in earlier)
    rows = itertools.zip_longest(*ranked)
    configs = {config_key(one): one for row in rows for one in row if one is not None}
    return list(configs.values())[: max(_RECALLED, len(earlier))]


def _tree_parzen(
    whole: Branch, part: Branch, history: History, asked: Sequence[Config], rng: np.random.Generator
) -> Config:
    """Propose a config by Optuna's TPE.

    Each proposal builds a new Optuna study from a window of the history, so that it costs the same after ten
    thousand trials as after two hundred, and no state passes from one proposal to the next.

    Args:
        whole: branch of the family.
        part: the same branch, or a part of it that must hold the config.
        history: trials of the family.
        asked: all configs of the study, by number.
        rng: random generator.
    """
    targets = history.targets()
    free = {key: parameter for key, parameter in whole.items() if parameter.count > 1}
    distributions = {key: _distribution(parameter) for key, parameter in free.items()}

    def frozen(number: int, target: float | None) -> FrozenTrial:
        known = {key: _encoded(free[key], value) for key, value in asked[number].items() if key in free}
        return create_trial(
            state=TrialState.RUNNING if target is None else TrialState.COMPLETE,
            value=target,
            params=known,
            distributions={key: distributions[key] for key in known},
        )

    trials = [frozen(history.numbers[place], float(targets[place])) for place in window(targets, _KNOWN)]
    trials += [frozen(number, None) for number in list(history.pending)[-_PENDING:]]
    proposed = _proposal(trials, distributions, int(rng.integers(2**32)))

    def pick(key: str, parameter: Parameter) -> Value:
        if key not in proposed:
            return parameter.value_at(0)
        value = _decoded(whole[key], proposed[key])
        return value if parameter.contains(value) else parameter.sample(rng)

    return part.fill(pick)


def _proposal(
    trials: Sequence[FrozenTrial], distributions: Mapping[str, BaseDistribution], seed: int
) -> dict[str, Value]:
    """Let TPE propose a value of every parameter, active or not, given trials."""
    with _quiet():
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)
        study = optuna.create_study(sampler=sampler)
        study.add_trials(trials)
        return study.ask(dict(distributions)).params


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Optuna's log and its warning that ``group`` is experimental, here and nowhere else."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def _distribution(parameter: Parameter) -> BaseDistribution:
    """Convert a parameter to an Optuna distribution; a stepped range becomes its indices."""
    match parameter:
        case Choice(values=values):
            return CategoricalDistribution(tuple(values))
        case Float(step=None, factor=None):
            return FloatDistribution(parameter.low, parameter.high, log=parameter.log)
        case Int(step=None, factor=None):
            return IntDistribution(parameter.low, parameter.high, log=parameter.log)
        case _:
            return IntDistribution(0, int(parameter.count) - 1)


def _encoded(parameter: Parameter, value: Value) -> Value:
    """Convert a value for Optuna."""
    return parameter.index_of(value) if _is_stepped(parameter) else value


def _decoded(parameter: Parameter, value: Value) -> Value:
    """Convert a value that Optuna proposed to a value of the space."""
    return parameter.value_at(int(value)) if _is_stepped(parameter) else value


def _is_stepped(parameter: Parameter) -> TypeGuard[Float | Int]:
    """Tell if Optuna sees the indices of a parameter's values instead of the values."""
    return isinstance(parameter, Float | Int) and (parameter.step or parameter.factor) is not None
