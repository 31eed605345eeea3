import io
import math
import random
import tomllib
from pathlib import Path

import numpy as np
import pytest

from autogen.errors import SpaceError
from autogen.hpo.space import Choice, Constant, Float, Int, SearchSpace, constant_toml
from autogen.hpo.space.toml import format_key, format_value

TEXT = """
about = "Small images; ranges after Karras 2018."
[vae.model]
latent_dim = { int = [8, 128], log = true, default = 32 }
prior      = { choice = ["normal", "gmm", "vamp"], default = "gmm" }
components = { int = [10, 200], log = true, when = { prior = ["gmm", "vamp"] } }
[vae.training]
lr         = { float = [2e-4, 3e-3], log = true, default = 1e-3 }
batch_size = 128
warm       = { value = 0.1, when = { "model.prior" = "vamp" } }
"""


def test_the_form_of_the_design_is_read():
    space = SearchSpace.parse(TEXT)
    assert space.about == "Small images; ranges after Karras 2018."
    assert dict(space.branch("vae")) == {
        "model.latent_dim": Int(8, 128, log=True, default=32),
        "model.prior": Choice(("normal", "gmm", "vamp"), default="gmm"),
        "model.components": Int(10, 200, log=True, when={"prior": ["gmm", "vamp"]}),
        "training.lr": Float(2e-4, 3e-3, log=True, default=1e-3),
        "training.batch_size": Constant(128),
        "training.warm": Constant(0.1, when={"model.prior": "vamp"}),
    }


def test_a_space_is_written_so_that_it_reads_back_the_same():
    space = SearchSpace.parse(TEXT)
    assert SearchSpace.parse(space.to_toml()) == space


def test_odd_names_values_and_texts_survive_writing():
    space = SearchSpace(
        {"a b": {"x.y z": Choice(('"', "\\", "\n\x7fé", -1.5e-300, True)), 'q"': 1e22, "n": -0.0, "e": ""}},
        about='say "hi"\t\x00',
    )
    assert SearchSpace.parse(space.to_toml()) == space


def test_keys_and_values_of_any_characters_survive_writing():
    rng, odd = random.Random(0), [*map(chr, range(32)), *"\x7f\x80\u2028\ufeff😀\"'\\#=[]{}.é a"]
    floats = [math.inf, -math.inf, 1e-300, 5e-324, -0.0, 1e22, 1.7976931348623157e308, 0.1 + 0.2]
    for _ in range(300):
        texts = ["".join(rng.choices(odd, k=rng.randint(0, 6))) for _ in range(3)]
        values = [*texts, *rng.sample(floats, 3), rng.getrandbits(64) - 2**63, True, tuple(texts)]
        written = [
            f"{format_key(text + str(place))} = {format_value(values)}" for place, text in enumerate(texts)
        ]
        read = tomllib.load(io.BytesIO("\n".join(written).encode()))
        assert list(read) == [text + str(place) for place, text in enumerate(texts)]
        assert [repr(value) for value in read.values()] == [repr([*values[:-1], texts])] * 3


def test_not_a_number_and_numbers_of_numpy_are_written_as_numbers():
    assert math.isnan(tomllib.loads(f"x = {format_value(math.nan)}")["x"])
    assert format_value([np.float64(0.1), 2.0]) == "[0.1, 2.0]"


def test_what_toml_cannot_hold_is_refused():
    with pytest.raises(SpaceError, match="NoneType has no form in TOML"):
        format_value(None)


def test_writing_what_was_written_changes_no_line():
    text = SearchSpace.parse(TEXT).to_toml()
    assert SearchSpace.parse(text).to_toml() == text
    assert len(text.splitlines()) == len(TEXT.strip().splitlines()) + 2  # an empty line before each section


def test_a_family_without_parameters_survives_writing():
    space = SearchSpace({"plain": {}, "other": {"x": 1}})
    assert SearchSpace.parse(space.to_toml()) == space


