"""The autoregressive family: exact, causal, and learning."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from autogen.data.open import open_data
from autogen.data.specs import ColumnSpec, ImageSpec, Spec, TableSpec
from autogen.errors import SpaceError
from autogen.families.autoregressive.autoregressive import (
    Autoregressive,
    AutoregressiveModel,
    AutoregressiveTraining,
    nats_a_dimension,
)
from autogen.families.autoregressive.pixels import PixelModel
from autogen.families.base import FamilyConfig
from autogen.families.nets.density.any_order import TableModel, some_orders
from autogen.families.nets.dropout import Dropout
from autogen.metrics.features.kernel_distance import KernelDistance
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram

GREY = ImageSpec(1, 5, 6, 17)
COLOUR = ImageSpec(3, 4, 5, 256)
TABLE = TableSpec(
    (
        ColumnSpec("kind", 3),
        ColumnSpec("constant", 1),
        ColumnSpec("price", 7, specials=2, ordered=True, continuous=True),
        ColumnSpec("rooms", 4, specials=1, ordered=True),
    )
)
NETS = [(GREY, "pixelcnn"), (GREY, "transformer"), (COLOUR, "pixelcnn"), (COLOUR, "transformer")]


def rough(spec: Spec, **settings: object) -> PixelModel | TableModel:
    """A model whose weights are far from the start's, where much is zero."""
    torch.manual_seed(0)
    config = FamilyConfig(
        AutoregressiveModel(width=16, depth=2, heads=2, **settings), AutoregressiveTraining()
    )
    model = Autoregressive().build(config, spec).eval().requires_grad_(False)
    for parameter in model.parameters():
        parameter.add_(0.2 * torch.randn_like(parameter))
    return model


def images(spec: ImageSpec, n: int = 2) -> Tensor:
    shape = (n, spec.channels, spec.height, spec.width)
    return torch.randint(spec.levels, shape, generator=torch.Generator().manual_seed(1)).to(torch.uint8)


