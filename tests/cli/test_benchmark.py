"""`autogen benchmark` on the command line, in this process and on a cluster of one machine."""

import json
from functools import partial

import pytest

from autogen.benchmarking.events import End, decode
from autogen.hpo.study.journal import read

PLAN = """
about = "One step."
seeds = 1
[spaces]
image = "image_tiny"
[sets.digits]
rows = 100
[models.small]
family = "vae"
model = { width = 16, depth = 1 }
training = { steps = 1 }
"""


@pytest.fixture
def call(command_line, tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN)
    return partial(command_line, "benchmark")


@pytest.mark.slow
def test_it_tells_each_cell_and_ends_with_a_table(call, tmp_path):
    code, out, err = call("plan.toml", "--out", "bench", "--workers", 1)
    assert code == 0
    assert [line.split("  ")[0] for line in err.splitlines()] == [f"{n}/6" for n in range(1, 7)]
    assert "small" in out
    assert "mean ranks" in out
    assert "needs at least 3" in out
    assert (tmp_path / "bench/benchmark.html").exists()
    code, out, err = call("plan.toml", "--out", "bench", "--workers", 1, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["cells"] == {"complete": 6}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.toml", "--out", "bench"), "cannot read the plan nowhere.toml"),
        (("tinny", "--out", "bench"), "unknown plan 'tinny'"),
        (("plan.toml", "--out", "."), "not empty and holds no benchmark"),
        (("plan.toml", "--out", "bench", "--executor", "rai"), "unknown executor 'rai'"),
        (("plan.toml", "--out", "bench", "--address", "auto"), "address is an option of the executor ray"),
    ],
)
def test_a_users_error_is_one_line(call, arguments, says):
    code, out, err = call(*arguments)
    assert code == 2
    assert out == ""
    assert says in err
    assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_on_a_cluster_it_comes_to_the_same_scores(call, tmp_path):
    pytest.importorskip("ray")
    assert call("plan.toml", "--out", "here", "--workers", 1, "--quiet")[0] == 0
    ray = ("--executor", "ray", "--address", "local", "--workers", 1, "--quiet")
    assert call("plan.toml", "--out", "there", *ray)[0] == 0
    scores = [
        {
            event.key: event.scored.score
            for event in read(tmp_path / folder / "journal.jsonl", decode)
            if isinstance(event, End)
        }
        for folder in ("here", "there")
    ]
    assert scores[0] == scores[1]
