"""A run's model answers prompts, and its answers are judged."""

import json
from functools import partial

import pandas as pd
import pytest

from autogen.errors import DataError
from autogen.generator.answers import answered
from tests.generator.text_models import text_model
from tests.judging.real_text import chapters

PROMPTS = ["bad?", "a cab?", "dig?", "high. ice?"]


@pytest.fixture
def prompts(tmp_path):
    path = tmp_path / "prompts.jsonl"
    rows = [{"q": text, "again": text + " abc", "gold": chapters()[at]} for at, text in enumerate(PROMPTS)]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_the_question_is_the_prompt_unless_another_column_is(tmp_path, prompts):
    model = text_model(tmp_path / "model")
    by_question = answered(tmp_path / "model", prompts, {"question": "q"}, seed=5)
    assert list(by_question["generated"]) == [text.strip() for text in model.complete(PROMPTS, seed=5)]
    first = answered(tmp_path / "model", prompts, {"question": "q"}, seed=5, n=2)
    assert list(first["generated"]) == [text.strip() for text in model.complete(PROMPTS[:2], seed=5)]
    by_prompt = answered(tmp_path / "model", prompts, {"question": "q", "prompt": "again"}, seed=5)
    assert list(by_prompt.columns) == ["q", "again", "gold", "generated"]
    assert list(by_prompt["generated"]) != list(by_question["generated"])


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({}, "a column named prompt or question, but the table has .*; name theirs with --prompt"),
        ({"prompt": "Q"}, "no column 'Q' for"),
    ],
)
def test_prompts_that_are_not_there_are_one_clear_line(tmp_path, prompts, columns, match):
    with pytest.raises(DataError, match=match):
        answered(tmp_path / "model", prompts, columns)


def test_answers_that_are_there_already_are_not_overwritten(tmp_path):
    pd.DataFrame({"question": ["a"], "generated": ["b"]}).to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(DataError, match="has a column generated already"):
        answered(tmp_path / "model", tmp_path / "p.csv", {})


@pytest.fixture
def call(command_line):
    return partial(command_line, "judge")


def test_the_command_judges_what_a_runs_model_writes(call, tmp_path, prompts):
    text_model(tmp_path / "model")
    asked = ("--run", "model", "--prompts", prompts, "--question", "q", "--truth", "gold")
    place = ("--embeddings", "tfidf-svd", "--metric", "similarity", "-o", "out.jsonl")
    code, out, err = call(*asked, *place)
    assert code == 0, err
    assert "similarity.embedded" in out
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["q"] for row in rows] == PROMPTS
    assert all(row["generated"] for row in rows)
    assert {row["similarity.embedded.status"] for row in rows} <= {"ok", "missing"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "needs FILE with answers, or --run RUN --prompts FILE"),
        (("--prompts", "p.csv"), "go with --run RUN"),
        (("--run", "model"), "goes with --prompts FILE"),
        (("a.csv", "--run", "model", "--prompts", "p.csv"), "no FILE"),
        (("--run", "model", "--prompts", "p.csv", "--answer", "a"), "no --answer"),
    ],
)
def test_what_does_not_go_together_is_one_line(call, arguments, said):
    code, _, err = call(*arguments, "-o", "out.csv")
    assert code == 2
    assert err.startswith("error: ")
    assert said in err
