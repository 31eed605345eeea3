"""Bayesian search for several objectives at once, which weighs them anew for each proposal.

ParEGO, Knowles 2006 (https://doi.org/10.1109/TEVC.2005.851274): weights are drawn uniformly from the
simplex, the objectives are joined to one by the augmented Chebyshev function, whose minima lie on
the front and reach every point of it, hollows too, and what follows is a search by one objective.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autogen.hpo.objective import Objective
from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.samplers.draws import keyed
from autogen.hpo.samplers.gaussian_process import Array
from autogen.hpo.samplers.history import batch_size, spread
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config, Outcome, State

_AUGMENTED = 0.05  # share of the plain weighted sum: what is worse in one objective alone is worse
_WEIGHTS = 2**20  # in place of an attempt in the key of a proposal's weights


class ScalarisedSampler(Sampler):
    """Proposes what the Bayesian sampler would if the objectives were one, with weights drawn anew each time.

    Objectives are brought to one scale first: the best loss becomes 0, a usual one 1, and beyond that
    it grows with the logarithm. A trial that lacks a value is taken by its main loss. Where many trials
    are pending, weights serve a batch: ``autogen.hpo.samplers.history.Basis`` says why that costs little.

    Args:
        space: The search space.
        seed: Seed of all random draws.
        objectives: The main one first; outcomes have the others' values by name.
    """

    def __init__(self, space: SearchSpace, seed: int = 0, objectives: Sequence[Objective] = ()) -> None:
        super().__init__(space, seed)
        self.objectives = tuple(objectives)
        self._outcomes: list[Outcome] = []
        self._start = (0, 0)
        self._weighed: tuple[tuple[int, int], BayesianSampler] | None = None

    def suggest(self, number: int, attempt: int, fixed: Config) -> Config | None:
        """Propose what looks most promising under this proposal's weights."""
        return self._sampler(number).suggest(number, attempt, fixed)

    def weights(self, number: int) -> Array:
        """What each objective counts in the proposal with this number; they add up to 1."""
        drawn: Array = keyed(self.seed, number, _WEIGHTS).dirichlet(np.ones(len(self.objectives)))
        return drawn

    def _asked(self, number: int, config: Config) -> None:
        self._start = self._next_start(number)

    def _told(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)

    def _next_start(self, number: int) -> tuple[int, int]:
        """First number of the batch that the next proposal belongs to, and how many outcomes it knows of."""
        first, told = self._start
        if number < first + batch_size(first - told, told):
            return self._start
        return number, len(self._outcomes)

    def _sampler(self, number: int) -> BayesianSampler:
        """A Bayesian sampler that was told the joined objective; made once a batch."""
        start = self._next_start(number)
        if self._weighed is None or self._weighed[0] != start:
            first, told = start
            sampler = BayesianSampler(self.space, self.seed)
            for config in self.asked[:first]:
                sampler.replay(config)
            sampler.tell(self._joined(self._outcomes[:told], self.weights(first)))
            self._weighed = start, sampler
        sampler = self._weighed[1]
        for config in self.asked[len(sampler.asked) :]:
            sampler.replay(config)
        return sampler

    def _joined(self, outcomes: list[Outcome], weights: Array) -> list[Outcome]:
        """The outcomes with one loss each."""
        names = [objective.name for objective in self.objectives[1:]]
        places = [
            place
            for place, outcome in enumerate(outcomes)
            if outcome.state is State.COMPLETE
            and outcome.loss is not None
            and outcome.values.keys() >= {*names}
        ]
        if not places or not names:
            return outcomes
        joined = chebyshev(np.array([self._losses(outcomes[place]) for place in places]), weights)
        for place, loss in zip(places, joined, strict=True):
            outcomes[place] = replace(outcomes[place], loss=float(loss))
        return outcomes

    def _losses(self, outcome: Outcome) -> list[float]:
        assert outcome.loss is not None
        others = [objective.loss(outcome.values[objective.name]) for objective in self.objectives[1:]]
        return [outcome.loss, *others]


def chebyshev(losses: Array, weights: Array) -> Array:
    """Join objectives to one by the augmented Chebyshev function.

    Args:
        losses: Lower is better, (N, M).
        weights: Of the objectives, (M,).

    Returns:
        float64 (N,).
    """
    scaled = np.stack([spread(column) for column in losses.T], axis=1) * weights
    joined: Array = scaled.max(axis=1) + _AUGMENTED * scaled.sum(axis=1)
    return joined
