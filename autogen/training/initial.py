"""Weights of an earlier model as the start of another one, taken over by name and by code along each axis."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from autogen.data.codec import CodeNames
from autogen.data.specs import SequenceSpec, Spec
from autogen.errors import SpaceError
from autogen.families.base import ModelFamily, Training
from autogen.families.nets.io.axis_names import Names, axis_layouts, with_more_codes

#: Values of the training setting ``start``.
FRESH, EARLIER = "fresh", "earlier"
#: Builds the model for a spec with random weights.
Build = Callable[[Spec], nn.Module]


@dataclass(frozen=True)
class InitialWeights:
    """Weights of a trained model, and the data that they are for.

    Attributes:
        weights: Arrays by name, as of the model's ``state_dict``.
        spec: Spec of its data.
        names: Names of the codes of its data.
    """

    weights: Mapping[str, np.ndarray]
    spec: Spec
    names: CodeNames


@dataclass(frozen=True)
class TakenOver:
    """Names of the tensors of a model, by what it took over from an earlier one.

    Attributes:
        whole: Tensors that the earlier model gives all places of.
        parts: Tensors of which it gives some places: the share of them, in (0, 1).
        fresh: Tensors that keep their random values.
        unused: Tensors of the earlier model that have no place here.
    """

    whole: tuple[str, ...]
    parts: Mapping[str, float]
    fresh: tuple[str, ...]
    unused: tuple[str, ...]

    def describe(self) -> str:
        """Describe in one phrase what was taken over and what was not."""
        total = len(self.whole) + len(self.parts) + len(self.fresh)
        found = f"{len(self.whole)} of {total} tensors are taken over whole"
        if self.parts:
            shown = [f"{name} {100 * share:.0f} %" for name, share in list(self.parts.items())[:3]]
            found += f", {len(self.parts)} in part ({', '.join(shown)}{' ...' * (len(self.parts) > 3)})"
        for what, names in (("new here", self.fresh), ("not used", self.unused)):
            if names:
                found += f"; {what}: {', '.join(names[:3])}{' ...' * (len(names) > 3)}"
        return found


@torch.no_grad()
def start_from(
    model: nn.Module,
    initial: tuple[InitialWeights, CodeNames] | None,
    family: ModelFamily,
    training: Training,
    spec: Spec,
    build: Build,
) -> TakenOver:
    """Give a fresh model the weights of an earlier one, and freeze the share of its layers that is asked for.

    Raises:
        SpaceError: there is no earlier model, or ``training.start`` or ``training.freeze`` is out of range.
    """
    if training.start != EARLIER:
        raise SpaceError(f"training.start must be {FRESH} or {EARLIER}, not {training.start!r}")
    if initial is None:
        raise SpaceError("training.start = 'earlier' needs a model of the family to start from (--init-from)")
    if not 0 <= training.freeze < 1:
        raise SpaceError(f"training.freeze must lie in [0, 1), but it is {training.freeze:g}")
    earlier, names = initial
    taken = take_over(model, earlier, spec, names, build)
    freeze(family, model, taken, training.freeze)
    return taken


def take_over(
    model: nn.Module, earlier: InitialWeights, spec: Spec, names: CodeNames, build: Build
) -> TakenOver:
    """Copy an earlier model's weights into a new one of the same settings.

    An axis that belongs to codes is copied code by code; it is found by building the model for data with more
    codes. Any other axis must have the same length, but for the places of a sequence.

    Args:
        model: Model to fill; what the earlier one does not have keeps its random values.
        earlier: The earlier weights.
        spec: Spec of the new model's data.
        names: Names of the codes of this data.
        build: Builds the model, on any device, for a spec.
    """
    more = with_more_codes(earlier.spec, earlier.names)
    longer = {name: tensor.shape for name, tensor in _built(build, more[0]).state_dict().items()}
    data = ((earlier.spec, earlier.names), (spec, names), more)
    axes = _Axes([dict(axis_layouts(*one)) for one in data], earlier.spec, spec)
    shares = {}
    for name, target in model.state_dict().items():
        source = earlier.weights.get(name)
        shares[name] = 0.0 if source is None else _copy(target, source, longer.get(name, ()), axes)
    return TakenOver(
        whole=tuple(name for name, share in shares.items() if share == 1),
        parts={name: share for name, share in shares.items() if 0 < share < 1},
        fresh=tuple(name for name, share in shares.items() if not share),
        unused=tuple(name for name in earlier.weights if not shares.get(name)),
    )


def _built(build: Build, spec: Spec) -> nn.Module:
    """Build a model without memory for its weights, where the family allows."""
    try:
        with torch.device("meta"):
            return build(spec)
    except (RuntimeError, NotImplementedError):  # it looks at values while it is built
        return build(spec)


@dataclass(frozen=True)
class _Axes:
    """Ways in which places of an axis of the earlier model and of the new one belong together.

    Attributes:
        layouts: Layouts of the earlier data, of the new data, and of the earlier data with more codes.
        before: Spec of the earlier data.
        now: Spec of the new data.
    """

    layouts: Sequence[Mapping[Hashable, Names]]
    before: Spec
    now: Spec

    def places(self, before: int, now: int, longer: int) -> np.ndarray | None:
        """Find the earlier place of each place of an axis, int64 (now,), -1 for new ones; or ``None``.

        Args:
            before: Length of the axis in the earlier model.
            now: Length in the new model.
            longer: Length in the earlier model for data with more codes.
        """
        if before != longer:
            return self._by_codes((before, now, longer))
        return np.arange(now) if before == now else self._by_time(before, now)

    def _by_codes(self, lengths: tuple[int, int, int]) -> np.ndarray | None:
        """Match the places of an axis by the names of one of the layouts that have these lengths."""
        first, second, third = self.layouts
        for key, old in first.items():
            new, more = second.get(key), third.get(key)
            if new is not None and more is not None and (len(old), len(new), len(more)) == lengths:
                place = {name: index for index, name in enumerate(old)}
                return np.array([place.get(name, -1) for name in new], dtype=np.int64)
        return None

    def _by_time(self, before: int, now: int) -> np.ndarray | None:
        """Match the places of a sequence of another length, of which each has the same number of features."""
        if not (isinstance(self.before, SequenceSpec) and isinstance(self.now, SequenceSpec)):
            return None
        old, new = self.before.length, self.now.length
        if before % old or now % new or before // old != now // new:
            return None
        t = np.arange(now) % new
        return np.where(t < old, np.arange(now) // new * old + t, -1)


def _copy(target: Tensor, source: np.ndarray, longer: Sequence[int], axes: _Axes) -> float:
    """Copy the places that both tensors have; return their share of the target's, 0 where none fit."""
    if not target.ndim == source.ndim == len(longer):
        return 0.0
    if not target.numel():
        return float(tuple(target.shape) == source.shape)
    found = [axes.places(*lengths) for lengths in zip(source.shape, target.shape, longer, strict=True)]
    there, back, share = [], [], 1.0
    for places in found:
        if places is None or not (places >= 0).any():
            return 0.0
        known = np.flatnonzero(places >= 0)
        there.append(torch.from_numpy(known))
        back.append(places[known])
        share *= len(known) / len(places)
    if all(np.array_equal(places, np.arange(len(places))) for places in back) and share == 1:
        target.copy_(torch.from_numpy(np.array(source)))
        return share
    values = torch.from_numpy(source[np.ix_(*back)]).to(target)
    target[torch.meshgrid(*there, indexing="ij")] = values
    return share


def freeze(family: ModelFamily, model: nn.Module, taken: TakenOver, share: float) -> list[str]:
    """Freeze a share of the layers, those next to the data first; of a GAN the critic's (FreezeD, Mo 2020).

    A layer is frozen only if all of it was taken over; the last of the layers never is. FreezeD:
    https://arxiv.org/abs/2002.10964.

    Args:
        family: Family of the model; its ``data_side`` names the layers.
        model: The model.
        taken: What it took over.
        share: Share of the layers, in [0, 1).

    Returns:
        Names of the frozen parameters.
    """
    named = dict(model.named_parameters())
    layers: dict[str, list[str]] = {}
    ordered = (name for prefix in family.data_side for name in named if name.startswith(prefix))
    for name in dict.fromkeys(ordered):  # a later prefix may include an earlier one
        layers.setdefault(name.rpartition(".")[0], []).append(name)
    chosen = list(layers.values())[: int(share * len(layers))]
    frozen = [name for layer in chosen if {*layer} <= {*taken.whole} for name in layer]
    for name in frozen:
        named[name].requires_grad_(False)
    return frozen
