"""Contract of model families as a test suite: subclass ``FamilyContract`` and give it your family."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from autogen.data.specs import ColumnSpec, FrameSpec, ImageSpec, SequenceSpec, Spec, TableSpec
from autogen.families.base import FamilyConfig, IsGrown, ModelFamily, Steps, Training
from autogen.training.lookup import program_for
from autogen.training.noise import KeyedNoise
from autogen.training.solo import build_model

#: Small data of each kind: a spec and 48 encoded samples of it.
SPECS: dict[str, Spec] = {
    "grey": ImageSpec(1, 8, 8, 17),
    "colour": ImageSpec(3, 16, 16, 256),
    "table": TableSpec(
        (
            ColumnSpec("age", 9, specials=1, ordered=True, continuous=True),
            ColumnSpec("job", 4),
            ColumnSpec("rooms", 6, ordered=True),
            ColumnSpec("same", 1),
        )
    ),
    "notes": SequenceSpec(20, 12, pitches=(4, 14)),
    "frames": FrameSpec(keys=24, length=10, voices=4),
    "categories": TableSpec((ColumnSpec("a", 3), ColumnSpec("b", 5))),
}


def samples_of(spec: Spec, n: int = 48) -> dict[str, np.ndarray]:
    """Make n encoded samples with structure: bright in the middle, low codes more often than high ones.

    Args:
        spec: Spec of the samples.
        n: Number of samples, default 48.

    Returns:
        Arrays by name, of the dtypes and shapes that the spec's codec gives.
    """
    draw = np.random.default_rng(0)
    if isinstance(spec, ImageSpec):
        rows = np.minimum(np.arange(spec.height), np.arange(spec.height)[::-1])
        light = np.minimum.outer(rows, np.minimum(np.arange(spec.width), np.arange(spec.width)[::-1]))
        noise = draw.integers(0, 3, (n, spec.channels, spec.height, spec.width))
        levels: np.ndarray = light * (spec.levels - 3) // max(1, light.max()) + noise
        return {"pixels": np.clip(levels, 0, spec.levels - 1).astype(np.uint8)}
    if isinstance(spec, SequenceSpec):
        return {"tokens": _documents(spec, n, draw)}
    if isinstance(spec, FrameSpec):
        return {"frames": _rolls(spec, n, draw)}
    assert isinstance(spec, TableSpec)
    columns = [draw.integers(0, c.levels, n) * draw.integers(0, 2, n) for c in spec.columns]
    codes = np.stack(columns, axis=1)
    positions = draw.random((n, len(columns)))
    return {"codes": codes.astype(np.int64), "positions": positions.astype(np.float32)}


def _documents(spec: SequenceSpec, n: int, draw: np.random.Generator) -> np.ndarray:
    """Make tokens (n, T) from 4 on, low ones more often, then ``end`` and ``pad``."""
    lengths = draw.integers(2, spec.length, n)[:, None]
    places = np.arange(spec.length)
    tokens = 4 + np.minimum(*draw.integers(0, spec.levels - 4, (2, n, spec.length)))
    ended = np.where(places == lengths, spec.end, spec.pad)
    return np.where(places < lengths, tokens, ended).astype(np.int64)


def _rolls(spec: FrameSpec, n: int, draw: np.random.Generator) -> np.ndarray:
    """Make piano rolls (n, T, 1 + keys) of changing triads, of different lengths."""
    root = (
        draw.integers(0, spec.keys - 8, (n, 1)) + np.cumsum(draw.integers(0, 2, (n, spec.length)), axis=1) % 2
    )
    frames = np.zeros((n, spec.length, 1 + spec.keys), dtype=np.uint8)
    lasts = np.arange(spec.length) < draw.integers(2, spec.length + 1, n)[:, None]
    for interval in (0, 4, 7):
        np.put_along_axis(frames, 1 + root[..., None] + interval, 1, axis=2)
    frames[..., 0] = 1
    return np.asarray(frames * lasts[..., None], dtype=np.uint8)


class FamilyContract:
    """Tests of a model family on every kind of data that it models.

    Subclasses define the fixture ``family``, ``settings`` if its defaults are slow, and ``training`` for
    training settings other than the defaults.
    """

    @pytest.fixture
    def family(self) -> ModelFamily:
        """Return the family under test."""
        raise NotImplementedError

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        """Return settings of ``[model]`` that make the model small."""
        return {}

    @pytest.fixture
    def training(self) -> Mapping[str, Any]:
        """Return settings of ``[training]`` besides steps, batch size and optimizer."""
        return {}

    @pytest.fixture(params=sorted(SPECS))
    def spec(self, request: pytest.FixtureRequest, family: ModelFamily) -> Spec:
        """Return the spec of a kind of data that the family models."""
        spec = SPECS[request.param]
        if not isinstance(spec, family.specs):
            pytest.skip(f"{type(family).__name__} does not model {request.param}")
        return spec

    @pytest.fixture
    def config(
        self, family: ModelFamily, settings: Mapping[str, Any], training: Mapping[str, Any]
    ) -> FamilyConfig:
        """Make a small config."""
        return FamilyConfig(family.model_config(**settings), self._training(family, steps=8, **training))

    @staticmethod
    def _training(family: ModelFamily, steps: int, **more: Any) -> Steps:
        """Make training settings, with small batches if the family has batches."""
        small = {"batch_size": 16} if issubclass(family.training_config, Training) else {}
        return family.training_config(steps=steps, **small, **more)

    def test_equal_seeds_build_equal_models(
        self, family: ModelFamily, config: FamilyConfig, spec: Spec
    ) -> None:
        first, second = (build_model(family, config, spec, seed=3).state_dict() for _ in range(2))
        assert all(torch.equal(first[name], second[name]) for name in first)

    def test_a_loss_is_finite_and_reaches_the_parameters_of_its_phase(
        self, family: ModelFamily, config: FamilyConfig, spec: Spec
    ) -> None:
        model = build_model(family, config, spec, seed=0)
        for phase in family.phases(config):
            loss = self._loss(phase.loss, model, spec, config.training)
            assert loss.shape == ()
            assert torch.isfinite(loss)
            named = [p for n, p in model.named_parameters() if n.startswith(phase.parameters)]
            grads = torch.autograd.grad(loss, [p for p in named if p.requires_grad], allow_unused=True)
            assert any(grad is not None and bool((grad != 0).any()) for grad in grads)

    def test_a_loss_is_a_function_of_its_arguments_alone(
        self, family: ModelFamily, config: FamilyConfig, spec: Spec
    ) -> None:
        model = build_model(family, config, spec, seed=0).eval()
        state = torch.get_rng_state()
        for phase in family.phases(config):
            first, second = (self._loss(phase.loss, model, spec, config.training) for _ in range(2))
            assert torch.equal(first, second)
        assert torch.equal(torch.get_rng_state(), state)

    def test_samples_match_the_spec(self, family: ModelFamily, config: FamilyConfig, spec: Spec) -> None:
        program = program_for(family, config, spec, samples_of(spec), seed=0)
        program.advance(2)
        made = program.sample(7, seed=1)
        real = samples_of(spec)
        assert {name: array.dtype for name, array in made.items()} == {n: a.dtype for n, a in real.items()}
        assert all(made[name].shape == (7, *real[name].shape[1:]) for name in real)
        if isinstance(spec, ImageSpec):
            assert made["pixels"].max() < spec.levels
        elif isinstance(spec, TableSpec):
            assert (made["codes"] < [column.levels for column in spec.columns]).all()
            assert (made["codes"] >= 0).all()
            assert ((made["positions"] >= 0) & (made["positions"] <= 1)).all()
        elif isinstance(spec, SequenceSpec):
            _check_tokens(spec, made["tokens"])
        elif isinstance(spec, FrameSpec):
            _check_frames(spec, made["frames"])

    def test_equal_seeds_draw_equal_samples_and_others_differ(
        self, family: ModelFamily, config: FamilyConfig, spec: Spec
    ) -> None:
        program = program_for(family, config, spec, samples_of(spec), seed=0)
        program.advance(2)
        one, same, other = program.sample(24, 1), program.sample(24, 1), program.sample(24, 2)
        assert all(np.array_equal(one[name], same[name]) for name in one)
        assert any(not np.array_equal(one[name], other[name]) for name in one)

    def test_samples_depend_on_the_saved_weights_alone(
        self, family: ModelFamily, config: FamilyConfig, spec: Spec
    ) -> None:
        program = program_for(family, config, spec, samples_of(spec), seed=0)
        program.advance(2)
        trained = program.weights()
        fresh = build_model(family, config, spec, seed=9).eval()
        fresh.load_state_dict(trained)
        with torch.no_grad():
            first, second = (family.sample(model, 6, KeyedNoise(1, 0)) for model in (program.average, fresh))
        assert all(torch.equal(first[name], second[name]) for name in first)

    @pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "adagrad", "rmsprop", "muon"])
    def test_every_optimizer_trains_it(
        self,
        family: ModelFamily,
        settings: Mapping[str, Any],
        training: Mapping[str, Any],
        spec: Spec,
        optimizer: str,
    ) -> None:
        if isinstance(family, IsGrown):
            pytest.skip(f"{type(family).__name__} is fitted without gradients")
        given = {**training, "optimizer": optimizer, "clip": 1.0, "ema": 0.9}
        config = FamilyConfig(family.model_config(**settings), self._training(family, steps=3, **given))
        program = program_for(family, config, spec, samples_of(spec), seed=0)
        program.advance(3)
        assert all(np.isfinite(array).all() for array in program.sample(4, 0).values())

    @staticmethod
    def _batch(spec: Spec) -> dict[str, Tensor]:
        return {name: torch.from_numpy(array) for name, array in samples_of(spec).items()}

    def _loss(self, loss: Any, model: torch.nn.Module, spec: Spec, training: Steps) -> Tensor:
        scalars = {n: v for n, v in vars(training).items() if isinstance(v, int | float)} | {"progress": 0.5}
        value: Tensor = loss(model, self._batch(spec), KeyedNoise(2, 0), scalars)
        return value


def _check_tokens(spec: SequenceSpec, tokens: np.ndarray) -> None:
    """Check that documents end once, have padding only after the end, and hold no forbidden token."""
    assert ((tokens >= 0) & (tokens < spec.levels)).all()
    assert not np.isin(tokens, (spec.begin, spec.unknown)).any()
    if not spec.stream:
        assert ((tokens == spec.end).sum(axis=1) == 1).all()
        after = np.cumsum(tokens == spec.end, axis=1) - (tokens == spec.end) > 0
        assert ((tokens == spec.pad) == after).all()


def _check_frames(spec: FrameSpec, frames: np.ndarray) -> None:
    """Check that frames hold zeros and ones, few enough keys at once, and silence after the end."""
    lasts, keys = frames[..., 0], frames[..., 1:]
    assert frames.max() <= 1
    assert (np.diff(lasts.astype(int), axis=1) <= 0).all()
    assert not (keys.any(axis=2) & (lasts == 0)).any()
    assert keys.sum(axis=2).max() <= spec.voices
