"""result.json as types: read as it was written, and refused with the field that is wrong."""

import json

import pytest

from autogen.errors import RunError
from autogen.report.result import Result
from tests.report.example import KINDS, changed, example


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_comes_back_as_it_was_written(kind):
    result = example(kind).result
    assert Result.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_the_leader_has_no_comparison_with_itself():
    first, second, *_ = example("image").result.to_json()["finalists"]
    assert not {"difference", "p_value", "separated"} & first.keys()
    assert {"p_value", "separated"} <= second.keys()


def test_fields_of_a_newer_autogen_are_left_out():
    result = example("image").result
    assert changed(result, mood="good") == result


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"best": {"family": "vae"}}, "it lacks best.trial"),
        ({"seconds": "long"}, "seconds is 'long', not of type float"),
        ({"tied": 3}, "tied is 3, not a list"),
        ({"tied": [3, 0.5]}, r"tied\[1\] is 0.5, not of type int"),
        ({"cut": {"vae": None}}, "cut.vae is None, not of type float"),
        (
            {"objective": {"name": "kd", "direction": "up"}},
            "objective.direction is 'up', not minimize",
        ),
        ({"memorisation": []}, "memorisation is list, not an object"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(entries, said):
    with pytest.raises(RunError, match=said):
        changed(example("image").result, **entries)
