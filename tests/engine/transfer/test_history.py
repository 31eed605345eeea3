"""The lineage of a run: which runs it came from, and their models on its test rows."""

import json

import pytest

from autogen.engine.transfer.history import history
from autogen.errors import RunError

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


def test_a_folder_that_is_no_run_has_no_history(tmp_path):
    with pytest.raises(RunError, match="lacks study.toml"):
        history(tmp_path)
