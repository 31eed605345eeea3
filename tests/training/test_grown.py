"""Programs without gradients keep the contract of programs, whatever family they grow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autogen.data.specs import SequenceSpec
from autogen.errors import DeadlineExceeded
from autogen.families.base import FamilyConfig, IsGrown, ModelFamily, Phase, Steps, numbers_in
from autogen.testing.families import SPECS, samples_of
from autogen.training.drawing import block_rows
from autogen.training.grown import GrownProgram
from autogen.training.lookup import program_for
from autogen.training.solo import SoloProgram
from tests.training.toys import SPEC, Toy, toy_config, toy_data


@dataclass(frozen=True)
class Nothing:
    """No settings."""


class Counter(ModelFamily, IsGrown):
    """Remembers how often it was grown, and the noise of its last step."""

    model_config, training_config = Nothing, Steps

    def build(self, config, spec) -> nn.Module:
        made = nn.Module()
        made.register_buffer("steps", torch.zeros(1, dtype=torch.int64))
        made.register_buffer("drawn", torch.zeros(1))
        return made

    def phases(self, config) -> Sequence[Phase]:
        return ()

    def grow(self, model, config, train, step, noise) -> Iterator[None]:
        assert len(train["codes"]) == 48
        assert step == int(model.steps)
        model.drawn.copy_(noise.uniform(1))
        yield
        model.steps += 1
        yield

    def sample(self, model, n, noise) -> dict[str, Tensor]:
        return {"codes": model.steps.repeat(n, 2), "positions": noise.uniform(n, 2)}


def program(seed=0):
    spec = SPECS["categories"]
    return GrownProgram(Counter(), FamilyConfig(Nothing(), Steps(6)), spec, samples_of(spec), seed)


def test_a_program_grows_a_step_at_a_time():
    made = program()
    made.advance(2)
    made.advance(5)
    assert (made.step, made.sample(3, 0)["codes"].tolist()) == (5, [[5, 5]] * 3)


def test_the_noise_of_a_step_follows_from_the_seed_and_the_step_alone():
    whole, half = program(), program()
    whole.advance(4)
    half.advance(2)
    resumed = program()
    resumed.restore(half.state(), 2)
    resumed.advance(4)
    assert all(torch.equal(whole.weights()[name], resumed.weights()[name]) for name in whole.weights())
    other = program(seed=1)
    other.advance(4)
    assert not torch.equal(other.weights()["drawn"], whole.weights()["drawn"])


def test_a_deadline_is_kept_within_a_step():
    made = program()
    with pytest.raises(DeadlineExceeded, match="step 1"):
        made.advance(1, deadline=0.0)
    assert made.step == 0


def test_each_family_gets_its_program():
    assert isinstance(program_for(Toy(), toy_config(), SPEC, toy_data(), 0), SoloProgram)
    spec = SPECS["categories"]
    config = FamilyConfig(Nothing(), Steps(1))
    assert isinstance(program_for(Counter(), config, spec, samples_of(spec), 0, "cuda"), GrownProgram)


def test_what_was_learnt_is_counted_in_buffers_where_there_are_no_parameters():
    assert numbers_in(program().average) == 2
    assert numbers_in(nn.Linear(3, 2)) == 8
    assert np.isfinite(program().sample(2, 0)["positions"]).all()


class Rows(Counter):
    """Remembers the mean of the codes that it is grown from."""

    def grow(self, model, config, train, step, noise) -> Iterator[None]:
        model.drawn.copy_(train["codes"].double().mean())
        yield


def test_a_model_grows_from_as_many_copies_of_a_row_as_it_weighs():
    spec = SPECS["categories"]
    arrays, weights = samples_of(spec), np.zeros(48)
    weights[[3, 4]] = 1, 2
    made = GrownProgram(Rows(), FamilyConfig(Nothing(), Steps(1)), spec, arrays, 0, weights)
    made.advance(1)
    expected = (arrays["codes"][3] + 2 * arrays["codes"][4]).mean() / 3
    assert float(made.average.drawn) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("length", "grown", "trained"), [(16, 1024, 1024), (256, 1024, 256), (100_000, 41, 1)]
)
def test_what_keeps_tokens_alone_is_drawn_in_larger_blocks(length, grown, trained):
    spec = SequenceSpec(levels=10, length=length)
    assert block_rows(spec, Counter()) == grown
    assert block_rows(spec, Toy()) == block_rows(spec) == trained
