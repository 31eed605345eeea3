import itertools

import numpy as np
import pytest

from autogen.data.split import (
    LARGEST_PART,
    are_values,
    content_sha256,
    copies,
    drawn_rows,
    kept_in_train,
    owners,
    part_sizes,
    split_rows,
    spread_copies,
)
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


def test_a_group_keeps_its_part_when_the_file_is_shuffled():
    found, groups, order = digests(700), np.arange(700) // 7, np.random.default_rng(1).permutation(700)
    shuffled = [found[i] for i in order]
    parts = split_rows(found, groups=groups)
    for name, part in split_rows(shuffled, groups=groups[order]).items():
        assert {shuffled[i] for i in part} == {found[i] for i in parts[name]}
    assert set(parts["train"]) != set(range(len(parts["train"])))


@pytest.mark.parametrize("n", [40, 200, 499, 500, 3000])
@pytest.mark.parametrize("times", [2, 3])
def test_equal_rows_lie_in_one_part(n, times):
    found = [b"%d" % (i // times) for i in range(n)]
    parts = split_rows(found)
    held = {name: {found[i] for i in part} for name, part in parts.items() if name != "select" or n >= 500}
    assert sum(len(values) for values in held.values()) == len(set(found))
    assert sorted(np.concatenate([parts[name] for name in held])) == list(range(n))


@pytest.mark.parametrize("kind", ["equal rows", "groups"])
def test_no_part_gets_the_larger_blocks(kind):
    sizes = np.tile([1, 1, 1, 2, 3, 6], 150)
    block = np.repeat(np.arange(len(sizes)), sizes)
    if kind == "equal rows":
        digests, groups = [b"%d" % one for one in block], None
    else:
        digests, groups = [b"%d" % row for row in range(len(block))], block
    means = {"train": [], "test": []}
    for seed in range(20):
        rows = split_rows(digests, seed, groups)
        for name, found in means.items():
            found.append(len(rows[name]) / len(np.unique(block[rows[name]])))
    assert np.mean(means["train"]) == pytest.approx(sizes.mean(), rel=0.02)
    assert np.mean(means["test"]) == pytest.approx(sizes.mean(), rel=0.05)


def test_parts_keep_their_sizes_where_rows_repeat():
    rng = np.random.default_rng(0)
    found = [b"%d" % i for i in rng.integers(0, 1500, size=2000)]
    for name, part in split_rows(found).items():
        assert abs(len(part) - part_sizes(2000)[name]) <= 10


def test_a_row_too_common_for_one_part_is_dealt_by_how_many_came_before():
    rows = split_rows([b"same"] * 1000)
    assert sorted(np.concatenate(list(rows.values()))) == list(range(1000))
    assert max(rows["test"]) - min(rows["test"]) > 500


def test_values_of_a_table_of_few_different_rows_are_in_every_part():
    found = [b"%d" % (i % 28) for i in range(280)]
    parts = split_rows(found)
    assert {found[i] for i in parts["train"]} == set(found)


def test_common_rows_are_dealt_singly_and_rare_copies_together():
    found = [b"common"] * 600 + [b"%d" % (i // 2) for i in range(400)]
    parts = split_rows(found)
    assert all(b"common" in {found[i] for i in part} for part in parts.values())
    rare = [{found[i] for i in part} - {b"common"} for part in parts.values()]
    assert sum(map(len, rare)) == 200
    assert spread_copies(found, parts) == sum(found[i] == b"common" for i in parts["test"])


def test_equal_rows_of_two_groups_bring_the_groups_together():
    groups = np.arange(600) // 3
    found = [b"twin" if i in (0, 599) else b"%d" % i for i in range(600)]
    parts = split_rows(found, groups=groups)
    homes = {int(i): name for name, part in parts.items() for i in part}
    assert len({homes[i] for i in (0, 1, 2, 597, 598, 599)}) == 1


def test_equal_rows_of_groups_too_large_together_leave_them_apart():
    groups = np.arange(600) // 15  # at most 19 rows stay together
    found = [b"twin" if i in (0, 599) else b"%d" % i for i in range(600)]
    owner = owners(found, groups)
    assert (len(set(owner)), len({owner[0], owner[599]})) == (40, 2)


def test_the_latest_rows_are_tested_on():
    times = np.random.default_rng(0).permutation(1000).astype(float)
    parts = split_rows(digests(1000), times=times)
    spans = [
        (times[parts[name]].min(), times[parts[name]].max()) for name in ("train", "tune", "select", "test")
    ]
    assert all(before[1] < after[0] for before, after in itertools.pairwise(spans))


def test_rows_without_a_time_train():
    times = np.where(np.arange(1000) < 100, np.nan, np.arange(1000))
    assert set(range(100)) <= set(split_rows(digests(1000), times=times)["train"])


def test_a_group_is_as_late_as_its_latest_row():
    groups = np.arange(1000) % 100
    parts = split_rows(digests(1000), groups=groups, times=np.arange(1000.0))
    assert {i % 100 for i in parts["test"]} == set(range(86, 100))


def test_a_seed_changes_the_parts():
    assert set(split_rows(digests(600), 0)["test"]) != set(split_rows(digests(600), 1)["test"])


def test_select_is_tune_below_500_rows():
    rows = split_rows(digests(499))
    assert rows["select"] is rows["tune"]


def test_fewer_than_20_rows_are_refused_and_20_are_split():
    assert {name: len(part) for name, part in split_rows(digests(20)).items()} == {
        "train": 12,
        "tune": 4,
        "select": 4,
        "test": 4,
    }
    with pytest.raises(DataError, match="19 samples; at least 20"):
        split_rows(digests(19))


def test_a_content_hash_knows_no_order_but_counts_copies():
    assert content_sha256([b"a", b"b"]) == content_sha256([b"b", b"a"])
    assert content_sha256([b"a", b"b", b"b"]) != content_sha256([b"a", b"b"])
    assert len(content_sha256([])) == 64


def test_copies_are_counted():
    assert copies([b"a", b"b", b"a", b"a"]) == 2


@pytest.mark.parametrize(("groups", "together"), [(20, True), (19, False)])
def test_groups_are_kept_together_from_twenty_on(groups, together):
    digests = [str(row).encode() for row in range(10 * groups)]
    numbers = np.arange(10 * groups) % groups
    assert len(np.unique(owners(digests, numbers))) == (groups if together else 10 * groups)


def test_an_official_split_is_kept_and_what_it_lacks_is_cut_from_train():
    found, given = digests(1000), ["test" if row % 4 == 0 else "" for row in range(1000)]
    rows = split_rows(found, given=given)
    assert rows["test"].tolist() != list(range(0, 1000, 4))  # in an order that follows from the content
    assert sorted(rows["test"]) == list(range(0, 1000, 4))
    assert {name: len(rows[name]) for name in ("train", "tune", "select")} == {
        "train": 490,
        "tune": 130,
        "select": 130,
    }
    assert sorted(np.concatenate(list(rows.values()))) == list(range(1000))


@pytest.mark.parametrize(("size", "halved"), [(199, False), (200, True), (301, True)])
def test_an_official_tune_of_two_hundred_rows_is_halved(size, halved):
    given = ["tune" if row < size else "test" if row < 2 * size else "train" for row in range(900)]
    rows = split_rows(digests(900), given=given)
    assert sorted(rows["train"]) == list(range(2 * size, 900))
    assert sorted(rows["test"]) == list(range(size, 2 * size))
    if halved:
        assert (len(rows["tune"]), len(rows["select"])) == (size // 2, size - size // 2)
        assert sorted([*rows["tune"], *rows["select"]]) == list(range(size))
    else:
        assert rows["select"] is rows["tune"]
        assert sorted(rows["tune"]) == list(range(size))


@pytest.mark.parametrize(("times", "together"), [(32, True), (33, False), (100, False)])
def test_equal_rows_are_together_up_to_a_quarter_of_what_is_held_out(times, together):
    found = [b"same"] * times + digests(1000 - times)  # 130 rows are held out
    assert (len(np.unique(owners(found)[:times])) == 1) == together


def test_rows_more_common_than_a_quarter_of_what_is_held_out_are_values_and_rarer_ones_are_not():
    found = [b"value"] * 33 + [b"copied"] * 32 + digests(935)
    assert np.flatnonzero(are_values(found)).tolist() == list(range(33))
    assert are_values([b"%d" % (i % 50) for i in range(200)]).all()  # each row four times
    assert not are_values([b"%d" % (i % 51) for i in range(200)]).any()


def test_rows_that_an_earlier_model_knows_and_those_that_belong_to_them_train():
    rows = {name: np.arange(start, start + 10) for start, name in ((0, "train"), (10, "tune"), (30, "test"))}
    rows |= {"select": np.arange(20, 30)}
    owner, known = np.arange(40), np.zeros(40, bool)
    owner[35], known[[3, 12, 25]] = 12, True  # row 35 belongs to row 12
    found = {name: part.tolist() for name, part in kept_in_train(rows, owner, known).items()}
    assert found["train"] == [*range(10), 12, 35, 25]
    assert found["tune"] == [10, 11, *range(13, 20)]
    assert found["select"] == [*range(20, 25), *range(26, 30)]
    assert found["test"] == [*range(30, 35), *range(36, 40)]


@pytest.mark.parametrize(("taken", "left"), [(6, True), (7, False)])
def test_at_least_four_new_rows_of_each_split_are_needed(taken, left):
    rows = {"train": np.arange(10), "tune": np.arange(10, 20), "test": np.arange(20, 30)}
    rows["select"] = rows["tune"]
    known = np.arange(30) < 10 + taken
    if left:
        found = kept_in_train(rows, np.arange(30), known)
        assert [len(found[name]) for name in ("train", "tune", "select", "test")] == [16, 4, 4, 10]
    else:
        with pytest.raises(DataError, match="that 3 are left for the tune split"):
            kept_in_train(rows, np.arange(30), known)


def test_a_draw_of_rows_follows_from_their_content_and_the_seed():
    found, order = digests(300), np.random.default_rng(1).permutation(300)
    drawn = drawn_rows(found, 0, most=50)
    assert (len(drawn), drawn.tolist()) == (50, sorted(set(drawn.tolist())))
    shuffled = [found[i] for i in order]
    assert {shuffled[i] for i in drawn_rows(shuffled, 0, most=50)} == {found[i] for i in drawn}
    assert set(drawn_rows(found, 1, most=50)) != set(drawn)
    assert set(drawn) < set(drawn_rows(found, 0, most=51))


def test_rows_that_belong_together_are_drawn_together_and_one_block_always():
    groups, twins = np.arange(300) // 10, [b"%d" % (row // 2) for row in range(300)]
    drawn = drawn_rows(digests(300), 0, groups, most=59)
    assert (len(drawn), len(set(groups[drawn]))) == (50, 5)
    assert len(drawn_rows(digests(300), 0, groups, most=5)) == 10
    pairs = drawn_rows(digests(300), 0, most=41, equal=twins)
    assert (len(pairs), len({twins[row] for row in pairs})) == (40, 20)
