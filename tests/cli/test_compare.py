"""``autogen compare`` and ``autogen export`` on finished runs."""

import json
import shutil
from dataclasses import asdict

import pytest

from autogen.data.kind import ColumnReading
from tests.hpo.study.logs import without_digests


@pytest.fixture(scope="module")
def runs(finished_run, tmp_path_factory):
    """A finished run, and a copy whose result says that it saw other data."""
    first = finished_run.folder.path
    second = tmp_path_factory.mktemp("compared") / "other"
    shutil.copytree(first, second)
    result = json.loads((second / "result.json").read_text())
    result["data"]["sha256"] = "0" * 64
    (second / "result.json").write_text(json.dumps(result))
    without_digests(second / "journal.jsonl")
    return first, second


def test_one_run_is_nothing_to_compare(command_line, tmp_path):
    code, _, err = command_line("compare", tmp_path)
    assert (code, err) == (2, "error: compare needs at least two runs; got 1: autogen compare RUN RUN\n")


def test_an_export_needs_a_target(command_line, tmp_path):
    code, _, err = command_line("export", tmp_path)
    assert code == 2
    assert (
        "export needs a target: --onnx FOLDER, --hub FOLDER, --hf FOLDER, --optuna URL or --track NAME" in err
    )


@pytest.mark.slow
def test_runs_stand_side_by_side(command_line, runs):
    first, second = runs
    code, out, _ = command_line("compare", first, first)
    assert code == 0
    assert out.endswith("the scores can be compared.\n")
    code, out, _ = command_line("compare", first, second, "--json")
    told = json.loads(out)
    assert not told["comparable"]
    assert told["notes"] == ["Not comparable: the runs have other data."]
    named = [[asdict(ColumnReading(name, "number", "learned"))] for name in ("age", "income")]
    for run, columns in zip(runs, named, strict=True):
        (run / "exhibits/columns.json").write_text(json.dumps(columns))
    _, out, _ = command_line("compare", first, second)
    assert "Not comparable: the runs have columns of other names.\n" in out
    for run in runs:
        (run / "exhibits/columns.json").unlink()
    result = json.loads((first / "result.json").read_text())
    assert told["runs"][0]["test"]["mean"] == result["test"]["mean"]
    assert told["runs"][0]["verdict"] == result["verdict"]


@pytest.mark.slow
def test_other_rules_constraints_and_kinds_of_columns_are_named(command_line, runs, tmp_path):
    first, second = runs[0], tmp_path / "ruled"
    shutil.copytree(first, second)
    study = second / "study.toml"
    study.write_text(
        study.read_text()
        .replace("rules = []", 'rules = ["zip -> city"]')
        .replace("[constraints]\n", '[constraints]\nparameters = "<= 1000"\n')
    )
    _, out, err = command_line("compare", first, second)
    assert "the scores can be compared" in out, err
    assert f"The runs differ in rules. {first.name}: none; ruled: zip -> city.\n" in out
    assert f"The runs differ in constraints. {first.name}: none; ruled: parameters=<= 1000.\n" in out
    floor = json.loads((first / "result.json").read_text())["test"]["floor"]
    assert "not the normalized ones" in out
    assert f"the same test score in each run (here for {floor:.3g}, {floor:.3g})" in out
    study.write_text(study.read_text().replace("[columns]\n", '[columns]\nzip = "categorical"\n'))
    told = json.loads(command_line("compare", first, second, "--json")[1])
    assert told["notes"] == ["Not comparable: the runs read columns as other kinds (none; zip=categorical)."]
    assert len(told["differences"]) == 3


@pytest.mark.slow
def test_a_run_is_exported_from_the_command_line(command_line, runs, tmp_path):
    code, out, err = command_line(
        "export", runs[0], "--hub", tmp_path / "hub", "--optuna", f"journal:{tmp_path}/study.log"
    )
    assert code == 0, err
    assert (tmp_path / "hub/README.md").read_text().startswith("---\n")
    assert (tmp_path / "study.log").stat().st_size > 0
    assert out.splitlines()[-1] == f"trials written to optuna:journal:{tmp_path}/study.log"
