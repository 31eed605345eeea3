"""Tokens of several bytes: learned on the train split alone, exact, kept as numbers."""

import builtins
import json

import numpy as np
import pytest

from autogen.data.open import codec_from_json, open_data
from autogen.data.texts.bpe import BytePairs, usual_size
from autogen.errors import DataError
from autogen.families.baselines.texts import NGramModel, Unigram
from autogen.metrics.texts.reverse_ngram import ReverseNGram
from tests.data.texts.makers import words

BPE = {"tokens": "bpe"}
ODD = ["héé 😀 中文\t \r\n", "", "a\u0301\u200d\x00\ufffd", "👩‍👩‍👧‍👦" * 3, " two  spaces ", "日本語テキスト"]


def sentences(n, seed=0):
    found = words(8 * n, seed)
    return [" ".join(found[8 * i : 8 * i + 8]) for i in range(n)]


@pytest.fixture(scope="module")
def pairs():
    return BytePairs.learn(sentences(300), 400)


@pytest.mark.parametrize("text", [*ODD, *sentences(5, seed=1)])
def test_every_text_comes_back_exactly(pairs, text):
    tokens, lengths = pairs.flat([text])
    assert lengths.tolist() == [len(tokens)]
    assert pairs.text(tokens) == text.encode()


def test_frequent_stretches_become_one_token(pairs):
    texts = sentences(50, seed=1)
    assert len(pairs.pieces) == 400
    assert len(pairs.flat(texts)[0]) < 0.6 * len("".join(texts).encode())


def test_pairs_written_as_numbers_cut_texts_in_the_same_way(pairs):
    again = BytePairs(json.loads(json.dumps(pairs.pairs)))
    texts = [*ODD, *sentences(20, seed=2)]
    assert np.array_equal(again.flat(texts)[0], pairs.flat(texts)[0])


def test_equal_texts_give_equal_pairs(pairs):
    assert BytePairs.learn(sentences(300), 400).pairs == pairs.pairs


@pytest.mark.parametrize("pair", [(0, 256), (-1, 3), (1,), ("a", "b"), (1.0, 2), (True, 2)])
def test_damaged_pairs_are_refused(pair):
    with pytest.raises(DataError, match="pair of two earlier tokens"):
        BytePairs([pair])


def test_tokens_are_learned_from_the_train_split_alone():
    texts = sentences(400)
    data = open_data(texts, options=BPE)
    unseen = [f"{text} xyzzyq xyzzyq xyzzyq" if i not in set(data.rows["train"]) else text
              for i, text in enumerate(texts)]  # fmt: skip
    learned = data.kind.fit(data.kind.read(unseen, BPE), data.rows["train"])
    assert learned.pairs.pairs == data.codec.pairs.pairs
    everything = data.kind.fit(data.kind.read(unseen, BPE), np.arange(400))
    assert any(b"xyzzyq" in piece for piece in everything.pairs.pieces)


@pytest.mark.parametrize(
    "source", [sentences(200), ["\n\n".join(sentences(200))]], ids=["documents", "blocks"]
)
def test_a_codec_keeps_its_spec_and_survives_its_json(source):
    data = open_data(source, options=BPE)
    again = codec_from_json(json.loads(json.dumps(data.codec.to_json())))
    rows, spec = data.encoded("test")["tokens"], data.codec.spec
    assert again.spec == spec
    assert np.array_equal(again.encode(data.split("test"))["tokens"], rows)
    assert again.decode({"tokens": rows}) == data.split("test")
    assert rows.max() < spec.levels
    assert not np.isin(rows, (spec.begin, spec.unknown)).any()
    if not spec.stream:
        assert ((rows == spec.end).sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    "letters", ["abcdefgh", "".join(chr(0x4E00 + i) for i in range(400))], ids=["few", "many"]
)
def test_a_drawn_block_holds_no_more_than_a_real_one(letters):
    rng = np.random.default_rng(0)
    data = open_data(["".join(rng.choice(list(letters), 6000))], options={**BPE, "vocabulary": 300})
    rows = rng.integers(4, data.codec.spec.levels, (20, data.codec.spec.length))
    room = data.codec.reading.spec.length
    made = data.codec.decode({"tokens": rows})
    assert max(map(len, made)) <= room  # U+FFFD for broken bytes is one character


def test_scores_and_baselines_do_not_hang_on_the_tokens():
    texts = sentences(120)
    plain, joined = open_data(texts), open_data(texts, options=BPE)
    metric, fake = ReverseNGram(), sentences(60, seed=3)
    scores = [metric.score(metric.prepare(texts, data.codec), fake) for data in (plain, joined)]
    assert scores[0] == scores[1]
    for baseline in (Unigram, NGramModel):
        drawn = []
        for data in (plain, joined):
            model = baseline()
            model.fit(texts, data.codec)
            drawn.append(model.sample(20, np.random.default_rng(0)))
        assert drawn[0] == drawn[1]


def test_the_vocabulary_grows_with_the_corpus_and_can_be_set():
    assert [usual_size(size) for size in (1000, 500_000, 1_100_000, 10**9)] == [512, 1024, 2048, 4096]
    assert open_data(sentences(100), options={**BPE, "vocabulary": 300}).codec.spec.levels == 304


@pytest.mark.parametrize(
    "options", [{"vocabulary": 300}, {**BPE, "vocabulary": 256}, {**BPE, "vocabulary": "x"}]
)
def test_a_vocabulary_that_cannot_be_is_refused(options):
    with pytest.raises(DataError, match="vocabulary"):
        open_data(sentences(30), options=options)


def test_without_the_library_one_line_says_what_to_install(monkeypatch):
    original = builtins.__import__

    def refusing(name, *rest):
        if name == "tokenizers":
            raise ImportError(name)
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refusing)
    with pytest.raises(DataError, match=r"pip install tokenizers"):
        open_data(sentences(30), options=BPE)


def test_bytes_spell_no_character_that_cleaned_texts_lack():
    for tokens in ("bytes", "bpe"):
        codec = open_data(sentences(30), options={"tokens": tokens}).codec
        rows = np.array([[4 + 13, 4 + ord("a"), 4, 4 + 10, 4 + ord("b"), codec.spec.end]])
        assert codec.decode({"tokens": rows}) == ["a\nb"]


def test_an_opening_is_cut_into_the_same_tokens():
    codec = open_data(sentences(100), options=BPE).codec
    rows = codec.encode_openings(["ba bra", ""])
    assert codec.decode({"tokens": rows}) == ["ba bra", ""]
    with pytest.raises(DataError, match=r"prompt 1 has \d+ tokens"):
        codec.encode_openings([" ".join(sentences(20))])
