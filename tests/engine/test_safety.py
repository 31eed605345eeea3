"""What a file may not make this machine do, and what a run must not be gone on with."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.safety import check_unchanged, study_toml, trust
from autogen.engine.settings import Settings
from autogen.errors import RunError, SettingsError
from autogen.hpo.study.events import Start
from autogen.hpo.study.journal import Journal


@pytest.mark.parametrize("address", ["ray://10.0.0.9:10001", "10.0.0.9:6379"])
def test_a_cluster_that_a_file_names_is_joined_only_if_the_caller_names_one(address):
    settings = Settings.of({"data": "digits", "executor": "ray", "address": address}, "study.toml")
    with pytest.raises(SettingsError, match=f"autogen run study.toml --address {address}"):
        trust(settings, "autogen run study.toml")
    trust(settings, "autogen run study.toml", options={"address"})


@pytest.mark.parametrize("address", ["", "auto", "local"])
def test_the_cluster_that_this_machine_is_part_of_needs_no_word(address):
    settings = Settings.of({"data": "digits", "executor": "ray", "address": address}, "study.toml")
    trust(settings, "autogen run study.toml")


@pytest.mark.parametrize("storage", ["/mnt/shared", "s3://bucket/autogen", "file:///root", "."])
def test_a_storage_that_a_file_names_is_written_only_if_the_caller_names_one(storage):
    values = {"data": "digits", "executor": "ray", "address": "local", "storage": storage}
    settings = Settings.of(values, "study.toml")
    with pytest.raises(
        SettingsError, match=f"writes and removes files in .*run study.toml --storage {storage}"
    ):
        trust(settings, "autogen run study.toml")
    with pytest.raises(SettingsError, match=f"autogen resume runs/a --executor-option storage={storage}"):
        trust(settings, "autogen resume runs/a")
    trust(settings, "autogen run study.toml", options={"storage"})


@pytest.mark.parametrize(
    ("values", "option"),
    [
        ({"judge": ["fluency.judge=3.5"]}, "judge"),
        ({"judge": ["fluency.embedded", "fluency.judge"]}, "judge"),
        ({"objective": "fluency.judge"}, "objective"),
        ({"objective": "reverse_ngram,fluency.judge"}, "objective"),
    ],
)
def test_a_language_model_that_a_file_names_is_asked_only_if_the_caller_names_it(values, option):
    settings = Settings.of({"data": "a.txt"} | values, "study.toml")
    with pytest.raises(SettingsError, match=f"your key.* autogen run study.toml --{option} fluency.judge"):
        trust(settings, "autogen run study.toml", judges=["coherence.judge"])
    with pytest.raises(SettingsError, match="autogen resume runs/a --judge fluency.judge"):
        trust(settings, "autogen resume runs/a")
    trust(settings, "autogen resume runs/a", judges=["fluency.judge"])


def test_a_judge_on_this_machine_needs_no_word():
    trust(Settings.of({"data": "a.txt", "judge": ["fluency.embedded"]}, "study.toml"), "autogen resume a")


@pytest.fixture(scope="module")
def plan():
    return Plan(Settings(data="digits"), "digits")


def begun(path, plan, version=None, **sha256):
    """The folder of a run of ``plan`` that began with other data, another split or another metric."""
    folder, objective = RunFolder(path), plan.metric.objective
    known = {"data": plan.data.sha256} | plan.data.split_sha256 | {"modeled": plan.modeled_sha256} | sha256
    folder.study.write_text(plan.settings.to_toml({"sha256": known}))
    journal = Journal(folder.journal)
    journal.append(Start(objective=replace(objective, version=version or objective.version)))
    journal.close()
    return folder


def test_a_run_resumes_if_nothing_has_changed(tmp_path, plan):
    check_unchanged(plan, begun(tmp_path, plan))


def test_the_columns_that_differ_are_named_where_the_data_has_changed(tmp_path):
    path = tmp_path / "a.csv"
    rows = [f"{number},{number % 7},{'xyz'[number % 3]}" for number in range(300)]
    path.write_text("\n".join(["age,pay,old", *rows]))
    folder, before = RunFolder(tmp_path), Plan(Settings(data=str(path)), str(path))
    folder.study.write_text(study_toml(before))
    Journal(folder.journal).close()
    path.write_text("\n".join(["age,pay,new", *(row.replace(",3,", ",high,") for row in rows)]))
    with pytest.raises(RunError, match="data of .* has changed .*; new: new; gone: old; different: .*pay"):
        check_unchanged(Plan(Settings(data=str(path)), str(path)), folder)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"data": "d" * 64}, "the data of .* has changed since its start: digits; start a new run"),
        ({"test": "e" * 64}, r"splits the data of .* differently \(test\); start a new run"),
        (
            {"modeled": "f" * 64},
            "what is modeled of the data of .* has changed .*; undo that, or start a new run",
        ),
        ({"version": 99}, "started with kd.*, version 99, but this version of autogen has kd.* version"),
    ],
)
def test_the_error_names_what_has_changed(tmp_path, plan, changed, message):
    with pytest.raises(RunError, match=message):
        check_unchanged(plan, begun(tmp_path, plan, **changed))


@pytest.mark.parametrize(
    "changed",
    [{"rules": ("low < high",)}, {"rules": ()}, {"rules": ("low <= high",), "columns": {"kind": "drop"}}],
    ids=str,
)
def test_a_run_is_not_resumed_with_other_rules_or_kinds_of_columns(tmp_path, changed):
    low = np.random.default_rng(0).integers(0, 9, 60)
    frame = pd.DataFrame({"low": low, "high": low + 1, "kind": np.tile(["a", "b"], 30)})
    started = Plan(Settings(rules=("low <= high",)), frame)
    folder = begun(tmp_path, started)
    check_unchanged(started, folder)
    with pytest.raises(RunError, match="has changed since its start"):
        check_unchanged(Plan(Settings(**changed), frame), folder)


def test_a_run_of_an_earlier_version_that_wrote_no_such_digest_is_resumed(tmp_path, plan):
    folder = begun(tmp_path, plan)
    lines = folder.study.read_text().splitlines(keepends=True)
    folder.study.write_text("".join(line for line in lines if not line.startswith("modeled")))
    check_unchanged(plan, folder)


def test_a_damaged_study_is_one_line(tmp_path, plan):
    folder = begun(tmp_path, plan)
    folder.study.write_text("data = ")
    with pytest.raises(RunError, match="study.toml is damaged: .*; repair it, or start a new run"):
        check_unchanged(plan, folder)
