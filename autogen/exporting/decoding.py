"""Feeding an exported generator, and decoding what it returns, without the model."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autogen.data.specs import Samples
from autogen.documents import parse_json
from autogen.errors import UserError
from autogen.files import read_file
from autogen.generator.generator import DATA, read_codec


def random_inputs(about: str | Path, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw the inputs of an exported generator.

    Args:
        about: ``generator.json`` of the export.
        n: Number of samples.
        rng: Random generator.

    Returns:
        Arrays by name of the input.

    Raises:
        UserError: the graph was traced for another number of samples.
    """
    known = parse_json(read_file(Path(about)))
    found: dict[str, np.ndarray] = {}
    if known["samples"] not in (None, n):
        raise UserError(f"this graph draws {known['samples']} samples at a time, not {n}")
    for one in known["inputs"]:
        shape = tuple(n if size is None else size for size in one["shape"])
        if one["distribution"] == "normal":
            found[one["name"]] = rng.standard_normal(shape, dtype=np.float32)
        elif one["distribution"] == "uniform":
            found[one["name"]] = rng.random(shape, dtype=np.float32)
        else:
            found[one["name"]] = rng.integers(one["high"], size=shape)
    return found


def decode(folder: str | Path, encoded: Sequence[np.ndarray], seed: int = 0) -> Samples:
    """Decode what an exported generator returned.

    Args:
        folder: Folder of the export.
        encoded: Outputs of the graph, in order.
        seed: Seed of what the codec draws, such as identifiers and offsets within bins.

    Returns:
        Tables: a DataFrame. Images: uint8 (n, H, W, C). Texts and music: a list of n.
    """
    names = parse_json(read_file(Path(folder) / "generator.json"))["outputs"]
    codec = read_codec(Path(folder) / DATA)
    samples = codec.decode(dict(zip(names, encoded, strict=True)), seed)
    return codec.to_original_format(codec.renumber_ids(samples, 0, len(samples), seed))
