"""A text study chosen by a judge, and one whose finalists are judged, from data to report."""

import json

import numpy as np
import pytest

import autogen
from autogen.cli.terminal.verdict import print_verdict
from autogen.errors import SettingsError
from autogen.judging import metrics as text_metrics
from autogen.judging.embedded.embedding import Embedding
from autogen.judging.embedded.texts import sentences
from tests.judging.llm.fake_server import serving
from tests.judging.real_text import chapters
from tests.judging.test_metrics import Letters, whole

SPACE = """
about = "Trials of a moment."
[autoregressive.model]
net = "gru"
width = 16
depth = 1
[autoregressive.training]
lr = { float = [1e-3, 1e-2], log = true, default = 5e-3 }
steps = 20
batch_size = 32
tokens = 2048
"""

pytestmark = pytest.mark.slow


class Ends(Letters):
    """Letter pairs, and whether a sentence begins and ends as sentences do."""

    def layer_means(self, texts, layers):
        ends = [[text[:1].isupper(), text.endswith("."), "." in text[:-1]] for text in texts]
        return np.hstack([super().layer_means(texts, layers), np.tile(np.array(ends, float), 40)])


def reopened(*_):
    return Embedding("ends", lambda texts: np.ones((len(texts), 2)), Ends(), "ends")


@pytest.fixture(autouse=True)
def ends(monkeypatch):
    monkeypatch.setattr(text_metrics, "open_embedding", reopened)
    monkeypatch.setattr("autogen.judging.embedded.embedding.reopened", reopened)


@pytest.fixture
def study(tmp_path):
    """Search sentences of the language reference, by settings of a test's own."""
    found = dict.fromkeys(part for text in chapters() for part in sentences(text))
    texts = [text for text in found if len(text) > 30]
    (tmp_path / "space.toml").write_text(SPACE)

    def search(out="run", most=None, longest=200, **settings):
        few = {"budget": "2trials", "finalists": 1, "workers": 1}
        space, some = str(tmp_path / "space.toml"), [text for text in texts if len(text) < longest]
        return autogen.search(some[:most], out=tmp_path / out, space=space, **(few | settings))

    return search


def written(result, name):
    return (result.folder.path / name).read_text(encoding="utf-8")


def test_a_judge_as_objective_leads_to_a_verdict_on_its_own_scale(study):
    result = study(most=800, objective="fluency.embedded")
    record = json.loads(written(result, "result.json"))
    assert record["objective"]["name"].startswith("fluency.embedded[")
    assert record["objective"]["direction"] == "maximize"
    test, places = record["test"], {row["name"]: row["calibrated"] for row in record["baselines"]}
    assert 1 <= test["floor"] < test["ceiling"] <= 5
    assert places["unigram"] == pytest.approx(0, abs=1e-9)
    assert places["unigram"] < places["ngram"] < 1.3
    assert record["finalists"][0]["calibrated"] < places["ngram"]  # twenty steps: letter soup
    assert any("not validated against people" in warning for warning in record["warnings"])
    assert "fluency.embedded[" in written(result, "report.html")


def test_judged_finalists_are_told_everywhere_and_the_least_mean_is_kept(study, capsys):
    result = study(most=800, judge=("fluency.embedded=4.5",))
    record = json.loads(written(result, "result.json"))
    (judge,) = record["judging"]
    means = {found["name"]: found for found in judge["means"]}
    (finalist,) = record["finalists"]
    assert {"unigram", "ngram", "train_copy"} < set(means)
    mine = next(found for found in judge["means"] if found["trial"] == finalist["trial"])
    assert mine["select"] < 4.5
    assert mine["low"] <= mine["mean"] <= mine["high"]
    assert means["unigram"]["mean"] < judge["real"]
    assert record["verdict"] == "baseline"
    assert "on the select split is below 4.5" in finalist["excluded"]
    page, card = written(result, "report.html"), written(result, "best/card.md")
    assert "Grades by judges" in page
    assert "a winner needs at least 4.5 on the select split" in page
    assert "not validated against people" in card
    print_verdict(result)
    assert "judged   fluency.embedded[" in capsys.readouterr().out


def test_an_unreliable_judge_is_refused_before_anything_is_searched(study, monkeypatch, tmp_path):
    trouble = "its AUC of real text against the worst perturbation is 0.60, below 0.8"
    monkeypatch.setattr(text_metrics.EmbeddedMetric, "why_unreliable", lambda *_: trouble)
    with pytest.raises(SettingsError, match="must not choose a model on .*AUC .* is 0.60"):
        study(objective="fluency.embedded")
    assert not (tmp_path / "run").exists()


def test_a_language_model_judges_a_study_once_and_its_key_stays_out_of_the_run(study, monkeypatch, tmp_path):
    pytest.importorskip("openai", reason="the extra `judge` is not installed")
    monkeypatch.setattr(text_metrics.LanguageModelMetric, "most", 20)  # texts a set
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-key")
    monkeypatch.setenv("OPENAI_MODEL", "m")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with serving(whole) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        chosen = {"most": 240, "longest": 70, "judge": ("fluency.judge",), "budget": "1trials"}
        first = study(**chosen)
        asked = server.calls
        second = study("again", **chosen)
        assert server.calls == asked > 0
        text_metrics.close_judges()
    (judge,) = first.record["judging"]
    assert judge == second.record["judging"][0]
    assert judge["unreliable"] == ""
    means = {found["name"]: found["mean"] for found in judge["means"]}
    assert means["unigram"] < 2 < 4 < judge["real"]
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"very-secret" not in written
