"""Small trained models of each kind of data."""

import pytest

from autogen.data.open import open_data
from autogen.families.base import parse_config
from autogen.generator.generator import GeneratedModel
from autogen.registry import get
from autogen.training.checkpoint import write_tensors
from autogen.training.solo import SoloProgram


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Train a model of a family on data for a few steps: ``trained(source, config)``."""
    folder = tmp_path_factory.mktemp("trained")

    def train(source, config, options=None):
        data = open_data(source, options=options or {})
        config = {**config, "training.steps": 5, "training.batch_size": 16}
        family = get("family", config["family"])()
        program = SoloProgram(
            family, parse_config(family, config), data.codec.spec, data.encoded("train"), seed=0
        )
        program.advance(5)
        path = folder / f"{len(list(folder.iterdir()))}.safetensors"
        write_tensors(path, program.weights(), {"kind": data.kind.name})
        return GeneratedModel(config, data.codec, path)

    return train
