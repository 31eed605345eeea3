"""Surrogate model of one family: a Gaussian process fitted to its trials, and a ranking of candidates."""

import math
from collections.abc import Sequence

import numpy as np

from autogen.hpo.earlier import EarlierStudy
from autogen.hpo.samplers.model.encoding import Encoding, at_random, neighbors
from autogen.hpo.samplers.model.gaussian_process import (
    Array,
    GaussianProcess,
    Kernel,
    Prediction,
    fit_kernel,
    log_expected_improvement,
)
from autogen.hpo.samplers.model.history import Basis, History, window
from autogen.hpo.samplers.model.prior import Prior
from autogen.hpo.space.branch import Branch
from autogen.hpo.trial import Config, Value
from autogen.threads import one_thread

_REFIT = 1.1  # growth of the number of results after which the kernel is fitted again
_FITTED = 100  # maximum number of results for the fit of the kernel
_FEWEST = 2  # minimum number of results for the fit of the kernel
_KNOWN = 200  # maximum number of results in the posterior
_PENDING = 300  # maximum number of pending trials in the posterior
_FEWEST_COSTS = 3  # minimum number of results with seconds for a model of them
_COST_NOISE = 0.05  # noise variance of the log of seconds, as a share of their variance
_PRICE = 0.5  # power of the seconds by which expected improvement is divided
_RANDOM = 500  # number of uniform candidates
_NEAR = (60, 30, 30, 30, 30)  # number of candidates near each of the best results


class Surrogate:
    """Model of the outcomes of one family's configs.

    The kernel is fitted each time the number of results has grown by a tenth, to the results of that moment,
    so that it does not depend on interruptions of the study.

    Args:
        branch: branch of the family.
        history: trials of the family; never changed here.
        asked: all configs of the study, by number; never changed here.
        earlier: earlier studies, whose results are the prior mean; default none.
    """

    def __init__(
        self,
        branch: Branch,
        history: History,
        asked: Sequence[Config],
        earlier: Sequence[EarlierStudy] = (),
    ) -> None:
        self._encoding = Encoding(branch)
        self._prior = Prior(branch.family, self._encoding, earlier)
        self._history = history
        self._asked = asked
        self._kernel: tuple[int, Kernel] | None = None

    def ready(self, basis: Basis) -> bool:
        """Tell if there are enough results and parameters to learn from."""
        return basis.finished >= _FEWEST and len(self._encoding.groups) > 0

    def ranked(self, basis: Basis, branch: Branch, rng: np.random.Generator) -> list[dict[str, Value]]:
        """Rank candidates by their expected improvement, the most promising first.

        Where seconds are known, by the improvement over the root of its seconds (Snoek 2012,
        arxiv.org/abs/1206.2944, divides by the seconds).

        The first ones, as many as the batch has proposals, are picked one by one: each pick is assumed to
        end as predicted before the next (kriging believer), so that the batch spreads out. The others follow
        in their order.

        Args:
            basis: knowledge of the batch.
            branch: branch of the family, or a part of it that must hold the candidates.
            rng: random generator of the candidates.
        """
        with one_thread():  # with two, a proposal takes ten times as much of the cores that trials train on
            return self._ranked(basis, branch, rng)

    def _ranked(self, basis: Basis, branch: Branch, rng: np.random.Generator) -> list[dict[str, Value]]:
        targets = self._history.targets(basis.finished)
        kept = window(targets, _KNOWN)
        configs = self._configs([self._history.numbers[place] for place in kept])
        X = self._encoding.rows(configs)
        weights = self._prior.weights(X, targets[kept])
        model, best = self._posterior(basis, X, targets[kept], weights)
        candidates = at_random(branch, _RANDOM, rng)
        for place, count in zip(np.argsort(targets[kept], kind="stable"), _NEAR, strict=False):
            candidates += neighbors(branch, configs[place], count, rng)
        Z = self._encoding.rows(candidates)
        prediction = model.predict(Z)
        prediction.mean = prediction.mean + self._prior.mean(Z, weights)
        ranks = best_first(prediction, best, basis.size, _PRICE * self._log_seconds(basis, Z))
        return [candidates[place] for place in ranks]

    def _log_seconds(self, basis: Basis, Z: Array) -> Array:
        """Predict the log of the seconds that points (M, C) take, (M,); 0 with too few known seconds."""
        costs = self._history.costs(basis.finished)
        known = np.flatnonzero(costs)[-_KNOWN:]
        if len(known) < _FEWEST_COSTS:
            return np.zeros(len(Z))
        X = self._encoding.rows(self._configs([self._history.numbers[place] for place in known]))
        return GaussianProcess(self._smooth, X, np.log(costs[known]), self._encoding.groups).predict(Z).mean

    @property
    def _smooth(self) -> Kernel:
        """Kernel of the seconds, which vary smoothly and by a few parameters."""
        D = int(self._encoding.groups[-1]) + 1
        return Kernel(np.full(D, math.log(2) + 0.5 * math.log(D)), 0.0, math.log(_COST_NOISE))

    def _posterior(self, basis: Basis, X: Array, y: Array, weights: Array) -> tuple[GaussianProcess, float]:
        """Condition the process on results and pending trials, and find the best mean at a result.

        The process is that of the targets less the prior mean. Pending trials are assumed to end as
        predicted, so that no improvement is expected near them.
        """
        kernel, groups = self._fitted(basis.finished), self._encoding.groups
        expected = self._prior.mean(X, weights)
        y = y - expected
        model = GaussianProcess(kernel, X, y, groups)
        means = model.predict(X).mean + expected
        if pending := basis.pending[-_PENDING:]:
            P = self._encoding.rows(self._configs(pending))
            model = GaussianProcess(kernel, np.vstack([X, P]), np.r_[y, model.predict(P).mean], groups)
        return model, float(means.min())

    def _fitted(self, finished: int) -> Kernel:
        """Return the kernel, fitted again if that is due."""
        count = _fit_at(finished)
        if self._kernel is None or self._kernel[0] != count:
            targets = self._history.targets(count)
            kept = window(targets, _FITTED)
            X = self._encoding.rows(self._configs([self._history.numbers[place] for place in kept]))
            y = targets[kept]
            y = y - self._prior.mean(X, self._prior.weights(X, y))
            self._kernel = count, fit_kernel(X, y, self._encoding.groups)
        return self._kernel[1]

    def _configs(self, numbers: Sequence[int]) -> list[Config]:
        return [self._asked[number] for number in numbers]


def best_first(prediction: Prediction, best: float, count: int, log_price: Array | float = 0.0) -> list[int]:
    """Rank the indices of all points: the first ``count`` are picked one by one, the rest by improvement.

    Args:
        prediction: posterior at M points; changed by the picks.
        best: best known value.
        count: number of points to pick one by one.
        log_price: log of what the expected improvement at each point is divided by, (M,).
    """
    picked: list[int] = []
    for _ in range(min(count, len(prediction.mean)) - 1):
        scores = log_expected_improvement(prediction.mean, prediction.deviation, best) - log_price
        scores[picked] = -math.inf
        picked.append(int(np.argmax(scores)))
        prediction.assume(picked[-1])
    scores = log_expected_improvement(prediction.mean, prediction.deviation, best) - log_price
    scores[picked] = -math.inf
    rest: list[int] = np.argsort(-scores, kind="stable")[: len(scores) - len(picked)].tolist()
    return picked + rest


def _fit_at(finished: int) -> int:
    """Compute the number of results to which the kernel is fitted; it grows by tenths."""
    count = _FEWEST
    while (following := math.ceil(_REFIT * count)) <= finished:
        count = following
    return count
