"""Distillation to few steps: what is taught, and what it is worth on small truths."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from autogen.data.specs import ColumnSpec, ImageSpec, SequenceSpec, TableSpec
from autogen.errors import SpaceError
from autogen.families.base import parse_config
from autogen.families.flow.flow import Flow
from autogen.families.flow.shortcuts import LARGE, with_large_steps
from autogen.families.nets.dropout import Dropout
from autogen.training.initial import InitialWeights, take_over
from autogen.training.lookup import program_for
from autogen.training.noise import KeyedNoise

IMAGE = ImageSpec(1, 8, 8, 17, 2)
TABLE = TableSpec(
    (ColumnSpec("kind", 4), ColumnSpec("size", 8, ordered=True, continuous=True), ColumnSpec("b", 4))
)


def images(n=180):
    """Dark images of class 0, bright ones of class 1."""
    label = np.arange(n) % 2
    noise = np.random.default_rng(0).integers(0, 3, (n, 1, 8, 8))
    return {"pixels": (1 + 13 * label[:, None, None, None] + noise).astype(np.uint8), "label": label}


def rows(n=600):
    """Rows whose size and last column follow from their kind."""
    rng = np.random.default_rng(0)
    kind = rng.integers(4, size=n)
    codes = np.stack([kind, 2 * kind + rng.integers(2, size=n), kind], 1)
    return {"codes": codes, "positions": rng.random((n, 3), dtype=np.float32)}


def program(spec, data, steps, **settings):
    config = {"family": "flow", "model.width": 32, "model.depth": 1, "model.patch": 4, "model.heads": 2}
    config |= {"training.steps": steps, "training.lr": 5e-3, "training.ema": 0.95, "training.batch_size": 32}
    return program_for(Flow(), parse_config(Flow(), config | settings), spec, data, 0)


def in_steps(made, steps, n=400):
    """Samples of a trained program, drawn in so many steps."""
    made.weights()
    made.average.settings = replace(made.average.settings, sampling_steps=steps, few_steps=steps)
    return made.sample(n, 0)


def clear(pixels):
    """Share of images that are dark or bright, not between."""
    light = pixels.mean((1, 2, 3))
    return np.mean((light < 4) | (light > 13))


def fitting(codes):
    """Share of the rows, of all kinds alike at best, in which all columns belong together."""
    kind, size, b = codes.T
    right = (kind == b) & (size // 2 == kind)
    return sum(min(0.25, np.mean(right & (kind == one))) for one in range(4))


def of_one_step(spec, data, share):
    """A program of which a share of the training distilled, and its samples, drawn in one step."""
    made = program(spec, data, 300, **{"model.classes": False, "training.distill": share})
    made.advance(300)
    return made, in_steps(made, 1)


@pytest.mark.slow
def test_one_step_makes_clear_images_only_after_distillation():
    plain, taught = (clear(of_one_step(IMAGE, images(), share)[1]["pixels"]) for share in (0.0, 0.5))
    assert plain < 0.3
    assert taught > 0.6


@pytest.mark.slow
def test_the_columns_of_rows_of_one_step_fit_better_after_distillation_and_known_cells_steer_them():
    (_, plain), (made, taught) = (of_one_step(TABLE, rows(), share) for share in (0.0, 0.5))
    assert fitting(taught["codes"]) > fitting(plain["codes"]) + 0.1
    codes = torch.tensor([[2, 0, 0]] * 200)
    given = {"codes": codes, "positions": torch.full((200, 3), 0.5)}
    given |= {"known": codes > 0, "present": torch.zeros(3, dtype=torch.bool)}
    drawn = Flow().complete(made.average, given, KeyedNoise(0))["codes"]
    assert (drawn[:, 0] == 2).all()
    assert (drawn[:, 2] == 2).float().mean() > 0.7


@pytest.mark.parametrize(("spec", "data"), [(IMAGE, images()), (TABLE, rows())])
def test_until_the_last_part_a_trial_is_bit_for_bit_that_without(spec, data):
    plain, taught = (program(spec, data, 10, **{"training.distill": share}) for share in (0.0, 0.5))
    assert not any(name.startswith("size.") for name in plain.weights())
    for step, equal in ((5, True), (6, False)):
        for made in (plain, taught):
            made.advance(step)
        first, second = plain.weights(), taught.weights()
        assert all(torch.equal(first[name], second[name]) for name in first) == equal
    assert taught.average.size.learned


@pytest.mark.parametrize(("spec", "data"), [(IMAGE, images()), (TABLE, rows())])
@pytest.mark.parametrize("step", [4, 8])
def test_a_trial_that_is_resumed_before_or_within_the_last_part_ends_the_same(spec, data, step):
    settings = {"training.distill": 0.5, "model.guidance": 1.5}
    whole, first, second = (program(spec, data, 12, **settings) for _ in range(3))
    whole.advance(12)
    first.advance(step)
    second.restore(first.state(), step)
    second.advance(12)
    assert all(torch.equal(tensor, second.weights()[name]) for name, tensor in whole.weights().items())


def test_a_flow_that_was_not_distilled_is_the_start_of_one_that_is():
    earlier = program(TABLE, rows(), 4)
    earlier.advance(4)
    start = {name: tensor.numpy() for name, tensor in earlier.weights().items()}
    names = tuple((column.name, tuple(range(column.levels))) for column in TABLE.columns)
    made = program(TABLE, rows(), 4, **{"training.distill": 0.5}).model
    settings = {"family": "flow", "model.width": 32, "model.depth": 1}
    config = parse_config(Flow(), settings | {"training.distill": 0.5})
    taken = take_over(
        made, InitialWeights(start, TABLE, names), TABLE, names, lambda spec: Flow().build(config, spec)
    )
    assert taken.fresh
    assert all(name.startswith("size.") for name in taken.fresh)
    assert not taken.unused
    assert not made.size.learned


def test_a_sample_runs_the_net_once_a_step_with_guidance_too():
    made = program(IMAGE, images(), 4, **{"training.distill": 0.5, "model.guidance": 2.0})
    runs = []
    made.average.net.register_forward_pre_hook(lambda *_: runs.append(1))
    made.advance(2)
    in_steps(made, 3, n=2)
    before = len(runs)
    made.advance(4)
    in_steps(made, 3, n=2)
    assert (before, len(runs) - before) == (10, 3)  # Heun's 5 with and without the class


def test_large_steps_lie_end_to_end_and_all_numbers_of_them_are_taught():
    time, size = with_large_steps(torch.full((4096,), 0.3), KeyedNoise(0))
    assert torch.equal(size[::2], torch.zeros(2048))
    assert torch.equal(time[::2], torch.full((2048,), 0.3))
    number, place = 1 / size[LARGE], time[LARGE] / size[LARGE]
    assert torch.equal(number.round().unique(), torch.arange(1.0, 17))
    assert torch.allclose(place, place.round(), atol=1e-4)
    assert ((place >= 0) & (place.round() < number.round())).all()
    assert float((number < 1.5).float().mean()) == pytest.approx(0.245, abs=0.01)


def test_what_a_row_is_taught_goes_as_far_as_two_steps_of_half_the_size():
    model = program(TABLE, rows(), 1, **{"training.distill": 1.0}).model
    torch.nn.init.normal_(model.leave.weight)
    x, known = KeyedNoise(0).normal(6, model.enter.in_features - 3), torch.zeros(6, 3)
    time = torch.tensor([0.0, 0.0, 0.5, 0.75, 0.25, 0.5])
    size = torch.tensor([1.0, 0.5, 0.5, 0.25, 0.25, 0.125])
    left = (1 - time)[:, None]
    ends, velocities = model.taught(x, time, known, size)
    large = x + size[:, None] * model.velocity(x, ends, velocities, left)
    half = size[:, None] / 2
    for _ in range(2):
        logits, velocities = model(x, time, known, Dropout(), size / 2)
        x = x + half * model.velocity(x, model.log_prob(logits).exp(), velocities, (1 - time)[:, None])
        time = time + size / 2
    assert torch.allclose(large, x, atol=1e-4)
    assert torch.allclose(ends @ model.layout.owner, torch.ones(6, 3))


def test_texts_and_music_are_not_distilled():
    config = parse_config(Flow(), {"family": "flow", "training.distill": 0.3})
    with pytest.raises(SpaceError, match=r"training\.distill is for images and tables; it must be 0"):
        Flow().build(config, SequenceSpec(20, 12))
