"""Writes samples of a model to files."""

from collections.abc import Sequence
from pathlib import Path

from autogen import registry
from autogen.data.kind import DataKind
from autogen.errors import DataError
from autogen.generator.conditioning import Condition
from autogen.generator.generator import GeneratedModel


def write_samples(
    model: GeneratedModel, n: int, path: Path, seed: int = 0, condition: Condition | None = None
) -> None:
    """Draw n samples and write them; equal for equal arguments. Tables go to disk as they are drawn.

    Args:
        model: To draw from.
        n: How many, at least 1.
        path: File or folder; the suffix says the form, see the kind of data.
        seed: Of the draws.
        condition: What all samples have; see ``GeneratedModel.sample``.

    Raises:
        DataError: a suffix that this kind of data is not written as, a place that cannot be written, or
            a condition that cannot be met.
    """
    kind: DataKind = registry.get("data", model.codec.kind)()
    kind.save_parts(model.stream(n, seed, condition=condition), path, model.codec)


def parse_condition(given: Sequence[str]) -> Condition | None:
    """Read ``column=value`` texts.

    Raises:
        DataError: a text without ``=``, or a column twice.
    """
    condition: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise DataError(f"a condition is column=value, not {text!r}.")
        if name in condition:
            raise DataError(f"there are two conditions on {name!r}; a column can have one value.")
        condition[name] = value
    return condition or None
