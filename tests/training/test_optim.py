"""Optimizers, schedules, clipping and averages do what the settings say."""

import subprocess
import sys
from functools import partial

import pytest
import torch
from torch import nn

from autogen.errors import SpaceError
from autogen.families.base import Training
from autogen.training.optim import (
    Optimizer,
    clip_gradients,
    hidden_matrices,
    learning_rate,
    orthogonalize,
    update_average,
)

NAMES = ("sgd", "adam", "adamw", "adagrad", "rmsprop", "muon")


@pytest.mark.parametrize("name", NAMES)
def test_each_optimizer_descends(name):
    weights = nn.Parameter(torch.full((3, 2), 2.0))
    optimizer = Optimizer(Training(optimizer=name), [weights])
    for _ in range(300):
        weights.grad = None
        weights.square().sum().backward()
        optimizer.step(0.05)
    assert float(weights.detach().abs().max()) < 1


@pytest.mark.parametrize("name", NAMES)
def test_weight_decay_pulls_matrices_and_leaves_vectors(name):
    matrix, vector = nn.Parameter(torch.ones(2, 2)), nn.Parameter(torch.ones(2))
    optimizer = Optimizer(Training(optimizer=name, weight_decay=0.1), [matrix, vector])
    matrix.grad, vector.grad = torch.zeros(2, 2), torch.zeros(2)
    optimizer.step(0.1)
    assert bool((matrix < 1).all())
    assert vector.detach().tolist() == [1, 1]


def test_decay_is_decoupled_for_adamw_alone():
    def change(name):
        matrix = nn.Parameter(torch.ones(1, 1))
        optimizer = Optimizer(Training(optimizer=name, weight_decay=0.01), [matrix])
        matrix.grad = torch.zeros(1, 1)
        optimizer.step(0.1)
        return 1 - matrix.item()

    assert change("adamw") == pytest.approx(0.1 * 0.01, rel=1e-3)
    assert change("adam") == pytest.approx(0.1, rel=1e-3)  # a gradient of .01, normalised to 1


def test_a_parameter_without_gradient_is_left_alone():
    used, unused = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    optimizer = Optimizer(Training(), [unused, used])
    used.grad = torch.ones(2)
    optimizer.step(0.1)
    assert unused.detach().tolist() == [1, 1]
    assert bool((used.detach() < 1).all())


CLASSES = {
    "sgd": partial(torch.optim.SGD, momentum=0.9, nesterov=True, fused=True),
    "adam": partial(torch.optim.Adam, betas=(0.8, 0.95), fused=True),
    "adamw": partial(torch.optim.AdamW, betas=(0.8, 0.95), fused=True),
    "adagrad": partial(torch.optim.Adagrad, fused=True),
    "rmsprop": torch.optim.RMSprop,
}


def follow(reference, training, hidden=None):
    """Weights and biases after six steps of ours and of torch's own optimizers."""
    torch.manual_seed(0)
    ours, theirs = nn.Linear(4, 3), nn.Linear(4, 3)
    theirs.load_state_dict(ours.state_dict())
    optimizer = Optimizer(training, [ours.weight, ours.bias], hidden)
    references = reference(theirs)
    for _ in range(6):
        x = torch.randn(5, 4)
        for net in (ours, theirs):
            net.zero_grad()
            net(x).square().sum().backward()
        optimizer.step(0.03)
        for one in references:
            one.step()
    return torch.equal(ours.weight, theirs.weight), torch.equal(ours.bias, theirs.bias)


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
def test_each_optimizer_is_torchs_own(name):
    def reference(net):
        groups = [{"params": [net.weight], "weight_decay": 0.02}, {"params": [net.bias], "weight_decay": 0}]
        return [CLASSES[name](groups, lr=0.03)]

    training = Training(optimizer=name, beta1=0.8, beta2=0.95, weight_decay=0.02)
    assert follow(reference, training) == (True, True)


@pytest.mark.slow
def test_muon_is_torchs_own_for_hidden_matrices_and_adamw_for_the_rest():
    def reference(net):
        muon = torch.optim.Muon([net.weight], lr=0.03, weight_decay=0.02, adjust_lr_fn="match_rms_adamw")
        return [muon, torch.optim.AdamW([net.bias], lr=0.03, weight_decay=0.0, fused=True)]

    training = Training(optimizer="muon", weight_decay=0.02)
    assert follow(reference, training, hidden=[True, False]) == (True, True)


