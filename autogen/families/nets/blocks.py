"""Blocks of a trunk, which several ranks can share: pieces of each block, or some of the blocks each."""

from typing import ClassVar

from torch import nn

from autogen.errors import SpaceError


class IsBlock(nn.Module):
    """Capability of a layer: it is one of the blocks that a trunk runs one after the other.

    A loss runs all of them once, in their order, on tokens (B, ...) of one shape, whose rows are those of
    ``shard``.

    Attributes:
        calls: Names of the methods that compute tokens from tokens, their first argument, of the same shape.
    """

    calls: ClassVar[tuple[str, ...]] = ("forward",)


class RerunsBlocks(nn.Module):
    """Capability of a model: with some settings, its loss runs the blocks more than once.

    Attributes:
        reruns: Setting that makes it so; empty for none.
    """

    reruns: str = ""


def blocks_of(model: nn.Module, parallel: str) -> dict[str, IsBlock]:
    """Return the blocks of a model, in their order, by name.

    Args:
        model: The model.
        parallel: Setting that needs them, for the message.

    Raises:
        SpaceError: it has none.
    """
    blocks = {name: layer for name, layer in model.named_modules() if isinstance(layer, IsBlock)}
    if not blocks:
        raise SpaceError(
            f"parallel = {parallel} shares the blocks of a transformer, and this model has none; take "
            "net = transformer where the family has it, or parallel = data"
        )
    return blocks
