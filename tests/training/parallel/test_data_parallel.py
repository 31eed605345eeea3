"""A trial has the same losses on two ranks as on one, of every family and phase."""

import numpy as np
import pytest

from autogen import registry
from autogen.errors import SpaceError
from autogen.families.base import IsDataParallel, IsGrown
from tests.training.parallel.partner import STEPS, Case, digest

SMALL = {"width": 16, "depth": 1}
SEQUENCE = {**SMALL, "heads": 2}

CASES = [
    Case("vae", "table", {**SMALL, "latent_dim": 4}, {"swap_noise": 0.2, "free_bits": 0.05}),
    Case("vae", "notes", SMALL, {"transpose": 2.0, "batch_size": 15}),
    Case("vae", "table", {**SMALL, "latent": "quantized", "places": 4, "codes": 8}, {"swap_noise": 0.1}),
    Case("gan", "table", {**SMALL, "critic_width": 16, "pac": 3}, {"instance_noise": 0.1}),
    Case("gan", "grey", {**SMALL, "critic_width": 16}, {"loss": "wgan", "color_jitter": 0.2, "cutout": 0.3}),
    Case("gan", "notes", {"net": "gru", **SMALL}, {"pretraining": 0.5, "tokens": 180, "token_dropout": 0.2}),
    Case("autoregressive", "table", SEQUENCE, {"rank_swap": 1.0, "shuffled": 0.5}),
    Case("autoregressive", "notes", SEQUENCE, {"tokens": 180, "token_dropout": 0.2, "ema": 0.9}),
    Case("autoregressive", "frames", {"net": "gru", **SMALL}, {"tokens": 100, "time_stretch": 0.3}),
    Case("autoregressive", "grey", SEQUENCE, {"translate": 0.2, "optimizer": "muon", "clip": 1.0}),
    Case("flow", "table", SMALL, {"known": 0.5}),
    Case("flow", "grey", SEQUENCE, {"class_dropout": 0.2}),
    Case("flow", "table", SMALL, {"known": 0.5, "distill": 0.5, "batch_size": 15}),
    Case("flow", "grey", {**SEQUENCE, "transport": True}, {"distill": 0.5}),
    Case("flow", "notes", SEQUENCE, {"tokens": 180}),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_two_ranks_have_the_losses_of_one(case, second):
    group, pipe = second
    alone: list[float] = []
    case.program(losses=alone).advance(STEPS)
    group.losses = []
    pipe.send(case)
    program = case.program(group)
    program.advance(STEPS)
    assert pipe.recv() == digest(program)  # the ranks' weights are the same bits
    assert len(alone) == len(group.losses) >= STEPS
    assert np.abs(np.subtract(group.losses, alone)).max() <= 1e-5 * max(1, np.abs(alone).max())


@pytest.mark.slow
def test_ranks_stay_together_where_each_drops_out_its_own_activations(second):
    group, pipe = second
    case = Case("vae", "table", SMALL, {"dropout": 0.5, "ema": 0.9})
    group.losses = []
    pipe.send(case)
    program = case.program(group)
    program.advance(STEPS)
    assert pipe.recv() == digest(program)


@pytest.mark.slow
def test_a_batch_with_too_few_packs_is_refused_on_all_ranks_and_the_next_trial_trains(second):
    group, pipe = second
    case = Case("gan", "table", {**SMALL, "pac": 9})
    pipe.send(case)
    with pytest.raises(SpaceError, match="a step trains on 1 pack of 9 rows, fewer than the 2 replicas"):
        case.program(group).advance(STEPS)
    assert "1 pack of 9 rows" in pipe.recv()
    test_two_ranks_have_the_losses_of_one(CASES[-1], second)


def test_every_family_with_gradients_shares_batches_and_has_a_case():
    kinds = {name: registry.get("family", name) for name in registry.BUILT_IN["family"]}
    shared = {name for name, kind in kinds.items() if issubclass(kind, IsDataParallel)}
    assert shared == {name for name, kind in kinds.items() if not issubclass(kind, IsGrown)}
    assert {case.family for case in CASES} == shared - {"pretrained", "latent"}  # which need a base
