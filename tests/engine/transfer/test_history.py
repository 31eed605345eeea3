"""The lineage of a run: which runs it came from, and their models on its test rows."""

import json
import shutil

import pytest

from autogen.data.open import open_data
from autogen.engine.transfer.history import history
from autogen.errors import RunError
from autogen.families.baselines.lookup import baselines_for
from autogen.generator.baseline import BaselineModel
from tests.hpo.study.logs import without_digests

pytestmark = pytest.mark.slow


def test_each_run_is_scored_on_the_same_test_rows(later, earlier):
    metric, found = history(later)
    assert metric.startswith("reverse_ngram")
    assert [one.run for one in found] == [later, earlier / "run"]
    assert all(one.common is not None and one.spread >= 0 for one in found)
    assert found[1].family == "autoregressive"
    recorded = json.loads((earlier / "run" / "result.json").read_text())
    assert (found[1].verdict, found[1].test) == (recorded["verdict"], recorded["test"]["mean"])


def test_a_run_that_is_gone_ends_the_lineage(later, earlier, tmp_path, command_line):
    (earlier / "run").rename(tmp_path / "elsewhere")
    try:
        code, out, _ = command_line("history", later, "--json")
    finally:
        (tmp_path / "elsewhere").rename(earlier / "run")
    assert code == 0
    runs = json.loads(out)["runs"]
    assert [one["run"] for one in runs] == [str(later), str(earlier / "run")]
    assert "no run in this place" in runs[1]["why"]


def test_the_lineage_is_printed(later, earlier, command_line):
    code, out, _ = command_line("history", later)
    assert code == 0
    assert out.count("+-") == 2
    assert out.count(", verdict ") == 2


def test_a_baseline_is_said_to_be_one_and_not_what_the_later_run_started_from(later, earlier, command_line):
    best, kept = earlier / "run" / "best", earlier / "run" / "kept"
    best.rename(kept)
    journal = earlier / "run" / "journal.jsonl"
    recorded = journal.read_bytes()
    without_digests(journal)  # else it is found that best/ is not what the study delivered
    data = open_data(earlier / "names.txt")
    baseline = baselines_for("text")["unigram"]()
    baseline.fit(data.split("train"), data.codec)
    try:
        BaselineModel("unigram", baseline, data.codec).save(best)
        code, out, _ = command_line("history", later)
    finally:
        shutil.rmtree(best)
        kept.rename(best)
        journal.write_bytes(recorded)
    assert code == 0
    assert "the baseline unigram of" in out
    assert out.count("the later run started from a searched model") == 1


def test_a_folder_that_is_no_run_has_no_history(tmp_path):
    with pytest.raises(RunError, match="lacks study.toml"):
        history(tmp_path)
