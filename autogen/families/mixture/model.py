"""A Gaussian mixture on principal components, with a Gaussian on the components beyond, as a torch module."""

import torch
from torch import Tensor

from autogen.data.specs import ImageSpec
from autogen.families.base import Noise
from autogen.families.fitted import FittedBuffers


class MixtureModel(FittedBuffers):
    """Mixture of C Gaussians on K principal components of D pixel values; R further ones are one Gaussian.

    Attributes:
        center: Mean of the images, float32 (D,).
        axes: Principal directions, orthonormal, float32 (K, D).
        rest: Further directions, as long as their standard deviations, float32 (R, D).
        weights: Shares of the Gaussians, float32 (C,).
        means: Their means, float32 (C, K).
        roots: Lower Cholesky factors of their covariances, float32 (C, K, K).
        classes: Probability of each class in each Gaussian, float32 (C, L); L is 0 without classes.

    Args:
        spec: Spec of the images.
    """

    center: Tensor
    axes: Tensor
    rest: Tensor
    weights: Tensor
    means: Tensor
    roots: Tensor
    classes: Tensor

    def __init__(self, spec: ImageSpec) -> None:
        super().__init__()
        self.spec = spec
        size = spec.channels * spec.height * spec.width
        start = {
            "center": torch.full((size,), (spec.levels - 1) / 2),
            "axes": torch.zeros(1, size),
            "rest": torch.zeros(0, size),
            "weights": torch.ones(1),
            "means": torch.zeros(1, 1),
            "roots": torch.ones(1, 1, 1),
            "classes": torch.full((1, spec.labels), 1 / max(spec.labels, 1)),
        }
        for name, tensor in start.items():
            self.register_buffer(name, tensor)

    def set(self, **tensors: Tensor) -> None:
        """Replace buffers by tensors of any size."""
        for name, tensor in tensors.items():
            setattr(self, name, tensor.float().contiguous())

    def draw(self, n: int, noise: Noise, label: Tensor | None = None) -> Tensor:
        """Draw n images.

        Args:
            n: Number of images.
            noise: Source of the random draws.
            label: Classes of the images, int64 (n,); any where ``None``.

        Returns:
            Pixels, uint8 (n, C, H, W).
        """
        chances = self.weights.expand(n, -1)
        if label is not None:
            chances = chances * self.classes[:, label].T
        ends = chances.cumsum(dim=1)
        found = torch.searchsorted(ends, noise.uniform(n, 1) * ends[:, -1:], right=True)
        chosen = found[:, 0].clamp(max=len(self.weights) - 1)
        normal = noise.normal(n, self.means.shape[1])
        places = self.means[chosen] + torch.einsum("nij,nj->ni", self.roots[chosen], normal)
        flat = self.center + places @ self.axes
        if len(self.rest):
            flat = flat + noise.normal(n, len(self.rest)) @ self.rest
        spec = self.spec
        codes = flat.round().clamp(0, spec.levels - 1).to(torch.uint8)
        return codes.reshape(n, spec.channels, spec.height, spec.width)

    def fault(self) -> str:
        """Why the tensors are no mixture of such images; empty for none."""
        size = self.spec.channels * self.spec.height * self.spec.width
        clusters, places = self.means.shape
        wanted = {
            "center": (size,),
            "axes": (places, size),
            "rest": (len(self.rest), size),
            "weights": (clusters,),
            "roots": (clusters, places, places),
            "classes": (clusters, self.spec.labels),
        }
        wrong = [name for name, shape in wanted.items() if tuple(getattr(self, name).shape) != shape]
        if wrong:
            return f"{wrong[0]} has the shape {tuple(getattr(self, wrong[0]).shape)}, not {wanted[wrong[0]]}"
        finite = all(bool(torch.isfinite(tensor).all()) for tensor in self.buffers())
        return "" if finite and bool((self.weights >= 0).all()) else "a number is not finite, or negative"
