"""A one-shot generator as an ONNX graph and a ``torch.export`` program; the door to onnx."""

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import torch
from torch._dynamo.exc import UserError
from torch.export import Dim, ExportedProgram, export, save

from autogen.data.specs import ImageSpec, Spec, TableSpec
from autogen.errors import RunError, SettingsError, told
from autogen.exporting.one_shot import OneShotGenerator
from autogen.files import make_folder, write
from autogen.generator.baseline import BaselineModel
from autogen.generator.generator import DATA, GeneratedModel, write_codec

GRAPH, PROGRAM, ABOUT, READ_ME = "model.onnx", "model.pt2", "generator.json", "README.md"
#: Number of samples of a graph that is traced for one number only.
SAMPLES = 64

_PIXELS = (
    "uint8 (n, C, H, W): the rank of each pixel among `values` in data.json: `values[pixels]` is the image"
)
_MEANINGS = {
    "pixels": _PIXELS,
    "codes": "int64 (n, D): the code of each cell; 0 to specials-1 are the missing cell and spikes",
    "positions": "float32 (n, D): where a cell of a continuous column lies within its quantile bin, 0 to 1",
    "tokens": "int64 (n, T): the tokens of each sample, padded",
    "frames": "uint8 (n, T, 1 + keys): whether the piece goes on, then the keys that sound",
}


def export_onnx(model: GeneratedModel | BaselineModel, folder: Path) -> Path:
    """Write the graph of a one-shot generator, with what is needed to feed it and to read what it returns.

    Args:
        model: Trained model.
        folder: Folder for ``model.onnx``, ``model.pt2``, ``generator.json``, ``data.json``, ``README.md``.

    Returns:
        The file of the graph.

    Raises:
        SettingsError: packages are missing.
        UserError: the model is a baseline or no one-shot generator.
        RunError: the graph cannot be made.
    """
    if missing := [name for name in ("onnx", "onnxscript") if find_spec(name) is None]:
        raise SettingsError(
            f"--onnx needs {' and '.join(missing)}; install with: pip install {' '.join(missing)}"
        )
    if isinstance(model, BaselineModel):
        raise SettingsError(f"{model.family} is a baseline and no network, so there is no graph to export")
    generator = OneShotGenerator(model.family_object, model.module).eval()
    make_folder(folder)
    try:
        with warnings.catch_warnings(), _no_remarks():
            warnings.simplefilter("ignore")  # of torch's own use of what it deprecates
            program, samples = _program(generator)
            save(program, folder / PROGRAM)
            graph = torch.onnx.export(
                program,
                dynamo=True,
                verbose=False,
                input_names=[one.name for one in generator.draws],
                output_names=list(generator.outputs),
            )
            assert graph is not None
            graph.save(str(folder / GRAPH), external_data=False)
    except Exception as error:  # whatever torch's exporter does not know
        raise RunError(f"torch cannot export this {model.family} model: {told(error)}") from error
    write_codec(folder, model.codec)
    about = {
        "family": model.family,
        "kind": model.codec.kind,
        "samples": samples,
        "inputs": [asdict(one) for one in generator.draws],
        "outputs": {name: _MEANINGS.get(name, "") for name in generator.outputs},
        "columns": _columns(model.spec),
    }
    write(folder / ABOUT, json.dumps(about, indent=2) + "\n")
    write(folder / READ_ME, _read_me(generator, samples))
    return folder / GRAPH


@contextmanager
def _no_remarks() -> Iterator[None]:
    """Silence what torch's exporter logs about packages that no model here needs, such as torchvision."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _program(generator: OneShotGenerator) -> tuple[ExportedProgram, int | None]:
    """Trace a generator for any number of samples, or for ``SAMPLES`` where its network fixes the number.

    Returns:
        The program, and its number of samples; ``None`` for any.
    """
    draws = generator.draw(SAMPLES, 0)
    try:
        return export(generator, draws, dynamic_shapes=(_shapes(generator),)), None
    except (UserError, ValueError):  # of torch: the number became a constant
        return export(generator, draws), SAMPLES


def _shapes(generator: OneShotGenerator) -> tuple[dict[int, Dim], ...]:
    """Dimensions of the inputs that are the number of samples."""
    n = Dim("n", min=1)
    return tuple(
        {place: n for place, size in enumerate(one.shape) if size is None} for one in generator.draws
    )


def _columns(spec: Spec) -> list[dict[str, object]]:
    """Columns of a table, as its codes refer to them; channel sizes of images; none for others."""
    if isinstance(spec, TableSpec):
        return [asdict(column) for column in spec.columns]
    return [asdict(spec)] if isinstance(spec, ImageSpec) else []


def _read_me(generator: OneShotGenerator, samples: int | None) -> str:
    outputs = "\n".join(f"- `{name}`: {_MEANINGS.get(name, '')}" for name in generator.outputs)
    inputs = "\n".join(
        f"- `{one.name}`: {one.distribution}, "
        f"({', '.join('n' if size is None else str(size) for size in one.shape)})"
        for one in generator.draws
    )
    number = "any number of samples" if samples is None else f"{samples} samples at a time"
    return _TEXT.format(inputs=inputs, outputs=outputs, data=DATA, n=samples or 100, number=number)


_TEXT = """# A generator as ONNX

`model.onnx` and `model.pt2` (for `torch.export.load`) turn random numbers into encoded samples. The graph
draws no random numbers itself: equal inputs give equal samples.

Inputs, also in `generator.json`, for n = {number}:

{inputs}

Outputs:

{outputs}

```python
import numpy as np
import onnxruntime
import autogen.exporting.decoding as decoding

rng = np.random.default_rng(0)
session = onnxruntime.InferenceSession("model.onnx")
encoded = session.run(None, decoding.random_inputs("generator.json", n={n}, rng=rng))
samples = decoding.decode(".", encoded)  # a DataFrame, images (n, H, W, C) or a list
```

`{data}` holds the codec, which turns encoded samples into the data's own format.
"""