def test_a_config_is_written_as_a_space_of_constants_that_holds_it_alone():
    space = SearchSpace.parse(TEXT)
    for seed in range(20):
        config = space.sample(np.random.default_rng(seed))
        alone = SearchSpace.parse(constant_toml(config))
        assert list(alone.grid()) == [config]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[vae.model]\nx = {int = [1, 2}", "s.toml: must be TOML, but it is not: "),
        ("about = 3\n[a]\nx=1", "s.toml: about: must be a string, but it is 3"),
        (
            "least_seconds = { a = 'x' }\n[a.m]\nx=1",
            "s.toml: least_seconds: must be a table, { family = seconds }, but it is {'a': 'x'}",
        ),
        ("vae = 3", "s.toml: vae: must be a family's table, [vae.model], but it is 3"),
        ("about = 'x'", "s.toml: must have at least one family, but it has none"),
        ("[v.m]\nx = {float = [1, 2, 3]}", "s.toml: v.m.x: float must be [low, high], but it is [1, 2, 3]"),
        ("[v.m]\nx = {float = 1}", "s.toml: v.m.x: float must be [low, high], but it is 1"),
        ("[v.m]\nx = {int = [1, 2.5]}", "s.toml: v.m.x: high must be a whole number, but it is 2.5"),
        (
            "[v.m]\nx = {flaot = [1, 2]}",
            "s.toml: v.m.x: must have one of float, int, choice, value, but it has only flaot",
        ),
        ("[v.m]\nx = {}", "but it has only an empty table"),
        ("[v.m]\nx = {int = [1, 2], float = [1, 2]}", "but it has float and int"),
        (
            "[v.m]\nx = {int = [1, 2], lgo = true}",
            "s.toml: v.m.x: lgo is not a setting of int; did you mean 'log'?",
        ),
        ("[v.m]\nx = {choice = [1, 2], step = 1}", "step is not a setting of choice"),
        ("[v.m]\nx = {int = [1, 2], default = 3}", "s.toml: v.m.x: default must lie in [1, 2], but it is 3"),
        (
            "[v.m]\nx = {int = [1, 2], when = 3}",
            "v.m.x: when must be a table, { name = [values] }, but it is 3",
        ),
        ("[v.m]\nx = {int = [1, 2], when = {y = [[1]]}}", "when.y must be a value or a list of values"),
        ("[v.m]\nx = [1, 2]", "v.m.x: a value must be a number, a string, true or false, but it is [1, 2]"),
        ("[v.m]\nx = 2020-01-01", "v.m.x: a value must be a number"),
        ("[v.m.n]\nx = 1", "v.m.n: must have one of float, int, choice, value, but it has only x"),
        (
            "[v.m]\nx = {int = [1, 2], when = {z = 1}}\ny = 1",
            "s.toml: v.m.x: when names z, which is no parameter",
        ),
    ],
)
def test_a_wrong_text_is_refused_with_file_key_expectation_and_what_came(text: str, message: str):
    with pytest.raises(SpaceError) as caught:
        SearchSpace.parse(text, origin="s.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_binary_one_are_refused(tmp_path: Path):
    with pytest.raises(SpaceError, match=r"none\.toml: there is no such file"):
        SearchSpace.load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpaceError, match="cannot be read as a search space"):
        SearchSpace.load(tmp_path / "bad.toml")
    with pytest.raises(SpaceError, match="cannot be read as a search space"):
        SearchSpace.load(tmp_path)


def test_a_stored_space_draws_the_same_points_where_a_child_stands_before_its_parent():
    width = Int(8, 64, when={"training.start": "fresh"})
    space = SearchSpace(
        {
            "vae": {
                "model.width": width,
                "training.lr": Float(0.1, 1.0),
                "training.start": Choice(("a", "fresh")),
            }
        }
    )
    stored = SearchSpace.parse(space.to_toml())
    for seed in range(5):
        drawn = [one.sample(np.random.default_rng(seed)) for one in (space, stored)]
        assert drawn[0] == drawn[1]
