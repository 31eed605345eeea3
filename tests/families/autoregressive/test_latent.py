"""Models of the latents of a frozen autoencoder, which the tests train themselves."""

import json
import re
import shutil
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import autogen
from autogen.data.images.codec import ImageCodec
from autogen.data.open import open_data
from autogen.data.specs import ImageSpec
from autogen.errors import AutogenError, RunError, SettingsError, SpaceError
from autogen.families.autoregressive.autoencoder import WEIGHTS, load_autoencoder, open_autoencoder
from autogen.families.autoregressive.latent import Latent
from autogen.families.autoregressive.latent_codec import LatentCodec, tried
from autogen.families.base import FamilyConfig, parse_config
from autogen.testing.families import FamilyContract
from tests.autoencoders import make_autoencoder

needs_diffusers = pytest.mark.skipif(find_spec("diffusers") is None, reason="diffusers is not installed")
SPACE = """
[latent.model]
width = 16
depth = 1
heads = { choice = [1, 2], default = 2 }
[latent.training]
steps = 9
batch_size = 16
"""


@pytest.fixture(scope="module")
def digits():
    return open_data("digits")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, digits):
    if find_spec("diffusers") is None:
        pytest.skip("diffusers is not installed")
    return make_autoencoder(tmp_path_factory.mktemp("bases") / "vae", digits.split("train"))


@pytest.fixture
def copied(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "vae")


def settings(folder, data):
    return Latent().settings_for(folder, data.codec, data.raw.samples, train=data.split("train"))


def codec_of(folder, data):
    config = parse_config(Latent(), {"family": "latent", **settings(folder, data)})
    return Latent().codec(config, data.codec)


class TestContract(FamilyContract):
    @pytest.fixture
    def family(self):
        return Latent()

    @pytest.fixture
    def spec(self):
        return ImageSpec(4, 4, 4, 256)

    @pytest.fixture
    def config(self, family):
        model = family.model_config(width=16, depth=1, heads=2)
        return FamilyConfig(model, family.training_config(steps=8, batch_size=16))


@pytest.mark.slow
def test_images_come_back_from_their_latents(folder, digits):
    codec, rows = codec_of(folder, digits), digits.split("tune")
    codes = codec.encode(rows)["pixels"]
    assert codes.shape == (len(rows), 4, 4, 4)
    assert codes.max() > 200  # the range is used
    back = codec.decode({"pixels": codes})
    assert (back.shape, back.dtype) == (rows.shape, rows.dtype)
    lost = np.abs(back.astype(float) - rows).mean()
    turned = np.abs(back[1:].astype(float) - rows[:-1]).mean()  # another image
    assert lost < 1.5 < 3 * lost < turned


@pytest.mark.slow
def test_an_edge_that_is_no_multiple_and_gray_in_an_autoencoder_of_colors_are_fitted(tmp_path, digits):
    if find_spec("diffusers") is None:
        pytest.skip("diffusers is not installed")
    base = open_autoencoder(make_autoencoder(tmp_path / "vae", digits.split("train"), channels=3))
    odd = digits.split("train")[:40, :7, :5]
    codec = LatentCodec(ImageCodec.fit(odd), base, 3.0, 64)
    codes = codec.encode(odd)["pixels"]
    assert codes.shape == (40, 4, 4, 3)
    assert codec.decode({"pixels": codes}).shape == odd.shape
    assert codec.encode(odd[:0])["pixels"].shape == (0, 4, 4, 3)


@pytest.mark.slow
def test_a_search_tries_it_and_its_model_needs_the_same_autoencoder(copied, digits, tmp_path, monkeypatch):
    (tmp_path / "space.toml").write_text(SPACE)
    result = autogen.search(
        digits.split("train")[:200], budget="1trials", pretrained=copied, space=str(tmp_path / "space.toml"),
        executor="inprocess", models_only=True, out=tmp_path / "run", finalists=1, workers=1,
    )  # fmt: skip
    record = result.folder.read_result()
    assert record.best.family == "latent"
    notes = " ".join(record.data.notes)
    assert "The family latent models 4 x 4 x 4 latents of vae (AutoencoderKL" in notes
    assert "may have been in the pre-training data of the base model vae" in notes
    model = autogen.load(tmp_path / "run")
    drawn = model.sample(5, seed=1)
    assert drawn.shape == (5, 8, 8, 1)
    names = load_file(tmp_path / "run/best/model.safetensors")
    assert not any("encoder" in name for name in names)
    moved = copied.rename(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="needs its base model 'vae' with sha256"):
        autogen.load(tmp_path / "run")
    monkeypatch.setenv("AUTOGEN_PRETRAINED", str(moved))
    assert np.array_equal(autogen.load(tmp_path / "run").sample(5, seed=1), drawn)


