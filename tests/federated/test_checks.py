"""Checks of updates: NaN, other shapes and huge ones are refused by the owner's name, large ones clipped."""

import pytest
import torch

from autogen.federated.checks import CLIPPED, check, norm_of
from autogen.federated.messages import Message

WEIGHTS = {"a": torch.zeros(3, 2), "b": torch.zeros(4)}
ROWS = {"north": 100, "south": 200, "west": 300}


def answer(scale, **others):
    torch.manual_seed(0)
    delta = {name: torch.randn_like(one) * scale for name, one in WEIGHTS.items()} | others
    return Message("train", {}, {f"delta.{name}": one for name, one in delta.items()})


def of(found, owner):
    return next(one for one in found.updates if one.owner == owner)


def test_good_updates_count_with_the_rows_that_owners_told_before():
    found = check({"north": answer(1.0), "south": answer(1.5)}, WEIGHTS, ROWS, [])
    assert {one.owner: one.rows for one in found.updates} == {"north": 100, "south": 200}
    assert not found.refused
    assert not found.clipped


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_an_update_with_nan_is_refused_by_name(bad):
    liar = answer(1.0, b=torch.tensor([0.0, bad, 0.0, 0.0]))
    found = check({"north": answer(1.0), "south": liar}, WEIGHTS, ROWS, [])
    assert found.refused == {"south": "its update has NaN or infinite numbers in b"}
    assert [one.owner for one in found.updates] == ["north"]


@pytest.mark.parametrize("honest", [("north",), ("north", "west")])
def test_an_update_a_thousand_times_too_large_is_refused_even_by_one_of_two(honest):
    answers = {"south": answer(1000.0)} | {owner: answer(1.0) for owner in honest}
    found = check(answers, WEIGHTS, ROWS, [])
    assert found.refused == {"south": "its update is 1e+03 times as large as usual"}
    assert sorted(one.owner for one in found.updates) == sorted(honest)


def test_a_large_update_is_scaled_down():
    found = check({"north": answer(1.0), "south": answer(5.0), "west": answer(1.0)}, WEIGHTS, ROWS, [])
    assert found.clipped == {"south": pytest.approx(CLIPPED / 5)}
    assert norm_of(of(found, "south").delta) == pytest.approx(CLIPPED * norm_of(of(found, "north").delta))


def test_who_answers_alone_is_held_to_the_rounds_before():
    usual = []
    check({"north": answer(1.0), "south": answer(1.0)}, WEIGHTS, ROWS, usual)
    found = check({"south": answer(1000.0)}, WEIGHTS, ROWS, usual)
    assert list(found.refused) == ["south"]
    assert found.updates == []


@pytest.mark.parametrize(
    ("liar", "said"),
    [
        (Message("train", {}, {"delta.a": torch.zeros(3, 2)}), "its update is not of this model"),
        (answer(1.0, b=torch.zeros(5)), "its update is not of this model"),
        (answer(1.0, b=torch.zeros(4, dtype=torch.float64)), "its update has another number format"),
        (Message("failed", {"reason": "out of memory"}), "out of memory"),
        (Message("score", {}), "it sent no update"),
    ],
)
def test_what_is_no_update_is_refused_with_the_reason(liar, said):
    assert check({"south": liar, "north": answer(1.0)}, WEIGHTS, ROWS, []).refused == {"south": said}


def test_a_control_variate_must_be_of_the_model_and_is_bounded():
    def with_control(scale):
        one = answer(1.0)
        control = {f"control.{name}": torch.full_like(w, scale) for name, w in WEIGHTS.items()}
        return Message("train", {}, {**one.tensors, **control})

    answers = {"north": with_control(1.0), "south": with_control(100.0), "west": answer(1.0)}
    found = check(answers, WEIGHTS, ROWS, [], control=True)
    assert found.refused == {"west": "its update is not of this model"}
    assert norm_of(of(found, "south").control) == pytest.approx(CLIPPED * norm_of(of(found, "north").control))
