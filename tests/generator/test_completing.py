"""A text model completes the prompts that it is given."""

import pytest

from autogen.data.texts.codec import TextCodec
from autogen.errors import DataError
from autogen.generator.generator import GeneratedModel
from autogen.hpo.trial import TrialBatch
from tests.generator.text_models import text_model
from tests.training.toys import ToyCodec, toy_task, toy_work


def test_each_opening_is_completed_and_not_repeated(tmp_path):
    model = text_model(tmp_path / "model")
    prompts = ["abc", "a bad cab. " * 3, ""]
    found = model.complete(prompts, seed=1)
    assert len(found) == 3
    assert all(found)
    assert all(len(prompt + text) <= 39 for prompt, text in zip(prompts, found, strict=True))
    assert found == model.complete(prompts, seed=1)
    assert found != model.complete(prompts, seed=2)


def test_many_prompts_are_completed_block_by_block(tmp_path, monkeypatch):
    model = text_model(tmp_path / "model")
    monkeypatch.setattr("autogen.generator.conditioning.block_rows", lambda _: 4)
    prompts = ["abcdefghij"[: 1 + n % 9] for n in range(10)]
    found = model.complete(prompts)
    assert all(len(prompt + text) <= 39 for prompt, text in zip(prompts, found, strict=True))
    assert len(set(found)) == 10
    assert found[:4] == model.complete(prompts[:4])


def test_a_block_of_a_long_text_is_filled(tmp_path):
    model = text_model(tmp_path / "model", codec=TextCodec("abc", 20, True))
    assert [len(text) for text in model.complete(["ab", "abc" * 20])] == [18, 10]


def test_a_family_that_cannot_complete_texts_says_so_in_one_line(tmp_path):
    with pytest.raises(DataError, match="cannot complete texts; search with --families autoregressive"):
        text_model(tmp_path / "model", "vae").complete(["abc"])


@pytest.mark.usefixtures("toys")
def test_a_model_of_other_data_says_so_in_one_line(tmp_path):
    toy_work()(TrialBatch((toy_task(rungs=(3,)),), str(tmp_path)), lambda _: [True])
    with pytest.raises(DataError, match="this model generates toy data"):
        GeneratedModel.of_trial(tmp_path / "0000", ToyCodec()).complete(["abc"])


def test_texts_that_begin_with_a_prompt_are_printed_and_written(tmp_path, command_line):
    made = tmp_path / "model"
    text_model(made)
    code, out, _ = command_line("sample", made, "--prompt", "abc", "-n", "3")
    lines = out.split("\n")[:-1]
    assert (code, len(set(lines))) == (0, 3)
    assert all(line.startswith("abc") for line in lines)
    file = tmp_path / "three.txt"
    assert command_line("sample", made, "--prompt", "abc", "-n", "3", "-o", file)[0] == 0
    written = file.read_text().split("\n")[:3]
    assert [" ".join(line.split()) for line in written] == lines  # a terminal gets no run of spaces
    code, _, err = command_line("sample", made, "--prompt", "abc", "--format", "jsonl")
    assert (code, err.count("\n")) == (2, 1)
    assert "leave out --condition and --format" in err
