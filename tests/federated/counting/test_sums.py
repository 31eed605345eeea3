"""Counts on their way: what is added is what was counted, and what is no count of the question is refused."""

import pytest
import torch

from autogen.errors import RunError
from autogen.federated.counting.sums import add_counts, packed_counts

SHAPES = {"a": (2, 3), "b": (4,)}
COUNTS = {"a": torch.tensor([[0, 2, 0], [0, 0, 7]]), "b": torch.tensor([1, 0, 0, 3])}


def zeros():
    return {name: torch.zeros(shape, dtype=torch.int64) for name, shape in SHAPES.items()}


def test_counts_of_two_owners_are_added():
    total = zeros()
    for _ in range(2):
        add_counts(total, packed_counts(COUNTS), SHAPES, 10)
    assert all(torch.equal(total[name], 2 * one) for name, one in COUNTS.items())


def test_only_what_is_not_zero_travels():
    assert packed_counts(COUNTS)["at.a"].tolist() == [1, 5]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"count.b": torch.tensor([1, 11], dtype=torch.int32)}, "more rows than it has"),
        ({"count.b": torch.tensor([1, -3], dtype=torch.int32)}, "fewer than none"),
        ({"at.b": torch.tensor([0, 4], dtype=torch.int32)}, "groups that were not asked for"),
        ({"at.b": torch.tensor([-1, 3], dtype=torch.int32)}, "groups that were not asked for"),
        ({"at.b": torch.tensor([3, 3], dtype=torch.int32)}, "groups that were not asked for"),
        ({"count.b": torch.tensor([1.0, float("nan")])}, "another shape or number format"),
        ({"at.b": torch.tensor([[0, 3]], dtype=torch.int32)}, "another shape or number format"),
        ({"at.b": torch.tensor([0], dtype=torch.int32)}, "another shape or number format"),
        ({"at.c": torch.tensor([0], dtype=torch.int32)}, "not those that were asked for"),
    ],
)
def test_what_is_no_count_is_refused_and_adds_nothing(changed, said):
    total = zeros()
    with pytest.raises(RunError, match=said):
        add_counts(total, packed_counts(COUNTS) | changed, SHAPES, 10)
    assert all(int(one.sum()) == 0 for one in total.values())


def test_groups_that_each_fit_may_not_have_more_rows_than_there_are_together():
    full = packed_counts({name: torch.full(shape, 10) for name, shape in SHAPES.items()})
    for times in (1, 3):
        total = zeros()
        with pytest.raises(RunError, match="in all groups together"):
            add_counts(total, full, SHAPES, 10, times)
        assert all(int(one.sum()) == 0 for one in total.values())
    add_counts(zeros(), full, SHAPES, 10, 6)
