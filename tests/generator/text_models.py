"""Small generators of texts in folders, untrained: what they write is nonsense, how they do it is not."""

from pathlib import Path

from autogen.data.texts.codec import TextCodec
from autogen.families.base import parse_config
from autogen.generator.generator import GeneratedModel
from autogen.registry import get
from autogen.training.checkpoint import MODEL, write_tensors
from autogen.training.solo import build_model
from autogen.training.worker.trial_folder import CONFIG, write_config

SETTINGS = {
    "autoregressive": {"model.net": "gru", "model.width": 8, "model.depth": 1},
    "flow": {"model.width": 8, "model.depth": 1, "model.heads": 1, "model.sampling_steps": 4},
    "vae": {"model.width": 8, "model.latent_dim": 2, "model.depth": 1},
}


def text_model(
    folder: Path, family: str = "autoregressive", codec: TextCodec | None = None
) -> GeneratedModel:
    """A saved model of lines of at most 39 letters, or of the codec given."""
    codec = codec or TextCodec(" abcdefghij.?", 40, False)
    config = {"family": family, **SETTINGS[family]}
    chosen = get("family", family)()
    model = build_model(chosen, parse_config(chosen, config), codec.spec, seed=0)
    folder.mkdir()
    write_config(folder / CONFIG, config)
    write_tensors(folder / MODEL, model.state_dict(), {})
    made = GeneratedModel.of_trial(folder, codec)
    made.save(folder)
    return made
