"""What a saved model must not make this machine do: build what its file cannot hold."""

import numpy as np
import pytest

from autogen.data.images.codec import ImageCodec
from autogen.data.specs import ImageSpec, SequenceSpec
from autogen.errors import RunError
from autogen.generator.checks import MOST, check_settings, check_size, check_spec
from autogen.generator.generator import DATA, GeneratedModel, write_codec
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.space.shipped import space_path
from autogen.training.checkpoint import MODEL, write_tensors
from autogen.training.solo import build_model
from autogen.training.worker.trial_folder import CONFIG, write_config
from autogen.training.worker.work import typed

SPEC = ImageSpec(1, 8, 8, 17)
SOUND = {"family": "vae", "model.latent_dim": 8, "model.width": 16, "model.depth": 1, "training.steps": 30}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a model whose weights are its first ones."""
    folder = tmp_path_factory.mktemp("model")
    write_codec(folder, ImageCodec(SPEC, range(17)))
    write_config(folder / CONFIG, SOUND)
    write_tensors(folder / MODEL, build_model(*typed(SOUND), SPEC, seed=0).state_dict(), {})
    return folder


def test_a_sound_model_is_loaded(folder):
    assert GeneratedModel.load(folder).sample(2).shape == (2, 8, 8, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model.width", "a"),
        ("model.width", -8),
        ("model.width", 8.5),
        ("model.width", True),
        ("model.depth", 10**9),
        ("model.latent_dim", MOST + 1),
        ("training.lr", float("inf")),
        ("training.lr", "fast"),
        ("training.steps", -1),
        ("model.prior", 3),
    ],
)
def test_a_setting_of_another_type_or_out_of_bounds_is_named(name, value):
    with pytest.raises(RunError, match=f"{name} is .*, which no model has"):
        check_settings(typed(SOUND | {name: value})[1])


@pytest.mark.parametrize(
    "changed",
    [
        {"model.width": 900_000},
        {"model.depth": 900_000},
        {"model.width": 20_000},
        {"model.prior": "gmm", "model.components": 1_000_000},
    ],
)
def test_a_model_that_is_larger_than_its_file_is_refused_before_it_is_built(folder, changed):
    with pytest.raises(RunError, match="holds a smaller model than its config describes"):
        check_size(*typed(SOUND | changed), SPEC, folder / MODEL)


@pytest.mark.parametrize(
    "spec",
    [
        ImageSpec(1, 10**9, 8),
        ImageSpec(1, -8, 8),
        ImageSpec(1, 8.5, 8),
        ImageSpec("a", 8, 8),
        ImageSpec(4, 10**5, 10**5),
        SequenceSpec(20, 10**8),
        SequenceSpec(float("nan"), 8),
    ],
    ids=str,
)
def test_sizes_that_no_data_has_are_refused(spec):
    with pytest.raises(RunError, match="its data has|more cells than memory"):
        check_spec(spec)


def test_another_architecture_is_one_line(folder, tmp_path):
    write_config(tmp_path / CONFIG, SOUND | {"model.width": 17})
    for name in (DATA, MODEL):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(RunError, match="another model than its config describes"):
        GeneratedModel.load(tmp_path)


@pytest.mark.parametrize("space", sorted(path.stem for path in space_path("text").parent.glob("*.toml")))
def test_every_point_of_a_shipped_space_can_be_loaded(space):
    tree = SearchSpace.load(space)
    for family in tree.families:
        configs = [
            tree.default(family),
            *(tree.sample(np.random.default_rng(n), {"family": family}) for n in range(9)),
        ]
        for config in configs:
            check_settings(typed(config)[1])
        check_settings(typed({"family": family})[1])
