"""Private gradients: sensitivity, noise, batches, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from autogen import registry
from autogen.data.specs import ColumnSpec, TableSpec
from autogen.errors import SpaceError
from autogen.families.base import parse_config
from autogen.training.noise import KeyedNoise
from autogen.training.private.gradients import PrivateGradients, PrivateTraining, UnitSampler, clip_factors
from autogen.training.solo import SoloProgram, build_model, settings_of

ROWS, CLIP = 60, 0.5
SPEC = TableSpec(
    (
        ColumnSpec("grade", 4, 0),
        ColumnSpec("age", 6, 1, True, True),
        ColumnSpec("sex", 2, 0),
    ),
    None,
)
CONFIGS = {
    "vae": {"family": "vae", "model.prior": "normal", "model.width": 8, "model.latent_dim": 2},
    "mlp": {"family": "autoregressive", "model.net": "mlp", "model.width": 8, "model.depth": 1},
    "transformer": {"family": "autoregressive", "model.width": 8, "model.heads": 2, "model.depth": 1},
}
PRIVATE = {"training.clip": CLIP, "training.dropout": 0.0}


def config_of(name: str, **more: object):
    given = CONFIGS[name] | PRIVATE | ({} if name == "vae" else {"training.rank_swap": 0.0}) | more
    return registry.get("family", str(given["family"]))(), given


def rows(count: int = ROWS) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(0)
    codes = np.column_stack([draw.integers(c.levels, size=count) for c in SPEC.columns])
    return {"codes": codes, "positions": draw.random((count, 3), np.float32)}


def gradients(name: str, noise: float = 1.0, rate: float = 0.5, **more: object) -> PrivateGradients:
    family, given = config_of(name, **more)
    config = parse_config(family, given)
    model = build_model(family, config, SPEC, 0)
    tensors = {key: torch.from_numpy(array) for key, array in rows().items()}
    private = PrivateTraining(noise, rate, np.arange(ROWS))
    return PrivateGradients(model, family.phases(config)[0].loss, tensors, private, CLIP)


def scalars(name: str, **more: object) -> dict:
    family, given = config_of(name, **more)
    return settings_of(parse_config(family, given).training) | {"progress": 0.5}


def norm(sums: dict[str, torch.Tensor]) -> float:
    return float(torch.cat([total.flatten() for total in sums.values()]).norm())


@pytest.mark.parametrize("name", ["mlp", "transformer"])
def test_one_row_moves_the_sum_by_at_most_the_bound(name):
    """The losses of these draw nothing that matters, so that sums of the same rows are equal."""
    found, settings = gradients(name), scalars(name, **{"training.shuffled": 0.0})
    whole = found.clipped_sums(np.arange(ROWS), settings)
    for row in (0, 7, 31):
        without = found.clipped_sums(np.delete(np.arange(ROWS), row), settings)
        moved = norm({key: whole[key] - without[key] for key in whole})
        assert 0 < moved <= CLIP
        alone = found.clipped_sums(np.array([row]), settings)
        assert moved == pytest.approx(norm(alone), rel=1e-3)


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_one_row_alone_is_clipped(name):
    found = gradients(name)
    for row in range(5):
        assert norm(found.clipped_sums(np.array([row]), scalars(name))) <= CLIP


def test_a_wide_bound_gives_the_gradient_of_the_batch():
    """Of a loss that is a mean over rows: the sum of the rows' gradients is the batch's times its size."""
    family, given = config_of("mlp", **{"training.shuffled": 0.0})
    found = gradients("mlp", **{"training.shuffled": 0.0})
    found.clip = 1e6
    settings = scalars("mlp", **{"training.shuffled": 0.0})
    sums = found.clipped_sums(np.arange(ROWS), settings)
    config = parse_config(family, given)
    model = build_model(family, config, SPEC, 0)
    batch = {key: torch.from_numpy(array) for key, array in rows().items()}
    family.phases(config)[0].loss(model, batch, KeyedNoise(0), settings).backward()
    for key, parameter in model.named_parameters():
        if parameter.grad is not None:
            expected = ROWS * parameter.grad
            torch.testing.assert_close(sums[f"model.{key}"].float(), expected, rtol=2e-3, atol=1e-4)


class Still:
    """Noise that draws the same for each row."""

    def normal(self, *shape: int) -> torch.Tensor:
        return torch.full(shape, 0.3)

    def uniform(self, *shape: int) -> torch.Tensor:
        return torch.full(shape, 0.5)

    def integers(self, high: int, *shape: int) -> torch.Tensor:
        return torch.zeros(shape, dtype=torch.int64)

    def permutation(self, n: int) -> torch.Tensor:
        return torch.arange(n).flip(0)


def losses(name: str, **more: object) -> tuple[float, float]:
    """Loss of a batch, and the mean of those of its rows."""
    family, given = config_of(name, **more)
    config = parse_config(family, given)
    model = build_model(family, config, SPEC, 0)
    batch = {key: torch.from_numpy(array) for key, array in rows(12).items()}
    parts = [{key: tensor[row : row + 1] for key, tensor in batch.items()} for row in range(12)]
    settings = settings_of(config.training) | {"progress": 0.5}
    loss = family.phases(config)[0].loss
    with torch.no_grad():
        whole = float(loss(model, batch, Still(), settings))
        return whole, float(np.mean([float(loss(model, part, Still(), settings)) for part in parts]))


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_a_family_with_row_losses_has_the_mean_of_its_rows_as_loss(name):
    whole, mean = losses(name)
    assert whole == pytest.approx(mean, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("vae", {"training.swap_noise": 0.9}),
        ("vae", {"training.free_bits": 0.01}),
    ],
)
def test_settings_that_are_refused_do_mix_rows(name, more):
    family, given = config_of(name, **more)
    assert family.why_not_by_row(parse_config(family, given))
    whole, mean = losses(name, **more)
    assert whole != pytest.approx(mean, rel=1e-6)


def test_the_noise_of_a_step_has_the_standard_deviation_that_the_accountant_is_told():
    found = gradients("mlp", noise=3.0, rate=1e-9)  # a batch without a row: nothing but noise
    found.step(scalars("mlp"))
    noise = torch.cat([p.grad.flatten() for p in found._parameters.values()]) * found.sampler.expected
    wanted = 3.0 * CLIP
    assert float(noise.std()) == pytest.approx(wanted, rel=6 / np.sqrt(2 * len(noise)))
    assert abs(float(noise.mean())) < 6 * wanted / np.sqrt(len(noise))


def test_rows_of_a_batch_have_draws_of_their_own():
    """A VAE's loss draws a latent code: two equal rows have two gradients."""
    found = gradients("vae")
    for tensor in found._tensors.values():
        tensor[1] = tensor[0]
    first, second = (found.clipped_sums(np.array([row]), scalars("vae")) for row in (0, 1))
    assert norm({key: first[key] - second[key] for key in first}) > 1e-6
    both = found.clipped_sums(np.array([0, 0]), scalars("vae"))
    assert norm(both) < 2 * CLIP * 0.999  # one draw for both would add up in one direction


