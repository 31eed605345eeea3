import pytest

from autogen.hpo.samplers.base import Sampler
from autogen.hpo.space import SearchSpace
from autogen.registry import get, names
from autogen.testing.samplers import Make, SamplerContract


class TestRegisteredSamplers(SamplerContract):
    @pytest.fixture(params=sorted(names("sampler")))
    def make(self, request: pytest.FixtureRequest) -> Make:
        settings = {"capped": True} if request.param == "grid" else {}

        def made(space: SearchSpace, seed: int) -> Sampler:
            return get("sampler", request.param)(space, seed, **settings)

        return made
