"""Configs, spaces and run folders that were written with former names of settings still open."""

import pytest

from autogen import registry
from autogen.data.open import open_data
from autogen.errors import SpaceError
from autogen.families.base import ModelFamily, parse_config
from autogen.families.renamed import KEYS, VALUES, with_todays_names
from autogen.generator.generator import GeneratedModel
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import State, Task, TrialBatch
from autogen.training.worker.trial_folder import CONFIG
from autogen.training.worker.work import GenerativeWork

FAMILIES = ("gan", "vae", "autoregressive")


def family(name: str) -> ModelFamily:
    found: ModelFamily = registry.get("family", name)()
    return found


@pytest.mark.parametrize(
    ("name", "former", "today"),
    [
        ("autoregressive", "exchange", "rank_swap"),
        ("autoregressive", "tempo", "time_stretch"),
        ("gan", "grain", "instance_noise"),
        ("gan", "jitter", "color_jitter"),
        ("vae", "swap", "swap_noise"),
    ],
)
def test_a_former_name_sets_todays_setting(name, former, today):
    config = parse_config(family(name), {"family": name, f"training.{former}": 0.25})
    assert getattr(config.training, today) == 0.25


def test_a_former_value_means_todays():
    assert (
        parse_config(family("vae"), {"family": "vae", "model.latent": "quantised"}).model.latent
        == "quantized"
    )


def test_every_former_name_belongs_to_a_setting_of_some_family_and_to_none_itself():
    settings = {
        f"{section}.{name}"
        for one in map(family, FAMILIES)
        for section, config in (("model", one.model_config), ("training", one.training_config))
        for name in config.__dataclass_fields__
    }
    assert set(KEYS.values()) | set(VALUES) <= settings
    assert not settings & set(KEYS)


def test_a_setting_by_both_names_is_refused():
    config = {"family": "gan", "training.jitter": 0.5, "training.color_jitter": 0.25}
    with pytest.raises(SpaceError, match=r"training\.jitter is the former name of training\.color_jitter"):
        parse_config(family("gan"), config)


def test_a_family_without_todays_setting_does_not_know_the_former_name():
    with pytest.raises(SpaceError, match=r"training\.exchange is not a setting of this family"):
        parse_config(family("vae"), {"family": "vae", "training.exchange": 0.5})


def test_a_space_and_a_trial_folder_with_former_names_open(tmp_path):
    space = SearchSpace.parse(
        "[vae.model]\nlatent = { choice = ['gaussian', 'quantised'], default = 'quantised' }\n"
        "places = { value = 4, when = { latent = 'quantised' } }\nwidth = 16\n"
        "[vae.training]\nsteps = 2\nswap = { choice = [0.0, 0.1], default = 0.1 }\n"
    )
    config = space.default("vae")
    assert config["training.swap"] == 0.1
    data = open_data("wine", seed=0)
    work = GenerativeWork(data.encoded("train"), data.codec, "kd", None, rows=10)
    task = Task(0, config, seed=0, steps=2, rungs=(2,), keep_samples=10)
    (finished,) = work(TrialBatch((task,), str(tmp_path)), lambda _: [True])
    assert finished.state is State.COMPLETE, finished.reason
    assert "swap = 0.1" in (tmp_path / "0000" / CONFIG).read_text()
    model = GeneratedModel.of_trial(tmp_path / "0000", data.codec)
    assert model.family == "vae"
    assert len(model.sample(3)) == 3


def test_a_family_that_has_a_former_name_itself_keeps_it():
    config = {"family": "own", "training.swap": 0.5}
    assert with_todays_names(config, {"training.swap", "training.swap_noise"}) == config
