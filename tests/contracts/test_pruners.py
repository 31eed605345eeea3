import pytest

from autogen.hpo.pruners.base import Pruner
from autogen.registry import get, names
from autogen.testing.pruners import PrunerContract


class TestRegisteredPruners(PrunerContract):
    @pytest.fixture(params=sorted(names("pruner")))
    def pruner(self, request: pytest.FixtureRequest) -> Pruner:
        return get("pruner", request.param)()