def test_a_gradient_that_is_not_finite_counts_nothing():
    bad = torch.tensor([[1.0, 0.0], [float("nan"), 1.0], [float("inf"), 1.0]])
    assert clip_factors([bad], 0.5).tolist() == pytest.approx([0.5, 0.0, 0.0], rel=1e-3)


def test_batches_are_poisson_samples():
    sampler = UnitSampler(np.arange(2_000), 0.1)
    sizes = [len(sampler.draw()) for _ in range(200)]
    assert sampler.expected == pytest.approx(200)
    assert np.mean(sizes) == pytest.approx(200, abs=6)
    assert np.var(sizes) == pytest.approx(180, rel=0.5)


def test_a_unit_brings_one_row_whatever_its_number_of_rows():
    owners = np.array([0] * 50 + [1, 2])
    sampler = UnitSampler(owners, 1.0)
    for _ in range(20):
        assert sorted(owners[sampler.draw()]) == [0, 1, 2]
    assert len({int(sampler.draw()[0]) for _ in range(60)}) > 10  # and not always the same one


@pytest.mark.parametrize(
    ("family", "more", "words"),
    [
        ("gan", {}, "GAN cannot be trained with epsilon"),
        ("flow", {}, "Flow cannot be trained with epsilon"),
        ("trees", {}, "Trees cannot be trained with epsilon"),
        ("vae", {"model.prior": "gmm"}, "fitted on training rows"),
        ("vae", {"model.prior": "normal", "model.latent": "quantized"}, "codebooks"),
        ("vae", {"model.prior": "normal", "training.swap_noise": 0.1}, "swap_noise"),
        ("vae", {"model.prior": "normal", "training.free_bits": 0.1}, "free_bits"),
        ("vae", {"model.prior": "normal"}, "training.clip must be above 0"),
        ("autoregressive", {}, "rank_swap"),
    ],
)
def test_what_learns_from_several_rows_at_once_is_refused(family, more, words):
    from autogen.training.lookup import program_for

    made = registry.get("family", family)()
    config = parse_config(made, {"family": family, **more})
    private = PrivateTraining(1.0, 0.5, np.arange(ROWS))
    with pytest.raises(SpaceError, match=words):
        program_for(made, config, SPEC, rows(), 0, private=private)


@pytest.mark.parametrize("name", ["vae", "mlp"])
def test_a_program_trains_with_noise_that_its_seed_does_not_repeat(name):
    family, given = config_of(name)
    config = parse_config(family, given)
    config = replace(config, training=replace(config.training, steps=3))
    private = PrivateTraining(1.0, 0.5, np.arange(ROWS))
    weights = []
    for _ in range(2):
        program = SoloProgram(family, config, SPEC, rows(), 5, private=private)
        program.advance(3)
        weights.append(torch.cat([p.flatten() for p in program.weights().values()]))
        assert len(program.sample(7, 0)["codes"]) == 7
    assert not torch.equal(*weights)
