"""Checks of a saved model before it is built: types and bounds of its settings, and the size of its file."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_type_hints

import torch
from torch import nn
from torch.nn.modules import module as hooks

from autogen.data.specs import Spec
from autogen.errors import RunError
from autogen.families.base import FamilyConfig, ModelFamily
from autogen.families.based import HasBase
from autogen.training.checkpoint import read_shapes
from autogen.training.solo import build_model

#: Largest whole number in the settings of a model, but for those that allocate nothing, and in a spec.
MOST = 1_000_000
#: Settings that only bound what is trained on.
_UNBOUNDED = ("steps", "most_rows", "most_tokens", "most_cells")
#: Largest number of cells of an encoded row: 64 million.
MOST_CELLS = 2**26
#: Numbers and modules that a model may have beyond what its file holds: constants that are not saved.
_SPARE_NUMBERS, _SPARE_MODULES = 10_000_000, 10_000
_SCALARS = (int, float, str, bool)


def check_settings(config: FamilyConfig) -> None:
    """Check types and bounds of a model's settings.

    Raises:
        RunError: a setting is of another type, or out of bounds.
    """
    for section, settings in (("model", config.model), ("training", config.training)):
        hints = get_type_hints(type(settings))
        for one in fields(settings):
            value = getattr(settings, one.name)
            if hints[one.name] in _SCALARS and not _sound(value, hints[one.name], one.name):
                raise RunError(f"{section}.{one.name} is {value!r:.60}, which no model has")


def _sound(value: object, kind: type, name: str) -> bool:
    if kind is int:
        return type(value) is int and 0 <= value <= (2**53 if name in _UNBOUNDED else MOST)
    if kind is float:
        return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]
    return type(value) is kind


def check_spec(spec: Spec) -> None:
    """Check that all sizes of encoded data are whole numbers that memory has room for.

    Raises:
        RunError: one is not.
    """
    sizes = list(_sizes(asdict(spec)))
    if bad := [f"{name} = {size!r:.60}" for name, size in sizes if not 0 <= size <= MOST or size % 1]:
        raise RunError(f"its data has {bad[0]}, which no data has")
    inner = ("channels", "height", "width", "length", "keys")
    if math.prod(max(1, size) for name, size in sizes if name in inner) > MOST_CELLS:
        raise RunError("a row of its data has more cells than memory has room for")


def _sizes(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _sizes(inner, key)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _sizes(inner, name)
    elif isinstance(value, int | float):
        yield name, value
    elif name != "name" and (name, value) != ("target", None):
        raise RunError(f"its data has {name} = {value!r:.60}, which is no number")


def check_size(family: ModelFamily, config: FamilyConfig, spec: Spec, weights: Path) -> None:
    """Build the model on torch's meta device, which takes no memory, no larger than its file of weights.

    Raises:
        RunError: the settings describe a larger model, or none.
    """
    shapes = read_shapes(weights)
    numbers = sum(math.prod(shape) for shape in shapes.values()) + _SPARE_NUMBERS
    numbers += family.base_numbers(config) if isinstance(family, HasBase) else 0  # whose file is another one
    with limited(numbers, 100 * len(shapes) + _SPARE_MODULES, weights):
        try:
            with torch.device("meta"):
                build_model(family, config, spec, seed=0)
        except (RuntimeError, NotImplementedError) as error:
            if "meta" not in str(error):  # a family that looks at values while it is built is built for real
                raise


@contextmanager
def limited(numbers: int, modules: int, weights: Path) -> Iterator[None]:
    """Stop the building of modules in this thread as soon as there are too many, or too large ones."""
    left = {"numbers": numbers, "modules": modules}
    ours = threading.get_ident()

    def take(what: str, count: int) -> None:
        if threading.get_ident() == ours:
            left[what] -= count
            if left[what] < 0:
                raise RunError(f"{weights} holds a smaller model than its config describes; copy both again")

    def tensor(_: nn.Module, __: str, one: Any) -> None:
        take("numbers", 0 if one is None else one.numel())

    handles = [
        hooks.register_module_parameter_registration_hook(tensor),
        hooks.register_module_buffer_registration_hook(tensor),
        hooks.register_module_module_registration_hook(lambda *_: take("modules", 1)),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
