"""Every registered family keeps the contract, and points of the shipped spaces can be trained."""

import numpy as np
import pytest

from autogen import registry
from autogen.families.base import parse_config
from autogen.hpo.space.search_space import SearchSpace
from autogen.testing.families import SPECS, FamilyContract, samples_of
from autogen.training.lookup import program_for

SMALL = {
    "vae": {"latent_dim": 4, "width": 16, "depth": 1, "components": 2},
    "gan": {"latent_dim": 4, "width": 16, "depth": 1, "critic_width": 16, "critic_depth": 1},
    "autoregressive": {"width": 16, "depth": 1, "heads": 2},
    "trees": {"order": "information"},
    "mixture": {"components": 8, "clusters": 4},
    "markov": {"order": 4},
    "flow": {"width": 16, "depth": 1, "heads": 2, "sampling_steps": 4},
}


#: All families but those whose models build on a base: ``tests/families`` has their contracts.
WITHOUT_BASE = sorted({*registry.BUILT_IN["family"]} - {"pretrained", "latent"})


@pytest.mark.parametrize("name", WITHOUT_BASE)
class TestFamilies(FamilyContract):
    test_every_optimizer_trains_it = pytest.mark.slow(FamilyContract.test_every_optimizer_trains_it)

    @pytest.fixture
    def family(self, name):
        return registry.get("family", name)()

    @pytest.fixture
    def settings(self, name):
        return SMALL[name]


class TestDistilledFlows(FamilyContract):
    """Flows that learn large steps from the second training step on."""

    test_every_optimizer_trains_it = pytest.mark.slow(FamilyContract.test_every_optimizer_trains_it)

    @pytest.fixture
    def family(self):
        return registry.get("family", "flow")()

    @pytest.fixture(params=["grey", "colour", "table", "categories"])
    def spec(self, request):
        return SPECS[request.param]

    @pytest.fixture
    def settings(self):
        return SMALL["flow"]

    @pytest.fixture
    def training(self):
        return {"distill": 0.9}


@pytest.mark.slow
@pytest.mark.parametrize(
    "space", ["image", "image_tiny", "tabular", "tabular_tiny", "music", "music_tiny", "text", "text_tiny"]
)
def test_random_points_of_the_shipped_spaces_can_be_trained(space):
    names = {"image": ["grey"], "tabular": ["table"], "music": ["notes", "frames"], "text": ["notes"]}
    for name in names[space.removesuffix("_tiny")]:
        for family in SearchSpace.load(space).families:
            _train_points(space, family, SPECS[name])


def _train_points(space, family, spec):
    tree = SearchSpace.load(space)
    made = registry.get("family", family)()
    draws = [tree.sample(np.random.default_rng(seed), {"family": family}) for seed in range(2)]
    for config in [tree.default(family), *draws]:
        program = program_for(made, parse_config(made, config), spec, samples_of(spec), seed=0)
        program.advance(1)
        assert len(next(iter(program.sample(2, 0).values()))) == 2
