"""Earlier studies as the prior mean of a family's Gaussian process."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autogen.hpo.earlier import EarlierStudy
from autogen.hpo.samplers.model.encoding import Encoding
from autogen.hpo.samplers.model.gaussian_process import Array, GaussianProcess, fit_kernel
from autogen.hpo.samplers.model.history import History, window
from autogen.hpo.trial import Config, Outcome

_FEWEST = 4  # minimum number of trials of a family in an earlier study
_KNOWN = 150  # maximum number of trials that an earlier study is modeled by
_RIDGE = 0.05  # squared units of targets by which the slope is drawn to 1
_BELIEF = 6.0  # pairs of own results that the belief in an earlier study counts as


class Prior:
    """Expected outcomes of a family's configs, from earlier studies.

    As in HyperBO (Wang 2021, https://arxiv.org/abs/2109.08215), a mean function that earlier studies teach
    is subtracted from the own results before the process is fitted to them. It is the mean of the studies'
    own processes, each weighted by how well it ranks the own results, as in RGPE (Feurer 2018,
    https://arxiv.org/abs/1802.02219): by twice the share of pairs that it orders rightly, less one. A study
    begins with all its weight, which counts as some pairs in its favor; one that orders pairs no better
    than chance has none. Own differences may be larger or smaller throughout: a slope allows for it.

    Args:
        family: Name of the family.
        encoding: Its configs as points.
        earlier: Earlier studies.
    """

    def __init__(self, family: str, encoding: Encoding, earlier: Sequence[EarlierStudy]) -> None:
        self._models = [
            model for study in earlier if (model := _model(study.family(family), encoding)) is not None
        ]

    def __bool__(self) -> bool:
        return bool(self._models)

    def weights(self, X: Array, y: Array) -> Array:
        """Compute the weight of each of E studies by N own results, (E,), none negative.

        Before there are own results, they together are 1.

        Args:
            X: Points of the own results, (N, C).
            y: Their targets, (N,); lower is better.
        """
        pairs = np.triu_indices(len(y), 1)
        order = np.sign(y[:, None] - y[None, :])[pairs]
        means = [model.predict(X).mean for model in self._models]
        beliefs = np.array([_belief(np.sign(one[:, None] - one[None, :])[pairs] * order) for one in means])
        weights: Array = beliefs * beliefs / max(float(beliefs.sum()), 1e-12)
        return weights * _slope(weights @ np.array(means), y) if means and len(y) else weights

    def mean(self, Z: Array, weights: Array) -> Array:
        """Compute the prior mean at points (M, C), (M,)."""
        expected = np.zeros(len(Z))
        for weight, model in zip(weights, self._models, strict=True):
            expected += weight * model.predict(Z).mean
        return expected


def _slope(expected: Array, y: Array) -> float:
    """Compute how much larger differences of targets, (N,), are than expected, by ridge regression to 1.

    The unit of targets is the spread of a study's first losses, and studies that begin with good configs
    have a small one.
    """
    expected, y = expected - expected.mean(), y - y.mean()
    return max(0.0, float(expected @ y + _RIDGE) / float(expected @ expected + _RIDGE))


def _belief(agreements: Array) -> float:
    """Compute twice the share of pairs that agree (1; 0 is a tie, -1 disagrees), less one, at least 0."""
    right = float((agreements > 0).sum() + 0.5 * (agreements == 0).sum())
    return max(0.0, 2 * (right + _BELIEF) / (len(agreements) + _BELIEF) - 1)


def _model(trials: Sequence[tuple[Config, Outcome]], encoding: Encoding) -> GaussianProcess | None:
    """Fit a process to the trials of one family in one study; ``None`` if they are too few to learn from."""
    if len(trials) < _FEWEST or not len(encoding.groups):
        return None
    history = History()
    for number, (_, outcome) in enumerate(trials):
        history.ask(number)
        history.tell(replace(outcome, number=number))
    targets = history.targets()
    kept = window(targets, _KNOWN)
    X, y = encoding.rows([trials[place][0] for place in kept]), targets[kept]
    return GaussianProcess(fit_kernel(X, y, encoding.groups), X, y, encoding.groups)
