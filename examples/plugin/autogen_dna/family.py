"""A model family for sequences of tokens: a neural Markov chain (Bengio 2003)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autogen.data.specs import SequenceSpec, Spec
from autogen.errors import SpaceError
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasLikelihood,
    ModelFamily,
    Noise,
    Phase,
    Scalars,
    Training,
    device_of,
)
from autogen.families.nets.draw import MASKED, draw_codes


@dataclass(frozen=True)
class ChainModel:
    """``[chain.model]``.

    Attributes:
        order: Number of tokens that the next one depends on.
        width: Features of a token, and of the hidden layer.
    """

    order: int = 3
    width: int = 32


class ChainNet(nn.Module):
    """Logits of each token given the ``order`` tokens before it."""

    def __init__(self, spec: SequenceSpec, model: ChainModel) -> None:
        super().__init__()
        self.spec, self.order = spec, model.order
        self.embedding = nn.Embedding(spec.levels, model.width)
        self.hidden = nn.Linear(model.order * model.width, model.width)
        self.output = nn.Linear(model.width, spec.levels)

    def forward(self, context: Tensor) -> Tensor:
        """Logits (..., V) of contexts (..., order)."""
        logits = self.output(F.gelu(self.hidden(self.embedding(context).flatten(-2))))
        never = [self.spec.pad, self.spec.begin, self.spec.unknown, *([self.spec.end] * self.spec.stream)]
        masked: Tensor = logits.index_fill(-1, torch.tensor(never, device=logits.device), MASKED)
        return masked

    def nats(self, tokens: Tensor) -> Tensor:
        """Negative log-likelihood of each token, (B, T); 0 for padding."""
        begin = tokens.new_full((len(tokens), self.order), self.spec.begin)
        contexts = torch.cat([begin, tokens], dim=1).unfold(1, self.order, 1)[:, :-1]
        # Padding stands for nothing: a token that can come is put in its place, and counts nothing.
        known = tokens != self.spec.pad
        wanted = tokens.where(known, tokens.new_tensor(self.spec.levels - 1))
        nats = F.cross_entropy(self(contexts).flatten(0, 1), wanted.flatten(), reduction="none")
        return nats.view_as(tokens) * known


@final
class Chain(ModelFamily, HasLikelihood):
    """Each token drawn given the few before it."""

    model_config: ClassVar[type] = ChainModel
    training_config: ClassVar[type[Training]] = Training
    exact: ClassVar[bool] = True

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """The net. Raises ``SpaceError`` for data that is no sequence of tokens."""
        if not isinstance(spec, SequenceSpec):
            raise SpaceError("chain models sequences of tokens; search other families on this data")
        return ChainNet(spec, config.model)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """One: maximum likelihood."""
        return (Phase("likelihood", _loss),)

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n rows of tokens, int64 (n, T)."""
        assert isinstance(model, ChainNet)
        spec, device = model.spec, device_of(model)
        rows = torch.full((n, model.order + spec.length), spec.begin, device=device)
        going = torch.ones(n, dtype=torch.bool, device=device)
        for place in range(model.order, rows.shape[1]):
            drawn = draw_codes(model(rows[:, place - model.order : place]), noise.uniform(n))
            if place == rows.shape[1] - 1 and not spec.stream:
                drawn = torch.full_like(drawn, spec.end)
            rows[:, place] = drawn.where(going, drawn.new_tensor(spec.pad))
            going &= drawn != spec.end
        return {"tokens": rows[:, model.order :]}

    def log_likelihood(self, model: nn.Module, batch: Batch, noise: Noise) -> Tensor:
        """Nats of each row, (B,)."""
        assert isinstance(model, ChainNet)
        return -model.nats(batch["tokens"]).sum(1)


def _loss(model: Any, batch: Batch, noise: Noise, scalars: Scalars) -> Tensor:  # noqa: ARG001
    """Mean nats of a token."""
    tokens = batch["tokens"]
    nats: Tensor = model.nats(tokens).sum() / (tokens != model.spec.pad).sum()
    return nats
