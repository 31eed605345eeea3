"""Bayesian search for several objectives, with new weights of the objectives for each proposal (ParEGO).

ParEGO, Knowles 2006 (https://doi.org/10.1109/TEVC.2005.851274): weights are drawn uniformly from the
simplex, and the augmented Chebyshev function joins the objectives to one. Its minima lie on the Pareto front
and reach every point of it, also where it is not convex. The rest is a search by one objective.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autogen.hpo.objective import Objective
from autogen.hpo.samplers.base import Sampler
from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.samplers.draws import keyed
from autogen.hpo.samplers.model.gaussian_process import Array
from autogen.hpo.samplers.model.history import batch_size, spread
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config, Outcome, State

_AUGMENTED = 0.05  # share of the weighted sum, without which a dominated point could tie
_WEIGHTS = 2**20  # takes the place of an attempt in the key of a proposal's weights


class ScalarizedSampler(Sampler):
    """Bayesian sampler of a weighted combination of objectives, with new weights for each proposal.

    Objectives are scaled first: the best loss becomes 0, the median of the first ones 1, logarithmic beyond.
    A trial without one of the values counts by its main loss. With many pending trials, weights serve
    a whole batch; see ``autogen.hpo.samplers.model.history.Basis``.

    Args:
        space: search space.
        seed: random seed of all proposals.
        objectives: objectives, the main one first; outcomes hold the values of the others by name.
    """

    def __init__(self, space: SearchSpace, seed: int = 0, objectives: Sequence[Objective] = ()) -> None:
        super().__init__(space, seed)
        self.objectives = tuple(objectives)
        self._outcomes: list[Outcome] = []
        self._start = (0, 0)
        self._weighed: tuple[tuple[int, int], BayesianSampler] | None = None

    def suggest(self, number: int, attempt: int, fixed: Config) -> Config | None:
        """Propose the most promising config under the weights of this proposal."""
        return self._sampler(number).suggest(number, attempt, fixed)

    def weights(self, number: int) -> Array:
        """Draw the weights of the M objectives for the proposal with this number, (M,); their sum is 1."""
        drawn: Array = keyed(self.seed, number, _WEIGHTS).dirichlet(np.ones(len(self.objectives)))
        return drawn

    def _on_ask(self, number: int, config: Config) -> None:
        self._start = self._next_start(number)

    def _on_tell(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)

    def _next_start(self, number: int) -> tuple[int, int]:
        """Find the first number of the next proposal's batch, and the number of outcomes that it knows."""
        first, finished = self._start
        if number < first + batch_size(first - finished, finished):
            return self._start
        return number, len(self._outcomes)

    def _sampler(self, number: int) -> BayesianSampler:
        """Make a Bayesian sampler that knows the combined objective, once per batch."""
        start = self._next_start(number)
        if self._weighed is None or self._weighed[0] != start:
            first, finished = start
            sampler = BayesianSampler(self.space, self.seed)
            for config in self.asked[:first]:
                sampler.replay(config)
            sampler.tell(self._joined(self._outcomes[:finished], self.weights(first)))
            self._weighed = start, sampler
        sampler = self._weighed[1]
        for config in self.asked[len(sampler.asked) :]:
            sampler.replay(config)
        return sampler

    def _joined(self, outcomes: list[Outcome], weights: Array) -> list[Outcome]:
        """Replace the losses of outcomes by the combined objective."""
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
    """Combine objectives to one by the augmented Chebyshev function.

    Args:
        losses: losses of N trials in M objectives, lower is better, (N, M).
        weights: weights of the objectives, (M,).

    Returns:
        Combined losses, float64 (N,).
    """
    scaled = np.stack([spread(column) for column in losses.T], axis=1) * weights
    joined: Array = scaled.max(axis=1) + _AUGMENTED * scaled.sum(axis=1)
    return joined
