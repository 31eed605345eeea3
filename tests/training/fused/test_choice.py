"""Trials are one program where they can be and that is faster; each reports, fails and ends for itself."""

import json

import numpy as np
import pytest
import torch

from autogen import registry
from autogen.data.specs import SequenceSpec
from autogen.families.base import parse_config
from autogen.families.fusing import IsFusible, shared_settings
from autogen.hpo.space import SearchSpace
from autogen.hpo.trial import State, TrialBatch
from autogen.training.checkpoint import MODEL, read_tensors
from autogen.training.fused.choice import Choice, Stretch, fuse_key
from autogen.training.solo import SoloProgram
from tests.training.fused.trials import FAMILIES, IMAGE, TABLE, data_of, made
from tests.training.toys import Toy, toy_task, toy_work


class FusibleToy(Toy, IsFusible):
    """The toy, whose losses need nothing that one program has not."""

    def fuses(self, config, spec):
        return True


@pytest.fixture
def fusible(toys, monkeypatch):
    monkeypatch.setitem(registry.BUILT_IN["family"], "toy", f"{__name__}:FusibleToy")


def test_trials_that_differ_in_fusible_settings_alone_have_one_key():
    one, other, _ = map(fuse_key, made("vae", TABLE))
    assert one == other is not None


@pytest.mark.parametrize(
    "settings", [{"model_width": 12}, {"training_optimizer": "sgd"}, {"training_swap_noise": 0.1}]
)
def test_shapes_rules_and_settings_that_are_0_for_one_alone_keep_trials_apart(settings):
    assert fuse_key(made("vae", TABLE)[0]) != fuse_key(made("vae", TABLE, **settings)[0])


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("vae", {"model_net": "conv"}),
        ("vae", {"model_latent": "quantized"}),
        ("gan", {"training_optimizer": "muon"}),
        ("gan", {"training_rotate": 10.0}),
    ],
)
def test_what_vmap_cannot_do_or_rounding_would_change_is_trained_alone(family, settings):
    assert fuse_key(made(family, IMAGE)[0]) is not None
    assert fuse_key(made(family, IMAGE, **settings)[0]) is None


def test_what_trials_share_is_all_but_the_fusible_settings():
    config = {
        "family": "gan",
        "model.width": 8,
        "training.loss": "wgan",
        "training.lr": 1e-3,
        "training.gp": 1.0,
    }
    space = SearchSpace.load("tabular")
    assert shared_settings(config, TABLE, space) == {
        "family": "gan",
        "model.width": 8,
        "training.loss": "wgan",
    }
    assert shared_settings({"family": "gan"}, SequenceSpec(8, 4, ("a", "b", "c", "d")), space) is None
    assert shared_settings({"family": "trees"}, TABLE, space) is None


@pytest.mark.slow
@pytest.mark.parametrize("family", ["gan", "vae"])
@pytest.mark.parametrize(("name", "spec"), [("tabular", TABLE), ("image", IMAGE)])
def test_all_that_a_shipped_space_proposes_together_is_one_program(name, spec, family):
    space, rng, found = SearchSpace.load(name), np.random.default_rng(0), 0
    while found < 4:
        config = space.sample(rng, {"family": family})
        shared = shared_settings(config, spec, space)
        if shared is None:
            continue
        batch = [config, *(space.sample(rng, shared) for _ in range(3))]
        programs = [
            SoloProgram(FAMILIES[family], parse_config(FAMILIES[family], one), spec, data_of(spec), seed)
            for seed, one in enumerate(batch)
        ]
        assert len({fuse_key(program) for program in programs}) == 1
        assert fuse_key(programs[0]) is not None
        assert len({tuple(one.items()) for one in batch}) == 4
        found += 1


def test_the_first_trial_waits_for_those_at_its_step_unless_one_program_was_slower():
    programs = made("vae", TABLE)
    programs[1].step = 7
    waiting = {number: Stretch(program, 10) for number, program in enumerate(programs)}
    choice = Choice()
    assert choice.group(waiting) == [0, 2]
    choice.faster[fuse_key(programs[0]), 2] = False
    assert choice.group(waiting) == [0]


def test_a_measurement_is_made_once_and_is_part_of_the_training():
    alone, together, choice = made("vae", TABLE), made("vae", TABLE), Choice()
    trained = choice.advance(together, 30, None)
    assert [one.fused for one in trained] == [3, 3, 3]
    assert list(choice.faster) == [(fuse_key(together[0]), 3)]
    for one, other in zip(together, alone, strict=True):
        other.advance(30)
        assert one.step == 30
        weights = other.weights()
        assert all(torch.allclose(one.weights()[name], weights[name], atol=1e-5) for name in weights)


def test_a_rung_too_near_for_a_measurement_is_trained_alone():
    choice = Choice()
    assert [one.fused for one in choice.advance(made("vae", TABLE), 5, None)] == [0, 0, 0]
    assert not choice.faster


@pytest.mark.usefixtures("fusible")
def test_each_trial_of_a_batch_is_measured_pruned_failed_and_saved_for_itself(tmp_path):
    rungs = (30, 35, 40)
    tasks = [toy_task(0, rungs, lr=0.01), toy_task(1, rungs, lr=1e30), toy_task(2, rungs, lr=0.02)]
    seen = []

    def report(measured):
        seen.extend(measured)
        return [one.number != 2 for one in measured]

    ended = toy_work()(TrialBatch(tuple(tasks), str(tmp_path / "together")), report)
    assert [(one.number, one.state) for one in ended] == [
        (0, State.COMPLETE),
        (1, State.FAILED),
        (2, State.PRUNED),
    ]
    assert "not finite" in ended[1].reason
    assert [(one.number, one.step) for one in seen] == [(0, 30), (2, 30), (0, 35), (0, 40)]
    assert [one.fused > 0 for one in seen] == [True, True, False, False]

    toy_work()(TrialBatch((tasks[0],), str(tmp_path / "alone")), lambda _: [True])
    files = {place: sorted((tmp_path / place / "0000").iterdir()) for place in ("together", "alone")}
    assert [one.name for one in files["together"]] == [one.name for one in files["alone"]]
    weights = [read_tensors(tmp_path / place / "0000" / MODEL)[0] for place in files]
    assert all(torch.allclose(weights[0][name], weights[1][name], atol=1e-5) for name in weights[1])
    lines = [(tmp_path / place / "0000/curve.jsonl").read_text().splitlines() for place in files]
    assert [json.loads(line).keys() for line in lines[0]] == [json.loads(line).keys() for line in lines[1]]


def test_a_resumed_trial_of_a_batch_is_alone_until_the_others_are_at_its_step():
    programs = made("gan", TABLE)
    programs[0].advance(10)
    waiting = {number: Stretch(program, 30) for number, program in enumerate(programs)}
    assert Choice().group(waiting) == [0]
