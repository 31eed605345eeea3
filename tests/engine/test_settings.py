import os
import subprocess
import sys
import tomllib

import pytest

from autogen.cli.parsing import parse_columns, parse_options
from autogen.engine.settings import Settings, parse_bytes
from autogen.errors import SettingsError, UnknownNameError


def test_settings_are_written_as_toml_and_read_back(tmp_path):
    settings = Settings(
        data="people.csv",
        families=("vae", "gan"),
        budget="5m",
        columns={"zip": "categorical"},
        options={"size": 16},
    )
    path = tmp_path / "study.toml"
    path.write_text(settings.to_toml({"sha256": {"data": "ab"}, "versions": {"autogen": "0.1.0"}}))
    assert Settings.of(Settings.load(path), "study.toml") == settings
    assert tomllib.loads(path.read_text())["sha256"] == {"data": "ab"}


def test_an_unknown_setting_suggests_the_nearest():
    with pytest.raises(SettingsError, match="did you mean 'budget'"):
        Settings.of({"budgte": "5m"}, "study.toml")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"budget": "0s"}, "budget"),
        ({"budget": 10}, "budget is a text, not 10"),
        ({"workers": -1}, "workers must be at least 0"),
        ({"workers": "two"}, "workers is a whole number"),
        ({"workers": True}, "workers is a whole number"),
        ({"retrain": "1"}, "retrain is a number of seeds, at least 2"),
        ({"retrain": "often"}, "retrain is a number of seeds, at least 2, or auto or no"),
        ({"finalists": 0}, "finalists must be at least 1"),
        ({"timeout": "10trials"}, "timeout is a time"),
        ({"families": "vae"}, "families is a list"),
        ({"executor": "ray", "gpus_per_trial": -0.5}, "gpus_per_trial is a share"),
        ({"executor": "ray", "gpus_per_trial": 1.5}, "gpus_per_trial is a share"),
        ({"executor": "ray", "gpus_per_trial": "all"}, "gpus_per_trial is a number"),
        ({"executor": "ray", "memory_per_trial": "much"}, "memory looks like 500MB"),
        ({"address": "auto"}, "address is for a Ray cluster; add executor"),
        ({"storage": "/mnt"}, "storage is for a Ray cluster; add executor"),
        ({"columns": "zip"}, "columns is a table"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_setting(values, message):
    with pytest.raises(SettingsError, match=message) as caught:
        Settings.of(values, "here")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "near"), [("sampler", "bayesian"), ("pruner", "median"), ("executor", "local")]
)
def test_an_unknown_plug_in_suggests_the_nearest(name, near):
    with pytest.raises(UnknownNameError, match=f"unknown {name} '{near}s'.*Did you mean '{near}'"):
        Settings.of({name: near + "s"}, "here")


def test_a_missing_or_broken_file_is_one_line(tmp_path):
    with pytest.raises(SettingsError, match="cannot read"):
        Settings.load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("budget = [")
    with pytest.raises(SettingsError, match="is not TOML"):
        Settings.load(tmp_path / "bad.toml")


def test_more_budget_adds_to_the_present_one():
    assert Settings(budget="10m").with_budget("+5m").budget == "900s"
    assert Settings(budget="10m").with_budget("5trials").budget == "5trials"


def test_a_number_may_be_written_whole():
    assert Settings.of({"executor": "ray", "gpus_per_trial": 1}, "study.toml").cluster["gpus"] == 1


def test_kinds_of_columns_are_given_by_name():
    assert parse_columns(["zip=categorical", "a=b=drop"]) == {"zip": "categorical", "a=b": "drop"}
    for text in ("zip", "=drop", "zip="):
        with pytest.raises(SettingsError, match="NAME=KIND, such as zip=categorical"):
            parse_columns([text])


def test_options_of_a_kind_of_data_are_given_by_name():
    assert parse_options(["size=32", "tokens = bpe", "field=a=b"]) == {
        "size": 32,
        "tokens": "bpe",
        "field": "a=b",
    }
    for text in ("size", "=32", "size="):
        with pytest.raises(SettingsError, match="NAME=VALUE, such as size=32"):
            parse_options([text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("2GB", 2 * 10**9), ("500 mb", 5 * 10**8), ("1.5GiB", 3 * 2**29)],
)
def test_amounts_of_memory(text, expected):
    assert parse_bytes(text) == expected


def test_more_memory_than_there_can_be_is_refused():
    with pytest.raises(SettingsError, match="more memory than any machine has"):
        parse_bytes("9" * 400 + "GB")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"device": "gpu"}, "device is cpu or cuda, not 'gpu'"),
        ({"device": "cuda", "executor": "ray"}, "on Ray say gpus_per_trial"),
    ],
)
def test_a_device_that_cannot_be_is_refused(settings, expected):
    with pytest.raises(SettingsError, match=expected):
        Settings(**settings)


def test_a_cluster_says_how_many_workers_there_are():
    assert Settings(executor="ray").worker_count == 0
    assert Settings(executor="ray", workers=3).worker_count == 3


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"families": [1]}, "families is a list of names, but 1 is none"),
        ({"judge": [None]}, "judge is a list of names"),
        ({"constraints": {"latency": 20}}, "constraints.latency is a text such as"),
        ({"columns": {"a": 1}}, "columns.a is a text such as"),
    ],
)
def test_what_lists_and_tables_hold_is_checked(values, match):
    with pytest.raises(SettingsError, match=match):
        Settings.of(values, "study.toml")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_workers_are_as_many_as_the_cores_that_this_process_may_use():
    one = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    told = "from autogen.engine.settings import Settings; print(Settings(data='digits').worker_count)"
    found = subprocess.run([sys.executable, "-c", one + told], capture_output=True, text=True, check=True)
    assert found.stdout == "1\n"


@pytest.mark.parametrize(
    ("values", "seeds"),
    [
        ({}, 0),
        ({"budget": "30m"}, 5),
        ({"budget": "29m"}, 0),
        ({"budget": "30m", "retrain": "no"}, 0),
        ({"budget": "200trials"}, 0),
        ({"retrain": 3}, 3),
        ({"retrain": 0, "budget": "2h"}, 0),
        ({"confirm_seeds": 4}, 4),  # of a study.toml that an older autogen wrote
    ],
)
def test_configs_are_trained_again_where_asked_or_where_the_budget_is_long(values, seeds):
    assert Settings.of(values, "a test").retrain_seeds == seeds


def test_a_file_of_an_older_autogen_opens(tmp_path):
    (tmp_path / "study.toml").write_text('data = "digits"\nconfirm_seeds = 5\n')
    assert Settings.load(tmp_path / "study.toml") == {"data": "digits", "retrain": "5"}
