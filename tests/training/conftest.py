"""The toys' names in the registry."""

import pytest

from autogen import registry


@pytest.fixture(scope="module")
def toys():
    with pytest.MonkeyPatch.context() as patch:
        for kind, name in (("family", "Toy"), ("metric", "ToyMetric"), ("data", "ToyKind")):
            patch.setitem(registry.BUILT_IN[kind], "toy", f"tests.training.toys:{name}")
        yield
