"""What a file may not make this machine do, and what a run must not be gone on with."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from autogen.engine.run_folder import RunFolder
from autogen.engine.safety import refuse_changed, trust
from autogen.engine.settings import Settings
from autogen.errors import RunError, SettingsError
from autogen.hpo.objective import Objective
from autogen.hpo.study.events import Start
from autogen.hpo.study.journal import Journal

OBJECTIVE = Objective("kd[random_conv-v1]", 2)
SPLITS = {"train": "b" * 64, "test": "c" * 64}


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


@pytest.fixture
def folder(tmp_path):
    made = RunFolder(tmp_path)
    made.study.write_text(Settings(data="digits").to_toml({"sha256": {"data": "a" * 64} | SPLITS}))
    journal = Journal(made.journal)
    journal.append(Start(objective=OBJECTIVE))
    journal.close()
    return made


def plan(data="a" * 64, splits=SPLITS, objective=OBJECTIVE):
    opened = SimpleNamespace(sha256=data, split_sha256=splits, source="digits")
    return SimpleNamespace(data=opened, metric=SimpleNamespace(objective=objective))


def test_a_run_resumes_if_nothing_has_changed(folder):
    refuse_changed(plan(), folder)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"data": "d" * 64}, "the data of .* has changed since its start: digits; start a new run"),
        (
            {"splits": SPLITS | {"test": "e" * 64}},
            r"splits the data of .* differently \(test\); start a new run",
        ),
        (
            {"objective": replace(OBJECTIVE, version=3)},
            "started with kd.*, version 2, but this version of autogen has .* 3: their scores cannot",
        ),
    ],
)
def test_the_error_names_what_has_changed(folder, changed, message):
    with pytest.raises(RunError, match=message):
        refuse_changed(plan(**changed), folder)


def test_a_damaged_study_is_one_line(folder):
    folder.study.write_text("data = ")
    with pytest.raises(RunError, match="study.toml is damaged: .*; repair it, or start a new run"):
        refuse_changed(plan(), folder)
