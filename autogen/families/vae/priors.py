"""The priors over latent codes that a variational autoencoder may have, by name."""

from collections.abc import Callable

from autogen.families.vae.exemplars import ExemplarMixture
from autogen.families.vae.flow import CouplingFlow
from autogen.families.vae.mixture import GaussianMixture

#: Has ``sample``, ``log_density`` and ``fit``; standard normal until fitted; what it knows is in buffers.
Prior = GaussianMixture | ExemplarMixture | CouplingFlow

#: Made from (components, numbers of a code).
PRIORS: dict[str, Callable[[int, int], Prior]] = {
    "normal": lambda _, size: GaussianMixture(1, size),
    "gmm": GaussianMixture,
    "vamp": ExemplarMixture,
    "flow": lambda _, size: CouplingFlow(size),
}


def prior_for(name: str, components: int, size: int) -> Prior:
    """A prior that is standard normal yet."""
    return PRIORS[name](components, size)
