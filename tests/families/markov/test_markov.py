"""Variable-order Markov models: what they learn, draw, keep and refuse."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from autogen.data.specs import SequenceSpec, TableSpec
from autogen.errors import SpaceError
from autogen.families.base import parse_config
from autogen.families.markov.markov import Markov
from autogen.testing.families import SPECS, samples_of
from autogen.training.grown import GrownProgram
from autogen.training.noise import KeyedNoise

SPEC = SequenceSpec(9, 12)


def program(arrays, spec=SPEC, steps=3, seed=0, **settings):
    family = Markov()
    training = {"transpose", "most_tokens"}
    config = {"family": "markov", "training.steps": 3}
    config |= {f"{'training' if name in training else 'model'}.{name}": v for name, v in settings.items()}
    made = GrownProgram(family, parse_config(family, config), spec, arrays, seed)
    made.advance(steps)
    return made


def rows_of(*texts):
    """Rows of symbols 4, 5 ... for texts of letters a, b ..."""
    found = np.zeros((len(texts), SPEC.length), dtype=np.int64)
    for row, text in zip(found, texts, strict=True):
        row[: len(text) + 1] = [*(4 + ord(letter) - ord("a") for letter in text), SPEC.end]
    return {"tokens": found}


def texts_of(arrays):
    """Texts for rows."""
    rows = arrays["tokens"]
    return ["".join(chr(ord("a") + code - 4) for code in row if code > SPEC.unknown) for row in rows]


def test_without_contexts_tokens_come_as_often_as_in_training():
    made = program(rows_of(*["aaab"] * 30, *["abbb"] * 10), order=1)
    drawn = made.sample(4000, 0)["tokens"]
    shares = [np.mean(drawn[drawn > 0] == token) for token in (4, 5, SPEC.end)]
    assert np.allclose(shares, [0.5, 0.3, 0.2], atol=0.02)


def test_what_always_follows_follows():
    made = program(rows_of(*["abcabcabc"] * 20), order=2)
    texts = texts_of(made.sample(300, 0))
    right = sum(later == "bca"["abc".index(one)] for text in texts for one, later in pairwise(text))
    assert right > 0.97 * sum(len(text) - 1 for text in texts if text)


def test_rows_seen_once_are_recited_only_where_single_contexts_are_kept():
    rng = np.random.default_rng(0)
    texts = {"".join(rng.choice(list("abcde"), 10)) for _ in range(300)}
    rows = rows_of(*texts)
    made = [program(rows, order=8, fewest=fewest, discount=0.3) for fewest in (1, 10)]
    recited = [len(texts.intersection(texts_of(one.sample(500, 0)))) for one in made]
    assert recited[0] > 50
    assert recited[1] < 5


def test_a_later_rung_counts_more_rows():
    made, counted = program(rows_of(*["abab"] * 60), steps=0, counts="all"), []
    for step in (1, 2, 3):
        made.advance(step)
        counted.append(float(made.average.orders[0].all.total.sum()))
    assert counted == [100, 200, 300]


def test_no_more_tokens_are_counted_than_asked_for():
    made = program(rows_of(*["abab"] * 60), most_tokens=100, counts="all")
    assert made.average.orders[0].all.total.sum() == 100


def test_an_opening_is_continued():
    made = program(rows_of(*["abcd"] * 20, *["dcba"] * 20), order=5)
    given = torch.zeros(40, SPEC.length, dtype=torch.int64)
    given[:, 0] = 4 + 3
    assert made.family.supports_completion(made.average)
    texts = texts_of(made.family.complete(made.average, {"tokens": given}, KeyedNoise(0).at(0, 0)))
    assert all(text.startswith("d") for text in texts)
    assert sum(text == "dcba" for text in texts) > 10
    assert not made.family.supports_completion(Markov().build(made.config, SPECS["frames"]))


def lengths_of(arrays):
    return (arrays["tokens"] != SPEC.pad).sum(axis=1)


def test_rows_are_as_long_as_those_of_training_and_end_where_these_do():
    # Tunes of 7 or 10 notes that end on a or b: by context alone, a row may end at every a and b.
    rng = np.random.default_rng(0)
    tunes = ["".join(rng.choice(list("abcde"), n - 1)) + rng.choice(["a", "b"]) for n in [7, 10] * 200]
    rows = rows_of(*tunes)
    free, drawn = (program(rows, order=3, ends=ends).sample(600, 0) for ends in ("context", "length"))
    assert np.mean(lengths_of(free) < 7) > 0.3  # geometric lengths
    lengths = lengths_of(drawn)
    assert np.mean(lengths < 8) == 0
    assert np.mean(np.isin(lengths, [8, 11])) > 0.4  # the end is at the next place where rows end
    assert np.mean((lengths >= 8) & (lengths < 11)) == pytest.approx(0.5, abs=0.08)
    last = drawn["tokens"][np.arange(600), lengths - 2]
    inside = lengths < 11  # no row is longer than the longest of training: that ends wherever it is
    assert set(last[inside]) == {4, 5}


def test_rows_of_one_length_stay_of_that_length():
    drawn = program(rows_of(*["abab"] * 30, *["baba"] * 30), order=2, ends="length").sample(300, 0)
    assert set(lengths_of(drawn)) == {5}


def test_an_opening_makes_no_row_shorter_than_itself():
    made = program(rows_of(*["ab", "abab", "ababab"] * 40), order=2, ends="length")
    given = torch.zeros(200, SPEC.length, dtype=torch.int64)
    given[:, :4] = torch.tensor([4, 5, 4, 5])
    found = made.family.complete(made.average, {"tokens": given}, KeyedNoise(0).at(0, 0))["tokens"]
    texts = texts_of({"tokens": found.numpy()})
    assert all(text.startswith("abab") for text in texts)
    shares = [texts.count(text) / 200 for text in ("abab", "ababab")]
    assert shares == pytest.approx([0.5, 0.5], abs=0.15)


def test_piano_rolls_are_as_long_as_those_of_training():
    spec = SPECS["frames"]
    real = samples_of(spec)["frames"]
    made = program({"frames": real}, spec, order=7, fewest=1, discount=0.2, ends="length")
    drawn = made.sample(300, 0)["frames"]
    shares = [frames[..., 0].sum(axis=1).mean() for frames in (real, drawn)]
    assert shares[1] == pytest.approx(shares[0], rel=0.1)


def test_a_model_that_was_saved_before_rows_had_drawn_lengths_is_loaded():
    arrays = rows_of(*["abcab", "bcabc"] * 20)
    made, fresh = program(arrays), program(arrays, steps=0)
    state = dict(made.state())
    former = {name.replace("lengths", "longest"): tensor for name, tensor in state.items()}
    assert former.keys() != state.keys()
    fresh.restore(former, 3)
    assert texts_of(fresh.sample(50, 1)) == texts_of(made.sample(50, 1))


def test_transposed_tunes_are_counted_too():
    spec = SequenceSpec(20, 12, pitches=(4, 16))
    tune = np.zeros((20, 12), dtype=np.int64)
    tune[:, :4] = [8, 9, 10, spec.end]
    plain, moved = (program({"tokens": tune}, spec, transpose=t, order=2).sample(400, 0) for t in (0, 2))
    seen = [set(np.unique(drawn["tokens"][drawn["tokens"] > 3])) for drawn in (plain, moved)]
    assert np.mean(np.isin(plain["tokens"][plain["tokens"] > 3], [8, 9, 10])) > 0.95
    assert {6, 7, 11, 12} <= seen[1]


def test_piano_rolls_are_drawn_with_the_notes_of_training():
    spec = SPECS["frames"]
    real = samples_of(spec)["frames"]
    drawn = program({"frames": real}, spec, order=7, fewest=1, discount=0.2).sample(200, 0)["frames"]
    most = drawn[..., 1:].sum(axis=2).max()
    assert most <= spec.voices
    shares = [frames[..., 1:].sum() / frames[..., 0].sum() for frames in (real, drawn)]
    assert shares[1] == pytest.approx(shares[0], rel=0.15)


def test_a_stopped_model_goes_on_to_the_same_counts():
    arrays = rows_of(*["abcab", "bcabc", "cabca"] * 20)
    whole, part, later = program(arrays), program(arrays, steps=0), program(arrays, steps=0)
    part.advance(2)
    later.restore(part.state(), 2)
    later.advance(3)
    assert all(torch.equal(later.state()[name], tensor) for name, tensor in whole.state().items())


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("kept", torch.tensor([float("nan")])),
        ("total", torch.tensor([-1.0])),
        ("sizes", torch.tensor([[1, -1]])),
        ("grams", torch.tensor([99])),
        ("contexts", torch.tensor([1, 2])),
        ("lengths", torch.tensor([10**12])),
        ("lengths", torch.tensor([5, 4])),
        ("lengths", torch.zeros(0, dtype=torch.int64)),
    ],
)
def test_counts_that_do_not_fit_together_are_refused(name, wrong):
    arrays = rows_of(*["ab"] * 10)
    state, fresh = program(arrays, order=1).state(), program(arrays, steps=0)
    if name in ("kept", "total", "grams"):
        wrong = wrong.expand(len(state[name])).contiguous()
    with pytest.raises(RuntimeError, match="count|sizes|codes|context|longest|lengths"):
        fresh.restore(state | {name: wrong}, 1)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"order": 0}, "model.order is from 1 to 100; got 0"),
        ({"counts": "some"}, "one of distinct, all"),
        ({"ends": "never"}, "model.ends must be one of context, length"),
        ({"units": "bars"}, "model.units must be one of tokens, notes"),
        ({"discount": 0.0}, "model.discount must be above 0"),
        ({"transpose": -1}, "training.transpose must be at least 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, why):
    with pytest.raises(SpaceError, match=why):
        program(rows_of("ab"), **settings)


def test_a_table_is_refused():
    with pytest.raises(SpaceError, match="texts and music"):
        Markov().build(parse_config(Markov(), {"family": "markov"}), TableSpec(()))
