"""Two systems compared by a judge that a test has scripted: both orders, ties, rates, controls."""

import json
import sys

import numpy as np
import pandas as pd
import pytest

from autogen.cli import app as cli
from autogen.errors import DataError, MetricError
from autogen.judging.pairwise import compare, wilson
from tests.judging.llm.fake_server import grade, serving
from tests.judging.test_command import COLUMNS
from tests.judging.test_command import answers as many_answers

__all__ = ["many_answers"]  # a fixture


@pytest.fixture
def answers(many_answers):
    """Twelve questions with an answer of each system."""
    return many_answers.head(24)


def parts(body):
    told = body["messages"][1]["content"]
    names = ("FIRST ANSWER", "SECOND ANSWER")
    first, second = (told.split(f"<<<{name}\n")[1].split(f"\n{name}>>>")[0] for name in names)
    context = told.split("<<<CONTEXT\n")[1].split("\nCONTEXT>>>")[0]
    return first, second, context


def fair(_, body):
    """Prefers the answer that stands in the context, wherever it stands; it is right."""
    first, second, context = parts(body)
    return grade(3 + 2 * ((second in context) - (first in context)))


def compared(answers, server, tmp_path, *more, **settings):
    pytest.importorskip("openai", reason="the extra `judge` is not installed")
    place = {"endpoint": server.url, "model": "m", "cache": tmp_path / "cache.sqlite"}
    return compare(answers, *more, metrics="groundedness", **COLUMNS, **place, **settings)


@pytest.mark.slow
def test_the_better_system_wins_and_both_orders_are_asked(answers, tmp_path):
    with serving(fair) as server:
        found = compared(answers, server, tmp_path)
        pairs = [parts(body)[:2] for body in server.bodies]
    row = found.rates.iloc[0]
    assert (row["first"], row["second"], row["n"]) == ("quotes", "strays", 12)
    assert (row["wins"], row["losses"], row["win_rate"], row["alike"]) == (12, 0, 1.0, 1.0)
    assert 0.7 < row["low"] < 1.0
    assert set(found.table["groundedness.judge.better"]) == {"quotes"}
    own = list(zip(found.table["answer of quotes"], found.table["answer of strays"], strict=True))
    assert {pair for one in own for pair in (one, one[::-1])} <= set(pairs)
    assert "prefers 1.00 of 10 sound answers" in str(found)
    assert "UNRELIABLE" not in str(found)


@pytest.mark.slow
def test_a_judge_that_likes_what_stands_first_makes_ties_and_is_unreliable(answers, tmp_path):
    with serving(lambda *_: grade(1)) as server:
        found = compared(answers, server, tmp_path)
    row = found.rates.iloc[0]
    assert (row["ties"], row["win_rate"], row["alike"]) == (12, 0.5, 0.0)
    assert row["low"] < 0.5 < row["high"]
    assert found.table["groundedness.judge.reason"].str.startswith("the orders disagree").all()
    assert "UNRELIABLE" in str(found)


@pytest.mark.slow
def test_better_in_one_order_and_equal_in_the_other_is_a_tie(answers, tmp_path):
    with serving(
        lambda number, body: fair(number, body) if parts(body)[0] in parts(body)[2] else grade(3)
    ) as s:
        found = compared(answers, s, tmp_path)
    assert set(found.table["groundedness.judge.better"]) == {"tie"}


@pytest.mark.slow
def test_empty_answers_are_skipped_and_bad_replies_are_missing(answers, tmp_path):
    answers = answers.copy()
    answers.loc[0, "a"] = ""
    lost = answers.loc[3, "a"]
    with serving(lambda n, body: grade(17) if lost in parts(body)[:2] else fair(n, body)) as server:
        found = compared(answers, server, tmp_path)
    row = found.rates.iloc[0]
    assert (row["skipped"], row["missing"], row["n"]) == (1, 2, 9)  # the next system quotes it too
    assert found.table["groundedness.judge.status"][0] == "skipped"
    assert "17 is no score from 1 to 5" in found.table["groundedness.judge.reason"][1]


@pytest.mark.slow
def test_a_second_comparison_asks_nothing(answers, tmp_path):
    with serving(fair) as server:
        first = compared(answers, server, tmp_path)
        second = compared(answers, server, tmp_path)
    assert first.calls > 0 == second.calls
    pd.testing.assert_frame_equal(first.table, second.table)


@pytest.mark.slow
def test_two_tables_are_paired_by_their_questions(answers, tmp_path):
    sets = [answers[answers["who"] == name].drop(columns="who") for name in ("quotes", "strays")]
    with serving(fair) as server:
        place = {"endpoint": server.url, "model": "m", "cache": tmp_path / "cache.sqlite"}
        columns = {role: name for role, name in COLUMNS.items() if role != "system"}
        mixed = sets[1].sample(frac=1, random_state=0)[:9]
        found = compare(sets[0], mixed, "groundedness", names=("a", "b"), **columns, **place)
    assert found.rates["wins"][0] == 9
    assert list(found.table.columns[:3]) == ["question", "answer of a", "answer of b"]


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (lambda t: t.assign(who="one"), DataError, "a comparison needs two systems.*got 'one'"),
        (lambda t: t.assign(q=np.arange(len(t)).astype(str)), DataError, "no question in common"),
        (lambda t: t.drop(columns="q"), DataError, "no column 'q'"),
    ],
)
def test_what_cannot_be_paired_is_one_clear_line(answers, tmp_path, change, error, match):
    with serving(fair) as server, pytest.raises(error, match=match):
        compared(change(answers), server, tmp_path)


def test_only_language_models_compare(answers):
    with pytest.raises(MetricError, match=r"fluency.judge, not .embedded"):
        compare(answers, metrics="fluency.embedded", **COLUMNS)


def test_an_interval_of_wilsons():
    assert wilson(0.8, 10) == pytest.approx((0.490, 0.943), abs=1e-3)
    assert wilson(1.0, 10) == pytest.approx((0.722, 1.0), abs=1e-3)


@pytest.mark.slow
def test_the_command_compares_two_files(answers, tmp_path, monkeypatch, capsys):
    pytest.importorskip("openai", reason="the extra `judge` is not installed")
    for name in ("quotes", "strays"):
        answers[answers["who"] == name].to_csv(tmp_path / f"{name}.csv", index=False)
    monkeypatch.chdir(tmp_path)
    with serving(fair) as server:
        place = ["--endpoint", server.url, "--model", "m", "--cache", "cache.sqlite"]
        named = ["--question", "q", "--answer", "a", "--context", "c", "--metric", "groundedness"]
        files = ["quotes.csv", "--pairwise", "--against", "strays.csv", "-o", "out.jsonl"]
        monkeypatch.setattr(sys, "argv", ["autogen", "judge", *files, *named, *place])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
    assert stopped.value.code == 0
    assert "quotes" in capsys.readouterr().out
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {row["groundedness.judge.better"] for row in rows} == {"quotes"}
