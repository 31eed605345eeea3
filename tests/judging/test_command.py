import json
import zlib

import numpy as np
import pandas as pd
import pytest

from autogen.errors import DataError, MetricError, UnknownNameError
from autogen.judging.command import judge, judge_file
from autogen.judging.embedded.texts import sentences, words
from tests.judging.llm.fake_server import grade, serving
from tests.judging.real_text import chapters


def bag(texts):
    """Cheap vectors: hashed words."""
    rows = np.zeros((len(texts), 256))
    for row, text in enumerate(texts):
        for word in words(text):
            rows[row, zlib.crc32(word.encode()) % 256] += 1
    return rows


@pytest.fixture
def answers():
    """Answers of two systems: one quotes its context, the other quotes another context."""
    told = [text for text in chapters() if len(sentences(text)) > 3][:24]
    rows = []
    for text, other in zip(told, told[1:] + told[:1], strict=True):
        own = sentences(text)
        rows.append({"q": own[0], "a": own[1], "c": text, "who": "quotes", "id": len(rows)})
        rows.append({"q": own[0], "a": sentences(other)[1], "c": text, "who": "strays", "id": len(rows)})
    return pd.DataFrame(rows)


COLUMNS = {"question": "q", "answer": "a", "context": "c", "system": "who"}


def overlaps(_, body):
    """A judge that looks whether the answer stands in the context; it is right."""
    told = body["messages"][1]["content"]
    answer = told.split("<<<ANSWER\n")[1].split("\nANSWER>>>")[0]
    context = told.split("<<<CONTEXT\n")[1].split("\nCONTEXT>>>")[0]
    return grade(5 if answer in context else 1)


def asked(answers, server, tmp_path, metrics=("groundedness",), **settings):
    pytest.importorskip("openai", reason="the extra `judge` is not installed")
    cache = tmp_path / "cache.sqlite"
    return judge(
        answers,
        metrics,
        **COLUMNS,
        endpoint=server.url,
        model="m",
        cache=cache,
        embeddings=bag,
        **settings,
    )


def test_the_table_keeps_its_columns_and_gains_score_status_and_reason(answers):
    found = judge(answers, "groundedness", **COLUMNS, embeddings=bag)
    added = ["groundedness.embedded", "groundedness.embedded.status", "groundedness.embedded.reason"]
    assert list(found.table.columns) == [*answers.columns, *added]
    pd.testing.assert_frame_equal(found.table[list(answers.columns)], answers)


def test_means_stand_for_all_and_for_each_system_with_intervals(answers):
    means = judge(answers, "groundedness", **COLUMNS, embeddings=bag).means.set_index("system")
    assert list(means.index) == ["all", "quotes", "strays"]
    assert means.loc["quotes", "low"] > means.loc["strays", "high"]
    assert (means["low"] <= means["mean"]).all()
    assert (means["mean"] <= means["high"]).all()
    assert means.loc["all", "n"] == len(answers)


@pytest.mark.slow
def test_what_is_not_validated_says_so_and_may_not_select(answers):
    found = judge(answers, ["groundedness", "fluency"], **COLUMNS, embeddings=bag, real=chapters()[:40])
    assert "not validated against people" in str(found)
    assert found.selectable == ["groundedness.embedded"]
    assert "callable" in found.notes["fluency.embedded"]["about"]


@pytest.mark.slow
def test_a_judge_that_passes_its_controls_may_select(answers, tmp_path):
    with serving(overlaps) as server:
        found = asked(answers, server, tmp_path)
    assert found.selectable == ["groundedness.judge"]
    assert found.notes["groundedness.judge"]["controls_auc"] == 1.0
    scores = found.table.groupby("who")["groundedness.judge"].mean()
    assert (scores["quotes"], scores["strays"]) == (5.0, 1.0)


@pytest.mark.slow
def test_a_judge_that_likes_everything_is_unreliable(answers, tmp_path):
    with serving(lambda *_: grade(4)) as server:
        found = asked(answers, server, tmp_path)
    assert found.selectable == []
    assert found.notes["groundedness.judge"]["controls_auc"] == 0.5
    assert "UNRELIABLE" in str(found)


