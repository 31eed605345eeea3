"""Local steps of an owner: a function of the weights, the seeds and the round, and of nothing before."""

import json
from dataclasses import replace

import pytest
import torch

from autogen.data.open import open_data
from autogen.federated.config import local
from autogen.federated.local import Pull, Step, global_model, likelihoods, train_locally
from autogen.federated.messages import Message, pack, unpack
from autogen.federated.owner import Owner
from autogen.federated.strategies import ServerState, Update, advance
from autogen.training.solo import SoloProgram
from tests.federated.parts import owners, table

CONFIG = {
    "family": "vae",
    "model.latent_dim": 4,
    "model.width": 16,
    "model.depth": 1,
    "model.prior": "normal",
    "training.steps": 3,
    "training.batch_size": 32,
    "training.swap_noise": 0.0,
    "federated.local_steps": 4,
}


@pytest.fixture(scope="module")
def data():
    return open_data(table())


def begun(data, **changed):
    family, settings, rounds = local({**CONFIG, **changed})
    spec, train = data.codec.spec, data.encoded("train")
    model = global_model(family, settings, spec, 7)
    weights = {name: one.detach().clone() for name, one in model.named_parameters()}
    return family, settings, rounds, spec, train, weights


def test_a_round_that_is_asked_for_again_gives_the_same_update(data):
    family, settings, rounds, spec, train, weights = begun(data)
    step = Step(7, 8, 1, rounds.local_steps)
    one, _ = train_locally(family, settings, spec, train, weights, step, Pull())
    two, _ = train_locally(family, settings, spec, train, weights, step, Pull())
    other, _ = train_locally(family, settings, spec, train, weights, replace(step, round=2), Pull())
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_a_round_of_one_step_of_one_owner_is_a_step_of_training_as_usual(data):
    changed = {"federated.local_steps": 1, "training.steps": 1}
    family, settings, rounds, spec, train, weights = begun(data, **changed)
    delta, _ = train_locally(family, settings, spec, train, weights, Step(7, 7, 0, 1), Pull())
    state = advance(rounds, ServerState(0, weights, weights), [Update("north", 10, delta)], 0.0)
    program = SoloProgram(family, settings, spec, train, 7)
    program.advance(1)
    for name, one in program.model.named_parameters():
        assert torch.allclose(state.weights[name], one.detach(), atol=1e-6)


def test_the_proximal_term_keeps_an_owner_near_the_weights_of_the_round(data):
    family, settings, _, spec, train, weights = begun(data, **{"training.optimizer": "sgd"})
    step = Step(7, 8, 0, 20)

    def moved(proximal):
        delta, _ = train_locally(family, settings, spec, train, weights, step, Pull(proximal, weights))
        return sum(float(one.square().sum()) for one in delta.values())

    assert moved(30.0) < 0.5 * moved(0.0)


def test_a_tilt_is_added_to_the_gradient(data):
    changed = {"training.optimizer": "sgd", "federated.local_steps": 1, "training.steps": 1}
    family, settings, _, spec, train, weights = begun(data, **changed)
    step = Step(7, 8, 0, 1)
    tilt = {name: torch.full_like(one, 0.5) for name, one in weights.items()}
    plain, _ = train_locally(family, settings, spec, train, weights, step, Pull())
    tilted, _ = train_locally(family, settings, spec, train, weights, step, Pull(tilt=tilt))
    lr = settings.training.lr * 1.9  # the first step of Nesterov's momentum .9
    for name, one in plain.items():
        assert torch.allclose(tilted[name] - one, torch.full_like(one, -0.5 * lr), atol=1e-5)


def test_a_control_variate_is_the_gradient_at_the_weights_of_the_round(data):
    family, settings, _, spec, train, weights = begun(data)
    step = Step(7, 8, 0, 2, control=True)
    _, one = train_locally(family, settings, spec, train, weights, step, Pull())
    _, two = train_locally(family, settings, spec, train, weights, replace(step, local_steps=5), Pull())
    assert one.keys() == weights.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)
    down = {name: weights[name] - 0.01 * one[name] for name in weights}
    nats = [likelihoods(family, settings, spec, w, train, 7).mean() for w in (weights, down)]
    assert nats[1] > nats[0]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Message("rows"), "an owner does not know the request 'rows'"),
        (Message("score", {"config": CONFIG, "seed": 1}), "it was started again and needs the codec"),
        (Message("codec", {"codec": {"kind": "tabular", "columns": [{"missing": 7}]}}), "no data has"),
        (Message("codec", {"codec": []}), "not an object"),
        (Message("codec"), "codec"),
    ],
)
def test_a_request_that_cannot_be_done_is_answered_in_one_line(data, request_, said):
    answer = Owner("north", data).answer(request_)
    assert answer.act == "failed"
    assert said in answer.about["reason"]
    assert "\n" not in answer.about["reason"]


def test_weights_of_another_model_are_refused():
    (owner,) = owners("north")
    sketch = owner.answer(Message("sketch")).about["sketch"]
    codec = owner.data.kind.merged_codec({"north": sketch})
    codec.kind = "tabular"
    owner.answer(Message("codec", {"codec": codec.to_json()}))
    request = Message("train", {"config": CONFIG, "seed": 1, "round": 0}, {"weights.x": torch.zeros(2)})
    assert owner.answer(request).about["reason"] == "the weights of the round are another model's"


def test_no_value_of_few_rows_leaves_an_owner():
    """A category and a number of one training row each are in none of the bytes that it answers."""
    frame = table(400)
    frame.loc[frame.index % 97 == 0, "city"] = "Zwieselhausen"
    frame.loc[frame.index % 97 == 1, "wage"] = 98765.4
    owner = Owner("north", open_data(frame))
    assert (owner.data.split("train").city == "Zwieselhausen").any()
    assert (owner.data.split("train").wage == 98765.4).any()
    answer = owner.answer(Message("sketch"))
    codec = owner.data.kind.merged_codec({"north": answer.about["sketch"]})
    codec.kind = "tabular"
    answers = [answer, owner.answer(Message("codec", {"codec": json.loads(json.dumps(codec.to_json()))}))]
    family, settings, _ = local(CONFIG)
    model = global_model(family, settings, codec.spec, 1)
    weights = {f"weights.{name}": one.detach() for name, one in model.named_parameters()}
    about = {"config": CONFIG, "seed": 1, "round": 0}
    answers += [owner.answer(Message(act, about, weights)) for act in ("train", "score", "compare")]
    assert [one.act for one in answers] == ["sketch", "codec", "train", "score", "compare"]
    sent = b"".join(map(pack, answers))
    assert b"Zwieselhausen" not in sent
    assert b"98765.4" not in sent
    assert b"Bonn" in sent  # what many rows share is told
    assert sorted(unpack(pack(answers[3])).about) == ["gain", "rows"]
