"""A solo program learns, repeats itself bit for bit, and says when it diverged."""

import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from autogen.errors import DeadlineExceeded, Diverged
from autogen.families.base import Phase
from autogen.training.batches import Batches
from autogen.training.drawing import block_rows, draw
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram
from tests.training.toys import SPEC, Toy, toy_config, toy_data


def program(seed=1, rows=200, family=None, **settings):
    return SoloProgram(family or Toy(), toy_config(**settings), SPEC, toy_data(rows), seed)


def equal(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


@pytest.mark.slow
def test_it_learns_the_data():
    trained = program(lr=0.05, ema=0.99, clip=1.0, schedule="cosine", warmup=0.1, steps=300)
    trained.advance(300)
    positions = trained.sample(2000, seed=0)["positions"]
    data = toy_data()["positions"]
    assert positions.mean(0) == pytest.approx(data.mean(0), abs=0.03)
    assert positions.std(0) == pytest.approx(data.std(0), abs=0.02)


def test_equal_seeds_give_equal_samples():
    a, b = program(), program()
    torch.manual_seed(5)
    a.advance(20)
    b.advance(20)
    assert equal(a.sample(10, 0), b.sample(10, 0))


def test_another_seed_gives_other_weights():
    a, b = program(1), program(2)
    assert not torch.equal(a.state()["model.shift.weight"], b.state()["model.shift.weight"])


def test_sampling_and_stops_on_the_way_leave_training_untouched():
    straight, halting = program(ema=0.9), program(ema=0.9)
    straight.advance(40)
    for rung in (7, 20, 40):
        halting.advance(rung)
        halting.sample(50, seed=rung)
    assert equal(straight.sample(10, 0), halting.sample(10, 0))


def test_other_programs_in_the_process_change_nothing():
    alone, beside = program(3), program(3)
    alone.advance(10)
    other = program(4)
    for step in range(1, 11):
        beside.advance(step)
        other.advance(step)
    assert equal(alone.sample(5, 0), beside.sample(5, 0))


def test_torchs_own_generator_is_left_as_it_was():
    before = torch.get_rng_state()
    started = program()
    started.advance(5)
    started.sample(5, 0)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_seed_of_sampling_counts():
    trained = program()
    assert not equal(trained.sample(5, 0), trained.sample(5, 1))


def test_samples_come_from_the_average():
    plain, averaged = program(lr=0.1, ema=0.0), program(lr=0.1, ema=0.95)
    plain.advance(10)
    averaged.advance(10)
    assert torch.equal(plain.state()["model.shift.bias"], averaged.state()["model.shift.bias"])
    assert not equal(plain.sample(5, 0), averaged.sample(5, 0))


def test_each_phase_moves_its_own_parameters_alone():
    class Critics(Toy):
        def phases(self, config):
            return [phase for phase in super().phases(config) if phase.name == "critic"]

    started = program(family=Critics(), steps=3, noise_scale=0.0)
    before = {name: tensor.clone() for name, tensor in started.state().items() if name.startswith("model.")}
    started.advance(3)
    moved = {name for name, tensor in before.items() if not torch.equal(started.state()[name], tensor)}
    assert moved == {name for name in before if name.startswith("model.critic.")}


def test_a_loss_that_stays_nan_is_reported_with_its_phase_and_step():
    with pytest.raises(Diverged, match=r"the loss of phase 'shift' is nan at step \d+"):
        program(poison="loss", steps=100).advance(100)


def test_a_loss_that_turns_nan_at_the_very_end_is_reported():
    with pytest.raises(Diverged, match=r"weights shift\.weight are not finite at step 12"):
        program(poison="loss", steps=12).advance(12)


def test_a_deadline_ends_training():
    with pytest.raises(DeadlineExceeded, match="at step 1"):
        program(steps=1000).advance(1000, deadline=time.monotonic() - 1)


def test_a_phase_without_parameters_is_refused():
    class Wrong(Toy):
        def phases(self, config):
            return [Phase("ghost", lambda *_: None, ("nothing",))]

    with pytest.raises(ValueError, match="phase 'ghost' updates no parameter"):
        program(family=Wrong())


def test_a_batch_is_never_larger_than_the_data():
    trained = program(rows=10, batch_size=512)
    assert trained.batches.size == 10
    trained.advance(3)


def test_an_epoch_shows_each_row_once_and_epochs_differ():
    data = {"row": np.arange(12)}
    batches = Batches(data, 4, seed=0, device=torch.device("cpu"))
    first = [int(row) for index in range(3) for row in batches[index]["row"]]
    second = [int(row) for index in range(3, 6) for row in batches[index]["row"]]
    assert sorted(first) == sorted(second) == list(range(12))
    assert first != second
    assert [int(row) for row in batches[1]["row"]] == first[4:8]


def test_read_only_data_is_no_reason_to_warn():
    data = {"row": np.arange(12)}
    data["row"].flags.writeable = False
    assert Batches(data, 4, seed=0, device=torch.device("cpu")).rows == 12


def test_large_draws_come_in_blocks_that_join_to_the_same_samples():
    trained = program()
    size = block_rows(SPEC)
    whole = trained.sample(size + 5, seed=0)
    parts = list(draw(Toy(), trained.average, SPEC, size + 5, seed=0))
    assert [len(part["codes"]) for part in parts] == [size, 5]
    assert np.array_equal(np.concatenate([part["positions"] for part in parts]), whole["positions"])


def test_phases_and_repeats_draw_different_noise():
    a = KeyedNoise(0, 0, 5, 0, 0).normal(3)
    b = KeyedNoise(0, 0, 5, 1, 0).normal(3)
    c = KeyedNoise(0, 0, 5, 0, 1).normal(3)
    assert len({tuple(x.tolist()) for x in (a, b, c)}) == 3


@pytest.mark.slow
def test_what_fits_a_prior_is_imported_before_a_trial_is_timed():
    code = """if True:
        import sys
        from autogen.families.base import parse_config
        from autogen.families.vae.vae import VAE
        from autogen.testing.families import SPECS, samples_of
        from autogen.training.solo import SoloProgram
        for prior in ("normal", "gmm"):
            config = parse_config(VAE(), {"family": "vae", "model.prior": prior})
            SoloProgram(VAE(), config, SPECS["grey"], samples_of(SPECS["grey"]), 0)
            print("sklearn.mixture" in sys.modules)
    """
    told = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert told.split() == ["False", "True"]