@pytest.mark.slow
def test_the_second_run_of_everything_asks_nothing(answers, tmp_path):
    with serving(overlaps) as server:
        first = asked(answers, server, tmp_path)
        before = server.calls
        second = asked(answers, server, tmp_path)
        assert (server.calls, second.calls) == (before, 0)
    assert first.calls == before > 0
    pd.testing.assert_frame_equal(first.table, second.table)


@pytest.mark.slow
def test_both_kinds_of_judge_stand_side_by_side_with_their_agreement(answers, tmp_path):
    with serving(overlaps) as server:
        found = asked(answers, server, tmp_path, ("groundedness.embedded", "groundedness.judge"))
    assert {"groundedness.embedded", "groundedness.judge"} <= set(found.table.columns)
    assert found.notes["groundedness.judge"]["kappa_with_embedded"] > 0.8


@pytest.mark.slow
def test_an_endpoint_in_the_environment_is_asked_only_when_a_judge_is_named(answers, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    found = judge(answers, "groundedness", **COLUMNS, embeddings=bag)
    assert list(found.notes) == ["groundedness.embedded"]


def test_a_judge_without_an_address_is_one_clear_error(answers, monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(MetricError, match="--endpoint or \\$OPENAI_BASE_URL"):
        judge(answers, "groundedness.judge", **COLUMNS)


def test_a_file_in_and_a_file_out(answers, tmp_path):
    answers.to_csv(tmp_path / "in.csv", index=False)
    judge_file(tmp_path / "in.csv", ["groundedness"], COLUMNS, tmp_path / "out.csv", embeddings=bag)
    found = pd.read_csv(tmp_path / "out.csv")
    assert found["groundedness.embedded"].between(1, 5).all()
    assert list(found["id"]) == list(answers["id"])


@pytest.mark.slow
def test_jsonl_is_read_and_written_and_passages_may_be_a_list(answers, tmp_path):
    rows = [row | {"c": sentences(row["c"])} for row in answers.to_dict("records")]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    judge_file(tmp_path / "in.jsonl", ["groundedness"], COLUMNS, tmp_path / "out.jsonl", embeddings=bag)
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert found[0]["c"] == rows[0]["c"]
    assert found[0]["groundedness.embedded"] == 5.0


@pytest.mark.slow
def test_all_metrics_that_the_columns_allow_are_the_default(answers):
    found = judge(answers.rename(columns={"a": "answer", "c": "context"}), embeddings=bag)
    assert [name.split(".")[0] for name in found.notes] == ["groundedness", "coherence", "fluency"]


def test_empty_cells_are_skipped(answers):
    answers.loc[0, "a"] = ""
    answers.loc[1, "a"] = np.nan
    found = judge(answers, "groundedness", **COLUMNS, embeddings=bag)
    assert list(found.table["groundedness.embedded.status"][:3]) == ["skipped", "skipped", "ok"]
    assert found.means["skipped"][0] == 2


@pytest.mark.parametrize(
    ("metrics", "columns", "error", "match"),
    [
        ("beauty", {}, UnknownNameError, "groundedness, relevance"),
        ("fluency.magic", {}, MetricError, "ends in .judge, .embedded or neither"),
        ("fluency", {"answer": "A"}, DataError, "no column 'A'"),
        ("similarity", COLUMNS, DataError, "needs a column with the truth; name it with --truth"),
    ],
)
def test_what_cannot_be_judged_is_one_clear_error(answers, metrics, columns, error, match):
    with pytest.raises(error, match=match):
        judge(answers, metrics, **columns)


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("in.csv", "a,b\n", "no rows"),
        ("in.txt", "hello", "reads .csv and .jsonl"),
        ("in.jsonl", "[1]\n", "JSON object"),
        ("in.jsonl", "{", "cannot be read"),
        ("missing.csv", None, "no file"),
    ],
)
def test_a_file_that_is_no_table_is_one_clear_error(tmp_path, name, text, match):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=match):
        judge(tmp_path / name, "fluency")


def test_a_cache_that_is_none_is_one_clear_error(answers, tmp_path):
    (tmp_path / "cache.sqlite").write_text("no database at all, but a text" * 50)
    with serving(overlaps) as server, pytest.raises(MetricError, match="delete it"):
        asked(answers, server, tmp_path)
