"""Two runs that the tests of this folder share: one, and another that starts from it."""

import pytest

from tests.data.texts.makers import words
from tests.engine.transfer.study import search


@pytest.fixture(scope="session")
def earlier(tmp_path_factory):
    """A run on names, whose best model is autoregressive, and its data."""
    folder = tmp_path_factory.mktemp("earlier")
    data = folder / "names.txt"
    data.write_text("\n".join(words(160)))
    search(data, folder, "run", families="autoregressive")
    return folder


@pytest.fixture(scope="session")
def later(earlier):
    """A run that starts from the earlier one, on its names and others with letters of their own."""
    data = earlier / "more.txt"
    data.write_text("\n".join([*words(160), *(f"{word}ßé" for word in words(80))]))
    return search(data, earlier, "later", budget="6trials", init_from=earlier / "run").folder.path
