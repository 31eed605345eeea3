import numpy as np
import pytest

from autogen.data.split import LARGEST_PART, content_sha256, copies, part_sizes, split_rows
from autogen.errors import DataError


def digests(n: int) -> list[bytes]:
    return [b"%d" % i for i in range(n)]


@pytest.mark.parametrize(
    ("n", "sizes"),
    [
        (20, {"train": 12, "tune": 4, "test": 4}),
        (499, {"train": 299, "tune": 100, "test": 100}),
        (500, {"train": 300, "tune": 65, "select": 65, "test": 70}),
        (1000, {"train": 600, "tune": 130, "select": 130, "test": 140}),
        (1_000_000, {"train": 985_000, "tune": 5000, "select": 5000, "test": 5000}),
    ],
)
def test_parts_have_the_sizes_that_the_rule_says(n, sizes):
    assert part_sizes(n) == sizes


def test_no_part_for_evaluation_is_larger_than_the_cap():
    rows = split_rows(digests(60_000))
    assert {name: len(part) for name, part in rows.items() if name != "train"} == dict.fromkeys(
        ("tune", "select", "test"), LARGEST_PART
    )


def test_a_row_keeps_its_part_when_the_file_is_shuffled():
    found = digests(700)
    order = np.random.default_rng(1).permutation(700)
    shuffled = [found[i] for i in order]
    for name, part in split_rows(found).items():
        assert [found[i] for i in part] == [shuffled[i] for i in split_rows(shuffled)[name]]


def test_copies_of_a_row_are_spread_by_how_many_came_before():
    rows = split_rows([b"same"] * 1000)
    assert sorted(np.concatenate(list(rows.values()))) == list(range(1000))
    assert max(rows["test"]) - min(rows["test"]) > 500


def test_a_seed_changes_the_parts():
    assert set(split_rows(digests(600), 0)["test"]) != set(split_rows(digests(600), 1)["test"])


def test_select_is_tune_below_500_rows():
    rows = split_rows(digests(499))
    assert rows["select"] is rows["tune"]


def test_fewer_than_20_rows_are_refused():
    with pytest.raises(DataError, match="19 samples; at least 20"):
        split_rows(digests(19))


def test_a_content_hash_knows_no_order_but_counts_copies():
    assert content_sha256([b"a", b"b"]) == content_sha256([b"b", b"a"])
    assert content_sha256([b"a", b"b", b"b"]) != content_sha256([b"a", b"b"])
    assert len(content_sha256([])) == 64


def test_copies_are_counted():
    assert copies([b"a", b"b", b"a", b"a"]) == 2
