"""A space for other data is refused, whether it is a shipped one or a file; what can be trained is not."""

import pytest

from autogen.data.open import open_data
from autogen.errors import SettingsError
from autogen.hpo.space.search_space import SearchSpace
from autogen.training.suited import refuse_unsuited

CONV = '[vae.model]\nnet = "conv"\n[mixture.model]\ncomponents = 2\n'
EITHER = CONV + '[gan.model]\nnet = "mlp"\n'


@pytest.fixture(scope="module")
def wine():
    return open_data("wine")


def test_shipped_spaces_of_other_kinds_are_refused_and_those_of_the_data_are_not(wine):
    refuse_unsuited(SearchSpace.load("tabular"), "tabular", wine)
    refuse_unsuited(SearchSpace.load("tabular_tiny"), "", wine)
    with pytest.raises(SettingsError, match="image_tiny is for images, but wine holds rows; .*tabular_tiny"):
        refuse_unsuited(SearchSpace.load("image_tiny"), "image_tiny", wine)


def test_a_file_without_a_family_that_can_be_built_is_refused(wine):
    said = "mine.toml has no family whose default fits the rows of wine: vae: model.net must be one of mlp"
    with pytest.raises(SettingsError, match=said):
        refuse_unsuited(SearchSpace.parse(CONV), "mine.toml", wine)
    refuse_unsuited(SearchSpace.parse(EITHER), "mine.toml", wine)