def rows(n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    codes = np.stack([rng.integers(column.levels, size=n) for column in TABLE.columns], axis=1)
    positions = np.full(codes.shape, 0.5, np.float32)
    positions[:, 2] = np.where(codes[:, 2] >= 2, rng.random(n), 0.5)
    return {"codes": codes, "positions": positions}


@pytest.mark.parametrize("patch", [1, 2])
@pytest.mark.parametrize(("spec", "net"), NETS)
def test_a_place_is_computed_alike_one_by_one_and_all_at_once(spec: ImageSpec, net: str, patch: int) -> None:
    model = rough(spec, net=net, patch=patch)
    described = model.describe(model.places(images(spec).long())).flatten(2)
    whole = model.trunk(described, Dropout())
    cursor, last = model.trunk.cursor(2), None
    for t in range(described.shape[1]):
        torch.testing.assert_close(cursor.advance(last), whole[:, t], atol=1e-4, rtol=1e-4)
        last = described[:, t]


@pytest.mark.parametrize("patch", [1, 2])
@pytest.mark.parametrize(("spec", "net"), NETS)
def test_no_pixel_sees_itself_or_a_later_one(spec: ImageSpec, net: str, patch: int) -> None:
    model = rough(spec, net=net, patch=patch)

    def nats(values: Tensor) -> Tensor:
        described = model.describe(values)
        features = model.trunk(described.flatten(2), Dropout())
        return model.head.log_prob(features, values, described, Dropout()).reshape(2, -1)

    values = model.places(images(spec).long())
    before = nats(values)
    for i in range(0, values[0].numel(), 7):
        changed = values.reshape(2, -1).clone()
        changed[:, i] = (changed[:, i] + 1) % spec.levels
        after = nats(changed.view(values.shape))
        torch.testing.assert_close(after[:, :i], before[:, :i], atol=1e-4, rtol=1e-4)
        assert i + 1 == before.shape[1] or not torch.allclose(
            after[:, i + 1 :], before[:, i + 1 :], atol=1e-6
        )


@pytest.mark.parametrize("net", ["pixelcnn", "transformer"])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_probabilities_of_all_images_sum_to_one(net: str, channels: int) -> None:
    spec = ImageSpec(channels, 2, 3 // channels, 3)
    model = rough(spec, net=net, patch=2)
    shape = (channels, 2, 3 // channels)
    every = torch.tensor(list(itertools.product(range(3), repeat=math.prod(shape))), dtype=torch.uint8)
    total = model({"pixels": every.view(-1, *shape)}, Dropout()).double().exp().sum()
    assert total.item() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("levels", [66, 256])
def test_the_levels_of_a_mixture_of_logistics_sum_to_one(levels: int) -> None:
    model = rough(ImageSpec(1, 1, 1, levels), net="pixelcnn")
    every = torch.arange(levels).to(torch.uint8).view(-1, 1, 1, 1)
    assert model({"pixels": every}, Dropout()).double().exp().sum().item() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("net", ["mlp", "transformer"])
def test_the_density_of_all_rows_integrates_to_one(net: str) -> None:
    model = rough(TABLE, net=net, parts=4)
    codes = torch.tensor(list(itertools.product(*(range(column.levels) for column in TABLE.columns))))
    total = 0.0
    for part in range(4):
        positions = torch.full(codes.shape, 0.5)
        positions[:, 2] = torch.where(codes[:, 2] >= 2, (part + 0.5) / 4, 0.5)
        total += model({"codes": codes, "positions": positions}, Dropout()).double().exp().sum().item() / 4
    assert total == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("net", ["mlp", "transformer"])
def test_rows_are_drawn_with_the_probabilities_that_the_likelihood_says(net: str) -> None:
    model = rough(TABLE, net=net, parts=4)
    drawn = model.sample(20_000, KeyedNoise(0))
    codes = torch.tensor(list(itertools.product(*(range(column.levels) for column in TABLE.columns[:2]))))
    rest = torch.tensor(list(itertools.product(*(range(column.levels) for column in TABLE.columns[2:]))))
    expected = {}
    for pair in codes:
        grid = torch.cat([pair.expand(len(rest), -1), rest], dim=1)
        nats = 0.0
        for part in range(4):
            positions = torch.full(grid.shape, 0.5)
            positions[:, 2] = torch.where(grid[:, 2] >= 2, (part + 0.5) / 4, 0.5)
            nats += model({"codes": grid, "positions": positions}, Dropout()).double().exp().sum().item() / 4
        expected[tuple(pair.tolist())] = nats
    for pair, share in expected.items():
        found = (drawn["codes"][:, :2] == torch.tensor(pair)).all(1).float().mean().item()
        assert found == pytest.approx(share, abs=0.015)


def test_a_row_drawn_has_positions_where_its_column_is_continuous() -> None:
    drawn = rough(TABLE).sample(500, KeyedNoise(0))
    inside = drawn["codes"][:, 2] >= 2
    assert drawn["positions"][inside, 2].std() > 0.1
    assert (drawn["positions"][~inside, 2] == 0.5).all()
    assert (drawn["positions"][:, [0, 1, 3]] == 0.5).all()
    assert (drawn["positions"] >= 0).all()
    assert (drawn["positions"] < 1).all()


def test_any_order_uses_only_the_columns_before() -> None:
    model = rough(TABLE)
    vectors = model.cells(torch.from_numpy(rows(2)["codes"]))
    order = torch.tensor([[2, 1, 3, 0]] * 2)
    before = model.features(vectors, Dropout(), order)
    vectors[:, 3] += torch.linspace(-1, 1, 16)
    after = model.features(vectors, Dropout(), order)
    changed = (after - before).abs().amax((0, 2)) > 1e-6
    assert changed.tolist() == [True, False, False, False]


def test_a_share_of_the_orders_is_random() -> None:
    orders = some_orders(torch.Size((4000, 3)), KeyedNoise(0), 0.6)
    kept = (orders == torch.arange(3)).all(1).float().mean().item()
    assert kept == pytest.approx(0.4 + 0.6 / 6, abs=0.03)
    assert (orders.sort(1).values == torch.arange(3)).all()


def test_a_lower_temperature_and_top_p_make_samples_likelier() -> None:
    def nats(**settings: float) -> float:
        drawn = rough(TABLE, **settings).sample(500, KeyedNoise(0))
        return rough(TABLE)(drawn, Dropout()).mean().item()

    assert nats(temperature=0.5) > nats() + 0.1
    assert nats(top_p=0.5) > nats() + 0.1


@pytest.mark.parametrize(
    ("settings", "spec", "message"),
    [
        ({"net": "pixelcnn"}, TABLE, "model.net must be one of mlp, transformer"),
        ({"net": "mlp"}, GREY, "model.net must be one of pixelcnn, transformer"),
        ({"width": 30, "heads": 4}, GREY, "model.width must be a multiple of model.heads = 4, not 30"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, object], spec: Spec, message: str) -> None:
    config = FamilyConfig(AutoregressiveModel(**settings), AutoregressiveTraining())
    with pytest.raises(SpaceError, match=message):
        Autoregressive().build(config, spec)


@pytest.mark.parametrize(("spec", "net"), [(TABLE, "mlp"), (TABLE, "transformer"), (GREY, "pixelcnn")])
def test_training_is_the_same_twice(spec: Spec, net: str) -> None:
    config = FamilyConfig(AutoregressiveModel(net=net, width=8, depth=1, heads=1), AutoregressiveTraining())
    train = rows(64) if spec is TABLE else {"pixels": images(GREY, 64).numpy()}
    drawn = []
    for _ in range(2):
        program = SoloProgram(Autoregressive(), config, spec, train, seed=3)
        program.advance(5)
        drawn.append(program.sample(10, seed=1))
    for name in drawn[0]:
        np.testing.assert_array_equal(drawn[0][name], drawn[1][name])


@pytest.mark.slow
@pytest.mark.parametrize("net", ["mlp", "transformer"])
def test_a_table_with_a_functional_dependence_is_learned(net: str) -> None:
    rng = np.random.default_rng(0)
    kind = rng.integers(3, size=1000)
    price = 2 + np.where(kind == 0, 0, np.where(kind == 1, rng.integers(5, size=1000), 4))
    codes = np.stack([kind, 0 * kind, price, kind + 1], axis=1)
    positions = np.full(codes.shape, 0.5, np.float32)
    positions[:, 2] = rng.random(1000) * np.where(kind == 2, 0.5, 1)
    training = AutoregressiveTraining(steps=150, batch_size=64, lr=1e-2, schedule="cosine", rank_swap=0.0)
    config = FamilyConfig(AutoregressiveModel(net=net, width=16, depth=2, heads=2), training)
    program = SoloProgram(Autoregressive(), config, TABLE, {"codes": codes, "positions": positions}, seed=0)
    program.advance(150)
    drawn = program.sample(1000, seed=0)
    kinds, prices = drawn["codes"][:, 0], drawn["codes"][:, 2]
    assert (drawn["codes"][:, 3] == kinds + 1).mean() > 0.97
    assert (prices[kinds == 0] == 2).mean() > 0.97
    assert (drawn["positions"][(kinds == 2) & (prices == 6), 2] < 0.5).mean() > 0.9
    assert np.abs(np.bincount(kinds, minlength=3) / 1000 - 1 / 3).max() < 0.06


@pytest.mark.slow
@pytest.mark.parametrize(("net", "patch"), [("pixelcnn", 2), ("transformer", 2)])
def test_digits_are_learned_far_better_than_independent_pixels(net: str, patch: int) -> None:
    data = open_data("digits")
    training = AutoregressiveTraining(
        steps=200, batch_size=32, lr=4e-3, schedule="cosine", warmup=0.05, clip=1.0, ema=0.95
    )
    config = FamilyConfig(AutoregressiveModel(net=net, patch=patch, width=32, depth=2), training)
    program = SoloProgram(Autoregressive(), config, data.codec.spec, data.encoded("train"), seed=0)
    program.advance(200)
    metric = KernelDistance()
    reference = metric.prepare(data.split("tune"), data.codec)
    drawn = data.codec.decode(program.sample(230, seed=0))
    rng = np.random.default_rng(0)
    real = data.split("train")
    marginal = np.take_along_axis(real, rng.permuted(np.indices(real.shape)[0], axis=0), axis=0)[:230]
    assert metric.score(reference, drawn) < 0.25 * metric.score(reference, marginal)


class Fixed:
    """The same draws for all trials, as stacked programs cannot draw by themselves."""

    def uniform(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=torch.Generator().manual_seed(1))

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


class Loss(nn.Module):
    """A model's loss as a module, to be called with other weights."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: dict[str, Tensor], dropout: Tensor) -> Tensor:
        settings = {"dropout": dropout, "flip": 3 * dropout, "translate": dropout, "label_smoothing": dropout}
        settings |= {"shuffled": torch.tensor(0.5), "rank_swap": torch.tensor(0.5)}
        return nats_a_dimension(self.model, batch, Fixed(), settings)


@pytest.mark.parametrize(("spec", "net"), [*NETS, (TABLE, "mlp"), (TABLE, "transformer")])
def test_the_losses_of_stacked_trials_are_those_of_each_alone(spec: Spec, net: str) -> None:
    models = [rough(spec, net=net) for _ in range(3)]
    for factor, model in enumerate(models):
        for parameter in model.parameters():
            parameter.mul_(1 + 0.1 * factor)
    batch = {name: torch.from_numpy(array) for name, array in rows(4).items()}
    if spec is not TABLE:
        batch = {"pixels": images(spec, 4)}
    dropout = torch.tensor([0.0, 0.1, 0.2])
    alone = [Loss(model)(batch, rate) for model, rate in zip(models, dropout, strict=True)]
    weights, buffers = stack_module_state([Loss(model) for model in models])

    def loss(weights: dict[str, Tensor], buffers: dict[str, Tensor], rate: Tensor) -> Tensor:
        return functional_call(Loss(models[0]), (weights, buffers), (batch, rate))

    with sdpa_kernel(SDPBackend.MATH):
        stacked = vmap(loss, randomness="same")(weights, buffers, dropout)
    torch.testing.assert_close(stacked, torch.stack(alone), atol=1e-4, rtol=1e-4)


def test_a_table_of_one_column_and_2000_levels_can_be_stepped_and_drawn() -> None:
    spec = TableSpec((ColumnSpec("code", 2000),))
    train = {"codes": np.arange(2000)[:, None], "positions": np.full((2000, 1), 0.5, np.float32)}
    program = SoloProgram(
        Autoregressive(), FamilyConfig(AutoregressiveModel(), AutoregressiveTraining()), spec, train, seed=0
    )
    program.advance(3)
    drawn = program.sample(50, seed=0)
    assert drawn["codes"].shape == (50, 1)
    assert drawn["codes"].max() < 2000


def test_near_quantities_are_exchanged_and_nothing_else_changes() -> None:
    cells = rough(TABLE).cells
    arrays = rows(2000)
    codes, positions = torch.from_numpy(arrays["codes"]), torch.from_numpy(arrays["positions"])
    moved, inside = cells.rank_swap(codes, positions, KeyedNoise(0), 0.25)
    quantity = codes[:, 2] >= 2
    assert (moved[:, [0, 1, 3]] == codes[:, [0, 1, 3]]).all()
    assert (inside[:, [0, 1, 3]] == 0.5).all()
    assert (moved[~quantity] == codes[~quantity]).all()
    before, after = (codes + positions)[quantity, 2], (moved + inside)[quantity, 2]
    assert torch.equal(before.sort().values, after.sort().values)
    assert 0.15 < (after - before).std().item() < 0.3
