"""What a Gaussian process makes of one family's trials, and the configs it deems most promising."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from autogen.samplers.encoding import Encoding, at_random, neighbours
from autogen.samplers.gaussian_process import (
    Array,
    GaussianProcess,
    Kernel,
    fit_kernel,
    log_expected_improvement,
)
from autogen.samplers.history import History, window
from autogen.space.branch import Branch
from autogen.trial import Config, Value

_REFIT = 1.1  # growth of the number of results after which the kernel is fitted anew
_FITTED = 100  # most results it is fitted to
_KNOWN = 200  # most results the posterior holds
_PENDING = 50  # most pending trials it holds
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
        self._fit_at = 0
        self._kernel: tuple[int, Kernel] | None = None

    def notice(self) -> None:
        """Take note that a trial has ended."""
        count = len(self._history.numbers)
        if count >= max(2, math.ceil(_REFIT * self._fit_at)):
            self._fit_at = count

    @property
    def ready(self) -> bool:
        """Whether there are results and parameters to learn from."""
        return self._fit_at > 0 and len(self._encoding.groups) > 0

    def ranked(self, branch: Branch, rng: np.random.Generator) -> Iterator[dict[str, Value]]:
        """Candidates by the improvement to be expected of them, the most promising first.

        Args:
            branch: Where they must lie: the family's branch or a part of it.
            rng: Where they are drawn from.
        """
        targets = self._history.targets()
        kept = window(targets, _KNOWN)
        configs = self._configs([self._history.numbers[place] for place in kept])
        model, best = self._posterior(self._encoding.rows(configs), targets[kept])
        candidates = at_random(branch, _RANDOM, rng)
        for place, count in zip(np.argsort(targets[kept], kind="stable"), _NEAR, strict=False):
            candidates += neighbours(branch, configs[place], count, rng)
        scores = log_expected_improvement(*model.predict(self._encoding.rows(candidates)), best)
        return (candidates[place] for place in np.argsort(-scores, kind="stable"))

    def _posterior(self, X: Array, y: Array) -> tuple[GaussianProcess, float]:
        """The process given results and pending trials, and the best mean at a result.

        Pending trials are taken to end as predicted, so that nothing is hoped for near them.
        """
        kernel, groups = self._fitted(), self._encoding.groups
        model = GaussianProcess(kernel, X, y, groups)
        means, _ = model.predict(X)
        if pending := list(self._history.pending)[-_PENDING:]:
            P = self._encoding.rows(self._configs(pending))
            model = GaussianProcess(kernel, np.vstack([X, P]), np.r_[y, model.predict(P)[0]], groups)
        return model, float(means.min())

    def _fitted(self) -> Kernel:
        """The kernel, fitted if that is due."""
        if self._kernel is None or self._kernel[0] != self._fit_at:
            targets = self._history.targets(self._fit_at)
            kept = window(targets, _FITTED)
            X = self._encoding.rows(self._configs([self._history.numbers[place] for place in kept]))
            self._kernel = self._fit_at, fit_kernel(X, targets[kept], self._encoding.groups)
        return self._kernel[1]

    def _configs(self, numbers: Sequence[int]) -> list[Config]:
        return [self._asked[number] for number in numbers]
