"""Training on a real graphics card; skipped where there is none."""

import numpy as np
import pytest
import torch

from autogen import registry
from autogen.data.open import open_data
from autogen.families.base import FamilyConfig, parse_config
from autogen.generator.generator import GeneratedModel
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import State, Task, TrialBatch
from autogen.testing.families import SPECS, samples_of
from autogen.training.solo import SoloProgram, precision
from autogen.training.worker.device import CudaCard, check_fit
from autogen.training.worker.work import GenerativeWork
from tests.contracts.test_families import SMALL, WITHOUT_BASE

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no graphics card")
CARD = "cuda:0"


def program(family, spec, seed=0, steps=8):
    made = registry.get("family", family)()
    training = made.training_config(steps=steps, batch_size=16)
    config = FamilyConfig(made.model_config(**SMALL[family]), training)
    return SoloProgram(made, config, SPECS[spec], samples_of(SPECS[spec]), seed, CARD)


@pytest.mark.parametrize("spec", sorted(SPECS))
@pytest.mark.parametrize("family", WITHOUT_BASE)
def test_every_family_trains_and_draws_there(family, spec):
    trained = program(family, spec)
    trained.advance(8)
    drawn = trained.sample(20, seed=0)
    expected = samples_of(SPECS[spec], 20)
    assert {name: array.shape for name, array in drawn.items()} == {
        name: array.shape for name, array in expected.items()
    }
    assert all(weight.device.type == "cuda" for weight in trained.weights().values())


@pytest.mark.parametrize("space", ["image", "tabular", "text", "music"])
@pytest.mark.parametrize("family", WITHOUT_BASE)
def test_random_points_of_the_shipped_spaces_train_and_draw_there(space, family):
    tree, made = SearchSpace.load(space), registry.get("family", family)()
    draws = [tree.sample(np.random.default_rng(seed), {"family": family}) for seed in range(8)]
    names = {"image": ["colour"], "tabular": ["table"], "text": ["notes"], "music": ["notes", "frames"]}
    for spec in (SPECS[name] for name in names[space]):
        for config in [tree.default(family), *draws]:
            trained = SoloProgram(made, parse_config(made, config), spec, samples_of(spec), 0, CARD)
            trained.advance(1)
            trained.sample(2, 0)


@pytest.mark.parametrize("family", WITHOUT_BASE)
def test_equal_seeds_draw_nearly_equal_samples_there(family):
    first, second = (program(family, "table", seed=3) for _ in range(2))
    for trained in (first, second):
        trained.advance(8)
    alike = first.sample(200, seed=1)["codes"] == second.sample(200, seed=1)["codes"]
    assert np.mean(alike) > 0.95


def test_losses_are_computed_in_bf16_where_the_card_has_it():
    with precision(torch.device(CARD)):
        product = torch.ones(8, 8, device=CARD) @ torch.ones(8, 8, device=CARD)
    assert product.dtype is (torch.bfloat16 if torch.cuda.is_bf16_supported(False) else torch.float32)


def test_the_measured_estimate_holds_for_the_training_that_follows():
    card = CudaCard(CARD)
    check_fit(program("vae", "colour"), card, 1.0, rows=64)
    estimated = card.peak()
    trained = program("vae", "colour")
    card.forget_peak()
    trained.advance(8)
    trained.sample(64, seed=0)
    assert card.peak() <= 1.25 * estimated


def test_a_trial_there_leaves_a_model_that_a_machine_without_a_card_opens(tmp_path):
    data = open_data("digits")
    metric = registry.get("metric", "kd")()
    reference = metric.prepare(data.split("tune"), data.codec)
    work = GenerativeWork(data.encoded("train"), data.codec, "kd", reference, rows=50).on(CARD, 0.5)
    config = {"family": "vae", "model.width": 16}
    (ended,) = work(TrialBatch((Task(0, config, 0, 20, (10, 20)),), str(tmp_path)), lambda _: [True])
    assert (work.device, ended.state) == (CARD, State.COMPLETE), ended.reason
    model = GeneratedModel.of_trial(tmp_path / "0000", data.codec)
    assert model.sample(3).shape == (3, 8, 8, 1)
