"""Bayesian search for several objectives at once, which weighs them anew for each proposal.

ParEGO, Knowles 2006 (https://doi.org/10.1109/TEVC.2005.851274): weights are drawn uniformly from the
simplex, the objectives are joined to one by the augmented Chebyshev function, whose minima lie on
the front and reach every point of it, hollows too, and what follows is a search by one objective.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autogen.objective import Objective
from autogen.samplers.base import Sampler
from autogen.samplers.bayesian import BayesianSampler
from autogen.samplers.draws import keyed
from autogen.samplers.gaussian_process import Array
from autogen.samplers.history import spread
from autogen.space.search_space import SearchSpace
from autogen.trial import Config, Outcome, State

_AUGMENTED = 0.05  # share of the plain weighted sum: what is worse in one objective alone is worse
_WEIGHTS = 2**20  # in place of an attempt in the key of a proposal's weights


class ScalarisedSampler(Sampler):
    """Proposes what the Bayesian sampler would if the objectives were one, with weights drawn anew each time.

    Objectives are brought to one scale first: the best loss becomes 0, a usual one 1, and beyond that
    it grows with the logarithm. A trial that lacks a value is taken by its main loss.

    Args:
        space: The search space.
        seed: Seed of all random draws.
        objectives: The main one first; outcomes have the others' values by name.
    """

    def __init__(self, space: SearchSpace, seed: int = 0, objectives: Sequence[Objective] = ()) -> None:
        super().__init__(space, seed)
        self.objectives = tuple(objectives)
        self._outcomes: list[Outcome] = []
        self._weighed: tuple[int, int, BayesianSampler] | None = None

    def suggest(self, number: int, attempt: int, fixed: Config) -> Config | None:
        """Propose what looks most promising under this proposal's weights."""
        return self._sampler(number).suggest(number, attempt, fixed)

    def weights(self, number: int) -> Array:
        """What each objective counts in the proposal with this number; they add up to 1."""
        drawn: Array = keyed(self.seed, number, _WEIGHTS).dirichlet(np.ones(len(self.objectives)))
        return drawn

    def _told(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)

    def _sampler(self, number: int) -> BayesianSampler:
        """A Bayesian sampler that was told the joined objective; made once a proposal."""
        made = self._weighed
        if made is None or made[:2] != (number, len(self._outcomes)):
            sampler = BayesianSampler(self.space, self.seed)
            for config in self.asked:
                sampler.replay(config)
            sampler.tell(self._joined(self.weights(number)))
            made = self._weighed = number, len(self._outcomes), sampler
        return made[2]

    def _joined(self, weights: Array) -> list[Outcome]:
        """The outcomes with one loss each."""
        names = [objective.name for objective in self.objectives[1:]]
        places = [
            place
            for place, outcome in enumerate(self._outcomes)
            if outcome.state is State.COMPLETE
            and outcome.loss is not None
            and outcome.values.keys() >= {*names}
        ]
        if not places or not names:
            return self._outcomes
        joined = chebyshev(np.array([self._losses(self._outcomes[place]) for place in places]), weights)
        outcomes = list(self._outcomes)
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
