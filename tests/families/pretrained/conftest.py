"""Both bases, and what adapts them to new texts."""

import pytest

from tests.families.pretrained.adapting import Adapted


@pytest.fixture(scope="session", params=["gpt2", "llama"])
def base(request):
    """The folder of a base, for each kind."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def adapted(base):
    """New texts in the codes of a base, and programs that adapt it."""
    return Adapted.of(base)
