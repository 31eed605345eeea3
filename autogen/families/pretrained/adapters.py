"""Ways to adapt a pre-trained model: low-rank matrices beside its layers, its last layers, or all of it.

LoRA after Hu 2021 (https://arxiv.org/abs/2106.09685), by the library peft.
"""

from typing import Any

from torch import nn

from autogen.errors import SpaceError
from autogen.families.pretrained.library import matrices, with_lora

ADAPTATIONS = ("lora", "last", "full")
TARGETS = ("attention", "all")
_ATTENTION = ("attn", "attention")


def adapted(model: Any, adaptation: str, rank: int, alpha: int, targets: str, layers: int) -> Any:
    """Make a pre-trained model ready for training; what is not trained is frozen.

    Args:
        model: Model of transformers; changed in place.
        adaptation: ``lora``, ``last`` or ``full``.
        rank: LoRA: rank of the matrices.
        alpha: LoRA: numerator of their scale, ``alpha / rank``.
        targets: LoRA: layers beside which they stand: those of ``attention``, or ``all`` but the output.
        layers: ``last``: number of layers, counted from the output, that are trained with the last norm.

    Returns:
        The model, wrapped by peft for LoRA.

    Raises:
        SpaceError: a setting has a value that it cannot have.
    """
    for name, value, known in (("adaptation", adaptation, ADAPTATIONS), ("targets", targets, TARGETS)):
        if value not in known:
            raise SpaceError(f"model.{name} must be one of {', '.join(known)}, not {value!r}")
    for name, number in (("rank", rank), ("layers", layers)):
        if number < 1:
            raise SpaceError(f"model.{name} must be at least 1, not {number}")
    if adaptation == "lora":
        return with_lora(model, rank, alpha, _ends(model, targets))
    if adaptation == "last":
        model.requires_grad_(False)
        for one in _last(model, layers):
            one.requires_grad_(True)
    return model


def _ends(model: nn.Module, targets: str) -> list[str]:
    """Ends of the names of the layers that LoRA stands beside: a layer's own name and that of its block."""
    names = matrices(model)
    if targets == "attention":  # an architecture with other names for it has none, and gets all
        names = [name for name in names if any(word in name.lower() for word in _ATTENTION)] or names
    return sorted({".".join(name.split(".")[-2:]) for name in names})


def _last(model: Any, layers: int) -> list[nn.Module]:
    """List the last layers, and what follows them without being an embedding or the output layer."""
    depth = model.config.get_text_config().num_hidden_layers
    stack = next(
        (one for one in model.modules() if isinstance(one, nn.ModuleList) and len(one) == depth), None
    )
    if stack is None:
        raise SpaceError(
            f"{type(model).__name__} has no list of layers: search it with adaptation = lora or full"
        )
    inner = {*map(id, stack.modules()), id(model.get_output_embeddings())}
    outside = [
        one
        for one in model.modules()
        if id(one) not in inner and not list(one.children()) and not isinstance(one, nn.Embedding)
    ]
    return [*stack[-layers:], *outside]
