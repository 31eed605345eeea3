from pathlib import Path

import pytest

from autogen.errors import UnknownNameError
from autogen.hpo.space import SearchSpace, space_names, space_path


@pytest.mark.parametrize("name", space_names())
def test_a_shipped_space_loads_and_says_what_it_is_for(name: str):
    space = SearchSpace.load(name)
    assert space.about
    assert SearchSpace.parse(space.to_toml()) == space
    for family in space.families:
        space.validate(space.default(family))


def test_there_are_shipped_spaces():
    assert "image_tiny" in space_names()
    assert space_path("image_tiny").is_file()


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(
        UnknownNameError, match=r"unknown search space 'image_tyny'.*Did you mean 'image_tiny'\?"
    ):
        SearchSpace.load("image_tyny")


def test_a_file_is_loaded_by_its_path(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(SearchSpace.load("image_tiny").to_toml())
    assert SearchSpace.load(tmp_path / "mine.toml") == SearchSpace.load("image_tiny")
    assert SearchSpace.load(str(tmp_path / "mine.toml")) == SearchSpace.load("image_tiny")


@pytest.mark.parametrize("name", [name for name in space_names() if name.endswith("_tiny")])
def test_flows_are_no_part_of_searches_of_a_minute_and_never_the_first_trial(name):
    space = SearchSpace.load(name)
    assert "flow" not in space.within(60).families
    assert "flow" in space.within(None).families
    assert space.first
    assert "flow" not in space.first
