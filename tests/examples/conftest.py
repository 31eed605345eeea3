import sys

import pytest

from tests.examples.plugin import install


@pytest.fixture(scope="session")
def plugin(tmp_path_factory):
    """The folder that the example package is installed in."""
    return install(tmp_path_factory.mktemp("plugin"))


@pytest.fixture
def importable(plugin, monkeypatch):
    """This process sees the package and its entry points."""
    monkeypatch.syspath_prepend(str(plugin))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "autogen_dna"]:
        del sys.modules[name]
