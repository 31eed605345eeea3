"""Trials that are trained as one program have the numbers that they have alone."""

import pytest

from autogen.errors import DeadlineExceeded, Diverged
from autogen.training.checkpoint import TimeSpent, restore_program, save_program
from autogen.training.fused.program import FusedProgram
from tests.training.fused.trials import IMAGE, OWN, TABLE, made

#: Loss settings that differ between the trials.
GAN_OWN = [one | {"gamma": g, "gp": 10 * g} for one, g in zip(OWN, (0.1, 0.5, 2.0), strict=True)]
VAE_OWN = [
    one | {"beta": b, "dropout": d, "kl_warmup": 0.2}
    for one, b, d in zip(OWN, (0.5, 1.0, 0.2), (0.1, 0.2, 0.3), strict=True)
]
#: Where a hinge is satisfied its gradients are rounding errors, of which Adam makes whole steps: short ones.
SLOW = [one | {"lr": one["lr"] / 100} for one in GAN_OWN]
CASES = {
    "r3gan": ("gan", TABLE, GAN_OWN, {}),
    "logistic": ("gan", TABLE, GAN_OWN, {"training_loss": "logistic", "training_label_smoothing": 0.1}),
    "hinge": ("gan", TABLE, SLOW, {"training_loss": "hinge"}),
    "wgan": ("gan", TABLE, GAN_OWN, {"training_loss": "wgan", "training_critic_steps": 2}),
    "packs": ("gan", TABLE, GAN_OWN, {"model_pac": 4, "training_instance_noise": 0.1}),
    "images": ("gan", IMAGE, GAN_OWN, {"training_flip": 0.5, "training_cutout": 0.3}),
    "moved": ("gan", IMAGE, GAN_OWN, {"training_translate": 0.2, "training_color_jitter": 0.2}),
    "vae": ("vae", TABLE, VAE_OWN, {"training_swap_noise": 0.1, "training_free_bits": 0.1}),
    "vae images": ("vae", IMAGE, VAE_OWN, {"training_flip": 0.5, "model_prior": "vamp"}),
    "adamw": ("vae", TABLE, VAE_OWN, {"training_schedule": "cosine", "training_optimizer": "adamw"}),
    "sgd": ("vae", TABLE, VAE_OWN, {"training_optimizer": "sgd"}),
}


def apart(one, other):
    """Largest difference of weights and averages, as a share of the largest of each tensor."""
    return max(
        float((one[name] - other[name]).abs().max() / other[name].abs().max().clamp(min=1e-3))
        for name in other
        if other[name].is_floating_point() and other[name].numel() and not name.startswith("optimizer.")
    )


@pytest.mark.parametrize("case", CASES)
def test_losses_weights_and_averages_are_those_of_trials_alone(case):
    family, spec, own, settings = CASES[case]
    alone, together = made(family, spec, own, **settings), made(family, spec, own, **settings)
    for program in alone:
        program.advance(50)
    fused = FusedProgram(together)
    fused.advance(50)
    assert not fused.failures
    for one, other in zip(together, alone, strict=True):
        assert apart(one.state(), other.state()) < 1e-5
        for here, there in zip(one.losses, other.losses, strict=True):
            assert here == pytest.approx(there, rel=1e-5, abs=1e-6)


def test_a_trial_that_diverges_leaves_and_the_others_have_the_numbers_of_ever():
    own = [OWN[0], OWN[1] | {"lr": 1e30}, OWN[2]]
    alone, together = made("vae", TABLE, own), made("vae", TABLE, own)
    fused = FusedProgram(together)
    fused.advance(20)
    assert list(fused.failures) == [1]
    assert isinstance(fused.failures[1], Diverged)
    for place in (0, 2):
        alone[place].advance(20)
        assert apart(together[place].state(), alone[place].state()) < 1e-5


def test_past_the_deadline_all_fail():
    fused = FusedProgram(made("vae", TABLE))
    fused.advance(20, deadline=0.0)
    assert all(isinstance(one, DeadlineExceeded) for one in fused.failures.values())
    assert len(fused.failures) == 3


def test_a_trial_goes_on_alone_from_the_state_that_one_program_left(tmp_path):
    together, straight, resumed = (made("gan", TABLE) for _ in range(3))
    FusedProgram(together).advance(10)
    save_program(tmp_path / "state", together[1], TimeSpent())
    restore_program(tmp_path / "state", resumed[1])
    resumed[1].advance(20)
    straight[1].advance(20)
    assert apart(resumed[1].state(), straight[1].state()) < 1e-5
