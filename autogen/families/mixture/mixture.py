"""Gaussian mixtures on the principal components of images, fitted by expectation maximization.

Mixtures of Gaussians model the statistics of images well, if not their sharpness (Richardson 2018,
https://arxiv.org/abs/1805.12462), and are fitted in seconds. So they are the first trial of a search on
images. Here the mixture is on the first principal components, and the components beyond them, up to 99 % of
the variance, are one Gaussian. A step of training is an iteration of expectation maximization (Dempster
1977), done by scikit-learn.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from torch import Tensor, nn

from autogen.data.specs import ImageSpec, Spec
from autogen.errors import SpaceError
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasConditioning,
    IsGrown,
    ModelFamily,
    Noise,
    Phase,
    Steps,
)
from autogen.families.baselines.images import Components
from autogen.families.mixture.model import MixtureModel

COVARIANCES = ("full", "diag")
#: Most components beyond those of the mixture, and fewest rows a Gaussian.
_MOST_REST, _ROWS_EACH = 256, 5
_SEEDS = 2**31 - 1


@dataclass(frozen=True)
class MixtureSettings:
    """Size of the mixture.

    Attributes:
        components: Principal components that the mixture is on; fewer if the images have fewer.
        clusters: Number of Gaussians; at most one for five images.
        covariance: ``full``, or ``diag`` for independent components within a Gaussian.
    """

    components: int = 60
    clusters: int = 30
    covariance: str = "full"


@dataclass(frozen=True)
class MixtureTraining(Steps):
    """How the mixture is fitted.

    Attributes:
        steps: Iterations of expectation maximization.
        ridge: Variance that is added to each covariance, as a share of the components' mean variance.
        most_rows: Most images that it is fitted on.
    """

    steps: int = 12
    ridge: float = 0.01
    most_rows: int = 10_000


class Mixture(ModelFamily, HasConditioning, IsGrown):
    """Mixture of Gaussians on principal components."""

    model_config = MixtureSettings
    training_config = MixtureTraining
    specs = (ImageSpec,)

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """A ``MixtureModel`` that draws gray images.

        Raises:
            SpaceError: the data is no images, or a setting has a value that it cannot have.
        """
        if not isinstance(spec, ImageSpec):
            raise SpaceError("the family mixture models images, and this data is none")
        _check(config)
        return MixtureModel(spec)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """None: the mixture is fitted."""
        return ()

    def grow(
        self, model: nn.Module, config: FamilyConfig, train: Batch, step: int, noise: Noise
    ) -> Iterator[None]:
        """Do one iteration; the first step finds the components and the first Gaussians (k-means++)."""
        assert isinstance(model, MixtureModel)
        seed = int(noise.integers(_SEEDS, 1))
        if step == 0:
            _begin(model, train["pixels"].numpy(), config)
            yield
        chosen = np.random.default_rng(0).permutation(len(train["pixels"]))[: config.training.most_rows]
        flat = train["pixels"][torch.from_numpy(chosen)].flatten(1).float()
        scores = ((flat - model.center) @ model.axes.T).double().numpy()
        labels = train["label"].numpy()[chosen] if "label" in train and model.spec.labels else None
        _iterate(model, config, scores, labels, None if step == 0 else model.means, seed)
        yield

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n images."""
        assert isinstance(model, MixtureModel)
        return {"pixels": model.draw(n, noise)}

    def supports_completion(self, model: nn.Module) -> bool:
        """If the data has classes."""
        assert isinstance(model, MixtureModel)
        return model.spec.labels > 0

    def complete(self, model: nn.Module, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Draw images of the given classes: Gaussians by their share of the class (Bayes)."""
        assert isinstance(model, MixtureModel)
        return {"pixels": model.draw(len(given["label"]), noise, given["label"])}


def _begin(model: MixtureModel, pixels: np.ndarray, config: FamilyConfig) -> None:
    """Set center and axes."""
    found = Components(pixels)
    count = min(config.model.components, found.axes.shape[1])
    lengths = np.maximum(np.linalg.norm(found.axes, axis=0), 1e-12)
    units = (found.axes / lengths).T
    model.set(
        center=torch.from_numpy(found.mean),
        axes=torch.from_numpy(units[:count].copy()),
        rest=torch.from_numpy(found.axes.T[count : count + _MOST_REST].copy()),
    )


def _iterate(
    model: MixtureModel,
    config: FamilyConfig,
    scores: np.ndarray,
    labels: np.ndarray | None,
    means: Tensor | None,
    seed: int,
) -> None:
    """Do one iteration on scores (N, K), from the model's Gaussians or, without ``means``, from new ones."""
    settings = config.model
    given = {} if means is None else _given(model, settings.covariance)
    size = len(model.weights) if given else max(1, min(settings.clusters, len(scores) // _ROWS_EACH))
    ridge = max(config.training.ridge * float(scores.var(axis=0).mean()), 1e-6)
    mixture = GaussianMixture(
        size,
        covariance_type=settings.covariance,
        reg_covar=ridge,
        max_iter=1,
        init_params="k-means++",
        random_state=seed,
        **given,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # one iteration is what was asked for
        mixture.fit(scores)
    roots = np.linalg.cholesky(_full(mixture.covariances_))
    classes = _classes(mixture, scores, labels, model.spec.labels)
    fitted = {"weights": mixture.weights_, "means": mixture.means_, "roots": roots, "classes": classes}
    model.set(**{name: torch.from_numpy(array) for name, array in fitted.items()})


def _given(model: MixtureModel, covariance: str) -> dict[str, np.ndarray]:
    """Parameters of the model's Gaussians, as scikit-learn begins with them."""
    roots = model.roots.double()
    precisions = torch.cholesky_inverse(roots).numpy()
    if covariance == "diag":
        precisions = np.ascontiguousarray(np.diagonal(precisions, axis1=1, axis2=2))
    weights = model.weights.double()
    named = {"weights_init": weights / weights.sum(), "means_init": model.means.double()}
    return {name: tensor.numpy() for name, tensor in named.items()} | {"precisions_init": precisions}


def _full(covariances: np.ndarray) -> np.ndarray:
    """Covariances as matrices, (C, K, K)."""
    if covariances.ndim == 3:
        return covariances
    return np.asarray(covariances[:, :, None] * np.eye(covariances.shape[1]))


def _classes(
    mixture: GaussianMixture, scores: np.ndarray, labels: np.ndarray | None, count: int
) -> np.ndarray:
    """Compute the probability of each class in each Gaussian, (C, L), with half an image of prior in each."""
    if labels is None:
        return np.full((len(mixture.weights_), count), 1 / max(count, 1))
    shares = mixture.predict_proba(scores).T @ np.eye(count)[labels] + 0.5
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _check(config: FamilyConfig) -> None:
    """Refuse settings that no mixture can be fitted with."""
    model, training = config.model, config.training
    if model.covariance not in COVARIANCES:
        choices = ", ".join(COVARIANCES)
        raise SpaceError(f"model.covariance must be one of {choices}, not {model.covariance!r}")
    for key, number in (
        ("model.components", model.components),
        ("model.clusters", model.clusters),
        ("training.most_rows", training.most_rows),
    ):
        if number < 1:
            raise SpaceError(f"{key} must be at least 1, not {number}")
    if not training.ridge > 0:
        raise SpaceError(f"training.ridge must be above 0, not {training.ridge}")
