"""Augmentations: the identity at 0, inside the range, and open to gradients."""

from dataclasses import replace

import pytest
import torch

from autogen.data.specs import ImageSpec, SequenceSpec
from autogen.errors import SpaceError
from autogen.families.autoregressive.autoregressive import Autoregressive, nats_a_dimension
from autogen.families.base import FamilyConfig
from autogen.families.gan.gan import GAN, GANModel, GANTraining
from autogen.families.nets.augmentation.images import (
    AUGMENTATIONS,
    augmented,
    check_augmentations,
    cutout,
    flipped_and_shifted,
    rotate,
    swap_noise,
)
from autogen.families.nets.dropout import Dropout
from autogen.families.vae.vae import VAE, VAEModel, VAETraining, elbo_loss
from autogen.testing.families import SPECS, samples_of
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram

OFF = dict.fromkeys(AUGMENTATIONS, 0.0)
STRENGTHS = {
    "color_jitter": 0.5,
    "instance_noise": 0.2,
    "flip": 0.5,
    "rotate": 20.0,
    "translate": 0.2,
    "cutout": 0.5,
}


def planes(channels: int = 3) -> torch.Tensor:
    draw = torch.Generator().manual_seed(0)
    return 2 * torch.rand(6, channels, 9, 12, generator=draw) - 1


