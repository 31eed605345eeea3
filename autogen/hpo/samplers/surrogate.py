"""What a Gaussian process makes of one family's trials, and the configs it deems most promising."""

import math
from collections.abc import Sequence

import numpy as np

from autogen.hpo.samplers.encoding import Encoding, at_random, neighbours
from autogen.hpo.samplers.gaussian_process import (
    Array,
    GaussianProcess,
    Kernel,
    Prediction,
    fit_kernel,
    log_expected_improvement,
)
from autogen.hpo.samplers.history import Basis, History, window
from autogen.hpo.space.branch import Branch
from autogen.hpo.trial import Config, Value

_REFIT = 1.1  # growth of the number of results after which the kernel is fitted anew
_FITTED = 100  # most results it is fitted to
_FEWEST = 2  # results to fit it to
_KNOWN = 200  # most results the posterior holds
_PENDING = 300  # most pending trials it holds
_RANDOM = 500  # candidates drawn anywhere
_NEAR = (60, 30, 30, 30, 30)  # candidates near the best results


class Surrogate:
    """A model of how a config of one family will end.

    The kernel is fitted to the first results there were when their number last grew by a tenth, so that
    it is the same whether the study was interrupted since or not.

    Args:
        branch: The family's branch.
        history: Its trials; read, never changed.
        asked: All configs of the study by number; read, never changed.
    """

    def __init__(self, branch: Branch, history: History, asked: Sequence[Config]) -> None:
        self._encoding = Encoding(branch)
        self._history = history
        self._asked = asked
        self._kernel: tuple[int, Kernel] | None = None

    def ready(self, basis: Basis) -> bool:
        """Whether there are results and parameters to learn from."""
        return basis.told >= _FEWEST and len(self._encoding.groups) > 0

    def ranked(self, basis: Basis, branch: Branch, rng: np.random.Generator) -> list[dict[str, Value]]:
        """Candidates by the improvement to be expected of them, the most promising first.

        As many as the basis has proposals are picked one after another, each taken to end as predicted
        before the next, so that they keep apart; the others are left in their order.

        Args:
            basis: What is known.
            branch: Where they must lie: the family's branch or a part of it.
            rng: Where they are drawn from.
        """
        targets = self._history.targets(basis.told)
        kept = window(targets, _KNOWN)
        configs = self._configs([self._history.numbers[place] for place in kept])
        model, best = self._posterior(basis, self._encoding.rows(configs), targets[kept])
        candidates = at_random(branch, _RANDOM, rng)
        for place, count in zip(np.argsort(targets[kept], kind="stable"), _NEAR, strict=False):
            candidates += neighbours(branch, configs[place], count, rng)
        prediction = model.predict(self._encoding.rows(candidates))
        return [candidates[place] for place in best_first(prediction, best, basis.size)]

    def _posterior(self, basis: Basis, X: Array, y: Array) -> tuple[GaussianProcess, float]:
        """The process given results and pending trials, and the best mean at a result.

        Pending trials are taken to end as predicted, so that nothing is hoped for near them.
        """
        kernel, groups = self._fitted(basis.told), self._encoding.groups
        model = GaussianProcess(kernel, X, y, groups)
        means = model.predict(X).mean
        if pending := basis.pending[-_PENDING:]:
            P = self._encoding.rows(self._configs(pending))
            model = GaussianProcess(kernel, np.vstack([X, P]), np.r_[y, model.predict(P).mean], groups)
        return model, float(means.min())

    def _fitted(self, told: int) -> Kernel:
        """The kernel, fitted if that is due."""
        count = _fit_at(told)
        if self._kernel is None or self._kernel[0] != count:
            targets = self._history.targets(count)
            kept = window(targets, _FITTED)
            X = self._encoding.rows(self._configs([self._history.numbers[place] for place in kept]))
            self._kernel = count, fit_kernel(X, targets[kept], self._encoding.groups)
        return self._kernel[1]

    def _configs(self, numbers: Sequence[int]) -> list[Config]:
        return [self._asked[number] for number in numbers]


def best_first(prediction: Prediction, best: float, count: int) -> list[int]:
    """Places of all points, the first ``count`` picked one after another, then the rest, the better first."""
    picked: list[int] = []
    for _ in range(min(count, len(prediction.mean)) - 1):
        scores = log_expected_improvement(prediction.mean, prediction.deviation, best)
        scores[picked] = -math.inf
        picked.append(int(np.argmax(scores)))
        prediction.assume(picked[-1])
    scores = log_expected_improvement(prediction.mean, prediction.deviation, best)
    scores[picked] = -math.inf
    rest: list[int] = np.argsort(-scores, kind="stable")[: len(scores) - len(picked)].tolist()
    return picked + rest


def _fit_at(told: int) -> int:
    """To how many of the results told the kernel is fitted."""
    count = _FEWEST
    while (following := math.ceil(_REFIT * count)) <= told:
        count = following
    return count
