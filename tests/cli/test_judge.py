import json
from functools import partial

import pandas as pd
import pytest

from autogen.judging.llm import limits
from tests.judging.llm.fake_server import grade, serving
from tests.judging.llm.stopped_clock import StoppedClock
from tests.judging.real_text import chapters
from tests.judging.test_command import answers, overlaps

__all__ = ["answers"]  # a fixture

COLUMNS = ("--question", "q", "--answer", "a", "--context", "c", "--system", "who")


@pytest.fixture
def call(command_line):
    return partial(command_line, "judge")


@pytest.fixture
def table(answers, tmp_path):
    answers.to_csv(tmp_path / "in.csv", index=False)
    return tmp_path / "in.csv"


def asked(call, table, server, *more):
    pytest.importorskip("openai", reason="the extra `judge` is not installed")
    place = ("--endpoint", server.url, "--model", "m", "--cache", table.parent / "cache.sqlite")
    return call(table, "-o", "out.csv", "--metric", "groundedness.judge", *COLUMNS, *place, *more)


@pytest.mark.slow
def test_calls_are_capped_and_what_was_not_asked_is_missing_with_its_reason(call, table, tmp_path):
    with serving(overlaps) as server:
        code, _, err = asked(call, table, server, "--max-calls", 30)
        assert (code, server.calls) == (0, 30), err
    found = pd.read_csv(tmp_path / "out.csv")
    missing = found[found["groundedness.judge.status"] == "missing"]
    assert len(missing) == len(found) - 20  # ten calls went to spoilt controls
    assert set(missing["groundedness.judge.reason"]) == {"the 30 calls for judging are spent"}


@pytest.mark.slow
def test_concurrency_rpm_and_cache_are_those_of_the_line(call, table, tmp_path, monkeypatch):
    clock = StoppedClock()
    monkeypatch.setattr(limits, "time", clock)
    with serving(overlaps) as server:
        asked(call, table, server, "--concurrency", 1, "--rpm", 6000, "--seconds", 60)
        assert server.peak == 1
        before = server.calls
        assert clock.pauses == pytest.approx([0.01 * (number + 1) for number in range(before - 1)])
        asked(call, table, server)
        assert server.calls == before
    assert (tmp_path / "cache.sqlite").exists()


def test_limits_of_nothing_are_refused_in_one_line(call, table):
    with serving(lambda *_: grade(3)) as server:
        code, _, err = asked(call, table, server, "--max-calls", 0)
    assert code == 2
    assert err.startswith("error: ")
    assert "above 0" in err


@pytest.mark.slow
def test_only_the_first_answers_are_judged_where_their_number_is_given(call, table, tmp_path):
    plain = ("--metric", "similarity", "--answer", "a", "--truth", "c", "--embeddings", "tfidf-svd")
    code, _, err = call(table, "-o", "out.csv", "-n", 30, *plain)
    assert code == 0, err
    found, whole = pd.read_csv(tmp_path / "out.csv"), pd.read_csv(table)
    assert list(found["a"]) == list(whole["a"][:30])
    code, _, err = call(table, "-o", "out.csv", "-n", 30, "--pairwise", *plain, "--system", "who")
    assert (code, err.count("\n")) == (2, 1)
    assert "--max-calls" in err


@pytest.mark.slow
def test_real_texts_of_a_file_make_the_scale(call, table, tmp_path):
    (tmp_path / "real.txt").write_text("\n".join(chapters()[:60]))
    code, out, err = call(
        table, "-o", "out.jsonl", "--metric", "fluency", "--answer", "a", "--real", "real.txt",
        "--embeddings", "tfidf-svd", "--seed", 3,
    )  # fmt: skip
    assert code == 0, err
    assert "scale from perturbed real text" in out
    assert json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])["fluency.embedded"] >= 1