@pytest.mark.parametrize("name", AUGMENTATIONS)
@pytest.mark.parametrize("strength", [0.0, torch.tensor(0.0)], ids=["number", "tensor"])
def test_strength_zero_changes_nothing(name, strength):
    images = planes()
    changed = augmented(images, KeyedNoise(1), OFF | {name: strength})
    torch.testing.assert_close(changed, images, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", AUGMENTATIONS)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_changed_image_keeps_its_shape_and_range_and_lets_gradients_through(name, channels):
    images = planes(channels).requires_grad_()
    changed = augmented(images, KeyedNoise(1), OFF | {name: STRENGTHS[name]})
    assert changed.shape == images.shape
    assert changed.abs().max() <= 1 + 1e-6
    assert not torch.allclose(changed, images)
    (gradient,) = torch.autograd.grad(changed.square().sum(), images)
    assert (gradient != 0).float().mean() > 0.4


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_equal_noise_changes_images_alike_and_other_noise_differently(name):
    one, same, other = (
        augmented(planes(), KeyedNoise(seed), OFF | {name: STRENGTHS[name]}) for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_transparency_keeps_its_values_when_colors_are_changed():
    images = planes(4)
    changed = augmented(images, KeyedNoise(1), OFF | {"color_jitter": 0.5})
    assert torch.equal(changed[:, 3], images[:, 3])


def test_a_turn_moves_what_is_off_the_middle_along_a_circle():
    images = -torch.ones(64, 1, 21, 31)
    images[:, :, 10, 20] = 1.0
    turned = (rotate(images, KeyedNoise(0), 45.0) + 1).clamp(min=0)
    weight = turned / turned.sum((1, 2, 3), keepdim=True)
    down = (weight.sum((1, 3)) * torch.arange(21)).sum(1) - 10
    right = (weight.sum((1, 2)) * torch.arange(31)).sum(1) - 15
    torch.testing.assert_close((down**2 + right**2).sqrt(), torch.full((64,), 5.0), atol=0.4, rtol=0)
    assert down.abs().max() > 2


def test_a_window_of_half_the_edges_covers_at_most_a_quarter():
    left = (cutout(torch.ones(200, 1, 16, 16), KeyedNoise(0), 0.5) == 0).float().mean((1, 2, 3))
    assert left.max() == 0.25
    assert left.min() > 0.05


def test_moved_pixels_are_pixels_of_the_image_and_their_labels_stay():
    batch = {"pixels": torch.arange(5 * 36, dtype=torch.uint8).reshape(5, 1, 6, 6), "label": torch.arange(5)}
    after = flipped_and_shifted(batch, KeyedNoise(0), {"flip": 0.5, "translate": 0.2})
    assert after["pixels"].dtype == torch.uint8
    assert torch.equal(after["label"], batch["label"])
    assert not torch.equal(after["pixels"], batch["pixels"])
    pairs = zip(after["pixels"], batch["pixels"], strict=True)
    assert all(set(new.unique().tolist()) <= set(old.unique().tolist()) for new, old in pairs)


def test_augmentation_of_anything_but_images_is_refused():
    with pytest.raises(SpaceError, match=r"training\.rotate is for images"):
        check_augmentations(GANTraining(rotate=5.0), SPECS["table"])
    check_augmentations(GANTraining(instance_noise=0.1), SPECS["table"])
    with pytest.raises(SpaceError, match=r"training\.instance_noise is for images and tables"):
        check_augmentations(GANTraining(instance_noise=0.1), SequenceSpec(9, 12))
    with pytest.raises(SpaceError, match=r"training\.swap_noise is for tables"):
        check_augmentations(VAETraining(swap_noise=0.1), SPECS["grey"])


def test_swapped_cells_are_of_the_same_column_and_the_share_is_kept():
    codes = torch.arange(400)[:, None].expand(-1, 5) + torch.arange(5) * 1000
    batch = {"codes": codes, "positions": codes / 1e4}
    after = swap_noise(batch, KeyedNoise(0), 0.3)
    changed = after["codes"] != codes
    assert changed.float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert torch.equal(after["codes"] // 1000, codes // 1000)
    assert torch.equal(after["positions"], after["codes"] / 1e4)
    assert swap_noise(batch, KeyedNoise(0), 0.0) is batch


def test_a_vae_of_tables_is_to_give_the_rows_whose_cells_were_swapped():
    spec = SPECS["table"]
    batch = {name: torch.from_numpy(values) for name, values in samples_of(spec, 64).items()}
    torch.manual_seed(0)
    model = VAE().build(FamilyConfig(VAEModel(width=16, depth=1), VAETraining(swap_noise=1.0)), spec)
    off = ("dropout", "transpose", "flip", "translate", "free_bits", "token_dropout", "beta", "kl_warmup")
    scalars = dict.fromkeys(off, 0.0) | {"progress": 1.0, "swap_noise": 1.0}
    loss = elbo_loss(model, batch, KeyedNoise(0), scalars)

    noise = KeyedNoise(0)
    other = noise.permutation(64)
    noise.uniform(*batch["codes"].shape)
    mean, log_std = model.posterior({name: values[other] for name, values in batch.items()}, Dropout())
    codes = mean + log_std.exp() * noise.normal(*mean.shape)
    torch.testing.assert_close(loss, model.nll(codes, batch, Dropout()).mean() / model.head.cells)


def test_instance_noise_moves_what_a_critic_sees_of_rows():
    spec = SPECS["table"]
    config = FamilyConfig(
        GANModel(width=16, depth=1, critic_width=16), GANTraining(steps=2, instance_noise=0.1)
    )
    model = GAN().build(config, spec)
    rows = torch.zeros(500, *model.stem.shape)
    noisy = model.pack(rows, KeyedNoise(0), {"instance_noise": 0.1})
    assert noisy.std().item() == pytest.approx(0.1, rel=0.05)
    assert torch.equal(model.pack(rows, KeyedNoise(0), {"instance_noise": 0.0}), rows)


@pytest.mark.parametrize("loss", ["r3gan", "logistic", "hinge", "wgan"])
@pytest.mark.parametrize("name", ["grey", "colour"])
def test_a_gan_trains_with_every_augmentation_at_once(loss, name):
    training = GANTraining(steps=2, batch_size=16, loss=loss, label_smoothing=0.1, **STRENGTHS)
    config = FamilyConfig(GANModel(latent_dim=4, width=16, depth=1, critic_width=16), training)
    program = SoloProgram(GAN(), config, SPECS[name], samples_of(SPECS[name]), seed=0)
    before = program.model.generator.leave.weight.detach().clone()
    program.advance(2)
    assert not torch.equal(before, program.model.generator.leave.weight)


@pytest.mark.parametrize("family", [VAE(), Autoregressive()], ids=["vae", "autoregressive"])
def test_a_likelihood_is_of_the_images_as_they_are_whatever_training_moves(family):
    spec = ImageSpec(1, 8, 8, 17)
    small = replace(family.model_config(), width=16, depth=1)
    batch = {"pixels": torch.from_numpy(samples_of(spec, 4)["pixels"])}
    nats = []
    for strength in (0.0, 0.5):
        torch.manual_seed(0)
        training = family.training_config(flip=strength, translate=strength)
        model = family.build(FamilyConfig(small, training), spec).eval()
        nats.append(family.log_likelihood(model, batch, KeyedNoise(3)))
    assert torch.equal(*nats)


def test_training_sees_moved_images():
    spec = ImageSpec(1, 8, 8, 17)
    family = Autoregressive()
    config = FamilyConfig(family.model_config(width=16, depth=1), family.training_config())
    model = family.build(config, spec)
    batch = {"pixels": torch.randint(17, (8, 1, 8, 8)).to(torch.uint8)}
    scalars = {"dropout": 0.0, "flip": 0.0, "translate": 0.0, "label_smoothing": 0.0}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        still, other = (
            nats_a_dimension(model, batch, KeyedNoise(0), scalars | {"flip": share}) for share in (0.0, 1.0)
        )
        mirrored = nats_a_dimension(model, {"pixels": batch["pixels"].flip(3)}, KeyedNoise(0), scalars)
    assert not torch.equal(still, other)
    assert torch.equal(other, mirrored)
