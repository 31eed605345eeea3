import copy

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from autogen.data.specs import ColumnSpec, ImageSpec, SequenceSpec, TableSpec
from autogen.families.nets.io import tokens
from autogen.training.solo import build_model
from autogen.training.worker.efficiency import BATCHES, Drawing
from autogen.training.worker.flops import count
from autogen.training.worker.work import typed

IMAGES = ImageSpec(channels=1, height=8, width=8, levels=17)
TABLE = TableSpec((ColumnSpec("a", 12, continuous=True, ordered=True), ColumnSpec("b", 3)))
TEXT = SequenceSpec(length=16, levels=30)


class MetaNoise:
    """Noise without values, for tensors without values."""

    def normal(self, *shape):
        return torch.empty(shape, device="meta")

    def uniform(self, *shape):
        return torch.empty(shape, device="meta")

    def integers(self, high, *shape):
        return torch.empty(shape, dtype=torch.int64, device="meta")


def drawing(spec, **config):
    family, settings = typed(config)
    return Drawing(family, settings, build_model(family, settings, spec, 0).eval(), spec)


@pytest.mark.parametrize(
    ("model", "inputs", "flops"),
    [
        (nn.Linear(10, 7), (3, 10), 2 * 3 * 10 * 7),
        (nn.Conv2d(2, 5, 3, padding=1), (1, 2, 8, 8), 2 * 64 * 5 * 2 * 9),
        (nn.LSTM(6, 5, batch_first=True), (1, 4, 6), 2 * 4 * 4 * (6 * 5 + 5 * 5)),
        (nn.GRU(6, 5, batch_first=True), (1, 4, 6), 2 * 4 * 3 * (6 * 5 + 5 * 5)),
    ],
)
def test_operations_agree_with_a_count_by_hand(model, inputs, flops):
    assert count(lambda: model(torch.zeros(inputs)), 120)[0] == flops


def test_attention_is_not_free():
    attention = nn.MultiheadAttention(8, 2, batch_first=True).eval()
    x = torch.zeros(1, 6, 8)
    projections, products = 2 * 6 * 8 * 8 * 4, 2 * 2 * 6 * 6 * 8
    assert count(lambda: attention(x, x, x, need_weights=False), 120)[0] == projections + products


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "config"),
    [
        (IMAGES, {"family": "vae"}),
        (IMAGES, {"family": "gan"}),
        (IMAGES, {"family": "autoregressive", "model.net": "transformer", "model.patch": 4}),
        (IMAGES, {"family": "autoregressive", "model.net": "pixelcnn", "model.patch": 4}),
        (TABLE, {"family": "autoregressive"}),
        (TEXT, {"family": "vae"}),
    ],
)
def test_operations_agree_with_torchs_counter_on_the_meta_device(spec, config, monkeypatch):
    monkeypatch.setattr(tokens, "unfinished_rows", lambda _: None)  # no row ends: meta tensors have no values
    made = drawing(spec, **config)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        made.family.sample(copy.deepcopy(made.model).requires_grad_(False).to("meta"), 1, MetaNoise())
    assert made.flops() == counter.get_total_flops() > 0


def test_memory_is_that_of_weights_and_of_what_is_held_at_once():
    held = []

    def compute():
        for size in (1000, 5000, 2000):
            held[:] = [torch.zeros(size), torch.ones(size)]

    compute()
    assert count(compute, 10)[1] == 4 * 2 * (5000 + 2000)  # the new ones are made while the old ones are held


def test_what_takes_too_long_to_count_is_not_counted():
    assert count(lambda: [torch.zeros(1) + 1 for _ in range(10**7)], 0.05) is None


@pytest.mark.slow
def test_a_deeper_sequence_model_and_a_longer_sequence_take_longer():
    found = drawing(TEXT, family="autoregressive", **{"model.net": "gru"}).measure()
    times = [found.latency_by_length[str(length)] for length in (4, 8, 16)]
    assert times[0] < times[2]
    assert list(found.latency_by_batch) == [str(n) for n in BATCHES]
    assert found.latency_by_batch["1"] == found.latency_ms > 0
    assert found.throughput_per_s >= 1e3 / found.latency_ms
    assert found.peak_memory_mb > 4 * found.parameters / 1e6
    assert found.flops_per_sample > 2 * 15 * found.parameters / 10
