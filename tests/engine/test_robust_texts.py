"""Texts that break tools: through the command line to a verdict and samples, or refused in one clear line."""

import json
from typing import get_args

import pytest

import autogen
from autogen.report.schema import VerdictKind
from tests.data.texts.makers import words

SPACE = """
about = "A few steps, for tests."
[vae.model]
width = 16
depth = 1
latent_dim = 4
components = 2
[vae.training]
steps = 20
batch_size = 32
[gan.model]
net = "gru"
width = 16
depth = 1
channels = 4
critic_depth = 1
window = 16
[gan.training]
steps = 10
batch_size = 16
[autoregressive.model]
net = "gru"
width = 16
depth = 1
[autoregressive.training]
steps = 20
batch_size = 32
"""


@pytest.fixture
def space(tmp_path):
    path = tmp_path / "space.toml"
    path.write_text(SPACE)
    return str(path)


def gone_through(source, space, run, **settings):
    return autogen.search(source, space=space, budget="3trials", workers=1, finalists=1, out=run, **settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("😀😂🎉👍🏽👩‍👧🔥" * 200, {}),
        (" ".join(words(600)), {"tokens": "bpe", "vocabulary": 300}),
    ],
    ids=["emoji", "one line"],
)
def test_odd_texts_go_through_to_a_verdict_and_samples(content, options, space, tmp_path):
    (tmp_path / "odd.txt").write_bytes(content.encode())
    run = tmp_path / "run"
    result = gone_through(tmp_path / "odd.txt", space, run, options=options)
    assert result.verdict in get_args(VerdictKind)
    assert (run / "report.html").exists()
    assert json.loads((run / "result.json").read_text())["data"]["notes"]
    made = autogen.load(run).sample(20)
    assert len(made) == 20
    assert all("\r" not in text for text in made)
    assert not [path for path in run.rglob("*") if path.suffix in (".pkl", ".pt", ".pickle")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("short.txt", " ".join(words(100))[:200], "holds 200 characters"),
        ("broken.jsonl", '{"text": "a"}\n{"text": \n' * 30, "line 2 is no JSON"),
    ],
)
def test_a_file_of_too_little_or_broken_text_is_refused_in_one_line(
    command_line, name, content, said, tmp_path
):
    (tmp_path / name).write_text(content)
    code, _, err = command_line("run", name, "--budget", "1trials", "--workers", "1", "--out", "run")
    assert code == 2
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err
    assert not (tmp_path / "run").exists()
