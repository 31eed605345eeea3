"""Writing of a model's samples to files."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from autogen import registry
from autogen.data.declaration import declared
from autogen.data.kind import DataKind
from autogen.errors import AutogenError, DataError, RunError, told
from autogen.generator.baseline import BaselineModel
from autogen.generator.conditioning import Condition
from autogen.generator.generator import GeneratedModel

#: Suffixes of previews that are text.
READABLE = (".csv", ".txt")


def write_samples(
    model: GeneratedModel | BaselineModel,
    n: int,
    path: Path,
    seed: int = 0,
    condition: Condition | None = None,
) -> None:
    """Draw n samples and write them; equal arguments give equal files. Tables are written as they are drawn.

    Args:
        model: Model to draw from.
        n: Number of samples, at least 1.
        path: File or folder; its suffix chooses the format, see the kind of data.
        seed: Seed of the draws.
        condition: Condition on all samples; see ``GeneratedModel.sample``.

    Raises:
        DataError: this kind of data has no such suffix, the place cannot be written, or the condition cannot
            be met.
        RunError: the model is damaged.
    """
    kind: DataKind = registry.get("data", model.codec.kind)()
    try:
        kind.save_parts(model.stream(n, seed, condition=condition), path, model.codec)
    except (AutogenError, OSError):
        raise
    except Exception as error:  # whatever a damaged or hostile model makes sampling fail with
        raise RunError(f"the model cannot be sampled ({told(error)}); copy or train it again") from error


def complete_prompt(model: GeneratedModel | BaselineModel, prompt: str, n: int, seed: int = 0) -> list[str]:
    """Draw n texts that begin with a prompt; equal arguments give equal texts.

    Args:
        model: Model of texts to draw from.
        prompt: Beginning of each text.
        n: Number of texts, at least 1.
        seed: Seed of the draws.

    Raises:
        DataError: the model is not one of texts, cannot continue them, or the prompt leaves no room.
    """
    known = declared(model.codec.kind)
    if known.preview.suffix != ".txt":
        raise DataError(
            f"a prompt begins texts, but this model generates {known.plural}; for tables use --condition "
            "COLUMN=VALUE, for music model.complete in Python."
        )
    return [prompt + rest for rest in model.complete([prompt] * n, seed)]


def write_texts(model: GeneratedModel | BaselineModel, texts: Sequence[str], path: Path) -> None:
    """Write texts as samples of a model are written.

    Raises:
        DataError: texts have no such suffix, or the place cannot be written.
    """
    kind: DataKind = registry.get("data", model.codec.kind)()
    kind.save_parts(iter([list(texts)]), path, model.codec)


def printed_samples(
    model: GeneratedModel | BaselineModel, n: int, seed: int = 0, condition: Condition | None = None
) -> list[str]:
    """Draw n samples as lines of text: rows under their header, texts, or ABC notation of music.

    Args:
        model: Model to draw from.
        n: Number of samples, at least 1.
        seed: Seed of the draws.
        condition: Condition on all samples; see ``GeneratedModel.sample``.

    Raises:
        DataError: samples of this kind are no text.
    """
    known = declared(model.codec.kind)
    if known.preview.lines:
        lines: list[str] = registry.load(known.preview.lines)(model.sample(n, seed, condition))
        return lines
    if known.preview.suffix not in READABLE:
        raise DataError(
            f"{known.plural} cannot be printed; write them to a file: -o {known.file}, for example."
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"samples{known.preview.suffix}"
        write_samples(model, n, path, seed, condition)
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")  # no other sign ends a line


def parse_condition(given: Sequence[str]) -> Condition | None:
    """Parse ``column=value`` texts to a condition; ``None`` without any.

    Raises:
        DataError: a text without ``=``, or two for one column.
    """
    condition: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise DataError(f"a condition must be column=value, not {text!r}.")
        if name in condition:
            raise DataError(f"a column can have one condition, but {name!r} has two; leave one out.")
        condition[name] = value
    return condition or None
