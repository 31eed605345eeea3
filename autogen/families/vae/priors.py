"""Priors over the latent codes of a variational autoencoder, by name."""

from collections.abc import Callable

from autogen.families.vae.flow import CouplingFlow
from autogen.families.vae.mixture import GaussianMixture
from autogen.families.vae.vamp import VampPrior

#: Has ``sample``, ``log_density`` and ``fit``; standard normal until fitted; its state lies in buffers.
Prior = GaussianMixture | VampPrior | CouplingFlow

#: Name to constructor(components, Z).
PRIORS: dict[str, Callable[[int, int], Prior]] = {
    "normal": lambda _, size: GaussianMixture(1, size),
    "gmm": GaussianMixture,
    "vamp": VampPrior,
    "flow": lambda _, size: CouplingFlow(size),
}


def prior_for(name: str, components: int, size: int) -> Prior:
    """Return a prior by name, standard normal until it is fitted.

    Args:
        name: One of ``PRIORS``.
        components: Maximum number of components of a mixture.
        size: Z, numbers of a latent code.
    """
    return PRIORS[name](components, size)