def said(folder, data):
    with pytest.raises(AutogenError) as caught:
        settings(folder, data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@needs_diffusers
def test_a_folder_that_is_no_autoencoder_is_refused_in_a_line(copied, digits, tmp_path):
    assert "names no folder" in said(tmp_path / "nowhere", digits)
    assert "names a file" in said(copied / "config.json", digits)
    (tmp_path / "pipeline").mkdir()
    assert "config.json is missing" in said(tmp_path / "pipeline", digits)
    (tmp_path / "pipeline/model_index.json").write_text("{}")
    assert "give the folder of its autoencoder: vae" in said(tmp_path / "pipeline", digits)
    about = json.loads((copied / "config.json").read_text())
    for change, message in (
        ({"_class_name": "UNet2DModel"}, "holds UNet2DModel, and images are encoded by an AutoencoderKL"),
        ({"_class_name": None, "architectures": ["GPT2LMHeadModel"]}, "holds GPT2LMHeadModel"),
        ({"auto_map": {}}, "asks for code of its own"),
        ({"latent_channels": "many"}, "describes no AutoencoderKL"),
        ({"out_channels": 7}, "reads 1 channels and writes 7"),
    ):
        (copied / "config.json").write_text(json.dumps(about | change))
        assert message in said(copied, digits)
    (copied / "config.json").write_text("{")
    assert "is damaged" in said(copied, digits)


@needs_diffusers
def test_weights_that_are_pickled_missing_cut_or_of_another_shape_are_refused(copied, digits):
    tensors, about = load_file(copied / WEIGHTS), {"format": "pt"}
    save_file({**tensors, "decoder.conv_in.bias": torch.zeros(3)}, copied / WEIGHTS, about)
    assert "cannot be loaded" in said(copied, digits)
    kept = {name: one for name, one in tensors.items() if "conv_in" not in name}
    save_file(kept, copied / WEIGHTS, about)
    assert "lack decoder.conv_in.bias and 3 more" in said(copied, digits)
    (copied / WEIGHTS).write_bytes((copied / WEIGHTS).read_bytes()[:-100])
    assert "is incomplete" in said(copied, digits)
    (copied / WEIGHTS).rename(copied / "diffusion_pytorch_model.bin")
    assert "in diffusion_pytorch_model.bin, a pickle" in said(copied, digits)
    (copied / "diffusion_pytorch_model.bin").unlink()
    assert f"{WEIGHTS} is missing" in said(copied, digits)


@needs_diffusers
def test_an_autoencoder_that_loads_but_does_not_run_is_refused_in_a_line(copied, digits):
    about = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(about | {"down_block_types": ["DownEncoderBlock2D"]}))
    assert "cannot encode these images" in said(copied, digits)
    (copied / "config.json").write_text(json.dumps(about))
    tensors = load_file(copied / WEIGHTS)
    for part, what in (("encoder", "latents"), ("decoder", "images")):
        broken = {n: t.new_full(t.shape, torch.nan) if part in n else t for n, t in tensors.items()}
        save_file(broken, copied / WEIGHTS, {"format": "pt"})
        assert f"gives {what} that are no numbers" in said(copied, digits)


@needs_diffusers
def test_latents_and_images_of_other_shapes_than_the_config_says_are_refused(folder, digits):
    base = open_autoencoder(folder)
    for change, what in (({"factor": 4}, "latents of [4, 4, 4]"), ({"latents": 3}, "latents of [4, 4, 4]")):
        with pytest.raises(RunError, match=re.escape(f"gives {what}")):
            tried(digits.codec, replace(base, **change), digits.split("tune")[:3])


@needs_diffusers
def test_data_that_it_does_not_read_and_memory_that_is_not_there_are_refused(folder, digits):
    colors = open_data(np.random.default_rng(0).integers(0, 255, (60, 8, 8, 3), dtype=np.uint8))
    assert "reads images of 1 channels, and these have 3" in said(folder, colors)
    assert "this is tabular data" in said(folder, open_data("wine"))
    with pytest.raises(SettingsError, match="GB are free; take a smaller one"):
        Latent().settings_for(folder, digits.codec, digits.raw.samples, free=1000)


def test_mirror_images_of_latents_and_a_config_without_an_autoencoder_are_refused(digits):
    config = parse_config(Latent(), {"family": "latent", "training.flip": 0.5})
    with pytest.raises(SpaceError, match="latents have no mirror image"):
        Latent().build(config, ImageSpec(4, 4, 4))
    with pytest.raises(SpaceError, match="--pretrained FOLDER"):
        Latent().codec(parse_config(Latent(), {"family": "latent"}), digits.codec)


@needs_diffusers
def test_an_autoencoder_is_loaded_once_and_frozen(folder):
    model = load_autoencoder(open_autoencoder(folder))
    assert model is load_autoencoder(open_autoencoder(folder))
    assert not any(one.requires_grad for one in model.parameters())


@pytest.mark.skipif(find_spec("diffusers") is not None, reason="diffusers is installed")
def test_without_diffusers_one_line_says_what_to_install(tmp_path, digits):
    (tmp_path / "config.json").write_text(
        json.dumps(
            {"_class_name": "AutoencoderKL", "block_out_channels": [4], "in_channels": 1}
            | {"out_channels": 1, "latent_channels": 2}
        )
    )
    save_file({"a": torch.zeros(2)}, tmp_path / WEIGHTS)
    assert said(tmp_path, digits) == "pre-trained autoencoders need diffusers; run pip install diffusers"