@pytest.mark.slow
def test_muon_is_torchs_own_for_tall_wide_and_empty_gradients():
    shapes = [(24, 8), (8, 24), (8, 8), (1, 5), (5, 1)]
    torch.manual_seed(0)
    ours = [nn.Parameter(torch.randn(shape)) for shape in shapes]
    theirs = [nn.Parameter(parameter.detach().clone()) for parameter in ours]
    optimizer = Optimizer(Training(optimizer="muon", weight_decay=0.1), ours, [True] * len(ours))
    reference = torch.optim.Muon(theirs, lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    for step in range(20):
        for mine, other in zip(ours, theirs, strict=True):
            mine.grad = torch.zeros_like(mine) if step == 0 else torch.randn_like(mine) * 10.0**-step
            other.grad = mine.grad.clone()
        optimizer.step(0.02)
        reference.step()
    assert all(map(torch.equal, ours, theirs))


def test_orthogonalizing_keeps_directions_and_evens_out_their_sizes():
    torch.manual_seed(0)
    U, V = (torch.linalg.qr(torch.randn(32, 8)).Q for _ in range(2))
    matrix = U @ torch.diag(torch.logspace(0, -1, 8)) @ V.T
    assert float((U.T @ orthogonalize(matrix).float() @ V).diag().sub(1).abs().max()) < 0.4


def test_hidden_matrices_are_those_of_linear_and_recurrent_layers():
    layers = {"linear": nn.Linear(2, 2), "table": nn.Embedding(3, 2), "conv": nn.Conv1d(2, 2, 3)}
    model = nn.ModuleDict(layers | {"gru": nn.GRU(2, 2)})
    hidden = hidden_matrices(model)
    names = [name for name, parameter in model.named_parameters() if id(parameter) in hidden]
    assert names == ["linear.weight", "gru.weight_ih_l0", "gru.weight_hh_l0"]


@pytest.mark.slow
def test_who_trains_or_draws_imports_nothing_that_takes_seconds_and_is_not_needed():
    code = (
        "import sys, autogen.generator.load, autogen.training.worker.work; "
        "from tests.training.toys import *; from autogen.training.solo import SoloProgram; "
        "p = SoloProgram(Toy(), toy_config(clip=1.0, ema=0.9), SPEC, toy_data(), 0); p.advance(2); "
        "p.sample(3, 0); "
        "slow = {'torch._dynamo', 'torch.distributed.tensor', 'sklearn', 'scipy.stats'}; "
        "print(slow & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


@pytest.mark.parametrize("setting", ["optimizer", "schedule"])
def test_an_unknown_choice_is_refused_with_the_known_ones(setting):
    with pytest.raises(SpaceError, match=rf"training\.{setting} must be one of .*, not 'nope'"):
        Optimizer(Training(**{setting: "nope"}), [nn.Parameter(torch.ones(1))])


def test_warm_up_rises_linearly_to_lr():
    training = Training(steps=100, lr=1.0, warmup=0.1)
    assert [learning_rate(training, step) for step in (0, 4, 9, 10, 99)] == pytest.approx([0.1, 0.5, 1, 1, 1])


def test_a_cosine_ends_at_a_tenth():
    training = Training(steps=100, lr=1.0, schedule="cosine")
    rates = [learning_rate(training, step) for step in range(101)]
    assert rates[0] == 1
    assert rates[50] == pytest.approx(0.55)
    assert rates[100] == pytest.approx(0.1)
    assert rates == sorted(rates, reverse=True)


def test_clipping_scales_the_common_norm():
    a, b = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2))
    a.grad, b.grad = torch.tensor([3.0, 0]), torch.tensor([0, 4.0])
    clip_gradients([a, b], 1.0)
    assert torch.cat([a.grad, b.grad]).norm() == pytest.approx(1.0, rel=1e-4)
    assert a.grad[0] / b.grad[1] == pytest.approx(0.75)


def test_clipping_leaves_small_gradients():
    a = nn.Parameter(torch.zeros(2))
    a.grad = torch.tensor([0.3, 0.4])
    clip_gradients([a], 1.0)
    assert a.grad.tolist() == pytest.approx([0.3, 0.4])


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_clipping_drops_a_gradient_that_is_not_finite(bad):
    a, b = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(1))
    a.grad, b.grad = torch.tensor([bad, 1.0]), torch.tensor([2.0])
    clip_gradients([a, b], 1.0)
    assert (a.grad.tolist(), b.grad.tolist()) == ([0, 0], [0])


def test_an_average_forgets_the_first_weights_fast_and_then_slowly():
    average, current = [torch.zeros(1)], [torch.ones(1)]
    update_average(average, current, 0.99, step=0)
    assert float(average[0]) == pytest.approx(0.9)
    average[0].zero_()
    update_average(average, current, 0.99, step=100_000)
    assert float(average[0]) == pytest.approx(0.01)
